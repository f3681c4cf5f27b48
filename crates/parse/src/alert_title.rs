//! What a reader does with the first line of an alert: its title.

use std::ops::Range;

use pulldown_cmark::{Event, TagEnd};

use super::inline::Inline;
use super::reader::Reader;
use greenroom_deck::{Alert, Text};
use greenroom_markup::alert;

impl Reader<'_, '_> {
    /// The alert that the quote at `range` is, if Markdown itself does not take it for one. Its first line is its title.
    pub(super) fn begin_alert(&mut self, range: &Range<usize>) -> Option<(Alert, Text)> {
        let written = self.source.text.get(range.clone())?;
        let line = alert::line(written, range.start)?;
        let title = if line.name.is_empty() { Text::default() } else { Text::plain(line.name) };
        let kind = line.kind;
        self.heading = Some(line);
        Some((kind, title))
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
