//! What servers cost: processor time, waiting, memory; and what the rest of the machine does meanwhile.
//!
//! Processor time comes from the processes' own clocks, which count threads that have ended as well: under an ASGI
//! server they may live for one request. Memory is PSS, in which a page shared by four processes counts once,
//! or the footprint where the system tells that.

use std::collections::BTreeMap;

use rustix::process::Pid;

use super::native::{self, Thread, allowed, process_clock_us, thread_name, threads};
use greenroom_bench::{Env, Mem, ThreadUse};
use greenroom_system::guard::tree::descendants_of;

/// Threads named in a record.
const MAX_THREADS: usize = 16;

/// The processes of one server: everything below its guard.
#[derive(Debug)]
pub(crate) struct Tree {
    guard: u32,
    /// Processor time of each process as last read, in microseconds: one that is gone keeps it.
    cpu: BTreeMap<u32, u64>,
    /// Threads, and what each had done when it was last looked at.
    threads: BTreeMap<u32, Thread>,
    /// What they have done since they were last reported, and how long that was, in nanoseconds.
    spent: BTreeMap<u32, Spent>,
    watched_ns: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    pid: u32,
    ran_ns: u64,
    waited_ns: u64,
}

impl Tree {
    /// Of the server whose guard this is.
    #[must_use]
    pub(crate) fn below(guard: u32) -> Self {
        Self { guard, cpu: BTreeMap::new(), threads: BTreeMap::new(), spent: BTreeMap::new(), watched_ns: 0 }
    }

    /// The processes as they are now.
    #[must_use]
    pub(crate) fn pids(&self) -> Vec<u32> {
        let Some(guard) = i32::try_from(self.guard).ok().and_then(Pid::from_raw) else { return Vec::new() };
        let mut pids: Vec<u32> = descendants_of(guard)
            .iter()
            .filter_map(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok())
            .collect();
        pids.sort_unstable();
        pids
    }

    /// Processor time since the processes began, in microseconds. `pids` are those of [`Tree::pids`], looked up now or
    /// a moment ago.
    pub(crate) fn cpu_us(&mut self, pids: &[u32]) -> u64 {
        for pid in pids {
            if let Some(micros) = process_clock_us(*pid) {
                self.cpu.insert(*pid, micros);
            }
        }
        self.cpu.values().sum()
    }

    /// Processor time of each process as [`Tree::cpu_us`] last read it, in microseconds.
    #[must_use]
    pub(crate) const fn cpu_by_process(&self) -> &BTreeMap<u32, u64> {
        &self.cpu
    }

    /// Looks at every thread at the beginning of a turn.
    pub(crate) fn turn_begins(&mut self, pids: &[u32]) {
        self.threads = threads(pids);
    }

    /// Looks at them again at its end, `wall_us` later. Gives the time that they waited for a processor, in
    /// microseconds.
    pub(crate) fn turn_ends(&mut self, pids: &[u32], wall_us: u64) -> u64 {
        let mut waited_ns = 0;
        for (tid, now) in threads(pids) {
            let before = self.threads.get(&tid).copied().unwrap_or_default();
            let spent = self.spent.entry(tid).or_default();
            spent.pid = now.pid;
            spent.ran_ns += now.ran_ns.saturating_sub(before.ran_ns);
            let waited = now.waited_ns.saturating_sub(before.waited_ns);
            spent.waited_ns += waited;
            waited_ns += waited;
        }
        self.watched_ns += wall_us * 1000;
        waited_ns / 1000
    }

    /// The busiest threads since the last call.
    pub(crate) fn busiest(&mut self) -> Vec<ThreadUse> {
        let watched = std::mem::take(&mut self.watched_ns).max(1);
        let permille = |ns: u64| u32::try_from(ns.saturating_mul(1000) / watched).unwrap_or(u32::MAX);
        let mut all: Vec<(u32, Spent)> = std::mem::take(&mut self.spent).into_iter().collect();
        all.sort_unstable_by_key(|(tid, spent)| (std::cmp::Reverse(spent.ran_ns + spent.waited_ns), *tid));
        all.truncate(MAX_THREADS);
        let describe = |(tid, spent): (u32, Spent)| ThreadUse {
            pid: spent.pid,
            tid,
            name: thread_name(spent.pid, tid),
            cpu_permille: permille(spent.ran_ns),
            wait_permille: permille(spent.waited_ns),
        };
        all.into_iter().map(describe).filter(|one| one.cpu_permille + one.wait_permille > 0).collect()
    }

