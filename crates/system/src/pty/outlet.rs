//! What a program's output is read from: its terminal, or one of two pipes.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use bytes::Bytes;
use rustix::io::Errno;

use greenroom_base::run::What;

/// One side of a terminal or of a pipe, which never blocks.
pub(super) struct Outlet {
    pub(super) file: Arc<OwnedFd>,
    /// What comes out of it, as an event.
    pub(super) event: fn(Bytes) -> What,
    /// Nobody has the other side open any more.
    pub(super) closed: bool,
    /// The last read left nothing behind.
    pub(super) dry: bool,
}

/// What one read brought.
pub(super) enum Taken {
    /// So many bytes, which is all that there was.
    All(usize),
    /// As many bytes as the buffer holds.
    Full(usize),
}

impl Outlet {
    pub(super) fn new(file: Arc<OwnedFd>, event: fn(Bytes) -> What) -> Self {
        Self { file, event, closed: false, dry: true }
    }

    /// Fills `buffer` with what is there.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Taken {
        let mut filled = 0;
        self.dry = false;
        // The kernel gives little at a time, and an event should hold what was written together.
        loop {
            let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) else {
                return Taken::Full(filled);
            };
            match rustix::io::read(&*self.file, room) {
                Ok(count) if count > 0 => filled += count,
                Err(Errno::INTR) => {}
                other => {
                    self.dry = true;
                    // EIO is how a terminal says that its other side is closed.
                    self.closed = other != Err(Errno::AGAIN);
                    return Taken::All(filled);
                }
            }
        }
    }
}
