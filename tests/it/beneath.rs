//! What `record`, `rehearse --suggest` and demos do to files when a stranger's deck has links in it (H4).

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

use crate::support::needs::skip_optional;

const TAPE: &str = "{\"version\":2,\"width\":80,\"height\":24}\n[0.1,\"o\",\"old\"]\n";

/// A deck, and beside it what is the person's own.
struct Room {
    outer: TempDir,
    deck: PathBuf,
}

impl Room {
    /// `demo` are lines of YAML.
    fn new(demo: &str) -> Self {
        let outer = TempDir::new().unwrap();
        let deck = outer.path().join("deck");
        fs::create_dir_all(deck.join("rec")).unwrap();
        fs::create_dir(outer.path().join("own")).unwrap();
        fs::write(outer.path().join("own/rc"), "mine\n").unwrap();
        fs::write(deck.join("slides.md"), "# One\n").unwrap();
        let outline =
            format!("title: t\nsections: [{{file: slides.md}}]\ndemos:\n  x:\n    command: [pwd]\n{demo}");
        fs::write(deck.join("talk.yaml"), outline).unwrap();
        Self { outer, deck }
    }

    fn own(&self) -> PathBuf {
        self.outer.path().join("own")
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(cargo_bin("greenroom"))
            .args(args)
            .arg(&self.deck)
            .env("HOME", self.outer.path().join("home"))
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CACHE_HOME")
            .output()
            .unwrap()
    }

