//! The processes below one, as the system lists them, and how they are asked to end.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::KILL_PATIENCE;
use crate::os::{self, Run};

/// How long something may go on with forking that is killed meanwhile: a storm on a machine whose processors are all at work ends within
/// seconds, and whoever waits for this has a terminal that does not answer.
const FORKING_PATIENCE: Duration = Duration::from_mins(1);

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

/// Shows `visit` every living process of `run`, each as soon as it is found: where programs fork without a pause, whoever lists them all
/// first comes too late for most.
pub(super) fn visit_living(run: &Run, visit: &mut dyn FnMut(Pid)) {
    os::visit_members(run, &mut |member| {
        if !member.is_dead {
            visit(member.pid);
        }
    });
}

/// Every living process of `run`.
pub(super) fn living(run: &Run) -> Vec<Pid> {
    let mut found = Vec::new();
    visit_living(run, &mut |pid| found.push(pid));
    found
}

/// Every living process below `guard`, which this process has started.
#[must_use]
pub fn descendants_of(guard: Pid) -> Vec<Pid> {
    living(&Run::behind(guard, None))
}

/// How long it is worth going on with killing. What was killed is gone at once, or hangs in the kernel and cannot be waited for; while
/// others are found, something forks, and that is caught up with.
#[derive(Debug)]
pub(super) struct Patience {
    until: Instant,
    at_most: Instant,
    /// Those that were killed when it was last looked, and since then. A number is given again after some ten thousand processes, which a storm
    /// starts within seconds, but not from one look to the next.
    killed: [HashSet<Pid>; 2],
}

impl Patience {
    /// From now on, when killing begins after `grace`.
    pub(super) fn after(grace: Duration) -> Self {
        let kills = Instant::now() + grace;
        Self { until: kills + KILL_PATIENCE, at_most: kills + FORKING_PATIENCE, killed: Default::default() }
    }

    /// Ends `pid` at once.
    pub(super) fn kill(&mut self, pid: Pid) {
        let _ = kill_process(pid, Signal::KILL);
        let [before, now] = &mut self.killed;
        now.insert(pid);
        if !before.contains(&pid) {
            self.until = self.until.max(Instant::now() + KILL_PATIENCE).min(self.at_most);
        }
    }

    /// All that could be found was looked at; whether nothing is to be hoped for any more.
    pub(super) fn is_over(&mut self) -> bool {
        self.killed.swap(0, 1);
        self.killed[1].clear();
        Instant::now() >= self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_kills_is_patient_with_what_forks_and_not_with_what_hangs() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let (pid, now) = (Pid::from_child(&child), Instant::now());
        let over = |patience: &mut Patience| {
            patience.until = now;
            patience.kill(pid);
            patience.is_over()
        };
        let mut patience = Patience::after(Duration::ZERO);
        assert!(!over(&mut patience), "it was not killed before");
        assert!(over(&mut patience), "it was, and nothing else is there");
        assert!(over(&mut patience), "it still is");
        // Nothing was there for one look: the number is another process's.
        patience.is_over();
        assert!(!over(&mut patience));
        patience.at_most = now;
        patience.is_over();
        assert!(over(&mut patience), "not for ever");
        child.wait().unwrap();
    }
}
