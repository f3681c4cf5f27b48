//! The room's page in a real browser, at a phone's size and at a window's, while a real stage gives the talk.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::path::Path;

use crate::support::axe;
use crate::support::needs::python;
use crate::support::room::{PHONE, TEXT, WINDOW, agree, join, stage};
use crate::support::terminal::Terminal;

const SIZES: [(u32, u32); 2] = [PHONE, WINDOW];
/// Moves that are timed.
const MOVES: usize = 40;

/// Forty-four slides of several kinds, one of them with a program that counts.
fn talk(folder: &Path) {
    let counts = "```pane\ncommand: [\"sh\", \"-c\", \"i=0; while :; do i=$((i+1)); echo count $i; sleep 0.1; done\"]\nheight: 6\n```\n";
    let mut text = format!("# The start\n\nhello\n\n---\n\n# Counting\n\n{counts}\n");
    for number in 3..45 {
        let body = match number % 3 {
            0 => format!("- first of {number}\n- second **strong**\n"),
            1 => format!("```python\nprint({number})  # code\n```\n"),
            _ => format!("| name | value |\n|---|---|\n| row {number} | `x` |\n"),
        };
        let _ = write!(text, "\n---\n\n# Slide number {number}\n\n{body}");
    }
    std::fs::write(folder.join("deck.md"), text).unwrap();
}

fn letters(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    letters.sort_unstable();
    letters
}

/// What the stage's slide says, without the footer.
fn on_stage(terminal: &Terminal) -> String {
    let text = terminal.text();
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[..lines.len() - 1].join("\n")
}

#[test]
fn the_room_follows_goes_back_and_returns() {
    let Some(terminal) = Terminal::open("audience") else { return };
    let folder = tempfile::tempdir().unwrap();
    talk(folder.path());
    let remote = stage(&terminal, folder.path(), "deck.md");
    // Those who join in the middle have the stage's slide at once.
    terminal.keys(&["l", "l"]);
    terminal.shows("second strong");
    for size in SIZES {
        let Some(mut page) = join(&remote, size) else { return };
        page.wait(&format!("{TEXT}.includes('first of 3')"));
        assert_eq!(page.evaluate("document.getElementById('place').textContent"), "3 / 44");
        if size == PHONE {
            // The title is drawn on the stage.
            let said = page.evaluate("[...document.querySelectorAll('#stage .prose > :not(h1)')].map(one => one.innerText).join(' ')");
            assert_eq!(letters(said.as_str().unwrap()), letters(&on_stage(&terminal)), "{said}");
        }
        // Back, on, and to the stage again by one tap, also when the stage has gone on.
        page.evaluate("document.getElementById('back').click()");
        page.wait("document.body.classList.contains('away') && document.getElementById('place').textContent === '2 / 44'");
        page.evaluate("document.getElementById('back').click()");
        page.wait(&format!("{TEXT}.includes('hello')"));
        assert!(page.is("document.getElementById('back').disabled"));
        terminal.keys(&["l"]);
        page.wait("document.getElementById('live').textContent.includes('4')");
        assert!(page.is(&format!("{TEXT}.includes('hello')")), "who reads is left alone");
        page.evaluate("document.getElementById('live').click()");
        page.wait(&format!("{TEXT}.includes('print(4)') && !document.body.classList.contains('away')"));
        // What was not shown cannot be opened.
        assert!(page.is("document.getElementById('forward').disabled"));
        page.is_quiet();
        let later = page.settle("fetch(location.pathname + '/slide/30/0').then(answer => answer.status)");
        assert_eq!(later, 404);
        terminal.keys(&["h"]);
        terminal.shows("second strong");
    }
}

