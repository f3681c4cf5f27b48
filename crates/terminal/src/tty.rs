//! The terminal itself: into the talk's modes, and out of them whatever happens.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crossterm::event::{EnableBracketedPaste, EnableFocusChange, EnableMouseCapture};
use crossterm::terminal::{DisableLineWrap, EnterAlternateScreen, SetTitle};
use crossterm::{Command, cursor, execute, queue, terminal};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::modes::Modes;
use greenroom_base::plain;
use greenroom_base::run::Size;

/// Whether the terminal is in the talk's modes: shared with the keeper, when there is one.
static SHARED: OnceLock<&'static AtomicBool> = OnceLock::new();

/// Whether the terminal is in the talk's modes: what a panic hook, a drop and the keeper must all know.
pub(super) fn taken() -> &'static AtomicBool {
    static OWN: AtomicBool = AtomicBool::new(false);
    SHARED.get().copied().unwrap_or(&OWN)
}

/// From now on `flag`, which a keeper sees too, says whether the terminal is in the talk's modes.
pub(super) fn share(flag: &'static AtomicBool) {
    let _ = SHARED.set(flag);
}

/// Everything that a talk may have changed, undone: a frame that was under way, reports of focus, pastes and the mouse,
/// line wrap, colours, the cursor's shape, the cursor itself, the alternate screen, and at last the window's title.
pub(super) const GIVE_BACK: &[u8] =
    b"\x1b[?2026l\x1b[?1004l\x1b[?2004l\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1002l\
    \x1b[?1000l\x1b[?7h\x1b[0m\x1b[0 q\x1b[?25h\x1b[?1049l\x1b[23;0t";
/// Keeps the window's title for [`GIVE_BACK`].
const KEEP_TITLE: &str = "\x1b[22;0t";

/// The terminal's modes before the talk.
static BEFORE: Mutex<Option<Modes>> = Mutex::new(None);

/// Why a terminal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TtyError {
    /// Standard input or output leads elsewhere.
    #[error(
        "{0} is not a terminal: start greenroom in one, without a pipe (greenroom export --text prints slides)"
    )]
    NotATerminal(&'static str),
    /// It says that it shows text, line after line, and nothing else.
    #[error(
        "this terminal can show no slides: it is \"dumb\" (TERM). Start greenroom in another one, or set TERM to what this one is \
         (greenroom export --text prints slides)"
    )]
    Dumb,
    /// Standard input is a deck, and there is no terminal besides.
    #[error("keys cannot come from the terminal while the deck comes from standard input: {0}")]
    NoKeys(io::Error),
    /// What the system said.
    #[error("the terminal cannot be set up: {0}")]
    Io(#[from] io::Error),
}

/// Whether [`Tty::take`] would find a terminal.
#[must_use]
pub fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Makes the terminal that this process was started from its standard input: for whoever has read what that was.
///
/// # Errors
/// When there is none.
pub fn take_keys_from_terminal() -> Result<(), TtyError> {
    let terminal = open_terminal().map_err(TtyError::NoKeys)?;
    rustix::stdio::dup2_stdin(&terminal).map_err(|error| TtyError::NoKeys(error.into()))
}

/// The terminal that standard output goes to, else the one that this process is of. It is not taken for a process that has none.
pub(crate) fn open_terminal() -> io::Result<File> {
    let open = |path: &Path| File::options().read(true).write(true).custom_flags(libc::O_NOCTTY).open(path);
    // By its own name, since not every system can wait for the other.
    let named = rustix::termios::ttyname(rustix::stdio::stdout(), Vec::new());
    let named = named.ok().and_then(|name| open(Path::new(name.to_str().ok()?)).ok());
    named.map_or_else(|| open(Path::new("/dev/tty")), Ok)
}

/// The terminal, taken for a talk. Dropping it gives the terminal back as it was.
#[derive(Debug)]
pub struct Tty {
    title: String,
}

