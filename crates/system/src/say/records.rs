//! Standard output as the pipe of a measuring process's records.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use greenroom_base::plain;

/// Written at once, in bytes: a pipe that is ready takes so much without making the writer wait.
const PIECE: usize = 4096;
/// How often a pipe that nobody reads is looked at, and whether the records are still wanted.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// How long a process that was told to end waits for somebody to take its last records: its servers are to be stopped
/// as well, before it is killed.
const LAST_RECORDS: Duration = Duration::from_secs(1);

/// Standard output, taken over for records: nothing else of this process, or of one that it starts, gets there.
#[derive(Debug)]
pub struct RecordPipe {
    file: File,
    /// Somebody wants this process to end.
    stop: Arc<AtomicBool>,
    /// Since when that has been in the way of a record.
    waits: Option<Instant>,
}

impl RecordPipe {
    /// Takes standard output over. From here on standard error is in its place, for whatever prints there by mistake;
    /// the descriptor itself is closed in every program that is started. `stop` is set when this process is to end.
    ///
    /// # Errors
    /// What the system says.
    pub fn take(stop: Arc<AtomicBool>) -> io::Result<Self> {
        Ok(Self { file: super::take_output()?, stop, waits: None })
    }

    /// Writes a record: `line` with its end. It waits for whoever reads, but not for long once this process is to end.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn write(&mut self, line: &str) -> io::Result<()> {
        // A record of our own is plain already; one from another machine may not be, and a terminal may be what reads it.
        let line = plain::json(line);
        let mut rest = line.as_bytes();
        while !rest.is_empty() {
            self.wait()?;
            let (piece, _) = rest.split_at(rest.len().min(PIECE));
            match rustix::io::write(&self.file, piece) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.waits = None;
        Ok(())
    }

    /// Waits until there is room.
    fn wait(&mut self) -> io::Result<()> {
        loop {
            match poll(&mut [PollFd::new(&self.file, PollFlags::OUT)], Some(&LOOK)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            if self.stop.load(Ordering::Relaxed) {
                let since = *self.waits.get_or_insert_with(Instant::now);
                if since.elapsed() >= LAST_RECORDS {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads them"));
                }
            }
        }
    }
}
