//! One pane of a talk: its run, the recording that may show in front of it, and the recording that is made of it.

use super::run::{Purpose, Run, Start};
use super::scripting::{Replay, ScriptStatus, Scripting, ready};
use super::type_ahead::TypeAhead;
use crate::talk::{Advance, ClosedTape, NewTape, ScriptDoing, TapeWriter, Typist};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Exit, Size};
use greenroom_base::source::Control;
use greenroom_deck::{Chart, Deck, DemoKind, PaneSpec};
use greenroom_pane::{Feed, Generation, Palette, Pane, RunStatus};

/// A pane that has been on screen. Every change of its run goes through a method of this file.
#[derive(Debug)]
pub(in crate::talk) struct PaneSlot {
    pub spec: PaneSpec,
    /// The live run, whether it shows or not.
    live: Pane,
    /// Its recording, while that shows in front of the run.
    replay: Option<Pane>,
    run: Run,
    /// What is typed into it.
    pub(super) scripting: Scripting,
    pub(super) recording: Recording,
    /// What was typed for the program before it listens.
    pub ahead: TypeAhead,
    /// Why it did not start: for the speaker, not for the room.
    pub whisper: Option<String>,
    pub(super) tape: Tape,
    /// It has been on screen since its slide was entered.
    pub entered: bool,
    /// Its recording, when it has been opened, stands still at its end.
    ends: bool,
    /// The end of its recording, to be shown faintly as long as nothing has run here. It is no run and no replay: no key means it.
    still: Option<Pane>,
}

/// What a pane says whose run was stopped before its program was there.
const NOT_STARTED: &str = "not started";

/// What is known of a pane's recording on disk.
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

/// What did not come to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The recording that was to show.
    Replay,
    /// A run that somebody waits for.
    Run,
    /// A run that nobody wants any more.
    Cancelled,
}

/// What a poll of a slot brought.
#[derive(Debug, Default)]
pub(super) struct Polled {
    /// What ended, and how.
    pub ended: Option<(Purpose, Exit)>,
    /// The work that it was.
    pub taken: u64,
}

impl PaneSlot {
    pub(super) fn new(spec: PaneSpec, size: Size, palette: Palette) -> Self {
        let live = Pane::for_demo(&spec.demo, size, palette);
        let tape = if spec.demo.tape.is_some() { Tape::Unknown } else { Tape::None };
        let scripting = Scripting::of(&spec.demo);
        Self {
            spec,
            live,
            replay: None,
            run: Run::Idle,
            scripting,
            recording: Recording::default(),
            ahead: TypeAhead::default(),
            whisper: None,
            tape,
            entered: false,
            ends: false,
            still: None,
        }
    }

    /// What shows: the recording, or else the run.
    pub(crate) fn pane(&self) -> &Pane {
        self.replay.as_ref().unwrap_or(&self.live)
    }

    pub(crate) fn pane_mut(&mut self) -> &mut Pane {
        self.replay.as_mut().unwrap_or(&mut self.live)
    }

    /// The live run, whether it shows or its recording does.
    pub(crate) const fn live(&self) -> &Pane {
        &self.live
    }

    pub(super) const fn live_mut(&mut self) -> &mut Pane {
        &mut self.live
    }

    /// How far the live run is.
    pub(crate) const fn run(&self) -> &Run {
        &self.run
    }

    /// Whether it waits for what was asked for with this generation.
    pub(super) fn awaits(&self, generation: Generation) -> bool {
        let run = self.run.start().is_some_and(|start| start.generation == generation);
        let of = |pane: &Option<Pane>| pane.as_ref().is_some_and(|pane| pane.generation() == generation);
        run || of(&self.replay) || of(&self.still)
    }

    /// Gives both of its panes this size.
    pub(super) fn resize(&mut self, size: Size, now: Elapsed) {
        self.live.resize(size, now);
        self.replay.iter_mut().chain(&mut self.still).for_each(|replay| replay.resize(size, now));
    }

