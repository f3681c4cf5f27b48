//! Miniatures: a drawn slide shrunk to a few cells, four dots to a cell.

use std::ops::Range;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Which of a cell's quarters each block fills, as bits: 1 upper left, 2 upper right, 4 lower left, 8 lower
/// right. The index is the bits.
const QUADRANTS: [&str; 16] =
    [" ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█"];
/// A dot with less ink than this stays blank even on an empty page.
const FAINT: f32 = 0.09;
/// A dot with more ink than this shows, whatever is around it.
const SOLID: f32 = 0.62;
/// How far a dot must stand out from the dots around it.
const CONTRAST: f32 = 0.92;

/// Draws `frame` into `area` of `target`, each of its cells from the block of cells it stands for.
///
/// Ink decides the shapes, so that they remain on a terminal without colours: lines of text become broken
/// lines, large letters stay letters. Pictures (cells of `▀`) keep a colour for each half of a cell.
pub fn shrink(frame: &Buffer, target: &mut Buffer, area: Rect) {
    let area = area.intersection(target.area);
    if area.is_empty() || frame.area.is_empty() {
        return;
    }
    let dots = Dots::of(frame, usize::from(area.width) * 2, usize::from(area.height) * 2);
    for (row, y) in (area.top()..area.bottom()).enumerate() {
        for (column, x) in (area.left()..area.right()).enumerate() {
            let Some(cell) = target.cell_mut((x, y)) else { continue };
            cell.reset();
            dots.draw(frame, column, row, cell);
        }
    }
}

/// The ink of a frame at the resolution of the miniature.
struct Dots {
    width: usize,
    height: usize,
    ink: Vec<f32>,
}

impl Dots {
    fn of(frame: &Buffer, width: usize, height: usize) -> Self {
        let fine = Fine::of(frame);
        let mut ink = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                ink.push(fine.mean(span(x, width, fine.width), span(y, height, fine.height)));
            }
        }
        Self { width, height, ink }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        self.ink.get(y * self.width + x).copied().unwrap_or_default()
    }

    /// Whether a dot shows: it has ink, and no less than is usual around it.
    fn shows(&self, x: usize, y: usize) -> bool {
        let ink = self.at(x, y);
        if !(FAINT..=SOLID).contains(&ink) {
            return ink > SOLID;
        }
        let (mut sum, mut count) = (0.0, 0.0);
        for near_y in y.saturating_sub(1)..(y + 2).min(self.height) {
            for near_x in x.saturating_sub(2)..(x + 3).min(self.width) {
                sum += self.at(near_x, near_y);
                count += 1.0;
            }
        }
        ink >= sum / count * CONTRAST
    }

    fn draw(&self, frame: &Buffer, column: usize, row: usize, cell: &mut Cell) {
        let (width, height) = (usize::from(frame.area.width), usize::from(frame.area.height));
        let columns = whole(&span(column, self.width / 2, width), width);
        let rows = whole(&span(row, self.height / 2, height), height);
        if is_picture(frame, &columns, &rows) {
            let half = |lower: usize| whole(&span(row * 2 + lower, self.height, height), height);
            cell.set_symbol("▀");
            cell.set_fg(pixels(frame, &columns, &half(0)));
            cell.set_bg(pixels(frame, &columns, &half(1)));
            return;
        }
        let (mut bits, mut ink) = (0, Blend::default());
        for (bit, (dx, dy)) in [(0, 0), (1, 0), (0, 1), (1, 1)].into_iter().enumerate() {
            let (x, y) = (column * 2 + dx, row * 2 + dy);
            if !self.shows(x, y) {
                continue;
            }
            bits |= 1 << bit;
            let (columns, rows) =
                (whole(&span(x, self.width, width), width), whole(&span(y, self.height, height), height));
            for (source, weight) in cells(frame, &columns, &rows).map(|cell| (cell, weight(cell.symbol()))) {
                ink.add(colours(source).0, weight);
            }
        }
        let mut paper = Blend::default();
        cells(frame, &columns, &rows).for_each(|cell| paper.add(colours(cell).1, 1.0));
        cell.set_symbol(QUADRANTS.get(bits).copied().unwrap_or(" "));
        cell.set_fg(ink.colour());
        cell.set_bg(paper.colour());
    }
}

