//! Alerts with a title (`> [!warning] Mind the gap`), and of the kinds that Obsidian has.

use std::ops::Range;

use greenroom_deck::Alert;

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
pub struct AlertLine {
    /// What it is shown as.
    pub kind: Alert,
    /// Its name where that is not what it is shown as; empty otherwise.
    pub name: &'static str,
    /// Where `[!kind]` stands, and what is left out before the title.
    pub marker: Range<usize>,
    /// Where the line ends.
    pub end: usize,
}

/// The first line of `quote`, a block quote as it is written from byte `at` on, if it is that of an alert.
#[must_use]
pub fn line(quote: &str, at: usize) -> Option<AlertLine> {
    let inside = quote.strip_prefix('>')?;
    let line = inside.split('\n').next()?;
    let indent = line.len() - line.trim_start().len();
    let line = line.trim_start();
    let (kind, name, length) = marker(line)?;
    let start = at + 1 + indent;
    Some(AlertLine { kind, name, marker: start..start + length, end: start + line.len() })
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
