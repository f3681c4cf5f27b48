//! What a guard leaves behind that was itself killed: Greenroom ends it in the guard's place.
//!
//! A guard adopts what its program leaves behind. When the guard is killed outright, all of that gets a new parent:
//! the next process above that adopts orphans, and that is Greenroom.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process};

use super::tree::{ask_to_end, below, children, is_zombie, name_of, session_of};
use super::{KILL_PATIENCE, LOOK, SUBCOMMAND, adopt_orphans};

/// From here on this process gets what a killed guard leaves behind.
pub fn expect() {
    adopt_orphans();
}

/// Ends everything that killed guards have left to this process, and says what it was.
///
/// Such a process is known by its session: a guard begins one, and so does each program behind one, while
/// whatever else Greenroom starts stays in Greenroom's own.
#[must_use]
pub fn end(grace: Duration) -> Vec<String> {
    let (began, mut names, mut asked) = (Instant::now(), Vec::new(), Vec::new());
    loop {
        let orphans = orphans();
        let alive: Vec<Pid> = below(orphans.clone())
            .into_iter()
            .chain(orphans.iter().copied())
            .filter(|pid| !is_zombie(*pid))
            .collect();
        // Nobody else asks how they ended; how a guard ended is of no interest.
        for pid in orphans {
            let _ = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
        }
        let took = began.elapsed();
        if alive.is_empty() || took > grace + KILL_PATIENCE {
            return names;
        }
        for pid in alive {
            if !asked.contains(&pid) {
                asked.push(pid);
                names.push(name_of(pid));
                ask_to_end(pid);
            }
            if took > grace {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        std::thread::sleep(LOOK);
    }
}

/// Children of this process that it has not started.
fn orphans() -> Vec<Pid> {
    let this = rustix::process::getpid();
    let own = session_of(this);
    let mut found = children(this);
    found.retain(|pid| {
        let session = session_of(*pid);
        session.is_some() && session != own && !is_guard(*pid)
    });
    found
}

/// Whether `pid` is a guard that lives.
fn is_guard(pid: Pid) -> bool {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).nth(1) == Some(SUBCOMMAND.as_bytes())
}
