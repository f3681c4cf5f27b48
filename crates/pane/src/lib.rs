//! Live regions of a slide: what feeds them, what they show, and what keys mean to them.

mod bench;
mod codes;
mod heard;
pub mod keys;
mod output_filter;
mod palette;
mod queries;
mod records;
mod screen;
mod state;
mod status_text;
mod term;
mod view;
mod winding;
mod work_budget;

pub use bench::BenchView;
pub use heard::Heard;
pub use palette::Palette;
pub use records::RecordsView;
pub use state::{Feed, Generation, Pane, Polled, RunStatus};
pub use term::TermView;
pub use view::View;
pub use winding::Winding;

/// A probe, as far as its run has come.
pub type ProbeView = RecordsView<greenroom_bench::probe::ProbeSummary>;
