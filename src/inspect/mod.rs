//! Looking at a deck, and at what it needs, before a talk: for `check`, `doctor` and `preflight`, and for whoever makes
//! something of a deck.
#![allow(clippy::disallowed_methods)] // it looks at this computer

pub(crate) mod demos;
pub(crate) mod diagrams;
pub(crate) mod letters;
pub(crate) mod minutes;
pub(crate) mod needs;
pub(crate) mod preflight;
mod python;
pub(crate) mod report;
pub(crate) mod slides;
pub(crate) mod system;
pub(crate) mod tapes;
pub(crate) mod terminal;

use greenroom_base::diag::Location;
use greenroom_deck::Deck;

/// Where slide `index` begins, by its name: the place of what is wrong with all of it.
fn at_slide(deck: &Deck, index: usize) -> Option<Location> {
    let origin = &deck.slides.get(index)?.origin;
    let name = deck.name(index);
    Some(Location {
        line: origin.line.max(1),
        length: name.chars().count().max(1),
        text: name,
        ..Location::file(&origin.file)
    })
}
