//! What `check` says of letters that the embedded fonts lack.

use super::at_slide;
use greenroom_base::counted::counted_as;
use greenroom_base::diag::Diagnostic;
use greenroom_deck::Deck;
use greenroom_raster::missing;

/// So many of them are named.
const NAMED: usize = 8;

/// A warning at the first slide with characters that no embedded font has.
pub(crate) fn problems(deck: &Deck) -> Option<Diagnostic> {
    let words: Vec<String> = (0..deck.slides.len()).map(|slide| deck.words(slide)).collect();
    let found = missing(&words.concat());
    let first = words.iter().position(|words| words.contains(|c| found.contains_key(&c)))?;
    let mut often: Vec<(char, usize)> = found.into_iter().collect();
    often.sort_by_key(|(c, count)| (std::cmp::Reverse(*count), *c));
    let named: Vec<String> = often.iter().take(NAMED).map(|(c, _)| c.to_string()).collect();
    let more = if often.len() > NAMED { ", …" } else { "" };
    let count = counted_as(often.len(), "character", "characters");
    let message =
        format!("no font that comes with Greenroom has {count} of the deck: {}{more}", named.join(" "));
    Some(Diagnostic::warning(at_slide(deck, first)?, message).hint(
        "the terminal shows them in a font of its own; in a PNG or a PDF, and where the stage draws slides larger, they are boxes",
    ))
}
