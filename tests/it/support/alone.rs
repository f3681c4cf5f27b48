//! A process of its own for a test.

use std::any::type_name;
use std::io::Write;
use std::process::Command;

/// Tells the process which test it is there for.
const ALONE: &str = "GREENROOM_TEST_ALONE";

/// Runs `body`, the whole of a test, in a process in which no other test runs: for what counts the memory, the
/// descriptors, the threads or the children of its process. It is this executable, told to run this test alone.
pub(crate) fn in_own_process<F: FnOnce()>(body: F) {
    let test = test_of::<F>();
    if std::env::var(ALONE).is_ok_and(|name| name == test) {
        body();
        return;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(ALONE, test);
    again(command, test);
}

/// Runs `test` once more by `command`, which starts this executable, or what starts it, with other surroundings.
pub(crate) fn again(mut command: Command, test: &str) {
    let output = command.args(["--exact", "--nocapture", test]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    print!("{said}{errors}");
    // What was skipped is counted, and what passes is not shown.
    for line in errors.lines().filter(|line| line.starts_with("skipped: ")) {
        let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
    }
    assert!(output.status.success() && said.contains("1 passed"), "{test} failed in its own process");
}

/// The name by which the harness knows the test whose closure `F` is: `panes::a_test`.
fn test_of<F>() -> &'static str {
    let path = type_name::<F>();
    let path = path.split_once("::").map_or(path, |(_, path)| path);
    path.split_once("::{{closure}}").map_or(path, |(test, _)| test)
}
