//! A deck as it is shown: parsed, and with the numbers of its figures. Whoever opens one comes through here.

use greenroom_base::files::Files;
use greenroom_bench::Recordings;
use greenroom_deck::Deck;

/// Opens the deck whose outline is at `entry` (`talk.yaml`), or the single Markdown file `entry` (`x.md`).
///
/// Never fails: what is wrong is in [`Deck::problems`].
#[must_use]
pub fn deck(files: &dyn Files, entry: &str) -> Deck {
    let mut deck = greenroom_parse::deck(files, entry);
    let mut recordings = Recordings::new(files);
    deck.interpolate(&mut |figure| recordings.number(figure));
    deck
}
