//! What a person agreed to, and what runs then: the whole folder counts, and a copy of exactly that runs.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::agreed::{Place, Session, run};
use crate::support::stage::PATIENCE;
use greenroom::decks::pack::{self, Pack};
use greenroom::decks::{Located, locate};
use greenroom::open;
use greenroom::runner::{RunError, Runner};
use greenroom_consent::Refusal;
use greenroom_deck::launch::Asked;
use greenroom_system::pty::Launcher;
use tokio::sync::Notify;

/// Something that happens to a deck, and the path that the next question names.
type Change = (&'static str, fn(&Place), &'static str);

/// A deck in which a command reaches files by every way there is.
fn reaching() -> Place {
    let place = Place::new(concat!(
        "  a: {command: [sh, start.sh], tape: demos/lib.sh, env: {PATH: 'bin:/usr/bin:/bin', PYTHONPATH: .}}\n",
        "  b: {command: [make]}\n",
        "  c: {command: [python3, -m, mod]}\n",
        "  d: {command: [sh, -c, ./x.sh]}\n",
        "  e: {command: [tool, --file=settings]}\n",
        "  f: {kind: bench, scenario: bench.yaml}\n",
    ));
    let scenario = "path: /\nvariants:\n- {name: x, command: [sh, -c, '. site/app.sh', '{port}']}\n\
                    - {name: y, command: [sh, site/app.sh, '{port}']}\n";
    for (path, text) in [
        ("start.sh", ". ./helper"),
        ("helper", "echo"),
        ("Makefile", "all:"),
        ("mod.py", "1"),
        ("x.sh", "echo"),
        (".venv/bin/python", "x"),
        ("bin/tool", "x"),
        ("sitecustomize.py", "1"),
        ("settings", "x"),
        (".config/app/rc", "x"),
        ("demos/lib.sh", "x"),
        ("demos/__pycache__/lib.cpython-314.pyc", "x"),
        ("bench.yaml", scenario),
        ("site/app.sh", "x"),
        ("one/f", "1"),
        ("two/f", "2"),
    ] {
        place.write(path, text);
    }
    File::create(place.at("data.bin")).unwrap().set_len(17 << 20).unwrap();
    symlink("settings", place.at("link")).unwrap();
    symlink("one", place.at("folder-link")).unwrap();
    place
}

fn repoint(place: &Place, path: &str, target: &str) {
    fs::remove_file(place.at(path)).unwrap();
    symlink(target, place.at(path)).unwrap();
}

const CHANGES: &[Change] = &[
    ("a file at the root that a script sources", |place| place.write("helper", "evil"), "helper"),
    ("the Makefile of make", |place| place.write("Makefile", "all: evil"), "Makefile"),
    ("the module of python -m", |place| place.write("mod.py", "2"), "mod.py"),
    ("a script in the words of sh -c", |place| place.write("x.sh", "evil"), "x.sh"),
    ("a program in .venv", |place| place.write(".venv/bin/python", "y"), ".venv/bin/python"),
    ("a program in a bin of PATH", |place| place.write("bin/tool", "y"), "bin/tool"),
    ("a new program in a bin of PATH", |place| place.write("bin/make", "y"), "bin/make"),
    ("sitecustomize.py on PYTHONPATH", |place| place.write("sitecustomize.py", "2"), "sitecustomize.py"),
    ("the file of --file=", |place| place.write("settings", "y"), "settings"),
    ("a hidden folder", |place| place.write(".config/app/rc", "y"), ".config/app/rc"),
    ("a link to a file, re-pointed", |place| repoint(place, "link", "helper"), "link"),
    ("a link to a folder, re-pointed", |place| repoint(place, "folder-link", "two"), "folder-link"),
    ("a link, re-pointed out of the deck", |place| repoint(place, "link", "/tmp/elsewhere"), "link"),
    (
        "a file that becomes a link to the same",
        |place| {
            fs::rename(place.at("x.sh"), place.at("y.sh")).unwrap();
            symlink("y.sh", place.at("x.sh")).unwrap();
        },
        "x.sh",
    ),
    ("a script that a demo calls its tape", |place| place.write("demos/lib.sh", "y"), "demos/lib.sh"),
    ("the name of a tape with .part", |place| place.write("demos/lib.sh.part", "y"), "demos/lib.sh.part"),
    (
        "compiled code in __pycache__",
        |place| place.write("demos/__pycache__/lib.cpython-314.pyc", "y"),
        "demos/__pycache__/lib.cpython-314.pyc",
    ),
    (
        "a byte behind the first MiB of 17",
        |place| {
            let file = File::options().write(true).open(place.at("data.bin")).unwrap();
            file.write_all_at(b"x", (1 << 20) + 5).unwrap();
        },
        "data.bin",
    ),
    (
        "a name that is no UTF-8",
        |place| fs::write(place.at("demos").join(OsStr::from_bytes(b"\xff.sh")), "x").unwrap(),
        "demos/\\xff.sh",
    ),
    ("what a scenario at the root sources", |place| place.write("site/app.sh", "y"), "site/app.sh"),
    ("a mode", |place| fs::set_permissions(place.at("x.sh"), Permissions::from_mode(0o755)).unwrap(), "x.sh"),
    ("a file that goes", |place| fs::remove_file(place.at("helper")).unwrap(), "helper"),
    ("what nothing seems to run", |place| place.write("s.md", "# Other\n"), "s.md"),
];

