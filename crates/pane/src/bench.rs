//! A bench as its pane shows it: a fold over the events of its run.

use std::collections::VecDeque;

use sha2::{Digest, Sha256};

use greenroom_base::clock::Elapsed;
use greenroom_base::hex;
use greenroom_base::run::{Event, Exit, Phase, What};
use greenroom_bench::{Board, Fed, Lines, Record, RecordError, What as Said};

/// Lines that are no records, kept for a bench that dies with a message.
const MAX_OTHERS: usize = 20;
/// Characters of such a line.
const MAX_OTHER: usize = 500;

/// What of a bench is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Chart {
    /// The numbers of every variant side by side, and the verdict.
    #[default]
    Overview,
    /// Requests per second over time.
    Throughput,
    /// Percentiles.
    Latency,
    /// What each thread did.
    Threads,
    /// What each variant costs.
    Memory,
    /// When requests began and ended.
    Requests,
    /// Where the time went.
    Profile,
    /// Commands, versions, machine, faults.
    Facts,
}

impl Chart {
    /// All, in the order in which a key goes through them.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Throughput,
        Self::Latency,
        Self::Threads,
        Self::Memory,
        Self::Requests,
        Self::Profile,
        Self::Facts,
    ];

    /// Its name on screen.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Throughput => "rate",
            Self::Latency => "latency",
            Self::Threads => "threads",
            Self::Memory => "memory",
            Self::Requests => "requests",
            Self::Profile => "flame",
            Self::Facts => "facts",
        }
    }

    /// The one with the number `number`, from 1.
    #[must_use]
    pub fn numbered(number: usize) -> Option<Self> {
        Self::ALL.get(number.checked_sub(1)?).copied()
    }
}

/// A bench, as far as its run has come.
#[derive(Debug, Clone, Default)]
pub struct BenchView {
    board: Board,
    chart: Chart,
    lines: Lines,
    others: VecDeque<String>,
    /// Lines that look like records and are none.
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

impl BenchView {
    /// A new one that shows the same chart.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self { chart: self.chart, ..Self::default() }
    }

    /// Takes in `event`.
    pub fn fold(&mut self, event: &Event) {
        match &event.what {
            What::Phase(Phase::Starting) => *self = self.fresh(),
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
                if self.board.feed(record) == Fed::Changed {
                    self.heard = at;
                }
            }
            Err(error @ (RecordError::Version(_) | RecordError::Format(_))) => self.refused = Some(error),
            Err(_) => {
                self.junk += u64::from(line.starts_with('{'));
                self.others.push_back(plain(line));
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

    /// What is shown of it.
    #[must_use]
    pub const fn chart(&self) -> Chart {
        self.chart
    }

    /// Shows `chart` from now on.
    pub fn show(&mut self, chart: Chart) {
        self.chart = chart;
    }

    /// Shows the next chart; one that has nothing to show yet is passed over.
    pub fn show_next(&mut self) {
        let all = Chart::ALL;
        let at = all.iter().position(|chart| *chart == self.chart).unwrap_or_default();
        let after = all.iter().cycle().skip(at + 1).take(all.len());
        self.chart = after.copied().find(|chart| self.has(*chart)).unwrap_or_default();
    }

    /// Whether there is something to show in `chart`.
    #[must_use]
    pub fn has(&self, chart: Chart) -> bool {
        chart != Chart::Profile || self.board.sides.iter().any(|side| side.profile.is_some())
    }

    /// Whether a record has come.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.sealed > 0
    }

    /// The bench's own time when the run's time is `at`. They differ where a replay shortens pauses.
    #[must_use]
    pub fn bench_time(&self, at: Elapsed) -> Elapsed {
        if self.exit.is_some() { self.board.at } else { self.board.at + at.since(self.heard) }
    }

    /// The last lines that are no records.
    pub fn others(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.others.iter().map(String::as_str)
    }

    /// Whether the run is over.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.exit.is_some() || self.board.end.is_some()
    }

    /// What is wrong with the records themselves, in words, the worst first.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts: Vec<String> = self.refused.iter().map(ToString::to_string).collect();
        let mut say = |wrong: bool, text: String| doubts.extend(wrong.then_some(text));
        let begun = self.has_begun();
        say(
            self.exit.is_some() && self.board.end.is_none() && begun,
            "cut off: these records have no end".to_owned(),
        );
        say(
            self.broken,
            "these records are not the ones that were made: their checksum is another".to_owned(),
        );
        say(
            self.board.end.is_some() && !self.board.agrees_with_itself(),
            "the verdict, worked out again, is not the one that was recorded".to_owned(),
        );
        let junk = self.junk + self.lines.skipped();
        let (lines, are) = if junk == 1 { ("line", "is no record") } else { ("lines", "are no records") };
        say(junk > 0 && self.refused.is_none(), format!("{junk} {lines} {are}, and left out"));
        doubts
    }
}

/// The records among what a program prints, as they are, for a tape.
#[derive(Debug, Default)]
pub struct BenchTape(Lines);

impl BenchTape {
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

/// `line` as text: without escape sequences and other control characters, and not too long.
fn plain(line: &str) -> String {
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
    out
}
