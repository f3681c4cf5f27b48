//! The help: keys by situation, in columns, and on pages where a screen does not hold them all.

use ratatui::layout::{Margin, Rect};
use ratatui::style::Modifier;

use super::card::{list, middle};
use crate::keys::{Group, Keymap};
use crate::talk::Hints;
use greenroom_deck::{Role, Theme};
use greenroom_frame::Frame;
use greenroom_render::layout::columns;

/// Columns between two columns.
const GAP: usize = 3;
/// Columns beside each other, at most.
const MOST: usize = 3;

/// A line: a situation, or keys and what they do. An empty one stands between two groups.
#[derive(Debug, Clone)]
pub(super) enum Line {
    Title(String),
    Keys(String, &'static str),
    Empty,
}

impl Line {
    /// Columns of its keys.
    fn keys(&self) -> usize {
        match self {
            Self::Keys(keys, _) => columns(keys),
            Self::Title(_) | Self::Empty => 0,
        }
    }

    /// Columns of all of it when keys have so many.
    fn columns(&self, keys: usize) -> usize {
        match self {
            Self::Title(text) => columns(text),
            Self::Keys(_, about) => keys + 1 + columns(about),
            Self::Empty => 0,
        }
    }
}

/// Lines below each other, and the columns that they need.
#[derive(Debug, Clone, Default)]
struct Column {
    lines: Vec<Line>,
    keys: usize,
    width: usize,
}

impl Column {
    fn of(lines: Vec<Line>) -> Self {
        let keys = lines.iter().map(Line::keys).max().unwrap_or(0);
        let width = lines.iter().map(|line| line.columns(keys)).max().unwrap_or(0);
        Self { lines, keys, width }
    }

