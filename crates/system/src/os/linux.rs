//! Processes where the kernel hands orphans to whoever asks for them.

use std::collections::HashSet;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::procfs::{self, session_of};
use super::{Run, Want};

/// What a program leaves behind becomes its guard's child.
pub(crate) const ADOPTS: bool = true;
/// Whether a program that ends waits until its terminal's output is read.
pub(crate) const EXIT_WAITS_FOR_READER: bool = false;
/// Whether a pseudo-terminal loses what is unread when its other side is closed.
pub(crate) const HOLDS_OTHER_SIDE: bool = false;

/// This process becomes the parent of what its descendants leave behind.
pub(crate) fn adopt_orphans() {
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Called between fork and exec: this process is killed when its parent is gone.
pub(crate) fn die_with_parent() -> io::Result<()> {
    Ok(rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// Ends a child with SIGTERM when its parent is gone. Made before the fork.
#[derive(Debug)]
pub struct Leash;

impl Leash {
    /// Nothing is needed before the fork.
    #[must_use]
    pub const fn before_fork() -> Self {
        Self
    }

    /// In the child.
    pub fn wear(self) {
        let _ = rustix::process::set_parent_process_death_signal(Some(Signal::TERM));
    }
}

/// Every process below the run's root, dead ones that nobody has asked about yet included.
pub(crate) fn members(run: &Run) -> Vec<Pid> {
    below(vec![run.root])
}

/// Every process below `look`.
fn below(mut look: Vec<Pid>) -> Vec<Pid> {
    let mut found: Vec<Pid> = Vec::new();
    let mut seen = HashSet::new();
    let all = if lists_children() { Vec::new() } else { procfs::all() };
    while let Some(parent) = look.pop() {
        let children = if lists_children() { children(parent) } else { children_among(&all, parent) };
        for child in children {
            if seen.insert(child) {
                look.push(child);
                found.push(child);
            }
        }
    }
    found
}

/// Whether the kernel was built with `CONFIG_PROC_CHILDREN`: Android's are not.
fn lists_children() -> bool {
    use std::sync::OnceLock;
    static KNOWN: OnceLock<bool> = OnceLock::new();
    *KNOWN.get_or_init(|| std::path::Path::new("/proc/thread-self/children").exists())
}

fn children_among(all: &[procfs::Process], parent: Pid) -> Vec<Pid> {
    let parent = parent.as_raw_nonzero().get();
    all.iter().filter(|process| process.parent == parent).map(|process| process.pid).collect()
}

/// The children of every thread of `parent`.
fn children(parent: Pid) -> Vec<Pid> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{parent}/task")) else { return Vec::new() };
    let mut found = Vec::new();
    for thread in threads.flatten() {
        let Ok(text) = std::fs::read_to_string(thread.path().join("children")) else { continue };
        found.extend(text.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)));
    }
    found
}

/// What killed guards have left to this process, and everything below it.
///
/// Such a process is known by its session: a guard begins one, and so does each program behind one, while
/// whatever else Greenroom starts stays in Greenroom's own.
pub(crate) fn inherited(_: &Run) -> Vec<Pid> {
    let this = rustix::process::getpid();
    let own = session_of(this);
    let mut found = if lists_children() { children(this) } else { children_among(&procfs::all(), this) };
    found.retain(|pid| {
        let session = session_of(*pid);
        session.is_some() && session != own && !is_guard(*pid)
    });
    let below = below(found.clone());
    found.extend(below);
    found
}

/// Whether `pid` takes its orders from this process, as only a guard does: its input is a pipe that this process has
/// open too. Its name and its arguments say nothing, since anybody may choose them.
fn is_guard(pid: Pid) -> bool {
    let Ok(input) = std::fs::read_link(format!("/proc/{pid}/fd/0")) else { return false };
    let own = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let mut own = own.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    input.as_os_str().as_encoded_bytes().starts_with(b"pipe:") && own.any(|open| open == input)
}

/// Waits until one of `wanted` is ready, or `patience` is over; whether one is.
#[allow(clippy::must_use_candidate)] // some look at what they wait for in any case
pub fn wait_for(wanted: &[Want<'_>], patience: Option<Duration>) -> bool {
    let flags = |want: &Want<'_>| {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::IN, want.read);
        flags.set(PollFlags::OUT, want.write);
        flags
    };
    let mut fds: Vec<PollFd<'_>> =
        wanted.iter().map(|want| PollFd::from_borrowed_fd(want.file, flags(want))).collect();
    let timeout = patience.map(|wait| Timespec {
        tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(wait.subsec_nanos()),
    });
    poll(&mut fds, timeout.as_ref()).is_ok_and(|ready| ready > 0)
}

/// A terminal whose bytes are waited for inside of a runtime.
#[derive(Debug)]
pub struct Ready(AsyncFd<OwnedFd>);

impl Ready {
    /// Of `terminal`, inside of a runtime.
    ///
    /// # Errors
    /// When the system cannot wait for it, as for a file.
    pub fn new(terminal: OwnedFd) -> io::Result<Self> {
        // SAFETY: the descriptor is this value's own, and stays open for as long as it lives.
        Ok(Self(unsafe { AsyncFd::register_with_interest(terminal, Interest::READABLE)? }))
    }

    /// The terminal.
    #[must_use]
    pub fn file(&self) -> &OwnedFd {
        self.0.get_ref()
    }

    /// Waits until something may be there, and gives what `read` makes of it; none when there was nothing after all.
    ///
    /// # Errors
    /// What the system or `read` says.
    pub async fn read<T: Send>(
        &mut self,
        mut read: impl FnMut(&OwnedFd) -> io::Result<T> + Send,
    ) -> io::Result<Option<T>> {
        match self.0.readable().await?.try_io(|terminal| read(terminal.get_ref())) {
            Ok(done) => done.map(Some),
            Err(_) => Ok(None),
        }
    }
}
