//! The talk's time: the timer, the plan, going on by itself, and what followers are told of all that.

use std::cell::OnceCell;
use std::time::Duration;

use super::panes::{KeyboardOwner, PaneSlot};
use super::{Mode, Place, StageEffect, Talk};
use crate::link::{MAX_NOTES, PaneShows, PaneState, StageState};
use crate::practice::{Moment, Recorder};
use greenroom_base::clock::{Elapsed, Stopwatch, millis};
use greenroom_deck::PaneId;
use greenroom_deck::plan::Plan;
use greenroom_pane as pane;

/// Longest reason for a run that did not start, in characters.
const MAX_WHISPER: usize = 400;

/// When the timer starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimerStart {
    /// With the first move.
    #[default]
    Move,
    /// When the talk opens.
    Open,
    /// By its key alone.
    Key,
}

/// Whether a talk goes on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Auto {
    /// It waits for the speaker.
    #[default]
    Off,
    /// Each slide has what the plan gives it.
    Plan,
    /// Each slide has so long, as in an Ignite talk.
    Every(Duration),
}

/// What is made of a deck when somebody asks, once.
#[derive(Debug, Default)]
pub(super) struct OnceMade {
    plan: OnceCell<Option<Plan>>,
    fingerprint: OnceCell<String>,
}

/// When the talk came to where it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Since {
    pub slide: Elapsed,
    pub step: Elapsed,
}

impl Talk {
    /// How long the talk should take, if its deck says so.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.made.plan.get_or_init(|| Plan::of(&self.deck)).as_ref()
    }

    /// Takes up a timer that had counted `elapsed` when the talk was left; `running` when it was never stopped.
    pub fn resume_timer(&mut self, elapsed: Duration, running: bool, now: Elapsed) {
        self.timer = Stopwatch::at(elapsed);
        if running {
            self.timer.start(now);
        }
    }

    /// The timer's reading, and whether it runs.
    #[must_use]
    pub fn timer(&self, now: Elapsed) -> (Duration, bool) {
        (self.timer.read(now), self.timer.is_running())
    }

    /// What happens from now on is a practice: its lines are asked to be written by [`StageEffect::LogPractice`].
    pub fn practise(&mut self, now: Elapsed) {
        self.practice = Some(Recorder::default());
        self.log_practice(now);
    }

    /// Asks for the last lines of the practice, if this is one: the talk is ended.
    pub fn end_practice(&mut self, now: Elapsed) {
        let moment = self.moment(now);
        let lines = self.practice.take().map(|mut practice| practice.end(moment, now)).unwrap_or_default();
        for line in lines {
            self.ask_stage(StageEffect::LogPractice(line));
        }
    }

    /// Asks for a line of the practice, when a step has been left.
    pub(super) fn log_practice(&mut self, now: Elapsed) {
        if self.practice.is_none() {
            return;
        }
        let moment = self.moment(now);
        if let Some(line) = self.practice.as_mut().and_then(|practice| practice.see(moment, now)) {
            self.ask_stage(StageEffect::LogPractice(line));
        }
    }

    fn moment(&self, now: Elapsed) -> Moment {
        let Place { slide, step } = self.shown.place;
        let plays = |pane| self.panes.get(PaneId { slide, pane }).is_some_and(PaneSlot::is_busy);
        Moment {
            slide,
            step: usize::from(step),
            timer: self.timer.read(now),
            running: self.timer.is_running(),
            demo: (0..self.deck.panes(slide).len()).any(plays),
        }
    }

    pub(super) fn toggle_timer(&mut self, now: Elapsed) {
        if self.timer.is_running() {
            self.timer.pause(now);
            self.notify("The timer is paused", now);
        } else {
            self.timer.start(now);
            self.notify("The timer runs", now);
        }
    }

    pub(super) fn reset_timer(&mut self, now: Elapsed) {
        self.timer.reset();
        self.notify("The timer is back at 0:00", now);
    }

    /// The talk has come to another place.
    pub(super) fn arrived(&mut self, before: Place, now: Elapsed) {
        if self.shown.place.slide != before.slide {
            self.since.slide = now;
        }
        self.since.step = now;
    }

    /// How long a step stands before the talk goes on by itself.
    fn stands(&self) -> Option<Duration> {
        let whole = match self.settings.auto {
            Auto::Off => return None,
            Auto::Every(time) => time,
            Auto::Plan => {
                let slide = self.shown.place.slide;
                self.plan()
                    .and_then(|plan| plan.budgets.get(slide).copied())
                    .unwrap_or(Duration::from_secs(20))
            }
        };
        let last = self.shown.place.slide + 1 == self.deck.slides.len()
            && self.shown.place.step == self.slide().last_step;
        (!last && self.timer.is_running()).then(|| whole / (u32::from(self.slide().last_step) + 1))
    }

    /// When the talk goes on by itself.
    pub(super) fn goes_on_at(&self) -> Option<Elapsed> {
        self.stands().map(|time| self.since.step + time)
    }

    /// How the talk stands against its plan, for the footer: `0:40 behind`.
    #[must_use]
    pub fn pace(&self, now: Elapsed) -> Option<String> {
        self.plan().map(|plan| pace(plan.behind(self.shown.place.slide, self.timer.read(now))))
    }

    /// What those who follow the talk are told.
    #[must_use]
    pub fn state(&self, now: Elapsed) -> StageState {
        let Place { slide, step } = self.shown.place;
        let elapsed = self.timer.read(now);
        let plan = self.plan();
        let section = plan.and_then(|plan| plan.sections.get(plan.section_of(slide)?));
        let mut notes = self.slide().notes.clone();
        if notes.len() > MAX_NOTES {
            let end = (0..=MAX_NOTES).rev().find(|end| notes.is_char_boundary(*end)).unwrap_or(0);
            notes.truncate(end);
            notes.push_str("\n\n…");
        }
        StageState {
            deck: self.made.fingerprint.get_or_init(|| self.deck.fingerprint()).clone(),
            slide,
            slides: self.deck.slides.len(),
            step: usize::from(step),
            last_step: usize::from(self.slide().last_step),
            title: self.deck.name(slide),
            next: if slide + 1 < self.deck.slides.len() { self.deck.name(slide + 1) } else { String::new() },
            section: self.slide().section,
            notes,
            over: over(&self.mode).to_owned(),
            elapsed: millis(elapsed),
            running: self.timer.is_running(),
            on_slide: millis(now.since(self.since.slide)),
            slide_budget: plan.and_then(|plan| plan.budgets.get(slide)).map(|budget| millis(*budget)),
            section_ends: section.map(|section| millis(section.end)),
            behind: plan.map(|plan| plan.behind(slide, elapsed)),
            behind_section: plan.map(|plan| plan.behind_section(slide, elapsed)),
            total: plan.map(|plan| millis(plan.total())),
            tapes_only: self.panes.no_run,
            panes: self.pane_states(),
        }
    }

    fn pane_states(&self) -> Vec<PaneState> {
        let slide = self.shown.place.slide;
        let state = |pane| {
            let slot = self.panes.get(PaneId { slide, pane })?;
            let focused = self.panes.focus == Some(PaneId { slide, pane });
            let script = slot.script_status().or_else(|| slot.script_to_come());
            Some(PaneState {
                title: slot.spec.demo.title.clone().unwrap_or_else(|| slot.spec.id.clone()),
                shows: shows(slot),
                says: slot.pane().state().says(),
                focused,
                from_afar: focused && self.panes.hand == KeyboardOwner::Afar,
                whisper: slot.whisper.as_deref().map(whisper).unwrap_or_default(),
                script: script.as_ref().map(|script| whisper(&script.says())).unwrap_or_default(),
                script_note: script.map(|script| whisper(&script.note)).unwrap_or_default(),
            })
        };
        (0..self.deck.panes(slide).len()).filter_map(state).collect()
    }
}

