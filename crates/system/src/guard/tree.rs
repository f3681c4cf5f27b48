//! The processes below one, as the system lists them, and how they are asked to end.

use std::collections::HashSet;

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::SIGTERM;

/// SIGTERM; to a shell that ignores it the signal of a terminal that closes.
pub(super) fn ask_to_end(pid: Pid) {
    let _ = kill_process(pid, Signal::TERM);
    if ignores_term(pid) {
        let _ = kill_process(pid, Signal::HUP);
    }
    // A stopped process cannot end.
    let _ = kill_process(pid, Signal::CONT);
}

fn ignores_term(pid: Pid) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (SIGTERM - 1)) != 0
}

/// The program's name as the system knows it, fit for a report.
pub(super) fn name_of(pid: Pid) -> String {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let name: String = name.trim().chars().filter(|c| !c.is_control() && *c != ',').collect();
    if name.is_empty() { pid.to_string() } else { name }
}

/// Every living process below this one.
pub(super) fn descendants() -> Vec<Pid> {
    descendants_of(rustix::process::getpid())
}

/// Every living process below `root`.
#[must_use]
pub fn descendants_of(root: Pid) -> Vec<Pid> {
    let mut found = below(vec![root]);
    found.retain(|pid| !is_zombie(*pid));
    found
}

/// Every process below `look`, dead ones that nobody has asked about yet included.
pub(super) fn below(mut look: Vec<Pid>) -> Vec<Pid> {
    let mut found: Vec<Pid> = Vec::new();
    let mut seen = HashSet::new();
    while let Some(parent) = look.pop() {
        for child in children(parent) {
            if seen.insert(child) {
                look.push(child);
                found.push(child);
            }
        }
    }
    found
}

/// The children of every thread of `parent`.
pub(super) fn children(parent: Pid) -> Vec<Pid> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{parent}/task")) else { return Vec::new() };
    let mut found = Vec::new();
    for thread in threads.flatten() {
        let Ok(text) = std::fs::read_to_string(thread.path().join("children")) else { continue };
        found.extend(text.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)));
    }
    found
}

pub(crate) fn is_zombie(pid: Pid) -> bool {
    stat(pid).is_none_or(|stat| stat.starts_with(['Z', 'X']))
}

/// The session of `pid`; 0 for one that a process outside of this container leads, which is why this is not
/// `getsid`: rustix takes its answer for the number of a process, and 0 is none.
pub(super) fn session_of(pid: Pid) -> Option<u32> {
    // state, parent, group, session
    stat(pid)?.split(' ').nth(3)?.parse().ok()
}

/// What the system says of `pid` behind its name: "pid (name) state …", and a name may hold parentheses.
fn stat(pid: Pid) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned())
}
