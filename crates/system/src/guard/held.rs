//! A program behind a guard without a terminal: on pipes or files.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, getrlimit, setrlimit};

use super::launch::{Streams, executable, launch};
use super::{KILL_PATIENCE, Report, orphans};
use crate::command::Command;
use crate::os::{self, Run};

/// How much longer than it needs a guard may take, before it is taken for one that somebody has stopped.
const MARGIN: Duration = Duration::from_secs(2);
/// A guard writes short lines.
const MAX_LINE: usize = 4096;

/// How a program ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With this status.
    Status(i32),
    /// Killed by this signal's number.
    Signal(i32),
}

/// Where the program's input comes from, and where its output goes.
#[derive(Debug)]
pub(crate) struct Files {
    /// Standard input; nothing, when there is none.
    pub input: Option<OwnedFd>,
    /// Standard output.
    pub output: OwnedFd,
    /// Standard error.
    pub errors: OwnedFd,
}

/// What a program without a guard may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Seconds of processor time; no limit when nothing is said.
    pub cpu_seconds: Option<u64>,
    /// Bytes of address space.
    pub memory: Option<u64>,
    /// No core file is written when it crashes.
    pub no_core: bool,
}

impl Limits {
    /// Called between fork and exec: it makes system calls and nothing else.
    fn apply(&self) {
        let cpu = self.cpu_seconds.map(|seconds| (Resource::Cpu, seconds));
        let memory = self.memory.map(|bytes| (Resource::As, bytes));
        let core = self.no_core.then_some((Resource::Core, 0));
        for (resource, to) in [cpu, memory, core].into_iter().flatten() {
            lower(resource, to);
        }
    }
}

/// Lowers a limit of this process, as far as it was not lower before.
pub fn lower(resource: Resource, to: u64) {
    let hard = getrlimit(resource).maximum;
    let to = Some(hard.map_or(to, |hard| hard.min(to)));
    let _ = setrlimit(resource, Rlimit { current: to, maximum: to });
}

/// A program that runs. Dropping it ends it and everything that it started, and waits for that.
#[derive(Debug)]
pub(crate) struct GuardedRun {
    /// The guard; the program itself, when it has none.
    child: Child,
    /// What becomes ready when a program without a guard ends, where the system has that.
    end: Option<OwnedFd>,
    /// What the guard reports; nothing when there is none.
    reports: Option<Reports>,
    grace: Duration,
    /// When it was first asked to end.
    asked: Option<Instant>,
    ended: bool,
}

#[derive(Debug)]
struct Reports {
    pipe: ChildStdout,
    line: Vec<u8>,
    end: Option<Report>,
    /// What the guard has started.
    program: Option<Pid>,
    /// The guard has said its last word.
    over: bool,
}

impl GuardedRun {
    /// Starts `command`. When it is asked to end, it may take as long as `grace`.
    ///
    /// # Errors
    /// What the system says. Why a program behind a guard cannot be started comes from [`GuardedRun::finish`].
    pub(crate) fn start(command: &Command, grace: Duration, files: Files) -> io::Result<Self> {
        let Some(executable) = executable() else {
            return Self::start_alone(command, grace, files, &Limits::default());
        };
        let Files { input, output, errors } = files;
        let mut child = launch(&executable, command, grace, Streams::Files { input, output, errors })?;
        let pipe = child.stdout.take();
        if let Some(pipe) = &pipe {
            rustix::io::ioctl_fionbio(pipe, true)?;
        }
        let reports =
            pipe.map(|pipe| Reports { pipe, line: Vec::new(), end: None, program: None, over: false });
        Ok(Self { child, end: None, reports, grace, asked: None, ended: false })
    }

