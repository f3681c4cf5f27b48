//! Verdicts in words that a room understands.

use super::board::RunSummary;
use super::stats::Interval;
use super::told::MemoryKind;
use super::verdict::{Call, Metric, Unit, Verdict};
use greenroom_base::number::{Number, factor, near_one, times};

/// A sentence about two variants.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// What it says.
    pub text: String,
    /// Which variant it is about, and which one that is compared with.
    pub pair: (usize, usize),
    /// What may be said; nothing where no verdict is given, as for memory.
    pub call: Option<Call>,
    /// The ratio, where there is one.
    pub ratio: Option<f64>,
}

impl Sentence {
    /// The variant that is better, if one is.
    #[must_use]
    pub fn winner(&self) -> Option<usize> {
        match self.call {
            Some(Call::Higher) => Some(self.pair.0),
            Some(Call::Lower) => Some(self.pair.1),
            _ => None,
        }
    }
}

impl RunSummary {
    /// What a verdict's range is about, in one line for a room; nothing where there is none.
    #[must_use]
    pub fn unit_of_doubt(&self) -> Option<String> {
        let given = |(one, other): (usize, usize)| {
            !matches!(self.judge(Metric::Throughput, one, other).call, Call::Refused(_))
        };
        if !self.contests().into_iter().any(given) {
            return None;
        }
        match (self.unit(), self.launches_over()) {
            (_, 0) => None,
            (Unit::Launch, launches) => Some(format!(
                "The servers were started {launches} times, and each start counts once. In 19 of 20 runs, every range holds the mean of other starts."
            )),
            (Unit::Block, 1) => Some(
                "One launch: the range says how sure this start of the servers is; another start may lie outside of it.".to_owned(),
            ),
            (Unit::Block, _) => None,
        }
    }

    /// What may be said about the variants by `metric`: the subject against the baseline, then against the others, then
    /// the others against the baseline.
    #[must_use]
    pub fn sentences(&self, metric: Metric) -> Vec<Sentence> {
        let mut out: Vec<Sentence> = Vec::new();
        for (one, other) in self.contests() {
            let verdict = self.judge(metric, one, other);
            // One reason is enough where several are refused for the same.
            let refused = matches!(verdict.call, Call::Refused(_));
            if !refused || out.iter().all(|said| said.call.as_ref() != Some(&verdict.call)) {
                out.push(self.sentence(&verdict, out.is_empty()));
            }
        }
        out
    }

    /// The subject's requests per second of processor time against those of each of the others; nothing when that is
    /// refused, for the same reasons as the verdict on requests.
    #[must_use]
    pub fn efficiency_sentence(&self) -> Option<Sentence> {
        let subject = self.subject();
        let others = self.contests().into_iter().filter(|(one, _)| *one == subject);
        let mut parts = Vec::new();
        let mut first = None;
        for (one, other) in others {
            let verdict = self.judge(Metric::Efficiency, one, other);
            let (Some(found), false) = (verdict.interval, matches!(verdict.call, Call::Refused(_))) else {
                continue;
            };
            let [ratio, low, high] = digits(found);
            let close = uncalled(&verdict.call).map(|words| format!(", {words}")).unwrap_or_default();
            parts.push(format!("{ratio} times {} ({low} to {high}{close})", self.name(other)));
            first.get_or_insert((verdict.call, found.ratio, (one, other)));
        }
        let (call, ratio, pair) = first?;
        let text = format!("Per second of processor time: {}.", parts.join(", "));
        Some(Sentence { text, pair, call: Some(call), ratio: Some(ratio) })
    }

    /// What the subject costs in memory for the same work. There are too few readings for an interval, and so there is
    /// no verdict.
    #[must_use]
    pub fn memory_sentence(&self) -> Option<Sentence> {
        let cost = |side: usize| self.sides.get(side)?.memory_per_rate().filter(|cost| *cost > 0.0);
        let contests = self.contests();
        let (subject, other) = *contests.first()?;
        // The same work is a matter of requests per second, too.
        let refused = matches!(self.judge(Metric::Throughput, subject, other).call, Call::Refused(_));
        if refused && !self.measures_memory() {
            return None;
        }
        let kind = self.memory_kind();
        if kind == MemoryKind::Mixed {
            return None;
        }
        let found: Vec<(usize, usize, f64)> = contests
            .into_iter()
            .filter(|(one, _)| *one == subject || self.has_pairs())
            .filter_map(|(one, other)| Some((one, other, cost(one)? / cost(other)?)))
            .collect();
        let part = |(one, other, ratio): &(usize, usize, f64)| {
            let own = if self.has_pairs() { format!("{} ", self.name(*one)) } else { String::new() };
            format!("{own}{} times {}", times(*ratio), self.name(*other))
        };
        let parts = found.iter().map(part).collect::<Vec<_>>().join(", ");
        let (one, other, ratio) = *found.first()?;
        let named = if kind == MemoryKind::Footprint { " (footprint)" } else { "" };
        let text = format!("Memory{named} for 1,000 requests per second: {parts}.");
        Some(Sentence { text, pair: (one, other), call: None, ratio: Some(ratio) })
    }

    /// Whether the scenario itself says who is compared with whom.
    pub(crate) fn has_pairs(&self) -> bool {
        self.head.as_ref().is_some_and(|head| !head.pairs.is_empty())
    }

    /// What a verdict rests on: `over 5 launches`, or `one launch` where its interval is made of slices of one.
    fn rests_on(&self, verdict: &Verdict) -> String {
        match (verdict.unit, verdict.interval) {
            (Unit::Launch, Some(found)) => format!("over {} launches", found.n),
            (Unit::Block, Some(found)) if self.launches_over() > 1 => format!("over {} launches", found.n),
            _ => "one launch".to_owned(),
        }
    }

