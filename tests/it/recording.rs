//! `greenroom record` as a person uses it: what runs shows, keys reach it, and no good recording is lost.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::terminal::{PATIENCE, Terminal, greenroom, kill};

const OLD: &str = "{\"version\":2,\"width\":60,\"height\":9}\n[0.1,\"o\",\"old\\r\\n\"]\n";

/// A deck with a pane for the demo `a`, which `demo` describes in YAML.
fn deck(home: &Path, demo: &str) -> PathBuf {
    let folder = home.join("deck");
    fs::create_dir_all(folder.join("rec")).unwrap();
    let outline = format!(
        "title: T\nsections:\n- {{title: S, file: s.md}}\ndemos:\n  a: {{{demo}, tape: rec/a.cast}}\n"
    );
    fs::write(folder.join("talk.yaml"), outline).unwrap();
    fs::write(folder.join("s.md"), "# Slide\n\n```pane\ndemo: a\n```\n").unwrap();
    folder
}

const SHELL: &str = "command: [bash, --norc, --noprofile], env: {PS1: 'inner$ '}";

/// The recordings that are there, by name, and nothing unfinished among them.
fn recordings(deck: &Path) -> Vec<String> {
    let entries = fs::read_dir(deck.join("rec")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn tape(deck: &Path, name: &str) -> String {
    fs::read_to_string(deck.join("rec").join(name)).unwrap()
}

fn record(terminal: &Terminal, deck: &Path, options: &str) {
    terminal.run(&format!(
        "clear; {} record a {} --yes {options}; echo status $?",
        greenroom(),
        deck.display()
    ));
    terminal.shows("recording a");
}

#[test]
fn a_shell_is_seen_and_typed_into_while_it_is_recorded() {
    let Some(terminal) = Terminal::open("record-shell") else { return };
    let deck = deck(terminal.home.path(), SHELL);
    record(&terminal, &deck, "");
    terminal.shows("inner$");
    terminal.shows("Ctrl-] twice stops");
    terminal.run("echo hello-$((6*7)) and $(stty size)");
    // As wide as the slide's pane, not as the screen.
    terminal.shows("hello-42 and ");
    let inside = terminal.text();
    assert!(!inside.contains("24 80"), "{inside}");
    // A password is typed, and not shown; Ctrl-C is the program's.
    terminal.run("read -s word; echo ${#word} letters");
    terminal.run("letmein");
    terminal.shows("7 letters");
    // It has begun, so that Ctrl-C is for it and not for the shell.
    terminal.run("sh -c 'echo it be\"\"gins; exec sleep 1000'");
    terminal.shows("it begins");
    terminal.keys(&["C-c"]);
    // What is typed before the terminal has dealt with Ctrl-C is thrown away by it.
    terminal.shows("^C");
    terminal.run("echo status was $?");
    terminal.shows("status was 130");
    terminal.run("exit");
    terminal.shows("status 0");
    assert!(terminal.text().contains("in rec/a.cast"), "{}", terminal.text());
    terminal.is_restored();
    let tape = tape(&deck, "a.cast");
    assert!(tape.contains("hello-42") && !tape.contains("letmein"), "{tape}");
    let width = tape.split("\"cols\":").nth(1).or_else(|| tape.split("\"width\":").nth(1)).unwrap();
    let width: String = width.chars().take_while(char::is_ascii_digit).collect();
    assert!((60..80).contains(&width.parse::<u16>().unwrap()), "{width} columns");
    terminal.run(&format!("clear; {} play {}/rec/a.cast", greenroom(), deck.display()));
    terminal.shows("hello-42");
    terminal.keys(&["q"]);
    terminal.is_restored();
}

#[test]
fn a_recording_that_is_stopped_at_once_is_not_kept_and_the_earlier_one_stays() {
    let Some(terminal) = Terminal::open("record-stop") else { return };
    let deck = deck(terminal.home.path(), SHELL);
    record(&terminal, &deck, "");
    terminal.shows("inner$");
    terminal.keys(&["C-]", "C-]"]);
    terminal.shows("nothing is kept");
    terminal.shows("status 1");
    assert!(recordings(&deck).is_empty(), "{:?}", recordings(&deck));
    terminal.is_restored();
    fs::write(deck.join("rec/a.cast"), OLD).unwrap();
    record(&terminal, &deck, "");
    terminal.shows("inner$");
    terminal.keys(&["C-]", "C-]"]);
    terminal.shows("the earlier one stays");
    assert_eq!((recordings(&deck), tape(&deck, "a.cast")), (vec!["a.cast".to_owned()], OLD.to_owned()));
    // One key alone is the program's.
    record(&terminal, &deck, "");
    terminal.shows("inner$");
    terminal.run("echo some-$((1+1))");
    terminal.shows("some-2");
    terminal.keys(&["C-]"]);
    terminal.shows("Ctrl-] again stops");
    terminal.keys(&["C-]"]);
    terminal.shows("was interrupted");
    assert_eq!(
        (recordings(&deck), tape(&deck, "a.cast")),
        (vec!["a.1.cast".into(), "a.cast".into()], OLD.into())
    );
    assert!(tape(&deck, "a.1.cast").contains("some-2"));
    // With --keep it is what the person wanted; the earlier one is kept all the same.
    record(&terminal, &deck, "--keep");
    terminal.shows("inner$");
    terminal.run("echo more-$((1+2))");
    terminal.shows("more-3");
    terminal.keys(&["C-]", "C-]"]);
    terminal.shows("the earlier recording is take 1");
    assert_eq!((tape(&deck, "a.1.cast"), recordings(&deck).len()), (OLD.to_owned(), 3));
    assert!(tape(&deck, "a.cast").contains("more-3"));
}

#[test]
fn lines_that_the_deck_types_are_seen_too() {
    let Some(terminal) = Terminal::open("record-types") else { return };
    let deck = deck(terminal.home.path(), &format!("{SHELL}, types: ['echo typed-$((2+3))']"));
    record(&terminal, &deck, "--size 50x10");
    terminal.shows("typed-5");
    terminal.shows("50x10");
    terminal.shows("status 0");
    assert!(tape(&deck, "a.cast").contains("typed-5"));
}

/// Runs `record` without a terminal, interrupts it once `until` holds, and gives its status and what it said.
fn interrupted(home: &Path, deck: &Path, until: impl Fn() -> bool) -> (Option<i32>, String) {
    let child = Command::new(greenroom())
        .args(["record", "a", "--yes"])
        .arg(deck)
        .env("HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    while !until() {
        assert!(Instant::now() < deadline, "it did not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    kill("INT", &child.id().to_string());
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn without_a_terminal_it_says_what_it_waits_for_and_an_interrupt_ends_it() {
    let home = tempfile::TempDir::new().unwrap();
    let home = home.path();
    let mark = home.join("began");
    let script = |rest: &str| format!("command: [sh, -c, '{rest}touch {}; exec sleep 1000']", mark.display());
    let folder = deck(home, &script(""));
    fs::write(folder.join("rec/a.cast"), OLD).unwrap();
    let (status, said) = interrupted(home, &folder, || mark.exists());
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("Ctrl-C stops it") && said.contains("the earlier one stays"), "{said}");
    assert_eq!((recordings(&folder), tape(&folder, "a.cast")), (vec!["a.cast".to_owned()], OLD.to_owned()));
    fs::remove_file(&mark).unwrap();
    let folder = deck(home, &script("echo line; "));
    let (status, said) = interrupted(home, &folder, || mark.exists());
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("was interrupted") && said.contains("as take 1"), "{said}");
    assert_eq!(tape(&folder, "a.cast"), OLD);
    // What prints nothing has nothing to play, however well it ends.
    fs::remove_file(folder.join("rec/a.1.cast")).unwrap();
    let folder = deck(home, "command: ['true']");
    let output =
        Command::new(greenroom()).args(["record", "a", "--yes"]).arg(&folder).env("HOME", home).output();
    let said = String::from_utf8_lossy(&output.unwrap().stderr).into_owned();
    assert!(said.contains("nothing was shown"), "{said}");
    assert_eq!((recordings(&folder), tape(&folder, "a.cast")), (vec!["a.cast".to_owned()], OLD.to_owned()));
}

#[test]
fn a_run_that_fails_leaves_the_earlier_recording_and_a_good_one_keeps_it_as_a_take() {
    let home = tempfile::TempDir::new().unwrap();
    let home = home.path();
    let make = |demo: &str, options: &[&str]| {
        let folder = deck(home, demo);
        let made = Command::new(greenroom())
            .args(["record", "a", "--yes"])
            .args(options)
            .arg(&folder)
            .env("HOME", home)
            .output()
            .unwrap();
        (made.status.code(), String::from_utf8_lossy(&made.stderr).into_owned(), folder)
    };
    let (status, said, folder) = make("command: [echo, one]", &[]);
    assert_eq!(status, Some(0), "{said}");
    let (status, said, _) = make("command: [sh, -c, 'echo two; exit 3']", &[]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("did not end as expected"), "{said}");
    assert!(tape(&folder, "a.cast").contains("one") && tape(&folder, "a.1.cast").contains("two"));
    let (status, said, _) = make("command: [echo, three]", &[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(tape(&folder, "a.cast").contains("three") && tape(&folder, "a.1.cast").contains("one"), "{said}");
    assert!(tape(&folder, "a.2.cast").contains("two"));
}
