//! The thread behind a program that runs: bytes in, bytes out, reports from the guard.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, ChildStdout};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use super::outlet::{Outlet, Taken};
use super::{Shared, Spec};
use crate::guard::{Report, orphans};
use crate::os::{self, Run, Want, wait_for};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Exit, Phase, STOP_KEY, What};

/// Output read at once becomes one event up to this size. The kernel gives 4 KiB at a time.
const MAX_EVENT: usize = 32 * 1024;
/// Events in a row, before orders and keys have their turn again.
const MAX_EVENTS: usize = 4;
/// How long after the guard's end a terminal or a pipe may still hold output.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// What can be left in a pipe at its program's end; more is from somebody who had no business with it.
const MAX_LAST: usize = 1024 * 1024;
/// How often a terminal that the program has closed is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// A guard writes short lines.
const MAX_LINE: usize = 4096;

#[allow(clippy::struct_excessive_bools)] // each is set once, and none excludes another
pub(super) struct RunWorker {
    shared: Arc<Shared>,
    woken: OwnedFd,
    /// Where its output comes from; the first is where a program that says nothing any more is noticed.
    outlets: Vec<Outlet>,
    guard: Child,
    reports: Option<ChildStdout>,
    /// The program's side of its terminal, where what is unread would be lost without.
    held: Option<OwnedFd>,
    /// The program's process, once it runs.
    running: Option<Pid>,
    line: Vec<u8>,
    began: Instant,
    deadline: Option<Instant>,
    /// Why the run was asked to end, when it was.
    asked: Option<Exit>,
    asked_at: Option<Instant>,
    killed: bool,
    /// How it ended.
    end: Option<Exit>,
    /// The guard has said that nothing is left.
    cleared: bool,
    /// When to look whether somebody has opened its terminal again; the first time it is said that nobody has.
    look_at: Option<Instant>,
    told_closed: bool,
    /// When the last words have been said.
    over_at: Option<Instant>,
    /// What was read since the guard's end, in bytes.
    last: usize,
    program: String,
    patience: Duration,
}

impl RunWorker {
    pub(super) fn new(
        shared: Arc<Shared>,
        woken: OwnedFd,
        outlets: Vec<Outlet>,
        mut guard: Child,
        spec: &Spec,
    ) -> Self {
        let began = Instant::now();
        Self {
            shared,
            woken,
            outlets,
            reports: guard.stdout.take(),
            guard,
            held: None,
            running: None,
            line: Vec::new(),
            began,
            deadline: spec.timeout.and_then(|timeout| began.checked_add(timeout)),
            asked: None,
            asked_at: None,
            killed: false,
            end: None,
            cleared: false,
            look_at: None,
            told_closed: false,
            over_at: None,
            last: 0,
            program: spec.program.clone(),
            patience: spec.patience(),
        }
    }

    /// Keeps the program's side of its terminal open until it has ended and all is read.
    pub(super) fn holding(mut self, other_side: Option<OwnedFd>) -> Self {
        self.held = other_side;
        self
    }

    pub(super) fn run(mut self) {
        if let Some(reports) = &self.reports {
            let _ = rustix::io::ioctl_fionbio(reports, true);
        }
        let mut buffer = vec![0; MAX_EVENT];
        while !self.is_over() {
            self.wait();
            self.apply_orders();
            self.listen();
            self.recheck_hangup();
            self.read(&mut buffer);
            self.let_go();
            self.write();
        }
        // The guard's pipe is at its end, and so is the guard.
        let _ = self.guard.wait();
        if !self.cleared {
            // It was killed, perhaps after its program had been asked to end.
            let waited = self.asked_at.map_or(Duration::ZERO, |at| at.elapsed());
            let names = orphans::end(
                self.patience.saturating_sub(waited),
                &Run::behind(Pid::from_child(&self.guard), self.running),
            );
            if !names.is_empty() {
                self.notice(format!("ended with its guard: {}", names.join(", ")));
            }
        }
        let lost = || Exit::Failed("the guard of the program was killed: start it again".to_owned());
        let exit = self.end.take().unwrap_or_else(lost);
        self.push(What::Exit(exit));
    }

    fn is_over(&self) -> bool {
        let closed = self.outlets.iter().all(|outlet| outlet.closed);
        let read = self.last > MAX_LAST || self.outlets.iter().all(|outlet| outlet.dry);
        let late = self.over_at.is_some_and(|at| Instant::now() >= at);
        self.reports.is_none() && (closed || (late && read && !self.shared.lock().is_full()))
    }

