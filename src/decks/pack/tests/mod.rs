//! Packs, as they are made and as they are changed by others.

mod judge;
mod linked;
mod programs;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::program::Program;
use super::read::{Footer, ProgramSums};
use super::write::pack_into;
use super::*;
use crate::decks::{Located, locate};
use greenroom_base::files::{FileError, Files, MemoryFiles};

fn mark() -> DeckMarker {
    DeckMarker::of_this_program()
}

/// As little of a program as can be packed.
fn program() -> Vec<u8> {
    [b"\x7fELF and so on ".as_slice(), mark().bytes(), b" and its end"].concat()
}

/// Where its mark is.
const MARK_AT: usize = 15;

/// Packs into `program`, as if it were this one.
fn pack_own(program: &[u8], order: PackRequest<'_>) -> Result<Packed, PackError> {
    pack_into(Program::own(program.to_vec(), mark())?, order)
}

/// What the packed program that is in `path` would find in itself, whose mark is at `mark_at`.
fn opened(path: &Path, mark_at: usize) -> Result<Pack, PackError> {
    let whole = fs::read(path).unwrap();
    let mark = DeckMarker::read(&whole, mark_at).ok_or(PackError::Truncated)?;
    let pack = Pack::open(File::open(path).unwrap(), mark.payload().ok_or(PackError::Truncated)?)?;
    pack.verify()?;
    Ok(pack)
}

fn pack_located(located: &Located, output: &Path, force: bool) -> Result<Packed, PackError> {
    let about = Manifest { title: "T".to_owned(), ..Manifest::default() };
    pack_own(&program(), PackRequest { located, names: None, about, output, force, program: None })
}

fn in_memory(files: MemoryFiles) -> Located {
    Located::without_folder(Arc::new(files), "talk.yaml")
}

/// A deck folder with one file, in a folder of its own.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let outer = tempfile::tempdir().unwrap();
    let deck = outer.path().join("deck");
    fs::create_dir_all(deck.join("demos")).unwrap();
    fs::write(deck.join("talk.yaml"), "title: T\n").unwrap();
    (outer, deck)
}

fn pack_folder(deck: &Path, output: &Path) -> Result<Packed, PackError> {
    pack_located(&locate(Some(deck)).unwrap(), output, true)
}

fn open(path: &Path) -> Result<Pack, PackError> {
    opened(path, MARK_AT)
}

/// The names that are left in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A stream of numbers that is the same each time (xorshift).
fn numbers(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    }
}

#[test]
fn this_program_holds_nothing_and_its_mark_is_in_its_file_once() {
    assert_eq!(mark().payload(), None);
    assert!(this_program().unwrap().is_none());
    let own = fs::read(std::env::current_exe().unwrap()).unwrap();
    assert_eq!(memchr::memmem::find_iter(&own, mark().name()).count(), 1);
}

#[test]
fn its_mark_names_its_version_and_the_built_in_talk() {
    assert_eq!(mark().version(), Some(env!("CARGO_PKG_VERSION")));
    let built_in = content(&crate::decks::built_in::BuiltIn).unwrap();
    assert_eq!(greenroom_base::hex::encode(mark().talk()), built_in);
}

