//! Two minutes of a talk that goes through its slides again and again, with all who follow it: nothing may grow.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::needs::require;
use crate::support::terminal::greenroom;

fn soak(args: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/soak.py");
    Command::new("python3").arg("-B").arg(script).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Counts have to come back to what they were; how soon does not matter, and neither does how many laps there were. Memory has a bound that
/// a debug build with thirty laps stays far below, and a leak of one frame a slide does not.
#[test]
fn two_minutes_of_a_talk_leave_nothing_behind_and_let_nothing_grow() {
    if !require("python3") {
        return;
    }
    let output = soak(&[&greenroom(), "--minutes", "2", "--warm", "3", "--judge", "--most", "6"]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("at rest {'processes': "), "{said}");
}

/// What the presenter view shows of the time goes as fast as the clock is made to, which the script holds against its own: the stage, its
/// keeper and all who follow go by it, and nothing ends because of it.
#[test]
fn a_clock_that_goes_faster_is_what_a_talk_goes_by() {
    if !require("python3") || !require("cc") {
        return;
    }
    let output = soak(&[&greenroom(), "--laps", "12", "--faster", "6"]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains(" of a clock that went 6 times as fast, in 1 piece"), "{said}");
}

/// A log with so many laps of 20 s, in which the stage's memory grows by so many kilobytes a lap.
fn log(laps: usize, grows: usize) -> String {
    let mut text = String::new();
    for piece in 1..=2 {
        for lap in 1..=laps {
            let memory = 20_000 + lap * grows + lap % 7 * 10;
            let _ = writeln!(
                text,
                "{{\"piece\":{piece},\"lap\":{lap},\"at\":{},\"date\":\"2026-11-2{piece}\",\"machine\":\"here\",\"anonymous\":{{\"stage\":{memory},\
                 \"keeper\":900,\"guard\":0,\"presenter view\":8000,\"follower\":7000}},\"share\":{{}},\
                 \"processes\":5,\"descriptors\":80,\"threads\":22,\"files\":9}}",
                lap * 20
            );
        }
    }
    text
}

#[test]
fn what_grows_in_a_long_talk_is_told_from_what_does_not() {
    if !require("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [path, chart] = ["soak.ndjson", "soak.svg"].map(|name| folder.path().join(name));
    let told = |grows: usize| {
        std::fs::write(&path, log(360, grows)).unwrap();
        let output = soak(&["--log", path.to_str().unwrap(), "--chart", chart.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        said
    };
    let flat = told(0);
    assert!(flat.contains("720 laps in 4.0 hours, in 2 pieces; 2026-11-21 to 2026-11-22, here."), "{flat}");
    // Interval and slope: zero is in the one, and 180 laps an hour of 10 kB are the other.
    let row = |said: &str| said.lines().find(|line| line.contains("memory of the stage")).unwrap().to_owned();
    assert!(row(&flat).contains("[-0.0") && row(&flat).contains(", +0.0"), "{flat}");
    let grows = told(10);
    assert!(row(&grows).contains("| +1.8"), "{grows}");
    assert!(grows.contains("| threads | 22 | 22 | +0.000 [+0.000, +0.000] |"), "{grows}");
    let drawn = std::fs::read_to_string(&chart).unwrap();
    assert!(drawn.matches("<polyline").count() == 2 * 8 && drawn.contains("stage (memory)"), "{drawn}");
}
