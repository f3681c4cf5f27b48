//! A part of a row as pixels: letters, the pictures that cross it, and the cursor.

use std::ops::Range;
use std::sync::Arc;

use greenroom_raster::{Look, Raster, Rule, Square};
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use super::changes::{columns, row};
use super::geometry::Geometry;
use greenroom_frame::color;
use greenroom_frame::{Frame, Picture, PlacedPicture, Underline};

/// What letters and paper are where a frame does not say.
const INK: [u8; 3] = [229, 229, 229];
const PAPER: [u8; 3] = [0, 0, 0];

/// Draws rows, and keeps what that needs: glyphs, and the pictures of the frame in their size.
#[derive(Debug, Default)]
pub(super) struct Composer {
    raster: Raster,
    sized: Vec<Sized>,
}

/// A picture at the size that it is shown in.
#[derive(Debug)]
struct Sized {
    picture: Arc<Picture>,
    width: usize,
    height: usize,
    rgba: Vec<u8>,
}

impl Composer {
    /// Forgets the pictures that `frame` does not have.
    pub(super) fn keep(&mut self, frame: &Frame) {
        self.sized.retain(|sized| frame.pictures.iter().any(|placed| placed.picture.id == sized.picture.id));
    }

    /// Draws the columns `range` of row `y` into `out`: RGBA without transparency.
    pub(super) fn draw(
        &mut self,
        frame: &Frame,
        y: u16,
        range: &Range<u16>,
        geometry: &Geometry,
        out: &mut Vec<u8>,
    ) {
        let (width, height) = geometry.cell;
        let count = range.end.saturating_sub(range.start);
        let pixels = usize::from(count) * usize::from(width) * usize::from(height);
        out.clear();
        out.resize(pixels * 4, 0);
        letters(&mut self.raster, frame, (y, range), geometry.cell, out);
        for placed in &frame.pictures {
            if (placed.area.top()..placed.area.bottom()).contains(&y) {
                self.picture(placed, y, range, geometry, out);
            }
        }
        cursor(frame, y, range, geometry, out);
    }

    /// The part of a picture that is in this part of a row.
    fn picture(
        &mut self,
        placed: &PlacedPicture,
        y: u16,
        range: &Range<u16>,
        geometry: &Geometry,
        out: &mut [u8],
    ) {
        let (width, height) = (usize::from(geometry.cell.0), usize::from(geometry.cell.1));
        let area = (usize::from(placed.area.width) * width, usize::from(placed.area.height) * height);
        let Some((size, at)) = fitted(&placed.picture, area) else { return };
        let Some(sized) = self.sized(&placed.picture, size) else { return };
        // All in pixels from the left of the frame, and from the top of the row.
        let left = usize::from(placed.area.left()) * width + at.0;
        let (start, end) = (usize::from(range.start) * width, usize::from(range.end) * width);
        let (first, last) = (left.max(start), (left + size.0).min(end));
        if first >= last {
            return;
        }
        let above = usize::from(y.saturating_sub(placed.area.top())) * height;
        let skipped = at.1.saturating_sub(above).min(height);
        let source = sized.rgba.chunks_exact(size.0 * 4).skip(above.saturating_sub(at.1));
        let lines = out.chunks_exact_mut((end - start) * 4).take(height).skip(skipped);
        for (line, source) in lines.zip(source) {
            let line = line.get_mut((first - start) * 4..(last - start) * 4);
            let source = source.get((first - left) * 4..(last - left) * 4);
            let (Some(line), Some(source)) = (line, source) else { return };
            for (pixel, over) in line.chunks_exact_mut(4).zip(source.chunks_exact(4)) {
                lay(pixel, over);
            }
        }
    }

    fn sized(&mut self, picture: &Arc<Picture>, (width, height): (usize, usize)) -> Option<&Sized> {
        let is =
            |sized: &Sized| sized.picture.id == picture.id && (sized.width, sized.height) == (width, height);
        if let Some(at) = self.sized.iter().position(is) {
            return self.sized.get(at);
        }
        let rgba = resized(picture, width, height)?;
        self.sized.push(Sized { picture: Arc::clone(picture), width, height, rgba });
        self.sized.last()
    }
}

