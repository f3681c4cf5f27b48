//! How the steps that were on the stage looked when it left them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::Showing;
use crate::server::parcel::Parcel;
use crate::talk::Place;
use greenroom_deck::{Deck, Slide};

/// Bytes of steps that are kept, packed ones left out, which are a fifth of that. What is older is drawn again, with its panes at rest.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The steps of one deck.
#[derive(Default)]
pub(super) struct Archive {
    /// The fingerprint of the deck.
    deck: String,
    pages: HashMap<Place, Parcel>,
    /// The oldest first.
    order: VecDeque<Place>,
    bytes: usize,
}

impl Archive {
    pub(super) fn get(&self, deck: &str, place: Place) -> Option<Parcel> {
        if self.deck == deck { self.pages.get(&place).cloned() } else { None }
    }

    pub(super) fn keep(&mut self, deck: &str, place: Place, page: Parcel) {
        if self.deck != deck {
            *self = Self { deck: deck.to_owned(), ..Self::default() };
        }
        self.bytes += page.len();
        match self.pages.insert(place, page) {
            Some(before) => self.bytes -= before.len(),
            None => self.order.push_back(place),
        }
        while self.bytes > MOST_BYTES && self.order.len() > 1 {
            let oldest = self.order.pop_front();
            let gone = oldest.and_then(|place| self.pages.remove(&place));
            self.bytes -= gone.map_or(0, |page| page.len());
        }
    }
}

/// The part of the deck that its room has seen, without notes.
pub(super) fn to_keep(showing: &Showing) -> Arc<Deck> {
    let seen = showing.deck.slides.iter().zip(&showing.openable);
    let slides: Vec<Arc<Slide>> = seen
        .filter_map(|(slide, step)| {
            let last_step = (*step)?.min(slide.last_step);
            let notes = String::new();
            Some(Arc::new(Slide { last_step, notes, note_figures: Vec::new(), ..Slide::clone(slide) }))
        })
        .collect();
    Arc::new(Deck { slides, problems: Vec::new(), ..Deck::clone(&showing.deck) })
}

/// A talk's title as the name of a file.
pub(super) fn file_name(title: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let words: String = title.chars().map(plain).take(80).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "talk".to_owned() } else { words.join("-") }
}
