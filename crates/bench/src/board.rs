//! Everything a bench has said so far, added up.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;

use super::record::{
    App, End, Env, FailureRecord, Flat, Head, Hist, HistKind, Identity, Launch, LoadInfo, LoadKind, MEMORY,
    Mem, Moment, Phase, PhaseKind, Prof, QUICK, Record, RecordError, Share, Slice, ThreadUse, VerdictRecord,
    Wave, What,
};
use super::stream::{Fed, Tally};
use super::verdict::{Call, Metric, RefusalReason, Unit, Verdict, judge};
use greenroom_base::clock::Elapsed;
use greenroom_base::number;

/// Most variants that are shown.
pub const MAX_VARIANTS: usize = 6;
/// Turns that are kept; a full bench has a few thousand.
const MAX_SLICES: usize = 20_000;
/// Readings of memory that are kept, for each variant.
const MAX_MEMS: usize = 2_000;
/// Lines of a server that are kept.
const MAX_OUT: usize = 20;
/// Launches that are kept.
const MAX_LAUNCHES: usize = 100;
/// What went wrong, at most.
const MAX_FAULTS: usize = 50;
/// Below this, a 99th percentile rests on fewer than 10 answers beyond it.
pub const ENOUGH_FOR_P99: u64 = 1000;

/// A bench, as far as its records go.
#[derive(Debug, Clone, Default)]
pub struct RunSummary {
    /// What it is.
    pub head: Option<Head>,
    /// The machine.
    pub env: Option<Env>,
    /// What is asked; the last that was said.
    pub load: Option<LoadInfo>,
    /// The variants, in the scenario's order.
    pub sides: Vec<VariantSummary>,
    /// Where it stands, and since when.
    pub phase: Option<(Elapsed, Phase)>,
    /// All turns, in their order.
    pub slices: Vec<Slice>,
    /// The launches that are over.
    pub launches: Vec<Launch>,
    /// What went wrong.
    pub faults: Vec<FailureRecord>,
    /// The verdicts that the bench itself came to.
    pub said: Vec<VerdictRecord>,
    /// How it ended.
    pub end: Option<End>,
    /// The time of the last record.
    pub at: Elapsed,
}

/// One variant.
#[derive(Debug, Clone, Default)]
pub struct VariantSummary {
    /// Its name.
    pub name: String,
    /// How it was started.
    pub app: Option<App>,
    /// Who answered, and when that was looked up.
    pub identities: Vec<Identity>,
    /// Its turns in the closed loop, and when each ended.
    pub turns: Vec<(Elapsed, Slice)>,
    /// Latencies in the closed loop.
    pub closed: Latencies,
    /// Latencies in the open loop.
    pub open: Latencies,
    /// How late the open loop was.
    pub lag: Latencies,
    /// Who of it answered, in each launch.
    pub shares: Vec<Share>,
    /// Memory, and when it was read.
    pub memory: Vec<(Elapsed, Mem)>,
    /// What its memory came to, in a run that waits until it is flat.
    pub flat: Option<Flat>,
    /// Its busiest threads, as last seen.
    pub threads: Vec<ThreadUse>,
    /// Requests of a turn, as last seen.
    pub wave: Option<Wave>,
    /// The last lines it printed.
    pub out: VecDeque<String>,
    /// Its profile.
    pub profile: Option<Prof>,
}

/// Latencies in microseconds.
#[derive(Debug, Clone, Default)]
pub struct Latencies {
    all: Option<Histogram<u64>>,
}

impl Latencies {
    fn add(&mut self, part: &Histogram<u64>) {
        match &mut self.all {
            // Both have the same number of digits, and grow as needed.
            Some(all) => {
                let _ = all.add(part);
            }
            None => self.all = Some(part.clone()),
        }
        if let Some(all) = &mut self.all {
            all.auto(true);
        }
    }

    /// The latency that `percent` of 100 stayed below, in microseconds, over the whole run; nothing when there is
    /// none.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Option<u64> {
        self.all.as_ref().filter(|all| !all.is_empty()).map(|all| all.value_at_percentile(percent))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.all.as_ref().map_or(0, Histogram::len)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The largest, in microseconds.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        self.all.as_ref().filter(|all| !all.is_empty()).map(Histogram::max)
    }
}

