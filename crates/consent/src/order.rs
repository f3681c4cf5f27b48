//! What is to be looked through, how much of it, and why that may end early.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rustix::fs::OFlags;

/// Neither a pipe nor a terminal that took a file's name holds the walk up.
pub(crate) const OPEN_FILE: OFlags = OFlags::NONBLOCK
    .union(OFlags::NOCTTY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC)
    .union(OFlags::RDONLY);
/// Bytes that are read at a time.
pub(crate) const BUFFER: usize = 256 * 1024;

/// How much of a folder is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Files, folders and everything else that has a name.
    pub entries: usize,
    /// What the files hold together.
    pub bytes: u64,
    /// Folders in folders.
    pub depth: usize,
    /// How long it may take.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 20_000, bytes: 1 << 30, depth: 64, time: Duration::from_secs(15) }
    }
}

/// What to look through, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SurveyRequest<'a> {
    /// The deck's folder.
    pub folder: &'a Path,
    /// How much of it.
    pub limits: Limits,
    /// How much of what its links lead to outside.
    pub beyond: Limits,
    /// Files that are left out, of the copy as well: recordings that are being written.
    pub without: &'a BTreeSet<Vec<u8>>,
    /// The folders that this program itself writes to, wherever they are, as real paths.
    pub own: &'a [PathBuf],
    /// Whether demos run in a copy. This program's own folders are left out of it then, and of the manifest.
    pub copied: bool,
    /// Ends the work early.
    pub stop: &'a AtomicBool,
}

/// Why a walk ends before its time.
pub(crate) enum WalkEnd {
    Partial(String),
    Copy(io::Error),
    Stopped,
}

/// A limit for people.
pub(crate) fn in_thousands(count: usize) -> String {
    if count >= 1000 && count.is_multiple_of(1000) {
        format!("{},000", count / 1000)
    } else {
        count.to_string()
    }
}