    /// The memory of the processes; `variant` is for the record.
    #[must_use]
    pub(crate) fn memory(&self, variant: usize) -> Mem {
        let mut mem = Mem { variant, footprint: native::IS_FOOTPRINT, ..Mem::default() };
        for pid in self.pids() {
            let Some(memory) = native::memory_of(pid) else { continue };
            mem.processes += 1;
            mem.threads += memory.threads;
            mem.rss_kib += memory.rss;
            mem.pss_kib += memory.cost;
            mem.pss_anon_kib += memory.anonymous;
            mem.uss_kib += memory.unique;
        }
        mem
    }
}

/// What the machine does besides the bench.
#[derive(Debug)]
pub(crate) struct Machine {
    /// The processors that may be used; all when the system does not say.
    allowed: Vec<usize>,
    /// Time of processors that was busy when last read, in microseconds.
    busy_us: u64,
    /// What the bench had used then.
    own_us: u64,
    /// The system counts in ticks, the bench does not: what was counted as its own too early.
    debt_us: u64,
}

impl Machine {
    /// As it is now, when the bench has used `own_us` of processor time.
    #[must_use]
    pub(crate) fn new(own_us: u64) -> Self {
        let mut machine = Self { allowed: allowed(), busy_us: 0, own_us, debt_us: 0 };
        machine.busy_us = machine.busy();
        machine
    }

    /// Processor time since the last call that others used, in microseconds, while the bench came to have used
    /// `own_us`. Time that the host gave to other machines counts as well.
    pub(crate) fn foreign_us(&mut self, own_us: u64) -> u64 {
        let busy = self.busy();
        let used = busy.saturating_sub(std::mem::replace(&mut self.busy_us, busy));
        let own = own_us.saturating_sub(std::mem::replace(&mut self.own_us, own_us)) + self.debt_us;
        self.debt_us = own.saturating_sub(used).min(TICK_US * 4);
        used.saturating_sub(own)
    }

    fn busy(&self) -> u64 {
        native::busy_us(&self.allowed)
    }
}

/// One tick of the system's own accounting, on nearly every machine.
const TICK_US: u64 = 10_000;

/// Processor time of this process, in microseconds.
#[must_use]
pub fn own_cpu_us() -> u64 {
    process_clock_us(std::process::id()).unwrap_or(0)
}

/// Processor time of the children that this process has waited for, in microseconds: load generators.
#[must_use]
pub(crate) fn children_cpu_us() -> u64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the call fills the structure it is given; all zeros are a valid one as well.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr());
        usage.assume_init()
    };
    [usage.ru_utime, usage.ru_stime].iter().map(|time| micros_of(*time)).sum()
}

#[allow(clippy::useless_conversion)] // narrower on some systems
fn micros_of(time: libc::timeval) -> u64 {
    u64::try_from(time.tv_sec * 1_000_000 + i64::from(time.tv_usec)).unwrap_or(0)
}

/// The machine, for a tape's manifest.
#[must_use]
pub(crate) fn describe() -> Env {
    Env {
        cpu: native::describe_cpu(),
        cores: u32::try_from(allowed().len().max(1)).unwrap_or(u32::MAX),
        system: format!("{} {} {}", std::env::consts::OS, native::release(), std::env::consts::ARCH),
        virtualisation: native::virtualisation(),
        memory_kib: native::memory_kib(),
        load_milli: native::load_milli(),
        pinning: native::description(),
        left_out: native::LEFT_OUT.iter().map(|what| (*what).to_owned()).collect(),
    }
}
