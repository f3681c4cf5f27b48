//! Benches on slides: a program that prints records stands in for the bench, on a real terminal.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

use greenroom::talk::Msg;
use greenroom_base::hex;
use greenroom_base::run::Size;
use greenroom_bench::{End, FailureRecord, Head, Mem, Phase, PhaseKind, Record, Slice, What};
use sha2::{Digest, Sha256};

use crate::support::stage::{PATIENCE, Stage};

const SIZE: Size = Size { columns: 100, rows: 32 };

/// The records of a bench of two variants, the second half again as fast as the first.
fn records() -> String {
    let mut lines = String::new();
    let mut say = |at: u64, what: What| lines.push_str(&Record { at, what }.to_line());
    let variants = vec!["GIL threads".to_owned(), "Free threaded".to_owned()];
    let format = greenroom_bench::FORMAT.to_owned();
    say(0, What::Head(Head { format, v: 1, started: 1_795_392_000, variants, ..Head::default() }));
    say(0, What::Phase(Phase { kind: PhaseKind::Measure, length_us: 400_000, ..Phase::default() }));
    let mut at = 0;
    for block in 0..13 {
        for variant in [0, 1, 1, 0] {
            at += 1_000;
            let n = if variant == 0 { 1000 } else { 1500 } + u64::from(block % 3);
            let (wall_us, cpu_us) = (250_000, 400_000);
            say(at, What::Slice(Slice { variant, block, n, wall_us, cpu_us, ..Slice::default() }));
        }
    }
    say(at, What::Mem(Mem { variant: 1, processes: 1, threads: 5, pss_kib: 80 << 10, ..Mem::default() }));
    lines
}

/// The same with its end.
fn whole() -> String {
    let mut lines = records();
    let count = lines.lines().count() as u64;
    let sha256 = hex::encode(Sha256::digest(lines.as_bytes()));
    lines += &Record { at: 60_000, what: What::End(End { ok: true, lines: count, sha256 }) }.to_line();
    lines
}

/// A deck with one bench, which `outline` says more about.
fn deck(demo: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let deck = folder.path().join("deck");
    fs::create_dir_all(deck.join("demos")).unwrap();
    let outline = format!(
        "title: T\nsections: [{{title: A, file: a.md}}]\ndemos:\n  b: {{kind: bench, tape: b.ndjson, {demo}}}\n"
    );
    fs::write(deck.join("talk.yaml"), outline).unwrap();
    fs::write(deck.join("a.md"), "# A\n```pane\ndemo: b\n```\n").unwrap();
    fs::write(deck.join("records"), whole()).unwrap();
    folder
}

