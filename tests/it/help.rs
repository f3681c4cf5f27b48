//! The help, and what is said in words.

use std::sync::Arc;

use crossterm::event::KeyCode;
use greenroom::open;
use greenroom::talk::{Msg, Settings, Talk};
use greenroom::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_render::paint::RenderCache;

fn screen(text: &'static str, size: Size, keys: &str) -> String {
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\nsections:\n- {title: A, file: a.md}\n- {title: B, file: b.md}\n")
        .with("a.md", text)
        .with("b.md", "# B\n");
    let mut talk = Talk::new(Arc::new(open::deck(&files, "talk.yaml")), size, Settings::default());
    for key in keys.chars() {
        talk.update(Msg::Key(KeyCode::Char(key).into()), Elapsed::ZERO);
    }
    view::audience(&talk, &RenderCache::new(), Elapsed::ZERO).text()
}

#[test]
fn stage_15_help_shows_every_key_by_situation_without_scrolling() {
    for (columns, rows) in [(80, 24), (120, 35), (200, 50)] {
        let text = screen("# A\n", Size { columns, rows }, "?");
        let situations = [
            "Moving through the slides",
            "Leaving",
            "Screen",
            "Time",
            "Demos of this slide",
            "The keyboard in a pane",
            "A recording, after Tab",
        ];
        let needed = [
            "q q Ctrl-C",
            "1 2 … Enter",
            "c P",
            "t T",
            "R  ",
            "Esc Esc",
            "that pane alone",
            "r Ctrl-L",
            "greenroom notes",
            "QR: phone, audience",
            "go to a slide by number",
            "quit;",
            "pause, one step",
            "--resume",
        ];
        for word in situations.into_iter().chain(needed) {
            assert!(text.contains(word), "{word} at {columns}x{rows}\n{text}");
        }
        assert!(text.contains("Keys (any key closes)"), "all of it at once\n{text}");
    }
}

#[test]
fn stage_15_help_says_what_the_keys_mean_where_the_talk_is() {
    let size = Size { columns: 80, rows: 24 };
    assert!(screen("# A\n", size, "?").contains("This slide has no demo"));
    let pane = "# A\n\n```pane\ncommand: [a]\n```\n";
    assert!(screen(pane, size, "ll?").contains("Now x runs the demos of this slide"));
    assert!(screen(pane, size, "llx?").contains("Now a demo runs: Tab types into it"));
}

#[test]
fn stage_15_help_on_a_small_screen_begins_with_what_is_needed_most() {
    let text = screen("# A\n", Size { columns: 60, rows: 16 }, "?");
    for word in ["next step", "go to a slide", "quit; --resume", "next page"] {
        assert!(text.contains(word), "{word}\n{text}");
    }
}

#[test]
fn stage_15_every_key_is_on_some_page_of_the_smallest_help() {
    for (columns, rows) in [(60, 16), (45, 8), (44, 5)] {
        let size = Size { columns, rows };
        let mut keys = String::from("?");
        let mut pages = Vec::new();
        // Round and round: the page after the last is the first.
        while pages.len() < 60 && (pages.len() < 2 || pages.first() != pages.last()) {
            pages.push(screen("# A\n", size, &keys));
            keys.push(' ');
        }
        assert!((3..60).contains(&pages.len()), "{} pages", pages.len());
        let all = pages.concat();
        for word in
            ["next step", "quit;", "c P", "t T", "R  ", "Esc Esc", "Q there", "marks, speed", "that pane"]
        {
            assert!(all.contains(word), "{word} at {columns}x{rows}\n{all}");
        }
    }
}

#[test]
fn stage_15_help_of_a_pane_that_plays_a_recording_begins_with_its_keys() {
    let pane = "# A\n\n```pane\ncommand: [a]\n```\n";
    let files = MemoryFiles::new().with("a.md", pane);
    let size = Size { columns: 60, rows: 16 };
    let mut talk = Talk::new(Arc::new(open::deck(&files, "a.md")), size, Settings::default());
    talk.update(Msg::Key(KeyCode::Tab.into()), Elapsed::ZERO);
    assert!(talk.focus().is_some());
    talk.update(Msg::Key(KeyCode::Char('?').into()), Elapsed::ZERO);
    let text = view::audience(&talk, &RenderCache::new(), Elapsed::ZERO).text();
    for word in ["The keyboard in a pane", "Esc Esc", "A pane has the keyboard"] {
        assert!(text.contains(word), "{word}\n{text}");
    }
    // Any other key closes the help, and the pane still has the keyboard.
    talk.update(Msg::Key(KeyCode::Esc.into()), Elapsed::ZERO);
    assert!(talk.focus().is_some());
}

#[test]
fn stage_16_the_sections_are_as_many_as_there_are() {
    let size = Size { columns: 80, rows: 24 };
    let text = screen("# A\n", size, "s");
    assert!(text.contains("Jump to a section: 1 to 2"), "{text}");
    let text = screen("# A\n", size, "s7");
    assert!(text.contains("There is no section 7; this deck has 2"), "{text}");
}
