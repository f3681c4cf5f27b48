//! Whether every worker of a variant had its share of the work: one that got none makes two processes into one.

use super::board::VariantSummary;
use super::record::{Share, ShareBy, WorkerShare};

/// Fewer answers for each worker are spread unevenly by chance.
const ENOUGH_ANSWERS: u64 = 20;
/// The same in microseconds of processor time.
const ENOUGH_CPU_US: u64 = 20_000;

/// The worker that is furthest from its fair share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unfair {
    /// Thousandths of everything that it did.
    permille: u64,
    /// How many workers there are.
    workers: usize,
    /// Whether it did nothing at all.
    idle: bool,
}

/// The worker with less than half or more than twice its share, the furthest from it; nothing when each has what it should, or
/// when too little was done to tell.
fn unfair(workers: &[WorkerShare], by: ShareBy) -> Option<Unfair> {
    let count = u64::try_from(workers.len()).ok().filter(|count| *count > 1)?;
    let all: u64 = workers.iter().map(|worker| worker.n).sum();
    let enough = match by {
        ShareBy::Answers => ENOUGH_ANSWERS,
        ShareBy::Cpu => ENOUGH_CPU_US,
    };
    if all < enough * count {
        return None;
    }
    let most = workers.iter().map(|worker| worker.n).max()?;
    let least = workers.iter().map(|worker| worker.n).min()?;
    // In units of a fair share, which is `all / count`.
    let (too_few, too_many) = (least * count * 2 < all, most * count > all * 2);
    let n = match (too_few, too_many) {
        (true, _) => least,
        (false, true) => most,
        (false, false) => return None,
    };
    Some(Unfair { permille: n * 1000 / all, workers: workers.len(), idle: n == 0 })
}

/// `3.1 %`, `46 %`
fn percent(permille: u64) -> String {
    if permille < 100 {
        format!("{}.{} %", permille / 10, permille % 10)
    } else {
        format!("{} %", (permille + 5) / 10)
    }
}

impl VariantSummary {
    /// What has to be said beside every verdict: a worker process that did not get its share, or one that ended.
    pub(crate) fn unbalanced(&self) -> Vec<String> {
        let (several, found): (Vec<&Share>, Vec<(&Share, Unfair)>) = (
            self.shares.iter().filter(|share| share.processes.len() > 1).collect(),
            self.shares
                .iter()
                .filter_map(|share| Some((share, unfair(&share.processes, share.by)?)))
                .collect(),
        );
        let mut said = Vec::new();
        // One that did nothing says most.
        if let Some((share, worst)) = found.iter().min_by_key(|(_, unfair)| (!unfair.idle, unfair.permille)) {
            let what = what_it_did(*worst, share.by, "worker processes");
            let tries = found.iter().map(|(share, _)| share.reopened).max().unwrap_or(0);
            let again = match (share.spread, tries) {
                (true, _) => "though each has its share of the connections".to_owned(),
                (false, 0) => "the server's own balance".to_owned(),
                (false, _) => {
                    format!(
                        "connections opened again {tries} times did not change it: the server's own balance"
                    )
                }
            };
            let times = often(found.len(), several.len());
            said.push(format!("{}: {times}{what}; {again}", self.name));
        }
        let ended: usize = self.shares.iter().map(|share| share.ended.len()).sum();
        let came: usize = self.shares.iter().map(|share| share.came.len()).sum();
        let processes =
            |count: usize| greenroom_base::counted::counted_as(count, "worker process", "worker processes");
        if ended > 0 && came > 0 {
            let (gone, new) = (processes(ended), processes(came));
            said.push(format!("{}: {gone} ended while it was measured, and {new} came instead", self.name));
        } else if ended > 0 {
            said.push(format!("{}: {} ended while it was measured", self.name, processes(ended)));
        }
        said
    }

    /// The same of the threads of one process, which share a queue: it costs nothing, and tells how the server works.
    pub(crate) fn uneven_threads(&self) -> Option<String> {
        let alone =
            || self.shares.iter().filter(|share| share.processes.len() < 2 && share.threads.len() > 1);
        let found: Vec<Unfair> = alone().filter_map(|share| unfair(&share.threads, share.by)).collect();
        let worst = found.iter().min_by_key(|unfair| (!unfair.idle, unfair.permille))?;
        let what = what_it_did(*worst, ShareBy::Answers, "threads");
        let times = often(found.len(), alone().count());
        Some(format!("{}: {times}{what}; the server's own balance", self.name))
    }
}

