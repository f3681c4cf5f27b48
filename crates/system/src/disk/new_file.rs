//! A file that is there as a whole, or not at all.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// The new one takes its place.
    Replace,
    /// It stays, and the new one goes.
    Keep,
}

/// A file that is written beside its place and moved there when it is complete; until then only its user may read it.
/// Dropped before that, it leaves nothing behind. What lies in a deck's folder, where links may lead elsewhere, is written
/// by [`super::beneath`] instead.
#[derive(Debug)]
pub struct NewFile {
    unfinished: NamedTempFile,
    path: PathBuf,
}

impl NewFile {
    /// Begins the file that will be at `path`, whose folder is there.
    ///
    /// # Errors
    /// When nothing can be written in the folder.
    pub fn beside(path: &Path) -> io::Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let unfinished = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        Ok(Self { unfinished, path: path.to_owned() })
    }

    /// What is written to, and may be read again.
    pub fn file(&mut self) -> &mut File {
        self.unfinished.as_file_mut()
    }

    /// Moves it to its place, with these permissions.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] when there is a file that stays; what else the system says.
    pub fn finish(self, mode: u32, existing: Existing) -> io::Result<()> {
        self.unfinished.as_file().set_permissions(Permissions::from_mode(mode))?;
        match existing {
            Existing::Replace => self.unfinished.persist(&self.path),
            Existing::Keep => self.unfinished.persist_noclobber(&self.path),
        }?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_is_there_as_a_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let write = |text: &str| {
            let mut new = NewFile::beside(&path).unwrap();
            new.file().write_all(text.as_bytes()).unwrap();
            new
        };
        drop(write("half"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "what was given up leaves nothing");
        write("one").finish(0o600, Existing::Keep).unwrap();
        let taken = write("two").finish(0o644, Existing::Keep).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        write("three").finish(0o640, Existing::Replace).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
