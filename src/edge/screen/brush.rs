//! Differences between two grids, as bytes.

use std::io::Write;

use ratatui::buffer::Cell;
use ratatui::style::Color;

use super::grid::{self, Grid};
use super::pen::Pen;

/// Fewer blanks than this are written rather than erased.
const ERASE: usize = 4;
/// The same where the cursor has to go on behind them.
const ERASE_WITHIN: usize = 10;

/// Writes cells, and knows where the terminal's cursor is and what it writes with.
#[derive(Debug)]
pub(super) struct Brush {
    pub(super) out: Vec<u8>,
    /// Unknown at first, and after everything that terminals do not agree about.
    at: Option<(u16, u16)>,
    pub(super) pen: Option<Pen>,
    /// Erased cells have the pen's background.
    erases_in_color: bool,
}

impl Brush {
    pub(super) fn new(pen: Option<Pen>, erases_in_color: bool) -> Self {
        Self { out: Vec::new(), at: None, pen, erases_in_color }
    }

    /// Blanks everything, in `bg` where the terminal can, and says what it looks like now.
    pub(super) fn clear(&mut self, width: u16, height: u16, bg: Color) -> Grid {
        let bg = if self.erases_in_color { bg } else { Color::Reset };
        self.take(Pen::eraser(bg));
        self.out.extend_from_slice(b"\x1b[2J");
        Grid::blank(width, height, bg)
    }

    /// Makes `next` of `last`, which has the same size.
    pub(super) fn differences(&mut self, last: &Grid, next: &Grid) {
        for y in 0..next.height {
            if last.row(y) != next.row(y) {
                self.row(y, last.row(y), next.row(y));
            }
        }
    }

    fn row(&mut self, y: u16, last: &[Cell], next: &[Cell]) {
        // Up to here everything is written, changed or not.
        let mut spoiled = 0;
        let mut x = 0;
        while let Some(rest @ [cell, ..]) = next.get(x..) {
            let span = grid::span(rest);
            let end = x + span;
            if x >= spoiled && last.get(x..end) == next.get(x..end) {
                x = end;
                continue;
            }
            let blanks = self.blanks(x, spoiled, last, next);
            if let Some((length, to_the_end)) = blanks {
                self.go(column(x), y, next);
                self.take(Pen::of(cell, self.pen));
                if to_the_end {
                    self.out.extend_from_slice(b"\x1b[K");
                } else {
                    let _ = write!(self.out, "\x1b[{length}X");
                }
                x += length;
                continue;
            }
            self.go(column(x), y, next);
            self.take(Pen::of(cell, self.pen));
            if let Some(most) = self.put(cell, span, (column(x), y), next.len()) {
                spoiled = spoiled.max(x + most);
            }
            x = end;
        }
    }

    /// How many cells from `x` on are better erased than written, and whether they are the rest of the row.
    fn blanks(&self, x: usize, spoiled: usize, last: &[Cell], next: &[Cell]) -> Option<(usize, bool)> {
        let rest = next.get(x..)?;
        let first = rest.first().filter(|cell| grid::plain(cell))?;
        if !self.erases_in_color && first.bg != Color::Reset {
            return None;
        }
        let run = rest.iter().take_while(|cell| *cell == first).count();
        let changed = |offset: &usize| x + offset < spoiled || last.get(x + offset) != next.get(x + offset);
        let needed = (0..run).rev().find(changed)? + 1;
        let to_the_end = run == rest.len();
        if to_the_end {
            return (needed >= ERASE).then_some((run, true));
        }
        (needed >= ERASE_WITHIN).then_some((needed, false))
    }

