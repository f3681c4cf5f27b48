//! What differs between systems, behind one interface: nothing else asks which system it runs on.
//!
//! Three modules answer. `linux` has a kernel that hands orphans to a guard (`PR_SET_CHILD_SUBREAPER`) and kills a child with its
//! parent. `portable` does without both: it finds a run by who started whom, by session and by a mark in the environment, in
//! a table of all processes; it waits with `select`, and keeps a pseudo-terminal's other side open until all is read. `macos` gives
//! that table and the rest that only macOS has. The feature `portable` uses the portable module on Linux too, with a
//! table from `/proc`, so that what macOS runs is tested where there is no Mac.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod kernel;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod procfs;

#[cfg(all(any(target_os = "linux", target_os = "android"), not(feature = "portable")))]
mod linux;
#[cfg(all(any(target_os = "linux", target_os = "android"), not(feature = "portable")))]
use self::linux as system;

#[cfg(any(target_os = "macos", feature = "portable"))]
mod portable;
#[cfg(any(target_os = "macos", feature = "portable"))]
use self::portable as system;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(target_os = "linux", target_os = "android"))]
use self::kernel as native;
#[cfg(target_os = "macos")]
use self::macos as native;

use std::os::fd::BorrowedFd;
use std::path::Path;

use rustix::process::Pid;

#[cfg(target_os = "macos")]
use self::macos as table;
pub(crate) use self::native::started_as;
pub use self::native::{
    ENDING_HERE, NOTES, end_when_unanswered, give_way, precise_timers, raise_descriptors, refuses_programs,
    wait_for_signal,
};
pub(crate) use self::native::{LAST_SIGNAL, end_of, open_master, pipe};
#[cfg(any(target_os = "linux", target_os = "android"))]
use self::procfs as table;
pub(crate) use self::system::{
    ADOPTS, EXIT_WAITS_FOR_READER, HOLDS_OTHER_SIDE, adopt_orphans, die_with_parent, visit_inherited,
    visit_members,
};
pub use self::system::{Leash, Ready, wait_for};
pub(crate) use self::table::{ignores_term, is_zombie, lists_processes, name_of};

/// The variable by which a program that cannot be adopted is known: a component `GREENROOM.GUARD` (process numbers) for each
/// guard above it, with slashes between.
pub(crate) const MARK: &str = "GREENROOM_RUN";

/// What a run is known by, from the surest on.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Everything below this process belongs to it.
    pub root: Pid,
    /// The session that its program leads.
    #[cfg_attr(not(any(target_os = "macos", feature = "portable")), allow(dead_code))]
    // not needed where the kernel adopts
    pub session: Option<Pid>,
    /// A component of [`MARK`], or what one begins with before its full stop.
    #[cfg_attr(not(any(target_os = "macos", feature = "portable")), allow(dead_code))] // as above
    pub mark: Option<String>,
}

impl Run {
    /// What runs behind `guard`, which this process has started, when its program is known.
    pub(crate) fn behind(guard: Pid, program: Option<Pid>) -> Self {
        Self { root: guard, session: program, mark: Some(component(rustix::process::getpid(), guard)) }
    }

    /// Everything that runs behind guards of `stage`, whose parent this process is.
    pub(crate) fn of_stage(stage: Option<Pid>) -> Self {
        let mark = stage.map(|stage| stage.as_raw_nonzero().to_string());
        Self { root: rustix::process::getpid(), session: None, mark }
    }
}

/// A process of a run, as it is found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub pid: Pid,
    /// It has ended, and nobody has asked how yet.
    pub is_dead: bool,
}

impl Member {
    fn of(pid: Pid) -> Self {
        Self { pid, is_dead: is_zombie(pid) }
    }
}

/// The component of [`MARK`] for `guard`, which `starter` has started.
pub(crate) fn component(starter: Pid, guard: Pid) -> String {
    format!("{}.{}", starter.as_raw_nonzero(), guard.as_raw_nonzero())
}

/// Whether a value of [`MARK`] names the run that `mark` stands for.
#[cfg_attr(not(any(target_os = "macos", feature = "portable")), allow(dead_code))] // the kernel knows it where it adopts
pub(crate) fn names(value: &[u8], mark: &str) -> bool {
    value.split(|byte| *byte == b'/').any(|one| {
        one.strip_prefix(mark.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
    })
}

/// A descriptor to wait for, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Want<'a> {
    /// What to look at.
    pub file: BorrowedFd<'a>,
    /// Wait until something can be read, or until the other side is closed.
    pub read: bool,
    /// Wait until something can be written.
    pub write: bool,
}

/// Sets a number among the options of a TCP connection. One that refuses lives for as long as the system likes.
fn set_tcp(socket: BorrowedFd<'_>, option: libc::c_int, value: libc::c_int) {
    use std::os::fd::AsRawFd;
    let size = libc::socklen_t::try_from(size_of_val(&value)).unwrap_or_default();
    // SAFETY: the descriptor is borrowed, and the length is that of the number beside it.
    unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            option,
            std::ptr::from_ref(&value).cast(),
            size,
        );
    }
}

