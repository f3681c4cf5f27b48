//! When memory that was under load counts as flat.
//!
//! A server that has just started grows with each new kind of object that it keeps: caches, pools, free lists of its allocator.
//! What it costs is what it has come to, so that a reading after some seconds says little. The rule: a reading a second under
//! load, and the mean of the last ten is within 1 % of that of the ten before. One that still grows by more than a megabyte in
//! ten seconds is not flat then, and the jitter of single readings, some tenths of a percent, does not matter.

/// How many readings are averaged.
const WINDOW: usize = 10;
/// By how much one window's mean may differ from the one before.
const BAND: f64 = 0.01;

/// Whether readings of memory, one for each second under load, have got flat at their end.
#[must_use]
pub fn is_flat(kib: &[u64]) -> bool {
    let Some(tail) = kib.len().checked_sub(2 * WINDOW).and_then(|start| kib.get(start..)) else {
        return false;
    };
    let (before, last) = tail.split_at(WINDOW);
    let (before, last) = (mean(before), mean(last));
    before > 0.0 && (last / before - 1.0).abs() <= BAND
}

#[allow(clippy::cast_precision_loss)] // kibibytes of a process stay far below 2^52
fn mean(kib: &[u64]) -> f64 {
    kib.iter().map(|kib| *kib as f64).sum::<f64>() / kib.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_stopped_growing_is_flat() {
        let rising = |step: u64| (0..40).map(|second| 80_000 + second * step).collect::<Vec<u64>>();
        assert!(!is_flat(&rising(1000)), "a megabyte a second");
        assert!(!is_flat(&rising(100)), "a megabyte in ten seconds");
        assert!(is_flat(&rising(50)), "half of that");
        assert!(!is_flat(&rising(0)[..19]), "too few readings to tell");
        assert!(is_flat(&rising(0)));
        // It grows, and then it does not.
        let levels: Vec<u64> = (0..60).map(|second: u64| 80_000 + second.min(30) * 1000).collect();
        assert!(!is_flat(&levels[..35]) && is_flat(&levels[..55]));
        // Jitter of half a percent.
        let jitter: Vec<u64> = (0..40).map(|second| 100_000 + second % 2 * 500).collect();
        assert!(is_flat(&jitter));
        assert!(!is_flat(&[0; 40]), "nothing was read");
    }
}
