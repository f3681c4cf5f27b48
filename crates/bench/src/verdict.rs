//! What may be said about a bench, and what may not.

use std::fmt;

use super::launches::{Kinds, MIN_LAUNCHES, kinds};
use super::record::{LoadKind, Slice, VerdictRecord};
use super::stats::{Interval, interval};

/// Fewer blocks give intervals that promise too much.
const MIN_BLOCKS: usize = 12;
/// Differences below this are not called.
const MARGIN: f64 = 0.05;
/// The share of the machine that others may have used.
const MAX_FOREIGN: f64 = 0.15;
/// The share of answers that may be wrong.
const MAX_ERRORS: f64 = 0.01;
/// [`VerdictRecord::method`] of [`Unit::Block`].
const BY_BLOCK: &str = "95% t-interval of log ratios, of blocks or, with several launches, of launches";

/// What an interval counts, and with it the rule by which a difference is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Blocks of one launch, as in recordings from before launches counted; a difference is called when the ratio is beyond
    /// the margin and the interval leaves out 1. Such an interval says how sure one is of that launch.
    Block,
    /// Launches of the servers, each of which counts once. A difference is called when the whole interval of that verdict by
    /// itself lies beyond the margin: of two servers that are the same, or nearly, that says something else in one run than in the next 1 time in
    /// 100, where the older rule did in 12 (`simulation::calls_repeat`). It is the decision rule of Kruschke, "Rejecting or
    /// accepting parameter values in Bayesian estimation" (2018), with a margin instead of a point. The
    /// margin is what keeps false calls rare; a call that had to share its confidence with the run's other verdicts as well would
    /// repeat less often where there is a difference. What is shown as the range does share it, and has to leave out 1.
    #[default]
    Launch,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Requests per second.
    Throughput,
    /// Requests per second of processor time.
    Efficiency,
}

impl Metric {
    /// Its name in a record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Efficiency => "efficiency",
        }
    }
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Of what.
    pub metric: Metric,
    /// Which variant.
    pub variant: usize,
    /// Compared with which.
    pub baseline: usize,
    /// The ratio, and the range in which it is: wide enough that the ranges of all verdicts of a run hold their truths at once
    /// with 95 % confidence. None when there is too little to compute one.
    pub interval: Option<Interval>,
    /// The same with the 95 % interval of this verdict by itself, by which it is called: see [`Unit`].
    pub own: Option<Interval>,
    /// What may be said.
    pub call: Call,
    /// What the interval counts.
    pub unit: Unit,
    /// How many verdicts hold at once with 95 % confidence, this one among them.
    pub together: usize,
    /// The two kinds of launch that there were, when there were two.
    pub kinds: Option<Kinds>,
}

/// What a verdict says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// The variant is better.
    Higher,
    /// It is worse.
    Lower,
    /// The ratio itself is beyond the margin, and its interval is not: another run may call it. Never by [`Unit::Block`].
    NearMargin,
    /// The difference is too small to tell.
    Inconclusive,
    /// Nothing may be said.
    Refused(Vec<RefusalReason>),
}

/// Why nothing may be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// So many blocks (or launches) are whole, of so many that are needed.
    TooShort(usize, usize),
    /// So many launches are whole, of so many that are needed.
    FewLaunches(usize, usize),
    /// Others used so many hundredths of the machine.
    Busy(u32),
    /// So many thousandths of the answers were wrong.
    Errors(u32),
    /// A variant gave no right answer.
    Silent,
    /// The bench broke off.
    Broken,
    /// The run was only meant to try a scenario out.
    Quick,
    /// The run was about memory.
    OnlyMemory,
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort(have, need) => write!(f, "too short: {have} whole rounds, {need} are needed"),
            Self::FewLaunches(have, need) => {
                write!(f, "too few launches: {have} came to their end, {need} are needed")
            }
            Self::Busy(percent) => {
                write!(f, "this machine is busy: others used {percent} % of its processors")
            }
            Self::Errors(permille) => {
                write!(f, "{}.{} % of the answers were wrong", permille / 10, permille % 10)
            }
            Self::Silent => f.write_str("a variant gave no right answer"),
            Self::Quick => f.write_str("a quick run only shows that the scenario works"),
            Self::OnlyMemory => f.write_str("this run is about memory, and launches too few for speed"),
            Self::Broken => f.write_str("the bench broke off"),
        }
    }
}

