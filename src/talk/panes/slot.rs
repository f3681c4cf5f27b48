//! One pane of a talk: its run, its recording, and what it waits for.

use super::ahead::Ahead;
use super::recording::Taping;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Exit, Size};
use greenroom_base::source::Control;
use greenroom_deck::{DemoKind, PaneSpec};
use greenroom_pane::{Generation, Palette, Pane, State};

/// A pane that has been on screen.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // each waits for something of its own
pub(in crate::talk) struct Held {
    pub spec: PaneSpec,
    /// What shows.
    pub pane: Pane,
    /// The run, while its recording shows in front of it.
    pub(super) behind: Option<Pane>,
    /// The last generation that either was given.
    pub(super) last: Generation,
    pub(super) taping: Taping,
    /// What was typed for the program before it listens.
    pub ahead: Ahead,
    /// Why it did not start: for the speaker, not for the room.
    pub whisper: Option<String>,
    pub(super) tape: Tape,
    /// It starts when the pane before it has ended.
    pub(super) waiting: bool,
    /// A start that waits until the run before has gone.
    pub(super) due: Option<Generation>,
    /// Its slide was left before it had started.
    pub(super) unwanted: bool,
    /// It has been on screen since its slide was entered.
    pub met: bool,
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
            behind: None,
            last: Generation::default(),
            taping: Taping::default(),
            ahead: Ahead::default(),
            whisper: None,
            tape,
            waiting: false,
            due: None,
            unwanted: false,
            met: false,
            asks: None,
            lacks_setup: false,
            sets_up: false,
        }
    }

    /// The run, whether it shows or its recording does.
    pub fn live(&self) -> &Pane {
        self.behind.as_ref().unwrap_or(&self.pane)
    }

    pub(super) fn live_mut(&mut self) -> &mut Pane {
        self.behind.as_mut().unwrap_or(&mut self.pane)
    }

    /// The run or the recording that this generation was given to.
    pub(super) fn of(&mut self, generation: Generation) -> Option<&mut Pane> {
        let panes = std::iter::once(&mut self.pane).chain(&mut self.behind);
        panes.into_iter().find(|pane| pane.generation() == generation)
    }

    /// A new run is on its way, and shows.
    pub(super) fn begin(&mut self, now: Elapsed) -> Generation {
        self.back();
        self.ahead.forget();
        self.whisper = None;
        self.taping.left(&self.pane);
        self.pane.begin_after(&mut self.last, now)
    }

    /// A recording is on its way, and shows in front of the run.
    pub(super) fn begin_tape(&mut self, now: Elapsed) -> Generation {
        if self.behind.is_none() {
            let front = self.pane.twin();
            self.behind = Some(std::mem::replace(&mut self.pane, front));
        }
        self.pane.begin_after(&mut self.last, now)
    }

    /// The run shows again, as it is now.
    pub(super) fn back(&mut self) {
        if let Some(mut run) = self.behind.take() {
            run.show_as(&self.pane);
            self.pane = run;
        }
    }

    /// Whether a program starts, runs or stops, be it behind a recording.
    pub fn is_running(&self) -> bool {
        matches!(self.live().state(), State::Starting | State::Running | State::Stopping)
    }

    /// Whether keys that are typed here are for a program.
    pub fn listens(&self) -> bool {
        self.behind.is_none() && self.is_running() && self.pane.view().term().is_some()
    }

    /// Whether a program is on its way here that people type into.
    pub fn takes_keyboard(&self) -> bool {
        self.listens() && !self.waiting && self.spec.demo.takes_keyboard()
    }

    /// Whether its recording shows, or is being opened.
    pub fn is_replaying(&self) -> bool {
        self.behind.is_some() || *self.pane.state() == State::Replaying
    }

    /// Whether something happens in it: a program runs, or a recording plays.
    pub fn is_busy(&self) -> bool {
        self.is_running() || self.pane.tape().is_some_and(greenroom_tape::Player::is_playing)
    }

    /// Whether its recording can be tried; nothing that runs is given up for one that was not there.
    pub fn may_replay(&self) -> bool {
        match self.tape {
            Tape::None => false,
            Tape::Missing => !self.is_running(),
            Tape::Unknown | Tape::Found(_) => true,
        }
    }

    /// Takes in what is due, of the run behind a recording too, and gives the program what was typed for it. Says how
    /// the run ended, when it did, and how many bytes were taken in.
    pub(super) fn poll(&mut self, now: Elapsed) -> (Option<Exit>, u64) {
        let front = self.pane.poll(now);
        let behind = self.behind.as_mut().map(|run| run.poll(now)).unwrap_or_default();
        let run = if self.behind.is_some() { &behind } else { &front };
        if run.spoke {
            self.ahead.spoke(now);
        }
        if matches!(self.live().state(), State::Ended(_)) {
            self.ahead.forget();
        }
        for typed in self.ahead.take(now).unwrap_or_default() {
            let bytes = typed.bytes(self.live().view().modes());
            // What does not fit any more is lost, as in any terminal.
            let _ = self.live_mut().control(Control::Input(bytes.into()), now);
        }
        (front.ended.or(behind.ended), front.taken + behind.taken)
    }

    /// When there is something to do.
    pub(super) fn next_at(&self, now: Elapsed) -> Option<Elapsed> {
        let behind = self.behind.as_ref().and_then(|run| run.next_at(now));
        [self.pane.next_at(now), behind, self.ahead.listens_at()].into_iter().flatten().min()
    }

    /// Whether what comes after it may start.
    pub(super) fn is_done(&self) -> bool {
        match self.pane.state() {
            State::Ended(exit) => !matches!(exit, Exit::Failed(_) | Exit::Stopped),
            State::Replaying => self.pane.tape().is_some_and(greenroom_tape::Player::is_over),
            _ => false,
        }
    }

    /// Whether what comes after it will not start by itself any more.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self.pane.state(), State::Idle | State::Ended(Exit::Failed(_) | Exit::Stopped))
            && !self.waiting
    }

    pub(super) fn fail(&mut self, reason: &str) {
        self.ahead.forget();
        let run = self.live_mut();
        run.fail(run.generation(), reason);
    }

    /// Whether it shows a bench that has said something, whose charts can be gone through.
    pub fn shows_charts(&self) -> bool {
        self.pane.view().bench().is_some_and(greenroom_pane::BenchView::has_begun)
    }

    /// Whether there is something to run.
    pub(super) fn runs(&self) -> bool {
        let demo = &self.spec.demo;
        !demo.command.is_empty() || (demo.kind == DemoKind::Bench && demo.scenario.is_some())
    }
}
