//! The executable in a real terminal.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

use crate::support::terminal::{THREE, Terminal, deck, greenroom, kill};

#[test]
fn a_talk_is_given_and_left() {
    let Some(terminal) = Terminal::open("talk") else { return };
    terminal.run(&format!("{}; echo status $?", greenroom()));
    terminal.shows("Micah Lyle");
    assert_eq!(terminal.modes(), "1 0 1");
    terminal.keys(&["Right"]);
    terminal.shows("1 of 4");
    terminal.keys(&["G"]);
    terminal.shows("76 / 76");
    terminal.keys(&["q", "q"]);
    terminal.shows("status 0");
    terminal.is_restored();
}

#[test]
fn signals_restore_the_terminal() {
    let Some(terminal) = Terminal::open("signals") else { return };
    let deck = deck(terminal.home.path(), THREE);
    // Whoever sends one means the process that was started, or all of them.
    let mut signals =
        vec![("TERM", 143), ("HUP", 129), ("INT", 130), ("QUIT", 131), ("USR1", 138), ("USR2", 140)];
    signals.extend([
        ("ALRM", 142),
        ("VTALRM", 154),
        ("PROF", 155),
        ("XCPU", 152),
        ("XFSZ", 153),
        ("IO", 157),
    ]);
    signals.extend([("PWR", 158), ("STKFLT", 144)]);
    for (signal, status) in signals {
        terminal.run(&format!("clear; {} {}; echo status $?", greenroom(), deck.display()));
        terminal.shows("1 / 3");
        kill(signal, &terminal.job());
        terminal.shows(&format!("status {status}"));
        terminal.is_restored();
    }
}

#[test]
fn what_ends_the_stage_at_once_restores_the_terminal() {
    let Some(terminal) = Terminal::open("fatal") else { return };
    let deck = deck(terminal.home.path(), THREE);
    let signals = [("KILL", 137), ("SEGV", 139), ("BUS", 135), ("ILL", 132), ("FPE", 136), ("ABRT", 134)];
    for (signal, status) in signals.into_iter().chain([("SYS", 159), ("TRAP", 133), ("34", 162)]) {
        terminal.run(&format!("clear; {} {}; echo status $?", greenroom(), deck.display()));
        terminal.shows("1 / 3");
        kill(signal, &terminal.stage());
        terminal.shows(&format!("status {status}"));
        terminal.is_restored();
    }
}

#[test]
fn a_stage_whose_keeper_is_killed_restores_the_terminal() {
    let Some(terminal) = Terminal::open("keeper") else { return };
    let deck = deck(terminal.home.path(), THREE);
    terminal.run(&format!("{} {}", greenroom(), deck.display()));
    terminal.shows("1 / 3");
    kill("KILL", &terminal.job());
    terminal.is_restored();
}

#[test]
fn a_suspended_talk_ends_when_it_is_asked_to() {
    let Some(terminal) = Terminal::open("suspended") else { return };
    let deck = deck(terminal.home.path(), THREE);
    for signal in ["TERM", "HUP", "QUIT"] {
        terminal.run(&format!("clear; {} {}", greenroom(), deck.display()));
        terminal.shows("1 / 3");
        let (job, stage) = (terminal.job(), terminal.stage());
        terminal.keys(&["C-z"]);
        terminal.shows("Stopped");
        // As a shell does for `kill %1`.
        kill(signal, &job);
        kill("CONT", &job);
        terminal.wait("end of the stage", |_| !Path::new(&format!("/proc/{stage}")).exists());
        terminal.run("true");
        terminal.shows("Exit 1");
        terminal.is_restored();
    }
}

#[test]
fn a_talk_in_the_background_leaves_the_terminal_alone_until_it_has_it() {
    let Some(terminal) = Terminal::open("background") else { return };
    let deck = deck(terminal.home.path(), THREE);
    terminal.run(&format!("{} {}", greenroom(), deck.display()));
    terminal.shows("1 / 3");
    terminal.keys(&["C-z"]);
    terminal.shows("Stopped");
    terminal.run("clear; bg");
    terminal.wait("a job that has stopped again", |terminal| {
        terminal.run("jobs");
        terminal.text().contains("Stopped")
    });
    terminal.is_restored();
    terminal.run("fg");
    terminal.shows("1 / 3");
    kill("TERM", &terminal.job());
    terminal.is_restored();
}