    /// The same without a guard, in a process group that ends with it.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn start_alone(
        command: &Command,
        grace: Duration,
        files: Files,
        limits: &Limits,
    ) -> io::Result<Self> {
        let child = alone(command, files, limits)?;
        let end = os::end_of(&child);
        Ok(Self { child, end, reports: None, grace, asked: None, ended: false })
    }

    /// Whether it has ended, and everything that it had started.
    pub(crate) fn has_ended(&mut self) -> bool {
        if !self.ended {
            self.ended = match &mut self.reports {
                Some(reports) => reports.are_over(),
                None => has_ended(Pid::from_child(&self.child)),
            };
        }
        let waited = self.asked.filter(|_| !self.ended).map(|at| at.elapsed());
        match (waited, &self.reports) {
            (Some(waited), Some(_)) if waited > self.grace + KILL_PATIENCE + MARGIN => {
                let _ = self.child.kill();
            }
            (Some(waited), None) if waited > self.grace => self.kill(),
            _ => {}
        }
        self.ended
    }

    /// What becomes ready to be read when it ends, if anything does.
    #[must_use]
    pub(crate) fn news(&self) -> Option<BorrowedFd<'_>> {
        self.reports.as_ref().map(|reports| reports.pipe.as_fd()).or(self.end.as_ref().map(AsFd::as_fd))
    }

    /// Asks it to end.
    pub(crate) fn stop(&mut self) {
        self.order("stop\n", Signal::TERM);
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        self.order("kill\n", Signal::KILL);
    }

    fn order(&mut self, order: &str, signal: Signal) {
        if self.ended {
            return;
        }
        self.asked.get_or_insert_with(Instant::now);
        let pid = Pid::from_child(&self.child);
        if self.reports.is_none() {
            let _ = rustix::process::kill_process_group(pid, signal);
        } else if let Some(stdin) = &mut self.child.stdin {
            // A guard that cannot be told has ended; one that somebody has stopped does not hear.
            let _ = stdin.write_all(order.as_bytes());
            let _ = rustix::process::kill_process(pid, Signal::CONT);
        }
    }

    /// Waits for its end, and says what that was.
    ///
    /// # Errors
    /// Why it was not started, or that its guard was killed.
    pub(crate) fn finish(mut self) -> io::Result<Outcome> {
        self.wait();
        let Some(reports) = &mut self.reports else { return self.finish_bare() };
        let (end, over, program) = (reports.end.take(), reports.over, reports.program);
        self.child.wait()?;
        if !over {
            let _ = orphans::end(self.grace, &Run::behind(Pid::from_child(&self.child), program));
        }
        match end {
            Some(Report::Exit(status)) => Ok(Outcome::Status(status)),
            Some(Report::Signal(signal)) => Ok(Outcome::Signal(signal)),
            Some(Report::Failed(errno)) => Err(io::Error::from_raw_os_error(errno)),
            _ => Err(io::Error::other("its guard was killed")),
        }
    }

    fn finish_bare(&mut self) -> io::Result<Outcome> {
        // Until it is waited for, its number is not given to another.
        let _ = rustix::process::kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let status = self.child.wait()?;
        let signal = Outcome::Signal(status.signal().unwrap_or_default());
        Ok(status.code().map_or(signal, Outcome::Status))
    }

    fn wait(&mut self) {
        while !self.has_ended() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for GuardedRun {
    fn drop(&mut self) {
        self.kill();
        self.wait();
        let _ = self.child.wait();
        if let Some(reports) = self.reports.as_ref().filter(|reports| !reports.over) {
            let run = Run::behind(Pid::from_child(&self.child), reports.program);
            let _ = orphans::end(Duration::ZERO, &run);
        }
    }
}

impl Reports {
    /// Takes in what is there; whether nothing more will come.
    fn are_over(&mut self) -> bool {
        let mut bytes = [0; 512];
        loop {
            match self.pipe.read(&mut bytes) {
                Ok(0) => return true,
                Ok(count) => bytes.iter().take(count).for_each(|byte| self.take_in(*byte)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
            }
        }
    }

    fn take_in(&mut self, byte: u8) {
        if byte != b'\n' {
            if self.line.len() < MAX_LINE {
                self.line.push(byte);
            }
            return;
        }
        let line = std::mem::take(&mut self.line);
        match Report::parse(&String::from_utf8_lossy(&line)) {
            Some(Report::Over) => self.over = true,
            Some(Report::Started(pid)) => self.program = Pid::from_raw(pid),
            Some(end @ (Report::Exit(_) | Report::Signal(_) | Report::Failed(_))) => self.end = Some(end),
            _ => {}
        }
    }
}

/// Starts it without a guard, in a process group of its own.
fn alone(command: &Command, files: Files, limits: &Limits) -> io::Result<Child> {
    let mut bare = std::process::Command::new(command.get_program());
    command.environment().apply(&mut bare);
    bare.args(command.get_args()).process_group(0);
    bare.stdin(files.input.map_or_else(Stdio::null, Stdio::from)).stdout(files.output).stderr(files.errors);
    if let Some(directory) = command.get_current_dir() {
        bare.current_dir(directory);
    }
    if let Some(name) = command.get_arg0() {
        bare.arg0(name);
    }
    let limits = limits.clone();
    // SAFETY: between fork and exec only system calls are made that take no locks and allocate nothing.
    unsafe {
        bare.pre_exec(move || {
            super::default_signals();
            limits.apply();
            os::die_with_parent()
        });
    }
    bare.spawn()
}

/// Whether it has ended, without taking it off the system's list.
fn has_ended(pid: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(rustix::process::waitid(WaitId::Pid(pid), options), Ok(None))
}
