//! What slides look like, in text and colours: each element of Markdown, as the stage draws it, and the overlays.

use std::fmt::Write;
use std::sync::Arc;

use greenroom::decks::built_in::BuiltIn;
use greenroom::headless;
use greenroom::open;
use greenroom::talk::{Msg, Settings, Talk};
use greenroom::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_frame::{LetterFace, PlacedLetters};
use greenroom_parse as parse;
use greenroom_render::paint::RenderCache;

use crate::support::styled::{fingerprint, styled};

const SMALL: Size = Size { columns: 80, rows: 24 };
const MEDIUM: Size = Size { columns: 120, rows: 35 };
const LARGE: Size = Size { columns: 200, rows: 50 };

fn built_in() -> Arc<Deck> {
    Arc::new(open::deck(&BuiltIn, "talk.yaml"))
}

fn markdown(text: &str) -> Arc<Deck> {
    Arc::new(open::deck(&MemoryFiles::new().with("x.md", text.to_owned()), "x.md"))
}

/// Every slide with all its steps made.
fn slides(deck: &Arc<Deck>, size: Size) -> String {
    let ink = RenderCache::new();
    let mut out = String::new();
    for (index, slide) in deck.slides.iter().enumerate() {
        let frame = headless::frame(deck, &ink, index, slide.last_step, size);
        writeln!(out, "─── {} ───\n{}", index + 1, frame.text().trim_end()).unwrap();
    }
    out
}

/// The same with its colours.
fn styled_slides(deck: &Arc<Deck>, size: Size) -> String {
    let ink = RenderCache::new();
    let mut out = String::new();
    for (index, slide) in deck.slides.iter().enumerate() {
        let frame = headless::frame(deck, &ink, index, slide.last_step, size);
        writeln!(out, "─── {} ───\n{}", index + 1, styled(&frame)).unwrap();
    }
    out
}

/// A single slide at a step.
fn slide(deck: &Arc<Deck>, step: u16, size: Size) -> String {
    headless::frame(deck, &RenderCache::new(), 0, step, size).text()
}

#[test]
fn the_built_in_talk_has_no_problem_and_fits_every_size() {
    let deck = built_in();
    assert_eq!(deck.problems, []);
    for size in [SMALL, MEDIUM, LARGE] {
        assert_eq!(headless::overflows(&deck, size), [], "{size:?}");
    }
}

#[test]
fn no_step_of_the_built_in_talk_moves_what_is_shown_already() {
    let deck = built_in();
    let ink = RenderCache::new();
    for (index, slide) in deck.slides.iter().enumerate() {
        let last = headless::frame(&deck, &ink, index, slide.last_step, MEDIUM);
        for step in 0..slide.last_step {
            let frame = headless::frame(&deck, &ink, index, step, MEDIUM);
            for (now, then) in frame.cells.content.iter().zip(&last.cells.content) {
                let marks = [now.symbol(), then.symbol()].contains(&"▌");
                let same = marks || now.symbol() == then.symbol() || now.symbol() == " ";
                assert!(same, "slide {}, step {step}: {now:?} becomes {then:?}", index + 1);
            }
        }
    }
}

#[test]
fn every_element_of_markdown() {
    let deck = markdown(include_str!("elements.md"));
    assert_eq!(deck.problems, []);
    insta::assert_snapshot!(styled_slides(&deck, SMALL));
}

#[test]
fn every_theme_has_its_colours() {
    let mut out = String::from(
        "A line a slide: a hash of its cells, and its styles, the most common one first.\n\
         To see one: cargo run -- present tests/it/elements.md --theme THEME --slide SLIDE\n",
    );
    for name in parse::theme_names() {
        let mut deck = open::deck(&MemoryFiles::new().with("x.md", include_str!("elements.md")), "x.md");
        deck.theme = Arc::new(parse::builtin_theme(name).unwrap());
        let (deck, ink) = (Arc::new(deck), RenderCache::new());
        for (index, slide) in deck.slides.iter().enumerate() {
            let frame = headless::frame(&deck, &ink, index, slide.last_step, SMALL);
            writeln!(out, "{name} {}  {}", index + 1, fingerprint(&frame)).unwrap();
        }
    }
    insta::assert_snapshot!(out);
}

#[test]
fn highlights_move_with_the_steps() {
    let deck = markdown("```python {1|3|all} +line_numbers\na = 1\nb = 2\nc = 3\n```\n");
    let marks: Vec<Vec<usize>> = (0..3)
        .map(|step| {
            let text = slide(&deck, step, SMALL);
            text.lines()
                .filter(|line| line.contains(" = "))
                .enumerate()
                .filter(|(_, line)| line.contains('▌'))
                .map(|(n, _)| n)
                .collect()
        })
        .collect();
    assert_eq!(marks, [vec![0], vec![2], vec![]]);
}

#[test]
fn code_that_is_too_long_scrolls_to_what_stands_out() {
    let lines: String = (1..=60).fold(String::new(), |text, line| text + &format!("line_{line} = {line}\n"));
    let deck = markdown(&format!("# Long\n\n```python {{all|50-52}}\n{lines}```\n"));
    assert!(!slide(&deck, 0, SMALL).contains("line_50"));
    let second = slide(&deck, 1, SMALL);
    assert!(
        second.contains("line_50 ") && second.contains("line_52 ") && second.contains("more"),
        "{second}"
    );
}

