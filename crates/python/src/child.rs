//! A program that is run once: behind a guard, with a deadline, with a bound on what it says, and never waited for longer.

use std::io::{self, PipeReader, Read};
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use greenroom_system::command::Command;
use greenroom_system::guard::held::{Files, Held, Outcome};

/// At most this much of an output is kept: its end.
const MAX_OUTPUT: usize = 1024 * 1024;
/// A longer line is cut there.
const MAX_LINE: usize = 4096;
/// How often somebody is asked whether to go on.
const TICK: Duration = Duration::from_millis(50);
/// How long a program that is interrupted may take to end.
const GRACE: Duration = Duration::from_secs(2);

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With this status.
    Status(i32),
    /// Killed by this signal's number.
    Signal(i32),
    /// It was killed when its time was up.
    TimedOut,
    /// It was ended because somebody asked for it.
    Interrupted,
}

/// What a program said, and how it ended.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub end: End,
    /// The end of its standard output.
    pub stdout: Vec<u8>,
    /// The end of its standard error.
    pub stderr: Vec<u8>,
}

impl Finished {
    /// Whether it ended with status 0.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.end == End::Status(0)
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

/// `line` without control characters: what a program writes must not reach the terminal as it is.
#[must_use]
pub fn printable(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).take(MAX_LINE).collect()
}

/// Is given each line of standard error, and now and then nothing; a break ends the program.
pub type Watch<'a> = dyn FnMut(Option<&str>) -> ControlFlow<()> + 'a;