    fn record(&self, args: &[&str]) -> (bool, String) {
        let output = self.run(&[&["record", "--yes", "x"], args].concat());
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Nothing of the person's has changed, and nothing unfinished is left.
    fn is_unharmed(&self) {
        assert_eq!(fs::read_to_string(self.own().join("rc")).unwrap(), "mine\n");
        assert_eq!(names(&self.own()), ["rc"]);
        for folder in [self.deck.clone(), self.deck.join("rec"), self.outer.path().to_owned()] {
            let left: Vec<String> =
                names(&folder).into_iter().filter(|name| name.starts_with(".greenroom")).collect();
            assert!(left.is_empty(), "{left:?} in {}", folder.display());
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn h4_a_link_named_part_leads_nowhere() {
    let room = Room::new("    tape: rec/x.cast\n");
    symlink(room.own().join("rc"), room.deck.join("rec/x.cast.part")).unwrap();
    let (good, said) = room.record(&[]);
    assert!(good, "{said}");
    room.is_unharmed();
    assert!(fs::read_to_string(room.deck.join("rec/x.cast")).unwrap().contains("deck"));
    let out = room.outer.path().join("o.cast");
    symlink(room.own().join("rc"), room.outer.path().join("o.cast.part")).unwrap();
    let (good, said) = room.record(&["-o", out.to_str().unwrap()]);
    assert!(good && out.is_file(), "{said}");
    room.is_unharmed();
}

#[test]
fn h4_a_file_that_is_named_by_a_slip_stays() {
    let room = Room::new("");
    for file in ["slides.md", "talk.yaml"] {
        let path = room.deck.join(file);
        let before = fs::read(&path).unwrap();
        let (good, said) = room.record(&["-o", path.to_str().unwrap()]);
        assert!(!good && said.contains("is no recording"), "{file}: {said}");
        assert_eq!(fs::read(&path).unwrap(), before);
        room.is_unharmed();
    }
    let out = room.outer.path().join("o.cast");
    fs::write(&out, TAPE).unwrap();
    let (good, said) = room.record(&["-o", out.to_str().unwrap()]);
    assert!(good && fs::read_to_string(&out).unwrap().contains("deck"), "{said}");
}

#[test]
fn c2_no_folder_that_stays_is_open_to_others_whatever_the_mask() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new("    tape: rec/x.cast\n");
    let home = room.outer.path().join("home");
    // One that was made long ago, with another mask.
    let open = home.join(".cache/greenroom");
    fs::create_dir_all(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    let output = Command::new("sh")
        .args(["-c", "umask 000; \"$0\" record --yes x \"$1\" && \"$0\" doctor \"$1\" >/dev/null; :"])
        .args([cargo_bin("greenroom"), room.deck.clone()])
        .env("HOME", &home)
        .envs([("XDG_DATA_HOME", ""), ("XDG_CACHE_HOME", ""), ("XDG_STATE_HOME", "")])
        .output()
        .unwrap();
    assert!(room.deck.join("rec/x.cast").is_file(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut waiting = vec![home.join(".cache/greenroom")];
    while let Some(folder) = waiting.pop() {
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o022, 0, "{} {mode:o}", folder.display());
        let inside = fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path());
        waiting.extend(inside.filter(|path| path.is_dir()));
    }
}

#[test]
fn h4_no_folder_is_made_or_written_outside() {
    for tape in ["out/x.cast", "out/new/x.cast", "rec/../out/x.cast"] {
        let room = Room::new(&format!("    tape: {tape}\n"));
        symlink(room.own(), room.deck.join("out")).unwrap();
        let (good, said) = room.record(&[]);
        assert!(!good && said.contains("is a link"), "{tape}: {said}");
        room.is_unharmed();
    }
}

#[test]
fn h4_nothing_but_a_recording_is_recorded_over() {
    for tape in ["talk.yaml", "slides.md", "rec/link.cast", "rec"] {
        let room = Room::new(&format!("    tape: {tape}\n"));
        symlink(room.own().join("rc"), room.deck.join("rec/link.cast")).unwrap();
        let before = fs::read(room.deck.join("talk.yaml")).unwrap();
        let (good, said) = room.record(&[]);
        assert!(!good && said.contains("is no recording"), "{tape}: {said}");
        assert_eq!(fs::read(room.deck.join("talk.yaml")).unwrap(), before);
        room.is_unharmed();
        let checked = room.run(&["check"]);
        assert_eq!(checked.status.code(), Some(1), "{tape}: {}", String::from_utf8_lossy(&checked.stdout));
    }
}

#[test]
fn h4_a_directory_does_not_leave_the_deck() {
    for directory in ["sub", "rec/up/own", "../own"] {
        let room = Room::new(&format!("    directory: {directory}\n    tape: rec/x.cast\n"));
        symlink(room.own(), room.deck.join("sub")).unwrap();
        symlink("../..", room.deck.join("rec/up")).unwrap();
        fs::write(room.deck.join("rec/x.cast"), TAPE).unwrap();
        let (good, said) = room.record(&[]);
        let tape = fs::read_to_string(room.deck.join("rec/x.cast")).unwrap();
        if directory.starts_with("..") {
            // It is an error of the deck already, and the demo runs where the deck is.
            assert!(!tape.contains("own"), "{tape}");
        } else {
            assert!(!good && said.contains("out of the deck folder"), "{directory}: {said}");
            assert_eq!(tape, TAPE, "{directory}");
        }
        room.is_unharmed();
    }
    let inside = Room::new("    directory: link\n    tape: rec/x.cast\n");
    symlink("rec", inside.deck.join("link")).unwrap();
    let (good, said) = inside.record(&[]);
    assert!(good, "{said}");
}

#[test]
fn h4_an_earlier_recording_outlives_a_run_that_could_not_start() {
    let room = Room::new("    tape: rec/x.cast\n");
    let outline = fs::read_to_string(room.deck.join("talk.yaml")).unwrap();
    fs::write(room.deck.join("talk.yaml"), outline.replace("[pwd]", "[greenroom-has-no-such-program]"))
        .unwrap();
    fs::write(room.deck.join("rec/x.cast"), TAPE).unwrap();
    let (good, said) = room.record(&[]);
    assert!(!good, "{said}");
    assert_eq!(fs::read_to_string(room.deck.join("rec/x.cast")).unwrap(), TAPE);
    room.is_unharmed();
}

/// A disk of 256 KiB, which goes away with this.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: PathBuf) -> Option<Self> {
        let mounted = rustix::process::geteuid().is_root()
            && Command::new("mount")
                .args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"])
                .arg(&at)
                .status()
                .is_ok_and(|status| status.success());
        if mounted {
            return Some(Self(at));
        }
        skip_optional("root, to mount a small disk");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn h4_a_disk_that_fills_keeps_the_earlier_recording() {
    let room = Room::new("    tape: rec/x.cast\n");
    let outline = fs::read_to_string(room.deck.join("talk.yaml")).unwrap();
    let flood = "[sh, -c, \"head -c 4000000 /dev/urandom | base64\"]";
    fs::write(room.deck.join("talk.yaml"), outline.replace("[pwd]", flood)).unwrap();
    let Some(_disk) = SmallDisk::mount(room.deck.join("rec")) else { return };
    fs::write(room.deck.join("rec/x.cast"), TAPE).unwrap();
    let (good, said) = room.record(&[]);
    assert!(!good && said.contains("No space left"), "{said}");
    assert_eq!(fs::read_to_string(room.deck.join("rec/x.cast")).unwrap(), TAPE);
    room.is_unharmed();
}

#[test]
fn h4_minutes_are_not_written_through_a_link() {
    let room = Room::new("    tape: rec/x.cast\n");
    fs::rename(room.deck.join("talk.yaml"), room.own().join("yaml")).unwrap();
    symlink("../own/yaml", room.deck.join("talk.yaml")).unwrap();
    let before = fs::read(room.own().join("yaml")).unwrap();
    let output = room.run(&["rehearse", "--suggest"]);
    assert!(!output.status.success());
    assert_eq!(fs::read(room.own().join("yaml")).unwrap(), before);
}
