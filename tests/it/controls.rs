//! The scripts that tell whether verdicts repeat, on runs that never were.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use greenroom_bench::{Env, Head, HistKind, Record, Tail, VerdictRecord, What};
use tempfile::TempDir;

use crate::support::needs::require;
use crate::support::write_executable;

fn script(name: &str, args: &[&str]) -> Output {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(name);
    Command::new("python3").arg("-B").arg(path).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A verdict by this metric: the call, and ratio, low and high in thousandths.
fn verdict(metric: &str, call: &str, bounds: [u64; 3], flag: &str) -> What {
    let [ratio_ppm, low_ppm, high_ppm] = bounds.map(|thousandths| thousandths * 1000);
    let flags = if flag.is_empty() { Vec::new() } else { vec![flag.to_owned()] };
    let (metric, call) = (metric.to_owned(), call.to_owned());
    What::Verdict(VerdictRecord {
        metric,
        variant: 1,
        ratio_ppm,
        low_ppm,
        high_ppm,
        call,
        flags,
        ..VerdictRecord::default()
    })
}

/// The records of a bench of the scenario with this digest, which came to this.
fn records(scenario: &str, found: Vec<What>) -> String {
    let head = Head {
        format: greenroom_bench::FORMAT.to_owned(),
        v: 1,
        started: 1_795_392_000,
        scenario: scenario.to_owned(),
        variants: vec!["one".to_owned(), "two".to_owned()],
        ..Head::default()
    };
    let all = [What::Head(head), What::Env(Env::default())].into_iter().chain(found);
    all.map(|what| Record { at: 0, what }.to_line()).collect()
}

fn recorded(call: &str, bounds: [u64; 3], scenario: &str) -> String {
    records(scenario, vec![verdict("throughput", call, bounds, "")])
}

fn digest(bytes: &[u8]) -> String {
    greenroom_base::hex::encode(<sha2::Sha256 as sha2::Digest>::digest(bytes))
}

#[test]
fn two_folders_of_recordings_agree_or_what_differs_is_listed() {
    if !require("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    for (place, call, ratio) in [(&old, "higher", 1240), (&new, "higher", 1180)] {
        fs::create_dir_all(place).unwrap();
        fs::write(place.join("a.ndjson"), recorded(call, [ratio, 1100, 1300], "")).unwrap();
    }
    let probe = |anomalies: u64| {
        format!(
            "{{\"at\":0,\"type\":\"head\",\"format\":\"greenroom-probe\",\"v\":1,\"columns\":[\"gil\"]}}\n\
             {{\"at\":1,\"type\":\"line\",\"column\":0,\"said\":{{\"trials\":100,\"anomalies\":{anomalies}}}}}\n"
        )
    };
    fs::write(new.join("a.1.ndjson"), recorded("close", [1240, 1100, 1300], "")).unwrap(); // an earlier take
    fs::write(old.join("p.ndjson"), probe(2)).unwrap();
    fs::write(new.join("p.ndjson"), probe(50)).unwrap();
    for place in [&old, &new] {
        fs::write(place.join("copied.ndjson"), probe(7)).unwrap();
    }
    let [one, other] = [&old, &new].map(|path| path.to_str().unwrap());
    let output = script("repeat.py", &[one, other]);
    let text = said(&output);
    assert!(output.status.success() && text.contains("2 calls and classes compared, 0 differ"), "{text}");
    assert!(text.contains("the same recording in both, not compared: copied.ndjson\n"), "{text}");
    // A ratio may be another, and a rate; a call and a class may not.
    fs::write(new.join("a.ndjson"), recorded("close", [960, 930, 990], "")).unwrap();
    fs::write(new.join("p.ndjson"), probe(0)).unwrap();
    fs::write(new.join("more.ndjson"), recorded("close", [1000, 990, 1010], "")).unwrap();
    let output = script("repeat.py", &[one, other]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for says in [
        "a.ndjson: throughput, two against one: higher 1.24 [1.10, 1.30], then close 0.96 [0.93, 0.99]",
        "p.ndjson: column gil: anomalies, then none",
        "more.ndjson: there is no ",
        "3 differ",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
}

#[test]
fn a_scenario_that_is_repeated_says_whether_its_verdicts_are() {
    if !require("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("s.yaml"), "title: s\n").unwrap();
    let digest = digest(b"title: s\n");
    // Each run takes the next of the recordings.
    let program =
        format!("#!/bin/sh\ncd {}\nn=$(($(cat n) + 1))\necho $n > n\ncat run$n\n", folder.path().display());
    write_executable(&at("greenroom"), program.as_bytes());
    let [scenario, out, greenroom] =
        ["s.yaml", "out", "greenroom"].map(|name| at(name).display().to_string());
    let repeat = |runs: &[(&str, [u64; 3])]| {
        for (number, (call, bounds)) in (1..).zip(runs) {
            fs::write(at(&format!("run{number}")), recorded(call, *bounds, &digest)).unwrap();
        }
        let number = runs.len().to_string();
        script(
            "controls.py",
            &["repeat", &scenario, "--runs", &number, "--out", &out, "--greenroom", &greenroom],
        )
    };
    fs::write(at("n"), "0\n").unwrap();
    let steady =
        [("higher", [1150, 1100, 1200]), ("higher", [1160, 1120, 1200]), ("higher", [1140, 1090, 1190])];
    let output = repeat(&steady);
    assert!(output.status.success(), "{}", said(&output));
    let row = "| two against one, throughput | 1.150 | 0.9 % | 3 of 3 | higher 3 | none |";
    assert!(said(&output).contains(row), "{}", said(&output));
    // It goes on where it was: three are there, and two more contradict them.
    let mut all = steady.to_vec();
    all.extend([("lower", [800, 780, 820]), ("refused", [1000, 900, 1100])]);
    let output = repeat(&all);
    let mut text = String::new();
    let _ = write!(text, "{}", said(&output));
    assert_eq!(fs::read_to_string(at("n")).unwrap(), "5\n", "{text}");
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("3 runs are in") && text.contains("higher 3, lower 1, refused 1 | yes |"),
        "{text}"
    );
}

#[test]
fn what_is_near_the_margin_agrees_with_what_is_on_either_side_of_it() {
    if !require("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    let compared = |one: (&str, [u64; 3]), other: (&str, [u64; 3])| {
        for (place, (call, bounds)) in [(&old, one), (&new, other)] {
            fs::create_dir_all(place).unwrap();
            fs::write(place.join("a.ndjson"), recorded(call, bounds, "")).unwrap();
        }
        let [old, new] = [&old, &new].map(|path| path.to_str().unwrap());
        let output = script("repeat.py", &[old, new]);
        (output.status.code(), said(&output))
    };
    let (near, higher, lower) =
        (("near", [1080, 990, 1170]), ("higher", [1120, 1060, 1180]), ("lower", [890, 820, 940]));
    let close = ("close", [1020, 980, 1060]);
    for (one, other) in [(near, higher), (higher, near), (near, close), (close, near)] {
        let (code, text) = compared(one, other);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("near the margin in one of both:\n  a.ndjson: throughput"), "{text}");
        assert!(
            text.ends_with("1 calls and classes compared, 0 differ, 1 are near the margin in one of both\n"),
            "{text}"
        );
    }
    // A recording from before there was the word says "close" of what is not called.
    let (code, text) = compared(("close", [1080, 990, 1170]), higher);
    assert!(code == Some(0) && text.contains("near 1.08 [0.99, 1.17], then higher 1.12"), "{text}");
    for (one, other) in [(near, lower), (lower, near), (close, higher), (higher, lower)] {
        assert_eq!(compared(one, other).0, Some(1), "{one:?} {other:?}");
    }
}

/// Runs of controls that never were: what a bench of each says, one after the other.
struct Controls {
    folder: TempDir,
}

impl Controls {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = format!(
            "#!/bin/sh\ncd {}\nname=$(basename \"$2\" .yaml)\nn=$(($(cat $name.n 2>/dev/null || echo 0) + 1))\n\
             echo $n > $name.n\ncat /proc/$PPID/task/*/children > beside\ncat $name.$n\n",
            folder.path().display()
        );
        write_executable(&folder.path().join("greenroom"), program.as_bytes());
        Self { folder }
    }

    /// The runs of the deck's scenario at `path` say this.
    fn say(&self, path: &str, runs: Vec<Vec<What>>) {
        let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("deck/demos").join(path);
        let digest = digest(&fs::read(&scenario).unwrap());
        let name = scenario.file_stem().unwrap().to_str().unwrap();
        for (number, found) in (1..).zip(runs) {
            fs::write(self.at(&format!("{name}.{number}")), records(&digest, found)).unwrap();
        }
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// What the script says of the controls `names`, and whether it is content.
    fn judge(&self, names: &[&str], runs: usize, more: &[&str]) -> (bool, String) {
        let [greenroom, out] = ["greenroom", "out"].map(|name| self.at(name).display().to_string());
        let runs = runs.to_string();
        let args = [&[greenroom.as_str()], names, &["--runs", &runs, "--out", &out], more].concat();
        let output = script("controls.py", &args);
        (output.status.success(), said(&output))
    }
}

/// Two verdicts, one by each metric, that say the same.
fn both(call: &str, bounds: [u64; 3], flag: &str) -> Vec<What> {
    ["throughput", "efficiency"].map(|metric| verdict(metric, call, bounds, flag)).to_vec()
}

const LEVEL: [u64; 3] = [1000, 970, 1030];
const SLOWER: [u64; 3] = [915, 890, 940];

#[test]
fn controls_count_what_is_right_wrong_and_missing() {
    if !require("python3") {
        return;
    }
    let controls = Controls::new();
    let refused = |flag| both("refused", LEVEL, flag);
    let short = "too few launches: 3 came to their end, 4 are needed";
    controls.say(
        "controls/same.yaml",
        vec![
            both("close", LEVEL, ""),
            both("higher", [1100, 1060, 1140], ""),
            refused(short),
            both("near", [1060, 990, 1130], ""),
        ],
    );
    let throughput_alone =
        vec![verdict("throughput", "higher", LEVEL, ""), verdict("efficiency", "lower", SLOWER, "")];
    controls.say(
        "controls/slowdown.yaml",
        vec![
            both("lower", SLOWER, ""),
            both("close", LEVEL, ""),
            throughput_alone,
            both("higher", [1100, 1060, 1140], ""),
        ],
    );
    let (good, text) = controls.judge(&["same", "slowdown"], 4, &[]);
    assert!(!good, "{text}");
    for says in [
        "  same 2: wrong, ",
        "  same 3: missing, ",
        "| the same server twice | too close to call | 1 of 4 (1 to 81 %) | 1 of 4 (1 to 81 %) | 2 of 4 (7 to 93 %) |",
        // Requests per second may be luck; per CPU-second it may not say the other way.
        "| one tenth more work per request | slower, per CPU-second | 2 of 4 (7 to 93 %) | 1 of 4 (1 to 81 %) | 1 of 4 (1 to 81 %) |",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
}

#[test]
fn controls_that_have_to_be_named_shown_or_held_are_judged_by_that() {
    if !require("python3") {
        return;
    }
    let controls = Controls::new();
    let gil = "free threaded, imports lxml: the GIL was switched on while it ran";
    let unlike = "free threaded against GIL, not alike: psycopg c against python";
    controls.say(
        "flip.yaml",
        vec![both("higher", [1600, 1500, 1700], gil), both("higher", [1600, 1500, 1700], "")],
    );
    controls.say(
        "controls/unfair.yaml",
        vec![both("higher", [2500, 2300, 2700], unlike), both("refused", LEVEL, "too short")],
    );
    controls.say(
        "controls/luck.yaml",
        vec![both("higher", [1190, 1090, 1290], ""), both("higher", [1300, 1250, 1350], "")],
    );
    let tail =
        |variant, p99_us| What::Tail(Tail { variant, kind: HistKind::Open, p99_us, ..Tail::default() });
    let frozen = |p99_us| {
        let mut found = both("close", LEVEL, "");
        found.extend([tail(0, 15_000), tail(1, p99_us)]);
        found
    };
    controls.say("controls/freeze.yaml", vec![frozen(983_000), frozen(17_000)]);
    let names = ["flip", "unfair", "luck", "freeze"];
    let (good, text) = controls.judge(&names, 1, &[]);
    assert!(good, "each says what is right: {text}");
    let (good, text) = controls.judge(&names, 2, &[]);
    assert!(!good, "{text}");
    let half = "1 of 2 (1 to 99 %)";
    let none = "0 of 2 (0 to 84 %)";
    for (row, wrong, missing) in [
        ("| a side that gets its GIL back | named beside the verdict |", half, none),
        ("| one side with another adapter | named beside the verdict |", none, half),
        ("| 1.2 times as fast, each start another 6 % off | the range holds 1.2 |", half, none),
        ("| one second of silence | it shows in the open loop's p99 |", half, none),
    ] {
        let row = format!("{row} {half} | {wrong} | {missing} |");
        assert!(text.contains(&row), "{row}\n{text}");
    }
}

#[test]
fn beside_a_busy_neighbour_no_verdict_is_as_right_and_a_wrong_one_stays_wrong() {
    if !require("python3") {
        return;
    }
    let controls = Controls::new();
    let busy = "this machine is busy: others used 50 % of its processors";
    controls.say(
        "controls/same.yaml",
        vec![both("refused", LEVEL, busy), both("close", LEVEL, ""), both("lower", SLOWER, "")],
    );
    let (good, text) = controls.judge(&["same"], 2, &["--busy"]);
    let right = "| the same server twice, beside a busy neighbour | too close to call, or busy machine | 2 of 2 (16 to 100 %) |";
    assert!(good && text.contains(right), "{text}");
    assert!(!controls.judge(&["same"], 3, &["--busy"]).0);
    // Quiet runs are others.
    let quiet = script("controls.py", &["--table", "--out", controls.at("out").to_str().unwrap()]);
    assert!(!said(&quiet).contains("| the same server twice | "), "{}", said(&quiet));
    // The neighbour ran beside the bench, and ended with it.
    let beside = fs::read_to_string(controls.at("beside")).unwrap();
    let pids: Vec<&str> = beside.split_whitespace().collect();
    assert_eq!(pids.len(), 2, "the bench and its neighbour: {beside}");
    for pid in pids {
        let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        assert!(!command.contains("getppid"), "{pid}: {command}");
    }
}

#[test]
fn controls_go_on_where_they_were_broken_off() {
    if !require("python3") {
        return;
    }
    let controls = Controls::new();
    controls.say("controls/same.yaml", (0..3).map(|_| both("close", LEVEL, "")).collect());
    let made = || fs::read_to_string(controls.at("same.n")).unwrap();
    assert!(controls.judge(&["same"], 2, &[]).0);
    assert_eq!(made(), "2\n");
    // The last line was being written when everything ended, and is made again.
    let out = controls.at("out");
    let text = fs::read_to_string(&out).unwrap();
    let (whole, torn) = text.split_at(text.len() - 40);
    assert!(torn.ends_with('\n'));
    fs::write(&out, whole).unwrap();
    let (good, text) = controls.judge(&["same"], 2, &[]);
    assert!(good && text.contains("2 of 2"), "{text}");
    assert_eq!(made(), "3\n");
    let lines = fs::read_to_string(&out).unwrap();
    assert_eq!(lines.lines().filter(|line| line.ends_with('}')).count(), 2, "{lines}");
    // The table alone runs nothing.
    let output = script("controls.py", &["--table", "--out", out.to_str().unwrap()]);
    assert!(
        output.status.success() && said(&output).contains("| the same server twice | "),
        "{}",
        said(&output)
    );
    assert_eq!(made(), "3\n");
}

#[test]
fn rates_have_the_intervals_of_the_textbooks() {
    if !require("python3") {
        return;
    }
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    // Clopper and Pearson's, as in tables: 0 of 10 is up to 30.85 %, 5 of 10 is 18.71 to 81.29 %, 39 of 40 is 86.84 to 99.94 %.
    let code = "import rates\nfor found, of in ((0, 10), (5, 10), (39, 40), (40, 40)):\n    print('%.4f %.4f' % rates.interval(found, of))";
    let output = Command::new("python3").args(["-B", "-c", code]).current_dir(benches).output().unwrap();
    assert_eq!(said(&output), "0.0000 0.3085\n0.1871 0.8129\n0.8684 0.9994\n0.9119 1.0000\n");
}
