//! Which pane has the keyboard, and what keys and the mouse do to it.

use bytes::Bytes;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::keys::{self as actions, IN_PANE, PaneKey, RECORDING};
use super::panes::{ESCAPE, PaneSlot, Typed};
use super::{Mode, Talk};
use crate::keys::Key;
use greenroom_base::clock::Elapsed;
use greenroom_base::source::{Control, SourceError};
use greenroom_deck::{Chart, PaneId};
use greenroom_pane::{RunStatus, keys};

/// Lines that the wheel moves the scroll-back by.
const WHEEL: i32 = 3;

/// A pane on the screen.
struct PaneArea {
    id: PaneId,
    /// With its border.
    area: Rect,
    /// Rows of it that are scrolled away above.
    skipped: u32,
}

impl Talk {
    /// The pane that keys go to.
    #[must_use]
    pub fn focus(&self) -> Option<PaneId> {
        self.panes.focus
    }

    fn pane_areas(&self) -> Vec<PaneArea> {
        let scene = self.scene(self.shown.place);
        let place = |(pane, _, item): (usize, _, _)| {
            let (area, skipped) = scene.on_screen(item, self.scroll, self.shown.size.columns)?;
            Some(PaneArea { id: PaneId { slide: self.shown.place.slide, pane }, area, skipped })
        };
        scene.panes().filter_map(place).collect()
    }

    /// The slide's keys mean all of its panes again.
    pub(super) fn unmark(&mut self) {
        self.panes.marked = None;
    }

    /// Takes the keyboard from the pane by its own key, which marks it where there are others.
    fn leave_focus(&mut self, now: Elapsed) {
        let left = self.panes.focus;
        self.set_focus(None, now);
        // The others count where one of them fills the screen, too: they will be there again.
        self.panes.marked = left.filter(|_| self.plain(self.shown).panes().count() > 1);
    }

    /// Gives the keys to the first of these that waits for what is typed: what comes next is meant for it.
    pub(super) fn take_keyboard(&mut self, started: &[PaneId], now: Elapsed) {
        let takes = |id: &&PaneId| self.panes.get(**id).is_some_and(PaneSlot::takes_keyboard);
        if self.panes.focus.is_none()
            && let Some(id) = started.iter().find(takes).copied()
        {
            self.set_focus(Some(id), now);
            (self.panes.typed, self.panes.took) = (Some(now), true);
        }
    }

    /// After everything that happens: a pane that wants the keyboard gets it, and its cursor is kept on the screen.
    pub(super) fn settle_focus(&mut self, now: Elapsed) {
        if self.mode != Mode::Slide {
            return;
        }
        let wants = self.panes.wants_focus.take().filter(|id| id.slide == self.shown.place.slide);
        if let (Some(id), None) = (wants, self.panes.focus) {
            self.set_focus(Some(id), now);
            (self.panes.typed, self.panes.took) = (Some(now), true);
        }
        self.follow_cursor();
    }

    /// Scrolls the slide so that the row of the cursor shows, in a pane that is higher than the screen.
    fn follow_cursor(&mut self) {
        let Some(id) = self.panes.focus else { return };
        let row = self.panes.get(id).filter(|slot| slot.listens()).and_then(|slot| slot.pane().cursor_row());
        let Some(row) = row else { return };
        let scene = self.scene(self.shown.place);
        let Some((_, _, item)) = scene.panes().find(|(pane, _, _)| *pane == id.pane) else { return };
        // Its border is above the first row.
        let at = item.y.saturating_add(1 + u32::from(row));
        let height = u32::from(scene.body_area.height);
        let lowest = (at + 1).saturating_sub(height);
        self.scroll = self.scroll.clamp(lowest, at.max(lowest)).min(scene.overflow());
    }

    /// Gives the keys to the pane that had them last, or to the first one; `further`: to the one behind it.
    pub(super) fn focus_pane(&mut self, further: bool, now: Elapsed) {
        let panes = self.panes_here(now);
        if !panes.is_empty() {
            self.focus_next(&panes, further, now);
        }
    }

    /// Gives the keys to the next pane; after the last one, back to the slide.
    fn focus_next(&mut self, panes: &[PaneId], further: bool, now: Elapsed) {
        // The other keyboard was in it, and may be gone: this one takes its place.
        if let Some(id) = self.panes.focus.filter(|_| self.panes.hand != self.hand) {
            return self.set_focus(Some(id), now);
        }
        let from = self.panes.focus.or(self.panes.marked.filter(|_| further));
        if let (None, Some(marked), false) = (self.panes.focus, self.panes.marked, further) {
            return self.set_focus(Some(marked), now);
        }
        let next = match from.and_then(|from| panes.iter().position(|id| *id == from)) {
            None => panes.first(),
            Some(at) => panes.get(at + 1),
        };
        self.set_focus(next.copied(), now);
    }

