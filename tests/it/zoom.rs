//! `z`: one pane, picture or block of code fills the window, and comes back to its place.

use std::time::Duration;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use greenroom::talk::{Mode, Msg};
use greenroom_base::run::Size;
use greenroom_deck::PaneId;
use greenroom_render::layout::Zoom;

use crate::support::stage::{Stage, TAPE, deck, pane, reload, sh, stage};
use crate::support::terminal::{Terminal, deck as write_deck, greenroom};

/// Two panes side by side, each of which says its size when it changes.
const TWO: &str =
    "# Slide\n\n```pane\ndemo: a\n```\n\n```pane\ndemo: b\n```\n\ntext of the slide\n\n---\n\n# After\n";

/// A program that says how large its terminal is, again whenever that changes.
fn sizes() -> String {
    let script = "trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done";
    format!("{}\n{}", sh(script, ", title: one"), "  b: {command: [cat], title: two}")
}

#[test]
fn a_pane_fills_the_window_and_its_program_gets_the_size() {
    let (mut stage, _folder) = stage(&sizes(), TWO);
    stage.press("x");
    stage.until("it runs", |screen| screen.contains("text of the slide") && screen.contains("7 80"));
    let before = stage.screen();
    stage.press("<esc><esc>z");
    assert_eq!(stage.talk.zoom(), Some(Zoom::Pane(0)));
    // 90 by 28, less a border.
    stage.until_says("26 88");
    let screen = stage.screen();
    assert!(!screen.contains("text of the slide") && !screen.contains("two"), "{screen}");
    assert!(screen.starts_with(['╭', '┏']), "{screen}");
    stage.press("z");
    assert_eq!(stage.talk.zoom(), None);
    stage.until("it is as before", |screen| {
        screen.contains("text of the slide") && screen.contains("two") && screen.matches("7 80").count() == 2
    });
    assert_eq!(before.lines().last(), stage.screen().lines().last(), "the footer is back");
    stage.press("z<esc>");
    assert_eq!((stage.talk.zoom(), stage.talk.place().slide), (None, 2));
}

#[test]
fn a_pane_that_fills_the_window_can_be_typed_into() {
    let (mut stage, _folder) = stage("  a: {command: [sh, -i], env: {PS1: 'here> ', ENV: ''}}", &pane("a"));
    stage.press("x");
    stage.until_says("here>");
    // The keyboard is the program's: z is a letter.
    stage.press("zz");
    assert_eq!(stage.talk.zoom(), None);
    stage.until_says("zz");
    // A shell throws away what is typed before its next prompt.
    stage.press("<C-c>");
    stage.until("another prompt", |screen| screen.matches("here>").count() == 2);
    stage.press("<esc><esc>z<tab>echo zoomed $((6*7)) z<ret>");
    assert_eq!(stage.talk.zoom(), Some(Zoom::Pane(0)));
    stage.until_says("zoomed 42 z");
    let cursor = stage.surface.frame.cursor.expect("a cursor");
    let row = stage.screen().lines().nth(cursor.y.into()).unwrap().to_owned();
    assert!(row.trim_start_matches('┃').starts_with("here>") && cursor.x == 7, "{cursor:?} in {row}");
    stage.press("<esc><esc>");
    assert_eq!((stage.talk.focus(), stage.talk.zoom()), (None, Some(Zoom::Pane(0))));
    stage.press("<esc>");
    assert_eq!(stage.talk.zoom(), None);
}

#[test]
fn the_pane_that_was_used_last_fills_the_window() {
    let (mut stage, _folder) = stage(&sizes(), TWO);
    let b = PaneId { slide: 2, pane: 1 };
    stage.press("<tab><f6>");
    assert_eq!(stage.talk.focus(), Some(b));
    // Nothing listens there: z is the talk's, and leaves the keyboard where it is.
    stage.press("z");
    assert_eq!((stage.talk.zoom(), stage.talk.focus()), (Some(Zoom::Pane(1)), Some(b)));
    stage.press("<esc>z");
    assert_eq!(stage.talk.zoom(), None);
    // It was left by its key: the slide's keys mean it.
    stage.press("z");
    assert_eq!(stage.talk.zoom(), Some(Zoom::Pane(1)));
    // And keys of the slide mean what shows alone.
    stage.press("x");
    assert!(stage.talk.pane_status(b).is_some_and(|status| status.run == greenroom::talk::LiveRun::Active));
    let a = PaneId { slide: 2, pane: 0 };
    assert!(stage.talk.pane_status(a).is_some_and(|status| status.run == greenroom::talk::LiveRun::Rests));
}

#[test]
fn another_slide_is_not_enlarged_and_this_one_is_not_when_it_is_shown_again() {
    let (mut stage, _folder) = stage(&sizes(), TWO);
    stage.press("z");
    assert!(stage.talk.zoom().is_some());
    stage.press("<right>");
    assert_eq!((stage.talk.zoom(), stage.talk.place().slide), (None, 3));
    assert!(stage.screen().contains("4 / 4"), "{}", stage.screen());
    stage.press("z");
    assert_eq!(stage.talk.zoom(), None);
    assert!(stage.screen().contains("Nothing on this slide can fill the window"), "{}", stage.screen());
    stage.press("h");
    assert!(stage.screen().contains("text of the slide"), "{}", stage.screen());
}