#[test]
fn each_move_is_on_the_page_soon() {
    let Some(terminal) = Terminal::open("audience-moves") else { return };
    let folder = tempfile::tempdir().unwrap();
    talk(folder.path());
    let remote = stage(&terminal, folder.path(), "deck.md");
    terminal.keys(&["l", "l"]);
    terminal.shows("second strong");
    for size in SIZES {
        let Some(mut page) = join(&remote, size) else { return };
        page.wait("document.getElementById('place').textContent === '3 / 44'");
        // The page notes when it has drawn each slide, by the clock that this test has as well.
        page.evaluate(
            "window.drawn = {}; new MutationObserver(() => { const place = document.getElementById('place').textContent; \
             requestAnimationFrame(() => { window.drawn[place] ??= Date.now(); }); }).observe(document.getElementById('place'), { childList: true })",
        );
        let mut took = Vec::new();
        for number in 4..4 + MOVES {
            let pressed =
                std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
            terminal.keys(&["l"]);
            page.wait(&format!("window.drawn['{number} / 44']"));
            let drawn = page.evaluate(&format!("window.drawn['{number} / 44']")).as_f64().unwrap();
            #[allow(clippy::cast_precision_loss)] // milliseconds since 1970 are exact in f64
            took.push(drawn - pressed as f64);
            assert!(page.is(&format!("{TEXT}.includes('{number}')")));
        }
        took.sort_by(f64::total_cmp);
        let (median, last) = (took[MOVES / 2], took[MOVES - 1]);
        println!("{MOVES} moves at {size:?}, key to page: median {median} ms, longest {last} ms");
        // Far more than it takes: a busy machine is no mistake. The figure is to be read.
        assert!(median < 2_000.0, "{took:?}");
        page.is_quiet();
        terminal.keys(&["3", "G"]);
        terminal.keys(&["3", "Enter"]);
        page.wait("document.getElementById('place').textContent === '3 / 44'");
    }
}

#[test]
fn a_running_program_runs_on_the_page_and_can_be_turned() {
    let Some(terminal) = Terminal::open("audience-live") else { return };
    let folder = tempfile::tempdir().unwrap();
    talk(folder.path());
    let remote = stage(&terminal, folder.path(), "deck.md");
    terminal.keys(&["l"]);
    terminal.shows("x runs it");
    agree(&terminal, "x");
    terminal.shows("count 3");
    let number = "Math.max(...[...document.querySelectorAll('#stage .pane pre')].flatMap(one => \
                  [...one.textContent.matchAll(/count (\\d+)/g)].map(found => +found[1])), 0)";
    for size in SIZES {
        let Some(mut page) = join(&remote, size) else { return };
        page.wait(&format!("{number} > 0"));
        let first = page.evaluate(number).as_f64().unwrap();
        page.wait(&format!("{number} > {first} + 5"));
        if size == PHONE {
            page.evaluate("document.querySelector('.turn').click()");
            let large = "(({ width, height }) => width >= innerWidth - 1 && height >= innerHeight - 1)(document.querySelector('.pane.large').getBoundingClientRect())";
            assert!(page.is(large));
            page.wait(&format!("{number} > {first} + 10"));
            page.key("Escape");
            assert!(page.is("!document.querySelector('.pane.large')"));
        }
        page.is_quiet();
    }
}

/// A deck with a bench of two servers.
fn bench(folder: &Path, python: &Path) {
    let servers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/server.py");
    std::fs::create_dir(folder.join("deck")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join("deck").join(name), text).unwrap();
    std::fs::copy(servers, folder.join("deck/server.py")).unwrap();
    let server = format!("{}, server.py, \"{{port}}\"", python.display());
    write(
        "bench.yaml",
        &format!(
            "title: one against another\npath: /\nload: {{connections: 2}}\nvariants:\n- {{name: one, command: [{server}]}}\n\
             - {{name: other, command: [{server}, \"--busy=1\"]}}\n"
        ),
    );
    let demo = "{kind: bench, scenario: bench.yaml}";
    write("talk.yaml", &format!("title: T\nsections: [{{title: A, file: a.md}}]\ndemos:\n  b: {demo}\n"));
    write("a.md", "# Measured\n\n```pane\ndemo: b\n```\n");
}

