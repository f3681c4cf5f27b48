//! Panes on slides, with real programs on real terminals: keys in, frames out, and everything between.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::KeyCode;
use greenroom::talk::{Mode, Msg};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::PaneId;
use greenroom_pane::{Feed, Palette, Pane};
use greenroom_python::Wanted;
use greenroom_system::pty::{Launcher, Spec};
use greenroom_tape::{Header, Player};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::Notify;

use crate::support::alone::in_own_process;
use crate::support::needs::interpreters;
use crate::support::stage::{
    PATIENCE, Stage, TAPE, deck, lives, pane, pid, reload, sh, stage, wait_for_end, write,
};

#[test]
fn a_run_shows_its_output_and_true_status_and_runs_again() {
    let (mut stage, _folder) = stage(&sh("echo run $$; exit 3", ""), &pane("a"));
    assert!(stage.screen().contains("x runs it"), "{}", stage.screen());
    stage.press("x");
    stage.until_says("exit 3");
    let first = stage.screen();
    assert!(first.contains("run ") && first.contains("not as expected"), "{first}");
    stage.press("x");
    stage.until("another run", |screen| screen.contains("exit 3") && *screen != *first);
    stage.press("<C-e>");
    stage.until_says("exit 3");
}

#[test]
fn typed_text_goes_to_the_pane_that_has_the_focus_and_nowhere_else() {
    let (mut stage, _folder) = stage("  a: {command: [cat]}", &pane("a"));
    stage.press("x");
    stage.until_says("live");
    stage.press("<tab>");
    assert!(stage.screen().contains("Esc Esc leaves") && stage.screen().contains('┏'));
    stage.press("lllqG3xvb<ret>");
    stage.until_says("lllqG3xvb");
    assert_eq!((stage.talk.place().slide, stage.talk.mode()), (2, &Mode::Slide));
    stage.tell(Msg::Paste("pasted q\n".to_owned()));
    stage.until_says("pasted q");
    // Back on the slide, keys lead on and do not reach the program.
    stage.press("<esc><esc>");
    assert_eq!(stage.talk.focus(), None);
    stage.press("zz<tab>back<ret>");
    stage.until_says("back");
    assert!(!stage.screen().contains("zz"), "{}", stage.screen());
    stage.press("<esc><esc>l");
    assert_eq!(stage.talk.place().slide, 3);
}

#[test]
fn one_esc_goes_to_the_program_and_a_late_second_does_too() {
    let (mut stage, _folder) = stage("  a: {command: [cat, -v]}", &pane("a"));
    stage.press("x");
    stage.until_says("live");
    stage.press("<tab><esc>");
    assert!(stage.talk.focus().is_some());
    stage.wait(Duration::from_millis(600));
    stage.press("<esc><ret>");
    stage.until("two of them", |screen| screen.matches("^[").count() >= 2);
    assert!(stage.talk.focus().is_some(), "the second came too late to leave");
    stage.press("<esc>a<esc>");
    assert!(stage.talk.focus().is_some(), "another key came between");
    stage.press("<esc>");
    assert_eq!(stage.talk.focus(), None);
}

#[test]
fn the_focus_moves_by_key_and_by_mouse() {
    let slides = "# S\n\n<!-- column_layout: [1, 1] -->\n\n<!-- column: 0 -->\n\n```pane\ndemo: a\n```\n\n\
                  <!-- column: 1 -->\n\n```pane\ndemo: b\n```\n\n---\n\n# After\n";
    let (mut stage, _folder) = stage("  a: {command: [cat]}\n  b: {command: [cat]}", slides);
    let at = |pane| Some(PaneId { slide: 2, pane });
    stage.press("x");
    stage.until("both", |screen| screen.matches("live").count() == 2);
    stage.press("<f6>");
    assert_eq!(stage.talk.focus(), at(0));
    stage.press("<esc><esc><f6>");
    assert_eq!(stage.talk.focus(), at(1));
    stage.press("right<ret>");
    stage.until("it stands on the right", |screen| {
        screen.lines().any(|line| line.find("right").is_some_and(|column| column > 45))
    });
    stage.press("<esc><esc><f6>");
    assert_eq!(stage.talk.focus(), None, "after the last, the slide");
    stage.click(20, 12);
    assert_eq!(stage.talk.focus(), at(0));
    stage.click(70, 12);
    assert_eq!(stage.talk.focus(), at(1));
    stage.click(1, 1);
    assert_eq!(
        (stage.talk.focus(), stage.talk.place().slide),
        (None, 2),
        "a click outside only gives it back"
    );
    stage.click(1, 1);
    assert_eq!(stage.talk.place().slide, 3);
}

