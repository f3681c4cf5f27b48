//! Where one variant stands beside another, in a word: what a table of verdicts is made of.
//!
//! The rule: *ahead* and *behind* when the verdict's own 95 % interval is beyond 5 %, *far ahead* and *far behind* when
//! it is beyond 1.5 times, *close* otherwise, *no verdict* when the bench gives none. Memory is one reading after the
//! load, so that the ratio itself has to be beyond; less of it is ahead.

use greenroom_deck::{Meaning, Reading};

use super::verdict::{Call, Metric};
use super::{RunSummary, VariantSummary};

/// Nearer to each other is close.
const CLOSE: f64 = 1.05;
/// Further is far.
const FAR: f64 = 1.5;
/// What is said between the two.
const CLOSE_WORD: &str = "close";
/// What is said where the bench refuses to judge, or memory was not read.
pub(crate) const NO_VERDICT: &str = "no verdict";

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Requests per second, or the same per second of processor time.
    Rate(Metric),
    /// Memory after the load.
    Memory,
    /// The same for each 1,000 requests per second.
    MemoryPerRate,
}

impl Standing {
    /// The one that a figure names.
    pub(crate) fn read(word: &str) -> Option<Self> {
        Some(match word {
            "throughput" => Self::Rate(Metric::Throughput),
            "efficiency" => Self::Rate(Metric::Efficiency),
            "memory" => Self::Memory,
            "memory-per-rate" => Self::MemoryPerRate,
            _ => return None,
        })
    }

    /// The word for `variant` beside `baseline`.
    pub(crate) fn word(self, board: &RunSummary, variant: usize, baseline: usize) -> Reading {
        let (low, high) = match self {
            Self::Rate(metric) => {
                let verdict = board.judge(metric, variant, baseline);
                match (&verdict.call, verdict.own) {
                    (Call::Refused(_), _) | (_, None) => return NO_VERDICT.into(),
                    (_, Some(interval)) => (interval.low, interval.high),
                }
            }
            Self::Memory | Self::MemoryPerRate => match self.reading(board, variant, baseline) {
                // Less is better.
                Some(ratio) => (1.0 / ratio, 1.0 / ratio),
                None => return NO_VERDICT.into(),
            },
        };
        let (word, meaning) = of(low, high);
        Reading { text: word.to_owned(), meaning: Some(meaning) }
    }

    /// Whether the two are near each other, and judged at all.
    pub(crate) fn is_close(self, board: &RunSummary, variant: usize, baseline: usize) -> bool {
        self.word(board, variant, baseline).text == CLOSE_WORD
    }

    /// How many times as much memory `variant` has as `baseline`.
    pub(crate) fn reading(self, board: &RunSummary, variant: usize, baseline: usize) -> Option<f64> {
        #[allow(clippy::cast_precision_loss)] // KiB of a server
        let value = |index: usize| {
            let side: &VariantSummary = board.sides.get(index)?;
            // Where it was waited for and did not get flat, there is no verdict.
            if side.flat.is_some_and(|flat| !flat.flat) {
                return None;
            }
            let value = match self {
                Self::MemoryPerRate => side.memory_per_rate(),
                Self::Memory => side.pss_kib().map(|kib| kib as f64),
                Self::Rate(_) => None,
            };
            value.filter(|value| *value > 0.0)
        };
        // A footprint is not comparable with PSS.
        let footprint = |index: usize| board.sides.get(index).and_then(VariantSummary::is_footprint);
        (footprint(variant) == footprint(baseline)).then_some(())?;
        Some(value(variant)? / value(baseline)?)
    }
}

/// The word for a ratio whose interval is from `low` to `high`.
fn of(low: f64, high: f64) -> (&'static str, Meaning) {
    if low > FAR {
        ("far ahead", Meaning::Good)
    } else if low > CLOSE {
        ("ahead", Meaning::Good)
    } else if high < 1.0 / FAR {
        ("far behind", Meaning::Bad)
    } else if high < 1.0 / CLOSE {
        ("behind", Meaning::Bad)
    } else {
        (CLOSE_WORD, Meaning::Fair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_needs_the_whole_interval() {
        let (good, fair, bad) = (Meaning::Good, Meaning::Fair, Meaning::Bad);
        for (low, high, says, means) in [
            (1.51, 1.6, "far ahead", good),
            (1.4, 1.6, "ahead", good),
            (1.06, 1.2, "ahead", good),
            (1.04, 1.2, "close", fair),
            (0.9, 1.1, "close", fair),
            (0.8, 0.96, "close", fair),
            (0.8, 0.95, "behind", bad),
            (0.5, 0.66, "far behind", bad),
        ] {
            assert_eq!(of(low, high), (says, means), "{low} to {high}");
        }
    }
}
