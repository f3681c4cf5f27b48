//! Box drawing, blocks and Braille by geometry, so that what stands in cells beside each other joins.

use std::ops::Range;

use tiny_skia::{LineCap, PathBuilder, PathStroker, Stroke};

use crate::glyph;

/// The arms of U+2500 to U+257F: up, right, down, left; 1 is light, 2 heavy, 3 double. Those without are dashed, round or
/// slanted.
const ARMS: &str = "\
0101 0202 1010 2020 0000 0000 0000 0000 0000 0000 0000 0000 0110 0210 0120 0220 \
0011 0012 0021 0022 1100 1200 2100 2200 1001 1002 2001 2002 1110 1210 2110 1120 \
2120 2210 1220 2220 1011 1012 2011 1021 2021 2012 1022 2022 0111 0112 0211 0212 \
0121 0122 0221 0222 1101 1102 1201 1202 2101 2102 2201 2202 1111 1112 1211 1212 \
2111 1121 2121 2112 2211 1122 1221 2212 1222 2122 2221 2222 0000 0000 0000 0000 \
0303 3030 0310 0130 0330 0013 0031 0033 1300 3100 3300 1003 3001 3003 1310 3130 \
3330 1013 3031 3033 0313 0131 0333 1303 3101 3303 1313 3131 3333 0000 0000 0000 \
0000 0000 0000 0000 0001 1000 0100 0010 0002 2000 0200 0020 0201 1020 0102 2010";

/// What covers of a cell of `size` pixels the character covers; nothing when it is none of these.
#[must_use]
pub(crate) fn draw(c: char, size: (usize, usize)) -> Option<Vec<u8>> {
    let mut ink = Ink { width: size.0, height: size.1, coverage: vec![0; size.0 * size.1] };
    match c {
        '\u{2504}'..='\u{250b}' | '\u{254c}'..='\u{254f}' => ink.dashes(c),
        '\u{256d}'..='\u{2573}' => ink.strokes(c)?,
        '\u{2500}'..='\u{257f}' => ink.arms(c)?,
        '\u{2580}'..='\u{259f}' => ink.block(c),
        '\u{2800}'..='\u{28ff}' => ink.braille(u32::from(c) - 0x2800)?,
        '\u{1fb00}'..='\u{1fb3b}' => ink.sextants(u32::from(c) - 0x1fb00),
        _ => return None,
    }
    Some(ink.coverage)
}

/// A cell that is being covered.
struct Ink {
    width: usize,
    height: usize,
    coverage: Vec<u8>,
}

impl Ink {
    fn rect(&mut self, x: Range<usize>, y: Range<usize>, value: u8) {
        for row in self.coverage.chunks_exact_mut(self.width.max(1)).take(y.end).skip(y.start) {
            let end = x.end.min(row.len());
            if let Some(part) = row.get_mut(x.start.min(end)..end) {
                part.fill(value);
            }
        }
    }

    /// Pixels of a light line.
    fn thin(&self) -> usize {
        ((self.width.min(self.height) + 4) / 8).max(1)
    }

    fn thick(&self, weight: u8) -> usize {
        if weight == 2 { self.thin() * 2 + 1 } else { self.thin() }
    }

    /// Lines from the sides to the middle.
    fn arms(&mut self, c: char) -> Option<()> {
        let index = usize::try_from(u32::from(c) - 0x2500).ok()?;
        let arms: Vec<u8> =
            ARMS.split_ascii_whitespace().nth(index)?.bytes().map(|digit| digit - b'0').collect();
        let &[up, right, down, left] = arms.as_slice() else { return None };
        for (weight, sides, opposite, upright, far) in [
            (left, (up, down), right, false, false),
            (right, (up, down), left, false, true),
            (up, (left, right), down, true, false),
            (down, (left, right), up, true, true),
        ] {
            match weight {
                0 => {}
                3 => {
                    let near = rail(sides.0, sides.1, opposite);
                    let beyond = rail(sides.1, sides.0, opposite);
                    self.rail(0, near, upright, far);
                    self.rail(2, beyond, upright, far);
                }
                1 if sides.0 == 3 || sides.1 == 3 => {
                    let end = match (sides, opposite) {
                        ((3, 3), 0) => 1,
                        (_, 0) => 3,
                        _ => 2,
                    };
                    self.rail(1, end, upright, far);
                }
                weight => self.plain(weight, sides.0.max(sides.1).max(1), upright, far),
            }
        }
        Some(())
    }

