//! The panes of the slide that shows: starting and stopping them, and what keys and the mouse do to one that has
//! the focus.

use std::time::Duration;

use bytes::Bytes;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::{Command, Effect, Mode, Place, Talk};
use crate::clock::Elapsed;
use crate::deck::{PaneId, Start};
use crate::paint::PaneLook;
use crate::pane::{Chart, Control, Palette, SourceError, State, keys};
use crate::run::Size;

/// How soon a second Esc must follow the first to leave a pane.
const ESCAPE: Duration = Duration::from_millis(500);
/// How far an arrow key winds a recording.
const WIND: Duration = Duration::from_secs(5);
/// Lines that the wheel moves the scroll-back by.
const WHEEL: i32 = 3;

/// A pane on the screen.
struct Shown {
    id: PaneId,
    /// With its border.
    area: Rect,
    /// Rows of it that are scrolled away above.
    skipped: u32,
}

impl Talk {
    /// How a pane looks now; nothing for one that has not been on screen.
    #[must_use]
    pub fn look(&self, id: PaneId, now: Elapsed) -> Option<PaneLook<'_>> {
        let mut look = self.panes.look(id, now)?;
        let scenario = self.panes.get(id).and_then(|held| held.spec.demo.scenario.as_ref());
        look.plan = scenario.and_then(|path| self.deck.scenarios.get(path)).map(std::convert::AsRef::as_ref);
        Some(look)
    }

    /// The pane that keys go to.
    #[must_use]
    pub fn focus(&self) -> Option<PaneId> {
        self.panes.focus
    }

    /// Asks everything that runs to end: the talk is over.
    pub fn stop_all(&mut self, now: Elapsed) {
        self.panes.stop_all(now);
    }

    /// Whether anything still runs.
    #[must_use]
    pub fn any_running(&self) -> bool {
        self.panes.any_running()
    }

    /// What happened to programs that would not end by themselves.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        self.panes.said()
    }

    /// Gives the panes that show their sizes, starts what starts by itself, and leaves those of the slide before.
    pub(super) fn tend(&mut self, now: Elapsed) -> Vec<Effect> {
        let at = (self.place, self.size);
        if self.tended == Some(at) {
            return Vec::new();
        }
        let before = self.tended.replace(at).map(|(place, _)| place.slide);
        if let Some(slide) = before.filter(|slide| *slide != self.place.slide) {
            self.panes.leave(slide, now);
        }
        let palette = Palette::of(&self.deck.theme);
        let mut effects = Vec::new();
        let mut entering = Vec::new();
        let scene = self.lay_out();
        for (index, spec, item) in scene.panes() {
            let id = PaneId { slide: self.place.slide, pane: index };
            let size = Size {
                columns: item.width.saturating_sub(2).max(2),
                rows: u16::try_from(item.height).unwrap_or(u16::MAX).saturating_sub(2).max(1),
            };
            effects.extend(self.panes.meet(id, spec, size, palette, now));
            let Some(held) = self.panes.get_mut(id) else { continue };
            if !std::mem::replace(&mut held.met, true) && spec.demo.on == Start::Enter && !held.is_running() {
                entering.push(id);
            }
        }
        if self.settings.tapes_first {
            let taped =
                entering.into_iter().filter(|id| self.panes.tape_of(*id).is_some()).collect::<Vec<_>>();
            effects.extend(taped.into_iter().flat_map(|id| self.panes.play(id, now)));
        } else {
            effects.extend(self.panes.start_all(&entering, now));
        }
        effects
    }

    /// The panes that show, in reading order.
    pub(super) fn visible(&self) -> Vec<PaneId> {
        let slide = self.place.slide;
        self.scene(self.place).panes().map(|(pane, _, _)| PaneId { slide, pane }).collect()
    }

    fn shown(&self) -> Vec<Shown> {
        let scene = self.scene(self.place);
        let place = |(pane, _, item): (usize, _, _)| {
            let (area, skipped) = scene.on_screen(item, self.scroll, self.size.columns)?;
            Some(Shown { id: PaneId { slide: self.place.slide, pane }, area, skipped })
        };
        scene.panes().filter_map(place).collect()
    }

    /// Does what a key of the slide mode asks of the slide's panes.
    pub(super) fn pane_command(&mut self, command: Command, now: Elapsed) -> Vec<Effect> {
        let mut panes = self.visible();
        if panes.is_empty() {
            self.notify("This slide has no pane", now);
            return Vec::new();
        }
        if command == Command::FocusPane {
            self.focus_next(&panes, now);
            return Vec::new();
        }
        panes.retain(|id| self.panes.marked.is_none_or(|marked| marked == *id));
        match command {
            Command::Run => {
                let runs = |id: &PaneId| self.panes.get(*id).is_some_and(super::panes::Held::is_running);
                let resting: Vec<PaneId> = panes.iter().filter(|id| !runs(id)).copied().collect();
                // Those that run go on, unless all do: then all begin again.
                let chosen = if resting.is_empty() { &panes } else { &resting };
                return self.panes.start_all(chosen, now);
            }
            Command::Tape => {
                let named = |id: &PaneId| self.panes.tape_of(*id).is_some();
                let chosen: Vec<PaneId> = panes.into_iter().filter(named).collect();
                if chosen.is_empty() || self.panes.no_run {
                    self.notify("Nothing here can be recorded: a demo needs a `tape:` for it", now);
                    return Vec::new();
                }
                return self.panes.tape_all(&chosen, now);
            }
            Command::StopRun => panes.iter().for_each(|id| self.panes.stop(*id, now)),
            Command::NextChart => {
                let shows = |id: &PaneId| self.panes.get(*id).is_some_and(super::panes::Held::shows_charts);
                let benches: Vec<PaneId> = panes.iter().filter(|id| shows(id)).copied().collect();
                if benches.is_empty() {
                    self.notify("Nothing on this slide has charts yet", now);
                }
                for id in benches {
                    self.panes.get_mut(id).into_iter().for_each(|held| held.pane.show(None));
                }
            }
            Command::SwitchTape => return self.switch_tape(&panes, now),
            Command::SetUp => match panes.into_iter().find(|id| self.panes.lacks_setup(*id)) {
                Some(id) => return self.panes.set_up(id, now),
                None => self.notify("Nothing on this slide waits to be set up", now),
            },
            _ => {}
        }
        Vec::new()
    }

    /// The slide's keys mean all of its panes again.
    pub(super) fn unmark(&mut self) {
        self.panes.marked = None;
    }

    /// Takes the keyboard from the pane by its own key, which marks it where there are others.
    fn leave_focus(&mut self, now: Elapsed) {
        let left = self.panes.focus;
        self.set_focus(None, now);
        self.panes.marked = left.filter(|_| self.visible().len() > 1);
    }

    /// From live to tape, and from tape to live.
    fn switch_tape(&mut self, panes: &[PaneId], now: Elapsed) -> Vec<Effect> {
        let replays = |id: &PaneId| self.panes.get(*id).is_some_and(super::panes::Held::is_replaying);
        let replaying: Vec<PaneId> = panes.iter().filter(|id| replays(id)).copied().collect();
        if !replaying.is_empty() && !self.panes.no_run {
            return self.panes.start_all(&replaying, now);
        }
        let may = |id: &PaneId| self.panes.get(*id).is_some_and(super::panes::Held::may_replay);
        let taped: Vec<PaneId> = panes.iter().filter(|id| may(id)).copied().collect();
        if taped.is_empty() {
            self.notify("Nothing on this slide has a recording; greenroom record makes one", now);
        }
        taped.into_iter().flat_map(|id| self.panes.play(id, now)).collect()
    }

    /// Gives the keys to the next pane; after the last one, back to the slide.
    fn focus_next(&mut self, panes: &[PaneId], now: Elapsed) {
        if let (None, Some(marked)) = (self.panes.focus, self.panes.marked) {
            return self.set_focus(Some(marked), now);
        }
        let next = match self.panes.focus.and_then(|focus| panes.iter().position(|id| *id == focus)) {
            None => panes.first(),
            Some(at) => panes.get(at + 1),
        };
        self.set_focus(next.copied(), now);
    }

    pub(super) fn set_focus(&mut self, to: Option<PaneId>, now: Elapsed) {
        self.panes.escaped = None;
        self.panes.marked = None;
        if self.panes.focus == to {
            return;
        }
        for (id, focused) in [(self.panes.focus, false), (to, true)] {
            let Some(held) = id.and_then(|id| self.panes.get_mut(id)) else { continue };
            let bytes = keys::encode_focus(focused, held.pane.view().modes());
            if !bytes.is_empty() && *held.pane.state() == State::Running {
                let _ = held.pane.control(Control::Input(Bytes::from_static(bytes)), now);
            }
        }
        self.panes.focus = to;
    }

    /// A key while a pane has the focus.
    pub(super) fn focused_key(&mut self, id: PaneId, key: KeyEvent, now: Elapsed) -> Vec<Effect> {
        if key.code == KeyCode::F(6) {
            let panes = self.visible();
            self.focus_next(&panes, now);
            return Vec::new();
        }
        let Some(state) = self.panes.get(id).map(|held| held.pane.state().clone()) else {
            self.panes.focus = None;
            return Vec::new();
        };
        let live = matches!(state, State::Starting | State::Running | State::Stopping);
        let types = live && self.panes.get(id).is_some_and(|held| held.pane.view().term().is_some());
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            match key.code {
                KeyCode::Char('z') if !live => return vec![Effect::Suspend],
                KeyCode::Char('l') if !types => return vec![Effect::Repaint],
                _ => {}
            }
        }
        if self.bench_key(id, live, key, now) {
            return Vec::new();
        }
        match state {
            State::Starting | State::Running | State::Stopping => self.live_key(id, key, now),
            State::Replaying => return self.tape_key(id, key, now),
            State::Idle | State::Ended(_) => return self.resting_key(id, &state, key, now),
        }
        Vec::new()
    }

    /// A key for a bench: it goes through the charts. Nothing is typed into one that runs, nor into a probe.
    fn bench_key(&mut self, id: PaneId, live: bool, key: KeyEvent, now: Elapsed) -> bool {
        let Some(held) = self.panes.get_mut(id).filter(|held| held.pane.view().term().is_none()) else {
            return false;
        };
        let bench = held.pane.view().bench().is_some();
        let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
        match key.code {
            KeyCode::Char(digit @ '1'..='9') if plain && bench => {
                let number = digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
                if let Some(chart) = number.and_then(Chart::numbered) {
                    held.pane.show(Some(chart));
                }
            }
            KeyCode::Char('v') if plain && held.shows_charts() => held.pane.show(None),
            KeyCode::Char('X') if plain && live => self.panes.stop(id, now),
            KeyCode::Esc if live => self.set_focus(None, now),
            KeyCode::Char('c') if live && key.modifiers.contains(KeyModifiers::CONTROL) => {
                self.panes.stop(id, now);
            }
            _ if live && !bench => self.notify("X stops the probe, Esc leaves the pane", now),
            _ if live => self.notify("1 to 8 choose a chart, X stops the bench, Esc leaves the pane", now),
            _ => return false,
        }
        true
    }

    fn live_key(&mut self, id: PaneId, key: KeyEvent, now: Elapsed) {
        let escaped = self.panes.escaped.take();
        if key.code == KeyCode::Esc && key.modifiers.is_empty() {
            if escaped.is_some_and(|at| now.since(at) <= ESCAPE) {
                return self.leave_focus(now);
            }
            self.panes.escaped = Some(now);
        }
        let Some(held) = self.panes.get_mut(id) else { return };
        if key.modifiers.contains(KeyModifiers::SHIFT)
            && let KeyCode::PageUp | KeyCode::PageDown = key.code
        {
            let page = i32::from(held.pane.size().rows.saturating_sub(1).max(1));
            held.pane.scroll(if key.code == KeyCode::PageUp { page } else { -page });
            return;
        }
        let bytes = keys::encode_key(&key, held.pane.view().modes());
        self.type_into(id, bytes, now);
    }

    fn type_into(&mut self, id: PaneId, bytes: Vec<u8>, now: Elapsed) {
        let Some(held) = self.panes.get_mut(id).filter(|_| !bytes.is_empty()) else { return };
        if let Err(SourceError::Full) = held.pane.control(Control::Input(bytes.into()), now) {
            self.notify(SourceError::Full.to_string(), now);
        }
    }

    /// A recording is wound with keys. None of them goes on to the slide.
    fn tape_key(&mut self, id: PaneId, key: KeyEvent, now: Elapsed) -> Vec<Effect> {
        let Some(held) = self.panes.get_mut(id) else { return Vec::new() };
        let Some(tape) = held.pane.tape() else { return Vec::new() };
        let (at, speed) = (tape.position(now), tape.speed());
        let control = match key.code {
            KeyCode::Esc => {
                self.leave_focus(now);
                return Vec::new();
            }
            KeyCode::Char('x' | 'X' | 'v' | 'V') => {
                return match key.code {
                    KeyCode::Char('X') => Vec::new(),
                    _ if self.panes.no_run => self.panes.play(id, now),
                    _ => self.panes.start(id, now),
                };
            }
            KeyCode::Char(' ') if tape.is_playing() => Control::Pause,
            KeyCode::Char(' ') => Control::Play,
            KeyCode::Char('.') => Control::Step,
            KeyCode::Char('<') => return self.pan(id, false),
            KeyCode::Char('>') => return self.pan(id, true),
            KeyCode::Left if key.modifiers.contains(KeyModifiers::SHIFT) => return self.pan(id, false),
            KeyCode::Right if key.modifiers.contains(KeyModifiers::SHIFT) => return self.pan(id, true),
            KeyCode::Left => Control::Seek(at - WIND),
            KeyCode::Right => Control::Seek(at + WIND),
            KeyCode::Home => Control::Seek(Elapsed::ZERO),
            KeyCode::Char(']') => Control::NextMark,
            KeyCode::Char('[') => Control::PreviousMark,
            KeyCode::Char('+' | '=') => Control::Speed((speed * 2.0).min(16.0)),
            KeyCode::Char('-') => Control::Speed((speed / 2.0).max(0.25)),
            _ => return Vec::new(),
        };
        let _ = held.pane.control(control, now);
        let _ = held.pane.poll(now);
        Vec::new()
    }

    /// Shows other columns of a recording that is wider than its pane.
    fn pan(&mut self, id: PaneId, right: bool) -> Vec<Effect> {
        self.panes.get_mut(id).into_iter().for_each(|held| held.pane.pan(right));
        Vec::new()
    }

    /// A pane in which nothing runs keeps the focus, so that what is typed on does not move the talk.
    fn resting_key(&mut self, id: PaneId, state: &State, key: KeyEvent, now: Elapsed) -> Vec<Effect> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => self.leave_focus(now),
            KeyCode::Char('e') if control => return self.panes.start(id, now),
            KeyCode::Char('x') if *state == State::Idle => return self.panes.start(id, now),
            KeyCode::PageUp | KeyCode::PageDown if key.modifiers.contains(KeyModifiers::SHIFT) => {
                self.live_key(id, key, now);
            }
            _ => self.notify("Esc leaves the pane", now),
        }
        Vec::new()
    }

    /// Pasted text goes to the pane that has the focus, and nowhere else.
    pub(super) fn paste(&mut self, text: &str, now: Elapsed) {
        let Some(id) = self.panes.focus.filter(|_| self.mode == Mode::Slide) else { return };
        let types = |held: &&super::panes::Held| {
            *held.pane.state() == State::Running && held.pane.view().term().is_some()
        };
        let Some(held) = self.panes.get(id).filter(types) else { return };
        let bytes = keys::encode_paste(text, held.pane.view().modes());
        self.panes.escaped = None;
        self.type_into(id, bytes, now);
    }

    /// What the mouse does to panes; false when it is for the slide.
    pub(super) fn pane_mouse(&mut self, mouse: MouseEvent, now: Elapsed) -> bool {
        let focus = self.panes.focus;
        let shown = self.shown();
        let under = shown.iter().find(|shown| shown.area.contains((mouse.column, mouse.row).into()));
        let Some(under) = under else {
            let leaves = focus.is_some() && matches!(mouse.kind, MouseEventKind::Down(_));
            if leaves {
                self.set_focus(None, now);
            }
            return leaves;
        };
        let sent = focus == Some(under.id) && self.mouse_into(under, mouse, now);
        match mouse.kind {
            _ if sent => {}
            MouseEventKind::Down(MouseButton::Left) => self.set_focus(Some(under.id), now),
            MouseEventKind::ScrollUp | MouseEventKind::ScrollDown => {
                let lines = if mouse.kind == MouseEventKind::ScrollUp { WHEEL } else { -WHEEL };
                if let Some(held) = self.panes.get_mut(under.id) {
                    held.pane.scroll(lines);
                }
            }
            _ => {}
        }
        true
    }

    /// Sends the mouse to the program, if it asked for it.
    fn mouse_into(&mut self, shown: &Shown, mouse: MouseEvent, now: Elapsed) -> bool {
        let column = mouse.column.checked_sub(shown.area.x + 1);
        let skipped = u16::try_from(shown.skipped).unwrap_or(u16::MAX);
        let row = (mouse.row - shown.area.y).saturating_add(skipped).checked_sub(1);
        let Some(held) = self.panes.get(shown.id).filter(|held| *held.pane.state() == State::Running) else {
            return false;
        };
        let size = held.pane.size();
        let (Some(column), Some(row)) = (column, row) else { return false };
        if column >= size.columns || row >= size.rows {
            return false;
        }
        let bytes = keys::encode_mouse(mouse.kind, column, row, mouse.modifiers, held.pane.view().modes());
        let sends = !bytes.is_empty();
        self.type_into(shown.id, bytes, now);
        sends
    }

    /// The deck has changed, and what shows is slide `place` of the new one.
    pub(super) fn rearrange_panes(&mut self, old: &crate::deck::Deck, now: Elapsed) {
        let new = &self.deck;
        self.panes.rearrange(now, |id, spec| {
            let slide = super::reload::same_slide(&old.slides, &new.slides, id.slide);
            let there = new.panes(slide).get(id.pane) == Some(spec);
            there.then_some(PaneId { slide, pane: id.pane })
        });
        // The slide is the same one for its panes, whatever its number has become.
        let place = Place { step: self.place.step, slide: self.place.slide };
        self.tended = self.tended.map(|(_, _)| (place, Size { columns: 0, rows: 0 }));
    }
}
