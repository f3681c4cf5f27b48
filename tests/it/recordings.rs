//! `greenroom recordings`: what it lists, and how a take comes back.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::support::stage::{deck, write};

fn tape(title: &str) -> String {
    format!(
        "{{\"version\":3,\"term\":{{\"cols\":40,\"rows\":5}},\"timestamp\":1795392000,\"title\":\"{title}\"}}\n\
         [0.5, \"o\", \"{title}\"]\n[61, \"x\", \"0\"]\n"
    )
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_greenroom"))
        .args(args)
        .env("HOME", folder.join("home"))
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_CACHE_HOME")
        .env_remove("XDG_STATE_HOME")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The exit code, what it printed, and what it said about it.
fn recordings(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let deck = folder.join("deck");
    let output = run(folder, &[&["recordings", deck.to_str().unwrap()], args].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

const DEMOS: &str = "  a: {command: [echo, now], tape: rec/a.cast}\n  \
                     b: {command: [echo, b], tape: rec/b.cast}\n  \
                     c: {command: [echo, c]}\n  \
                     d: {command: [echo, d], tape: rec/a.2.cast}";

fn recorded() -> tempfile::TempDir {
    let folder = deck(DEMOS, "# S\n");
    for (path, text) in [
        ("rec/a.cast", tape("good")),
        ("rec/a.1.cast", tape("bad")),
        ("rec/a.2.cast", tape("another's")),
        ("rec/a.3.cast", "no recording \u{1b}[2J\n".to_owned()),
    ] {
        write(folder.path(), path, &text);
    }
    folder
}

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join("deck").join(path)).unwrap()
}

#[test]
fn stage_1_each_recording_is_listed_with_its_takes() {
    let folder = recorded();
    let (code, out, err) = recordings(folder.path(), &[]);
    assert_eq!((code, &*err), (1, ""), "{out}");
    let lines: Vec<&str> = out.lines().collect();
    let size = tape("good").len();
    assert_eq!(lines[0], "a: rec/a.cast");
    assert_eq!(lines[1], format!("  current   2026-11-23     1:01      {size} B  plays"));
    assert!(lines[2].starts_with("  take 1    2026-11-23     1:01 ") && lines[2].ends_with("plays"), "{out}");
    assert!(
        lines[3].starts_with("  take 3             -        - ") && lines[3].contains("does not play: "),
        "{out}"
    );
    assert_eq!(lines[4..7], ["", "b: rec/b.cast", "  current   is not there"]);
    assert_eq!(lines[8], "d: rec/a.2.cast");
    assert!(lines[9].starts_with("  current   2026-11-23") && lines.len() == 10, "{out}");
    assert!(!out.contains('\u{1b}'));
    fs::remove_file(folder.path().join("deck/rec/a.3.cast")).unwrap();
    assert_eq!(recordings(folder.path(), &[]).0, 0, "what is not there yet is no mistake");
}

#[test]
fn stage_1_a_program_can_read_the_list() {
    let folder = recorded();
    let (code, out, _) = recordings(folder.path(), &["--format", "json"]);
    let list: Value = serde_json::from_str(&out).unwrap();
    let a = &list["recordings"][0];
    assert_eq!((code, &a["demos"][0], &a["recordings"][0]["plays"]), (1, &"a".into(), &true.into()));
    assert_eq!(a["recordings"][0]["milliseconds"], 61_500);
    assert_eq!((&a["recordings"][2]["take"], &a["recordings"][2]["plays"]), (&3.into(), &false.into()));
}

#[test]
fn stage_1_a_take_comes_back_by_exchange() {
    let folder = recorded();
    let (code, out, err) = recordings(folder.path(), &["--restore", "a", "1"]);
    assert_eq!((code, &*err), (0, ""));
    assert_eq!(out, "a: take 1 plays now, in rec/a.cast; what played before is take 1\n");
    assert_eq!(
        (read(folder.path(), "rec/a.cast"), read(folder.path(), "rec/a.1.cast")),
        (tape("bad"), tape("good"))
    );
    fs::remove_file(folder.path().join("deck/rec/a.cast")).unwrap();
    let (code, out, _) = recordings(folder.path(), &["--restore", "a", "1"]);
    assert_eq!((code, &*out), (0, "a: take 1 plays now, in rec/a.cast\n"));
    assert_eq!(read(folder.path(), "rec/a.cast"), tape("good"));
}

#[test]
fn stage_1_nothing_changes_when_a_take_cannot_come_back() {
    let folder = recorded();
    for (args, code, says) in [
        (["a", "2"], 1, "there is no take 2 of \"a\"; there are: 1, 3"),
        (["a", "3"], 1, "nothing was brought back"),
        (["b", "1"], 1, "there are: none"),
        (["c", "1"], 1, "names no recording"),
        (["x", "1"], 1, "there is no demo \"x\""),
        (["a", "0"], 2, "from 1 to 9"),
        (["a", "last"], 2, "from 1 to 9"),
        (["\u{1b}[2J", "1"], 1, "there is no demo"),
    ] {
        let (found, out, err) = recordings(folder.path(), &["--restore", args[0], args[1]]);
        assert_eq!((found, &*out), (code, ""), "{args:?}: {err}");
        assert!(err.contains(says) && !err.contains('\u{1b}'), "{args:?}: {err}");
        assert_eq!(read(folder.path(), "rec/a.cast"), tape("good"));
        assert_eq!(fs::read_dir(folder.path().join("deck/rec")).unwrap().count(), 4);
    }
    assert_eq!(recordings(folder.path(), &["--restore", "a"]).0, 2);
    assert_eq!(run(folder.path(), &["recordings", "/no/such/deck"]).status.code(), Some(1));
}

#[test]
fn the_recordings_inside_of_the_program_are_listed_and_none_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["recordings"]);
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && out.contains("  current   2026-") && !out.contains("take "), "{out}");
    let output = run(folder.path(), &["recordings", "--restore", "x", "1"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("unpack"));
}

