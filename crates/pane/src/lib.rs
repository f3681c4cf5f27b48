//! Live regions of a slide: what feeds them, what they show, and what keys mean to them.

mod bench;
mod codes;
mod heard;
pub mod keys;
mod palette;
mod records;
mod screen;
mod sieve;
mod state;
mod term;
mod view;
mod words;
mod work;

pub use bench::{BenchView, Chart};
pub use palette::Palette;
pub use records::RecordsView;
pub use state::{Feed, Generation, Pane, Polled, RunStatus};
pub use term::TermView;
pub use view::View;

/// A probe, as far as its run has come.
pub type ProbeView = RecordsView<greenroom_bench::probe::ProbeSummary>;
