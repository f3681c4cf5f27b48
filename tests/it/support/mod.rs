//! What several tests share.

pub(crate) mod agreed;
pub(crate) mod alone;
pub(crate) mod axe;
pub(crate) mod browser;
pub(crate) mod link;
pub(crate) mod needs;
pub(crate) mod place;
#[cfg(target_os = "linux")]
pub(crate) mod room;
pub(crate) mod stage;
pub(crate) mod styled;
pub(crate) mod terminal;
#[cfg(target_os = "linux")]
pub(crate) mod window;

use std::fs;
use std::io::{ErrorKind, Result, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, id};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A name that no other test of this computer has, for a socket of tmux.
pub(crate) fn unique(name: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("greenroom-{name}-{}-{}", id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Every source file of the program, its libraries and their tests, by its path.
pub(crate) fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> = ["crates", "src", "tests"].iter().map(|name| root.join(name)).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.extension().is_some_and(|end| end == "rs") => {
                    let text = fs::read_to_string(&path).unwrap();
                    found.push((path, text));
                }
                _ => {}
            }
        }
    }
    found
}

/// Writes a program. Another process writes it: what this one has open for writing, or a child that another test starts
/// just then still has, cannot be run.
pub(crate) fn write_executable(path: &Path, text: &[u8]) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat > \"$0\" && chmod +x \"$0\""]).arg(path).stdin(Stdio::piped());
    let mut writer = shell.spawn().unwrap();
    writer.stdin.take().unwrap().write_all(text).unwrap();
    assert!(writer.wait().unwrap().success());
}

/// Starts a program that this process has written a moment ago, as soon as no child of another test has it open.
pub(crate) fn when_not_busy<T>(mut start: impl FnMut() -> Result<T>) -> Result<T> {
    let end = Instant::now() + Duration::from_mins(1);
    loop {
        match start() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}
