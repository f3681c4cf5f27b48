//! What programs leave behind: nothing, however they and their owner end.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Exit, Phase, Size, What};
use greenroom_base::source::{Control, EventSource, SourceError};
use greenroom_pane::{Feed, Palette, Pane};
use greenroom_system::pty::{Launcher, Live, Spec, StartError};
use greenroom_tape::{Header, Player};
use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::Notify;

use crate::support::alone::in_own_process;
use crate::support::needs::skip;
use crate::support::place::until;
use crate::support::write_executable;

/// Processes inherit it from their run, which makes them easy to find.
const MARK: &str = "GREENROOM_TEST_MARK";
/// How a test tells its own executable to be the owner of a run.
const OWNER: &str = "GREENROOM_TEST_OWNER";
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn shell(script: &str, mark: &str) -> Spec {
    Spec {
        program: "sh".to_owned(),
        args: vec!["-c".to_owned(), script.to_owned()],
        directory: std::env::temp_dir(),
        env: BTreeMap::from([(MARK.to_owned(), mark.to_owned())]),
        size: Size { columns: 80, rows: 24 },
        timeout: None,
        grace: Some(Duration::from_millis(300)),
    }
}

/// A run and what it has said lately.
pub(crate) struct Run {
    pub(crate) live: Live,
    wake: Arc<Notify>,
    pub(crate) began: Instant,
    output: Vec<u8>,
    pub(crate) bytes: u64,
    /// What came from its standard error, where that is a pipe.
    pub(crate) errors: Vec<u8>,
    pub(crate) phases: Vec<Phase>,
    pub(crate) exit: Option<Exit>,
}

impl Run {
    fn try_start(spec: &Spec) -> Result<Self, StartError> {
        let wake = Arc::new(Notify::new());
        let launcher = Launcher::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom")));
        let live = launcher.start(spec, Arc::clone(&wake), Elapsed::ZERO)?;
        Ok(Self::of(live, wake))
    }

    /// The same without a terminal.
    pub(crate) fn on_pipes(spec: &Spec) -> Self {
        let wake = Arc::new(Notify::new());
        let launcher = Launcher::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom")));
        let live = launcher.start_on_pipes(spec, Arc::clone(&wake), Elapsed::ZERO).unwrap();
        Self::of(live, wake)
    }

    fn of(live: Live, wake: Arc<Notify>) -> Self {
        let (began, phases) = (Instant::now(), Vec::new());
        Self { live, wake, began, output: Vec::new(), bytes: 0, errors: Vec::new(), phases, exit: None }
    }

    pub(crate) fn start(spec: &Spec) -> Self {
        Self::try_start(spec).unwrap()
    }

    pub(crate) fn poll(&mut self) {
        let (output, bytes, errors) = (&mut self.output, &mut self.bytes, &mut self.errors);
        let (phases, exit) = (&mut self.phases, &mut self.exit);
        self.live.poll(self.began.elapsed().into(), &mut |event| {
            assert_eq!(*exit, None, "nothing follows the end: {event:?}");
            match event.what {
                What::Output(part) => {
                    *bytes += part.len() as u64;
                    output.extend_from_slice(&part);
                    if output.len() > 400_000 {
                        output.drain(..200_000);
                    }
                }
                What::Message(part) => errors.extend_from_slice(&part),
                What::Phase(phase) => phases.push(phase),
                What::Exit(end) => *exit = Some(end),
                _ => {}
            }
        });
    }

    /// Polls whenever the run wakes the stage, until `done`.
    pub(crate) fn until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let wake = Arc::clone(&self.wake);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let met = runtime.block_on(async {
            let all = async {
                loop {
                    self.poll();
                    if done(self) {
                        return;
                    }
                    wake.notified().await;
                }
            };
            tokio::time::timeout(PATIENCE, all).await
        });
        assert!(met.is_ok(), "waited for {what}; the output is {:?}", self.text());
    }

    pub(crate) fn until_says(&mut self, text: &str) {
        self.until(text, |run| run.text().contains(text));
    }

    pub(crate) fn until_ends(&mut self) -> Exit {
        self.until("its end", |run| run.exit.is_some());
        self.exit.clone().unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }

    pub(crate) fn ask(&mut self, request: Control) -> Result<(), SourceError> {
        self.live.control(request, self.began.elapsed().into())
    }
}

