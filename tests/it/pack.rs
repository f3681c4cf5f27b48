//! The packed talk, as a file that is run.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

use crate::support::terminal::Terminal;
use crate::support::when_not_busy;

/// Bytes of a packed file's footer.
const FOOTER: u64 = 64;
const DECK: &str = "title: Packed \u{7}talk\nspeaker: Me\ndate: 2026-11-23\nsections: [{title: One, file: one.md}]\n\
    demos: {d: {command: [./demos/run], tape: d.cast, on: enter}}\n";
const SLIDE: &str = "# First\n\n```pane\ndemo: d\nheight: 6\n```\n";
const TAPE: &str =
    "{\"version\":3,\"term\":{\"cols\":40,\"rows\":4}}\n[0.1,\"o\",\"from the tape\"]\n[0.1,\"x\",\"0\"]\n";

struct Place {
    folder: TempDir,
}

impl Place {
    /// A folder with a deck in it.
    fn new() -> Self {
        let place = Self { folder: TempDir::new().unwrap() };
        fs::create_dir_all(place.at("deck/demos")).unwrap();
        fs::write(place.at("deck/talk.yaml"), DECK).unwrap();
        fs::write(place.at("deck/one.md"), SLIDE).unwrap();
        fs::write(place.at("deck/d.cast"), TAPE).unwrap();
        let ran = place.at("ran");
        fs::write(place.at("deck/demos/run"), format!("#!/bin/sh\ntouch {}\necho live\n", ran.display()))
            .unwrap();
        fs::set_permissions(place.at("deck/demos/run"), PermissionsExt::from_mode(0o755)).unwrap();
        place
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn run(&self, program: &Path, args: &[&str]) -> Output {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env_remove("XDG_DATA_HOME")
            .stdin(Stdio::null());
        when_not_busy(|| command.output()).unwrap()
    }

    fn packed(&self) -> PathBuf {
        let output = self.run(&cargo_bin("greenroom"), &["pack", "deck", "-o", "talk"]);
        assert!(output.status.success(), "{}", err(&output));
        self.at("talk")
    }
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_packed_talk_does_everything_with_its_own_deck() {
    let place = Place::new();
    let (talk, plain) = (place.packed(), cargo_bin("greenroom"));
    let about = out(&place.run(&talk, &["--about"]));
    for line in
        ["title      Packed \u{fffd}talk", "speaker    Me", "date       2026-11-23", "packed, 4 files"]
    {
        assert!(about.contains(line), "{line}: {about}");
    }
    assert!(out(&place.run(&plain, &["--about"])).contains("built in"));
    let text = out(&place.run(&talk, &["export", "--text"]));
    assert_eq!(text, out(&place.run(&plain, &["export", "--text", "deck"])));
    assert!(text.contains("First"));
    assert!(place.run(&talk, &["check"]).status.success());
    assert!(out(&place.run(&talk, &["check", "deck"])).contains("0 errors"), "another deck");
    let unpacked = place.run(&talk, &["unpack", "again"]);
    assert!(unpacked.status.success(), "{}", err(&unpacked));
    let again = place.run(&talk, &["pack", "again", "-o", "talk2"]);
    assert!(again.status.success(), "{}", err(&again));
    let own = place.run(&talk, &["pack", "-o", "talk3"]);
    assert!(own.status.success(), "{}", err(&own));
    let first = fs::read(&talk).unwrap();
    assert!(first == fs::read(place.at("talk2")).unwrap(), "unpacked and packed, the bytes are others");
    assert!(first == fs::read(place.at("talk3")).unwrap(), "packed by a packed talk, the bytes are others");
    assert_eq!(place.run(&plain, &["pack", "deck", "-o", "talk"]).status.code(), Some(1), "it is there");
}

#[test]
fn a_damaged_talk_says_so_and_runs_nothing() {
    let place = Place::new();
    let talk = place.packed();
    let length = fs::metadata(&talk).unwrap().len();
    let damaged = |change: &dyn Fn(&fs::File)| {
        let copy = place.at("damaged");
        fs::copy(&talk, &copy).unwrap();
        let file = fs::OpenOptions::new().write(true).read(true).open(&copy).unwrap();
        change(&file);
        drop(file);
        for args in [&["--about"][..], &["check", "deck"], &["unpack", "x"], &["--version"], &[]] {
            let output = place.run(&copy, args);
            assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), ""), "{args:?}");
            assert!(err(&output).contains("again"), "{args:?}: {}", err(&output));
        }
        assert!(!place.at("x").exists());
    };
    let flip = |at: u64| {
        move |file: &fs::File| {
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ 4], at).unwrap();
        }
    };
    damaged(&flip(length - FOOTER - 500));
    damaged(&flip(length - 1));
    damaged(&|file| file.set_len(length - 1).unwrap());
    damaged(&|file| file.set_len(length - 700).unwrap());
}