/// `in 2 of 6 launches `; nothing where there is one.
fn often(found: usize, all: usize) -> String {
    if all > 1 { format!("in {found} of {all} launches ") } else { String::new() }
}

fn what_it_did(unfair: Unfair, by: ShareBy, kind: &str) -> String {
    let count = unfair.workers;
    let fair = percent(1000 / u64::try_from(count).unwrap_or(1).max(1));
    let did = match (by, unfair.idle) {
        (ShareBy::Answers, true) => "answered nothing".to_owned(),
        (ShareBy::Cpu, true) => "did nothing".to_owned(),
        (ShareBy::Answers, false) => format!("answered {} of the requests", percent(unfair.permille)),
        (ShareBy::Cpu, false) => format!("used {} of the processor time", percent(unfair.permille)),
    };
    format!("one of {count} {kind} {did} (a fair share is {fair})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(launch: u32, n: &[u64]) -> Share {
        let worker = |(pid, n): (u32, &u64)| WorkerShare { pid, n: *n, ..WorkerShare::default() };
        Share { launch, processes: (1..).zip(n).map(worker).collect(), ..Share::default() }
    }

    fn said(shares: Vec<Share>) -> Vec<String> {
        VariantSummary { name: "two".to_owned(), shares, ..VariantSummary::default() }.unbalanced()
    }

    #[test]
    fn less_than_half_and_more_than_twice_are_named() {
        assert_eq!(said(vec![share(0, &[500, 500]), share(1, &[260, 740])]), [""; 0]);
        let one = "two: one of 2 worker processes answered nothing (a fair share is 50 %); the server's own balance";
        assert_eq!(said(vec![share(0, &[0, 1000])]), [one]);
        let text = said(vec![share(0, &[500, 500]), share(1, &[240, 760])]);
        let two = "in 1 of 2 launches one of 2 worker processes answered 24 % of the requests (a fair share is 50 %)";
        assert!(text[0].contains(two), "{text:?}");
        let text = said(vec![share(0, &[210, 210, 600, 210, 150])]);
        assert!(text[0].contains("answered 43 % of the requests (a fair share is 20 %)"), "{text:?}");
        assert_eq!(said(vec![share(0, &[0, 19])]), [""; 0], "too few to tell");
        assert_eq!(said(vec![share(0, &[1000])]), [""; 0]);
        assert_eq!(said(vec![share(0, &[])]), [""; 0]);
    }

    #[test]
    fn what_was_tried_is_said() {
        let tried = Share { reopened: 16, ..share(0, &[0, 1000]) };
        assert!(
            said(vec![tried])[0]
                .ends_with("opened again 16 times did not change it: the server's own balance")
        );
        let cpu = Share { by: ShareBy::Cpu, spread: true, ..share(0, &[10_000, 990_000]) };
        assert!(said(vec![cpu])[0].ends_with(
            "used 1.0 % of the processor time (a fair share is 50 %); though each has its share of the connections"
        ));
    }

    #[test]
    fn a_worker_that_ended_is_named() {
        let died = Share { ended: vec![7], came: vec![9], ..share(0, &[500, 500]) };
        let text = "two: 1 worker process ended while it was measured, and 1 worker process came instead";
        assert_eq!(said(vec![died]), [text]);
    }

    #[test]
    fn threads_of_one_process_are_told_apart() {
        let of = |n: &[u64]| {
            let all = share(0, n);
            let shares = vec![Share { threads: all.processes, processes: Vec::new(), ..Share::default() }];
            VariantSummary { name: "t".to_owned(), shares, ..VariantSummary::default() }
        };
        assert_eq!(of(&[250, 300, 250, 200]).uneven_threads(), None);
        let text = of(&[900, 50, 25, 25]).uneven_threads().unwrap();
        assert_eq!(
            text,
            "t: one of 4 threads answered 2.5 % of the requests (a fair share is 25 %); the server's own balance"
        );
        assert_eq!(of(&[900, 50, 25, 25]).unbalanced(), [""; 0]);
    }
}
