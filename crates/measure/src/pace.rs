//! Sends the beats of an open loop, on a thread that does nothing else: an async timer is late by a millisecond.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// How the beats went.
pub(crate) struct Paced {
    /// How late each was, in microseconds.
    pub lag: Histogram<u64>,
    /// Beats that nobody could take.
    pub lost: u64,
}

/// How long an open loop goes on at most after its time.
pub(crate) const MAX_OVERTIME: Duration = Duration::from_secs(2);

/// Gives `due` the time of each request since `start`, `rate` times a second for `length`, and on until `answered` says that all which were
/// due in that time have their answer, for up to [`MAX_OVERTIME`]: a turn is shorter than a freeze may be, and whoever stopped asking at its
/// end would not see what those who came then had waited.
pub(crate) fn send(
    due: &Sender<Duration>,
    start: Instant,
    length: Duration,
    rate: f64,
    answered: &AtomicU64,
) -> Paced {
    greenroom_system::os::precise_timers();
    let mut paced = Paced { lag: latencies(), lost: 0 };
    let rate = rate.clamp(0.01, 1e6);
    let mut sent_in_time = 0;
    for beat in 0_u32.. {
        let meant = Duration::from_secs_f64(f64::from(beat) / rate);
        let in_time = meant < length;
        if !in_time {
            wait_until(start + length);
            if answered.load(Ordering::Relaxed) >= sent_in_time || meant >= length + MAX_OVERTIME {
                break;
            }
        }
        wait_until(start + meant);
        let late = start.elapsed().saturating_sub(meant);
        paced.lag.saturating_record(u64::try_from(late.as_micros()).unwrap_or(u64::MAX).max(1));
        match due.try_send(meant) {
            Ok(()) => sent_in_time += u64::from(in_time),
            Err(TrySendError::Full(_)) => paced.lost += 1,
            Err(TrySendError::Closed(_)) => break,
        }
    }
    paced
}

fn wait_until(moment: Instant) {
    if let Some(wait) = moment.checked_duration_since(Instant::now()) {
        std::thread::sleep(wait);
    }
}

/// A histogram of microseconds up to ten minutes, with 2 significant digits: 20 KB.
#[must_use]
#[allow(clippy::missing_panics_doc)] // the bounds are constant, and valid
pub(crate) fn latencies() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 600_000_000, 2).expect("1 <= low, 2 * low <= high, 2 digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_millis(50);

    #[test]
    fn beats_end_with_their_time_where_all_is_answered() {
        let (due, mut waiting) = tokio::sync::mpsc::channel(1000);
        let paced = send(&due, Instant::now(), LENGTH, 1000.0, &AtomicU64::new(50));
        drop(due);
        assert_eq!((std::iter::from_fn(|| waiting.blocking_recv()).count(), paced.lag.len()), (50, 50));
    }

    #[test]
    fn beats_go_on_until_the_last_that_was_due_in_time_is_answered() {
        let (due, mut waiting) = tokio::sync::mpsc::channel(10_000);
        let answered = &AtomicU64::new(49);
        let (late, last) = std::thread::scope(|scope| {
            scope.spawn(move || send(&due, Instant::now(), LENGTH, 1000.0, answered));
            let mut beats = std::iter::from_fn(|| waiting.blocking_recv());
            let late = beats.find(|meant| *meant >= 4 * LENGTH);
            answered.store(50, Ordering::Relaxed);
            (late, beats.last())
        });
        assert!(late.is_some(), "the beats ended while one was not answered");
        assert!(last.is_none_or(|last| last < MAX_OVERTIME), "they went on to {last:?}");
    }

    #[test]
    fn beats_end_some_time_where_a_server_is_never_done() {
        let (due, mut waiting) = tokio::sync::mpsc::channel(10_000);
        send(&due, Instant::now(), LENGTH, 100.0, &AtomicU64::new(0));
        drop(due);
        let last = std::iter::from_fn(|| waiting.blocking_recv()).last();
        assert_eq!(last.map(|last| last + Duration::from_millis(10)), Some(LENGTH + MAX_OVERTIME));
    }

    #[test]
    fn beats_end_where_nobody_takes_them() {
        let (due, waiting) = tokio::sync::mpsc::channel(10);
        drop(waiting);
        assert_eq!(send(&due, Instant::now(), LENGTH, 1000.0, &AtomicU64::new(0)).lost, 0);
    }
}
