//! Leaving a talk by key: once it is on, the key is asked for twice.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::panes::{KeyboardOwner, PaneSlot};
use super::{Place, StageEffect, Talk};
use crate::keys::Key;
use greenroom_base::clock::Elapsed;

/// How long the question stands.
const ASKED: Duration = Duration::from_secs(5);

/// The question in the footer: the key has been pressed once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaving {
    key: KeyEvent,
    until: Elapsed,
}

impl Talk {
    /// Leaves when nothing would be lost, or when the question still stands; otherwise asks it. A key that is held down
    /// asks, and does not answer.
    pub(super) fn leave(&mut self, key: KeyEvent, asked: Option<Leaving>, now: Elapsed) {
        let answered = asked.is_some() && key.kind != KeyEventKind::Repeat;
        if answered || !self.is_on() {
            return self.ask_stage(StageEffect::Quit);
        }
        self.half = None;
        self.leaving = Some(Leaving { key, until: now + ASKED });
    }

    /// Asks the stage to stop the process, as its own keyboard or a signal says; nobody else may.
    pub fn suspend(&mut self) {
        if self.hand == KeyboardOwner::Here {
            self.ask_stage(StageEffect::Suspend);
        }
    }

    /// Whether the talk has begun, so that leaving it by mistake would be seen.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.shown.place != Place::default() || self.timer.has_started() || self.runs_something()
    }

    /// Whether a program runs, or is about to on the slide that shows.
    fn runs_something(&self) -> bool {
        self.any_running()
            || self.visible().iter().any(|id| self.panes.get(*id).is_some_and(PaneSlot::is_running))
    }

    /// The question, for as long as it stands.
    pub(super) fn asked_to_leave(&mut self, now: Elapsed) -> Option<Leaving> {
        self.leaving.take().filter(|leaving| now < leaving.until)
    }

    /// When the question goes away.
    pub(super) fn question_ends(&self, now: Elapsed) -> Option<Elapsed> {
        self.leaving.map(|leaving| leaving.until).filter(|until| now < *until)
    }

    /// The question whether to leave, for the footer, while it stands.
    #[must_use]
    pub fn question(&self, now: Elapsed) -> Option<String> {
        let leaving = self.leaving.filter(|leaving| now < leaving.until)?;
        let key = Key::pressed(leaving.key).named();
        let ends = if self.runs_something() { " and stops what runs" } else { "" };
        let resumes = if self.settings.keeps_place { " · --resume continues from here" } else { "" };
        Some(format!("{key} again leaves{ends}{resumes}"))
    }
}

/// Whether `key` is Ctrl-C.
pub(super) fn is_interrupt(key: KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL)
}