    /// A new run is on its way, and shows. What was recorded of the run before is closed.
    pub(super) fn begin(
        &mut self,
        purpose: Purpose,
        last: &mut Generation,
        now: Elapsed,
    ) -> Option<ClosedTape> {
        self.back();
        self.drop_still();
        self.ahead.forget();
        self.whisper = None;
        let closed = self.recording.give_up();
        self.scripting.forget();
        let generation = self.live.begin_after(last, now);
        self.run = Run::PendingStart(Start { generation, purpose });
        closed
    }

    /// It starts when the pane before it has ended. What runs here is asked to end, and what was only asked for is given up.
    pub(super) fn queue(&mut self, record: bool, now: Elapsed) {
        self.back();
        self.fail(NOT_STARTED);
        // What has ended needs no more.
        let _ = self.live.control(Control::Stop, now);
        let before = std::mem::take(&mut self.run).unqueued();
        self.run = Run::Queued { record, before: Box::new(before) };
    }

    /// It does not start by itself any more.
    pub(super) fn unqueue(&mut self) {
        self.run = std::mem::take(&mut self.run).unqueued();
    }

    /// The run that is pending, once the one before has gone: the runner is asked for it now.
    pub(super) fn take_start(&mut self) -> Option<Start> {
        if !self.live.is_clear() {
            return None;
        }
        let Run::PendingStart(start) = &self.run else { return None };
        let start = start.clone();
        self.run = Run::Starting { start: start.clone(), cancel_on_attach: false };
        Some(start)
    }

    /// The runner says that the person has to agree first. Whether it waits for that now.
    pub(super) fn await_consent(&mut self, generation: Generation) -> bool {
        match &self.run {
            Run::Starting { start, cancel_on_attach } if start.generation == generation => {
                if *cancel_on_attach {
                    self.fail(NOT_STARTED);
                    return false;
                }
                self.run = Run::AwaitingConsent(start.clone());
                true
            }
            Run::AwaitingConsent(_) => true,
            _ => false,
        }
    }

    /// The person agreed, maybe to packages with this fingerprint. Whether it waited for that.
    pub(super) fn agree(&mut self, packages: Option<&str>) -> bool {
        let Run::AwaitingConsent(start) = &mut self.run else { return false };
        if let Purpose::SetUp { agreed } = &mut start.purpose {
            *agreed = packages.map(str::to_owned);
        }
        self.run = Run::PendingStart(start.clone());
        true
    }

    /// What was started is there.
    ///
    /// # Errors
    /// The feed, when nobody waits for it any more.
    pub(super) fn attach(
        &mut self,
        generation: Generation,
        feed: Feed,
        tape: Option<NewTape>,
        now: Elapsed,
    ) -> Result<(), Feed> {
        if let Some(replay) = self.replay.as_mut().filter(|replay| replay.generation() == generation) {
            replay.attach(generation, feed, now)?;
            if std::mem::take(&mut self.ends) {
                let _ = replay.control(Control::End, now);
            } else {
                self.scripting.opened(replay, now);
            }
            return Ok(());
        }
        if let Some(still) = self.still.as_mut().filter(|still| still.generation() == generation) {
            still.attach(generation, feed, now)?;
            let _ = still.control(Control::End, now);
            return Ok(());
        }
        let (start, cancelled) = match &self.run {
            Run::Starting { start, cancel_on_attach } if start.generation == generation => {
                (start.clone(), *cancel_on_attach)
            }
            _ => return Err(feed),
        };
        self.live.attach(generation, feed, now)?;
        let scripted = !start.purpose.is_setup() && self.scripting.begin();
        if scripted {
            // Its prompt may be there before anybody looks again.
            self.live.listen();
        }
        self.run = Run::Running(start.purpose);
        self.ahead.begun(scripted || self.spec.demo.takes_keyboard(), now);
        if let Some(NewTape { header, writer }) = tape {
            self.live.start_recording(&header, false);
            self.recording = Recording::On { writer, begun: false };
        }
        if cancelled {
            let _ = self.live.control(Control::Stop, now);
        }
        Ok(())
    }

