//! What macOS has: processes by libproc, and the rest that is its own. Type checked and linked on Linux, untried on a Mac.

use std::mem::{size_of, zeroed};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use libc::{c_int, c_void};
use rustix::fs::OFlags;
use rustix::io::{Errno, FdFlags};
use rustix::process::Pid;
use rustix::pty::OpenptFlags;

/// What whoever relies on this system has to know, each with a name.
pub const NOTES: &[(&str, &str)] = &[
    (
        "untried",
        "nobody has run Greenroom on a Mac yet: it is written by the system's documentation, and tested on Linux in the ways that macOS \
        leaves. Rehearse here before you rely on it",
    ),
    ("profiles", "bench --profile needs sudo: the system lets nobody else read another process"),
];

/// Signals that end a process unless it says otherwise, and that only this system has.
pub const ENDING_HERE: &[i32] = &[libc::SIGEMT];

/// The number of the last signal.
pub(crate) const LAST_SIGNAL: i32 = 31;

/// A pipe that no program inherits: the side to read from, and the side to write to. The system cannot say so while it makes one: what
/// another thread starts at that very moment has it too.
pub(crate) fn pipe(blocks: bool) -> Result<(OwnedFd, OwnedFd), Errno> {
    let (reads, writes) = rustix::pipe::pipe()?;
    for side in [&reads, &writes] {
        rustix::io::fcntl_setfd(side, FdFlags::CLOEXEC)?;
        if !blocks {
            rustix::fs::fcntl_setfl(side, OFlags::NONBLOCK)?;
        }
    }
    Ok((reads, writes))
}

/// Our side of a new pseudo-terminal, which no program inherits.
pub(crate) fn open_master() -> Result<OwnedFd, Errno> {
    let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    rustix::io::fcntl_setfd(&master, FdFlags::CLOEXEC)?;
    Ok(master)
}

/// The system has no descriptor for a process.
pub(crate) const fn end_of(_: &Child) -> Option<OwnedFd> {
    None
}

/// Waits for one of the signals in `set`, for at most `patience`; 0 or less when none came. The system has no more than
/// `sigwait`: a pause stands for a limited wait.
///
/// # Safety
/// `set` must point to what it says.
pub unsafe fn wait_for_signal(
    set: *const libc::sigset_t,
    info: *mut libc::siginfo_t,
    patience: Option<&libc::timespec>,
) -> i32 {
    let _ = info;
    if let Some(patience) = patience {
        // SAFETY: both calls fill in what they are given, which is theirs to fill.
        let waiting = unsafe {
            let mut waiting: libc::sigset_t = zeroed();
            libc::sigpending(&raw mut waiting);
            (1..=LAST_SIGNAL).any(|number| libc::sigismember(&raw const waiting, number) == 1)
        };
        if !waiting {
            let nanos = u64::try_from(patience.tv_nsec).unwrap_or(0);
            let seconds = u64::try_from(patience.tv_sec).unwrap_or(0);
            std::thread::sleep(std::time::Duration::from_nanos(nanos + seconds * 1_000_000_000));
            return 0;
        }
    }
    let mut number = 0;
    // SAFETY: as the caller promises.
    unsafe { libc::sigwait(set, &raw mut number) };
    number
}

/// A shell gives 256 descriptors, and a talk with many panes and phones needs more.
pub fn raise_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    /// More than this the system refuses, whatever it says that the limit is.
    const OPEN_MAX: u64 = 10_240;
    let now = getrlimit(Resource::Nofile);
    let wanted = now.maximum.map_or(OPEN_MAX, |maximum| maximum.min(OPEN_MAX));
    if now.current.is_some_and(|current| current < wanted) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: now.maximum });
    }
}

/// Sleeps of this thread are put together with others' as little as the system allows. `mach_wait_until` would end no sooner: it waits
/// for the same timer of the kernel's.
pub fn precise_timers() {
    be_of(libc::qos_class_t::QOS_CLASS_USER_INTERACTIVE);
}

/// This thread alone gives way to everything else that runs here: it is one whose work nobody waits for at once.
pub fn give_way() {
    be_of(libc::qos_class_t::QOS_CLASS_UTILITY);
}

/// Says how urgent the work of this thread is.
fn be_of(class: libc::qos_class_t) {
    // SAFETY: sets a property of the calling thread.
    unsafe {
        libc::pthread_set_qos_class_self_np(class, 0);
    }
}

/// The system ends the connection of `socket` when what was sent has not been taken in for `silence`.
pub fn end_when_unanswered(socket: BorrowedFd<'_>, silence: Duration) {
    /// Of netinet/tcp.h, in seconds: what `TCP_USER_TIMEOUT` is elsewhere.
    const TCP_RXT_CONNDROPTIME: c_int = 0x80;
    let seconds = c_int::try_from(silence.as_secs()).unwrap_or(c_int::MAX);
    super::set_tcp(socket, TCP_RXT_CONNDROPTIME, seconds);
}

/// Not known: the system tells only of file systems that were mounted so, which nobody does.
#[must_use]
pub const fn refuses_programs(_: &Path) -> bool {
    false
}

/// The system knows a program's file by itself.
pub(crate) const fn started_as() -> Option<PathBuf> {
    None
}

