//! Cells as a terminal will show them: nothing in them that could move its cursor, and every difference visible.

use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::{Position, Rect};
use ratatui::style::Color;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::abilities::{Abilities, Blocks};
use super::looks::{Look, Looks, Seen};
use super::packed_cell::{Dictionary, PackedCell, Symbol, Symbols};
use super::packed_color::PackedColor;

/// A screen's cells, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) width: u16,
    pub(super) height: u16,
    cells: Vec<PackedCell>,
}

impl Grid {
    /// Blanks in one colour.
    pub(super) fn blank(width: u16, height: u16, bg: PackedColor) -> Self {
        Self { width, height, cells: vec![PackedCell::blank(bg); usize::from(width) * usize::from(height)] }
    }

    /// `cells`, cleaned. `caret` is where a cursor will show, in the colour of that cell's letters; `can` says
    /// what the terminal shows.
    pub(super) fn of(
        cells: &Buffer,
        caret: Option<Position>,
        can: &Abilities,
        words: &mut Dictionary,
    ) -> Self {
        let (width, height) = (cells.area.width, cells.area.height);
        let mut grid = Self { width, height, cells: Vec::with_capacity(cells.content.len()) };
        let mut seen = Seen::default();
        for row in cells.content.chunks(usize::from(width).max(1)) {
            let mut rest = row;
            while let [cell, after @ ..] = rest {
                seen = words.looks.see(cell, seen, can.underlines);
                rest = after;
                if let Some(symbol) = ascii(cell) {
                    grid.cells.push(spot(symbol, &seen));
                } else {
                    let (symbol, width) = beyond_ascii(cell, 1 + after.len(), &mut words.symbols);
                    let quadrant = (can.blocks == Blocks::Quadrants).then(|| symbol.in_quadrants()).flatten();
                    grid.push(spot(quadrant.unwrap_or(symbol), &seen), width);
                    rest = after.get(width - 1..).unwrap_or_default();
                }
            }
        }
        if let Some(caret) = caret.filter(|caret| cells.area.contains(*caret)) {
            grid.keep_ink(cells.index_of(caret.x, caret.y), cells[caret].fg, &mut words.looks);
        }
        grid
    }

    /// Adds one character, which takes `width` cells.
    fn push(&mut self, mut spot: PackedCell, width: usize) {
        self.cells.push(spot);
        if width > 1 {
            spot.symbol = Symbol::TRAILING;
            self.cells.extend(std::iter::repeat_n(spot, width - 1));
        }
    }

    /// A blank under the cursor has the colour of letters all the same.
    fn keep_ink(&mut self, at: usize, ink: Color, looks: &mut Looks) {
        if let Some(spot) = self.cells.get_mut(at).filter(|spot| spot.symbol == Symbol::BLANK) {
            let mut pen = looks.pen(spot.look);
            pen.fg = PackedColor::of(ink);
            spot.look = looks.look(pen);
        }
    }

    /// Takes its looks from those that were kept `before` to those that are from now on.
    pub(super) fn take_along(&mut self, before: &Looks, looks: &mut Looks) {
        for cell in &mut self.cells {
            cell.look = looks.look(before.pen(cell.look));
        }
    }

    /// Marks the cells under enlarged text. They are blank, but nothing may be written or erased there in passing.
    pub(super) fn cover(&mut self, area: Rect, looks: &Looks) {
        for y in area.top()..area.bottom().min(self.height) {
            let width = usize::from(self.width);
            let Some(row) = self.cells.get_mut(usize::from(y) * width..(usize::from(y) + 1) * width) else {
                return;
            };
            let (left, right) = (usize::from(area.left()), usize::from(area.right()).min(width));
            // No half of a wide character stays at either side.
            let before = (0..left).rev().take_while(|&x| row.get(x + 1).is_some_and(|cell| cell.trails()));
            let before: Vec<usize> = before.collect();
            let after: Vec<usize> = (right..width).take_while(|&x| row[x].trails()).collect();
            for x in before.into_iter().chain(after) {
                row[x].symbol = Symbol::BLANK;
            }
            for cell in row.iter_mut().take(right).skip(left) {
                *cell = PackedCell { symbol: Symbol::COVERED, look: Look::plain(looks.pen(cell.look).bg) };
            }
        }
    }

