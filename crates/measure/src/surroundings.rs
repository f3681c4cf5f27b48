//! What may explain that one launch was faster than another: where its processes lay and ran, and what the machine did.

use std::fs;

use procfs::CurrentSI;

use super::meter::allowed;
use greenroom_bench::ProcessPlace;

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