#[test]
fn the_windows_title_is_given_back() {
    let Some(terminal) = Terminal::open("title") else { return };
    let deck = deck(terminal.home.path(), THREE);
    let title = |terminal: &Terminal| {
        String::from_utf8_lossy(&terminal.tmux(&["display", "-p", "#{pane_title}"]).stdout).trim().to_owned()
    };
    terminal.run("printf '\\033]2;before\\033\\\\'");
    terminal.wait("its own title", |terminal| title(terminal) == "before");
    for signal in ["TERM", "KILL"] {
        terminal.run(&format!("clear; {} {}; echo status $?", greenroom(), deck.display()));
        terminal.shows("1 / 3");
        assert_ne!(title(&terminal), "before");
        kill(signal, &terminal.stage());
        terminal.shows("status 1");
        assert_eq!(title(&terminal), "before");
    }
}

#[test]
fn a_panic_restores_the_terminal() {
    let Some(terminal) = Terminal::open("panic") else { return };
    let example = cargo_bin("greenroom").with_file_name("examples").join("panic_on_stage");
    assert!(example.exists(), "cargo test builds examples; with --test it alone: cargo build --examples");
    terminal.run(&format!("{}; echo status $?", example.display()));
    terminal.shows("on stage");
    terminal.shows("status 101");
    terminal.is_restored();
}

#[test]
fn ctrl_z_stops_and_fg_goes_on() {
    let Some(terminal) = Terminal::open("stop") else { return };
    let deck = deck(terminal.home.path(), THREE);
    terminal.run(&format!("{} {}", greenroom(), deck.display()));
    terminal.shows("1 / 3");
    terminal.keys(&["Right"]);
    terminal.shows("2 / 3");
    terminal.keys(&["C-z"]);
    terminal.is_restored();
    terminal.run("fg");
    terminal.shows("2 / 3");
    assert_eq!(terminal.modes(), "1 0 1");
    terminal.keys(&["q", "q"]);
    terminal.is_restored();
}

#[test]
fn saving_reloads_and_keeps_the_slide() {
    let Some(terminal) = Terminal::open("reload") else { return };
    let path = deck(terminal.home.path(), THREE);
    terminal.run(&format!("{} {}", greenroom(), path.display()));
    terminal.shows("1 / 3");
    terminal.keys(&["Right"]);
    terminal.shows("2 / 3");
    deck(terminal.home.path(), &format!("# New\n\n---\n\n{}", THREE.replace("two", "two, edited")));
    terminal.shows("two, edited");
    terminal.shows("3 / 4");
    deck(terminal.home.path(), &THREE.replace("two", "![gone](gone.png)"));
    terminal.shows("gone.png");
    terminal.shows("deck.md:9:1");
}

#[test]
fn a_talk_is_taken_up_where_it_was_left() {
    let Some(terminal) = Terminal::open("resume") else { return };
    let path = deck(terminal.home.path(), THREE);
    let command = format!("clear; {} {}", greenroom(), path.display());
    terminal.run(&command);
    terminal.shows("1 / 3");
    terminal.keys(&["Right", "Right"]);
    terminal.shows("3 / 3");
    terminal.keys(&["q", "q"]);
    terminal.is_restored();
    terminal.run(&format!("{command} --resume"));
    terminal.shows("3 / 3");
    terminal.keys(&["q", "q"]);
    terminal.is_restored();
    terminal.run(&command);
    terminal.shows("1 / 3");
}

#[test]
fn the_terminal_may_change_its_size() {
    let Some(terminal) = Terminal::open("resize") else { return };
    terminal.run(&greenroom());
    terminal.shows("Micah Lyle");
    terminal.keys(&["3", "Enter"]);
    terminal.shows("3 / 76");
    terminal.tmux(&["resize-window", "-x", "120", "-y", "35"]);
    terminal.wait("wide footer", |terminal| {
        terminal.text().lines().any(|line| line.len() > 100 && line.contains("3 / 76"))
    });
    terminal.tmux(&["resize-window", "-x", "8", "-y", "2"]);
    terminal.shows("8x2");
}

