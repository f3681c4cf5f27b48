//! macOS: what libproc, sysctl and Mach tell of a process as a whole. Type checked and linked on Linux, untried on a Mac.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::mem::{size_of, zeroed};

use libc::c_int;

use super::{Memory, Sockets, Thread};
use crate::client::Address;
use greenroom_bench::{ProcessPlace, told};

/// Memory is what Activity Monitor calls so: pages that nobody else has, compressed ones included.
pub(crate) const IS_FOOTPRINT: bool = true;
/// What is not told, in words for people.
pub(crate) const LEFT_OUT: &[&str] =
    &[told::CONNECTIONS, told::THREADS, told::FREQUENCIES, told::SHARED_MEMORY, told::MOVES, told::STOLEN];

/// What makes runs here differ from each other.
pub(crate) fn description() -> String {
    let levels = sysctl(c"hw.nperflevels").unwrap_or(1);
    if levels < 2 {
        return String::new();
    }
    let count = |name: &CStr| sysctl(name).unwrap_or(0);
    let (fast, slow) = (count(c"hw.perflevel0.logicalcpu"), count(c"hw.perflevel1.logicalcpu"));
    format!("none: {fast} performance and {slow} efficiency cores, which the system chooses among")
}

/// The number of a setting of the system, whose width differs.
fn sysctl(name: &CStr) -> Option<u64> {
    let mut bytes = [0_u8; 8];
    let length = sysctl_into(name, &mut bytes)?;
    match length {
        4 => Some(u64::from(u32::from_ne_bytes(bytes.first_chunk().copied()?))),
        8 => Some(u64::from_ne_bytes(bytes)),
        _ => None,
    }
}

fn sysctl_text(name: &CStr) -> String {
    let mut bytes = [0_u8; 256];
    let length = sysctl_into(name, &mut bytes).unwrap_or(0);
    let text = bytes.get(..length).unwrap_or_default();
    String::from_utf8_lossy(text).trim_end_matches('\0').trim().to_owned()
}

fn sysctl_into(name: &CStr, bytes: &mut [u8]) -> Option<usize> {
    let mut length = bytes.len();
    // SAFETY: the name ends with a zero, and the length is the buffer's.
    let done = unsafe {
        libc::sysctlbyname(name.as_ptr(), bytes.as_mut_ptr().cast(), &raw mut length, std::ptr::null_mut(), 0)
    };
    (done == 0).then_some(length)
}

fn usage(pid: u32) -> Option<libc::rusage_info_v4> {
    let pid = c_int::try_from(pid).ok()?;
    // SAFETY: the structure is plain numbers, which the call fills in.
    unsafe {
        let mut usage: libc::rusage_info_v4 = zeroed();
        (libc::proc_pid_rusage(pid, libc::RUSAGE_INFO_V4, (&raw mut usage).cast()) == 0).then_some(usage)
    }
}

/// Mach's units of time in nanoseconds: 1 on Intel, 125 to 3 on Arm.
fn nanoseconds(units: u64) -> u64 {
    let mut base = Timebase { numerator: 1, denominator: 1 };
    // SAFETY: the call fills in the structure.
    unsafe { mach_timebase_info(&raw mut base) };
    let nanos = u128::from(units) * u128::from(base.numerator) / u128::from(base.denominator.max(1));
    u64::try_from(nanos).unwrap_or(u64::MAX)
}

#[repr(C)]
struct Timebase {
    numerator: u32,
    denominator: u32,
}

/// `host_cpu_load_info` of `mach/host_info.h`: ticks in user, system, idle and nice.
#[repr(C)]
struct CpuLoad {
    user: u32,
    system: u32,
    idle: u32,
    nice: u32,
}

/// `HOST_CPU_LOAD_INFO` of `mach/host_info.h`.
const HOST_CPU_LOAD_INFO: c_int = 3;

// libc calls these deprecated in favour of a crate that has nothing else that is needed here.
unsafe extern "C" {
    fn mach_timebase_info(info: *mut Timebase) -> c_int;
    fn mach_host_self() -> u32;
    fn host_statistics(host: u32, flavor: c_int, info: *mut CpuLoad, count: *mut u32) -> c_int;
}

/// Processor time that `pid` has used, all of its threads, past ones included.
pub(crate) fn process_clock_us(pid: u32) -> Option<u64> {
    let usage = usage(pid)?;
    Some(nanoseconds(usage.ri_user_time.saturating_add(usage.ri_system_time)) / 1000)
}

