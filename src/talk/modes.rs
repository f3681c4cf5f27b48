//! What keys and the mouse do while something other than the bare slide shows.

use crossterm::event::{KeyCode, KeyEvent, MouseButton, MouseEvent, MouseEventKind};

use super::keys::{self, GOTO, GotoKey, Handler, SEARCH, SearchKey};
use super::panes::KeyboardOwner;
use super::{Mode, Place, Talk, find};
use crate::keys::{HELP, Key, key as key_of};
use crate::link::StageCommand;
use greenroom_base::clock::Elapsed;
use greenroom_deck::Step;

impl Talk {
    pub(super) fn goto_key(&mut self, key: KeyEvent, mut typed: String, now: Elapsed) {
        let asked = GOTO.find_over(&self.keymap, Key::pressed(key)).map(|action| action.handler);
        match (asked, key.code) {
            (Some(GotoKey::Go), _) => return self.go_to_number(&typed, now),
            (Some(GotoKey::Close), _) | (None, KeyCode::Esc) => return,
            (None, KeyCode::Char(digit @ '0'..='9')) if typed.len() < 6 => typed.push(digit),
            (None, KeyCode::Backspace) => {
                typed.pop();
            }
            _ => {}
        }
        if !typed.is_empty() {
            self.mode = Mode::Goto(typed);
        }
    }

    pub(super) fn go_to_number(&mut self, typed: &str, now: Elapsed) {
        let count = self.deck.slides.len();
        match typed.parse::<usize>() {
            Ok(number) if (1..=count).contains(&number) => self.jump(number - 1, now),
            _ => self.notify(format!("There is no slide {typed}; the last one is {count}"), now),
        }
    }

    pub(super) fn search_key(&mut self, key: KeyEvent, mut typed: String, selected: usize, now: Elapsed) {
        let found = find(&self.deck, &typed);
        let pressed = Key::pressed(key);
        let asked = SEARCH.find_over(&self.keymap, pressed).map(|action| action.handler);
        let selected = match (asked, key.code) {
            (Some(SearchKey::Close), _) | (None, KeyCode::Esc) => return,
            (Some(SearchKey::Go), _) => {
                self.last_query.clone_from(&typed);
                return match found.get(selected) {
                    Some(found) => self.jump(found.slide, now),
                    None => self.notify(format!("No slide has \"{typed}\""), now),
                };
            }
            (Some(SearchKey::Down), _) => (selected + 1).min(found.len().saturating_sub(1)),
            (Some(SearchKey::Up), _) => selected.saturating_sub(1),
            (None, KeyCode::Backspace) => {
                typed.pop();
                0
            }
            (None, _) if typed.len() < 200 => match pressed.typed() {
                Some(c) => {
                    typed.push(c);
                    0
                }
                None => selected,
            },
            _ => selected,
        };
        self.mode = Mode::Search(typed, selected);
    }

    pub(super) fn next_found(&mut self, direction: i32, now: Elapsed) {
        if self.last_query.is_empty() {
            let said = self.hints().and("Nothing has been searched for yet", "; {search} searches");
            return self.notify(said, now);
        }
        let found = find(&self.deck, &self.last_query);
        let at = self.shown.place.slide;
        let next = if direction > 0 {
            found.iter().find(|found| found.slide > at).or(found.first())
        } else {
            found.iter().rev().find(|found| found.slide < at).or(found.last())
        };
        match next.map(|found| found.slide) {
            Some(slide) => self.jump(slide, now),
            None => self.notify(format!("No slide has \"{}\"", self.last_query), now),
        }
    }

    pub(super) fn sections_key(&mut self, key: KeyEvent, now: Elapsed) {
        let KeyCode::Char(digit @ '1'..='9') = key.code else { return };
        let number = digit.to_digit(10).unwrap_or(1) as usize - 1;
        if let Some(slide) = self.deck.section_start(number) {
            self.jump(slide, now);
        } else {
            let count = self.deck.outline.sections.len();
            self.notify(format!("There is no section {digit}; this deck has {count}"), now);
        }
    }

