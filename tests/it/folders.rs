//! What a deck's folder can be, besides a plain one: with links out of it, a home directory, one that a killed recorder
//! wrote to, read-only, slow. Nothing of it runs unasked, and a person reads why something asks.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::agreed::{Place, Session};
use crate::support::terminal::{Terminal, greenroom};
use greenroom::runner::RunError;
use greenroom_consent::Refusal;
use greenroom_deck::launch::Asked;

/// What a start asks.
fn asked(session: &Session) -> Asked {
    match session.spec("a") {
        Err(RunError::Refused(Refusal::Ask(asked))) => *asked,
        other => panic!("{other:?}"),
    }
}

/// What the card says, on one line.
fn card(asked: &Asked) -> String {
    let rows: Vec<String> = asked.rows(2_000).iter().map(|row| row.trim().to_owned()).collect();
    rows.join(" ")
}

/// A deck with a link to a folder beside it.
fn linked(target: &str) -> Place {
    let place = Place::new("  a: {command: [sh, outside/run.sh]}");
    let other = place.folder.path().join("other");
    fs::create_dir_all(other.join("deep")).unwrap();
    fs::write(other.join("run.sh"), "echo good").unwrap();
    fs::write(other.join("deep/lib.sh"), "echo lib").unwrap();
    let target = target.replace("{outer}", &place.folder.path().display().to_string());
    symlink(target, place.at("outside")).unwrap();
    place
}

/// What happens beyond a link, and what of it the next question names.
type Change = (&'static str, fn(&Path), &'static str);

#[test]
fn h2_what_changes_beyond_a_link_asks_again_in_the_same_session() {
    let changes: &[Change] = &[
        ("a file", |other| fs::write(other.join("run.sh"), "echo evil").unwrap(), "outside/run.sh"),
        (
            "a file deeper",
            |other| fs::write(other.join("deep/lib.sh"), "evil").unwrap(),
            "outside/deep/lib.sh",
        ),
        ("a new file", |other| fs::write(other.join("new"), "").unwrap(), "outside/new"),
        ("a file that goes", |other| fs::remove_file(other.join("run.sh")).unwrap(), "outside/run.sh"),
        (
            "a mode",
            |other| fs::set_permissions(other.join("run.sh"), Permissions::from_mode(0o755)).unwrap(),
            "outside/run.sh",
        ),
        (
            "the same size and time",
            |other| {
                let file = File::options().write(true).open(other.join("run.sh")).unwrap();
                let time = file.metadata().unwrap().modified().unwrap();
                file.write_all_at(b"evil", 5).unwrap();
                file.set_modified(time).unwrap();
            },
            "outside/run.sh",
        ),
        (
            "a link further on, to a folder that another link leads to",
            |other| {
                let away = other.with_file_name("away");
                fs::create_dir(&away).unwrap();
                fs::write(away.join("x"), "evil").unwrap();
                symlink(&away, other.join("on")).unwrap();
            },
            "outside/on/x",
        ),
    ];
    for target in ["../other", "{outer}/other", "../deck/../other"] {
        for (what, change, named) in changes {
            let place = linked(target);
            let session = place.session();
            let first = asked(&session);
            let text = card(&first);
            assert!(text.contains("in each session"), "{text}");
            assert!(
                text.contains("the link outside leads out of it, to what is compared at each start"),
                "{text}"
            );
            session.runner.agree_to(&first).unwrap();
            for _ in 0..2 {
                assert_eq!(session.run("a"), "good\n", "{what}");
            }
            change(&place.folder.path().join("other"));
            let again = asked(&session);
            assert!(again.changed.iter().any(|path| path == named), "{what}: {:?}", again.changed);
            session.runner.agree_to(&again).unwrap();
            assert!(session.spec("a").is_ok(), "{what}");
            session.runner.end();
        }
    }
}

#[test]
fn h2_a_single_file_beyond_a_link_and_one_that_is_not_there_yet_are_compared() {
    let place = Place::new("  a: {command: [sh, x.sh]}");
    let target = place.folder.path().join("target.sh");
    symlink("../target.sh", place.at("x.sh")).unwrap();
    symlink("../none/later", place.at("later")).unwrap();
    fs::write(&target, "echo good").unwrap();
    let session = place.session();
    session.runner.agree_to(&asked(&session)).unwrap();
    assert_eq!(session.run("a"), "good\n");
    fs::write(&target, "echo evil").unwrap();
    assert_eq!(asked(&session).changed, ["x.sh"]);
    fs::write(&target, "echo good").unwrap();
    assert_eq!(session.run("a"), "good\n");
    fs::create_dir(place.folder.path().join("none")).unwrap();
    fs::write(place.folder.path().join("none/later"), "evil").unwrap();
    assert_eq!(asked(&session).changed, ["later"]);
}

