//! A deck on disk: reading it, and writing beneath it.

pub mod beneath;
pub mod new_file;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Bound;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use greenroom_base::files::{FileError, Files, normalize};

/// At most this many files of a deck are listed.
const MAX_FILES: usize = 20_000;

/// The files below one folder. Links are followed, but only to what is inside of the folder.
#[derive(Debug, Clone)]
pub struct DiskFiles {
    root: PathBuf,
    asked: Asked,
}

/// What has been read, or looked for, so far: the files whose changes matter.
#[derive(Debug, Clone, Default)]
pub struct Asked(Arc<Mutex<BTreeSet<PathBuf>>>);

impl Asked {
    /// Whether it was the file at `path`, or one in the folder there.
    #[must_use]
    pub fn concerns(&self, path: &Path) -> bool {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked
            .range::<Path, _>((Bound::Included(path), Bound::Unbounded))
            .next()
            .is_some_and(|next| next.starts_with(path))
    }

    /// Whether one of the paths is as `is` wants it.
    #[must_use]
    pub fn any(&self, is: impl Fn(&Path) -> bool) -> bool {
        // Not under the lock: `is` may look at the disk.
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        asked.iter().any(|path| is(path))
    }

    /// Remembers `path`, as long as there are not too many.
    fn add(&self, path: PathBuf) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() < MAX_FILES {
            asked.insert(path);
        }
    }
}

impl DiskFiles {
    /// The files below `root`.
    ///
    /// # Errors
    /// When `root` is no folder that can be read.
    pub fn new(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        if root.is_dir() {
            Ok(Self { root, asked: Asked::default() })
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    /// The folder, without links in its path.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is asked of these files, from now on as well.
    #[must_use]
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The real path of `path`, if that is inside of the folder.
    fn resolve(&self, path: &str) -> Result<PathBuf, FileError> {
        let relative = Path::new(path);
        if relative.components().any(|part| matches!(part, Component::RootDir | Component::Prefix(_))) {
            return Err(FileError::Outside);
        }
        // What is missing may still have asked to leave: that is the more useful thing to say.
        let mut depth = 0_usize;
        let leaves = relative.components().any(|part| match part {
            Component::ParentDir => depth.checked_sub(1).map(|less| depth = less).is_none(),
            Component::Normal(_) => {
                depth += 1;
                false
            }
            _ => false,
        });
        if let Some(inside) = normalize(path) {
            self.asked.add(self.root.join(inside));
        }
        match self.root.join(relative).canonicalize() {
            Ok(real) if real.starts_with(&self.root) => {
                self.asked.add(real.clone());
                Ok(real)
            }
            Ok(_) => Err(FileError::Outside),
            Err(_) if leaves => Err(FileError::Outside),
            Err(error) => Err(said(&error)),
        }
    }

    /// Opens a file, and says how long it is: for what is too large to be read at once.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub fn open(&self, path: &str) -> Result<(File, u64), FileError> {
        let real = self.resolve(path)?;
        // A named pipe would block, and a device never ends.
        let about = fs::metadata(&real).map_err(|error| said(&error))?;
        if !about.is_file() {
            return Err(FileError::Unreadable("it is not a file".to_owned()));
        }
        let file = File::open(&real).map_err(|error| said(&error))?;
        Ok((file, about.len()))
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str, limit: u64) -> Result<Bytes, FileError> {
        let (file, size) = self.open(path)?;
        if size > limit {
            return Err(FileError::TooLarge { size, limit });
        }
        let contents = read_most(file, limit.saturating_add(1))?;
        let size = contents.len() as u64;
        if size > limit { Err(FileError::TooLarge { size, limit }) } else { Ok(contents.into()) }
    }

    fn head(&self, path: &str, count: usize) -> Result<Bytes, FileError> {
        let (file, _) = self.open(path)?;
        Ok(read_most(file, count as u64)?.into())
    }

    fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        let folder = if path.is_empty() { self.root.clone() } else { self.resolve(path)? };
        let mut found = Vec::new();
        let mut waiting = vec![folder];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| said(&error))? {
                let entry = entry.map_err(|error| said(&error))?;
                let kind = entry.file_type().map_err(|error| said(&error))?;
                let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
                if kind.is_dir() && !hidden {
                    waiting.push(entry.path());
                } else if let (true, Ok(inside)) = (kind.is_file(), entry.path().strip_prefix(&self.root)) {
                    found.push(inside.to_string_lossy().into_owned());
                }
                if found.len() >= MAX_FILES {
                    waiting.clear();
                    break;
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn is_executable(&self, path: &str) -> bool {
        use std::os::unix::fs::PermissionsExt;
        let about = self.resolve(path).ok().and_then(|real| fs::metadata(real).ok());
        about.is_some_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
    }
}

fn read_most(file: File, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut contents = Vec::new();
    file.take(limit).read_to_end(&mut contents).map_err(|error| said(&error))?;
    Ok(contents)
}

fn said(error: &io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::NotFound => FileError::Missing,
        _ => FileError::Unreadable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_the_folder_is_read() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("deck");
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::write(outer.path().join("secret"), "no").unwrap();
        fs::write(root.join("sub/a.md"), "yes").unwrap();
        std::os::unix::fs::symlink("../secret", root.join("link")).unwrap();
        std::os::unix::fs::symlink("sub/a.md", root.join("inside")).unwrap();
        let files = DiskFiles::new(&root).unwrap();
        assert_eq!(files.read("sub/a.md", 10), Ok(Bytes::from("yes")));
        assert_eq!(files.read("sub/../inside", 10), Ok(Bytes::from("yes")));
        assert_eq!(files.read("../deck/sub/a.md", 10), Ok(Bytes::from("yes")), "comes back in");
        for path in ["../secret", "link", "/etc/passwd", "../missing"] {
            assert_eq!(files.read(path, 10), Err(FileError::Outside), "{path}");
        }
        assert_eq!(files.read("missing", 10), Err(FileError::Missing));
        assert!(matches!(files.read("sub", 10), Err(FileError::Unreadable(_))));
        assert_eq!(files.read("sub/a.md", 2), Err(FileError::TooLarge { size: 3, limit: 2 }));
        assert_eq!(files.head("sub/a.md", 2), Ok(Bytes::from("ye")));
        assert_eq!(files.list("").unwrap(), ["sub/a.md"]);
        let asked = |path: &str| files.asked().concerns(&files.root().join(path));
        assert!(["sub/a.md", "sub", "inside", "link", "missing"].into_iter().all(asked), "{files:?}");
        assert!(!["su", "sub/b.md", "other"].into_iter().any(asked), "{files:?}");
    }
}
