//! The records of a bench or of a probe as a pane shows them: a fold over the events of their run.

use std::collections::VecDeque;

use greenroom_base::clock::Elapsed;
use greenroom_base::plain;
use greenroom_base::run::{Event, Exit, Phase, What};
use greenroom_bench::{Fed, RecordReader, Tally};

/// Lines of standard error that are kept: the last ones say why a run died.
const MAX_MESSAGES: usize = 20;
/// Bytes of such a line.
const MAX_MESSAGE: usize = 500;

/// A run of records, as far as it has come.
#[derive(Debug, Clone, Default)]
pub struct RecordsView<T> {
    reader: RecordReader<T>,
    messages: Messages,
    /// The run's time when its last record came.
    heard: Elapsed,
    exit: Option<Exit>,
    /// The records since the last [`RecordsView::take_taped`], a line each, while they are taped.
    taped: Option<Vec<u8>>,
}

impl<T: Tally> RecordsView<T> {
    /// Takes in `event`.
    pub fn fold(&mut self, event: &Event) {
        let taped = &mut self.taped;
        let mut tape = |line: &str, _: &T| {
            for tape in taped.iter_mut() {
                tape.extend_from_slice(line.as_bytes());
                tape.push(b'\n');
            }
        };
        let fed = match &event.what {
            What::Phase(Phase::Starting) => {
                *self = Self { taped: self.taped.take(), ..Self::default() };
                return;
            }
            What::Output(bytes) => self.reader.feed(bytes, &mut tape),
            What::Message(bytes) => {
                self.messages.add(bytes);
                return;
            }
            What::Exit(exit) => {
                self.exit = Some(exit.clone());
                self.messages.end_line();
                self.reader.finish(&mut tape)
            }
            What::Phase(_) | What::Input(_) | What::Resize(_) | What::Marker(_) => return,
        };
        if fed == Fed::Changed {
            self.heard = event.at;
        }
    }

    /// Tapes the records from here on.
    pub(crate) fn start_taping(&mut self) {
        self.taped = Some(Vec::new());
    }

    /// The records that came since the last call, a line each.
    pub(crate) fn take_taped(&mut self) -> Vec<u8> {
        self.taped.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// What the records add up to.
    #[must_use]
    pub const fn board(&self) -> &T {
        self.reader.tally()
    }

    /// Whether a record has come.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.reader.has_begun()
    }

    /// Whether the run is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.exit.is_some() || self.board().end().is_some()
    }

    /// Whether nothing but records came, and their end if the process says that all went well.
    pub(crate) fn is_sound(&self) -> bool {
        let cut = self.has_begun() && self.board().end().is_none() && self.exit == Some(Exit::Status(0));
        self.reader.is_sound() && !cut
    }

    /// The records' own time when the run's time is `at`. They differ where a replay shortens pauses.
    #[must_use]
    pub fn own_time(&self, at: Elapsed) -> Elapsed {
        let last = self.board().at();
        if self.is_over() { last } else { last + at.since(self.heard) }
    }

    /// The last lines of the measuring process's standard error, made plain.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.messages.last.iter().map(String::as_str)
    }

    /// What is wrong with the records themselves, in words, the worst first; `contradiction` when they do not say what
    /// they add up to.
    #[must_use]
    pub(crate) fn doubts_with(&self, contradiction: Option<&str>) -> Vec<String> {
        let mut doubts = self.reader.doubts(self.exit.is_some(), contradiction);
        // Its last words may tell why there is no more of it.
        let cut = self.exit.is_some() && self.board().end().is_none();
        if let (Some(first), Some(last), true) = (doubts.first_mut(), self.messages.last.back(), cut) {
            *first = format!("{first} (it said: {last})");
        }
        doubts
    }

    /// The same of records that cannot contradict themselves.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        self.doubts_with(None)
    }
}

/// What the measuring process says besides its records: the last lines, each cut where it is too long.
#[derive(Debug, Clone, Default)]
struct Messages {
    last: VecDeque<String>,
    partial: Vec<u8>,
}

impl Messages {
    fn add(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(at);
            self.extend(line);
            self.end_line();
            rest = after.get(1..).unwrap_or_default();
        }
        self.extend(rest);
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = MAX_MESSAGE.saturating_sub(self.partial.len()).min(bytes.len());
        self.partial.extend_from_slice(bytes.get(..room).unwrap_or_default());
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.partial);
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        if text.is_empty() {
            return;
        }
        self.last.push_back(plain::one_line(text).into_owned());
        if self.last.len() > MAX_MESSAGES {
            self.last.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use greenroom_bench::RunSummary;

    fn fed(events: &[What]) -> RecordsView<RunSummary> {
        let mut view = RecordsView::default();
        for what in events {
            view.fold(&Event { at: Elapsed::ZERO, what: what.clone() });
        }
        view
    }

    #[test]
    fn a_flood_of_messages_takes_no_room_and_commands_nothing() {
        let line = |number: u32| format!("\u{1b}[31mline {number}\u{202e}{}\r\n", "x".repeat(10_000));
        let flood: String = (0..500).map(line).collect();
        for size in [7, 4096] {
            let parts = flood.as_bytes().chunks(size);
            let view =
                fed(&parts.map(|part| What::Message(Bytes::copy_from_slice(part))).collect::<Vec<_>>());
            let said: Vec<&str> = view.messages().collect();
            assert_eq!(said.len(), MAX_MESSAGES);
            assert!(said[MAX_MESSAGES - 1].starts_with(r"\u{1b}[31mline 499\u{202e}xx"), "{}", said[19]);
            assert!(said.iter().all(|line| line.len() < MAX_MESSAGE + 50 && !line.contains('\u{1b}')));
            assert!(view.messages.partial.capacity() <= 2 * MAX_MESSAGE);
            assert!(!view.has_begun() && view.doubts().is_empty(), "no message is a record, nor a wrong one");
        }
    }

    #[test]
    fn what_is_on_the_pipe_and_no_record_is_a_mistake() {
        let head = r#"{"at":0,"type":"head","format":"greenroom-bench","v":1}"#;
        let output = |text: String| What::Output(Bytes::from(text));
        let junk = fed(&[output(format!("{head}\nDeprecated: \u{1b}[2J\n{head}\nmore\n"))]);
        assert_eq!(junk.doubts(), [r"2 lines are no records, and left out (line 2: Deprecated: \u{1b}[2J)"]);
        assert!(!junk.is_sound());
        let half = fed(&[output(format!("{head}\n{}", &head[..20])), What::Exit(Exit::Signal(9))]);
        assert_eq!(half.doubts(), ["cut off in the middle of a record"]);
        let message = What::Message(Bytes::from("one\nno space is left\n"));
        let dying = fed(&[output(format!("{head}\n")), message, What::Exit(Exit::Status(1))]);
        assert_eq!(dying.doubts(), ["cut off: these records have no end (it said: no space is left)"]);
        // Its last words are what was written, whole or not.
        let whole = fed(&[output(head.to_owned()), What::Exit(Exit::Status(0))]);
        assert_eq!(whole.doubts(), ["cut off: these records have no end"]);
        assert_eq!(fed(&[output("\n\n".to_owned())]).doubts(), [""; 0]);
    }
}
