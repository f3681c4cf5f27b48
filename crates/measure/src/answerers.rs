//! Who answered: counts by process and by thread, from a header that answers carry.

use hyper::header::HeaderValue;

/// Processes, and threads, that are told apart.
const MAX_WORKERS: usize = 64;

/// How many answers each worker gave. An answer says who gave it in its header `X-Worker`: a process number, or a process and
/// a thread, `4711/4713`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workers {
    processes: Vec<(u32, u64)>,
    threads: Vec<((u32, u32), u64)>,
    /// There were more threads than are told apart: a server that starts one for each request.
    many_threads: bool,
    /// Answers that do not say who gave them.
    silent: u64,
}

impl Workers {
    /// Counts an answer with this header.
    pub(crate) fn count(&mut self, worker: Option<&HeaderValue>) {
        match worker.and_then(read) {
            Some((pid, tid)) => self.add_one(pid, tid, 1),
            None => self.silent += 1,
        }
    }

    /// Adds what others counted.
    pub(crate) fn add(&mut self, other: &Self) {
        for (pid, n) in &other.processes {
            self.silent += u64::from(!add(&mut self.processes, *pid, *n)) * n;
        }
        for (thread, n) in &other.threads {
            self.many_threads |= !add(&mut self.threads, *thread, *n);
        }
        self.many_threads |= other.many_threads;
        self.silent += other.silent;
    }

    fn add_one(&mut self, pid: u32, tid: Option<u32>, n: u64) {
        if !add(&mut self.processes, pid, n) {
            self.silent += n;
        }
        if let Some(tid) = tid.filter(|_| !self.many_threads) {
            self.many_threads = !add(&mut self.threads, (pid, tid), n);
        }
    }

    /// Whether every answer said who gave it.
    pub(crate) fn is_complete(&self) -> bool {
        self.silent == 0 && !self.processes.is_empty()
    }

    /// Answers of each process.
    pub(crate) fn processes(&self) -> impl Iterator<Item = (u32, u64)> {
        self.processes.iter().copied()
    }

    /// Answers of each thread, with its process; none when there were too many to tell apart.
    pub(crate) fn threads(&self) -> Vec<(u32, u32, u64)> {
        if self.many_threads {
            return Vec::new();
        }
        self.threads.iter().map(|((pid, tid), n)| (*pid, *tid, *n)).collect()
    }
}

/// Adds `n` to what `key` has; says whether there was room for it.
fn add<K: Copy + PartialEq>(list: &mut Vec<(K, u64)>, key: K, n: u64) -> bool {
    if let Some((_, count)) = list.iter_mut().find(|(known, _)| *known == key) {
        *count += n;
        return true;
    }
    let room = list.len() < MAX_WORKERS;
    if room {
        list.push((key, n));
    }
    room
}

/// A process, and the thread where it is named.
fn read(value: &HeaderValue) -> Option<(u32, Option<u32>)> {
    let text = value.to_str().ok()?;
    match text.split_once('/') {
        Some((pid, tid)) => Some((pid.parse().ok()?, Some(tid.parse().ok()?))),
        None => Some((text.parse().ok()?, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(headers: &[&str]) -> Workers {
        let mut workers = Workers::default();
        for header in headers {
            workers.count(HeaderValue::from_str(header).ok().as_ref());
        }
        workers
    }

    #[test]
    fn answers_are_counted_by_process_and_thread() {
        let mut found = counted(&["7/8", "7/9", "7/8", "12"]);
        assert!(found.is_complete());
        assert_eq!(found.processes().collect::<Vec<_>>(), [(7, 3), (12, 1)]);
        assert_eq!(found.threads(), [(7, 8, 2), (7, 9, 1)]);
        found.add(&counted(&["12", "7/8"]));
        assert_eq!(found.processes().collect::<Vec<_>>(), [(7, 4), (12, 2)]);
    }

    #[test]
    fn what_says_nothing_is_not_guessed() {
        assert!(!counted(&[]).is_complete());
        for odd in ["", "x", "1/x", "-1", "99999999999", "1/2/3"] {
            assert!(!counted(&["7", odd]).is_complete(), "{odd}");
        }
        let mut silent = counted(&["7"]);
        silent.count(None);
        assert!(!silent.is_complete());
    }

    #[test]
    fn a_thread_for_each_request_costs_no_memory() {
        let headers: Vec<String> = (0..1000).map(|tid| format!("7/{tid}")).collect();
        let found = counted(&headers.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((found.processes().collect::<Vec<_>>(), found.threads()), (vec![(7, 1000)], Vec::new()));
        assert!(found.is_complete() && found.threads.len() <= MAX_WORKERS);
    }
}
