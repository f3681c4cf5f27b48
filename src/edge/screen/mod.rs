//! Placeholder writer until the compact one lands.
use crate::frame::Frame;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use std::io::{self, Write};
#[allow(missing_docs)]
pub struct Screen<W: Write> {
    out: CrosstermBackend<W>,
    last: Option<Buffer>,
}
#[allow(missing_docs, clippy::missing_errors_doc)]
impl<W: Write> Screen<W> {
    pub fn new(out: W) -> Self {
        Self { out: CrosstermBackend::new(out), last: None }
    }
    pub fn invalidate(&mut self) {
        self.last = None;
    }
    pub fn draw(&mut self, frame: &Frame) -> io::Result<usize> {
        let blank = Buffer::empty(frame.area());
        let last = self.last.take().filter(|l| l.area == blank.area);
        if last.is_none() {
            self.out.clear()?;
        }
        let last = last.unwrap_or(blank);
        self.out.draw(last.diff(&frame.cells).into_iter())?;
        Backend::flush(&mut self.out)?;
        self.last = Some(frame.cells.clone());
        Ok(0)
    }
}
