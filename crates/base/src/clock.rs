//! Time as a value: nothing here, or in any crate that only holds values, asks the machine what time it is.

use std::ops::{Add, Sub};
use std::time::Duration;

/// Time since something began (the program, a talk, a run), in whole microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Elapsed(u64);

impl Elapsed {
    /// The beginning.
    pub const ZERO: Self = Self(0);

    /// `micros` microseconds since the beginning.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// `millis` milliseconds since the beginning.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// `secs` seconds since the beginning.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Whole microseconds.
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Whole seconds, rounded down.
    #[must_use]
    pub const fn secs(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The time from `earlier` to `self`; zero when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl From<Duration> for Elapsed {
    fn from(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
    }
}

impl Add<Duration> for Elapsed {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(Self::from(duration).0))
    }
}

impl Sub<Duration> for Elapsed {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(Self::from(duration).0))
    }
}

/// Measures how long a talk has been going: it starts once, pauses, resumes and resets.
///
/// Every call is told what time it is, so that a test or a replay needs no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stopwatch {
    banked: Duration,
    running_since: Option<Elapsed>,
}

impl Stopwatch {
    /// Whether time is being counted.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.running_since.is_some()
    }

    /// Whether it has been started since it was made or reset.
    #[must_use]
    pub fn has_started(&self) -> bool {
        self.is_running() || !self.banked.is_zero()
    }

    /// One that has counted `time` already, stopped.
    #[must_use]
    pub const fn at(time: Duration) -> Self {
        Self { banked: time, running_since: None }
    }

    /// Starts or resumes; does nothing while running.
    pub fn start(&mut self, now: Elapsed) {
        self.running_since.get_or_insert(now);
    }

    /// Stops counting and keeps what has been counted.
    pub fn pause(&mut self, now: Elapsed) {
        self.banked = self.read(now);
        self.running_since = None;
    }

    /// Back to zero, stopped.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The time counted so far.
    #[must_use]
    pub fn read(&self, now: Elapsed) -> Duration {
        self.banked + self.running_since.map_or(Duration::ZERO, |since| now.since(since))
    }
}

/// Whole milliseconds of a length of time.
#[must_use]
pub fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A length of time as a clock shows it, in whole seconds: `4:09`, `1:05:09`.
#[must_use]
pub fn hands(time: Duration) -> String {
    let secs = time.as_secs();
    match secs / 3600 {
        0 => format!("{}:{:02}", secs / 60, secs % 60),
        hours => format!("{hours}:{:02}:{:02}", secs / 60 % 60, secs % 60),
    }
}

/// The day that is `seconds` after the beginning of 1970, `2026-11-23`, in UTC.
#[must_use]
pub fn date(seconds: u64) -> String {
    // From days since 1970 to a date, in the 400-year cycles of the Gregorian calendar, which here begin on 1 March,
    // so that the leap day comes last.
    let shifted = seconds / 86_400 + 719_468;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + shifted / 146_097 * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopwatch_counts_only_while_it_runs() {
        let mut watch = Stopwatch::default();
        assert!(!watch.has_started());
        watch.start(Elapsed::from_secs(10));
        watch.start(Elapsed::from_secs(12));
        assert_eq!(watch.read(Elapsed::from_secs(15)), Duration::from_secs(5));
        watch.pause(Elapsed::from_secs(20));
        assert_eq!(watch.read(Elapsed::from_secs(99)), Duration::from_secs(10));
        watch.start(Elapsed::from_secs(100));
        assert_eq!(watch.read(Elapsed::from_secs(101)), Duration::from_secs(11));
        watch.reset();
        assert!(!watch.has_started());
    }

    #[test]
    fn a_clock_that_jumps_back_counts_nothing() {
        let mut watch = Stopwatch::default();
        watch.start(Elapsed::from_secs(10));
        assert_eq!(watch.read(Elapsed::from_secs(3)), Duration::ZERO);
    }
}