/// How large a picture is in so many pixels, and where in them: as large as fits, in the middle. None where there is no room.
fn fitted(picture: &Picture, area: (usize, usize)) -> Option<((usize, usize), (usize, usize))> {
    let (across, down) = (picture.width as usize, picture.height as usize);
    let size = if across.checked_mul(area.1)? > down.checked_mul(area.0)? {
        (area.0, down * area.0 / across)
    } else {
        ((across * area.1).checked_div(down)?, area.1)
    };
    let at = (area.0.checked_sub(size.0)? / 2, area.1.checked_sub(size.1)? / 2);
    (size.0 > 0 && size.1 > 0).then_some((size, at))
}

/// A straight colour over one without transparency.
fn lay(pixel: &mut [u8], over: &[u8]) {
    let &[.., alpha] = over else { return };
    let alpha = u32::from(alpha);
    for (channel, over) in pixel.iter_mut().zip(over).take(3) {
        let mixed = (u32::from(*over) * alpha + u32::from(*channel) * (255 - alpha) + 127) / 255;
        *channel = u8::try_from(mixed).unwrap_or(u8::MAX);
    }
}

/// A picture at another size: enlarged smoothly, reduced by the mean of what a pixel stands for.
fn resized(picture: &Picture, width: usize, height: usize) -> Option<Vec<u8>> {
    let (from_width, from_height) = (picture.width as usize, picture.height as usize);
    let whole = from_width.checked_mul(from_height)?.checked_mul(4)?;
    if whole == 0 || picture.rgba.len() != whole || width == 0 || height == 0 {
        return None;
    }
    if (from_width, from_height) == (width, height) {
        return Some(picture.rgba.clone());
    }
    let mut out = Vec::with_capacity(width * height * 4);
    let across: Vec<Part> = (0..width).map(|at| Part::of(at, width, from_width)).collect();
    for y in 0..height {
        let down = Part::of(y, height, from_height);
        for part in &across {
            out.extend_from_slice(&mean(picture, part, &down));
        }
    }
    Some(out)
}

/// What a pixel stands for along one side: source pixels, and the weight of the first against the last in 256ths.
struct Part {
    first: usize,
    last: usize,
    /// Of the last one, where the two are neighbours between which the pixel lies.
    weight: u32,
}

impl Part {
    fn of(at: usize, count: usize, from: usize) -> Self {
        if from > count {
            let (start, end) = (at * from / count, ((at + 1) * from).div_ceil(count).min(from));
            return Self { first: start.min(from - 1), last: end.saturating_sub(1).max(start), weight: 0 };
        }
        // The middle of the pixel, in 256ths of the source's pixels, counted from the middle of its first.
        let middle = ((2 * at + 1) * from * 128 / count).saturating_sub(128);
        let first = (middle / 256).min(from - 1);
        let weight = u32::try_from(middle % 256).unwrap_or(0);
        Self { first, last: (first + 1).min(from - 1), weight: if first + 1 < from { weight } else { 0 } }
    }

    /// The weight of the source pixel at `at`.
    fn weight(&self, at: usize, reduced: bool) -> u32 {
        match (reduced, at == self.first, self.first == self.last) {
            (true, ..) | (_, _, true) => 256,
            (false, true, _) => 256 - self.weight,
            (false, false, _) => self.weight,
        }
    }
}

/// The mean of some source pixels, their colours weighted by how much they cover.
fn mean(picture: &Picture, across: &Part, down: &Part) -> [u8; 4] {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let (reduced_x, reduced_y) = (across.last - across.first > 1, down.last - down.first > 1);
    let (mut sum, mut alpha, mut all) = ([0_u64; 3], 0_u64, 0_u64);
    for y in down.first..=down.last.min(height - 1) {
        for x in across.first..=across.last.min(width - 1) {
            let weight = u64::from(across.weight(x, reduced_x)) * u64::from(down.weight(y, reduced_y));
            let at = (y * width + x) * 4;
            let Some(&[r, g, b, a]) = picture.rgba.get(at..at + 4).and_then(|pixel| pixel.first_chunk())
            else {
                continue;
            };
            let covers = weight * u64::from(a);
            for (sum, channel) in sum.iter_mut().zip([r, g, b]) {
                *sum += u64::from(channel) * covers;
            }
            alpha += covers;
            all += weight;
        }
    }
    let byte = |sum: u64, of: u64| {
        (sum + of / 2).checked_div(of).and_then(|value| u8::try_from(value).ok()).unwrap_or(0)
    };
    let [r, g, b] = sum.map(|sum| byte(sum, alpha));
    [r, g, b, byte(alpha, all)]
}

