//! A bench in a terminal: a line for each variant, and what may be said about them.

use std::fmt::Write as _;

use greenroom_base::clock::Elapsed;
use greenroom_base::plain::Quoted;
use greenroom_bench::told::MemoryKind;
use greenroom_bench::{FailureRecord, Metric, PhaseKind, RunSummary, VariantSummary};

use crate::cmd::measured::Printed;
use crate::cmd::measured::table::{Column, Table};

/// What a person has been told of a bench.
#[derive(Debug, Default)]
pub(crate) struct Told {
    phase: Option<(PhaseKind, u32)>,
    faults: usize,
}

impl Printed for RunSummary {
    type Told = Told;

    fn news(&self, told: &mut Told) -> Option<Vec<String>> {
        let mut news: Vec<String> =
            self.faults.iter().skip(told.faults).map(|fault| failure(self, fault)).collect();
        told.faults = self.faults.len();
        let phase = self.phase.as_ref().map(|(_, phase)| (phase.kind, phase.launch));
        if phase != told.phase {
            told.phase = phase;
            let note = self.phase.as_ref().map(|(_, phase)| phase.note.as_str()).unwrap_or_default();
            let seconds = self.left(self.at).map(Elapsed::secs);
            let time = seconds.map(|seconds| format!(" ({seconds} s)")).unwrap_or_default();
            let launch = match self.phase.as_ref().map_or((0, 0), |(_, phase)| (phase.launch, phase.launches))
            {
                (number, of) if of > 1 => format!("launch {} of {of}: ", number + 1),
                _ => String::new(),
            };
            news.push(format!("{launch}{note}{time}"));
        }
        (!news.is_empty()).then_some(news)
    }

    fn table(&self) -> String {
        let memory = match self.memory_kind() {
            MemoryKind::Pss => "PSS MiB",
            MemoryKind::Footprint => "footprint MiB",
            MemoryKind::Mixed => "PSS/footprint MiB",
        };
        let mut table = Table::new([
            Column::words("variant", 7),
            Column::numbers("req/s", 8),
            Column::numbers("p50 ms", 8),
            Column::numbers("p99 ms", 8),
            Column::numbers("req/CPU-s", 10),
            Column::numbers("CPUs", 5),
            Column::numbers(memory, 8),
            Column::numbers("MiB/1k/s", 9),
            Column::words("GIL", 3),
        ]);
        for side in &self.sides {
            table.row([
                Quoted(&side.name).to_string(),
                number(side.rate(), 0),
                number(side.closed.percentile(50.0).map(millis), 1),
                number(side.closed.percentile(99.0).map(millis), 1),
                number(side.efficiency(), 0),
                number(side.processors(), 2),
                number(side.pss_kib().map(mebibytes), 0),
                number(side.memory_per_rate(), 0),
                gil(side).to_owned(),
            ]);
        }
        table.to_string()
    }

    fn closing(&self) -> Option<String> {
        if self.sides.iter().all(|side| side.turns.is_empty()) {
            return None;
        }
        let mut text = "\n".to_owned();
        let rate = self.load.as_ref().map_or(0, |load| load.rate_milli / 1000);
        for side in self.sides.iter().filter(|side| !side.open.is_empty()) {
            let latency = |percent| number(side.open.percentile(percent).map(millis), 1);
            let (median, tail, lag) =
                (latency(50.0), latency(99.0), number(side.lag.percentile(99.0).map(millis), 1));
            let _ = writeln!(
                text,
                "{} at {rate} requests per second: p50 {median} ms, p99 {tail} ms from when each was due (beats late by {lag} ms at most 99 times of 100)",
                Quoted(&side.name)
            );
        }
        let mut sentences = self.sentences(Metric::Throughput);
        sentences.extend(self.efficiency_sentence());
        sentences.extend(self.memory_sentence());
        for sentence in sentences {
            let _ = writeln!(text, "{}", sentence.text);
        }
        for warning in self.warnings().into_iter().chain(self.notes()) {
            let _ = writeln!(text, "! {}", Quoted(warning));
        }
        if let Some(line) = self.left_out() {
            let _ = writeln!(text, "{}", Quoted(line));
        }
        if let Some(line) = self.unit_of_doubt() {
            let _ = writeln!(text, "{line}");
        }
        Some(text)
    }
}

/// What went wrong, in a line.
fn failure(board: &RunSummary, fault: &FailureRecord) -> String {
    let name = fault.variant.and_then(|variant| board.sides.get(variant));
    let name = name.map(|side| format!("{}: ", side.name)).unwrap_or_default();
    format!("✗ {name}{} ({})", fault.message, fault.hint)
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
