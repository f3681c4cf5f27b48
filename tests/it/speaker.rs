//! The speaker's page in a real browser: a phone in each hand, a small one, and a tablet.

use std::path::Path;

use crate::support::axe;
use crate::support::browser::Browser;
use crate::support::room::{PHONE, agree, speak, stage};
use crate::support::terminal::Terminal;

const SIZES: [(u32, u32); 4] = [PHONE, (844, 390), (320, 568), (1024, 768)];
const TAPE: &str = "{\"version\":3,\"term\":{\"cols\":60,\"rows\":4},\"timestamp\":1795392000}\n\
    [0.1,\"o\",\"from the tape\\r\\n\"]\n[0.1,\"x\",\"0\"]\n";

/// A slide with a program that counts and has a recording, between two that have none.
fn talk(folder: &Path) {
    std::fs::create_dir(folder.join("deck")).unwrap();
    let counts = "```pane\ncommand: [sh, -c, \"while :; do i=$((i+1)); echo count $i; sleep 0.1; done\"]\ntape: count.cast\n\
                  title: Counting\nheight: 6\n```\n";
    let text = format!(
        "# The start\n\nhello\n\n---\n\n# Counts\n\n{counts}\n<!-- speaker_note: {} -->\n\n---\n\n# The end of a talk with a title that is long\n\nbye\n",
        "Notes that are long. ".repeat(60)
    );
    std::fs::write(folder.join("deck/slides.md"), text).unwrap();
    std::fs::write(folder.join("deck/count.cast"), TAPE).unwrap();
}

/// Presses a button as soon as it can be.
fn press(page: &mut Browser, id: &str) {
    page.wait(&format!("!document.getElementById('{id}').disabled"));
    page.press(&format!("#{id}"));
}

/// Every button that is too small, outside of the window, or under something else; none is.
const IN_THE_WAY: &str = "JSON.stringify([...document.querySelectorAll('button')].filter(one => {
    const { left, top, right, bottom, width, height } = one.getBoundingClientRect();
    const small = width < 44 || height < 44, outside = left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
    const cut = one.scrollWidth > one.clientWidth + 1;
    return small || outside || cut || document.elementFromPoint((left + right) / 2, (top + bottom) / 2) !== one;
}).map(one => one.id + ' ' + JSON.stringify(one.getBoundingClientRect())))";

#[test]
fn a_hand_runs_stops_and_switches_the_demo_blanks_the_stage_and_moves_it() {
    let Some(terminal) = Terminal::open("speaker") else { return };
    let folder = tempfile::tempdir().unwrap();
    talk(folder.path());
    let remote = stage(&terminal, folder.path(), "deck/slides.md");
    terminal.keys(&["l"]);
    terminal.shows("x runs it");
    // What the deck may run is agreed to on the stage.
    agree(&terminal, "x");
    terminal.shows("count 2");
    terminal.keys(&["X"]);
    terminal.shows("stopped");
    for size in SIZES {
        let Some(mut page) = speak(&remote, size) else { return };
        let says = |what: &str| format!("document.getElementById('panes').textContent.includes('{what}')");
        page.wait(&says("stopped"));
        assert!(page.is("document.getElementById('stop').disabled"), "{size:?}: nothing runs");
        press(&mut page, "run");
        terminal.wait("the demo again", |terminal| !terminal.text().contains("stopped"));
        terminal.shows("count 3");
        // The recording takes the place of what runs, and gives it back.
        page.wait("document.getElementById('switch').textContent === 'Recording'");
        press(&mut page, "switch");
        terminal.shows("from the tape");
        page.wait("document.getElementById('switch').textContent === 'Live'");
        press(&mut page, "switch");
        terminal.wait("what runs", |terminal| !terminal.text().contains("from the tape"));
        terminal.shows("count ");
        press(&mut page, "stop");
        terminal.shows("stopped");
        page.wait(&says("stopped"));
        // A blank stage, and the slide again.
        press(&mut page, "blank");
        terminal.wait("nothing", |terminal| terminal.text().trim().is_empty());
        page.wait("document.getElementById('blank').getAttribute('aria-pressed') === 'true'");
        press(&mut page, "blank");
        terminal.shows("stopped");
        page.wait("document.getElementById('blank').getAttribute('aria-pressed') === 'false'");
        press(&mut page, "next");
        terminal.shows("bye");
        page.wait("document.getElementById('run').disabled && document.getElementById('switch').disabled");
        press(&mut page, "previous");
        terminal.shows("stopped");
        page.wait(&says("stopped"));
        page.is_quiet();
    }
}

#[test]
fn every_button_can_be_reached_at_every_size_and_nothing_is_in_the_way() {
    let Some(terminal) = Terminal::open("speaker-sizes") else { return };
    let folder = tempfile::tempdir().unwrap();
    talk(folder.path());
    let remote = stage(&terminal, folder.path(), "deck/slides.md");
    let axe = axe::source();
    for size in SIZES {
        terminal.keys(&["g", "g"]);
        let Some(mut page) = speak(&remote, size) else { return };
        for title in ["The start", "Counts", "The end"] {
            page.wait(&format!("document.getElementById('title').textContent.startsWith('{title}')"));
            assert_eq!(page.evaluate(IN_THE_WAY), "[]", "{title} at {size:?}");
            let beyond = "document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight";
            assert!(!page.is(beyond), "{title} at {size:?}: only notes scroll");
            assert!(
                page.is("document.getElementById('notes').getBoundingClientRect().height >= 40"),
                "{title} at {size:?}"
            );
            if let Some(axe) = &axe {
                assert_eq!(page.barriers(axe), Vec::<String>::new(), "{title} at {size:?}");
            }
            terminal.keys(&["l"]);
        }
        page.is_quiet();
    }
}
