//! The columns of a probe side by side.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::super::bench::look::{
    BIG_ROWS, bar, big, bold, cut, fits_big, ink, mark, muted, put, put_center, wrap,
};
use super::{ProbeLook, role, runtime, strong, told, verdict};
use crate::deck::{Role, Theme};
use crate::layout::columns as width_of;
use crate::probe::{Column, Finding, State, count, short};

/// Columns between columns.
const GAP: u16 = 2;

/// Draws them, what the first anomaly was, and the verdict.
pub(super) fn draw(cells: &mut Buffer, area: Rect, look: &ProbeLook<'_>, theme: &Theme) {
    let board = look.view.board();
    let area = Rect { x: area.x + 1, width: area.width - 2, ..area };
    let banner = banner(cells, area, look, theme);
    let rest = Rect { height: area.height - banner, ..area };
    let told = told_rows(cells, rest, look, theme);
    let rest = Rect { height: rest.height - told, ..rest };
    let many = u16::try_from(board.columns.len()).unwrap_or(1).max(1);
    let width = area.width.saturating_sub(GAP * (many - 1)) / many;
    // The same for all, so that they can be compared along a line.
    let shown = |column: &Column| short(column.anomalies);
    let numbers_fit = board.columns.iter().all(|column| fits_big(&shown(column), width));
    let large = numbers_fit && rest.height >= BIG_ROWS + 6;
    let gap = u16::from(rest.height >= BIG_ROWS + 9);
    let mut x = area.x;
    for (number, column) in board.columns.iter().enumerate() {
        let inside = Rect { x, width, y: rest.y + gap, height: rest.height - gap };
        one(cells, inside, (number, column), large, theme);
        x += width + GAP;
    }
}

/// One column, from the top; what does not fit is left out from the bottom.
fn one(cells: &mut Buffer, area: Rect, (number, column): (usize, &Column), large: bool, theme: &Theme) {
    let finding = Finding::of(column);
    let name = format!("{} {}", mark(number), column.kind.name());
    put(cells, area, 0, 0, &cut(&name, area.width), bold(theme, number));
    put(cells, area, 0, 1, &cut(&runtime(column), area.width), muted(theme));
    let mut y = 2 + u16::from(area.height >= BIG_ROWS + 8);
    let broken = matches!(finding, Finding::Broken(_));
    if column.state() == State::Waiting || (broken && column.reports == 0) {
        y = words(cells, area, y, &format!("{} {}", finding.mark(), finding.words()), role(&finding), theme);
        others(cells, area, y + 1, column, theme);
        return;
    }
    let tone = strong(theme, if column.anomalies == 0 { role(&finding) } else { Role::Bad });
    if large {
        let inside = Rect { y: area.y + y, height: area.height.saturating_sub(y), ..area };
        big(cells, inside, &short(column.anomalies), tone);
        y += BIG_ROWS;
        put(cells, area, 0, y, &cut(&of_trials(column, false), area.width), theme.style(Role::Text));
    } else {
        put(cells, area, 0, y, &cut(&of_trials(column, true), area.width), tone);
    }
    y += 1;
    meter(cells, area, y, (number, column), theme);
    y += 1;
    if y < area.height {
        y = words(cells, area, y, &format!("{} {}", finding.mark(), finding.words()), role(&finding), theme);
    }
    if let Some((trials, anomalies)) = column.rates().filter(|_| y < area.height && !broken) {
        let speed = rate(trials, anomalies);
        put(cells, area, 0, y, &cut(&speed, area.width), muted(theme));
        y += 1;
    }
    for (name, value) in &column.counters {
        if y >= area.height {
            return;
        }
        put(cells, area, 0, y, &cut(&format!("{name} {value}"), area.width), muted(theme));
        y += 1;
    }
    others(cells, area, y, column, theme);
}

/// The share of trials that went wrong.
fn meter(cells: &mut Buffer, area: Rect, y: u16, (number, column): (usize, &Column), theme: &Theme) {
    if y >= area.height {
        return;
    }
    #[allow(clippy::cast_precision_loss)] // a share of a width
    let share = column.anomalies as f64 / column.trials.max(1) as f64;
    put(cells, area, 0, y, &"·".repeat(usize::from(area.width)), theme.style(Role::Border));
    put(cells, area, 0, y, &bar(share, area.width), ink(theme, number));
}