/// The folders in `/proc` of every living process that carries `mark`.
pub(crate) fn processes(mark: &str) -> Vec<PathBuf> {
    let wanted = format!("{MARK}={mark}");
    let folders = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    folders
        .filter(|folder| {
            let environ = fs::read(folder.join("environ")).unwrap_or_default();
            environ.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
        })
        .collect()
}

/// Every living process that carries `mark`, by what it runs.
pub(crate) fn marked(mark: &str) -> Vec<String> {
    let line = |folder: PathBuf| fs::read(folder.join("cmdline")).unwrap_or_default();
    processes(mark)
        .into_iter()
        .map(|folder| String::from_utf8_lossy(&line(folder)).replace('\0', " "))
        .collect()
}

/// Waits until nothing that carries `mark` can write any more: all of it sleeps, and goes on sleeping.
pub(crate) fn until_blocked(mark: &str) {
    let deadline = Instant::now() + PATIENCE;
    let text = |folder: &PathBuf, file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
    let looks = || -> Vec<(bool, String)> {
        let sleeps = |folder: &PathBuf| text(folder, "stat").contains(") S ");
        processes(mark).iter().map(|folder| (sleeps(folder), text(folder, "io"))).collect()
    };
    let (mut before, mut same) = (looks(), 0);
    while same < 5 {
        assert!(Instant::now() < deadline, "it goes on: {:?}", marked(mark));
        std::thread::sleep(Duration::from_millis(10));
        let now = looks();
        let rests = now == before && !now.is_empty() && now.iter().all(|(sleeps, _)| *sleeps);
        same = if rests { same + 1 } else { 0 };
        before = now;
    }
}

/// Waits until `count` processes carry `mark`.
pub(crate) fn until_marked(mark: &str, count: usize) {
    until_become(mark, count, "");
}

/// Waits until `count` processes that carry `mark` are `program`, and no longer a shell that has its signals as they were.
fn until_become(mark: &str, count: usize, program: &str) {
    let deadline = Instant::now() + PATIENCE;
    while marked(mark).iter().filter(|line| line.starts_with(program)).count() < count {
        assert!(Instant::now() < deadline, "only {:?}", marked(mark));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until no more than `count` processes carry `mark`.
fn until_left(mark: &str, count: usize) {
    let deadline = Instant::now() + PATIENCE;
    while marked(mark).len() > count {
        assert!(Instant::now() < deadline, "still {:?}", marked(mark));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until no process carries `mark` any more.
pub(crate) fn until_gone(mark: &str) {
    until_left(mark, 0);
}

pub(crate) fn mark(test: &str) -> String {
    format!("{test}-{}", std::process::id())
}

/// Every way out of a process group that a shell knows, and one that only SIGKILL ends.
pub(crate) const ESCAPE: &str = "
    setsid sleep 1000 &
    nohup sleep 1000 >/dev/null 2>&1 &
    (setsid sh -c 'sleep 1000 </dev/null >/dev/null 2>&1 & exit 0' &)
    (trap '' TERM HUP INT; setsid sh -c 'sleep 1000; sleep 1000' &)
    sh -c 'kill -STOP $$; sleep 1000' &
";
/// How many processes that makes, with the shell itself.
pub(crate) const ESCAPED: usize = 7;

#[test]
fn everything_ends_with_its_run() {
    let mark = mark("stop");
    let mut run = Run::start(&shell(&format!("{ESCAPE} exec sleep 1000"), &mark));
    until_marked(&mark, ESCAPED);
    run.ask(Control::Stop).unwrap();
    assert_eq!(run.until_ends(), Exit::Stopped);
    assert_eq!(marked(&mark), Vec::<String>::new());
    assert_eq!(run.phases, [Phase::Starting, Phase::Running, Phase::Stopping]);
    let notice = run.live.take_notice().unwrap();
    assert!(notice.contains("was killed: sh") || notice.contains("was killed: sleep"), "{notice}");
    assert_eq!(run.ask(Control::Stop), Err(SourceError::Ended));
}

#[test]
fn of_many_that_had_to_be_killed_a_few_are_named_and_the_rest_counted() {
    let mark = mark("many");
    let deaf = "i=0; while [ $i -lt 20 ]; do (trap '' TERM HUP INT; setsid sleep 1000 &); i=$((i+1)); done";
    let mut run = Run::start(&shell(&format!("{deaf}; exec sleep 1000"), &mark));
    until_become(&mark, 21, "sleep ");
    run.ask(Control::Stop).unwrap();
    assert_eq!(run.until_ends(), Exit::Stopped);
    assert_eq!(marked(&mark), Vec::<String>::new());
    let notice = run.live.take_notice().unwrap();
    assert!(notice.ends_with("was killed: sleep, sleep, sleep, sleep, sleep, sleep, 14 more"), "{notice}");
}

#[test]
fn what_a_program_leaves_behind_is_ended_and_said() {
    let mark = mark("left");
    let mut run = Run::start(&shell(&format!("{ESCAPE} read line; exit 7"), &mark));
    until_marked(&mark, ESCAPED);
    run.ask(Control::Input(Bytes::from_static(b"\r"))).unwrap();
    assert_eq!(run.until_ends(), Exit::Status(7));
    assert_eq!(marked(&mark), Vec::<String>::new());
    assert!(run.live.take_notice().unwrap().contains("left behind"));
}

#[test]
fn dropping_a_run_waits_for_its_end() {
    let mark = mark("drop");
    let run = Run::start(&shell(&format!("{ESCAPE} yes"), &mark));
    until_marked(&mark, ESCAPED + 1);
    drop(run);
    assert_eq!(marked(&mark), Vec::<String>::new());
}

/// Not a test of its own: the process that the next test ends in several ways.
#[test]
#[ignore = "the process that owner_ends_and_nothing_is_left starts"]
fn owner() {
    let Ok(mark) = std::env::var(OWNER) else { return };
    let mut run = Run::start(&shell(&format!("{ESCAPE} exec sleep 1000"), &mark));
    until_marked(&mark, ESCAPED);
    println!("owner is ready");
    run.until_ends();
}

#[test]
fn owner_ends_and_nothing_is_left() {
    for (name, signal) in [("kill", Signal::KILL), ("term", Signal::TERM), ("hup", Signal::HUP)] {
        let mark = mark(name);
        let mut owner = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "children::owner", "--ignored", "--nocapture"])
            .env(OWNER, &mark)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("owner is ready")));
        kill_process(Pid::from_child(&owner), signal).unwrap();
        owner.wait().unwrap();
        until_gone(&mark);
    }
}

