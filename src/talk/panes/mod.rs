//! The panes of a talk: what was asked of each, and what it waits for.

mod recording;
mod run;
mod scripting;
mod slot;
mod status;
#[cfg(test)]
mod tests;
mod type_ahead;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};

use recording::Closing;
use run::Purpose;
use scripting::Replay;
pub use scripting::ScriptStatus;
pub(super) use slot::PaneSlot;
use slot::{Failure, Tape};
pub use status::{Keys, LiveRun, PaneStatus, Recorded};
pub(super) use type_ahead::Typed;
use type_ahead::{HANDS, STARTING};

use super::msg::RunnerEffect;
use crate::keys::Key;
use crate::talk::NewTape;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Exit, Size};
use greenroom_base::source::Control;
use greenroom_deck::{Deck, Fallback, Focus, Leave, PaneId, PaneSpec};
use greenroom_pane::{Feed, Generation, Palette, Pane, RunStatus};

/// Work done by one call for all panes together, in printed characters: keys and frames have their turn then.
const BUDGET: u64 = 96 * 1024;
/// How soon a second Esc must follow the first to leave a pane.
pub(super) const ESCAPE: Duration = Duration::from_millis(500);
/// Most messages about programs that nothing shows any more.
const MAX_SAID: usize = 20;

/// Whose keyboard it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum KeyboardOwner {
    /// The stage's own.
    #[default]
    Here,
    /// A presenter view's.
    Afar,
}

/// Every pane that has been on screen, and the one that keys go to.
#[derive(Debug, Default)]
pub(super) struct Panes {
    slots: BTreeMap<PaneId, PaneSlot>,
    /// The last generation that any run or recording was given: what is answered is known by it, whatever has become of the deck
    /// meanwhile.
    last: Generation,
    /// What their runner has still to do.
    effects: VecDeque<RunnerEffect>,
    /// The slide whose panes are on screen.
    slide: Option<usize>,
    /// What is being ended while nothing shows it any more.
    leaving: Vec<Pane>,
    pub focus: Option<PaneId>,
    /// The keyboard that gave the pane the focus; what another one says is for the slide.
    pub hand: KeyboardOwner,
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
    /// The key that is asked for twice to give the focus back, and when it was pressed once.
    pub escaped: Option<(Key, Elapsed)>,
    /// That key, when it has not been given to the program yet.
    pub held: Option<KeyEvent>,
    /// Nothing runs: every pane shows its recording.
    pub no_run: bool,
    /// Recordings that are whole, and are being put in their places.
    closing: Vec<Closing>,
    /// What the speaker is told of them.
    notes: Vec<String>,
    /// What programs left behind, said once.
    said: Vec<String>,
    /// The pane whose turn is next, when the last call left some out.
    turn: Option<PaneId>,
}

impl Panes {
    pub(crate) fn new(no_run: bool) -> Self {
        let mut panes = Self::default();
        panes.no_run = no_run;
        panes
    }

    /// Asks the runner for something.
    pub(crate) fn ask_runner(&mut self, effect: RunnerEffect) {
        self.effects.push_back(effect);
    }

    /// The next thing that the runner has to do.
    pub(crate) fn next_effect(&mut self) -> Option<RunnerEffect> {
        self.effects.pop_front()
    }

    pub(crate) fn get(&self, id: PaneId) -> Option<&PaneSlot> {
        self.slots.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: PaneId) -> Option<&mut PaneSlot> {
        self.slots.get_mut(&id)
    }

    /// `id` is on screen as `spec`; its recording is looked for the first time.
    pub(crate) fn meet(&mut self, id: PaneId, spec: &PaneSpec, size: Size, palette: Palette, now: Elapsed) {
        if let Some(slot) = self.slots.get_mut(&id).filter(|slot| slot.spec == *spec) {
            slot.resize(size, now);
            // It may have been recorded since.
            let path = slot.spec.demo.tape.clone().filter(|_| !slot.entered && slot.tape != Tape::Unknown);
            return self.find_tape(path);
        }
        if let Some(other) = self.slots.insert(id, PaneSlot::new(spec.clone(), size, palette)) {
            self.retire_all(other, now);
        }
        self.find_tape(spec.demo.tape.clone());
    }

    /// Looks for a recording, if it has a path.
    pub(crate) fn find_tape(&mut self, path: Option<String>) {
        if let Some(path) = path {
            self.ask_runner(RunnerEffect::FindTape { path });
        }
    }

