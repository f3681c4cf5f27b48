//! Cells as a terminal will show them: nothing in them that could move its cursor, and every difference visible.

use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::frame::Underline;

use super::packed_cell::{PackedCell, PackedColor, Spotter, Symbol, Symbols};

/// The attributes that can be seen on a blank.
pub(super) const ON_BLANKS: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Underline::BITS);

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

    /// `cells`, cleaned. `caret` is where a cursor will show, in the colour of that cell's letters; `lines` says whether
    /// the terminal knows kinds of lines under letters, and colours for them.
    pub(super) fn of(cells: &Buffer, caret: Option<Position>, lines: bool, symbols: &mut Symbols) -> Self {
        let (width, height) = (cells.area.width, cells.area.height);
        let mut grid = Self { width, height, cells: Vec::with_capacity(cells.content.len()) };
        let mut spotter = Spotter::new(lines);
        for (y, row) in (cells.area.y..).zip(cells.content.chunks(usize::from(width).max(1))) {
            let caret = caret.filter(|at| at.y == y).and_then(|at| at.x.checked_sub(cells.area.x));
            let mut cells = row.iter().enumerate();
            while let Some((x, cell)) = cells.next() {
                let caret = caret.is_some_and(|at| usize::from(at) == x);
                let (symbol, width) = match usual(cell) {
                    Some(symbol) => (symbol, 1),
                    None => unusual(cell, row.len() - x, symbols),
                };
                grid.push(spotter.spot(cell, symbol), width, caret);
                if width > 1 {
                    cells.nth(width - 2);
                }
            }
        }
        grid
    }

    /// Adds one character, which takes `width` cells.
    fn push(&mut self, mut spot: PackedCell, width: usize, caret: bool) {
        if spot.symbol == Symbol::BLANK {
            spot.modifier &= ON_BLANKS;
            if spot.modifier.is_empty() && !caret {
                spot.fg = PackedColor::RESET;
            }
        }
        self.cells.push(spot);
        if width > 1 {
            spot.symbol = Symbol::TRAILING;
            self.cells.extend(std::iter::repeat_n(spot, width - 1));
        }
    }

    /// Puts quadrants in the place of sextants.
    pub(super) fn use_quadrants(&mut self) {
        for cell in &mut self.cells {
            if let Some(quadrant) = cell.symbol.in_quadrants() {
                cell.symbol = quadrant;
            }
        }
    }

    /// Marks the cells under enlarged text. They are blank, but nothing may be written or erased there in passing.
    pub(super) fn cover(&mut self, area: Rect) {
        for y in area.top()..area.bottom().min(self.height) {
            let width = usize::from(self.width);
            let Some(row) = self.cells.get_mut(usize::from(y) * width..(usize::from(y) + 1) * width) else {
                return;
            };
            let (left, right) = (usize::from(area.left()), usize::from(area.right()).min(width));
            // No half of a wide character stays at either side.
            let before = (0..left).rev().take_while(|&x| row.get(x + 1).is_some_and(PackedCell::trails));
            let before: Vec<usize> = before.collect();
            let after: Vec<usize> = (right..width).take_while(|&x| row[x].trails()).collect();
            for x in before.into_iter().chain(after) {
                row[x].symbol = Symbol::BLANK;
            }
            for cell in row.iter_mut().take(right).skip(left) {
                *cell = PackedCell { symbol: Symbol::COVERED, ..PackedCell::blank(cell.bg) };
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

/// The symbol of a single character that takes one cell, as nearly all do.
fn usual(cell: &Cell) -> Option<Symbol> {
    if cell.diff_option != CellDiffOption::None {
        return None;
    }
    if let &[byte @ b' '..0x7f] = cell.symbol().as_bytes() {
        return Some(Symbol::of(char::from(byte)));
    }
    let mut characters = cell.symbol().chars();
    let (Some(c), None) = (characters.next(), characters.next()) else { return None };
    (!c.is_control() && c.width() == Some(1)).then_some(Symbol::of(c))
}

/// The same for a character that may have to be changed, or that takes more than one cell, and how many it takes.
fn unusual(cell: &Cell, room: usize, symbols: &mut Symbols) -> (Symbol, usize) {
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
