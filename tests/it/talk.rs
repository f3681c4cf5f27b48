//! Keys in, places and effects out: a talk given by scripts, under a clock that the test holds.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use greenroom::open;
use greenroom::talk::{Effect, Mode, Msg, Place, RunnerEffect, Settings, StageEffect, Talk, Transition};
use greenroom_base::clock::Elapsed;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_deck::Deck;

const SIZE: Size = Size { columns: 80, rows: 24 };

fn deck() -> Arc<Deck> {
    let outline = "title: T\nsections:\n- {title: One, file: 1.md}\n- {title: Two, file: 2.md}\n";
    let files = MemoryFiles::new()
        .with("talk.yaml", outline)
        .with("1.md", "# A\n\none\n\n<!-- pause -->\n\ntwo\n\n---\n\n# B\n\nneedle\n")
        .with("2.md", "# C\n\n- long\n\n---\n\n# D\n\nneedle again\n");
    let deck = open::deck(&files, "talk.yaml");
    assert_eq!(deck.problems, []);
    Arc::new(deck)
}

fn talk() -> Talk {
    Talk::new(deck(), SIZE, Settings::default())
}

/// Presses keys, named as helix's tests name them: `l`, `<esc>`, `<pagedown>`.
fn press(talk: &mut Talk, script: &str, now: Elapsed) -> Vec<Effect> {
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        let (name, after) = match (c, rest.find('>')) {
            ('<', Some(end)) if end > 1 => (&rest[1..end], &rest[end + 1..]),
            _ => rest.split_at(c.len_utf8()),
        };
        rest = after;
        let key = match name {
            "esc" => KeyCode::Esc.into(),
            "ret" => KeyCode::Enter.into(),
            "pagedown" => KeyCode::PageDown.into(),
            "pageup" => KeyCode::PageUp.into(),
            "f5" => KeyCode::F(5).into(),
            "end" => KeyCode::End.into(),
            "home" => KeyCode::Home.into(),
            "tab" => KeyCode::Tab.into(),
            "down" => KeyCode::Down.into(),
            "up" => KeyCode::Up.into(),
            "C-c" => KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL),
            "C-z" => KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL),
            other => KeyCode::Char(other.chars().next().unwrap()).into(),
        };
        talk.update(Msg::Key(key), now);
    }
    std::iter::from_fn(|| talk.next_effect()).collect()
}

/// Where a script leads, as (slide from 1, step).
fn after(script: &str) -> (usize, u16) {
    let mut talk = talk();
    press(&mut talk, script, Elapsed::ZERO);
    (talk.place().slide + 1, talk.place().step)
}

// Slides: 1 title, 2 section One, 3 A (two steps), 4 B, 5 section Two, 6 C, 7 D.

#[test]
fn steps_come_before_slides_both_ways() {
    assert_eq!(after("ll"), (3, 0));
    assert_eq!(after("lll"), (3, 1));
    assert_eq!(after("llll"), (4, 0));
    assert_eq!(after("llllh"), (3, 1), "back to all of it");
    assert_eq!(after("llllhhh"), (2, 0));
    assert_eq!(after("h"), (1, 0));
    assert_eq!(after("llllllllllllll"), (7, 0));
}

#[test]
fn clickers_work() {
    assert_eq!(after("<pagedown><pagedown><pagedown>"), (3, 1));
    assert_eq!(after("<pagedown><pageup>"), (1, 0));
    assert_eq!(after("ll<f5>"), (3, 0), "F5 never throws the talk back to its start");
    assert_eq!(after("ll<esc>"), (3, 0));
    let mut talk = talk();
    press(&mut talk, ".", Elapsed::ZERO);
    assert_eq!(talk.mode(), &Mode::Blank);
    press(&mut talk, "<pagedown>", Elapsed::ZERO);
    assert_eq!((talk.mode(), talk.place().slide), (&Mode::Slide, 1), "going on brings the slide back");
}

#[test]
fn far_moves() {
    assert_eq!(after("G"), (7, 0));
    assert_eq!(after("Ggg"), (1, 0));
    assert_eq!(after("<end><home>"), (1, 0));
    assert_eq!(after("4<ret>"), (4, 0));
    assert_eq!(after("99<ret>"), (1, 0));
    assert_eq!(after("4<esc>"), (1, 0));
    assert_eq!(after("]]"), (5, 0));
    assert_eq!(after("G["), (5, 0));
    assert_eq!(after("s2"), (5, 0));
    assert_eq!(after("s9"), (1, 0));
    assert_eq!(after("lll4<ret>'"), (3, 1), "back to the very step");
    assert_eq!(after("lll4<ret>''"), (4, 0));
    assert_eq!(after(">>>"), (4, 0), "whole slides");
    assert_eq!(after("llll<"), (3, 0));
}

