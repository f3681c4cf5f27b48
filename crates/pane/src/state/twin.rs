//! A recording in front of a run: a second pane that shows in place of the first, which goes on behind it.

use super::{Generation, Pane, View};
use greenroom_base::clock::Elapsed;

impl Pane {
    /// As [`Pane::begin`], with a generation after `last` and kept there: the runs of two panes that stand for each
    /// other are told apart.
    pub fn begin_after(&mut self, last: &mut Generation, now: Elapsed) -> Generation {
        self.generation = self.generation.max(*last);
        *last = self.begin(now);
        *last
    }

    /// An idle pane for the same demo, of the same size, that shows the same chart.
    #[must_use]
    pub fn twin(&self) -> Self {
        let mut twin = Self::of(self.kind, self.size, self.palette);
        twin.view = self.view.fresh(self.kind, self.size, self.palette);
        twin
    }

    /// The row that the cursor of its terminal is in, if it shows one.
    #[must_use]
    pub fn cursor_row(&self) -> Option<u16> {
        self.view.term().and_then(super::TermView::cursor_row)
    }

    /// How that cursor looks: the number of DECSCUSR, 0 for the terminal's own.
    #[must_use]
    pub fn cursor_style(&self) -> u8 {
        self.view.term().map_or(0, super::TermView::cursor_style)
    }

    /// Shows the chart that `other` shows.
    pub fn show_as(&mut self, other: &Self) {
        if let (View::Bench(own), View::Bench(bench)) = (&mut self.view, &other.view) {
            own.show(bench.chart());
        }
    }
}