/// The ink of every quarter of every cell of a frame.
struct Fine {
    width: usize,
    height: usize,
    ink: Vec<f32>,
}

impl Fine {
    fn of(frame: &Buffer) -> Self {
        let (columns, rows) = (usize::from(frame.area.width), usize::from(frame.area.height));
        let mut ink = vec![0.0; columns * rows * 4];
        let mut rest = ink.as_mut_slice();
        for row in frame.content.chunks(columns) {
            let (upper, lower) = rest.split_at_mut((columns * 2).min(rest.len()));
            let (lower, below) = lower.split_at_mut((columns * 2).min(lower.len()));
            rest = below;
            let mut pairs = upper.chunks_mut(2).zip(lower.chunks_mut(2)).zip(row);
            while let Some(((up, low), cell)) = pairs.next() {
                let [a, b, c, d] = quarters(cell.symbol());
                up.copy_from_slice(&[a, b]);
                low.copy_from_slice(&[c, d]);
                // The second half of a wide character is a cell that says it is blank.
                if cell.symbol().width() > 1
                    && let Some(((up, low), _)) = pairs.next()
                {
                    up.copy_from_slice(&[a, b]);
                    low.copy_from_slice(&[c, d]);
                }
            }
        }
        Self { width: columns * 2, height: rows * 2, ink }
    }

    /// The mean over a rectangle whose sides may cut through quarters.
    fn mean(&self, across: Range<f32>, down: Range<f32>) -> f32 {
        let (mut sum, mut area) = (0.0, 0.0);
        for y in whole(&down, self.height) {
            let high = overlap(&down, y);
            for x in whole(&across, self.width) {
                let part = overlap(&across, x) * high;
                sum += self.ink.get(y * self.width + x).copied().unwrap_or_default() * part;
                area += part;
            }
        }
        if area > 0.0 { sum / area } else { 0.0 }
    }
}

/// Where part `index` of `parts` equal parts lies on a side of `length`.
#[allow(clippy::cast_precision_loss)] // sides are u16 and their doubles
fn span(index: usize, parts: usize, length: usize) -> Range<f32> {
    let step = length as f32 / parts.max(1) as f32;
    index as f32 * step..(index + 1) as f32 * step
}

/// The whole units that a span touches: at least one, none past `length`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // spans start at 0 or later
fn whole(span: &Range<f32>, length: usize) -> Range<usize> {
    // A hair's breadth of a neighbour is rounding, not ink.
    let start = ((span.start + 0.001).floor() as usize).min(length.saturating_sub(1));
    let end = ((span.end - 0.001).ceil() as usize).min(length);
    start..end.max(start + 1)
}

/// How much of unit `at` lies within a span.
#[allow(clippy::cast_precision_loss)] // sides are u16 and their doubles
fn overlap(span: &Range<f32>, at: usize) -> f32 {
    let at = at as f32;
    (span.end.min(at + 1.0) - span.start.max(at)).max(0.0)
}

fn cells<'a>(
    frame: &'a Buffer,
    columns: &Range<usize>,
    rows: &Range<usize>,
) -> impl Iterator<Item = &'a Cell> + use<'a> {
    let (columns, width) = (columns.clone(), usize::from(frame.area.width));
    rows.clone().flat_map(move |y| columns.clone().filter_map(move |x| frame.content.get(y * width + x)))
}