/// Runs a file that may be anything, for a while; whatever it does not end with by itself counts as no success.
fn tried(place: &Place, program: &Path, args: &[&str]) -> (bool, String) {
    let (output, deadline) = (place.at("said"), Instant::now() + Duration::from_secs(30));
    let mut command = Command::new(program);
    command
        .args(args)
        .env("HOME", place.folder.path())
        .stdin(Stdio::null())
        .stdout(fs::File::create(&output).unwrap())
        .stderr(Stdio::null());
    // A file that the system takes for no program has been noticed.
    let Ok(mut child) = when_not_busy(|| command.spawn()) else { return (false, String::new()) };
    loop {
        match child.try_wait().unwrap() {
            Some(status) => return (status.success(), fs::read_to_string(output).unwrap_or_default()),
            None if Instant::now() > deadline => {
                child.kill().unwrap();
                child.wait().unwrap();
                return (false, String::new());
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

#[test]
fn m5_a_bit_that_changed_anywhere_in_the_file_is_noticed() {
    let place = Place::new();
    let talk = place.packed();
    let file = fs::OpenOptions::new().read(true).open(&talk).unwrap();
    let length = file.metadata().unwrap().len();
    // Numbers that are the same each time (xorshift).
    let mut state = 5_u64;
    let mut number = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut bits: Vec<u64> = (0..40).map(|_| number(length * 8)).collect();
    bits.extend((0..8).map(|_| number(4096 * 8)));
    bits.extend((0..12).map(|_| (length - 2000 + number(2000)) * 8 + number(8)));
    bits.extend((0..4).map(|_| (length - FOOTER + number(FOOTER)) * 8 + number(8)));
    for (index, bit) in bits.into_iter().enumerate() {
        let flip = || {
            let file = fs::OpenOptions::new().read(true).write(true).open(&talk).unwrap();
            let mut byte = [0];
            file.read_exact_at(&mut byte, bit / 8).unwrap();
            file.write_all_at(&[byte[0] ^ (1 << (bit % 8))], bit / 8).unwrap();
        };
        flip();
        let args = if index % 2 == 0 { &["export", "--text"][..] } else { &["--about"] };
        let (worked, said) = tried(&place, &talk, args);
        assert!(!worked && said.is_empty(), "bit {bit} of {length} bytes, {args:?}: {said}");
        flip();
    }
    assert!(tried(&place, &talk, &["export", "--text"]).0, "as it was, it works");
}

/// A packed talk whose manifest is as `change` leaves it, with a checksum that fits: by the format as it is documented.
fn forge(place: &Place, change: impl FnOnce(&mut serde_json::Value)) -> PathBuf {
    use sha2::{Digest, Sha256};
    let mut whole = fs::read(place.packed()).unwrap();
    let end = whole.len() - usize::try_from(FOOTER).unwrap();
    let footer = whole.split_off(end);
    let payload = usize::try_from(u64::from_le_bytes(footer[..8].try_into().unwrap())).unwrap();
    let length = u32::from_le_bytes(footer[8..12].try_into().unwrap()) as usize;
    let mut manifest = serde_json::from_slice(&whole[end - length..]).unwrap();
    change(&mut manifest);
    let manifest = serde_json::to_vec(&manifest).unwrap();
    whole.truncate(end - length);
    whole.extend_from_slice(&manifest);
    let head = [
        &((payload - length + manifest.len()) as u64).to_le_bytes()[..],
        &u32::try_from(manifest.len()).unwrap().to_le_bytes(),
        &footer[12..16],
    ]
    .concat();
    let (program, payload) = whole.split_at_mut(end - payload);
    // Its mark says how long the payload is, with its footer.
    let mark = memchr::memmem::find(program, b"a deck inside?-packed-").unwrap() + 30;
    let length = (payload.len() as u64 + FOOTER).to_le_bytes();
    program[mark..mark + 8].copy_from_slice(&length);
    let mut hash = Sha256::new();
    hash.update(&payload);
    for piece in program.chunks(64 * 1024) {
        hash.update(crc32fast::hash(piece).to_le_bytes());
    }
    hash.update(&head);
    let checksum = hash.finalize();
    let talk = place.at("forged");
    fs::write(&talk, [&whole[..], &head, &checksum, &footer[48..]].concat()).unwrap();
    fs::set_permissions(&talk, PermissionsExt::from_mode(0o755)).unwrap();
    talk
}

#[test]
fn m5_about_works_the_content_out_and_believes_no_manifest() {
    let place = Place::new();
    let honest = forge(&place, |_| {});
    let about = out(&place.run(&honest, &["--about"]));
    assert_eq!(about, out(&place.run(&place.at("talk"), &["--about"])));
    assert!(about.contains("sha256:") && about.contains("packed, 4 files"), "{about}");
    fs::remove_file(place.at("talk")).unwrap();
    let forged = forge(&place, |it| it["content"] = "00".into());
    let output = place.run(&forged, &["--about"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), ""));
    assert!(err(&output).contains("damaged"), "{}", err(&output));
    fs::remove_file(place.at("talk")).unwrap();
    // Nor does it take another title from there than the deck has.
    let forged = forge(&place, |it| it["title"] = "Free money".into());
    assert!(!out(&place.run(&forged, &["--about"])).contains("money"));
}

#[test]
fn l6_a_forged_file_unpacks_nothing_hidden_and_nothing_elsewhere() {
    let place = Place::new();
    for name in [".git/hooks/x", "demos/.git/x", "../x", "/tmp/x", "__pycache__/x.pyc"] {
        let forged = forge(&place, |it| it["files"][0]["path"] = name.into());
        for args in [&["unpack", "u"][..], &["--about"], &["export", "--text"], &["check"]] {
            let output = place.run(&forged, args);
            assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), ""), "{name} {args:?}");
            assert!(err(&output).contains("damaged"), "{}", err(&output));
        }
        assert!(!place.at("u").exists());
        fs::remove_file(place.at("talk")).unwrap();
    }
}