/// Draws the characters of the columns `range` of row `y`, each in `cell` pixels, into `out`, which has room for them.
pub(crate) fn letters(
    raster: &mut Raster,
    frame: &Frame,
    (y, range): (u16, &Range<u16>),
    cell: (u16, u16),
    out: &mut [u8],
) {
    let squares = squares(frame, y, range);
    raster.row(squares.iter().copied(), range.end.saturating_sub(range.start), cell, out);
}

/// The characters of a part of a row.
fn squares<'a>(frame: &'a Frame, y: u16, range: &Range<u16>) -> Vec<Square<'a>> {
    let row = row(frame, y);
    let is_block = matches!(frame.cursor_style, 0..=2);
    let mut squares = Vec::with_capacity(row.len());
    let mut x = range.start;
    while let Some(cell) = row.get(usize::from(x)).filter(|_| x < range.end) {
        let columns = columns(cell).min(range.end - x);
        let under = frame.cursor.is_some_and(|at| at.y == y && (x..x + columns).contains(&at.x));
        let mut look = look(cell);
        if under && is_block {
            std::mem::swap(&mut look.ink, &mut look.paper);
        }
        squares.push(Square { symbol: cell.symbol(), columns, look });
        x += columns;
    }
    squares
}

/// How a cell looks.
fn look(cell: &Cell) -> Look {
    let color = |color: Color, other: [u8; 3]| color::rgb(color).unwrap_or(other);
    let (mut ink, mut paper) = (color(cell.fg, INK), color(cell.bg, PAPER));
    let has = |modifier| cell.modifier.contains(modifier);
    if has(Modifier::REVERSED) {
        std::mem::swap(&mut ink, &mut paper);
    }
    if has(Modifier::HIDDEN) {
        ink = paper;
    } else if has(Modifier::DIM) {
        ink = half(ink, paper);
    }
    let rule = Underline::of(cell.modifier).map(|line| (rule(line), color(cell.underline_color, ink)));
    Look {
        ink,
        paper,
        bold: has(Modifier::BOLD),
        italic: has(Modifier::ITALIC),
        strike: has(Modifier::CROSSED_OUT),
        rule,
    }
}

fn half(ink: [u8; 3], paper: [u8; 3]) -> [u8; 3] {
    std::array::from_fn(|channel| ink[channel].midpoint(paper[channel]))
}

const fn rule(line: Underline) -> Rule {
    match line {
        Underline::Single => Rule::Single,
        Underline::Double => Rule::Double,
        Underline::Curly => Rule::Curly,
        Underline::Dotted => Rule::Dotted,
        Underline::Dashed => Rule::Dashed,
    }
}

/// A cursor that is a line: below its letter, or before it. A block is the letter itself, its colours exchanged.
fn cursor(frame: &Frame, y: u16, range: &Range<u16>, geometry: &Geometry, out: &mut [u8]) {
    let Some(at) = frame.cursor.filter(|at| at.y == y && range.contains(&at.x)) else { return };
    let (width, height) = (usize::from(geometry.cell.0), usize::from(geometry.cell.1));
    let (lines, pixels) = match frame.cursor_style {
        3 | 4 => (height - (height / 8).clamp(1, height)..height, width),
        5 | 6 => (0..height, (width / 6).max(1)),
        _ => return,
    };
    let ink = row(frame, y).get(usize::from(at.x)).map_or(INK, |cell| look(cell).ink);
    let stride = usize::from(range.end - range.start) * width * 4;
    let left = usize::from(at.x - range.start) * width * 4;
    for line in out.chunks_exact_mut(stride).take(lines.end).skip(lines.start) {
        let Some(line) = line.get_mut(left..left + pixels * 4) else { return };
        for pixel in line.chunks_exact_mut(4) {
            pixel.iter_mut().zip(ink).for_each(|(channel, ink)| *channel = ink);
        }
    }
}
