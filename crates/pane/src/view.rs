//! What a pane shows of its run: one kind of view for each kind of demo.

use super::bench::BenchView;
use super::keys::Modes;
use super::{Palette, ProbeView, TermView};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Size};
use greenroom_deck::DemoKind;
use greenroom_tape::Format;

/// Lines above the screen that can be scrolled back to.
pub(super) const SCROLLBACK: usize = 2000;

/// A fold over the events of a run. Nothing but them, and what a person chose to look at, changes it.
pub enum View {
    /// A terminal's screen.
    Term(Box<TermView>),
    /// A bench.
    Bench(Box<BenchView>),
    /// A probe.
    Probe(Box<ProbeView>),
}

impl View {
    /// The view of a demo of this kind before its first event.
    #[must_use]
    pub fn new(kind: DemoKind, size: Size, palette: Palette) -> Self {
        match kind {
            DemoKind::Terminal => Self::Term(Box::new(TermView::new(size, SCROLLBACK, palette))),
            DemoKind::Bench => Self::Bench(Box::default()),
            DemoKind::Probe => Self::Probe(Box::default()),
        }
    }

    /// The view of another run, of a demo of this kind. What was chosen stays chosen.
    #[must_use]
    pub fn fresh(&self, kind: DemoKind, size: Size, palette: Palette) -> Self {
        match (self, kind) {
            (Self::Bench(bench), DemoKind::Bench) => Self::Bench(Box::new(bench.fresh())),
            _ => Self::new(kind, size, palette),
        }
    }

    /// The kind of demo that a tape of this format shows, whatever made it: a probe may have been recorded as the
    /// terminal that it ran in.
    #[must_use]
    pub(crate) const fn kind_of(format: Format) -> DemoKind {
        match format {
            Format::Asciicast2 | Format::Asciicast3 => DemoKind::Terminal,
            Format::Bench => DemoKind::Bench,
            Format::Probe => DemoKind::Probe,
        }
    }

    /// The kind of demo that it shows.
    #[must_use]
    pub const fn kind(&self) -> DemoKind {
        match self {
            Self::Term(_) => DemoKind::Terminal,
            Self::Bench(_) => DemoKind::Bench,
            Self::Probe(_) => DemoKind::Probe,
        }
    }

    /// Takes in `event`.
    pub fn fold(&mut self, event: &Event) {
        match self {
            Self::Term(term) => term.fold(event),
            Self::Bench(bench) => bench.fold(event),
            Self::Probe(probe) => probe.fold(event),
        }
    }

    /// The size of the screen that output is drawn on; of what is no terminal, nothing that costs.
    pub(super) fn screen_size(&self) -> Size {
        self.term().map_or(Size { columns: 1, rows: 1 }, TermView::size)
    }

    /// The terminal, if it is one.
    #[must_use]
    pub fn term(&self) -> Option<&TermView> {
        match self {
            Self::Term(term) => Some(term),
            Self::Bench(_) | Self::Probe(_) => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn term_mut(&mut self) -> Option<&mut TermView> {
        match self {
            Self::Term(term) => Some(term),
            Self::Bench(_) | Self::Probe(_) => None,
        }
    }

    /// The bench, if it is one.
    #[must_use]
    pub fn bench(&self) -> Option<&BenchView> {
        match self {
            Self::Bench(bench) => Some(bench),
            Self::Term(_) | Self::Probe(_) => None,
        }
    }

    /// The probe, if it is one.
    #[must_use]
    pub fn probe(&self) -> Option<&ProbeView> {
        match self {
            Self::Probe(probe) => Some(probe),
            Self::Term(_) | Self::Bench(_) => None,
        }
    }

    /// Tapes the records that come, if it shows records; whether it does.
    pub(super) fn tape_records(&mut self) -> bool {
        match self {
            Self::Term(_) => return false,
            Self::Bench(bench) => bench.records_mut().start_taping(),
            Self::Probe(probe) => probe.start_taping(),
        }
        true
    }

    /// The records that came since the last call, a line each.
    pub(super) fn take_records(&mut self) -> Vec<u8> {
        match self {
            Self::Term(_) => Vec::new(),
            Self::Bench(bench) => bench.records_mut().take_taped(),
            Self::Probe(probe) => probe.take_taped(),
        }
    }

    /// Whether what came is what a run of this kind gives: records and nothing else. A terminal shows anything.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::Term(_) => true,
            Self::Bench(bench) => bench.records().is_sound(),
            Self::Probe(probe) => probe.is_sound(),
        }
    }

    /// What a measuring process said besides its records, in lines.
    #[must_use]
    pub fn messages(&self) -> Vec<&str> {
        match self {
            Self::Term(_) => Vec::new(),
            Self::Bench(bench) => bench.messages().collect(),
            Self::Probe(probe) => probe.messages().collect(),
        }
    }

    /// What is wrong with its records, in words, the worst first.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        match self {
            Self::Term(_) => Vec::new(),
            Self::Bench(bench) => bench.doubts(),
            Self::Probe(probe) => probe.doubts(),
        }
    }

    /// When what is held back is shown, by the run's clock.
    #[must_use]
    pub fn next_at(&self) -> Option<Elapsed> {
        self.term().and_then(TermView::next_at)
    }

    /// What the program has asked for from its terminal.
    #[must_use]
    pub fn modes(&self) -> Modes {
        self.term().map(TermView::modes).unwrap_or_default()
    }

    /// How many lines it is scrolled back by.
    #[must_use]
    pub(crate) fn scrolled(&self) -> usize {
        self.term().map_or(0, TermView::scrolled)
    }

    /// A terminal's text; nothing for others.
    #[must_use]
    pub fn text(&self) -> String {
        self.term().map(TermView::text).unwrap_or_default()
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Term(term) => term.fmt(f),
            Self::Bench(bench) => write!(f, "Bench({})", bench.chart().name()),
            Self::Probe(probe) => write!(f, "Probe({})", probe.board().verdict().text),
        }
    }
}
