//! Which part of a row is not what it was.

use std::ops::Range;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use greenroom_frame::{Frame, PlacedPicture};

/// The cells of row `y`.
pub(super) fn row(frame: &Frame, y: u16) -> &[Cell] {
    let width = usize::from(frame.cells.area.width);
    let start = usize::from(y) * width;
    frame.cells.content.get(start..start + width).unwrap_or_default()
}

/// Columns that a cell's character takes.
pub(super) fn columns(cell: &Cell) -> u16 {
    let symbol = cell.symbol();
    if symbol.len() == 1 { 1 } else { u16::try_from(symbol.width()).unwrap_or(1).clamp(1, 2) }
}

/// The columns of row `y` that differ between two frames of one size; none when none does.
pub(super) fn changed(before: &Frame, now: &Frame, y: u16) -> Option<Range<u16>> {
    let (old, new) = (row(before, y), row(now, y));
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let mut range = if same == new.len() {
        None
    } else {
        let after = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
        Some(index(same)..index(new.len() - after))
    };
    let mut join = |other: Range<u16>| {
        range = Some(match range.take() {
            Some(range) => range.start.min(other.start)..range.end.max(other.end),
            None => other,
        });
    };
    if (before.cursor, before.cursor_style) != (now.cursor, now.cursor_style) {
        let here = [before.cursor, now.cursor].into_iter().flatten().filter(|at| at.y == y);
        here.for_each(|at| join(at.x..at.x.saturating_add(1)));
    }
    if before.pictures != now.pictures {
        let crosses = |placed: &&PlacedPicture| (placed.area.top()..placed.area.bottom()).contains(&y);
        let gone = before.pictures.iter().filter(crosses).filter(|placed| !now.pictures.contains(placed));
        let come = now.pictures.iter().filter(crosses).filter(|placed| !before.pictures.contains(placed));
        gone.chain(come).for_each(|placed| join(placed.area.left()..placed.area.right()));
    }
    let width = index(new.len());
    let range = range?;
    let range = range.start.min(width)..range.end.min(width);
    (!range.is_empty()).then(|| whole(whole(range, old), new))
}

/// `range`, and the rest of the wide characters that begin or end outside of it.
fn whole(range: Range<u16>, row: &[Cell]) -> Range<u16> {
    let mut range = range;
    let mut x = 0;
    while x < index(row.len()) {
        let end = (x + row.get(usize::from(x)).map_or(1, columns)).min(index(row.len()));
        if (x + 1..end).contains(&range.start) {
            range.start = x;
        }
        if (x + 1..end).contains(&range.end) {
            range.end = end;
        }
        x = end;
    }
    range
}

/// The part of row `y` in which there is anything to see on `background`; none in an empty one.
pub(super) fn visible(frame: &Frame, y: u16, background: Color) -> Option<Range<u16>> {
    let row = row(frame, y);
    let lines = Modifier::UNDERLINED | Modifier::CROSSED_OUT | Modifier::REVERSED;
    let seen = |cell: &Cell| cell.symbol() != " " || cell.bg != background || cell.modifier.intersects(lines);
    let mut first = row.iter().position(seen).map(index);
    let mut last = row.iter().rposition(seen).map(|at| index(at) + row.get(at).map_or(1, columns));
    let crosses = |placed: &&PlacedPicture| (placed.area.top()..placed.area.bottom()).contains(&y);
    let pictures =
        frame.pictures.iter().filter(crosses).map(|placed| (placed.area.left(), placed.area.right()));
    let cursor = frame.cursor.filter(|at| at.y == y).map(|at| (at.x, at.x.saturating_add(1)));
    for (start, end) in pictures.chain(cursor) {
        first = Some(first.map_or(start, |first| first.min(start)));
        last = Some(last.map_or(end, |last| last.max(end)));
    }
    let range = first?..last?.min(index(row.len()));
    (!range.is_empty()).then_some(range)
}

fn index(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Position;
    use ratatui::style::Style;

    fn frame(text: &str) -> Frame {
        let mut frame = Frame::new(20, 2);
        frame.cells.set_string(0, 0, text, Style::new());
        frame
    }

    #[test]
    fn what_differs_is_found_from_both_sides() {
        let of = |a: &str, b: &str| changed(&frame(a), &frame(b), 0);
        assert_eq!(of("same", "same"), None);
        assert_eq!(of("one word", "one lord"), Some(4..5));
        assert_eq!(of("", "xy"), Some(0..2));
        assert_eq!(changed(&frame("a"), &frame("b"), 1), None);
    }

    #[test]
    fn a_wide_character_changes_as_a_whole() {
        let of = |a: &str, b: &str| changed(&frame(a), &frame(b), 0);
        // The right half of the old one must go as well, though its cell is blank in both.
        assert_eq!(of("ab漢", "abc"), Some(2..4));
        assert_eq!(of("abc", "ab漢"), Some(2..4));
        assert_eq!(of("漢字", "漢x"), Some(2..4));
    }

    #[test]
    fn the_cursor_is_a_change_where_it_was_and_where_it_is() {
        let (mut a, mut b) = (frame("text"), frame("text"));
        a.cursor = Some(Position::new(2, 0));
        b.cursor = Some(Position::new(9, 0));
        assert_eq!(changed(&a, &b, 0), Some(2..10));
        b.cursor = Some(Position::new(0, 1));
        assert_eq!((changed(&a, &b, 0), changed(&a, &b, 1)), (Some(2..3), Some(0..1)));
    }

    #[test]
    fn what_is_blank_need_not_be_drawn() {
        let seen = |frame: &Frame, y| visible(frame, y, Color::Reset);
        assert_eq!((seen(&frame("   word  "), 0), seen(&frame("   word  "), 1)), (Some(3..7), None));
        assert_eq!(seen(&frame(" 漢"), 0), Some(1..3));
        let mut colored = frame("");
        colored.cells[(5, 1)].bg = Color::Red;
        assert_eq!(seen(&colored, 1), Some(5..6));
        colored.cursor = Some(Position::new(8, 1));
        assert_eq!(seen(&colored, 1), Some(5..9));
    }
}
