//! The process that the shell started. It begins another that does all the work, and puts everything right when that
//! is gone, however it went.
//!
//! The keeper does nothing but wait: it hands signals on, stops when its child stops, and ends as its child ends. It is
//! the shell's job, so that nobody else writes to the terminal before it has ended. When the child was killed while it
//! had the terminal, the keeper gives that back; it adopts what the child leaves behind, and ends it. When the keeper is
//! killed, its child gets SIGTERM and ends as it always does. So any two of keeper, child and a guard may be killed at
//! any time, and nothing of a run is left.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process};
use rustix::termios::QueueSelector;

use crate::modes::Modes;
use crate::tty;
use greenroom_system::guard::orphans::{self, Left};
use greenroom_system::guard::{KILL_LOOK, LOOK};
use greenroom_system::os::{Leash, Want, wait_for, wait_for_signal};

/// How long what is left may take to end when it is asked to: longer than a guard, which says what it has killed.
const LEFTOVER_GRACE: Duration = Duration::from_secs(4);
/// A terminal that takes nothing in for so long is not waited for.
const WRITING: Duration = Duration::from_millis(500);

/// Goes on in a child of this process, which becomes its keeper. Where that cannot be, everything works but for what a
/// keeper is for.
///
/// It must be called while there is one thread.
pub fn keep() {
    let Some(shared) = shared_flag() else { return };
    let keeper = Keeper::new(shared);
    let leash = Leash::before_fork();
    let before = block_all_signals();
    // What the shell does not want to hear of must be heard of here. Later would be too late: the system forgets a
    // SIGCHLD that waits when this is set, and with it a child that has ended at once.
    // SAFETY: it is the default for a new process, and nothing of this one has set another.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
    // SAFETY: this process has one thread, so that its child has whatever it needs.
    match unsafe { libc::fork() } {
        0 => {
            tty::share(shared);
            die_with(keeper.this, leash);
            take_faults();
            set_signal_mask(&before);
        }
        child if child > 0 => match Pid::from_raw(child) {
            Some(child) => keeper.run(child),
            None => set_signal_mask(&before),
        },
        _ => set_signal_mask(&before),
    }
}

/// A flag in memory that a child shares.
fn shared_flag() -> Option<&'static AtomicBool> {
    let size = size_of::<AtomicBool>();
    // SAFETY: it asks for memory of its own, anywhere.
    let page = unsafe {
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANON);
        libc::mmap(std::ptr::null_mut(), size, protection, flags, -1, 0)
    };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the memory is zero, which is `false`, aligned to a page, and never given back.
    Some(unsafe { &*page.cast::<AtomicBool>() })
}

/// SIGTERM comes when the keeper is gone.
fn die_with(keeper: Pid, leash: Leash) {
    leash.wear();
    // It may have gone already.
    if rustix::process::getppid() != Some(keeper) {
        let _ = kill_process(rustix::process::getpid(), Signal::TERM);
    }
}

/// A fault ends this process at once. What Rust does instead for a stack that is full would be written to a screen that is
/// gone a moment later, and it takes a signal that somebody has sent for nothing.
fn take_faults() {
    for number in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: the default needs no handler, and this process has one thread.
        unsafe { libc::signal(number, libc::SIG_DFL) };
    }
}

fn block_all_signals() -> libc::sigset_t {
    // SAFETY: both sets are plain data that these calls fill in.
    unsafe {
        let (mut all, mut before) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        before
    }
}

fn set_signal_mask(mask: &libc::sigset_t) {
    // SAFETY: the set was filled in by the system.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, mask, std::ptr::null_mut());
    }
}

/// A signal that came, and whether some process has sent it to this one: what the kernel sends, it sends to the whole
/// group, the child included.
struct Came {
    number: i32,
    sent: bool,
}

/// Waits for the next signal, for at most `patience` when one is given.
fn next_signal(patience: Option<Duration>) -> Option<Came> {
    let patience = patience.map(|patience| libc::timespec {
        tv_sec: 0,
        tv_nsec: libc::c_long::from(patience.min(Duration::from_millis(999)).subsec_micros()) * 1000,
    });
    // SAFETY: sets, times and what is told of the signal are locals that outlive the call.
    unsafe {
        let (mut all, mut info) = (std::mem::zeroed(), std::mem::zeroed::<libc::siginfo_t>());
        libc::sigfillset(&raw mut all);
        let number = wait_for_signal(&raw const all, &raw mut info, patience.as_ref());
        (number > 0).then_some(Came { number, sent: info.si_code <= 0 })
    }
}