impl Tally for RunSummary {
    type Content = What;

    fn feed(&mut self, record: Record) -> Fed {
        self.feed(record)
    }

    fn at(&self) -> Elapsed {
        self.at
    }

    fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }
}

impl RunSummary {
    /// Adds the record in `line`.
    ///
    /// # Errors
    /// When the line is no record.
    pub fn feed_line(&mut self, line: &str) -> Result<Fed, RecordError> {
        Ok(self.feed(Record::parse(line)?))
    }

    /// Adds a record. One about a variant that does not exist is skipped.
    pub fn feed(&mut self, record: Record) -> Fed {
        let at = Elapsed::from_micros(record.at);
        self.at = self.at.max(at);
        match record.what {
            What::Head(head) => {
                let named =
                    |name: &String| VariantSummary { name: name.clone(), ..VariantSummary::default() };
                self.sides = head.variants.iter().take(MAX_VARIANTS).map(named).collect();
                self.head = Some(head);
            }
            What::Env(env) => self.env = Some(env),
            What::Load(load) => self.load = Some(load),
            What::Phase(phase) => self.phase = Some((at, phase)),
            What::Slice(slice) => return self.slice(at, slice),
            What::Launch(launch) => push(&mut self.launches, launch, MAX_LAUNCHES),
            What::Fault(fault) => push(&mut self.faults, fault, MAX_FAULTS),
            What::Verdict(said) => push(&mut self.said, said, MAX_FAULTS),
            What::End(end) => self.end = Some(end),
            What::Tail(_) | What::Unknown => return Fed::Nothing,
            what => return self.about_side(at, what),
        }
        Fed::Changed
    }

    fn slice(&mut self, at: Elapsed, slice: Slice) -> Fed {
        let Some(side) = self.sides.get_mut(slice.variant) else { return Fed::Nothing };
        push(&mut self.slices, slice, MAX_SLICES);
        if slice.kind == LoadKind::Closed {
            push(&mut side.turns, (at, slice), MAX_SLICES);
        }
        Fed::Changed
    }

    fn about_side(&mut self, at: Elapsed, what: What) -> Fed {
        let variant = match &what {
            What::App(app) => app.variant,
            What::Identity(Identity { variant, .. })
            | What::Hist(Hist { variant, .. })
            | What::Mem(Mem { variant, .. })
            | What::Flat(Flat { variant, .. })
            | What::Wave(Wave { variant, .. })
            | What::Share(Share { variant, .. })
            | What::Prof(Prof { variant, .. }) => *variant,
            What::Thr(thr) => thr.variant,
            What::Out(out) => out.variant,
            _ => return Fed::Nothing,
        };
        // Under full load threads are at work and requests overlap; at a set rate they mostly wait.
        let open = matches!(&self.phase, Some((_, phase)) if phase.kind == PhaseKind::Open);
        let Some(side) = self.sides.get_mut(variant) else { return Fed::Nothing };
        match what {
            What::Thr(_) if open && !side.threads.is_empty() => return Fed::Nothing,
            What::Wave(_) if open && side.wave.is_some() => return Fed::Nothing,
            What::App(app) => side.app = Some(*app),
            What::Identity(identity) => push(&mut side.identities, identity, 3 * MAX_FAULTS),
            What::Hist(hist) => match histogram(&hist.v2) {
                Some(part) => match hist.kind {
                    HistKind::Closed => side.closed.add(&part),
                    HistKind::Open => side.open.add(&part),
                    HistKind::Lag => side.lag.add(&part),
                },
                None => return Fed::Nothing,
            },
            What::Share(share) => push(&mut side.shares, share, MAX_LAUNCHES),
            What::Mem(mem) => push(&mut side.memory, (at, mem), MAX_MEMS),
            What::Flat(flat) => side.flat = Some(flat),
            What::Thr(thr) => side.threads = thr.threads.into_iter().take(16).collect(),
            What::Wave(wave) => side.wave = Some(wave),
            What::Prof(prof) => side.profile = Some(prof),
            What::Out(out) => {
                side.out.push_back(out.text.chars().filter(|c| !c.is_control()).take(500).collect());
                if side.out.len() > MAX_OUT {
                    side.out.pop_front();
                }
            }
            _ => return Fed::Nothing,
        }
        Fed::Changed
    }

