//! The columns of a probe one below the other, for panes beside a text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::{ProbeLook, role, runtime, strong, told, verdict};
use crate::bench::look::{bold, cut, mark, muted, put, put_right, wrap};
use crate::columns as width_of;
use greenroom_base::number::{self, Number};
use greenroom_bench::probe::{Column, ColumnState, Finding};
use greenroom_deck::{Role, Theme};

/// Draws them, and the verdict below.
pub(super) fn draw(cells: &mut Buffer, area: Rect, look: &ProbeLook<'_>, theme: &Theme) {
    let board = look.view.board();
    let area = Rect { x: area.x + 1, width: area.width - 2, ..area };
    let many = u16::try_from(board.columns.len()).unwrap_or(u16::MAX);
    let used = verdict_rows(cells, area, look, many, theme);
    let rest = area.height - used;
    // Name, count, interpreter: as many rows for each as there are.
    let step = (rest / many.max(1)).clamp(1, 3);
    let told_room = rest.saturating_sub(many * step);
    let mut y = 0;
    for (number, column) in board.columns.iter().enumerate() {
        if y >= rest {
            return;
        }
        one(cells, Rect { height: rest, ..area }, y, (number, column), step, theme);
        y += step;
    }
    if let Some((number, text)) = told(board).filter(|_| told_room > 0) {
        let gap = u16::from(told_room > 1);
        let lines = wrap(&format!("{} {text}", mark(number)), area.width);
        for (line, y) in lines.iter().zip(y + gap..rest) {
            put(cells, area, 0, y, line, theme.style(Role::Text));
        }
    }
}

fn one(cells: &mut Buffer, area: Rect, y: u16, (number, column): (usize, &Column), rows: u16, theme: &Theme) {
    let finding = Finding::of(column);
    let name = format!("{} {}", mark(number), column.name());
    let end = put(cells, area, 0, y, &cut(&name, area.width), bold(theme, number));
    let tone = strong(theme, if column.anomalies == 0 { role(&finding) } else { Role::Bad });
    let counts = |say: &dyn Fn(u64) -> Number| {
        let of = if column.trials > 0 { format!(" of {}", say(column.trials)) } else { String::new() };
        format!("{} {}{of}", finding.mark(), say(column.anomalies))
    };
    let waits = column.state() == ColumnState::Waiting;
    let says = matches!(finding, Finding::Broken(_) | Finding::Crash(_) | Finding::Hang) || waits;
    let said = format!("{} {}", finding.mark(), finding.words_of(column));
    if rows == 1 {
        let text = if says { said } else { counts(&number::short) };
        let room = area.width.saturating_sub(end + 1);
        put_right(cells, area, area.width, y, &cut(&text, room), tone);
        return;
    }
    let facts = runtime(column);
    let room = area.width.saturating_sub(end + 2);
    if width_of(&facts) <= usize::from(room) {
        put_right(cells, area, area.width, y, &facts, muted(theme));
    }
    let full = if says { said } else { counts(&number::count) };
    let lines = wrap(&full, area.width.saturating_sub(2));
    let shown = if says || width_of(&full) + 2 <= usize::from(area.width) {
        lines
    } else {
        vec![counts(&number::short)]
    };
    for (line, y) in shown.iter().zip(y + 1..y + rows) {
        put(cells, area, 2, y, &cut(line, area.width.saturating_sub(2)), tone);
    }
}

/// The verdict, at the bottom; gives the rows that it takes.
fn verdict_rows(cells: &mut Buffer, area: Rect, look: &ProbeLook<'_>, many: u16, theme: &Theme) -> u16 {
    let (text, role) = verdict(look);
    let lines = wrap(&text, area.width);
    let most = area.height.saturating_sub(many).clamp(1, 4);
    let rows = u16::try_from(lines.len()).unwrap_or(1).min(most).min(area.height);
    let style = strong(theme, role);
    let style = if look.view.is_over() { style.add_modifier(Modifier::REVERSED) } else { style };
    for (line, y) in lines.iter().zip(area.height - rows..area.height) {
        put(cells, area, 0, y, line, style);
    }
    rows + u16::from(area.height > rows + 2 * many)
}