fn of_trials(column: &Column, number: bool) -> String {
    let what = if column.anomalies == 1 { "anomaly" } else { "anomalies" };
    let trials = if column.trials > 0 { format!(" of {}", count(column.trials)) } else { String::new() };
    if number { format!("{}{trials}", count(column.anomalies)) } else { format!("{what}{trials}") }
}

/// Trials per second, and how many of them go wrong.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // for reading
fn rate(trials: f64, anomalies: f64) -> String {
    let number = |value: f64| short(value.clamp(0.0, 1e15).round() as u64);
    if anomalies > 0.0 {
        format!("{}/s, {}/s wrong", number(trials), number(anomalies))
    } else {
        format!("{}/s", number(trials))
    }
}

/// Writes `text` in as many rows as it takes; gives the row after them.
fn words(cells: &mut Buffer, area: Rect, y: u16, text: &str, role: Role, theme: &Theme) -> u16 {
    let lines = wrap(text, area.width);
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height.saturating_sub(y));
    for (line, y) in lines.iter().zip(y..y + rows) {
        put(cells, area, 0, y, line, strong(theme, role));
    }
    y + rows
}

/// Lines that the script printed and that are no reports: the last ones, below everything else.
fn others(cells: &mut Buffer, area: Rect, y: u16, column: &Column, theme: &Theme) {
    let room = usize::from(area.height.saturating_sub(y));
    if column.others.is_empty() || room < 2 {
        return;
    }
    put(cells, area, 0, y, &format!("it also printed ({})", column.junk), muted(theme));
    let skip = column.others.len().saturating_sub(room - 1);
    for (line, y) in column.others.iter().skip(skip).zip(y + 1..area.height) {
        put(cells, area, 0, y, &cut(line, area.width), theme.style(Role::Text));
    }
}

/// The first anomaly and the place of the code, above the verdict; gives the rows that they take.
fn told_rows(cells: &mut Buffer, area: Rect, look: &ProbeLook<'_>, theme: &Theme) -> u16 {
    let board = look.view.board();
    let mut lines: Vec<(String, Style)> = Vec::new();
    let room = area.height.saturating_sub(8).min(area.height / 3);
    if let Some((number, text)) = told(board) {
        let label = format!("{} ", mark(number));
        let indent = u16::try_from(width_of(&label)).unwrap_or(2);
        let rows = wrap(&text, area.width.saturating_sub(indent));
        for (at, row) in rows.into_iter().enumerate().take(usize::from(room.max(1))) {
            let lead = if at == 0 { label.clone() } else { " ".repeat(usize::from(indent)) };
            lines.push((format!("{lead}{row}"), theme.style(Role::Text)));
        }
    }
    let place = board.columns.iter().map(|column| &column.place).find(|place| !place.is_empty());
    if let Some(place) = place.filter(|_| lines.len() < usize::from(room)) {
        lines.push((format!("  {place}"), muted(theme)));
    }
    let rows = u16::try_from(lines.len()).unwrap_or(0).min(area.height.saturating_sub(4));
    let gap = u16::from(rows > 0 && area.height >= rows + 14);
    let top = area.height - rows - gap;
    for ((line, style), y) in lines.iter().zip(top..area.height - gap) {
        put(cells, area, 0, y, &cut(line, area.width), *style);
    }
    rows + gap
}

/// The verdict on a ground of its own, at the bottom; gives the rows that it takes.
fn banner(cells: &mut Buffer, area: Rect, look: &ProbeLook<'_>, theme: &Theme) -> u16 {
    let (text, role) = verdict(look);
    let over = look.view.is_over();
    let plain: String = text.chars().skip(if over { 2 } else { usize::MAX }).collect();
    if over && area.height >= 30 && fits_big(&plain, area.width) {
        let rows = BIG_ROWS + 1;
        let inside = Rect { y: area.bottom() - BIG_ROWS, height: BIG_ROWS, ..area };
        big(cells, inside, &plain, strong(theme, role));
        return rows;
    }
    let lines = wrap(&text, area.width.saturating_sub(2));
    let count = u16::try_from(lines.len()).unwrap_or(1).min(3);
    let edge = u16::from(area.height >= 20);
    let rows = (count + 2 * edge).min(area.height);
    let style = strong(theme, role);
    let style = if over { style.add_modifier(Modifier::REVERSED) } else { style };
    let top = area.height - rows;
    if over {
        for y in top..area.height {
            put(cells, area, 0, y, &" ".repeat(usize::from(area.width)), style);
        }
    }
    for (line, y) in lines.iter().zip(top + edge..area.height) {
        put_center(cells, area, y, line, style);
    }
    rows
}