/// Compares `variant` with `baseline` by the turns in `slices` (of a closed loop; others are left out) on a machine
/// with `cores` processors. So many verdicts as `together` says share the 5 % of doubt, see [`interval`].
#[must_use]
pub fn judge(
    slices: &[Slice],
    metric: Metric,
    variant: usize,
    baseline: usize,
    cores: u32,
    unit: Unit,
    together: usize,
) -> Verdict {
    let blocks = blocks(slices, variant, baseline);
    let logs: Vec<(u32, f64)> = blocks
        .iter()
        .filter_map(|block| Some((block.launch, block.variant.log_ratio(&block.baseline, metric)?)))
        .collect();
    let silent = logs.len() < blocks.len();
    let launches = by_launch(&logs);
    let (values, short) = match unit {
        Unit::Launch => {
            let (have, need) = (launches.len(), MIN_LAUNCHES);
            (launches, (have < need).then_some(RefusalReason::FewLaunches(have, need)))
        }
        Unit::Block => {
            let several = launches.len() > 1;
            let (values, need) = if several {
                (launches, MIN_LAUNCHES)
            } else {
                (logs.iter().map(|(_, log)| *log).collect(), MIN_BLOCKS)
            };
            let have = values.len();
            (values, (have < need).then_some(RefusalReason::TooShort(have, need)))
        }
    };
    let (own, interval) = (interval(&values, 1), interval(&values, together));
    let found = own.map_or(Call::Inconclusive, |found| call(found, unit));
    let uncalled = || own.map_or(Call::Inconclusive, |found| uncalled(found, unit));
    // Never against the range that is shown.
    let level = interval.is_some_and(|shown| (shown.low..=shown.high).contains(&1.0));
    let found = if level { uncalled() } else { found };
    let call = refusals(slices, silent, short, variant, baseline, cores).map_or(found, Call::Refused);
    let kinds = if unit == Unit::Launch { kinds(&values) } else { None };
    let margin = 1.0 + MARGIN;
    let call = match (call, kinds) {
        // Not when one kind of launch shows no such thing, whatever the mean of both is.
        (Call::Higher, Some(kinds)) if kinds.low.1 < margin => uncalled(),
        (Call::Lower, Some(kinds)) if kinds.high.1 > 1.0 / margin => uncalled(),
        (call, _) => call,
    };
    Verdict { metric, variant, baseline, interval, own, call, unit, together, kinds }
}

/// What may be said of an interval; see [`Unit`].
pub(super) fn call(found: Interval, unit: Unit) -> Call {
    let margin = 1.0 + MARGIN;
    let (higher, lower) = match unit {
        Unit::Launch => (found.low > margin, found.high < 1.0 / margin),
        Unit::Block => {
            (found.low > 1.0 && found.ratio > margin, found.high < 1.0 && found.ratio < 1.0 / margin)
        }
    };
    match (higher, lower) {
        (true, _) => Call::Higher,
        (_, true) => Call::Lower,
        _ => uncalled(found, unit),
    }
}

/// What is said of an interval that is not called.
fn uncalled(found: Interval, unit: Unit) -> Call {
    let beyond = found.ratio.ln().abs() > (1.0 + MARGIN).ln();
    if beyond && unit == Unit::Launch { Call::NearMargin } else { Call::Inconclusive }
}

/// The means of the launches: one launch of a server can be better than another of the same, so that each counts once.
fn by_launch(logs: &[(u32, f64)]) -> Vec<f64> {
    let mut launches: Vec<(u32, f64, f64)> = Vec::new();
    for (launch, log) in logs {
        match launches.last_mut().filter(|(last, _, _)| last == launch) {
            Some((_, sum, n)) => (*sum, *n) = (*sum + log, *n + 1.0),
            None => launches.push((*launch, *log, 1.0)),
        }
    }
    launches.into_iter().map(|(_, sum, n)| sum / n).collect()
}

/// The turns of two variants in one block.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    launch: u32,
    round: u32,
    variant: BlockSum,
    baseline: BlockSum,
}

/// The turns of one variant in one block.
#[derive(Debug, Clone, Copy, Default)]
struct BlockSum {
    n: u64,
    wall_us: u64,
    cpu_us: u64,
    turns: usize,
}

impl BlockSum {
    fn add(&mut self, slice: &Slice) {
        self.n += slice.n;
        self.wall_us += slice.wall_us;
        self.cpu_us += slice.cpu_us;
        self.turns += 1;
    }

