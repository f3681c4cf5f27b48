//! Where this computer is not: kernels that list no children, containers without `/proc`, and what the book says of each platform.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use greenroom_base::run::Exit;
use greenroom_base::source::{Control, EventSource};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};

use crate::children::{ESCAPE, ESCAPED, Run, mark, marked, shell, until_marked};
use crate::support::alone::again;
use crate::support::needs::{interpreters, require, skip};
use crate::support::place::until;
use crate::support::sources;
use crate::support::stage::{Stage, TAPE, deck_in, pane, write};

/// What a test finds that runs again, where something is missing.
const ELSEWHERE: &str = "GREENROOM_TEST_ELSEWHERE";

/// A library that hides the lists of children, as kernels that are built without `CONFIG_PROC_CHILDREN` have none.
const NO_LISTS: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
static int hides(const char *path) {
    size_t length = path ? strlen(path) : 0;
    int hidden = length > 9 && !strncmp(path, "/proc/", 6) && !strcmp(path + length - 9, "/children");
    if (hidden) errno = ENOENT;
    return hidden;
}
int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return hides(path) ? -1 : ((int (*)(const char *, int, mode_t))dlsym(RTLD_NEXT, "open64"))(path, flags, mode);
}
int statx(int at, const char *restrict path, int flags, unsigned mask, struct statx *restrict about) {
    typedef int (*real)(int, const char *, int, unsigned, struct statx *);
    return hides(path) ? -1 : ((real)dlsym(RTLD_NEXT, "statx"))(at, path, flags, mask, about);
}
"#;

