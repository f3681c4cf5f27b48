//! A program on a terminal of its own, or on pipes, behind its guard, as a [`EventSource`].
//!
//! One thread a run moves bytes between the program and two bounded queues. When nobody takes the output it
//! stops reading, and the kernel stops the program: 100 MB of output cost no more memory than 100 lines.

mod outlet;
mod worker;

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::termios::Winsize;
use tokio::sync::Notify;

use self::outlet::Outlet;
use self::worker::RunWorker;
use crate::command::Command;
use crate::guard::launch::{Streams, launch};
use crate::os;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Phase, Size, What};
use greenroom_base::source::{Control, EventSource, SourceError};

/// Output that waits to be taken; beyond it the program waits.
const MAX_QUEUED: usize = 256 * 1024;
/// Input that waits to be read by the program; beyond it keys are refused.
const MAX_INPUT: usize = 64 * 1024;
/// Output given by one call of [`EventSource::poll`].
const BUDGET: usize = 64 * 1024;
/// How long a program may take to end after SIGTERM.
const TERM_GRACE: Duration = Duration::from_millis(2500);
/// Variables that would tell the program about the terminal around it, which it does not write to.
const NOT_INHERITED: [&str; 14] = [
    "COLUMNS",
    "LINES",
    "TMUX",
    "TMUX_PANE",
    "STY",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "KITTY_WINDOW_ID",
    "KITTY_PID",
    "WEZTERM_PANE",
    "WT_SESSION",
    "VTE_VERSION",
    "ITERM_SESSION_ID",
    "KONSOLE_VERSION",
];

/// What to run.
#[derive(Debug, Clone)]
pub struct Spec {
    /// A name to be looked up in `PATH`, or a path relative to the directory.
    pub program: String,
    /// Its arguments. No shell is involved.
    pub args: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
    /// Variables besides those of Greenroom itself.
    pub env: BTreeMap<String, String>,
    /// The size of its terminal.
    pub size: Size,
    /// It is stopped after this long.
    pub timeout: Option<Duration>,
    /// How long it may take to end when it is stopped, before it is killed; 2.5 s when nothing is said.
    pub grace: Option<Duration>,
}

impl Spec {
    /// What can be said before anything is started.
    ///
    /// # Errors
    /// When there is no such program or directory, as far as that is known at once.
    pub fn check(&self) -> Result<(), StartError> {
        let directory = self.directory.display().to_string();
        match std::fs::metadata(&self.directory) {
            Err(_) => return Err(StartError::NoDirectory { path: directory }),
            Ok(found) if !found.is_dir() => return Err(StartError::NotADirectory { path: directory }),
            Ok(_) => {}
        }
        let program = self.program.clone();
        if program.is_empty() {
            return Err(StartError::NoProgram);
        }
        if program.contains('/') {
            return match runnable(&self.directory.join(&program)) {
                None => Err(StartError::NoFile { path: program }),
                Some(false) => Err(StartError::NotExecutable { path: program }),
                Some(true) => Ok(()),
            };
        }
        let path =
            self.env.get("PATH").map(OsString::from).or_else(|| std::env::var_os("PATH")).unwrap_or_default();
        let mut found = None;
        for folder in std::env::split_paths(&path) {
            let candidate = self.directory.join(folder).join(OsStr::new(&program));
            // One that only offers to install itself would open a dialogue over the talk.
            match runnable(&candidate).filter(|_| !os::is_stub(&candidate)) {
                Some(true) => return Ok(()),
                Some(false) => found = Some(candidate),
                None => {}
            }
        }
        Err(match found {
            Some(path) => StartError::NotExecutable { path: path.display().to_string() },
            None => StartError::NotInPath { program },
        })
    }

    fn patience(&self) -> Duration {
        self.grace.unwrap_or(TERM_GRACE)
    }
}

