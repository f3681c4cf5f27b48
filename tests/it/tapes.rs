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
fn a_recording_that_is_there_and_cannot_be_read_is_an_error_and_no_missing_one() {
    let folder = deck(CAST);
    fs::remove_file(folder.path().join("d.cast")).unwrap();
    let said = words(&run(folder.path(), &["check", "."]));
    assert!(said.contains("warning: the recording d.cast is not there"), "{said}");
    fs::create_dir(folder.path().join("d.cast")).unwrap();
    let check = run(folder.path(), &["check", "."]);
    let said = words(&check);
    assert!(
        said.contains("error: the recording d.cast cannot be opened: it cannot be read: it is not a file"),
        "{said}"
    );
    assert_eq!(check.status.code(), Some(1), "{said}");
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

#[test]
fn check_compares_recordings_with_panes_of_80_by_24_unless_told_otherwise() {
    let wide = b"{\"version\":2,\"width\":160,\"height\":20}\n[0.1,\"o\",\"x\"]\n";
    let folder = deck(wide);
    let said = words(&run(folder.path(), &["check", "."]));
    assert!(said.contains("wider than its pane at 80x24: 160 columns, of which 70 show"), "{said}");
    let fits = deck(b"{\"version\":2,\"width\":110,\"height\":20}\n[0.1,\"o\",\"x\"]\n");
    let said = words(&run(fits.path(), &["check", "--size", "200x50", "."]));
    assert!(said.contains("0 warnings"), "{said}");
    let out = TempDir::new().unwrap();
    let target = out.path().join("packed");
    let packed = words(&run(folder.path(), &["pack", ".", "-o", target.to_str().unwrap()]));
    assert!(packed.contains("wider than its pane"), "{packed}");
}

#[test]
fn a_recording_that_fits_alone_is_named_where_panes_stand_side_by_side() {
    let folder = deck(b"{\"version\":2,\"width\":60,\"height\":5}\n[0.1,\"o\",\"x\"]\n");
    assert!(words(&run(folder.path(), &["check", "."])).contains("0 warnings"));
    let columns = "# S\n\n<!-- column_layout: [1, 1] -->\n<!-- column: 0 -->\n\n```pane\ndemo: d\n```\n\n\
                   <!-- column: 1 -->\n\n```pane\ndemo: d\n```\n";
    fs::write(folder.path().join("s.md"), columns).unwrap();
    let said = words(&run(folder.path(), &["check", "."]));
    assert_eq!(said.matches("is wider than its pane at 80x24: 60 columns").count(), 2, "{said}");
}

#[test]
fn check_says_which_recording_of_a_whole_screen_is_higher_than_its_pane() {
    let tape =
        |first: &str| format!("{{\"version\":2,\"width\":40,\"height\":60}}\n[0.1,\"o\",\"{first}x\"]\n");
    let editor = words(&run(deck(tape("\\u001b[?1049h").as_bytes()).path(), &["check", "."]));
    assert!(editor.contains("is higher than its pane at 80x24: 60 rows, of which"), "{editor}");
    let lines = words(&run(deck(tape("").as_bytes()).path(), &["check", "."]));
    assert!(lines.contains("0 warnings"), "what scrolls away does so in any terminal: {lines}");
}

#[test]
fn check_says_which_recording_lost_lines_that_its_pane_has_room_for() {
    let tape = |rows: u16, lines: usize| {
        let said = "line\\r\\n".repeat(lines);
        format!("{{\"version\":2,\"width\":40,\"height\":{rows}}}\n[0.1,\"o\",\"{said}\"]\n")
    };
    let said = |rows, lines| words(&run(deck(tape(rows, lines).as_bytes()).path(), &["check", "."]));
    let lost = said(4, 10);
    assert!(lost.contains("is lower than its pane at 80x24: 4 of 10 lines show, where "), "{lost}");
    assert!(lost.contains("`greenroom record d --size "), "what to do: {lost}");
    for (rows, lines) in [(4, 3), (24, 60)] {
        assert!(said(rows, lines).contains("0 warnings"), "{rows} rows, {lines} lines");
    }
}

/// Gives the file at `name` in `folder` the time `seconds` after 2026 began.
fn touch(folder: &Path, name: &str, seconds: u64) {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_225_600 + seconds);
    fs::File::options().append(true).open(folder.join(name)).unwrap().set_modified(time).unwrap();
}