    /// Turns the pages of the help; every other key closes it.
    pub(super) fn help_key(&mut self, key: KeyEvent, page: i16) {
        if let Some(action) = HELP.find_over(&self.keymap, Key::pressed(key)) {
            self.mode = Mode::Help(page.wrapping_add(action.handler));
        }
    }

    /// Does what somebody asks who follows the talk. Only the stage's own keyboard answers whether a deck may run,
    /// and ends the talk.
    pub(super) fn order(&mut self, order: StageCommand, now: Elapsed) {
        if matches!(self.mode, Mode::Consent(_)) {
            return;
        }
        // Whoever moves the talk goes on with it.
        self.leaving = None;
        match order {
            StageCommand::Key { key } => {
                self.hand = KeyboardOwner::Afar;
                let key = key_of(&key).filter(|key| !self.panes.hushes(*key, now) && !self.leaves(*key));
                if let Some(key) = key {
                    self.key(key, now);
                }
                self.hand = KeyboardOwner::Here;
            }
            StageCommand::Next => self.moved_from_afar(Self::next, now),
            StageCommand::Previous => self.moved_from_afar(Self::previous, now),
            StageCommand::Go { slide, step } => {
                let place = Place { slide, step: Step::try_from(step).unwrap_or(Step::MAX) };
                self.moved_from_afar(|talk, now| talk.go(place, now), now);
            }
            StageCommand::Run => self.on_slide_from_afar(Self::run_panes, now),
            StageCommand::Stop => self.on_slide_from_afar(Self::stop_panes, now),
            StageCommand::Switch => self.on_slide_from_afar(Self::switch_recordings, now),
            StageCommand::Blank if self.mode == Mode::Blank => self.mode = Mode::Slide,
            StageCommand::Blank => self.mode = Mode::Blank,
        }
    }

    /// Moves, and shows the slide whatever was in front of it.
    fn moved_from_afar(&mut self, moves: impl FnOnce(&mut Self, Elapsed), now: Elapsed) {
        self.mode = Mode::Slide;
        self.set_focus(None, now);
        moves(self, now);
    }

    /// Does something to the demos of the slide, which then shows. A phone has no keyboard that a demo could take.
    fn on_slide_from_afar(&mut self, does: impl FnOnce(&mut Self, Elapsed), now: Elapsed) {
        self.mode = Mode::Slide;
        let before = self.panes.focus;
        does(self, now);
        if self.panes.focus != before {
            self.set_focus(before, now);
        }
        self.panes.wants_focus = None;
    }

    /// Any key brings the slide back; one that moves also moves, since the speaker pressed it to go on.
    pub(super) fn blank_key(&mut self, key: KeyEvent, now: Elapsed) {
        let asked = keys::find(&self.keymap, Key::pressed(key)).map(|action| action.handler);
        if let Some(Handler::AndBlank(handle)) = asked {
            handle(self, now);
        }
    }

    pub(super) fn mouse(&mut self, mouse: MouseEvent, now: Elapsed) {
        if let Mode::Overview(overview) = &self.mode {
            return self.overview_mouse(mouse, overview.clone(), now);
        }
        let click = matches!(mouse.kind, MouseEventKind::Down(_));
        if self.mode != Mode::Slide {
            if click && !matches!(self.mode, Mode::Consent(_)) {
                self.mode = Mode::Slide;
            }
            return;
        }
        if self.pane_mouse(mouse, now) {
            return;
        }
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => self.next(now),
            MouseEventKind::Down(MouseButton::Right) => self.previous(now),
            MouseEventKind::ScrollDown => self.scroll_or(1, now),
            MouseEventKind::ScrollUp => self.scroll_or(-1, now),
            _ => {}
        }
    }
}
