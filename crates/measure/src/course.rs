//! Where a bench stands with its launches.

use std::collections::BTreeMap;
use std::time::Duration;

/// How a bench divides its time among launches.
#[derive(Debug, Default)]
pub(crate) struct Course {
    /// How many launches are meant.
    pub(crate) launches: u32,
    /// Which of them are over.
    pub(crate) over: u32,
    /// Which is under way, from 0.
    pub(crate) launch: u32,
    /// What starting the servers and opening the connections took in this launch.
    pub(crate) starting: Duration,
    /// What warming up took, the longest so far.
    pub(crate) warming: Duration,
    /// What stopping the servers took after the last launch, nothing before.
    pub(crate) stopping: Option<Duration>,
    /// What was spent on spreading connections again once they were warm, the longest so far.
    pub(crate) respread: Duration,
    /// What the slowest variant needs for an answer that waits for no other, once it is known.
    pub(crate) alone: Option<Duration>,
    /// The length of a turn in the first launch, which is that of the others, too.
    pub(crate) slice: Option<Duration>,
    /// What a block took in the last launch, nothing before.
    pub(crate) block: Option<Duration>,
    /// Variants that failed, and how often.
    pub(crate) failed: BTreeMap<usize, u32>,
    /// Variants that came through a launch.
    pub(crate) proven: Vec<usize>,
    /// What this launch began with.
    pub(crate) steal_us: u64,
    pub(crate) order: Vec<usize>,
}

impl Course {
    /// One that failed is left out from here on, unless it came through a launch before and failed once.
    pub(crate) fn failed(&mut self, variant: usize) {
        *self.failed.entry(variant).or_default() += 1;
    }

    pub(crate) fn may_start(&self, variant: usize) -> bool {
        let allowed = u32::from(self.proven.contains(&variant));
        self.failed.get(&variant).copied().unwrap_or(0) <= allowed
    }

    /// How many of the variants can still be started.
    pub(crate) fn startable(&self, count: usize) -> usize {
        (0..count).filter(|variant| self.may_start(*variant)).count()
    }

    /// `PYTHONHASHSEED` of a launch. The same for all of its variants, so that none has the luckier one; another one in the next, so
    /// that the interval holds what it changes; and the same again in the next run, so that runs can be repeated.
    pub(crate) const fn hash_seed(launch: u32) -> u32 {
        launch + 1
    }
}