#[test]
fn h2_every_kind_of_change_asks_again_and_is_named() {
    let place = reaching();
    let whole = place.folder.path().join("whole");
    let copy = |from: &Path, to: &Path| {
        assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
    };
    copy(&place.at(""), &whole);
    place.session().agree();
    for (what, change, named) in CHANGES {
        assert!(place.session().runner.is_agreed(&place.session().deck), "before: {what}");
        change(&place);
        let session = place.session();
        let asked = session.asks();
        assert!(asked.changed.iter().any(|path| path == named), "{what}: {:?}", asked.changed);
        let refused = session.spec("a");
        assert!(matches!(refused, Err(RunError::Refused(Refusal::Ask(_)))), "{what}: {refused:?}");
        fs::remove_dir_all(place.at("")).unwrap();
        copy(&whole, &place.at(""));
    }
}

#[test]
fn h2_a_link_out_of_the_deck_is_asked_for_each_session_and_says_why() {
    let place = Place::new("  a: {command: [sh, outside/run.sh]}");
    fs::create_dir(place.folder.path().join("other")).unwrap();
    fs::write(place.folder.path().join("other/run.sh"), "echo ran").unwrap();
    symlink("../other", place.at("outside")).unwrap();
    let first = place.session();
    let asked = first.asks();
    let reason = asked.each_session.clone().unwrap();
    assert!(reason.contains("the link outside leads out of it"), "{reason}");
    first.runner.agree_to(&asked).unwrap();
    assert_eq!(first.run("a"), "ran\n", "a link out of the deck leads where it led");
    assert!(place.session().runner.asks(&first.deck).unwrap().is_some(), "only that session");
    // To what belongs to the system a link may lead, as the deck may name it.
    fs::remove_file(place.at("outside")).unwrap();
    symlink("/usr/bin/env", place.at("outside")).unwrap();
    assert_eq!(place.session().asks().each_session, None);
}

#[test]
fn m6_a_yes_is_one_to_what_was_asked_and_to_nothing_newer() {
    let place = Place::new("  a: {command: [sh, x.sh]}");
    place.write("x.sh", "echo good");
    let session = place.session();
    let asked = session.asks();
    place.write("x.sh", "echo evil");
    session.runner.agree_to(&asked).unwrap();
    assert_eq!(session.asks().changed, ["x.sh"]);
    place.write("x.sh", "echo good");
    assert_eq!(session.run("a"), "good\n");
    // What nobody was asked about cannot be agreed to.
    let forged = Asked { fingerprint: "0".repeat(64), ..asked };
    session.runner.agree_to(&forged).unwrap();
    place.write("x.sh", "echo evil");
    assert!(!session.runner.is_agreed(&session.deck));
}

/// Swaps something all the time, and starts the demo all the time: what runs is what was agreed to.
fn swapped_while_starting(place: &Place, swap: impl Fn(bool) + Send + 'static) {
    let session = place.session();
    session.agree();
    let (over, swaps) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let thread = {
        let (over, swaps) = (Arc::clone(&over), Arc::clone(&swaps));
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                swap(swaps.fetch_add(1, Ordering::Relaxed) % 2 == 0);
                std::thread::sleep(Duration::from_millis(2));
            }
        })
    };
    let (mut ran, mut refused, end) = (0, 0, Instant::now() + Duration::from_secs(20));
    // A session that has a copy already, and one that makes it in the middle of all this.
    let mut current = session;
    while (ran < 60 || refused < 10) && Instant::now() < end {
        match current.spec("a") {
            Ok(spec) => {
                assert_eq!(run(&spec), "good\n");
                ran += 1;
            }
            Err(RunError::Refused(Refusal::Ask(_))) => refused += 1,
            Err(error) => panic!("{error}"),
        }
        if (ran + refused) % 5 == 0 {
            current = place.session();
        }
    }
    over.store(true, Ordering::Relaxed);
    thread.join().unwrap();
    assert!(ran > 0 && swaps.load(Ordering::Relaxed) > 0, "{ran} ran, {refused} refused");
}

