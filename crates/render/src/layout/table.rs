//! Tables: columns as wide as they need, wrapped when the slide is narrower.

use ratatui::style::{Modifier, Style};

use super::Density;
use super::scene::Run;
use super::text::{line_columns, longest_word, natural_columns, wrap};
use greenroom_deck::{Align, Role, Table, Text, Theme};

/// Columns between two cells: a blank, a line, a blank.
const SEPARATOR: &str = " │ ";
/// A cell is cut after this many lines.
const MAX_CELL_LINES: usize = 200;

/// What a table is drawn with.
pub(crate) struct TableStyle<'a> {
    pub theme: &'a Theme,
    /// That of running text.
    pub base: Style,
    pub density: Density,
}

/// The lines of `table` in so many columns; a few more than `most`, when it has more.
pub(crate) fn lines(table: &Table, columns: u16, most: usize, look: &TableStyle<'_>) -> Vec<Vec<Run>> {
    let TableStyle { theme, base, density } = *look;
    let mut lines = Vec::new();
    let widths = widths(table, usize::from(columns));
    if widths.is_empty() {
        return lines;
    }
    let head = Style::new().fg(theme.heading.into()).add_modifier(Modifier::BOLD);
    let border = theme.style(Role::Border);
    if table.head.iter().any(|cell| !cell.is_empty()) {
        lines.extend(row(theme, &table.head, table, &widths, head));
        lines.push(vec![Run::new(rule(&widths, "━", "━┿━"), border)]);
    }
    let wrapped = table.rows.iter().any(|cells| is_wrapped(cells, &widths));
    let apart = density == Density::Airy || (wrapped && density != Density::Tight);
    for (index, cells) in table.rows.iter().enumerate() {
        // A row whose first cell is empty goes on with the row above.
        let goes_on = cells.first().is_some_and(Text::is_empty);
        if index > 0 && apart && !goes_on {
            lines.push(vec![Run::new(rule(&widths, "─", "─┼─"), border)]);
        }
        lines.extend(row(theme, cells, table, &widths, base));
        if lines.len() > most {
            break;
        }
    }
    lines
}

fn is_wrapped(cells: &[Text], widths: &[usize]) -> bool {
    cells.iter().zip(widths).any(|(cell, width)| natural_columns(cell) > *width)
}

fn rule(widths: &[usize], line: &str, crossing: &str) -> String {
    widths.iter().map(|width| line.repeat(*width)).collect::<Vec<_>>().join(crossing)
}

fn row(theme: &Theme, cells: &[Text], table: &Table, widths: &[usize], style: Style) -> Vec<Vec<Run>> {
    let border = theme.style(Role::Border);
    let wrapped: Vec<Vec<Vec<Run>>> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| {
            wrap(cell, u16::try_from(*width).unwrap_or(u16::MAX), MAX_CELL_LINES, style, theme)
        })
        .collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let line = |index: usize| {
        let mut runs = Vec::new();
        for (column, width) in widths.iter().enumerate() {
            if column > 0 {
                runs.push(Run::new(SEPARATOR.to_owned(), border));
            }
            let line = wrapped.get(column).and_then(|lines| lines.get(index)).cloned().unwrap_or_default();
            let align = table.aligns.get(column).copied().unwrap_or_default();
            runs.extend(padded(line, *width, align, style));
        }
        runs
    };
    (0..height).map(line).collect()
}

fn padded(line: Vec<Run>, width: usize, align: Align, style: Style) -> Vec<Run> {
    let spare = width.saturating_sub(line_columns(&line));
    let before = match align {
        Align::Left => 0,
        Align::Center => spare / 2,
        Align::Right => spare,
    };
    let blank = |count: usize| Run::new(" ".repeat(count), Style::new().fg(style.fg.unwrap_or_default()));
    let mut runs = Vec::with_capacity(line.len() + 2);
    if before > 0 {
        runs.push(blank(before));
    }
    runs.extend(line);
    if spare > before {
        runs.push(blank(spare - before));
    }
    runs
}

/// A width for each column, at least 1: what it needs when everything fits, else what is left shared out so
/// that narrow columns keep what they need and no word is broken before it must be.
fn widths(table: &Table, room: usize) -> Vec<usize> {
    let count = table.head.len();
    let cells = |column: usize| {
        table.head.get(column).into_iter().chain(table.rows.iter().filter_map(move |row| row.get(column)))
    };
    let natural: Vec<usize> =
        (0..count).map(|column| cells(column).map(natural_columns).max().unwrap_or(0).max(1)).collect();
    let usable = room.saturating_sub(SEPARATOR.chars().count() * count.saturating_sub(1)).max(count);
    if natural.iter().sum::<usize>() <= usable {
        return natural;
    }
    let least: Vec<usize> =
        (0..count).map(|column| cells(column).map(longest_word).max().unwrap_or(0).max(1)).collect();
    let floor = if least.iter().sum::<usize>() <= usable { least } else { vec![1; count] };
    share(&natural, &floor, usable)
}

/// Hands `usable` columns out: each column gets its floor, then the ones that lack least are filled first.
fn share(natural: &[usize], floor: &[usize], usable: usize) -> Vec<usize> {
    let mut widths = floor.to_vec();
    let mut left = usable.saturating_sub(widths.iter().sum());
    let mut open: Vec<usize> = (0..natural.len()).filter(|index| widths[*index] < natural[*index]).collect();
    open.sort_by_key(|index| natural[*index] - widths[*index]);
    while let Some(index) = open.first().copied() {
        let part = left / open.len();
        let wanted = natural[index] - widths[index];
        let given = wanted.min(part);
        widths[index] += given;
        left -= given;
        open.remove(0);
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn narrow_columns_keep_what_they_need() {
        assert_eq!(share(&[4, 50, 60], &[4, 10, 10], 64), [4, 30, 30]);
        assert_eq!(share(&[10, 100], &[1, 1], 40), [10, 30]);
        assert_eq!(share(&[10, 10], &[10, 10], 5), [10, 10]);
    }
}