#[test]
fn search_finds_and_goes_on() {
    assert_eq!(after("/needle<ret>"), (4, 0));
    assert_eq!(after("/NEEDLE<ret>n"), (7, 0));
    assert_eq!(after("/needle<ret>nn"), (4, 0), "around");
    assert_eq!(after("/needle<ret>N"), (7, 0));
    assert_eq!(after("/needle<down><ret>"), (7, 0));
    assert_eq!(after("/nothing<ret>"), (1, 0));
    assert_eq!(after("/q<esc>l"), (2, 0), "letters are typed, not obeyed");
}

#[test]
fn the_overview_moves_and_chooses() {
    assert_eq!(after("o<down><down><ret>"), (3, 0));
    assert_eq!(after("o<down><up><ret>"), (1, 0));
    assert_eq!(after("o<down><esc>"), (1, 0));
    assert_eq!(after("o6<ret>"), (6, 0), "digits are typed");
    assert_eq!(after("oc<ret>"), (6, 0), "and letters");
    assert_eq!(after("oo6<esc>"), (1, 0));
    assert_eq!(after("onothing has this<ret><esc>"), (1, 0));
    let mut talk = talk();
    press(&mut talk, "o", Elapsed::ZERO);
    let click = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 4,
        row: 3,
        modifiers: KeyModifiers::NONE,
    };
    talk.update(Msg::Mouse(click), Elapsed::ZERO);
    assert_eq!((talk.mode(), talk.place().slide), (&Mode::Slide, 1));
}

#[test]
fn the_mouse_moves() {
    let mut talk = talk();
    let mouse = |kind| Msg::Mouse(MouseEvent { kind, column: 1, row: 1, modifiers: KeyModifiers::NONE });
    talk.update(mouse(MouseEventKind::Down(MouseButton::Left)), Elapsed::ZERO);
    assert_eq!(talk.place().slide, 1);
    talk.update(mouse(MouseEventKind::Down(MouseButton::Right)), Elapsed::ZERO);
    assert_eq!(talk.place().slide, 0);
    talk.update(mouse(MouseEventKind::ScrollDown), Elapsed::ZERO);
    assert_eq!(talk.place().slide, 1);
    talk.update(mouse(MouseEventKind::Moved), Elapsed::ZERO);
    assert_eq!(talk.place().slide, 1);
}

#[test]
fn effects_are_asked_for_once() {
    let mut talk = talk();
    let stage = |effects: &[StageEffect]| effects.iter().cloned().map(Effect::Stage).collect::<Vec<_>>();
    let quit = stage(&[StageEffect::Quit]);
    assert_eq!(press(&mut talk, "q", Elapsed::ZERO), quit, "nothing has begun");
    assert_eq!(press(&mut talk, "?<C-c>", Elapsed::ZERO), quit, "from anywhere");
    press(&mut talk, "<esc>", Elapsed::ZERO);
    assert_eq!(press(&mut talk, "<C-z>", Elapsed::ZERO), stage(&[StageEffect::Suspend]));
    assert_eq!(press(&mut talk, "r", Elapsed::ZERO), stage(&[StageEffect::Repaint, StageEffect::Reload]));
    let moved = stage(&[StageEffect::Moved(Place { slide: 1, step: 0 })]);
    assert_eq!(press(&mut talk, "l", Elapsed::ZERO), moved);
}

