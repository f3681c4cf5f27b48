//! Benches and probes as their panes show them: values to cells, nothing else.

pub mod bench;
pub mod probe;
mod silent;

use unicode_width::UnicodeWidthStr;

/// The columns that `text` takes.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}