    /// The variant that the others are compared with.
    #[must_use]
    pub fn baseline(&self) -> usize {
        self.head.as_ref().map_or(0, |head| head.baseline).min(self.sides.len().saturating_sub(1))
    }

    /// The variant that the bench is about: the first on a free-threaded build, else the first that is not the
    /// baseline.
    #[must_use]
    pub fn subject(&self) -> usize {
        let free = |side: &VariantSummary| side.app.as_ref().and_then(|app| app.free_threaded) == Some(true);
        let other = || usize::from(self.baseline() == 0).min(self.sides.len().saturating_sub(1));
        self.sides.iter().position(free).unwrap_or_else(other)
    }

    /// Who is compared with whom: what the scenario says, else the subject with every other variant, and those with
    /// the baseline.
    #[must_use]
    pub fn contests(&self) -> Vec<(usize, usize)> {
        let said = self.head.as_ref().map(|head| head.pairs.as_slice()).unwrap_or_default();
        if !said.is_empty() {
            let known = |(one, other): &&(usize, usize)| (*one).max(*other) < self.sides.len();
            return said.iter().filter(known).take(MAX_VARIANTS).copied().collect();
        }
        let (subject, baseline) = (self.subject(), self.baseline());
        let others = || (0..self.sides.len()).filter(|other| *other != subject);
        let rest = others().filter(|other| subject != baseline && *other != baseline);
        others().map(|other| (subject, other)).chain(rest.map(|other| (other, baseline))).collect()
    }

    /// How many verdicts there are: by two metrics for each comparison.
    #[must_use]
    pub fn verdicts(&self) -> usize {
        2 * self.contests().len()
    }

    /// Compares `variant` with `baseline` by the turns so far.
    #[must_use]
    pub fn judge(&self, metric: Metric, variant: usize, baseline: usize) -> Verdict {
        let cores = self.env.as_ref().map_or(1, |env| env.cores);
        let unit = self.unit();
        let mut verdict = match unit {
            Unit::Block => judge(&self.slices, metric, variant, baseline, cores, unit, 1),
            // A launch that one of the two did not come through says nothing about both.
            Unit::Launch => {
                let whole = |number: u32| {
                    let over = self.launches.iter().find(|launch| launch.launch == number);
                    over.is_some_and(|launch| {
                        [variant, baseline].iter().all(|side| launch.whole.contains(side))
                    })
                };
                let slices: Vec<Slice> =
                    self.slices.iter().filter(|slice| whole(slice.launch)).copied().collect();
                judge(&slices, metric, variant, baseline, cores, unit, self.verdicts())
            }
        };
        let quick = self.head.as_ref().is_some_and(|head| head.protocol == QUICK);
        let broken = self.faults.iter().any(|fault| fault.fatal);
        let reasons = [
            (broken, RefusalReason::Broken),
            (quick, RefusalReason::Quick),
            (self.measures_memory(), RefusalReason::OnlyMemory),
        ];
        if let Some((_, why)) = reasons.into_iter().find(|(is, _)| *is) {
            verdict.call = Call::Refused(vec![why]);
        }
        verdict
    }