#[test]
fn a_pane_that_has_ended_keeps_what_is_typed_to_itself() {
    let (mut stage, _folder) = stage("  a: {command: [cat]}", &pane("a"));
    stage.press("x");
    stage.until_says("live");
    stage.press("<tab><C-d>");
    stage.until_says("exit 0");
    stage.press("lq x");
    assert_eq!(stage.talk.place().slide, 2);
    assert!(stage.screen().contains("exit 0"), "x was typed, not obeyed");
    stage.press("<C-e>");
    stage.until_says("live");
}

#[test]
fn a_program_gets_ctrl_c_and_the_size_of_its_pane() {
    let script = "trap 'echo caught' INT; trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done";
    let (mut stage, _folder) = stage(&sh(script, ""), &pane("a"));
    stage.press("x<tab>");
    stage.until_says("80");
    let before = stage.screen();
    stage.press("<C-c>");
    stage.until_says("caught");
    stage.tell(Msg::Resize(Size { columns: 60, rows: 20 }));
    stage.until_says(" 50");
    assert_ne!(before, stage.screen());
}

/// `nohup`, and a shell's `&` in a script, have hangups, Ctrl-C and Ctrl-\\ ignored; so a program could not be interrupted.
#[test]
fn what_greenroom_was_started_to_ignore_its_programs_do_not() {
    in_own_process(|| {
        for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTSTP, libc::SIGRTMAX()] {
            // SAFETY: the whole process is there for this test.
            unsafe { libc::signal(signal, libc::SIG_IGN) };
        }
        let (mut stage, _folder) = stage(&sh("grep SigIgn /proc/self/status", ""), &pane("a"));
        stage.press("x");
        stage.until_says("SigIgn:");
        let screen = stage.screen();
        let ignored = screen.split_once("SigIgn:").unwrap().1.split_whitespace().next().unwrap();
        // The C library keeps 32 and 33 to itself, and has them ignored in what it spawns.
        let of_its_own = 0b11 << 31;
        assert_eq!(u64::from_str_radix(ignored, 16).unwrap() & !of_its_own, 0, "{screen}");
    });
}

#[test]
fn a_time_limit_ends_a_run_and_offers_the_recording() {
    let (mut stage, _folder) =
        stage(&sh("echo begun; sleep 60", ", timeout: 300ms, tape: t.cast"), &pane("a"));
    stage.write("t.cast", TAPE);
    stage.agree();
    stage.press("hlx");
    stage.until_says("time limit reached");
    assert!(
        stage.screen().contains("v plays the recording of 2026-11-23"),
        "recorded since: {}",
        stage.screen()
    );
    stage.press("v");
    stage.until_says("recording · 2026-11-23");
}

#[test]
fn a_missing_program_is_said_in_the_pane_and_its_recording_can_stand_in() {
    let demos = "  a: {command: [no-such-program], tape: t.cast}\n  \
                 b: {command: [no-such-program], tape: t.cast, fallback: play}\n  \
                 c: {command: [cat], directory: nowhere}\n  d: {command: [demos/plain]}";
    let slides = ["a", "b", "c", "d"]
        .map(|demo| format!("# {demo}\n\n```pane\ndemo: {demo}\n```\n"))
        .join("\n---\n\n");
    let folder = deck(demos, &slides);
    write(folder.path(), "t.cast", TAPE);
    write(folder.path(), "demos/plain", "not a program");
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>x");
    stage.until_says("from the tape");
    assert!(stage.screen().contains("recording · 2026-11-23"));
    stage.press("lx");
    stage.until_says("from the tape");
    stage.press("lx");
    stage.until_says("no directory");
    stage.press("lx");
    stage.until_says("Tab: why");
    assert!(!stage.screen().contains("chmod"), "one calm line for the room: {}", stage.screen());
    stage.press("<tab>");
    stage.until_says("chmod +x");
    stage.press("<esc>hh");
    assert_eq!(stage.talk.place().slide, 3, "the talk goes on");
}

