//! Rows of a terminal's cells, at any size.

use std::collections::HashMap;

use crate::fonts::{Face, Fonts};
use crate::glyph::{self, Glyph, Pose};
use crate::{Raster, boxes};

/// The most bytes of glyphs that are kept; then they are drawn anew.
const MAX_KEPT: usize = 8 << 20;
/// The most sizes of cells that are kept glyphs for: a stage and its footer, and the ones before a change.
const MAX_SHEETS: usize = 4;
/// The largest cell, in pixels.
const MAX_CELL: u16 = 512;
/// The width of a letter of the fonts of one width, and of their lines from top to bottom, in parts of their size.
const ADVANCE: f32 = 0.602;
const ASCENT: f32 = 0.928;
const DESCENT: f32 = 0.236;
/// The most marks that are drawn over a letter.
const MAX_MARKS: usize = 4;

/// The line under a cell's letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// One line.
    Single,
    /// Two lines, one under the other.
    Double,
    /// A wave.
    Curly,
    /// Dots.
    Dotted,
    /// Short lines.
    Dashed,
}

/// How a cell looks: colours as they are shown, reversed and dimmed by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Look {
    /// Red, green, blue of the letters.
    pub ink: [u8; 3],
    /// Behind them.
    pub paper: [u8; 3],
    /// Heavier.
    pub bold: bool,
    /// Slanted.
    pub italic: bool,
    /// With a line through it.
    pub strike: bool,
    /// With a line below, and that line's colour.
    pub rule: Option<(Rule, [u8; 3])>,
}

/// A character of a row.
#[derive(Debug, Clone, Copy)]
pub struct Square<'a> {
    /// What is in it: one letter with its marks.
    pub symbol: &'a str,
    /// Cells that it takes: 1 or 2.
    pub columns: u16,
    /// How it looks.
    pub look: Look,
}

/// Which glyph: a letter, its weight and slant, its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    c: char,
    bold: bool,
    italic: bool,
    columns: u16,
}

/// The glyphs of one size of cells.
#[derive(Debug)]
struct Sheet {
    cell: (u16, u16),
    /// Placed from the top left of their cell.
    glyphs: HashMap<Key, Glyph>,
    bytes: usize,
}

/// The glyphs of the sizes used last, the newest at the end.
#[derive(Debug, Default)]
pub(crate) struct Sheets(Vec<Sheet>);

impl Sheets {
    fn of(&mut self, cell: (u16, u16)) -> Option<&mut Sheet> {
        match self.0.iter().position(|sheet| sheet.cell == cell) {
            Some(at) if at + 1 == self.0.len() => {}
            Some(at) => {
                let sheet = self.0.remove(at);
                self.0.push(sheet);
            }
            None => {
                if self.0.len() >= MAX_SHEETS {
                    self.0.remove(0);
                }
                self.0.push(Sheet { cell, glyphs: HashMap::new(), bytes: 0 });
            }
        }
        self.0.last_mut()
    }
}

impl Raster {
    /// Draws a row of cells of `cell` pixels across and down into `out`: RGBA without transparency, as many bytes as
    /// `columns * width * height * 4`. Cells that are not given stay as they are; what has no room is left out.
    pub fn row<'a>(
        &mut self,
        squares: impl Iterator<Item = Square<'a>> + Clone,
        columns: u16,
        cell: (u16, u16),
        out: &mut [u8],
    ) {
        let cell = (cell.0.clamp(1, MAX_CELL), cell.1.clamp(1, MAX_CELL));
        let Some(sheet) = self.sheets.of(cell) else { return };
        let stride = usize::from(columns) * usize::from(cell.0) * 4;
        let Some(out) = out.get_mut(..stride * usize::from(cell.1)).filter(|_| stride > 0) else { return };
        paper(squares.clone(), cell.0, stride, out);
        let mut canvas = Canvas { out, stride };
        let mut x = 0;
        for square in squares {
            let width = usize::from(square.columns) * usize::from(cell.0);
            if (x + width) * 4 > stride {
                break;
            }
            sheet.letters(&mut self.fonts, &square, x, &mut canvas);
            lines(&square.look, cell, x, width, &mut canvas);
            x += width;
        }
    }
}

