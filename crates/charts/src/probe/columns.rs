//! The columns of a probe side by side.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::{ProbeLook, role, runtime, strong, told, verdict};
use crate::bench::look::{
    Letters, bar, bold, cut, ink, largest, mark, muted, put, put_center, put_right, wrap,
};
use crate::columns as width_of;
use greenroom_base::number;
use greenroom_bench::probe::{Column, ColumnState, Finding, ProbeSummary};
use greenroom_deck::{Role, Theme};

/// Columns between columns.
const GAP: u16 = 2;
/// Rows of a column beside its large number.
const BELOW: u16 = 6;

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
    let numbers: Vec<String> =
        board.columns.iter().map(|column| number::short(column.anomalies).in_blocks()).collect();
    let large = largest(&numbers, width, rest.height.saturating_sub(BELOW));
    let gap = u16::from(rest.height >= BELOW + 7);
    let scale = Scale::of(look.view.board());
    let mut x = area.x;
    for (number, column) in board.columns.iter().enumerate() {
        let inside = Rect { x, width, y: rest.y + gap, height: rest.height - gap };
        let used = one(cells, inside, (number, column), large, theme);
        let left = Rect { y: inside.y + used, height: inside.height.saturating_sub(used), ..inside };
        course(cells, left, (number, column), &scale, theme);
        x += width + GAP;
    }
}

/// One column, from the top; what does not fit is left out from the bottom. Gives the rows that it takes. `large`: its number
/// is written so.
fn one(
    cells: &mut Buffer,
    area: Rect,
    (number, column): (usize, &Column),
    large: Option<(Letters, u16)>,
    theme: &Theme,
) -> u16 {
    let finding = Finding::of(column);
    let name = format!("{} {}", mark(number), column.name());
    put(cells, area, 0, 0, &cut(&name, area.width), bold(theme, number));
    put(cells, area, 0, 1, &cut(&runtime(column), area.width), muted(theme));
    let mut y = 2 + u16::from(area.height >= BELOW + 6);
    let said = format!("{} {}", finding.mark(), finding.words_of(column));
    let broken = matches!(finding, Finding::Broken(_));
    if column.state() == ColumnState::Waiting || (broken && column.trials == 0) {
        y = words(cells, area, y, &said, role(&finding), theme);
        return others(cells, area, y + 1, column, theme);
    }
    // How it ended says more than a number.
    let ended = broken || matches!(finding, Finding::Crash(_) | Finding::Hang);
    let tone = strong(theme, if column.anomalies == 0 { role(&finding) } else { Role::Bad });
    if ended {
        y = words(cells, area, y, &said, Role::Bad, theme);
        if column.trials > 0 {
            put(cells, area, 0, y, &cut(&of_trials(column, true), area.width), theme.style(Role::Text));
            y += 1;
        }
    } else if let Some((letters, rows)) = large {
        let text = number::short(column.anomalies).in_blocks();
        let inside = Rect { y: area.y + y, height: area.height.saturating_sub(y), ..area };
        letters.write(cells, inside, &text, tone);
        y += rows;
        put(cells, area, 0, y, &cut(&of_trials(column, false), area.width), theme.style(Role::Text));
        y += 1;
    } else {
        put(cells, area, 0, y, &cut(&of_trials(column, true), area.width), tone);
        y += 1;
    }
    if column.trials > 0 {
        meter(cells, area, y, (number, column), theme);
        y += 1;
    }
    if y < area.height && !ended {
        y = words(cells, area, y, &said, role(&finding), theme);
    }
    if let Some(often) = how_often(column, ended).filter(|_| y < area.height) {
        put(cells, area, 0, y, &cut(&often, area.width), muted(theme));
        y += 1;
    }
    for (name, value) in &column.counters {
        if y >= area.height {
            return y;
        }
        put(cells, area, 0, y, &cut(&format!("{name} {value}"), area.width), muted(theme));
        y += 1;
    }
    others(cells, area, y, column, theme)
}

/// How often it was found in each run, where there are several, since they differ more than any one of them tells; else how fast it is tried.
fn how_often(column: &Column, ended: bool) -> Option<String> {
    if column.runs.len() > 1 && column.anomalies > 0 && column.trials > 0 {
        return Some(column.shares());
    }
    column.rates().filter(|_| !ended).map(|(trials, anomalies)| rate(trials, anomalies))
}

