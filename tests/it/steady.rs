//! What must not disturb a talk in its terminal: a deck that is away for a moment, output from outside, another stage.
#![cfg(target_os = "linux")]

use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::stage::{TAPE, lives, pid};
use crate::support::terminal::{THREE, Terminal, deck, greenroom};

const AWAY: &str = "The deck cannot be read at the moment; showing what was there";
const OUTLINE: &str = "title: T\nsections:\n- {title: S, file: s.md}\ndemos:\n  \
                       a: {command: [sh, -c, 'echo pid=$$.; exec sleep 1000'], on: enter}\n";
const SLIDES: &str =
    "# Slide\n\n```pane\ndemo: a\n```\n\n<!-- pause -->\n\nafter the pause\n\n---\n\n# Last\n";

/// A deck with a program that runs on its third slide, of which one step has been shown; its folder and the program.
fn given(terminal: &Terminal) -> (PathBuf, String) {
    let folder = terminal.home.path().join("deck");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("talk.yaml"), OUTLINE).unwrap();
    fs::write(folder.join("s.md"), SLIDES).unwrap();
    terminal.run(&format!("clear; {} {} --slide 3", greenroom(), folder.display()));
    terminal.shows("Run these commands?");
    terminal.keys(&["y"]);
    let says = |terminal: &Terminal| {
        terminal.text().split("pid=").skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    terminal.wait("its number", says);
    terminal.keys(&["Right"]);
    terminal.shows("after the pause");
    let pid = pid(&terminal.text());
    (folder, pid)
}

fn stays(terminal: &Terminal, pid: &str, what: &str) {
    let text = terminal.text();
    assert!(lives(pid), "{what}: the program has ended\n{text}");
    assert!(text.contains("3 / 4") && text.contains("after the pause"), "{what}: the place is lost\n{text}");
}

/// What happens to a deck, and how it comes back.
type Moment<'a> = (&'a str, &'a dyn Fn(), &'a dyn Fn());

#[test]
fn stage_11_a_deck_that_is_away_empty_or_broken_for_a_moment_disturbs_nothing() {
    let Some(terminal) = Terminal::open("away") else { return };
    let (folder, pid) = given(&terminal);
    let (outline, slides) = (folder.join("talk.yaml"), folder.join("s.md"));
    let elsewhere = folder.with_file_name("elsewhere");
    let moments: [Moment; 7] = [
        ("no outline", &|| fs::remove_file(&outline).unwrap(), &|| fs::write(&outline, OUTLINE).unwrap()),
        ("an empty one", &|| fs::write(&outline, "").unwrap(), &|| fs::write(&outline, OUTLINE).unwrap()),
        ("a broken one", &|| fs::write(&outline, "title: [").unwrap(), &|| {
            fs::write(&outline, OUTLINE).unwrap();
        }),
        ("no section", &|| fs::remove_file(&slides).unwrap(), &|| fs::write(&slides, SLIDES).unwrap()),
        ("an empty section", &|| fs::write(&slides, "").unwrap(), &|| fs::write(&slides, SLIDES).unwrap()),
        ("no folder", &|| fs::rename(&folder, &elsewhere).unwrap(), &|| {
            fs::rename(&elsewhere, &folder).unwrap();
        }),
        ("another folder", &|| fs::remove_dir_all(&folder).unwrap(), &|| {
            fs::create_dir(&folder).unwrap();
            fs::write(&slides, SLIDES).unwrap();
            fs::write(&outline, OUTLINE).unwrap();
        }),
    ];
    for (what, leave, come_back) in moments {
        // As long as it takes to be seen, and then as short as a checkout.
        leave();
        terminal.shows(AWAY);
        stays(&terminal, &pid, what);
        come_back();
        terminal
            .wait(&format!("the deck after {what}"), |terminal| terminal.text().contains("The deck is back"));
        stays(&terminal, &pid, what);
        for _ in 0..5 {
            leave();
            come_back();
        }
        // What is written now is read: nothing of the folder is watched in vain.
        fs::write(&slides, SLIDES.replace("after the pause", &format!("after the pause and {what}")))
            .unwrap();
        terminal.shows(&format!("and {what}"));
        stays(&terminal, &pid, what);
        fs::write(&slides, SLIDES).unwrap();
        terminal.wait("the slide as it was", |terminal| !terminal.text().contains(&format!("and {what}")));
    }
}

#[test]
fn stage_11_a_deck_that_stays_broken_stays_on_stage_and_a_mistake_on_a_slide_shows() {
    let Some(terminal) = Terminal::open("broken") else { return };
    let (folder, pid) = given(&terminal);
    fs::write(folder.join("talk.yaml"), "title: T\nsections: nonsense: [\n").unwrap();
    terminal.shows(AWAY);
    terminal.wait("the slide alone", |terminal| !terminal.text().contains(AWAY));
    stays(&terminal, &pid, "for long");
    terminal.keys(&["r"]);
    terminal.shows(AWAY);
    stays(&terminal, &pid, "asked for");
    let check = Command::new(greenroom()).args(["check", folder.to_str().unwrap()]).output().unwrap();
    assert!(!check.status.success(), "the author is told");
    fs::write(folder.join("talk.yaml"), OUTLINE).unwrap();
    fs::write(folder.join("s.md"), format!("{SLIDES}\n![gone](gone.png)\n")).unwrap();
    terminal.shows("Reloaded with 1 problem: greenroom check lists what is wrong");
    stays(&terminal, &pid, "a mistake elsewhere");
}