    /// A light or heavy line from a side to beyond the middle, as far as the line across it is thick.
    fn plain(&mut self, weight: u8, across: u8, upright: bool, far: bool) {
        let (thick, end) = (self.thick(weight), self.thick(across));
        let (length, breadth) = if upright { (self.height, self.width) } else { (self.width, self.height) };
        let middle = |side: usize, thick: usize| side.saturating_sub(thick) / 2;
        let (start, from) = (middle(breadth, thick), middle(length, end));
        self.line(start..start + thick, if far { from..length } else { 0..from + end }, upright);
    }

    /// One of the three places of light lines beside each other: 0 and 2 make a double one, 1 is a single one. It goes from a side to the
    /// `end`th edge of the places across it.
    fn rail(&mut self, place: usize, end: usize, upright: bool, far: bool) {
        let thin = self.thin();
        let (length, breadth) = if upright { (self.height, self.width) } else { (self.width, self.height) };
        let edge =
            |side: usize, number: usize| (side.saturating_sub(thin) / 2 + number * thin).saturating_sub(thin);
        let start = edge(breadth, place);
        let along = if far { edge(length, 3 - end)..length } else { 0..edge(length, end) };
        self.line(start..start + thin, along, upright);
    }

    fn line(&mut self, breadth: Range<usize>, along: Range<usize>, upright: bool) {
        if upright { self.rect(breadth, along, 255) } else { self.rect(along, breadth, 255) }
    }

    fn dashes(&mut self, c: char) {
        let (parts, heavy, upright) = match u32::from(c) {
            code @ 0x2504..=0x2507 => (3, code & 1 == 1, code & 2 == 2),
            code @ 0x2508..=0x250b => (4, code & 1 == 1, code & 2 == 2),
            code => (2, code & 1 == 1, code & 2 == 2),
        };
        let thick = self.thick(if heavy { 2 } else { 1 });
        let (length, breadth) = if upright { (self.height, self.width) } else { (self.width, self.height) };
        let start = breadth.saturating_sub(thick) / 2;
        for part in 0..parts {
            let (from, to) = (length * part / parts, length * (part + 1) / parts);
            let gap = ((to - from) / 3).max(1);
            self.line(start..start + thick, from + gap / 2..to - gap.div_ceil(2).min(to - from), upright);
        }
    }

    /// Rounded corners and diagonals.
    #[allow(clippy::cast_precision_loss)] // a few hundred pixels
    fn strokes(&mut self, c: char) -> Option<()> {
        let (width, height, thin) = (self.width as f32, self.height as f32, self.thin());
        // The middle of a straight line of these pixels, which the corner meets.
        let middle = |side: usize| (side.saturating_sub(thin) / 2) as f32 + thin as f32 / 2.0;
        let (x, y) = (middle(self.width), middle(self.height));
        let mut path = PathBuilder::new();
        let mut corner = |right: bool, below: bool| {
            let (side, end) = (if right { width } else { 0.0 }, if below { height } else { 0.0 });
            let radius = (side - x).abs().min((end - y).abs());
            let (to_x, to_y) =
                (if right { x + radius } else { x - radius }, if below { y + radius } else { y - radius });
            // The handles of a quarter of a circle.
            let near = |from: f32, to: f32| from + (to - from) * 0.448;
            path.move_to(x, end);
            path.line_to(x, to_y);
            path.cubic_to(x, near(y, to_y), near(x, to_x), y, to_x, y);
            path.line_to(side, y);
        };
        match c {
            '╭' => corner(true, true),
            '╮' => corner(false, true),
            '╯' => corner(false, false),
            '╰' => corner(true, false),
            _ => {
                if c != '╲' {
                    path.move_to(width, 0.0);
                    path.line_to(0.0, height);
                }
                if c != '╱' {
                    path.move_to(0.0, 0.0);
                    path.line_to(width, height);
                }
            }
        }
        let stroke = Stroke { width: thin as f32, line_cap: LineCap::Square, ..Stroke::default() };
        let outline = PathStroker::new().stroke(&path.finish()?, &stroke, 1.0)?;
        self.copy(&glyph::fill(&outline)?);
        Some(())
    }