#[test]
fn a_demo_that_lacks_its_runtime_is_set_up_in_its_pane() {
    let Some((gil, free_threaded)) = interpreters() else { return };
    let demos = "  a: {command: [python, -c, 'import sys; print(\"gil\", sys._is_gil_enabled(), sys.prefix)'], \
                 runtime: free-threaded}";
    let (mut stage, folder) = stage(demos, "# A\n\n```pane\ndemo: a\n```\n");
    let wanted = Wanted { gil: Some(gil.clone()), free_threaded: Some(gil.clone()) };
    stage.set_runner(stage.runner.clone().with_runtimes(wanted));
    stage.press("x<tab>");
    // However the path wraps.
    let plain = |screen: &str| screen.replace(['│', '┃', '\n', ' '], "");
    stage.until("it is a GIL build", |screen| plain(screen).contains("itisaGILbuild"));
    stage.press("<esc>");
    assert!(!stage.screen().contains("i sets it up"), "setup does not mend what was named wrongly");
    stage.press("i");
    stage.until_says("Nothing on this slide needs to be set up");
    let wanted = Wanted { gil: Some(gil), free_threaded: Some(free_threaded) };
    stage.set_runner(stage.runner.clone().with_runtimes(wanted));
    stage.press("x");
    stage.until_says("i sets it up");
    stage.press("<tab>");
    assert!(plain(&stage.screen()).contains("greenroomsetup/"), "{}", stage.screen());
    stage.press("<esc>");
    // What setup needs of uv, for a deck without packages; the first attempt fails.
    let uv = folder.path().join("cache/greenroom/tools/uv/bin/uv");
    let make = "mkdir -p $(dirname $0) && echo '#!/bin/sh\necho no luck; exit 1' > $0 && chmod +x $0";
    assert!(std::process::Command::new("sh").args(["-c", make]).arg(&uv).status().unwrap().success());
    stage.press("iy");
    // One calm line for the room; what the program said is for the speaker.
    stage.until_says("setup.log");
    assert!(!stage.screen().contains("no luck"), "{}", stage.screen());
    let log = fs::read_to_string(folder.path().join("cache/greenroom/setup.log")).unwrap();
    assert!(log.contains("no luck"), "{log}");
    stage.until_says("i sets it up");
    let good = "printf '#!/bin/sh\\n%s\\n' 'while [ $1 != --python ]; do shift; done; exec $2 -m venv --without-pip $3' > $0";
    assert!(std::process::Command::new("sh").args(["-c", good]).arg(&uv).status().unwrap().success());
    stage.press("iy");
    stage.until_says("gil False");
    stage.until("the environment", |screen| {
        screen.replace(['│', '┃', '\n', ' '], "").contains("/cache/greenroom/envs/3.14t-")
    });
}

#[test]
fn leaving_a_slide_stops_its_runs_or_keeps_them() {
    let demos = "  a: {command: [sh, -c, 'echo pid=$$; exec sleep 60']}\n  \
                 b: {command: [sh, -c, 'echo pid=$$; exec sleep 60'], leave: keep}";
    let slides = "# A\n\n```pane\ndemo: a\n```\n\n---\n\n# B\n\n```pane\ndemo: b\n```\n\n---\n\n# End\n";
    let (mut stage, _folder) = stage(demos, slides);
    stage.press("x");
    stage.until_says("pid=");
    let stopped = pid(&stage.screen());
    stage.press("lx");
    stage.until_says("pid=");
    let kept = pid(&stage.screen());
    stage.press("l");
    wait_for_end(&stopped);
    stage.press("hh");
    stage.until_says("stopped");
    assert!(lives(&kept));
    stage.press("l");
    assert!(stage.screen().contains("live") && pid(&stage.screen()) == kept);
    stage.press("X");
    stage.until_says("stopped");
    wait_for_end(&kept);
}

