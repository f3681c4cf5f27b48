//! Decks in other forms.

use std::fmt::Write;
use std::sync::Arc;

use crate::deck::Deck;
use crate::headless;
use crate::paint::Ink;
use crate::run::Size;

/// Every slide with all its steps made, as the stage draws it on a screen of this size, without colours.
///
/// A slide that overflows is drawn on a screen that is high enough for it, so that nothing is cut.
#[must_use]
pub fn text(deck: &Arc<Deck>, ink: &Ink, size: Size) -> String {
    let mut out = String::new();
    for (index, slide) in deck.slides.iter().enumerate() {
        let lacking = headless::overflow(deck, index, size);
        let rows = size.rows.saturating_add(u16::try_from(lacking).unwrap_or(u16::MAX));
        let frame = headless::frame(deck, ink, index, slide.last_step, Size { rows, ..size });
        let rule = "─".repeat(usize::from(size.columns));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{rule}\n{}", frame.text().trim_end());
    }
    out
}
