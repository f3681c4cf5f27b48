//! The book's page of faults, which is written from the tables.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::inputs::INPUTS;
use super::row::{GoesOn, Kept, Row, Told};
use crate::support::sources;

/// The tables, with the names of their modules.
const TABLES: [(&str, &[Row]); 5] = [
    ("demos", super::demos::ROWS),
    ("disks", super::disks::ROWS),
    ("ends", super::ends::ROWS),
    ("terminals", super::terminals::ROWS),
    ("surroundings", super::surroundings::ROWS),
];

fn told(row: &Row) -> String {
    let quoted = |texts: &[&str]| texts.iter().map(|text| format!("“{text}”")).collect::<Vec<_>>().join(", ");
    match row.told {
        Told::OnScreen(texts) => quoted(texts),
        Told::AtEnd(texts) => format!("in the shell {}", quoted(texts)),
        Told::InView(texts) => format!("in the presenter view {}", quoted(texts)),
        Told::NotNeeded(why) => format!("nothing: {why}"),
    }
}

/// A command as the book writes one: without what is this trial's own.
fn command(line: &str) -> String {
    let command = line.split("; ").last().unwrap_or_default().split(" && ").next().unwrap_or_default();
    let word = |word| match word {
        "deck" => "DECK",
        "a" => "PANE",
        "3" => "N",
        "out/talk.pdf" | "tmp/talk" => "FILE",
        other => other,
    };
    command.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn goes_on(row: &Row) -> String {
    match row.goes_on {
        GoesOn::NextSlide => "the next slide comes by key".to_owned(),
        GoesOn::TakenUp { line, .. } => {
            format!("the terminal is given back; `{}` goes on at the slide", command(line))
        }
        GoesOn::Again { status, line, .. } => {
            format!("it ends with {status}; `{}` works then", command(line))
        }
    }
}

fn kept(row: &Row) -> String {
    let mut all = vec!["the deck".to_owned()];
    all.extend(row.kept.iter().map(|kept| match kept {
        Kept::Place(_) => "the place".to_owned(),
        Kept::Practice(slides) => format!("{slides} slides of the practice"),
        Kept::File(path, _) => format!("`{path}`"),
        Kept::NoFile(path) => format!("no half `{path}`"),
    }));
    all.join(", ")
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn page() -> String {
    let mut page = "# Faults\n\nWhat can go wrong around a talk, and what happens then. Each row is tried on the real program in a real pseudo-terminal \
         (`cargo test --test it faults::`), and four things are judged:\n\n\
         - **the talk goes on**: the next slide comes by key; or, where the fault is the end of the process, the terminal is as it was before, and the talk is \
         taken up at its slide;\n\
         - **the person is told**: the sentence of the row is on the screen, or in the shell;\n\
         - **nothing is lost**: no file of the deck is another one, and what the row names is there;\n\
         - **nothing is left**: no process of the talk, no temporary folder, no copy of the deck, no socket.\n\n\
         This page is written by the test that compares it (`GREENROOM_WRITE_DOCS=1 cargo test --test it faults::`).\n\n\
         | fault | where | the person sees | goes on | kept | left | test |\n|---|---|---|---|---|---|---|\n"
        .to_owned();
    for (module, rows) in TABLES {
        for row in rows {
            let cells = [row.fault, row.place, &told(row), &goes_on(row), &kept(row), "nothing"]
                .map(cell)
                .join(" | ");
            writeln!(page, "| {cells} | `{module}::{}` |", row.name).unwrap();
        }
    }
    page += "\n## Bad input\n\nWhat a person, a deck, a file or a network may do wrong, and the tests that hold what happens then.\n\n\
         | of | what is wrong | tests |\n|---|---|---|\n";
    for (of, wrong, tests) in INPUTS {
        let tests: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
        writeln!(page, "| {of} | {} | {} |", cell(wrong), tests.join(", ")).unwrap();
    }
    page
}

#[test]
fn the_page_of_the_book_is_what_is_tried() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src/reference/faults.md");
    if std::env::var_os("GREENROOM_WRITE_DOCS").is_some() {
        fs::write(&path, page()).unwrap();
    }
    let written = fs::read_to_string(path).unwrap();
    assert!(written == page(), "GREENROOM_WRITE_DOCS=1 cargo test --test it faults:: writes the page anew");
    for (of, wrong, tests) in INPUTS {
        assert!(!tests.is_empty(), "{of}: {wrong} has no test");
    }
}

#[test]
fn every_test_that_is_named_is_there() {
    let sources: String = sources().into_iter().map(|(_, text)| text).collect();
    let rows = TABLES.iter().flat_map(|(_, rows)| rows.iter()).map(|row| row.name);
    let rows: Vec<&str> = rows.collect();
    let named = INPUTS.iter().flat_map(|(_, _, tests)| tests.iter().copied());
    for name in named {
        assert!(rows.contains(&name) || sources.contains(&format!("fn {name}(")), "there is no test {name}");
    }
}
