//! Placeholder until the picture decoder lands.
use crate::deck::Rgb;
use crate::frame::Picture;
use ratatui::{buffer::Buffer, layout::Rect};
#[allow(missing_docs, clippy::missing_errors_doc)]
pub fn decode(_: &[u8], _: (u32, u32)) -> Result<Picture, std::fmt::Error> {
    Err(std::fmt::Error)
}
#[allow(missing_docs)]
pub fn half_blocks(_: &Picture, _: &mut Buffer, _: Rect, _: Rgb) {}
