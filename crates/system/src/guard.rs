//! A process between Greenroom and each program it runs, so that nothing outlives a run.
//!
//! The executable starts itself again as `greenroom __guard`. The guard starts the program on its terminal and
//! adopts whatever the program leaves behind: a program can leave its process group and its session, but not
//! its guard (`PR_SET_CHILD_SUBREAPER`). When the program ends, when it is told to, or when Greenroom is gone,
//! whatever the reason, the guard ends everything below it: SIGTERM, a grace period, SIGKILL.
//!
//! Its standard input is a pipe from Greenroom: first the program's environment, then `stop` or `kill` in a line, and
//! its end means that Greenroom is gone. Its standard output is a pipe to Greenroom, one [`Report`] in a line. Its
//! standard error is the program's terminal (or the program's standard error, and numbers among its arguments name the
//! descriptors of the rest), which it hands on and closes, so that Greenroom sees when the program has.
//!
//! A guard can be killed itself. The program then dies with it, and what the program had left behind is
//! inherited and ended by Greenroom ([`orphans`]).

pub(crate) mod held;
pub mod launch;
pub mod orphans;
pub mod tree;

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use self::launch::Handed;
use self::tree::{Patience, ask_to_end, living, name_of, visit_living};
use crate::os::{self, Run};

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "__guard";

/// How long a killed process may take to disappear; one that hangs in the kernel cannot be waited for.
const KILL_PATIENCE: Duration = Duration::from_secs(5);
/// A program that has not ended so long after SIGTERM gets SIGHUP, as when a terminal is closed: an interactive shell
/// takes no notice of the first.
const HANG_UP: Duration = Duration::from_millis(200);
/// How often whoever ends a run looks whether something is left of it.
pub const LOOK: Duration = Duration::from_millis(20);
/// How often while it kills: before what has just been forked forks again.
pub const KILL_LOOK: Duration = Duration::from_millis(2);

/// What a guard tells Greenroom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The program runs, as this process.
    Started(i32),
    /// The program could not be started: the system's error number.
    Failed(i32),
    /// The program ended with this status.
    Exit(i32),
    /// The program was killed by this signal.
    Signal(i32),
    /// So many processes were still there when the program had ended, and were ended.
    Left(usize),
    /// These did not end when asked, and were killed: the first of them by their names, and how many more there were.
    Killed(Vec<String>),
    /// Nothing is left: the guard's last word, without which it was killed.
    Over,
}

impl Report {
    fn to_line(&self) -> String {
        match self {
            Self::Started(pid) => format!("started {pid}"),
            Self::Failed(errno) => format!("failed {errno}"),
            Self::Exit(status) => format!("exit {status}"),
            Self::Signal(signal) => format!("signal {signal}"),
            Self::Left(count) => format!("left {count}"),
            Self::Killed(names) => format!("killed {}", names.join(",")),
            Self::Over => "over".to_owned(),
        }
    }

    /// Reads a line; nothing for one that is no report.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (word, rest) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        Some(match word {
            "started" => Self::Started(rest.parse().ok()?),
            "failed" => Self::Failed(rest.parse().ok()?),
            "exit" => Self::Exit(rest.parse().ok()?),
            "signal" => Self::Signal(rest.parse().ok()?),
            "left" => Self::Left(rest.parse().ok()?),
            "killed" => Self::Killed(rest.split(',').map(str::to_owned).collect()),
            "over" => Self::Over,
            _ => return None,
        })
    }
}

/// Programs that are named when they had to be killed; of a fork storm there are thousands.
const NAMED: usize = 6;

/// Programs that are ended: each is known, and the first of them are named.
#[derive(Debug, Default)]
struct Ended {
    known: HashSet<Pid>,
    names: Vec<String>,
}

impl Ended {
    /// Whether `pid` was not known before.
    fn add(&mut self, pid: Pid) -> bool {
        let is_new = self.known.insert(pid);
        if is_new && self.known.len() <= NAMED {
            self.names.push(name_of(pid));
        }
        is_new
    }

    /// The names of the first, and how many more there were.
    fn names(mut self) -> Vec<String> {
        if self.known.len() > self.names.len() {
            self.names.push(format!("{} more", self.known.len() - self.names.len()));
        }
        self.names
    }
}

/// What may wait to be looked at; whoever has more waits.
const MAX_NEWS: usize = 64;

/// What happens to a guard.
enum News {
    /// The program has ended, as this says.
    Ended(Report),
    Childless,
    Stop,
    Kill,
}

