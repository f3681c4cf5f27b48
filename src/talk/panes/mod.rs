//! The panes of a talk: what was asked of each, and what it waits for.

mod ahead;
mod looks;
mod recording;
mod slot;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};

pub(super) use ahead::Typed;
use ahead::{HANDS, STARTING};
pub(super) use slot::Held;
use slot::Tape;

use super::msg::{Ending, RunnerEffect};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Exit, Size};
use greenroom_base::source::Control;
use greenroom_deck::{Fallback, Focus, Leave, PaneId, PaneSpec};
use greenroom_pane::{Feed, Generation, Palette, Pane, State};
use greenroom_tape::Header;

/// Work done by one call for all panes together, in printed characters: keys and frames have their turn then.
const BUDGET: u64 = 96 * 1024;
/// Most messages about programs that nothing shows any more.
const MAX_SAID: usize = 20;

/// Whose keyboard it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Hand {
    /// The stage's own.
    #[default]
    Here,
    /// A presenter view's.
    Afar,
}

/// Every pane that has been on screen, and the one that keys go to.
#[derive(Debug, Default)]
pub(super) struct Panes {
    held: BTreeMap<PaneId, Held>,
    /// What their runner has still to do.
    effects: VecDeque<RunnerEffect>,
    /// What is being ended while nothing shows it any more.
    leaving: Vec<Pane>,
    pub focus: Option<PaneId>,
    /// The keyboard that gave the pane the focus; what another one says is for the slide.
    pub hand: Hand,
    /// The pane takes the keyboard as soon as it may.
    pub wants_focus: Option<PaneId>,
    /// Until when keys are let pass: they were typed for a program that did not start.
    hush: Option<Elapsed>,
    /// The pane took the keyboard by itself, and nothing has been typed since.
    pub took: bool,
    /// A button of the mouse went down in this pane, whose program wants to know what becomes of it.
    pub drag: Option<PaneId>,
    /// When something was typed for a program last.
    pub typed: Option<Elapsed>,
    /// The pane that had the keyboard last: the slide's keys mean it alone, until Esc or another slide.
    pub marked: Option<PaneId>,
    /// When Esc was pressed, which a second one follows to give the focus back.
    pub escaped: Option<Elapsed>,
    /// Nothing runs: every pane shows its recording.
    pub no_run: bool,
    /// Recordings of runs that nothing shows any more.
    given_up: Vec<String>,
    /// What programs left behind, said once.
    said: Vec<String>,
    /// The pane whose turn is next, when the last call left some out.
    turn: Option<PaneId>,
}

impl Panes {
    pub fn new(no_run: bool) -> Self {
        let mut panes = Self::default();
        panes.no_run = no_run;
        panes
    }

    /// Asks the runner for something.
    pub fn ask_runner(&mut self, effect: RunnerEffect) {
        self.effects.push_back(effect);
    }

    /// The next thing that the runner has to do.
    pub fn next_effect(&mut self) -> Option<RunnerEffect> {
        self.effects.pop_front()
    }

    pub fn get(&self, id: PaneId) -> Option<&Held> {
        self.held.get(&id)
    }

    pub fn get_mut(&mut self, id: PaneId) -> Option<&mut Held> {
        self.held.get_mut(&id)
    }

    /// `id` is on screen as `spec`; its recording is looked for the first time.
    pub fn meet(&mut self, id: PaneId, spec: &PaneSpec, size: Size, palette: Palette, now: Elapsed) {
        if let Some(held) = self.held.get_mut(&id).filter(|held| held.spec == *spec) {
            held.pane.resize(size, now);
            held.behind.iter_mut().for_each(|run| run.resize(size, now));
            // It may have been recorded since.
            let path = held.spec.demo.tape.clone().filter(|_| !held.met && held.tape != Tape::Unknown);
            return self.find_tape(id, path);
        }
        if let Some(other) = self.held.insert(id, Held::new(spec.clone(), size, palette)) {
            self.retire_all(other, now);
        }
        self.find_tape(id, spec.demo.tape.clone());
    }

    /// Looks for the recording of `id`, if it has a path.
    pub fn find_tape(&mut self, id: PaneId, path: Option<String>) {
        if let Some(path) = path {
            self.ask_runner(RunnerEffect::FindTape { pane: id, path });
        }
    }