#[test]
fn code_fills_the_window_and_goes_on_by_steps() {
    let code = "# Slide\n\nwords\n\n```python {1|2}\nfirst = 1\nsecond = 2\n```\n\n---\n\n# After\n";
    let (mut stage, _folder) = stage("  a: {command: [cat]}", code);
    stage.press("z");
    assert_eq!(stage.talk.zoom(), Some(Zoom::Block(0)));
    let marked = |stage: &Stage| {
        let screen = stage.screen();
        let row = |word: &str| screen.lines().find(|line| line.contains(word)).unwrap().contains('▌');
        assert!(!screen.contains("words"), "{screen}");
        (row("first"), row("second"))
    };
    assert_eq!(marked(&stage), (true, false));
    stage.press("<right>");
    assert_eq!(marked(&stage), (false, true));
    stage.press("<right>");
    assert_eq!((stage.talk.place().slide, stage.talk.zoom()), (3, None));
}

#[test]
fn a_recording_keeps_its_size_in_the_middle_of_the_window() {
    let folder = deck(&sh("true", ", tape: a.cast"), &pane("a"));
    crate::support::stage::write(folder.path(), "a.cast", TAPE);
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>vz");
    stage.until_says("from the tape");
    let screen = stage.screen();
    let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains("from the tape")).unwrap();
    let column = line.chars().position(|c| c == 'f').unwrap();
    // 40 by 5 in 88 by 26.
    assert_eq!((row, column), (1 + (26 - 5) / 2, 1 + (88 - 40) / 2), "{screen}");
    assert!(screen.contains("recording"), "{screen}");
}

#[test]
fn the_mouse_is_where_it_is_seen() {
    // The program is told of clicks, and shows what it is told.
    let script = "printf '\\033[?1000h\\033[?1006h'; stty raw -echo; cat -v";
    let (mut stage, _folder) = stage(&format!("{}\n  b: {{command: [cat]}}", sh(script, "")), TWO);
    stage.press("x");
    stage.until_says("live");
    stage.press("<esc><esc>z<tab>");
    let click = |stage: &mut Stage, column, row| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        stage.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    };
    stage.until("the program listens", |_| true);
    let end = std::time::Instant::now() + Duration::from_secs(30);
    // In the last cell of the window inside of the border.
    while !stage.screen().contains("<0;88;26M") {
        assert!(std::time::Instant::now() < end, "{}", stage.screen());
        click(&mut stage, 88, 26);
        stage.turn(Duration::from_millis(50));
    }
}

#[test]
fn a_window_that_changes_and_a_deck_that_loses_the_pane_are_followed() {
    let (mut stage, _folder) = stage(&sizes(), TWO);
    stage.press("z");
    for (columns, rows) in [(20, 5), (500, 150), (9, 2), (90, 28)] {
        stage.tell(Msg::Resize(Size { columns, rows }));
        assert_eq!(stage.talk.zoom(), Some(Zoom::Pane(0)));
    }
    stage.write("s.md", "# Slide\n\nno pane any more\n");
    reload(&mut stage);
    assert_eq!((stage.talk.zoom(), stage.talk.mode()), (None, &Mode::Slide));
    assert!(stage.screen().contains("no pane any more"), "{}", stage.screen());
}

#[test]
fn a_slide_comes_back_scrolled_as_it_was() {
    let text = format!("# Slide\n\n{}\n```python\nx = 1\n```\n", "- row\n".repeat(60));
    let (mut stage, _folder) = stage("  a: {command: [cat]}", &text);
    stage.press("jjjjj");
    let before = stage.screen();
    stage.press("z");
    assert_ne!(stage.screen(), before);
    stage.press("z");
    assert_eq!(stage.screen(), before);
}

#[test]
fn in_a_real_terminal_a_shell_fills_the_window() {
    let Some(terminal) = Terminal::open("zoom") else { return };
    let folder = terminal.home.path().join("talk");
    std::fs::create_dir_all(&folder).unwrap();
    let slides = "# One\n\nbeside it\n\n```pane\ncommand: [sh, -i]\n```\n";
    let path = write_deck(&folder, slides);
    terminal.run(&format!("{} present {}", greenroom(), path.display()));
    terminal.shows("beside it");
    terminal.keys(&["x"]);
    terminal.shows("Run these commands");
    terminal.keys(&["y"]);
    terminal.shows("live");
    terminal.keys(&["-l", "stty size"]);
    terminal.keys(&["Enter"]);
    terminal.wait("a size", |terminal| terminal.text().contains(" 70"));
    terminal.keys(&["Escape", "Escape"]);
    terminal.keys(&["z"]);
    terminal.wait("the window", |terminal| !terminal.text().contains("beside it"));
    terminal.keys(&["Tab"]);
    terminal.keys(&["-l", "stty size"]);
    terminal.keys(&["Enter"]);
    terminal.shows("22 78");
    terminal.keys(&["Escape", "Escape"]);
    terminal.keys(&["z"]);
    terminal.shows("beside it");
}