#[test]
fn every_flipped_bit_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("talk");
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\n")
        .with("demos/run", "#!/bin/sh\necho x\n".repeat(100))
        .with("picture.png", (0..=255).collect::<Vec<u8>>());
    pack_located(&in_memory(files), &output, false).unwrap();
    open(&output).unwrap();
    let (whole, start) = (fs::read(&output).unwrap(), program().len());
    let damaged = folder.path().join("damaged");
    let mut number = numbers(7);
    let bits = whole.len() as u64 * 8;
    let own = 0..start as u64 * 8;
    let footer = (0..FOOTER as u64 * 8).map(|bit| bits - 1 - bit);
    for bit in own.chain(footer).chain((0..4000).map(|_| number(bits))) {
        let mut bytes = whole.clone();
        bytes[(bit / 8) as usize] ^= 1 << (bit % 8);
        fs::write(&damaged, bytes).unwrap();
        assert!(open(&damaged).is_err(), "bit {bit} of {bits}");
    }
    // Further into a program than one of its sums reaches.
    let long = [program(), vec![7; 200_000]].concat();
    let located = in_memory(MemoryFiles::new().with("talk.yaml", "title: T\n"));
    let about = Manifest::default();
    let order =
        PackRequest { located: &located, names: None, about, output: &damaged, force: true, program: None };
    pack_own(&long, order).unwrap();
    let verify = || opened(&damaged, MARK_AT);
    verify().unwrap();
    for at in [60_000, 65_535, 65_536, 131_072, 199_000, long.len() - 1] {
        let flip = |mask: u8| {
            let mut bytes = fs::read(&damaged).unwrap();
            bytes[at] ^= mask;
            fs::write(&damaged, bytes).unwrap();
        };
        flip(16);
        assert!(verify().is_err(), "byte {at} of a long program");
        flip(16);
    }
    for length in (0..whole.len()).rev().step_by(7) {
        fs::write(&damaged, &whole[..length]).unwrap();
        assert!(open(&damaged).is_err(), "cut to {length}");
    }
    fs::write(&damaged, [&whole[..], b"x"].concat()).unwrap();
    assert!(open(&damaged).is_err(), "one byte more");
}

#[test]
fn a_changed_mark_is_no_mark_without_a_payload() {
    // What it says of its program behind that is no part of the answer.
    for bit in 0..(DeckMarker::TALK - DeckMarker::NAME) * 8 {
        let mut mark = mark();
        mark.0[DeckMarker::NAME + bit / 8] ^= 1 << (bit % 8);
        assert!(mark.payload().is_some(), "bit {bit}");
        let mut packed = self::mark().packed(Place { at: 1 << 20, length: 1 << 10 });
        packed.0[DeckMarker::NAME + bit / 8] ^= 1 << (bit % 8);
        assert!(packed.payload().is_some(), "bit {bit}");
    }
}

