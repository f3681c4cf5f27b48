//! A program that is run once, to its end: on pipes, with a deadline, with bounds on what it says, and never waited for
//! longer.
//!
//! [`Subprocess`] says how; [`Subprocess::run`] does all of it, [`Subprocess::start`] leaves the waiting for later. It
//! is behind a guard, so that whatever it has started ends with it, unless [`Subprocess::without_guard`] is asked for.

mod pipe;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustix::event::{PollFd, PollFlags, Timespec};

use self::pipe::{Feeder, Pipe};
use crate::command::Command;
use crate::guard::held::{Files, GuardedRun, Outcome};

pub use crate::guard::held::{Limits, lower};
pub use rustix::process::Resource;

/// How much of an output is kept when nothing else is said: its end.
const MAX_OUTPUT: usize = 1024 * 1024;
/// How much of one line is given to a watch when nothing else is said, in bytes.
const MAX_LINE: usize = 4096;
/// How often a watch is asked whether to go on.
const TICK: Duration = Duration::from_millis(50);
/// How long a program that is interrupted may take to end when nothing else is said.
const INTERRUPT_GRACE: Duration = Duration::from_secs(2);

/// What is kept of one of a program's outputs.
#[derive(Debug, Default)]
pub enum Keep {
    /// Nothing; a watch gets its lines all the same.
    #[default]
    Nothing,
    /// The last bytes, so many: for what is read when something went wrong.
    End(usize),
    /// All of it. A program that writes more than so many bytes is ended ([`End::TooMuch`]).
    All(usize),
    /// Nothing: it goes where this leads.
    Elsewhere(OwnedFd),
}

/// A program to be run once.
#[derive(Debug)]
#[must_use = "nothing runs yet"]
pub struct Subprocess {
    command: Command,
    input: Input,
    deadline: Option<Duration>,
    grace: Duration,
    output: Keep,
    errors: Keep,
    /// Standard error goes where standard output does.
    together: bool,
    longest_line: usize,
    /// Without a guard: what it may use.
    alone: Option<Limits>,
}

#[derive(Debug)]
enum Input {
    Nothing,
    Bytes(Bytes),
    From(OwnedFd),
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With this status.
    Status(i32),
    /// Killed by this signal's number.
    Signal(i32),
    /// It was killed when its time was up.
    TimedOut,
    /// It was killed because it wrote more than is kept.
    TooMuch,
    /// It was ended because the watch broke off.
    Interrupted,
}

/// What a program said, and how it ended.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub end: End,
    /// What was kept of its standard output.
    pub stdout: Vec<u8>,
    /// What was kept of its standard error.
    pub stderr: Vec<u8>,
}

/// A line of a program's output, without its end, as it was written: it may hold control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    /// On standard output.
    Out(&'a str),
    /// On standard error.
    Err(&'a str),
}

/// Is given each line as it comes, and now and then nothing; a break ends the program.
pub type Watch<'a> = dyn FnMut(Option<Said<'_>>) -> ControlFlow<()> + 'a;

impl Subprocess {
    /// `command` without standard input, which ends after `deadline`. The last mebibyte of each output is kept.
    pub fn new(command: Command, deadline: Duration) -> Self {
        Self {
            command,
            input: Input::Nothing,
            deadline: Some(deadline),
            grace: INTERRUPT_GRACE,
            output: Keep::End(MAX_OUTPUT),
            errors: Keep::End(MAX_OUTPUT),
            together: false,
            longest_line: MAX_LINE,
            alone: None,
        }
    }

    /// The same without a deadline: somebody watches it.
    pub fn without_deadline(self) -> Self {
        Self { deadline: None, ..self }
    }

    /// How long it may take to end when it is interrupted, before it is killed.
    pub fn grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Its standard input; a program that reads no further is not held up.
    pub fn input(self, bytes: impl Into<Bytes>) -> Self {
        Self { input: Input::Bytes(bytes.into()), ..self }
    }

    /// Its standard input comes from there.
    pub fn input_from(self, file: OwnedFd) -> Self {
        Self { input: Input::From(file), ..self }
    }

    /// What is kept of its standard output.
    pub fn keep_stdout(self, keep: Keep) -> Self {
        Self { output: keep, ..self }
    }

    /// What is kept of its standard error.
    pub fn keep_stderr(self, keep: Keep) -> Self {
        Self { errors: keep, ..self }
    }

    /// Its standard error goes where its standard output does, in the order in which both are written.
    pub fn together(self) -> Self {
        Self { together: true, ..self }
    }

    /// A longer line, in bytes, is cut there before a watch gets it.
    pub fn longest_line(self, bytes: usize) -> Self {
        Self { longest_line: bytes, ..self }
    }

    /// Without a guard, which costs a process more: for a program that starts no others, or some that are meant to stay.
    /// It ends with the thread that started it, and with it its process group.
    pub fn without_guard(self, limits: Limits) -> Self {
        Self { alone: Some(limits), ..self }
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run(self) -> io::Result<Finished> {
        self.run_watched(&mut |_| ControlFlow::Continue(()))
    }

    /// Runs it to its end, and gives `watch` each line as it comes.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run_watched(self, watch: &mut Watch<'_>) -> io::Result<Finished> {
        self.start()?.wait(watch)
    }

