//! What is written while a talk is practised.

use std::time::Duration;

use super::{PracticeEntry, Visit};
use greenroom_base::clock::{Elapsed, millis};

/// Watches a talk, and says what is to be written of it.
#[derive(Debug, Default)]
pub struct Recorder {
    visit: Option<Visit>,
    now: Elapsed,
    timer: Duration,
    demo: bool,
    paused: bool,
    /// Shares of a millisecond that have not been counted yet.
    rest: Duration,
}

/// A talk at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moment {
    /// The slide, from 0.
    pub slide: usize,
    /// Reveals on it.
    pub step: usize,
    /// What the timer says.
    pub timer: Duration,
    /// Whether it runs.
    pub running: bool,
    /// Whether a demo plays.
    pub demo: bool,
}

impl Recorder {
    /// Takes in how the talk stands at `now`; a line when a step has been left.
    pub fn see(&mut self, moment: Moment, now: Elapsed) -> Option<PracticeEntry> {
        let wall = now.since(self.now);
        // A timer that was set back has counted nothing.
        let counted = moment.timer.saturating_sub(self.timer);
        let paused = std::mem::replace(&mut self.paused, !moment.running && !moment.timer.is_zero());
        let demo = std::mem::replace(&mut self.demo, moment.demo);
        (self.now, self.timer) = (now, moment.timer);
        let Some(visit) = &mut self.visit else {
            self.visit = Some(Visit { slide: moment.slide, step: moment.step, ..Visit::default() });
            return None;
        };
        self.rest += counted;
        let whole = millis(self.rest);
        self.rest = self.rest.saturating_sub(Duration::from_millis(whole));
        visit.ms += whole;
        visit.demo_ms += if demo { millis(wall) } else { 0 };
        visit.paused_ms += if paused { millis(wall) } else { 0 };
        let place = (moment.slide, moment.step);
        let before = (visit.slide, visit.step);
        if place == before {
            return None;
        }
        let next = Visit { slide: moment.slide, step: moment.step, back: place < before, ..Visit::default() };
        self.visit.replace(next).map(PracticeEntry::Visit)
    }

    /// The last lines: the talk is ended.
    pub fn end(&mut self, moment: Moment, now: Elapsed) -> Vec<PracticeEntry> {
        let left = self.see(moment, now);
        let last = self.visit.take().map(PracticeEntry::Visit);
        left.into_iter().chain(last).chain([PracticeEntry::End {}]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(slide: usize, timer: u64, running: bool) -> Moment {
        Moment { slide, timer: Duration::from_secs(timer), running, ..Moment::default() }
    }

    #[test]
    fn time_counts_where_it_was_spent() {
        let mut recorder = Recorder::default();
        let secs = Elapsed::from_secs;
        assert_eq!(recorder.see(at(0, 0, false), secs(5)), None);
        assert_eq!(recorder.see(at(0, 0, false), secs(9)), None, "nothing counts before the timer runs");
        let first = recorder.see(at(1, 0, true), secs(10));
        assert_eq!(first, Some(PracticeEntry::Visit(Visit::default())));
        assert_eq!(recorder.see(Moment { demo: true, ..at(1, 3, true) }, secs(13)), None);
        assert_eq!(recorder.see(at(1, 7, true), secs(17)), None);
        assert_eq!(recorder.see(at(1, 7, false), secs(17)), None);
        let second = recorder.see(at(0, 7, false), secs(20));
        let visit = Visit { slide: 1, ms: 7_000, demo_ms: 4_000, paused_ms: 3_000, ..Visit::default() };
        assert_eq!(second, Some(PracticeEntry::Visit(visit)));
        // The timer is set back to zero.
        let lines = recorder.end(at(0, 0, false), secs(21));
        assert_eq!(
            lines,
            [
                PracticeEntry::Visit(Visit { paused_ms: 1_000, back: true, ..Visit::default() }),
                PracticeEntry::End {}
            ]
        );
    }
}