/// Why a program was not started, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The demo names none.
    #[error("the demo has no command: add one to it in talk.yaml")]
    NoProgram,
    /// It is nowhere in `PATH`.
    #[error("there is no program \"{program}\" in PATH: install it, or play the recording")]
    NotInPath {
        /// Its name.
        program: String,
    },
    /// The path leads nowhere.
    #[error("there is no file {path}: check the demo's command, or play the recording")]
    NoFile {
        /// As the demo says it.
        path: String,
    },
    /// It is a file that cannot be run.
    #[error("{path} is not executable: run chmod +x on it, or name the interpreter in the demo's command")]
    NotExecutable {
        /// Where it was found.
        path: String,
    },
    /// The directory does not exist.
    #[error("there is no directory {path}: check the demo's directory")]
    NoDirectory {
        /// As the demo says it.
        path: String,
    },
    /// The directory is a file.
    #[error("{path} is not a directory: check the demo's directory")]
    NotADirectory {
        /// As the demo says it.
        path: String,
    },
    /// The system has no terminal, process, thread or descriptor left.
    #[error("the system cannot start another program ({reason}): close some, or play the recording")]
    System {
        /// What it said.
        reason: String,
    },
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::System { reason: error.to_string() }
    }
}

impl From<Errno> for StartError {
    fn from(error: Errno) -> Self {
        io::Error::from(error).into()
    }
}

/// How guards are started: this executable, again.
#[derive(Debug, Clone)]
pub struct Launcher {
    executable: PathBuf,
}

impl Launcher {
    /// The executable that runs now, even when its file has been replaced since.
    ///
    /// # Errors
    /// When the system does not say which it is.
    pub fn this() -> io::Result<Self> {
        Ok(Self { executable: crate::program::this().ok_or(io::ErrorKind::NotFound)? })
    }

    /// Another executable with the guard inside, for tests.
    #[must_use]
    pub const fn of(executable: PathBuf) -> Self {
        Self { executable }
    }

    /// The executable.
    #[must_use]
    pub fn executable(&self) -> &Path {
        &self.executable
    }

    /// Starts `spec`. The stage is woken through `wake` when there is something to poll; `now` is the beginning
    /// of the run by the caller's clock.
    ///
    /// # Errors
    /// When the program cannot be started, as far as it is known at once; what the system says later comes as
    /// [`greenroom_base::run::Exit::Failed`].
    pub fn start(&self, spec: &Spec, wake: Arc<Notify>, now: Elapsed) -> Result<Live, StartError> {
        spec.check()?;
        let (terminal, slave) = open_terminal(spec.size)?;
        let terminal = Arc::new(terminal);
        let outlets = vec![Outlet::new(Arc::clone(&terminal), What::Output)];
        self.begin(spec, Streams::Terminal(slave), outlets, Some(terminal), wake, now)
    }

    /// The same without a terminal: the program's standard output is one pipe ([`What::Output`]), its standard error
    /// another ([`What::Message`]), and it has no input. Neither pipe is inherited by what the program starts on
    /// streams of its own.
    ///
    /// # Errors
    /// As [`Launcher::start`] says.
    pub fn start_on_pipes(&self, spec: &Spec, wake: Arc<Notify>, now: Elapsed) -> Result<Live, StartError> {
        spec.check()?;
        let (records, output) = open_pipe()?;
        let (messages, errors) = open_pipe()?;
        let outlets = vec![
            Outlet::new(Arc::new(records), What::Output),
            Outlet::new(Arc::new(messages), What::Message),
        ];
        self.begin(spec, Streams::Files { input: None, output, errors }, outlets, None, wake, now)
    }

