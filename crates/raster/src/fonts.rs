//! The fonts that come with the program, so that what is drawn looks the same wherever it is.

use skrifa::raw::TableProvider;
use skrifa::{FontRef, GlyphId, MetadataProvider};

/// One of the embedded fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Face {
    /// Letters, symbols, box drawing and blocks of one width.
    Mono,
    /// The same, heavier.
    MonoBold,
    /// Proportional and heavy, with kerning: for titles. Latin, Greek, Cyrillic, punctuation, arrows.
    SansBold,
    /// Proportional: for the text of drawings. It has the symbols and Braille that the others lack.
    Sans,
    /// Emoji in outlines.
    Emoji,
}

impl Face {
    /// Each of them.
    pub const ALL: [Self; 5] = [Self::Mono, Self::MonoBold, Self::SansBold, Self::Sans, Self::Emoji];

    const fn packed(self) -> &'static [u8] {
        match self {
            Self::Mono => include_bytes!("../assets/fonts/DejaVuSansMono.ttf.zst"),
            Self::MonoBold => include_bytes!("../assets/fonts/DejaVuSansMono-Bold.ttf.zst"),
            Self::SansBold => include_bytes!("../assets/fonts/DejaVuSans-Bold.ttf.zst"),
            Self::Sans => include_bytes!("../assets/fonts/DejaVuSans.ttf.zst"),
            Self::Emoji => include_bytes!("../assets/fonts/NotoEmoji.ttf.zst"),
        }
    }

    /// This face, and those that are asked for what it lacks.
    pub(crate) const fn with_substitutes(self) -> [Self; 4] {
        match self {
            Self::MonoBold => [self, Self::Mono, Self::Sans, Self::Emoji],
            Self::SansBold => [self, Self::MonoBold, Self::Sans, Self::Emoji],
            _ => [Self::Mono, Self::MonoBold, Self::Sans, Self::Emoji],
        }
    }
}

/// The bytes of a font. They are half as large in the executable, and few uses need all fonts. What cannot be
/// unpacked is an empty font, which a test would notice.
#[must_use]
pub fn unpacked(face: Face) -> Vec<u8> {
    zstd::stream::decode_all(face.packed()).unwrap_or_default()
}

/// A glyph of a font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub face: Face,
    pub glyph: GlyphId,
}

/// The fonts, each unpacked when it is first asked for.
#[derive(Debug, Default)]
pub(crate) struct Fonts([Option<Vec<u8>>; Face::ALL.len()]);

impl Fonts {
    /// The font, unless it is broken.
    pub(crate) fn font(&mut self, face: Face) -> Option<FontRef<'_>> {
        let slot = self.0.get_mut(face as usize)?;
        FontRef::new(slot.get_or_insert_with(|| unpacked(face))).ok()
    }

    /// The glyph of `c` in `face`, or in the first substitute that has it.
    pub(crate) fn find(&mut self, c: char, face: Face) -> Option<Found> {
        face.with_substitutes().into_iter().find_map(|face| {
            let glyph = self.font(face)?.charmap().map(c)?;
            Some(Found { face, glyph })
        })
    }

    /// How far the next glyph is from this one, in parts of the size of the letters.
    pub(crate) fn advance(&mut self, found: Found) -> f32 {
        let Some(font) = self.font(found.face) else { return 0.0 };
        let metrics =
            font.glyph_metrics(skrifa::instance::Size::unscaled(), skrifa::instance::LocationRef::default());
        metrics.advance_width(found.glyph).unwrap_or(0.0) / units(&font)
    }

    /// What two glyphs stand closer together (below 0), in parts of the size of the letters.
    pub(crate) fn kerning(&mut self, left: Found, right: Found) -> f32 {
        if left.face != right.face || left.face != Face::SansBold {
            return 0.0;
        }
        let Some(font) = self.font(left.face) else { return 0.0 };
        let Ok(kern) = font.kern() else { return 0.0 };
        let pair = kern.subtables().flatten().find_map(|table| match table.kind().ok()? {
            skrifa::raw::tables::kern::SubtableKind::Format0(pairs) => pairs.kerning(left.glyph, right.glyph),
            _ => None,
        });
        #[allow(clippy::cast_precision_loss)] // a few thousand at most
        let pair = pair.unwrap_or(0) as f32;
        pair / units(&font)
    }
}

fn units(font: &FontRef<'_>) -> f32 {
    font.head().map_or(1.0, |head| f32::from(head.units_per_em().max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_font_has_what_it_is_there_for() {
        let mut fonts = Fonts::default();
        let mut has = |face, text: &str| {
            let font = fonts.font(face).unwrap();
            text.chars().all(|c| font.charmap().map(c).is_some())
        };
        for face in [Face::Mono, Face::MonoBold] {
            assert!(has(face, "aÄж→─╭█▀▌"));
        }
        assert!(has(Face::SansBold, "aÄéñøßŁžжΩ“”‘’«»–—…×÷±→←€™"));
        assert!(has(Face::Sans, "aÄéñøßŁžжΩ“”‘’–—…×→€™⠿ℹᵃ"));
        assert!(has(Face::Emoji, "🎉🚀😀"));
    }

    #[test]
    fn what_a_face_lacks_comes_from_another() {
        let mut fonts = Fonts::default();
        let mut face = |c| fonts.find(c, Face::SansBold).map(|found| found.face);
        assert_eq!(face('a'), Some(Face::SansBold));
        assert_eq!(face('█'), Some(Face::MonoBold));
        assert_eq!(face('🚀'), Some(Face::Emoji));
        assert_eq!(face('漢'), None);
    }

    #[test]
    fn capitals_that_lean_towards_each_other_stand_closer() {
        let mut fonts = Fonts::default();
        let [a, v, h] = ['A', 'V', 'H'].map(|c| fonts.find(c, Face::SansBold).unwrap());
        assert!(fonts.kerning(a, v) < -0.03);
        assert!(fonts.kerning(h, h).abs() < f32::EPSILON);
    }
}
