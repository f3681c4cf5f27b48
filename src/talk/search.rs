//! Finding slides by their words.

use greenroom_deck::Deck;

/// A slide that has what is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHit {
    /// Its index.
    pub slide: usize,
    /// The first line that has it.
    pub line: String,
}

/// The slides whose title, text or code hold `query`, capitals and small letters alike. Notes are left out:
/// the audience sees what is found.
#[must_use]
pub fn find(deck: &Deck, query: &str) -> Vec<SearchHit> {
    let query = query.trim().to_lowercase();
    if query.is_empty() {
        return Vec::new();
    }
    let hit = |text: &str| {
        text.lines().find(|line| line.to_lowercase().contains(&query)).map(|line| line.trim().to_owned())
    };
    (0..deck.slides.len())
        .filter_map(|slide| hit(&deck.words(slide)).map(|line| SearchHit { slide, line }))
        .collect()
}
