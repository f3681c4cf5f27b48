//! Placeholder until miniatures land.
use ratatui::{buffer::Buffer, layout::Rect};
#[allow(missing_docs)]
pub fn shrink(_: &Buffer, _: &mut Buffer, _: Rect) {}
