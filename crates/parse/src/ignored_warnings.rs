//! What a reader says about markup that does nothing (`ignored` finds it).

use std::ops::Range;

use pulldown_cmark::Event;

use super::reader::Reader;
use greenroom_base::diag::Severity;
use greenroom_markup::emoji;
use greenroom_markup::ignored::{Broken, shortcodes};

impl Reader<'_, '_> {
    /// Looks at an event before it is read.
    pub(super) fn watch(&mut self, event: &Event<'_>, range: &Range<usize>, literal: bool) {
        let words = &mut self.watch.words;
        if matches!(event, Event::Text(_)) && !literal {
            if words.end == range.start && words.start < words.end {
                words.end = range.end;
                return;
            }
        } else if words.start == words.end {
            return;
        }
        let before = std::mem::take(words);
        if matches!(event, Event::Text(_)) && !literal {
            self.watch.words = range.clone();
        }
        self.judge_words(before);
    }

    /// Names of emoji in the text at `range` stay as they are written.
    pub(super) fn judge_words(&mut self, range: Range<usize>) {
        let source = self.source;
        let text = source.text.get(range.clone()).unwrap_or_default();
        for found in shortcodes(text) {
            let name = text.get(found.clone()).unwrap_or_default();
            let plain = name.trim_matches(':');
            if emoji::named(plain).is_some() {
                continue;
            }
            let told = &mut self.writer.draft.told_tags;
            if told.iter().any(|told| told == name) || told.len() > 20 {
                continue;
            }
            told.push(name.to_owned());
            let place = range.start + found.start..range.start + found.end;
            let hint = match emoji::near(plain) {
                Some(near) => format!("did you mean `:{near}:`?"),
                None => "write the emoji itself".to_owned(),
            };
            let message = format!("no emoji is called `{name}`: it shows as it is written");
            self.report(Severity::Warning, place, message, &hint);
        }
    }

    /// A line of `---` ends a slide.
    pub(super) fn saw_rule(&mut self, range: &Range<usize>) {
        self.watch.rule.get_or_insert_with(|| range.clone());
    }

    /// A comment ends a slide.
    pub(super) const fn saw_end(&mut self) {
        self.watch.ends = true;
    }

    /// References in the block that was just begun which have no address, `base` bytes into the source.
    pub(super) fn judge_references(&mut self, broken: &Broken, base: usize) {
        for span in broken.take() {
            let range = base + span.start..base + span.end;
            let before = self.source.text.get(..range.start).and_then(|text| text.chars().next_back());
            let written = self.source.text.get(range.clone()).unwrap_or_default();
            // `x[i][j]` is no link, and `[^1][^2]` are footnotes.
            if before.is_some_and(|c| c.is_alphanumeric() || ")]_".contains(c))
                || written.contains("[^")
                || !written.starts_with('[')
            {
                continue;
            }
            let label = written.rsplit('[').next().unwrap_or_default().trim_end_matches(']');
            let label = if label.is_empty() { written.trim_matches(['[', ']']) } else { label }.to_owned();
            let message = format!("this link leads nowhere: nothing says what [{label}] is");
            self.report(
                Severity::Warning,
                range,
                message,
                &format!("write `[{label}]: https://…` on a line of its own"),
            );
        }
    }

    /// Looks at the file as a whole, at its end.
    pub(super) fn judge_end(&mut self) {
        let before = std::mem::take(&mut self.watch.words);
        self.judge_words(before);
        // Decks for presenterm have front matter, and lines of `---` are rules there unless it says otherwise.
        let unsure = self.watch.ends && self.base > 0 && !self.writer.options.told_shorthand;
        if let Some(range) = self.watch.rule.take().filter(|_| unsure) {
            let message = "`---` ends a slide here, as `<!-- end_slide -->` does".to_owned();
            let hint = "write `***` for a rule; `options: {end_slide_shorthand: true}` in the front matter says that both are meant";
            self.report(Severity::Warning, range, message, hint);
        }
    }
}
