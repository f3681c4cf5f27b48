//! Diagrams and formulas: their pictures, and the texts that stand in their places.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Brush, Visible};
use crate::layout::{columns, plain_rows, wrap};
use crate::paint::render_cache::Picked;
use greenroom_deck::{Diagram, Role, Text};
use greenroom_frame::PlacedPicture;

/// Rows of a reason why there is no picture.
const MAX_REASON: usize = 4;

impl Brush<'_, '_> {
    /// A picture that is drawn from a text. Where pictures are too coarse to be read (in cells), and until it is there, the
    /// text stands in its place.
    pub(super) fn diagram(&mut self, rows: &Visible, path: &str, diagram: &Diagram) {
        match self.ink.picture(path) {
            Picked::Failed(why) => self.twin(rows, diagram, Some(&why)),
            Picked::Pending => self.twin(rows, diagram, None),
            Picked::Ready(picture) => {
                self.twin(rows, diagram, None);
                if rows.whole {
                    self.frame.pictures.push(PlacedPicture { area: rows.area, picture });
                }
            }
        }
    }

    /// The text, and why it is not drawn.
    fn twin(&mut self, rows: &Visible, diagram: &Diagram, why: Option<&str>) {
        if diagram.twin.bare && why.is_none() {
            return self.line_of_formula(rows, diagram);
        }
        let area = rows.area;
        super::super::fill(&mut self.frame.cells, area, Style::new().bg(self.theme.surface.into()));
        let mut set = plain_rows(&diagram.twin, area.width);
        let total = usize::from(area.height).saturating_add(rows.skipped as usize);
        let said = self.said(diagram, why, area.width);
        let room = total.saturating_sub(said.len());
        // Air above, where there is some.
        let margin = usize::from(room > set.rows.len() + 1);
        let left_out = set.rows.len().saturating_sub(room - margin);
        set.rows.truncate(room - margin);
        let tokens = self.ink.lines(&diagram.twin);
        for y in 0..area.height {
            let at = rows.skipped as usize + usize::from(y);
            let line = Rect { y: area.y + y, height: 1, ..area };
            if let Some(row) = at.checked_sub(margin).and_then(|index| set.rows.get(index)) {
                self.code_row(line, &set, row, tokens.get(row.line).map_or(&[], Vec::as_slice));
            } else if let Some(words) = at.checked_sub(room).and_then(|index| said.get(index)) {
                self.foot(line, words, left_out, why.is_some());
            }
        }
    }

    /// A formula as text, in the middle of its rows.
    fn line_of_formula(&mut self, rows: &Visible, diagram: &Diagram) {
        let area = rows.area;
        let lines: Vec<&str> = diagram.twin.source.lines().collect();
        let total = usize::from(area.height) + rows.skipped as usize;
        let top = total.saturating_sub(lines.len()) / 2;
        let style = self.theme.style(Role::Emphasis);
        for (number, line) in lines.iter().enumerate() {
            let row =
                (top + number).checked_sub(rows.skipped as usize).and_then(|row| u16::try_from(row).ok());
            if let Some(row) = row.filter(|row| *row < area.height) {
                // It may go on beyond its picture: a line is longer than what it draws.
                let width = usize::from(self.clip.right().saturating_sub(area.x));
                self.frame.cells.set_stringn(area.x, area.y + row, line, width, style);
            }
        }
    }

    /// What stands below the text: why it is not drawn, or what it is.
    fn said(&self, diagram: &Diagram, why: Option<&str>, width: u16) -> Vec<String> {
        let Some(why) = why else { return vec![diagram.notation.name().to_owned()] };
        let text = Text::plain(format!("✖ {why}"));
        let lines = wrap(&text, width.saturating_sub(2).max(1), MAX_REASON, Style::new(), self.theme);
        let words = |line: Vec<crate::layout::Run>| line.into_iter().map(|run| run.text).collect();
        lines.into_iter().take(MAX_REASON).map(words).collect()
    }

    fn foot(&mut self, row: Rect, words: &str, left_out: usize, bad: bool) {
        let role = if bad { Role::Bad } else { Role::Muted };
        let text = match left_out {
            0 => words.to_owned(),
            _ if bad => words.to_owned(),
            more => format!("… {more} more lines   {words}"),
        };
        let width = usize::from(row.width.saturating_sub(2));
        let used = u16::try_from(columns(&text).min(width)).unwrap_or(0);
        let x = if bad { row.x + 1 } else { row.right().saturating_sub(used + 1) };
        let style = self.theme.style(role).bg(self.theme.surface.into());
        self.frame.cells.set_stringn(x, row.y, &text, width, style);
    }
}
