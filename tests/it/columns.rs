//! Columns that a probe has beside its usual ones: other interpreters, other packages; what is installed for them.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

use crate::support::place::{Place, locked, said, says, script};

/// A deck whose one probe has `more` besides, and a figure that is read from its recording.
fn deck(place: &Place, more: &str) {
    let outline = format!(
        "title: T\nsections: [{{title: S, file: s.md}}]\ndemos:\n  p: {{kind: probe, command: [python, p.py], \
         tape: r/p.ndjson, runtime: gil, {more}}}\n"
    );
    fs::write(place.at("deck/talk.yaml"), outline).unwrap();
    fs::create_dir_all(place.at("deck/r")).unwrap();
    let report = "import json, sys\nprint(json.dumps({'trials': 7, 'anomalies': 0, 'who': sys.prefix}))\n";
    fs::write(place.at("deck/p.py"), report).unwrap();
}

fn recording(place: &Place) -> String {
    fs::read_to_string(place.at("deck/r/p.ndjson")).unwrap()
}

fn record(place: &Place) -> std::process::Command {
    let mut command = place.greenroom();
    command.args(["record", "p", "deck", "--yes"]);
    command.env("GREENROOM_PYTHON", &place.gil).env("GREENROOM_PYTHON_FT", &place.free_threaded);
    command
}

#[test]
fn a_column_has_any_name_and_interpreter_and_one_that_is_missing_is_told() {
    let Some(place) = Place::open() else { return };
    fs::remove_file(place.at("deck/demos/locks/requirements.txt")).unwrap();
    let named = place.free_threaded.display();
    deck(
        &place,
        &format!(
            "runtimes: [{{label: 'no GIL, by path', python: {named}}}, {{label: later, python: 3.99t}}]"
        ),
    );
    says(&record(&place).output().unwrap(), 0, &["recorded in r/p.ndjson"]);
    let text = recording(&place);
    for words in [
        r#""labels":["","no GIL, by path","later"]"#,
        r#""column":1,"kind":"named","python":"3."#,
        r#""free_threaded":true"#,
        "there is no Python 3.99t here",
    ] {
        assert!(text.contains(words), "no {words} in\n{text}");
    }
    // What it found is a figure on a slide, as that of any column.
    let slide = "# S\n\n{{r/p.ndjson trials no_GIL,_by_path}} trials\n";
    fs::write(place.at("deck/s.md"), slide).unwrap();
    says(&place.greenroom().args(["check", "deck"]).output().unwrap(), 0, &[]);
    fs::write(place.at("deck/s.md"), slide.replace("by_path", "by_name")).unwrap();
    says(&place.greenroom().args(["check", "deck"]).output().unwrap(), 1, &["needs a column here"]);
    // A version is looked for, and is what it says.
    script(&place.at("bin/python3.99t"), &format!("exec {named} \"$@\""));
    says(&record(&place).output().unwrap(), 0, &[]);
    assert!(recording(&place).contains("there is no Python 3.99t here"), "it is a 3.14");
}