    /// Whether it is a run that waits until memory is flat.
    #[must_use]
    pub fn measures_memory(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.protocol == MEMORY)
    }

    /// Whether every verdict that the bench came to is what its records say.
    #[must_use]
    pub fn agrees_with_itself(&self) -> bool {
        self.said.iter().all(|said| {
            let metric = match said.metric.as_str() {
                "throughput" => Metric::Throughput,
                "efficiency" => Metric::Efficiency,
                _ => return true,
            };
            self.judge(metric, said.variant, said.baseline).agrees_with(said)
        })
    }

    /// In words, when its records do not say what they add up to.
    #[must_use]
    pub fn contradiction(&self) -> Option<&'static str> {
        let contradicts = self.end.is_some() && !self.agrees_with_itself();
        contradicts.then_some("the verdict, worked out again, is not the one that was recorded")
    }

    /// What the verdicts' intervals count: launches, or the blocks of the one launch that older recordings have.
    #[must_use]
    pub fn unit(&self) -> Unit {
        if self.head.as_ref().is_some_and(|head| head.launches > 0) { Unit::Launch } else { Unit::Block }
    }

    /// How many launches have come to their end.
    #[must_use]
    pub fn launches_over(&self) -> usize {
        match self.unit() {
            Unit::Launch => self.launches.len(),
            Unit::Block => {
                let mut all: Vec<u32> = self.slices.iter().map(|slice| slice.launch).collect();
                all.dedup();
                all.len()
            }
        }
    }

    /// What has to be said beside every verdict: a GIL that was switched on, a worker that did not get its share, variants that are
    /// not alike.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let gil = self.sides.iter().filter_map(VariantSummary::gil_came_back);
        let rising = self.sides.iter().filter_map(VariantSummary::still_rises);
        gil.chain(rising)
            .chain(self.mixed_memory())
            .chain(self.unlike())
            .chain(self.sides.iter().flat_map(VariantSummary::unbalanced))
            .collect()
    }

    /// What helps to understand the verdicts: launches of two kinds, threads that share their work unevenly, profiles of something
    /// else than the code under test.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let contests = self.contests();
        let kinds = contests.into_iter().filter_map(|(one, other)| {
            let verdict = self.judge(Metric::Throughput, one, other);
            let name = |side: usize| self.sides.get(side).map_or("?", |side| side.name.as_str());
            verdict.kinds.map(|kinds| format!("{} against {}: {kinds}", name(one), name(other)))
        });
        let uneven = self.sides.iter().filter_map(VariantSummary::uneven_threads);
        kinds.chain(uneven).chain(self.spent_elsewhere()).collect()
    }

    /// How much of the phase is left at `at`; nothing when that is not known.
    #[must_use]
    pub fn left(&self, at: Elapsed) -> Option<Elapsed> {
        let (since, phase) = self.phase.as_ref().filter(|(_, phase)| phase.length_us > 0)?;
        let end = phase.length_us.saturating_add(since.micros());
        Some(Elapsed::from_micros(end.saturating_sub(at.micros())))
    }

    /// Whether turns count now.
    #[must_use]
    pub fn is_measuring(&self) -> bool {
        matches!(&self.phase, Some((_, phase)) if matches!(phase.kind, PhaseKind::Measure | PhaseKind::Open))
    }
}

impl VariantSummary {
    /// Requests per second over all turns; nothing before the first.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        rate(self.turns.iter().map(|(_, slice)| slice), |slice| slice.wall_us)
    }

    /// Requests per second of processor time over all turns.
    #[must_use]
    pub fn efficiency(&self) -> Option<f64> {
        rate(self.turns.iter().map(|(_, slice)| slice), |slice| slice.cpu_us)
    }

    /// Requests per second in the last `turns` turns: what the big number shows while it runs.
    #[must_use]
    pub fn recent_rate(&self, turns: usize) -> Option<f64> {
        rate(self.turns.iter().rev().take(turns).map(|(_, slice)| slice), |slice| slice.wall_us)
    }

    /// Processors that it kept busy in its turns, 1.7 of 2.
    #[must_use]
    pub fn processors(&self) -> Option<f64> {
        let sum = |of: fn(&Slice) -> u64| self.turns.iter().map(|(_, slice)| of(slice)).sum::<u64>();
        ratio(sum(|slice| slice.cpu_us), sum(|slice| slice.wall_us))
    }

    /// Its memory in KiB, of [`RunSummary::memory_kind`]: what it came to under load, where that was waited for, else as last read.
    #[must_use]
    pub fn pss_kib(&self) -> Option<u64> {
        let last = || self.memory.last().map(|(_, mem)| mem.pss_kib);
        self.flat.map(|flat| flat.pss_kib).or_else(last)
    }

    /// In words, when its memory was waited for and did not get flat: there is no verdict on it.
    fn still_rises(&self) -> Option<String> {
        let rising = self.flat.filter(|flat| !flat.flat)?;
        #[allow(clippy::cast_precision_loss)] // for reading
        let (mib, seconds) = (rising.pss_kib as f64 / 1024.0, rising.load_us as f64 / 1e6);
        let (mib, seconds) = (number::mib(mib), number::seconds(seconds));
        Some(format!("{}: its memory was still rising, at {mib} after {seconds} of load", self.name))
    }

    /// Mebibytes of memory for each 1,000 requests per second.
    #[must_use]
    pub fn memory_per_rate(&self) -> Option<f64> {
        let rate = self.rate().filter(|rate| *rate > 0.0)?;
        ratio(self.pss_kib()?, 1024).map(|mib| mib / rate * 1000.0)
    }

    /// Answers that were wrong, and all.
    #[must_use]
    pub fn errors(&self) -> (u64, u64) {
        self.turns
            .iter()
            .fold((0, 0), |(errors, all), (_, slice)| (errors + slice.errors, all + slice.n + slice.errors))
    }

    /// Whether the GIL is on in it, as last looked up.
    #[must_use]
    pub fn gil(&self) -> Option<bool> {
        self.identities.iter().rev().find_map(|identity| identity.gil)
    }

    /// In words, when the GIL of a free-threaded build is on though it was off before, or from the start.
    #[must_use]
    pub fn gil_came_back(&self) -> Option<String> {
        let known = || self.identities.iter().filter(|identity| identity.gil.is_some());
        let on =
            known().find(|identity| identity.free_threaded == Some(true) && identity.gil == Some(true))?;
        let first = known().next()?;
        Some(if first.gil == Some(false) {
            let when = if on.moment == Moment::Warm { "in the first requests" } else { "while it ran" };
            format!("{}: the GIL was switched on {when}", self.name)
        } else {
            format!("{}: the GIL is on in this free-threaded build", self.name)
        })
    }
}