    /// Waits until there is something to do.
    fn wait(&self) {
        let read = !self.holds_back();
        let write = !self.shared.lock().input.is_empty();
        let mut wanted = Vec::with_capacity(4);
        wanted.push(Want { file: self.woken.as_fd(), read: true, write: false });
        wanted.extend(self.reports.as_ref().map(|reports| Want {
            file: reports.as_fd(),
            read: true,
            write: false,
        }));
        // One at its end is always ready, and so would wake a thread that wants nothing of it.
        let open = self.outlets.iter().filter(|outlet| !outlet.closed && (read || write));
        wanted.extend(open.map(|outlet| Want { file: outlet.file.as_fd(), read, write }));
        let deadline = self.deadline.filter(|_| self.end.is_none() && self.asked.is_none());
        let last_words = self.over_at.filter(|_| read);
        let look = self.look_at.filter(|_| self.end.is_none() && self.reports.is_some());
        let until = [deadline, last_words, look].into_iter().flatten().min();
        let timeout = until.map(|until| until.saturating_duration_since(Instant::now()));
        // Rounded up, so as not to wake before the time has come.
        wait_for(&wanted, timeout.map(|wait| wait.saturating_add(Duration::from_nanos(1))));
        let mut bytes = [0; 64];
        while rustix::io::read(&self.woken, &mut bytes).is_ok_and(|count| count == bytes.len()) {}
    }

    /// Passes on what the stage, or the time limit, asks for.
    fn apply_orders(&mut self) {
        let orders = self.shared.lock().orders;
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if self.asked.is_none() && self.end.is_none() && (late || orders.stop || orders.kill) {
            let by_hand = orders.stop || orders.kill;
            self.asked = Some(if by_hand { Exit::Stopped } else { Exit::TimedOut });
            self.asked_at = Some(Instant::now());
            self.push(What::Phase(Phase::Stopping));
            self.tell("stop\n");
        }
        if orders.kill && !self.killed {
            self.killed = true;
            self.tell("kill\n");
        }
        if orders.abandon {
            // The pipe's end says more than a line: nobody is there any more.
            self.guard.stdin = None;
        }
    }

    /// Whether the program has to wait until somebody has taken its output. Where that would keep it from ending, it does not once it
    /// was asked to end: what comes then is thrown away.
    fn holds_back(&self) -> bool {
        let must_end = os::EXIT_WAITS_FOR_READER && self.asked.is_some();
        self.shared.lock().is_full() && !must_end
    }

    /// Closes the program's side of its terminal when it has ended, and all that it wrote is read.
    fn let_go(&mut self) {
        let ended = self.end.is_some() || self.reports.is_none();
        if ended && self.outlets.iter().all(|outlet| outlet.dry) {
            self.held = None;
        }
    }

    fn tell(&mut self, order: &str) {
        if let Some(stdin) = &mut self.guard.stdin {
            // A guard that cannot be told has ended; one that somebody has stopped does not parse_reports.
            let _ = stdin.write_all(order.as_bytes());
            let _ = kill_process(Pid::from_child(&self.guard), Signal::CONT);
        }
    }