    fn begin(
        &self,
        spec: &Spec,
        streams: Streams,
        outlets: Vec<Outlet>,
        terminal: Option<Arc<OwnedFd>>,
        wake: Arc<Notify>,
        now: Elapsed,
    ) -> Result<Live, StartError> {
        let (woken, waker) = os::pipe(false)?;
        let held = match &streams {
            Streams::Terminal(slave) if os::HOLDS_OTHER_SIDE => Some(slave.try_clone()?),
            _ => None,
        };
        let guard = launch(&self.executable, &command(spec), spec.patience(), streams)?;
        let queues = Queues::new(terminal.is_some().then_some(spec.size));
        let shared = Arc::new(Shared { queues: Mutex::new(queues), terminal, waker, wake });
        let pid = guard.id();
        let worker = RunWorker::new(Arc::clone(&shared), woken, outlets, guard, spec).holding(held);
        shared.wake.notify_one();
        let thread = thread::Builder::new().name("pane".to_owned()).spawn(move || worker.run())?;
        Ok(Live { shared, thread: Some(thread), began: now, more: None, guard: pid })
    }
}

/// A pipe: our side, which never blocks, and the program's.
fn open_pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (ours, theirs) = os::pipe(true)?;
    rustix::io::ioctl_fionbio(&ours, true)?;
    Ok((ours, theirs))
}

/// The program with its own environment, which is that of Greenroom but for the terminal around it.
fn command(spec: &Spec) -> Command {
    let mut command = Command::new(&spec.program);
    command.args(&spec.args).current_dir(&spec.directory);
    for name in NOT_INHERITED {
        command.env_remove(name);
    }
    command.env("TERM", "xterm-256color").env("COLORTERM", "truecolor").envs(&spec.env);
    command
}

