//! Everything that can be wrong with a demo or a recording: a line in the pane's own box, and the talk goes on.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use greenroom::talk::Mode;

use crate::support::alone::{again, in_own_process};
use crate::support::needs::{require, skip};
use crate::support::stage::{Stage, TAPE, deck, deck_in, lives, pane, pid, sh, stage, wait_for_end, write};

/// The next slide comes, and its key is answered.
fn goes_on(stage: &mut Stage) {
    assert_eq!(stage.talk.mode(), &Mode::Slide);
    let before = stage.talk.place().slide;
    stage.press("l");
    assert_eq!(stage.talk.place().slide, before + 1);
    assert!(stage.screen().contains("After"), "{}", stage.screen());
}

#[test]
fn a_program_that_dies_at_once_says_how() {
    let (mut stage, _folder) = stage(&sh("exit 9", ""), &pane("a"));
    stage.press("x");
    stage.until_says("exit 9");
    let screen = stage.screen();
    assert!(screen.contains("not as expected ✗") && screen.contains("x runs it again"), "{screen}");
    goes_on(&mut stage);
}

#[test]
fn noise_stays_in_its_box() {
    let script = "head -c 2000000 /dev/urandom; printf '\\033[999999999999;9999999999H\\033[38;2;;;;m\\033]52;c;'; \
                  head -c 200000 /dev/urandom; printf '\\030\\033c'; stty sane; echo; echo sane again";
    let (mut stage, _folder) = stage(&sh(script, ""), &pane("a"));
    let border =
        |screen: &str| screen.lines().filter(|line| line.contains('╭') || line.contains('╰')).count();
    assert_eq!(border(&stage.screen()), 2);
    stage.press("x");
    stage.until_says("exit 0");
    let screen = stage.screen();
    assert!(screen.contains("sane again") && border(&screen) == 2, "{screen}");
    goes_on(&mut stage);
}

#[test]
fn much_output_ends_and_keys_work_meanwhile() {
    let (mut stage, _folder) =
        stage(&sh("yes 'much output' | head -c 20000000; echo; echo over", ", leave: keep"), &pane("a"));
    stage.press("x");
    stage.until_says("much output");
    stage.press("lh");
    stage.until_says("exit 0");
    assert!(stage.screen().contains("over"), "{}", stage.screen());
    goes_on(&mut stage);
}

#[test]
fn a_program_that_closes_its_terminal_is_told_from_a_silent_one() {
    let script = "echo pid=$$; exec <&- >&- 2>&-; exec sleep 1000";
    let (mut stage, _folder) = stage(&sh(script, ""), &pane("a"));
    stage.press("x");
    stage.until_says("closed its terminal and runs on: X stops it");
    let left = pid(&stage.screen());
    assert!(lives(&left) && stage.screen().contains("live"), "{}", stage.screen());
    stage.press("X");
    stage.until_says("stopped");
    wait_for_end(&left);
    goes_on(&mut stage);
}

#[test]
fn a_program_that_forks_away_says_what_was_ended() {
    let script = "setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo pid=$!; sleep 0.3";
    let (mut stage, _folder) = stage(&sh(script, ""), &pane("a"));
    stage.press("x");
    stage.until_says("a process the program left behind was ended");
    stage.until_says("exit 0");
    wait_for_end(&pid(&stage.screen()));
    goes_on(&mut stage);
}

/// A slide with a recording of this text, which plays when the slide is on.
fn plays(tape: &[u8]) -> (Stage, tempfile::TempDir) {
    let folder = deck("  a: {command: [cat], tape: t.cast}", &pane("a"));
    fs::write(folder.path().join("deck/t.cast"), tape).unwrap();
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>v");
    (stage, folder)
}

const HEADER: &str = "{\"version\":3,\"term\":{\"cols\":40,\"rows\":5},\"greenroom\":{}}\n";

#[test]
fn a_recording_that_is_cut_off_plays_as_far_as_it_goes_and_says_so() {
    let (mut stage, _folder) = plays(format!("{HEADER}[0, \"o\", \"so far\"]\n[1, \"o\", \"no").as_bytes());
    stage.until_says("so far");
    assert!(stage.screen().contains("line 3 is cut off: the recording ends before it"), "{}", stage.screen());
    goes_on(&mut stage);
}

#[test]
fn a_recording_of_a_run_that_was_killed_says_so() {
    let (mut stage, _folder) = plays(format!("{HEADER}[0, \"o\", \"so far\"]\n").as_bytes());
    stage.until_says("so far");
    assert!(stage.screen().contains("was cut off before its run had ended"), "{}", stage.screen());
    goes_on(&mut stage);
}

#[test]
fn a_recording_of_the_future_says_what_to_do() {
    let (mut stage, _folder) = plays(b"{\"version\":9,\"term\":{\"cols\":40,\"rows\":5}}\n");
    stage.until_says("the recording t.cast cannot be played");
    stage.press("<tab>");
    stage.until_says("get a newer greenroom");
    assert!(stage.screen().contains("asciicast version 9"), "{}", stage.screen());
    stage.press("<esc>");
    goes_on(&mut stage);
}

#[test]
fn a_recording_whose_time_runs_backwards_plays_on() {
    let (mut stage, _folder) =
        plays(format!("{HEADER}[0, \"o\", \"one \"]\n[-5, \"o\", \"two\"]\n[0, \"x\", \"0\"]\n").as_bytes());
    stage.until_says("one two");
    assert!(stage.screen().contains("line 3: time runs backwards"), "{}", stage.screen());
    goes_on(&mut stage);
}

