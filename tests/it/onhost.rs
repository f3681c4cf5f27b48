//! `greenroom bench --on ssh:HOST`, with an ssh that is a script and a greenroom over there that is one too.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_mins(1);

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A deck with a scenario, and `bin` with an `ssh` that does `before`, and then what it is told; `there` is what
/// greenroom does on the other machine.
fn place(before: &str, there: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    fs::create_dir_all(at("bin")).unwrap();
    fs::create_dir_all(at("deck/recordings")).unwrap();
    fs::write(at("deck/talk.yaml"), "title: x\nsections: []\n").unwrap();
    fs::write(at("deck/recordings/large.cast"), "x").unwrap();
    let variants = "variants:\n- {name: a, command: [python3, a.py, \"{port}\"]}\n- {name: b, command: [python3, b.py, \"{port}\"]}\n";
    fs::write(at("deck/s.yaml"), format!("title: x\npath: /\nload: {{connections: 1}}\n{variants}")).unwrap();
    script(&at("bin/ssh"), &format!("{before}\nfor last; do :; done\nexec sh -c \"$last\""));
    script(&at("bin/greenroom"), there);
    folder
}

fn bench(place: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenroom"));
    let path = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", place.path().join("bin").display()));
    command.args(["bench", "--on", "ssh:there", "--json"]).arg(place.path().join("deck/s.yaml"));
    command
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn records_come_back_as_they_are_and_what_ssh_leaves_open_is_not_waited_for() {
    let there = "printf '{\"at\":1,\"type\":\"\\303\\251\\\\u001b\\342\\200\\256\"}\\n'; ls >&2; echo \"$@\" >&2; \
        printf '\\033[2Jwarned\\n' >&2; exit 1";
    // As ssh with ControlPersist: what stays has the outputs open, and is nobody's to end.
    let place = place("setsid sleep 97 & echo $! > \"$0.pid\"", there);
    let began = Instant::now();
    let output = bench(&place).output().unwrap();
    let (out, err) = said(&output);
    assert_eq!(out, "{\"at\":1,\"type\":\"é\\u001b\\u202e\"}\n", "{err}");
    assert!(err.contains("s.yaml\ntalk.yaml\n"), "the deck is there, without its recordings: {err}");
    assert!(err.contains("bench s.yaml --json --protocol stage") && err.contains("warned"), "{err}");
    assert!(!err.contains('\u{1b}') && output.status.code() == Some(1), "{err:?}");
    assert!(began.elapsed() < PATIENCE);
    let pid: i32 = fs::read_to_string(place.path().join("bin/ssh.pid")).unwrap().trim().parse().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).expect("what ssh left open lives on");
}

/// As the tar of macOS does: a second file beside each, unless it is told not to.
#[test]
fn what_tar_would_add_on_a_mac_is_not_sent() {
    let place = place("", "ls -A >&2; exit 1");
    let beside = place.path().join("deck/._talk.yaml");
    let add =
        format!("case \"$*\" in *-cf*) [ \"$COPYFILE_DISABLE\" = 1 ] || : >'{}';; esac", beside.display());
    let path = std::env::var("PATH").unwrap();
    script(&place.path().join("bin/tar"), &format!("{add}\nPATH='{path}' exec tar \"$@\""));
    let (_, err) = said(&bench(&place).output().unwrap());
    assert!(err.contains("s.yaml\ntalk.yaml\n") && !err.contains("._"), "{err}");
}

#[test]
fn what_is_printed_among_the_records_over_there_is_no_record_and_is_said() {
    let there = "printf 'Welcome to \\033[2J there\n'; echo '{\"at\":1,\"type\":\"new\"}'; exit 0";
    let output = bench(&place("", there)).output().unwrap();
    let (out, err) = said(&output);
    assert_eq!(out, "{\"at\":1,\"type\":\"new\"}\n", "{err}");
    assert!(err.contains("1 line is no record, and left out (line 1: Welcome to"), "{err}");
    assert!(!err.contains('\u{1b}') && output.status.code() == Some(1), "{err:?}");
}

#[test]
fn an_end_over_there_is_said_and_an_interrupt_ends_ssh() {
    let gone = bench(&place("echo no such host >&2; exit 255", "true")).output().unwrap();
    assert!(said(&gone).1.contains("no such host") && gone.status.code() == Some(1), "{gone:?}");

    let place = place("trap 'echo ended > \"$0.end\"; exit 9' TERM; : > \"$0.up\"; sleep 97 & wait", "true");
    let mut child = bench(&place).spawn().unwrap();
    let wait = |name: &str| {
        let began = Instant::now();
        while !place.path().join("bin").join(name).exists() {
            assert!(began.elapsed() < PATIENCE, "{name}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    wait("ssh.up");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    wait("ssh.end");
}