#[test]
fn a_deck_without_recordings_says_so() {
    let folder = deck("  a: {command: [echo]}", "# S\n");
    let (code, out, _) = recordings(folder.path(), &[]);
    assert_eq!((code, &*out), (0, "no demo of this deck has a recording: `tape:` names one\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn stage_1_record_keeps_the_earlier_recording_too() {
    let folder = recorded();
    let path = folder.path().join("deck");
    let output = run(folder.path(), &["record", "a", path.to_str().unwrap(), "--yes"]);
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && err.contains("a.3.cast"), "no recording is in the way: {err}");
    assert_eq!(read(folder.path(), "rec/a.cast"), tape("good"));
    fs::remove_file(path.join("rec/a.3.cast")).unwrap();
    let output = run(folder.path(), &["record", "a", path.to_str().unwrap(), "--yes"]);
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && err.contains("the earlier recording is take 1"), "{err}");
    assert!(read(folder.path(), "rec/a.cast").contains("now"));
    let takes = ["rec/a.1.cast", "rec/a.2.cast", "rec/a.3.cast"].map(|path| read(folder.path(), path));
    assert_eq!(takes, [tape("good"), tape("another's"), tape("bad")]);
    assert_eq!(recordings(folder.path(), &["--restore", "a", "1"]).0, 0);
    assert_eq!(read(folder.path(), "rec/a.cast"), tape("good"));
}

/// The earlier recording plays, and what was written of the new one is a take that plays, or gone.
#[cfg(target_os = "linux")]
#[test]
fn stage_1_a_talk_that_ends_while_it_records_keeps_the_earlier_recording() {
    use crate::support::terminal::{Terminal, greenroom, kill};

    for (name, demo) in
        [("quit-program", "[sh, -c, 'echo begun; exec sleep 1000']"), ("quit-shell", "[sh, -i]")]
    {
        let Some(terminal) = Terminal::open(name) else { return };
        let home = terminal.home.path();
        let demos = format!("  a: {{command: {demo}, tape: rec/t.cast}}");
        write(
            home,
            "talk.yaml",
            &format!("title: T\nsections:\n- {{title: S, file: s.md}}\ndemos:\n{demos}\n"),
        );
        write(home, "s.md", "# Slide\n\n```pane\ndemo: a\n```\n");
        write(home, "rec/t.cast", &tape("good"));
        let line = format!("clear; {} {}; echo status $?", greenroom(), home.join("deck").display());
        for (turn, ending) in ["keys", "TERM", "HUP"].into_iter().enumerate() {
            terminal.run(&line);
            terminal.wait("the stage", |terminal| terminal.modes() == "1 0 1");
            terminal.keys(&["3", "Enter"]);
            terminal.shows("x runs it");
            terminal.keys(&["R"]);
            if turn == 0 {
                terminal.shows("Run these commands?");
                terminal.keys(&["y"]);
            }
            terminal.shows("taping");
            match ending {
                "keys" => terminal.keys(&["Escape", "Escape", "q", "q"]),
                signal => kill(signal, &terminal.stage()),
            }
            terminal.shows("status ");
            let mut names: Vec<String> = fs::read_dir(home.join("deck/rec"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            assert!(!names.iter().any(|name| name.contains(".part")), "{name} {ending}: {names:?}");
            assert_eq!(read(home, "rec/t.cast"), tape("good"), "{name} {ending}");
            let (code, out, _) = recordings(home, &[]);
            assert!(code == 0 && out.lines().count() == 1 + names.len(), "{name} {ending}: {out}");
        }
    }
}

#[test]
fn a_demo_of_the_deck_in_this_folder_is_recorded_by_its_name() {
    let folder = deck(DEMOS, "# S\n");
    let record = |place: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_greenroom"))
            .args(["record", "a", "--yes"])
            .current_dir(place)
            .env("HOME", folder.path().join("home"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (status, said) = record(folder.path());
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("name your deck behind it: greenroom record a mytalk/"), "{said}");
    let (status, said) = record(&folder.path().join("deck"));
    assert_eq!(status, Some(0), "{said}");
    assert!(fs::read_to_string(folder.path().join("deck/rec/a.cast")).unwrap().contains("now"), "{said}");
}