/// Why something cannot be compared, and what makes it so.
type Case = (&'static str, fn(&Place));

#[test]
fn h2_what_cannot_be_compared_beyond_a_link_is_asked_at_each_start() {
    let many = |place: &Place| {
        for number in 0..5_001 {
            fs::write(place.folder.path().join(format!("other/{number}")), "").unwrap();
        }
    };
    let large = |place: &Place| {
        File::create(place.folder.path().join("other/large")).unwrap().set_len(300 << 20).unwrap();
    };
    let system = |place: &Place| symlink("/proc/self", place.folder.path().join("other/proc")).unwrap();
    let own = |place: &Place| {
        let own = place.folder.path().join("agreed");
        fs::create_dir_all(&own).unwrap();
        symlink(own, place.folder.path().join("other/own")).unwrap();
    };
    let cases: [Case; 4] = [
        ("to more than 5,000 files and folders", many),
        ("to more than 256 MiB", large),
        ("to what is no file (in /proc)", system),
        ("to Greenroom's own files, which change all the time", own),
    ];
    for (why, make) in cases {
        let place = linked("../other");
        make(&place);
        let session = place.session();
        for _ in 0..2 {
            let question = asked(&session);
            let text = card(&question);
            assert!(text.contains("You are asked at each start"), "{text}");
            assert!(text.contains(why) && text.contains("which cannot be compared"), "{why}: {text}");
            session.runner.agree_to(&question).unwrap();
            assert_eq!(session.run("a"), "good\n");
        }
        // A yes that was used up is not brought back by a recording.
        asked(&session);
        session.runner.gate().removed("s.md");
        asked(&session);
    }
}

/// Greenroom's own files lie in the deck, as in a home directory: at every depth, in folders that are made for them.
#[test]
fn h2_a_deck_around_greenrooms_own_files_is_asked_about_once() {
    for inside in ["", ".local/share/greenroom", "a/b"] {
        let place = Place::new("  a: {command: [sh, -c, '. ./x.sh; ls -A; ls -A .local']}");
        place.write("x.sh", "echo good");
        let own = place.at(inside);
        let first = place.session_in(&own);
        first.agree();
        let said = first.run("a");
        assert!(said.starts_with("good\n") && !said.contains("agreed") && !said.contains("cache"), "{said}");
        assert!(first.spec("a").is_ok(), "once for the session");
        first.runner.end();
        let second = place.session_in(&own);
        assert!(second.runner.is_agreed(&second.deck), "{inside}: {:?}", second.runner.asks(&second.deck));
        assert!(second.run("a").starts_with("good\n"));
        // Everything else in those folders counts as before.
        fs::write(own.join("x"), "evil").unwrap();
        assert!(!second.runner.is_agreed(&second.deck), "{inside}");
    }
}

#[test]
fn h2_nothing_that_is_left_out_can_run() {
    for (path, by) in [
        ("agreed/evil.sh", "agreed/evil.sh"),
        ("cache/greenroom/evil.sh", "cache/greenroom/evil.sh"),
        ("agreed/evil.sh", "link"),
    ] {
        let place = Place::new(&format!("  a: {{command: [sh, {by}]}}"));
        place.write(path, "echo evil");
        if by == "link" {
            symlink(place.at(path), place.at("link")).unwrap();
        }
        let session = place.session_in(&place.at(""));
        session.agree();
        assert!(!session.run("a").contains("evil\n"), "{path} by {by}");
        session.runner.end();
        // Without a copy nothing is left out.
        let place = Place::new(&format!("  a: {{command: [sh, {by}]}}"));
        place.write("x.sh", "echo good");
        place.write("agreed/evil.sh", "echo good");
        if by == "link" {
            symlink(place.at(path), place.at("link")).unwrap();
        }
        place.write("cache", "");
        let session = place.session_in(&place.at(""));
        session.agree();
        session.runner.agree_to(&asked(&session)).unwrap();
        assert!(session.spec("a").is_ok());
        place.write(if path.starts_with("cache") { "x.sh" } else { path }, "echo evil");
        asked(&session);
    }
}

#[test]
fn h2_a_deck_in_the_home_directory_is_asked_about_once() {
    let Some(terminal) = Terminal::open("home") else { return };
    let home = terminal.home.path();
    fs::write(home.join("talk.yaml"), "title: T\nsections: [{title: S, file: s.md}]\ndemos: {a: {command: [sh, -c, 'echo ran $((40+2))']}}\n").unwrap();
    fs::write(home.join("s.md"), "# First\n\n```pane\ndemo: a\n```\n").unwrap();
    let open = || {
        terminal.run(&format!("env -u XDG_CACHE_HOME -u XDG_DATA_HOME {} {}", greenroom(), home.display()));
        terminal.wait("a stage", |terminal| terminal.modes().starts_with('1'));
        terminal.keys(&["End"]);
        terminal.shows("x run");
        terminal.keys(&["x"]);
    };
    let close = || {
        terminal.keys(&["q"]);
        terminal.wait("an end", |terminal| {
            terminal.keys(&["q"]);
            terminal.modes().starts_with('0')
        });
        terminal.run("clear");
    };
    open();
    terminal.shows("Run these commands?");
    terminal.keys(&["End"]);
    terminal.keys(&["y"]);
    terminal.shows("ran 42");
    close();
    open();
    terminal.wait("a run or a question", |terminal| {
        terminal.text().contains("ran 42") || terminal.text().contains("Run these")
    });
    assert!(terminal.text().contains("ran 42"), "{}", terminal.text());
    close();
}

#[test]
fn h2_what_a_killed_recorder_leaves_is_asked_about_as_any_other_file() {
    let place = Place::new("  a: {command: [sh, -c, 'echo begun; sleep 1000'], tape: rec/a.cast}");
    place.write("rec/other.cast", "");
    let session = place.session();
    session.agree();
    session.runner.end();
    let Some(terminal) = Terminal::open("killed") else { return };
    terminal.run(&format!("{} record a {} --yes", greenroom(), place.at("").display()));
    let parts = || -> Vec<PathBuf> {
        let entries = fs::read_dir(place.at("rec")).unwrap().flatten().map(|entry| entry.path());
        entries.filter(|path| path.extension().is_some_and(|end| end == "part")).collect()
    };
    terminal.wait("a recording that has begun", |_| {
        parts().iter().any(|part| fs::read_to_string(part).is_ok_and(|text| text.contains("begun")))
    });
    // Whoever writes is the job itself, or the process below it.
    let below = Command::new("pgrep").args(["-P", &terminal.job(), "greenroom"]).output().unwrap();
    let below = String::from_utf8_lossy(&below.stdout).into_owned();
    let pids: Vec<String> = below.lines().map(str::to_owned).chain([terminal.job()]).collect();
    // One of them may have ended of itself, with the first.
    let _ = Command::new("kill").arg("-KILL").args(&pids).status().unwrap();
    let lives = |pid: &String| {
        fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
    };
    terminal.wait("the end of it", |_| !pids.iter().any(lives));
    assert_eq!(parts().len(), 1, "it was not killed, but ended");
    // Its name could be anybody's, and a script can reach it.
    let session = place.session();
    let asked = session.runner.asks(&session.deck).unwrap().expect("it asks again");
    let part = parts().remove(0);
    let name = part.file_name().unwrap().to_string_lossy().into_owned();
    assert!(format!("{asked:?}").contains(&name), "{asked:?}");
    session.agree();
    let session = place.session();
    assert!(session.runner.is_agreed(&session.deck));
    fs::write(&part, "echo evil").unwrap();
    assert!(!session.runner.is_agreed(&session.deck), "a part that changes is a change");
}

/// As on a network folder: what is there is the same, but its number and its time are others at each look.
#[test]
fn files_that_are_others_with_the_same_contents_do_not_ask() {
    let place = Place::new("  a: {command: [sh, x.sh]}");
    place.write("x.sh", "echo good");
    let session = place.session();
    session.agree();
    let copy = session.spec("a").unwrap().directory;
    for day in 1..4 {
        let new = place.folder.path().join("new");
        fs::write(&new, "echo good").unwrap();
        let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(86_400 * day);
        File::options().write(true).open(&new).unwrap().set_modified(time).unwrap();
        fs::rename(&new, place.at("x.sh")).unwrap();
        assert_eq!(session.spec("a").unwrap().directory, copy);
        assert_eq!(session.run("a"), "good\n");
    }
}

/// Two names that differ in case only are two files, and the deck gets the one that it names.
#[test]
fn names_that_differ_in_case_only_are_told_apart() {
    let place = Place::new("  a: {command: [sh, Demo.sh]}");
    place.write("Demo.sh", "echo upper");
    place.write("demo.sh", "echo lower");
    if fs::read_to_string(place.at("Demo.sh")).unwrap() != "echo upper" {
        println!("skipped: the temporary folder does not tell names apart that differ in case only");
        return;
    }
    let session = place.session();
    session.agree();
    assert_eq!(session.run("a"), "upper\n");
    fs::rename(place.at("demo.sh"), place.at("DEMO.sh")).unwrap();
    assert_eq!(asked(&session).changed, ["DEMO.sh", "demo.sh"]);
}

#[test]
fn a_read_only_deck_runs_and_says_where_a_recording_can_go() {
    let place = Place::new("  a: {command: [sh, -c, 'echo ran; echo x > made'], tape: rec/a.cast}");
    let script = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" || exit 99\n\
                  touch \"$1/x\" 2>/dev/null && exit 98\n\
                  \"$0\" record a \"$1\" --yes && exit 97\n\
                  \"$0\" record a \"$1\" --yes -o \"$2\"";
    let tape = place.folder.path().join("a.cast");
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script, &greenroom()]).arg(place.at("")).arg(&tape);
    command.env("HOME", place.folder.path()).stdin(std::process::Stdio::null());
    let Some(output) =
        command.output().ok().filter(|output| ![Some(1), Some(99)].contains(&output.status.code()))
    else {
        assert!(
            std::env::var_os("GREENROOM_REQUIRE_LIVE").is_none(),
            "nothing can be mounted read-only here"
        );
        println!("skipped: nothing can be mounted read-only here");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let word =
        "rec/a.cast cannot be written, because the deck's folder is read-only: greenroom record -o FILE";
    assert!(said.contains(word), "{said}");
    assert!(fs::read_to_string(&tape).unwrap().contains("ran"));
}
