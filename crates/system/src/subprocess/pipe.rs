//! The pipes to and from a program that is run once.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use bytes::{Buf, Bytes};

use super::Keep;

/// Read at once, in bytes: what a pipe of Linux holds.
const PIECE: usize = 64 * 1024;
/// Pieces in a row, before the deadline and the watch have their turn.
const MAX_PIECES: usize = 16;

/// One of a program's outputs.
#[derive(Debug)]
pub(super) struct Pipe {
    file: Option<PipeReader>,
    kept: Vec<u8>,
    keep: Keep,
    /// It wrote more than is kept.
    over: bool,
    line: Vec<u8>,
    longest: usize,
}

impl Pipe {
    /// An output of which `keep` is kept, and the program's side of it.
    pub(crate) fn open(keep: Keep, longest: usize) -> io::Result<(Self, OwnedFd)> {
        let (file, side) = match keep {
            Keep::Elsewhere(file) => return Ok((Self::none(), file)),
            _ => io::pipe()?,
        };
        rustix::io::ioctl_fionbio(&file, true)?;
        Ok((Self { file: Some(file), keep, longest, ..Self::none() }, side.into()))
    }

    /// One that says nothing.
    pub(crate) fn none() -> Self {
        Self { file: None, kept: Vec::new(), keep: Keep::Nothing, over: false, line: Vec::new(), longest: 0 }
    }

    /// What can be waited for, until it is closed.
    pub(crate) fn file(&self) -> Option<BorrowedFd<'_>> {
        self.file.as_ref().map(AsFd::as_fd)
    }

    /// Whether there was more than is kept at most.
    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }

    /// What was kept.
    pub(crate) fn kept(mut self) -> Vec<u8> {
        self.cut();
        self.kept
    }

    /// Takes what is there, within reason: a program that never stops talking must not keep the loop here.
    pub(crate) fn read(&mut self, each: &mut dyn FnMut(&str)) {
        let mut piece = vec![0; PIECE];
        for _ in 0..MAX_PIECES {
            let Some(file) = &mut self.file else { return };
            match file.read(&mut piece) {
                Ok(0) => self.file = None,
                Ok(count) => self.take_in(piece.get(..count).unwrap_or_default(), each),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => self.file = None,
            }
        }
    }

    /// What came after the last line's end.
    pub(crate) fn finish(&mut self, each: &mut dyn FnMut(&str)) {
        if !self.line.is_empty() {
            each(&String::from_utf8_lossy(&std::mem::take(&mut self.line)));
        }
    }

    fn take_in(&mut self, bytes: &[u8], each: &mut dyn FnMut(&str)) {
        match self.keep {
            Keep::Nothing | Keep::Elsewhere(_) => {}
            Keep::All(most) if self.kept.len() + bytes.len() > most => self.over = true,
            Keep::All(_) => self.kept.extend_from_slice(bytes),
            Keep::End(most) => {
                self.kept.extend_from_slice(bytes);
                // Not at each piece: what stays would be moved each time.
                if self.kept.len() > most.saturating_mul(2) {
                    self.cut();
                }
            }
        }
        for (number, part) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if number > 0 {
                let line = std::mem::take(&mut self.line);
                each(&String::from_utf8_lossy(&line));
            }
            let room = self.longest.saturating_sub(self.line.len());
            self.line.extend_from_slice(part.get(..room).unwrap_or(part));
        }
    }

    fn cut(&mut self) {
        if let Keep::End(most) = self.keep {
            self.kept.drain(..self.kept.len().saturating_sub(most));
        }
    }
}

/// What a program reads.
#[derive(Debug)]
pub(super) struct Feeder {
    file: PipeWriter,
    left: Bytes,
}

impl Feeder {
    /// Bytes to be read, and the program's side.
    pub(crate) fn open(left: Bytes) -> io::Result<(Self, OwnedFd)> {
        let (side, file) = io::pipe()?;
        rustix::io::ioctl_fionbio(&file, true)?;
        Ok((Self { file, left }, side.into()))
    }

    /// What can be waited for.
    pub(crate) fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Writes what there is room for; whether there is more to write, and somebody to read it.
    pub(crate) fn write(&mut self) -> bool {
        while self.left.has_remaining() {
            match self.file.write(&self.left) {
                Ok(count) => self.left.advance(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
        false
    }
}
