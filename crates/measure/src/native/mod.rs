//! What a system tells of processes and processors, behind one interface. Who measures on another system than Linux reads in
//! [`LEFT_OUT`] what it does not tell.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;
#[cfg(any(target_os = "linux", target_os = "android"))]
use self::linux as system;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use self::macos as system;

use std::collections::BTreeSet;

pub(crate) use self::system::{
    IS_FOOTPRINT, LEFT_OUT, allowed, busy_us, describe_cpu, description, frequencies, memory_kib, memory_of,
    place, process_clock_us, release, sockets_at, sockets_of, steal_us, thread_name, threads, virtualisation,
};

/// What a thread (where those are not told apart: a process) has done so far, in nanoseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Thread {
    /// Its process.
    pub(crate) pid: u32,
    /// On a processor.
    pub(crate) ran_ns: u64,
    /// Ready, and waiting for one.
    pub(crate) waited_ns: u64,
}

/// The memory of one process, in KiB.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    pub(crate) threads: u32,
    pub(crate) rss: u64,
    /// PSS, or the footprint: see [`IS_FOOTPRINT`].
    pub(crate) cost: u64,
    pub(crate) anonymous: u64,
    pub(crate) unique: u64,
}

/// The sockets at an address, by their numbers in the system.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    /// They wait for connections.
    pub(crate) listening: BTreeSet<u64>,
    /// They are one side of a connection.
    pub(crate) connected: BTreeSet<u64>,
}

/// The load average of a minute, in thousandths.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a load average is small and positive
pub(crate) fn load_milli() -> u64 {
    let mut averages = [0.0_f64; 1];
    // SAFETY: the call fills in as many numbers as it is told that there are.
    let known = unsafe { libc::getloadavg(averages.as_mut_ptr(), 1) };
    if known == 1 { (averages[0] * 1000.0) as u64 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_and_this_machine_are_measured() {
        let this = std::process::id();
        let began = process_clock_us(this).unwrap();
        let mut sum = 0_u64;
        while process_clock_us(this).unwrap() < began + 20_000 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        let memory = memory_of(this).unwrap();
        assert!(memory.cost > 100 && memory.threads > 0, "{memory:?}");
        assert!(threads(&[this]).values().map(|thread| thread.ran_ns).sum::<u64>() > 10_000_000);
        assert!(!allowed().is_empty());
        assert!(busy_us(&allowed()) > 0);
        assert!(memory_kib() > 1024);
        assert_eq!(process_clock_us(u32::MAX), None);
        assert!(memory_of(u32::MAX).is_none());
    }
}
