//! Cells of panes for those who follow: a picture of now, bounded, and never a promise of what was in between.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthStr;

/// Cells that are sent of the panes of a slide, all together: a screen of 160 by 50.
pub const MAX_CELLS: usize = 8_000;
/// Panes that are sent.
pub const MAX_PANES: usize = 16;
/// Looks that one pane's cells have; what has another one is sent without colours.
const MAX_LOOKS: usize = 256;
/// Longest text of one cell, in bytes: a letter with its marks.
const MAX_SYMBOL: usize = 16;

/// The panes of the slide that shows, as they look.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Mirror {
    /// The slide, counted from 0.
    pub slide: usize,
    /// Those that have something to show.
    pub panes: Vec<PaneCells>,
}

/// The cells of a pane, without its border.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PaneCells {
    /// Which one of the slide, counted from 0.
    pub pane: usize,
    /// How wide it is.
    pub columns: u16,
    /// The row that matters most, such as the cursor's; none for a chart, whose first rows do.
    pub focus: Option<u16>,
    /// The looks that its cells have.
    looks: Vec<Look>,
    /// From top to bottom.
    lines: Vec<Line>,
}

/// How cells look: colours as `0xrrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Look(Option<u32>, Option<u32>, u16);

/// A row: its text, and how many columns after each other have which look.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Line(String, Vec<(u16, u16)>);

impl PaneCells {
    /// The cells of `area`, as many rows as `room` cells allow: around the row that matters most.
    #[must_use]
    pub fn of(pane: usize, cells: &Buffer, area: Rect, focus: Option<u16>, room: usize) -> Self {
        let area = area.intersection(cells.area);
        let most = u16::try_from(room / usize::from(area.width.max(1))).unwrap_or(u16::MAX);
        let rows = area.height.min(most);
        let first = focus.map_or(0, |row| (row + 1).saturating_sub(rows)).min(area.height - rows);
        let mut of = Self { pane, columns: area.width, ..Self::default() };
        of.focus = focus.map(|row| row.saturating_sub(first)).filter(|row| *row < rows);
        for y in area.y + first..area.y + first + rows {
            let line = of.line(cells, Rect { y, height: 1, ..area });
            of.lines.push(line);
        }
        of
    }

    fn line(&mut self, cells: &Buffer, row: Rect) -> Line {
        let mut line = Line::default();
        let mut x = row.left();
        while x < row.right() {
            let Some(cell) = cells.cell((x, row.y)) else { break };
            let (symbol, width) = match cell.symbol() {
                symbol if symbol.len() > MAX_SYMBOL => ("\u{fffd}", 1),
                symbol => (symbol, u16::try_from(symbol.width()).unwrap_or(1)),
            };
            // A wide letter that is cut off at the edge.
            let (symbol, width) =
                if width == 0 || x + width > row.right() { (" ", 1) } else { (symbol, width) };
            line.0.push_str(symbol);
            let look = self.look(Look::of(cell));
            match line.1.last_mut() {
                Some((columns, last)) if *last == look => *columns += width,
                _ => line.1.push((width, look)),
            }
            x += width;
        }
        line
    }

    /// The number of a look; the first one's when there are too many.
    fn look(&mut self, look: Look) -> u16 {
        let found = self.looks.iter().position(|known| *known == look);
        let number = found.unwrap_or_else(|| {
            if self.looks.len() >= MAX_LOOKS {
                return 0;
            }
            self.looks.push(look);
            self.looks.len() - 1
        });
        u16::try_from(number).unwrap_or(0)
    }

    /// Rows that there are.
    #[must_use]
    pub fn rows(&self) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX)
    }

    /// Rows up to the last one with something in it.
    #[must_use]
    pub fn used(&self) -> u16 {
        let used =
            self.lines.iter().rposition(|Line(text, _)| !text.trim().is_empty()).map_or(0, |row| row + 1);
        let used = u16::try_from(used).unwrap_or(u16::MAX);
        used.max(self.focus.map_or(0, |row| row.saturating_add(1))).min(self.rows())
    }

    /// Draws as much as there is room for into `area`: the row that matters most is there.
    pub fn paint(&self, cells: &mut Buffer, area: Rect) {
        let area = area.intersection(cells.area);
        let last = self.focus.map_or(0, |row| row.saturating_add(1).max(self.used()));
        let first = usize::from(last.saturating_sub(area.height));
        for (Line(text, runs), y) in self.lines.iter().skip(first).zip(area.top()..area.bottom()) {
            cells.set_stringn(area.x, y, text, usize::from(area.width), Style::new());
            let mut x = area.left();
            for (columns, look) in runs {
                let end = x.saturating_add(*columns).min(area.right());
                let style = self.looks.get(usize::from(*look)).copied().unwrap_or_default().style();
                cells.set_style(Rect { x, y, width: end.saturating_sub(x), height: 1 }, style);
                x = end;
            }
        }
    }
}