#[test]
fn m6_no_swap_of_a_script_wins() {
    let place = Place::new("  a: {command: [sh, x.sh]}");
    place.write("x.sh", "echo good");
    let (at, new) = (place.at("x.sh"), place.folder.path().join("new"));
    swapped_while_starting(&place, move |evil| {
        fs::write(&new, if evil { "echo evil" } else { "echo good" }).unwrap();
        fs::rename(&new, &at).unwrap();
    });
}

#[test]
fn m6_no_swap_of_a_folder_or_a_link_wins() {
    let place = Place::new("  a: {command: [sh, code/link]}");
    place.write("code/x.sh", "echo good");
    place.write("code/y.sh", "echo evil");
    symlink("x.sh", place.at("code/link")).unwrap();
    let outside = place.folder.path().join("evil");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("link"), "echo evil").unwrap();
    let (code, aside, link) = (place.at("code"), place.folder.path().join("aside"), place.at("code/link"));
    let mut turn = 0;
    let turns = std::sync::Mutex::new(move || {
        turn += 1;
        turn
    });
    swapped_while_starting(&place, move |evil| {
        let turn = (turns.lock().unwrap())();
        if turn % 4 < 2 {
            // The folder becomes a link out of the deck, and a folder again.
            if evil {
                fs::rename(&code, &aside).unwrap();
                symlink(&outside, &code).unwrap();
            } else {
                let _ = fs::remove_file(&code);
                let _ = fs::rename(&aside, &code);
            }
        } else {
            let _ = fs::remove_file(&link);
            let _ = symlink(if evil { "y.sh" } else { "x.sh" }, &link);
        }
    });
}

#[test]
fn demos_run_in_a_copy_that_ends_with_the_session() {
    let place = Place::new(
        "  a: {command: [sh, -c, 'pwd; echo $GREENROOM_DECK; cat made 2>&1; echo x > made; ls -l run']}\n  \
           b: {command: [./run], directory: sub}",
    );
    place.write("run", "#!/bin/sh\n");
    place.write("sub/run", "#!/bin/sh\necho sub");
    for run in ["run", "sub/run"] {
        fs::set_permissions(place.at(run), Permissions::from_mode(0o750)).unwrap();
    }
    let session = place.session();
    session.agree();
    let said = session.run("a");
    let lines: Vec<&str> = said.lines().collect();
    let copy = PathBuf::from(lines[0]);
    assert!(copy.ends_with("deck") && !copy.starts_with(place.at("")), "{said}");
    assert_eq!(Path::new(lines[1]), place.at("").canonicalize().unwrap());
    assert!(said.contains("-rwxr-x---"), "{said}");
    assert!(!place.at("made").exists() && copy.join("made").exists());
    assert_eq!(session.run("b"), "sub\n");
    // It is the same copy as long as the folder is the same, and what a demo left in it stays there.
    assert!(session.run("a").lines().any(|line| line == "x"));
    assert!(
        session.runner.is_agreed(&session.deck),
        "what a demo writes into its copy is no change of the deck"
    );
    let private = copy.parent().and_then(Path::parent).unwrap();
    assert_eq!(fs::metadata(private).unwrap().permissions().mode() & 0o777, 0o700);
    session.runner.end();
    assert_eq!(place.cached(), Vec::<String>::new());
    assert!(session.spec("a").is_err(), "nothing starts when the talk is over");
}

const ONE: &[u8] = b"{\"version\":3,\"term\":{\"cols\":40,\"rows\":5}}\n";
const MORE: &[u8] = b"{\"version\":3,\"term\":{\"cols\":50,\"rows\":5}}\n";

/// Waits for the recorder.
fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < end, "{what} is never written");
        std::thread::yield_now();
    }
}

