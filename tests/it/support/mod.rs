//! What several tests share.

pub(crate) mod agreed;
pub(crate) mod alone;
pub(crate) mod axe;
pub(crate) mod browser;
pub(crate) mod link;
pub(crate) mod needs;
pub(crate) mod place;
pub(crate) mod stage;
pub(crate) mod styled;
pub(crate) mod terminal;

use std::io::{ErrorKind, Result, Write};
use std::path::Path;
use std::process::{Command, Stdio, id};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A name that no other test of this computer has, for a socket of tmux.
pub(crate) fn unique(name: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("greenroom-{name}-{}-{}", id(), COUNT.fetch_add(1, Ordering::Relaxed))
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
