//! The talk's benches with the real thing: Django on gunicorn, uvicorn and granian, with and without the GIL, on SQLite
//! and PostgreSQL.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use greenroom_bench::{PhaseKind, Record, RunSummary, What};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::needs::{has, skip};

/// What the issue allows for what a killed bench leaves.
const LEFT: Duration = Duration::from_secs(5);

/// Whether the interpreters and their environments are there; made once for all tests.
#[track_caller]
fn ready() -> bool {
    static SETUP: OnceLock<Result<(), String>> = OnceLock::new();
    let named = ["GREENROOM_PYTHON", "GREENROOM_PYTHON_FT"].map(std::env::var_os);
    if named.iter().any(Option::is_none) {
        skip("GREENROOM_PYTHON and GREENROOM_PYTHON_FT");
        return false;
    }
    let setup = SETUP.get_or_init(|| {
        let setup = greenroom(&["setup", "--yes"]).arg(deck()).output().unwrap();
        let said = || String::from_utf8_lossy(&setup.stdout).into_owned();
        if setup.status.success() { Ok(()) } else { Err(said()) }
    });
    if let Err(said) = setup {
        skip(&format!("greenroom setup: {said}"));
    }
    setup.is_ok()
}

/// Whether a PostgreSQL server can be started here.
#[track_caller]
fn postgres() -> bool {
    let found = has("initdb") || Path::new("/usr/lib/postgresql").is_dir();
    if !found {
        skip("PostgreSQL, for half of it");
    }
    found
}

fn deck() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deck")
}

fn greenroom(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenroom"));
    command.args(args).stdin(Stdio::null());
    command
}

fn bench(name: &str) -> Command {
    let mut command = greenroom(&["bench", "--json", "--protocol", "quick"]);
    let deck = if name.contains("postgresql") || name == "database.yaml" { in_pure_python() } else { deck() };
    command.arg(deck.join("demos").join(name));
    command
}

/// A copy of the deck whose scenarios ask for psycopg in pure Python: the compiled one is built by `setup --allow-build` alone,
/// which takes minutes, and needs a compiler.
fn in_pure_python() -> PathBuf {
    static COPY: OnceLock<PathBuf> = OnceLock::new();
    let copy = COPY.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pure-psycopg");
        let _ = fs::remove_dir_all(&folder);
        let copied = Command::new("cp").arg("-r").arg(deck()).arg(&folder).status().unwrap();
        assert!(copied.success());
        for entry in fs::read_dir(folder.join("demos")).unwrap().flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "yaml") {
                let text = fs::read_to_string(entry.path()).unwrap();
                let pure = text.replace("PSYCOPG_IMPL: c", "PSYCOPG_IMPL: python");
                fs::write(entry.path(), pure.replace("psycopg: c}", "psycopg: python}")).unwrap();
            }
        }
        folder
    });
    copy.clone()
}

/// Runs the scenario, and adds up what it said.
fn run(name: &str) -> RunSummary {
    let output = bench(name).output().unwrap();
    let mut board = RunSummary::default();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        board.feed_line(line).unwrap();
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {:?} {said}", board.faults);
    board
}

/// Each side is what it is called: the build, its GIL, its server; and all of them answered.
fn assert_proven(name: &str, server: &str) {
    let board = run(name);
    assert!(board.faults.is_empty() && board.sides.len() == 3, "{name}: {:?}", board.faults);
    for side in &board.sides {
        let app = side.app.as_ref().unwrap();
        let free = side.name.contains("free threaded");
        assert!(app.argv[0].contains(server) || app.argv.iter().any(|part| part.contains(server)), "{name}");
        assert_eq!((app.free_threaded, side.gil()), (Some(free), Some(!free)), "{name}: {}", side.name);
        assert!(app.packages.iter().any(|(package, _)| package == "django"), "{name}: {:?}", app.packages);
        assert!(side.identities.iter().all(|who| who.pid > 0), "{name}: {:?}", side.identities);
        assert!(side.rate().unwrap() > 1.0 && side.errors().0 == 0, "{name}: {}", side.name);
    }
    let answers: BTreeSet<&str> =
        board.sides.iter().filter_map(|side| side.app.as_ref()).map(|app| app.answer.as_str()).collect();
    assert_eq!(answers.len(), 1, "{name}: all give the same answer");
}

#[test]
fn gunicorn_runs_on_both_builds_and_both_databases() {
    if ready() {
        assert_proven("gunicorn-sqlite.yaml", "gunicorn");
        if postgres() {
            assert_proven("gunicorn-postgresql.yaml", "gunicorn");
        }
    }
}

#[test]
fn uvicorn_runs_on_both_builds_and_both_databases() {
    if ready() {
        assert_proven("uvicorn-sqlite.yaml", "uvicorn");
        if postgres() {
            assert_proven("uvicorn-postgresql.yaml", "uvicorn");
        }
    }
}

#[test]
fn granian_runs_on_both_builds_and_both_databases() {
    if ready() {
        assert_proven("sqlite.yaml", "granian");
        if postgres() {
            assert_proven("database.yaml", "granian");
        }
    }
}

/// The processes below `root`.
fn below(root: u32) -> BTreeSet<u32> {
    let (mut found, mut look) = (BTreeSet::new(), vec![root]);
    while let Some(pid) = look.pop() {
        for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            let children = children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok());
            look.extend(children.filter(|pid| found.insert(*pid)));
        }
    }
    found
}

fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Starts the bench, and waits until its servers take turns.
fn start(name: &str) -> Child {
    let mut bench =
        bench(name).args(["--open", "600"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(bench.stdout.as_mut().unwrap()).lines();
    let measures = |record: Record| matches!(record.what, What::Phase(phase) if matches!(phase.kind, PhaseKind::Measure | PhaseKind::Open));
    assert!(lines.any(|line| Record::parse(&line.unwrap()).is_ok_and(measures)), "{name} did not begin");
    bench
}

#[test]
fn no_server_outlives_a_killed_bench_or_guard() {
    if !ready() {
        return;
    }
    for name in ["gunicorn.yaml", "uvicorn.yaml", "granian.yaml"] {
        for victim in ["bench", "guards"] {
            let mut bench = start(name);
            let all = below(bench.id());
            let guard = |pid: &&u32| {
                let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                line.split(|byte| *byte == 0).any(|part| part == b"__guard")
            };
            let guards: Vec<u32> = all.iter().filter(guard).copied().collect();
            assert!(all.len() >= guards.len() + 4 && guards.len() >= 2, "{name}: {} processes", all.len());
            let victims = if victim == "bench" { vec![bench.id()] } else { guards };
            for pid in victims {
                kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), Signal::KILL).unwrap();
            }
            let began = Instant::now();
            while all.iter().any(|pid| lives(*pid)) {
                assert!(began.elapsed() < LEFT, "{name}: servers outlived the {victim}");
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = bench.kill();
            let _ = bench.wait();
        }
    }
}