/// A distance from the plan in milliseconds, in words: `0:40 behind`, `1:05 ahead`, `on plan`.
#[must_use]
pub fn pace(behind: i64) -> String {
    let secs = behind.unsigned_abs() / 1000;
    let clock = format!("{}:{:02}", secs / 60, secs % 60);
    match (secs, behind > 0) {
        (0, _) => "on plan".to_owned(),
        (_, true) => format!("{clock} behind"),
        (_, false) => format!("{clock} ahead"),
    }
}

fn shows(slot: &PaneSlot) -> PaneShows {
    if slot.is_replaying() {
        return PaneShows::Recording;
    }
    match slot.pane().state() {
        pane::RunStatus::Idle => PaneShows::Idle,
        pane::RunStatus::Starting | pane::RunStatus::Stopping => PaneShows::Changing,
        pane::RunStatus::Running => PaneShows::Live,
        pane::RunStatus::Ended(_) => PaneShows::Ended,
        pane::RunStatus::Replaying => PaneShows::Recording,
    }
}

/// What a speaker is told in a line or two.
fn whisper(reason: &str) -> String {
    reason.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_WHISPER).collect()
}

fn over(mode: &Mode) -> &'static str {
    match mode {
        Mode::Slide => "",
        Mode::Overview(_) => "overview",
        Mode::Goto(_) => "go to",
        Mode::Search(..) => "search",
        Mode::Sections => "sections",
        Mode::Help(_) => "help",
        Mode::Blank => "blank",
        Mode::Join => "audience",
        Mode::Consent(_) => "question",
    }
}
