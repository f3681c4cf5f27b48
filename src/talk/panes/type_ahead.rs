//! What is typed for a program before it listens: kept, and given to it when it does.

use std::collections::VecDeque;
use std::time::Duration;

use crossterm::event::KeyEvent;

use greenroom_base::clock::Elapsed;
use greenroom_pane::keys::{self, Modes};

/// A program that prints nothing is taken to listen after this.
const SILENT: Duration = Duration::from_secs(1);
/// One that prints its prompt listens a moment later: it may flush what came before.
const PROMPT: Duration = Duration::from_millis(30);
/// What follows an Esc comes so much later that it is no Alt and a letter: programs wait 50 ms for that, or less.
const AFTER_ESC: Duration = Duration::from_millis(60);
/// Most that is kept, in keys and bytes of pasted text.
const MAX_TYPED_AHEAD: usize = 16 * 1024;
/// What is typed on for a program that did not start is let pass until the hands rest for so long.
pub(super) const HANDS: Duration = Duration::from_millis(300);
/// And so is what is typed so soon after it was started.
pub(super) const STARTING: Duration = Duration::from_secs(1);

/// Something typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::talk) enum Typed {
    Key(KeyEvent),
    Paste(String),
}

/// What was typed for a program that does not listen yet.
#[derive(Debug, Default)]
pub(in crate::talk) struct TypeAhead {
    typed: VecDeque<Typed>,
    cost: usize,
    /// The program has begun; this is when it is taken to listen.
    listens: Option<Elapsed>,
}

impl Typed {
    fn cost(&self) -> usize {
        match self {
            Self::Key(_) => 1,
            Self::Paste(text) => text.len(),
        }
    }

    /// The bytes that a program gets.
    pub(crate) fn bytes(&self, modes: Modes) -> Vec<u8> {
        match self {
            Self::Key(key) => keys::encode_key(key, modes),
            Self::Paste(text) => keys::encode_paste(text, modes),
        }
    }
}

impl TypeAhead {
    /// Keeps `typed`; false when there is no room.
    pub(crate) fn keep(&mut self, typed: Typed) -> bool {
        let cost = self.cost + typed.cost();
        let fits = cost <= MAX_TYPED_AHEAD;
        if fits {
            self.cost = cost;
            self.typed.push_back(typed);
        }
        fits
    }

    /// Whether the program has begun and is not known to listen.
    pub(crate) const fn holds(&self) -> bool {
        self.listens.is_some()
    }

    /// The program has begun; `waits` when people type into it at once.
    pub(super) fn begun(&mut self, waits: bool, now: Elapsed) {
        if waits || !self.typed.is_empty() {
            self.listens = Some(now + SILENT);
        }
    }

    /// An Esc has been given to it by itself: what is typed on waits a moment.
    pub(crate) fn pause(&mut self, now: Elapsed) {
        self.listens = self.listens.or(Some(now + AFTER_ESC));
    }

    /// It has printed something.
    pub(super) fn spoke(&mut self, now: Elapsed) {
        self.listens = self.listens.map(|listens| listens.min(now + PROMPT));
    }

    /// When it is taken to listen.
    pub(super) const fn listens_at(&self) -> Option<Elapsed> {
        self.listens
    }

    /// What it is given now.
    pub(super) fn take(&mut self, now: Elapsed) -> Option<Vec<Typed>> {
        self.listens.take_if(|listens| *listens <= now)?;
        self.cost = 0;
        Some(self.typed.drain(..).collect())
    }

    /// The program will not listen. Says whether something had been typed for it.
    pub(super) fn forget(&mut self) -> bool {
        !std::mem::take(self).typed.is_empty()
    }
}