/// The colour behind each cell: on the first row of pixels, which the others repeat.
fn paper<'a>(squares: impl Iterator<Item = Square<'a>>, width: u16, stride: usize, out: &mut [u8]) {
    let mut at = 0;
    for square in squares {
        let bytes = usize::from(square.columns) * usize::from(width) * 4;
        let [r, g, b] = square.look.paper;
        let Some(part) = out.get_mut(at..(at + bytes).min(stride)) else { break };
        part.chunks_exact_mut(4).for_each(|pixel| pixel.copy_from_slice(&[r, g, b, 255]));
        at += bytes;
        if at >= stride {
            break;
        }
    }
    let at = at.min(stride);
    let (first, others) = out.split_at_mut(stride);
    for row in others.chunks_exact_mut(stride) {
        row[..at].copy_from_slice(&first[..at]);
    }
}

/// Pixels that are drawn on.
struct Canvas<'a> {
    out: &'a mut [u8],
    /// Bytes of a row.
    stride: usize,
}

impl Canvas<'_> {
    /// Lets ink through where the glyph covers.
    fn lay(&mut self, glyph: &Glyph, x: usize, ink: [u8; 3]) {
        let (Ok(left), Ok(top)) = (usize::try_from(glyph.left), usize::try_from(glyph.top)) else { return };
        let start = (x + left) * 4;
        let rows = self.out.chunks_exact_mut(self.stride).skip(top);
        for (row, coverage) in rows.zip(glyph.coverage.chunks_exact(glyph.width.max(1))) {
            let Some(pixels) = row.get_mut(start..) else { return };
            for (pixel, cover) in pixels.chunks_exact_mut(4).zip(coverage) {
                match cover {
                    0 => {}
                    255 => pixel[..3].copy_from_slice(&ink),
                    cover => blend(pixel, ink, *cover),
                }
            }
        }
    }

    /// A rectangle of pixels.
    fn bar(&mut self, (x, y): (usize, usize), (width, height): (usize, usize), ink: [u8; 3]) {
        for row in self.out.chunks_exact_mut(self.stride).skip(y).take(height) {
            let Some(pixels) = row.get_mut(x * 4..(x + width) * 4) else { return };
            pixels.chunks_exact_mut(4).for_each(|pixel| pixel[..3].copy_from_slice(&ink));
        }
    }
}

fn blend(pixel: &mut [u8], ink: [u8; 3], cover: u8) {
    let cover = u32::from(cover);
    for (channel, ink) in pixel.iter_mut().zip(ink) {
        let mixed = u32::from(ink) * cover + u32::from(*channel) * (255 - cover) + 127;
        *channel = u8::try_from(mixed / 255).unwrap_or(u8::MAX);
    }
}

impl Sheet {
    /// The letter of a square and its marks.
    fn letters(&mut self, fonts: &mut Fonts, square: &Square<'_>, x: usize, canvas: &mut Canvas<'_>) {
        let Look { bold, italic, ink, .. } = square.look;
        for c in square.symbol.chars().take(1 + MAX_MARKS) {
            // What follows a joiner is another picture's part.
            if c == '\u{200d}' {
                break;
            }
            if c == ' ' || ('\u{fe00}'..='\u{fe0f}').contains(&c) {
                continue;
            }
            let key = Key { c, bold, italic, columns: square.columns };
            if !self.glyphs.contains_key(&key) {
                self.keep(fonts, key);
            }
            if let Some(glyph) = self.glyphs.get(&key) {
                canvas.lay(glyph, x, ink);
            }
        }
    }

    /// Draws a glyph that is not there yet.
    fn keep(&mut self, fonts: &mut Fonts, key: Key) {
        let size = (usize::from(self.cell.0) * usize::from(key.columns), usize::from(self.cell.1));
        let glyph = match boxes::draw(key.c, size) {
            Some(coverage) => Glyph { left: 0, top: 0, width: size.0, coverage },
            None => cut(&letter(fonts, key, self.cell).unwrap_or_default(), size),
        };
        if self.bytes + glyph.coverage.len() > MAX_KEPT {
            self.glyphs.clear();
            self.bytes = 0;
        }
        self.bytes += glyph.coverage.len();
        self.glyphs.insert(key, glyph);
    }
}

