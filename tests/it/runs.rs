//! A probe runs its script several times in each column, in a fresh interpreter each time.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::Command;

use greenroom_bench::probe::{Finding, ProbeSummary};

use crate::support::needs::interpreters;

/// Says who it is, and what goes wrong: in every other run.
const SCRIPT: &str = r#"
import json, os, sys
with open("runs", "a+") as runs:
    runs.write(f"{os.getpid()}\n")
    runs.seek(0)
    count = len(runs.readlines())
print(json.dumps({"probe": "p", "seconds": os.environ["GREENROOM_SECONDS"]}))
print(json.dumps({"trials": 1000, "anomalies": 10 * (count % 2)}))
if "--crash" in sys.argv and count == 2:
    os.abort()
if "--hang" in sys.argv and count == 1:
    import time
    time.sleep(1000)
"#;

/// What the script reports, and the processes that it ran in.
fn run(options: &[&str], script: &[&str]) -> Option<(ProbeSummary, Vec<String>)> {
    let (python, _) = interpreters()?;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("p.py"), SCRIPT).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_greenroom"))
        .current_dir(folder.path())
        .args(["probe", "--json", "--only", "gil", "--seconds", "0.6", "--python"])
        .arg(python)
        .args(options)
        .args(["--", "p.py"])
        .args(script)
        .output()
        .unwrap();
    let mut board = ProbeSummary::default();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        board.feed_line(line).unwrap();
    }
    let runs = fs::read_to_string(folder.path().join("runs")).unwrap_or_default();
    Some((board, runs.lines().map(str::to_owned).collect()))
}

#[test]
fn each_column_runs_in_several_fresh_interpreters() {
    let Some((board, mut pids)) = run(&[], &[]) else { return };
    pids.sort();
    pids.dedup();
    assert_eq!(pids.len(), 3, "three processes");
    let column = &board.columns[0];
    assert_eq!((column.runs.len(), column.bad_runs(), column.trials, column.anomalies), (3, 2, 3000, 20));
    assert_eq!(column.shares(), "0 of 1,000 to 1 of 100");
    let finding = Finding::of(column);
    assert_eq!(finding.words_of(column), "anomalies in 2 runs of 3");
    assert!(board.is_whole());
    let Some((board, pids)) = run(&["--runs", "5"], &[]) else { return };
    assert_eq!((board.columns[0].runs.len(), pids.len()), (5, 5));
}

#[test]
fn one_crash_of_three_runs_is_a_crash_and_what_hangs_is_not_waited_for_again() {
    let Some((board, pids)) = run(&[], &["--crash"]) else { return };
    let column = &board.columns[0];
    assert!(matches!(Finding::of(column), Finding::Crash(_)), "{column:?}");
    assert_eq!((column.runs.len(), pids.len()), (3, 3));
    let Some((board, pids)) = run(&["--limit", "2"], &["--hang"]) else { return };
    assert_eq!((Finding::of(&board.columns[0]), pids.len()), (Finding::Hang, 1));
}
