//! A bench in a terminal, as a table that is drawn again as it runs.

use std::fmt::Write as _;
use std::io;
use std::time::{Duration, Instant};

use greenroom_base::plain::Quoted;
use greenroom_bench::{Metric, PhaseKind, RunSummary, VariantSummary};
use greenroom_system::say;

/// How often the table is drawn again.
const DRAW: Duration = Duration::from_millis(250);

/// The table.
pub(crate) struct ResultTable {
    board: RunSummary,
    /// Whether lines can be written over.
    live: bool,
    /// Lines of the table that stand on the screen.
    drawn: usize,
    at: Option<Instant>,
    phase: Option<(PhaseKind, u32)>,
    faults: usize,
}

impl ResultTable {
    /// An empty one.
    #[must_use]
    pub(crate) fn new(live: bool) -> Self {
        Self { board: RunSummary::default(), live, drawn: 0, at: None, phase: None, faults: 0 }
    }

    /// Prints a line that stays.
    ///
    /// # Errors
    /// When nobody reads it any more.
    pub(crate) fn say(&mut self, text: &str) -> io::Result<()> {
        self.wipe()?;
        writeln!(say::out(), "{text}")
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When nobody reads the table any more.
    pub(crate) fn feed(&mut self, line: &str) -> io::Result<()> {
        if self.board.feed_line(line).is_err() {
            return Ok(());
        }
        for fault in self.board.faults.clone().into_iter().skip(self.faults) {
            self.faults += 1;
            let name = fault.variant.and_then(|variant| self.board.sides.get(variant));
            let name = name.map(|side| format!("{}: ", side.name)).unwrap_or_default();
            self.say(&format!("✗ {name}{} ({})", fault.message, fault.hint))?;
        }
        let phase = self.board.phase.as_ref().map(|(_, phase)| (phase.kind, phase.launch));
        if phase != self.phase {
            self.phase = phase;
            let note = self.board.phase.as_ref().map(|(_, phase)| phase.note.clone()).unwrap_or_default();
            let seconds = self.board.left(self.board.at).map(greenroom_base::clock::Elapsed::secs);
            let time = seconds.map(|seconds| format!(" ({seconds} s)")).unwrap_or_default();
            self.say(&format!("{note}{time}"))?;
        }
        if self.live && self.at.is_none_or(|at| at.elapsed() >= DRAW) {
            self.at = Some(Instant::now());
            self.draw()?;
        }
        Ok(())
    }

    /// The last table, and the verdicts.
    ///
    /// # Errors
    /// When nobody reads it any more.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if self.board.sides.iter().all(|side| side.turns.is_empty()) {
            return Ok(());
        }
        self.draw()?;
        self.drawn = 0;
        let board = &self.board;
        let out = say::out();
        writeln!(out)?;
        let rate = board.load.as_ref().map_or(0, |load| load.rate_milli / 1000);
        for side in board.sides.iter().filter(|side| !side.open.is_empty()) {
            let latency = |percent| number(side.open.percentile(percent).map(millis), 1);
            let (median, tail, lag) =
                (latency(50.0), latency(99.0), number(side.lag.percentile(99.0).map(millis), 1));
            writeln!(
                out,
                "{} at {rate} requests per second: p50 {median} ms, p99 {tail} ms from when each was due (beats late by {lag} ms at most 99 times of 100)",
                Quoted(&side.name)
            )?;
        }
        let mut sentences = board.sentences(Metric::Throughput);
        sentences.extend(board.efficiency_sentence());
        sentences.extend(board.memory_sentence());
        for sentence in sentences {
            writeln!(out, "{}", sentence.text)?;
        }
        for warning in board.warnings() {
            writeln!(out, "! {warning}")?;
        }
        Ok(())
    }

    fn wipe(&mut self) -> io::Result<()> {
        say::out().wipe(std::mem::take(&mut self.drawn))
    }

    fn draw(&mut self) -> io::Result<()> {
        self.wipe()?;
        let text = render(&self.board);
        self.drawn = text.lines().count();
        write!(say::out(), "{text}")
    }
}

/// The variants, a line each.
fn render(board: &RunSummary) -> String {
    let width = board.sides.iter().map(|side| side.name.chars().count()).max().unwrap_or(0).max(7);
    let mut out = format!(
        "{:width$}  {:>8}  {:>8}  {:>8}  {:>10}  {:>5}  {:>8}  {:>9}  GIL\n",
        "variant", "req/s", "p50 ms", "p99 ms", "req/CPU-s", "CPUs", "PSS MiB", "MiB/1k/s"
    );
    for side in &board.sides {
        let _ = writeln!(
            out,
            "{:width$}  {:>8}  {:>8}  {:>8}  {:>10}  {:>5}  {:>8}  {:>9}  {}",
            Quoted(&side.name),
            number(side.rate(), 0),
            number(side.closed.percentile(50.0).map(millis), 1),
            number(side.closed.percentile(99.0).map(millis), 1),
            number(side.efficiency(), 0),
            number(side.processors(), 2),
            number(side.pss_kib().map(mebibytes), 0),
            number(side.memory_per_rate(), 0),
            gil(side),
        );
    }
    out
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

#[allow(clippy::cast_precision_loss)] // microseconds of a bench stay far below 2^52
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

#[allow(clippy::cast_precision_loss)] // memory stays far below 2^52 KiB
fn mebibytes(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

fn gil(side: &VariantSummary) -> &'static str {
    match side.gil() {
        Some(true) if side.gil_came_back().is_some() => "on (!)",
        Some(true) => "on",
        Some(false) => "off",
        None => "–",
    }
}
