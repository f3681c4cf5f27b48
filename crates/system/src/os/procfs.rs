//! Processes as `/proc` lists them.

use std::fs;

use rustix::process::Pid;
use signal_hook::consts::SIGTERM;

/// What is known of a process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process {
    pub(crate) pid: Pid,
    /// 0 for one whose parent is outside of this container.
    pub(crate) parent: i32,
    #[cfg_attr(not(feature = "portable"), allow(dead_code))] // not needed where the kernel adopts
    pub(crate) session: i32,
    /// A number that no other process has, and that of who started it, where the system keeps these.
    #[cfg_attr(not(feature = "portable"), allow(dead_code))]
    pub(crate) unique: Option<(u64, u64)>,
}

/// Whether `/proc` tells of the processes around this one: not where it is not mounted, and not where it is another container's, whose
/// numbers stand for other processes here.
pub(crate) fn lists_processes() -> bool {
    let own = rustix::process::getpid().as_raw_nonzero().to_string();
    fs::read_link("/proc/self").is_ok_and(|link| link.as_os_str() == own.as_str())
}

/// Every process that can be seen.
pub(crate) fn all() -> Vec<Process> {
    if !lists_processes() {
        return Vec::new();
    }
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
            let stat = stat(pid)?;
            let mut fields = stat.split(' ').skip(1).map(|field| field.parse().ok());
            let (parent, session) = (fields.next()??, fields.nth(1)??);
            Some(Process { pid, parent, session, unique: None })
        })
        .collect()
}

/// A variable of the environment that `pid` was started with.
#[cfg_attr(not(feature = "portable"), allow(dead_code))] // what is adopted needs no mark
pub(crate) fn variable(pid: Pid, name: &str) -> Option<Vec<u8>> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let mut variables = environment.split(|byte| *byte == 0);
    variables.find_map(|one| one.strip_prefix(name.as_bytes())?.strip_prefix(b"=").map(<[u8]>::to_vec))
}

/// Whether it takes no notice of SIGTERM; none where the system does not say.
#[allow(clippy::unnecessary_wraps)] // others do not know
pub(crate) fn ignores_term(pid: Pid) -> Option<bool> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    Some(mask & (1 << (SIGTERM - 1)) != 0)
}

/// The program's name as the system knows it; empty when it does not.
pub(crate) fn name_of(pid: Pid) -> String {
    fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default()
}

/// Whether it has ended, and may have been waited for.
pub(crate) fn is_zombie(pid: Pid) -> bool {
    stat(pid).is_none_or(|stat| has_ended(&stat))
}

/// Whether it has ended, and its session; none for one that was waited for.
#[cfg_attr(feature = "portable", allow(dead_code))]
pub(crate) fn end_and_session_of(pid: Pid) -> Option<(bool, u32)> {
    let stat = stat(pid)?;
    // state, parent, group, session
    Some((has_ended(&stat), stat.split(' ').nth(3)?.parse().ok()?))
}

/// The session of `pid`; 0 for one that a process outside of this container leads, which is why this is not
/// `getsid`: rustix takes its answer for the number of a process, and 0 is none.
#[cfg_attr(feature = "portable", allow(dead_code))]
pub(crate) fn session_of(pid: Pid) -> Option<u32> {
    Some(end_and_session_of(pid)?.1)
}

/// Whether all of a process has ended: one whose first thread has is called a zombie while its other threads run on.
fn has_ended(stat: &str) -> bool {
    // The eighteenth is the number of threads, of which the dead first one is one.
    stat.starts_with(['Z', 'X'])
        && stat.split(' ').nth(17).is_none_or(|threads| threads.len() == 1 && threads <= "1")
}

/// What the system says of `pid` behind its name: "pid (name) state …", and a name may hold parentheses.
fn stat(pid: Pid) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned())
}