struct Keeper {
    this: Pid,
    taken: &'static AtomicBool,
    /// The terminal that keys come from, where that is not standard input: a deck comes from there.
    terminal: Option<File>,
    /// The terminal's modes before anything was done to it.
    modes: Option<Modes>,
}

impl Keeper {
    fn new(taken: &'static AtomicBool) -> Self {
        let elsewhere = !rustix::termios::isatty(rustix::stdio::stdin());
        let terminal = if elsewhere { tty::open_terminal().ok() } else { None };
        let mut keeper = Self { this: rustix::process::getpid(), taken, terminal, modes: None };
        keeper.modes = Modes::of(keeper.input()).ok();
        keeper
    }

    fn input(&self) -> BorrowedFd<'_> {
        self.terminal.as_ref().map_or(rustix::stdio::stdin(), AsFd::as_fd)
    }

    fn run(&self, child: Pid) -> ! {
        orphans::expect();
        let status = self.wait(child);
        self.give_terminal_back();
        end_all(child);
        end_as(status)
    }

    /// Waits for the end of `child`.
    fn wait(&self, child: Pid) -> WaitStatus {
        loop {
            while let Ok(Some((_, status))) =
                rustix::process::waitpid(Some(child), WaitOptions::NOHANG | WaitOptions::UNTRACED)
            {
                if !status.stopped() {
                    return status;
                }
                self.stop_too(child);
            }
            match next_signal(None) {
                Some(Came { number, sent: true }) if number != libc::SIGCHLD => send(child, number),
                _ => {}
            }
        }
    }

    /// The shell sees this process only: it stops as its child has, and goes on with it.
    fn stop_too(&self, child: Pid) {
        self.give_terminal_back();
        tty::stop_self();
        let _ = kill_process(child, Signal::CONT);
    }

    /// What a child does that is not killed; its own modes are no longer of interest.
    fn give_terminal_back(&self) {
        if !self.taken.swap(false, Ordering::SeqCst) {
            return;
        }
        let (input, output) = (self.input(), rustix::stdio::stdout());
        // It may have been killed amid a sequence.
        write(output, b"\x18\x1b\\");
        write(output, tty::GIVE_BACK);
        // Half a report of the mouse is nothing for a shell.
        let _ = rustix::termios::tcflush(input, QueueSelector::IFlush);
        if let Some(modes) = &self.modes {
            let _ = modes.set(input);
        }
    }
}

fn send(child: Pid, number: i32) {
    // SAFETY: it is a child that has not been waited for, and a number that the system has just given.
    unsafe {
        libc::kill(child.as_raw_nonzero().get(), number);
    }
}

/// Writes as much as the terminal takes.
fn write(output: BorrowedFd<'_>, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        if !wait_for(&[Want { file: output, read: false, write: true }], Some(WRITING)) {
            return;
        }
        match rustix::io::write(output, bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// Ends everything that the child has left. Whoever asks for it meanwhile has it ended at once.
fn end_all(child: Pid) {
    let (mut left, began, mut hurry) = (Left::by(child, LEFTOVER_GRACE), Instant::now(), false);
    while left.look() {
        let kills = hurry || began.elapsed() > LEFTOVER_GRACE;
        if kills {
            left.kill();
        } else {
            left.ask();
        }
        hurry |= next_signal(Some(if kills { KILL_LOOK } else { LOOK })).is_some_and(|came| {
            [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT].contains(&came.number)
        });
    }
}

/// Ends as the child has ended.
fn end_as(status: WaitStatus) -> ! {
    if let Some(code) = status.exit_status() {
        std::process::exit(code);
    }
    let number = status.terminating_signal().unwrap_or(libc::SIGKILL);
    // SAFETY: the signal's default is to end a process, which is what is wanted; the core was the child's.
    unsafe {
        let limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const limit);
        libc::signal(number, libc::SIG_DFL);
        let mut none = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::raise(number);
        set_signal_mask(&none);
    }
    std::process::exit(128 + number)
}