    /// Ends what runs in `held`, be it behind a recording, and gives up what was recorded of it.
    fn retire_all(&mut self, mut held: Held, now: Elapsed) {
        let run = held.behind.take().unwrap_or(held.pane);
        let path = held.spec.demo.tape.filter(|_| run.is_recording());
        self.given_up.extend(path.filter(|_| self.given_up.len() < MAX_SAID));
        self.retire(run, now);
    }

    /// Ends what runs in `pane` without anybody waiting for it.
    fn retire(&mut self, mut pane: Pane, now: Elapsed) {
        pane.close(now);
        if has_program(&pane) {
            self.leaving.push(pane);
        }
    }

    /// Ends a program that came too late for its pane.
    pub fn retire_feed(&mut self, feed: Feed, now: Elapsed) {
        let mut pane = Pane::new(Size { columns: 2, rows: 1 }, Palette::default());
        let generation = pane.begin(now);
        if pane.attach(generation, feed, now).is_ok() && *pane.state() == State::Running {
            self.retire(pane, now);
        }
    }

    /// The deck has changed: `find` says where a pane is now, if it is still the same.
    pub fn rearrange(&mut self, now: Elapsed, find: impl Fn(PaneId, &PaneSpec) -> Option<PaneId>) {
        for (id, mut held) in std::mem::take(&mut self.held) {
            match find(id, &held.spec).filter(|new| !self.held.contains_key(new)) {
                Some(new) => {
                    if held.tape == Tape::Missing {
                        held.tape = Tape::Unknown;
                    }
                    self.held.insert(new, held);
                }
                None => self.retire_all(held, now),
            }
        }
        self.focus = self.focus.filter(|id| self.held.contains_key(id));
        self.marked = None;
    }

    /// Runs `id`, again if it ran already.
    pub fn start(&mut self, id: PaneId, now: Elapsed) {
        if self.no_run {
            return self.play(id, now);
        }
        let Some(held) = self.held.get_mut(&id) else { return };
        (held.waiting, held.unwanted, held.asks) = (false, false, None);
        (held.lacks_setup, held.sets_up) = (false, false);
        let generation = held.begin(now);
        held.taping.on = std::mem::take(&mut held.taping.next);
        if !held.runs() {
            held.fail("this demo is still to come: it names no scenario and no command yet");
            return;
        }
        held.due = Some(generation);
        self.start_due(id);
    }

    /// Starts `id` if that is due and the run before has gone.
    fn start_due(&mut self, id: PaneId) {
        let Some(held) = self.held.get_mut(&id).filter(|held| held.live().is_clear()) else { return };
        let Some(generation) = held.due.take() else { return };
        let (demo, size) = (Box::new(held.spec.demo.clone()), held.live().size());
        self.ask_runner(RunnerEffect::Start { pane: id, generation, demo, size });
    }

    /// Plays the recording of `id` from its beginning.
    pub fn play(&mut self, id: PaneId, now: Elapsed) {
        let no_run = self.no_run;
        let Some(held) = self.held.get_mut(&id) else { return };
        held.waiting = false;
        if let Some(path) = held.spec.demo.tape.clone() {
            let generation = held.begin_tape(now);
            return self.ask_runner(RunnerEffect::OpenTape { pane: id, generation, path });
        }
        held.begin(now);
        let why = if no_run { "live runs are off (--no-run), and this" } else { "this" };
        held.fail(&format!("{why} demo has no recording: greenroom record makes one"));
    }

    /// The run of `id` shows again, as it is now, in place of its recording. Nothing is started.
    pub fn back(&mut self, id: PaneId) {
        self.held.get_mut(&id).into_iter().for_each(Held::back);
    }

    /// Runs `ids`, each at once or when the one before it has ended.
    pub fn start_all(&mut self, ids: &[PaneId], now: Elapsed) {
        for id in ids {
            let before = id.pane.checked_sub(1).map(|pane| PaneId { pane, ..*id });
            let follows = before.is_some_and(|before| ids.contains(&before));
            let Some(held) = self.held.get_mut(id) else { continue };
            if held.spec.after_previous && follows {
                held.back();
                let _ = held.pane.control(Control::Stop, now);
                held.waiting = true;
            } else {
                self.start(*id, now);
            }
        }
    }

