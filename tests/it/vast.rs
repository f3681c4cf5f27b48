//! Terminals and recordings of 65535 by 65535, more cells than there is memory for: the talk goes on. And when memory
//! does run out, the terminal is given back.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

use rustix::process::{Resource, Rlimit, prlimit};

use crate::support::window::Window;

const SIZES: [(u16, u16); 4] = [(u16::MAX, u16::MAX), (u16::MAX, 24), (80, u16::MAX), (20_000, 20_000)];

fn deck(home: &Path) {
    let slides = "# First\n\n```pane\ncommand: [sh, -c, 'echo $((40 + 2))ab; exec sleep 1000']\n```\n\n---\n\n# Second\n";
    fs::create_dir(home.join("deck")).unwrap();
    fs::write(home.join("deck/deck.md"), slides).unwrap();
}

#[test]
fn m4_a_talk_goes_on_in_a_terminal_too_large_for_memory() {
    let home = tempfile::tempdir().unwrap();
    deck(home.path());
    for size in SIZES {
        let status = Window::open(home.path(), size, "deck/deck.md").end_restored(&format!("{size:?}"));
        assert!(status.success(), "{size:?}: {status}");
    }
}

#[test]
fn m4_a_talk_goes_on_when_its_terminal_becomes_too_large_for_memory() {
    for size in SIZES {
        // Nobody has agreed to anything in this one.
        let home = tempfile::tempdir().unwrap();
        deck(home.path());
        let mut terminal = Window::open(home.path(), (80, 24), "deck/deck.md");
        terminal.until_shows("1 / 2");
        // With a program on the slide, whose terminal becomes as large.
        terminal.press("x");
        terminal.until_shows("run them, now and later");
        // A key that comes with the card is not taken for an answer.
        terminal.press_until("y", "42ab");
        terminal.resize(size.0, size.1);
        let status = terminal.end_restored(&format!("resized to {size:?}"));
        assert!(status.success(), "{size:?}: {status}");
    }
}

#[test]
fn m4_a_recording_too_large_for_memory_plays() {
    let home = tempfile::tempdir().unwrap();
    for (columns, rows) in SIZES {
        let head = format!("{{\"version\": 2, \"width\": {columns}, \"height\": {rows}}}\n");
        let events =
            "[0.1, \"o\", \"hello\"]\n[0.2, \"r\", \"65535x65535\"]\n[0.3, \"o\", \"\\u001b[2Jthere\"]\n";
        fs::write(home.path().join("tape.cast"), head + events).unwrap();
        Window::open(home.path(), (80, 24), "play tape.cast")
            .end_restored(&format!("tape of {columns}x{rows}"));
    }
}

#[test]
fn m4_a_stage_that_runs_out_of_memory_gives_the_terminal_back() {
    let home = tempfile::tempdir().unwrap();
    deck(home.path());
    let mut terminal = Window::open(home.path(), (80, 24), "deck/deck.md");
    terminal.until_shows("1 / 2");
    let stage = terminal.stage();
    let pages = fs::read_to_string(format!("/proc/{}/statm", stage.as_raw_nonzero())).unwrap();
    let pages: u64 = pages.split(' ').next().unwrap().parse().unwrap();
    let most = Some(pages * 4096 + (4 << 20));
    prlimit(Some(stage), Resource::As, Rlimit { current: most, maximum: most }).unwrap();
    terminal.resize(2000, 1000);
    let status = terminal.end_restored("out of memory");
    assert!(!status.success(), "it did not run out of memory: {status}");
}