#[test]
fn a_column_has_packages_of_its_own_once_they_are_set_up() {
    let Some(place) = Place::open() else { return };
    deck(&place, "runtimes: [{label: old, python: gil, requirements: demos/locks/old.txt}]");
    fs::write(place.at("deck/demos/locks/old.txt"), locked("asgiref==3.11.1")).unwrap();
    // The run says what to do, in its column, and goes on without it.
    let output = record(&place).output().unwrap();
    assert!(recording(&place).contains("are not installed: run greenroom setup"), "{}", said(&output));
    let mut unasked = place.greenroom();
    unasked.args(["setup", "deck"]).env("GREENROOM_PYTHON", &place.gil);
    unasked.env("GREENROOM_PYTHON_FT", &place.free_threaded);
    let shown = ["2 packages:", "django==6.1.3", "asgiref==3.11.1 for p: old, on GIL Python", "--yes"];
    says(&unasked.output().unwrap(), 2, &shown);
    assert_eq!(place.log(), Vec::<String>::new(), "nothing is done before somebody agrees");
    says(&place.setup().output().unwrap(), 0, &["✓ p: old: CPython", "Ready"]);
    assert_eq!(place.ready(), 3);
    says(&record(&place).output().unwrap(), 0, &[]);
    let text = recording(&place);
    assert!(
        text.contains(r#""requirements":"demos/locks/old.txt""#) && !text.contains("problem\":\"the"),
        "{text}"
    );
    let mut prefixes: Vec<&str> =
        text.split("\"who\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    // Each runs three times.
    assert_eq!(prefixes.len(), 6, "{text}");
    prefixes.dedup();
    assert_eq!(prefixes.len(), 2, "{text}");
    assert_ne!(prefixes[0], prefixes[1]);
    assert!(prefixes.iter().all(|prefix| Path::new(prefix).join("greenroom.json").is_file()), "{text}");
    // Whoever agreed to the deck's own packages has not agreed to these.
    let mut agreed = place.setup();
    fs::write(place.at("deck/demos/locks/old.txt"), locked("asgiref==3.11.2")).unwrap();
    let own = greenroom_python::Lock::of(&greenroom_system::disk::DiskFiles::new(&place.at("deck")).unwrap());
    agreed.args(["--agreed", &own.unwrap().digest()]);
    says(&agreed.output().unwrap(), 2, &["is not the one that was agreed to"]);
}

#[test]
fn h1_a_lock_file_of_a_demo_is_read_as_strictly_as_the_decks_own() {
    let Some(place) = Place::open() else { return };
    deck(&place, "requirements: demos/locks/own.txt");
    for line in
        ["-r ../token", "evil @ http://127.0.0.1:9/evil.whl", "a==1", "--index-url http://127.0.0.1:9/"]
    {
        fs::write(place.at("deck/demos/locks/own.txt"), format!("{}{line}\n", locked("a==2"))).unwrap();
        says(&place.setup().output().unwrap(), 1, &["demos/locks/own.txt:2:1", "nothing was installed"]);
        says(&place.doctor().output().unwrap(), 1, &["BROKEN", "own.txt:2:1"]);
    }
    // Doctor asks uv what it is.
    assert!(place.log().iter().all(|call| call == "--version"), "{:?}", place.log());
    fs::write(place.at("deck/demos/locks/own.txt"), locked("a==2")).unwrap();
    says(&place.setup().output().unwrap(), 0, &["✓ p: CPython"]);
    says(&record(&place).output().unwrap(), 0, &[]);
}

#[test]
fn h1_an_interpreter_that_a_deck_names_is_not_run_unasked() {
    let Some(place) = Place::open() else { return };
    let (named, ran) = (place.at("bin/theirs"), place.at("ran"));
    script(&named, &format!("touch {}; exec {} \"$@\"", ran.display(), place.gil.display()));
    deck(&place, &format!("runtimes: [{{label: theirs, python: {}}}]", named.display()));
    let mut unasked = place.greenroom();
    unasked.args(["setup", "deck"]).env("GREENROOM_PYTHON", &place.gil);
    unasked.env("GREENROOM_PYTHON_FT", &place.free_threaded);
    says(&unasked.output().unwrap(), 2, &["Python at ", "(p: theirs)"]);
    says(&place.doctor().output().unwrap(), 0, &["which the deck names; not asked"]);
    let unagreed = place.greenroom().args(["record", "p", "deck"]).output().unwrap();
    assert!(
        said(&unagreed).contains(&format!("and on Python {}, as theirs", named.display())),
        "{}",
        said(&unagreed)
    );
    assert!(!ran.exists());
    says(&place.setup().output().unwrap(), 0, &["✓ p: theirs: CPython"]);
    assert!(ran.exists());
}
