//! What a process leaves behind that was itself killed: whoever adopts it ends it in that one's place.
//!
//! A guard adopts what its program leaves behind. When the guard is killed outright, all of that gets a new parent:
//! the next process above that adopts orphans, and that is Greenroom. When Greenroom is killed too, it is its keeper.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process};

use super::tree::{ask_to_end, below, children, descendants, is_zombie, name_of, session_of};
use super::{KILL_PATIENCE, LOOK, adopt_orphans};

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

/// Everything that the one child of a keeper has left behind, guards included.
#[derive(Debug, Default)]
pub struct Left {
    asked: HashSet<Pid>,
}

impl Left {
    /// Takes the dead off the system's list; whether there is anything else.
    #[must_use]
    pub fn look() -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(None) => return true,
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }

    /// Asks each process to end, once. A guard has seen that it is alone, and does the same.
    pub fn ask(&mut self) {
        for pid in descendants() {
            if self.asked.insert(pid) {
                ask_to_end(pid);
            }
        }
    }

    /// Ends each process at once.
    pub fn kill() {
        for pid in descendants() {
            let _ = kill_process(pid, Signal::KILL);
        }
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

/// Whether `pid` takes its orders from this process, as only a guard does: its input is a pipe that this process has
/// open too. Its name and its arguments say nothing, since anybody may choose them.
fn is_guard(pid: Pid) -> bool {
    let Ok(input) = std::fs::read_link(format!("/proc/{pid}/fd/0")) else { return false };
    let own = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let mut own = own.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    input.as_os_str().as_encoded_bytes().starts_with(b"pipe:") && own.any(|open| open == input)
}
