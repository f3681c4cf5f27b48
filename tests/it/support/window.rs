//! A terminal that is this process: every byte that the program writes can be looked at, and whatever a terminal says can be answered.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, open};
use rustix::process::Pid;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use super::terminal::PATIENCE;

/// Pixels of a cell, in a terminal that tells them.
const CELL: (u16, u16) = (10, 20);

/// A terminal, and Greenroom on it with too little memory for so many cells, whatever the machine has.
pub(crate) struct Window {
    pub ours: File,
    pub theirs: OwnedFd,
    child: Child,
    shown: Vec<u8>,
    /// It speaks kitty's protocol for pictures, and has said so.
    is_kitty: bool,
    has_answered: bool,
}

impl Window {
    /// One that shows text.
    pub(crate) fn open(home: &Path, size: (u16, u16), args: &str) -> Self {
        Self::with(home, size, args, false)
    }

    /// One that shows pictures by kitty's protocol, in its input only, and tells its pixels.
    pub(crate) fn kitty(home: &Path, size: (u16, u16), args: &str) -> Self {
        Self::with(home, size, args, true)
    }

    fn with(home: &Path, (columns, rows): (u16, u16), args: &str, is_kitty: bool) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        rustix::io::ioctl_fionbio(&ours, true).unwrap();
        let of = || theirs.try_clone().unwrap();
        let line = format!("ulimit -v 3000000; exec {} {args}", env!("CARGO_BIN_EXE_greenroom"));
        let mut command = Command::new("setsid");
        command.args(["--ctty", "sh", "-c", &line]).stdin(of()).stdout(of()).stderr(of());
        command.env("HOME", home).env("XDG_STATE_HOME", home.join("state"));
        for name in ["TMUX", "STY", "TERM_PROGRAM"] {
            command.env_remove(name);
        }
        if is_kitty {
            command.env("TERM", "xterm-kitty").env("COLORTERM", "truecolor");
        } else {
            command.env("TERM", "xterm-256color");
        }
        resize(&theirs, (columns, rows), is_kitty);
        let child = command.current_dir(home).spawn().unwrap();
        Self { ours: ours.into(), theirs, child, shown: Vec::new(), is_kitty, has_answered: false }
    }

    /// The window has so many columns and rows now.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        resize(&self.theirs, (columns, rows), self.is_kitty);
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.ours.write_all(keys.as_bytes()).unwrap();
    }

    /// Forgets what it was sent.
    pub(crate) fn forget(&mut self) {
        self.shown.clear();
    }

    fn read(&mut self) {
        let mut bytes = [0; 8192];
        while let Ok(count @ 1..) = self.ours.read(&mut bytes) {
            self.shown.extend_from_slice(&bytes[..count]);
            assert!(self.shown.len() < 64 << 20, "it draws and draws");
        }
        if self.is_kitty && !self.has_answered {
            self.answer();
        }
        std::thread::sleep(Duration::from_millis(10));
    }

    /// Answers what it was asked: a picture in its input is fine, one in a file is not, and what it is.
    fn answer(&mut self) {
        let shown = String::from_utf8_lossy(&self.shown).into_owned();
        let Some(asked) = shown.find("\x1b[c") else { return };
        self.has_answered = true;
        for question in shown[..asked].split("\x1b_G").filter(|keys| keys.contains("a=q,t=d")) {
            let id = question.split(',').next().unwrap();
            self.ours.write_all(format!("\x1b_G{id};OK\x1b\\").as_bytes()).unwrap();
        }
        self.ours.write_all(b"\x1b[?62;c").unwrap();
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.shown.windows(word.len()).any(|part| part == word.as_bytes())
    }

    pub(crate) fn until_shows(&mut self, word: &str) {
        let began = Instant::now();
        while !self.has(word) {
            self.read();
            assert!(began.elapsed() < PATIENCE, "no {word:?}: {}", self.text());
        }
    }

    /// Presses `key` twice a second until `word` shows.
    pub(crate) fn press_until(&mut self, key: &str, word: &str) {
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
    pub(crate) fn stage(&self) -> Pid {
        let below = |pid: u32| {
            let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
            children.split_whitespace().next().expect("a child").parse::<u32>().unwrap()
        };
        // What was started has become the shell, and that the keeper.
        Pid::from_raw(below(self.child.id()).try_into().unwrap()).unwrap()
    }

    /// Waits for its end, asking for that as a person would: the shell has its terminal back as it was.
    pub(crate) fn end_restored(mut self, what: &str) -> ExitStatus {
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

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resize(terminal: &OwnedFd, (columns, rows): (u16, u16), tells: bool) {
    let pixels = |cells: u16, each: u16| if tells { cells.saturating_mul(each) } else { 0 };
    let size = Winsize {
        ws_col: columns,
        ws_row: rows,
        ws_xpixel: pixels(columns, CELL.0),
        ws_ypixel: pixels(rows, CELL.1),
    };
    tcsetwinsize(terminal, size).unwrap();
}
