//! Large letters in documents: text in its place, in a proportional font or, if it is code, in that of cells.

use greenroom_deck::{Rgb, Theme};
use greenroom_frame::{LetterFace, PlacedLetters};

use super::cells::{BASELINE, CELL, LETTERS, rgb};

/// From the top of the fonts' lines to the line that letters stand on, and to their bottom, in parts of their size.
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
    /// In the letters of cells, not in those of titles.
    pub is_code: bool,
    /// Words and their colours, from left to right.
    pub spans: Vec<(&'a str, Rgb)>,
}

impl<'a> Line<'a> {
    /// The classes of its element in a page.
    pub(crate) fn class(&self) -> &'static str {
        if self.is_code { "letters code" } else { "letters" }
    }

    /// The line that `placed` says.
    pub(crate) fn of(placed: &'a PlacedLetters, theme: &Theme) -> Self {
        let (size, base, usual) = match placed.face {
            LetterFace::Title(face) => {
                let (size, base) = face.in_cells(CELL);
                (size, base, theme.title)
            }
            LetterFace::Code(times) => (LETTERS * f32::from(times), BASELINE * f32::from(times), theme.text),
        };
        let ink = |span: &greenroom_frame::LetterSpan| span.style.fg.map_or(usual, |color| rgb(color, usual));
        Self {
            x: f32::from(placed.area.x) * CELL.0,
            base: f32::from(placed.area.y) * CELL.1 + base,
            size,
            height: 2.0 * (base - ASCENT * size) + (ASCENT + DESCENT) * size,
            is_code: matches!(placed.face, LetterFace::Code(_)),
            spans: placed.spans.iter().map(|span| (span.text.as_str(), ink(span))).collect(),
        }
    }
}
