//! Decks in memory, and what becomes of them.

use super::*;
use greenroom_base::files::MemoryFiles;

mod anything;
mod drawings;
mod examples;
mod figures;
mod layouts;
mod pictures;
mod problems;
mod scenarios;
mod slides;
mod themes;
mod written;

/// Every problem of a deck as it is printed.
fn printed(deck: &Deck) -> String {
    deck.problems.iter().map(|problem| problem.render(false)).collect::<Vec<_>>().join("\n\n")
}

/// A single Markdown file as a deck.
pub(crate) fn markdown(text: &str) -> Deck {
    super::deck(&MemoryFiles::new().with("talk.md", text.to_owned()), "talk.md")
}
