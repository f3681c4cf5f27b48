//! Cells as a terminal will show them: nothing in them that could move its cursor, and every difference visible.

use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::edge::depth;

/// The symbol of a cell under the right part of a wide character.
const TRAILING: &str = "";
/// The symbol of a cell under enlarged text.
const COVERED: &str = "\u{0}";
/// The symbol of a cell about which nothing is known.
const UNKNOWN: &str = "\u{1}";
/// The attributes that can be seen on a blank.
pub(super) const ON_BLANKS: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK);

/// A screen's cells, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) width: u16,
    pub(super) height: u16,
    cells: Vec<Cell>,
}

impl Grid {
    /// Blanks in one colour.
    pub(super) fn blank(width: u16, height: u16, bg: Color) -> Self {
        let mut cell = Cell::EMPTY;
        cell.bg = canonical(bg);
        Self { width, height, cells: vec![cell; usize::from(width) * usize::from(height)] }
    }

    /// `cells`, cleaned. `caret` is where a cursor will show, in the colour of that cell's letters.
    pub(super) fn of(cells: &Buffer, caret: Option<Position>) -> Self {
        let (width, height) = (cells.area.width, cells.area.height);
        let mut grid = Self { width, height, cells: Vec::with_capacity(cells.content.len()) };
        for (y, row) in (cells.area.y..).zip(cells.content.chunks(usize::from(width).max(1))) {
            let mut x = 0;
            while let Some(cell) = row.get(x) {
                let column = cells.area.x.saturating_add(u16::try_from(x).unwrap_or(u16::MAX));
                x += grid.push(cell, row.len() - x, caret == Some(Position::new(column, y)));
            }
        }
        grid
    }

    /// Adds one character, which may take `room` cells, and says how many it took.
    fn push(&mut self, cell: &Cell, room: usize, caret: bool) -> usize {
        if !is_usual(cell) {
            return self.push_unusual(cell, room, caret);
        }
        let mut clean = cell.clone();
        (clean.fg, clean.bg) = (canonical(cell.fg), canonical(cell.bg));
        clean.underline_color = if cell.modifier.contains(Modifier::UNDERLINED) {
            canonical(cell.underline_color)
        } else {
            Color::Reset
        };
        if clean.symbol() == " " {
            clean.modifier &= ON_BLANKS;
            if clean.modifier.is_empty() && !caret {
                clean.fg = Color::Reset;
            }
        }
        self.cells.push(clean);
        1
    }

    /// The same for a character that may have to be changed, or that takes more than one cell.
    fn push_unusual(&mut self, cell: &Cell, room: usize, caret: bool) -> usize {
        let mut clean = Cell::EMPTY;
        clean.modifier = cell.modifier;
        (clean.fg, clean.bg) = (canonical(cell.fg), canonical(cell.bg));
        if cell.modifier.contains(Modifier::UNDERLINED) {
            clean.underline_color = canonical(cell.underline_color);
        }
        let width = if let CellDiffOption::ForcedWidth(width) = cell.diff_option {
            clean.set_symbol(&harmless(cell.symbol()));
            usize::from(width.get())
        } else {
            let symbol = harmless(cell.symbol());
            clean.set_symbol(&symbol);
            symbol.width()
        };
        if !(1..=room).contains(&width) {
            clean.set_symbol(" ");
        }
        if clean.symbol() == " " {
            clean.modifier &= ON_BLANKS;
            if clean.modifier.is_empty() && !caret {
                clean.fg = Color::Reset;
            }
        }
        let width = if clean.symbol() == " " { 1 } else { width };
        self.cells.push(clean.clone());
        clean.set_symbol(TRAILING);
        self.cells.extend(std::iter::repeat_n(clean, width - 1));
        width
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
            let before = (0..left).rev().take_while(|&x| row.get(x + 1).is_some_and(trails));
            let before: Vec<usize> = before.collect();
            let after: Vec<usize> = (right..width).take_while(|&x| trails(&row[x])).collect();
            for x in before.into_iter().chain(after) {
                row[x].set_symbol(" ");
            }
            for cell in row.iter_mut().take(right).skip(left) {
                cell.set_symbol(COVERED);
                cell.fg = Color::Reset;
                cell.underline_color = Color::Reset;
                cell.modifier = Modifier::empty();
            }
        }
    }

    /// Forgets what is under enlarged text, so that it is written again.
    pub(super) fn uncover(&mut self) {
        for cell in self.cells.iter_mut().filter(|cell| covered(cell)) {
            cell.set_symbol(UNKNOWN);
        }
    }

    /// One row; empty when there is none.
    pub(super) fn row(&self, y: u16) -> &[Cell] {
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

/// A single character that takes one cell, as nearly all do.
fn is_usual(cell: &Cell) -> bool {
    if let &[byte] = cell.symbol().as_bytes() {
        return (b' '..0x7f).contains(&byte) && cell.diff_option == CellDiffOption::None;
    }
    let mut characters = cell.symbol().chars();
    let (Some(c), None) = (characters.next(), characters.next()) else { return false };
    !c.is_control() && c.width() == Some(1) && cell.diff_option == CellDiffOption::None
}

/// One name for each colour.
pub(super) fn canonical(color: Color) -> Color {
    depth::index(color).map_or(color, Color::Indexed)
}

/// Without control characters, and beginning with something that stands for itself.
fn harmless(symbol: &str) -> String {
    let symbol: String = symbol.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // What has no width of its own would join the character to the left of it.
    symbol.trim_start_matches(|c: char| c.width() == Some(0)).to_owned()
}

/// Under the right part of a wide character.
pub(super) fn trails(cell: &Cell) -> bool {
    cell.symbol() == TRAILING
}

/// Under enlarged text.
pub(super) fn covered(cell: &Cell) -> bool {
    cell.symbol() == COVERED
}

/// A blank with nothing to see but its background.
pub(super) fn plain(cell: &Cell) -> bool {
    cell.symbol() == " " && cell.modifier.is_empty() && cell.fg == Color::Reset
}

/// How many cells the character at the beginning of `row` takes.
pub(super) fn span(row: &[Cell]) -> usize {
    1 + row.iter().skip(1).take_while(|cell| trails(cell)).count()
}

/// How many cells a terminal may take for `symbol` if it is not the `width` that we think; nothing when all agree.
pub(super) fn wavering(symbol: &str, width: usize) -> Option<usize> {
    if symbol.len() == 1 {
        return (width != 1).then_some(1);
    }
    let flag = |c: char| ('\u{1f1e6}'..='\u{1f1ff}').contains(&c);
    let joins = |c: char| matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    let sum: usize = symbol.chars().map(|c| if flag(c) { 2 } else { c.width().unwrap_or(0) }).sum();
    (sum != width || symbol.contains(|c| flag(c) || joins(c))).then_some(sum.max(width))
}
