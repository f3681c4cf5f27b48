//! What slides say, read from recordings: a number of a recording changes, and so does what is said.

use std::fs;
use std::path::Path;

use greenroom::open;
use greenroom_base::files::MemoryFiles;
use greenroom_deck::{Block, Deck};
use serde_json::Value;

/// The built-in talk's recording of pure Python, with each turn of a variant as `change` makes it.
fn recording(change: impl Fn(usize, &mut Value)) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deck/recordings/pure-python.ndjson");
    let text = fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        if value["type"] == "slice" {
            let variant = usize::try_from(value["variant"].as_u64().unwrap()).unwrap();
            change(variant, &mut value);
        }
        value.to_string() + "\n"
    };
    text.lines().filter(|line| !line.contains("\"type\":\"prof\"")).map(line).collect()
}

/// A table and a sentence of that recording.
fn deck(recording: String) -> Deck {
    let slide = "# T\n\n| free threaded | GIL threads |\n|---|---|\n\
                 | pure Python | {{r.ndjson stands throughput 2 1}} |\n\
                 | the other way | {{r.ndjson stands throughput 1 2}} |\n\
                 | memory | {{r.ndjson stands memory 2 1}} |\n\n\
                 <!-- speaker_note: {{r.ndjson times 2 1}} times, {{r.ndjson low 2 1}} to {{r.ndjson high 2 1}} -->\n";
    let files = MemoryFiles::new().with("t.md", slide.to_owned()).with("r.ndjson", recording);
    open::deck(&files, "t.md")
}

/// The second cells of its table.
fn cells(deck: &Deck) -> Vec<String> {
    let nodes = deck.slides.iter().flat_map(|slide| &slide.body);
    let table =
        nodes.filter_map(|node| if let Block::Table(table) = &node.block { Some(table) } else { None });
    table.flat_map(|table| &table.rows).map(|row| row[1].to_plain()).collect()
}

#[test]
fn a_table_of_verdicts_follows_its_recordings() {
    let as_it_is = deck(recording(|_, _| {}));
    assert_eq!(as_it_is.problems, []);
    assert_eq!(cells(&as_it_is)[..2], ["far ahead", "far behind"]);
    // Three quarters of the free-threaded side's answers are gone.
    let fewer = deck(recording(|variant, slice| {
        if variant == 1 {
            slice["n"] = (slice["n"].as_u64().unwrap() / 4).into();
        }
    }));
    assert_eq!(cells(&fewer)[..2], ["far behind", "far ahead"]);
    assert_eq!(cells(&as_it_is)[2], cells(&fewer)[2], "memory is what it was");
    assert_ne!(as_it_is.slides.last().unwrap().notes, fewer.slides.last().unwrap().notes);
}

#[test]
fn a_verdict_that_a_recording_does_not_give_is_said_and_its_numbers_are_errors() {
    let busy = deck(recording(|_, slice| slice["foreign_us"] = slice["wall_us"].clone()));
    assert_eq!(cells(&busy)[..2], ["no verdict", "no verdict"]);
    let messages: Vec<&str> = busy.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert!(messages.iter().all(|message| message.contains("gives no verdict")), "{messages:?}");
}
