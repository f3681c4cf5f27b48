//! The fonts of a PDF: which of them has a character, and how far the next one is.

use std::collections::HashMap;

use krilla::text::{Font, GlyphId};
use skrifa::{MetadataProvider, instance};

use super::PdfError;
use crate::cells::LETTERS;
use crate::woff::BLOCKS;
use greenroom_raster::{Face as Embedded, unpacked};

/// Drawn for what no font has.
const UNKNOWN: char = '\u{25a1}';

/// The advance of what has none, in parts of the size.
const ADVANCE: f32 = 0.6;

/// A font, for drawing and for looking up its glyphs.
pub(super) struct Face {
    pub font: Font,
    glyphs: HashMap<char, GlyphId>,
    /// How far the next letter is, in parts of the size.
    advances: HashMap<char, f32>,
}

impl Face {
    fn new(bytes: Vec<u8>) -> Result<Self, PdfError> {
        let broken = || PdfError("a font of this program is broken".to_owned());
        let lookup = skrifa::FontRef::new(&bytes).map_err(|_| broken())?;
        let mappings = lookup.charmap().mappings();
        let glyphs = mappings
            .filter_map(|(code, glyph)| Some((char::from_u32(code)?, GlyphId::new(glyph.to_u32()))))
            .collect();
        let metrics = lookup.glyph_metrics(instance::Size::new(1.0), instance::LocationRef::default());
        let advance = |(code, glyph)| Some((char::from_u32(code)?, metrics.advance_width(glyph)?));
        let advances = lookup.charmap().mappings().filter_map(advance).collect();
        let font = Font::new(bytes.into(), 0).ok_or_else(broken)?;
        Ok(Self { font, glyphs, advances })
    }

    pub(super) fn glyph(&self, c: char) -> Option<GlyphId> {
        self.glyphs.get(&c).copied()
    }
}

/// All of them.
pub(super) struct Fonts {
    regular: Face,
    bold: Face,
    emoji: Face,
    symbols: Face,
    sans: Face,
    blocks: Face,
}

/// Which of the fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Regular,
    Bold,
    Emoji,
    Symbols,
    Sans,
    Blocks,
}

impl Which {
    /// The size at which its characters are as wide as their cells.
    pub(super) fn size(self) -> f32 {
        match self {
            Self::Regular | Self::Bold | Self::Sans | Self::Blocks => LETTERS,
            Self::Emoji => LETTERS * 0.92,
            Self::Symbols => LETTERS * 0.82,
        }
    }
}

impl Fonts {
    pub(super) fn load() -> Result<Self, PdfError> {
        Ok(Self {
            regular: Face::new(unpacked(Embedded::Mono))?,
            bold: Face::new(unpacked(Embedded::MonoBold))?,
            emoji: Face::new(unpacked(Embedded::Emoji))?,
            symbols: Face::new(unpacked(Embedded::Sans))?,
            sans: Face::new(unpacked(Embedded::SansBold))?,
            blocks: Face::new(BLOCKS.to_vec())?,
        })
    }

    pub(super) fn face(&self, which: Which) -> &Face {
        match which {
            Which::Regular => &self.regular,
            Which::Bold => &self.bold,
            Which::Emoji => &self.emoji,
            Which::Symbols => &self.symbols,
            Which::Sans => &self.sans,
            Which::Blocks => &self.blocks,
        }
    }

    /// The font that has `c` as a letter of its own width, and the glyph; in `weight` where that has it.
    pub(super) fn find_wide(&self, c: char, weight: Which) -> (Which, GlyphId) {
        let glyph = self.face(weight).glyph(c);
        glyph.map_or_else(|| self.find(c, weight == Which::Sans), |glyph| (weight, glyph))
    }

    /// How far the letter behind `c` is in [`Fonts::find_wide`], in parts of the size.
    pub(super) fn advance(&self, c: char, weight: Which) -> f32 {
        let which = self.find_wide(c, weight).0;
        self.face(which).advances.get(&c).copied().unwrap_or(ADVANCE)
    }

    /// The font that has `c`. What none has is drawn as a box, and is still text.
    pub(super) fn find(&self, c: char, bold: bool) -> (Which, GlyphId) {
        let order = if bold {
            [Which::Bold, Which::Regular, Which::Symbols, Which::Blocks, Which::Emoji]
        } else {
            [Which::Regular, Which::Bold, Which::Symbols, Which::Blocks, Which::Emoji]
        };
        let found = order.into_iter().find_map(|which| Some((which, self.face(which).glyph(c)?)));
        let unknown = || self.face(order[0]).glyph(UNKNOWN).unwrap_or(GlyphId::new(0));
        found.unwrap_or_else(|| (order[0], unknown()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_digits_have_a_font() {
        let fonts = Fonts::load().unwrap();
        for c in ('\u{1fb00}'..='\u{1fb3b}').chain("▌▐█".chars()) {
            let (which, glyph) = fonts.find(c, true);
            assert!(which != Which::Emoji && glyph.to_u32() > 0, "{c}");
            assert_eq!(which == Which::Blocks, c > '\u{ffff}', "{c}");
        }
    }
}
