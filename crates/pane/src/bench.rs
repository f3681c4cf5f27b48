//! A bench as its pane shows it: a fold over the events of its run.

use super::records::RecordsView;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Event;
use greenroom_bench::RunSummary;
use greenroom_deck::{Chart, Demo};

/// A bench, as far as its run has come.
#[derive(Debug, Clone, Default)]
pub struct BenchView {
    records: RecordsView<RunSummary>,
    chart: Chart,
    /// The variants whose profiles were asked for, from 0.
    profiles: Vec<usize>,
}

impl BenchView {
    /// One that shows first what the deck says.
    #[must_use]
    pub(crate) fn of(demo: &Demo) -> Self {
        let profiles = demo.profiles.iter().filter_map(|number| number.checked_sub(1)).collect();
        Self { chart: demo.chart.unwrap_or_default(), profiles, ..Self::default() }
    }

    /// A new one that shows the same chart.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self { chart: self.chart, profiles: self.profiles.clone(), ..Self::default() }
    }

    /// The variants whose profiles the deck wants to see side by side, from 0; none when it leaves that open.
    #[must_use]
    pub fn profiles(&self) -> &[usize] {
        &self.profiles
    }

    /// Takes in `event`.
    pub fn fold(&mut self, event: &Event) {
        self.records.fold(event);
    }

    /// What the records add up to.
    #[must_use]
    pub const fn board(&self) -> &RunSummary {
        self.records.board()
    }

    /// What is shown of it.
    #[must_use]
    pub const fn chart(&self) -> Chart {
        self.chart
    }

    /// Shows `chart` from now on.
    pub fn show(&mut self, chart: Chart) {
        self.chart = chart;
    }

    /// Shows the next chart; one that has nothing to show yet is passed over.
    pub fn show_next(&mut self) {
        let all = Chart::ALL;
        let at = all.iter().position(|chart| *chart == self.chart).unwrap_or_default();
        let after = all.iter().cycle().skip(at + 1).take(all.len());
        self.chart = after.copied().find(|chart| self.has(*chart)).unwrap_or_default();
    }

    /// Whether there is something to show in `chart`.
    #[must_use]
    pub fn has(&self, chart: Chart) -> bool {
        chart != Chart::Profile || self.board().sides.iter().any(|side| side.profile.is_some())
    }

    /// Whether a record has come.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.records.has_begun()
    }

    /// Whether the run is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.records.is_over()
    }

    /// The bench's own time when the run's time is `at`: see [`RecordsView::own_time`].
    #[must_use]
    pub fn own_time(&self, at: Elapsed) -> Elapsed {
        self.records.own_time(at)
    }

    /// What the measuring process said besides its records: see [`RecordsView::messages`].
    #[must_use]
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.records.messages()
    }

    /// Its records, as the lines that they are.
    pub(crate) fn records(&self) -> &RecordsView<RunSummary> {
        &self.records
    }

    /// The same, to be taped.
    pub(crate) fn records_mut(&mut self) -> &mut RecordsView<RunSummary> {
        &mut self.records
    }

    /// What is wrong with the records themselves, in words, the worst first.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        self.records.doubts_with(self.board().contradiction())
    }
}