    /// Stops what runs or plays in `id`, and what was to start there.
    pub fn stop(&mut self, id: PaneId, now: Elapsed) {
        let Some(held) = self.held.get_mut(&id) else { return };
        held.waiting = false;
        held.ahead.forget();
        if *held.live().state() == State::Starting {
            held.unwanted = true;
            if held.due.take().is_some() || held.asks.take().is_some() {
                held.fail("not started");
            }
        }
        let _ = held.pane.control(Control::Stop, now);
        if let Some(run) = &mut held.behind {
            let _ = run.control(Control::Stop, now);
        }
    }

    /// The slide is not on screen any more.
    pub fn leave(&mut self, slide: usize, now: Elapsed) {
        let ids: Vec<PaneId> = self.held.keys().filter(|id| id.slide == slide).copied().collect();
        for id in ids {
            let Some(held) = self.held.get_mut(&id) else { continue };
            held.met = false;
            if held.spec.demo.leave == Leave::Stop {
                self.stop(id, now);
            } else if held.is_replaying() {
                let _ = held.pane.control(Control::Pause, now);
            }
        }
        self.focus = None;
        self.wants_focus = None;
        self.marked = None;
        self.escaped = None;
    }

    /// What was started for `pane` is there.
    pub fn attached(
        &mut self,
        id: PaneId,
        generation: Generation,
        feed: Feed,
        header: Option<&Header>,
        now: Elapsed,
    ) {
        let Some(held) = self.held.get_mut(&id) else { return self.retire_feed(feed, now) };
        let live = matches!(feed, Feed::Live(_));
        let Some(pane) = held.of(generation) else { return self.retire_feed(feed, now) };
        if let Err(feed) = pane.attach(generation, feed, now) {
            return self.retire_feed(feed, now);
        }
        if !live {
            return;
        }
        held.ahead.begun(held.spec.demo.takes_keyboard(), now);
        if let Some(header) = header.filter(|_| held.taping.on) {
            held.live_mut().start_recording(header, false);
            held.taping.begins = true;
        }
        if std::mem::take(&mut held.unwanted) {
            let _ = held.live_mut().control(Control::Stop, now);
        }
    }

    /// What was to be started cannot be.
    pub fn failed(&mut self, id: PaneId, generation: Generation, reason: String, now: Elapsed) {
        let Some(held) = self.held.get_mut(&id) else { return };
        let tape = held.behind.is_some() && held.pane.generation() == generation;
        let Some(pane) = held.of(generation).filter(|pane| *pane.state() == State::Starting) else {
            return;
        };
        pane.fail(generation, reason.clone());
        if tape {
            held.tape = Tape::Missing;
            // What it stood in for says more than that there is nothing to stand in.
            if matches!(held.live().state(), State::Ended(Exit::Failed(_))) {
                held.back();
            }
            return;
        }
        held.ahead.forget();
        held.whisper = Some(reason);
        self.release(id, Some(STARTING));
        self.fall_back(id, true, now);
    }

    /// Takes the keyboard from `id`, in which no program listens after all. What is typed on for `quiet` is nothing to
    /// the slide.
    fn release(&mut self, id: PaneId, quiet: Option<Duration>) {
        let wanted = self.wants_focus.take_if(|wanted| *wanted == id).is_some();
        if self.focus == Some(id) || wanted {
            self.focus = None;
            self.hush = self.typed.zip(quiet).map(|(typed, quiet)| typed + quiet);
        }
    }

    /// Whether a key is let pass, because it was meant for a program that did not start. A clicker's keys never are.
    pub fn hushes(&mut self, key: KeyEvent, now: Elapsed) -> bool {
        let Some(until) = self.hush.filter(|until| now < *until) else {
            self.hush = None;
            return false;
        };
        let types = matches!(
            key.code,
            KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace | KeyCode::Esc
        );
        if types {
            self.hush = Some(until.max(now + HANDS));
        }
        types
    }

    /// A key at the card with the deck's commands. One that is no answer may be the first of what is typed for the
    /// program that the card asks about: what follows at once answers nothing.
    pub fn typed_at_card(&mut self, key: KeyEvent, now: Elapsed) {
        let KeyCode::Char(c) = key.code else { return };
        let waits = |held: &Held| held.asks.is_some() && held.spec.demo.takes_keyboard();
        if !"yYnNq jk".contains(c) && self.held.values().any(waits) {
            self.hush = Some(now + HANDS);
        }
    }

