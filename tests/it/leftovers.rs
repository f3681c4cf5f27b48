//! What every verb that starts programs leaves behind: nothing, however it ends, and whatever they do to stay.
//!
//! The programs of these tests start daemons of every kind, and write down that each of them is there; their mark in
//! the environment shows who still lives.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::needs::require;
use crate::support::place::{Place, locked, script, until};
use rustix::process::{Pid, Signal, kill_process};

/// How long what a killed verb leaves may live on.
const LEFT: Duration = Duration::from_secs(15);
/// Processes inherit it from the program that starts them.
const MARK: &str = "GREENROOM_TEST_MARK";
/// One each: in a session of its own, deaf to a terminal that closes, with a parent that has ended, deaf to SIGTERM.
const DAEMONS: [&str; 4] = ["setsid", "nohup", "twice", "deaf"];

/// How a verb ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// By itself, when its program has ended.
    Normal,
    /// Its program never ends, and somebody asks the verb to.
    Asked(Signal),
    /// The process that was started is killed.
    Killed,
    /// The processes below it that are Greenroom's own, down to the guard, are killed.
    KilledBelow,
    /// The process that was started and the one that does the work are killed at the same moment, and no guard is.
    BothKilled,
}

const ENDINGS: [Ending; 6] = [
    Ending::Normal,
    Ending::Asked(Signal::TERM),
    Ending::Asked(Signal::INT),
    Ending::Killed,
    Ending::KilledBelow,
    Ending::BothKilled,
];

/// Where a test's program says what it has started.
struct Daemons {
    folder: tempfile::TempDir,
    mark: String,
}

