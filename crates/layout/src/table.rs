//! Tables: columns as wide as they need, wrapped when the slide is narrower; rows told apart by their ground.

use std::borrow::Cow;

use ratatui::style::{Modifier, Style};

use super::Density;
use super::scene::Run;
use super::text::{line_columns, longest_word, natural_columns, signed, wrap};
use greenroom_deck::{Align, Rgb, Step, Table, Text, Theme};

/// Blank columns between two cells: at most, when there is room, and what is still enough when there is not.
const GAPS: std::ops::RangeInclusive<usize> = 2..=6;
/// Those of a table that has not even room for its longest words.
const NARROW_GAP: usize = 1;
/// A cell is cut after this many lines.
const MAX_CELL_LINES: usize = 200;
/// Fewer rows than this need no grounds to be told apart, unless one of them has several lines.
const MIN_STRIPED: usize = 3;

/// What a table is drawn with.
pub(crate) struct TableStyle<'a> {
    pub theme: &'a Theme,
    /// That of running text.
    pub base: Style,
    pub density: Density,
    /// The step that shows.
    pub step: Step,
}

/// A table, as lines one below the other.
pub(crate) struct TableLines {
    /// Columns, the same for each line.
    pub width: usize,
    pub lines: Vec<TableLine>,
}

/// A line of a table.
pub(crate) enum TableLine {
    /// Of the header, or of a row on the slide's own ground.
    Plain(Vec<Run>),
    /// Of a row on a ground of its own.
    Striped(Vec<Run>),
    /// Below the header.
    Rule,
    /// Between two rows.
    Blank,
}

/// The lines of `table` in so many columns; a few more than `most`, when it has more.
pub(crate) fn lines(table: &Table, columns: u16, most: usize, look: &TableStyle<'_>) -> TableLines {
    let TableStyle { theme, base, density, step } = *look;
    let table = &signs(table);
    let Widths { gap, columns: widths } = Widths::of(table, usize::from(columns));
    let width = widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1);
    let mut lines = Vec::new();
    if widths.is_empty() {
        return TableLines { width, lines };
    }
    let row = |cells: &[Text], style: Style| row(cells, table, &widths, gap, style, theme);
    if table.head.iter().any(|cell| !cell.is_empty()) {
        let head = Style::new().fg(theme.accent.into()).add_modifier(Modifier::BOLD);
        lines.extend(row(&table.head, head).into_iter().map(TableLine::Plain));
        lines.push(TableLine::Rule);
    }
    // A row whose first cell is empty goes on with the row above.
    let goes_on = |cells: &[Text]| table.aligns.len() > 1 && cells.first().is_some_and(Text::is_empty);
    let groups = table.rows.iter().filter(|cells| !goes_on(cells)).count();
    let is_wrapped = table
        .rows
        .iter()
        .flat_map(|cells| cells.iter().zip(&widths))
        .any(|(cell, width)| natural_columns(cell) > *width);
    let striped = groups >= if is_wrapped { 2 } else { MIN_STRIPED };
    let mut group = 0_usize;
    for (index, cells) in table.rows.iter().enumerate() {
        // A row that comes later has its place already.
        let hidden = table.steps.get(index).is_some_and(|shows| *shows > step);
        if index > 0 && !goes_on(cells) {
            group += 1;
            if density == Density::Airy {
                lines.push(if hidden { TableLine::Plain(Vec::new()) } else { TableLine::Blank });
            }
        }
        let line = if striped && group % 2 == 1 { TableLine::Striped } else { TableLine::Plain };
        let drawn = row(cells, base).into_iter();
        lines.extend(drawn.map(|runs| if hidden { TableLine::Plain(Vec::new()) } else { line(runs) }));
        if lines.len() > most {
            break;
        }
    }
    // The ground of the last row ends half a row below it.
    if density == Density::Airy && matches!(lines.last(), Some(TableLine::Striped(_))) {
        lines.push(TableLine::Blank);
    }
    TableLines { width, lines }
}

/// The ground of every second row: between the slide's own and that of code, so that what can be read on both can be
/// read on it.
pub(crate) fn stripe(theme: &Theme) -> Rgb {
    theme.background.mix(theme.surface, 0.7)
}

