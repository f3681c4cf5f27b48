//! The processes of a trial: whatever has its mark in the environment, which every program inherits from the one that starts it.

use std::fs;

use rustix::process::{Pid, Resource as Limit, Rlimit, prlimit};

use super::row::{Resource, Role};

/// The variable that holds it.
pub(super) const MARK: &str = "GREENROOM_TEST_MARK";

/// One process.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub pid: u32,
    parent: u32,
    /// Whether it is Greenroom.
    own: bool,
    args: Vec<String>,
}

impl Process {
    fn read(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let mut rest = stat.rsplit_once(") ")?.1.split(' ');
        let (state, parent) = (rest.next()?, rest.next()?.parse().ok()?);
        if state == "Z" {
            return None;
        }
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let args = line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
        let exe = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        let own = exe.as_os_str() == env!("CARGO_BIN_EXE_greenroom");
        Some(Self { pid, parent, own, args: args.collect() })
    }

    fn is(&self, word: &str) -> bool {
        self.own && self.args.get(1).is_some_and(|arg| arg == word)
    }

    /// Greenroom on a terminal: neither a guard nor a bench, nor what decodes or draws for it.
    fn is_on_terminal(&self) -> bool {
        let helper = self.args.get(1).is_some_and(|arg| arg.starts_with("__"));
        self.own && !helper && !self.is("bench")
    }
}

/// What runs with `mark`.
pub(super) fn marked(mark: &str) -> Vec<Process> {
    let wanted = format!("{MARK}={mark}");
    let pids = fs::read_dir("/proc").unwrap().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let has_mark = |pid: &u32| {
        let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environ.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
    };
    pids.filter(has_mark).filter_map(Process::read).collect()
}

/// The processes among `all` that have this role.
pub(super) fn with_role(all: &[Process], role: Role) -> Vec<Pid> {
    let below_another =
        |one: &Process| all.iter().any(|other| other.pid == one.parent && other.is_on_terminal());
    let found = all.iter().filter(|one| match role {
        Role::Guard => one.is("__guard"),
        Role::Bench => one.is("bench"),
        Role::Keeper => one.is_on_terminal() && !one.is("notes") && !below_another(one),
        Role::Stage => one.is_on_terminal() && !one.is("notes") && below_another(one),
        Role::View => one.is("notes") && below_another(one),
    });
    found.map(|one| Pid::from_raw(one.pid.try_into().unwrap()).unwrap()).collect()
}

/// Leaves the process no more of this than it has, and `more`.
pub(super) fn limit(pid: Pid, what: Resource, more: u64) {
    let number = pid.as_raw_nonzero();
    let (what, most) = match what {
        Resource::Memory => {
            let pages = fs::read_to_string(format!("/proc/{number}/statm")).unwrap();
            (Limit::As, pages.split(' ').next().unwrap().parse::<u64>().unwrap() * 4096 + more)
        }
        Resource::FileSize => (Limit::Fsize, more),
    };
    prlimit(Some(pid), what, Rlimit { current: Some(most), maximum: Some(most) }).unwrap();
}