#[test]
fn a_recording_of_greenrooms_own_does_not_ask_and_any_other_change_does() {
    let place = Place::new("  a: {command: [sh, x.sh], tape: rec/new/a.cast}");
    place.write("x.sh", "echo good");
    let session = place.session();
    session.agree();
    session.run("a");
    let record = |session: &Session, text: &[u8]| {
        let (half, rest) = text.split_at(text.len() / 2);
        let mut tape = session.runner.record("rec/new/a.cast");
        assert!(tape.write(|| half.to_vec()));
        let parts = || {
            let files = fs::read_dir(place.at("rec/new")).into_iter().flatten().flatten();
            let part =
                files.map(|file| file.path()).find(|path| path.extension().is_some_and(|end| end == "part"));
            part.map(|path| fs::read(path).unwrap()).unwrap_or_default()
        };
        until("half of it", || {
            assert_eq!(tape.problem(), None);
            parts() == half
        });
        let (script, agreed) = (fs::read(place.at("x.sh")).unwrap(), session.runner.is_agreed(&session.deck));
        assert_eq!(agreed, script == b"echo good", "while it is written");
        assert!(tape.write(|| rest.to_vec()));
        let mut closed = tape.close(greenroom::talk::Ending::Replaces, Vec::new());
        until("all of it", || closed.outcome().is_some());
    };
    record(&session, ONE);
    assert_eq!(fs::read(place.at("rec/new/a.cast")).unwrap(), ONE);
    assert!(session.runner.is_agreed(&session.deck), "{:?}", session.runner.asks(&session.deck));
    assert!(place.session().runner.is_agreed(&session.deck), "in the next session as well");
    session.run("a");
    record(&session, MORE);
    assert!(session.runner.is_agreed(&session.deck));
    // One that is kept under another name, as Greenroom says.
    fs::rename(place.at("rec/new/a.cast"), place.at("rec/new/a.1.cast")).unwrap();
    assert_eq!(session.asks().changed, ["rec/new/a.1.cast", "rec/new/a.cast"]);
    session.runner.gate().renamed("rec/new/a.cast", "rec/new/a.1.cast");
    assert!(session.runner.is_agreed(&session.deck));
    fs::remove_file(place.at("rec/new/a.1.cast")).unwrap();
    session.runner.gate().removed("rec/new/a.1.cast");
    assert!(session.runner.is_agreed(&session.deck));
    // Somebody changes a script while a recording is made: that is not part of what Greenroom wrote.
    session.run("a");
    place.write("x.sh", "echo evil");
    record(&session, ONE);
    assert_eq!(session.asks().changed, ["x.sh"]);
    // Nor is a recording that somebody else put there.
    place.write("x.sh", "echo good");
    assert!(session.runner.is_agreed(&session.deck));
    place.write("rec/new/a.cast", "evil");
    assert_eq!(session.asks().changed, ["rec/new/a.cast"]);
}

#[test]
fn m5_what_lies_around_unpacked_is_never_run() {
    let cache = tempfile::tempdir().unwrap();
    let located = locate(None).unwrap();
    let deck = open::deck(&*located.files, &located.entry);
    let session = || {
        let launcher = Launcher::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom")));
        let runner = Runner::new(&located, launcher, Arc::new(Notify::new()), Instant::now());
        Session { runner: runner.remembering(cache.path()), deck: deck.clone() }
    };
    let demo = deck.demos().into_iter().find(|(_, demo)| !demo.command.is_empty() && demo.runtime.is_none());
    let Some((id, _)) = demo else { return };
    let first = session();
    let one = first.spec(&id).unwrap().env["GREENROOM_DECK"].clone();
    fs::write(Path::new(&one).join("talk.yaml"), "evil").unwrap();
    let second = session();
    let other = second.spec(&id).unwrap().env["GREENROOM_DECK"].clone();
    assert_ne!(one, other);
    assert_eq!(
        fs::read(Path::new(&other).join("talk.yaml")).unwrap(),
        located.files.read("talk.yaml", u64::MAX).unwrap()
    );
    assert_eq!(second.spec(&id).unwrap().env["GREENROOM_DECK"], other, "once for each session");
    first.runner.end();
    second.runner.end();
    assert!(!Path::new(&one).exists() && !Path::new(&other).exists());
}