    /// Writes one character where the cursor is. Says how many cells it may have taken where that is not certain.
    fn put(&mut self, cell: &Cell, span: usize, (x, y): (u16, u16), width: usize) -> Option<usize> {
        if grid::covered(cell) {
            self.out.push(b' ');
            self.moved(x, y, 1, width);
            return None;
        }
        let wavering = grid::wavering(cell.symbol(), span);
        if wavering.is_some() {
            // A terminal that takes less room must not leave old letters in what remains.
            self.out.extend(std::iter::repeat_n(b' ', span));
            self.at = None;
            self.go(x, y, &[]);
        }
        self.out.extend_from_slice(cell.symbol().as_bytes());
        self.moved(x, y, span, width);
        if wavering.is_some() {
            self.at = None;
        }
        wavering
    }

    /// The cursor has gone on. In the last column it waits in a way of its own: then it is nowhere.
    fn moved(&mut self, x: u16, y: u16, span: usize, width: usize) {
        let to = usize::from(x) + span;
        self.at = (to < width).then(|| (column(to), y));
    }

    /// Changes the pen.
    pub(super) fn take(&mut self, pen: Pen) {
        self.out.extend(pen.after(self.pen));
        self.pen = Some(pen);
    }

    /// Moves the cursor, in as few bytes as possible; `row` is what row `y` is going to be.
    pub(super) fn go(&mut self, x: u16, y: u16, row: &[Cell]) {
        if self.at == Some((x, y)) {
            return;
        }
        let mut best = match (x, y) {
            (0, 0) => "\x1b[H".to_owned(),
            (0, _) => format!("\x1b[{}H", y + 1),
            _ => format!("\x1b[{};{}H", y + 1, x + 1),
        };
        let mut offer = |bytes: String| {
            if bytes.len() < best.len() {
                best = bytes;
            }
        };
        if let Some((from_x, from_y)) = self.at {
            if from_y == y {
                offer(by(x.checked_sub(from_x), 'C'));
                offer(by(from_x.checked_sub(x), 'D'));
                offer(format!("\x1b[{}G", x + 1));
            } else if from_x == x {
                offer(by(y.checked_sub(from_y), 'B'));
                offer(by(from_y.checked_sub(y), 'A'));
                offer(format!("\x1b[{}d", y + 1));
            }
            if from_y == y && self.rewrite(row, from_x, x, best.len()) {
                best.clear();
            }
        }
        self.out.extend_from_slice(best.as_bytes());
        self.at = Some((x, y));
    }

    /// Writes what is on the screen already, if that takes the cursor from `from` to `to` with fewer bytes.
    fn rewrite(&mut self, row: &[Cell], from: u16, to: u16, budget: usize) -> bool {
        let Some(gap @ [first, ..]) = row.get(usize::from(from)..usize::from(to)) else { return false };
        let length: usize = gap.iter().map(|cell| cell.symbol().len()).sum();
        let alike = |cell: &Cell| self.pen == Some(Pen::of(cell, self.pen)) || grid::trails(cell);
        let sure = || (0..gap.len()).all(|x| sure(&gap[x..]));
        if length > budget || grid::trails(first) || !gap.iter().all(alike) || !sure() {
            return false;
        }
        for cell in gap {
            self.out.extend_from_slice(cell.symbol().as_bytes());
        }
        true
    }

    /// Nobody knows where the cursor is now.
    pub(super) fn lose_cursor(&mut self) {
        self.at = None;
    }
}

/// Whether terminals agree about the character that `row` begins with.
fn sure(row: &[Cell]) -> bool {
    let Some(cell) = row.first() else { return true };
    grid::trails(cell) || (!grid::covered(cell) && grid::wavering(cell.symbol(), grid::span(row)).is_none())
}

/// A relative move; very long when there is none.
fn by(distance: Option<u16>, letter: char) -> String {
    match distance {
        Some(1) => format!("\x1b[{letter}"),
        Some(distance) => format!("\x1b[{distance}{letter}"),
        None => " ".repeat(usize::from(u8::MAX)),
    }
}

fn column(x: usize) -> u16 {
    u16::try_from(x).unwrap_or(u16::MAX)
}