#[test]
fn a_guard_that_is_ended_ends_its_run_first() {
    let mark = mark("guard");
    let mut run = Run::start(&shell(&format!("{ESCAPE} exec sleep 1000"), &mark));
    until_marked(&mark, ESCAPED);
    let children = fs::read_to_string("/proc/thread-self/children").unwrap();
    let guard = Pid::from_raw(children.trim().parse().unwrap()).unwrap();
    kill_process(guard, Signal::TERM).unwrap();
    assert!(matches!(run.until_ends(), Exit::Signal(_) | Exit::Failed(_)));
    assert_eq!(marked(&mark), Vec::<String>::new());
}

#[test]
fn a_guard_that_is_killed_leaves_nothing_either() {
    in_own_process(|| {
        let mark = mark("killed-guard");
        let mut run = Run::start(&shell(&format!("{ESCAPE} exec sleep 1000"), &mark));
        until_marked(&mark, ESCAPED);
        let children = fs::read_to_string("/proc/thread-self/children").unwrap();
        let guard = Pid::from_raw(children.trim().parse().unwrap()).unwrap();
        kill_process(guard, Signal::KILL).unwrap();
        assert!(matches!(run.until_ends(), Exit::Failed(_)));
        assert_eq!(marked(&mark), Vec::<String>::new());
        let notice = run.live.take_notice().unwrap();
        assert!(notice.contains("ended with its guard: ") && notice.contains("sleep"), "{notice}");
        assert_eq!(held().2, 0, "no zombie is left to this process");
        // The next run is none the worse for it.
        let mut run = Run::start(&shell("echo fine", &mark));
        assert_eq!(run.until_ends(), Exit::Status(0));
    });
}

