//! What a process leaves behind that was itself killed: whoever adopts it ends it in that one's place.
//!
//! A guard adopts what its program leaves behind. When the guard is killed outright, all of that gets a new parent:
//! the next process above that adopts orphans, and that is Greenroom. When Greenroom is killed too, it is its keeper.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process};

use super::tree::{Patience, ask_to_end, living, visit_living};
use super::{Ended, HANG_UP, KILL_LOOK, LOOK};
use crate::os::{self, Member, Run};

/// Looks at which nothing but the dead is found, and after which nothing can be alive: some systems leave the dead in the list.
const CALM: u32 = 4;

/// From here on this process gets what a killed guard leaves behind.
pub fn expect() {
    os::adopt_orphans();
}

/// Ends everything that killed guards have left to this process (elsewhere: that this one has left, `run`), and says what it was.
#[must_use]
pub(crate) fn end(grace: Duration, run: &Run) -> Vec<String> {
    let (began, mut patience) = (Instant::now(), Patience::after(grace));
    let (mut asked, mut calm) = (Ended::default(), 0);
    loop {
        let (mut gone, mut alive) = (true, false);
        let (hangs_up, kills) = (began.elapsed() > HANG_UP, began.elapsed() > grace);
        os::visit_inherited(run, &mut |Member { pid, is_dead }| {
            gone = false;
            if is_dead {
                // Nobody else asks how they ended; how a guard ended is of no interest.
                let _ = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
                return;
            }
            alive = true;
            if asked.add(pid) {
                ask_to_end(pid);
            }
            if hangs_up && os::ignores_term(pid).is_none() {
                let _ = kill_process(pid, Signal::HUP);
            }
            if kills {
                patience.kill(pid);
            }
        });
        // One that ended since it was listed may have left another one, which is in the next list.
        calm = if alive { 0 } else { calm + 1 };
        if gone || calm >= CALM || patience.is_over() {
            return asked.names();
        }
        std::thread::sleep(if kills { KILL_LOOK } else { LOOK });
    }
}

/// Everything that the one child of a keeper has left behind, guards included.
#[derive(Debug)]
pub struct Left {
    run: Run,
    asked: HashSet<Pid>,
    patience: Patience,
}

impl Left {
    /// What `child` has left, and has `grace` to end by itself.
    #[must_use]
    pub fn by(child: Pid, grace: Duration) -> Self {
        Self { run: Run::of_stage(Some(child)), asked: HashSet::new(), patience: Patience::after(grace) }
    }

    /// Takes the dead off the system's list; whether there is anything else that is worth waiting for.
    #[must_use]
    pub fn look(&mut self) -> bool {
        let is_over = self.patience.is_over();
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(None) => return !is_over,
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return !os::ADOPTS && !is_over && !living(&self.run).is_empty(),
            }
        }
    }

    /// Asks each process to end, once. A guard has seen that it is alone, and does the same.
    pub fn ask(&mut self) {
        visit_living(&self.run, &mut |pid| {
            if self.asked.insert(pid) {
                ask_to_end(pid);
            }
        });
    }

    /// Ends each process at once.
    pub fn kill(&mut self) {
        visit_living(&self.run, &mut |pid| self.patience.kill(pid));
    }
}