#[test]
fn m5_what_lies_around_of_a_packed_talk_is_never_run() {
    let place = Place::new("  a: {command: [sh, ./x.sh]}");
    place.write("x.sh", "echo good");
    let (talk, greenroom) = (place.folder.path().join("talk"), Path::new(env!("CARGO_BIN_EXE_greenroom")));
    let packed = Command::new(greenroom).args(["pack", "-o"]).args([&talk, &place.at("")]).output().unwrap();
    assert!(packed.status.success(), "{packed:?}");
    let open_talk = || {
        // On Linux it stands behind the program.
        let (at, whole) = (fs::metadata(greenroom).unwrap().len(), fs::metadata(&talk).unwrap().len());
        Pack::open(File::open(&talk).unwrap(), pack::Place { at, length: whole - at }).unwrap()
    };
    let session = || {
        let pack = open_talk();
        let located = Located {
            entry: pack.manifest().entry.clone(),
            packed: Some(pack.checksum()),
            files: Arc::new(pack),
            folder: None,
            ..locate(None).unwrap()
        };
        let deck = open::deck(&*located.files, &located.entry);
        let launcher = Launcher::of(greenroom.to_owned());
        let runner = Runner::new(&located, launcher, Arc::new(Notify::new()), Instant::now());
        Session { runner: runner.remembering(place.folder.path()), deck }
    };
    let first = session();
    first.agree();
    assert_eq!(first.run("a"), "good\n");
    let folder = PathBuf::from(first.spec("a").unwrap().env["GREENROOM_DECK"].clone());
    first.runner.end();
    // Where the copy was, and where those were that an older version kept by the name of what they held.
    let cache = place.folder.path().join("cache/greenroom");
    let kept = open_talk();
    let old = [kept.checksum(), kept.manifest().content.clone()].map(|sum| format!("deck-{sum:.16}"));
    for lies in old.iter().map(|name| cache.join(name)).chain([folder.clone()]) {
        fs::create_dir_all(&lies).unwrap();
        fs::write(lies.join("x.sh"), "echo evil").unwrap();
        fs::write(lies.join("talk.yaml"), "evil").unwrap();
    }
    let second = session();
    assert_eq!(second.run("a"), "good\n");
    assert_ne!(PathBuf::from(second.spec("a").unwrap().env["GREENROOM_DECK"].clone()), folder);
    second.runner.end();
}

#[test]
fn a_deck_that_vanishes_or_cannot_be_copied_gets_a_word() {
    let place = Place::new("  a: {command: [sh, x.sh]}");
    place.write("x.sh", "echo good");
    let session = place.session();
    // No folder can be made where a file is: as on a full or closed disk.
    fs::write(place.folder.path().join("cache"), "").unwrap();
    session.agree();
    let Err(RunError::Refused(Refusal::Ask(asked))) = session.spec("a") else { panic!("it does not ask") };
    let reason = asked.each_session.clone().unwrap();
    assert!(reason.contains("no copy of the deck's folder can be made"), "{reason}");
    session.runner.agree_to(&asked).unwrap();
    assert_eq!(session.run("a"), "good\n");
    assert_eq!(session.spec("a").unwrap().directory, place.at("").canonicalize().unwrap());
    assert!(place.session().spec("a").is_err(), "only in that session");
    place.write("x.sh", "echo evil");
    assert!(session.spec("a").is_err());
    let deck = place.at("");
    fs::rename(&deck, place.folder.path().join("away")).unwrap();
    let error = session.spec("a").unwrap_err().to_string();
    assert!(error.contains("is it still there?"), "{error}");
    assert!(!session.runner.is_agreed(&session.deck));
}

/// Times the look at a folder: `cargo test --test it agreement::time_of -- --ignored --nocapture`, with a deck's folder in
/// `GREENROOM_TIMED`.
#[test]
#[ignore = "a measurement"]
fn time_of_the_look_and_the_copy() {
    let many = Place::new("  a: {command: [sh, x.sh]}");
    for number in 0..19_700 {
        many.write(&format!("{}/{number}", number / 100), [b'x'; 1000]);
    }
    let given = Place::new("  a: {command: [sh, x.sh]}");
    if let Some(folder) = std::env::var_os("GREENROOM_TIMED") {
        let from = Path::new(&folder).join(".");
        assert!(Command::new("cp").arg("-a").args([&from, &given.at("")]).status().unwrap().success());
        let demos = "title: T\nsections: [{title: S, file: s.md}]\ndemos: {a: {command: [sh, x.sh]}}\n";
        given.write("talk.yaml", demos);
    }
    for place in [&many, &given] {
        let session = place.session();
        let began = Instant::now();
        session.agree();
        println!("asked and agreed, three looks: {:?}", began.elapsed());
        for what in ["look and copy", "look again"] {
            let began = Instant::now();
            session.spec("a").unwrap();
            println!("{what}: {:?}", began.elapsed());
        }
        let began = Instant::now();
        session.runner.end();
        println!("end: {:?}", began.elapsed());
    }
    for number in 0..80_000 {
        many.write(&format!("more/{number}"), "x");
    }
    let (session, began) = (many.session(), Instant::now());
    println!("100,000 files: {:?} {:?}", session.asks().each_session, began.elapsed());
    let status = fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap());
}