/// Each of them lives for some milliseconds, and leaves its successor: whoever looks at a list sees processes that are dead by then.
#[test]
fn programs_that_fork_without_a_pause_end_when_their_guard_is_killed() {
    in_own_process(|| {
        let relay = "relay() { sleep 0.01; relay & }; i=0; while [ $i -lt 8 ]; do relay & i=$((i+1)); done";
        for round in 0..12 {
            let mark = mark(&format!("relay-{round}"));
            let mut run = Run::start(&shell(&format!("{relay}; exec sleep 1000"), &mark));
            until_marked(&mark, 9);
            let children = fs::read_to_string("/proc/thread-self/children").unwrap();
            let guard = Pid::from_raw(children.trim().parse().unwrap()).unwrap();
            kill_process(guard, Signal::KILL).unwrap();
            assert!(matches!(run.until_ends(), Exit::Failed(_)));
            assert_eq!(marked(&mark), Vec::<String>::new());
        }
    });
}

/// The bytes that a process has written so far.
fn written(process: Pid) -> usize {
    let io = fs::read_to_string(format!("/proc/{}/io", process.as_raw_nonzero())).unwrap();
    io.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap().parse().unwrap()
}

/// Alone: what a killed guard leaves behind is ended, and in this process that would be every daemon that a test has started,
/// tmux among them.
#[test]
fn a_guard_that_is_killed_while_it_ends_a_run_leaves_nothing() {
    in_own_process(|| {
        let mark = mark("late-guard");
        let script =
            "(trap '' TERM HUP INT; setsid sleep 1000 >/dev/null 2>&1 </dev/null &); read line; exit 5";
        let spec = Spec { grace: Some(Duration::from_secs(20)), ..shell(script, &mark) };
        let mut run = Run::start(&spec);
        until_marked(&mark, 2);
        let guard = Pid::from_raw(run.live.guard().try_into().unwrap()).unwrap();
        // Its first report, that the program has started, may still be on its way.
        until("its first report", || written(guard) >= "started\n".len());
        let before = written(guard);
        run.ask(Control::Input(Bytes::from_static(b"\r"))).unwrap();
        // The program has ended, and the guard has said so; what does not end is left.
        until_left(&mark, 1);
        until("the report of its end", || written(guard) != before);
        // It was read as well: who is told to stop before that counts as stopped.
        let reports = fs::File::open(format!("/proc/{}/fd/1", guard.as_raw_nonzero())).unwrap();
        until("its being read", || rustix::io::ioctl_fionread(&reports).unwrap() == 0);
        kill_process(guard, Signal::KILL).unwrap();
        run.ask(Control::Stop).ok();
        until_gone(&mark);
        assert_eq!(run.until_ends(), Exit::Status(5));
    });
}

#[test]
fn a_guard_that_is_stopped_ends_its_run_all_the_same() {
    let mark = mark("stopped-guard");
    let mut run = Run::start(&shell("exec sleep 1000", &mark));
    until_marked(&mark, 1);
    let guard = Pid::from_raw(run.live.guard().try_into().unwrap()).unwrap();
    kill_process(guard, Signal::STOP).unwrap();
    run.ask(Control::Stop).unwrap();
    assert_eq!(run.until_ends(), Exit::Stopped);
    assert_eq!(marked(&mark), Vec::<String>::new());
}

#[test]
fn an_interactive_shell_ends_when_it_is_stopped_and_need_not_be_killed() {
    let mark = mark("interactive");
    let patient = Spec { grace: Some(PATIENCE), ..shell("exec bash --norc --noprofile -i", &mark) };
    let mut run = Run::start(&patient);
    run.until_says("bash-");
    run.ask(Control::Stop).unwrap();
    assert_eq!(run.until_ends(), Exit::Stopped);
    assert_eq!(run.live.take_notice(), None, "nothing was killed");
    assert_eq!(marked(&mark), Vec::<String>::new());
}

/// The environment of the process `pid`.
fn environment_of(pid: u32) -> Vec<String> {
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap();
    environ.split(|byte| *byte == 0).map(|one| String::from_utf8_lossy(one).into_owned()).collect()
}