    fn listen(&mut self) {
        let mut bytes = [0; 512];
        while let Some(reports) = &mut self.reports {
            match reports.read(&mut bytes) {
                Ok(0) => {
                    self.reports = None;
                    self.over_at = Instant::now().checked_add(LAST_WORDS);
                }
                Ok(count) => self.parse_reports(bytes.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => self.reports = None,
            }
        }
    }

    fn parse_reports(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                if let Some(report) = Report::parse(&String::from_utf8_lossy(&line)) {
                    self.take_in(report);
                }
            } else if self.line.len() < MAX_LINE {
                self.line.push(*byte);
            }
        }
    }

    fn take_in(&mut self, report: Report) {
        let notice = match report {
            Report::Started(pid) => {
                self.running = Pid::from_raw(pid);
                return;
            }
            Report::Over => {
                self.cleared = true;
                return;
            }
            Report::Failed(errno) => {
                self.end = Some(Exit::Failed(self.reason(errno)));
                return;
            }
            Report::Exit(status) => {
                self.end = Some(self.asked.clone().unwrap_or(Exit::Status(status)));
                return;
            }
            Report::Signal(signal) => {
                self.end = Some(self.asked.clone().unwrap_or(Exit::Signal(signal)));
                return;
            }
            Report::Left(1) => "a process the program left behind was ended".to_owned(),
            Report::Left(count) => format!("{count} processes the program left behind were ended"),
            Report::Killed(names) => format!("did not end when asked, and was killed: {}", names.join(", ")),
        };
        self.notice(notice);
    }

    fn notice(&self, notice: String) {
        let mut queues = self.shared.lock();
        queues.notice = Some(match queues.notice.take() {
            Some(earlier) => format!("{earlier}; {notice}"),
            None => notice,
        });
        drop(queues);
        self.shared.wake.notify_one();
    }

    /// A program that has closed its output and lives is spoken of. It may open its terminal again; a pipe stays closed.
    fn recheck_hangup(&mut self) {
        if self.look_at.is_some_and(|at| Instant::now() >= at) && self.end.is_none() {
            self.look_at = None;
            let terminal = self.shared.terminal.is_some();
            self.outlets.iter_mut().filter(|_| terminal).for_each(|outlet| outlet.closed = false);
            if !std::mem::replace(&mut self.told_closed, true) && self.asked.is_none() {
                let what = if terminal { "terminal" } else { "output" };
                self.notice(format!("the program closed its {what} and runs on: {STOP_KEY} stops it"));
            }
        }
    }

    /// Why the system did not start the program, and what to do.
    fn reason(&self, errno: i32) -> String {
        let program = &self.program;
        let error = io::Error::from_raw_os_error(errno);
        let hint = match Errno::from_io_error(&error) {
            Some(Errno::NOEXEC) => "a script begins with a line like #!/bin/sh",
            Some(Errno::NOENT) => "the interpreter in its first line may be missing",
            Some(Errno::ACCESS) => "run chmod +x on it",
            _ => "play the recording",
        };
        format!("{program} cannot be started: {error}; {hint}")
    }

    fn read(&mut self, buffer: &mut [u8]) {
        let mut outlets = std::mem::take(&mut self.outlets);
        for (at, outlet) in outlets.iter_mut().enumerate().filter(|(_, outlet)| !outlet.closed) {
            self.read_from(outlet, buffer);
            if outlet.closed && at == 0 {
                let wait = if self.told_closed { LOOK_AGAIN } else { LAST_WORDS };
                self.look_at = Instant::now().checked_add(wait);
            }
        }
        self.outlets = outlets;
    }

    fn read_from(&mut self, outlet: &mut Outlet, buffer: &mut [u8]) {
        for _ in 0..MAX_EVENTS {
            if self.holds_back() {
                // Whatever the last read said, there may be more.
                outlet.dry = false;
                return;
            }
            let taken = outlet.read(buffer);
            let (Taken::All(filled) | Taken::Full(filled)) = taken;
            if filled > 0 {
                let bytes = buffer.get(..filled).unwrap_or_default();
                if !self.shared.lock().is_full() {
                    self.push((outlet.event)(Bytes::copy_from_slice(bytes)));
                }
                self.last += if self.reports.is_none() { filled } else { 0 };
            }
            if matches!(taken, Taken::All(_)) {
                return;
            }
        }
    }

    /// Hands on what was typed, where there is a terminal for it.
    fn write(&mut self) {
        let Some(terminal) = &self.shared.terminal else { return };
        let closed = self.outlets.iter().all(|outlet| outlet.closed);
        loop {
            let mut queues = self.shared.lock();
            if closed {
                queues.input.clear();
            }
            let next: Vec<u8> = queues.input.iter().copied().take(MAX_LINE).collect();
            drop(queues);
            if next.is_empty() {
                return;
            }
            match rustix::io::write(&**terminal, &next) {
                Ok(count) => drop(self.shared.lock().input.drain(..count.min(next.len()))),
                Err(Errno::INTR) => {}
                Err(_) => return,
            }
        }
    }

    fn push(&self, what: What) {
        self.shared.push(self.began.elapsed().into(), what);
    }
}

impl Shared {
    /// Adds an event, at a time not before that of the last one, and wakes the stage.
    pub(super) fn push(&self, at: Elapsed, what: What) {
        let mut queues = self.lock();
        queues.push(at, what);
        drop(queues);
        self.wake.notify_one();
    }
}