#[test]
fn l5_no_verb_about_packs_passes_characters_that_turn_text_around() {
    let place = Place::new();
    let odd = "\u{202e}dcba\u{2066}\u{200f}\u{1b}[2J";
    let outline = format!(
        "title: \"T {0}\"\nspeaker: \"S {0}\"\nevent: \"E {0}\"\ndate: \"D {0}\"\n\
         sections: [{{title: \"{0}\", file: one.md}}]\n\
         demos: {{\"d\": {{command: [./demos/run], tape: d.cast}}, \"{1}\": {{command: [sh, -c, x]}}}}\n",
        odd.replace('\u{1b}', "\\e"),
        "n\u{202e}x",
    );
    fs::write(place.at("deck/talk.yaml"), outline).unwrap();
    fs::write(place.at("deck/a\u{202e}b"), "x").unwrap();
    let greenroom = cargo_bin("greenroom");
    let talk = "talk\u{202e}x";
    let plain = |program: &Path, args: &[&str]| {
        let output = place.run(program, args);
        for text in [out(&output), err(&output)] {
            let bad = text.chars().find(|c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{1b}'));
            assert_eq!(bad, None, "{args:?}: {text:?}");
        }
        output
    };
    let packed = plain(&greenroom, &["pack", "deck", "-o", talk]);
    assert!(packed.status.success(), "{}", err(&packed));
    let talk = place.at(talk);
    assert!(plain(&talk, &["--about"]).status.success());
    assert!(plain(&talk, &["unpack", "u\u{202e}v"]).status.success());
    plain(&talk, &["unpack", "u\u{202e}v"]);
    plain(&greenroom, &["pack", "deck", "-o", "no\u{202e}/talk"]);
    plain(&greenroom, &["pack", "none\u{202e}", "-o", "t"]);
    // Names that cannot be packed, and those that are too many of one.
    fs::write(place.at("deck/A\u{202e}b"), "x").unwrap();
    let refused = plain(&greenroom, &["pack", "deck", "-o", "t"]);
    assert!(err(&refused).contains("upper and lower case"), "{}", err(&refused));
    fs::rename(place.at("deck/A\u{202e}b"), place.at("deck/c\u{202e}\\")).unwrap();
    let refused = plain(&greenroom, &["pack", "deck", "-o", "t"]);
    assert!(err(&refused).contains("rename it"), "{}", err(&refused));
    // And a manifest that no outline was the source of.
    fs::remove_file(place.at("deck/c\u{202e}\\")).unwrap();
    let forged = forge(&place, |it| it["greenroom"] = "0\u{202e}1".into());
    assert!(plain(&forged, &["--about"]).status.success());
}

#[test]
fn nothing_is_left_behind_when_a_deck_cannot_be_packed() {
    let place = Place::new();
    let greenroom = cargo_bin("greenroom");
    let fails = |args: &[&str], what: &str| {
        let output = place.run(&greenroom, args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(err(&output).contains(what), "{args:?}: {}", err(&output));
        let mut names: Vec<String> = fs::read_dir(place.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["deck"], "{args:?}");
    };
    fails(&["pack", "deck", "-o", "/proc/talk"], "cannot be written");
    fails(&["pack", "nothing", "-o", "talk"], "no deck");
    // The largest file that the process may write stands for a disk without room.
    let small = format!("trap '' XFSZ; ulimit -f 100; exec {} pack deck -o talk", greenroom.display());
    let output = place.run(Path::new("/bin/sh"), &["-c", &small]);
    assert!(!output.status.success() && err(&output).contains("talk cannot be written"), "{}", err(&output));
    assert!(!place.at("talk").exists() && fs::read_dir(place.folder.path()).unwrap().count() == 1);
    fs::write(place.at("deck/one.md"), "# A\n\n![gone](gone.png)\n").unwrap();
    fails(&["pack", "deck", "-o", "talk"], "gone.png");
    fs::remove_file(place.at("deck/one.md")).unwrap();
    fails(&["pack", "deck", "-o", "talk"], "one.md");
}

#[test]
fn a_single_file_takes_along_what_it_uses_and_nothing_else() {
    let place = Place::new();
    fs::write(place.at("deck/code.py"), "print(1)\n").unwrap();
    fs::write(place.at("deck/tax.pdf"), "private").unwrap();
    let text = "# A\n\n```python file=code.py\n```\n\n```pane\ncommand: [./demos/run]\ntape: d.cast\n```\n";
    fs::write(place.at("deck/slides.md"), text).unwrap();
    let output = place.run(&cargo_bin("greenroom"), &["pack", "deck/slides.md", "-o", "talk"]);
    assert!(output.status.success(), "{}", err(&output));
    assert!(place.run(&place.at("talk"), &["unpack", "out"]).status.success());
    let mut names: Vec<String> = fs::read_dir(place.at("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["code.py", "d.cast", "demos", "slides.md"]);
    let mode = fs::metadata(place.at("out/demos/run")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}

#[test]
fn a_new_deck_is_without_fault_and_can_be_packed() {
    let place = Place::new();
    let greenroom = cargo_bin("greenroom");
    assert!(place.run(&greenroom, &["new", "mine"]).status.success());
    let checked = place.run(&greenroom, &["check", "mine", "--size", "80x24", "--size", "120x34"]);
    assert!(out(&checked).contains("0 errors, 0 warnings"), "{}", out(&checked));
    assert!(out(&place.run(&greenroom, &["export", "mine", "--text"])).contains("■ recording"));
    let packed = place.run(&greenroom, &["pack", "mine", "-o", "talk"]);
    assert_eq!((packed.status.code(), err(&packed).as_str()), (Some(0), ""));
    let again = place.run(&greenroom, &["new", "mine"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(err(&again).contains("mine is there already"), "{}", err(&again));
}

#[test]
fn a_packed_talk_plays_tapes_and_asks_before_it_runs_anything() {
    let Some(terminal) = Terminal::open("packed") else { return };
    let place = Place::new();
    let talk = place.packed();
    // Nothing but the packed file is left.
    fs::remove_dir_all(place.at("deck")).unwrap();
    let home = place.folder.path().display();
    terminal.run(&format!("env -u XDG_DATA_HOME -u XDG_CACHE_HOME HOME={home} {} --slide 3", talk.display()));
    terminal.shows("from the tape");
    terminal.shows("recording");
    assert!(!place.at("ran").exists());
    terminal.tmux(&["send-keys", "x"]);
    terminal.shows("Run these commands?");
    terminal.shows("$ ./demos/run");
    assert!(!place.at("ran").exists());
    terminal.tmux(&["send-keys", "y"]);
    terminal.shows("exit 0");
    assert!(place.at("ran").exists());
}

#[test]
fn a_talk_for_another_machine_is_packed_into_its_program() {
    let place = Place::new();
    let greenroom = cargo_bin("greenroom");
    let program = greenroom.to_str().unwrap();
    // The machine that is at hand stands for others: what comes out can be run.
    let packed = place.run(&greenroom, &["pack", "deck", "--for", program, "-o", "other"]);
    assert!(packed.status.success(), "{}", err(&packed));
    assert!(fs::read(place.packed()).unwrap() == fs::read(place.at("other")).unwrap(), "not the same bytes");
    assert!(out(&place.run(&place.at("other"), &["--about"])).contains("packed, 4 files"));
    fs::write(place.at("script"), "#!/bin/sh\n").unwrap();
    let cases = [
        ("other", "packed into it already"),
        ("script", "unknown kind"),
        ("/bin/sh", "no Greenroom"),
        ("deck", "not a file"),
    ];
    for (program, reason) in cases {
        let refused = place.run(&greenroom, &["pack", "deck", "--for", program, "-o", "no"]);
        assert_eq!(refused.status.code(), Some(1), "{program}");
        assert!(
            err(&refused).contains(reason) && err(&refused).contains(program),
            "{program}: {}",
            err(&refused)
        );
        assert!(!place.at("no").exists());
    }
}