#[test]
fn what_is_wrong_is_said_on_its_slide() {
    let deck = markdown("# Fine\n\n---\n\n# Broken\n\n![a chart](missing.png)\n");
    let text = slides(&deck, SMALL);
    assert!(text.contains("missing.png") && text.contains("x.md:7:1") && text.contains("Problem"), "{text}");
    let (first, _) = text.split_once("─── 2 ───").unwrap();
    assert!(!first.contains("Problem"));
}

#[test]
fn overlays() {
    let deck = markdown(include_str!("elements.md"));
    let ink = RenderCache::new();
    let mut out = String::new();
    for keys in ["?", "o", "s", "/cell", "12", "b"] {
        let mut talk = Talk::new(Arc::clone(&deck), MEDIUM, Settings::default());
        for key in keys.chars() {
            talk.update(Msg::Key(crossterm::event::KeyCode::Char(key).into()), Elapsed::ZERO);
        }
        let frame = view::audience(&talk, &ink, Elapsed::ZERO);
        writeln!(out, "─── {keys} ───\n{}", styled(&frame)).unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn no_size_is_too_small_to_draw() {
    let deck = markdown(include_str!("elements.md"));
    let ink = RenderCache::new();
    for columns in (1..60).step_by(7) {
        for rows in (1..20).step_by(3) {
            for index in 0..deck.slides.len() {
                let frame = headless::frame(&deck, &ink, index, 0, Size { columns, rows });
                assert_eq!((frame.area().width, frame.area().height), (columns, rows));
            }
        }
    }
}

/// Titles are read from the back row: each is in letters of three rows or more, as large as every other one, and says the same words.
#[test]
fn no_title_of_the_built_in_talk_is_in_one_row() {
    let deck = built_in();
    let ink = RenderCache::new();
    for size in [SMALL, MEDIUM, LARGE] {
        let mut sizes = std::collections::BTreeSet::new();
        for (index, slide) in deck.slides.iter().enumerate() {
            let frame = headless::frame(&deck, &ink, index, slide.last_step, size);
            let name = format!("{} at {size:?}", deck.name(index));
            let is_title = |line: &&PlacedLetters| matches!(line.face, LetterFace::Title(_));
            let lines: Vec<&PlacedLetters> = frame.letters.iter().filter(is_title).collect();
            let words: Vec<String> = lines.iter().map(|line| line.text()).collect();
            let written = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert!(!words.is_empty(), "{name} has no large letters");
            assert!(lines.iter().all(|line| line.area.height >= 3), "{name}");
            if slide.kind == greenroom_deck::SlideKind::Content {
                let title = written(&slide.title.to_plain());
                assert!(written(&words.join(" ")).starts_with(&title), "{name}: {words:?}");
                sizes.insert(lines[0].area.height);
            }
        }
        assert_eq!(sizes.len(), 1, "{size:?}: {sizes:?}");
    }
}

fn overview_of(deck: &Arc<Deck>, size: Size, keys: &str) -> greenroom_frame::Frame {
    let mut talk = Talk::new(Arc::clone(deck), size, Settings::default());
    for key in std::iter::once('o').chain(keys.chars()) {
        talk.update(Msg::Key(crossterm::event::KeyCode::Char(key).into()), Elapsed::ZERO);
    }
    view::audience(&talk, &RenderCache::new(), Elapsed::ZERO)
}

#[test]
fn stage_overview_has_sections_titles_marks_and_one_preview_at_each_size() {
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: A talk\nsections:\n- {title: First things, file: a.md}\n- {title: The end, file: b.md}\n")
        .with("a.md", "# Threads take turns\n\nOne at a time.\n\n---\n\n# 日本語のとても長い題名がここに立っています、終わりまで\n\n---\n\ntext alone\n")
        .with("b.md", "# A demo\n\n```pane\ncommand: [a]\n```\n\n---\n\n# Recorded\n\n```pane\ncommand: [a]\ntape: a.cast\n```\n");
    let deck = Arc::new(open::deck(&files, "talk.yaml"));
    let mut out = String::new();
    for (size, keys) in
        [(SMALL, ""), (SMALL, "thr"), (SMALL, "zzz"), (MEDIUM, "rec"), (Size { columns: 40, rows: 12 }, "")]
    {
        let frame = overview_of(&deck, size, keys);
        writeln!(out, "─── {}x{} {keys} ───\n{}", size.columns, size.rows, styled(&frame)).unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn stage_overview_fits_every_window_and_a_deck_of_any_length() {
    let long = (0..600)
        .fold(String::new(), |text, n| text + &format!("# Slide of the number {n}\n\ntext\n\n---\n\n"));
    for (text, last) in
        [("# One\n", "One"), (&long, "number 599"), ("<!-- nothing -->\n", ""), ("text\n", "text")]
    {
        let deck = markdown(text);
        for (columns, rows) in [(10, 3), (20, 5), (64, 10), (80, 24), (500, 150)] {
            let mut talk = Talk::new(Arc::clone(&deck), Size { columns, rows }, Settings::default());
            for code in [crossterm::event::KeyCode::Char('o'), crossterm::event::KeyCode::End] {
                talk.update(Msg::Key(code.into()), Elapsed::ZERO);
            }
            let frame = view::audience(&talk, &RenderCache::new(), Elapsed::ZERO);
            assert_eq!((frame.area().width, frame.area().height), (columns, rows));
            assert!(columns < 80 || frame.text().contains(last), "{columns}x{rows}\n{}", frame.text());
        }
    }
}
