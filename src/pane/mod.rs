//! Live regions of a slide: what feeds them, and what they show.

pub mod keys;
mod palette;
mod sieve;
mod term;

pub use palette::Palette;
pub use term::TermView;