impl Look {
    fn of(cell: &ratatui::buffer::Cell) -> Self {
        Self(number(cell.fg), number(cell.bg), cell.modifier.bits())
    }

    fn style(self) -> Style {
        let style = Style::new().add_modifier(Modifier::from_bits_truncate(self.2));
        let style = self.0.map_or(style, |number| style.fg(color(number)));
        self.1.map_or(style, |number| style.bg(color(number)))
    }
}

fn number(color: Color) -> Option<u32> {
    match color {
        Color::Rgb(r, g, b) => Some(u32::from_be_bytes([0, r, g, b])),
        _ => None,
    }
}

fn color(number: u32) -> Color {
    let [_, r, g, b] = number.to_be_bytes();
    Color::Rgb(r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{MAX_LINE, Message};

    fn sent(mirror: Mirror) -> Mirror {
        let line = Message::Mirror(Box::new(mirror)).line();
        assert!(line.len() < MAX_LINE, "{}", line.len());
        match Message::read(line.trim_end()) {
            Ok(Some(Message::Mirror(mirror))) => *mirror,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn cells_come_back_as_they_were() {
        let mut cells = Buffer::empty(Rect::new(0, 0, 12, 3));
        let red = Style::new().fg(Color::Rgb(200, 1, 2)).bg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::BOLD);
        cells.set_string(0, 0, "ab", red);
        cells.set_string(0, 1, "日本 \"q\\", Style::new());
        let pane = PaneCells::of(0, &cells, cells.area, None, MAX_CELLS);
        let back = sent(Mirror { slide: 3, panes: vec![pane] });
        let mut shown = Buffer::empty(cells.area);
        back.panes[0].paint(&mut shown, cells.area);
        assert_eq!((shown, back.slide, back.panes[0].used()), (cells, 3, 2));
    }

    #[test]
    fn what_is_sent_has_a_bound_whatever_is_in_the_cells() {
        let area = Rect::new(0, 0, 300, 200);
        let mut cells = Buffer::empty(area);
        for y in 0..area.height {
            for x in 0..area.width {
                let [low, high] = x.to_le_bytes();
                let style = Style::new().fg(Color::Rgb(low, high, 7)).bg(Color::Rgb(9, low, high));
                let marks = "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}";
                let symbol = if (x + y) % 2 == 0 { marks } else { "e\u{301}\u{301}\u{301}" };
                cells[(x, y)].set_symbol(symbol).set_style(style);
            }
        }
        let pane = PaneCells::of(0, &cells, area, Some(150), MAX_CELLS);
        assert!(usize::from(pane.rows()) * usize::from(pane.columns) <= MAX_CELLS);
        let focus = pane.focus.unwrap();
        assert!(focus < pane.rows());
        let _ = sent(Mirror { slide: 0, panes: vec![pane] });
    }

    #[test]
    fn little_room_shows_the_row_that_matters() {
        let mut cells = Buffer::empty(Rect::new(0, 0, 4, 9));
        for y in 0..6 {
            cells.set_string(0, y, y.to_string(), Style::new());
        }
        let shown = |focus, rows| {
            let area = Rect::new(0, 0, 4, rows);
            let mut shown = Buffer::empty(area);
            PaneCells::of(0, &cells, cells.area, focus, MAX_CELLS).paint(&mut shown, area);
            (0..rows).map(|y| shown[(0, y)].symbol().to_owned()).collect::<String>()
        };
        assert_eq!(shown(Some(5), 3), "345");
        assert_eq!(shown(None, 3), "012");
        assert_eq!(shown(Some(0), 2), "45", "what is below the cursor counts as well");
    }

    #[test]
    fn rubbish_from_the_other_side_draws_nothing_outside() {
        let line = r#"{"mirror": {"slide": 9, "panes": [{"pane": 7, "columns": 65535, "focus": 65535,
            "looks": [[1, 2, 65535]], "lines": [["\u001b[2Ja\u0007", [[65535, 9], [65535, 0]]]]}]}}"#;
        let Ok(Some(Message::Mirror(mirror))) = Message::read(line) else { panic!("{line}") };
        let mut shown = Buffer::empty(Rect::new(0, 0, 8, 2));
        mirror.panes[0].paint(&mut shown, Rect::new(4, 0, 40, 40));
        assert!(shown.content.iter().all(|cell| !cell.symbol().contains('\u{1b}')));
    }
}
