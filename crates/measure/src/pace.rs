//! Sends the beats of an open loop, on a thread that does nothing else: an async timer is late by a millisecond.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::sync::mpsc::Sender;

/// How the beats went.
pub(crate) struct Paced {
    /// How late each was, in microseconds.
    pub lag: Histogram<u64>,
    /// Beats that nobody could take.
    pub lost: u64,
}

/// Gives `due` the time of each request since `start`, `rate` times a second for `length`.
pub(crate) fn send(due: &Sender<Duration>, start: Instant, length: Duration, rate: f64) -> Paced {
    greenroom_system::os::precise_timers();
    let mut paced = Paced { lag: latencies(), lost: 0 };
    let rate = rate.clamp(0.01, 1e6);
    for beat in 0_u32.. {
        let meant = Duration::from_secs_f64(f64::from(beat) / rate);
        if meant >= length {
            break;
        }
        if let Some(wait) = meant.checked_sub(start.elapsed()) {
            std::thread::sleep(wait);
        }
        let late = start.elapsed().saturating_sub(meant);
        paced.lag.saturating_record(u64::try_from(late.as_micros()).unwrap_or(u64::MAX).max(1));
        match due.try_send(meant) {
            Ok(()) => {}
            Err(tokio::sync::mpsc::error::TrySendError::Full(_)) => paced.lost += 1,
            Err(tokio::sync::mpsc::error::TrySendError::Closed(_)) => break,
        }
    }
    paced
}

/// A histogram of microseconds up to ten minutes, with 2 significant digits: 20 KB.
#[must_use]
#[allow(clippy::missing_panics_doc)] // the bounds are constant, and valid
pub(crate) fn latencies() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 600_000_000, 2).expect("1 <= low, 2 * low <= high, 2 digits")
}
