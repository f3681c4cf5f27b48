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

/// `5` of `0:05 gone`: seconds of the talk.
fn elapsed(screen: &str) -> u64 {
    let words: Vec<&str> = screen.split_whitespace().collect();
    let clock = words.windows(2).find(|pair| pair[1] == "gone").and_then(|pair| {
        let (minutes, seconds) = pair[0].split_once(':')?;
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

#[test]
fn stage_the_pane_that_runs_is_mirrored_with_its_colours_until_the_slide_is_left() {
    let Some(stage) = Terminal::open("mirror-stage") else { return };
    let Some(notes) = Terminal::open("mirror-view") else { return };
    let runtime = tempfile::tempdir().unwrap();
    let program = "printf 'mirrored-%d \\033[31mred\\033[0m\\n' $((40+2)); read x; echo read-$x; sleep 60";
    let text = format!(
        "# Demo\n\n```pane\ncommand: [sh, -c, \"{}\"]\nheight: 8\n```\n\n---\n\n# After\n\nend\n",
        program.replace('\\', "\\\\")
    );
    let deck = deck(runtime.path(), &text);
    stage.run(&line(runtime.path(), &deck.display().to_string()));
    stage.shows("Demo");
    notes.run(&line(runtime.path(), &format!("notes {}", deck.display())));
    notes.shows("Follows the stage");
    stage.keys(&["x"]);
    stage.shows("Run these commands?");
    stage.keys(&["y"]);
    notes.shows("mirrored-42 red");
    // What is typed there is seen there.
    notes.keys(&["Tab", "h", "i", "Enter"]);
    notes.shows("read-hi");
    stage.shows("read-hi");
    // A view that comes later sees it as well, though nothing changes any more.
    notes.tmux(&["respawn-pane", "-k", "bash --norc --noprofile"]);
    notes.run(&line(runtime.path(), &format!("notes {}", deck.display())));
    notes.shows("read-hi");
    notes.keys(&["Escape", "Escape", "Right"]);
    notes.shows("This is the last step");
    notes.wait("the mirror to go", |notes| !notes.text().contains("read-hi"));
}