/// The table, with a sign before each cell that judges.
fn signs(table: &Table) -> Cow<'_, Table> {
    let judges = |cell: &Text| cell.0.iter().any(|span| span.meaning.is_some());
    if !table.head.iter().chain(table.rows.iter().flatten()).any(judges) {
        return Cow::Borrowed(table);
    }
    let all = |cells: &[Text]| cells.iter().map(|cell| signed(cell).into_owned()).collect();
    let rows = table.rows.iter().map(|cells| all(cells)).collect();
    Cow::Owned(Table {
        aligns: table.aligns.clone(),
        head: all(&table.head),
        rows,
        steps: table.steps.clone(),
    })
}

fn row(
    cells: &[Text],
    table: &Table,
    widths: &[usize],
    gap: usize,
    style: Style,
    theme: &Theme,
) -> Vec<Vec<Run>> {
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
                runs.push(blank(gap, style));
            }
            let line = wrapped.get(column).and_then(|lines| lines.get(index)).cloned().unwrap_or_default();
            let align = table.aligns.get(column).copied().unwrap_or_default();
            runs.extend(padded(line, *width, align, style));
        }
        runs
    };
    (0..height).map(line).collect()
}

fn blank(count: usize, style: Style) -> Run {
    Run::new(" ".repeat(count), Style::new().fg(style.fg.unwrap_or_default()))
}

fn padded(line: Vec<Run>, width: usize, align: Align, style: Style) -> Vec<Run> {
    let spare = width.saturating_sub(line_columns(&line));
    let before = match align {
        Align::Left => 0,
        Align::Center => spare / 2,
        Align::Right => spare,
    };
    let mut runs = Vec::with_capacity(line.len() + 2);
    if before > 0 {
        runs.push(blank(before, style));
    }
    runs.extend(line);
    if spare > before {
        runs.push(blank(spare - before, style));
    }
    runs
}

/// How wide a table is set.
struct Widths {
    /// Columns between two cells.
    gap: usize,
    /// Those of each column, at least 1: what it needs when everything fits, else what is left shared out so that
    /// narrow columns keep what they need and no word is broken before it must be.
    columns: Vec<usize>,
}

impl Widths {
    fn of(table: &Table, room: usize) -> Self {
        let count = table.head.len();
        let gaps = count.saturating_sub(1).max(1);
        let cells = |column: usize| {
            table.head.get(column).into_iter().chain(table.rows.iter().filter_map(move |row| row.get(column)))
        };
        let most = |of: fn(&Text) -> usize| -> Vec<usize> {
            (0..count).map(|column| cells(column).map(of).max().unwrap_or(0).max(1)).collect()
        };
        let natural = most(natural_columns);
        let (least_gap, most_gap) = GAPS.into_inner();
        let left = room.checked_sub(natural.iter().sum());
        if let Some(left) = left.filter(|left| *left >= least_gap * count.saturating_sub(1)) {
            return Self { gap: (left / gaps).clamp(least_gap, most_gap), columns: natural };
        }
        let least = most(longest_word);
        let usable = |gap: usize| room.saturating_sub(gap * count.saturating_sub(1));
        let fits = |gap: &usize| least.iter().sum::<usize>() <= usable(*gap);
        let (gap, floor) = match (NARROW_GAP..=least_gap).rev().find(fits) {
            Some(gap) => (gap, least),
            None => (NARROW_GAP, vec![1; count]),
        };
        Self { gap, columns: share(&natural, &floor, usable(gap).max(count)) }
    }
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
    use super::{share, stripe};
    use greenroom_deck::Role;

    #[test]
    fn narrow_columns_keep_what_they_need() {
        assert_eq!(share(&[4, 50, 60], &[4, 10, 10], 64), [4, 30, 30]);
        assert_eq!(share(&[10, 100], &[1, 1], 40), [10, 30]);
        assert_eq!(share(&[10, 10], &[10, 10], 5), [10, 10]);
    }

    #[test]
    fn what_stands_on_a_ground_can_be_read_in_every_theme() {
        for name in greenroom_parse::theme_names() {
            let theme = greenroom_parse::builtin_theme(name).unwrap();
            let ground = stripe(&theme);
            for role in [
                Role::Text,
                Role::Strong,
                Role::Emphasis,
                Role::Link,
                Role::Good,
                Role::Warn,
                Role::Bad,
                Role::Muted,
            ] {
                let contrast = theme.color(role).contrast(ground);
                assert!(contrast >= 4.5, "{name}: {role:?} on {ground:?} has {contrast:.2}");
            }
        }
    }
}