/// How a guard finds what a program leaves behind on this system, for people who ask what it promises.
#[must_use]
pub fn guard_in_words() -> &'static str {
    if !lists_processes() {
        "processes cannot be listed here (is /proc mounted, and this container's own?): of what a program leaves behind, its process \
        group is ended"
    } else if ADOPTS {
        "the kernel hands a guard everything that its program leaves behind"
    } else {
        "this system hands a guard nothing: what a program leaves behind is found by parent, session and a mark in its environment. \
        A daemon is missed when its parent ends at once and it has cleared its environment, or when the system hides that (Apple's own programs)"
    }
}

/// A file's kind and permissions, whose number is narrower on some systems.
#[must_use]
#[allow(clippy::useless_conversion)] // not everywhere
pub fn mode_of(about: &rustix::fs::Stat) -> u32 {
    u32::from(about.st_mode)
}

/// When a file was last changed, whose nanoseconds have no sign on some systems.
#[must_use]
#[allow(clippy::useless_conversion)] // not everywhere
pub fn changed_at(about: &rustix::fs::Stat) -> rustix::fs::Timespec {
    rustix::fs::Timespec { tv_sec: about.st_mtime, tv_nsec: i64::try_from(about.st_mtime_nsec).unwrap_or(0) }
}

/// The device that a special file stands for, whose number has a sign on some systems.
#[must_use]
#[allow(clippy::useless_conversion, clippy::cast_sign_loss, clippy::unnecessary_cast)] // not everywhere
pub fn device_of(about: &rustix::fs::Stat) -> u64 {
    about.st_rdev as u64
}

/// Permissions of so many bits.
#[must_use]
pub fn permissions(bits: u32) -> rustix::fs::Mode {
    rustix::fs::Mode::from_bits_truncate(rustix::fs::RawMode::try_from(bits & 0o7777).unwrap_or_default())
}

/// Whether the file only offers to install what it is named after: Apple's `/usr/bin/python3` and its like open a dialogue on a
/// Mac without developer tools.
#[must_use]
pub fn is_stub(program: &Path) -> bool {
    native::is_stub(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_names_its_run_and_those_around_it() {
        for (value, mark, yes) in [
            ("12.34", "12.34", true),
            ("12.34", "12", true),
            ("12.34", "1", false),
            ("12.345", "12.34", false),
            ("12.34/56.78", "12.34", true),
            ("12.34/56.78", "56", true),
            ("12.34/56.78", "34", false),
            ("", "12", false),
        ] {
            assert_eq!(names(value.as_bytes(), mark), yes, "{value} {mark}");
        }
    }

    #[test]
    fn a_connection_has_its_limit_and_a_thread_gives_way() {
        use std::net::{TcpListener, TcpStream};
        use std::os::fd::{AsFd, AsRawFd};
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        end_when_unanswered(stream.as_fd(), std::time::Duration::from_mins(1));
        if cfg!(any(target_os = "linux", target_os = "android")) {
            let (mut value, mut size) = (0 as libc::c_int, 4 as libc::socklen_t);
            // SAFETY: both are locals, and the length is that of the number.
            let done = unsafe {
                let place = (&raw mut value).cast();
                // TCP_USER_TIMEOUT
                libc::getsockopt(stream.as_raw_fd(), libc::IPPROTO_TCP, 18, place, &raw mut size)
            };
            assert_eq!((done, value), (0, 60_000));
            let nice = |()| rustix::process::getpriority_process(None).unwrap();
            let other = std::thread::spawn(move || {
                let before = nice(());
                give_way();
                (before, nice(()))
            });
            let (before, after) = other.join().unwrap();
            assert!(after > before || before >= 10, "{before} {after}");
            assert_eq!(nice(()), before, "other threads do not");
        }
    }

    #[test]
    fn waiting_ends_with_what_is_waited_for() {
        use std::os::fd::AsFd;
        use std::time::{Duration, Instant};
        let (reader, writer) = pipe(false).unwrap();
        let want =
            |read, write| Want { file: if write { writer.as_fd() } else { reader.as_fd() }, read, write };
        let (short, long) = (Some(Duration::from_millis(20)), Some(Duration::from_secs(30)));
        let began = Instant::now();
        assert!(!wait_for(&[want(true, false)], short));
        assert!(began.elapsed() >= Duration::from_millis(19));
        assert!(wait_for(&[want(true, false), want(false, true)], long));
        rustix::io::write(&writer, b"x").unwrap();
        assert!(wait_for(&[want(true, false)], long));
        let mut byte = [0];
        rustix::io::read(&reader, &mut byte).unwrap();
        drop(writer);
        assert!(wait_for(&[Want { file: reader.as_fd(), read: true, write: false }], long), "the end counts");
        assert!(began.elapsed() < Duration::from_secs(20));
    }
}
