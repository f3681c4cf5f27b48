//! Linux: all of it from `/proc`, `/sys` and the processes' own clocks.

use std::collections::BTreeMap;
use std::fs;

use procfs::process::FDTarget;
use procfs::{Current, CurrentSI};

use super::{Memory, Sockets, Thread};
use crate::client::Address;
use greenroom_bench::ProcessPlace;

/// Memory is PSS here.
pub(crate) const IS_FOOTPRINT: bool = false;
/// All is told.
pub(crate) const LEFT_OUT: &[&str] = &[];

/// Nothing that matters is particular to this system.
pub(crate) const fn description() -> String {
    String::new()
}

/// Processor time that `pid` has used, all of its threads, past ones included.
pub(crate) fn process_clock_us(pid: u32) -> Option<u64> {
    let mut clock: libc::clockid_t = 0;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: both calls write to the variables they are given, and nothing else.
    let known = unsafe {
        libc::clock_getcpuclockid(i32::try_from(pid).ok()?, &raw mut clock) == 0
            && libc::clock_gettime(clock, &raw mut time) == 0
    };
    let micros = u64::try_from(time.tv_sec).ok()? * 1_000_000 + u64::try_from(time.tv_nsec).ok()? / 1000;
    known.then_some(micros)
}

/// Every thread of these processes: time on a processor, and time waiting for one.
pub(crate) fn threads(pids: &[u32]) -> BTreeMap<u32, Thread> {
    let mut found = BTreeMap::new();
    for pid in pids {
        let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { continue };
        for task in tasks.flatten() {
            let Some(tid) = task.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let text = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            let mut numbers = text.split_whitespace().map_while(|number| number.parse().ok());
            let (Some(ran_ns), Some(waited_ns)) = (numbers.next(), numbers.next()) else { continue };
            found.insert(tid, Thread { pid: *pid, ran_ns, waited_ns });
        }
    }
    found
}

/// What a thread calls itself.
pub(crate) fn thread_name(pid: u32, tid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/task/{tid}/comm")).unwrap_or_default();
    name.trim().chars().filter(|c| !c.is_control()).collect()
}

/// The processors that this process may use.
pub(crate) fn allowed() -> Vec<usize> {
    let Ok(set) = rustix::thread::sched_getaffinity(None) else { return Vec::new() };
    (0..rustix::thread::CpuSet::MAX_CPU).filter(|at| set.is_set(*at)).collect()
}

/// The memory of a process, and how many threads it has; none for one that has ended.
pub(crate) fn memory_of(pid: u32) -> Option<Memory> {
    let process = procfs::process::Process::new(i32::try_from(pid).ok()?).ok()?;
    let rollup = process.smaps_rollup().ok()?;
    let threads = process.stat().map_or(0, |stat| u32::try_from(stat.num_threads).unwrap_or(0));
    let mut memory = Memory { threads, ..Memory::default() };
    for map in &rollup.memory_map_rollup {
        let kib = |key: &str| map.extension.map.get(key).copied().unwrap_or(0) / 1024;
        memory.rss += kib("Rss");
        memory.cost += kib("Pss");
        memory.anonymous += kib("Pss_Anon");
        memory.unique += kib("Private_Clean") + kib("Private_Dirty");
    }
    Some(memory)
}

/// How long these processors were busy since the system began, in microseconds.
pub(crate) fn busy_us(allowed: &[usize]) -> u64 {
    let Ok(stat) = procfs::KernelStats::current() else { return 0 };
    let busy = |cpu: &procfs::CpuTime| {
        let rest = [cpu.irq, cpu.softirq, cpu.steal].into_iter().flatten().sum::<u64>();
        cpu.user + cpu.nice + cpu.system + rest
    };
    let ticks: u64 = allowed.iter().filter_map(|at| stat.cpu_time.get(*at)).map(busy).sum();
    ticks.saturating_mul(1_000_000 / procfs::ticks_per_second().max(1))
}

/// The processor's name.
pub(crate) fn describe_cpu() -> String {
    let info = procfs::CpuInfo::current().ok();
    info.and_then(|info| info.model_name(0).map(str::to_owned)).unwrap_or_default()
}

/// Main memory, in KiB.
pub(crate) fn memory_kib() -> u64 {
    procfs::Meminfo::current().map_or(0, |memory| memory.mem_total / 1024)
}

