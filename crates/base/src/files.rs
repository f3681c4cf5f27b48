//! Reading a deck without knowing where it lives: on disk, inside the executable, or in a test.

use std::collections::BTreeMap;

use bytes::Bytes;

/// Why a file of a deck could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Nothing is there.
    #[error("there is no such file")]
    Missing,
    /// The path leads out of the deck folder.
    #[error("the path leads out of the deck folder")]
    Outside,
    /// The file is larger than what the caller is ready to read.
    #[error("the file is {size} bytes long; at most {limit} are read")]
    TooLarge {
        /// Bytes in the file.
        size: u64,
        /// Bytes the caller allows.
        limit: u64,
    },
    /// Anything else the system said.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// A folder of files, read-only. Paths are relative to the folder, with `/` between parts.
pub trait Files: Send + Sync {
    /// The bytes of the file at `path`, if it has no more than `limit` of them.
    ///
    /// # Errors
    /// [`FileError`]: never a partial read, and never a file outside of the folder.
    fn read(&self, path: &str, limit: u64) -> Result<Bytes, FileError>;

    /// The first `count` bytes of the file at `path`, or all of it when it is shorter: for reading headers.
    ///
    /// # Errors
    /// As [`Files::read`], without the limit.
    fn head(&self, path: &str, count: usize) -> Result<Bytes, FileError>;

    /// Every file below the folder `path` (`""` for all), sorted.
    ///
    /// # Errors
    /// [`FileError`] when `path` is no folder of this deck.
    fn list(&self, path: &str) -> Result<Vec<String>, FileError>;

    /// Whether the file at `path` may be run as a program; false where that is not known.
    fn is_executable(&self, _path: &str) -> bool {
        false
    }
}

/// Files in memory: for tests, and for what is embedded in the executable.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(BTreeMap<String, Bytes>);

impl MemoryFiles {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more file.
    #[must_use]
    pub fn with(mut self, path: &str, contents: impl Into<Bytes>) -> Self {
        self.0.insert(path.to_owned(), contents.into());
        self
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &str, limit: u64) -> Result<Bytes, FileError> {
        let path = normalize(path).ok_or(FileError::Outside)?;
        let contents = self.0.get(&path).ok_or(FileError::Missing)?;
        let size = contents.len() as u64;
        if size > limit {
            return Err(FileError::TooLarge { size, limit });
        }
        Ok(contents.clone())
    }

    fn head(&self, path: &str, count: usize) -> Result<Bytes, FileError> {
        let whole = self.read(path, u64::MAX)?;
        Ok(whole.slice(..count.min(whole.len())))
    }

    fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        let folder = normalize(path).ok_or(FileError::Outside)?;
        let inside = |file: &&String| folder.is_empty() || file.starts_with(&format!("{folder}/"));
        Ok(self.0.keys().filter(inside).cloned().collect())
    }
}

/// `path` without `.` and `..`; nothing when it is absolute or leads out of the folder.
#[must_use]
pub fn normalize(path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// `path` as written in `file`: relative to the folder that `file` is in.
#[must_use]
pub fn beside(file: &str, path: &str) -> String {
    match file.rsplit_once('/') {
        Some((folder, _)) if !path.starts_with('/') => format!("{folder}/{path}"),
        _ => path.to_owned(),
    }
}

/// What `error` says about the file `path` of a deck, as a message without place.
#[must_use]
pub fn message(path: &str, error: &FileError) -> String {
    match error {
        FileError::Missing => format!("there is no file \"{path}\" in the deck"),
        FileError::Outside => format!("\"{path}\" leads out of the deck folder"),
        other => format!("\"{path}\": {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_the_folder() {
        let files = MemoryFiles::new().with("a/b.md", "x");
        assert_eq!(files.read("a/./c/../b.md", 9), Ok(Bytes::from("x")));
        assert_eq!(files.read("../a/b.md", 9), Err(FileError::Outside));
        assert_eq!(files.read("/a/b.md", 9), Err(FileError::Outside));
        assert_eq!(files.read("b.md", 9), Err(FileError::Missing));
        assert_eq!(files.read("a/b.md", 0), Err(FileError::TooLarge { size: 1, limit: 0 }));
        assert_eq!(beside("x/y.md", "z.png"), "x/z.png");
    }
}