    /// Starts it. Nobody reads what it writes until it is waited for.
    ///
    /// # Errors
    /// What the system says. Behind a guard, why it cannot be started comes from [`Running::wait`].
    pub fn start(self) -> io::Result<Running> {
        let (output, stdout) = Pipe::open(self.output, self.longest_line)?;
        let (errors, stderr) = if self.together {
            (Pipe::none(), stdout.try_clone()?)
        } else {
            Pipe::open(self.errors, self.longest_line)?
        };
        let (input, stdin) = match self.input {
            Input::Nothing => (None, None),
            Input::From(file) => (None, Some(file)),
            Input::Bytes(bytes) => {
                let (feeder, file) = Feeder::open(bytes)?;
                (Some(feeder), Some(file))
            }
        };
        let files = Files { input: stdin, output: stdout, errors: stderr };
        let held = match &self.alone {
            Some(limits) => GuardedRun::start_alone(&self.command, self.grace, files, limits)?,
            None => GuardedRun::start(&self.command, self.grace, files)?,
        };
        let deadline = self.deadline.and_then(|deadline| Instant::now().checked_add(deadline));
        Ok(Running { held, input, output, errors, deadline, cut: None })
    }
}

/// A program that runs. Dropping it kills the program and everything that it started, and waits for that.
#[derive(Debug)]
pub struct Running {
    held: GuardedRun,
    input: Option<Feeder>,
    output: Pipe,
    errors: Pipe,
    deadline: Option<Instant>,
    /// Why it was asked to end, when it was.
    cut: Option<End>,
}

impl Running {
    /// Waits for its end, and gives `watch` each line as it comes.
    ///
    /// # Errors
    /// When it could not be started.
    pub fn wait(mut self, watch: &mut Watch<'_>) -> io::Result<Finished> {
        loop {
            let ended = self.held.has_ended();
            let mut flow = watch(None);
            let mut tell = |said: Said<'_>| {
                if flow.is_continue() {
                    flow = watch(Some(said));
                }
            };
            self.output.read(&mut |line| tell(Said::Out(line)));
            self.errors.read(&mut |line| tell(Said::Err(line)));
            if ended {
                self.output.finish(&mut |line| tell(Said::Out(line)));
                self.errors.finish(&mut |line| tell(Said::Err(line)));
                break;
            }
            if self.input.as_mut().is_some_and(|input| !input.write()) {
                self.input = None;
            }
            self.bound(flow);
            self.sleep();
        }
        let end = match self.held.finish()? {
            Outcome::Status(status) => End::Status(status),
            Outcome::Signal(signal) => End::Signal(signal),
        };
        let too_much = (self.output.is_over() || self.errors.is_over()).then_some(End::TooMuch);
        let end = self.cut.or(too_much).unwrap_or(end);
        Ok(Finished { end, stdout: self.output.kept(), stderr: self.errors.kept() })
    }

    /// Ends it when nobody wants it any more, its time is up, or it says too much.
    fn bound(&mut self, flow: ControlFlow<()>) {
        if self.cut.is_some() {
            return;
        }
        if flow.is_break() {
            self.cut = Some(End::Interrupted);
            self.held.stop();
        } else if self.output.is_over() || self.errors.is_over() {
            self.cut = Some(End::TooMuch);
            self.held.kill();
        } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.cut = Some(End::TimedOut);
            self.held.kill();
        }
    }

    /// Waits until there is something to do, or a tick has passed.
    fn sleep(&self) {
        let outputs = [&self.output, &self.errors].into_iter().filter_map(Pipe::file);
        let mut fds: Vec<PollFd<'_>> =
            outputs.chain(self.held.news()).map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        // When all are closed the end is near.
        let tick = if fds.is_empty() { Duration::from_millis(5) } else { TICK };
        fds.extend(self.input.as_ref().map(|input| PollFd::from_borrowed_fd(input.file(), PollFlags::OUT)));
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let left = left.filter(|_| self.cut.is_none()).map_or(tick, |left| left.min(tick));
        if let Ok(timeout) = Timespec::try_from(left) {
            let _ = rustix::event::poll(&mut fds, Some(&timeout));
        }
    }
}

impl Finished {
    /// Whether it ended with status 0.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.end == End::Status(0)
    }

    /// Its standard output as text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stdout)
    }

    /// The last `count` lines of its standard error (of its standard output, when there are none), fit to be shown.
    #[must_use]
    pub fn last_lines(&self, count: usize) -> String {
        let bytes = if self.stderr.trim_ascii().is_empty() { &self.stdout } else { &self.stderr };
        let text = String::from_utf8_lossy(bytes);
        let lines: Vec<String> = text.lines().map(printable).filter(|line| !line.trim().is_empty()).collect();
        lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
    }
}

/// `line` without control characters, and not too long: what a program writes must not reach the terminal as it is.
#[must_use]
pub fn printable(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).take(MAX_LINE).collect()
}
