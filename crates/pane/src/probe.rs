//! A probe as its pane shows it: a fold over the events of its run.

use std::collections::VecDeque;

use sha2::{Digest, Sha256};

use greenroom_base::clock::Elapsed;
use greenroom_base::hex;
use greenroom_base::run::{Event, Exit, Phase, What};
use greenroom_bench::Lines;
use greenroom_bench::probe::{Board, Record, RecordError, What as Said};

/// Lines that are no records, kept for a probe that dies with a message.
const MAX_OTHERS: usize = 12;
/// Characters of such a line.
const MAX_OTHER: usize = 400;

/// A probe, as far as its run has come.
#[derive(Debug, Clone, Default)]
pub struct ProbeView {
    board: Board,
    lines: Lines,
    others: VecDeque<String>,
    junk: u64,
    /// It was made for a newer reader, or is something else.
    refused: Option<RecordError>,
    /// Of the records before the end.
    seal: Sha256,
    sealed: u64,
    /// What the end says about them is not so.
    broken: bool,
    /// The run's time when its last record came.
    heard: Elapsed,
    exit: Option<Exit>,
}

impl ProbeView {
    /// Takes in `event`.
    pub fn fold(&mut self, event: &Event) {
        match &event.what {
            What::Phase(Phase::Starting) => *self = Self::default(),
            What::Output(bytes) => {
                let mut lines = std::mem::take(&mut self.lines);
                lines.feed(bytes, &mut |line| self.line(line, event.at));
                self.lines = lines;
            }
            What::Exit(exit) => {
                let mut lines = std::mem::take(&mut self.lines);
                lines.finish(&mut |line| self.line(line, event.at));
                self.lines = lines;
                self.exit = Some(exit.clone());
            }
            What::Phase(_) | What::Input(_) | What::Resize(_) | What::Marker(_) => {}
        }
    }

    fn line(&mut self, line: &str, at: Elapsed) {
        if line.trim().is_empty() {
            return;
        }
        match Record::parse(line) {
            Ok(record) => {
                if let Said::End(end) = &record.what {
                    self.broken = end.lines != self.sealed || !end.sha256.eq_ignore_ascii_case(&self.sum());
                }
                self.seal.update(line.as_bytes());
                self.seal.update(b"\n");
                self.sealed += 1;
                self.heard = at;
                self.board.feed(record);
            }
            Err(error @ (RecordError::Version(_) | RecordError::Format(_))) => self.refused = Some(error),
            Err(_) => {
                self.junk += 1;
                let plain = line.chars().filter(|c| !c.is_control()).take(MAX_OTHER);
                self.others.push_back(plain.collect());
                if self.others.len() > MAX_OTHERS {
                    self.others.pop_front();
                }
            }
        }
    }

    fn sum(&self) -> String {
        hex::encode(self.seal.clone().finalize())
    }

    /// What the records add up to.
    #[must_use]
    pub const fn board(&self) -> &Board {
        &self.board
    }

    /// Whether a record has come.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.sealed > 0
    }

    /// Whether the run is over.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.exit.is_some() || self.board.end.is_some()
    }

    /// The probe's own time when the run's time is `at`. They differ where a replay shortens pauses.
    #[must_use]
    pub fn probe_time(&self, at: Elapsed) -> Elapsed {
        if self.is_over() { self.board.at } else { self.board.at + at.since(self.heard) }
    }

    /// The last lines that are no records.
    pub fn others(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.others.iter().map(String::as_str)
    }

    /// What is wrong with the records themselves, in words, the worst first.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts: Vec<String> = self.refused.iter().map(ToString::to_string).collect();
        let mut say = |wrong: bool, text: &str| doubts.extend(wrong.then(|| text.to_owned()));
        let cut = self.exit.is_some() && self.board.end.is_none() && self.has_begun();
        say(cut, "cut off: these records have no end");
        say(self.broken, "these records are not the ones that were made: their checksum is another");
        let junk = self.junk + self.lines.skipped();
        say(junk > 0 && self.has_begun(), "some lines are no records, and left out");
        doubts
    }
}

/// The records among what a program prints, as they are, for a tape.
#[derive(Debug, Default)]
pub struct ProbeTape(Lines);

impl ProbeTape {
    /// The records that `event` completes, a line each.
    pub fn event(&mut self, event: &Event) -> Vec<u8> {
        let mut out = Vec::new();
        let mut keep = |line: &str| {
            if Record::parse(line).is_ok() {
                out.extend_from_slice(line.as_bytes());
                out.push(b'\n');
            }
        };
        match &event.what {
            What::Output(bytes) => self.0.feed(bytes, &mut keep),
            What::Exit(_) => self.0.finish(&mut keep),
            _ => {}
        }
        out
    }
}