impl Tty {
    /// Takes the terminal: raw mode, the alternate screen, no cursor, mouse, paste and focus reported, and `title` for its
    /// window.
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
        if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
            return Err(TtyError::Dumb);
        }
        restore_on_panic();
        let tty = Self { title: plain::one_line(title).to_string() };
        tty.enter()?;
        Ok(tty)
    }

    /// Into the talk's modes.
    ///
    /// # Errors
    /// What the system says.
    pub fn enter(&self) -> io::Result<()> {
        let modes = Modes::of(rustix::stdio::stdin())?;
        let again = taken().swap(true, Ordering::SeqCst);
        if !again {
            *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(modes);
        }
        modes.raw().set(rustix::stdio::stdin())?;
        let mut out = io::stdout();
        if !again {
            queue!(out, Raw(KEEP_TITLE))?;
        }
        queue!(
            out,
            SetTitle(&self.title),
            EnterAlternateScreen,
            cursor::Hide,
            DisableLineWrap,
            EnableMouseCapture,
            EnableBracketedPaste,
            EnableFocusChange,
        )?;
        out.flush()
    }

    /// Into those modes once more that something from outside may have switched off. The alternate screen is not
    /// entered again: where the cursor was before would be forgotten.
    ///
    /// # Errors
    /// What the system says.
    pub fn renew(&self) -> io::Result<()> {
        execute!(
            io::stdout(),
            cursor::Hide,
            DisableLineWrap,
            EnableMouseCapture,
            EnableBracketedPaste,
            EnableFocusChange,
        )
    }

    /// Out of them, as Ctrl-Z needs it.
    pub fn leave(&self) {
        give_back();
    }

    /// Whether this process may write to the terminal: not when a shell has it back, and this is its job in the
    /// background.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        somebody_else().is_none()
    }

    /// Columns and rows, without asking the terminal to answer; 80 by 24 when the system does not know.
    #[must_use]
    pub fn size(&self) -> Size {
        let (columns, rows) = bounded(terminal::size().unwrap_or((80, 24)));
        Size { columns, rows }
    }
}

/// Columns and rows that are used of a terminal of this size: no screen has more, and who says that it has could make
/// Greenroom ask for more memory than there is.
pub(super) fn bounded((columns, rows): (u16, u16)) -> (u16, u16) {
    (columns.clamp(1, 2000), rows.clamp(1, 1000))
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

/// The process group that has the terminal, if that is not this process's. A terminal that nobody controls belongs to
/// whoever has it open.
fn somebody_else() -> Option<Pid> {
    let owner = rustix::termios::tcgetpgrp(rustix::stdio::stdin()).ok()?;
    (owner != rustix::process::getpgrp()).then_some(owner)
}

/// Undoes everything, once. Errors are of no use here: there is nobody left to tell.
fn give_back() {
    if !taken().swap(false, Ordering::SeqCst) {
        return;
    }
    // In the background, the system stops whoever changes a terminal and does not say that it means it.
    let unblocked = block_background_stop();
    let mut out = io::stdout();
    let _ = out.write_all(GIVE_BACK);
    let _ = out.flush();
    if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
        restore_modes(&before);
    }
    if let Some(shell) = somebody_else() {
        // Its prompt went to the alternate screen: it draws that again, as for a window of another size.
        let _ = kill_process_group(shell, Signal::WINCH);
    }
    // SAFETY: the set was filled in by the system.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const unblocked, std::ptr::null_mut());
    }
}

/// Sets the modes that were there before, unless somebody else has set others since: a shell takes its terminal back at
/// once when the process that it had started is gone.
fn restore_modes(before: &Modes) {
    let input = rustix::stdio::stdin();
    let Ok(now) = Modes::of(input) else { return };
    if now.is_raw() {
        let _ = before.set(input);
    }
}

/// Blocks SIGTTOU in this thread; the signals that were blocked before.
fn block_background_stop() -> libc::sigset_t {
    // SAFETY: both sets are plain data that these calls fill in.
    unsafe {
        let (mut set, mut before) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGTTOU);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, &raw mut before);
        before
    }
}

/// A sequence that crossterm has no word for.
struct Raw(&'static str);

impl Command for Raw {
    fn write_ansi(&self, out: &mut impl std::fmt::Write) -> std::fmt::Result {
        out.write_str(self.0)
    }
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