#[test]
fn an_edited_deck_keeps_the_runs_that_it_did_not_change() {
    let (mut stage, _folder) = stage(&sh("echo pid=$$; exec sleep 60", ""), &pane("a"));
    stage.press("x");
    stage.until_says("pid=");
    let kept = pid(&stage.screen());
    stage.write("s.md", &format!("# New\n\n---\n\n{}", pane("a")));
    reload(&mut stage);
    assert_eq!(stage.talk.place().slide, 3, "the slide has moved on");
    stage.wait(Duration::from_millis(100));
    assert!(lives(&kept) && pid(&stage.screen()) == kept, "{}", stage.screen());
    stage.write("s.md", &format!("# New\n\n---\n\n{}", pane("a\ntitle: Other")));
    reload(&mut stage);
    let end = Instant::now() + PATIENCE;
    while lives(&kept) {
        assert!(Instant::now() < end, "a pane that is another one now ends what ran in it");
        stage.wait(Duration::from_millis(20));
    }
    assert!(stage.screen().contains("x runs it"), "{}", stage.screen());
}

#[test]
fn a_slide_that_is_left_while_its_program_starts_does_not_run_on() {
    let (mut stage, folder) = stage(&sh("echo ran >> log; exec sleep 60", ""), &pane("a"));
    // The stage's answer comes when the slide has been left.
    let effects = stage.ask(Msg::Key(KeyCode::Char('x').into()));
    stage.press("l");
    for effect in effects {
        let answer = stage.answer(effect);
        stage.tell(answer);
    }
    let end = Instant::now() + PATIENCE;
    while stage.talk.any_running() {
        assert!(Instant::now() < end, "it runs on");
        stage.wait(Duration::from_millis(20));
    }
    drop(folder);
}

#[test]
fn a_talk_that_is_dropped_leaves_nothing_behind() {
    let demos = "  a: {command: [sh, -c, 'trap \"\" HUP; echo pid=$$; sleep 60']}";
    let (mut stage, _folder) = stage(demos, &pane("a"));
    stage.press("x");
    stage.until_says("pid=");
    let left = pid(&stage.screen());
    drop(stage);
    wait_for_end(&left);
}

#[test]
fn panes_start_on_entering_and_one_after_the_other() {
    let demos = "  a: {command: [sh, -c, 'sleep 0.3; echo first > one; exit 0'], on: enter}\n  \
                 b: {command: [sh, -c, 'cat one; rm one'], on: enter}";
    let slides =
        "# S\n\n```pane\ndemo: a\nheight: 4\n```\n\n```pane\ndemo: b\norder: after\n```\n\n---\n\n# End\n";
    let (mut stage, _folder) = stage(demos, slides);
    assert!(stage.screen().contains("waits for the pane before it"), "{}", stage.screen());
    stage.until("both have ended well", |screen| {
        screen.contains("first") && screen.matches("exit 0").count() == 2
    });
    stage.press("lh");
    stage.until("again", |screen| screen.contains("waits for the pane before it"));
    stage.until("both once more", |screen| screen.matches("exit 0").count() == 2);
}

#[test]
fn nothing_runs_before_the_person_agreed_to_this_very_deck() {
    let folder = deck("  a: {command: [sh, demos/a.sh]}", &pane("a"));
    write(folder.path(), "demos/a.sh", "echo it runs");
    let mut stage = Stage::open(folder.path(), false, false);
    stage.press("3<ret>x");
    assert!(matches!(stage.talk.mode(), Mode::Consent(_)));
    assert!(stage.screen().contains("$ sh demos/a.sh"), "{}", stage.screen());
    stage.press("n");
    stage.until_says("did not agree");
    stage.press("xl");
    assert!(matches!(stage.talk.mode(), Mode::Consent(_)), "other keys do not answer");
    stage.press("y");
    stage.until_says("it runs");
    // Remembered, for the next talk as well.
    let mut stage = Stage::open(folder.path(), false, false);
    stage.press("3<ret>x");
    stage.until_says("it runs");
    // Until something that would run has changed.
    write(folder.path(), "demos/a.sh", "echo it runs differently");
    stage.press("x");
    stage.until_says("Run these commands?");
    stage.press("y");
    stage.until_says("differently");
}