    /// Ends what runs in `slot`, be it behind a recording, and gives up what was recorded of it.
    fn retire_all(&mut self, slot: PaneSlot, now: Elapsed) {
        let (run, closed) = slot.into_live();
        if let Some(tape) = closed {
            self.close_tape(None, tape);
        }
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
    pub(crate) fn retire_feed(&mut self, feed: Feed, now: Elapsed) {
        let mut pane = Pane::new(Size { columns: 2, rows: 1 }, Palette::default());
        let generation = pane.begin(now);
        if pane.attach(generation, feed, now).is_ok() && *pane.state() == RunStatus::Running {
            self.retire(pane, now);
        }
    }

    /// The deck has changed: the slide that shows is number `slide` now, and `find` says where a pane is, if it is still the same.
    pub(crate) fn rearrange(
        &mut self,
        slide: usize,
        now: Elapsed,
        find: impl Fn(PaneId, &PaneSpec) -> Option<PaneId>,
    ) {
        self.slide = self.slide.map(|_| slide);
        for (id, mut slot) in std::mem::take(&mut self.slots) {
            match find(id, &slot.spec).filter(|new| !self.slots.contains_key(new)) {
                Some(new) => {
                    if slot.tape == Tape::Missing {
                        slot.tape = Tape::Unknown;
                    }
                    self.slots.insert(new, slot);
                }
                None => self.retire_all(slot, now),
            }
        }
        self.focus = self.focus.filter(|id| self.slots.contains_key(id));
        self.marked = None;
    }

    /// Runs `id`, again if it ran already.
    pub(crate) fn start(&mut self, id: PaneId, now: Elapsed) {
        self.start_run(id, false, now);
    }

    fn start_run(&mut self, id: PaneId, record: bool, now: Elapsed) {
        if self.no_run {
            return self.play(id, now);
        }
        self.begin(id, Purpose::Demo { record }, now);
        let Some(slot) = self.slots.get_mut(&id) else { return };
        if slot.runs() {
            self.start_pending(id);
        } else {
            slot.fail("this demo is still to come: it names no scenario and no command yet");
        }
    }

    /// A new run of `id` is on its way.
    fn begin(&mut self, id: PaneId, purpose: Purpose, now: Elapsed) {
        let slot = self.slots.get_mut(&id);
        let closed = slot.and_then(|slot| slot.begin(purpose, &mut self.last, now));
        if let Some(tape) = closed {
            self.close_tape(Some(id), tape);
        }
    }

    /// Asks the runner for what is pending in `id`, if the run before has gone.
    fn start_pending(&mut self, id: PaneId) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let Some(start) = slot.take_start() else { return };
        let (generation, size) = (start.generation, slot.live().size());
        let effect = match start.purpose {
            Purpose::Demo { record } => {
                let demo = Box::new(slot.spec.demo.clone());
                RunnerEffect::Start { generation, demo, size, record }
            }
            Purpose::SetUp { agreed } => RunnerEffect::SetUp { generation, size, agreed },
        };
        self.ask_runner(effect);
    }

    /// Plays the recording of `id` from its beginning; one of a script step by step, as the speaker goes on.
    pub(crate) fn play(&mut self, id: PaneId, now: Elapsed) {
        self.play_as(id, Replay::Steps, now);
    }

    /// Plays the recording of `id` from its beginning to its end, be there steps or not.
    pub(crate) fn play_through(&mut self, id: PaneId, now: Elapsed) {
        self.play_as(id, Replay::Whole, now);
    }

    fn play_as(&mut self, id: PaneId, shows: Replay, now: Elapsed) {
        let why = if self.no_run { "live runs are off (--no-run), and this" } else { "this" };
        if self.open_tape(id, shows, now) {
            return;
        }
        self.begin(id, Purpose::Demo { record: false }, now);
        if let Some(slot) = self.slots.get_mut(&id) {
            slot.fail(&format!("{why} demo has no recording: greenroom record makes one"));
        }
    }

    /// Shows the end of the recording of `id`, if it has one. Nothing runs, and nothing is said where there is none.
    pub(crate) fn show_end(&mut self, id: PaneId, now: Elapsed) {
        if self.get(id).is_some_and(PaneSlot::may_replay) {
            self.open_tape(id, Replay::End, now);
        }
    }

    /// Shows how `id` ended: its run, or the end of its recording. Nothing runs. Whether there is something to show.
    pub(crate) fn show_result(&mut self, id: PaneId, now: Elapsed) -> bool {
        let Some(slot) = self.slots.get_mut(&id) else { return false };
        if slot.show_result(now) {
            return true;
        }
        let may = slot.may_replay() && !slot.is_running();
        if may {
            self.show_end(id, now);
            self.slots.get_mut(&id).into_iter().for_each(|slot| {
                slot.show_result(now);
            });
        }
        may
    }