    pub(super) fn set_focus(&mut self, to: Option<PaneId>, now: Elapsed) {
        (self.panes.escaped, self.panes.held) = (None, None);
        self.panes.marked = None;
        (self.panes.hand, self.panes.took) = (self.hand, false);
        if self.panes.focus == to {
            return;
        }
        for (id, focused) in [(self.panes.focus, false), (to, true)] {
            if let Some(slot) = id.and_then(|id| self.panes.get_mut(id)) {
                tell_focus(slot, focused, now);
            }
        }
        self.panes.focus = to;
    }

    /// A key while a pane has the focus.
    pub(super) fn focused_key(&mut self, id: PaneId, key: KeyEvent, now: Elapsed) {
        let Some(slot) = self.panes.get(id) else {
            self.panes.focus = None;
            return;
        };
        let (listens, state) = (slot.listens(), slot.pane().state().clone());
        if listens {
            // Every key is the program's; Esc Esc alone leads out.
            return self.live_key(id, key, now);
        }
        let live = !slot.is_replaying() && slot.is_running();
        let charts = slot.pane().view().term().is_none();
        if let Some(handle) = actions::anywhere(&self.keymap, key) {
            return handle(self, now);
        }
        let pressed = Key::pressed(key);
        let asked = actions::find_focused(&self.keymap, pressed);
        match asked {
            Some("next-pane") => {
                let panes = self.visible();
                return self.focus_next(&panes, false, now);
            }
            Some("help") => {
                self.mode = Mode::Help(0);
                return;
            }
            Some("switch-recording") if charts => return self.switch_tape(&[id], now),
            _ => {}
        }
        if self.bench_key(id, live, key, asked, now) {
            return;
        }
        match state {
            RunStatus::Idle | RunStatus::Ended(_) => self.resting_key(id, &state, pressed, asked, now),
            _ if self.leaves_pane(pressed) => self.leave_focus(now),
            _ => self.recording_key(pressed, asked, now),
        }
    }

    /// What `pressed` asks of a pane that has the keyboard, where no program takes it.
    fn pane_key(&self, pressed: Key) -> Option<PaneKey> {
        IN_PANE.find_over(&self.keymap, pressed).map(|action| action.handler)
    }

    fn leaves_pane(&self, pressed: Key) -> bool {
        self.pane_key(pressed) == Some(PaneKey::Leave)
    }

    /// A key for a recording that has the keyboard: its own, and some of the slide's.
    fn recording_key(&mut self, pressed: Key, asked: Option<&str>, now: Elapsed) {
        if let Some(action) = RECORDING.find(&self.keymap, pressed) {
            return action.handler.call(self, now);
        }
        match asked {
            Some("run") => self.run_from_recording(now),
            Some("show-result") => self.show_recorded_result(now),
            Some("switch-recording") => self.leave_recording(),
            Some("zoom") => self.toggle_zoom(now),
            _ => {}
        }
    }

    /// A key for a bench: it goes through the charts. Nothing is typed into one that runs, nor into a probe.
    fn bench_key(
        &mut self,
        id: PaneId,
        live: bool,
        key: KeyEvent,
        asked: Option<&str>,
        now: Elapsed,
    ) -> bool {
        let leaves = live && self.leaves_pane(Key::pressed(key));
        let Some(slot) = self.panes.get_mut(id).filter(|slot| slot.pane().view().term().is_none()) else {
            return false;
        };
        let bench = slot.pane().view().bench().is_some();
        let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
        match (asked, key.code) {
            (None, KeyCode::Char(digit @ '1'..='9')) if plain && bench => {
                let number = digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
                if let Some(chart) = number.and_then(Chart::numbered) {
                    slot.pane_mut().show(Some(chart));
                }
            }
            (Some("next-chart"), _) if slot.shows_charts() => slot.pane_mut().show(None),
            (Some("show-result"), _) if !live => {
                self.panes.show_result(id, now);
            }
            (Some("stop"), _) if live => self.panes.stop(id, now),
            (Some("zoom"), _) => self.toggle_zoom(now),
            _ if leaves => self.leave_focus(now),
            _ if live && super::leave::is_interrupt(key) => self.panes.stop(id, now),
            _ if live => self.tell_measuring_keys(bench, now),
            _ => return false,
        }
        true
    }

    /// Says what keys do in a bench or a probe that runs and has the keyboard.
    fn tell_measuring_keys(&mut self, bench: bool, now: Elapsed) {
        let hints = self.hints();
        let charts = bench.then(|| "1 to 8 choose a chart".to_owned());
        let stops = hints.say(if bench { "{stop} stops the bench" } else { "{stop} stops the probe" });
        let parts = [charts, stops, hints.say("{leave-pane} leaves the pane")];
        self.notify_here(parts.into_iter().flatten().collect::<Vec<_>>().join(", "), now);
    }

