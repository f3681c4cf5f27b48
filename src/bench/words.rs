//! Verdicts in words that a room understands.

use super::board::Board;
use super::verdict::{Call, Metric, Verdict};

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

/// `ratio` as a factor: two digits that count, and three where it is close to 1.
#[must_use]
pub fn times(ratio: f64) -> String {
    factor(ratio, near_one(ratio))
}

fn near_one(ratio: f64) -> bool {
    (0.8..1.25).contains(&ratio)
}

fn factor(ratio: f64, fine: bool) -> String {
    if !ratio.is_finite() {
        return "?".to_owned();
    }
    let text = if fine || ratio < 1.0 { format!("{ratio:.2}") } else { format!("{ratio:.1}") };
    if ratio >= 100.0 {
        return format!("{ratio:.0}");
    }
    if fine { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

impl Board {
    /// What may be said about the variants by `metric`: the subject against the baseline, then against the others, then
    /// the others against the baseline.
    #[must_use]
    pub fn sentences(&self, metric: Metric) -> Vec<Sentence> {
        let verdicts = self.pairs().into_iter().map(|(one, other)| self.judge(metric, one, other));
        let mut out: Vec<Sentence> = Vec::new();
        for verdict in verdicts {
            let first = out.first().is_none_or(|first| first.pair.0 != verdict.variant);
            out.push(self.sentence(&verdict, first));
        }
        // One reason is enough where all are refused for the same.
        let refused = |sentence: &Sentence| matches!(sentence.call, Some(Call::Refused(_)));
        if out.len() > 1
            && out.iter().all(|sentence| {
                refused(sentence) && sentence.call == out.first().and_then(|s| s.call.clone())
            })
        {
            out.truncate(1);
        }
        out
    }

    /// What a variant costs in memory for the same work. There are too few readings for an interval, and so there is
    /// no verdict.
    #[must_use]
    pub fn memory_sentences(&self) -> Vec<Sentence> {
        let cost = |side: usize| self.sides.get(side)?.memory_per_rate().filter(|cost| *cost > 0.0);
        let pair = |(one, other): (usize, usize)| {
            let (own, others) = (cost(one)?, cost(other)?);
            let text = format!(
                "Memory for 1,000 req/s: {} needs {} times as much as {} ({} against {} MiB).",
                self.name(one),
                times(own / others),
                self.name(other),
                round(own),
                round(others)
            );
            Some(Sentence { text, pair: (one, other), call: None, ratio: Some(own / others) })
        };
        self.pairs().into_iter().filter_map(pair).collect()
    }

    /// Who is compared with whom.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let (baseline, subject) = (self.baseline(), self.subject());
        if subject == baseline {
            return Vec::new();
        }
        let others: Vec<usize> =
            (0..self.sides.len()).filter(|side| *side != baseline && *side != subject).collect();
        let own = others.iter().map(|other| (subject, *other));
        let theirs = others.iter().map(|other| (*other, baseline));
        std::iter::once((subject, baseline)).chain(own).chain(theirs).collect()
    }

    fn name(&self, side: usize) -> &str {
        self.sides.get(side).map_or("?", |side| side.name.as_str())
    }

    fn sentence(&self, verdict: &Verdict, first: bool) -> Sentence {
        let (one, other) = (self.name(verdict.variant), self.name(verdict.baseline));
        let found = verdict.interval.map(|found| {
            let fine = near_one(found.ratio);
            let [ratio, low, high] = [found.ratio, found.low, found.high].map(|value| factor(value, fine));
            (ratio, format!("({low} to {high})"))
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
            (Call::Close, Some((ratio, range))) => match verdict.metric {
                Metric::Throughput => {
                    format!("{one} against {other}: too close to call, {ratio} times {range}.")
                }
                Metric::Efficiency => {
                    format!("{one} against {other}: too close to call, {ratio} times {range} per CPU-second.")
                }
            },
            (_, Some((ratio, range))) if first => match verdict.metric {
                Metric::Throughput => {
                    format!("{one} answers {ratio} times as many requests as {other} {range}.")
                }
                Metric::Efficiency => {
                    format!(
                        "For a second of processor time it answers {ratio} times as many as {other} {range}."
                    )
                }
            },
            (_, Some((ratio, range))) if verdict.variant == self.subject() => {
                format!("Against {other}: {ratio} times {range}.")
            }
            (_, Some((ratio, range))) => format!("{one} against {other}: {ratio} times {range}."),
        };
        let ratio = verdict.interval.map(|found| found.ratio);
        let pair = (verdict.variant, verdict.baseline);
        Sentence { text, pair, call: Some(verdict.call.clone()), ratio }
    }
}

fn round(value: f64) -> String {
    if value < 9.95 { format!("{value:.1}") } else { format!("{value:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_has_the_digits_that_count() {
        assert_eq!(
            [1.8, 0.8, 0.77, 2.0, 12.34, 250.2].map(times),
            ["1.8", "0.80", "0.77", "2", "12.3", "250"]
        );
        assert_eq!([1.0, 1.04, f64::NAN].map(times), ["1.00", "1.04", "?"]);
    }
}