#[test]
fn a_running_bench_runs_on_the_page() {
    let Some(python) = python() else { return };
    let Some(terminal) = Terminal::open("audience-bench") else { return };
    let folder = tempfile::tempdir().unwrap();
    bench(folder.path(), &python);
    let remote = stage(&terminal, folder.path(), "deck");
    terminal.keys(&["G"]);
    terminal.shows("x runs it");
    let [Some(mut phone), Some(mut window)] = SIZES.map(|size| join(&remote, size)) else { return };
    for page in [&mut phone, &mut window] {
        // What was measured so far, as often as it is another number.
        page.evaluate(
            "window.seen = new Set(); new MutationObserver(() => { \
             const text = [...document.querySelectorAll('#stage .pane .row')].map(row => row.textContent).join('\\n'); \
             for (const [, rate] of text.matchAll(/per CPU-second +([\\d,.]+)/g)) window.seen.add(rate); \
             }).observe(document.getElementById('stage'), { childList: true, subtree: true, characterData: true })",
        );
    }
    agree(&terminal, "x");
    for page in [&mut phone, &mut window] {
        page.wait("window.seen.size >= 5");
        page.is_quiet();
    }
    // Stopped, the page shows what the stage does, row by row.
    terminal.keys(&["X"]);
    terminal.shows("stopped");
    let rows = "JSON.stringify([...document.querySelectorAll('#stage .pane .row')].map(row => row.textContent.trim()).filter(Boolean))";
    phone.wait(&format!("{rows}.includes('stopped')"));
    let rows: Vec<String> = serde_json::from_str(phone.evaluate(rows).as_str().unwrap()).unwrap();
    // Large digits are sextants there, which not every terminal has.
    let sextant = |c: char| ('\u{1fb00}'..'\u{1fb3c}').contains(&c);
    let rows: Vec<&String> = rows.iter().filter(|row| !row.contains(sextant)).collect();
    let text = terminal.text();
    assert!(rows.len() >= 6 && rows.iter().all(|row| text.contains(&***row)), "{rows:#?}\n{text}");
}

#[test]
fn a_dark_stage_darkens_the_pages_and_tells_nothing() {
    let Some(terminal) = Terminal::open("audience-dark") else { return };
    let folder = tempfile::tempdir().unwrap();
    talk(folder.path());
    let remote = stage(&terminal, folder.path(), "deck.md");
    let Some(mut page) = join(&remote, PHONE) else { return };
    page.wait(&format!("{TEXT}.includes('hello')"));
    terminal.keys(&["b"]);
    page.wait("document.querySelector('#stage .black')");
    assert!(!page.is("document.documentElement.outerHTML.includes('hello')"));
    terminal.keys(&["b"]);
    page.wait(&format!("{TEXT}.includes('hello')"));
    page.is_quiet();
}

#[test]
fn pages_come_back_when_the_stage_does() {
    let Some(terminal) = Terminal::open("audience-back") else { return };
    let folder = tempfile::tempdir().unwrap();
    talk(folder.path());
    let remote = stage(&terminal, folder.path(), "deck.md");
    let Some(mut page) = join(&remote, PHONE) else { return };
    page.wait(&format!("{TEXT}.includes('hello')"));
    // The deck is edited: the page has the new text by itself.
    let text = std::fs::read_to_string(folder.path().join("deck.md")).unwrap();
    std::fs::write(folder.path().join("deck.md"), text.replace("hello", "welcome")).unwrap();
    page.wait(&format!("{TEXT}.includes('welcome')"));
    page.is_quiet();
    // The stage ends, and begins again at the same address.
    terminal.keys(&["q", "q"]);
    page.wait("document.body.classList.contains('lost') && !document.getElementById('lost').hidden");
    let again = stage(&terminal, folder.path(), "deck.md");
    if again.audience == remote.audience {
        page.wait("!document.body.classList.contains('lost')");
        terminal.keys(&["l", "l"]);
        page.wait(&format!("{TEXT}.includes('first of 3')"));
    }
}

#[test]
fn no_barrier_is_in_the_pages() {
    let Some(terminal) = Terminal::open("audience-axe") else { return };
    let folder = tempfile::tempdir().unwrap();
    talk(folder.path());
    let remote = stage(&terminal, folder.path(), "deck.md");
    let Some(axe) = axe::source() else { return };
    terminal.keys(&["l"]);
    for size in SIZES {
        let Some(mut page) = join(&remote, size) else { return };
        for scheme in ["light", "dark"] {
            page.media("screen", scheme);
            for _ in 0..4 {
                let found = page.barriers(&axe);
                assert!(found.is_empty(), "the room's page, {size:?}, {scheme}: {found:#?}");
                terminal.keys(&["l"]);
            }
        }
        page.evaluate("document.getElementById('back').click()");
        page.wait("document.body.classList.contains('away')");
        assert_eq!(page.barriers(&axe), Vec::<String>::new());
        page.is_quiet();
    }
}
