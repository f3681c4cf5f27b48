//! Benches of real servers: what they measure, what they say when something is wrong, and that nothing is left.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use greenroom_bench::{Call, Metric, PhaseKind, Record, RefusalReason, RunSummary, ShareBy, What};
use rustix::process::{Pid, Signal, kill_process};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::needs::require;
use greenroom_base::hex;

/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_mins(1);
/// What the issue allows for what a killed bench leaves.
const LEFT: Duration = Duration::from_secs(5);

/// A folder with a scenario of two variants: the first behaves, the second as told. Its path marks their processes.
fn scenario(head: &str, second: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/server.py");
    fs::copy(server, folder.path().join("server.py")).unwrap();
    let script = folder.path().join("server.py").display().to_string();
    let text = format!(
        "title: good against bad\npath: /\n{head}\nload: {{connections: 4}}\nvariants:\n\
         - {{name: good, command: [python3, {script}, \"{{port}}\"]}}\n\
         - {{name: bad, command: [python3, {script}, \"{{port}}\", {second}]}}\n"
    );
    fs::write(folder.path().join("scenario.yaml"), text).unwrap();
    folder
}

fn command(folder: &TempDir, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenroom"));
    let quick: &[&str] = if args.contains(&"--protocol") { &[] } else { &["--protocol", "quick"] };
    command.arg("bench").arg(folder.path().join("scenario.yaml")).args(quick).args(args);
    command
}

/// Runs the scenario, and adds up what it said.
fn run(folder: &TempDir, args: &[&str]) -> (RunSummary, Output) {
    let output = command(folder, args).arg("--json").output().unwrap();
    let mut board = RunSummary::default();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        board.feed_line(line).unwrap();
    }
    (board, output)
}

/// The processes that belong to `folder`, by their command lines; those of the bench itself left out.
fn left(folder: &TempDir) -> BTreeSet<i32> {
    let mark = folder.path().join("server.py").display().to_string();
    let belongs = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&mark)
    };
    let pids = fs::read_dir("/proc").unwrap().flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(belongs).collect()
}