    /// Takes what of a drawn shape is inside of the cell.
    fn copy(&mut self, shape: &glyph::Glyph) {
        let inside = |at: i32, side: usize| usize::try_from(at).ok().filter(|at| *at < side);
        for (y, row) in (shape.top..).zip(shape.coverage.chunks_exact(shape.width.max(1))) {
            for (x, value) in (shape.left..).zip(row) {
                let (Some(x), Some(y)) = (inside(x, self.width), inside(y, self.height)) else { continue };
                if let Some(spot) = self.coverage.get_mut(y * self.width + x) {
                    *spot = (*spot).max(*value);
                }
            }
        }
    }

    /// Parts of a cell from U+2580 on.
    fn block(&mut self, c: char) {
        let (width, height) = (self.width, self.height);
        let eighths = |side: usize, count: usize| (side * count + 4) / 8;
        match u32::from(c) {
            0x2580 => self.rect(0..width, 0..eighths(height, 4), 255),
            code @ 0x2581..=0x2588 => {
                let top = eighths(height, (0x2588 - code) as usize).min(height.saturating_sub(1));
                self.rect(0..width, top..height, 255);
            }
            code @ 0x2589..=0x258f => {
                self.rect(0..eighths(width, (0x2590 - code) as usize).max(1), 0..height, 255);
            }
            0x2590 => self.rect(width.div_ceil(2)..width, 0..height, 255),
            0x2591 => self.rect(0..width, 0..height, 64),
            0x2592 => self.rect(0..width, 0..height, 128),
            0x2593 => self.rect(0..width, 0..height, 192),
            0x2594 => self.rect(0..width, 0..eighths(height, 1).max(1), 255),
            0x2595 => self.rect(width.saturating_sub(eighths(width, 1).max(1))..width, 0..height, 255),
            code => {
                // Upper left 1, upper right 2, lower left 4, lower right 8.
                const PARTS: [u8; 10] = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14];
                let parts = PARTS.get((code - 0x2596) as usize).copied().unwrap_or(0);
                self.grid(u32::from(parts), 2);
            }
        }
    }

    /// Two columns of so many rows of parts, a bit each, from the top left on.
    fn grid(&mut self, parts: u32, rows: usize) {
        let (middle, height) = (self.width.div_ceil(2), self.height);
        for part in (0..rows * 2).filter(|part| parts >> part & 1 == 1) {
            let row = part / 2;
            let x = if part % 2 == 0 { 0..middle } else { middle..self.width };
            let edge = |row: usize| (height * row + rows / 2) / rows;
            self.rect(x, edge(row)..edge(row + 1), 255);
        }
    }

    /// They leave out the empty cell, the two halves and the full block.
    fn sextants(&mut self, index: u32) {
        let parts = index + 1 + u32::from(index >= 0x14) + u32::from(index >= 0x28);
        self.grid(parts, 3);
    }

    #[allow(clippy::cast_precision_loss)] // a few hundred pixels
    fn braille(&mut self, dots: u32) -> Option<()> {
        const PLACES: [(f32, f32); 8] =
            [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (1.0, 0.0), (1.0, 1.0), (1.0, 2.0), (0.0, 3.0), (1.0, 3.0)];
        if dots == 0 {
            return Some(());
        }
        let (across, down) = (self.width as f32 / 2.0, self.height as f32 / 4.0);
        let mut path = PathBuilder::new();
        for (_, (x, y)) in PLACES.into_iter().enumerate().filter(|(bit, _)| dots >> bit & 1 == 1) {
            path.push_circle((x + 0.5) * across, (y + 0.5) * down, across.min(down) * 0.42);
        }
        self.copy(&glyph::fill(&path.finish()?)?);
        Some(())
    }
}