    fn live_key(&mut self, id: PaneId, key: KeyEvent, now: Elapsed) {
        let pressed = Key::pressed(key);
        // Who asks for the keyboard that the pane has taken already means no tab in the program.
        if std::mem::take(&mut self.panes.took) && self.hints().keys("focus-pane").contains(&pressed) {
            return;
        }
        let ways = self.hints().keys("leave-program");
        let (once, twice) = (ways.contains(&pressed), ways.contains(&pressed.twice()));
        let escaped = self.panes.escaped.take();
        if once {
            return self.leave_focus(now);
        }
        if twice {
            if escaped.is_some_and(|(first, at)| first == pressed && now.since(at) <= ESCAPE) {
                self.panes.held = None;
                return self.leave_focus(now);
            }
            // A line editor takes Esc for the beginning of Alt and a letter: it gets none that only leads out. A program that
            // draws the whole screen gets it at once, since something shows there.
            let draws = self.panes.get(id).is_some_and(|slot| slot.pane().view().modes().alternate_screen);
            if !draws {
                self.send_held(id, now);
                (self.panes.escaped, self.panes.held) = (Some((pressed, now)), Some(key));
                return;
            }
            self.panes.escaped = Some((pressed, now));
        }
        self.send_held(id, now);
        match IN_PANE.find(&self.keymap, pressed).map(|action| action.handler) {
            Some(way @ (PaneKey::ScrollBack | PaneKey::ScrollForward)) => self.scroll_back(id, way),
            _ => self.type_into(id, Typed::Key(key), now),
        }
    }

    /// Gives the program the key that was held back, since it was no way out after all.
    fn send_held(&mut self, id: PaneId, now: Elapsed) {
        let Some(held) = self.panes.held.take() else { return };
        self.type_into(id, Typed::Key(held), now);
        // What follows would be read as Alt and a letter if it came with it.
        if let Some(slot) = self.panes.get_mut(id).filter(|slot| *slot.pane().state() == RunStatus::Running) {
            slot.ahead.pause(now);
        }
    }

    /// The key that was held back is the program's, once no second one can follow it.
    pub(super) fn settle_held(&mut self, now: Elapsed) {
        let due = self.panes.held_until().is_some_and(|due| due <= now);
        match self.panes.focus {
            Some(id) if due => self.send_held(id, now),
            Some(_) => {}
            None => self.panes.held = None,
        }
    }

    /// A page of the scroll-back, up or down.
    fn scroll_back(&mut self, id: PaneId, way: PaneKey) {
        let Some(slot) = self.panes.get_mut(id) else { return };
        let page = i32::from(slot.pane().size().rows.saturating_sub(1).max(1));
        slot.pane_mut().scroll(if way == PaneKey::ScrollBack { page } else { -page });
    }

    /// Gives the program what was typed, or keeps it until the program listens.
    fn type_into(&mut self, id: PaneId, typed: Typed, now: Elapsed) {
        self.panes.typed = Some(now);
        let Some(slot) = self.panes.get_mut(id) else { return };
        let sent = if slot.is_starting() || slot.ahead.holds() {
            slot.ahead.keep(typed)
        } else {
            let bytes = typed.bytes(slot.pane().view().modes());
            bytes.is_empty()
                || slot.pane_mut().control(Control::Input(bytes.into()), now) != Err(SourceError::Full)
        };
        if !sent {
            self.notify(SourceError::Full.to_string(), now);
        }
    }

    /// A pane in which nothing runs keeps the focus, so that what is typed on does not move the talk.
    fn resting_key(
        &mut self,
        id: PaneId,
        state: &RunStatus,
        pressed: Key,
        asked: Option<&str>,
        now: Elapsed,
    ) {
        match (self.pane_key(pressed), asked) {
            (Some(PaneKey::Leave), _) => self.leave_focus(now),
            (Some(way @ (PaneKey::ScrollBack | PaneKey::ScrollForward)), _) => self.scroll_back(id, way),
            // What is typed on for a program that has ended does not start it again.
            (_, Some("run")) if *state == RunStatus::Idle || pressed.typed().is_none() => {
                self.panes.start(id, now);
            }
            (_, Some("zoom")) => self.toggle_zoom(now),
            (_, Some("switch-recording")) if self.panes.get(id).is_some_and(PaneSlot::is_replaying) => {
                self.panes.back(id);
            }
            _ => {
                if let Some(said) = self.hints().say("{leave-pane} leaves the pane") {
                    self.notify_here(said, now);
                }
            }
        }
    }