#[test]
fn a_demos_environment_is_given_to_the_program_alone() {
    let folder = tempfile::tempdir().unwrap();
    let tool = folder.path().join("only-in-its-path");
    write_executable(&tool, b"#!/bin/sh\necho found \"$A\" \"$TERM\" \"${TMUX-none}\"; read line\n");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let env =
        [("A", "x=y\nz"), ("PATH", path.as_str()), ("LD_AUDIT", "./nowhere.so"), ("GLIBC_TUNABLES", "a=b")];
    let env = env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let spec =
        Spec { program: "only-in-its-path".to_owned(), args: Vec::new(), env, ..shell("", &mark("env")) };
    let mut run = Run::start(&spec);
    run.until_says("z xterm-256color none");
    assert!(run.text().contains("found x=y"), "{}", run.text());
    let own = environment_of(std::process::id());
    let guard = environment_of(run.live.guard());
    assert_eq!(guard, own, "the guard has Greenroom's own environment");
    drop(run);
    for (name, value) in [("A=B", "x"), ("", "x"), ("A", "a\0b")] {
        let env = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let error = Run::try_start(&Spec { env, ..shell("exit", &mark("env")) }).err().unwrap().to_string();
        assert!(error.contains("cannot be a variable of an environment"), "{error}");
    }
}

/// A library that gets away from every process that it is loaded into.
const DAEMON: &str = "
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
__attribute__((constructor)) static void away(void) {
    if (getenv(\"AWAY\") || fork()) return;
    setenv(\"AWAY\", \"1\", 1);
    signal(SIGTERM, SIG_IGN); signal(SIGHUP, SIG_IGN);
    setsid();
    for (int fd = 0; fd < 64; fd++) close(fd);
    if (fork()) _exit(0);
    execlp(\"sleep\", \"sleep\", \"1000\", (char *)0);
    _exit(1);
}";

#[test]
fn a_library_that_a_demo_preloads_is_ended_with_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("e.c"), DAEMON).unwrap();
    let made =
        Command::new("cc").args(["-shared", "-fPIC", "-o", "e.so", "e.c"]).current_dir(&folder).status();
    if !made.is_ok_and(|status| status.success()) {
        return skip("cc");
    }
    let mark = mark("preload");
    let mut spec = shell("read line", &mark);
    spec.directory = folder.path().to_owned();
    spec.env.insert("LD_PRELOAD".to_owned(), "./e.so".to_owned());
    let mut run = Run::start(&spec);
    until_marked(&mark, 2);
    run.ask(Control::Stop).unwrap();
    run.until_ends();
    assert_eq!(marked(&mark), Vec::<String>::new());
}

/// A program whose first thread ends, while another one runs on.
const HEADLESS: &str = "
#include <pthread.h>
#include <unistd.h>
static void *on(void *nothing) { for (;;) sleep(1000); }
int main(void) { pthread_t other; pthread_create(&other, 0, on, 0); pthread_exit(0); }";

#[test]
fn a_program_whose_first_thread_has_ended_is_ended_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("h.c"), HEADLESS).unwrap();
    let made = Command::new("cc").args(["-pthread", "-o", "h", "h.c"]).current_dir(&folder).status();
    if !made.is_ok_and(|status| status.success()) {
        return skip("cc");
    }
    let mut spec = shell("setsid ./h & echo \"pid $! is it\"; read line", &mark("headless"));
    spec.directory = folder.path().to_owned();
    let mut run = Run::start(&spec);
    run.until_says("is it");
    let number = run.text().split_once("pid ").unwrap().1.split(' ').next().unwrap().to_owned();
    let stat = || fs::read_to_string(format!("/proc/{number}/stat"));
    until("the end of its first thread", || stat().unwrap().contains(") Z "));
    run.ask(Control::Stop).unwrap();
    run.until_ends();
    // Where nobody adopts it, the system's first process may not have asked yet how it ended; its threads are gone.
    let threads = |stat: String| stat.rsplit(") ").next().unwrap().split(' ').nth(17).map(str::to_owned);
    assert_ne!(stat().ok().and_then(threads).as_deref(), Some("2"), "it runs on");
}

