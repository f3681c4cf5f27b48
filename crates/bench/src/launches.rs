//! Launches of the servers as the unit of doubt: how many a run needs, and whether there were two kinds of them.
//!
//! What differs from launch to launch (hash seeds, where memory lies, which threads share a processor, what got
//! specialised) is in no slice of one launch: however many of these there are, they say how sure one is of that launch. So each
//! launch gives one number, the mean of its blocks' log ratios, and the interval is Student's over these: with launches of equal
//! length it is exact when the means are normal, whatever the shares of the two variances are, because a mean of equally
//! many nested values is all that a balanced random-effects model knows of its mean (Searle, Casella and others, "Variance
//! Components", 1992; for benchmarks Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013,
//! who count the highest level that is repeated). A launch that had time for fewer blocks, as the first one often has, leaves
//! the estimate of the mean's variance without bias and costs a little of its degrees of freedom. A random-effects interval that estimates both variances and weights by
//! them gains nothing where launches are equally long, and needs the normal quantile or an approximation of the degrees of
//! freedom, which promise too much for five launches. `simulation` tries both claims.

use std::fmt;

use super::stats::{Sample, quantile};
use greenroom_base::number::{factor, near_one};

/// Fewer launches give intervals that promise too much: Student's quantile of three is 4.3, of four 3.2.
pub const MIN_LAUNCHES: usize = 4;
/// More launches than this spend their time on starting servers.
pub const MAX_LAUNCHES: u32 = 10;
/// How much a launch's log ratio differs from another's, for planning: between the 1 % of a database and the 6 % of a
/// template.
const BETWEEN: f64 = 0.03;
/// How much a block's differs from another's of the same launch, where a turn is 0.15 to 0.4 s: 3 to 7 % where the processor is what is short,
/// about 10 % with a database.
const WITHIN: f64 = 0.08;
/// Launches are of two kinds when their nearest ratios are at least so far apart.
const MIN_GAP: f64 = 1.1;
/// And when this gap is so many standard deviations within the groups, for 4, 5, 6, 7 and more launches: of normal launches, 1
/// in 100 runs has such a gap by chance.
const GAPS: [f64; 5] = [28.0, 13.0, 9.0, 7.0, 5.8];

/// How many launches to make in `time` when each spends `overhead` on starting, warming up and stopping, and a block of
/// turns takes `block`, all in seconds: the number that makes the interval the narrowest, from what launches and blocks usually
/// differ by. At least four, even when that takes longer.
#[must_use]
pub fn launches_for(time: f64, overhead: f64, block: f64) -> u32 {
    let least = u32::try_from(MIN_LAUNCHES).unwrap_or(4);
    let half = |launches: u32| {
        let number = f64::from(launches);
        let blocks = ((time / number - overhead) / block.max(1e-3)).floor();
        if blocks < 1.0 {
            return f64::INFINITY;
        }
        quantile(number - 1.0, 1).unwrap_or(f64::INFINITY)
            * ((BETWEEN.powi(2) + WITHIN.powi(2) / blocks) / number).sqrt()
    };
    (least..=MAX_LAUNCHES).min_by(|one, other| half(*one).total_cmp(&half(*other))).unwrap_or(least)
}

/// Launches that fall into two groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kinds {
    /// How many launches have the lower ratios, and their geometric mean.
    pub low: (usize, f64),
    /// The same of the higher ones.
    pub high: (usize, f64),
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((few, low), (many, high)) = (self.low, self.high);
        let (low, high) = (factor(low, near_one(low)), factor(high, near_one(high)));
        write!(
            f,
            "two kinds of launch, {few} at {low} times and {many} at {high} times; the range is over both"
        )
    }
}

/// The two kinds of launch that there are, by the logarithms of their ratios: where the largest gap between neighbours is
/// far larger than what launches differ by on either side of it. Nothing when there is one kind.
#[must_use]
pub(crate) fn kinds(logs: &[f64]) -> Option<Kinds> {
    if logs.len() < MIN_LAUNCHES || logs.iter().any(|log| !log.is_finite()) {
        return None;
    }
    let mut sorted = logs.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let gaps = sorted.iter().zip(sorted.iter().skip(1)).map(|(one, next)| next - one).enumerate();
    let (at, gap) = gaps.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let (low, high) = sorted.split_at(at + 1);
    #[allow(clippy::cast_precision_loss)] // a few launches
    let freedom = (sorted.len() - 2) as f64;
    let squares = |group: &[f64]| Sample::of(group).map_or(0.0, |sample| sample.variance * (sample.n - 1.0));
    let within = ((squares(low) + squares(high)) / freedom).sqrt();
    let needed = GAPS.get(sorted.len() - MIN_LAUNCHES).or(GAPS.last()).copied().unwrap_or(f64::INFINITY);
    #[allow(clippy::cast_precision_loss)] // a few launches
    let mean = |group: &[f64]| (group.len(), (group.iter().sum::<f64>() / group.len() as f64).exp());
    (gap > MIN_GAP.ln() && gap > needed * within).then(|| Kinds { low: mean(low), high: mean(high) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_launches_as_make_the_interval_narrow() {
        // Three servers that start in 2.6 s together, warm up for 1 s and stop in 0.7 s.
        let number = launches_for(56.0, 4.3, 1.6);
        assert!((5..=8).contains(&number), "{number}");
        assert!(launches_for(56.0, 1.5, 1.0) >= number);
        assert_eq!(launches_for(56.0, 11.7, 1.6), 4, "servers that start in 10 s");
        assert_eq!(launches_for(56.0, 30.0, 1.6), 4, "which do not fit at all");
        assert_eq!(launches_for(56.0, 0.0, 0.0), 10);
    }

    #[test]
    fn launches_of_two_kinds_are_told_apart() {
        let logs = |ratios: &[f64]| -> Vec<f64> { ratios.iter().map(|ratio| ratio.ln()).collect() };
        let found = kinds(&logs(&[1.83, 1.01, 1.85, 1.0, 1.80, 0.99])).unwrap();
        assert_eq!((found.low.0, found.high.0), (3, 3));
        assert!((found.low.1 - 1.0).abs() < 0.01 && (found.high.1 - 1.83).abs() < 0.01, "{found:?}");
        assert_eq!(
            kinds(&logs(&[1.83, 1.86, 1.0, 1.80, 1.78, 1.83])).unwrap().low.0,
            1,
            "one of another kind"
        );
        assert_eq!(kinds(&logs(&[0.96, 1.06, 1.02, 1.11, 0.98, 1.03])), None);
        // Certain, but too small to matter.
        assert_eq!(kinds(&logs(&[1.0, 1.0, 1.0, 1.05, 1.05, 1.05])), None);
        assert_eq!(kinds(&logs(&[1.0, 2.0, 1.0])), None, "too few");
        assert_eq!(kinds(&[0.0, f64::NAN, 0.0, 1.0]), None);
        assert!(kinds(&logs(&[1.0, 1.0, 2.0, 2.0])).is_some());
    }
}