/// The size of letters that fill cells of these pixels, and from a cell's top to the line that they stand on.
fn metrics(cell: (u16, u16)) -> (f32, f32) {
    let (width, height) = (f32::from(cell.0), f32::from(cell.1));
    let px = (width / ADVANCE).min(height / (ASCENT + DESCENT));
    let spare = height - (ASCENT + DESCENT) * px;
    (px, (spare / 2.0 + ASCENT * px).round())
}

/// A letter, in the middle of its cells.
#[allow(clippy::cast_possible_truncation)] // a few hundred pixels
fn letter(fonts: &mut Fonts, key: Key, cell: (u16, u16)) -> Option<Glyph> {
    let face = if key.bold { Face::MonoBold } else { Face::Mono };
    let found = fonts.find(key.c, face).or_else(|| fonts.find('\u{25a1}', face))?;
    let (px, baseline) = metrics(cell);
    let width = f32::from(cell.0) * f32::from(key.columns);
    let advance = fonts.advance(found);
    // What another font has is made to fit; a mark over a letter has no width of its own.
    let px = if advance * px > width * 1.02 { width / advance } else { px };
    let left = (width - advance * px) / 2.0;
    let shift = left - left.floor();
    let mut glyph = glyph::draw(fonts, found, Pose { px, shift, italic: key.italic })?;
    glyph.left += left.floor() as i32;
    glyph.top += baseline as i32;
    Some(glyph)
}

/// The part of a glyph that is inside of its cells, and no more around it than needed.
fn cut(glyph: &Glyph, (width, height): (usize, usize)) -> Glyph {
    let skipped = |at: i32| usize::try_from(-i64::from(at)).unwrap_or(0);
    let place = |at: i32| usize::try_from(at).unwrap_or(0);
    let (left, top) = (place(glyph.left), place(glyph.top));
    let kept = glyph.width.saturating_sub(skipped(glyph.left)).min(width.saturating_sub(left));
    let rows = glyph.coverage.chunks_exact(glyph.width.max(1)).skip(skipped(glyph.top));
    let rows = rows.take(height.saturating_sub(top));
    let coverage = rows.flat_map(|row| row.iter().skip(skipped(glyph.left)).take(kept).copied()).collect();
    let sign = |at: usize| i32::try_from(at).unwrap_or(0);
    Glyph { left: sign(left), top: sign(top), width: kept, coverage }
}

/// The lines under and through the letters of a square.
fn lines(look: &Look, cell: (u16, u16), x: usize, width: usize, canvas: &mut Canvas<'_>) {
    if !look.strike && look.rule.is_none() {
        return;
    }
    let (px, baseline) = metrics(cell);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a few hundred pixels
    let pixels = |part: f32| part.round().clamp(0.0, f32::from(MAX_CELL)) as usize;
    let height = usize::from(cell.1);
    let thick = pixels(px * 0.06).max(1);
    if look.strike {
        canvas.bar((x, pixels(baseline - px * 0.28)), (width, thick), look.ink);
    }
    let Some((rule, ink)) = look.rule else { return };
    let low = height.saturating_sub(thick);
    let top = pixels(baseline + px * 0.1).min(low);
    match rule {
        Rule::Single => canvas.bar((x, top), (width, thick), ink),
        Rule::Double => {
            canvas.bar((x, top.saturating_sub(thick)), (width, thick), ink);
            canvas.bar((x, (top + thick).min(low)), (width, thick), ink);
        }
        Rule::Dotted | Rule::Dashed => {
            let part = if rule == Rule::Dotted { thick } else { (usize::from(cell.0) / 4).max(1) };
            // Counted from the row's left, so that squares beside each other go on in step.
            let first = x.next_multiple_of(part * 2);
            for left in (first..x + width).step_by(part * 2) {
                canvas.bar((left, top), (part.min(x + width - left), thick), ink);
            }
        }
        Rule::Curly => {
            let wave = [0, 0, 1, 1, 1, 0, 0, 0];
            let each = usize::from(cell.0).max(8);
            for column in x..x + width {
                let up = wave[(column % each * 8 / each).min(7)] * thick;
                canvas.bar((column, top.saturating_sub(up)), (1, thick), ink);
            }
        }
    }
}

#[cfg(test)]
mod tests;
