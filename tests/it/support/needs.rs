//! What a test needs and this computer may lack. Such a test says so, and `.ci/run` counts what was said.

use std::io::Write;
use std::panic::Location;
use std::path::PathBuf;

/// With this variable set, a test that is skipped for a missing tool fails.
const REQUIRE: &str = "GREENROOM_REQUIRE_LIVE";

/// Says that this test does not run because `needs` is not here: a failure where everything has to run.
#[track_caller]
pub(crate) fn skip(needs: &str) {
    let required = std::env::var_os(REQUIRE).is_some_and(|value| !value.is_empty() && value != "0");
    assert!(!required, "this test needs {needs}, and {REQUIRE} is set");
    say(needs, Location::caller());
}

/// The same for what no computer has to have (the network, root, a tool that is not packaged): never a failure.
#[track_caller]
pub(crate) fn skip_optional(needs: &str) {
    say(needs, Location::caller());
}

/// Whether `program` is in `PATH`; [`skip`]s the test when it is not.
#[must_use]
#[track_caller]
pub(crate) fn require(program: &str) -> bool {
    let found = has(program);
    if !found {
        skip(program);
    }
    found
}

/// Whether `program` is in `PATH`.
pub(crate) fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// An interpreter of Python itself: what is called `python3` may be a script that looks for one in its user's home.
#[must_use]
#[track_caller]
pub(crate) fn python() -> Option<PathBuf> {
    if !require("python3") {
        return None;
    }
    let told =
        std::process::Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    Some(PathBuf::from(String::from_utf8(told.unwrap().stdout).unwrap().trim()))
}

/// The two Python interpreters, the one with the GIL first; [`skip`]s the test when one is not there.
#[must_use]
#[track_caller]
pub(crate) fn interpreters() -> Option<(PathBuf, PathBuf)> {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache/greenroom-python");
    let find = |variable: &str, inside: &str| {
        let named = std::env::var_os(variable).map(PathBuf::from);
        named.or_else(|| Some(home.join(inside))).filter(|path| path.is_file())
    };
    let gil = find("GREENROOM_PYTHON", "3.14/bin/python3.14");
    let both = gil.zip(find("GREENROOM_PYTHON_FT", "3.14t/bin/python3.14t"));
    if both.is_none() {
        skip("GREENROOM_PYTHON and GREENROOM_PYTHON_FT");
    }
    both
}

/// To standard error itself: what a test prints is shown only when it fails.
fn say(needs: &str, caller: &Location<'_>) {
    let thread = std::thread::current();
    // With one thread, the harness runs tests on its own.
    let test = match thread.name().filter(|name| *name != "main") {
        Some(test) => test.to_owned(),
        None => format!("{}:{}", caller.file(), caller.line()),
    };
    let line = format!("skipped: {test} needs {}\n", needs.replace('\n', " "));
    let _ = std::io::stderr().write_all(line.as_bytes());
}

#[test]
fn what_is_missing_is_said_and_is_a_failure_where_everything_has_to_run() {
    let test = "offline::every_demo_plays_its_recording_without_network_and_programs";
    let run = |required: &str| {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test]).env("PATH", "").env(REQUIRE, required).output().unwrap()
    };
    let (lenient, strict) = (run(""), run("1"));
    let said = String::from_utf8_lossy(&lenient.stderr);
    assert!(lenient.status.success() && said.contains(&format!("skipped: {test} needs tmux\n")), "{said}");
    let said = String::from_utf8_lossy(&strict.stdout);
    assert!(!strict.status.success() && said.contains("needs tmux, and GREENROOM_REQUIRE_LIVE"), "{said}");
    assert!(!said.contains("skipped: "), "a failure is counted once: {said}");
}
