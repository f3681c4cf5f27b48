//! The scripts that tell whether verdicts repeat, on runs that never were.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use greenroom_bench::{Env, Head, Record, VerdictRecord, What};

use crate::support::needs::require;
use crate::support::write_executable;

fn script(name: &str, args: &[&str]) -> Output {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(name);
    Command::new("python3").arg(path).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The records of a bench whose one verdict is this: the call, and ratio, low and high in thousandths.
fn recorded(call: &str, bounds: [u64; 3], scenario: &str) -> String {
    let [ratio_ppm, low_ppm, high_ppm] = bounds.map(|thousandths| thousandths * 1000);
    let verdict = VerdictRecord {
        metric: "throughput".to_owned(),
        variant: 1,
        ratio_ppm,
        low_ppm,
        high_ppm,
        call: call.to_owned(),
        ..VerdictRecord::default()
    };
    let head = Head {
        format: greenroom_bench::FORMAT.to_owned(),
        v: 1,
        started: 1_795_392_000,
        scenario: scenario.to_owned(),
        variants: vec!["one".to_owned(), "two".to_owned()],
        ..Head::default()
    };
    let all = [What::Head(head), What::Env(Env::default()), What::Verdict(verdict)];
    all.into_iter().map(|what| Record { at: 0, what }.to_line()).collect()
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
    fs::write(old.join("p.ndjson"), probe(2)).unwrap();
    fs::write(new.join("p.ndjson"), probe(50)).unwrap();
    let [one, other] = [&old, &new].map(|path| path.to_str().unwrap());
    let output = script("repeat.py", &[one, other]);
    assert!(output.status.success() && said(&output).contains("2 calls and classes compared, 0 differ"));
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
    let digest = greenroom_base::hex::encode(<sha2::Sha256 as sha2::Digest>::digest(b"title: s\n"));
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
