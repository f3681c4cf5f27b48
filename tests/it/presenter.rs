//! What the speaker sees: the presenter view's picture, at the sizes and in the situations that talks have.

use std::fmt::Write;
use std::sync::Arc;

use crossterm::event::KeyCode;
use greenroom::follow::{Msg, PresenterView};
use greenroom::link::{Hello, StageState, VERSION};
use greenroom::talk::{self, Settings, Talk};
use greenroom::{open, view};
use greenroom_base::clock::Elapsed;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Role};
use greenroom_frame::Frame;
use greenroom_render::paint::RenderCache;

use crate::support::styled::styled;

const SMALL: Size = Size { columns: 80, rows: 24 };
const MEDIUM: Size = Size { columns: 120, rows: 35 };
const LARGE: Size = Size { columns: 200, rows: 50 };

const OUTLINE: &str = "title: A talk\nsections:\n- {title: First things, file: a.md, minutes: 4}\n- {title: The end, file: b.md, \
                       minutes: 2}\n";
const SLIDES: &str = "# Threads take turns\n\nOne at a time.\n\n<!-- pause -->\n\n- when it *waits*\n- when another asks\n\n\
    <!-- speaker_note: Say **hello** first. Then wait for the room to be quiet, which takes longer than one thinks, and go on \
    with what stands here.\n\n- a point\n- another one -->\n\n---\n\n# Code\n\n```python {1|2}\na = 1\nb = 2\n```\n";

fn deck() -> Arc<Deck> {
    let files = MemoryFiles::new()
        .with("talk.yaml", OUTLINE)
        .with("a.md", SLIDES)
        .with("b.md", "# A demo\n\n```pane\ncommand: [a]\ntitle: Counting\n```\n\n---\n\n# Thanks\n");
    let deck = open::deck(&files, "talk.yaml");
    assert_eq!(deck.problems, []);
    Arc::new(deck)
}

/// A presenter view that follows a stage at this slide and step; `change` says what else is different.
fn view_of(
    deck: &Arc<Deck>,
    size: Size,
    place: (usize, u16),
    change: impl FnOnce(&mut StageState),
) -> PresenterView {
    let mut talk = Talk::new(Arc::clone(deck), SMALL, Settings::default());
    talk.update(talk::Msg::Wake, Elapsed::ZERO);
    talk.resume(talk::Place { slide: place.0, step: place.1 });
    let mut state = talk.state(Elapsed::ZERO);
    change(&mut state);
    let mut follower = PresenterView::new(Arc::clone(deck), size, 36_000);
    let hello = Hello { version: VERSION, title: "A talk".to_owned(), ..Hello::default() };
    let _ = follower.update(Msg::Joined(hello), Elapsed::ZERO);
    let _ = follower.update(Msg::State(Box::new(state)), Elapsed::ZERO);
    follower
}

fn picture(follower: &PresenterView) -> Frame {
    view::presenter(follower, &RenderCache::new(), Elapsed::ZERO).0
}

#[test]
fn stage_presenter_view_at_each_size() {
    let deck = deck();
    let mut out = String::new();
    for size in [SMALL, MEDIUM, LARGE] {
        let running = |state: &mut StageState| {
            (state.running, state.elapsed, state.on_slide) = (true, 65_000, 70_000);
        };
        let frame = picture(&view_of(&deck, size, (2, 0), running));
        writeln!(out, "─── {}x{} ───\n{}", size.columns, size.rows, styled(&frame)).unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn stage_time_left_has_the_colour_of_how_the_talk_stands() {
    let deck = deck();
    // The talk has six minutes; this slide begins within its first two.
    for (elapsed, words, role) in [
        (1_000, "ahead", Role::Good),
        (200_000, "behind", Role::Warn),
        (230_000, "behind", Role::Bad),
        (400_000, "0:40 over", Role::Bad),
    ] {
        for size in [SMALL, MEDIUM, Size { columns: 50, rows: 12 }] {
            let follower =
                view_of(&deck, size, (2, 0), |state| (state.running, state.elapsed) = (true, elapsed));
            let frame = picture(&follower);
            let text = frame.text();
            assert!(text.contains(words), "{words} at {size:?}\n{text}");
            let wanted = deck.theme.style(role).fg;
            let lit = frame.cells.content.iter().any(|cell| Some(cell.fg) == wanted && cell.symbol() == "█");
            assert!(lit || size.columns == 50, "{words} at {size:?}\n{text}");
        }
    }
}

#[test]
fn stage_what_comes_next_is_said_in_words() {
    let deck = deck();
    for (place, words) in [
        ((2, 0), &["Next: step 1 of 1", "• when it waits", "• when another asks"] as &[&str]),
        ((2, 1), &["Next: Code", "a = 1"]),
        ((3, 0), &["Next: step 1 of 1", "▌ b = 2"]),
        ((4, 0), &["Next: A demo", "▶ Counting"]),
        ((6, 0), &["This is the last step"]),
    ] {
        let text = picture(&view_of(&deck, SMALL, place, |_| {})).text();
        for word in words {
            assert!(text.contains(word), "{word} at {place:?}\n{text}");
        }
        assert!(!text.contains('▞'), "no blob\n{text}");
    }
}

#[test]
fn stage_notes_wrap_scroll_and_keep_a_screen_of_their_own() {
    let long = (0..80).fold(String::new(), |text, n| text + &format!("Point {n} of the notes.\n\n"));
    let deck = deck();
    for size in [SMALL, MEDIUM, LARGE] {
        let mut follower = view_of(&deck, size, (2, 0), |state| state.notes.clone_from(&long));
        let (first, overflow) = view::presenter(&follower, &RenderCache::new(), Elapsed::ZERO);
        assert!(first.text().contains("Point 0") && overflow > 0, "{}", first.text());
        let rows = first.text().lines().filter(|line| line.contains("Point ")).count();
        assert!(rows >= 5, "{rows} at {size:?}\n{}", first.text());
        follower.scroll = u32::MAX;
        let (last, _) = view::presenter(&follower, &RenderCache::new(), Elapsed::ZERO);
        assert!(last.text().contains("Point 79"), "{}", last.text());
    }
}

#[test]
fn stage_no_window_is_too_small_or_too_large_for_it() {
    let wide = "日本語のとても長い題名".repeat(30);
    let files = MemoryFiles::new().with("a.md", format!("# {wide}\n\ntext\n\n---\n\n<!-- nothing -->\n"));
    for deck in [deck(), Arc::new(open::deck(&files, "a.md"))] {
        for (columns, rows) in [(1, 1), (20, 5), (30, 8), (40, 9), (56, 18), (108, 18), (80, 24), (500, 150)]
        {
            for slide in 0..deck.slides.len() {
                for room in ["", "+", "-", "?", "Q"] {
                    let size = Size { columns, rows };
                    let mut follower = view_of(&deck, size, (slide, 0), |state| {
                        (state.total, state.running, state.elapsed) = (Some(36_000_000), true, 35_000_000);
                        state.over = "blank".to_owned();
                    });
                    for key in room.chars() {
                        let _ = follower.update(Msg::Key(KeyCode::Char(key).into()), Elapsed::ZERO);
                    }
                    assert_eq!(
                        (picture(&follower).area().width, picture(&follower).area().height),
                        (columns, rows)
                    );
                }
            }
        }
    }
}
