//! A stage that is drawn larger than its terminal's own letters, on a real terminal: floods, sizes, and terminals that lack what they claim.

use std::fs;
use std::time::{Duration, Instant};

use crate::support::terminal::{Terminal, greenroom};
use crate::support::window::Window;

/// A drawn row, in kitty's protocol.
const ROW: &str = "a=T,i=";
/// Ctrl-L.
const REPAINT: &str = "\x0c";
/// A key is answered within this on a busy machine, with a debug build. (`benches/enlarged.py` measures what it takes.)
const AT_ONCE: Duration = Duration::from_secs(5);

/// A slide whose pane writes as fast as it can.
fn flood(home: &std::path::Path) {
    let text =
        "# A flood\n\n```pane\ncommand: [sh, -c, 'exec seq -f \"$(echo fl)ood %.0f\" 1000000000']\n```\n";
    fs::create_dir(home.join("deck")).unwrap();
    fs::write(home.join("deck/deck.md"), text).unwrap();
}

#[test]
fn a_pane_that_floods_is_drawn_larger_and_keys_are_heard() {
    let home = tempfile::tempdir().unwrap();
    flood(home.path());
    let mut window = Window::kitty(home.path(), (200, 50), "deck/deck.md");
    window.until_shows(ROW);
    // In plain cells, to read what is on them.
    window.press("0");
    window.until_shows("Plain cells");
    window.press("x");
    window.until_shows("run them, now and later");
    window.press_until("y", "flood ");
    window.press("0");
    window.until_shows(ROW);
    for _ in 0..3 {
        window.forget();
        window.until_shows(ROW);
        let pressed = Instant::now();
        window.press("0");
        window.until_shows("Plain cells");
        assert!(pressed.elapsed() < AT_ONCE, "{:?}", pressed.elapsed());
        window.forget();
        window.press("0");
        window.until_shows(ROW);
    }
    // Sizes of all kinds, while it floods.
    for (columns, rows) in [(160, 60), (500, 150), (120, 40), (20, 5), (200, 50)] {
        window.resize(columns, rows);
        window.forget();
        // Something of it comes.
        window.until_shows("\x1b[?2026l");
    }
    window.forget();
    window.until_shows(ROW);
    let status = window.end_restored("a flood, drawn larger");
    assert!(status.success(), "{status}");
}

#[test]
fn a_window_that_changes_its_size_is_filled_anew() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("deck.md"), "# A title\n\nwords of the body\n").unwrap();
    let mut window = Window::kitty(home.path(), (200, 50), "deck.md");
    window.until_shows(ROW);
    // Up to 110 columns the terminal's own letters are large enough.
    window.forget();
    window.resize(80, 24);
    window.until_shows("words of the body");
    window.forget();
    window.press(REPAINT);
    window.until_shows("words of the body");
    assert!(!window.has(ROW));
    window.forget();
    window.resize(240, 70);
    window.until_shows(ROW);
    assert!(!window.has("words of the body"), "the words are pixels");
    let status = window.end_restored("sizes");
    assert!(status.success(), "{status}");
}

/// tmux answers what it is asked, and knows nothing of pictures.
#[test]
fn a_terminal_that_claims_to_be_kitty_and_is_not_shows_titles_in_cells() {
    let Some(terminal) = Terminal::open("claims") else { return };
    fs::write(terminal.home.path().join("deck.md"), "# HELLO\n\nwords of the body\n").unwrap();
    let path = terminal.home.path().join("deck.md");
    terminal.run(&format!("TMUX= TERM_PROGRAM= TERM=xterm-kitty {} {}", greenroom(), path.display()));
    terminal.shows("words of the body");
    // An H, in parts of cells.
    terminal.wait("a title", |terminal| terminal.text().lines().take(6).any(|line| line.contains('█')));
    terminal.keys(&["q"]);
    terminal.is_restored();
}
