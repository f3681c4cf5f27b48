//! What stands around a slide: footer, cards, prompts.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::layout::columns;
use greenroom_deck::{Role, Theme};

/// What a footer says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Footer {
    /// At the left: the section.
    pub left: String,
    /// In the middle, if there is room for it.
    pub center: String,
    /// At the right: the slide's number, and the clock when it is shown.
    pub right: String,
    /// The way through the talk.
    pub progress: Progress,
}

/// The way through the talk: how many slides each section has, and which slide is on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Slides in each part, in order; the first may be what stands before the first section.
    pub parts: Vec<usize>,
    /// Slides seen, the current one included.
    pub seen: usize,
}

/// Draws `footer` in `area`: one row, or two when it is higher.
pub fn footer(cells: &mut Buffer, area: Rect, footer: &Footer, theme: &Theme) {
    if area.height == 0 || area.width < 8 {
        return;
    }
    let text = Rect { y: area.bottom() - 1, height: 1, ..area };
    let muted = theme.style(Role::Muted);
    let room = usize::from(text.width);
    let [right, center] = [&footer.right, &footer.center].map(|text| columns(text).min(room));
    // Half of what the middle leaves, if it is there.
    let left_room = match room.saturating_sub(center) / 2 {
        half if center > 0 && half > 8 => half - 2,
        _ => room.saturating_sub(right + 2),
    };
    let (left_end, _) = cells.set_stringn(text.x, text.y, &footer.left, left_room, muted);
    let right_x = text.right() - u16::try_from(right).unwrap_or(0);
    cells.set_stringn(right_x, text.y, &footer.right, right, muted);
    let middle = text.x + u16::try_from(room.saturating_sub(center) / 2).unwrap_or(0);
    let middle_end = middle + u16::try_from(center).unwrap_or(0);
    let shows_center = center > 0 && middle >= left_end.saturating_add(2) && middle_end + 2 <= right_x;
    if shows_center {
        cells.set_stringn(middle, text.y, &footer.center, center, muted);
    }
    let bar = if area.height > 1 {
        Rect { y: text.y - 1, height: 1, ..area }
    } else if shows_center {
        return;
    } else {
        let x = left_end.saturating_add(2);
        Rect { x, width: right_x.saturating_sub(x + 2), ..text }
    };
    progress(cells, bar, &footer.progress, theme);
}

/// A line of one stretch for each part, filled as far as the talk has come.
fn progress(cells: &mut Buffer, area: Rect, progress: &Progress, theme: &Theme) {
    let total: usize = progress.parts.iter().sum();
    let width = usize::from(area.width);
    if total == 0 || width < progress.parts.len() * 2 {
        return;
    }
    let done = width * progress.seen.min(total) / total;
    let (mut slides, mut start) = (0, 0);
    for (index, part) in progress.parts.iter().enumerate() {
        slides += part;
        let end = width * slides / total;
        // A gap of one cell between two parts.
        let gap = usize::from(index + 1 < progress.parts.len());
        for x in start..end.saturating_sub(gap) {
            let (symbol, role) = if x < done { ("━", Role::Accent) } else { ("─", Role::Border) };
            let x = area.x + u16::try_from(x).unwrap_or(0);
            cells[(x, area.y)].set_symbol(symbol).set_style(theme.style(role));
        }
        start = end;
    }
}

/// A frame with a title in its upper edge, over whatever was there.
pub fn card(cells: &mut Buffer, area: Rect, title: &str, border: Style, theme: &Theme) {
    let area = area.intersection(cells.area);
    if area.width < 2 || area.height < 2 {
        return;
    }
    super::fill(cells, area, Style::new().bg(theme.background.into()).fg(theme.text.into()));
    let (left, right, top, bottom) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
    for x in left..=right {
        cells[(x, top)].set_symbol("─").set_style(border);
        cells[(x, bottom)].set_symbol("─").set_style(border);
    }
    for y in top..=bottom {
        cells[(left, y)].set_symbol("│").set_style(border);
        cells[(right, y)].set_symbol("│").set_style(border);
    }
    for (x, y, symbol) in [(left, top, "╭"), (right, top, "╮"), (left, bottom, "╰"), (right, bottom, "╯")]
    {
        cells[(x, y)].set_symbol(symbol).set_style(border);
    }
    let style = theme.style(Role::Text).add_modifier(Modifier::BOLD);
    let room = usize::from(area.width).saturating_sub(4);
    if !title.is_empty() && room > 2 {
        cells.set_stringn(left + 2, top, format!(" {title} "), room, style);
    }
}

/// A line of input at the bottom of `area`, with what has been typed after its label.
pub fn prompt(cells: &mut Buffer, area: Rect, label: &str, typed: &str, theme: &Theme) -> (u16, u16) {
    let row = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    super::fill(cells, row, Style::new().bg(theme.surface.into()).fg(theme.text.into()));
    let room = usize::from(row.width).saturating_sub(2);
    let accent = theme.style(Role::Accent).add_modifier(Modifier::BOLD);
    let (x, _) = cells.set_stringn(row.x + 1, row.y, label, room, accent);
    let (x, _) = cells.set_stringn(
        x + 1,
        row.y,
        typed,
        room.saturating_sub(columns(label) + 1),
        theme.style(Role::Text),
    );
    (x.min(row.right().saturating_sub(1)), row.y)
}