/// Records the bench; whether all went well, and what was said.
fn record(folder: &Path) -> (bool, String) {
    let done = assert_cmd::Command::cargo_bin("greenroom")
        .unwrap()
        .args(["record", "b", "--yes"])
        .arg(folder.join("deck"))
        .env("HOME", folder)
        .timeout(PATIENCE)
        .output()
        .unwrap();
    (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
}

/// On the slide of the bench.
fn open(folder: &Path) -> Stage {
    let mut stage = Stage::of_any(folder);
    stage.tell(Msg::Resize(SIZE));
    stage.press("G");
    stage
}

#[test]
fn a_bench_runs_shows_its_charts_is_taped_and_plays_again() {
    let folder = deck("command: [cat, records]");
    let mut stage = open(folder.path());
    stage.until_says("x runs it");
    stage.press("R");
    stage.until_says("Free threaded: 1.5 times the requests of GIL");
    stage.until_says("V next chart");
    stage.press("V");
    stage.until_says("Requests per second  each line");
    // Keys choose charts, and none goes on to the slide.
    stage.press("<tab>5");
    stage.until_says("shared pages are divided");
    stage.press("8");
    stage.until_says("0 wrong, 0 reconnects");
    stage.press("1<esc>");
    // The recording is what was printed, byte by byte, and says that it is one.
    stage.until_says("v plays the recording of 2026-11-23");
    assert_eq!(fs::read_to_string(folder.path().join("deck/b.ndjson")).unwrap(), whole());
    stage.press("v");
    stage.until_says("recording · 2026-11-23");
    stage.until_says("Free threaded: 1.5 times");
    stage.until_says("exit 0");
    // Back to the run, as it ended.
    stage.press("v");
    stage.until_says("exit 0 · 00:00 ✓");
}

#[test]
fn a_recording_that_was_cut_off_says_so_in_its_pane() {
    let folder = deck("scenario: demos/none.yaml");
    fs::write(folder.path().join("deck/b.ndjson"), records()).unwrap();
    let mut stage = open(folder.path());
    stage.until_says("v plays the recording of 2026-11-23");
    stage.press("v");
    stage.until_says("cut off: these records have no end");
    fs::write(
        folder.path().join("deck/b.ndjson"),
        "{\"at\":0,\"type\":\"head\",\"format\":\"greenroom-bench\",\"v\":9}\n",
    )
    .unwrap();
    let mut stage = open(folder.path());
    stage.press("v");
    // One calm line for the room; the keyboard gets the rest.
    stage.until_says("not started");
    stage.press("<tab>");
    stage.until_says("version 9");
}

#[test]
fn what_cannot_start_says_why_in_its_pane() {
    let folder = deck("title: none");
    let mut stage = open(folder.path());
    stage.press("x");
    stage.until_says("still to come");

    let folder = deck("scenario: demos/b.yaml");
    fs::write(folder.path().join("deck/demos/b.yaml"), "path: /\nvariants:\n  - {name: a, command: [x]}\n")
        .unwrap();
    let mut stage = open(folder.path());
    stage.press("x");
    stage.until_says("not started");
    stage.press("<tab>");
    stage.until_says("does not say where the server listens");

    let folder = deck("command: [sh, -c, \"cat records | head -3; echo the disk is full >&2; exit 1\"]");
    let mut stage = open(folder.path());
    stage.press("x");
    stage.until_says("cut off: these records have no end");
    stage.press("<tab>8");
    stage.until_says("the disk is full");
}

#[test]
fn what_is_printed_among_the_records_is_no_record_and_is_said() {
    let junk = "head -1 records; echo Loading; printf '\\033[2Jmore\\n'; tail -n +2 records";
    let folder = deck(&format!("command: [sh, -c, {junk:?}]"));
    let mut stage = open(folder.path());
    stage.press("R");
    // Whatever its status, such a run did not do what it should.
    stage.until_says("not as expected ✗");
    stage.until_says("2 lines are no records, and left out (line 2: Loading)");
    // What was measured is shown and taped all the same.
    stage.until_says("Free threaded: 1.5 times the requests of GIL");

    let folder = deck(&format!("command: [sh, -c, {junk:?}]"));
    fs::write(folder.path().join("deck/b.ndjson"), whole()).unwrap();
    let (good, said) = record(folder.path());
    assert!(!good && said.contains("stays as it was") && said.contains("line 2: Loading"), "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("deck/b.ndjson")).unwrap(), whole());
    assert_eq!(fs::read_to_string(folder.path().join("deck/b.1.ndjson")).unwrap(), whole());
}

#[test]
fn a_bench_that_dies_between_half_a_record_says_so() {
    let half = "head -c 2000 records; kill -9 $$";
    let folder = deck(&format!("command: [sh, -c, {half:?}]"));
    let mut stage = open(folder.path());
    stage.press("x");
    stage.until_says("cut off in the middle of a record");
    let (good, said) = record(folder.path());
    assert!(!good && said.contains("cut off in the middle of a record"), "{said}");
    let tape = fs::read_to_string(folder.path().join("deck/b.ndjson")).unwrap();
    assert!(whole().starts_with(&tape) && tape.ends_with("}\n"), "whole lines only: {tape:?}");
}

#[test]
fn a_bench_that_closes_its_records_and_lives_on_can_be_stopped() {
    let folder = deck(r#"command: [sh, -c, "cat records; exec >&-; exec sleep 1000"]"#);
    let mut stage = open(folder.path());
    stage.press("R");
    stage.until_says("Free threaded: 1.5 times the requests of GIL");
    stage.until_says("closed its output and runs on: X stops it");
    stage.press("X");
    stage.until_says("stopped · 00:");
    // It came to its end, whatever became of its process.
    let tape = folder.path().join("deck/b.ndjson");
    stage.until("its recording", |_| fs::read_to_string(&tape).is_ok_and(|text| text == whole()));
}

#[test]
fn a_bench_that_floods_its_standard_error_is_measured_all_the_same() {
    let flood = "(yes \"a $(printf '\\033')[31mwarning\" | head -c 2000000) >&2; cat records; echo 'and the last' >&2";
    let folder = deck(&format!("command: [sh, -c, {flood:?}]"));
    let mut stage = open(folder.path());
    stage.press("x");
    stage.until_says("Free threaded: 1.5 times the requests of GIL");
    stage.until_says("exit 0");
    stage.press("<tab>8");
    stage.until_says("and the last");
    assert!(!stage.screen().contains('\u{1b}'));
}

#[test]
fn a_fault_is_said_where_its_variant_stands() {
    let folder = deck("command: [cat, records]");
    let fault = FailureRecord {
        variant: Some(1),
        message: "port 8000 is taken".to_owned(),
        hint: "end what listens there".to_owned(),
        fatal: true,
    };
    let records = records();
    let head = records.split_inclusive('\n').next().unwrap().to_owned();
    let text = head + &Record { at: 1, what: What::Fault(fault) }.to_line();
    fs::write(folder.path().join("deck/records"), text).unwrap();
    let mut stage = open(folder.path());
    stage.press("x");
    stage.until_says("port 8000 is taken");
    stage.until_says("end what listens there");
}

#[test]
fn record_writes_a_benchs_own_records() {
    let folder = deck("command: [cat, records]");
    let (good, said) = record(folder.path());
    assert!(good, "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("deck/b.ndjson")).unwrap(), whole());
}

#[test]
fn runs_that_are_compared_are_doubted_as_on_a_slide() {
    let folder = tempfile::tempdir().unwrap();
    let compare = |one: &str, other: &str| {
        let path = |name: &str, text: &str| {
            fs::write(folder.path().join(name), text).unwrap();
            folder.path().join(name)
        };
        let mut command = assert_cmd::Command::cargo_bin("greenroom").unwrap();
        command.args(["bench", "--compare"]).arg(path("one", one)).arg(path("other", other));
        let done = command.timeout(PATIENCE).output().unwrap();
        (done.status.success(), String::from_utf8([done.stdout, done.stderr].concat()).unwrap())
    };
    let (good, said) = compare(&whole(), &whole());
    assert!(good && said.contains("Free threaded  requests per CPU-second  1.00"), "{said}");
    assert!(!said.contains('!'), "{said}");
    let (good, said) =
        compare(&records(), &whole().replacen("1000", "2000", 1).replacen('\n', "\noops\n", 1));
    assert!(good && said.contains("one: cut off: these records have no end"), "{said}");
    assert!(said.contains("other: these records are not the ones that were made"), "{said}");
    assert!(said.contains("other: 1 line is no record, and left out (line 2: oops)"), "{said}");
    let (good, said) =
        compare(&whole(), "{\"at\":0,\"type\":\"head\",\"format\":\"greenroom-bench\",\"v\":9}\n");
    assert!(!good && said.contains("version 9, and version 1 can be read"), "{said}");
    let (good, said) = compare(&whole(), "oops\n");
    assert!(!good && said.contains("is no recording of a bench"), "{said}");
}

#[test]
fn a_recordings_end_shows_before_anything_runs() {
    let folder = deck("command: [sh, -c, 'touch $HOME/ran; cat records'], on: recording, chart: memory");
    fs::write(folder.path().join("deck/b.ndjson"), whole()).unwrap();
    let mut stage = open(folder.path());
    stage.until_says("per 1,000 req/s");
    stage.until_says("80 MiB");
    assert!(!folder.path().join("ran").exists(), "it was only looked at");
    // Another slide and back: it is still there.
    stage.press("g");
    stage.press("G");
    stage.until_says("80 MiB");
    assert!(!folder.path().join("ran").exists());
}

#[test]
fn what_only_benches_and_recordings_have_is_said_elsewhere() {
    for (demo, says) in [
        ("command: [echo], on: recording", "shows its recording, and has none"),
        ("command: [echo], chart: flame", "only a bench has charts"),
        ("command: [echo], profiles: [1]", "only a bench has charts"),
        ("kind: bench, command: [echo], chart: flames", "flame"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let outline = format!("title: T\nsections: [{{title: A, file: a.md}}]\ndemos:\n  b: {{{demo}}}\n");
        fs::write(folder.path().join("talk.yaml"), outline).unwrap();
        fs::write(folder.path().join("a.md"), "# A\n```pane\ndemo: b\n```\n").unwrap();
        let done = assert_cmd::Command::cargo_bin("greenroom")
            .unwrap()
            .arg("check")
            .arg(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[&done.stdout[..], &done.stderr].concat()).into_owned();
        assert!(!done.status.success() && said.contains(says), "{demo}: {said}");
    }
}

#[test]
fn the_profiles_that_a_slide_names_are_side_by_side() {
    let slides = assert_cmd::Command::cargo_bin("greenroom")
        .unwrap()
        .args(["export", "--text", "--size", "120x35"])
        .timeout(PATIENCE)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&slides.stdout).into_owned();
    let both = text.lines().find(|line| line.contains("GIL threads, pure") && line.contains("samples"));
    let both = both.expect("the profile of PostgreSQL");
    let (first, second) = (both.find("GIL threads, pure"), both.find("GIL threads, C"));
    assert!(first < second && first.is_some(), "{both}");
    assert!(!both.contains("free threaded"), "only those that were asked for: {both}");
}

#[test]
fn a_key_leads_to_the_verdict_wherever_the_recording_stands() {
    let folder = deck("command: [sh, -c, 'touch $HOME/ran; cat records'], chart: rate");
    fs::write(folder.path().join("deck/b.ndjson"), whole()).unwrap();
    let mut stage = open(folder.path());
    // Nothing has run: how the recording ended is there, and how to start.
    stage.until_says("■ recording of 2026-11-23");
    stage.until_says("x run live · v play the recording");
    for keys in ["e", "vve", "v<tab>e"] {
        stage.press(keys);
        stage.until_says("Free threaded: 1.5 times the requests of GIL");
        stage.until_says("■ recording · 2026-11-23");
        stage.press("<esc><esc>v");
        stage.until_says("x run live");
    }
    assert!(!folder.path().join("ran").exists(), "it was only looked at");
}
