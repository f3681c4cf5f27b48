//! Any change is noticed, and no folder holds the look up.

use super::*;
use crate::order::Limits;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

fn look_within(folder: &Path, limits: Limits, copy: Option<&Path>) -> Survey {
    let (without, stop) = (BTreeSet::new(), AtomicBool::new(false));
    survey(&order(folder, limits, &without, &stop), copy).unwrap()
}

fn order<'a>(
    folder: &'a Path,
    limits: Limits,
    without: &'a BTreeSet<Vec<u8>>,
    stop: &'a AtomicBool,
) -> SurveyRequest<'a> {
    let beyond = crate::beyond::LIMITS;
    SurveyRequest { folder, limits, beyond, without, own: &[], copied: true, stop }
}

fn look(folder: &Path) -> Survey {
    look_within(folder, Limits::default(), None)
}

fn partial(folder: &Path, limits: Limits) -> String {
    match look_within(folder, limits, None).doubt {
        Some(Uncertainty::Partial(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

/// Something in a small tree.
#[derive(Debug, Clone)]
enum Thing {
    File(Vec<u8>, u32),
    Folder,
    Link(Vec<u8>),
}

/// What happens to one of them.
#[derive(Debug, Clone)]
enum Change {
    Flip(usize, u8),
    Mode(u32),
    Rename(Vec<u8>),
    Repoint(Vec<u8>),
    BecomeLink,
    Add(Vec<u8>),
    Remove,
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"__pycache__".to_vec()),
        Just(b".git".to_vec()),
        Just(b"Makefile".to_vec()),
        Just(b"x.cast.part".to_vec()),
        proptest::collection::vec(any::<u8>(), 1..6),
    ]
    .prop_filter("a name", |name| {
        !name.iter().any(|byte| matches!(byte, 0 | b'/')) && !matches!(name.as_slice(), b"." | b"..")
    })
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        4 => (proptest::collection::vec(any::<u8>(), 0..50), 0_u32..0o1000)
            .prop_map(|(contents, mode)| Thing::File(contents, mode | 0o400)),
        2 => Just(Thing::Folder),
        1 => name().prop_map(Thing::Link),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), 1..=255_u8).prop_map(|(at, by)| Change::Flip(at, by)),
        (1_u32..0o400).prop_map(Change::Mode),
        name().prop_map(Change::Rename),
        name().prop_map(Change::Repoint),
        Just(Change::BecomeLink),
        name().prop_map(Change::Add),
        Just(Change::Remove),
    ]
}

/// Puts things into a folder, some of them into each other; what is there is not overwritten.
fn plant(root: &Path, things: &[(Vec<u8>, Thing, usize)]) -> Vec<PathBuf> {
    let (mut folders, mut planted) = (vec![root.to_owned()], Vec::new());
    for (name, thing, inside) in things {
        let path = folders[inside % folders.len()].join(OsStr::from_bytes(name));
        if path.symlink_metadata().is_ok() {
            continue;
        }
        match thing {
            Thing::File(contents, mode) => {
                fs::write(&path, contents).unwrap();
                fs::set_permissions(&path, Permissions::from_mode(*mode)).unwrap();
            }
            Thing::Folder => {
                fs::create_dir(&path).unwrap();
                folders.push(path.clone());
            }
            Thing::Link(target) => symlink(OsStr::from_bytes(target), &path).unwrap(),
        }
        planted.push(path);
    }
    planted
}