    /// What was to be started, or opened, cannot be. Says what that was; nothing when nobody waits for it any more.
    pub(super) fn refuse(
        &mut self,
        generation: Generation,
        reason: &str,
        lacks_setup: bool,
    ) -> Option<Failure> {
        if let Some(replay) = self.replay.as_mut().filter(|replay| replay.generation() == generation) {
            if *replay.state() != RunStatus::Starting {
                return None;
            }
            replay.fail(generation, reason);
            self.tape = Tape::Missing;
            // What it stood in for says more than that there is nothing to stand in.
            if matches!(self.live.state(), RunStatus::Ended(Exit::Failed(_))) {
                self.back();
            }
            return Some(Failure::Replay);
        }
        if self.still.as_ref().is_some_and(|still| still.generation() == generation) {
            self.drop_still();
            return None;
        }
        let Run::Starting { start, cancel_on_attach } = &self.run else { return None };
        if start.generation != generation {
            return None;
        }
        let failure = if *cancel_on_attach { Failure::Cancelled } else { Failure::Run };
        self.fail(reason);
        if lacks_setup {
            self.run = Run::Ended { lacks_setup };
        }
        self.whisper = Some(reason.to_owned());
        Some(failure)
    }

    /// What was asked for does not come to be.
    pub(super) fn fail(&mut self, reason: &str) {
        if self.is_starting() {
            self.ahead.forget();
            self.live.fail(self.live.generation(), reason);
            self.run = self.run.failed();
        }
    }

    /// Stops what runs or plays, and what was to start.
    pub(super) fn stop(&mut self, now: Elapsed) {
        self.unqueue();
        self.ahead.forget();
        match &mut self.run {
            // The runner answers all the same.
            Run::Starting { cancel_on_attach, .. } => *cancel_on_attach = true,
            _ => self.fail(NOT_STARTED),
        }
        // What has ended needs no more.
        let _ = self.live.control(Control::Stop, now);
        if let Some(replay) = &mut self.replay {
            let _ = replay.control(Control::Stop, now);
        }
    }

    /// A recording is on its way, and shows in front of the run: from its beginning, or its end.
    pub(super) fn begin_replay(&mut self, shows: Replay, last: &mut Generation, now: Elapsed) -> Generation {
        self.unqueue();
        self.ends = shows == Replay::End;
        self.scripting.steps = shows == Replay::Steps;
        let replay = self.replay.get_or_insert_with(|| self.live.twin());
        replay.begin_after(last, now)
    }

    /// Whether the end of its recording is worth looking for: it is on screen, nothing has run, and nothing is known of the end.
    pub(super) fn wants_still(&self) -> bool {
        self.entered
            && self.still.is_none()
            && self.shows_nothing_yet()
            && matches!(self.tape, Tape::Found(_))
    }

    /// The end of its recording is on its way.
    pub(super) fn begin_still(&mut self, last: &mut Generation, now: Elapsed) -> Generation {
        self.still.insert(self.live.twin()).begin_after(last, now)
    }

    /// The end of its recording, once that is all there, while nothing has run.
    pub(super) fn still(&self) -> Option<&Pane> {
        let still = self.still.as_ref().filter(|_| self.shows_nothing_yet())?;
        still.tape()?.is_over().then_some(still)
    }

    /// What was kept of the end of its recording is given up.
    pub(super) fn drop_still(&mut self) {
        self.still = None;
    }

    /// Shows how what it shows ended, if that can be known without starting anything: winds a recording to its end, and turns a
    /// bench to its verdict. Whether there was something to show.
    pub(crate) fn show_result(&mut self, now: Elapsed) -> bool {
        let pane = self.pane_mut();
        let winds = pane.tape().is_some();
        if winds {
            let _ = pane.control(Control::End, now);
            let _ = pane.poll(now);
        }
        let charts = pane.view().bench().is_some();
        if charts {
            pane.show(Some(Chart::Overview));
        }
        winds || charts && *self.pane().state() != RunStatus::Idle
    }

    /// The run shows again, as it is now.
    pub(super) fn back(&mut self) {
        if let Some(replay) = self.replay.take() {
            self.live.show_as(&replay);
        }
    }

