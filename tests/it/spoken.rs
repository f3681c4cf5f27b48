//! What each verb prints when names, titles, tapes and files hold bytes that a terminal would obey (H5).

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use greenroom_base::plain;
use tempfile::TempDir;

/// Sets a clipboard, clears, colours by C1, turns letters around, hides some, writes with tags.
const EVIL: &str = "x\x1b]52;c;ZXZpbA==\x07\x1b[2J\u{9b}31m\u{202e}\u{2066}\u{200b}\u{e0041}\u{2028}\x7f\ry";

/// What no output may hold, as a terminal would get it.
fn assert_plain(what: &str, output: &Output) {
    for (stream, bytes) in [("output", &output.stdout), ("error output", &output.stderr)] {
        let text = String::from_utf8_lossy(bytes);
        let foreign: Vec<char> =
            text.chars().filter(|c| plain::is_unfit(*c) && !matches!(c, '\n' | '\t')).collect();
        assert!(foreign.is_empty(), "{what}: {foreign:?} in its {stream}:\n{text:?}");
    }
}

/// A person's computer with a deck on it that is somebody else's.
struct Room {
    home: TempDir,
}

impl Room {
    fn new() -> Self {
        Self { home: TempDir::new().unwrap() }
    }

    fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.home.path().join(inside)
    }

    fn write(&self, inside: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn greenroom(&self, program: &Path, args: &[&OsStr]) -> Output {
        let mut child = Command::new(program)
            .args(args)
            .current_dir(self.home.path())
            .env("HOME", self.home.path())
            .env_remove("XDG_STATE_HOME")
            .env_remove("XDG_CACHE_HOME")
            .env_remove("XDG_DATA_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(b"n\n");
        child.wait_with_output().unwrap()
    }

    /// Runs it, and looks at what it prints; `says` is how something visible of the evil name looks, if it must.
    fn check(&self, args: &[&OsStr]) -> String {
        let output = self.greenroom(&cargo_bin("greenroom"), args);
        assert_plain(&format!("{args:?}"), &output);
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    fn verb(&self, words: &[&str], path: &Path) -> String {
        let mut args: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        args.push(path.as_os_str());
        self.check(&args)
    }
}

fn words<'a>(words: &[&'a str]) -> Vec<&'a OsStr> {
    words.iter().map(|word| OsStr::new(*word)).collect()
}