    /// Asks for the recording of `id`. Whether it has one.
    fn open_tape(&mut self, id: PaneId, shows: Replay, now: Elapsed) -> bool {
        let Some(slot) = self.slots.get_mut(&id) else { return false };
        let Some(path) = slot.spec.demo.tape.clone() else { return false };
        let generation = slot.begin_replay(shows, &mut self.last, now);
        self.ask_runner(RunnerEffect::OpenTape { generation, path });
        true
    }

    /// The run of `id` shows again, as it is now, in place of its recording. Nothing is started.
    pub(crate) fn back(&mut self, id: PaneId) {
        self.slots.get_mut(&id).into_iter().for_each(PaneSlot::back);
    }

    /// Runs `ids`, each at once or when the one before it has ended.
    pub(crate) fn start_all(&mut self, ids: &[PaneId], now: Elapsed) {
        self.start_each(ids, &[], now);
    }

    /// The same; those in `recorded` are recorded.
    fn start_each(&mut self, ids: &[PaneId], recorded: &[PaneId], now: Elapsed) {
        for id in ids {
            let before = id.pane.checked_sub(1).map(|pane| PaneId { pane, ..*id });
            let follows = before.is_some_and(|before| ids.contains(&before));
            let record = recorded.contains(id);
            match self.slots.get_mut(id) {
                Some(slot) if slot.spec.after_previous && follows => slot.queue(record, now),
                Some(_) => self.start_run(*id, record, now),
                None => {}
            }
        }
    }

    /// Stops what runs or plays in `id`, and what was to start there.
    pub(crate) fn stop(&mut self, id: PaneId, now: Elapsed) {
        self.slots.get_mut(&id).into_iter().for_each(|slot| slot.stop(now));
    }

    /// This slide is on screen now; the one before is left, if it was another.
    pub(crate) fn enter(&mut self, slide: usize, now: Elapsed) {
        if let Some(before) = self.slide.replace(slide).filter(|before| *before != slide) {
            self.leave(before, now);
        }
    }

    /// The slide is not on screen any more: what belongs to its panes is left behind.
    fn leave(&mut self, slide: usize, now: Elapsed) {
        let ids: Vec<PaneId> = self.slots.keys().filter(|id| id.slide == slide).copied().collect();
        for id in ids {
            let Some(slot) = self.slots.get_mut(&id) else { continue };
            slot.entered = false;
            // It can be large, and is soon read again.
            slot.drop_still();
            if slot.spec.demo.leave == Leave::Stop {
                self.stop(id, now);
            } else if slot.is_replaying() {
                let _ = slot.pane_mut().control(Control::Pause, now);
            }
        }
        self.focus = None;
        self.wants_focus = None;
        self.marked = None;
        self.escaped = None;
    }

    /// The pane that waits for what was asked for with this generation.
    fn awaiting(&mut self, generation: Generation) -> Option<(PaneId, &mut PaneSlot)> {
        let mut slots = self.slots.iter_mut().map(|(id, slot)| (*id, slot));
        slots.find(|(_, slot)| slot.awaits(generation))
    }

    /// What was asked for with this generation is there.
    pub(crate) fn attached(
        &mut self,
        generation: Generation,
        feed: Feed,
        tape: Option<NewTape>,
        now: Elapsed,
    ) {
        let late = match self.awaiting(generation) {
            Some((_, slot)) => slot.attach(generation, feed, tape, now).err(),
            None => Some(feed),
        };
        if let Some(feed) = late {
            self.retire_feed(feed, now);
        }
    }