/// How far a line of a double arm goes: `near` is the arm on its own side, `beyond` the one on the other.
fn rail(near: u8, beyond: u8, opposite: u8) -> usize {
    match (near, beyond, opposite) {
        (3, _, _) => 1,
        (0, 3, 0) => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cell as rows of text: `#` for what is covered by more than a half.
    fn picture(c: char, size: (usize, usize)) -> Vec<String> {
        let coverage = draw(c, size).unwrap();
        let dot = |value: &u8| if *value > 127 { '#' } else { '.' };
        coverage.chunks(size.0).map(|row| row.iter().map(dot).collect()).collect()
    }

    #[test]
    fn lines_join_in_the_middle() {
        assert_eq!(picture('┐', (5, 5)), [".....", ".....", "###..", "..#..", "..#.."]);
        assert_eq!(picture('╔', (5, 5)), [".....", ".####", ".#...", ".#.##", ".#.#."]);
        assert_eq!(picture('╬', (5, 5)), [".#.#.", "##.##", ".....", "##.##", ".#.#."]);
        assert_eq!(picture('╟', (5, 5)), [".#.#.", ".#.#.", ".#.##", ".#.#.", ".#.#."]);
        assert_eq!(picture('╒', (5, 5)), [".....", "..###", "..#..", "..###", "..#.."]);
        assert_eq!(picture('┢', (7, 7))[0], "...#...");
        assert_eq!(picture('┢', (7, 7))[3], "..#####");
    }

    /// What a line leaves a cell by, the line of the next cell goes on from: the same pixels of the edge.
    #[test]
    fn what_is_beside_each_other_touches() {
        for size in [(8, 16), (10, 20), (11, 26), (21, 47)] {
            let edges = |c: char| {
                let rows = picture(c, size);
                let column = |at: usize| rows.iter().map(|row| row.as_bytes()[at]).collect::<Vec<_>>();
                (rows[0].clone(), column(size.0 - 1), rows[size.1 - 1].clone(), column(0))
            };
            let (up, right, down, left) = (edges('│').0, edges('─').1, edges('│').2, edges('─').3);
            for (c, arms) in [('╭', "rd"), ('╮', "ld"), ('╯', "lu"), ('╰', "ru"), ('┼', "udlr"), ('┤', "udl")]
            {
                let (top, end, bottom, start) = edges(c);
                assert!(!arms.contains('u') || top == up, "{c} {size:?}");
                assert!(!arms.contains('r') || end == right, "{c} {size:?}");
                assert!(!arms.contains('d') || bottom == down, "{c} {size:?}");
                assert!(!arms.contains('l') || start == left, "{c} {size:?}");
            }
        }
    }

    /// Two characters that are each other's rest cover the cell, and nothing twice.
    #[test]
    fn blocks_and_their_rests_fill_a_cell() {
        for size in [(7, 13), (10, 20), (11, 26)] {
            for (one, other) in
                [('▀', '▄'), ('▌', '▐'), ('▘', '▟'), ('▚', '▞'), ('🬀', '🬻'), ('🬂', '🬹'), ('🬞', '🬝')]
            {
                let pair = draw(one, size).unwrap().into_iter().zip(draw(other, size).unwrap());
                assert!(pair.clone().all(|(a, b)| (a > 0) != (b > 0)), "{one}{other} {size:?}");
            }
        }
    }

    #[test]
    fn every_character_is_drawn_at_every_size() {
        let all = (0x2500..=0x259f).chain(0x2800..=0x28ff).chain(0x1fb00..=0x1fb3b);
        for c in all.filter_map(char::from_u32) {
            for size in [(1, 1), (1, 2), (2, 3), (5, 9), (40, 80)] {
                let drawn = draw(c, size).unwrap_or_else(|| panic!("{c} {size:?}"));
                assert_eq!(drawn.len(), size.0 * size.1);
                let empty = drawn.iter().all(|value| *value == 0);
                assert!(size.0 < 5 || empty == (c == '\u{2800}'), "{c} {size:?}");
            }
        }
        assert_eq!(draw('a', (5, 5)), None);
    }
}