    /// What `id` runs in is not there.
    pub fn not_ready(&mut self, id: PaneId, generation: Generation, reason: String, now: Elapsed) {
        if let Some(held) = self.held.get_mut(&id) {
            held.lacks_setup |= generation == held.live().generation();
        }
        self.failed(id, generation, reason, now);
    }

    /// Whether `id` could run if it were set up, and nothing else goes on in it.
    pub fn lacks_setup(&self, id: PaneId) -> bool {
        !self.no_run && self.held.get(&id).is_some_and(|held| held.lacks_setup && !held.is_running())
    }

    /// Sets up what `id` runs in, in the pane itself.
    pub fn set_up(&mut self, id: PaneId, now: Elapsed) {
        let Some(held) = self.held.get_mut(&id) else { return };
        (held.waiting, held.unwanted, held.sets_up) = (false, false, true);
        let generation = held.begin(now);
        let size = held.pane.size();
        self.ask_runner(RunnerEffect::SetUp { pane: id, generation, size, agreed: None });
    }

    /// Starts what waited for the setup in `id`, which has ended.
    fn after_setup(&mut self, id: PaneId, exit: &Exit, now: Elapsed) {
        let Some(held) = self.held.get_mut(&id) else { return };
        held.sets_up = false;
        if *exit != Exit::Status(0) {
            return;
        }
        let waits = |(other, held): (&PaneId, &Held)| {
            (other.slide == id.slide && held.lacks_setup && !held.is_running()).then_some(*other)
        };
        let waiting: Vec<PaneId> = self.held.iter().filter_map(waits).collect();
        self.start_all(&waiting, now);
    }

    /// Plays the recording in place of a run that could not start, or where the deck wants it to stand in.
    fn fall_back(&mut self, id: PaneId, not_started: bool, now: Elapsed) {
        let Some(held) = self.held.get(&id) else { return };
        let stands_in = not_started || held.spec.demo.fallback == Fallback::Play;
        let broken = matches!(held.pane.state(), State::Ended(Exit::Failed(_) | Exit::TimedOut));
        // A recording that does not open has no recording to stand in for it.
        let tape = !self.no_run && matches!(held.tape, Tape::Unknown | Tape::Found(_));
        if broken && tape && stands_in && !held.unwanted && held.behind.is_none() {
            self.play(id, now);
        }
    }

    /// What is known about the recording of `id` now.
    pub fn tape_found(&mut self, id: PaneId, plays: bool, day: Option<String>) {
        if let Some(held) = self.held.get_mut(&id).filter(|held| held.tape != Tape::None) {
            held.tape = if plays { Tape::Found(day) } else { Tape::Missing };
        }
    }

    /// The person has to agree before `id` runs.
    pub fn asks(&mut self, id: PaneId, generation: Generation) -> bool {
        let Some(held) = self.held.get_mut(&id) else { return false };
        let current = generation == held.live().generation() && *held.live().state() == State::Starting;
        if current && !held.unwanted {
            held.asks = Some(generation);
        }
        let asks = held.asks.is_some();
        let typed = asks && held.ahead.forget();
        if asks {
            self.release(id, typed.then_some(HANDS));
        }
        asks
    }

    /// The person agreed, maybe to packages with this fingerprint: what waited for it starts.
    pub fn agreed(&mut self, packages: Option<&str>) {
        for id in self.asking() {
            let Some(held) = self.held.get_mut(&id) else { continue };
            let Some(generation) = held.asks.take() else { continue };
            if held.sets_up {
                let agreed = packages.map(str::to_owned);
                let size = held.pane.size();
                self.ask_runner(RunnerEffect::SetUp { pane: id, generation, size, agreed });
            } else {
                held.due = Some(generation);
                let takes = held.spec.demo.takes_keyboard();
                self.wants_focus = self.wants_focus.or(takes.then_some(id));
                self.start_due(id);
            }
        }
    }

    /// The person did not agree: what waited for it says why it does not start.
    pub fn refused(&mut self, why: &str, now: Elapsed) {
        for id in self.asking() {
            let Some(held) = self.held.get_mut(&id) else { continue };
            held.asks = None;
            let setup = std::mem::take(&mut held.sets_up);
            held.fail(why);
            if setup {
                self.fall_back(id, false, now);
            }
        }
    }

