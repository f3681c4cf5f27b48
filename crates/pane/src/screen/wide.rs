//! Characters of two cells: whatever takes one of the cells away leaves a blank in the other.
//!
//! The emulator leaves the other half where it is. A second half in the first column then puts the cursor to the left
//! of the screen.

use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell, Flags};

use super::{Screen, last_line};

impl Screen {
    /// Turns the halves that stand alone in `line` into blanks.
    pub(super) fn mend(&mut self, line: Line) {
        let columns = self.term.columns();
        let row = &self.term.grid()[line];
        let is = |column: usize, flag: Flags| column < columns && row[Column(column)].flags.contains(flag);
        let alone = |column: &usize| {
            let first = is(*column, Flags::WIDE_CHAR) && !is(*column + 1, Flags::WIDE_CHAR_SPACER);
            let before = column.checked_sub(1).is_some_and(|before| is(before, Flags::WIDE_CHAR));
            first || is(*column, Flags::WIDE_CHAR_SPACER) && !before
        };
        // Nearly always none.
        let halves: Vec<usize> = (0..columns).filter(alone).collect();
        for column in halves {
            let cell = &mut self.term.grid_mut()[line][Column(column)];
            cell.clear_wide();
            cell.flags.remove(Flags::WIDE_CHAR_SPACER);
        }
    }

    /// The same in all lines of the screen: of one that was resized while it did not show.
    pub(super) fn mend_all(&mut self) {
        for line in 0..=last_line(&self.term) {
            self.mend(Line(line));
        }
    }

    /// Before a character of `width` is inserted: what it pushes out of the line goes first, because the emulator
    /// turns it round to where the character comes.
    pub(super) fn make_room(&mut self, width: usize) {
        let (line, columns) = (self.cursor_line(), self.term.columns());
        let cursor = &self.term.grid().cursor;
        if cursor.input_needs_wrap || cursor.point.column.0 + width >= columns {
            return;
        }
        for column in columns - width..columns {
            self.term.grid_mut()[line][Column(column)] = Cell::default();
        }
        self.mend(line);
    }
}