/// A line of a program's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    /// On standard output.
    Out(&'a str),
    /// On standard error.
    Err(&'a str),
}

/// Runs `command` for at most `limit`, without standard input.
///
/// Whatever it has started and left behind is ended with it.
///
/// # Errors
/// When it cannot be started.
pub fn run(command: &mut Command, limit: Duration, watch: &mut Watch<'_>) -> io::Result<Finished> {
    run_lines(command, limit, &mut |said| match said {
        Some(Said::Err(line)) => watch(Some(line)),
        Some(Said::Out(_)) => ControlFlow::Continue(()),
        None => watch(None),
    })
}

/// The same, with each line of both outputs as it comes.
///
/// Whatever it has started and left behind is ended with it.
///
/// # Errors
/// When it cannot be started.
pub fn run_lines(
    command: &Command,
    limit: Duration,
    watch: &mut dyn FnMut(Option<Said<'_>>) -> ControlFlow<()>,
) -> io::Result<Finished> {
    let ((out, output), (err, errors)) = (io::pipe()?, io::pipe()?);
    let (mut out, mut err) = (Pipe::new(out)?, Pipe::new(err)?);
    let files = Files { input: None, output: output.into(), errors: errors.into() };
    let mut held = Held::start(command, GRACE, files)?;
    let began = Instant::now();
    let mut cut: Option<End> = None;
    loop {
        let ended = held.has_ended();
        let mut flow = watch(None);
        let mut tell = |said: Said<'_>| {
            if watch(Some(said)).is_break() {
                flow = ControlFlow::Break(());
            }
        };
        out.read(&mut |line| tell(Said::Out(line)));
        err.read(&mut |line| tell(Said::Err(line)));
        if ended {
            out.finish(&mut |line| tell(Said::Out(line)));
            err.finish(&mut |line| tell(Said::Err(line)));
            break;
        }
        if cut.is_none() && flow.is_break() {
            cut = Some(End::Interrupted);
            held.stop();
        }
        if cut.is_none() && began.elapsed() >= limit {
            cut = Some(End::TimedOut);
            held.kill();
        }
        wait_for(&held, &out, &err);
    }
    let end = match held.finish()? {
        Outcome::Status(status) => End::Status(status),
        Outcome::Signal(signal) => End::Signal(signal),
    };
    Ok(Finished { end: cut.unwrap_or(end), stdout: out.kept, stderr: err.kept })
}

/// Waits until one of them has something to say, or a tick has passed.
fn wait_for(held: &Held, out: &Pipe<PipeReader>, err: &Pipe<PipeReader>) {
    let open = [out, err].into_iter().filter_map(|pipe| pipe.file.as_ref().map(AsFd::as_fd));
    let mut fds: Vec<PollFd<'_>> =
        open.chain(held.news()).map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
    // When all are closed the end is near.
    let tick = if fds.is_empty() { Duration::from_millis(5) } else { TICK };
    if let Ok(timeout) = Timespec::try_from(tick) {
        let _ = rustix::event::poll(&mut fds, Some(&timeout));
    }
}

/// What comes out of a program.
struct Pipe<F> {
    file: Option<F>,
    kept: Vec<u8>,
    line: Vec<u8>,
}

impl<F: Read + AsFd> Pipe<F> {
    fn new(file: F) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&file, true)?;
        Ok(Self { file: Some(file), kept: Vec::new(), line: Vec::new() })
    }

    /// Takes what is there, within reason: a program that never stops talking must not keep the loop here.
    fn read(&mut self, each: &mut dyn FnMut(&str)) {
        let mut buffer = [0; 8192];
        for _ in 0..64 {
            let Some(file) = &mut self.file else { return };
            match file.read(&mut buffer) {
                Ok(0) => self.file = None,
                Ok(count) => self.take_in(buffer.get(..count).unwrap_or_default(), each),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => self.file = None,
            }
        }
    }

    /// What came after the last line's end.
    fn finish(&mut self, each: &mut dyn FnMut(&str)) {
        if !self.line.is_empty() {
            each(&printable(&String::from_utf8_lossy(&std::mem::take(&mut self.line))));
        }
    }

    fn take_in(&mut self, bytes: &[u8], each: &mut dyn FnMut(&str)) {
        self.kept.extend_from_slice(bytes);
        if self.kept.len() > 2 * MAX_OUTPUT {
            self.kept.drain(..self.kept.len() - MAX_OUTPUT);
        }
        for byte in bytes {
            if *byte != b'\n' {
                if self.line.len() < MAX_LINE {
                    self.line.push(*byte);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            each(&printable(&String::from_utf8_lossy(&line)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, limit: Duration, watch: &mut Watch<'_>) -> Finished {
        run(Command::new("sh").args(["-c", script]), limit, watch).unwrap()
    }

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn output_and_status_come_back() {
        let mut lines = Vec::new();
        let finished = sh("echo out; printf 'a\\033[1m\\nb\\n' >&2; exit 3", LONG, &mut |line| {
            lines.extend(line.map(str::to_owned));
            ControlFlow::Continue(())
        });
        assert_eq!((finished.end, finished.stdout.as_slice()), (End::Status(3), b"out\n".as_slice()));
        assert_eq!(lines, ["a[1m", "b"]);
        assert_eq!(finished.last_lines(1), "b");
        assert_eq!(sh("kill -9 $$", LONG, &mut |_| ControlFlow::Continue(())).end, End::Signal(9));
    }

    #[test]
    fn what_hangs_talks_or_is_left_behind_is_ended() {
        let mut on = |_: Option<&str>| ControlFlow::Continue(());
        assert_eq!(sh("sleep 600", Duration::from_millis(50), &mut on).end, End::TimedOut);
        let loud = sh("yes", Duration::from_millis(300), &mut on);
        assert!(loud.end == End::TimedOut && loud.stdout.len() <= 2 * MAX_OUTPUT);
        // The one in the background keeps the pipes open.
        assert_eq!(sh("sleep 600 & exit 0", LONG, &mut on).end, End::Status(0));
        let mut stop = |_: Option<&str>| ControlFlow::Break(());
        assert_eq!(sh("sleep 600", LONG, &mut stop).end, End::Interrupted);
        assert!(run(&mut Command::new("/nowhere/at/all"), LONG, &mut on).is_err());
    }
}
