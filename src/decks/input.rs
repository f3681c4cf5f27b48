//! A deck on standard input.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{LocateError, Located};
use greenroom_base::files::MemoryFiles;
use greenroom_deck::Fnv;
use greenroom_system::disk::Asked;

/// A deck is not longer, in bytes: no Markdown file is.
pub(super) const MAX_INPUT: usize = 16 << 20;
/// How long nothing may come, and how long everything may take.
const SILENCE: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_mins(1);
/// What it is called.
const INPUT: &str = "stdin.md";

/// All of standard input.
///
/// # Errors
/// When it is a terminal, cannot be read, or does not end.
pub fn read_input() -> Result<Vec<u8>, LocateError> {
    let input = rustix::stdio::stdin();
    if rustix::termios::isatty(input) {
        return Err(LocateError::Keyboard);
    }
    let unreadable = |error: Errno| LocateError::Unreadable { path: PathBuf::from("-"), error: error.into() };
    let (mut text, mut buffer, begun) = (Vec::new(), vec![0; 1 << 16], Instant::now());
    loop {
        let left = PATIENCE.saturating_sub(begun.elapsed()).min(SILENCE);
        let wait = Timespec::try_from(left).ok();
        match poll(&mut [PollFd::new(&input, PollFlags::IN)], wait.as_ref()) {
            Ok(0) => return Err(LocateError::Endless),
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(error) => return Err(unreadable(error)),
        }
        match rustix::io::read(input, &mut buffer[..]) {
            Ok(0) => return Ok(text),
            Ok(count) => text.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(unreadable(error)),
        }
        if text.len() > MAX_INPUT {
            return Err(LocateError::TooLong);
        }
    }
}

/// The single Markdown file that `text` is, which has nothing beside it. Nothing of it can be run: it has no folder that
/// could be agreed to.
#[must_use]
pub fn of_input(text: &[u8]) -> Located {
    Located {
        executors: Arc::default(),
        packed: Some(format!("standard input {}", Fnv::of(&String::from_utf8_lossy(text)))),
        files: Arc::new(MemoryFiles::new().with(INPUT, text.to_vec())),
        entry: INPUT.to_owned(),
        folder: None,
        asked: Asked::default(),
        whole_folder: false,
        wish: None,
    }
}
