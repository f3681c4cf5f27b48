//! Letters as pixels: the embedded fonts, lines of proportional text, and rows of a terminal's cells.
//!
//! Nothing is unpacked before it is asked for; what was drawn is kept, within bounds, by whoever owns a [`Raster`].

mod boxes;
mod curve;
mod fonts;
mod glyph;
mod line;
mod missing;
mod pixel;
mod row;

pub use curve::{Curve, stroke};
pub use fonts::{Face, unpacked};
pub use line::{Letters, Span};
pub use missing::missing;
pub use pixel::{PixelFace, PixelLine};
pub use row::{Look, Rule, Square};

use fonts::Fonts;
use row::Sheets;

/// The fonts, as far as they have been needed, and the glyphs that were drawn from them.
#[derive(Debug, Default)]
pub struct Raster {
    fonts: Fonts,
    sheets: Sheets,
}

impl Raster {
    /// Nothing unpacked, nothing drawn.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}
