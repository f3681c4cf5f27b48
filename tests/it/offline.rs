//! The whole built-in talk, rehearsed in a real terminal without a network and without a program in PATH: every demo
//! plays its recording. The test follows the stage through its own socket, as a presenter view does.
#![cfg(target_os = "linux")]

use std::process::Command;

use crate::support::link::Link;
use crate::support::terminal::{Terminal, greenroom};
use greenroom::decks::locate;
use greenroom::link::{Message, PaneShows, StageCommand};
use greenroom::open;

#[test]
fn every_demo_plays_its_recording_without_network_and_programs() {
    let Some(terminal) = Terminal::open("offline") else { return };
    let runtime = tempfile::tempdir().unwrap();
    // Not every machine lets a test have a network of its own.
    let alone = Command::new("unshare").args(["-rn", "true"]).status().is_ok_and(|status| status.success());
    let unshare = if alone { "unshare -rn " } else { "" };
    let home = terminal.home.path().display().to_string();
    terminal.run(&format!(
        "{unshare}env -i PATH=/nowhere HOME={home} TERM=$TERM XDG_RUNTIME_DIR={} {} rehearse; echo left $?",
        runtime.path().display(),
        greenroom()
    ));
    terminal.wait("the stage", |terminal| terminal.modes() == "1 0 1");
    let mut link = Link::join(runtime.path(), &terminal);
    let located = locate(None).unwrap();
    let deck = open::deck(&*located.files, &located.entry);
    let mut demos = 0;
    for slide in (0..deck.slides.len()).filter(|slide| !deck.panes(*slide).is_empty()) {
        let step = usize::from(deck.slides[slide].last_step);
        link.say(&Message::Order(StageCommand::Go { slide, step }));
        let state = link.until("there", |state| (state.slide, state.step) == (slide, step));
        assert!(state.tapes_only);
        link.say(&Message::Order(StageCommand::Key { key: "x".to_owned() }));
        let count = deck.panes(slide).len();
        let state = link.until("played or failed", |state| {
            let settled = |shows| !matches!(shows, PaneShows::Changing | PaneShows::Idle);
            state.panes.len() == count && state.panes.iter().all(|pane| settled(pane.shows))
        });
        for pane in &state.panes {
            assert!(pane.shows == PaneShows::Recording, "slide {}: {pane:?}\n{}", slide + 1, terminal.text());
            demos += 1;
        }
    }
    let all: usize = (0..deck.slides.len()).map(|slide| deck.panes(slide).len()).sum();
    assert_eq!(demos, all);
    assert!(demos > 20, "{demos} demos");
    terminal.keys(&["q", "q"]);
    terminal.shows("left 0");
    terminal.shows("1 practice");
}
