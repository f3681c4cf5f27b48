//! Finding slides by their words.

use crate::deck::Deck;

/// A slide that has what is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its index.
    pub slide: usize,
    /// The first line that has it.
    pub line: String,
}

/// The slides whose title, text, code or notes hold `query`, capitals and small letters alike.
#[must_use]
pub fn find(deck: &Deck, query: &str) -> Vec<Found> {
    let query = query.trim().to_lowercase();
    if query.is_empty() {
        return Vec::new();
    }
    let hit = |text: &str| {
        text.lines().find(|line| line.to_lowercase().contains(&query)).map(|line| line.trim().to_owned())
    };
    deck.slides
        .iter()
        .enumerate()
        .filter_map(|(slide, content)| {
            let line = hit(&deck.words(slide)).or_else(|| hit(&content.notes))?;
            Some(Found { slide, line })
        })
        .collect()
}
