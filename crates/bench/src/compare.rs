//! Two recorded runs side by side.

use super::board::{RunSummary, VariantSummary};
use super::record::{LoadKind, Slice};
use super::stats::{Interval, welch};
use super::verdict::{Call, Metric, Unit, call};

/// One variant in two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Its name, the same in both.
    pub name: String,
    /// Of what.
    pub metric: Metric,
    /// The second run as a multiple of the first.
    pub interval: Option<Interval>,
    /// What may be said.
    pub call: Call,
}

/// Compares the variants that both runs have, by their launches where both have several, else by their blocks; the runs are
/// independent, and so Welch's interval it is.
#[must_use]
pub fn compare(first: &RunSummary, second: &RunSummary) -> Vec<Comparison> {
    let mut out = Vec::new();
    let several = |board: &RunSummary| board.unit() == Unit::Launch && board.launches_over() > 1;
    let unit = if several(first) && several(second) { Unit::Launch } else { Unit::Block };
    for side in &first.sides {
        let Some(other) = second.sides.iter().find(|other| other.name == side.name) else { continue };
        for metric in [Metric::Throughput, Metric::Efficiency] {
            let interval = welch(&logs(other, metric, unit), &logs(side, metric, unit));
            let call = interval.map_or(Call::Inconclusive, |found| call(found, unit));
            out.push(Comparison { name: side.name.clone(), metric, interval, call });
        }
    }
    out
}

/// What is not the same in both runs, in words: without it, a difference says little about the servers.
#[must_use]
pub fn differences(first: &RunSummary, second: &RunSummary) -> Vec<String> {
    let mut out = Vec::new();
    let mut differ = |what: String, one: String, other: String| {
        if one != other {
            out.push(format!("{what}: {one} in the first run, {other} in the second"));
        }
    };
    let machine = |board: &RunSummary| {
        board.env.as_ref().map(|env| format!("{}, {} cores", env.cpu, env.cores)).unwrap_or_default()
    };
    differ("the machine".to_owned(), machine(first), machine(second));
    let head = |board: &RunSummary, of: fn(&super::Head) -> &str| {
        board.head.as_ref().map(|head| of(head).to_owned()).unwrap_or_default()
    };
    differ(
        "the protocol".to_owned(),
        head(first, |head| &head.protocol),
        head(second, |head| &head.protocol),
    );
    // Nothing that was not read differs.
    let memory = |board: &RunSummary| {
        let read = board.sides.iter().any(|side| !side.memory.is_empty());
        read.then(|| board.memory_kind().name().to_owned())
    };
    if let (Some(one), Some(other)) = (memory(first), memory(second)) {
        differ("memory".to_owned(), one, other);
    }
    let scenario =
        |board: &RunSummary| head(board, |head| &head.scenario).chars().take(8).collect::<String>();
    differ("the scenario".to_owned(), scenario(first), scenario(second));
    for side in &first.sides {
        let Some(other) = second.sides.iter().find(|other| other.name == side.name) else { continue };
        let python =
            |side: &VariantSummary| side.app.as_ref().map(|app| app.python.clone()).unwrap_or_default();
        differ(format!("Python of {}", side.name), python(side), python(other));
    }
    out
}

/// The logarithms of what each block of a variant did, or each launch.
#[allow(clippy::cast_precision_loss)] // counts and microseconds of a bench stay far below 2^52
fn logs(side: &VariantSummary, metric: Metric, unit: Unit) -> Vec<f64> {
    let mut blocks: Vec<((u32, u32), u64, u64)> = Vec::new();
    for (_, slice) in side.turns.iter().filter(|(_, slice)| slice.kind == LoadKind::Closed) {
        let Slice { launch, block, n, wall_us, cpu_us, .. } = *slice;
        let cost = if metric == Metric::Throughput { wall_us } else { cpu_us };
        let key = if unit == Unit::Launch { (launch, 0) } else { (launch, block) };
        match blocks.last_mut().filter(|(last, _, _)| *last == key) {
            Some((_, all, costs)) => (*all, *costs) = (*all + n, *costs + cost),
            None => blocks.push((key, n, cost)),
        }
    }
    let usable = blocks.into_iter().filter(|(_, n, cost)| *n > 0 && *cost > 0);
    usable.map(|(_, n, cost)| (n as f64 / cost as f64).ln()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::record::{Env, Head, Record, What};
    use super::*;

    fn board(cores: u32, n: u64) -> RunSummary {
        let mut board = RunSummary::default();
        let variants = vec!["one".to_owned()];
        board.feed(Record { at: 0, what: What::Head(Head { variants, ..Head::default() }) });
        board.feed(Record { at: 0, what: What::Env(Env { cores, ..Env::default() }) });
        for block in 0..12 {
            let n = n + u64::from(block % 3);
            let slice = Slice { block, n, wall_us: 250_000, cpu_us: 200_000, ..Slice::default() };
            board.feed(Record { at: 1, what: What::Slice(slice) });
        }
        board
    }

    #[test]
    fn the_second_run_is_compared_with_the_first() {
        let found = compare(&board(2, 1000), &board(2, 1500));
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].call, Call::Higher);
        assert!((found[0].interval.unwrap().ratio - 1.5).abs() < 0.01);
        assert_eq!(compare(&board(2, 1000), &board(2, 1001))[0].call, Call::Inconclusive);
    }

    #[test]
    fn what_differs_is_said() {
        assert_eq!(differences(&board(2, 1), &board(2, 2)), [""; 0]);
        let said = differences(&board(2, 1), &board(8, 1));
        assert_eq!(said, ["the machine: , 2 cores in the first run, , 8 cores in the second"]);
    }
}
