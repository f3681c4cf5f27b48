//! A home of its own for a test of interpreters and environments, with a uv that is made for it, and an index that
//! counts who asks.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::needs::interpreters;
use super::write_executable;

/// Longer than anything takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A uv that writes down what it is asked, makes environments of links alone, and does `$2` where it would install.
const UV: &str = r#"echo "$*" >> "$(dirname "$0")/log"
for last; do :; done
case "$1" in
  venv) while [ "$1" != --python ]; do shift; done
    mkdir -p "$last/bin" && ln -s "$2" "$last/bin/python" && printf 'home = %s\n' "$(dirname "$2")" > "$last/pyvenv.cfg" ;;
  pip) INSTALL ;;
  python) echo "error: Failed to install" >&2; echo "  cause: dns error" >&2; exit 2 ;;
  --version) echo uv 0.0 ;;
esac"#;

/// A home of its own, with nothing in `PATH` but what a test puts there.
pub(crate) struct Place {
    top: tempfile::TempDir,
    pub gil: PathBuf,
    pub free_threaded: PathBuf,
}

impl Place {
    /// None, with a line that says so, where the interpreters are not there.
    #[track_caller]
    pub(crate) fn open() -> Option<Self> {
        let (gil, free_threaded) = interpreters()?;
        let place = Self { top: tempfile::tempdir().unwrap(), gil, free_threaded };
        fs::create_dir_all(place.at("bin")).unwrap();
        fs::create_dir_all(place.at("deck/demos/locks")).unwrap();
        fs::write(place.at("deck/talk.yaml"), "title: T\nsections: [{title: S, file: s.md}]\n").unwrap();
        fs::write(place.at("deck/s.md"), "# S\n").unwrap();
        fs::write(place.at("deck/demos/locks/requirements.txt"), locked("django==6.1.3")).unwrap();
        place.uv(":");
        Some(place)
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.top.path().join(path)
    }

    /// Gives the place a uv that does `install` when it is to install packages.
    pub(crate) fn uv(&self, install: &str) {
        script(&self.at("bin/uv"), &UV.replace("INSTALL", install));
    }

    pub(crate) fn log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.at("bin/log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub(crate) fn greenroom(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greenroom"));
        command
            .env_clear()
            .env("HOME", self.top.path())
            .env("PATH", format!("{}:/usr/bin:/bin", self.at("bin").display()));
        command.env("PYENV_ROOT", self.at("none")).stdin(Stdio::null()).current_dir(self.top.path());
        command
    }

    pub(crate) fn setup(&self) -> Command {
        let mut command = self.greenroom();
        command
            .args(["setup", "deck", "--yes", "--python"])
            .arg(&self.gil)
            .arg("--python-ft")
            .arg(&self.free_threaded);
        command
    }

    pub(crate) fn doctor(&self) -> Command {
        let mut command = self.greenroom();
        command.arg("doctor").arg(self.at("deck"));
        command.env("GREENROOM_PYTHON", &self.gil).env("GREENROOM_PYTHON_FT", &self.free_threaded);
        command
    }

    /// The folders of environments, ready or not.
    pub(crate) fn environments(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.at(".cache/greenroom/envs")).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
    }

    /// The environments that count as ready.
    pub(crate) fn ready(&self) -> usize {
        self.environments().iter().filter(|path| path.join("greenroom.json").is_file()).count()
    }
}

/// Writes a script of the shell that can be run.
pub(crate) fn script(path: &Path, text: &str) {
    write_executable(path, format!("#!/bin/sh\n{text}\n").as_bytes());
}

/// A line of a lock file.
pub(crate) fn locked(package: &str) -> String {
    format!("{package} --hash=sha256:{}\n", "0".repeat(64))
}

pub(crate) fn said(output: &Output) -> String {
    let text = [&*output.stdout, &*output.stderr].concat();
    format!("{:?}\n{}", output.status.code(), String::from_utf8_lossy(&text))
}

#[track_caller]
pub(crate) fn says(output: &Output, status: i32, words: &[&str]) {
    let text = said(output);
    assert_eq!(output.status.code(), Some(status), "{text}");
    for word in words {
        assert!(text.contains(word), "no {word:?} in\n{text}");
    }
}

pub(crate) fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < end, "{what} never happened");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A package index on this computer that has nothing, and writes down who asks for what.
pub(crate) struct Index {
    /// `127.0.0.1:1234`
    pub address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Index {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&requests);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut line = String::new();
                let _ = BufReader::new(&stream).read_line(&mut line);
                written.lock().unwrap().push(line);
                let _ = stream
                    .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        Self { address, requests }
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}
