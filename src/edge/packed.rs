//! The deck that is inside of the executable.

use bytes::Bytes;
use include_dir::{Dir, include_dir};

use crate::files::{FileError, Files, normalize};

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/deck");

/// The built-in talk, Free Threaded Django, as it was when the executable was built.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltIn;

impl Files for BuiltIn {
    fn read(&self, path: &str, limit: u64) -> Result<Bytes, FileError> {
        let path = normalize(path).ok_or(FileError::Outside)?;
        let file = BUILT_IN.get_file(&path).ok_or(FileError::Missing)?;
        let size = file.contents().len() as u64;
        if size > limit {
            Err(FileError::TooLarge { size, limit })
        } else {
            Ok(Bytes::from_static(file.contents()))
        }
    }

    fn head(&self, path: &str, count: usize) -> Result<Bytes, FileError> {
        let whole = self.read(path, u64::MAX)?;
        Ok(whole.slice(..count.min(whole.len())))
    }

    fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        let folder = normalize(path).ok_or(FileError::Outside)?;
        let top = if folder.is_empty() {
            &BUILT_IN
        } else {
            BUILT_IN.get_dir(&folder).ok_or(FileError::Missing)?
        };
        let mut found = Vec::new();
        let mut waiting = vec![top];
        while let Some(dir) = waiting.pop() {
            found.extend(dir.files().map(|file| file.path().to_string_lossy().into_owned()));
            waiting.extend(dir.dirs());
        }
        found.sort();
        Ok(found)
    }
}
