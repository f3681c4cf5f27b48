//! What the embedded fonts cannot draw.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthChar;

use crate::Raster;
use crate::fonts::{Face, Fonts};

impl Raster {
    /// Whether the embedded fonts have every letter of `text`.
    pub fn holds(&mut self, text: &str) -> bool {
        text.chars().all(|c| c.is_ascii() || !is_visible(c) || self.fonts.find(c, Face::SansBold).is_some())
    }
}

/// The characters of `text` that no embedded font has, each with how often it is there.
#[must_use]
pub fn missing(text: &str) -> BTreeMap<char, usize> {
    let mut counts = BTreeMap::new();
    for c in text.chars().filter(|c| !c.is_ascii() && is_visible(*c)) {
        *counts.entry(c).or_insert(0) += 1;
    }
    let mut fonts = Fonts::default();
    counts.retain(|c, _| fonts.find(*c, Face::Mono).is_none());
    counts
}

/// Whether `c` has a form of its own: what joins signs or chooses their form has none.
fn is_visible(c: char) -> bool {
    !c.is_whitespace() && c.width().is_some_and(|columns| columns > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_font_has_is_counted() {
        assert_eq!(
            missing("Where the GIL is — naïve café, Ωmega, 🚀, 👩\u{200d}💻, ❤\u{fe0f}, e\u{301}, ┌─┐, →"),
            BTreeMap::new()
        );
        assert_eq!(missing("世界, 世"), BTreeMap::from([('世', 2), ('界', 1)]));
        let mut raster = Raster::new();
        assert!(raster.holds("🚀 Launch") && raster.holds("Привет"));
        assert!(!raster.holds("Hello 世界"));
    }
}
