//! Practices of a talk: what is written of each, and what they add up to.
//!
//! A history is one JSON object in a line. The first says what was practised and against which plan ([`Begin`]), one
//! follows for every step that was shown ([`Visit`]), and the last says that the talk was ended ([`PracticeEntry::End`]). A
//! line is written when its step is left, so that a crash loses the current step alone. Lengths of time are in milliseconds.

mod outline_edit;
mod recorder;
mod report;
mod suggest;

pub use outline_edit::with_minutes;
pub use recorder::{Moment, Recorder};
pub use report::report;
pub use suggest::{is_whole, suggest};

use std::time::Duration;

use serde::{Deserialize, Serialize};

use greenroom_base::clock::millis;
use greenroom_deck::Deck;
use greenroom_deck::plan::Plan;

/// The version that is written, and the newest that is read.
pub const VERSION: u32 = 1;

/// A line of a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PracticeEntry {
    /// What is practised.
    Begin(Box<Begin>),
    /// A step that was shown.
    Visit(Visit),
    /// The talk was ended.
    End {},
}

impl PracticeEntry {
    /// The line, with its end.
    #[must_use]
    pub fn text(&self) -> String {
        // Strings and numbers only: this cannot fail.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

/// What is practised, and against which plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Begin {
    /// [`VERSION`].
    pub version: u32,
    /// The talk's title.
    pub title: String,
    /// When, in seconds from the beginning of 1970.
    pub began: u64,
    /// What the whole talk may take.
    pub total_ms: Option<u64>,
    /// The titles of its sections.
    pub sections: Vec<String>,
    /// Its slides, in order.
    pub slides: Vec<Planned>,
}

/// A slide, and what the plan gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Planned {
    /// Its title.
    pub title: String,
    /// The section that it counts with, from 0.
    pub section: Option<usize>,
    /// What it may take; none without a plan, 0 for slides that wait for questions.
    pub ms: Option<u64>,
}

impl Begin {
    /// What is written before `deck` is practised, at `began` seconds from the beginning of 1970.
    #[must_use]
    pub fn of(deck: &Deck, plan: Option<&Plan>, began: u64) -> Self {
        let mut last = None;
        let planned = |slide: usize| {
            last = deck.slides.get(slide).and_then(|slide| slide.section).or(last);
            let first = (!deck.outline.sections.is_empty()).then_some(0);
            Planned {
                title: deck.name(slide),
                section: plan.and_then(|plan| plan.section_of(slide)).or(last).or(first),
                ms: plan.and_then(|plan| plan.budgets.get(slide)).map(|time| millis(*time)),
            }
        };
        Self {
            version: VERSION,
            title: deck.outline.title.clone(),
            began,
            total_ms: plan.map(|plan| millis(plan.total())),
            sections: deck.outline.sections.iter().map(|section| section.title.clone()).collect(),
            slides: (0..deck.slides.len()).map(planned).collect(),
        }
    }
}

/// A step that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Visit {
    /// The slide, from 0.
    pub slide: usize,
    /// Reveals on it.
    pub step: usize,
    /// How long, by the talk's timer.
    pub ms: u64,
    /// How long a demo played meanwhile.
    pub demo_ms: u64,
    /// How long the timer was paused meanwhile.
    pub paused_ms: u64,
    /// The speaker went back to it.
    pub back: bool,
}

/// A practice, as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Practice {
    /// What was practised.
    pub begin: Begin,
    /// What was shown, in order.
    pub visits: Vec<Visit>,
    /// Whether its speaker ended it; otherwise it was cut off.
    pub ended: bool,
    /// Lines, from 1, that cannot be understood and were passed over.
    pub damaged: Vec<usize>,
}

impl Practice {
    /// Reads a history.
    ///
    /// # Errors
    /// When its first line does not say what was practised. Any other line that is damaged is passed over.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate();
        let first = lines.next().map_or("", |(_, line)| line);
        let mut practice = match serde_json::from_str(first) {
            Ok(PracticeEntry::Begin(begin)) if begin.version > VERSION => {
                return Err(format!("it was written by a newer greenroom (version {})", begin.version));
            }
            Ok(PracticeEntry::Begin(begin)) => Self { begin: *begin, ..Self::default() },
            _ => return Err("its first line is not the beginning of a practice".to_owned()),
        };
        for (number, line) in lines {
            match serde_json::from_str(line) {
                Ok(PracticeEntry::Visit(visit)) if visit.slide < practice.begin.slides.len() => {
                    practice.visits.push(visit);
                }
                Ok(PracticeEntry::End {}) => practice.ended = true,
                _ => practice.damaged.push(number + 1),
            }
        }
        Ok(practice)
    }

    /// Its day, `2026-11-23`.
    #[must_use]
    pub fn day(&self) -> String {
        greenroom_base::clock::date(self.begin.began)
    }

    /// How long it took, pauses left out.
    #[must_use]
    pub fn total(&self) -> Duration {
        Duration::from_millis(self.visits.iter().map(|visit| visit.ms).sum())
    }

    /// How long slide `index` was shown.
    #[must_use]
    pub fn slide(&self, index: usize) -> Duration {
        Duration::from_millis(
            self.visits.iter().filter(|visit| visit.slide == index).map(|visit| visit.ms).sum(),
        )
    }

    /// How long slide `index` was shown at this step.
    #[must_use]
    pub fn step(&self, index: usize, step: usize) -> Duration {
        let visits = self.visits.iter().filter(|visit| (visit.slide, visit.step) == (index, step));
        Duration::from_millis(visits.map(|visit| visit.ms).sum())
    }

    /// What the plan gave section `number`.
    #[must_use]
    pub fn planned(&self, number: usize) -> Option<Duration> {
        let slides = self.begin.slides.iter().filter(|slide| slide.section == Some(number));
        let times: Option<Vec<u64>> = slides.map(|slide| slide.ms).collect();
        times.map(|times| Duration::from_millis(times.iter().sum()))
    }

    /// How long section `number` took; none when the practice did not come to its end.
    #[must_use]
    pub fn section(&self, number: usize) -> Option<Duration> {
        let owner = |slide: usize| self.begin.slides.get(slide).and_then(|slide| slide.section);
        let counted = |index: &usize| {
            owner(*index) == Some(number)
                && self.begin.slides.get(*index).is_some_and(|slide| slide.ms != Some(0))
        };
        let last = (0..self.begin.slides.len()).rev().find(counted)?;
        self.visits.iter().any(|visit| visit.slide >= last).then(|| {
            let inside = self.visits.iter().filter(|visit| owner(visit.slide) == Some(number));
            Duration::from_millis(inside.map(|visit| visit.ms).sum())
        })
    }
}