#[test]
fn the_program_has_a_terminal_and_its_true_status_is_told() {
    let script = "tty; stty size; echo $TERM; ps -o sid= -p $$ | tr -d ' ' | sed \"s/^$$\\$/leader/\"; \
        read line; echo \"got $line\"; trap 'stty size' WINCH; echo trapped; until read line; do :; done; exit 3";
    let mut run = Run::start(&shell(script, &mark("tty")));
    run.until_says("leader");
    assert!(run.text().contains("/dev/pts/") && run.text().contains("24 80"), "{}", run.text());
    run.ask(Control::Input(Bytes::from_static(b"hello\r"))).unwrap();
    run.until_says("trapped");
    assert!(run.text().contains("got hello"));
    run.ask(Control::Resize(Size { columns: 100, rows: 30 })).unwrap();
    run.ask(Control::Input(Bytes::from_static(b"x\r"))).unwrap();
    assert_eq!(run.until_ends(), Exit::Status(3));
    assert!(run.text().contains("30 100"), "{}", run.text());
    let mut run = Run::start(&shell("kill -SEGV $$", &mark("segv")));
    assert_eq!(run.until_ends(), Exit::Signal(11));
    let mut run = Run::start(&shell("printf last; exit 0", &mark("last")));
    assert_eq!((run.until_ends(), run.text().as_str()), (Exit::Status(0), "last"));
}

#[test]
#[cfg_attr(
    feature = "portable",
    ignore = "who keeps the other side of a terminal open cannot see that a program has closed it"
)]
fn a_program_that_closes_its_terminal_lives_on_until_its_limit() {
    let limit = Some(Duration::from_millis(1500));
    let spec = Spec { timeout: limit, ..shell("echo bye; exec <&- >&- 2>&-; sleep 1000", &mark("close")) };
    let mut run = Run::start(&spec);
    run.until_says("bye");
    assert_eq!(run.exit, None);
    let mut said = None;
    run.until("a word about it", |run| {
        said = said.take().or_else(|| run.live.take_notice());
        said.is_some()
    });
    assert!(said.unwrap().contains("closed its terminal and runs on: {stop} stops it"));
    assert_eq!(run.until_ends(), Exit::TimedOut);
    assert!(run.began.elapsed() >= Duration::from_millis(1500));
    assert_eq!(marked(&mark("close")), Vec::<String>::new());
}

#[test]
fn what_cannot_be_started_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plain"), "text").unwrap();
    write_executable(&folder.path().join("broken"), b"#!/no/such/interpreter\n");
    let spec = |program: &str| Spec {
        program: program.to_owned(),
        args: Vec::new(),
        directory: folder.path().to_owned(),
        ..shell("", &mark("bad"))
    };
    let error = |spec: &Spec| Run::try_start(spec).err().unwrap().to_string();
    assert!(error(&spec("")).contains("has no command"));
    assert!(error(&spec("no-such-program-here")).contains("in PATH: install it"));
    assert!(error(&spec("./missing")).contains("there is no file ./missing"));
    assert!(error(&spec("./plain")).contains("chmod +x"));
    let nowhere = Spec { directory: folder.path().join("nowhere"), ..spec("sh") };
    assert!(error(&nowhere).contains("there is no directory"));
    let file = Spec { directory: folder.path().join("plain"), ..spec("sh") };
    assert!(error(&file).contains("is not a directory"));
    let mut run = Run::start(&spec("./broken"));
    let Exit::Failed(reason) = run.until_ends() else { panic!("{:?}", run.exit) };
    assert!(reason.contains("./broken cannot be started") && reason.contains("interpreter"), "{reason}");
}

#[test]
fn keys_nobody_reads_are_refused_in_the_end() {
    let mut run = Run::start(&shell("stty raw -echo; echo ready; sleep 1000", &mark("keys")));
    run.until_says("ready");
    let keys = Bytes::from(vec![b'x'; 10_000]);
    let refused = (0..100).find_map(|_| run.ask(Control::Input(keys.clone())).err());
    assert_eq!(refused, Some(SourceError::Full));
    run.ask(Control::Kill).unwrap();
    assert_eq!(run.until_ends(), Exit::Stopped);
}

/// Kilobytes of memory in use at most so far.
pub(crate) fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn much_output_waits_for_the_stage_and_takes_no_memory() {
    in_own_process(|| {
        let before = peak_memory();
        let script = "yes 'a line of output that goes on and on' | head -c 100000000; echo end; sleep 1000";
        let mut run = Run::start(&shell(script, &mark("much")));
        run.until("output", |run| run.bytes > 0);
        // Nobody polls: the program has to wait, and wakes nobody.
        until_blocked(&mark("much"));
        let queued = peak_memory() - before;
        assert!(queued < 20_000, "{queued} kB");
        // `\n` becomes `\r\n` on the way.
        run.until("all of it", |run| run.bytes > 102_000_000);
        let grown = peak_memory() - before;
        assert!(grown < 20_000, "{grown} kB");
        run.ask(Control::Stop).unwrap();
        run.until_ends();
    });
}