#[test]
fn a_recording_that_is_older_than_what_it_records_is_named() {
    let ours = |command: &str| {
        format!(
            "{{\"version\":3,\"command\":\"{command}\",\"greenroom\":{{\"demo\":\"d\"}},\"term\":{{\"cols\":40,\"rows\":5}}}}\n\
             [0.1,\"o\",\"hi\"]\n[0,\"x\",\"0\"]\n"
        )
    };
    let older = "the recording d.cast: it is older than what it records: ";
    let folder = deck(ours("false").as_bytes());
    let said = words(&run(folder.path(), &["check", "."]));
    assert!(said.contains(&format!("{older}it was made with `false`, and the demo runs `true`")), "{said}");
    assert!(said.contains("record it again: `greenroom record d`"), "what to do: {said}");
    let foreign = ours("false").replace(",\"greenroom\":{\"demo\":\"d\"}", "");
    assert!(words(&run(deck(foreign.as_bytes()).path(), &["check", "."])).contains("0 warnings"));

    let folder = deck(ours("sh demos/run.sh").as_bytes());
    let outline = fs::read_to_string(folder.path().join("talk.yaml")).unwrap();
    let outline = outline.replace("[\"true\"]", "[sh, demos/run.sh]");
    fs::write(folder.path().join("talk.yaml"), outline).unwrap();
    fs::create_dir(folder.path().join("demos")).unwrap();
    fs::write(folder.path().join("demos/run.sh"), "echo hi\n").unwrap();
    for (tape, script, is_older) in
        [(1000, 1000, false), (1000, 1030, false), (1000, 2000, true), (2000, 1000, false)]
    {
        touch(folder.path(), "d.cast", tape);
        touch(folder.path(), "demos/run.sh", script);
        let said = words(&run(folder.path(), &["check", "."]));
        assert_eq!(said.contains(&format!("{older}demos/run.sh was written after it")), is_older, "{said}");
    }
    // One that is where it was recorded tells more than a copy of it.
    let made = |seconds: u64| {
        let header = format!("{{\"version\":3,\"timestamp\":{},", 1_767_225_600 + seconds);
        fs::write(folder.path().join("d.cast"), ours("sh demos/run.sh").replace("{\"version\":3,", &header))
            .unwrap();
    };
    for (recorded, tape, script, is_older) in [
        (1000, 1001, 1030, true),
        (1000, 1001, 1002, false),
        (500, 1001, 1030, false),
        (500, 1001, 1100, true),
    ] {
        made(recorded);
        touch(folder.path(), "d.cast", tape);
        touch(folder.path(), "demos/run.sh", script);
        let said = words(&run(folder.path(), &["check", "."]));
        assert_eq!(said.contains(older), is_older, "{recorded} {tape} {script}: {said}");
    }
    for verb in [&["export", "--text", "."][..], &["pack", ".", "-o", "packed"]] {
        touch(folder.path(), "demos/run.sh", 9000);
        let said = words(&run(folder.path(), verb));
        assert!(said.contains(older), "{verb:?}: {said}");
    }
}

#[test]
fn a_bench_that_was_measured_by_another_scenario_is_named() {
    let folder = measured(|text| text);
    let scenario = "title: x\npath: /\nvariants:\n- {name: a, command: [\"true\", \"{port}\"]}\n- {name: b, command: [\"true\", \"{port}\"]}\n";
    fs::write(folder.path().join("x.yaml"), scenario).unwrap();
    let outline = fs::read_to_string(folder.path().join("talk.yaml")).unwrap();
    let outline = outline.replace("command: [\"true\"]", "scenario: x.yaml");
    fs::write(folder.path().join("talk.yaml"), outline).unwrap();
    let said = words(&run(folder.path(), &["check", "."]));
    assert!(said.contains("older than what it records: x.yaml was changed since it was measured"), "{said}");
    let probe =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("deck/recordings/list-pop.ndjson")).unwrap();
    fs::write(folder.path().join("d.ndjson"), probe).unwrap();
    let said = words(&run(folder.path(), &["check", "."]));
    assert!(said.contains("it is of a probe, and the demo is a bench"), "{said}");
}
