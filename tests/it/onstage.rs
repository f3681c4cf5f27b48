//! Live panes in a real terminal, judged from the shell that the talk was started from.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

use assert_cmd::cargo::cargo_bin;

use crate::support::needs::{has, require, skip_optional};
use crate::support::terminal::{PATIENCE, Terminal, greenroom, kill};

/// A deck in a folder of its own.
fn deck(folder: &Path, demos: &str, slides: &str) -> String {
    let deck = folder.join("deck");
    fs::create_dir_all(&deck).unwrap();
    fs::write(
        deck.join("talk.yaml"),
        format!("title: T\nsections:\n- {{title: S, file: s.md}}\ndemos:\n{demos}\n"),
    )
    .unwrap();
    fs::write(deck.join("s.md"), slides).unwrap();
    deck.display().to_string()
}

/// Processes that have `mark` on their command line, as the shell's own tools see them.
fn marked(mark: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(mark) {
            found.push(format!("{}: {line}", entry.file_name().display()));
        }
    }
    found
}

fn until_marked(mark: &str, done: impl Fn(usize) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done(marked(mark).len()) {
        assert!(Instant::now() < deadline, "{:?}", marked(mark));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// A script whose processes get away in every way that a shell knows, each with `mark` on its command line.
fn escape(folder: &Path, mark: &str) -> String {
    let script = format!(
        "s() {{ exec -a {mark} sleep 1000; }}\n\
         (s) & setsid bash -c 'exec -a {mark} sleep 1000' &\n\
         nohup bash -c 'exec -a {mark} sleep 1000' >/dev/null 2>&1 &\n\
         (setsid bash -c '(exec -a {mark} sleep 1000) </dev/null >/dev/null 2>&1 & exit 0' &)\n\
         (trap '' TERM HUP INT; s) &\necho ready\ns\n"
    );
    let path = folder.join(format!("{mark}.sh"));
    fs::write(&path, script).unwrap();
    path.display().to_string()
}

/// How many that makes.
const ESCAPED: usize = 6;

#[test]
fn however_a_talk_ends_nothing_of_it_is_left() {
    for end in ["q", "TERM", "HUP", "INT", "QUIT", "USR1", "stage", "keeper"] {
        let Some(terminal) = Terminal::open(&format!("orphans-{end}")) else { return };
        let mark = format!("left-{end}-{}", std::process::id());
        let script = escape(terminal.home.path(), &mark);
        let demos = format!("  a: {{command: [bash, {script}], on: enter}}");
        let deck = deck(terminal.home.path(), &demos, "# Slide\n\n```pane\ndemo: a\n```\n");
        terminal.run(&format!("{} {deck} --slide 3; echo status $?", greenroom()));
        terminal.shows("Run these commands?");
        assert_eq!(marked(&format!("{mark} ")).len(), 0, "nothing runs unasked");
        terminal.keys(&["y"]);
        terminal.shows("ready");
        until_marked(&format!("{mark} 1000"), |count| count == ESCAPED);
        match end {
            "q" => terminal.keys(&["q", "q"]),
            "stage" => kill("KILL", &terminal.stage()),
            "keeper" => kill("KILL", &terminal.job()),
            signal => kill(signal, &terminal.job()),
        }
        if end != "keeper" {
            // What a shell prints before the stage has given the terminal back is lost.
            terminal.shows("status");
        }
        until_marked(&mark, |count| count == 0);
        terminal.is_restored();
        assert!(end != "q" || terminal.text().contains("was killed: "), "{}", terminal.text());
    }
}

#[test]
fn two_of_keeper_stage_and_guard_may_be_killed_at_any_time() {
    // The second at once, or when the end of the first has begun to end what runs.
    for (number, (pair, at_once)) in [
        (["stage", "guard"], true),
        (["stage", "guard"], false),
        (["guard", "stage"], false),
        (["keeper", "guard"], true),
        (["keeper", "guard"], false),
        (["keeper", "stage"], true),
        (["keeper", "stage"], false),
    ]
    .into_iter()
    .enumerate()
    {
        let Some(terminal) = Terminal::open(&format!("pair-{number}")) else { return };
        let mark = format!("two-{number}-{}", std::process::id());
        let script = escape(terminal.home.path(), &mark);
        let demos = format!("  a: {{command: [bash, {script}], on: enter}}");
        let deck = deck(terminal.home.path(), &demos, "# Slide\n\n```pane\ndemo: a\n```\n");
        terminal.run(&format!("{} {deck} --slide 3; echo status $?", greenroom()));
        terminal.shows("Run these commands?");
        terminal.keys(&["y"]);
        terminal.shows("ready");
        until_marked(&format!("{mark} 1000"), |count| count == ESCAPED);
        let (keeper, stage) = (terminal.job(), terminal.stage());
        let guard = Command::new("pgrep").args(["-f", &format!("__guard .*{mark}")]).output().unwrap();
        let guard = String::from_utf8_lossy(&guard.stdout).trim().to_owned();
        for (index, one) in pair.into_iter().enumerate() {
            if index > 0 && !at_once {
                // Some of what runs does not end when asked, and is there for as long as the guard is patient.
                until_marked(&format!("{mark} 1000"), |count| count < ESCAPED);
            }
            let pid = [("keeper", &keeper), ("stage", &stage), ("guard", &guard)];
            let pid = pid.into_iter().find(|(name, _)| *name == one).unwrap().1;
            kill("KILL", pid);
        }
        until_marked(&mark, |count| count == 0);
    }
}

#[test]
fn a_panic_leaves_nothing_of_what_ran() {
    let example = cargo_bin("greenroom").with_file_name("examples").join("panic_on_stage");
    assert!(example.exists(), "cargo test builds examples; alone: cargo build --examples");
    for (how, status) in [("", "status 101"), ("--abort ", "status 134"), ("--thread ", "status 101")] {
        let Some(terminal) = Terminal::open(&format!("panic{}", how.trim())) else { return };
        let mark = format!("panic-{}-{}", how.len(), std::process::id());
        let script = escape(terminal.home.path(), &mark);
        terminal.run(&format!("{} {how}bash {script}; echo status $?", example.display()));
        terminal.shows(status);
        until_marked(&mark, |count| count == 0);
        terminal.is_restored();
    }
}

/// The larger of two programs that is there.
fn monitor() -> &'static str {
    if has("htop") { "htop" } else { "top" }
}

/// The columns that the REPL has told.
fn columns(terminal: &Terminal) -> Option<u16> {
    let text = terminal.text();
    let (_, rest) = text.rsplit_once("[42, ")?;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

#[test]
fn a_monitor_and_a_repl_run_side_by_side() {
    let Some(terminal) = Terminal::open("side") else { return };
    for program in ["python3", monitor()] {
        if !require(program) {
            return;
        }
    }
    terminal.tmux(&["resize-window", "-x", "160", "-y", "40"]);
    let demos = format!(
        "  m: {{command: [{}], title: monitor, leave: keep, expect: any}}\n  \
         r: {{command: [python3, -q], title: repl, leave: keep}}",
        monitor()
    );
    let slides = "# Both\n\n<!-- column_layout: [1, 1] -->\n\n<!-- column: 0 -->\n\n```pane\ndemo: m\n```\n\n\
                  <!-- column: 1 -->\n\n```pane\ndemo: r\n```\n\n---\n\n# Elsewhere\n";
    let deck = deck(terminal.home.path(), &demos, slides);
    terminal.run(&format!("{} {deck} --slide 3", greenroom()));
    terminal.shows("x runs it");
    terminal.keys(&["x"]);
    terminal.shows("Run these commands?");
    terminal.keys(&["y"]);
    terminal.shows("PID");
    terminal.shows(">>>");
    // The first has the keyboard by itself; F6 is its own key, and leads on to the second when it has been left.
    terminal.shows("┏━ monitor");
    terminal.tmux(&["send-keys", "-H", "1b", "1b"]);
    terminal.shows("▸ monitor");
    terminal.keys(&["F6"]);
    terminal.shows("┏━ repl");
    terminal.run("import os; [6 * 7, os.get_terminal_size().columns]");
    terminal.wait("its answer", |terminal| columns(terminal).is_some());
    let before = columns(&terminal).unwrap();
    // Another size reaches the program, and what it had written is still there.
    terminal.tmux(&["resize-window", "-x", "120", "-y", "35"]);
    terminal
        .wait("a smaller slide", |terminal| terminal.text().lines().all(|line| line.chars().count() <= 120));
    terminal.run("[42, os.get_terminal_size().columns]");
    terminal.wait("fewer columns", |terminal| columns(terminal).is_some_and(|now| now < before));
    // Two bytes at once are two keys, as they come over a slow link.
    terminal.tmux(&["send-keys", "-H", "1b", "1b"]);
    terminal.shows("▸ repl");
    // Away and back: both run on, and the REPL remembers.
    terminal.keys(&["Right"]);
    terminal.shows("4 / 4");
    terminal.keys(&["Left"]);
    terminal.shows("PID");
    terminal.keys(&["Tab"]);
    terminal.shows("┏━ monitor");
    terminal.tmux(&["send-keys", "-H", "1b", "1b"]);
    terminal.shows("▸ monitor");
    terminal.keys(&["F6"]);
    terminal.shows("┏━ repl");
    terminal.run("os.getpid() > 0 and 'still here'");
    terminal.shows("'still here'");
    // Started again alone: what it knew is gone, and the other runs on.
    terminal.tmux(&["send-keys", "-H", "1b", "1b"]);
    terminal.shows("▸ repl");
    terminal.keys(&["x"]);
    terminal.wait("a new REPL", |terminal| {
        !terminal.text().contains("still here") && terminal.text().contains(">>>")
    });
    terminal.keys(&["Tab"]);
    terminal.shows("┏━ repl");
    terminal.run("os.getpid()");
    terminal.shows("NameError");
    assert!(terminal.text().contains("PID"), "{}", terminal.text());
}

#[test]
fn an_editor_is_used_with_keys_mouse_and_paste() {
    let Some(terminal) = Terminal::open("vim") else { return };
    if !require("vim") {
        return;
    }
    let file = terminal.home.path().join("text");
    fs::write(&file, "first line\nsecond line\nthird line\n").unwrap();
    let demos = format!(
        "  a: {{command: [vim, -u, NONE, -N, -c, 'set mouse=a ttymouse=sgr noswapfile', {}]}}",
        file.display()
    );
    let deck = deck(terminal.home.path(), &demos, "# Edit\n\n```pane\ndemo: a\n```\n");
    terminal.run(&format!("{} {deck} --slide 3", greenroom()));
    terminal.shows("x runs it");
    terminal.keys(&["x"]);
    terminal.shows("Run these commands?");
    terminal.keys(&["y"]);
    terminal.shows("third line");
    // What x starts has the keyboard, and the mouse: the cursor is put on the third line.
    let text = terminal.text();
    let row = text.lines().position(|line| line.contains("third line")).unwrap() + 1;
    let line = text.lines().nth(row - 1).unwrap();
    let column = line.split("third").next().unwrap().chars().count() + 1;
    let click = format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m");
    terminal.shows("┏━");
    let bytes: Vec<String> = click.bytes().map(|byte| format!("{byte:x}")).collect();
    let mut args = vec!["send-keys", "-H"];
    args.extend(bytes.iter().map(String::as_str));
    terminal.tmux(&args);
    terminal.keys(&["c", "w"]);
    terminal.tmux(&["send-keys", "-l", "3rd q x l"]);
    terminal.shows("3rd q x l line");
    // What is pasted is not typed: no line is indented or taken for a command.
    terminal.tmux(&["set-buffer", "pasted\tq\n  again"]);
    terminal.tmux(&["paste-buffer", "-p"]);
    terminal.shows("again");
    // One Esc is the editor's.
    terminal.keys(&["Escape"]);
    terminal.run(":wq");
    terminal.shows("exit 0");
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "first line\nsecond line\n3rd q x lpasted\tq\n  again line\n"
    );
}

/// Turns the wheel in the middle of the screen.
fn wheel(terminal: &Terminal, button: u8) {
    let bytes: Vec<String> =
        format!("\x1b[<{button};40;12M").bytes().map(|byte| format!("{byte:x}")).collect();
    let mut args = vec!["send-keys", "-H"];
    args.extend(bytes.iter().map(String::as_str));
    terminal.tmux(&args);
}

#[test]
fn wheel_and_keys_scroll_back_and_a_pager_gets_them_itself() {
    let Some(terminal) = Terminal::open("scroll") else { return };
    let file = terminal.home.path().join("lines");
    fs::write(&file, (1..=200).map(|n| format!("number {n}.")).collect::<Vec<_>>().join("\n") + "\n")
        .unwrap();
    let demos = format!(
        "  a: {{command: [sh, -c, 'cat {0}; read x; exec less {0}'], env: {{LESS: ''}}}}",
        file.display()
    );
    let deck = deck(terminal.home.path(), &demos, "# Scroll\n\n```pane\ndemo: a\n```\n");
    terminal.run(&format!("{} {deck} --slide 3", greenroom()));
    terminal.shows("x runs it");
    terminal.keys(&["x"]);
    terminal.shows("Run these commands?");
    terminal.keys(&["y"]);
    terminal.shows("number 200.");
    wheel(&terminal, 64);
    terminal.shows("scrolled back");
    terminal.wait("earlier lines", |terminal| !terminal.text().contains("number 200."));
    wheel(&terminal, 65);
    terminal.shows("number 200.");
    terminal.keys(&["Tab"]);
    terminal.shows("┏━");
    terminal.tmux(&["send-keys", "-H", "1b", "5b", "35", "3b", "32", "7e"]);
    terminal.shows("scrolled back");
    // Typing goes to the end, where it can be seen.
    terminal.keys(&["Enter"]);
    terminal.wait("the pager", |terminal| {
        let text = terminal.text();
        text.contains("number 1.") && !text.contains("scrolled back")
    });
    wheel(&terminal, 65);
    terminal.wait("the pager has scrolled", |terminal| !terminal.text().contains("number 1."));
    terminal.keys(&["q"]);
    terminal.shows("exit 0");
    // The help names all of this.
    terminal.keys(&["Escape"]);
    terminal.wait("the slide", |terminal| !terminal.text().contains('┏'));
    terminal.keys(&["?"]);
    terminal.wait("help", |terminal| terminal.text().contains("Keys"));
    terminal.tmux(&["resize-window", "-x", "120", "-y", "50"]);
    terminal.shows("scroll back");
    terminal.shows("that pane alone");
}

#[test]
fn a_recording_is_there_when_greenroom_was_killed() {
    let Some(terminal) = Terminal::open("part") else { return };
    let demos = "  a: {command: [sh, -c, 'echo so far; exec sleep 1000'], tape: t.cast}";
    let deck = deck(terminal.home.path(), demos, "# Tape\n\n```pane\ndemo: a\n```\n");
    terminal.run(&format!("{} {deck} --slide 3", greenroom()));
    terminal.shows("x runs it");
    terminal.keys(&["R"]);
    terminal.shows("Run these commands?");
    terminal.keys(&["y"]);
    terminal.shows("so far");
    // Until it is whole it has a name that nobody can guess.
    let part = || {
        let mut files = fs::read_dir(&deck).unwrap().map(|file| file.unwrap().path());
        files.find(|path| path.extension().is_some_and(|extension| extension == "part"))
    };
    let written = || part().and_then(|part| fs::read_to_string(part).ok());
    terminal.wait("the tape", |_| written().is_some_and(|text| text.contains("so far")));
    kill("KILL", &terminal.stage());
    terminal.shows("Killed");
    terminal.run(&format!("clear; {} play {}", greenroom(), part().unwrap().display()));
    terminal.shows("so far");
    terminal.shows("was cut off before its run had ended");
    terminal.shows("recording");
}

fn run(program: &str, args: &[&str], home: &Path) -> Output {
    let mut command = Command::new(program);
    command.args(args).env("HOME", home).env("XDG_STATE_HOME", home).env("XDG_CONFIG_HOME", home);
    command.stdin(std::process::Stdio::null()).output().unwrap()
}

#[test]
fn our_tapes_play_in_asciinema_and_asciinemas_play_here() {
    let Some(terminal) = Terminal::open("asciinema") else { return };
    let home = terminal.home.path();
    let asciinema = std::env::var("GREENROOM_ASCIINEMA").unwrap_or_else(|_| "asciinema".to_owned());
    // What its versions 2 and 3 have written plays here, whether one of them is installed or not.
    for version in ["2", "3"] {
        let file = format!("{}/tests/tapes/asciinema-{version}.cast", env!("CARGO_MANIFEST_DIR"));
        terminal.run(&format!("clear; {} play {file}", greenroom()));
        terminal.shows("written by asciinema");
        terminal.shows("recording");
        assert!(!terminal.text().contains("cut off"), "{}", terminal.text());
        terminal.keys(&["q"]);
        terminal.is_restored();
    }
    let version = Command::new(&asciinema).arg("--version").output();
    let version =
        version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    if !version.contains("asciinema 3.") {
        assert!(std::env::var_os("GREENROOM_REQUIRE_ASCIINEMA").is_none(), "no asciinema 3: {version:?}");
        return skip_optional("asciinema 3, which GREENROOM_ASCIINEMA names");
    }
    let demos = "  a: {command: [sh, -c, \"printf '\\\\033[31mred\\\\033[m \\\\346\\\\274\\\\242\\\\n'; sleep 0.2; stty size; exit 3\"], \
                 expect: failure, tape: t.cast}";
    let deck = deck(home, demos, "# Tape\n\n```pane\ndemo: a\n```\n");
    let made = run(&greenroom(), &["record", "a", &deck, "--yes", "--size", "70x20"], home);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let tape = format!("{deck}/t.cast");
    terminal.run(&format!("clear; {asciinema} play {tape}; echo status $?"));
    terminal.shows("status 0");
    let text = terminal.text();
    assert!(text.contains("red 漢") && text.contains("20 70"), "{text}");
    // Its own reading of the file, to the last line.
    let converted = format!("{deck}/t.txt");
    let output = run(&asciinema, &["convert", "-f", "txt", &tape, &converted], home);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::read_to_string(&converted).unwrap().trim_end(), "red 漢\n20 70");
}

#[test]
fn recording_types_what_the_demo_says_and_ends_a_program_that_waits_for_more() {
    let home = tempfile::TempDir::new().unwrap();
    let demos = "  a: {command: [sh, -c, \"read one; echo got $one; read two; echo and $two; exec cat\"], \
                 types: [first, second word], expect: any, tape: t.cast}";
    let deck = deck(home.path(), demos, "# Tape\n\n```pane\ndemo: a\n```\n");
    let before = run(&greenroom(), &["check", &deck], home.path());
    let said = String::from_utf8_lossy(&before.stdout).into_owned();
    assert!(before.status.success() && said.contains("the recording t.cast is not there"), "{said}");
    let made = run(&greenroom(), &["record", "a", &deck, "--yes"], home.path());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let tape = fs::read_to_string(format!("{deck}/t.cast")).unwrap();
    assert!(tape.contains("got first") && tape.contains("and second word"), "{tape}");
    let after = run(&greenroom(), &["check", &deck], home.path());
    let said = String::from_utf8_lossy(&after.stdout).into_owned();
    assert!(said.contains("0 warnings"), "{said}");
}
