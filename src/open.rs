//! A deck as it is shown: parsed, and with the numbers of its figures. Whoever opens one comes through here.

use greenroom_base::files::Files;
use greenroom_bench::Recordings;
use greenroom_deck::{Deck, Executors};

/// Opens the deck whose outline is at `entry` (`talk.yaml`), or the single Markdown file `entry` (`x.md`).
///
/// Never fails: what is wrong is in [`Deck::problems`].
#[must_use]
pub fn deck(files: &dyn Files, entry: &str) -> Deck {
    deck_with(files, entry, &Executors::new())
}

/// The same for a person who has `executors` for the code in it.
#[must_use]
pub fn deck_with(files: &dyn Files, entry: &str, executors: &Executors) -> Deck {
    let mut deck = greenroom_parse::deck_with(files, entry, executors);
    let mut recordings = Recordings::new(files);
    deck.interpolate(&mut |figure| recordings.number(figure));
    deck
}
