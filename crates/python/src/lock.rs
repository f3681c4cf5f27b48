//! The lock file of a deck: read, understood, and never handed on as it is.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::uv::SetupError;
use crate::lockfile;
use crate::requirement::{self, LockedPackage};
use greenroom_base::diag::Diagnostic;
use greenroom_base::files::{FileError, Files};
use greenroom_base::hex;
use greenroom_system::private;

/// Where a deck keeps its lock file.
pub const LOCK: &str = "demos/locks/requirements.txt";
/// No lock file is larger.
const MAX_LOCK: u64 = 4 << 20;

/// Why a lock file is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// The file.
    #[error("{path} cannot be read: {error}")]
    File {
        /// Which.
        path: String,
        /// Why.
        error: FileError,
    },
    /// What it holds; at least one thing.
    #[error("{}", first_of(.0))]
    Refused(Vec<Diagnostic>),
}

fn first_of(problems: &[Diagnostic]) -> String {
    let first = problems.first().map(ToString::to_string).unwrap_or_default();
    match problems.len() {
        0 | 1 => first,
        many => format!("{first}; and {} more", many - 1),
    }
}

/// What is to be installed, down to the last hash; nothing at all for a deck that has no lock file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    /// As the deck has it: it names the environment, and no program reads it.
    pub(super) text: Bytes,
    entries: Vec<LockedPackage>,
    pub(super) build: bool,
}

impl Lock {
    /// The one of the deck in `files`.
    ///
    /// # Errors
    /// When there is one that cannot be read, or that holds anything but packages with their versions and hashes.
    pub fn of(files: &dyn Files) -> Result<Self, LockError> {
        match Self::at(files, LOCK) {
            Err(LockError::File { error: FileError::Missing, .. }) => Ok(Self::default()),
            read => read,
        }
    }

    /// The one at `path` of the deck in `files`.
    ///
    /// # Errors
    /// When it is not there, cannot be read, or holds anything but packages with their versions and hashes.
    pub fn at(files: &dyn Files, path: &str) -> Result<Self, LockError> {
        let read = files.read(path, MAX_LOCK);
        let text = read.map_err(|error| LockError::File { path: path.to_owned(), error })?;
        let entries = lockfile::read(path, &text).map_err(LockError::Refused)?;
        Ok(Self { text, entries, build: false })
    }

    /// The same, with packages that have no wheel built from their source. That runs code of theirs, which a person
    /// has to agree to.
    #[must_use]
    pub fn building(self, build: bool) -> Self {
        Self { build, ..self }
    }

    /// Whether packages that have no wheel are built.
    #[must_use]
    pub(crate) const fn builds(&self) -> bool {
        self.build
    }

    /// Whether it asks for no package.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The packages, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[LockedPackage] {
        &self.entries
    }

    /// A name for exactly these packages: 64 hexadecimal digits. Who has agreed to them passes it on
    /// (`greenroom setup --agreed`), so that others are not installed in their place.
    #[must_use]
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(requirement::text(&self.entries).as_bytes()))
    }

    /// Writes it anew for an installer: a file that only this user can read, in a folder of its own inside of
    /// `parent`, which goes away with what is given back.
    pub(super) fn write(&self, parent: &Path) -> Result<(TempDir, PathBuf), SetupError> {
        private_file(parent, &requirement::text(&self.entries))
    }
}

/// A file with `text` that only this user can read, in a folder of its own inside of `parent`.
pub(super) fn private_file(parent: &Path, text: &str) -> Result<(TempDir, PathBuf), SetupError> {
    let folder = private::folder_in("lock-", parent).map_err(SetupError::io(parent))?;
    let path = folder.path().join("requirements.txt");
    private::write_secret(&path, text).map_err(SetupError::io(&path))?;
    Ok((folder, path))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use greenroom_base::files::MemoryFiles;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn h1_an_installer_gets_what_was_understood_and_nobody_else_can_read_it() {
        let hash = "0".repeat(64);
        let line = format!("# by hand\nA==1 --hash=sha256:{hash} # x\n");
        let lock = Lock::of(&MemoryFiles::new().with(LOCK, line.clone())).unwrap();
        let top = tempfile::tempdir().unwrap();
        let (folder, path) = lock.write(top.path()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("A==1 \\\n    --hash=sha256:{hash}\n"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(folder.path()), mode(&path)), (0o700, 0o600));
        let other = Lock::of(&MemoryFiles::new().with(LOCK, line.replace("A==1", "A==2"))).unwrap();
        assert_ne!(lock.digest(), other.digest());
        let same = Lock::of(&MemoryFiles::new().with(LOCK, line.replace("by hand", "by uv"))).unwrap();
        assert_eq!(lock.digest(), same.digest());
        let files = MemoryFiles::new().with(LOCK, "-r ../x\nb\n");
        let error = Lock::of(&files).unwrap_err();
        assert!(
            error.to_string().starts_with("demos/locks/requirements.txt:1:1: `-r` is an option"),
            "{error}"
        );
        assert!(error.to_string().ends_with("; and 1 more"), "{error}");
    }
}