/// However a talk is begun: what a caller does not perform itself waits for the one that does.
#[test]
fn house_1_no_effect_is_lost_by_whoever_does_not_look_at_it() {
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\nsections: [{title: S, file: s.md}]\ndemos: {a: {command: [sh], on: enter, tape: a.cast}}\n")
        .with("s.md", "# A\n\n```pane\ndemo: a\n```\n");
    let deck = Arc::new(open::deck(&files, "talk.yaml"));
    let starts = |talk: &mut Talk| {
        std::iter::from_fn(|| talk.next_effect())
            .filter(|effect| matches!(effect, Effect::Runner(RunnerEffect::Start { .. })))
            .count()
    };
    for resumes in [true, false] {
        let mut talk = Talk::new(Arc::clone(&deck), SIZE, Settings::default());
        if resumes {
            talk.resume(Place { slide: 2, step: 0 });
        } else {
            talk.update(Msg::Key(KeyCode::Char('3').into()), Elapsed::ZERO);
            talk.update(Msg::Key(KeyCode::Enter.into()), Elapsed::ZERO);
        }
        // As `present` says that the talk was cut off, and that a practice is not kept.
        talk.update(Msg::Notice("taken up".to_owned()), Elapsed::ZERO);
        talk.practise(Elapsed::ZERO);
        talk.update(Msg::Wake, Elapsed::ZERO);
        assert_eq!(starts(&mut talk), 1, "resumed: {resumes}");
        talk.update(Msg::Wake, Elapsed::ZERO);
        assert_eq!(starts(&mut talk), 0, "asked for once");
    }
    // Nor are the last lines of a practice.
    let mut talk = Talk::new(deck, SIZE, Settings::default());
    talk.practise(Elapsed::ZERO);
    press(&mut talk, "l", Elapsed::from_secs(1));
    talk.end_practice(Elapsed::from_secs(9));
    assert!(matches!(talk.next_effect(), Some(Effect::Stage(StageEffect::LogPractice(_)))));
}

#[test]
fn the_timer_starts_at_the_first_advance() {
    let mut talk = talk();
    let at = Elapsed::from_secs;
    press(&mut talk, "?<esc>", at(10));
    assert_eq!(talk.elapsed(at(60)).as_secs(), 0);
    press(&mut talk, "l", at(100));
    assert_eq!(talk.elapsed(at(160)).as_secs(), 60);
    press(&mut talk, "t", at(160));
    assert_eq!(talk.elapsed(at(999)).as_secs(), 60);
    press(&mut talk, "T", at(999));
    assert_eq!(talk.elapsed(at(1_000)).as_secs(), 0);
}

#[test]
fn nothing_wakes_when_nothing_moves() {
    let mut talk = talk();
    let at = Elapsed::from_secs;
    press(&mut talk, "l", at(1));
    assert_eq!(talk.next_at(at(2)), None);
    press(&mut talk, "c", at(2));
    assert_eq!(talk.next_at(at(2)), Some(at(3)), "a clock does");
    press(&mut talk, "cG", at(3));
    press(&mut talk, "l", at(3));
    assert!(talk.notice(at(4)).is_some_and(|text| text.contains("last slide")));
    assert_eq!(talk.next_at(at(4)), Some(at(7)), "a notice goes away");
    assert_eq!(talk.next_at(at(8)), None);
}

#[test]
fn a_transition_ends() {
    let settings = Settings { transition: Transition::Fade, ..Settings::default() };
    let mut talk = Talk::new(deck(), SIZE, settings);
    press(&mut talk, "l", Elapsed::from_secs(1));
    assert!(talk.active_transition(Elapsed::from_millis(1_100)).is_some());
    assert!(talk.next_at(Elapsed::from_millis(1_100)).is_some());
    assert_eq!(talk.next_at(Elapsed::from_secs(2)), None);
}

#[test]
fn a_place_that_is_not_there_any_more_is_the_nearest_that_is() {
    let mut talk = talk();
    talk.resume(Place { slide: 2, step: 9 });
    assert_eq!(talk.place(), Place { slide: 2, step: 1 });
    talk.resume(Place { slide: 99, step: 9 });
    assert_eq!(talk.place(), Place { slide: 6, step: 0 });
}

#[test]
fn a_reloaded_deck_keeps_the_slide() {
    let mut talk = talk();
    press(&mut talk, "4<ret>", Elapsed::ZERO);
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\nsections:\n- {title: One, file: 1.md}\n- {title: Two, file: 2.md}\n")
        .with("1.md", "# New\n\n---\n\n# A\n\none\n\n<!-- pause -->\n\ntwo\n\n---\n\n# B\n\nneedle, edited\n")
        .with("2.md", "# C\n\n- long\n\n---\n\n# D\n\nneedle again\n");
    talk.update(Msg::Reloaded(Arc::new(open::deck(&files, "talk.yaml"))), Elapsed::ZERO);
    assert_eq!(talk.deck().name(talk.place().slide), "B");
}
