//! The records of a bench or of a probe as a pane shows them: a fold over the events of their run.

use std::collections::VecDeque;

use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Exit, Phase, What};
use greenroom_bench::{Content, Fed, RecordReader, RecordTaper, Tally};

/// Lines that are no records, kept for a run that dies with a message.
const MAX_OTHERS: usize = 20;
/// Bytes of such a line.
const MAX_OTHER: usize = 500;

/// A run of records, as far as it has come.
#[derive(Debug, Clone, Default)]
pub struct RecordsView<T> {
    reader: RecordReader<T>,
    others: VecDeque<String>,
    /// The run's time when its last record came.
    heard: Elapsed,
    exit: Option<Exit>,
}

impl<T: Tally> RecordsView<T> {
    /// Takes in `event`.
    pub fn fold(&mut self, event: &Event) {
        let others = &mut self.others;
        let mut junk = |line: &str| other(others, line);
        let fed = match &event.what {
            What::Phase(Phase::Starting) => {
                *self = Self::default();
                return;
            }
            What::Output(bytes) => self.reader.feed(bytes, &mut junk),
            What::Exit(exit) => {
                self.exit = Some(exit.clone());
                self.reader.finish(&mut junk)
            }
            What::Phase(_) | What::Message(_) | What::Input(_) | What::Resize(_) | What::Marker(_) => return,
        };
        if fed == Fed::Changed {
            self.heard = event.at;
        }
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

    /// The records' own time when the run's time is `at`. They differ where a replay shortens pauses.
    #[must_use]
    pub fn own_time(&self, at: Elapsed) -> Elapsed {
        let last = self.board().at();
        if self.is_over() { last } else { last + at.since(self.heard) }
    }

    /// The last lines that are no records.
    pub fn others(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.others.iter().map(String::as_str)
    }

    /// What is wrong with the records themselves, in words, the worst first; `contradiction` when they do not say what
    /// they add up to.
    #[must_use]
    pub(crate) fn doubts_with(&self, contradiction: Option<&str>) -> Vec<String> {
        self.reader.doubts(self.exit.is_some(), contradiction)
    }

    /// The same of records that cannot contradict themselves.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        self.doubts_with(None)
    }
}

/// Keeps `line` among the last ones: without control sequences and other control characters, and not too long.
fn other(others: &mut VecDeque<String>, line: &str) {
    let mut out = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // A sequence of the usual kind ends with a letter.
            if chars.next() == Some('[') {
                let _ = chars.find(|c| ('@'..='~').contains(c));
            }
        } else if !c.is_control() {
            out.push(c);
        }
        if out.len() >= MAX_OTHER {
            break;
        }
    }
    others.push_back(out);
    if others.len() > MAX_OTHERS {
        others.pop_front();
    }
}

/// The records that `event` completes, a line each, for a tape.
pub(crate) fn taped<W: Content>(taper: &mut RecordTaper<W>, event: &Event) -> Vec<u8> {
    match &event.what {
        What::Output(bytes) => taper.feed(bytes),
        What::Exit(_) => taper.finish(),
        _ => Vec::new(),
    }
}