    /// The live run by itself, to be ended; what was recorded of it so far is closed.
    pub(super) fn into_live(mut self) -> (Pane, Option<ClosedTape>) {
        let closed = self.recording.give_up();
        (self.live, closed)
    }

    /// Whether a program starts, runs or stops, be it behind a recording.
    pub(crate) fn is_running(&self) -> bool {
        self.run.is_active()
    }

    /// Whether it starts when the pane before it has ended.
    pub(crate) const fn is_queued(&self) -> bool {
        matches!(self.run, Run::Queued { .. })
    }

    /// Whether the person has to agree before it starts.
    pub(crate) const fn awaits_consent(&self) -> bool {
        matches!(self.run, Run::AwaitingConsent(_))
    }

    /// Whether a run was asked for, and its program is not there yet.
    pub(crate) const fn is_starting(&self) -> bool {
        self.run.start().is_some()
    }

    /// Whether it could run if it were set up, and nothing else goes on in it.
    pub(crate) fn lacks_setup(&self) -> bool {
        self.run.lacks_setup() && !self.is_running()
    }

    /// Whether keys that are typed here are for a program.
    pub(crate) fn listens(&self) -> bool {
        self.replay.is_none() && self.is_running() && self.live.view().term().is_some()
    }

    /// Whether a program is on its way here that people type into.
    pub(crate) fn takes_keyboard(&self) -> bool {
        self.listens() && !self.is_queued() && self.spec.demo.takes_keyboard()
    }

    /// Whether its recording shows, or is being opened.
    pub(crate) const fn is_replaying(&self) -> bool {
        self.replay.is_some()
    }

    /// Whether its recording stands still at each step of a script until it is asked for the next one.
    pub(crate) fn goes_by_steps(&self) -> bool {
        self.is_replaying() && self.scripting.goes_by_steps()
    }

    /// Whether something happens in it: a program runs, or a recording plays.
    pub(crate) fn is_busy(&self) -> bool {
        self.is_running() || self.pane().tape().is_some_and(greenroom_tape::Player::is_playing)
    }

    /// Whether neither a run nor a recording has ever shown in it.
    pub(crate) fn shows_nothing_yet(&self) -> bool {
        self.replay.is_none() && *self.live.state() == RunStatus::Idle
    }

    /// Whether its recording can be tried; nothing that runs is given up for one that was not there.
    pub(crate) fn may_replay(&self) -> bool {
        match self.tape {
            Tape::None => false,
            Tape::Missing => !self.is_running(),
            Tape::Unknown | Tape::Found(_) => true,
        }
    }

    /// Takes in what is due, of the run behind a recording too, and gives the program what was typed for it.
    pub(super) fn poll(&mut self, now: Elapsed) -> Polled {
        let aside = self.replay.iter_mut().chain(&mut self.still).map(|aside| aside.poll(now).taken);
        let aside: u64 = aside.sum();
        let live = self.live.poll(now);
        let ended = self.run.follow(self.live.state());
        if live.spoke {
            self.ahead.spoke(now);
        }
        if matches!(self.live.state(), RunStatus::Ended(_)) {
            self.ahead.forget();
        }
        for typed in self.ahead.take(now).unwrap_or_default() {
            let bytes = typed.bytes(self.live.view().modes());
            // What does not fit any more is lost, as in any terminal.
            let _ = self.live.control(Control::Input(bytes.into()), now);
        }
        self.scripting.poll(&mut self.live, !self.ahead.holds(), now);
        Polled { ended, taken: aside + live.taken }
    }

    /// Hands over what was recorded since, of a run of `deck`; says when the recording ends.
    pub(super) fn write_tape(&mut self, deck: &Deck) -> Option<Done> {
        self.recording.write(&mut self.live, &self.spec.demo, deck)
    }

    /// When there is something to do.
    pub(super) fn next_at(&self, now: Elapsed) -> Option<Elapsed> {
        let aside = self.replay.iter().chain(&self.still).filter_map(|aside| aside.next_at(now)).min();
        let types = self.scripting.typist.as_ref().and_then(Typist::next_at);
        [self.live.next_at(now), aside, self.ahead.listens_at(), types].into_iter().flatten().min()
    }

