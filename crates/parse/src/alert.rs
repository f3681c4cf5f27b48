//! Alerts with a title (`> [!warning] Mind the gap`), and of the kinds that Obsidian has.

use std::ops::Range;

use pulldown_cmark::{Event, TagEnd};

use super::inline::Inline;
use super::reader::Reader;
use greenroom_deck::{Alert, Text};

/// The kinds beyond GitHub's, what each is shown as, and its name when the author gave no title.
const KINDS: [(&str, Alert, &str); 27] = [
    ("note", Alert::Note, ""),
    ("tip", Alert::Tip, ""),
    ("important", Alert::Important, ""),
    ("warning", Alert::Warning, ""),
    ("caution", Alert::Caution, ""),
    ("info", Alert::Note, "Info"),
    ("todo", Alert::Note, "To do"),
    ("abstract", Alert::Note, "Abstract"),
    ("summary", Alert::Note, "Summary"),
    ("tldr", Alert::Note, "TL;DR"),
    ("example", Alert::Note, "Example"),
    ("quote", Alert::Note, "Quote"),
    ("cite", Alert::Note, "Quote"),
    ("question", Alert::Important, "Question"),
    ("help", Alert::Important, "Help"),
    ("faq", Alert::Important, "FAQ"),
    ("hint", Alert::Tip, "Hint"),
    ("success", Alert::Tip, "Success"),
    ("check", Alert::Tip, "Done"),
    ("done", Alert::Tip, "Done"),
    ("attention", Alert::Warning, "Attention"),
    ("failure", Alert::Caution, "Failure"),
    ("fail", Alert::Caution, "Failure"),
    ("missing", Alert::Caution, "Missing"),
    ("danger", Alert::Caution, "Danger"),
    ("error", Alert::Caution, "Error"),
    ("bug", Alert::Caution, "Bug"),
];

/// The first line of a quote that is an alert.
#[derive(Debug)]
pub(super) struct AlertLine {
    /// `[!kind]`, and what is left out before the title.
    marker: Range<usize>,
    /// Where the line ends.
    end: usize,
}

/// The kind of an alert that `line` begins, and how long its marker is.
fn marker(line: &str) -> Option<(Alert, &'static str, usize)> {
    let (name, rest) = line.strip_prefix("[!")?.split_once(']')?;
    // `[!note](…)` is a link, and `-` and `+` say that Obsidian folds it.
    let title = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    if !title.is_empty() && !title.starts_with([' ', '\t']) {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let (_, kind, shown) = KINDS.iter().find(|(known, ..)| *known == name)?;
    let title = title.trim_start();
    Some((*kind, shown, line.len() - title.len()))
}

impl Reader<'_, '_> {
    /// The alert that the quote at `range` is, if Markdown itself does not take it for one. Its first line is its title.
    pub(super) fn begin_alert(&mut self, range: &Range<usize>) -> Option<(Alert, Text)> {
        let written = self.source.text.get(range.clone())?;
        let inside = written.strip_prefix('>')?;
        let line = inside.split('\n').next()?;
        let indent = line.len() - line.trim_start().len();
        let line = line.trim_start();
        let (kind, name, length) = marker(line)?;
        let start = range.start + 1 + indent;
        self.heading = Some(AlertLine { marker: start..start + length, end: start + line.len() });
        Some((kind, if name.is_empty() { Text::default() } else { Text::plain(name) }))
    }

    /// Whether `event` belongs to the first line of an alert, and was taken.
    pub(super) fn is_alert_line(&mut self, event: &Event<'_>, range: &Range<usize>) -> bool {
        let Some(line) = &self.heading else { return false };
        match event {
            Event::Text(_) if range.start < line.marker.end => {
                let rest = line.marker.end.min(range.end)..range.end;
                let text = self.source.text.get(rest).unwrap_or_default();
                if !text.is_empty() {
                    self.inline.get_or_insert_default().text(text);
                }
                true
            }
            Event::SoftBreak | Event::HardBreak if range.start >= line.end || range.end > line.end => {
                self.end_alert_line();
                self.inline = Some(Inline::default());
                true
            }
            Event::End(TagEnd::Paragraph) => {
                self.end_alert_line();
                false
            }
            _ => false,
        }
    }

    /// The first line is complete: what was read of it is the title.
    fn end_alert_line(&mut self) {
        self.heading = None;
        let title = self.inline.take().map(Inline::into_text).unwrap_or_default();
        if !title.is_empty() {
            self.title_alert(title);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_alerts() {
        assert_eq!(marker("[!warning] Mind").map(|found| found.2), Some(11));
        assert_eq!(marker("[!NOTE]").map(|found| found.0), Some(Alert::Note));
        assert_eq!(marker("[!bug]+ x").map(|found| (found.0, found.2)), Some((Alert::Caution, 8)));
        for other in ["[!x] y", "[!note](y)", "[!note][y]", "[!note]x", "!note", "[note] x", "[!note"] {
            assert_eq!(marker(other), None, "{other}");
        }
    }
}