    pub(crate) fn name(&self, side: usize) -> &str {
        self.sides.get(side).map_or("?", |side| side.name.as_str())
    }

    fn sentence(&self, verdict: &Verdict, first: bool) -> Sentence {
        let (one, other) = (self.name(verdict.variant), self.name(verdict.baseline));
        let found = verdict.interval.map(|found| {
            let [ratio, low, high] = digits(found);
            let over = if first { format!(", {}", self.rests_on(verdict)) } else { String::new() };
            (ratio, format!("({low} to {high}{over})"))
        });
        let text = match (&verdict.call, found) {
            (Call::Refused(reasons), _) => {
                let reasons = reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                let what = match verdict.metric {
                    Metric::Throughput => "requests per second",
                    Metric::Efficiency => "processor time",
                };
                format!("No verdict on {what} ({one} against {other}): {reasons}.")
            }
            (_, None) => format!("{one} against {other}: nothing was measured."),
            (call @ (Call::Inconclusive | Call::NearMargin), Some((ratio, range))) => {
                let words = uncalled(call).unwrap_or_default();
                format!("{one} against {other}: {words}, {ratio} times {range}.")
            }
            (_, Some((ratio, range))) if first && verdict.metric == Metric::Throughput => {
                format!("{one} answers {ratio} times as many requests as {other} {range}.")
            }
            (_, Some((ratio, range))) if !first && verdict.variant == self.subject() => {
                format!("Against {other}: {ratio} times {range}.")
            }
            (_, Some((ratio, range))) => format!("{one} against {other}: {ratio} times {range}."),
        };
        let ratio = verdict.interval.map(|found| found.ratio);
        let pair = (verdict.variant, verdict.baseline);
        Sentence { text, pair, call: Some(verdict.call.clone()), ratio }
    }
}

/// What is said in place of a call.
pub(crate) const fn uncalled(call: &Call) -> Option<&'static str> {
    match call {
        Call::Inconclusive => Some("too close to call"),
        Call::NearMargin => Some("near the margin"),
        Call::Higher | Call::Lower | Call::Refused(_) => None,
    }
}

/// The ratio and its bounds, with digits enough to tell the bounds apart.
fn digits(found: Interval) -> [Number; 3] {
    let all = [found.ratio, found.low, found.high];
    let coarse = all.map(|value| factor(value, false));
    if near_one(found.ratio) || coarse[1] == coarse[2] {
        all.map(|value| factor(value, true))
    } else {
        coarse
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Head, Launch, Record, Slice, What};

    /// A run of so many launches, whose second variant answers so many times as much in each; 0 in `planned` for a recording
    /// from before launches counted.
    fn run(planned: u32, ratios: &[u64]) -> RunSummary {
        let mut board = RunSummary::default();
        let mut say = |what| {
            board.feed(Record { at: 1, what });
        };
        let variants = vec!["one".to_owned(), "two".to_owned()];
        say(What::Head(Head { variants, launches: planned, ..Head::default() }));
        for (launch, percent) in (0..).zip(ratios) {
            for block in 0..12 {
                for variant in [0, 1, 1, 0] {
                    let n = if variant == 0 { 10_000 } else { 100 * percent + u64::from(block % 3) };
                    let (wall_us, cpu_us) = (250_000, 400_000);
                    say(What::Slice(Slice {
                        variant,
                        block,
                        launch,
                        n,
                        wall_us,
                        cpu_us,
                        ..Slice::default()
                    }));
                }
            }
            if planned > 0 {
                say(What::Launch(Launch { launch, whole: vec![0, 1], ..Launch::default() }));
            }
        }
        board
    }

    fn first(board: &RunSummary) -> String {
        board.sentences(Metric::Throughput)[0].text.clone()
    }

    #[test]
    fn what_a_verdict_rests_on_is_said() {
        let board = run(8, &[150, 151, 149, 150, 152]);
        assert!(first(&board).ends_with(", over 5 launches)."), "{}", first(&board));
        assert!(
            board
                .unit_of_doubt()
                .unwrap()
                .starts_with("The servers were started 5 times, and each start counts once")
        );
        let few = run(8, &[150, 151, 149]);
        assert!(
            first(&few).contains("too few launches: 3 came to their end, 4 are needed"),
            "{}",
            first(&few)
        );
        assert_eq!(few.unit_of_doubt(), None);
    }

    #[test]
    fn an_older_recording_keeps_its_verdict_marked_one_launch() {
        // 6 %, certain of its one launch: called then, and not by the rule of today.
        let old = run(0, &[106]);
        assert!(first(&old).starts_with("two answers 1.06 times as many"), "{}", first(&old));
        assert!(first(&old).ends_with(", one launch)."), "{}", first(&old));
        assert!(old.unit_of_doubt().unwrap().starts_with("One launch: "));
        let new = run(8, &[106, 106, 106, 106]);
        assert!(first(&new).contains("1.06 times") && !first(&new).contains("too close"), "{}", first(&new));
        let near = run(8, &[106, 105, 107, 106]);
        assert!(first(&near).contains("two against one: near the margin, 1.06 times"), "{}", first(&near));
        let close = run(8, &[104, 103, 105, 104]);
        assert!(first(&close).contains("too close to call"), "{}", first(&close));
    }

    #[test]
    fn two_kinds_of_launch_are_both_shown() {
        let board = run(8, &[183, 100, 184, 101, 182, 99]);
        let note = "two against one: two kinds of launch, 3 at 1.00 times and 3 at 1.8 times; the range is over both";
        assert_eq!(board.notes(), [note]);
        assert!(first(&board).contains("near the margin"), "{}", first(&board));
        assert_eq!(run(8, &[183, 181, 184, 180, 182, 179]).notes(), [""; 0]);
    }
}