#[test]
fn without_runs_there_are_only_recordings() {
    let demos = "  a: {command: [sh, -c, 'echo live'], tape: t.cast}\n  b: {command: [sh, -c, 'echo live']}";
    let slides = "# A\n\n```pane\ndemo: a\n```\n\n---\n\n# B\n\n```pane\ndemo: b\n```\n";
    let folder = deck(demos, slides);
    write(folder.path(), "t.cast", TAPE);
    let mut stage = Stage::open(folder.path(), false, true);
    stage.press("3<ret>x");
    stage.until_says("from the tape");
    assert!(stage.screen().contains("recording · 2026-11-23"));
    stage.press("v");
    let back = stage.screen();
    assert!(!back.contains("recording · 2026-11-23") && back.contains("v plays the recording"), "{back}");
    stage.press("v");
    stage.until_says("from the tape");
    stage.press("lx<tab>");
    stage.until_says("--no-run");
}

#[test]
fn a_recording_is_paused_stepped_and_wound() {
    let folder = deck("  a: {command: [x], tape: t.cast}", &pane("a"));
    let tape = "{\"version\":3,\"term\":{\"cols\":40,\"rows\":5},\"timestamp\":1795392000}\n\
                [0.0, \"o\", \"one \"]\n[20.0, \"o\", \"two \"]\n[20.0, \"m\", \"here\"]\n[1.0, \"o\", \"three\"]\n";
    write(folder.path(), "t.cast", tape);
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>v");
    stage.until_says("one");
    stage.press("<tab> ");
    assert!(stage.screen().contains('‖'), "{}", stage.screen());
    stage.press(".");
    stage.until_says("two");
    assert!(stage.screen().contains(" 00:20 ━"), "{}", stage.screen());
    stage.press("]");
    assert!(stage.screen().contains(" 00:40 ━"), "{}", stage.screen());
    stage.press("<right>");
    stage.until_says("three");
    stage.press("[[");
    assert!(!stage.screen().contains("three"), "{}", stage.screen());
    stage.press("+");
    assert!(stage.screen().contains("×2"), "{}", stage.screen());
    stage.press("lq");
    assert_eq!(stage.talk.place().slide, 2, "no key of a recording leads away");
    stage.press("<esc>l");
    assert_eq!(stage.talk.place().slide, 3);
    // A recording that nothing shows any more is no program to be waited for.
    stage.press("hv");
    stage.write("s.md", "# Other\n\n---\n\n# After\n");
    reload(&mut stage);
    assert!(!stage.talk.any_running());
}

#[test]
fn a_recording_wider_than_its_pane_is_moved_by_keys_that_do_not_wind_it() {
    let folder = deck("  a: {command: [x], tape: t.cast}", &pane("a"));
    let tape = format!(
        "{{\"version\":2,\"width\":200,\"height\":5}}\n[0.1, \"o\", \"left{}right\\r\\n\"]\n[9.0, \"o\", \"end\"]\n",
        ".".repeat(190)
    );
    write(folder.path(), "t.cast", &tape);
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>v");
    stage.until_says("left...");
    assert!(stage.screen().contains("recording · columns 1–"), "{}", stage.screen());
    stage.press("<tab> ");
    assert!(stage.screen().contains("< > moves"), "{}", stage.screen());
    for _ in 0..10 {
        stage.press(">");
    }
    let screen = stage.screen();
    assert!(
        screen.contains("...right") && screen.contains("–200 of 200") && screen.contains(" 00:00 ●"),
        "{screen}"
    );
    for _ in 0..10 {
        stage.press("<");
    }
    assert!(stage.screen().contains("left..."), "{}", stage.screen());
}

