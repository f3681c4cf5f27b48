//! The executable in a real terminal: tmux is the terminal, and is asked what it shows and in which modes it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

use super::needs::require;
use super::unique;

/// Longer than anything takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A shell in a terminal of 80 by 24.
pub(crate) struct Terminal {
    socket: String,
    pub home: TempDir,
}

impl Terminal {
    /// None, with a line that says so, where there is no tmux (an error where everything has to run).
    pub(crate) fn open(name: &str) -> Option<Self> {
        if !require("tmux") {
            return None;
        }
        let terminal = Self { socket: unique(name), home: TempDir::new().unwrap() };
        let home = terminal.home.path().display();
        let shell = format!(
            "env HOME={home} XDG_STATE_HOME={home}/state COLORTERM=truecolor PS1='$ ' bash --norc --noprofile"
        );
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", &shell]);
        terminal.wait("a prompt", |terminal| terminal.text().contains('$'));
        Some(terminal)
    }

    pub(crate) fn tmux(&self, args: &[&str]) -> Output {
        Command::new("tmux").args(["-L", &self.socket]).args(args).output().unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.tmux(&["capture-pane", "-p"]).stdout).into_owned()
    }

    /// Whether the alternate screen, the cursor and mouse reports are on.
    pub(crate) fn modes(&self) -> String {
        let format = "#{alternate_on} #{cursor_flag} #{mouse_any_flag}";
        String::from_utf8_lossy(&self.tmux(&["display", "-p", format]).stdout).trim().to_owned()
    }

    pub(crate) fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Types a line into the shell.
    pub(crate) fn run(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]);
        self.keys(&["Enter"]);
    }

    pub(crate) fn wait(&self, what: &str, mut condition: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "no {what}; modes {}, screen:\n{}", self.modes(), self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn shows(&self, text: &str) {
        self.wait(text, |terminal| terminal.text().contains(text));
    }

    /// What the shell has started: greenroom's keeper.
    pub(crate) fn job(&self) -> String {
        let shell =
            String::from_utf8_lossy(&self.tmux(&["display", "-p", "#{pane_pid}"]).stdout).trim().to_owned();
        child_of(&shell)
    }

    /// The process that draws: the keeper's child.
    pub(crate) fn stage(&self) -> String {
        child_of(&self.job())
    }

    /// The shell has its terminal back as it was: screen, cursor, mouse, and lines that are edited and echoed.
    pub(crate) fn is_restored(&self) {
        self.wait("restored terminal", |terminal| terminal.modes() == "0 1 0");
        self.run(
            "stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo|isig)' | sort | tr '\\n' ' '; echo end",
        );
        self.shows("echo icanon isig end");
    }
}

/// The first process named greenroom that `parent` has started.
fn child_of(parent: &str) -> String {
    let found = Command::new("pgrep").args(["-P", parent, "greenroom"]).output().unwrap();
    let found = String::from_utf8_lossy(&found.stdout).lines().next().unwrap_or_default().to_owned();
    assert!(!found.is_empty(), "{parent} has no greenroom below it");
    found
}

/// Sends `signal` to the process `pid`.
pub(crate) fn kill(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([&format!("-{signal}"), pid]).status().unwrap().success());
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

pub(crate) fn greenroom() -> String {
    cargo_bin("greenroom").display().to_string()
}

pub(crate) fn deck(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("deck.md");
    fs::write(&path, text).unwrap();
    path
}

pub(crate) const THREE: &str = "# First\n\none\n\n---\n\n# Second\n\ntwo\n\n---\n\n# Third\n\nthree\n";

/// Bytes of memory that the stage on `terminal` has.
pub(crate) fn memory(terminal: &Terminal) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", terminal.stage().trim())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() * 1024
}
