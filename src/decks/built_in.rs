//! The deck that is inside of the executable.

use std::io::{self, Read};

use bytes::Bytes;
use include_dir::{Dir, include_dir};

use greenroom_base::files::{FileError, Files, normalize};

/// The files as `build.rs` left them: eight bytes of length, and a zstd frame.
static BUILT_IN: Dir<'static> = include_dir!("$OUT_DIR/deck");

/// The built-in talk, Free Threaded Django, as it was when the executable was built.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltIn;

impl BuiltIn {
    /// The length of a file, without unpacking it.
    #[must_use]
    pub fn size(self, path: &str) -> Option<u64> {
        packed(path).ok().map(|(size, _)| size)
    }
}

impl Files for BuiltIn {
    fn read(&self, path: &str, limit: u64) -> Result<Bytes, FileError> {
        let (size, frame) = packed(path)?;
        let too_large = FileError::TooLarge { size, limit };
        let room = usize::try_from(size).ok().filter(|_| size <= limit).ok_or(too_large)?;
        Ok(zstd::bulk::decompress(frame, room).map_err(unreadable)?.into())
    }

    fn head(&self, path: &str, count: usize) -> Result<Bytes, FileError> {
        let (_, frame) = packed(path)?;
        let mut head = Vec::new();
        let unpacked = zstd::stream::read::Decoder::new(frame).map_err(unreadable)?;
        unpacked.take(count as u64).read_to_end(&mut head).map_err(unreadable)?;
        Ok(head.into())
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

/// A file's size, and its zstd frame.
fn packed(path: &str) -> Result<(u64, &'static [u8]), FileError> {
    let path = normalize(path).ok_or(FileError::Outside)?;
    let file = BUILT_IN.get_file(&path).ok_or(FileError::Missing)?;
    let (size, frame) = file.contents().split_first_chunk().ok_or(FileError::Missing)?;
    Ok((u64::from_le_bytes(*size), frame))
}

#[allow(clippy::needless_pass_by_value)] // as `map_err` hands it over
fn unreadable(error: io::Error) -> FileError {
    FileError::Unreadable(error.to_string())
}
