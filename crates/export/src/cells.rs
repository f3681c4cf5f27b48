//! Cells as runs of one look, with colours that need no terminal.

use std::sync::Arc;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use greenroom_deck::{Rgb, Theme};
use greenroom_terminal::color_depth;
use greenroom_terminal::frame::{PlacedLink, Underline};

/// Width and height of a cell, in the drawing's units, and where letters stand in it.
pub(crate) const CELL: (f32, f32) = (9.6, 18.56);
/// The size of letters whose advance is a cell's width in the embedded font (0.602 of the size).
pub(crate) const LETTERS: f32 = 15.945;
/// From a cell's top to the line that letters stand on.
pub(crate) const BASELINE: f32 = 14.8;

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CellStyle {
    /// Of the letters.
    pub foreground: Rgb,
    /// Behind them.
    pub background: Rgb,
    /// Heavier.
    pub bold: bool,
    /// Slanted.
    pub italic: bool,
    /// With a line below, and which.
    pub underline: Option<Underline>,
    /// That line's colour, where it is not the letters'.
    pub line: Option<Rgb>,
    /// With a line through it.
    pub strike: bool,
}

impl CellStyle {
    /// That of `cell`.
    #[must_use]
    pub(crate) fn of(cell: &Cell, theme: &Theme) -> Self {
        let mut foreground = rgb(cell.fg, theme.text);
        let mut background = rgb(cell.bg, theme.background);
        if cell.modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut foreground, &mut background);
        }
        if cell.modifier.contains(Modifier::DIM) {
            foreground = foreground.mix(background, 0.4);
        }
        let underline = Underline::of(cell.modifier);
        Self {
            foreground,
            background,
            bold: cell.modifier.contains(Modifier::BOLD),
            italic: cell.modifier.contains(Modifier::ITALIC),
            underline,
            line: underline.is_some().then(|| optional(cell.underline_color)).flatten(),
            strike: cell.modifier.contains(Modifier::CROSSED_OUT),
        }
    }
}

/// Characters beside each other that look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Its first column.
    pub x: u16,
    /// How it looks.
    pub look: CellStyle,
    /// What is in its cells, each with the columns that it takes.
    pub symbols: Vec<(String, u16)>,
    /// Where it leads.
    pub link: Option<Arc<str>>,
}

impl Run {
    /// Columns.
    #[must_use]
    pub(crate) fn width(&self) -> u16 {
        self.symbols.iter().map(|(_, width)| width).sum()
    }

    /// The characters.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        self.symbols.iter().map(|(symbol, _)| symbol.as_str()).collect()
    }
}

/// The runs of one row. What is blank and looks like `ground` is left out at its end.
#[must_use]
pub(crate) fn row(cells: &Buffer, links: &[PlacedLink], area: Rect, y: u16, theme: &Theme) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let links: Vec<&PlacedLink> =
        links.iter().filter(|link| (link.area.top()..link.area.bottom()).contains(&y)).collect();
    let mut x = area.left();
    while x < area.right() {
        let Some(cell) = cells.cell((x, y)) else { break };
        let look = CellStyle::of(cell, theme);
        let width = u16::try_from(cell.symbol().width()).unwrap_or(1).clamp(1, area.right() - x);
        let symbol = (cell.symbol().to_owned(), width);
        let link =
            links.iter().find(|link| link.area.contains(Position::new(x, y))).map(|link| &link.address);
        match runs.last_mut() {
            // A blank has no letters to look at.
            Some(last)
                if last.link.as_ref() == link && (last.look == look || blends(&last.look, &look, cell)) =>
            {
                last.symbols.push(symbol);
            }
            _ => runs.push(Run { x, look, symbols: vec![symbol], link: link.cloned() }),
        }
        x += width;
    }
    while let Some(last) = runs.last_mut() {
        let plain =
            last.look.background == theme.background && last.look.underline.is_none() && !last.look.strike;
        while plain && last.symbols.last().is_some_and(|(symbol, _)| symbol == " ") {
            last.symbols.pop();
        }
        if !last.symbols.is_empty() {
            break;
        }
        runs.pop();
    }
    runs
}

fn blends(last: &CellStyle, look: &CellStyle, cell: &Cell) -> bool {
    let lines = |look: &CellStyle| (look.underline, look.line, look.strike, look.background);
    cell.symbol() == " " && lines(last) == lines(look)
}

fn rgb(color: Color, otherwise: Rgb) -> Rgb {
    optional(color).unwrap_or(otherwise)
}

/// Nothing for the colour that the terminal has by itself.
fn optional(color: Color) -> Option<Rgb> {
    color_depth::rgb(color).map(|[r, g, b]| Rgb(r, g, b))
}
