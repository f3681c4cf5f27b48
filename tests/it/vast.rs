//! Terminals and recordings of 65535 by 65535, more cells than there is memory for: the talk goes on. And when memory
//! does run out, the terminal is given back.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

const PATIENCE: Duration = Duration::from_mins(1);

/// A terminal, and Greenroom on it with too little memory for so many cells, whatever the machine has.
struct Terminal {
    ours: File,
    theirs: OwnedFd,
    child: Child,
    shown: Vec<u8>,
}

impl Terminal {
    fn open(home: &Path, (columns, rows): (u16, u16), args: &str) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        resize(&theirs, columns, rows);
        rustix::io::ioctl_fionbio(&ours, true).unwrap();
        let of = || theirs.try_clone().unwrap();
        let line = format!("ulimit -v 3000000; exec {} {args}", env!("CARGO_BIN_EXE_greenroom"));
        let mut command = Command::new("setsid");
        command.args(["--ctty", "sh", "-c", &line]).stdin(of()).stdout(of()).stderr(of());
        command.env("HOME", home).env("XDG_STATE_HOME", home.join("state")).env("TERM", "xterm-256color");
        let child = command.current_dir(home).spawn().unwrap();
        Self { ours: ours.into(), theirs, child, shown: Vec::new() }
    }

    fn read(&mut self) {
        let mut bytes = [0; 8192];
        while let Ok(count @ 1..) = self.ours.read(&mut bytes) {
            self.shown.extend_from_slice(&bytes[..count]);
            assert!(self.shown.len() < 64 << 20, "it draws and draws");
        }
        std::thread::sleep(Duration::from_millis(10));
    }

    fn has(&self, word: &str) -> bool {
        self.shown.windows(word.len()).any(|part| part == word.as_bytes())
    }

    fn until_shows(&mut self, word: &str) {
        let began = Instant::now();
        while !self.has(word) {
            self.read();
            assert!(began.elapsed() < PATIENCE, "no {word:?}: {}", self.text());
        }
    }

    /// Presses `key` twice a second until `word` shows.
    fn press_until(&mut self, key: &str, word: &str) {
        let (began, mut pressed) = (Instant::now(), 0);
        while !self.has(word) {
            if began.elapsed() >= Duration::from_millis(500) * pressed {
                pressed += 1;
                self.ours.write_all(key.as_bytes()).unwrap();
            }
            self.read();
            assert!(began.elapsed() < PATIENCE, "no {word:?}: {}", self.text());
        }
    }

    fn text(&self) -> String {
        let end = self.shown.len().saturating_sub(2000);
        let text = String::from_utf8_lossy(&self.shown[end..]).replace('\x1b', "");
        text.chars().filter(char::is_ascii).collect()
    }

    /// The process that draws.
    fn stage(&self) -> Pid {
        let below = |pid: u32| {
            let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
            children.split_whitespace().next().expect("a child").parse::<u32>().unwrap()
        };
        // What was started has become the shell, and that the keeper.
        Pid::from_raw(below(self.child.id()).try_into().unwrap()).unwrap()
    }

    /// Waits for its end, asking for that as a person would: the shell has its terminal back as it was.
    fn end_restored(mut self, what: &str) -> ExitStatus {
        let began = Instant::now();
        let mut asked = 0;
        while self.child.try_wait().unwrap().is_none() {
            self.read();
            if began.elapsed() > Duration::from_secs(2) * (asked + 1) {
                asked += 1;
                let _ = self.ours.write_all(b"q");
            }
            assert!(began.elapsed() < PATIENCE, "{what}: it does not end: {}", self.text());
        }
        self.read();
        let modes = tcgetattr(&self.theirs).unwrap().local_modes;
        let cooked = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        assert!(modes.contains(cooked), "{what}: it is still raw: {modes:?}: {}", self.text());
        let last = |word: &str| self.shown.windows(word.len()).rposition(|part| part == word.as_bytes());
        for (on, off) in
            [("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?25l", "\x1b[?25h"), ("\x1b[?1000h", "\x1b[?1000l")]
        {
            assert!(last(on) <= last(off), "{what}: {on:?} stays: {}", self.text());
        }
        self.child.wait().unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resize(terminal: &OwnedFd, columns: u16, rows: u16) {
    let size = Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(terminal, size).unwrap();
}

const SIZES: [(u16, u16); 4] = [(u16::MAX, u16::MAX), (u16::MAX, 24), (80, u16::MAX), (20_000, 20_000)];

fn deck(home: &Path) {
    let slides = "# First\n\n```pane\ncommand: [sh, -c, 'echo $((40 + 2))ab; exec sleep 1000']\n```\n\n---\n\n# Second\n";
    fs::create_dir(home.join("deck")).unwrap();
    fs::write(home.join("deck/deck.md"), slides).unwrap();
}

#[test]
fn m4_a_talk_goes_on_in_a_terminal_too_large_for_memory() {
    let home = tempfile::tempdir().unwrap();
    deck(home.path());
    for size in SIZES {
        let status = Terminal::open(home.path(), size, "deck/deck.md").end_restored(&format!("{size:?}"));
        assert!(status.success(), "{size:?}: {status}");
    }
}

#[test]
fn m4_a_talk_goes_on_when_its_terminal_becomes_too_large_for_memory() {
    for size in SIZES {
        // Nobody has agreed to anything in this one.
        let home = tempfile::tempdir().unwrap();
        deck(home.path());
        let mut terminal = Terminal::open(home.path(), (80, 24), "deck/deck.md");
        terminal.until_shows("1 / 2");
        // With a program on the slide, whose terminal becomes as large.
        terminal.ours.write_all(b"x").unwrap();
        terminal.until_shows("run them, now and later");
        // A key that comes with the card is not taken for an answer.
        terminal.press_until("y", "42ab");
        resize(&terminal.theirs, size.0, size.1);
        let status = terminal.end_restored(&format!("resized to {size:?}"));
        assert!(status.success(), "{size:?}: {status}");
    }
}

#[test]
fn m4_a_recording_too_large_for_memory_plays() {
    let home = tempfile::tempdir().unwrap();
    for (columns, rows) in SIZES {
        let head = format!("{{\"version\": 2, \"width\": {columns}, \"height\": {rows}}}\n");
        let events =
            "[0.1, \"o\", \"hello\"]\n[0.2, \"r\", \"65535x65535\"]\n[0.3, \"o\", \"\\u001b[2Jthere\"]\n";
        fs::write(home.path().join("tape.cast"), head + events).unwrap();
        Terminal::open(home.path(), (80, 24), "play tape.cast")
            .end_restored(&format!("tape of {columns}x{rows}"));
    }
}

#[test]
fn m4_a_stage_that_runs_out_of_memory_gives_the_terminal_back() {
    let home = tempfile::tempdir().unwrap();
    deck(home.path());
    let mut terminal = Terminal::open(home.path(), (80, 24), "deck/deck.md");
    terminal.until_shows("1 / 2");
    let stage = terminal.stage();
    let pages = fs::read_to_string(format!("/proc/{}/statm", stage.as_raw_nonzero())).unwrap();
    let pages: u64 = pages.split(' ').next().unwrap().parse().unwrap();
    let most = Some(pages * 4096 + (4 << 20));
    prlimit(Some(stage), Resource::As, Rlimit { current: most, maximum: most }).unwrap();
    resize(&terminal.theirs, 2000, 1000);
    let status = terminal.end_restored("out of memory");
    assert!(!status.success(), "it did not run out of memory: {status}");
}
