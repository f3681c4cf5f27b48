//! Recordings that cannot play, or not as they are: said by every verb that reads a deck.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

const CAST: &[u8] = b"{\"version\":2,\"width\":40,\"height\":5}\n[0.1,\"o\",\"hi\"]\n";

/// A deck with one demo whose recording, called d.cast, is `tape`.
fn deck(tape: &[u8]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let outline =
        "title: T\nsections: [{title: S, file: s.md}]\ndemos: {d: {command: [\"true\"], tape: d.cast}}\n";
    fs::write(folder.path().join("talk.yaml"), outline).unwrap();
    fs::write(folder.path().join("s.md"), "# S\n\n```pane\ndemo: d\n```\n").unwrap();
    fs::write(folder.path().join("d.cast"), tape).unwrap();
    folder
}

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(cargo_bin("greenroom"));
    command.args(args).current_dir(folder).env("HOME", folder).stdin(Stdio::null()).output().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// A deck with one bench, whose recording is the built-in talk's of pure Python, as `change` makes it; a note reads a number of it.
fn measured(change: impl Fn(String) -> String) -> TempDir {
    let folder = TempDir::new().unwrap();
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("deck/recordings");
    let text = fs::read_to_string(recordings.join("pure-python.ndjson")).unwrap();
    let outline = "title: T\nsections: [{title: S, file: s.md}]\n\
                   demos: {d: {kind: bench, command: [\"true\"], tape: d.ndjson}}\n";
    fs::write(folder.path().join("talk.yaml"), outline).unwrap();
    let slide = "# S\n\n```pane\ndemo: d\n```\n\n<!--\nspeaker_note: |\n  {{d.ndjson times 2 1}} times as many.\n-->\n";
    fs::write(folder.path().join("s.md"), slide).unwrap();
    fs::write(folder.path().join("d.ndjson"), change(text)).unwrap();
    folder
}

#[test]
fn a_number_that_was_changed_in_a_recording_is_an_error_of_check() {
    let check = |folder: &TempDir| run(folder.path(), &["check", "."]);
    let whole = measured(|text| text);
    assert_eq!(check(&whole).status.code(), Some(0), "{}", words(&check(&whole)));
    let turn = |text: &str| text.find("\"type\":\"slice\"").unwrap();
    let changed = measured(|text| {
        let (before, after) = text.split_at(turn(&text));
        format!("{before}{}", after.replacen("\"n\":", "\"n\":9", 1))
    });
    let cut = measured(|text| text[..text.len() / 2].to_owned());
    for (folder, says) in [(changed, "their checksum is another"), (cut, "cut off")] {
        let done = check(&folder);
        let said = words(&done);
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(said.contains("the recording d.ndjson") && said.contains(says), "{said}");
    }
}

#[test]
fn a_recording_that_cannot_play_is_an_error_of_check_and_said_by_export_and_pack() {
    let long_v1 = format!("{{\"version\": 1, \"stdout\": [{}]}}", "[0.1, \"aaaaaaaa\"],".repeat(200_000));
    let cases: [(&str, &[u8], &str); 10] = [
        ("a PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "a PNG picture"),
        ("version 1", b"{\"version\":1,\"width\":80,\"height\":24,\"stdout\":[]}", "asciinema convert"),
        ("version 1, pretty", b"{\n  \"version\": 1,\n  \"stdout\": []\n}\n", "asciinema convert"),
        ("version 1, long", long_v1.as_bytes(), "asciinema convert"),
        ("empty", b"", "the recording is empty"),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0", "gunzip"),
        ("UTF-16", b"\xff\xfe{\0\"\0v\0", "UTF-16"),
        ("UTF-16 without a mark", b"{\0\"\0v\0e\0r\0", "UTF-16"),
        ("text", b"hello\n", "is not the header"),
        ("of the future", b"{\"version\":9}\n", "get a newer greenroom"),
    ];
    for (name, tape, word) in cases {
        let folder = deck(tape);
        let check = run(folder.path(), &["check", "."]);
        let said = words(&check);
        assert_eq!(check.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains("d.cast cannot be played") && said.contains(word), "{name}: {said}");
        assert!(said.contains("talk.yaml:3:"), "{name}: where: {said}");
        let export = words(&run(folder.path(), &["export", "--text", "."]));
        assert!(export.contains("d.cast cannot be played") && export.contains(word), "{name}: {export}");
        let out = TempDir::new().unwrap();
        let target = out.path().join("packed");
        let pack = words(&run(folder.path(), &["pack", ".", "-o", target.to_str().unwrap()]));
        assert!(pack.contains("d.cast cannot be played") && pack.contains(word), "{name}: {pack}");
    }
}

#[test]
fn a_recording_that_is_cut_or_has_mistakes_is_a_warning() {
    for (tape, word) in [
        ([CAST, b"[0.2, \"o\", \"half"].concat(), "line 3 is cut off"),
        ([CAST, b"noise\n[1, \"o\", \"x\"]\n"].concat(), "line 3 is no event"),
    ] {
        let folder = deck(&tape);
        let check = run(folder.path(), &["check", "."]);
        let said = words(&check);
        assert_eq!(check.status.code(), Some(0), "{said}");
        assert!(said.contains("the recording d.cast: ") && said.contains(word), "{said}");
        assert!(words(&run(folder.path(), &["export", "--text", "."])).contains(word));
    }
    let folder = deck(CAST);
    assert!(words(&run(folder.path(), &["check", "."])).contains("0 errors, 0 warnings"));
}

#[test]
fn check_says_which_recording_is_wider_than_its_pane() {
    for (columns, wide) in [(120, true), (70, false), (71, true), (u32::MAX, true)] {
        let header = format!("{{\"version\":2,\"width\":{columns},\"height\":20}}\n[0.1,\"o\",\"x\"]\n");
        let folder = deck(header.as_bytes());
        let said = words(&run(folder.path(), &["check", "--size", "80x24", "."]));
        assert_eq!(said.contains("the recording d.cast is wider than its pane at 80x24"), wide, "{said}");
        if columns == 120 {
            assert!(said.contains("120 columns, of which 70 show") && said.contains("s.md:"), "{said}");
            assert!(said.contains("`greenroom record d --size 70x"), "what to do: {said}");
        }
        assert_eq!(said.contains("500x200 of it are shown"), columns == u32::MAX, "{said}");
    }
    let resized = [CAST, b"[0.2, \"r\", \"130x20\"]\n"].concat();
    let said = words(&run(deck(&resized).path(), &["check", "--size", "80x24", "."]));
    assert!(said.contains("130 columns, of which "), "{said}");
}