    /// The panes that wait for the person's answer.
    fn asking(&self) -> Vec<PaneId> {
        self.held.iter().filter(|(_, held)| held.asks.is_some()).map(|(id, _)| *id).collect()
    }

    /// Takes in everything that is due, and starts what waited for it.
    pub fn poll(&mut self, now: Elapsed) {
        let said = &mut self.said;
        self.leaving.retain_mut(|pane| {
            pane.poll(now);
            let stays = has_program(pane);
            if !stays && said.len() < MAX_SAID {
                said.extend(pane.notice().map(str::to_owned));
            }
            stays
        });
        let mut ids: Vec<PaneId> = self.held.keys().copied().collect();
        // Those that were left out have their turn first.
        if let Some(turn) = self.turn.take() {
            let first = ids.iter().position(|id| *id >= turn).unwrap_or(0);
            ids.rotate_left(first);
        }
        let mut taken = 0;
        for id in &ids {
            let Some(held) = self.held.get_mut(id) else { continue };
            if taken >= BUDGET {
                self.turn = Some(*id);
                break;
            }
            let (ended, bytes) = held.poll(now);
            taken += bytes;
            let sets_up = held.sets_up;
            match ended {
                Some(exit) if sets_up => self.after_setup(*id, &exit, now),
                Some(_) => self.fall_back(*id, false, now),
                None => {}
            }
            self.start_due(*id);
            self.write(*id);
        }
        for id in ids {
            self.follow(id, now);
        }
        let drop = |path| {
            let (pane, bytes, ending) =
                (PaneId { slide: usize::MAX, pane: 0 }, Vec::new(), Some(Ending::Dropped));
            RunnerEffect::WriteTape { pane, path, bytes, first: false, ending }
        };
        self.effects.extend(self.given_up.drain(..).map(drop));
    }

    /// Starts `id` if the pane that it waits for has ended.
    fn follow(&mut self, id: PaneId, now: Elapsed) {
        if !self.held.get(&id).is_some_and(|held| held.waiting) {
            return;
        }
        let before = id.pane.checked_sub(1).and_then(|pane| self.held.get(&PaneId { pane, ..id }));
        let (done, broken) = before.map_or((true, false), |before| (before.is_done(), before.is_broken()));
        if done {
            let always = self.held.get(&id).is_some_and(|held| held.spec.demo.focus == Focus::Always);
            self.wants_focus = self.wants_focus.or(always.then_some(id));
            return self.start(id, now);
        }
        if broken && let Some(held) = self.held.get_mut(&id) {
            held.waiting = false;
        }
    }

    /// When a pane has something to do, as far as that is known.
    pub fn next_at(&self, now: Elapsed) -> Option<Elapsed> {
        if self.turn.is_some() {
            return Some(now);
        }
        let held = self.held.values().filter_map(|held| held.next_at(now));
        held.chain(self.leaving.iter().filter_map(|pane| pane.next_at(now))).min()
    }

    /// Asks everything that runs to end.
    pub fn stop_all(&mut self, now: Elapsed) {
        for id in self.held.keys().copied().collect::<Vec<_>>() {
            self.stop(id, now);
        }
        self.held.values_mut().for_each(|held| held.live_mut().close(now));
    }

    /// Whether anything runs.
    pub fn any_running(&self) -> bool {
        let taped = |held: &Held| held.live().is_recording() || held.taping.is_busy();
        !self.leaving.is_empty() || self.held.values().any(|held| taped(held) || has_program(held.live()))
    }

    /// What happened to programs that had to be killed.
    pub fn said(&self) -> Vec<String> {
        let title = |held: &Held| held.spec.demo.title.clone().unwrap_or_else(|| held.spec.id.clone());
        let held = self.held.values().filter(|held| *held.live().state() != State::Replaying);
        let held = held.filter_map(|held| Some(format!("{}: {}", title(held), held.live().notice()?)));
        self.said.iter().cloned().chain(held).collect()
    }
}

/// Whether a program runs in the pane, or one that ran there is still being ended.
fn has_program(pane: &Pane) -> bool {
    matches!(pane.state(), State::Running | State::Stopping) || !pane.is_clear()
}

impl Drop for Panes {
    /// All are asked to end before the first is waited for.
    fn drop(&mut self) {
        self.stop_all(Elapsed::ZERO);
    }
}
