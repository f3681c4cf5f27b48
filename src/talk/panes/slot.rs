//! One pane of a talk: its run, its recording, and what it waits for.

use crate::deck::{DemoKind, PaneSpec};
use crate::pane::{Generation, Palette, Pane, State};
use crate::run::{Exit, Size};

/// A pane that has been on screen.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // each waits for something of its own
pub(in crate::talk) struct Held {
    pub spec: PaneSpec,
    pub pane: Pane,
    pub(super) tape: Tape,
    /// It starts when the pane before it has ended.
    pub(super) waiting: bool,
    /// A start that waits until the run before has gone.
    pub(super) due: Option<Generation>,
    /// Its slide was left before it had started.
    pub(super) unwanted: bool,
    /// It has been on screen since its slide was entered.
    pub met: bool,
    /// The next run is recorded; this one is.
    pub(super) tape_next: bool,
    pub(super) taping: bool,
    /// Nothing of the tape has been written yet; a part of it is being written.
    pub(super) tape_begins: bool,
    pub(super) writing: bool,
    /// The deck's commands wait for the person's agreement.
    pub(super) asks: Option<Generation>,
    /// What it runs in is missing, and can be set up; this run sets it up.
    pub(super) lacks_setup: bool,
    pub(super) sets_up: bool,
}

/// What is known of a pane's recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tape {
    /// The deck names none.
    None,
    /// Nobody has looked yet.
    Unknown,
    /// It cannot be played.
    Missing,
    /// It is there, and was made on this day.
    Found(Option<String>),
}

impl Held {
    pub(super) fn new(spec: PaneSpec, size: Size, palette: Palette) -> Self {
        let pane = Pane::of(spec.demo.kind, size, palette);
        let tape = if spec.demo.tape.is_some() { Tape::Unknown } else { Tape::None };
        Self {
            spec,
            pane,
            tape,
            waiting: false,
            due: None,
            unwanted: false,
            met: false,
            asks: None,
            lacks_setup: false,
            sets_up: false,
            tape_next: false,
            taping: false,
            tape_begins: false,
            writing: false,
        }
    }

    pub fn is_running(&self) -> bool {
        matches!(self.pane.state(), State::Starting | State::Running | State::Stopping)
    }

    pub fn is_replaying(&self) -> bool {
        *self.pane.state() == State::Replaying
    }

    /// Whether something happens in it: a program runs, or a recording plays.
    pub fn is_busy(&self) -> bool {
        self.is_running() || self.pane.tape().is_some_and(crate::tape::Player::is_playing)
    }

    /// Whether its recording can be tried; nothing that runs is given up for one that was not there.
    pub fn may_replay(&self) -> bool {
        match self.tape {
            Tape::None => false,
            Tape::Missing => !self.is_running(),
            Tape::Unknown | Tape::Found(_) => true,
        }
    }

    /// Whether what comes after it may start.
    pub(super) fn is_done(&self) -> bool {
        match self.pane.state() {
            State::Ended(exit) => !matches!(exit, Exit::Failed(_) | Exit::Stopped),
            State::Replaying => self.pane.tape().is_some_and(crate::tape::Player::is_over),
            _ => false,
        }
    }

    /// Whether what comes after it will not start by itself any more.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self.pane.state(), State::Idle | State::Ended(Exit::Failed(_) | Exit::Stopped))
            && !self.waiting
    }

    pub(super) fn fail(&mut self, reason: &str) {
        let generation = self.pane.generation();
        self.pane.fail(generation, reason);
    }

    /// Whether it shows a bench that has said something, whose charts can be gone through.
    pub fn shows_charts(&self) -> bool {
        self.pane.view().bench().is_some_and(crate::pane::BenchView::has_begun)
    }

    /// Whether there is something to run.
    pub(super) fn runs(&self) -> bool {
        let demo = &self.spec.demo;
        !demo.command.is_empty() || (demo.kind == DemoKind::Bench && demo.scenario.is_some())
    }
}