#[test]
fn what_a_program_leaves_is_found_where_the_kernel_lists_no_children() {
    if std::env::var_os(ELSEWHERE).is_some() {
        return without_lists();
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hides.c"), NO_LISTS).unwrap();
    let mut cc = Command::new("cc");
    let made =
        cc.args(["-shared", "-fPIC", "-o", "hides.so", "hides.c", "-ldl"]).current_dir(&folder).status();
    if !made.is_ok_and(|status| status.success()) {
        return skip("cc");
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env("LD_PRELOAD", folder.path().join("hides.so")).env(ELSEWHERE, "1");
    again(command, "places::what_a_program_leaves_is_found_where_the_kernel_lists_no_children");
}

fn without_lists() {
    assert!(!Path::new("/proc/thread-self/children").exists(), "they are hidden");
    let mark = mark("no-lists");
    let begin = |script: &str| {
        let run = Run::start(&shell(&format!("{ESCAPE} {script}"), &mark));
        until_marked(&mark, ESCAPED);
        run
    };
    let mut run = begin("exec sleep 1000");
    run.ask(Control::Stop).unwrap();
    assert_eq!(run.until_ends(), Exit::Stopped);
    assert_eq!(marked(&mark), Vec::<String>::new());

    let mut run = begin("read line; exit 7");
    run.ask(Control::Input(Bytes::from_static(b"\r"))).unwrap();
    assert_eq!(run.until_ends(), Exit::Status(7));
    assert_eq!(marked(&mark), Vec::<String>::new());
    assert!(run.live.take_notice().unwrap().contains("left behind"));

    let mut run = begin("exec sleep 1000");
    let guard = Pid::from_raw(run.live.guard().try_into().unwrap()).unwrap();
    kill_process(guard, Signal::KILL).unwrap();
    assert!(matches!(run.until_ends(), Exit::Failed(_)));
    assert_eq!(marked(&mark), Vec::<String>::new());
}

#[test]
fn a_programs_group_ends_with_it_where_no_processes_are_listed() {
    if let Some(what) = std::env::var_os(ELSEWHERE) {
        return without_processes(what == "nothing");
    }
    // As in a bare chroot, and as in a container that was given its own processes and somebody else's list of them.
    for (what, make) in [("nothing", "mount -t tmpfs none /proc"), ("others", "true")] {
        let namespaces = |then: &str| {
            let mut command = Command::new("unshare");
            command.args(["--map-root-user", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c"]);
            command.arg(format!("{make} && {then}")).env(ELSEWHERE, what);
            command
        };
        if !namespaces("true").output().is_ok_and(|output| output.status.success()) {
            return skip("namespaces (unshare --map-root-user --mount --pid)");
        }
        let mut command = namespaces("\"$@\"; exit $?");
        command.arg("sh").arg(std::env::current_exe().unwrap());
        again(command, "places::a_programs_group_ends_with_it_where_no_processes_are_listed");
    }
}

fn without_processes(nothing: bool) {
    assert_eq!(Path::new("/proc/self/exe").exists(), !nothing);
    let folder = tempfile::tempdir().unwrap();
    let held = folder.path().join("held");
    rustix::fs::mkfifoat(rustix::fs::CWD, &held, Mode::RUSR | Mode::WUSR).unwrap();
    let open = || -> OwnedFd {
        rustix::fs::open(&held, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()).unwrap()
    };
    let script = "exec 9>held; sleep 1000 & sh -c \"trap '' TERM HUP; echo all begun; sleep 1000; sleep 1000\" & \
        read line; exit 7";
    for stops in [true, false] {
        let ours = open();
        let mut spec = shell(script, "group");
        folder.path().clone_into(&mut spec.directory);
        let mut run = Run::start(&spec);
        run.until_says("all begun");
        // Whoever belongs to the run has the pipe open.
        assert!(rustix::io::read(&ours, &mut [0]).is_err(), "it is held");
        let (order, end) = if stops {
            (Control::Stop, Exit::Stopped)
        } else {
            (Control::Input(Bytes::from_static(b"\r")), Exit::Status(7))
        };
        run.ask(order).unwrap();
        assert_eq!(run.until_ends(), end);
        until("the end of its group", || rustix::io::read(&ours, &mut [0]) == Ok(0));
    }
    stage_and_doctor(folder.path());
}

/// A stage shows what a program prints, and `doctor` says what is missing.
fn stage_and_doctor(folder: &Path) {
    deck_in(folder, "  a: {command: [sh, -c, 'echo lives; cat'], tape: t.cast}", &pane("a"));
    write(folder, "t.cast", TAPE);
    let mut stage = Stage::open(folder, true, false);
    stage.press("3<ret>x");
    stage.until_says("lives");
    drop(stage);
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_greenroom"));
    let output = doctor.arg("doctor").arg(folder.join("deck")).env("HOME", folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("processes cannot be listed here"), "{said}");
}

#[test]
fn who_may_not_read_a_server_is_told_what_to_do_on_each_system() {
    let Some((python, _)) = interpreters() else { return };
    if !require("setpriv") {
        return;
    }
    // Without capabilities, root may not read a process that has some: as anybody on a Mac without sudo.
    let script = include_str!("../../crates/measure/src/profile.py");
    let mut command = Command::new("setpriv");
    if rustix::process::geteuid().is_root() {
        command.args(["--bounding-set=-all", "--inh-caps=-all"]);
    }
    let whose = if rustix::process::geteuid().is_root() { std::process::id() } else { 1 };
    let output = command.arg(python).args(["-I", "-c", script, &whose.to_string(), "0.1"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no permission to read process") && said.contains("macOS: sudo"), "{said}");
}

/// Termux is Linux with another name.
#[test]
fn whatever_is_done_on_linux_is_done_on_android() {
    let tests = |path: &Path| path.components().any(|part| part.as_os_str() == "tests");
    let mut asked = 0;
    for (path, text) in sources().into_iter().filter(|(path, _)| !tests(path)) {
        let text: String = text.split_whitespace().collect();
        let linux = text.matches("target_os=\"linux\"").count();
        let both = text.matches("target_os=\"linux\",target_os=\"android\"").count();
        assert_eq!(linux, both, "{}", path.display());
        asked += both;
    }
    assert!(asked > 5, "{asked}");
}

/// What each row of `docs/src/reference/platforms.md` names is there: tests by their names, commands by their files.
#[test]
fn what_is_said_of_each_platform_is_shown_by_what_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code: String = sources().into_iter().map(|(_, text)| text).collect();
    let page = fs::read_to_string(root.join("docs/src/reference/platforms.md")).unwrap();
    let (mut shown, mut not) = (0, 0);
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, _, state, by, _] = cells[..] else { panic!("three cells: {row}") };
        match state.split(':').next().unwrap_or_default() {
            "works" | "untried" => {
                let named: Vec<&str> = by.split('`').skip(1).step_by(2).collect();
                for name in &named {
                    let file = name.split_whitespace().next().unwrap_or_default();
                    let test = name.rsplit("::").next().unwrap_or_default();
                    let there = root.join(file).is_file() || code.contains(&format!("fn {test}("));
                    assert!(there, "{name} is not there: {row}");
                }
                assert!(!named.is_empty(), "nothing shows it: {row}");
                shown += 1;
            }
            "not" => {
                assert!(by.len() > 20, "why not? {row}");
                not += 1;
            }
            other => assert!(matches!(other, "how it stands"), "{other}: {row}"),
        }
    }
    assert!(shown > 30 && not > 3, "{shown} {not}");
}