    #[allow(clippy::cast_precision_loss)] // microseconds of a bench stay far below 2^52
    fn log_ratio(&self, other: &Self, metric: Metric) -> Option<f64> {
        let (cost, other_cost) = match metric {
            Metric::Throughput => (self.wall_us, other.wall_us),
            Metric::Efficiency => (self.cpu_us, other.cpu_us),
        };
        let positive = [self.n, other.n, cost, other_cost].iter().all(|value| *value > 0);
        positive.then(|| (self.n as f64 / cost as f64).ln() - (other.n as f64 / other_cost as f64).ln())
    }
}

/// The blocks in which both variants had all of their turns, which are two each.
fn blocks(slices: &[Slice], variant: usize, baseline: usize) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    for slice in slices.iter().filter(|slice| slice.kind == LoadKind::Closed) {
        if slice.variant != variant && slice.variant != baseline {
            continue;
        }
        let same = |last: &Block| (last.launch, last.round) == (slice.launch, slice.block);
        if !found.last().is_some_and(same) {
            found.push(Block { launch: slice.launch, round: slice.block, ..Block::default() });
        }
        let Some(block) = found.last_mut() else { continue };
        let side = if slice.variant == variant { &mut block.variant } else { &mut block.baseline };
        side.add(slice);
    }
    found.retain(|block| block.variant.turns == 2 && block.baseline.turns == 2);
    found
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // shares
fn refusals(
    slices: &[Slice],
    silent: bool,
    short: Option<RefusalReason>,
    variant: usize,
    baseline: usize,
    cores: u32,
) -> Option<Vec<RefusalReason>> {
    let mut reasons = Vec::new();
    let closed = || slices.iter().filter(|slice| slice.kind == LoadKind::Closed);
    if silent {
        reasons.push(RefusalReason::Silent);
    } else {
        reasons.extend(short);
    }
    let wall: u64 = closed().map(|slice| slice.wall_us).sum();
    let foreign: u64 = closed().map(|slice| slice.foreign_us).sum();
    let busy = foreign as f64 / (wall as f64 * f64::from(cores.max(1))).max(1.0);
    if busy > MAX_FOREIGN {
        reasons.push(RefusalReason::Busy((busy * 100.0).round() as u32));
    }
    let wrong = |of: usize| {
        let (errors, all) = closed()
            .filter(|slice| slice.variant == of)
            .fold((0, 0), |(errors, all), slice| (errors + slice.errors, all + slice.errors + slice.n));
        errors as f64 / (all as f64).max(1.0)
    };
    let worst = wrong(variant).max(wrong(baseline));
    if worst > MAX_ERRORS {
        reasons.push(RefusalReason::Errors((worst * 1000.0).round() as u32));
    }
    (!reasons.is_empty()).then_some(reasons)
}

impl Verdict {
    /// As a record; `flags` are what else speaks against it.
    #[must_use]
    pub fn to_record(&self, flags: Vec<String>) -> VerdictRecord {
        let found = self.interval.unwrap_or(Interval { ratio: 0.0, low: 0.0, high: 0.0, n: 0 });
        let mut all = flags;
        let call = match &self.call {
            Call::Higher => "higher",
            Call::Lower => "lower",
            Call::NearMargin => "near",
            Call::Inconclusive => "close",
            Call::Refused(reasons) => {
                all.extend(reasons.iter().map(ToString::to_string));
                "refused"
            }
        };
        VerdictRecord {
            metric: self.metric.name().to_owned(),
            variant: self.variant,
            baseline: self.baseline,
            ratio_ppm: ppm(found.ratio),
            low_ppm: ppm(found.low),
            high_ppm: ppm(found.high),
            blocks: u32::try_from(found.n).unwrap_or(u32::MAX),
            method: match self.unit {
                Unit::Block => BY_BLOCK.to_owned(),
                Unit::Launch => by_launch_method(self.together),
            },
            call: call.to_owned(),
            flags: all,
        }
    }

    /// Whether `record` says the same, apart from flags and the last digit.
    #[must_use]
    pub fn agrees_with(&self, record: &VerdictRecord) -> bool {
        let own = self.to_record(Vec::new());
        let near = |one: u64, other: u64| one.abs_diff(other) <= 1;
        // Before there was a word of its own for what is near the margin, it was too close as well.
        let was_close = self.call == Call::NearMargin && record.call == "close";
        (own.call == record.call || was_close)
            && own.blocks == record.blocks
            && near(own.ratio_ppm, record.ratio_ppm)
            && near(own.low_ppm, record.low_ppm)
            && near(own.high_ppm, record.high_ppm)
    }
}