/// The system's version.
pub(crate) fn release() -> String {
    read("/proc/sys/kernel/osrelease")
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The sockets at an address.
pub(crate) fn sockets_at(address: &Address) -> Sockets {
    let mut found = Sockets::default();
    match address {
        Address::Tcp(address) => {
            let all = [procfs::net::tcp(), procfs::net::tcp6()].into_iter().flatten().flatten();
            for entry in all.filter(|entry| entry.local_address.port() == address.port()) {
                match entry.state {
                    procfs::net::TcpState::Listen => found.listening.insert(entry.inode),
                    procfs::net::TcpState::Established => found.connected.insert(entry.inode),
                    _ => false,
                };
            }
        }
        Address::Unix(path) => {
            let all = procfs::net::unix().into_iter().flatten();
            for entry in all.filter(|entry| entry.path.as_ref() == Some(path)) {
                match entry.state {
                    procfs::net::UnixState::UNCONNECTED => found.listening.insert(entry.inode),
                    procfs::net::UnixState::CONNECTED => found.connected.insert(entry.inode),
                    _ => false,
                };
            }
        }
    }
    found
}

/// The sockets that a process has open, and its parent; none for one that has ended.
pub(crate) fn sockets_of(pid: u32) -> Option<(Vec<u64>, u32)> {
    let process = procfs::process::Process::new(i32::try_from(pid).ok()?).ok()?;
    let socket = |target: FDTarget| match target {
        FDTarget::Socket(inode) => Some(inode),
        _ => None,
    };
    let open = process.fd().into_iter().flatten().flatten().filter_map(|fd| socket(fd.target)).collect();
    let parent = process.stat().ok().and_then(|stat| u32::try_from(stat.ppid).ok());
    Some((open, parent.unwrap_or(0)))
}

/// The kind of virtual machine, without its owner's names: a tape is shown to others.
pub(crate) fn virtualisation() -> String {
    let product = read("/sys/class/dmi/id/product_name");
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let virtual_machine = cpu.lines().any(|line| line.starts_with("flags") && line.contains(" hypervisor"));
    let known = ["KVM", "VMware", "VirtualBox", "QEMU", "Xen", "Hyper-V", "Google Compute Engine"];
    match known.iter().find(|name| product.contains(**name)) {
        Some(name) => (*name).to_owned(),
        None if virtual_machine => "virtual machine".to_owned(),
        None => String::new(),
    }
}

/// Processes, and threads of each, that are told about.
const MAX_TOLD: usize = 64;

/// Where a process of `variant` lies and runs.
pub(crate) fn place(variant: usize, pid: u32) -> ProcessPlace {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let begin = |line: &str| line.split('-').next().unwrap_or_default().to_owned();
    let heap = maps.lines().find(|line| line.ends_with("[heap]"));
    let (mut migrations, mut processors) = (0, Vec::new());
    for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten().take(MAX_TOLD) {
        let read = |name: &str| fs::read_to_string(task.path().join(name)).unwrap_or_default();
        let moved = |text: &str| -> Option<u64> {
            let line = text.lines().find(|line| line.starts_with("se.nr_migrations"))?;
            line.rsplit(':').next()?.trim().parse().ok()
        };
        migrations += moved(&read("sched")).unwrap_or(0);
        // What follows the name, which may hold anything: the 39th field of all.
        let stat = read("stat");
        let rest = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        processors.extend(rest.split_whitespace().nth(36).and_then(|field| field.parse::<u32>().ok()));
    }
    ProcessPlace {
        variant,
        pid,
        program: maps.lines().next().map(begin).unwrap_or_default(),
        heap: heap.map(begin).unwrap_or_default(),
        migrations,
        processors,
    }
}

/// Processor time that the host gave to other machines since it started, in microseconds, on the processors that may be used.
pub(crate) fn steal_us() -> u64 {
    let Ok(stat) = procfs::KernelStats::current() else { return 0 };
    let steal = |at: &usize| stat.cpu_time.get(*at).and_then(|cpu| cpu.steal);
    let ticks: u64 = allowed().iter().filter_map(steal).sum();
    ticks.saturating_mul(1_000_000 / procfs::ticks_per_second().max(1))
}

/// The frequency of each processor that may be used, in kHz, as far as the system tells.
pub(crate) fn frequencies() -> Vec<u32> {
    let governed = |at: &usize| {
        let path = format!("/sys/devices/system/cpu/cpu{at}/cpufreq/scaling_cur_freq");
        fs::read_to_string(path).ok()?.trim().parse::<u32>().ok()
    };
    let all = allowed();
    let found: Vec<u32> = all.iter().filter_map(governed).collect();
    if !found.is_empty() {
        return found;
    }
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let lines = text.lines().filter(|line| line.starts_with("cpu MHz"));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    // a frequency is positive and far smaller
    let khz =
        |line: &str| line.rsplit(':').next()?.trim().parse::<f64>().ok().map(|mhz| (mhz * 1000.0) as u32);
    let known: Vec<u32> = lines.filter_map(khz).collect();
    all.iter().filter_map(|at| known.get(*at).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_found_where_it_lies() {
        let own = place(3, std::process::id());
        assert_eq!((own.variant, own.pid), (3, std::process::id()));
        assert!(u64::from_str_radix(&own.program, 16).is_ok_and(|address| address > 0), "{own:?}");
        assert!(!own.processors.is_empty(), "{own:?}");
        assert_eq!(place(0, u32::MAX), ProcessPlace { pid: u32::MAX, ..ProcessPlace::default() });
    }
}