/// Apple's commands in `/usr/bin` that only lead to its developer tools: without these they open a dialogue that covers a talk.
pub(crate) fn is_stub(program: &Path) -> bool {
    const STUBS: [&str; 16] = [
        "python3", "pip3", "git", "make", "cc", "c++", "gcc", "g++", "clang", "clang++", "ld", "swift",
        "swiftc", "lldb", "svn", "strip",
    ];
    const TOOLS: [&str; 2] =
        ["/Library/Developer/CommandLineTools/usr/bin", "/Applications/Xcode.app/Contents/Developer"];
    let named = program.file_name().and_then(|name| name.to_str()).is_some_and(|name| STUBS.contains(&name));
    named
        && program.parent() == Some(Path::new("/usr/bin"))
        && std::env::var_os("DEVELOPER_DIR").is_none()
        && !Path::new("/var/db/xcode_select_link").exists()
        && !TOOLS.iter().any(|tools| Path::new(tools).exists())
}

/// What is known of a process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process {
    pub(crate) pid: Pid,
    pub(crate) parent: i32,
    pub(crate) session: i32,
    /// A number that no other process has, and that of who started it, which stays when that one ends.
    pub(crate) unique: Option<(u64, u64)>,
}

/// Which of `proc_info_private.h`, unchanged since 10.9: a process's number that is never given again, and its parent's.
const PROC_PIDUNIQIDENTIFIERINFO: c_int = 17;

#[repr(C)]
#[derive(Clone, Copy)]
struct UniqueIdentifier {
    uuid: [u8; 16],
    unique: u64,
    parent: u64,
    version: i32,
    parent_version: i32,
    reserved: [u64; 2],
}

/// What the system tells of `pid` in one of its structures; none for one that has ended.
fn info<T: Copy>(pid: Pid, flavor: c_int) -> Option<T> {
    let size = c_int::try_from(size_of::<T>()).ok()?;
    // SAFETY: all types that this is used with are plain numbers, which the call fills in; that it has is checked.
    unsafe {
        let mut value: T = zeroed();
        let done = libc::proc_pidinfo(
            pid.as_raw_nonzero().get(),
            flavor,
            0,
            (&raw mut value).cast::<c_void>(),
            size,
        );
        (done == size).then_some(value)
    }
}

/// Nothing keeps it from that here.
pub(crate) const fn lists_processes() -> bool {
    true
}

/// Every process that can be seen.
pub(crate) fn all() -> Vec<Process> {
    /// More than the system has processes.
    const MOST: usize = 32_768;
    let mut pids = vec![0_i32; MOST];
    let room = c_int::try_from(MOST * size_of::<i32>()).unwrap_or(c_int::MAX);
    // SAFETY: the length that is given is the buffer's, in bytes.
    let bytes = unsafe { libc::proc_listallpids(pids.as_mut_ptr().cast(), room) };
    // The call gives their number, other versions of it bytes: what was not filled in is 0.
    let _ = bytes;
    pids.into_iter()
        .filter_map(|pid| {
            let pid = Pid::from_raw(pid)?;
            let about: libc::proc_bsdinfo = info(pid, libc::PROC_PIDTBSDINFO)?;
            let unique: Option<UniqueIdentifier> = info(pid, PROC_PIDUNIQIDENTIFIERINFO);
            // SAFETY: no memory is touched.
            let session = unsafe { libc::getsid(pid.as_raw_nonzero().get()) };
            let parent = i32::try_from(about.pbi_ppid).unwrap_or(0);
            Some(Process { pid, parent, session, unique: unique.map(|one| (one.unique, one.parent)) })
        })
        .collect()
}

/// A variable of the environment that `pid` was started with. The system hides that of its own programs and of other users'.
pub(crate) fn variable(pid: Pid, name: &str) -> Option<Vec<u8>> {
    let arguments = arguments(pid)?;
    let (count, rest) = arguments.split_at_checked(size_of::<c_int>())?;
    let count = usize::try_from(c_int::from_ne_bytes(count.try_into().ok()?)).ok()?;
    // The program's path, zeros, the arguments, the environment.
    let mut texts = rest.split(|byte| *byte == 0);
    texts.next()?;
    let mut texts = texts.skip_while(|text| text.is_empty()).skip(count);
    texts.find_map(|one| one.strip_prefix(name.as_bytes())?.strip_prefix(b"=").map(<[u8]>::to_vec))
}

fn arguments(pid: Pid) -> Option<Vec<u8>> {
    /// As much as the system lets a program be started with.
    const ARG_MAX: usize = 1024 * 1024;
    let mut bytes = vec![0_u8; ARG_MAX];
    let mut length = bytes.len();
    let mut name = [libc::CTL_KERN, libc::KERN_PROCARGS2, pid.as_raw_nonzero().get()];
    // SAFETY: both lengths are those of the buffers they stand beside.
    let done = unsafe {
        libc::sysctl(
            name.as_mut_ptr(),
            3,
            bytes.as_mut_ptr().cast(),
            &raw mut length,
            std::ptr::null_mut(),
            0,
        )
    };
    if done != 0 {
        return None;
    }
    bytes.truncate(length);
    Some(bytes)
}

/// The system does not say what another process does with signals.
pub(crate) const fn ignores_term(_: Pid) -> Option<bool> {
    None
}

/// The program's name as the system knows it; empty when it does not.
pub(crate) fn name_of(pid: Pid) -> String {
    let mut name = [0_u8; 64];
    // SAFETY: the length that is given is the buffer's.
    let length = unsafe {
        libc::proc_name(
            pid.as_raw_nonzero().get(),
            name.as_mut_ptr().cast(),
            u32::try_from(name.len()).unwrap_or(0),
        )
    };
    let length = usize::try_from(length).unwrap_or(0);
    String::from_utf8_lossy(name.get(..length).unwrap_or_default()).into_owned()
}

/// Whether it has ended: the system tells nothing of one that has.
pub(crate) fn is_zombie(pid: Pid) -> bool {
    info::<libc::proc_bsdinfo>(pid, libc::PROC_PIDTBSDINFO)
        .is_none_or(|about| about.pbi_status == libc::SZOMB)
}