fn run(args: &[&str]) -> Output {
    Command::new(greenroom()).args(args).stdin(std::process::Stdio::null()).output().unwrap()
}

#[test]
fn without_a_terminal_it_says_so() {
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("is not a terminal") && output.stdout.is_empty(), "{text}");
}

#[test]
fn exit_codes() {
    let folder = TempDir::new().unwrap();
    let fine = deck(folder.path(), THREE);
    assert_eq!(run(&["check", fine.to_str().unwrap()]).status.code(), Some(0));
    assert_eq!(run(&["check"]).status.code(), Some(0), "the built-in talk");
    assert_eq!(run(&["check", "--nonsense"]).status.code(), Some(2));
    assert_eq!(run(&["check", "--size", "80"]).status.code(), Some(2));
    assert_eq!(run(&["check", "/no/such/deck"]).status.code(), Some(1));
    let broken = deck(folder.path(), "# A\n\n<!-- puase -->\n\n![x](missing.png)\n");
    let output = run(&["check", broken.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("pause") && text.contains("missing.png") && text.contains("2 errors"), "{text}");
}

#[test]
fn check_speaks_json() {
    let folder = TempDir::new().unwrap();
    let long = deck(folder.path(), &format!("# Long\n\n{}", "line\n\n".repeat(40)));
    let output = run(&["check", "--format", "json", "--size", "80x24", long.to_str().unwrap()]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((report["errors"].as_u64(), report["slides"].as_u64()), (Some(1), Some(1)));
    assert_eq!(report["problems"][0]["severity"], "error");
    assert!(report["problems"][0]["message"].as_str().unwrap().contains("80x24"));
}

#[test]
fn check_looks_into_pictures() {
    let folder = TempDir::new().unwrap();
    // A header that promises a picture, and nothing behind it.
    let header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0\x1f\xf3\xffa";
    fs::write(folder.path().join("cut.png"), header).unwrap();
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>hi</text>\
               <foreignObject width='9' height='9'/></svg>";
    fs::write(folder.path().join("html.svg"), svg).unwrap();
    let path = deck(folder.path(), "# A\n\n![cut](cut.png)\n\n![html](html.svg)\n");
    let output = run(&["check", path.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("cut.png cannot be shown")
            && text.contains("html.svg has something that is not drawn: HTML"),
        "{text}"
    );
}

#[test]
fn check_names_letters_that_no_font_has() {
    let folder = TempDir::new().unwrap();
    let path = deck(folder.path(), "# Café, Ω, 🚀\n\ntext\n\n<!-- end_slide -->\n\n# 世界 and 世界\n");
    let output = run(&["check", path.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("has 2 characters of the deck: 世 界") && text.contains(".md:7"), "{text}");
}

#[test]
fn an_export_never_replaces_a_file_unasked() {
    let folder = TempDir::new().unwrap();
    let path = deck(folder.path(), THREE);
    let out = folder.path().join("out.txt");
    let args = ["export", "--text", path.to_str().unwrap(), "-o", out.to_str().unwrap()];
    assert_eq!(run(&args).status.code(), Some(0));
    let text = fs::read_to_string(&out).unwrap();
    assert!(text.contains("First") && text.contains("three"));
    assert_eq!(run(&args).status.code(), Some(1));
    assert_eq!(run(&[&args[..], &["--force"]].concat()).status.code(), Some(0));
}

#[test]
fn the_schema_and_the_manual_are_printed() {
    let schema = run(&["schema"]);
    assert_eq!(schema.stdout, include_bytes!("../../assets/outline.schema.json"));
    let schema = run(&["schema", "--scenario"]);
    assert_eq!(schema.stdout, include_bytes!("../../assets/scenario.schema.json"));
    assert!(String::from_utf8_lossy(&run(&["man"]).stdout).contains(".TH greenroom"));
    for shell in ["bash", "zsh", "fish"] {
        assert!(String::from_utf8_lossy(&run(&["completions", shell]).stdout).contains("greenroom"));
    }
}
