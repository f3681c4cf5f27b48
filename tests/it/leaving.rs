//! Leaving a talk by key: asked for twice while it is on, and the place is said afterwards.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use greenroom::link::StageCommand;
use greenroom::open;
use greenroom::talk::{Effect, Mode, Msg, Settings, StageEffect, Talk, TimerStart};
use greenroom::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_render::paint::RenderCache;

const AT: Elapsed = Elapsed::from_secs(100);

fn talk(settings: Settings) -> Talk {
    let files = MemoryFiles::new().with("d.md", "# A\n\n---\n\n# B\n\n---\n\n# C\n");
    Talk::new(Arc::new(open::deck(&files, "d.md")), Size { columns: 80, rows: 24 }, settings)
}

const QUIT: [Effect; 1] = [Effect::Stage(StageEffect::Quit)];

/// Tells the talk, and gives what it asks for.
fn tell(talk: &mut Talk, msg: Msg, now: Elapsed) -> Vec<Effect> {
    talk.update(msg, now);
    std::iter::from_fn(|| talk.next_effect()).collect()
}

fn key(talk: &mut Talk, code: KeyCode, now: Elapsed) -> Vec<Effect> {
    tell(talk, Msg::Key(code.into()), now)
}

fn press(talk: &mut Talk, c: char) -> Vec<Effect> {
    key(talk, KeyCode::Char(c), AT)
}

fn interrupt(talk: &mut Talk) -> Vec<Effect> {
    tell(talk, Msg::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)), AT)
}

/// A talk on its second slide.
fn begun() -> Talk {
    let mut talk = talk(Settings { keeps_place: true, ..Settings::default() });
    let _ = press(&mut talk, 'l');
    talk
}

fn asks(talk: &Talk, now: Elapsed) -> bool {
    let last =
        view::audience(talk, &RenderCache::new(), now).text().lines().last().unwrap_or_default().to_owned();
    assert_eq!(last.contains("again leaves"), talk.question(now).is_some(), "{last}");
    talk.question(now).is_some()
}

#[test]
fn stage_4_q_asks_once_while_a_talk_is_on() {
    let mut talk = begun();
    assert_eq!(press(&mut talk, 'q'), [], "it asks");
    assert!(asks(&talk, AT));
    assert!(talk.question(AT).unwrap().contains("q again leaves · --resume continues from here"));
    assert_eq!(press(&mut talk, 'q'), QUIT);
}

#[test]
fn stage_4_any_other_key_goes_on_and_does_its_own_work() {
    let mut talk = begun();
    assert_eq!(press(&mut talk, 'q'), []);
    let _ = press(&mut talk, 'l');
    assert_eq!(talk.place().slide, 2);
    assert!(!asks(&talk, AT));
    assert_eq!(press(&mut talk, 'q'), [], "it asks anew");
}

#[test]
fn stage_4_the_question_goes_away_by_itself() {
    let mut talk = begun();
    let _ = press(&mut talk, 'q');
    let later = AT + Duration::from_secs(10);
    assert!(talk.next_at(AT).is_some_and(|at| at < later), "the screen is drawn again");
    assert!(!asks(&talk, later));
    assert_eq!(key(&mut talk, KeyCode::Char('q'), later), [], "it asks anew");
}

#[test]
fn stage_4_ctrl_c_asks_as_q_does_from_anywhere() {
    for before in ["", "?", "o", "s", "/", "b"] {
        let mut talk = begun();
        for c in before.chars() {
            let _ = press(&mut talk, c);
        }
        let mode = talk.mode().clone();
        assert_eq!(interrupt(&mut talk), [], "{before}");
        assert!(asks(&talk, AT), "{before}");
        assert_eq!(*talk.mode(), mode, "nothing else changes");
        assert!(talk.question(AT).unwrap().starts_with("Ctrl-C again"));
        assert_eq!(interrupt(&mut talk), QUIT, "{before}");
    }
}

#[test]
fn stage_4_a_blank_screen_stays_blank_while_it_asks() {
    let mut talk = begun();
    let _ = press(&mut talk, 'b');
    assert_eq!(press(&mut talk, 'q'), []);
    assert_eq!((talk.mode(), asks(&talk, AT)), (&Mode::Blank, true));
    assert_eq!(press(&mut talk, 'q'), QUIT);
}

#[test]
fn stage_4_a_key_that_is_held_down_does_not_answer() {
    let mut talk = begun();
    let _ = press(&mut talk, 'q');
    let held = KeyEvent::new_with_kind(KeyCode::Char('q'), KeyModifiers::NONE, KeyEventKind::Repeat);
    for _ in 0..30 {
        assert_eq!(tell(&mut talk, Msg::Key(held), AT), []);
    }
}