/// A string of YAML.
fn quoted(text: &str) -> String {
    let escaped = |c: char| {
        if c.is_ascii_graphic() && !matches!(c, '"' | '\\') {
            c.to_string()
        } else {
            format!("\\U{:08x}", u32::from(c))
        }
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

/// A folder with everything that a stranger can name.
fn deck(room: &Room, folder: &str) -> PathBuf {
    let evil = quoted(EVIL);
    let name = format!("{EVIL}.md");
    let outline = format!(
        "title: {evil}\nspeaker: {evil}\nevent: {evil}\nsections:\n  - title: {evil}\n    file: {}\n    minutes: 1\n  - file: slides.md\n\
         demos:\n  {evil}:\n    command: [sh, -c, {evil}]\n    tape: {}\n  good:\n    title: {evil}\n    command: [\"true\"]\n    tape: recordings/good.cast\n",
        quoted(&name),
        quoted(&format!("recordings/{EVIL}.cast")),
    );
    room.write(
        format!("{folder}/{name}"),
        format!("# {EVIL}\n\n![{EVIL}](<{EVIL}.png>)\n\n<!-- {EVIL} -->\n"),
    );
    let slides = format!(
        "# Title {EVIL}\n\ntext {EVIL}\n\n<!-- layout: {EVIL} -->\n\n```pane\ndemo: {EVIL}\n```\n\n{{{{{EVIL} times 1 2}}}}\n"
    );
    room.write(format!("{folder}/slides.md"), slides);
    room.write(
        format!("{folder}/demos/{EVIL}.yaml"),
        format!("title: {evil}\nvariants: {evil}\nodd{EVIL}: 1\n"),
    );
    room.write(format!("{folder}/recordings/{EVIL}.cast"), format!("no tape {EVIL}\n"));
    room.write(format!("{folder}/talk.yaml"), outline);
    room.path(folder)
}

#[test]
fn h5_folders_without_a_deck() {
    let room = Room::new();
    room.write(format!("{EVIL}/{EVIL}.md"), "# One\n");
    room.write(format!("{EVIL}/{EVIL}2.md"), "# One\n");
    let folder = room.path(EVIL);
    for verb in [
        vec![],
        vec!["present"],
        vec!["check"],
        vec!["rehearse"],
        vec!["notes"],
        vec!["export", "--text"],
        vec!["setup"],
    ] {
        let said = room.verb(&verb, &folder);
        assert!(said.contains("u{1b}"), "{verb:?} says no name: {said}");
        room.verb(&verb, &room.path(format!("no{EVIL}")));
    }
    for verb in [vec!["pack", "-o", "out"], vec!["record", "--all", "--yes"], vec!["doctor"]] {
        room.verb(&verb, &folder);
    }
}

#[test]
fn h5_decks_whose_texts_and_names_are_evil() {
    let room = Room::new();
    for folder in ["deck".to_owned(), format!("deck{EVIL}")] {
        let deck = deck(&room, &folder);
        for verb in [
            &["present"] as &[&str],
            &["check"],
            &["check", "--size", "80x24"],
            &["check", "--format", "json"],
            &["export", "--text"],
            &["export", "--text", "--steps"],
            &["rehearse"],
            &["rehearse", "--report"],
            &["rehearse", "--suggest"],
            &["notes"],
            &["pack", "-o", "packed"],
            &["record", "good"],
            &["record", EVIL],
            &["record", "--yes", "good"],
            &["record", "--yes", "none"],
            &["record", "--yes", EVIL],
            &["record", "--all"],
        ] {
            let said = room.verb(verb, &deck);
            assert!(!said.is_empty(), "{verb:?} says nothing");
        }
        room.check(&[OsStr::new("bench"), deck.join(format!("demos/{EVIL}.yaml")).as_os_str()]);
        room.check(&[OsStr::new("play"), deck.join(format!("recordings/{EVIL}.cast")).as_os_str()]);
        let target = room.path(format!("{EVIL}.out"));
        for form in ["--html", "--pdf", "--svg", "--png", "--cast"] {
            let args = [OsStr::new("export"), OsStr::new(form), target.as_os_str(), deck.as_os_str()];
            room.check(&args);
            room.check(&args);
            let _ = fs::remove_dir_all(&target).or_else(|_| fs::remove_file(&target));
        }
    }
}

#[test]
fn h5_new_pack_and_unpack() {
    let room = Room::new();
    let folder = room.path(format!("new{EVIL}"));
    for _ in 0..2 {
        assert!(room.verb(&["new"], &folder).contains("u{1b}"));
    }
    symlink("/etc/passwd", folder.join(format!("link{EVIL}"))).unwrap();
    let packed = room.path(format!("talk{EVIL}"));
    let pack = [OsStr::new("pack"), folder.as_os_str(), OsStr::new("-o"), packed.as_os_str()];
    room.check(&pack);
    fs::remove_file(folder.join(format!("link{EVIL}"))).unwrap();
    let outline = fs::read_to_string(folder.join("talk.yaml")).unwrap();
    let lines = outline.lines().map(|line| {
        if line.starts_with("title:") { format!("title: {}", quoted(EVIL)) } else { line.to_owned() }
    });
    fs::write(folder.join("talk.yaml"), lines.collect::<Vec<_>>().join("\n")).unwrap();
    let said = room.check(&pack);
    assert!(packed.is_file(), "not packed: {said}");
    room.check(&pack);
    let unpacked = room.path(format!("un{EVIL}"));
    for args in [
        vec![OsStr::new("--about")],
        vec![OsStr::new("unpack"), unpacked.as_os_str()],
        vec![OsStr::new("unpack"), unpacked.as_os_str()],
        words(&["--help"]),
        words(&["check", "--help"]),
        words(&["nonsense", "--odd"]),
        words(&["completions", "bash"]),
        words(&["man"]),
        words(&["present"]),
    ] {
        let output = room.greenroom(&packed, &args);
        assert_plain(&format!("packed: {args:?}"), &output);
        assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "packed: {args:?} says nothing");
    }
    let mut bytes = fs::read(&packed).unwrap();
    bytes.truncate(bytes.len() - 10);
    fs::write(&packed, bytes).unwrap();
    assert_plain("a packed talk that lost its end", &room.greenroom(&packed, &words(&["--about"])));
}

#[test]
fn h5_arguments_are_repeated_plainly() {
    let room = Room::new();
    for args in [
        &[EVIL] as &[&str],
        &[EVIL, EVIL],
        &["--theme", EVIL, "x.md"],
        &["--slide", EVIL],
        &["check", EVIL, EVIL],
        &["--odd", EVIL],
        &[&format!("--{EVIL}")],
        &["completions", EVIL],
        &["bench", "--on", EVIL, "x.yaml"],
        &["bench", EVIL],
        &["bench", "--compare", EVIL, EVIL],
        &["load", EVIL],
        &["load", &format!("http://{EVIL}")],
        &["load", &format!("unix:/{EVIL}")],
        &["play", EVIL],
        &["record", EVIL],
        &["export", "--slide", EVIL],
        &["export", "--text", "--size", EVIL],
        &["new", EVIL],
        &["new", EVIL],
        &["notes", EVIL],
        &["setup", EVIL],
        &["doctor", EVIL],
        &["doctor", "--project", EVIL],
        &["doctor", "--python", EVIL],
        &["pack", EVIL],
        &["pack", "-o", &format!("/none/{EVIL}")],
        &["unpack", EVIL],
        &["rehearse", "--auto", EVIL],
        &["probe", "--", EVIL],
        &["probe", "--title", EVIL, "--", "sh", "-c", "exit 1"],
        &["schema", EVIL],
        &["man", EVIL],
        &["__guard", EVIL],
    ] {
        room.check(&words(args));
    }
    let said = room.check(&words(&["--theme", EVIL, "--slide", "no"]));
    assert!(said.contains("invalid value 'no'"), "{said}");
}

#[test]
fn h5_what_programs_and_tapes_say() {
    let room = Room::new();
    let script = format!("printf '%s' '{EVIL}'; printf '%s' '{EVIL}' >&2");
    let title = format!("--title={EVIL}");
    for json in ["--json", "--seconds=1"] {
        let args = ["probe", json, &title, "--", "sh", "-c", &script];
        room.check(&words(&args));
    }
    let tape = fs::read_to_string("deck/recordings/gunicorn-postgresql.ndjson").unwrap();
    let evil = tape
        .replace("\"GIL, threads\"", &serde_json::Value::from(EVIL).to_string())
        .replace("\"cpu\":\"", "\"cpu\":\"\u{202e}\u{9b}");
    let (one, other) = (
        room.write(format!("{EVIL}.ndjson"), &evil),
        room.write(format!("b{EVIL}"), evil.replace("AMD", EVIL)),
    );
    let said =
        room.check(&[OsStr::new("bench"), OsStr::new("--compare"), one.as_os_str(), other.as_os_str()]);
    assert!(said.contains("u{1b}"), "{said}");
    let broken = room.write("broken", format!("{}\n{{\"type\":\"{EVIL}\"}}", evil.lines().next().unwrap()));
    room.check(&[OsStr::new("bench"), OsStr::new("--compare"), broken.as_os_str(), other.as_os_str()]);
    let project = room.path(format!("project{EVIL}"));
    room.write(
        project.join("requirements.txt"),
        format!("-e {EVIL}\n{EVIL}\nnone-{EVIL}==1\n--{EVIL}\n-r {EVIL}\n"),
    );
    for form in ["text", "json"] {
        room.check(&[
            OsStr::new("doctor"),
            OsStr::new("--format"),
            OsStr::new(form),
            OsStr::new("--project"),
            project.as_os_str(),
        ]);
    }
}
