//! Texts that are drawn: diagrams and formulas, as SVG or as a line of text.
//!
//! Nothing of the world: who draws a stranger's text does it in a process of its own, with limits of time and memory.

#[cfg(feature = "graphs")]
mod dot;
pub mod formula;
#[cfg(feature = "graphs")]
mod frame;
pub mod image;
#[cfg(feature = "graphs")]
mod mermaid;
mod palette;

pub use palette::Palette;

use greenroom_deck::Notation;

/// Bytes of the longest text that is drawn.
pub const MAX_SOURCE: usize = 64 * 1024;

/// Why a text cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawError {
    /// In words.
    pub message: String,
    /// The line of the text that it is about, counted from 1.
    pub line: usize,
}

impl DrawError {
    fn new(message: impl Into<String>, line: usize) -> Self {
        Self { message: message.into(), line: line.max(1) }
    }
}

/// Whether this program draws `notation` by itself.
#[must_use]
pub const fn draws(notation: Notation) -> bool {
    match notation {
        Notation::Formula => true,
        Notation::Mermaid | Notation::Dot => cfg!(feature = "graphs"),
        Notation::D2 | Notation::Typst | Notation::Latex => false,
    }
}

/// Draws `source` as an SVG, in these colours and on nothing.
///
/// It may take long, or never end, on a text that was made for that.
///
/// # Errors
/// If it cannot be read, with the place, or if it is too long.
pub fn svg(notation: Notation, source: &str, palette: &Palette) -> Result<String, DrawError> {
    fits(notation, source)?;
    match notation {
        Notation::Formula => formula::svg(source, palette.text).map_err(|error| {
            let before = source.get(..error.at).unwrap_or_default();
            DrawError::new(error.message, before.matches('\n').count() + 1)
        }),
        #[cfg(feature = "graphs")]
        Notation::Mermaid => mermaid::svg(source, palette).map(frame::framed),
        #[cfg(feature = "graphs")]
        Notation::Dot => dot::svg(source, palette).map(frame::framed),
        other => Err(DrawError::new(format!("{} is not drawn by this program itself", other.name()), 1)),
    }
}

/// Whether `source` is short enough to be drawn.
///
/// # Errors
/// If it is not, with the limit.
pub fn fits(notation: Notation, source: &str) -> Result<(), DrawError> {
    if source.len() <= MAX_SOURCE {
        return Ok(());
    }
    let (has, most) = (source.len() / 1024, MAX_SOURCE / 1024);
    let what = if notation == Notation::Formula { "formula" } else { "diagram" };
    Err(DrawError::new(format!("this {what} is {has} kB long, and at most {most} kB are drawn"), 1))
}

#[cfg(all(test, feature = "graphs"))]
mod tests;
