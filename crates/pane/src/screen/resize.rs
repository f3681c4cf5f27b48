//! Another size. Text flows into the new width; what was at the top stays there while there is room for it below.
//!
//! The emulator pushes the lines that narrowing adds out at the top, also above a screen that is half empty.

use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::TermMode;
use alacritty_terminal::term::cell::Hyperlink;

use super::{Screen, last_line};

/// A size in cells that the emulator can live with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cells {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

impl Dimensions for Cells {
    fn total_lines(&self) -> usize {
        self.rows
    }

    fn screen_lines(&self) -> usize {
        self.rows
    }

    fn columns(&self) -> usize {
        self.columns
    }
}

impl Screen {
    /// Changes the size.
    pub(crate) fn resize(&mut self, size: Cells) {
        self.left = None;
        if self.term.mode().contains(TermMode::ALT_SCREEN) {
            // The main screen flows as well, and can be looked at only when it shows. Switching clears the
            // alternate one, which is put back.
            let mut alternate = self.term.grid().clone();
            self.term.swap_alt();
            self.reflow(size);
            self.term.swap_alt();
            alternate.resize(false, size.rows, size.columns);
            *self.term.grid_mut() = alternate;
        } else {
            self.reflow(size);
        }
        self.no_margins();
        self.mend_all();
    }

    fn reflow(&mut self, size: Cells) {
        let narrows = size.columns < self.term.columns();
        let before = narrows.then(|| self.mark_top());
        self.term.resize(size);
        let Some(before) = before else { return };
        let above = self.take_mark(before);
        let back = above.min(self.free_rows());
        if back > 0 {
            // Growing takes lines from above, and shrinking again takes the empty ones below.
            self.term.resize(Cells { rows: size.rows + back, ..size });
            self.term.resize(size);
        }
    }

    /// Marks the first line, with a link that no program can set. Gives what was there.
    fn mark_top(&mut self) -> Option<Hyperlink> {
        let cell = &mut self.term.grid_mut()[Line(0)][Column(0)];
        let before = cell.hyperlink();
        cell.set_hyperlink(Some(mark()));
        before
    }

    /// Takes the mark away; how many lines above the screen it was.
    fn take_mark(&mut self, before: Option<Hyperlink>) -> usize {
        let mark = mark();
        let (first, columns) = (self.term.topmost_line().0, self.term.columns());
        // It has moved by little: from the screen up.
        for line in (first..=last_line(&self.term)).rev() {
            for column in 0..columns {
                let cell = &mut self.term.grid_mut()[Line(line)][Column(column)];
                if cell.hyperlink().is_some_and(|link| link == mark) {
                    cell.set_hyperlink(before);
                    return usize::try_from(-line).unwrap_or(0);
                }
            }
        }
        0
    }

    /// The empty lines at the bottom, below the cursor.
    fn free_rows(&self) -> usize {
        let (last, cursor) = (last_line(&self.term), self.cursor_line().0);
        let free = |line: &i32| *line > cursor && self.term.grid()[Line(*line)].is_clear();
        (0..=last).rev().take_while(free).count()
    }
}

fn mark() -> Hyperlink {
    Hyperlink::new(Some("greenroom: the first line"), String::new())
}