fn assert_nothing_left(folder: &TempDir, within: Duration) {
    let began = Instant::now();
    while !left(folder).is_empty() {
        assert!(began.elapsed() < within, "left running: {:?}", left(folder));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn two_servers_take_turns_and_every_line_is_a_record() {
    if !require("python3") {
        return;
    }
    let folder = scenario("identity: /who\ncheck: {contains: hello}", "");
    let (board, output) = run(&folder, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(board.faults.is_empty(), "{:?}", board.faults);
    for side in &board.sides {
        let app = side.app.as_ref().unwrap();
        assert_eq!((app.pids.len(), app.free_threaded), (1, Some(true)));
        assert!(side.identities.iter().all(|who| who.pid == app.pids[0]), "{:?}", side.identities);
        assert_eq!(side.identities.len(), 3, "at the start, after the first requests, at the end");
        assert!(side.rate().unwrap() > 10.0 && side.efficiency().unwrap() > 10.0);
        assert!(side.closed.percentile(50.0).unwrap() > 0);
        assert!(side.pss_kib().unwrap() > 1_000 && !side.threads.is_empty());
        let blocks: BTreeSet<u32> = side.turns.iter().map(|(_, slice)| slice.block).collect();
        assert_eq!((blocks.len(), side.turns.len()), (12, 24));
    }
    // The last line signs the others.
    let text = String::from_utf8(output.stdout).unwrap();
    let whole = text.trim_end();
    let (before, _) = whole.split_at(whole.rfind('\n').unwrap() + 1);
    let end = board.end.as_ref().unwrap();
    let hash = hex::encode(Sha256::digest(before));
    assert_eq!((end.ok, end.lines, &end.sha256), (true, before.lines().count() as u64, &hash));
    // A quick run is not asked for verdicts, and a reader comes to the same ones.
    assert_eq!(board.judge(Metric::Throughput, 1, 0).call, Call::Refused(vec![RefusalReason::Quick]));
    assert!(board.agrees_with_itself() && !board.said.is_empty());
    assert_nothing_left(&folder, LEFT);
}

#[test]
fn a_variant_that_fails_says_so_and_the_other_goes_on() {
    if !require("python3") {
        return;
    }
    // One that dies does so while it is measured, or on a busy machine before.
    let dead = &["so long", "Connection refused"];
    let cases: [(&str, &[&str]); 7] = [
        ("\"--error\"", &["the answer has status 500 instead of 200"]),
        ("\"--error=30\"", &["status 500 instead of 200"]),
        ("\"--wrong=30\"", &["the answer is not the one given before"]),
        ("\"--says=bonjour\"", &["the answer does not contain \"hello\""]),
        ("\"--broken\"", &["no such application"]),
        ("\"--die=30\"", dead),
        ("\"--hang=30\"", &["no answer within"]),
    ];
    for (second, expected) in cases {
        let folder = scenario("check: {contains: hello}", second);
        let (board, output) = run(&folder, &[]);
        assert_eq!(output.status.code(), Some(1), "{second}");
        let fault = board.faults.first().unwrap_or_else(|| panic!("{second}: no fault"));
        assert_eq!((fault.variant, fault.fatal), (Some(1), false), "{second}: {fault:?}");
        assert!(expected.iter().any(|said| fault.message.contains(said)), "{second}: {fault:?}");
        assert!(board.sides[0].rate().unwrap() > 10.0, "{second}: the other one was measured");
        assert!(board.end.is_some());
        assert_nothing_left(&folder, LEFT);
    }
}

#[test]
fn variants_that_answer_differently_are_not_compared() {
    if !require("python3") {
        return;
    }
    let (board, _) = run(&scenario("check: {same: true}", "\"--says=bonjour\""), &[]);
    assert!(board.faults[0].message.contains("differs from that of the first variant"), "{:?}", board.faults);
}

#[test]
fn a_gil_that_comes_back_is_said_beside_every_verdict() {
    if !require("python3") {
        return;
    }
    let (board, _) = run(&scenario("identity: /who", "\"--flip=3\""), &[]);
    assert_eq!(board.warnings(), ["bad: the GIL was switched on in the first requests"]);
    assert!(board.said.iter().all(|verdict| verdict.flags.contains(&board.warnings()[0])));
}

#[test]
fn a_freeze_shows_in_the_open_loop() {
    if !require("python3") {
        return;
    }
    let folder = scenario("", "\"--freeze=3\"");
    let (board, _) = run(&folder, &["--open", "6", "--rate", "100"]);
    let p99 = |side: usize| board.sides[side].open.percentile(99.0).unwrap();
    // Whichever loop meets it, the requests that were due in that second all count as late.
    let frozen = board.slices.iter().filter(|slice| slice.variant == 1).map(|slice| slice.p99_us).max();
    assert!(frozen.unwrap() > 500_000, "{frozen:?}");
    assert!(board.sides.iter().all(|side| side.lag.len() > 100));
    assert!(p99(0) < 500_000, "the other one did not freeze: {}", p99(0));
}

#[test]
fn a_server_that_never_answers_is_not_waited_for_when_the_bench_is_stopped() {
    if !require("python3") {
        return;
    }
    let folder = scenario("", "\"--never\"");
    let mut bench = start(&folder);
    await_line(&mut bench, |record| matches!(record.what, What::App(_)));
    kill(&bench, Signal::TERM);
    assert_eq!(bench.wait().unwrap().code(), Some(1));
    assert_nothing_left(&folder, LEFT);
}

/// Starts a bench that takes its time.
fn start(folder: &TempDir) -> Child {
    let mut command = command(folder, &["--json", "--open", "600"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Reads records until one is as wanted.
fn await_line(bench: &mut Child, wanted: impl Fn(&Record) -> bool) {
    let mut lines = BufReader::new(bench.stdout.as_mut().unwrap()).lines();
    let began = Instant::now();
    let found = lines.any(|line| {
        assert!(began.elapsed() < PATIENCE, "it does not get there");
        Record::parse(&line.unwrap()).is_ok_and(|record| wanted(&record))
    });
    assert!(found, "the bench ended before it got there");
}

fn kill(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(child.id().try_into().unwrap()).unwrap(), signal).unwrap();
}

/// The guards below a bench.
fn guards(bench: &Child) -> Vec<Pid> {
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", bench.id())).unwrap_or_default();
    children.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect()
}

#[test]
fn killing_the_bench_or_a_guard_leaves_no_server() {
    if !require("python3") {
        return;
    }
    for victim in ["bench", "guards"] {
        let folder = scenario("", "\"--workers\"");
        let mut bench = start(&folder);
        await_line(
            &mut bench,
            |record| matches!(&record.what, What::Phase(phase) if phase.kind == PhaseKind::Open),
        );
        assert!(left(&folder).len() >= 4, "one server with one process, one with three");
        if victim == "bench" {
            kill(&bench, Signal::KILL);
        } else {
            let guards = guards(&bench);
            assert_eq!(guards.len(), 2);
            for guard in guards {
                kill_process(guard, Signal::KILL).unwrap();
            }
        }
        assert_nothing_left(&folder, LEFT);
        let _ = bench.kill();
        let _ = bench.wait();
    }
}

#[test]
fn a_scenario_with_a_slip_of_the_keyboard_says_where() {
    let folder = scenario("chekc: {status: 200}", "");
    let (_, output) = run(&folder, &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("scenario.yaml:3:1") && said.contains("did you mean `check`"), "{said}");
}

#[test]
fn records_go_to_a_tape_as_well() {
    if !require("python3") {
        return;
    }
    let folder = scenario("", "");
    let tape = folder.path().join("run.ndjson");
    let output = command(&folder, &["-o", tape.to_str().unwrap()]).output().unwrap();
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{why} {}", String::from_utf8_lossy(&output.stdout));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("req/s") && said.contains("a quick run only shows"), "{said}");
    let mut board = RunSummary::default();
    for line in fs::read_to_string(&tape).unwrap().lines() {
        board.feed_line(line).unwrap();
    }
    assert!(board.end.is_some_and(|end| end.ok));
}

#[test]
fn every_launch_is_whole_and_told_about() {
    if !require("python3") {
        return;
    }
    let folder = scenario("identity: /who", "\"--pair\", \"--named\"");
    let (board, output) = run(&folder, &["--launches", "4"]);
    assert!(output.status.success(), "{:?} {}", board.faults, String::from_utf8_lossy(&output.stderr));
    assert_eq!((board.launches.len(), board.launches_over()), (4, 4));
    for (number, launch) in board.launches.iter().enumerate() {
        assert_eq!((launch.launch as usize, launch.hash_seed as usize), (number, number + 1));
        assert_eq!(launch.whole, [0, 1]);
        assert_eq!(launch.order[0], number % 2, "none is always started first: {launch:?}");
        assert!(launch.processes.len() >= 3, "{launch:?}");
    }
    // Afresh means other processes.
    let apps = String::from_utf8_lossy(&output.stdout);
    let pids: BTreeSet<String> = apps
        .lines()
        .filter_map(|line| Record::parse(line).ok())
        .filter_map(
            |record| if let What::App(app) = record.what { Some(format!("{:?}", app.pids)) } else { None },
        )
        .collect();
    assert_eq!(pids.len(), 8, "{pids:?}");
    assert_nothing_left(&folder, LEFT);
}

#[test]
fn connections_are_spread_over_the_workers_and_their_answers_are_counted() {
    if !require("python3") {
        return;
    }
    for (second, by) in [("\"--pair\", \"--named\"", ShareBy::Answers), ("\"--pair\"", ShareBy::Cpu)] {
        let folder = scenario("identity: /who", second);
        let (board, _) = run(&folder, &["--launches", "2"]);
        assert_eq!(board.warnings(), Vec::<String>::new(), "{:?}", board.sides[1].shares);
        assert_eq!(board.sides[1].shares.len(), 2);
        for share in &board.sides[1].shares {
            let held: Vec<u32> = share.processes.iter().map(|worker| worker.connections).collect();
            assert_eq!((held, share.spread), (vec![2, 2], true), "{share:?}");
            assert_eq!(share.by, by);
            assert!(share.processes.iter().all(|worker| worker.n > 0), "{share:?}");
        }
    }
}

#[test]
fn a_worker_that_gets_no_connection_is_named_beside_the_verdict() {
    if !require("python3") {
        return;
    }
    for (second, says) in [
        ("\"--lazy\", \"--named\"", "answered nothing (a fair share is 50 %)"),
        // Enough work to be told from none by ticks of 10 ms, however busy the machine is.
        ("\"--lazy\", \"--busy=5\"", "did nothing (a fair share is 50 %)"),
    ] {
        let folder = scenario("identity: /who", second);
        let (board, _) = run(&folder, &[]);
        let warnings = board.warnings();
        assert_eq!(warnings.len(), 1, "{warnings:?} {:?}", board.sides[1].shares);
        let said = format!("bad: one of 2 worker processes {says}; connections opened again ");
        assert!(warnings[0].starts_with(&said), "{warnings:?}");
        assert!(warnings[0].ends_with("times did not change it: the server's own balance"), "{warnings:?}");
        assert!(board.said.iter().all(|verdict| verdict.flags.contains(&warnings[0])), "{:?}", board.said);
        // The table says it as well.
        let printed = command(&folder, &[]).output().unwrap();
        let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
        assert!(printed.contains(says), "{printed}");
    }
}

#[test]
fn a_worker_that_dies_and_comes_back_is_named() {
    if !require("python3") {
        return;
    }
    // Some time after its two hundredth answer: it is measured by then, and the turns are not over.
    let folder = scenario("identity: /who", "\"--mortal=0.4\", \"--named\"");
    let (board, _) = run(&folder, &[]);
    let said = board.warnings().join("; ");
    assert!(said.contains("ended while it was measured, and 1 worker process came instead"), "{said}");
}

#[test]
fn a_variant_that_fails_in_one_launch_leaves_the_others_standing() {
    if !require("python3") {
        return;
    }
    let folder = scenario("", "\"--fails-in=3\"");
    let (board, output) = run(&folder, &["--launches", "6"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(board.faults.len(), 1, "{:?}", board.faults);
    assert_eq!((board.faults[0].variant, board.faults[0].fatal), (Some(1), false));
    let whole: Vec<usize> = board.launches.iter().map(|launch| launch.whole.len()).collect();
    assert_eq!(whole, [2, 2, 1, 2, 2, 2], "it is started again once");
    // What was measured in the third does not count for the pair.
    assert_eq!(board.judge(Metric::Throughput, 1, 0).interval.unwrap().n, 5);
}

#[test]
fn servers_too_slow_for_four_launches_have_no_verdict_and_the_bench_says_why() {
    if !require("python3") {
        return;
    }
    let folder = scenario("", "\"--slow=22\"");
    let (board, output) = run(&folder, &["--protocol", "stage"]);
    assert_eq!(output.status.code(), Some(1));
    let [fault] = &board.faults[..] else { panic!("{:?}", board.faults) };
    let launches = board.launches_over();
    let fits = if launches == 1 { "1 launch fits" } else { "2 launches fit" };
    let says = format!("{fits} in the time there is, and a verdict needs 4: to start the servers takes 2");
    assert!(fault.message.starts_with(&says) && !fault.fatal, "{fault:?}");
    // On a busy machine that is said as well.
    let Call::Refused(reasons) = board.judge(Metric::Throughput, 1, 0).call else { panic!("a verdict") };
    assert!(reasons.contains(&RefusalReason::FewLaunches(launches, 4)), "{reasons:?}");
    assert!(board.sides.iter().all(|side| side.rate().unwrap() > 10.0), "what was measured is shown");
}

#[test]
fn an_unfair_baseline_is_named_beside_every_verdict() {
    if !require("python3") {
        return;
    }
    let unfair = "good against bad, not alike: debug false against true";
    let folder = scenario("identity: /who", "\"--debug\"");
    let (board, _) = run(&folder, &[]);
    assert_eq!(board.warnings(), [unfair]);
    assert!(
        !board.said.is_empty()
            && board.said.iter().all(|verdict| verdict.flags.iter().any(|flag| flag == unfair)),
        "{:?}",
        board.said
    );
    let printed = command(&folder, &[]).output().unwrap();
    assert!(String::from_utf8_lossy(&printed.stdout).contains(unfair));
    // Where the scenario says so, nobody is blamed; nor where it verifies what each of them is.
    let (board, _) = run(&scenario("identity: /who\ndiffers: [debug]", "\"--debug\""), &[]);
    assert_eq!((board.warnings(), board.faults.len()), (Vec::new(), 0));
    let folder = scenario("identity: /who", "\"--debug\"");
    let path = folder.path().join("scenario.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let verified =
        text.replace("{name: good,", "{name: good, env: {DEBUG: \"false\"}, verify: {debug: \"false\"},");
    let verified =
        verified.replace("{name: bad,", "{name: bad, env: {DEBUG: \"true\"}, verify: {debug: \"true\"},");
    fs::write(&path, &verified).unwrap();
    let (board, _) = run(&folder, &[]);
    assert_eq!((board.warnings(), board.faults.len()), (Vec::new(), 0), "{verified}");
    // A variable that nothing verifies is one side's alone.
    fs::write(&path, verified.replace("DEBUG: \"true\"", "DEBUG: \"1\"")).unwrap();
    let (board, _) = run(&folder, &[]);
    assert_eq!(board.warnings(), ["good against bad, not alike: DEBUG false against 1"]);
}

#[test]
fn memory_is_watched_until_it_is_flat() {
    if !require("python3") {
        return;
    }
    let folder = scenario("", "");
    let (board, output) = run(&folder, &["--protocol", "memory"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(board.measures_memory() && board.agrees_with_itself());
    for side in &board.sides {
        let flat = side.flat.expect("what its memory came to");
        assert!(flat.flat && flat.load_us >= 20_000_000, "{flat:?}");
        assert!(side.memory.len() >= 20, "a reading for each second under load: {}", side.memory.len());
        assert_eq!(side.pss_kib(), Some(flat.pss_kib));
    }
    // It says nothing about speed, and something about memory.
    let verdict = board.judge(Metric::Throughput, 1, 0);
    assert_eq!(verdict.call, Call::Refused(vec![RefusalReason::OnlyMemory]));
    assert!(board.memory_sentence().is_some());
    assert_nothing_left(&folder, LEFT);
}
