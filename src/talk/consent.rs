//! What a person is shown before a deck may run anything, and what the answer is about.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::keys::{CONSENT, ConsentKey};
use super::{Mode, RunnerEffect, Talk};
use crate::keys::Key;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::launch::Asked;

/// A smaller screen holds no card that could be read.
const LEAST: Size = Size { columns: 20, rows: 5 };
/// From here on the card has a border.
const ROOMY: Size = Size { columns: 60, rows: 12 };

/// The card with a question: it is drawn from a value of its own, and the answer is bound to that value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    asked: Arc<Asked>,
    size: Size,
    rows: Vec<String>,
    scroll: usize,
    /// Its last row has been on a screen of this size.
    read: bool,
}

impl Card {
    pub(super) fn new(asked: Arc<Asked>, size: Size) -> Self {
        let mut card = Self { asked, size, rows: Vec::new(), scroll: 0, read: false };
        card.rows = card.asked.rows(usize::from(card.width()));
        card
    }

    /// The same question on a screen of another size. Its rows are others, and none of them has been seen.
    fn resized(&self, size: Size) -> Self {
        let mut card = Self::new(Arc::clone(&self.asked), size);
        card.scroll = self.scroll.min(card.last());
        card
    }

    /// What is asked.
    #[must_use]
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Whether it has a border around its rows.
    #[must_use]
    pub fn is_roomy(&self) -> bool {
        self.size.columns >= ROOMY.columns && self.size.rows >= ROOMY.rows
    }

    /// Whether the screen is too small for it to be read, and so for an answer.
    #[must_use]
    pub fn is_cramped(&self) -> bool {
        self.size.columns < LEAST.columns || self.size.rows < LEAST.rows
    }

    /// Columns of a row.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.size.columns.saturating_sub(if self.is_roomy() { 4 } else { 0 })
    }

    /// The rows that show.
    #[must_use]
    pub fn shown(&self) -> &[String] {
        let rest = self.rows.get(self.scroll..).unwrap_or_default();
        rest.get(..self.room()).unwrap_or(rest)
    }

    /// How many rows come after those that show.
    #[must_use]
    pub fn below(&self) -> usize {
        self.last() - self.scroll
    }

    /// How many rows stand before those that show.
    #[must_use]
    pub fn above(&self) -> usize {
        self.scroll
    }

    /// Whether it can be answered with yes once it has been drawn like this: its last row has been on the screen, or is.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.read || self.ends()
    }

    /// Whether its last row shows.
    fn ends(&self) -> bool {
        !self.is_cramped() && self.scroll >= self.last()
    }

    /// How many rows show at a time. Around them are a title and the keys, and in a roomy card a border and a blank row.
    fn room(&self) -> usize {
        usize::from(self.size.rows.saturating_sub(if self.is_roomy() { 4 } else { 2 })).max(1)
    }

    /// The first row when the last one shows.
    fn last(&self) -> usize {
        self.rows.len().saturating_sub(self.room())
    }

    /// It has been on the screen as it is now.
    fn drawn(&mut self) {
        self.read |= self.ends();
    }
}

impl Talk {
    /// Somebody has to agree before more can be started.
    pub(super) fn ask(&mut self, asked: Arc<Asked>) {
        if !matches!(self.mode, Mode::Consent(_)) {
            self.mode = Mode::Consent(Card::new(asked, self.shown.size));
        }
    }

    /// The stage has drawn the talk as it is now. Only what has been on the screen can be agreed to: a key that was
    /// pressed before that is no answer.
    pub fn drawn(&mut self) {
        if let Mode::Consent(card) = &mut self.mode {
            card.drawn();
        }
    }

    /// The screen has another size.
    pub(super) fn resize_card(&mut self) {
        if let Mode::Consent(card) = &mut self.mode {
            *card = card.resized(self.shown.size);
        }
    }

    /// A key for the card.
    pub(super) fn consent_key(&mut self, key: KeyEvent, mut card: Card, now: Elapsed) {
        let (room, last) = (card.room().cast_signed(), card.last());
        let asked = CONSENT.find_over(&self.keymap, Key::pressed(key)).map(|action| action.handler);
        match asked {
            // A key that is held down answers nothing by itself.
            Some(ConsentKey::Agree) if card.read && key.kind == KeyEventKind::Press => {
                // What is installed is agreed to once, and nothing is noted.
                return if card.asked.sets_up() {
                    self.panes.agreed(Some(&card.asked.fingerprint));
                } else {
                    self.panes.ask_runner(RunnerEffect::Agree(card.asked));
                };
            }
            Some(ConsentKey::Refuse) => return self.refuse(&card, now),
            // Whatever the person's keys are, this is the way out.
            None if key.code == KeyCode::Esc => return self.refuse(&card, now),
            Some(ConsentKey::Rows(rows)) => card.scroll = card.scroll.saturating_add_signed(rows).min(last),
            Some(ConsentKey::Pages(pages)) => {
                card.scroll = card.scroll.saturating_add_signed(pages.saturating_mul(room)).min(last);
            }
            Some(ConsentKey::First) => card.scroll = 0,
            Some(ConsentKey::Last) => card.scroll = last,
            Some(ConsentKey::Agree) | None => {}
        }
        self.mode = Mode::Consent(card);
    }

    /// Somebody says no.
    fn refuse(&mut self, card: &Card, now: Elapsed) {
        let (said, again) = if card.asked.sets_up() { NOT_SET_UP } else { REFUSED };
        let said = self.hints().and(said, again);
        self.panes.refused(&said, now);
    }

    /// The deck was read again: what is on the card, or waits for an answer on its way, may not be what is there now.
    pub(super) fn close_card(&mut self, now: Elapsed) {
        if matches!(self.mode, Mode::Consent(_)) {
            self.mode = Mode::Slide;
        }
        let said = self.hints().and(CHANGED.0, CHANGED.1);
        self.panes.refused(&said, now);
    }
}

/// What a pane says that waited for a refusal, and how it is asked again.
const REFUSED: (&str, &str) =
    ("not started, because you did not agree to this deck's commands", "; {run} asks again");
/// The same for a setup.
const NOT_SET_UP: (&str, &str) =
    ("not set up, because you did not agree to these packages", "; {set-up} asks again");
/// The same for one that waited while the deck changed.
const CHANGED: (&str, &str) =
    ("not started, because the deck was reloaded while you were asked", "; {run} asks again");