/// Changes the thing at `path`; says whether that was a change.
fn apply(path: &Path, change: &Change) -> bool {
    let about = path.symlink_metadata().unwrap();
    let folder = path.parent().unwrap();
    match change {
        Change::Flip(at, by) if about.is_file() => {
            let mut contents = fs::read(path).unwrap();
            let length = contents.len();
            match contents.get_mut(at % length.max(1)) {
                Some(byte) => *byte ^= by,
                None => contents.push(*by),
            }
            fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
            fs::write(path, contents).unwrap();
            fs::set_permissions(path, about.permissions()).unwrap();
            true
        }
        Change::Mode(bits) if !about.is_symlink() => {
            // Its owner still has to read it, in this test.
            let bits = if about.is_dir() { bits & 0o077 } else { *bits };
            let mode = (about.permissions().mode() & 0o7777) ^ bits;
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
            bits != 0
        }
        Change::Rename(name) | Change::Add(name)
            if folder.join(OsStr::from_bytes(name)).symlink_metadata().is_ok() =>
        {
            false
        }
        Change::Rename(name) => {
            fs::rename(path, folder.join(OsStr::from_bytes(name))).unwrap();
            true
        }
        Change::Add(name) => {
            fs::write(folder.join(OsStr::from_bytes(name)), "").unwrap();
            true
        }
        Change::Repoint(target) if about.is_symlink() => {
            let before = fs::read_link(path).unwrap();
            fs::remove_file(path).unwrap();
            symlink(OsStr::from_bytes(target), path).unwrap();
            before.as_os_str().as_bytes() != target
        }
        Change::BecomeLink if about.is_file() => {
            // The same contents, by another way.
            let hidden = folder.join("where it went to");
            fs::rename(path, hidden).unwrap();
            symlink("where it went to", path).unwrap();
            true
        }
        Change::Remove => {
            if about.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
            true
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// SECURITY H2: a change of any byte, mode, name or link under the folder is noticed, and nothing else is.
    #[test]
    fn any_change_under_the_folder_changes_the_manifest(
        things in proptest::collection::vec((name(), thing(), any::<usize>()), 1..12),
        which in any::<usize>(),
        change in change(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("deck");
        fs::create_dir(&root).unwrap();
        let planted = plant(&root, &things);
        let before = look(&root);
        prop_assert_eq!(&look(&root).manifest, &before.manifest);
        let copy = folder.path().join("copy");
        fs::create_dir(&copy).unwrap();
        let copied = look_within(&root, Limits::default(), Some(&copy));
        prop_assert_eq!(&copied.manifest, &before.manifest);
        if before.doubt.is_none() {
            prop_assert_eq!(&look(&copy).manifest, &before.manifest, "the copy is another");
        }
        let changed = apply(&planted[which % planted.len()], &change);
        let after = look(&root);
        prop_assert_eq!(after.manifest != before.manifest, changed, "{:?}", change);
        prop_assert_eq!(after.manifest.sum() != before.manifest.sum(), changed);
    }
}

#[test]
fn a_byte_deep_in_a_large_file_is_noticed() {
    use std::os::unix::fs::FileExt;
    let folder = tempfile::tempdir().unwrap();
    let file = File::create_new(folder.path().join("data")).unwrap();
    file.set_len(17 << 20).unwrap();
    let before = look(folder.path()).manifest;
    file.write_all_at(b"x", (16 << 20) + 7).unwrap();
    assert_ne!(look(folder.path()).manifest.sum(), before.sum());
}

#[test]
fn what_is_no_file_never_blocks_and_what_cannot_be_counted_is_said() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("deck");
    fs::create_dir(&folder).unwrap();
    let at = |name: &str| folder.join(name);
    let pipe = std::process::Command::new("mkfifo").arg(at("pipe")).status();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    symlink("loop", at("loop")).unwrap();
    symlink("b", at("a")).unwrap();
    symlink("a", at("b")).unwrap();
    symlink("..", at("up")).unwrap();
    let found = look(&folder);
    assert!(pipe.is_ok_and(|status| status.success()));
    assert_eq!(
        found.doubt,
        Some(Uncertainty::Unseen(
            "the link up leads out of it, to what is compared at each start but cannot be copied".to_owned()
        ))
    );
    for name in ["pipe", "socket", "loop", "a", "b", "up"] {
        assert!(found.manifest.has(name.as_bytes()), "{name}");
    }
    fs::remove_file(at("up")).unwrap();
    assert_eq!(look(&folder).doubt, None);
    fs::remove_file(at("pipe")).unwrap();
    assert_ne!(look(&folder).manifest.sum(), found.manifest.sum());
}

#[test]
fn a_folder_without_end_is_left_in_time_with_a_word() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..60 {
        fs::write(folder.path().join(number.to_string()), [b'x'; 100]).unwrap();
    }
    let limits = Limits::default();
    assert_eq!(
        partial(folder.path(), Limits { entries: 50, ..limits }),
        "it holds more than 50 files and folders"
    );
    assert!(
        partial(folder.path(), Limits { bytes: 5_000, ..limits }).starts_with("its files hold more than")
    );
    assert_eq!(
        partial(folder.path(), Limits { time: Duration::ZERO, ..limits }),
        "looking through it takes longer than 0 s"
    );
    let deep = folder.path().join(vec!["d"; 100].join("/"));
    fs::create_dir_all(deep).unwrap();
    assert_eq!(partial(folder.path(), limits), "it has more than 64 folders in folders");
    // A file that says that it is larger than any disk is not read at all.
    let file = File::create_new(folder.path().join("a")).unwrap();
    file.set_len(1 << 40).unwrap();
    assert_eq!(partial(folder.path(), limits), "its files hold more than 1024 MiB");
    let (without, stop) = (BTreeSet::new(), AtomicBool::new(true));
    let order = order(folder.path(), limits, &without, &stop);
    assert!(matches!(survey(&order, None), Err(SurveyError::Stopped)));
    let order = SurveyRequest { folder: &folder.path().join("gone"), ..order };
    assert!(survey(&order, None).unwrap_err().to_string().contains("is it still there?"));
}

/// A cache on a disk that takes `Demo.sh` and `demo.sh` for one name: whatever comes second finds the first.
#[test]
fn a_name_that_is_taken_in_the_copy_ends_the_copy_and_nothing_is_written_over() {
    let plant: [fn(&Path); 3] = [
        |deck| fs::write(deck.join("demo.sh"), "second").unwrap(),
        |deck| fs::create_dir(deck.join("demo.sh")).unwrap(),
        |deck| symlink("/etc/hostname", deck.join("demo.sh")).unwrap(),
    ];
    for plant in plant {
        let outer = tempfile::tempdir().unwrap();
        let (deck, copy) = (outer.path().join("deck"), outer.path().join("copy"));
        fs::create_dir(&deck).unwrap();
        fs::create_dir(&copy).unwrap();
        plant(&deck);
        fs::write(copy.join("demo.sh"), "first").unwrap();
        let (without, stop) = (BTreeSet::new(), AtomicBool::new(false));
        let made = survey(&order(&deck, Limits::default(), &without, &stop), Some(&copy));
        assert!(matches!(made, Err(SurveyError::Copy(_))), "{made:?}");
        assert_eq!(fs::read_to_string(copy.join("demo.sh")).unwrap(), "first");
    }
}