/// Writes to the terminal behind the program's back: text, margins, another character set, another cursor.
fn disturb(terminal: &Terminal) {
    let tty = terminal.tmux(&["display", "-p", "#{pane_tty}"]).stdout;
    let tty = String::from_utf8_lossy(&tty).trim().to_owned();
    let mut tty = fs::File::options().write(true).open(tty).unwrap();
    let stray = "\x1b[3;1Hstray output\r\nstray again\x1b[5;9r\x1b[?6h\x1b[4h\x1b(0\x1b[7m\x1b[?7h\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l";
    tty.write_all(stray.as_bytes()).unwrap();
    terminal.shows("stray");
}

fn is_repainted_by(terminal: &Terminal, key: &str) {
    // What goes away by itself is not waited for in vain.
    let alone = |terminal: &Terminal| !terminal.text().contains("Reloaded");
    // Nor is what is still being drawn taken for the picture.
    let seen = RefCell::new((String::new(), 0));
    terminal.wait("the picture alone, and whole", |terminal| {
        let (text, mut seen) = (terminal.text(), seen.borrow_mut());
        *seen = if text == seen.0 { (text, seen.1 + 1) } else { (text, 0) };
        seen.1 >= 3 && alone(terminal)
    });
    let (before, modes) = (terminal.text(), terminal.modes());
    disturb(terminal);
    terminal.keys(&[key]);
    terminal.wait(&format!("a repaint by {key}"), |terminal| {
        alone(terminal) && terminal.text() == before && terminal.modes() == modes
    });
}

#[test]
fn stage_11_ctrl_l_and_r_repaint_everything() {
    let Some(terminal) = Terminal::open("repaint") else { return };
    let path = deck(terminal.home.path(), THREE);
    terminal.run(&format!("clear; {} {}", greenroom(), path.display()));
    terminal.shows("1 / 3");
    is_repainted_by(&terminal, "C-l");
    is_repainted_by(&terminal, "r");
    let slide = terminal.text();
    for over in ["?", "o", "b"] {
        terminal.keys(&[over]);
        terminal.wait("what lies over it", |terminal| terminal.text() != slide);
        is_repainted_by(&terminal, "C-l");
        terminal.keys(&["Escape"]);
        terminal.wait("the slide", |terminal| terminal.text() == slide);
    }
    terminal.keys(&["q"]);
    terminal.is_restored();
}

#[test]
fn stage_11_a_recording_that_is_played_is_repainted() {
    let Some(terminal) = Terminal::open("repaint-play") else { return };
    let tape = terminal.home.path().join("t.cast");
    fs::write(&tape, TAPE).unwrap();
    terminal.run(&format!("clear; {} play {}", greenroom(), tape.display()));
    terminal.shows("more");
    terminal.shows("exit 0");
    is_repainted_by(&terminal, "C-l");
}

#[test]
fn stage_11_a_focused_program_gets_ctrl_l_itself() {
    let Some(terminal) = Terminal::open("ctrl-l") else { return };
    let folder = terminal.home.path().join("deck");
    fs::create_dir_all(&folder).unwrap();
    let program = "stty raw -echo; printf rea; echo dy; head -c 1 | od -An -tx1; exec sleep 1000";
    fs::write(
        folder.join("talk.yaml"),
        format!("title: T\nsections:\n- {{title: S, file: s.md}}\ndemos:\n  a: {{command: [sh, -c, '{program}']}}\n"),
    )
    .unwrap();
    fs::write(folder.join("s.md"), "# Slide\n\n```pane\ndemo: a\n```\n").unwrap();
    terminal.run(&format!("clear; {} {} --slide 3", greenroom(), folder.display()));
    terminal.shows("x runs it");
    terminal.keys(&["x"]);
    terminal.shows("Run these commands?");
    terminal.keys(&["y"]);
    terminal.shows("ready");
    terminal.keys(&["Tab"]);
    terminal.shows("┏━");
    terminal.keys(&["C-l"]);
    terminal.shows("0c");
}

/// A stage of `deck` that meets its followers in a folder of its own.
fn line(state: &Path, runtime: &Path, deck: &Path) -> String {
    let (state, runtime) = (state.display(), runtime.display());
    format!("clear; XDG_STATE_HOME={state} XDG_RUNTIME_DIR={runtime} {} {}", greenroom(), deck.display())
}

#[test]
fn stage_10_a_bookmark_of_a_stage_that_lives_is_not_a_talk_that_was_cut_off() {
    let Some(first) = Terminal::open("first") else { return };
    let Some(second) = Terminal::open("second") else { return };
    let state = first.home.path().join("shared");
    let path = deck(first.home.path(), THREE);
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    first.run(&line(&state, one.path(), &path));
    first.shows("1 / 3");
    first.keys(&["Right", "Right"]);
    first.shows("3 / 3");
    let bookmarked = |slide: usize| {
        let state = state.clone();
        move |_: &Terminal| {
            let files = fs::read_dir(state.join("greenroom/places")).into_iter().flatten().flatten();
            let texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
            texts.into_iter().any(|text| text.contains(&format!("\"slide\":{slide},")))
        }
    };
    first.wait("a bookmark", bookmarked(2));
    // Another runtime folder, and another stage: at its beginning, and it says so.
    second.run(&line(&state, other.path(), &path));
    second.shows("1 / 3");
    second.shows("Another stage has this deck open");
    second.keys(&["Right"]);
    second.shows("2 / 3");
    second.wait("the footer", |second| !second.text().contains("Another stage"));
    second.keys(&["q", "q"]);
    second.is_restored();
    assert!(bookmarked(2)(&second), "the first one's place is not overwritten");
    // The first is cut off: that is taken up.
    assert!(Command::new("kill").args(["-KILL", &first.stage()]).status().unwrap().success());
    first.shows("Killed");
    second.run(&line(&state, other.path(), &path));
    second.shows("Resumed where it was cut off");
    second.shows("3 / 3");
}
