//! The terminal itself: into the talk's modes, and out of them whatever happens.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    SetTitle,
};
use crossterm::{cursor, execute, terminal};

use crate::plain;
use crate::run::Size;

/// Whether the terminal is in the talk's modes: the one thing that a panic hook and a signal must know too.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Why a terminal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TtyError {
    /// Standard input or output leads elsewhere.
    #[error(
        "{0} is not a terminal: start greenroom in one, without a pipe (greenroom export --text prints slides)"
    )]
    NotATerminal(&'static str),
    /// What the system said.
    #[error("the terminal cannot be set up: {0}")]
    Io(#[from] io::Error),
}

/// The terminal, taken for a talk. Dropping it gives the terminal back as it was.
#[derive(Debug)]
pub struct Tty(());

impl Tty {
    /// Takes the terminal: raw mode, the alternate screen, no cursor, mouse and paste reported.
    ///
    /// # Errors
    /// [`TtyError`] when there is no terminal.
    pub fn take(title: &str) -> Result<Self, TtyError> {
        if !io::stdin().is_terminal() {
            return Err(TtyError::NotATerminal("standard input"));
        }
        if !io::stdout().is_terminal() {
            return Err(TtyError::NotATerminal("standard output"));
        }
        restore_on_panic();
        let tty = Self(());
        tty.enter()?;
        execute!(io::stdout(), SetTitle(plain::one_line(title)))?;
        Ok(tty)
    }

    /// Into the talk's modes.
    ///
    /// # Errors
    /// What the system says.
    pub fn enter(&self) -> io::Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        terminal::enable_raw_mode()?;
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            cursor::Hide,
            DisableLineWrap,
            EnableMouseCapture,
            EnableBracketedPaste,
        )
    }

    /// Into those modes once more that something from outside may have switched off. The alternate screen is not
    /// entered again: where the cursor was before would be forgotten.
    ///
    /// # Errors
    /// What the system says.
    pub fn renew(&self) -> io::Result<()> {
        execute!(io::stdout(), cursor::Hide, DisableLineWrap, EnableMouseCapture, EnableBracketedPaste)
    }

    /// Out of them, as Ctrl-Z needs it.
    pub fn leave(&self) {
        give_back();
    }

    /// Columns and rows, without asking the terminal to answer; 80 by 24 when the system does not know.
    #[must_use]
    pub fn size(&self) -> Size {
        let (columns, rows) = terminal::size().unwrap_or((80, 24));
        Size { columns: columns.max(1), rows: rows.max(1) }
    }
}

/// Pixels that a cell has across and down, where the system knows.
#[must_use]
pub fn cell_pixels() -> Option<(u16, u16)> {
    let size = terminal::window_size().ok()?;
    let (width, height) = (size.width.checked_div(size.columns)?, size.height.checked_div(size.rows)?);
    (width > 0 && height > 0).then_some((width, height))
}

impl Drop for Tty {
    fn drop(&mut self) {
        give_back();
    }
}

/// Undoes everything, once. Errors are of no use here: there is nobody left to tell.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        DisableMouseCapture,
        EnableLineWrap,
        crossterm::style::ResetColor,
        cursor::Show,
        LeaveAlternateScreen,
    );
    let _ = out.flush();
    let _ = terminal::disable_raw_mode();
}

/// A panic is printed on the restored terminal.
fn restore_on_panic() {
    static ONCE: AtomicBool = AtomicBool::new(false);
    if ONCE.swap(true, Ordering::SeqCst) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        give_back();
        before(panic);
    }));
}

/// Stops this process as Ctrl-Z would have, until it is continued.
pub fn stop_self() {
    // SAFETY: raising a signal that every process may raise for itself; SIGSTOP cannot be handled, so nothing
    // of ours runs in between.
    unsafe {
        libc::raise(libc::SIGSTOP);
    }
}

/// Seconds since midnight, local time.
#[must_use]
pub fn seconds_of_day() -> u64 {
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let Ok(time) = libc::time_t::try_from(now) else { return 0 };
    // SAFETY: `tm` is plain data that localtime_r fills in; both pointers are to locals.
    let local = unsafe {
        let mut local: libc::tm = std::mem::zeroed();
        if libc::localtime_r(&raw const time, &raw mut local).is_null() {
            return now % 86_400;
        }
        local
    };
    u64::try_from(i64::from(local.tm_hour) * 3600 + i64::from(local.tm_min) * 60 + i64::from(local.tm_sec))
        .unwrap_or(0)
}