/// How much of a cell's quarters (upper left, upper right, lower left, lower right) a glyph inks.
fn quarters(symbol: &str) -> [f32; 4] {
    if let Some(bits) = QUADRANTS.iter().position(|block| *block == symbol) {
        return [1, 2, 4, 8].map(|bit| if bits & bit == 0 { 0.0 } else { 1.0 });
    }
    let Some(first) = symbol.chars().next() else { return [0.0; 4] };
    match first {
        c if c.is_whitespace() => [0.0; 4],
        '\u{2500}'..='\u{257f}' => [0.3; 4],
        // Eighths from below, and from the left.
        '▁' | '▂' | '▃' => [0.0, 0.0, eighths(first, '▁') * 2.0, eighths(first, '▁') * 2.0],
        '▅' | '▆' | '▇' => {
            let upper = eighths(first, '▁') * 2.0 - 1.0;
            [upper, upper, 1.0, 1.0]
        }
        '▉' | '▊' | '▋' => {
            let right = (1.0 - eighths(first, '▉')) * 2.0;
            [1.0, right, 1.0, right]
        }
        '▍' | '▎' | '▏' => {
            let left = (1.0 - eighths(first, '▉')) * 2.0;
            [left, 0.0, left, 0.0]
        }
        '▔' => [0.25, 0.25, 0.0, 0.0],
        '▕' => [0.0, 0.25, 0.0, 0.25],
        '░' => [0.25; 4],
        '▒' => [0.5; 4],
        '▓' => [0.75; 4],
        // The dots of a braille pattern: bits 0-2 and 6 on the left, 3-5 and 7 on the right.
        '\u{2800}'..='\u{28ff}' => {
            let bits = u32::from(first);
            [0x03_u32, 0x18, 0x44, 0xa0].map(|mask| match (bits & mask).count_ones() {
                0 => 0.0,
                1 => 0.4,
                _ => 0.8,
            })
        }
        '.' | ',' | '\'' | '`' | '"' | ':' | ';' | '-' | '_' | '~' | '^' | '·' | '•' | '…' | '‘' | '’' => {
            [0.2; 4]
        }
        _ => [0.45; 4],
    }
}

/// How far `at` lies after `first`, which counts as 1, in eighths.
#[allow(clippy::cast_precision_loss)] // 1 to 8
fn eighths(at: char, first: char) -> f32 {
    (u32::from(at) - u32::from(first) + 1) as f32 / 8.0
}

fn weight(symbol: &str) -> f32 {
    quarters(symbol).iter().sum()
}

/// Whether at least three quarters of these cells are what [`super::picture::half_blocks`] draws.
fn is_picture(frame: &Buffer, columns: &Range<usize>, rows: &Range<usize>) -> bool {
    let halves = cells(frame, columns, rows).filter(|cell| cell.symbol() == "▀").count();
    halves * 4 >= columns.len() * rows.len() * 3
}

fn pixels(frame: &Buffer, columns: &Range<usize>, rows: &Range<usize>) -> Color {
    let mut blend = Blend::default();
    for cell in cells(frame, columns, rows) {
        let (fg, bg) = colours(cell);
        blend.add(fg, 1.0);
        blend.add(bg, 1.0);
    }
    blend.colour()
}

/// The colours of a cell's ink and paper as they show.
fn colours(cell: &Cell) -> (Color, Color) {
    if cell.modifier.contains(Modifier::REVERSED) { (cell.bg, cell.fg) } else { (cell.fg, cell.bg) }
}

/// A weighted mean of colours. Those whose red, green and blue only the terminal knows cannot be mixed: the
/// heaviest of them wins if they outweigh the rest.
#[derive(Default)]
struct Blend {
    sum: [f32; 3],
    weight: f32,
    named: Vec<(Color, f32)>,
}

impl Blend {
    fn add(&mut self, colour: Color, weight: f32) {
        if let Color::Rgb(r, g, b) = colour {
            for (sum, channel) in self.sum.iter_mut().zip([r, g, b]) {
                *sum += f32::from(channel) * weight;
            }
            self.weight += weight;
        } else if let Some((_, heavy)) = self.named.iter_mut().find(|(named, _)| *named == colour) {
            *heavy += weight;
        } else {
            self.named.push((colour, weight));
        }
    }