    fn draw(&self, frame: &mut Frame, theme: &Theme, at: Rect) {
        let bold = |role| theme.style(role).add_modifier(Modifier::BOLD);
        let indent = u16::try_from(self.keys + 1).unwrap_or(u16::MAX).min(at.width);
        for (line, y) in self.lines.iter().zip(at.top()..at.bottom()) {
            let room = usize::from(at.width);
            match line {
                Line::Title(text) => {
                    frame.cells.set_stringn(at.x, y, text, room, bold(Role::Accent));
                }
                Line::Keys(keys, about) => {
                    frame.cells.set_stringn(at.x, y, keys, room, bold(Role::Text));
                    let rest = usize::from(at.width - indent);
                    frame.cells.set_stringn(at.x + indent, y, about, rest, theme.style(Role::Text));
                }
                Line::Empty => {}
            }
        }
    }
}

/// Draws a page of the help over the frame, with `now` in its lower edge: what the keys mean at the moment. `hints` knows how it is turned.
pub(super) fn draw(
    frame: &mut Frame,
    theme: &Theme,
    groups: &[Vec<Line>],
    page: i16,
    now: &str,
    hints: Hints<'_>,
) {
    let area = frame.area();
    let room = (usize::from(area.width.saturating_sub(4)), usize::from(area.height.saturating_sub(2)));
    let pages = pages(groups, room);
    let count = i16::try_from(pages.len()).unwrap_or(i16::MAX).max(1);
    let number = page.rem_euclid(count);
    let Some(shown) = usize::try_from(number).ok().and_then(|number| pages.get(number)) else { return };
    let title = match count {
        1 => "Keys (any key closes)".to_owned(),
        count => {
            let turns = hints.say("{help-next} next page, ").unwrap_or_default();
            format!("Keys {} of {count} ({turns}Esc closes)", number + 1)
        }
    };
    let width = total(shown).max(columns(&title) + 2).max(columns(now) + 2) + 4;
    let height = pages.iter().flatten().map(|column| column.lines.len()).max().unwrap_or(0) + 2;
    let card = middle(area, width, height);
    list(frame, theme, card, &title, &[], None);
    let inside = card.inner(Margin::new(2, 1));
    let mut x = inside.x;
    for column in shown {
        column.draw(frame, theme, Rect { x, width: inside.right().saturating_sub(x), ..inside });
        x += u16::try_from(column.width + GAP).unwrap_or(0);
    }
    if !now.is_empty() && card.width > 6 && card.height > 1 {
        let style = theme.style(Role::Accent).add_modifier(Modifier::BOLD);
        let room = usize::from(card.width - 4);
        frame.cells.set_stringn(card.x + 2, card.bottom() - 1, format!(" {now} "), room, style);
    }
}

/// The lines of each group, with its title.
pub(super) fn lines<F>(groups: &[&Group<F>], keymap: &Keymap) -> Vec<Vec<Line>> {
    let hints = Hints::of(keymap);
    let told = |group: &&Group<F>| {
        let lines = group.lines(keymap, &|action| hints.key(action));
        let keys = lines.into_iter().map(|(keys, about)| Line::Keys(keys, about));
        let bare = || group.title.split(", after {").next().unwrap_or_default().to_owned();
        let title = hints.say(group.title).unwrap_or_else(bare);
        std::iter::once(Line::Title(title)).chain(keys).collect()
    };
    groups.iter().map(told).collect()
}

fn total(page: &[Column]) -> usize {
    page.iter().map(|column| column.width).sum::<usize>() + GAP * page.len().saturating_sub(1)
}

/// The groups on as few pages as fit into a room of so many columns and rows: on one page as close to a square as they come,
/// with air between them where there is some.
fn pages(groups: &[Vec<Line>], (width, height): (usize, usize)) -> Vec<Vec<Column>> {
    let height = height.max(1);
    for apart in [true, false] {
        for across in [2, 3, 1] {
            let page = (1..=height).map(|rows| fill(groups, rows, apart)).find(|page| page.len() <= across);
            if let Some(page) = page.filter(|page| total(page) <= width) {
                return vec![page];
            }
        }
    }
    let whole = fill(groups, height, false);
    let across = (1..=MOST).rev().find(|across| whole.chunks(*across).all(|page| total(page) <= width));
    whole.chunks(across.unwrap_or(1)).map(<[Column]>::to_vec).collect()
}

/// The groups in columns of at most so many rows, one after the other; one that is longer than a column goes on in the next.
fn fill(groups: &[Vec<Line>], rows: usize, apart: bool) -> Vec<Column> {
    let mut done: Vec<Vec<Line>> = Vec::new();
    for part in groups.iter().flat_map(|group| group.chunks(rows)) {
        let gap = usize::from(apart);
        match done.last_mut() {
            Some(column) if column.len() + gap + part.len() <= rows => {
                column.extend(std::iter::repeat_n(Line::Empty, gap));
                column.extend_from_slice(part);
            }
            _ => done.push(part.to_vec()),
        }
    }
    done.into_iter().map(Column::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(title: &'static str, keys: usize) -> Vec<Line> {
        std::iter::once(Line::Title(title.to_owned()))
            .chain((0..keys).map(|key| Line::Keys(format!("{key}"), "does what it does")))
            .collect()
    }

    fn told(pages: &[Vec<Column>]) -> usize {
        let lines = pages.iter().flatten().flat_map(|column| &column.lines);
        lines.filter(|line| !matches!(line, Line::Empty)).count()
    }

    #[test]
    fn nothing_is_lost_and_nothing_is_cut_in_any_room() {
        let groups = [group("A", 9), group("B", 1), group("C", 14), group("D", 3), group("E", 30)];
        let all: usize = groups.iter().map(Vec::len).sum();
        for width in [1, 20, 40, 76, 116, 400] {
            for height in [0, 1, 2, 5, 22, 60, 148] {
                let pages = pages(&groups, (width, height));
                assert_eq!(told(&pages), all, "{width}x{height}");
                for page in &pages {
                    assert!(page.len() == 1 || total(page) <= width, "{width}x{height}");
                    assert!(page.iter().all(|column| column.lines.len() <= height.max(1)));
                }
            }
        }
    }

    #[test]
    fn one_page_is_enough_where_there_is_room_and_columns_are_alike() {
        let groups = [group("A", 9), group("B", 1), group("C", 6), group("D", 3), group("E", 6)];
        let page = pages(&groups, (76, 22)).remove(0);
        let rows: Vec<usize> = page.iter().map(|column| column.lines.len()).collect();
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(rows[0].abs_diff(rows[1]) <= 8, "{rows:?}");
        assert_eq!(pages(&groups, (76, 10)).len(), 2);
    }

    #[test]
    fn a_whole_group_stays_together_where_it_fits() {
        let groups = [group("A", 3), group("B", 3)];
        let columns = fill(&groups, 5, false);
        assert!(columns.iter().all(|column| matches!(column.lines[0], Line::Title(_))), "{columns:?}");
    }
}