/// [`VerdictRecord::method`] of [`Unit::Launch`].
fn by_launch_method(together: usize) -> String {
    let shared = match together {
        0 | 1 => String::new(),
        several => format!(", {several} verdicts together (Bonferroni)"),
    };
    format!("95% t-interval of log ratios of launches{shared}; called when all of its own 95% is beyond 5%")
}

/// In millionths; ratios that are no numbers become 0.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // bounded
fn ppm(ratio: f64) -> u64 {
    if ratio.is_finite() { (ratio.clamp(0.0, 1e9) * 1e6).round() as u64 } else { 0 }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // made-up counts
mod tests {
    use super::*;

    /// Blocks of two variants in which the second answers `ratio` times as much, give or take `noise` in turn.
    fn slices(blocks: u32, ratio: f64, noise: f64) -> Vec<Slice> {
        let turn = |block: u32, variant: usize, n: f64| Slice {
            variant,
            block,
            n: n as u64,
            wall_us: 250_000,
            cpu_us: 400_000,
            ..Slice::default()
        };
        let block = |block: u32| {
            let shake = if block.is_multiple_of(2) { 1.0 + noise } else { 1.0 / (1.0 + noise) };
            [(0, 1e4), (1, 1e4 * ratio * shake), (1, 1e4 * ratio * shake), (0, 1e4)]
                .map(|(variant, n)| turn(block, variant, n))
        };
        (0..blocks).flat_map(block).collect()
    }

    fn verdict(slices: &[Slice]) -> Verdict {
        judge(slices, Metric::Throughput, 1, 0, 2, Unit::Block, 1)
    }

    /// Launches of two blocks, each with a ratio and a machine of its own speed.
    fn launches(all: &[(f64, f64)]) -> Vec<Slice> {
        let launch = |(launch, (ratio, speed)): (u32, &(f64, f64))| {
            let mut one = slices(2, *ratio, 0.0);
            for slice in &mut one {
                slice.launch = launch;
                slice.n = (slice.n as f64 * speed) as u64;
            }
            one
        };
        (0..).zip(all).flat_map(launch).collect()
    }

    fn by_launches(all: &[(f64, f64)]) -> Verdict {
        judge(&launches(all), Metric::Throughput, 1, 0, 2, Unit::Launch, 1)
    }

    #[test]
    fn a_launch_counts_once_and_the_whole_interval_has_to_be_beyond_the_margin() {
        let of = |ratios: &[f64]| by_launches(&ratios.iter().map(|ratio| (*ratio, 1.0)).collect::<Vec<_>>());
        let found = of(&[1.15, 1.17, 1.16, 1.15, 1.16]);
        assert_eq!((found.call, found.interval.unwrap().n), (Call::Higher, 5));
        assert_eq!(of(&[0.71, 0.71, 0.72, 0.70]).call, Call::Lower);
        // One launch of these was called 1.24 [1.18, 1.30].
        assert_eq!(of(&[0.96, 1.06, 1.02, 1.11, 0.98, 1.24]).call, Call::NearMargin);
        assert_eq!(of(&[0.96, 1.06, 1.02, 1.11, 0.98, 1.03]).call, Call::Inconclusive);
        // Certain to be more than 1, but not to be 5 % more.
        assert_eq!(of(&[1.06, 1.07, 1.05, 1.08]).call, Call::NearMargin);
        assert_eq!(of(&[0.93, 0.95, 0.94, 0.96]).call, Call::NearMargin);
        assert_eq!(of(&[1.04, 1.05, 1.04, 1.05]).call, Call::Inconclusive);
        assert_eq!(of(&[2.0, 2.0, 2.0]).call, Call::Refused(vec![RefusalReason::FewLaunches(3, 4)]));
        assert_eq!(of(&[]).call, Call::Refused(vec![RefusalReason::FewLaunches(0, 4)]));
        let found = of(&[1.83, 1.0, 1.84, 1.82, 1.83, 1.01]);
        assert_eq!((found.call, found.kinds.unwrap().low.0), (Call::NearMargin, 2));
    }

    #[test]
    fn a_machine_that_changes_its_speed_between_launches_changes_nothing() {
        let steady = by_launches(&[(1.5, 1.0), (1.52, 1.0), (1.48, 1.0), (1.5, 1.0)]);
        let shaken = by_launches(&[(1.5, 0.4), (1.52, 2.0), (1.48, 1.0), (1.5, 0.7)]);
        let (one, other) = (steady.interval.unwrap(), shaken.interval.unwrap());
        assert_eq!((steady.call, shaken.call), (Call::Higher, Call::Higher));
        assert!(
            (one.ratio - other.ratio).abs() < 1e-3 && (one.low - other.low).abs() < 1e-3,
            "{one:?} {other:?}"
        );
    }

    #[test]
    fn clear_differences_are_called_and_small_ones_are_not() {
        assert_eq!(verdict(&slices(16, 1.8, 0.1)).call, Call::Higher);
        assert_eq!(verdict(&slices(16, 0.8, 0.05)).call, Call::Lower);
        assert_eq!(verdict(&slices(16, 1.0, 0.05)).call, Call::Inconclusive);
        // Certain, but smaller than one launch differs from another.
        assert_eq!(verdict(&slices(16, 1.04, 0.001)).call, Call::Inconclusive);
        // Large, but not certain.
        assert_eq!(verdict(&slices(12, 1.1, 0.5)).call, Call::Inconclusive);
        let found = verdict(&slices(16, 1.8, 0.1)).interval.unwrap();
        assert!((found.ratio - 1.8).abs() < 0.01 && found.low < 1.8 && found.high > 1.8, "{found:?}");
    }

    #[test]
    fn nothing_is_said_where_nothing_may_be() {
        assert_eq!(verdict(&slices(11, 2.0, 0.0)).call, Call::Refused(vec![RefusalReason::TooShort(11, 12)]));
        assert_eq!(verdict(&[]).call, Call::Refused(vec![RefusalReason::TooShort(0, 12)]));
        let mut busy = slices(16, 2.0, 0.0);
        for slice in &mut busy {
            slice.foreign_us = 100_000;
        }
        assert_eq!(verdict(&busy).call, Call::Refused(vec![RefusalReason::Busy(20)]));
        let mut wrong = slices(16, 2.0, 0.0);
        wrong.iter_mut().filter(|slice| slice.variant == 0).for_each(|slice| slice.errors = slice.n);
        assert_eq!(verdict(&wrong).call, Call::Refused(vec![RefusalReason::Errors(500)]));
        let mut silent = slices(16, 2.0, 0.0);
        silent.iter_mut().filter(|slice| slice.block == 3).for_each(|slice| slice.n = 0);
        assert_eq!(verdict(&silent).call, Call::Refused(vec![RefusalReason::Silent]));
    }

    #[test]
    fn blocks_that_are_not_whole_do_not_count() {
        let mut slices = slices(16, 2.0, 0.0);
        slices.pop();
        assert_eq!(verdict(&slices).interval.unwrap().n, 15);
        // An open loop's turns say nothing about capacity.
        for slice in &mut slices {
            slice.kind = LoadKind::Open;
        }
        assert_eq!(verdict(&slices).interval, None);
    }

    #[test]
    fn several_launches_count_once_each() {
        let launch = |launch: u32, ratio: f64| {
            let mut one = slices(3, ratio, 0.0);
            for slice in &mut one {
                slice.launch = launch;
            }
            one
        };
        let ratios = [1.9, 2.0, 2.1, 2.0];
        let all: Vec<Slice> = (0..).zip(ratios).flat_map(|(number, ratio)| launch(number, ratio)).collect();
        let found = verdict(&all).interval.unwrap();
        assert_eq!((verdict(&all).call, found.n), (Call::Higher, 4));
        assert!((found.low - 1.873).abs() < 0.002, "as if there were one block in each: {found:?}");
        let three = all.split_at(36).0;
        assert_eq!(verdict(three).call, Call::Refused(vec![RefusalReason::TooShort(3, 4)]));
    }

    #[test]
    fn a_verdict_agrees_with_its_record() {
        let verdict = verdict(&slices(16, 1.8, 0.1));
        let record = verdict.to_record(vec!["a flag".to_owned()]);
        assert!(verdict.agrees_with(&record));
        assert!(!verdict.agrees_with(&VerdictRecord { ratio_ppm: record.ratio_ppm + 2, ..record }));
        // What was written before there was a word for what is near the margin.
        let near = by_launches(&[(1.06, 1.0), (1.07, 1.0), (1.05, 1.0), (1.08, 1.0)]);
        let record = near.to_record(Vec::new());
        assert_eq!(record.call, "near");
        for (call, agrees) in [("near", true), ("close", true), ("higher", false), ("refused", false)] {
            let older = VerdictRecord { call: call.to_owned(), ..record.clone() };
            assert_eq!(near.agrees_with(&older), agrees, "{call}");
        }
    }
}
