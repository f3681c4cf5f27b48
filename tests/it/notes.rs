//! A stage and its presenter view in two real terminals: each follows the other, and survives the other.
#![cfg(target_os = "linux")]

use std::path::Path;

use crate::support::terminal::{Terminal, deck, greenroom};

const DECK: &str = "# First\n\none\n\n<!-- speaker_note: Say **hello** first. -->\n\n---\n\n# Second\n\ntwo\n\n<!-- pause -->\n\nmore\n\n\
                    ---\n\n# Third\n\nthree\n";

/// A command line of this program that meets others in `runtime`.
fn line(runtime: &Path, rest: &str) -> String {
    format!("XDG_RUNTIME_DIR={} {} {rest}", runtime.display(), greenroom())
}

/// `5` of `on the slide 0:05`: seconds of the first clock of the form `m:ss of`, or of any.
fn elapsed(screen: &str) -> u64 {
    let clock = screen.split_whitespace().filter(|word| word.matches(':').count() == 1).find_map(|word| {
        let (minutes, seconds) = word.split_once(':')?;
        Some(minutes.parse::<u64>().ok()? * 60 + seconds.parse::<u64>().ok()?)
    });
    clock.unwrap_or_else(|| panic!("no clock in\n{screen}"))
}

#[test]
fn stage_and_presenter_view_follow_each_other_and_survive_each_other() {
    let Some(stage) = Terminal::open("notes-stage") else { return };
    let Some(notes) = Terminal::open("notes-view") else { return };
    let runtime = tempfile::tempdir().unwrap();
    let deck = deck(runtime.path(), DECK);
    let (present, follow) =
        (line(runtime.path(), &deck.display().to_string()), format!("notes {}", deck.display()));
    notes.run(&line(runtime.path(), &follow));
    notes.shows("Not connected");
    stage.run(&present);
    stage.shows("one");
    notes.shows("Say hello first.");
    notes.shows("Next: Second");
    // Keys of either side.
    stage.keys(&["l"]);
    notes.shows("Second [0 of 1]");
    notes.keys(&["Right"]);
    stage.shows("more");
    notes.shows("Second [1 of 1]");
    notes.keys(&["b"]);
    notes.shows("the stage shows: blank");
    notes.keys(&["b"]);
    stage.shows("more");
    notes.wait("a second of the talk", |notes| elapsed(&notes.text()) >= 1);
    // The stage is killed: it comes back to the same step, and its time has gone on.
    let before = elapsed(&notes.text());
    stage.tmux(&["respawn-pane", "-k", "bash --norc --noprofile"]);
    notes.shows("Not connected");
    stage.run(&format!(
        "export HOME={home} XDG_STATE_HOME={home}/state PS1='$ '; {present}",
        home = stage.home.path().display()
    ));
    stage.shows("more");
    notes.shows("Follows the stage");
    notes.shows("Second [1 of 1]");
    let after = elapsed(&notes.text());
    assert!((before..before + 30).contains(&after), "{before} s before, {after} s after");
    // The view is killed, and another one knows all of it at once.
    notes.tmux(&["respawn-pane", "-k", "bash --norc --noprofile"]);
    notes.run(&line(runtime.path(), &follow));
    notes.shows("Second [1 of 1]");
    assert!(elapsed(&notes.text()) >= after);
    // Leaving the view leaves the stage alone.
    notes.keys(&["q"]);
    notes.wait("the shell", |notes| notes.modes() == "0 1 0");
    stage.keys(&["l"]);
    stage.shows("three");
}
