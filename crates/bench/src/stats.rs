//! Intervals for ratios.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// What a run may be wrong about: 1 time in 20.
const DOUBT: f64 = 0.05;

/// A ratio, and where the true one lies with 95 % confidence, or with more where several share this ([`interval`]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The estimate: the geometric mean.
    pub ratio: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
    /// How many ratios it rests on.
    pub n: usize,
}

/// The interval of the ratios whose logarithms are `logs`, by Student's t-distribution: of launches' means, see
/// `launches`. With 12 values it covered the truth 10 times of 10 where a percentile bootstrap did 8 times.
///
/// A room reads all verdicts of a run, and any wrong one misleads it: `together` intervals are meant to hold their truths
/// at once with 95 % confidence, so that each gets its share of the doubt (Bonferroni's inequality, which needs no
/// independence: verdicts share variants). 1 for an interval by itself.
///
/// Nothing for fewer than two values.
#[must_use]
pub fn interval(logs: &[f64], together: usize) -> Option<Interval> {
    let Sample { n, mean, variance } = Sample::of(logs)?;
    let half = quantile(n - 1.0, together)? * (variance / n).sqrt();
    Some(Interval { ratio: mean.exp(), low: (mean - half).exp(), high: (mean + half).exp(), n: logs.len() })
}

/// Student's quantile for one of `together` two-sided intervals that hold at once with 95 % confidence.
pub(crate) fn quantile(freedom: f64, together: usize) -> Option<f64> {
    #[allow(clippy::cast_precision_loss)] // a few verdicts
    let share = DOUBT / together.max(1) as f64;
    Some(StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(1.0 - share / 2.0))
}

/// The interval of the ratio of two independent samples whose logarithms these are, the first over the second: Welch's,
/// for samples that may differ in size and spread.
///
/// Nothing when either has fewer than two.
#[must_use]
pub(crate) fn welch(over: &[f64], under: &[f64]) -> Option<Interval> {
    let (one, other) = (Sample::of(over)?, Sample::of(under)?);
    let (a, b) = (one.variance / one.n, other.variance / other.n);
    let difference = one.mean - other.mean;
    let error = (a + b).sqrt();
    let half = if error > 0.0 {
        // Welch and Satterthwaite's degrees of freedom.
        let freedom = (a + b).powi(2) / (a.powi(2) / (one.n - 1.0) + b.powi(2) / (other.n - 1.0));
        quantile(freedom, 1)? * error
    } else {
        0.0
    };
    Some(Interval {
        ratio: difference.exp(),
        low: (difference - half).exp(),
        high: (difference + half).exp(),
        n: over.len().min(under.len()),
    })
}

/// Number, mean and variance of some numbers.
pub(super) struct Sample {
    pub n: f64,
    pub mean: f64,
    pub variance: f64,
}

impl Sample {
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        #[allow(clippy::cast_precision_loss)] // there are never 2^52 blocks
        let n = values.len() as f64;
        if values.len() < 2 || values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        Some(Self { n, mean, variance })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_the_textbooks() {
        // Ratios 1.9, 2.0, 2.1, 2.0: mean of logs 0.692835, s = 0.040901, t(3) = 3.182446.
        let logs: Vec<f64> = [1.9_f64, 2.0, 2.1, 2.0].iter().map(|ratio| ratio.ln()).collect();
        let found = interval(&logs, 1).unwrap();
        assert!((found.ratio - 1.998_748).abs() < 1e-4, "{found:?}");
        assert!((found.low - 1.872_8).abs() < 1e-3, "{found:?}");
        assert!((found.high - 2.133_2).abs() < 1e-3, "{found:?}");
        assert_eq!(interval(&[0.1], 1), None);
        assert_eq!(interval(&[0.1, f64::NAN], 1), None);
    }

    #[test]
    fn several_verdicts_share_the_doubt() {
        // t(7) at 1 - 0.05 / 2, / 4 and / 12 of textbooks' tables (Bonferroni's t).
        for (together, expected) in [(1, 2.365), (2, 2.841), (6, 3.636)] {
            let found = quantile(7.0, together).unwrap();
            assert!((found - expected).abs() < 1e-3, "{together}: {found}");
        }
        let logs = [0.1, 0.2, 0.15, 0.12];
        let (alone, shared) = (interval(&logs, 1).unwrap(), interval(&logs, 6).unwrap());
        assert!(shared.low < alone.low && shared.high > alone.high && shared.n == 4);
        assert!((shared.ratio - alone.ratio).abs() < 1e-12);
    }

    #[test]
    fn welchs_interval_is_the_textbooks() {
        // Means 2 and 1, variances 1 and 1/6, of 3 and 4 values: 2.505 degrees of freedom, t = 3.5694.
        let found = welch(&[1.0, 2.0, 3.0], &[0.5, 1.0, 1.5, 1.0]).unwrap();
        let half = (found.high / found.low).ln() / 2.0;
        assert!((found.ratio.ln() - 1.0).abs() < 1e-9 && (half - 2.1858).abs() < 1e-3, "{found:?} {half}");
        let same = welch(&[0.0, 0.0], &[0.0, 0.0]).unwrap();
        assert!((same.low - 1.0).abs() < 1e-12 && (same.high - 1.0).abs() < 1e-12);
        assert_eq!(welch(&[1.0], &[1.0, 2.0]), None);
    }

    #[test]
    fn equal_ratios_leave_no_doubt() {
        let found = interval(&[0.0; 12], 1).unwrap();
        assert!((found.low - 1.0).abs() < 1e-12 && (found.high - 1.0).abs() < 1e-12);
    }
}
