//! Processes where nobody adopts them: found in a table of all, by who started whom, by session and by a mark in the environment.

use std::collections::HashSet;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use rustix::event::{FdSetElement, Timespec, fd_set_insert, fd_set_num_elements, select};
use rustix::process::{Pid, Signal};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{MARK, Member, Run, Want, names, native, table};

/// Nobody adopts what a program leaves behind.
pub(crate) const ADOPTS: bool = false;
/// On macOS a program that ends waits until its terminal's output is read, SIGKILL or not.
pub(crate) const EXIT_WAITS_FOR_READER: bool = true;
/// On macOS a pseudo-terminal loses what is unread when its other side is closed.
pub(crate) const HOLDS_OTHER_SIDE: bool = true;

/// The system has no such thing.
pub(crate) const fn adopt_orphans() {}

/// The system has no such thing: whoever finds that a guard is gone ends its run.
#[allow(clippy::unnecessary_wraps)] // others can fail
pub(crate) const fn die_with_parent() -> io::Result<()> {
    Ok(())
}

/// Ends a child with SIGTERM when its parent is gone: a pipe whose one side only the parent has, and whose end a thread of the
/// child waits for. Made before the fork.
#[derive(Debug)]
pub struct Leash(Option<(OwnedFd, OwnedFd)>);

impl Leash {
    /// The pipe; without one, nothing is waited for.
    #[must_use]
    pub fn before_fork() -> Self {
        Self(native::pipe(true).ok())
    }

    /// In the child.
    pub fn wear(self) {
        let Some((end, parents)) = self.0 else { return };
        drop(parents);
        let waits = move || {
            while rustix::io::read(&end, &mut [0_u8; 1]) == Err(rustix::io::Errno::INTR) {}
            let _ = rustix::process::kill_process(rustix::process::getpid(), Signal::TERM);
        };
        let _ = thread::Builder::new().name("leash".to_owned()).spawn(waits);
    }
}

/// Shows `visit` every process of the run that can be found.
pub(crate) fn visit_members(run: &Run, visit: &mut dyn FnMut(Member)) {
    members(run).into_iter().map(Member::of).for_each(visit);
}

fn members(run: &Run) -> Vec<Pid> {
    let all = table::all();
    let this = rustix::process::getpid();
    let marked = |pid: Pid| {
        let mark = run.mark.as_deref()?;
        names(&table::variable(pid, MARK)?, mark).then_some(())
    };
    let mut rest: Vec<table::Process> =
        all.iter().copied().filter(|one| one.pid != this && one.pid != run.root).collect();
    let (mut found, mut parents, mut sessions) = (Vec::new(), HashSet::new(), HashSet::new());
    parents.insert(run.root.as_raw_nonzero().get());
    sessions.extend(run.session.map(|session| session.as_raw_nonzero().get()));
    let unique = |pid: Pid| all.iter().find(|one| one.pid == pid).and_then(|one| one.unique);
    let mut starters: HashSet<u64> = unique(run.root).into_iter().map(|(own, _)| own).collect();
    let mut takes = |one: &table::Process, parents: &mut HashSet<i32>| {
        let pid = one.pid.as_raw_nonzero().get();
        let belongs = parents.contains(&one.parent)
            || sessions.contains(&one.session)
            || one.unique.is_some_and(|(_, starter)| starters.contains(&starter));
        if belongs {
            parents.insert(pid);
            starters.extend(one.unique.map(|(own, _)| own));
            // Whoever leads a session of its own has it joined by what it starts, and by nobody else.
            sessions.extend((one.session == pid).then_some(pid));
        }
        belongs
    };
    // Each round finds what the last has made known; then whoever is marked, which costs more to ask.
    loop {
        let before = rest.len();
        rest.retain(|one| {
            let belongs = takes(one, &mut parents);
            found.extend(belongs.then_some(one.pid));
            !belongs
        });
        if rest.len() != before {
            continue;
        }
        let Some(at) = rest.iter().position(|one| marked(one.pid).is_some()) else { return found };
        let one = rest.swap_remove(at);
        parents.insert(one.pid.as_raw_nonzero().get());
        found.push(one.pid);
    }
}

