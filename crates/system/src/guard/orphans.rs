//! What a process leaves behind that was itself killed: whoever adopts it ends it in that one's place.
//!
//! A guard adopts what its program leaves behind. When the guard is killed outright, all of that gets a new parent:
//! the next process above that adopts orphans, and that is Greenroom. When Greenroom is killed too, it is its keeper.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process};

use super::tree::{ask_to_end, living};
use super::{Ended, HANG_UP, KILL_PATIENCE, LOOK};
use crate::os::{self, Run};

/// Looks at which nothing but the dead is found, and after which nothing can be alive: some systems leave the dead in the list.
const CALM: u32 = 4;

/// From here on this process gets what a killed guard leaves behind.
pub fn expect() {
    os::adopt_orphans();
}

/// Ends everything that killed guards have left to this process (elsewhere: that this one has left, `run`), and says what it was.
#[must_use]
pub(crate) fn end(grace: Duration, run: &Run) -> Vec<String> {
    let (began, mut asked, mut calm) = (Instant::now(), Ended::default(), 0);
    loop {
        let orphans = os::inherited(run);
        let gone = orphans.is_empty();
        let alive: Vec<Pid> = orphans.iter().copied().filter(|pid| !os::is_zombie(*pid)).collect();
        // Nobody else asks how they ended; how a guard ended is of no interest.
        for pid in orphans {
            let _ = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
        }
        let took = began.elapsed();
        // One that ended since it was listed may have left another one, which is in the next list.
        calm = if alive.is_empty() { calm + 1 } else { 0 };
        if gone || calm >= CALM || took > grace + KILL_PATIENCE {
            return asked.names();
        }
        for pid in alive {
            if asked.add(pid) {
                ask_to_end(pid);
            }
            if took > HANG_UP && os::ignores_term(pid).is_none() {
                let _ = kill_process(pid, Signal::HUP);
            }
            if took > grace {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        std::thread::sleep(LOOK);
    }
}

/// Everything that the one child of a keeper has left behind, guards included.
#[derive(Debug)]
pub struct Left {
    run: Run,
    asked: HashSet<Pid>,
}

impl Left {
    /// What `child` has left.
    #[must_use]
    pub fn by(child: Pid) -> Self {
        Self { run: Run::of_stage(Some(child)), asked: HashSet::new() }
    }

    /// Takes the dead off the system's list; whether there is anything else.
    #[must_use]
    pub fn look(&self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(None) => return true,
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return !os::ADOPTS && !living(&self.run).is_empty(),
            }
        }
    }

    /// Asks each process to end, once. A guard has seen that it is alone, and does the same.
    pub fn ask(&mut self) {
        for pid in living(&self.run) {
            if self.asked.insert(pid) {
                ask_to_end(pid);
            }
        }
    }

    /// Ends each process at once.
    pub fn kill(&self) {
        for pid in living(&self.run) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}