    /// Forgets what is under enlarged text, so that it is written again.
    pub(super) fn uncover(&mut self) {
        for cell in self.cells.iter_mut().filter(|cell| cell.is_covered()) {
            cell.symbol = Symbol::UNKNOWN;
        }
    }

    /// Forgets what is in `area`, so that it is written again.
    pub(super) fn forget(&mut self, area: Rect) {
        let (width, right) = (usize::from(self.width), usize::from(area.right().min(self.width)));
        for y in area.top()..area.bottom().min(self.height) {
            let start = usize::from(y) * width;
            for cell in self.cells.iter_mut().take(start + right).skip(start + usize::from(area.left())) {
                cell.symbol = Symbol::UNKNOWN;
            }
        }
    }

    /// One row; empty when there is none.
    pub(super) fn row(&self, y: u16) -> &[PackedCell] {
        let width = usize::from(self.width);
        self.cells.get(usize::from(y) * width..(usize::from(y) + 1) * width).unwrap_or_default()
    }

    /// Whether both fill the same screen.
    pub(super) fn same_size(&self, other: &Self) -> bool {
        (self.width, self.height) == (other.width, other.height)
    }

    /// How many cells differ.
    pub(super) fn changes(&self, other: &Self) -> usize {
        self.cells.iter().zip(&other.cells).filter(|(a, b)| a != b).count()
    }
}

/// A character that looks like this; a blank has only as much of it as can be seen.
#[inline]
fn spot(symbol: Symbol, seen: &Seen) -> PackedCell {
    PackedCell { symbol, look: if symbol == Symbol::BLANK { seen.blank } else { seen.letter } }
}

/// The symbol of a letter of ASCII, as nearly all are.
#[inline]
fn ascii(cell: &Cell) -> Option<Symbol> {
    match cell.symbol().as_bytes() {
        &[byte @ b' '..0x7f] if cell.diff_option == CellDiffOption::None => {
            Some(Symbol::of(char::from(byte)))
        }
        _ => None,
    }
}

/// The symbol of any other character, in `room` cells, and how many of them it takes. Apart, so that the loop over all cells is short.
#[inline(never)]
fn beyond_ascii(cell: &Cell, room: usize, symbols: &mut Symbols) -> (Symbol, usize) {
    let mut characters = cell.symbol().chars();
    if let (CellDiffOption::None, Some(c), None) = (cell.diff_option, characters.next(), characters.next())
        && !c.is_control()
        && c.width() == Some(1)
    {
        return (Symbol::of(c), 1);
    }
    let text = harmless(cell.symbol());
    let width = match cell.diff_option {
        CellDiffOption::ForcedWidth(width) => usize::from(width.get()),
        _ => text.width(),
    };
    // A character may end up as a blank, which has no width but its own.
    if text.is_empty() || text == " " || !(1..=room).contains(&width) {
        return (Symbol::BLANK, 1);
    }
    (symbols.symbol(&text), width)
}

/// Without control characters, and beginning with something that stands for itself.
fn harmless(symbol: &str) -> String {
    let symbol: String = symbol.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // What has no width of its own would join the character to the left of it.
    symbol.trim_start_matches(|c: char| c.width() == Some(0)).to_owned()
}

/// How many cells the character at the beginning of `row` takes.
pub(super) fn span(row: &[PackedCell]) -> usize {
    1 + row.iter().skip(1).take_while(|cell| cell.trails()).count()
}

/// How many cells a terminal may take for `symbol` if it is not the `width` that we think; nothing when all agree.
pub(super) fn wavering(symbol: Symbol, width: usize, symbols: &Symbols) -> Option<usize> {
    if symbol.is_ascii() {
        return (width != 1).then_some(1);
    }
    let room = &mut [0; 4];
    let symbol = symbols.text(symbol, room);
    let flag = |c: char| ('\u{1f1e6}'..='\u{1f1ff}').contains(&c);
    let joins = |c: char| matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    let sum: usize = symbol.chars().map(|c| if flag(c) { 2 } else { c.width().unwrap_or(0) }).sum();
    (sum != width || symbol.contains(|c| flag(c) || joins(c))).then_some(sum.max(width))
}