#[test]
fn stage_4_a_talk_that_has_not_begun_is_left_at_once() {
    assert_eq!(press(&mut talk(Settings::default()), 'q'), QUIT);
    assert_eq!(interrupt(&mut talk(Settings::default())), QUIT);
    let open = Settings { timer: TimerStart::Open, ..Settings::default() };
    assert_eq!(press(&mut talk(open), 'q'), [], "its timer runs");
    let mut back = begun();
    let _ = press(&mut back, 'h');
    assert_eq!(press(&mut back, 'q'), [], "its timer runs");
}

#[test]
fn two_keyboards_an_order_ends_the_question_and_never_the_talk() {
    let order = |key: &str| Msg::Order(StageCommand::Key { key: key.to_owned() });
    for moves in [StageCommand::Next, StageCommand::Previous, StageCommand::Go { slide: 2, step: 0 }] {
        let mut talk = begun();
        let _ = press(&mut talk, 'q');
        tell(&mut talk, Msg::Order(moves), AT);
        assert!(!asks(&talk, AT), "somebody goes on with the talk");
        assert_eq!(press(&mut talk, 'q'), []);
    }
    for key in ["q", "Ctrl-c"] {
        let mut talk = begun();
        for _ in 0..3 {
            assert_eq!(tell(&mut talk, order(key), AT), [], "not from afar");
            assert!(!asks(&talk, AT));
        }
        assert_eq!(press(&mut talk, 'q'), [], "nor half of it");
        assert_eq!(tell(&mut talk, order(key), AT), []);
        assert_eq!(press(&mut talk, 'q'), [], "the question ended");
    }
}

#[cfg(target_os = "linux")]
mod on_a_terminal {
    use std::fs;

    use crate::support::terminal::{THREE, Terminal, deck, greenroom, kill};

    #[test]
    fn stage_4_one_q_leaves_the_talk_on_and_two_say_how_to_go_on() {
        let Some(terminal) = Terminal::open("leaving") else { return };
        let deck = deck(terminal.home.path(), THREE).display().to_string();
        for key in ["q", "C-c"] {
            terminal.run(&format!("clear; {} {deck}; echo status $?", greenroom()));
            terminal.shows("1 / 3");
            terminal.keys(&["Right"]);
            terminal.shows("2 / 3");
            terminal.keys(&[key]);
            terminal.shows("again leaves · --resume continues from here");
            terminal.keys(&["Left"]);
            terminal.shows("1 / 3");
            assert!(!terminal.text().contains("again leaves"));
            terminal.keys(&["Right"]);
            terminal.shows("2 / 3");
            // The question goes away by itself.
            terminal.keys(&[key]);
            terminal.shows("again leaves");
            terminal.wait("the footer", |terminal| !terminal.text().contains("again leaves"));
            assert_eq!(terminal.modes(), "1 0 1");
            terminal.keys(&[key, key]);
            terminal.shows("status 0");
            let text = terminal.text().replace('\n', "");
            let line =
                format!("the talk was left at slide 2 of 3; to go on there: {} --resume {deck}", greenroom());
            assert!(text.contains(&line), "{text}");
            terminal.is_restored();
        }
        terminal.run(&format!("clear; {} {deck}; echo status $?", greenroom()));
        terminal.shows("1 / 3");
        terminal.keys(&["q"]);
        terminal.shows("status 0");
        assert!(!terminal.text().contains("the talk was left"), "nothing had begun: {}", terminal.text());
    }

    #[test]
    fn house_1_a_talk_that_is_taken_up_starts_what_starts_with_its_slide() {
        let Some(terminal) = Terminal::open("taken-up") else { return };
        let folder = terminal.home.path().join("deck");
        fs::create_dir_all(&folder).unwrap();
        let demo = "  a: {command: [sh, -c, 'echo it $((40 + 2)) runs; exec sleep 1000'], on: enter}";
        let outline = format!("title: T\nsections:\n- {{title: S, file: s.md}}\ndemos:\n{demo}\n");
        fs::write(folder.join("talk.yaml"), outline).unwrap();
        fs::write(folder.join("s.md"), "# Slide\n\n```pane\ndemo: a\n```\n").unwrap();
        let line = format!("clear; {} {}", greenroom(), folder.display());
        terminal.run(&line);
        terminal.wait("the stage", |terminal| terminal.modes() == "1 0 1");
        terminal.keys(&["Right", "Right"]);
        terminal.shows("Run these commands?");
        terminal.keys(&["y"]);
        terminal.shows("it 42 runs");
        let places = terminal.home.path().join("state/greenroom/places");
        let remembered = |_: &Terminal| {
            let files = fs::read_dir(&places).into_iter().flatten().flatten();
            files
                .filter_map(|file| fs::read_to_string(file.path()).ok())
                .any(|text| text.contains("\"slide\":2"))
        };
        terminal.wait("a bookmark", remembered);
        // The one that draws; its keeper gives the terminal back, and is said to have been killed.
        kill("KILL", &terminal.stage());
        terminal.shows("Killed");
        terminal.run(&format!("reset; {line}"));
        terminal.shows("Resumed where it was cut off");
        terminal.shows("it 42 runs");
    }
}