#[test]
fn what_was_packed_comes_back_and_packs_to_the_same_bytes() {
    let (outer, deck) = folder();
    fs::write(deck.join("demos/run"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(deck.join("demos/run"), std::os::unix::fs::PermissionsExt::from_mode(0o750)).unwrap();
    fs::write(deck.join("empty"), "").unwrap();
    std::os::unix::fs::symlink("talk.yaml", deck.join("again.yaml")).unwrap();
    for left_out in [".env", ".git/config", "demos/__pycache__/a.pyc"] {
        fs::create_dir_all(deck.join(left_out).parent().unwrap()).unwrap();
        fs::write(deck.join(left_out), "secret").unwrap();
    }
    let (first, second) = (outer.path().join("first"), outer.path().join("second"));
    let packed = pack_folder(&deck, &first).unwrap();
    assert_eq!(packed.bytes, fs::metadata(&first).unwrap().len());
    let pack = open(&first).unwrap();
    assert_eq!(pack.list("").unwrap(), ["again.yaml", "demos/run", "empty", "talk.yaml"]);
    assert_eq!(pack.list("demos").unwrap(), ["demos/run"]);
    assert_eq!(pack.read("demos/../again.yaml", 99).unwrap(), "title: T\n");
    assert_eq!(pack.head("talk.yaml", 3).unwrap(), "tit");
    assert_eq!(pack.read("talk.yaml", 3), Err(FileError::TooLarge { size: 9, limit: 3 }));
    assert_eq!(pack.read("../talk.yaml", 9), Err(FileError::Outside));
    assert!(pack.is_executable("demos/run") && !pack.is_executable("talk.yaml"));
    assert_eq!(content(&pack).unwrap(), pack.manifest().content);
    let unpacked = outer.path().join("unpacked");
    assert_eq!(unpack(&pack, &unpacked).unwrap(), 4);
    pack_folder(&unpacked, &second).unwrap();
    assert!(fs::read(&first).unwrap() == fs::read(&second).unwrap(), "not the same bytes");
    assert!(matches!(unpack(&pack, &unpacked), Err(PackError::FolderExists(_))));
    // Packed again from where it is packed, as `./talk pack` does.
    let located = Located { files: Arc::new(pack), folder: None, ..locate(Some(&deck)).unwrap() };
    pack_located(&located, &second, true).unwrap();
    assert!(fs::read(&first).unwrap() == fs::read(&second).unwrap(), "not the same bytes");
}

#[test]
fn names_and_links_that_would_not_survive_are_refused() {
    let (outer, deck) = folder();
    let output = outer.path().join("talk");
    let says = |what: &str| {
        let error = pack_folder(&deck, &output).unwrap_err().to_string();
        assert!(error.contains(what), "{what}: {error}");
        assert_eq!(names(outer.path()), ["deck"]);
    };
    fs::write(deck.join("Talk.YAML"), "").unwrap();
    says("upper and lower case");
    fs::rename(deck.join("Talk.YAML"), deck.join("a\\b")).unwrap();
    says("rename it");
    fs::remove_file(deck.join("a\\b")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", deck.join("link")).unwrap();
    says("out of the deck folder");
    fs::remove_file(deck.join("link")).unwrap();
    std::os::unix::fs::symlink("nowhere", deck.join("link")).unwrap();
    says("link");
    fs::remove_file(deck.join("link")).unwrap();
    std::os::unix::fs::symlink("demos", deck.join("link")).unwrap();
    says("link to a folder");
    fs::remove_file(deck.join("link")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(deck.join("pipe")).status().unwrap().success());
    says("not a file");
}

#[test]
fn a_deck_of_half_a_gigabyte_is_refused_before_it_is_read() {
    let (outer, deck) = folder();
    for number in 0..5 {
        File::create(deck.join(format!("{number}.png"))).unwrap().set_len(100_000_000).unwrap();
    }
    let error = pack_folder(&deck, &outer.path().join("talk")).unwrap_err().to_string();
    assert!(error.contains("500.1 MB") && error.contains("4.png (100.0 MB)"), "{error}");
    assert_eq!(names(outer.path()), ["deck"]);
}

#[test]
fn an_output_that_is_there_stays_unless_it_may_be_replaced() {
    let (outer, deck) = folder();
    let located = locate(Some(&deck)).unwrap();
    let output = deck.join("talk");
    fs::write(&output, "mine").unwrap();
    assert!(matches!(pack_located(&located, &output, false), Err(PackError::Exists(_))));
    assert_eq!(fs::read_to_string(&output).unwrap(), "mine");
    let packed = pack_located(&located, &output, true).unwrap();
    let files: Vec<_> = packed.manifest.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(files, ["talk.yaml"], "without the talk itself");
    assert!(pack_located(&located, &deck.join("demos"), true).is_err(), "a folder");
    let nowhere = pack_located(&located, &outer.path().join("no/talk"), true).unwrap_err();
    assert!(nowhere.to_string().contains("cannot be written"), "{nowhere}");
    assert_eq!(names(&deck), ["demos", "talk", "talk.yaml"]);
}

#[test]
fn other_programs_are_told_apart() {
    let (outer, deck) = folder();
    let located = locate(Some(&deck)).unwrap();
    let output = outer.path().join("talk");
    let mut kinds = Vec::new();
    for program in [&b"MZ\x90\0"[..], b"\xcf\xfa\xed\xfe", b"#!/bin/sh", b"\x7fELF", b""] {
        let order = PackRequest {
            located: &located,
            names: None,
            about: Manifest::default(),
            output: &output,
            force: false,
            program: None,
        };
        kinds.push(pack_own(program, order).unwrap_err().to_string());
    }
    assert!(
        kinds[0].contains("PE") && kinds[1].contains("Mach-O") && kinds[2].contains("unknown"),
        "{kinds:?}"
    );
    assert!(kinds[3].contains("mark") && kinds[4].contains("unknown"), "{kinds:?}");
    assert_eq!(names(outer.path()), ["deck"]);
}

#[test]
fn no_manifest_leads_out_of_the_folder() {
    for path in
        ["../x", "/x", "a/../x", "a//b", "", "a\\b", "a\0b", "./a", ".hidden", "a/.b/c", "__pycache__/a.pyc"]
    {
        assert!(content::bad_name(path).is_some(), "{path:?}");
    }
    for path in ["a", "a/b.md", "ä ö", "a.b", "a/b..c"] {
        assert!(content::bad_name(path).is_none(), "{path:?}");
    }
}

#[test]
fn only_what_was_read_belongs_to_a_single_file() {
    let files = MemoryFiles::new().with("a.md", "x").with("b.md", "x").with("c.md", "x");
    let traced = Traced::new(Arc::new(files));
    traced.read("a.md", 9).unwrap();
    traced.head("./b.md", 1).unwrap();
    traced.read("missing", 9).unwrap_err();
    traced.read("c.md", 0).unwrap_err();
    assert_eq!(traced.seen(), ["a.md", "b.md", "c.md"]);
}

#[test]
fn a_file_of_the_built_in_talk_is_not_kept_twice() {
    let (outer, deck) = folder();
    let same = crate::decks::built_in::BuiltIn.read("talk.yaml", u64::MAX).unwrap();
    fs::write(deck.join("talk.yaml"), &same).unwrap();
    fs::write(deck.join("README.md"), "another one").unwrap();
    let output = outer.path().join("talk");
    pack_folder(&deck, &output).unwrap();
    let pack = open(&output).unwrap();
    let held: Vec<_> = pack.manifest().files.iter().map(|entry| (&*entry.path, entry.built_in)).collect();
    assert_eq!(held, [("README.md", false), ("talk.yaml", true)]);
    assert_eq!(pack.read("talk.yaml", u64::MAX).unwrap(), same);
    assert_eq!(pack.head("talk.yaml", 5).unwrap(), same.slice(..5));
    assert_eq!(&pack.read("README.md", 100).unwrap()[..], b"another one");
    assert_eq!(pack.manifest().content, content(&pack).unwrap());
}

/// What somebody does to a manifest.
type Change<'a> = &'a dyn Fn(&mut serde_json::Value);

/// `whole`, with its manifest as `change` leaves it, in format `version` and with a checksum that fits all that.
fn forged(whole: &[u8], version: u32, change: Change<'_>) -> Vec<u8> {
    let (start, end) = (program().len(), whole.len() - FOOTER);
    let length = u32::from_le_bytes(whole[end + 8..end + 12].try_into().unwrap()) as usize;
    let mut manifest = serde_json::from_slice(&whole[end - length..end]).unwrap();
    change(&mut manifest);
    let manifest = serde_json::to_vec(&manifest).unwrap();
    let payload = [&whole[start..end - length], &manifest].concat();
    let size = u32::try_from(manifest.len()).unwrap();
    let mut footer = Footer { payload: payload.len() as u64, manifest: size, version, checksum: [0; 32] };
    let mut program = whole[..start].to_vec();
    let place = Place { at: start as u64, length: (payload.len() + FOOTER) as u64 };
    program[MARK_AT..MARK_AT + DeckMarker::LENGTH].copy_from_slice(mark().packed(place).bytes());
    let mut hash = Sha256::new();
    let sum = |hash: &mut Sha256| {
        let mut sums = ProgramSums::new(hash);
        sums.add(&program);
        sums.finish();
    };
    if version == 3 {
        sum(&mut hash);
    }
    hash.update(&payload);
    if version > 3 {
        sum(&mut hash);
    }
    hash.update(footer.head());
    footer.checksum = hash.finalize().into();
    [&program[..], &payload, &footer.to_bytes()].concat()
}

/// A packed deck of two files.
fn two_files() -> (tempfile::TempDir, PathBuf, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("talk");
    let files = MemoryFiles::new().with("a.md", "# A\n").with("talk.yaml", "title: T\n");
    pack_located(&in_memory(files), &output, false).unwrap();
    let whole = fs::read(&output).unwrap();
    (folder, output, whole)
}

#[test]
fn what_an_older_greenroom_packed_still_opens() {
    let (_folder, output, whole) = two_files();
    let old = forged(&whole, 2, &|_| {});
    fs::write(&output, &old).unwrap();
    let pack = open(&output).unwrap();
    assert_eq!(pack.read("a.md", 99).unwrap(), "# A\n");
    // Its checksum is without the program, as it was.
    let with = |at: usize| {
        let mut bytes = old.clone();
        bytes[at] ^= 1;
        fs::write(&output, bytes).unwrap();
        open(&output).map(drop)
    };
    with(5).unwrap();
    assert!(with(program().len() + 3).is_err());
    assert!(with(old.len() - FOOTER + 12).is_err(), "nor can a bit make a new one old, or an old one new");
    for version in [1, 5, 99] {
        fs::write(&output, forged(&whole, version, &|_| {})).unwrap();
        assert!(matches!(open(&output), Err(PackError::Damaged(_) | PackError::Version(_))), "{version}");
    }
    let error = open(&output).unwrap_err().to_string();
    assert!(error.contains("another greenroom (format 99)"), "{error}");
    // In format 3 the program's sums came before the payload.
    let old = forged(&whole, 3, &|_| {});
    fs::write(&output, &old).unwrap();
    assert_eq!(open(&output).unwrap().read("a.md", 99).unwrap(), "# A\n");
    for at in [5, program().len() + 3, old.len() - FOOTER + 12] {
        let mut bytes = old.clone();
        bytes[at] ^= 1;
        fs::write(&output, bytes).unwrap();
        assert!(open(&output).is_err(), "{at}");
    }
}

#[test]
fn l6_a_forged_manifest_unpacks_nothing_that_pack_would_not_have_written() {
    let (folder, output, whole) = two_files();
    fs::write(&output, forged(&whole, 4, &|_| {})).unwrap();
    open(&output).unwrap();
    let named = [
        ".git/hooks/x",
        "a/.git/hooks/x",
        ".bashrc",
        "a/.x/y",
        "/etc/x",
        "../x",
        "a/../../x",
        "a//b",
        "./a",
        "a/.",
        "",
        "a\\b",
        "a\0b",
        "a\nb",
        "a\u{1b}b",
        "__pycache__/x.pyc",
        "a/__pycache__/x.pyc",
        "talk.yaml",
        "Talk.YAML",
        "talk.yaml/x",
        "a/",
    ];
    for name in named {
        for version in [2, 3, 4] {
            fs::write(&output, forged(&whole, version, &|it| it["files"][0]["path"] = name.into())).unwrap();
            assert!(matches!(open(&output), Err(PackError::Damaged(_))), "{name:?} {version}");
        }
    }
    let other: [(&str, Change<'_>); 4] = [
        ("no such entry", &|it| it["entry"] = "../talk.yaml".into()),
        ("too long", &|it| it["files"][0]["packed"] = 1_000_000.into()),
        ("not its own", &|it| it["files"][0]["built_in"] = true.into()),
        ("not text", &|it| it["files"][0]["path"] = 7.into()),
    ];
    for (what, change) in other {
        fs::write(&output, forged(&whole, 4, change)).unwrap();
        assert!(matches!(open(&output), Err(PackError::Damaged(_))), "{what}");
    }
    // There is no such thing as a link: whatever is said of a file, a file it is.
    let link = |it: &mut serde_json::Value| {
        it["files"][0]["link"] = "/etc/passwd".into();
        it["files"][0]["mode"] = 0o120_777.into();
    };
    fs::write(&output, forged(&whole, 4, &link)).unwrap();
    let target = folder.path().join("unpacked");
    unpack(&open(&output).unwrap(), &target).unwrap();
    let about = fs::symlink_metadata(target.join("a.md")).unwrap();
    assert!(about.is_file() && fs::read(target.join("a.md")).unwrap() == b"# A\n");
}

#[test]
fn m5_a_content_hash_is_worked_out_and_never_believed() {
    let (_folder, output, whole) = two_files();
    let claims: [Change<'_>; 4] = [
        &|it| it["content"] = "00".into(),
        &|it| it["content"] = "".into(),
        &|it| it["files"][0]["path"] = "b.md".into(),
        &|it| it["files"][0]["executable"] = true.into(),
    ];
    for (index, claim) in claims.into_iter().enumerate() {
        fs::write(&output, forged(&whole, 4, claim)).unwrap();
        assert!(matches!(open(&output).unwrap().content(), Err(PackError::Damaged(_))), "{index}");
    }
    fs::write(&output, whole).unwrap();
    let pack = open(&output).unwrap();
    assert_eq!(pack.content().unwrap(), pack.manifest().content);
}