/// What the courses of all columns are drawn against.
struct Scale {
    micros: u64,
    anomalies: u64,
}

impl Scale {
    fn of(board: &ProbeSummary) -> Self {
        let took = |column: &Column| {
            let begun = column.first_line.unwrap_or(column.last_line);
            u64::try_from(column.last_line.since(begun).as_micros()).unwrap_or(u64::MAX)
        };
        Self {
            micros: board.columns.iter().map(took).max().unwrap_or_default(),
            anomalies: board.columns.iter().map(|column| column.anomalies).max().unwrap_or_default(),
        }
    }
}

/// How the anomalies grew, where there is room left: the same axes for all columns.
#[allow(clippy::cast_precision_loss)] // shares of a few rows
fn course(cells: &mut Buffer, area: Rect, (number, column): (usize, &Column), scale: &Scale, theme: &Theme) {
    const PARTS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let Some(begun) =
        column.first_line.filter(|_| area.height >= 8 && scale.micros > 0 && scale.anomalies > 0)
    else {
        return;
    };
    let rows = (area.height - 4).min(10);
    let base = area.height - 3;
    put(cells, area, 0, base, &"─".repeat(usize::from(area.width)), theme.style(Role::Border));
    let seconds = scale.micros as f64 / 1e6;
    put(cells, area, 0, base + 1, "0 s", muted(theme));
    put_right(cells, area, area.width, base + 1, &number::fine_seconds(seconds), muted(theme));
    let mut points = column.course.iter().peekable();
    let mut height = 0;
    for x in 0..area.width {
        let until = (u64::from(x) + 1).saturating_mul(scale.micros) / u64::from(area.width);
        if column.last_line.since(begun).as_micros() < u128::from(until.saturating_sub(scale.micros / 50)) {
            break;
        }
        while let Some((_, _, anomalies)) =
            points.next_if(|(at, ..)| at.since(begun).as_micros() <= u128::from(until))
        {
            let share = *anomalies as f64 / scale.anomalies.max(1) as f64;
            height = eighths(share * f64::from(rows) * 8.0).max(usize::from(*anomalies > 0));
        }
        for row in 0..rows {
            let part = height.saturating_sub(usize::from(row) * 8).min(8);
            if let Some(part) = PARTS.get(part).filter(|_| part > 0) {
                put(cells, area, x, base - 1 - row, part, ink(theme, number));
            }
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most the rows of a screen
fn eighths(value: f64) -> usize {
    value.clamp(0.0, 4096.0).round() as usize
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
    let trials =
        if column.trials > 0 { format!(" of {}", number::count(column.trials)) } else { String::new() };
    if number { format!("{}{trials}", number::count(column.anomalies)) } else { format!("{what}{trials}") }
}

/// Trials per second, and how many of them go wrong.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // for reading
fn rate(trials: f64, anomalies: f64) -> String {
    let short = |value: f64| number::short(value.clamp(0.0, 1e15).round() as u64);
    if anomalies > 0.0 {
        format!("{}/s, {}/s wrong", short(trials), short(anomalies))
    } else {
        format!("{}/s", short(trials))
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

/// Lines that the script printed and that are no reports: the last ones, below everything else. Gives the row after.
fn others(cells: &mut Buffer, area: Rect, y: u16, column: &Column, theme: &Theme) -> u16 {
    let room = usize::from(area.height.saturating_sub(y));
    if column.others.is_empty() || room < 2 {
        return y;
    }
    let printed = if column.junk == 1 { "1 line that is not a report" } else { "lines that are not reports" };
    put(cells, area, 0, y, &cut(&format!("{printed}:"), area.width), muted(theme));
    let lines: Vec<String> = column.others.iter().flat_map(|line| wrap(line, area.width)).collect();
    let shown = lines.len().min(room - 1);
    for (line, y) in lines.iter().skip(lines.len() - shown).zip(y + 1..area.height) {
        put(cells, area, 0, y, line, theme.style(Role::Text));
    }
    y + 1 + u16::try_from(shown).unwrap_or(u16::MAX)
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
    let large = largest(std::slice::from_ref(&plain), area.width, area.height / 6);
    if let Some((letters, rows)) = large.filter(|_| over && area.height >= 30) {
        let inside = Rect { y: area.bottom() - rows, height: rows, ..area };
        letters.write(cells, inside, &plain, strong(theme, role));
        return rows + 1;
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
