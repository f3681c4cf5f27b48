//! The processes below one, as the system lists them, and how they are asked to end.

use rustix::process::{Pid, Signal, kill_process};

use crate::os::{self, Run};

/// SIGTERM; to a shell that ignores it the signal of a terminal that closes.
pub(super) fn ask_to_end(pid: Pid) {
    let _ = kill_process(pid, Signal::TERM);
    if os::ignores_term(pid) == Some(true) {
        let _ = kill_process(pid, Signal::HUP);
    }
    // A stopped process cannot end.
    let _ = kill_process(pid, Signal::CONT);
}

/// The program's name as the system knows it, fit for a report.
pub(super) fn name_of(pid: Pid) -> String {
    let name = os::name_of(pid);
    let name: String = name.trim().chars().filter(|c| !c.is_control() && *c != ',').collect();
    if name.is_empty() { pid.to_string() } else { name }
}

/// Every living process of `run`.
pub(super) fn living(run: &Run) -> Vec<Pid> {
    let mut found = os::members(run);
    found.retain(|pid| !os::is_zombie(*pid));
    found
}

/// Every living process below `guard`, which this process has started.
#[must_use]
pub fn descendants_of(guard: Pid) -> Vec<Pid> {
    living(&Run::behind(guard, None))
}