    fn colour(&self) -> Color {
        let named: f32 = self.named.iter().map(|(_, weight)| weight).sum();
        if self.weight > 0.0 && self.weight >= named {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a mean of bytes
            let [r, g, b] = self.sum.map(|sum| (sum / self.weight).round() as u8);
            return Color::Rgb(r, g, b);
        }
        let heaviest = self.named.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        heaviest.map_or(Color::Reset, |(colour, _)| *colour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(lines: &[&str], width: u16, height: u16) -> Buffer {
        let mut target = Buffer::empty(Rect::new(0, 0, width, height));
        let area = target.area;
        shrink(&Buffer::with_lines(lines.iter().copied()), &mut target, area);
        target
    }

    fn drawing(buffer: &Buffer) -> Vec<String> {
        let width = usize::from(buffer.area.width);
        buffer.content.chunks(width).map(|row| row.iter().map(Cell::symbol).collect()).collect()
    }

    #[test]
    fn large_letters_keep_their_shape() {
        let letters = ["██  ██  ██", "██  ██  ██", "██████  ██", "██████  ██", "██  ██  ██", "██  ██  ██"];
        assert_eq!(drawing(&small(&letters, 5, 3)), ["█ █ █", "███ █", "█ █ █"]);
        assert_eq!(drawing(&small(&["█▀▀█", "█▄▄█"], 2, 1)), ["▌▐"]);
        assert_eq!(drawing(&small(&["█▀▀█", "█▄▄█"], 4, 2)), ["█▀▀█", "█▄▄█"]);
    }

    #[test]
    fn lines_of_text_become_broken_lines() {
        let page = [
            "# A heading         ",
            "                    ",
            "some words and   mor",
            "                    ",
            "code          x = 12",
            "                    ",
        ];
        assert_eq!(drawing(&small(&page, 10, 3)), ["▘▘▀▀▀▘    ", "▀▀▝▀▀▝▀ ▝▀", "▀▀     ▘▘▀"]);
    }

    #[test]
    fn a_page_full_of_text_is_not_a_solid_block() {
        let page =
            ["let x = f(a, b);    ", "if x > 3 {          ", "    return x        ", "}                   "];
        let text = drawing(&small(&page, 5, 1)).concat();
        assert!(text.contains(['▘', '▀', '▛', '▙', '▌']), "{text}");
        assert!(!text.contains("████"), "{text}");
        assert!(text.ends_with(' '), "{text}");
    }

    #[test]
    fn ink_and_paper_have_their_own_colours() {
        let mut page = Buffer::with_lines(["████", "    "]);
        for (index, cell) in page.content.iter_mut().enumerate() {
            cell.set_bg(Color::Rgb(10, 20, 30));
            cell.set_fg(if index % 2 == 0 { Color::Rgb(200, 0, 0) } else { Color::Rgb(100, 0, 50) });
        }
        let mut target = Buffer::empty(Rect::new(0, 0, 3, 1));
        shrink(&page, &mut target, Rect::new(1, 0, 1, 1));
        let cell = &target[(1, 0)];
        assert_eq!((cell.symbol(), cell.fg, cell.bg), ("▀", Color::Rgb(150, 0, 25), Color::Rgb(10, 20, 30)));
        assert_eq!(target[(0, 0)], Cell::default());
    }

    #[test]
    fn a_picture_keeps_both_halves() {
        let mut page = Buffer::with_lines(["▀▀", "▀▀"]);
        for (index, cell) in page.content.iter_mut().enumerate() {
            let level = if index < 2 { 40 } else { 80 };
            cell.set_fg(Color::Rgb(level, 0, 0)).set_bg(Color::Rgb(level + 20, 0, 0));
        }
        let mut target = Buffer::empty(Rect::new(0, 0, 1, 1));
        shrink(&page, &mut target, Rect::new(0, 0, 1, 1));
        let cell = &target[(0, 0)];
        assert_eq!((cell.symbol(), cell.fg, cell.bg), ("▀", Color::Rgb(50, 0, 0), Color::Rgb(90, 0, 0)));
    }

    #[test]
    fn a_wide_character_inks_both_of_its_cells() {
        assert_eq!(drawing(&small(&["日本", "    "], 2, 1)), ["▀▀"]);
    }

    #[test]
    fn any_size_will_do() {
        for (from, to) in
            [((0, 0), (3, 3)), ((3, 3), (0, 0)), ((1, 1), (7, 5)), ((90, 1), (1, 9)), ((5, 4), (3, 3))]
        {
            let mut page = Buffer::empty(Rect::new(2, 1, from.0, from.1));
            page.content.iter_mut().for_each(|cell| _ = cell.set_symbol("█"));
            let mut target = Buffer::empty(Rect::new(1, 1, to.0, to.1));
            shrink(&page, &mut target, Rect::new(0, 0, 40, 40));
            let inked = target.content.iter().all(|cell| cell.symbol() == "█");
            assert!(inked || from.0 == 0, "{from:?} {to:?}");
        }
    }
}