    /// What was asked for cannot be; when it `lacks_setup`, because what it runs in is not there and can be set up.
    pub(crate) fn failed(&mut self, generation: Generation, reason: &str, lacks_setup: bool, now: Elapsed) {
        let Some((id, slot)) = self.awaiting(generation) else { return };
        let failure = slot.refuse(generation, reason, lacks_setup);
        if let Some(Failure::Run | Failure::Cancelled) = failure {
            self.release(id, Some(STARTING));
        }
        if failure == Some(Failure::Run) {
            self.fall_back(id, true, now);
        }
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
    pub(crate) fn hushes(&mut self, key: KeyEvent, now: Elapsed) -> bool {
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

    /// A key at the card with the deck's commands. One that is no answer (`answers`) may be the first of what is typed for the
    /// program that the card asks about: what follows at once answers nothing.
    pub(crate) fn typed_at_card(&mut self, key: KeyEvent, answers: bool, now: Elapsed) {
        let waits = |slot: &PaneSlot| slot.awaits_consent() && slot.spec.demo.takes_keyboard();
        if matches!(key.code, KeyCode::Char(_)) && !answers && self.slots.values().any(waits) {
            self.hush = Some(now + HANDS);
        }
    }

    /// Whether `id` could run if it were set up, and nothing else goes on in it.
    pub(crate) fn lacks_setup(&self, id: PaneId) -> bool {
        !self.no_run && self.slots.get(&id).is_some_and(PaneSlot::lacks_setup)
    }

    /// Sets up what `id` runs in, in the pane itself.
    pub(crate) fn set_up(&mut self, id: PaneId, now: Elapsed) {
        self.begin(id, Purpose::SetUp { agreed: None }, now);
        self.start_pending(id);
    }

    /// Starts what waited for the setup in `id`, which has ended.
    fn after_setup(&mut self, id: PaneId, exit: &Exit, now: Elapsed) {
        if *exit != Exit::Status(0) {
            return;
        }
        let waits = |(other, slot): (&PaneId, &PaneSlot)| {
            let waits = *other == id || slot.lacks_setup();
            (other.slide == id.slide && waits && !slot.is_running()).then_some(*other)
        };
        let waiting: Vec<PaneId> = self.slots.iter().filter_map(waits).collect();
        self.start_all(&waiting, now);
    }

    /// Plays the recording in place of a run that could not start, or where the deck wants it to stand in.
    fn fall_back(&mut self, id: PaneId, not_started: bool, now: Elapsed) {
        let Some(slot) = self.slots.get(&id) else { return };
        let stands_in = not_started || slot.spec.demo.fallback == Fallback::Play;
        let broken = matches!(slot.pane().state(), RunStatus::Ended(Exit::Failed(_) | Exit::TimedOut));
        // A recording that does not open has no recording to stand in for it.
        let tape = !self.no_run && matches!(slot.tape, Tape::Unknown | Tape::Found(_));
        if broken && tape && stands_in && !slot.is_replaying() {
            self.play(id, now);
        }
    }

    /// What is known about the recording at `path` now.
    pub(crate) fn tape_found(&mut self, path: &str, plays: bool, day: Option<&str>, now: Elapsed) {
        for slot in self.slots.values_mut() {
            if slot.spec.demo.tape.as_deref() != Some(path) {
                continue;
            }
            slot.tape = if plays { Tape::Found(day.map(str::to_owned)) } else { Tape::Missing };
            // This answer came after the slide's first frame, so that reading on holds up nobody.
            if slot.wants_still() {
                let generation = slot.begin_still(&mut self.last, now);
                self.effects.push_back(RunnerEffect::OpenTape { generation, path: path.to_owned() });
            }
        }
    }

    /// The person has to agree before what was asked for with this generation runs. Whether somebody waits for that.
    pub(crate) fn await_consent(&mut self, generation: Generation) -> bool {
        let Some((id, slot)) = self.awaiting(generation) else { return false };
        if !slot.await_consent(generation) {
            return false;
        }
        let typed = slot.ahead.forget();
        self.release(id, typed.then_some(HANDS));
        true
    }

    /// The person agreed, maybe to packages with this fingerprint: what waited for it starts.
    pub(crate) fn agreed(&mut self, packages: Option<&str>) {
        for id in self.awaiting_consent() {
            let Some(slot) = self.slots.get_mut(&id) else { continue };
            let sets_up = slot.run().start().is_some_and(|start| start.purpose.is_setup());
            if slot.agree(packages) {
                let takes = !sets_up && slot.spec.demo.takes_keyboard();
                self.wants_focus = self.wants_focus.or(takes.then_some(id));
                self.start_pending(id);
            }
        }
    }

    /// The person did not agree: what waited for it says why it does not start.
    pub(crate) fn refused(&mut self, why: &str, now: Elapsed) {
        for id in self.awaiting_consent() {
            let Some(slot) = self.slots.get_mut(&id) else { continue };
            slot.fail(why);
            if slot.run().lacks_setup() {
                self.fall_back(id, false, now);
            }
        }
    }

    /// The panes that wait for the person's answer.
    fn awaiting_consent(&self) -> Vec<PaneId> {
        self.slots.iter().filter(|(_, slot)| slot.awaits_consent()).map(|(id, _)| *id).collect()
    }

    /// What the speaker is told of recordings since.
    pub(crate) fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Takes in everything that is due, and starts what waited for it.
    pub(crate) fn poll(&mut self, deck: &Deck, now: Elapsed) {
        let said = &mut self.said;
        self.leaving.retain_mut(|pane| {
            pane.poll(now);
            let stays = has_program(pane);
            if !stays && said.len() < MAX_SAID {
                said.extend(pane.notice().map(str::to_owned));
            }
            stays
        });
        let mut ids: Vec<PaneId> = self.slots.keys().copied().collect();
        // Those that were left out have their turn first.
        if let Some(turn) = self.turn.take() {
            let first = ids.iter().position(|id| *id >= turn).unwrap_or(0);
            ids.rotate_left(first);
        }
        let mut taken = 0;
        for id in &ids {
            let Some(slot) = self.slots.get_mut(id) else { continue };
            if taken >= BUDGET {
                self.turn = Some(*id);
                break;
            }
            let polled = slot.poll(now);
            taken += polled.taken;
            match polled.ended {
                Some((Purpose::SetUp { .. }, exit)) => self.after_setup(*id, &exit, now),
                Some((Purpose::Demo { .. }, _)) => self.fall_back(*id, false, now),
                None => {}
            }
            self.start_pending(*id);
            self.write_tape(*id, deck);
        }
        for id in ids {
            self.follow(id, now);
        }
        self.poll_closing();
    }

    /// Starts `id` if the pane that it waits for has ended.
    fn follow(&mut self, id: PaneId, now: Elapsed) {
        let Some(slot) = self.slots.get(&id).filter(|slot| slot.is_queued()) else { return };
        let (record, always) = (slot.run().records(), slot.spec.demo.focus == Focus::Always);
        let before = id.pane.checked_sub(1).and_then(|pane| self.slots.get(&PaneId { pane, ..id }));
        if before.is_none_or(PaneSlot::is_done) {
            self.wants_focus = self.wants_focus.or(always.then_some(id));
            self.start_run(id, record, now);
        } else if before.is_some_and(PaneSlot::is_broken) {
            self.slots.get_mut(&id).into_iter().for_each(PaneSlot::unqueue);
        }
    }

    /// Whether a pane of this slide that has been on screen is so.
    pub(crate) fn any_on(&self, slide: usize, is: impl Fn(&PaneSlot) -> bool) -> bool {
        self.slots.iter().any(|(id, slot)| id.slide == slide && is(slot))
    }

    /// Does the steps again that are stuck in these panes; false when none is.
    pub(crate) fn retype(&mut self, ids: &[PaneId], now: Elapsed) -> bool {
        let mut any = false;
        for id in ids {
            any |= self.slots.get_mut(id).is_some_and(|slot| slot.retype(now));
        }
        any
    }

    /// When the key that is held back is the program's.
    pub(crate) fn held_until(&self) -> Option<Elapsed> {
        self.escaped.filter(|_| self.held.is_some()).map(|(_, at)| at + ESCAPE)
    }

    /// When a pane has something to do, as far as that is known.
    pub(crate) fn next_at(&self, now: Elapsed) -> Option<Elapsed> {
        if self.turn.is_some() {
            return Some(now);
        }
        let slots = self.slots.values().filter_map(|slot| slot.next_at(now));
        slots.chain(self.leaving.iter().filter_map(|pane| pane.next_at(now))).chain(self.held_until()).min()
    }

    /// Asks everything that runs to end.
    pub(crate) fn stop_all(&mut self, now: Elapsed) {
        for slot in self.slots.values_mut() {
            slot.stop(now);
            slot.live_mut().close(now);
        }
    }

    /// Whether anything runs, or is being written.
    pub(crate) fn any_running(&self) -> bool {
        let goes_on = |slot: &PaneSlot| slot.recording.is_on() || has_program(slot.live());
        !self.leaving.is_empty() || !self.closing.is_empty() || self.slots.values().any(goes_on)
    }

    /// What happened to programs that had to be killed.
    pub(crate) fn said(&self) -> Vec<String> {
        let title = |slot: &PaneSlot| slot.spec.demo.title.clone().unwrap_or_else(|| slot.spec.id.clone());
        let said = |slot| Some(format!("{}: {}", title(slot), PaneSlot::live(slot).notice()?));
        self.said.iter().cloned().chain(self.slots.values().filter_map(said)).collect()
    }
}

/// Whether a program runs in the pane, or one that ran there is still being ended.
fn has_program(pane: &Pane) -> bool {
    matches!(pane.state(), RunStatus::Running | RunStatus::Stopping) || !pane.is_clear()
}

impl Drop for Panes {
    /// All are asked to end before the first is waited for.
    fn drop(&mut self) {
        self.stop_all(Elapsed::ZERO);
    }
}