#[test]
fn one_call_gives_a_bounded_amount() {
    let mut run = Run::start(&shell("yes", &mark("budget")));
    run.until("a flood", |run| run.bytes > 1_000_000);
    until_blocked(&mark("budget"));
    let before = run.bytes;
    run.poll();
    assert!((1..=128 * 1024).contains(&(run.bytes - before)), "{}", run.bytes - before);
    assert!(run.live.next_at().is_some(), "there is more");
}

#[test]
fn a_real_run_and_its_tape_end_with_the_same_screen() {
    let script = "printf '\\033[1;31mred\\033[m \\346\\274\\242 \\377\\n'; head -c 3000 /dev/urandom; printf '\\033c'; \
        ls -la --color=always /proc/self; stty size; exit 4";
    let spec = shell(script, &mark("tape"));
    let wake = Arc::new(Notify::new());
    let launcher = Launcher::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom")));
    let mut pane = Pane::new(spec.size, Palette::default());
    let generation = pane.begin(Elapsed::ZERO);
    pane.start_recording(&Header::new(spec.size), false);
    let live = launcher.start(&spec, wake, Elapsed::ZERO).unwrap();
    assert!(pane.attach(generation, Feed::Live(Box::new(live)), Elapsed::ZERO).is_ok());
    let (began, mut tape) = (Instant::now(), Vec::new());
    while pane.poll(began.elapsed().into()).ended.is_none() {
        tape.extend(pane.take_taped());
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(1));
    }
    tape.extend(pane.take_taped());
    let live = (pane.view().text(), pane.title(Elapsed::ZERO));
    assert!(live.0.contains("24 80") && live.1.starts_with("exit 4"), "{live:?}");
    let generation = pane.begin(Elapsed::ZERO);
    let player = Player::open(Box::new(std::io::Cursor::new(tape))).unwrap();
    assert!(pane.attach(generation, Feed::Tape(Box::new(player)), Elapsed::ZERO).is_ok());
    // It is taken in a piece at a time.
    let began = Instant::now();
    let now = Elapsed::from_secs(1000);
    while !pane.title(now).contains("exit 4") || pane.next_at(now).is_some_and(|at| at <= now) {
        pane.poll(now);
        assert!(began.elapsed() < PATIENCE, "{}", pane.title(now));
    }
    assert_eq!(pane.view().text(), live.0);
}

#[test]
fn a_flood_does_not_drown_keys_and_orders() {
    let script = "stty -echo; yes & read line; kill $!; wait; printf 'heard %s' $line; exec yes";
    let mut run = Run::start(&shell(script, &mark("flood")));
    run.until("a flood", |run| run.bytes > 5_000_000);
    run.ask(Control::Input(Bytes::from_static(b"you\r"))).unwrap();
    run.until_says("heard you");
    let bytes = run.bytes;
    run.until("the next flood", |run| run.bytes > bytes + 5_000_000);
    run.ask(Control::Stop).unwrap();
    assert_eq!(run.until_ends(), Exit::Stopped);
}

/// Descriptors, threads and children of this process.
pub(crate) fn held() -> (usize, usize, usize) {
    let count = |folder: &str| fs::read_dir(folder).unwrap().count();
    let threads: Vec<_> = fs::read_dir("/proc/self/task").unwrap().flatten().collect();
    let children = threads.iter().map(|thread| {
        fs::read_to_string(thread.path().join("children")).unwrap_or_default().split_whitespace().count()
    });
    (count("/proc/self/fd"), count("/proc/self/task"), children.sum())
}

#[test]
fn a_thousand_runs_leave_nothing_open() {
    in_own_process(|| {
        let cycle = |n: usize| {
            let mut run = Run::start(&shell("echo hi; [ $0 = 0 ] || sleep 1000", &mark("cycle")));
            match n % 3 {
                0 => run.until_says("hi"),
                1 => {
                    run.ask(Control::Kill).unwrap();
                    assert_eq!(run.until_ends(), Exit::Stopped);
                }
                _ => {}
            }
        };
        cycle(0);
        let before = held();
        (0..1000).for_each(cycle);
        assert_eq!(held(), before);
        assert_eq!(marked(&mark("cycle")), Vec::<String>::new());
    });
}
