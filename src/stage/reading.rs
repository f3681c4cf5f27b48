//! When a deck is read again, and what becomes of what was read.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::talk::{Msg, Reading, Talk};
use greenroom_base::clock::Elapsed;
use greenroom_deck::Deck;

/// An editor that saves writes several times; the deck is read when it has been quiet for so long.
const RELOAD_DEBOUNCE: Duration = Duration::from_millis(60);
/// Between two readings of a deck that changes without a pause.
const RELOAD_INTERVAL: Duration = Duration::from_millis(500);
/// What lost something is read once more after so long.
const RECHECK_DELAY: Duration = Duration::from_millis(400);
/// A deck that is away is looked for again after so long, each time twice as long as before.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);
/// So often, which is half a minute in all; after that with the next change, or by key.
const RETRY_LIMIT: u32 = 10;
/// At most this long between two of them.
const RETRY_INTERVAL_MAX: Duration = Duration::from_secs(5);

/// A deck as it was read.
pub(super) struct ReadDeck {
    pub deck: Arc<Deck>,
    /// Its texts that were away or empty.
    pub away: BTreeSet<String>,
}

/// When the deck is read again.
pub(super) struct Readings {
    /// When, if that is planned.
    pub at: Option<Elapsed>,
    last: Elapsed,
    retries: u32,
    /// What was read and not believed.
    doubted: Option<String>,
}

impl Readings {
    /// The deck has been read at `now`.
    pub(crate) fn new(now: Elapsed) -> Self {
        Self { at: None, last: now, retries: 0, doubted: None }
    }

    /// Something has changed. A demo may write to the deck's folder all the time.
    pub(crate) fn changed(&mut self, now: Elapsed) {
        self.retries = 0;
        let due = (now + RELOAD_DEBOUNCE).max(self.last + RELOAD_INTERVAL);
        self.at = Some(self.at.map_or(due, |at| at.min(due)));
    }

    /// The deck is being read.
    pub(crate) fn begun(&mut self, now: Elapsed) {
        (self.at, self.last) = (None, now);
    }

    /// What the talk is told of what was read; nothing when it is to be read once more before.
    pub(crate) fn done(&mut self, read: ReadDeck, talk: &Talk, now: Elapsed) -> Option<Msg> {
        let ReadDeck { deck, away } = read;
        let reading = talk.judge(&deck, &away);
        if reading == Reading::Away {
            self.doubted = None;
            if self.retries < RETRY_LIMIT {
                let wait = (RETRY_INTERVAL * 2_u32.saturating_pow(self.retries)).min(RETRY_INTERVAL_MAX);
                self.retries += 1;
                self.at = Some(now + wait);
            }
            return Some(Msg::DeckAway);
        }
        self.retries = 0;
        let known = deck.fingerprint();
        if reading == Reading::Doubtful && self.doubted.as_ref() != Some(&known) {
            self.doubted = Some(known);
            self.at = Some(now + RECHECK_DELAY);
            return None;
        }
        self.doubted = None;
        Some(Msg::Reloaded(deck))
    }
}
