//! Matrices, cases, and formulas of several lines.

use pulldown_latex::event::Style;

use super::{AXIS, Setter};
use crate::formula::boxes::SetBox;
use crate::formula::tree::{GridKind, Node};

impl Setter<'_> {
    pub(super) fn grid(&mut self, kind: &GridKind, rows: &[Vec<Node>], small: bool) -> SetBox {
        let scale = self.scale();
        let style = match kind {
            GridKind::Pairs | GridKind::Rows => Style::Display,
            _ if small => Style::Script,
            _ if self.style == Style::Display => Style::Text,
            _ => self.style,
        };
        let rows: Vec<Vec<SetBox>> =
            rows.iter().map(|row| row.iter().map(|cell| self.styled(style, cell)).collect()).collect();
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width).fold(0.0_f32, f32::max)
        };
        let widths: Vec<f32> = (0..columns).map(width).collect();
        let mut set = SetBox::space(0.0);
        let leading = if small {
            0.1
        } else if style == Style::Display {
            0.35
        } else {
            0.2
        } * scale;
        let mut y = 0.0;
        for (number, row) in rows.into_iter().enumerate() {
            let least = if small { 0.5 } else { 0.7 } * scale;
            let height = row.iter().map(|cell| cell.height).fold(least, f32::max);
            let depth = row.iter().map(|cell| cell.depth).fold(0.3 * least, f32::max);
            y += height + if number > 0 { leading } else { 0.0 };
            let mut x = 0.0;
            for (column, cell) in row.into_iter().enumerate() {
                x += before(kind, column) * scale;
                let room = widths.get(column).copied().unwrap_or(0.0);
                let spare = room - cell.width;
                let shift = match align(kind, column) {
                    'l' => 0.0,
                    'r' => spare,
                    _ => spare / 2.0,
                };
                set.put(cell, x + shift, y);
                x += room;
                set.width = set.width.max(x);
            }
            y += depth;
        }
        let (top, bottom) = (set.height.min(0.0), y);
        set.height = -top;
        set.depth = bottom;
        // Its middle on the axis.
        let set = set.lowered(-(bottom / 2.0) - AXIS * scale);
        match kind {
            GridKind::Cases { left: true } => self.fenced(Some('{'), None, set),
            GridKind::Cases { left: false } => self.fenced(None, Some('}'), set),
            _ => set,
        }
    }
}

/// The room before a column.
fn before(kind: &GridKind, column: usize) -> f32 {
    match kind {
        _ if column == 0 => 0.0,
        GridKind::Pairs if column % 2 == 1 => 0.28,
        GridKind::Pairs => 2.0,
        _ => 1.0,
    }
}

fn align(kind: &GridKind, column: usize) -> char {
    match kind {
        GridKind::Pairs if column.is_multiple_of(2) => 'r',
        GridKind::Pairs | GridKind::Cases { .. } => 'l',
        GridKind::Rows => 'c',
        GridKind::Columns(columns) => columns.get(column).or(columns.last()).copied().unwrap_or('c'),
    }
}
