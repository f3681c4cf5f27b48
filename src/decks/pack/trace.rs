//! Which files a deck is made of.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use greenroom_base::files::{FileError, Files, normalize};

/// The files of a deck, and which of them have been read: for a deck that is one Markdown file in a folder with
/// other things.
pub struct Traced {
    files: Arc<dyn Files>,
    seen: Mutex<BTreeSet<String>>,
}

impl Traced {
    /// Nothing read yet.
    #[must_use]
    pub fn new(files: Arc<dyn Files>) -> Self {
        Self { files, seen: Mutex::default() }
    }

    /// The names of the files that were read.
    #[must_use]
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn note<T>(&self, path: &str, read: Result<T, FileError>) -> Result<T, FileError> {
        // One that is too large for what was asked of it belongs to the deck all the same.
        if matches!(read, Ok(_) | Err(FileError::TooLarge { .. }))
            && let Some(path) = normalize(path)
        {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(path);
        }
        read
    }
}

impl Files for Traced {
    fn read(&self, path: &str, limit: u64) -> Result<Bytes, FileError> {
        self.note(path, self.files.read(path, limit))
    }

    fn head(&self, path: &str, count: usize) -> Result<Bytes, FileError> {
        self.note(path, self.files.head(path, count))
    }

    fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        self.files.list(path)
    }

    fn is_executable(&self, path: &str) -> bool {
        self.files.is_executable(path)
    }
}