    /// Whether what comes after it may start.
    pub(super) fn is_done(&self) -> bool {
        match self.pane().state() {
            RunStatus::Ended(exit) => !matches!(exit, Exit::Failed(_) | Exit::Stopped),
            RunStatus::Replaying => self.pane().tape().is_some_and(greenroom_tape::Player::is_over),
            _ => false,
        }
    }

    /// Whether what comes after it will not start by itself any more.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self.pane().state(), RunStatus::Idle | RunStatus::Ended(Exit::Failed(_) | Exit::Stopped))
            && !self.is_queued()
    }

    /// Whether it shows a bench that has said something, whose charts can be gone through.
    pub(crate) fn shows_charts(&self) -> bool {
        self.pane().view().bench().is_some_and(greenroom_pane::BenchView::has_begun)
    }

    /// Whether there is something to run.
    pub(super) fn runs(&self) -> bool {
        let demo = &self.spec.demo;
        !demo.command.is_empty() || (demo.kind == DemoKind::Bench && demo.scenario.is_some())
    }
}

impl PaneSlot {
    /// The next step of its script, in what shows: the live run, or its recording.
    pub(crate) fn advance_script(&mut self, now: Elapsed) -> Advance {
        if let Some(replay) = self.replay.as_mut() {
            let opens = *replay.state() == RunStatus::Starting;
            return match (self.scripting.script.is_empty() || !self.scripting.steps, opens) {
                (true, _) => Advance::Over,
                // It is being read, and stands still before the first step then.
                (false, true) => Advance::Taken,
                (false, false) => self.scripting.wind(replay, now),
            };
        }
        let starting = self.is_starting() && !self.scripting.script.is_empty();
        match &mut self.scripting.typist {
            Some(typist) if self.run.is_active() => typist.advance(&mut self.live, now),
            // It is on its way, and types when it listens.
            None if starting => {
                self.scripting.wanted = true;
                Advance::Taken
            }
            _ => Advance::Over,
        }
    }

    /// Does the step of its script again that is stuck; false when none is.
    pub(super) fn retype(&mut self, now: Elapsed) -> bool {
        let shows = self.replay.is_none();
        self.scripting.typist.as_mut().is_some_and(|typist| shows && typist.again(&mut self.live, now))
    }

    /// The first step of a script, before anything has run here.
    pub(crate) fn script_to_come(&self) -> Option<ScriptStatus> {
        let comes = self.shows_nothing_yet() && !self.scripting.script.is_empty();
        comes.then(|| self.scripting.status(0, ScriptDoing::Ready))
    }

    /// How far its script is in what shows; nothing where none is typed or gone through.
    pub(crate) fn script_status(&self) -> Option<ScriptStatus> {
        let scripting = &self.scripting;
        if let Some(replay) = &self.replay {
            let tape = replay.tape().filter(|_| scripting.steps && !scripting.script.is_empty())?;
            let at = scripting.wound(tape);
            let doing = match scripting.lacks(tape) {
                _ if at >= scripting.script.steps.len() => ScriptDoing::Over,
                Some(why) => ScriptDoing::Whole(why),
                None if tape.nears_mark() && at + 1 >= scripting.script.steps.len() => ScriptDoing::Over,
                None if tape.nears_mark() && tape.passed() >= ready(tape) => {
                    return Some(scripting.status(at + 1, ScriptDoing::Ready));
                }
                None if tape.is_playing() => ScriptDoing::Busy,
                None => ScriptDoing::Ready,
            };
            return Some(scripting.status(at, doing));
        }
        let typist = scripting.typist.as_ref()?;
        Some(scripting.status(typist.at(), typist.doing()))
    }
}

/// The recording that is made of a pane's run.
#[derive(Debug, Default)]
pub(super) enum Recording {
    /// None.
    #[default]
    Off,
    /// The run is recorded.
    On {
        /// What takes it.
        writer: TapeWriter,
        /// A part of it has been handed over.
        begun: bool,
    },
}

/// How a recording ended.
#[derive(Debug)]
pub(super) enum Done {
    /// It is whole.
    Closed(ClosedTape),
    /// It could not be written.
    Failed,
}
