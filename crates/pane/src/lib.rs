//! Live regions of a slide: what feeds them, what they show, and what keys mean to them.

mod bench;
mod codes;
mod heard;
pub mod keys;
mod palette;
mod probe;
mod screen;
mod sieve;
mod state;
mod term;
mod view;
mod words;
mod work;

pub use bench::{BenchTape, BenchView, Chart};
pub use palette::Palette;
pub use probe::{ProbeTape, ProbeView};
pub use state::{Feed, Generation, Pane, Polled, State};
pub use term::TermView;
pub use view::View;