    /// Pasted text goes to the pane that has the focus, and nowhere else.
    pub(super) fn paste(&mut self, text: &str, now: Elapsed) {
        let Some(id) = self.panes.focus.filter(|_| self.mode == Mode::Slide) else { return };
        if self.panes.get(id).is_some_and(PaneSlot::listens) {
            self.panes.escaped = None;
            self.send_held(id, now);
            self.type_into(id, Typed::Paste(text.to_owned()), now);
        }
    }

    /// The terminal that the talk is shown in has got the focus, or lost it: the program that has the keyboard is told.
    pub(super) fn outer_focus(&mut self, focused: bool, now: Elapsed) {
        let Some(slot) = self.panes.focus.and_then(|id| self.panes.get_mut(id)) else { return };
        tell_focus(slot, focused, now);
    }

    /// What the mouse does to panes; false when it is for the slide.
    pub(super) fn pane_mouse(&mut self, mouse: MouseEvent, now: Elapsed) -> bool {
        let focus = self.panes.focus;
        let shown = self.pane_areas();
        if let (Some(id), MouseEventKind::Drag(_) | MouseEventKind::Up(_)) = (self.panes.drag, mouse.kind) {
            // Where a button went down in a pane, it belongs to its program until it comes up again.
            if let MouseEventKind::Up(_) = mouse.kind {
                self.panes.drag = None;
            }
            shown.iter().filter(|shown| shown.id == id).for_each(|shown| {
                self.mouse_into(shown, mouse, now);
            });
            return true;
        }
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
                if let Some(slot) = self.panes.get_mut(under.id) {
                    slot.pane_mut().scroll(lines);
                }
            }
            _ => {}
        }
        true
    }

    /// Sends the mouse to the program, if it asked for it.
    fn mouse_into(&mut self, shown: &PaneArea, mouse: MouseEvent, now: Elapsed) -> bool {
        let Some(slot) = self.panes.get(shown.id).filter(|slot| *slot.pane().state() == RunStatus::Running)
        else {
            return false;
        };
        let (size, modes) = (slot.pane().size(), slot.pane().view().modes());
        let column = i64::from(mouse.column) - i64::from(shown.area.x) - 1;
        let row = i64::from(mouse.row) - i64::from(shown.area.y) - 1 + i64::from(shown.skipped);
        let inside = |at: i64, count: u16| (0..i64::from(count)).contains(&at);
        let held_down = matches!(mouse.kind, MouseEventKind::Drag(_) | MouseEventKind::Up(_));
        let over = inside(column, size.columns) && inside(row, size.rows);
        if !held_down && !over {
            return false;
        }
        let clamp = |at: i64, count: u16| {
            u16::try_from(at.clamp(0, i64::from(count.saturating_sub(1)))).unwrap_or_default()
        };
        let (column, row) = (clamp(column, size.columns), clamp(row, size.rows));
        let bytes = keys::encode_mouse(mouse.kind, column, row, mouse.modifiers, modes);
        if bytes.is_empty() {
            return false;
        }
        if let MouseEventKind::Down(_) = mouse.kind {
            self.panes.drag = Some(shown.id);
        }
        if let Some(slot) = self.panes.get_mut(shown.id) {
            let _ = slot.pane_mut().control(Control::Input(bytes.into()), now);
        }
        true
    }

    /// The deck has changed, and what shows is slide `place` of the new one.
    pub(super) fn rearrange_panes(&mut self, old: &greenroom_deck::Deck, now: Elapsed) {
        let new = &self.deck;
        // The keyboard stays in its pane wherever that is now, and in what has taken the pane's place: what is being typed
        // must not drive the talk.
        let moved = |id: PaneId| PaneId {
            slide: super::reload::same_slide(&old.slides, &new.slides, id.slide),
            ..id
        };
        let shows =
            |id: &PaneId| id.slide == self.shown.place.slide && new.panes(id.slide).get(id.pane).is_some();
        let focus = self.panes.focus.map(moved).filter(shows);
        let wants = self.panes.wants_focus.map(moved).filter(shows);
        self.panes.rearrange(self.shown.place.slide, now, |id, spec| {
            let slide = super::reload::same_slide(&old.slides, &new.slides, id.slide);
            let there = new.panes(slide).get(id.pane) == Some(spec);
            there.then_some(PaneId { slide, pane: id.pane })
        });
        (self.panes.focus, self.panes.wants_focus) = (focus, wants);
    }
}

/// Tells the program in a pane that it has the keyboard now, or not any more, if it asked for that.
fn tell_focus(slot: &mut PaneSlot, focused: bool, now: Elapsed) {
    let bytes = keys::encode_focus(focused, slot.pane().view().modes());
    if !bytes.is_empty() && *slot.pane().state() == RunStatus::Running {
        let _ = slot.pane_mut().control(Control::Input(Bytes::from_static(bytes)), now);
    }
}
