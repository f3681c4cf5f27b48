//! The workers of a server: which processes they are, which of them holds which connection, and what each of them did.
//!
//! A proxy opens connections now and then, and so they end up with every worker. Ours stay open, and which of several
//! processes accepts one is chance, or always the same process: then it alone is measured. So connections are opened again,
//! while those that are open keep their worker busy, until each worker has its share; and each one's answers are counted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::answerers::Workers;
use super::client::{Address, Client, Connections};
use super::native::{self, Sockets};
use greenroom_bench::{Share, ShareBy, WorkerShare};

/// How often one connection is opened again, at most.
const TRIES: u32 = 16;
/// How long all of them may take.
const SPREADING: Duration = Duration::from_secs(2);
/// How long an answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Workers that are told about.
const MAX_WORKERS: usize = 64;

/// Who of a server's processes listens, and who holds which connection.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Holdings {
    /// The worker processes: those that wait for connections and have no child that does, and those that hold one.
    pub(crate) workers: BTreeSet<u32>,
    /// The process of each connection, by the socket's number in the system.
    held: BTreeMap<u64, u32>,
}

impl Holdings {
    /// Of the server at `address` whose processes are `pids`.
    pub(crate) fn of(address: &Address, pids: &[u32]) -> Self {
        let Sockets { listening, connected } = native::sockets_at(address);
        let mut found = Self::default();
        let mut listeners = BTreeMap::new();
        for pid in pids {
            let Some((open, parent)) = native::sockets_of(*pid) else { continue };
            if open.iter().any(|inode| listening.contains(inode)) {
                listeners.insert(*pid, parent);
            }
            found.held.extend(
                open.into_iter().filter(|inode| connected.contains(inode)).map(|inode| (inode, *pid)),
            );
        }
        let has_child = |pid: &u32| listeners.values().any(|parent| parent == pid);
        found.workers = listeners.keys().filter(|pid| !has_child(pid)).copied().collect();
        found.workers.extend(found.held.values().copied());
        found
    }

    /// How many connections a process holds.
    fn connections(&self, pid: u32) -> u32 {
        u32::try_from(self.held.values().filter(|holder| **holder == pid).count()).unwrap_or(u32::MAX)
    }

    /// Whether each worker has as many connections as any other, give or take one.
    fn is_even(&self) -> bool {
        let counts = || self.workers.iter().map(|pid| self.connections(*pid));
        counts().max().unwrap_or(0) <= counts().min().unwrap_or(0) + 1
    }
}

/// Opens `connections` so that every worker has its share of them, as far as the server lets us. `path` is asked for on each;
/// `pids` are the server's processes. Gives how often one was opened again; none when all was well as it was.
pub(crate) fn spread(client: &Client, connections: &mut Connections, pids: &[u32], path: &str) -> u32 {
    let address = connections.ask().address.clone();
    let now = Holdings::of(&address, pids);
    let lanes = connections.numbers();
    if now.workers.len() < 2 || (now.held.len() >= lanes.len() && now.is_even()) {
        return 0;
    }
    client.close(connections);
    let began = Instant::now();
    let mut owners: BTreeMap<u32, u32> = BTreeMap::new();
    let mut reopened = 0;
    for lane in lanes {
        for attempt in 0..=TRIES {
            let before = Holdings::of(&address, pids);
            let share = |pid: u32| owners.values().filter(|owner| **owner == pid).count();
            let least = before.workers.iter().map(|pid| share(*pid)).min().unwrap_or(0);
            // Whoever has more than others has no time to accept another one.
            let busy: Vec<u32> =
                owners.iter().filter(|(_, owner)| share(**owner) > least).map(|(lane, _)| *lane).collect();
            reopened += u32::from(attempt > 0);
            if !client.reopen(connections, lane, path, &busy, ANSWER_TIMEOUT) {
                return reopened;
            }
            let after = Holdings::of(&address, pids);
            let new = after.held.iter().find(|(inode, _)| !before.held.contains_key(inode));
            let Some((_, owner)) = new else { break };
            let given_up = attempt == TRIES || began.elapsed() > SPREADING;
            if share(*owner) == least || given_up {
                owners.insert(lane, *owner);
                break;
            }
        }
    }
    reopened
}

/// What the workers of one variant did in a launch, as it is found at its end.
pub(crate) struct Census<'a> {
    /// The variant.
    pub(crate) variant: usize,
    /// The launch.
    pub(crate) launch: u32,
    /// Who held what when the turns began.
    pub(crate) before: &'a Holdings,
    /// Who holds what now.
    pub(crate) after: &'a Holdings,
    /// Who answered, as answers say it.
    pub(crate) answers: &'a Workers,
    /// Processor time of each process while turns were taken, in microseconds.
    pub(crate) cpu: &'a BTreeMap<u32, u64>,
    /// How often a connection was opened again.
    pub(crate) reopened: u32,
}

impl Census<'_> {
    /// As a record.
    pub(crate) fn share(&self) -> Share {
        let by = if self.answers.is_complete() { ShareBy::Answers } else { ShareBy::Cpu };
        let mut pids: BTreeSet<u32> = self.before.workers.union(&self.after.workers).copied().collect();
        if by == ShareBy::Answers {
            pids.extend(self.answers.processes().map(|(pid, _)| pid));
        }
        let done: BTreeMap<u32, u64> = self.answers.processes().collect();
        let of = if by == ShareBy::Answers { &done } else { self.cpu };
        let process = |pid: u32| WorkerShare {
            pid,
            tid: 0,
            n: of.get(&pid).copied().unwrap_or(0),
            connections: self.after.connections(pid),
        };
        let thread = |(pid, tid, n): (u32, u32, u64)| WorkerShare { pid, tid, n, connections: 0 };
        let threads = if by == ShareBy::Answers { self.answers.threads() } else { Vec::new() };
        let gone =
            |one: &Holdings, other: &Holdings| one.workers.difference(&other.workers).copied().collect();
        Share {
            variant: self.variant,
            launch: self.launch,
            by,
            processes: pids.into_iter().take(MAX_WORKERS).map(process).collect(),
            threads: threads.into_iter().map(thread).collect(),
            reopened: self.reopened,
            spread: self.after.is_even(),
            ended: gone(self.before, self.after),
            came: gone(self.after, self.before),
        }
    }
}
