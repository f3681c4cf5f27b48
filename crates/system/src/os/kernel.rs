//! What Linux's kernel has besides processes, whichever way those are found.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use rustix::io::Errno;
use rustix::pipe::PipeFlags;
use rustix::process::{Pid, PidfdFlags};
use rustix::pty::OpenptFlags;

/// What whoever relies on this system has to know, each with a name.
pub const NOTES: &[(&str, &str)] = if cfg!(target_os = "android") {
    &[("untried", "nobody has run Greenroom on Android yet. Rehearse here before you rely on it")]
} else {
    &[]
};

/// Signals that end a process unless it says otherwise, and that only this system has.
pub const ENDING_HERE: &[i32] = &[libc::SIGPWR, libc::SIGSTKFLT];

/// The number of the last signal.
pub(crate) const LAST_SIGNAL: i32 = 64;

/// A pipe that no program inherits: the side to read from, and the side to write to.
pub(crate) fn pipe(blocks: bool) -> Result<(OwnedFd, OwnedFd), Errno> {
    let flags = if blocks { PipeFlags::empty() } else { PipeFlags::NONBLOCK };
    rustix::pipe::pipe_with(PipeFlags::CLOEXEC | flags)
}

/// Our side of a new pseudo-terminal, which no program inherits.
pub(crate) fn open_master() -> Result<OwnedFd, Errno> {
    rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
}

/// What becomes ready to be read when `child` ends, where the kernel has that.
pub(crate) fn end_of(child: &Child) -> Option<OwnedFd> {
    rustix::process::pidfd_open(Pid::from_child(child), PidfdFlags::empty()).ok()
}

/// Waits for one of the signals in `set`, for at most `patience`; 0 or less when none came.
///
/// # Safety
/// `set` and `info` must point to what they say.
pub unsafe fn wait_for_signal(
    set: *const libc::sigset_t,
    info: *mut libc::siginfo_t,
    patience: Option<&libc::timespec>,
) -> i32 {
    let patience = patience.map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: as the caller promises.
    unsafe { libc::sigtimedwait(set, info, patience) }
}

/// As many descriptors as are usual suffice here.
pub const fn raise_descriptors() {}

/// Sleeps of this thread end within a microsecond instead of the usual 50 of the system's own choice.
pub fn precise_timers() {
    // SAFETY: sets a number of the calling thread.
    unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, 1_000_u64);
    }
}

/// This thread alone gives way to everything else that runs here.
pub fn give_way() {
    const NICE: i32 = 10;
    let _ = rustix::process::setpriority_process(None, NICE);
}

/// The system ends the connection of `socket` when what was sent has not been taken in for `silence`.
pub fn end_when_unanswered(socket: BorrowedFd<'_>, silence: Duration) {
    let millis = libc::c_int::try_from(silence.as_millis()).unwrap_or(libc::c_int::MAX);
    super::set_tcp(socket, libc::TCP_USER_TIMEOUT, millis);
}

/// Whether no program can be started from the file system of `path`.
#[must_use]
pub fn refuses_programs(path: &Path) -> bool {
    let flags = rustix::fs::statvfs(path).map(|about| about.f_flag);
    flags.is_ok_and(|flags| flags.contains(rustix::fs::StatVfsMountFlags::NOEXEC))
}

/// The name by which the kernel was told to start this program: known even without `/proc`.
#[allow(clippy::unnecessary_wraps)] // others do not know
pub(crate) fn started_as() -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(std::ffi::OsStr::from_bytes(rustix::param::linux_execfn().to_bytes()).into())
}

/// No distribution has such.
pub(crate) const fn is_stub(_: &Path) -> bool {
    false
}