/// Whether the file can be run; nothing when there is none.
fn runnable(path: &Path) -> Option<bool> {
    let found = std::fs::metadata(path).ok()?;
    Some(found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// A pseudo-terminal: our side, which never blocks, and the program's. The program's is open before anything is asked of
/// ours, which some systems refuse until then.
fn open_terminal(size: Size) -> Result<(OwnedFd, OwnedFd), Errno> {
    let terminal = os::open_master()?;
    rustix::pty::grantpt(&terminal)?;
    rustix::pty::unlockpt(&terminal)?;
    let other = open_other_side(&terminal)?;
    rustix::fs::fcntl_setfl(&terminal, OFlags::RDWR | OFlags::NONBLOCK)?;
    rustix::termios::tcsetwinsize(&terminal, winsize(size))?;
    Ok((terminal, other))
}

fn open_other_side(terminal: &OwnedFd) -> Result<OwnedFd, Errno> {
    let name = rustix::pty::ptsname(terminal, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    rustix::fs::open(name, flags, rustix::fs::Mode::empty())
}

const fn winsize(size: Size) -> Winsize {
    Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 }
}

/// A program that runs. Dropping it ends the program and everything it started, and waits for that.
pub struct Live {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    began: Elapsed,
    /// The last poll left something behind.
    more: Option<Elapsed>,
    guard: u32,
}

impl Live {
    /// The process number of the guard: what runs is below it.
    #[must_use]
    pub const fn guard(&self) -> u32 {
        self.guard
    }
}

struct Shared {
    queues: Mutex<Queues>,
    /// The program's terminal, if it has one.
    terminal: Option<Arc<OwnedFd>>,
    /// Wakes the thread.
    waker: OwnedFd,
    /// Wakes the stage.
    wake: Arc<Notify>,
}

/// What the thread and the stage exchange.
struct Queues {
    events: VecDeque<Event>,
    /// What the output among the events weighs.
    queued: usize,
    last_at: Elapsed,
    input: VecDeque<u8>,
    orders: Orders,
    notice: Option<String>,
    /// Nothing more will come.
    over: bool,
}

/// What the stage wants of the thread.
#[derive(Debug, Clone, Copy, Default)]
struct Orders {
    stop: bool,
    kill: bool,
    /// Nobody will poll again.
    abandon: bool,
}

impl Queues {
    fn new(size: Option<Size>) -> Self {
        let at = Elapsed::ZERO;
        let (starting, running) = (What::Phase(Phase::Starting), What::Phase(Phase::Running));
        let first = [Some(starting), size.map(What::Resize), Some(running)];
        Self {
            events: first.into_iter().flatten().map(|what| Event { at, what }).collect(),
            queued: 0,
            last_at: at,
            input: VecDeque::new(),
            orders: Orders::default(),
            notice: None,
            over: false,
        }
    }

    fn push(&mut self, at: Elapsed, what: What) {
        self.last_at = self.last_at.max(at);
        self.queued += weight(&what);
        self.over |= matches!(what, What::Exit(_));
        if self.orders.abandon {
            self.events.clear();
        }
        self.events.push_back(Event { at: self.last_at, what });
    }

    fn is_full(&self) -> bool {
        self.queued >= MAX_QUEUED && !self.orders.abandon
    }
}

/// What an event takes in the queue: a program that writes byte by byte must fill it as well.
fn weight(what: &What) -> usize {
    match what {
        What::Output(bytes) | What::Message(bytes) => bytes.len() + size_of::<Event>(),
        _ => 0,
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake_thread(&self) {
        // A pipe that is full wakes as well as one byte more would.
        let _ = rustix::io::write(&self.waker, &[0]);
    }

    fn order(&self, orders: Orders) -> Result<(), SourceError> {
        let mut queues = self.lock();
        if queues.over {
            return Err(SourceError::Ended);
        }
        queues.orders.stop |= orders.stop;
        queues.orders.kill |= orders.kill;
        queues.orders.abandon |= orders.abandon;
        drop(queues);
        self.wake_thread();
        Ok(())
    }
}

impl EventSource for Live {
    fn poll(&mut self, now: Elapsed, sink: &mut dyn FnMut(Event)) {
        let mut spent = 0;
        self.more = None;
        while spent < BUDGET {
            let mut queues = self.shared.lock();
            let Some(event) = queues.events.pop_front() else { return };
            let was_full = queues.is_full();
            queues.queued = queues.queued.saturating_sub(weight(&event.what));
            spent += weight(&event.what);
            let wake = was_full && !queues.is_full();
            drop(queues);
            if wake {
                self.shared.wake_thread();
            }
            sink(event);
        }
        if !self.shared.lock().events.is_empty() {
            self.more = Some(now);
            self.shared.wake.notify_one();
        }
    }

    fn next_at(&self) -> Option<Elapsed> {
        self.more
    }

    fn at(&self, now: Elapsed) -> Elapsed {
        now.since(self.began).into()
    }

    fn control(&mut self, request: Control, now: Elapsed) -> Result<(), SourceError> {
        match request {
            Control::Input(_) if self.shared.terminal.is_none() => {
                Err(SourceError::Unable("this program reads no keys"))
            }
            Control::Input(bytes) => {
                let mut queues = self.shared.lock();
                if queues.over {
                    return Err(SourceError::Ended);
                }
                if queues.input.len() + bytes.len() > MAX_INPUT {
                    return Err(SourceError::Full);
                }
                queues.input.extend(bytes);
                drop(queues);
                self.shared.wake_thread();
                Ok(())
            }
            Control::Resize(size) => {
                let Some(terminal) = &self.shared.terminal else { return Ok(()) };
                rustix::termios::tcsetwinsize(&**terminal, winsize(size))
                    .map_err(|error| SourceError::System(io::Error::from(error).to_string()))?;
                let at = self.at(now);
                self.shared.push(at, What::Resize(size));
                Ok(())
            }
            Control::Stop => self.shared.order(Orders { stop: true, ..Orders::default() }),
            Control::Kill => self.shared.order(Orders { kill: true, ..Orders::default() }),
            _ => Err(SourceError::Unable("a program that runs cannot be wound")),
        }
    }

    fn take_notice(&mut self) -> Option<String> {
        self.shared.lock().notice.take()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.shared.order(Orders { stop: true, abandon: true, kill: false });
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("began", &self.began).finish_non_exhaustive()
    }
}
