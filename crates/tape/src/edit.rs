//! Changing the times of a tape: long pauses shortened, everything faster or slower.

use std::time::Duration;

use greenroom_base::clock::Elapsed;
use greenroom_base::run::Event;

/// How the times of a tape are changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edit {
    /// No pause is longer than this.
    pub idle_limit: Option<Duration>,
    /// 2 is twice as fast. Outside of 0.05 to 100 it is moved to the nearer end.
    pub speed: f64,
}

impl Default for Edit {
    fn default() -> Self {
        Self { idle_limit: None, speed: 1.0 }
    }
}

/// Applies an [`Edit`] to the events of a tape, in their order.
#[derive(Debug, Clone, Copy)]
pub struct Editor {
    edit: Edit,
    before: Elapsed,
    after: Elapsed,
}

impl Editor {
    /// At the beginning of a tape.
    #[must_use]
    pub const fn new(edit: Edit) -> Self {
        Self { edit, before: Elapsed::ZERO, after: Elapsed::ZERO }
    }

    /// The event at its new time.
    #[must_use]
    pub fn event(&mut self, event: Event) -> Event {
        let mut pause = event.at.since(self.before);
        if let Some(limit) = self.edit.idle_limit {
            pause = pause.min(limit);
        }
        self.before = self.before.max(event.at);
        self.after = self.after + scale(pause, 1.0 / clamp_speed(self.edit.speed));
        Event { at: self.after, what: event.what }
    }
}

pub(super) fn clamp_speed(speed: f64) -> f64 {
    if speed.is_nan() { 1.0 } else { speed.clamp(0.05, 100.0) }
}

/// `duration` times `factor`, exact when the factor is 1.
pub(super) fn scale(duration: Duration, factor: f64) -> Duration {
    #[allow(clippy::float_cmp)] // exactly 1 is the common case, and must not round
    if factor == 1.0 {
        return duration;
    }
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_base::run::What;

    fn times(edit: Edit, seconds: &[u64]) -> Vec<u64> {
        let mut editor = Editor::new(edit);
        let event = |at: &u64| Event { at: Elapsed::from_secs(*at), what: What::Marker(String::new()) };
        seconds.iter().map(|at| editor.event(event(at)).at.micros() / 1000).collect()
    }

    #[test]
    fn pauses_are_cut_and_speed_divides() {
        let plain = Edit::default();
        assert_eq!(times(plain, &[1, 2, 50]), [1000, 2000, 50_000]);
        let idle = Edit { idle_limit: Some(Duration::from_secs(2)), ..plain };
        assert_eq!(times(idle, &[1, 30, 31]), [1000, 3000, 4000]);
        assert_eq!(times(Edit { speed: 4.0, ..idle }, &[1, 30, 31]), [250, 750, 1000]);
        assert_eq!(times(Edit { speed: 0.0, ..plain }, &[1]), [20_000]);
        assert_eq!(times(Edit { speed: f64::NAN, ..plain }, &[5, 1]), [5000, 5000]);
    }
}