impl Daemons {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("up")).unwrap();
        let mark = format!("{}-{}", std::process::id(), folder.path().display());
        Self { folder, mark }
    }

    /// The path of a program that starts every daemon, waits until all are there, prints `output`, and ends; or stays.
    fn program(&self, name: &str, stays: bool, output: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        let (mark, up) = (&self.mark, self.folder.path().join("up").display().to_string());
        let end = if stays { "exec sleep 1000" } else { "exit 0" };
        script(
            &path,
            &format!(
                "export {MARK}={mark} up={up}
                quietly() {{ exec \"$@\" </dev/null >/dev/null 2>&1; }}
                (quietly setsid sh -c \"touch \\$up/setsid; exec sleep 1000\") &
                (quietly nohup sh -c \"touch \\$up/nohup; exec sleep 1000\") &
                (quietly setsid sh -c \"(touch \\$up/twice; exec sleep 1000) & exit 0\") &
                (trap \"\" TERM HUP INT; quietly setsid sh -c \"touch \\$up/deaf; sleep 1000; sleep 1000\") &
                while [ \"$(ls $up | wc -l)\" -lt {} ]; do sleep 0.01; done
                printf \"%s\\n\" \"{output}\"
                {end}",
                DAEMONS.len()
            ),
        );
        path
    }

    /// All of them have been started.
    fn are_up(&self) -> bool {
        DAEMONS.iter().all(|name| self.folder.path().join("up").join(name).exists())
    }

    /// What lives of them, by what it runs.
    fn living(&self) -> Vec<String> {
        let wanted = format!("{MARK}={}", self.mark);
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let environ = fs::read(entry.path().join("environ")).unwrap_or_default();
            if environ.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes()) {
                let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                found.push(String::from_utf8_lossy(&line).replace('\0', " "));
            }
        }
        found
    }

    /// Lets `verb`, which runs a program of these, end so, and fails when a daemon is left.
    fn are_gone_after(&self, verb: &mut Command, ending: Ending) {
        let log = self.folder.path().join("log");
        let out = fs::File::create(&log).unwrap();
        let mut verb =
            Verb(verb.stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(out).spawn().unwrap());
        let said = || fs::read_to_string(&log).unwrap_or_default();
        until("the daemons", || {
            assert!(
                self.are_up() || verb.0.try_wait().unwrap().is_none(),
                "{ending:?}: it ended first:\n{}",
                said()
            );
            self.are_up()
        });
        verb.end(ending);
        until("the end of the verb", || verb.0.try_wait().unwrap().is_some());
        // Whoever ends in an orderly way has ended everything by then.
        let patience = match ending {
            Ending::Normal | Ending::Asked(_) => Duration::ZERO,
            _ => LEFT,
        };
        let began = Instant::now();
        while !self.living().is_empty() {
            assert!(began.elapsed() < patience, "{ending:?} leaves {:?}\n{}", self.living(), said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Daemons {
    /// A test that fails leaves no daemons either.
    fn drop(&mut self) {
        let wanted = format!("{MARK}={}", self.mark);
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let environ = fs::read(entry.path().join("environ")).unwrap_or_default();
            let pid = entry.file_name().to_string_lossy().parse().ok().and_then(Pid::from_raw);
            if let Some(pid) =
                pid.filter(|_| environ.split(|byte| *byte == 0).any(|one| one == wanted.as_bytes()))
            {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}

/// A verb that runs.
struct Verb(Child);

impl Verb {
    fn end(&self, ending: Ending) {
        let this = Pid::from_child(&self.0);
        let kill = |pid: Pid| {
            let _ = kill_process(pid, Signal::KILL);
        };
        match ending {
            Ending::Normal => {}
            Ending::Asked(signal) => kill_process(this, signal).unwrap(),
            Ending::Killed => kill(this),
            Ending::KilledBelow => self.workers().into_iter().for_each(kill),
            Ending::BothKilled => {
                let workers = self.workers();
                kill(this);
                workers.into_iter().for_each(kill);
            }
        }
    }

    /// Greenroom's own processes below the one that was started, guards left out.
    fn workers(&self) -> Vec<Pid> {
        let this = self.0.id().to_string();
        let own = fs::read_link(format!("/proc/{this}/exe")).unwrap();
        let children = fs::read_to_string(format!("/proc/{this}/task/{this}/children")).unwrap();
        let is_worker = |pid: &&str| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let guard = line.split(|byte| *byte == 0).any(|word| word == b"__guard");
            fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == own) && !guard
        };
        children.split(' ').filter(is_worker).filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect()
    }
}

impl Drop for Verb {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn greenroom(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenroom"));
    command
        .env("HOME", home)
        .env("XDG_STATE_HOME", home.join("state"))
        .env("XDG_CACHE_HOME", home.join("cache"));
    command.current_dir(home);
    command
}

/// Lets the verb that `start` makes of a program end in every way.
fn every_ending(output: &str, start: impl FnMut(&Daemons, &Path) -> Command) {
    each(&ENDINGS, output, start);
}

/// Lets the verb that `start` makes of a program end in each of these ways.
fn each(endings: &[Ending], output: &str, mut start: impl FnMut(&Daemons, &Path) -> Command) {
    for &ending in endings {
        let daemons = Daemons::new();
        let program = daemons.program("program", ending != Ending::Normal, output);
        daemons.are_gone_after(&mut start(&daemons, &program), ending);
    }
}

/// A deck with one demo, in the test's folder.
fn deck(daemons: &Daemons, demo: &str) -> PathBuf {
    let deck = daemons.folder.path().join("deck");
    fs::create_dir_all(&deck).unwrap();
    let outline =
        format!("title: T\nsections: [{{title: A, file: a.md}}]\ndemos:\n  d: {{{demo}, tape: d.cast}}\n");
    fs::write(deck.join("talk.yaml"), outline).unwrap();
    fs::write(deck.join("a.md"), "# A\n```pane\ndemo: d\n```\n").unwrap();
    deck
}

#[test]
fn m3_probe_leaves_no_daemon() {
    every_ending("{}", |daemons, program| {
        let mut command = greenroom(daemons.folder.path());
        command.args(["probe", "--only", "plain", "--limit", "100", "--"]).arg(program);
        command
    });
}

#[test]
fn m3_a_probe_whose_time_is_up_leaves_no_daemon() {
    let daemons = Daemons::new();
    let program = daemons.program("program", true, "{}");
    let mut command = greenroom(daemons.folder.path());
    command.args(["probe", "--only", "plain", "--limit", "3", "--"]).arg(program);
    daemons.are_gone_after(&mut command, Ending::Normal);
}

#[test]
fn m3_record_leaves_no_daemon() {
    every_ending("said", |daemons, program| {
        let deck = deck(daemons, &format!("command: [{}]", program.display()));
        let mut command = greenroom(daemons.folder.path());
        command.args(["record", "d", "--yes"]).arg(deck);
        command
    });
}

#[test]
fn m3_setup_leaves_no_daemon_of_uv() {
    let Some(place) = Place::open() else { return };
    every_ending("", |_, program| {
        for folder in place.environments() {
            // What the run before leaves may still be going.
            until("the end of an environment", || fs::remove_dir_all(&folder).is_ok() || !folder.exists());
        }
        place.uv(&program.display().to_string());
        place.setup()
    });
}

#[test]
fn m3_doctor_of_a_project_leaves_no_daemon_of_a_package() {
    let Some(place) = Place::open() else { return };
    let project = place.at("project");
    fs::create_dir_all(&project).unwrap();
    fs::write(project.join("requirements.txt"), locked("evil==1.0")).unwrap();
    // uv itself, and the package when it is imported.
    for install in ["PROGRAM", INSTALL] {
        every_ending("", |daemons, program| {
            let import = daemons.folder.path().join("evil.py");
            fs::write(
                &import,
                format!("import subprocess\nsubprocess.call([{:?}])\n", program.display().to_string()),
            )
            .unwrap();
            let program = program.display().to_string();
            place.uv(&install.replace("PROGRAM", &program).replace("MODULE", &import.display().to_string()));
            let mut command = place.greenroom();
            command
                .args(["doctor", "--project", "project", "--yes", "--python-ft"])
                .arg(&place.free_threaded);
            command
        });
    }
}

/// Puts a package with a module `evil` into the environment.
const INSTALL: &str = r#"[ "$2" = install ] || { echo evil==1.0 > "$last"; exit 0; }
while [ "$1" != --python ]; do shift; done
site="$(dirname "$(dirname "$2")")/lib/python3.14t/site-packages"
mkdir -p "$site/evil-1.0.dist-info" && cp MODULE "$site/evil.py"
printf "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n" > "$site/evil-1.0.dist-info/METADATA"
printf "evil.py,,\nevil-1.0.dist-info/METADATA,,\n" > "$site/evil-1.0.dist-info/RECORD""#;

#[test]
fn m3_an_interpreter_that_is_asked_what_it_is_leaves_no_daemon() {
    every_ending("{}", |daemons, program| {
        let deck = deck(daemons, "command: [python, x.py], runtime: gil");
        let mut command = greenroom(daemons.folder.path());
        command.arg("doctor").arg(deck).arg("--python").arg(program);
        command
    });
}

/// A bench has no keeper: it is often one of a stage's own programs.
const BENCH_ENDINGS: [Ending; 4] =
    [Ending::Normal, Ending::Asked(Signal::TERM), Ending::Asked(Signal::INT), Ending::Killed];

/// A scenario of a real server in `folder`; `head` and `variant` say more about it.
fn scenario(folder: &Path, head: &str, variant: &str) -> PathBuf {
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/server.py");
    fs::copy(server, folder.join("server.py")).unwrap();
    let script = folder.join("server.py").display().to_string();
    let variants: String = ["one", "two"]
        .map(|name| format!("- {{name: {name}, command: [python3, {script}, \"{{port}}\"]{variant}}}\n"))
        .concat();
    let text = format!("title: T\npath: /\n{head}load: {{connections: 2}}\nvariants:\n{variants}");
    let path = folder.join("scenario.yaml");
    fs::write(&path, text).unwrap();
    path
}

/// A short bench of such a scenario.
fn bench(daemons: &Daemons, head: &str) -> Command {
    let folder = daemons.folder.path();
    let mut command = greenroom(folder);
    command.arg("bench").arg(scenario(folder, head, "")).args(["--protocol", "quick", "--json"]);
    command
}

#[test]
fn m3_a_bench_leaves_no_daemon_of_somebody_elses_load_generator() {
    if !require("python3") {
        return;
    }
    let summary =
        "  Latency Distribution\n  50% 210.00us\n  99% 2.05ms\n  100 requests in 2.01s, 1.00MB read";
    each(&BENCH_ENDINGS, summary, |daemons, program| {
        let bin = daemons.folder.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::rename(program, bin.join("wrk")).unwrap();
        let mut command = bench(daemons, "");
        let path = std::env::var("PATH").unwrap_or_default();
        command.args(["--load", "wrk"]).env("PATH", format!("{}:{path}", bin.display()));
        command
    });
}

#[test]
fn m3_a_bench_leaves_no_daemon_of_a_profiler() {
    let Some(place) = Place::open().filter(|_| require("python3")) else { return };
    assert!(place.setup().output().unwrap().status.success());
    each(&BENCH_ENDINGS, "", |_, program| {
        // The profiler's Python runs this when it starts; so would any that is started as carefully.
        let run =
            format!("subprocess.call([{:?}], stdout=subprocess.DEVNULL)", program.display().to_string());
        let text = format!("import subprocess, sys\nif sys.flags.isolated: {run}\n");
        for folder in place.environments() {
            let site = folder.join("lib/python3.14/site-packages");
            fs::create_dir_all(&site).unwrap();
            fs::write(site.join("sitecustomize.py"), &text).unwrap();
        }
        let scenario = scenario(&place.at("deck"), "", ", runtime: gil");
        let mut command = place.greenroom();
        command.arg("bench").arg(scenario).args(["--protocol", "quick", "--json", "--profile", "1"]);
        command.arg("--python").arg(&place.gil);
        command
    });
}

#[test]
fn m3_a_bench_leaves_no_daemon_of_what_prepares_it() {
    if !require("python3") {
        return;
    }
    each(&BENCH_ENDINGS, "ready", |daemons, program| {
        bench(daemons, &format!("prepare: [[{}]]\n", program.display()))
    });
}