/// The guard itself: `args` are the grace period in milliseconds, where the program's input and output are, the
/// program, and its arguments.
#[must_use]
pub fn guard_main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter();
    let grace = args.next().and_then(|grace| grace.to_str()?.parse().ok()).map(Duration::from_millis);
    let (Some(grace), Some(how), Some(program)) = (grace, args.next(), args.next()) else {
        let _ = writeln!(
            crate::say::err(),
            "{SUBCOMMAND} is how greenroom starts programs; it is of no use by hand"
        );
        return ExitCode::from(2);
    };
    // Both fail only where they are not needed: in a session of its own already, or on another system.
    let _ = rustix::process::setsid();
    os::adopt_orphans();
    let handed = Handed::take(&how.to_string_lossy(), &mut io::stdin().lock());
    let pid = match handed.and_then(|handed| spawn(&program, args, handed)) {
        Ok(pid) => pid,
        Err(error) => {
            report(&Report::Failed(error.raw_os_error().unwrap_or_default()));
            report(&Report::Over);
            return ExitCode::FAILURE;
        }
    };
    report(&Report::Started(pid.as_raw_nonzero().get()));
    let (sender, news) = sync_channel(MAX_NEWS);
    listen(&sender, pid);
    let mark = Some(own_component());
    let run = Run { root: rustix::process::getpid(), session: Some(pid), mark };
    Guard { program: pid, run, alive: true, news, childless: false }.run(grace);
    report(&Report::Over);
    ExitCode::SUCCESS
}

/// What marks this guard's run, where the system hands it nothing.
fn own_component() -> String {
    let this = rustix::process::getpid();
    os::component(rustix::process::getppid().unwrap_or(this), this)
}

/// The mark that its program gets: after those of the guards around this one.
fn mark() -> OsString {
    let mut mark = std::env::var_os(os::MARK).map_or_else(OsString::new, |mut around| {
        around.push("/");
        around
    });
    mark.push(own_component());
    mark
}

/// Starts the program as the leader of a session of its own, on its terminal if it has one.
fn spawn(program: &OsString, args: impl Iterator<Item = OsString>, handed: Handed) -> io::Result<Pid> {
    let Handed { environment, input, output, errors, is_terminal } = handed;
    let mut command = Command::new(program);
    // A program without a path is looked for in the PATH that it will have.
    environment.apply(&mut command);
    if !os::ADOPTS {
        command.env(os::MARK, mark());
    }
    command.args(args).stdin(input).stdout(output).stderr(errors);
    // SAFETY: between fork and exec only system calls are made that take no locks and allocate nothing.
    unsafe {
        command.pre_exec(move || {
            default_signals();
            rustix::process::setsid()?;
            if is_terminal {
                rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
            }
            // Should somebody kill the guard itself, at least the program does not outlive it.
            os::die_with_parent()
        });
    }
    let child = command.spawn()?;
    Pid::from_raw(i32::try_from(child.id()).unwrap_or(0)).ok_or_else(|| io::ErrorKind::Other.into())
}

/// Gives a program the signals that it expects: what `nohup` and shells in scripts have had ignored (hangups, Ctrl-C)
/// stays so over exec, and a shell cannot even trap it then. Called between fork and exec.
fn default_signals() {
    for signal in 1..=os::LAST_SIGNAL {
        // SAFETY: `signal` sets a number in the kernel, and may be called here. Those that have no action to set refuse.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

fn report(report: &Report) {
    // When nobody listens any more, there is still work to do.
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", report.to_line()).and_then(|()| out.flush());
}

/// Three threads that do nothing but wait: for children, for orders, for signals.
fn listen(sender: &SyncSender<News>, program: Pid) {
    let to = sender.clone();
    thread::spawn(move || reap(&to, program));
    let to = sender.clone();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            let news = if line == "kill" { News::Kill } else { News::Stop };
            if to.send(news).is_err() {
                return;
            }
        }
        let _ = to.send(News::Stop);
    });
    let to = sender.clone();
    if let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT]) {
        thread::spawn(move || signals.forever().map_while(|_| to.send(News::Stop).ok()).for_each(drop));
    }
}

