//! When a deck is read again, and what becomes of what was read.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::talk::{Msg, Reading, Talk};
use greenroom_deck::Deck;

/// An editor that saves writes several times; the deck is read when it has been quiet for so long.
const QUIET: Duration = Duration::from_millis(60);
/// Between two readings of a deck that changes without a pause.
const SELDOM: Duration = Duration::from_millis(500);
/// What lost something is read once more after so long.
const DOUBT: Duration = Duration::from_millis(400);
/// A deck that is away is looked for again after so long, each time twice as long as before.
const RETRY: Duration = Duration::from_millis(100);
/// So often, which is half a minute in all; after that with the next change, or by key.
const RETRIES: u32 = 10;
/// At most this long between two of them.
const LONGEST: Duration = Duration::from_secs(5);

/// A deck as it was read.
pub(super) struct Read {
    pub deck: Arc<Deck>,
    /// Its texts that were away or empty.
    pub away: BTreeSet<String>,
}

/// When the deck is read again.
pub(super) struct Readings {
    /// When, if that is planned.
    pub at: Option<Instant>,
    last: Instant,
    retries: u32,
    /// What was read and not believed.
    doubted: Option<String>,
}

impl Readings {
    pub fn new() -> Self {
        Self { at: None, last: Instant::now(), retries: 0, doubted: None }
    }

    /// Something has changed. A demo may write to the deck's folder all the time.
    pub fn changed(&mut self) {
        self.retries = 0;
        let due = (Instant::now() + QUIET).max(self.last + SELDOM);
        self.at = Some(self.at.map_or(due, |at| at.min(due)));
    }

    /// The deck is being read.
    pub fn begun(&mut self) {
        (self.at, self.last) = (None, Instant::now());
    }

    /// What the talk is told of what was read; nothing when it is to be read once more before.
    pub fn done(&mut self, read: Read, talk: &Talk) -> Option<Msg> {
        let Read { deck, away } = read;
        let reading = talk.judge(&deck, &away);
        if reading == Reading::Away {
            self.doubted = None;
            if self.retries < RETRIES {
                let wait = (RETRY * 2_u32.saturating_pow(self.retries)).min(LONGEST);
                self.retries += 1;
                self.at = Some(Instant::now() + wait);
            }
            return Some(Msg::DeckAway);
        }
        self.retries = 0;
        let known = deck.fingerprint();
        if reading == Reading::Doubtful && self.doubted.as_ref() != Some(&known) {
            self.doubted = Some(known);
            self.at = Some(Instant::now() + DOUBT);
            return None;
        }
        self.doubted = None;
        Some(Msg::Reloaded(deck))
    }
}