fn rate<'a>(turns: impl Iterator<Item = &'a Slice>, cost: fn(&Slice) -> u64) -> Option<f64> {
    let (n, micros) = turns.fold((0, 0), |(n, micros), slice| (n + slice.n, micros + cost(slice)));
    ratio(n, micros).map(|per_micro| per_micro * 1e6)
}

#[allow(clippy::cast_precision_loss)] // counts and microseconds of a bench stay far below 2^52
fn ratio(one: u64, other: u64) -> Option<f64> {
    (other > 0).then(|| one as f64 / other as f64)
}

fn push<T>(list: &mut Vec<T>, item: T, most: usize) {
    if list.len() < most {
        list.push(item);
    }
}

/// Bytes of a V2 histogram's header: cookie, payload length, offset, digits, then the lowest and highest value.
const HEADER: usize = 40;

fn histogram(v2: &str) -> Option<Histogram<u64>> {
    let bytes = STANDARD.decode(v2).ok()?;
    let header = bytes.get(..HEADER)?;
    let digits = u32::from_be_bytes(header.get(12..16)?.try_into().ok()?);
    let highest = u64::from_be_bytes(header.get(24..32)?.try_into().ok()?);
    // Room is made for what the header says, before anything else is looked at.
    if digits > 3 || highest > 1 << 40 {
        return None;
    }
    Deserializer::new().deserialize(&mut bytes.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_still_rises_is_said_and_has_no_verdict() {
        let mut board = RunSummary::default();
        let variants = vec!["one".to_owned(), "two".to_owned()];
        let head = Head { protocol: MEMORY.to_owned(), variants, ..Head::default() };
        board.feed(Record { at: 0, what: What::Head(head) });
        for (variant, flat) in [(0, true), (1, false)] {
            let slice = Slice { variant, n: 100, wall_us: 1_000_000, ..Slice::default() };
            board.feed(Record { at: 1, what: What::Slice(slice) });
            board.feed(Record {
                at: 1,
                what: What::Mem(Mem { variant, pss_kib: 90 << 10, ..Mem::default() }),
            });
            let flat = Flat { variant, flat, pss_kib: 100 << 10, load_us: 180_000_000 };
            board.feed(Record { at: 2, what: What::Flat(flat) });
        }
        let said = board.warnings();
        assert_eq!(said, ["two: its memory was still rising, at 100 MiB after 180 s of load"]);
        assert_eq!(board.sides[0].pss_kib(), Some(100 << 10), "not what was read last");
        assert_eq!(
            super::super::standing::Standing::Memory.word(&board, 1, 0),
            "no verdict".into(),
            "of what has not come to its end"
        );
        assert_eq!(
            board.judge(Metric::Throughput, 1, 0).call,
            Call::Refused(vec![RefusalReason::OnlyMemory])
        );
    }
}