#[test]
fn a_run_is_recorded_while_it_shows() {
    let demos = "  a: {command: [sh, -c, 'echo on the record; sleep 0.2; exit 3'], expect: any, tape: rec/a.cast}\n  \
                 b: {command: [sh, -c, 'echo b; sleep 0.2'], tape: blocked/b.cast}";
    let slides = "# A\n\n```pane\ndemo: a\n```\n\n---\n\n# B\n\n```pane\ndemo: b\n```\n";
    let (mut stage, folder) = stage(demos, slides);
    stage.write("blocked", "a file where a folder should be");
    stage.agree();
    stage.press("R");
    stage.until_says("taping");
    assert!(!folder.path().join("deck/rec/a.cast").exists(), "not before it is whole");
    stage.until_says("Recorded: rec/a.cast");
    let tape = fs::read_to_string(folder.path().join("deck/rec/a.cast")).unwrap();
    assert!(tape.starts_with("{\"version\":3") && tape.contains("on the record"), "{tape}");
    assert!(tape.ends_with("\"x\", \"3\"]\n"), "{tape}");
    assert!(!folder.path().join("deck/rec/a.cast.part").exists());
    stage.press("v");
    stage.until("it plays", |screen| screen.contains("recording ·") && screen.contains("exit 3"));
    stage.press("lR");
    stage.until_says("recording stopped");
    stage.until_says("exit 0");
    // What Greenroom itself has recorded changes no agreement.
    stage.press("hx");
    stage.until_says("exit 3");
}

#[test]
fn code_that_may_run_runs_below_itself() {
    let slides = "# S\n\n```bash +exec\necho \"it is $((6*7))\"\n```\n\n---\n\n# End\n";
    let folder = deck("  a: {command: [cat]}", slides);
    let mut stage = Stage::open(folder.path(), false, false);
    stage.press("3<ret>x");
    assert!(
        stage.screen().contains("Run these commands?") && stage.screen().contains("6*7"),
        "{}",
        stage.screen()
    );
    stage.press("y");
    stage.until_says("it is 42");
}

/// Everything that was on screen in the pauses of a live run is there at the same times of its tape.
#[test]
fn live_and_tape_paint_equal_frames_at_equal_times() {
    let script = "for i in 1 2 3 4 5 6; do printf '\\033[3%dm%d \\033[1;7m漢\\033[0m\\033[5C|\\r\\n' $i $i; \
                  sleep 0.15; done; printf '\\033[?1049h\\033[2;5Hfull'; sleep 0.2; printf '\\033[?1049l'; exit 4";
    let wake = Arc::new(Notify::new());
    let launcher = Launcher::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom")));
    let size = Size { columns: 40, rows: 4 };
    let spec = Spec {
        program: "sh".to_owned(),
        args: vec!["-c".to_owned(), script.to_owned()],
        directory: PathBuf::from("/"),
        env: std::collections::BTreeMap::new(),
        size,
        timeout: None,
        grace: None,
    };
    let began = Instant::now();
    let now = || Elapsed::from(began.elapsed());
    let paint = |pane: &Pane| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 42, 5));
        pane.paint(buffer.area, &mut buffer);
        buffer
    };
    let mut pane = Pane::new(size, Palette::default());
    let generation = pane.begin(now());
    let start = now();
    let live = launcher.start(&spec, wake, start).unwrap();
    assert!(pane.attach(generation, Feed::Live(Box::new(live)), start).is_ok());
    pane.start_recording(&Header::new(size), false);
    let (mut tape, mut seen) = (Vec::new(), Vec::new());
    // A frame is looked at when it has stood for a while, and counts for the moment when it came: the clock of a
    // run starts a little after the caller's.
    let mut came: Option<Elapsed> = None;
    loop {
        let polled = pane.poll(now());
        // After it, so that nothing of the frame came later.
        let at: Elapsed = now().since(start).into();
        tape.extend(pane.take_taped());
        if polled.ended.is_some() {
            break;
        }
        if polled.changed {
            came = Some(at);
        } else if let Some(moment) = came.filter(|moment| at.since(*moment) > Duration::from_millis(60)) {
            seen.push((moment, paint(&pane)));
            came = None;
        }
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(5));
    }
    let last = paint(&pane);
    assert!(seen.len() >= 7, "{} pauses were seen", seen.len());
    let mut player = Player::open(Box::new(std::io::Cursor::new(tape))).unwrap();
    player.limit_idle(None);
    let mut replay = Pane::new(size, Palette::default());
    let generation = replay.begin(Elapsed::ZERO);
    assert!(replay.attach(generation, Feed::Tape(Box::new(player)), Elapsed::ZERO).is_ok());
    for (at, live) in seen {
        replay.poll(at);
        assert_eq!(paint(&replay), live, "at {at:?}");
    }
    replay.poll(Elapsed::from_secs(60));
    assert_eq!(paint(&replay), last);
}