#[test]
fn a_file_of_a_gigabyte_that_is_no_recording_is_not_read_whole() {
    in_own_process(|| {
        let folder = deck("  a: {command: [cat], tape: t.cast}", &pane("a"));
        let mut file = File::create(folder.path().join("deck/t.cast")).unwrap();
        writeln!(file, "{HEADER}[0, \"o\", \"so far\"]").unwrap();
        // A hole, which costs no disk: one line of zeros.
        file.set_len(1 << 30).unwrap();
        let peak = || {
            let status = fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
            line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
        };
        let before = peak();
        let mut stage = Stage::open(folder.path(), true, false);
        stage.press("3<ret>v");
        stage.until_says("so far");
        assert!(stage.screen().contains("does not end within 16 MiB"), "{}", stage.screen());
        assert!(peak() - before < 200_000, "{} kB", peak() - before);
        goes_on(&mut stage);
    });
}

/// Where the small disk is, for the test that runs once more in a namespace where that is mounted.
const SMALL_DISK: &str = "GREENROOM_TEST_SMALL_DISK";

#[test]
fn a_full_disk_ends_the_recording_and_not_the_run() {
    match std::env::var_os(SMALL_DISK) {
        Some(folder) => on_a_full_disk(Path::new(&folder)),
        None => on_a_small_disk("trouble::a_full_disk_ends_the_recording_and_not_the_run"),
    }
}

/// Runs this test again where the deck's folder is a disk of 256 KiB that nobody else sees.
fn on_a_small_disk(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("deck")).unwrap();
    let mounted = |then: &str| {
        let script = format!("mount -t tmpfs -o size=256k full \"${SMALL_DISK}/deck\" && {then}");
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script]).env(SMALL_DISK, folder.path());
        command
    };
    if !mounted("true").output().is_ok_and(|output| output.status.success()) {
        return skip("to mount a disk (unshare --map-root-user --mount)");
    }
    let mut command = mounted("exec \"$0\" \"$@\"");
    command.arg(std::env::current_exe().unwrap());
    again(command, test);
}

fn on_a_full_disk(folder: &Path) {
    let demos = "  a: {command: [sh, -c, 'echo begun; read line; echo done $line'], tape: t.cast}";
    deck_in(folder, demos, &pane("a"));
    write(folder, "t.cast", TAPE);
    let mut filler = File::create(folder.join("deck/filler")).unwrap();
    while filler.write_all(&[b'x'; 512]).is_ok() {}
    let mut stage = Stage::open(folder, true, false);
    stage.press("3<ret>R");
    stage.until_says("recording stopped: t.cast cannot be written: No space left on device");
    stage.until_says("begun");
    stage.press("<tab>now<ret>");
    stage.until_says("done now");
    stage.until_says("exit 0");
    stage.press("<esc>");
    assert_eq!(fs::read_to_string(folder.join("deck/t.cast")).unwrap(), TAPE, "the old one is kept");
    goes_on(&mut stage);
}

#[test]
fn compiled_code_runs_and_its_mistakes_show() {
    let slides = "# S\n\n```c +exec\n#include <stdio.h>\nint main(void) { printf(\"%d from C\\n\", 6 * 7); return 3; }\n```\n\n\
                  ---\n\n# R\n\n```rust +exec\nfn main() { println!(\"{} from Rust\", 6 * 7); }\n```\n\n\
                  ---\n\n# Wrong\n\n```c +exec\nint main(void) { return nothing; }\n```\n\n---\n\n# After\n";
    let folder = deck("  a: {command: [cat]}", slides);
    if !["cc", "rustc"].into_iter().all(require) {
        return;
    }
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>x");
    stage.until_says("42 from C");
    stage.until_says("exit 3");
    stage.press("lx");
    stage.until_says("42 from Rust");
    stage.until_says("exit 0");
    stage.press("lx");
    stage.until_says("exit 1");
    assert!(stage.screen().contains("nothing"), "the compiler's words: {}", stage.screen());
    goes_on(&mut stage);
}

#[test]
fn one_of_several_panes_is_started_again_and_stopped_alone() {
    let demos = "  a: {command: [sh, -c, 'echo pid=$$; exec cat'], title: left}\n  \
                 b: {command: [sh, -c, 'echo other=$$; exec cat'], title: right}";
    let slides =
        "# S\n\n```pane\ndemo: a\nheight: 6\n```\n\n```pane\ndemo: b\nheight: 6\n```\n\n---\n\n# After\n";
    let (mut stage, _folder) = stage(demos, slides);
    stage.press("x");
    stage.until("both", |screen| screen.contains("pid=") && screen.contains("other="));
    let first = pid(&stage.screen());
    let other = |screen: &str| pid(&screen.replace("other=", "pid=").replacen("pid=", "", 1));
    let second = other(&stage.screen());
    stage.press("<tab><esc><esc>");
    assert_eq!(stage.talk.focus(), None);
    let screen = stage.screen();
    assert!(screen.contains("▸ left") && screen.contains("x again · X stops · Esc all"), "{screen}");
    stage.press("x");
    wait_for_end(&first);
    stage.until("a new run", |screen| screen.contains("pid=") && pid(screen) != first);
    assert!(lives(&second) && other(&stage.screen()) == second, "the other runs on");
    stage.press("X");
    stage.until_says("stopped");
    assert!(lives(&second));
    // Esc means all of them again; x starts those that rest.
    stage.press("<esc>");
    assert!(!stage.screen().contains('▸'));
    stage.press("X");
    wait_for_end(&second);
    goes_on(&mut stage);
}