/// Takes the dead off the system's list as fast as they come, and tells of the program alone: where a program forks without a pause, whoever
/// looks at each of them falls behind, and the dead are ever more.
fn reap(to: &SyncSender<News>, program: Pid) {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == program => {
                let signal = status.terminating_signal().map(Report::Signal);
                let Some(report) = status.exit_status().map(Report::Exit).or(signal) else { continue };
                let _ = to.send(News::Ended(report));
            }
            Err(rustix::io::Errno::INTR) | Ok(_) => {}
            Err(_) => {
                let _ = to.send(News::Childless);
                return;
            }
        }
    }
}

/// Whether a child of this process is in the group that `leader` began, whose number nobody else can have then.
fn has_children_in_group_of(leader: Pid) -> bool {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    rustix::process::waitid(WaitId::Pgid(Some(leader)), look).is_ok()
}

struct Guard {
    program: Pid,
    run: Run,
    /// The program has not ended yet.
    alive: bool,
    news: Receiver<News>,
    childless: bool,
}

impl Guard {
    fn run(mut self, grace: Duration) {
        let mut patience = grace;
        while self.alive && !self.childless {
            match self.news.recv() {
                Ok(News::Kill) => {
                    patience = Duration::ZERO;
                    break;
                }
                Ok(News::Stop) | Err(_) => break,
                Ok(news) => self.take_in(news),
            }
        }
        if !self.alive {
            let left = living(&self.run).len();
            if left > 0 {
                report(&Report::Left(left));
            }
        }
        self.end_all(patience);
    }

    fn take_in(&mut self, news: News) {
        match news {
            News::Ended(end) => {
                self.alive = false;
                report(&end);
            }
            News::Childless => self.childless = true,
            News::Stop | News::Kill => {}
        }
    }

    /// Ends every descendant: those that do not end within `patience` are killed.
    fn end_all(&mut self, patience: Duration) {
        let (deadline, mut hangs_up) = (Instant::now() + patience, Some(Instant::now() + HANG_UP));
        let mut asked = HashSet::new();
        while !self.is_clear() && Instant::now() < deadline {
            if hangs_up.take_if(|at| *at <= Instant::now()).is_some() {
                self.hang_up(&asked);
            }
            self.end_group(Signal::TERM);
            visit_living(&self.run, &mut |pid| {
                if asked.insert(pid) {
                    ask_to_end(pid);
                }
            });
            if self.wait_a_moment(LOOK) {
                break;
            }
        }
        let (mut killed, mut patience) = (Ended::default(), Patience::after(Duration::ZERO));
        while !self.is_clear() && !patience.is_over() {
            self.end_group(Signal::KILL);
            visit_living(&self.run, &mut |pid| {
                // Its name goes with it.
                killed.add(pid);
                patience.kill(pid);
            });
            self.wait_a_moment(KILL_LOOK);
        }
        let names = killed.names();
        if !names.is_empty() {
            report(&Report::Killed(names));
        }
    }

    /// Ends what the program has in its own group: all that is known where processes cannot be listed.
    fn end_group(&self, signal: Signal) {
        if !os::lists_processes() && (self.alive || has_children_in_group_of(self.program)) {
            let _ = kill_process_group(self.program, signal);
        }
    }

    /// Whether nothing of the run is left.
    fn is_clear(&self) -> bool {
        self.childless && (os::ADOPTS || living(&self.run).is_empty())
    }

    /// The signal of a terminal that closes, for whoever takes no notice of SIGTERM.
    fn hang_up(&self, asked: &HashSet<Pid>) {
        if self.alive {
            let _ = kill_process(self.program, Signal::HUP);
        }
        // Where the system does not say who takes no notice, all that are still there hear it.
        for pid in asked.iter().filter(|pid| !os::is_zombie(**pid) && os::ignores_term(**pid).is_none()) {
            let _ = kill_process(*pid, Signal::HUP);
        }
    }

    /// Takes news in for a moment; whether it is time to kill.
    fn wait_a_moment(&mut self, moment: Duration) -> bool {
        match self.news.recv_timeout(moment) {
            Ok(News::Kill) => return true,
            Ok(news) => self.take_in(news),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => thread::sleep(moment),
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_survive_the_pipe() {
        for report in [
            Report::Started(7),
            Report::Failed(2),
            Report::Exit(-1),
            Report::Signal(9),
            Report::Left(3),
            Report::Killed(vec!["a b".to_owned(), "c".to_owned()]),
            Report::Over,
        ] {
            assert_eq!(Report::parse(&(report.to_line() + "\n")), Some(report));
        }
        assert_eq!(Report::parse("exit much"), None);
        assert_eq!(Report::parse(""), None);
    }
}