/// What each of these processes has done: their threads are not told apart.
pub(crate) fn threads(pids: &[u32]) -> BTreeMap<u32, Thread> {
    let of = |pid: &u32| {
        let usage = usage(*pid)?;
        let ran_ns = nanoseconds(usage.ri_user_time.saturating_add(usage.ri_system_time));
        // Ready to run, which includes running.
        let ready = nanoseconds(usage.ri_runnable_time);
        Some((*pid, Thread { pid: *pid, ran_ns, waited_ns: ready.saturating_sub(ran_ns) }))
    };
    pids.iter().filter_map(of).collect()
}

/// What a process calls itself.
pub(crate) fn thread_name(pid: u32, _: u32) -> String {
    let mut name = [0_u8; 64];
    let room = u32::try_from(name.len()).unwrap_or(0);
    // SAFETY: the length that is given is the buffer's.
    let length =
        unsafe { libc::proc_name(c_int::try_from(pid).unwrap_or(0), name.as_mut_ptr().cast(), room) };
    let name = name.get(..usize::try_from(length).unwrap_or(0)).unwrap_or_default();
    String::from_utf8_lossy(name).chars().filter(|c| !c.is_control()).collect()
}

/// The processors: none can be set aside.
pub(crate) fn allowed() -> Vec<usize> {
    (0..std::thread::available_parallelism().map_or(1, usize::from)).collect()
}

/// The memory of a process, and how many threads it has; none for one that has ended.
pub(crate) fn memory_of(pid: u32) -> Option<Memory> {
    let usage = usage(pid)?;
    let size = c_int::try_from(size_of::<libc::proc_taskinfo>()).ok()?;
    // SAFETY: the structure is plain numbers, which the call fills in; that it has is checked.
    let threads = unsafe {
        let mut task: libc::proc_taskinfo = zeroed();
        let pid = c_int::try_from(pid).ok()?;
        let done = libc::proc_pidinfo(pid, libc::PROC_PIDTASKINFO, 0, (&raw mut task).cast(), size);
        if done == size { u32::try_from(task.pti_threadnum).unwrap_or(0) } else { 0 }
    };
    let cost = usage.ri_phys_footprint / 1024;
    Some(Memory { threads, rss: usage.ri_resident_size / 1024, cost, anonymous: 0, unique: 0 })
}

/// How long the processors were busy since the system began, in microseconds.
pub(crate) fn busy_us(_: &[usize]) -> u64 {
    /// Ticks in a second, as `sysconf(_SC_CLK_TCK)` has them.
    const TICK_US: u64 = 10_000;
    let mut load = CpuLoad { user: 0, system: 0, idle: 0, nice: 0 };
    let mut count = 4;
    // SAFETY: the count is that of the structure's numbers, which the call fills in.
    let done =
        unsafe { host_statistics(mach_host_self(), HOST_CPU_LOAD_INFO, &raw mut load, &raw mut count) };
    if done != 0 {
        return 0;
    }
    (u64::from(load.user) + u64::from(load.system) + u64::from(load.nice)) * TICK_US
}

/// The processor's name.
pub(crate) fn describe_cpu() -> String {
    sysctl_text(c"machdep.cpu.brand_string")
}

/// Main memory, in KiB.
pub(crate) fn memory_kib() -> u64 {
    sysctl(c"hw.memsize").unwrap_or(0) / 1024
}

/// The system's version.
pub(crate) fn release() -> String {
    sysctl_text(c"kern.osproductversion")
}

/// Not told without asking for every descriptor of every process.
pub(crate) fn sockets_at(_: &Address) -> Sockets {
    Sockets::default()
}

/// As above.
pub(crate) const fn sockets_of(_: u32) -> Option<(Vec<u64>, u32)> {
    None
}

/// The kind of virtual machine, without its owner's names: a tape is shown to others.
pub(crate) fn virtualisation() -> String {
    if sysctl(c"kern.hv_vmm_present") == Some(1) { "virtual machine".to_owned() } else { String::new() }
}

/// Where a process of `variant` lies and runs is not told.
pub(crate) fn place(variant: usize, pid: u32) -> ProcessPlace {
    ProcessPlace { variant, pid, ..ProcessPlace::default() }
}

/// No time is given to other machines that would be told of.
pub(crate) const fn steal_us() -> u64 {
    0
}

/// Not told.
pub(crate) const fn frequencies() -> Vec<u32> {
    Vec::new()
}
