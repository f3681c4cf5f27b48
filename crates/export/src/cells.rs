//! Cells as runs of one look, with colours that need no terminal.

use std::sync::Arc;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use greenroom_deck::{Rgb, Theme};
use greenroom_frame::color;
use greenroom_frame::{PlacedLink, Underline};

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

/// What of `symbol` the embedded fonts can draw within its cells, each piece with its columns. They have no glyph for a whole
/// sequence of emoji: drawn part by part, a family would cover what follows it. So its first part stands for it, a flag is
/// its two letters, and a keycap its key.
#[must_use]
pub(crate) fn drawable(symbol: &str, width: u16) -> Vec<(String, u16)> {
    let letter = |c: char| {
        let number = u32::from(c).checked_sub(0x1f1e6).filter(|number| *number < 26)?;
        char::from_u32(u32::from('A') + number)
    };
    let mut chars = symbol.chars();
    let (Some(first), second) = (chars.next(), chars.next()) else { return vec![(symbol.to_owned(), width)] };
    if let (Some(one), Some(two), 2) = (letter(first), second.and_then(letter), width) {
        return vec![(one.to_string(), 1), (two.to_string(), 1)];
    }
    let joins = |c: char| matches!(c, '\u{200d}' | '\u{20e3}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}');
    if second.is_some() && symbol.chars().skip(1).any(joins) {
        return vec![(letter(first).unwrap_or(first).to_string(), width)];
    }
    vec![(letter(first).filter(|_| second.is_none()).map_or_else(|| symbol.to_owned(), String::from), width)]
}

impl Run {
    /// Only what the embedded fonts can draw, each within its cells.
    pub(crate) fn keep_drawable(&mut self) {
        let symbols = std::mem::take(&mut self.symbols);
        self.symbols = symbols.iter().flat_map(|(symbol, width)| drawable(symbol, *width)).collect();
    }

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

/// A colour that needs no terminal; `otherwise` for the one that a terminal has by itself.
pub(crate) fn rgb(color: Color, otherwise: Rgb) -> Rgb {
    optional(color).unwrap_or(otherwise)
}

/// Nothing for the colour that the terminal has by itself.
fn optional(color: Color) -> Option<Rgb> {
    color::rgb(color).map(|[r, g, b]| Rgb(r, g, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_of_emoji_keep_to_their_cells() {
        let pieces = |symbol: &str| {
            let width = u16::try_from(symbol.width()).unwrap();
            let pieces = drawable(symbol, width);
            assert_eq!(pieces.iter().map(|(_, width)| width).sum::<u16>(), width, "{symbol}");
            pieces.into_iter().map(|(piece, _)| piece).collect::<Vec<_>>()
        };
        assert_eq!(pieces("👩🏽\u{200d}💻"), ["👩"]);
        assert_eq!(pieces("👍🏽"), ["👍"]);
        assert_eq!(pieces("🇫🇷"), ["F", "R"]);
        assert_eq!(pieces("1\u{fe0f}\u{20e3}"), ["1"]);
        assert_eq!(pieces("🏴\u{e0067}\u{e0062}\u{e007f}"), ["🏴"]);
        for whole in ["a", "e\u{301}", "日", "👩", ""] {
            assert_eq!(pieces(whole), [whole], "{whole}");
        }
    }
}
