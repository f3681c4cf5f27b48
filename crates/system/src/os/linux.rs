//! Processes where the kernel hands orphans to whoever asks for them.

use std::collections::HashSet;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::procfs::{self, end_and_session_of, session_of};
use super::{Member, Run, Want};

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

/// Shows `visit` every process below the run's root, each as soon as it is found.
pub(crate) fn visit_members(run: &Run, visit: &mut dyn FnMut(Member)) {
    Children::now().visit_below(vec![run.root], visit);
}

/// Where it is told which children a process has.
enum Children {
    /// In a file of each of its threads.
    Listed,
    /// By each process, which names its parent: slower, and a process may begin while they are read.
    Named(Vec<procfs::Process>),
}

impl Children {
    /// What this kernel has: Android's, and others that are built without `CONFIG_PROC_CHILDREN`, list none.
    fn now() -> Self {
        static LISTED: OnceLock<bool> = OnceLock::new();
        let listed = *LISTED.get_or_init(|| Path::new("/proc/thread-self/children").exists());
        if listed && procfs::lists_processes() { Self::Listed } else { Self::named() }
    }

    /// What every kernel has.
    fn named() -> Self {
        Self::Named(procfs::all())
    }

    /// The children of `parent`, whichever of its threads has started them.
    fn of(&self, parent: Pid) -> Vec<Pid> {
        match self {
            Self::Listed => listed(parent),
            Self::Named(all) => {
                let parent = parent.as_raw_nonzero().get();
                all.iter().filter(|process| process.parent == parent).map(|process| process.pid).collect()
            }
        }
    }

    /// Shows `visit` every process below those of `look`, a parent before its children, and of these the youngest first: where
    /// programs fork without a pause, those that live stand behind thousands that do not.
    fn visit_below(&self, mut look: Vec<Pid>, visit: &mut dyn FnMut(Member)) {
        let mut seen = HashSet::new();
        while let Some(parent) = look.pop() {
            for child in self.of(parent).into_iter().rev().filter(|child| seen.insert(*child)) {
                let member = Member::of(child);
                visit(member);
                // What a dead one had has another parent.
                if !member.is_dead {
                    look.push(child);
                }
            }
        }
    }
}

/// The children of every thread of `parent`.
fn listed(parent: Pid) -> Vec<Pid> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{parent}/task")) else { return Vec::new() };
    let mut found = Vec::new();
    for thread in threads.flatten() {
        let Ok(text) = std::fs::read_to_string(thread.path().join("children")) else { continue };
        found.extend(text.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)));
    }
    found
}

/// Shows `visit` what killed guards have left to this process, and everything below it, each as soon as it is found.
///
/// Such a process is known by its session: a guard begins one, and so does each program behind one, while
/// whatever else Greenroom starts stays in Greenroom's own.
pub(crate) fn visit_inherited(_: &Run, visit: &mut dyn FnMut(Member)) {
    let this = rustix::process::getpid();
    let (own, children) = (session_of(this), Children::now());
    let found = children.of(this);
    // Looked at after the children: a guard that begins meanwhile is in neither list, or in both.
    let pipes = own_pipes();
    let mut alive = Vec::new();
    // The youngest first, as below.
    for pid in found.into_iter().rev() {
        let Some((is_dead, session)) = end_and_session_of(pid) else { continue };
        if Some(session) == own || !is_dead && is_guard(pid, &pipes) {
            continue;
        }
        visit(Member { pid, is_dead });
        if !is_dead {
            alive.push(pid);
        }
    }
    children.visit_below(alive, visit);
}

/// Whether `pid` takes its orders from this process, as only a guard does: its input is one of the `pipes` that this process
/// has open too. Its name and its arguments say nothing, since anybody may choose them.
fn is_guard(pid: Pid, pipes: &HashSet<PathBuf>) -> bool {
    std::fs::read_link(format!("/proc/{pid}/fd/0")).is_ok_and(|input| pipes.contains(&input))
}

/// The pipes that this process has open, by what the system calls them.
fn own_pipes() -> HashSet<PathBuf> {
    let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let open = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    open.filter(|open| open.as_os_str().as_encoded_bytes().starts_with(b"pipe:")).collect()
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

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    use std::time::Instant;

    use super::*;

    #[test]
    fn children_are_the_same_where_the_kernel_does_not_list_them() {
        let script = "sleep 60 & (setsid sleep 60 & exec sleep 60) & echo all; read line";
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let root = Pid::from_child(&shell);
        let sorted = |children: &Children| {
            let mut found = Vec::new();
            children.visit_below(vec![root], &mut |member| found.push(member.pid));
            found.sort_unstable_by_key(|pid| pid.as_raw_nonzero());
            found
        };
        let deadline = Instant::now() + Duration::from_secs(20);
        // The last one may just be starting.
        let found = loop {
            let (listed, named) = (sorted(&Children::Listed), sorted(&Children::named()));
            if listed == named && named.len() == 3 {
                break named;
            }
            assert!(Instant::now() < deadline, "{listed:?} {named:?}");
            std::thread::sleep(Duration::from_millis(5));
        };
        // Of the two that the shell itself has started, the younger one is seen first.
        let mut seen = Vec::new();
        Children::now().visit_below(vec![root], &mut |member| seen.push(member.pid));
        let place = |child: &Pid| seen.iter().position(|pid| pid == child);
        let own = listed(root);
        assert!(own.len() == 2 && place(&own[1]) < place(&own[0]), "{own:?} {seen:?}");
        for pid in found {
            rustix::process::kill_process(pid, Signal::KILL).unwrap();
        }
        drop(shell.stdin.take());
        shell.wait().unwrap();
    }
}
