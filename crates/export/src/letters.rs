//! Large letters in documents: text in a proportional font, in its place.

use greenroom_deck::{Rgb, Theme};
use greenroom_terminal::frame::PlacedLetters;

use super::cells::{CELL, rgb};

/// From the top of the proportional font's lines to the line that letters stand on, and to their bottom, in parts of their size.
const ASCENT: f32 = 0.928;
const DESCENT: f32 = 0.236;

/// A line of large letters, in the drawing's units.
pub(crate) struct Line<'a> {
    /// Its left side.
    pub x: f32,
    /// The line that the letters stand on.
    pub base: f32,
    /// Their size.
    pub size: f32,
    /// How high a line of text is whose letters stand on that line, counted from the top of its cells.
    pub height: f32,
    /// Words and their colours, from left to right.
    pub spans: Vec<(&'a str, Rgb)>,
}

impl<'a> Line<'a> {
    /// The line that `placed` says.
    pub(crate) fn of(placed: &'a PlacedLetters, theme: &Theme) -> Self {
        let (size, base) = placed.face.in_cells(CELL);
        let ink = |span: &greenroom_terminal::frame::LetterSpan| {
            span.style.fg.map_or(theme.title, |color| rgb(color, theme.title))
        };
        Self {
            x: f32::from(placed.area.x) * CELL.0,
            base: f32::from(placed.area.y) * CELL.1 + base,
            size,
            height: 2.0 * (base - ASCENT * size) + (ASCENT + DESCENT) * size,
            spans: placed.spans.iter().map(|span| (span.text.as_str(), ink(span))).collect(),
        }
    }
}