/// Shows `visit` what a guard that was killed has left.
pub(crate) fn visit_inherited(run: &Run, visit: &mut dyn FnMut(Member)) {
    visit_members(run, visit);
}

/// Waits until one of `wanted` is ready, or `patience` is over; whether one is. With `select`: on macOS nothing else can wait for
/// every terminal.
#[allow(clippy::must_use_candidate)] // some look at what they wait for in any case
pub fn wait_for(wanted: &[Want<'_>], patience: Option<Duration>) -> bool {
    let highest = wanted.iter().map(|want| want.file.as_raw_fd()).max().unwrap_or(-1);
    let end = highest.saturating_add(1);
    let room = fd_set_num_elements(wanted.len(), end);
    let (mut reads, mut writes) = (vec![FdSetElement::default(); room], vec![FdSetElement::default(); room]);
    for want in wanted {
        if want.read {
            fd_set_insert(&mut reads, want.file.as_raw_fd());
        }
        if want.write {
            fd_set_insert(&mut writes, want.file.as_raw_fd());
        }
    }
    let timeout = patience.map(|wait| Timespec {
        tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(wait.subsec_nanos()),
    });
    // SAFETY: all descriptors are borrowed, and so are open while this waits.
    unsafe { select(end, Some(&mut reads), Some(&mut writes), None, timeout.as_ref()) }
        .is_ok_and(|ready| ready > 0)
}

/// A terminal whose bytes are waited for inside of a runtime: by a thread with `select`, since kqueue refuses `/dev/tty` and some others.
#[derive(Debug)]
pub struct Ready {
    terminal: Arc<OwnedFd>,
    /// What the thread says when something is there.
    there: AsyncFd<OwnedFd>,
    /// Asks the thread to look again; its end ends the thread.
    again: Option<SyncSender<()>>,
    /// Closed, it wakes the thread.
    _end: OwnedFd,
}

impl Ready {
    /// Of `terminal`, inside of a runtime.
    ///
    /// # Errors
    /// When the system has no pipe or thread left.
    pub fn new(terminal: OwnedFd) -> io::Result<Self> {
        let terminal = Arc::new(terminal);
        let (there, says) = native::pipe(false)?;
        let (ended, end) = native::pipe(false)?;
        let (again, asked) = sync_channel(1);
        let looked_at = Arc::clone(&terminal);
        let watch = move || {
            let read = |file| Want { file, read: true, write: false };
            loop {
                wait_for(&[read(looked_at.as_fd()), read(ended.as_fd())], None);
                if rustix::io::write(&says, &[0]).is_err() || asked.recv().is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("input".to_owned()).spawn(watch)?;
        // SAFETY: the descriptor is this value's own, and stays open for as long as it lives.
        let there = unsafe { AsyncFd::register_with_interest(there, Interest::READABLE)? };
        Ok(Self { terminal, there, again: Some(again), _end: end })
    }

    /// The terminal.
    #[must_use]
    pub fn file(&self) -> &OwnedFd {
        &self.terminal
    }

    /// Waits until something may be there, and gives what `read` makes of it; none when there was nothing after all.
    ///
    /// # Errors
    /// What the system or `read` says.
    pub async fn read<T: Send>(
        &mut self,
        mut read: impl FnMut(&OwnedFd) -> io::Result<T> + Send,
    ) -> io::Result<Option<T>> {
        let mut guard = self.there.readable().await?;
        let told = guard.try_io(|there| Ok(rustix::io::read(there.get_ref(), &mut [0_u8; 8])?));
        if !matches!(told, Ok(Ok(1..))) {
            return Ok(None);
        }
        let done = read(&self.terminal);
        if let Some(again) = &self.again {
            let _ = again.try_send(());
        }
        match done {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            done => done.map(Some),
        }
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        self.again = None;
    }
}
