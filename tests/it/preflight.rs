//! `greenroom preflight`: each line of its page is made red or amber by real means, and its three pages are in
//! `docs/src/how-to/preflight.md`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use greenroom_deck::Fnv;
use tempfile::TempDir;

use crate::support::needs::skip_optional;
use crate::support::terminal::{Terminal, greenroom};

const CAST: &str = "{\"version\":2,\"width\":40,\"height\":5,\"timestamp\":1763856000}\n[0.1,\"o\",\"hi\"]\n";
/// What a page says when nothing is wrong.
const GREEN: &str = "✓ all green";

/// A deck in a room of its own, and everything that a page depends on.
struct Room {
    folder: TempDir,
    env: Vec<(&'static str, String)>,
    args: Vec<String>,
}

impl Room {
    /// A deck with one demo that has a recording; everything about it is fine.
    fn new() -> Self {
        let room = Self { folder: TempDir::new().unwrap(), env: Vec::new(), args: Vec::new() };
        for (name, text) in [
            ("deck/talk.yaml", "title: T\nsections: [{title: S, file: s.md}]\n"),
            ("deck/s.md", "# S\n\nSome words.\n"),
            ("bin/hello", "#!/bin/sh\necho hello\n"),
        ] {
            room.write(name, text);
        }
        for folder in ["home", "run", "tmp"] {
            fs::create_dir(room.at(folder)).unwrap();
        }
        fs::set_permissions(room.at("bin/hello"), fs::Permissions::from_mode(0o755)).unwrap();
        let path = |name: &str| room.at(name).display().to_string();
        let env = vec![
            ("PATH", path("bin")),
            ("HOME", path("home")),
            ("XDG_RUNTIME_DIR", path("run")),
            ("TMPDIR", path("tmp")),
            ("TERM", "xterm-256color".to_owned()),
            ("COLORTERM", "truecolor".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
        ];
        Self { env, args: vec!["--size".to_owned(), "80x24".to_owned()], ..room }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    /// The same with `lines` in the outline.
    fn outline(self, lines: &str) -> Self {
        self.write("deck/talk.yaml", format!("title: T\nsections: [{{title: S, file: s.md}}]\n{lines}"));
        self
    }

    /// The same with `text` on the slides.
    fn slides(self, text: &str) -> Self {
        self.write("deck/s.md", text);
        self
    }

    /// The same with a demo that runs `command`, whose recording is `tape`.
    fn demo(self, command: &str, tape: Option<&[u8]>) -> Self {
        let room = self
            .outline(&format!("demos: {{d: {{command: [{command}], tape: d.cast}}}}\n"))
            .slides("# S\n\n```pane\ndemo: d\n```\n");
        if let Some(tape) = tape {
            room.write("deck/d.cast", tape);
        }
        room
    }

    /// The same where the variable `name` is `value`.
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.env.retain(|(other, _)| *other != name);
        self.env.push((name, value.to_owned()));
        self
    }

    fn sized(mut self, size: &str) -> Self {
        self.args = vec!["--size".to_owned(), size.to_owned()];
        self
    }

    fn command(&self, deck: Option<&Path>) -> Command {
        let mut command = Command::new(cargo_bin("greenroom"));
        command.arg("preflight").args(deck).args(&self.args).current_dir(self.folder.path());
        command.env_clear().envs(self.env.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command
    }

    /// The page, and what the program ends with.
    fn page(&self) -> (String, Option<i32>) {
        let output = self.command(Some(&self.at("deck"))).output().unwrap();
        let said = [&output.stdout[..], &output.stderr].concat();
        (String::from_utf8_lossy(&said).into_owned(), output.status.code())
    }

    /// The line called `name` is `sign`, and says `words`, which may go on in the next rows; the exit code follows the page.
    #[track_caller]
    fn says(&self, sign: &str, name: &str, words: &str) {
        let (page, code) = self.page();
        let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = format!("{sign} {name} ");
        assert!(flat.contains(&line), "no {line:?} in\n{page}");
        assert!(flat.contains(words), "no {words:?} in\n{page}");
        assert_eq!(code, Some(i32::from(page.contains('✗'))), "{page}");
        assert!(!page.contains('\u{1b}'), "no colours where there is no terminal: {page}");
        let wide = page.lines().map(|line| line.chars().count()).max();
        assert!(wide <= Some(80) || page.contains(&*self.at("").to_string_lossy()), "{page}");
    }
}

#[test]
fn a_deck_without_anything_wrong_is_all_green() {
    let (page, code) = Room::new().page();
    assert!(page.contains(GREEN) && code == Some(0), "{page}");
    assert!(!page.contains("Its demos"), "nothing is said of what the deck does not use: {page}");
}

#[test]
fn line_deck() {
    let odd = "# S\n\n<!-- column_layout [1,1] -->\n\nSome words.\n";
    Room::new().slides(odd).says("!", "deck", "1 warning; s.md:3:");
    Room::new().outline("colour: red\n").says("✗", "deck", "1 mistake; talk.yaml:3:");
    Room::new().outline("minutes: many\n").says("✗", "deck", "shows each");
    Room::new().slides("# S\n\n![](none.png)\n").says("✗", "deck", "there is no file \"none.png\"");
}

#[test]
fn line_slides() {
    let long = format!("# S\n\n{}", "A line.\n\n".repeat(40));
    Room::new().slides(&long).says("✗", "slides", "1 slide is too long for 80x24: 3 by");
    Room::new().slides(&long).sized("80x200").says("✓", "slides", "each fits 80x200");
    let wide = format!("# S\n\n```python\nprint({})\n```\n", "1 + ".repeat(40));
    Room::new().slides(&wide).says("!", "slides", "1 slide with code that is broken into lines: 3");
}

#[test]
fn line_pictures() {
    let room = Room::new().slides("# S\n\n![](a.png)\n");
    half_a_picture(&room.at("deck/a.png"));
    room.says("✗", "pictures", "the picture a.png cannot be shown");
}

/// A picture whose file is cut off.
fn half_a_picture(path: &Path) {
    let low = |number: u32| number.to_le_bytes()[0];
    let picture = image::RgbImage::from_fn(64, 64, |x, y| image::Rgb([low(x), low(y), low(x * y)]));
    picture.save(path).unwrap();
    let whole = fs::read(path).unwrap();
    fs::write(path, &whole[..whole.len() / 2]).unwrap();
}

#[test]
fn line_time() {
    let room = Room::new().outline("minutes: 1\n");
    let notes = "word ".repeat(600);
    let room = room.slides(&format!("# S\n\n<!-- speaker_note: {notes} -->\n"));
    room.says("!", "time", "over its plan");
}

#[test]
fn line_commands() {
    Room::new().demo("hello", Some(CAST.as_bytes())).says("✓", "commands", "1 program found");
    let gone = Room::new().demo("nowhere", Some(CAST.as_bytes()));
    gone.says("!", "commands", "d: nowhere is not in PATH; its recording plays");
    Room::new().demo("nowhere", None).says("✗", "commands", "d: nowhere is not in PATH → install it");
    let unplayable = Room::new().demo("nowhere", Some(b"no recording"));
    unplayable.says("✗", "commands", "d: nowhere is not in PATH → install it");
    let room = Room::new().demo("./here", None);
    room.write("deck/here", "x");
    room.says("✗", "commands", "./here may not be run → chmod +x ./here");
}

#[test]
fn line_environments() {
    let python = "demos: {d: {command: [python], runtime: free-threaded, tape: d.cast}}\n";
    let room = Room::new().outline(python);
    room.says("✗", "environments", "free threaded: none found");
    room.write("deck/d.cast", CAST);
    room.says("!", "environments", "free threaded: none found");
    room.says(
        "!",
        "commands",
        "1 program in an environment that is not made; recordings play → greenroom setup",
    );
}

#[test]
fn line_recordings() {
    Room::new().demo("hello", Some(CAST.as_bytes())).says(
        "✓",
        "recordings",
        "1 recording plays to the end, from 2025-11-23",
    );
    Room::new().demo("hello", Some(b"\x89PNG\r\n\x1a\n")).says(
        "✗",
        "recordings",
        "is a PNG picture and cannot be played",
    );
    Room::new().demo("hello", None).says(
        "!",
        "recordings",
        "talk.yaml:3: the recording d.cast is not there → `greenroom record d`",
    );
    let cut = format!("{CAST}[0.2, \"o");
    Room::new().demo("hello", Some(cut.as_bytes())).says("!", "recordings", "line 3 is cut off");
}

#[test]
fn line_panes() {
    let wide = CAST.replace("40", "160");
    let room = Room::new().demo("hello", Some(wide.as_bytes()));
    room.says("!", "panes", "wider than its pane at 80x24: 160 columns, of which 70 show");
    Room::new().demo("hello", Some(CAST.as_bytes())).says("✓", "panes", "recordings fit them at 80x24");
}

#[test]
fn line_consent() {
    let room = Room::new().demo("hello", Some(CAST.as_bytes()));
    room.says("!", "consent", "not given for 1 command → greenroom");
    room.says("!", "consent", "then x on a slide with a demo");
}

#[test]
fn line_window() {
    Room::new().sized("60x20").says("!", "window", "60x20 → a smaller font");
    Room::new().sized("30x10").says("✗", "window", "30x10");
    let mut room = Room::new();
    room.args.clear();
    room.says("!", "window", "its size is not known");
}

#[test]
fn line_colours() {
    Room::new().with("NO_COLOR", "1").says("!", "colours", "none (TERM, NO_COLOR)");
    Room::new().with("COLORTERM", "").with("TERM", "linux").says(
        "!",
        "colours",
        "16: the theme's are replaced",
    );
}

#[test]
fn line_letters() {
    Room::new().with("LANG", "C").says("!", "letters", "the locale is C, and not UTF-8");
    let rare = Room::new().slides("# S\n\nNo font has this: \u{12000}\n");
    rare.says("✓", "letters", "no font that comes with Greenroom has 1 character of the deck");
}

#[test]
fn line_images() {
    let room = Room::new().slides("# S\n\n![](a.png)\n");
    image::RgbImage::new(8, 8).save(room.at("deck/a.png")).unwrap();
    room.says("!", "images", "half blocks");
    room.with("TERM", "xterm-kitty").says("✓", "images", "kitty's graphics");
}

#[test]
fn line_clicker() {
    let room = Room::new();
    room.says("✓", "clicker", "do what they should");
    room.write("home/.config/greenroom/config.yaml", "keys: {next: [F11], previous: [F12]}\n");
    room.says("✗", "clicker", "PageDown (forward), PageUp (back) of a clicker: something else has the key");
    room.says("✓", "settings", "config.yaml has no mistake");
    room.write(
        "home/.config/greenroom/config.yaml",
        "keys: {next: [PageDown, F11], previous: [PageUp, F12]}\n",
    );
    room.says("!", "clicker", "Enter (forward), Left (back), Right (forward)");
}

#[test]
fn line_settings() {
    let room = Room::new();
    room.write("home/.config/greenroom/config.yaml", "colour: red\n");
    room.says("!", "settings", "config.yaml:1:");
    let named = room.at("home/.config/greenroom/config.yaml").display().to_string();
    room.with("GREENROOM_CONFIG", &named).says("✗", "settings", "the talk does not begin");
    Room::new().with("GREENROOM_CONFIG", "/nowhere").says("✗", "settings", "cannot be read");
}

/// A `tmux` in `PATH` that does this.
fn tmux(script: &str) -> Room {
    let room = Room::new().with("TMUX", "/x,1,0");
    room.write("bin/tmux", format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(room.at("bin/tmux"), fs::Permissions::from_mode(0o755)).unwrap();
    room
}

#[test]
fn line_tmux() {
    let slow = tmux("echo 500 0 0");
    slow.says("!", "tmux", "Esc reaches the talk after 500 ms → tmux set -sg escape-time 10");
    slow.says("!", "tmux", "→ tmux set -g focus-events on");
    tmux("echo 10 1 1").says("✓", "tmux", "its settings are fine");
    tmux("echo 10 1 0").with("KITTY_WINDOW_ID", "1").says("!", "tmux", "it does not pass pictures on");
    let began = Instant::now();
    tmux("while :; do :; done").says("!", "tmux", "it does not answer");
    assert!(began.elapsed() < Duration::from_mins(1), "it is not waited for");
    Room::new().with("TMUX", "/x,1,0").says("!", "tmux", "which is not in PATH");
    Room::new().with("STY", "1.x").says("!", "tmux", "this is GNU screen");
}

#[test]
fn line_presenter_view() {
    let room = Room::new();
    room.write("run/greenroom", "a file in its place");
    room.says("!", "presenter view", "the talk can be given");
    let room = Room::new();
    let name = room.at("deck/talk.yaml");
    fs::create_dir(room.at("run/greenroom")).unwrap();
    let socket = room.at("run/greenroom").join(format!("{}.sock", Fnv::of(&name.to_string_lossy())));
    let _stage = UnixListener::bind(socket).unwrap();
    room.says("!", "presenter view", "on stage already, in another terminal");
}

#[test]
fn line_your_place() {
    Room::new().with("HOME", "/dev/null").says("!", "your place", "cannot be written: not a directory");
    let room = Room::new();
    room.write("home/.local", "a file in its place");
    room.says("!", "your place", "/home/.local cannot be written");
}

/// A disk of `size`, which goes away with this.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf, options: &[&str]) -> Option<Self> {
        let mount = Command::new("mount").args(options).arg(&at).stderr(Stdio::null()).status();
        if rustix::process::geteuid().is_root() && mount.is_ok_and(|status| status.success()) {
            return Some(Self(at));
        }
        skip_optional("root, to mount a small disk");
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn line_takes() {
    let room = Room::new();
    let Some(disk) = Disk::mount(room.at("tmp"), &["-t", "tmpfs", "-o", "size=1m", "tmpfs"]) else { return };
    room.says("✗", "takes", "has 1 MiB left → free some space");
    drop(disk);
    let Some(disk) = Disk::mount(room.at("tmp"), &["-t", "tmpfs", "-o", "size=50m", "tmpfs"]) else { return };
    room.says("!", "takes", "has 50 MiB left");
    drop(disk);
    let Some(disk) = Disk::mount(room.at("deck"), &["-t", "tmpfs", "-o", "size=500m", "tmpfs"]) else {
        return;
    };
    let room = room.demo("hello", Some(CAST.as_bytes()));
    let done = Command::new("mount").args(["-o", "remount,ro"]).arg(&disk.0).status().unwrap();
    assert!(done.success());
    room.says("!", "takes", "cannot be written: Read-only file system");
}

#[test]
fn nothing_of_the_deck_is_run() {
    let room = Room::new();
    let ran = room.at("ran");
    let trap = format!("#!/bin/sh\n: > {}\n", ran.display());
    for name in
        ["deck/python3", "deck/tmux", "deck/bin/python3.14", "deck/run.sh", "deck/postgres", "deck/initdb"]
    {
        room.write(name, &trap);
        fs::set_permissions(room.at(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}:.", room.at("deck").display(), room.at("deck/bin").display());
    let room = room.with("PATH", &path).with("TMUX", "/x,1,0").outline(
        "demos:\n  a: {command: [./run.sh], on: enter}\n  b: {command: [python3], runtime: gil}\n  \
         c: {kind: probe, command: [python3, x.py], database: postgresql, runtimes: [{label: x, python: /deck/python3}]}\n",
    );
    let (page, _) = room.page();
    assert!(page.contains("commands"), "{page}");
    assert!(!ran.exists(), "{page}");
}

#[test]
fn a_deck_that_is_not_there_is_said_and_wrong_usage_is_2() {
    let room = Room::new();
    let output = room.command(Some(Path::new("nowhere"))).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no deck at nowhere"));
    fs::remove_file(room.at("deck/talk.yaml")).unwrap();
    std::os::unix::fs::symlink("talk.yaml", room.at("deck/talk.yaml")).unwrap();
    let (said, code) = room.page();
    assert!(
        said.contains("cannot be opened: Too many levels of symbolic links") && code == Some(1),
        "{said}"
    );
    assert_eq!(room.sized("big").command(None).output().unwrap().status.code(), Some(2));
}

#[test]
fn a_thousand_slides_are_looked_at_in_bounded_time() {
    let slides = "# A slide\n\n- one\n- two\n\n```python\nprint(1)\n```\n\n---\n\n".repeat(1000);
    let room = Room::new().slides(&slides);
    let began = Instant::now();
    let (page, code) = room.page();
    assert!(page.contains("1002 slides, no mistake") && page.contains("each fits 80x24"), "{page}");
    assert_eq!(code, Some(0));
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn the_page_fits_80_columns_and_takes_the_window_as_it_is_when_it_changes() {
    let Some(terminal) = Terminal::open("preflight") else { return };
    let room = Room::new().demo("nowhere", Some(CAST.as_bytes()));
    let deck = room.at("deck").display().to_string();
    terminal.run(&format!("{} preflight {deck}; echo ended $?", greenroom()));
    terminal.tmux(&["resize-window", "-x", "100", "-y", "40"]);
    terminal.shows("ended 0");
    let text = terminal.text();
    let size = ["at 80x24", "at 100x40"].into_iter().find(|size| text.contains(size));
    let size = size.unwrap_or_else(|| panic!("no size in\n{text}")).trim_start_matches("at ");
    assert!(
        text.contains(&format!("each fits {size}")) && text.contains(&format!("window          {size}")),
        "{text}"
    );
    terminal.tmux(&["resize-window", "-x", "80", "-y", "60"]);
    terminal.run("clear; while [ \"$(stty size)\" != '60 80' ]; do :; done; echo resized");
    terminal.shows("resized");
    terminal.run(&format!("clear; {} preflight {deck}; echo again $?", greenroom()));
    terminal.shows("again 0");
    let text = terminal.text();
    assert!(text.contains("T, at 80x60") && text.contains("! nothing is red"), "{text}");
    let colored = terminal.tmux(&["capture-pane", "-p", "-e"]).stdout;
    assert!(String::from_utf8_lossy(&colored).contains("\u{1b}[32m✓"), "colours on a terminal");
}

/// What is left of a page when what is this computer's own is taken out of it.
fn neutral(page: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut leaves_out = false;
    for line in page.lines() {
        // How busy this computer is, and its battery, are no matter of the page's; nor is where it has a database.
        let name = line.chars().skip(4).collect::<String>();
        let of_this = ["load ", "battery ", "PostgreSQL "].iter().any(|own| name.starts_with(own));
        leaves_out = of_this || leaves_out && name.starts_with("    ");
        if !leaves_out {
            lines.push(line.to_owned());
        }
    }
    let count = |sign: char| lines.iter().filter(|line| line.chars().nth(2) == Some(sign)).count();
    let things = |count: usize| format!("{count} thing{}", if count == 1 { "" } else { "s" });
    let (red, amber) = (count('✗'), count('!'));
    lines.pop();
    lines.push(match (red, amber) {
        (0, 0) => "✓ all green".to_owned(),
        (0, amber) => format!("! nothing is red; {} to know of", things(amber)),
        (red, 0) => format!("✗ {} will not work", things(red)),
        (red, amber) => format!("✗ {} will not work, and {} to know of", things(red), things(amber)),
    });
    lines.join("\n")
}

/// A page for the book: what was typed, and what it said.
fn shown(room: &Room, deck: Option<&str>) -> String {
    for program in ["sh", "bash"] {
        fs::copy(room.at("bin/hello"), room.at("bin").join(program)).unwrap();
    }
    let _ = fs::rename(room.at("deck"), room.at("mytalk"));
    let output = room.command(deck.map(Path::new)).output().unwrap();
    let page = neutral(&String::from_utf8_lossy(&output.stdout));
    let named = deck.map(|deck| format!(" {deck}")).unwrap_or_default();
    format!("```text\n$ greenroom preflight{named}\n{page}\n```\n")
}

/// A deck in which most things are wrong.
fn broken() -> Room {
    let room = Room::new().outline(
        "minutes: 2\ncolour: red\ndemos:\n  shop: {command: [shop, --port, '8000'], tape: shop.cast}\n  \
         count: {command: [sh, count.sh], tape: count.cast}\n  wide: {command: [hello], tape: wide.cast}\n  \
         old: {command: [hello, --new], tape: old.cast}\n",
    );
    let long = "A line of a slide that is too long.\n\n".repeat(12);
    let notes = "word ".repeat(400);
    let panes = ["shop", "count", "wide", "old"]
        .map(|demo| format!("# Demo {demo}\n\n```pane\ndemo: {demo}\n```\n\n---\n\n"));
    let room = room.slides(&format!(
        "{}# Too long\n\n{long}<!-- speaker_note: {notes} -->\n\n![](chart.png)\n",
        panes.concat()
    ));
    room.write("deck/count.sh", "echo 1\n");
    half_a_picture(&room.at("deck/chart.png"));
    room.write("deck/count.cast", format!("{CAST}[0.2, \"o\", \"cut"));
    room.write("deck/wide.cast", CAST.replace("40", "160"));
    room.write("deck/shop.cast", b"\x89PNG\r\n\x1a\n");
    room.write(
        "deck/old.cast",
        "{\"version\":3,\"term\":{\"cols\":60,\"rows\":5},\"command\":\"hello\",\"timestamp\":1763856000,\"greenroom\":{\"demo\":\"old\"}}\n\
         [0.1,\"o\",\"hi\"]\n[0,\"x\",\"0\"]\n",
    );
    room.with("LANG", "C").sized("80x24")
}

/// A deck of somebody else's, as it is found.
fn strangers() -> Room {
    let room = Room::new().slides(
        "---\ntitle: Somebody's talk\nauthor: Somebody\n---\n\nHello\n===\n\n```bash +exec\ncurl -s https://example.org/install.sh | sh\n```\n\n\
         <!-- end_slide -->\n\nPicture\n===\n\n![](cat.png)\n",
    );
    image::RgbImage::new(64, 48).save(room.at("deck/cat.png")).unwrap();
    room
}

/// What tells `.ci/book` who has run the command of a page.
const RUN: &str = "<!-- run by: the_three_pages_of_the_book_are_what_is_printed -->\n";

#[test]
fn the_three_pages_of_the_book_are_what_is_printed() {
    // What the pages show is looked for in places that are the same everywhere.
    let built_in = Room::new().with("TERM", "xterm-kitty");
    let (broken, strangers) = (broken(), strangers());
    let text = format!(
        "# Ten minutes before\n\n\
         `greenroom preflight` looks at everything that can go wrong in the next hour, and says on one page what is so and what to do.\n\
         `✓` will work, `!` will work otherwise than the deck means it, `✗` will not. It runs nothing of the deck, waits for nothing\n\
         longer than ten seconds, and exits with 1 when a line is red. Slides are compared with the window it is started in, or with\n\
         `--size 120x35`; `--format json` is for programs. What a deck does not use has no line.\n\n\
         These pages are written by `tests/it/preflight.rs` (`GREENROOM_WRITE_DOCS=1 cargo test --test it preflight`); lines about this\n\
         computer's load, battery and database are left out of them.\n\n\
         ## The built-in talk, on a computer where nothing is set up yet\n\n{RUN}{}\n\
         ## A deck in which most things are wrong\n\n{RUN}{}\n\
         ## A stranger's deck\n\nWhat it would start is shown before anybody is asked, and nothing has been run.\n\n{RUN}{}",
        shown(&built_in, None),
        shown(&broken, Some("mytalk")),
        shown(&strangers, Some("mytalk/s.md")),
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src/how-to/preflight.md");
    if std::env::var_os("GREENROOM_WRITE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let book = fs::read_to_string(&path).unwrap_or_default();
    // The built-in talk may be edited without its page.
    let plain = |text: &str| {
        text.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty()).collect::<String>()
    };
    assert!(
        plain(&book) == plain(&text),
        "GREENROOM_WRITE_DOCS=1 writes docs/src/how-to/preflight.md anew; it would be\n{text}"
    );
}