#[test]
fn two_panes_side_by_side_look_like_this() {
    let demos = "  a: {command: [sh, -c, 'printf \"PID  CPU\\\\n  1  0.1\\\\n\"; exec cat'], title: monitor}\n  \
                 b: {command: [sh, -c, 'printf \">>> \"; exec cat'], title: repl}";
    let slides = "# Both\n\n<!-- column_layout: [1, 1] -->\n\n<!-- column: 0 -->\n\n```pane\ndemo: a\nheight: 8\n```\n\n\
                  <!-- column: 1 -->\n\n```pane\ndemo: b\nheight: 8\n```\n";
    let (mut stage, _folder) = stage(demos, slides);
    let mut shots = vec![("before", stage.screen())];
    stage.press("x");
    stage.until("both", |screen| screen.contains("0.1") && screen.contains(">>>"));
    shots.push(("both run", stage.screen()));
    stage.press("<tab><esc><esc><f6>6 * 7<ret>");
    stage.until("an echo", |screen| screen.matches("6 * 7").count() == 2);
    shots.push(("the right one has the keyboard", stage.screen()));
    stage.press("<esc><esc>");
    shots.push(("it has been left, and is meant alone", stage.screen()));
    stage.press("X");
    stage.until_says("stopped");
    shots.push(("and stopped", stage.screen()));
    // How long it took is none of its looks.
    let text: Vec<String> =
        shots.iter().map(|(when, screen)| format!("─── {when} ───\n{}", time_less(screen))).collect();
    insta::assert_snapshot!(text.join("\n"));
}

/// `screen` with every `00:07` as `00:00`.
fn time_less(screen: &str) -> String {
    let mut out: Vec<char> = screen.chars().collect();
    for at in 2..out.len().saturating_sub(2) {
        let digits = |out: &[char], from: usize| out[from].is_ascii_digit() && out[from + 1].is_ascii_digit();
        if out[at] == ':' && digits(&out, at - 2) && digits(&out, at + 1) {
            for place in [at - 2, at - 1, at + 1, at + 2] {
                out[place] = '0';
            }
        }
    }
    out.into_iter().collect()
}

#[test]
fn an_idle_pane_shows_faintly_how_its_recording_ended_and_starts_nothing() {
    let slides = format!("{}\n---\n\n# B\n", pane("a"));
    let folder = deck(&sh("touch $HOME/ran; echo live", ", tape: t.cast"), &slides);
    write(folder.path(), "t.cast", TAPE);
    let mut stage = Stage::open(folder.path(), false, false);
    stage.press("3<ret>");
    for _ in 0..2 {
        stage.until("its end", |screen| screen.contains("from the tape") && screen.contains("x run live"));
        assert!(stage.screen().contains("■ recording of 2026-11-23"), "{}", stage.screen());
        // It goes with its slide, and comes back.
        stage.press("l");
        stage.until("the other slide", |screen| !screen.contains("from the tape"));
        stage.press("h");
    }
    assert!(!folder.path().join("ran").exists() && !folder.path().join("home/ran").exists());
    stage.press("e");
    stage.until("the whole of it", |screen| {
        screen.contains("■ recording · 2026-11-23") && screen.contains("exit 0")
    });
    assert!(!stage.screen().contains("x run live"), "{}", stage.screen());
}

#[test]
fn a_pane_without_a_recording_says_what_it_runs_and_how() {
    let (stage, _folder) = stage(&sh("echo hi", ""), &pane("a"));
    let screen = stage.screen();
    for says in ["▶  x run it", "$ sh", "in a terminal of its own"] {
        assert!(screen.contains(says), "{says}\n{screen}");
    }
}
