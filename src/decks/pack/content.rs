//! What a packed deck may hold, and the name of that: a checksum over its files, however they are stored.

use sha2::{Digest, Sha256};

use super::MAX_DECK;
use greenroom_base::files::{FileError, Files, normalize};
use greenroom_base::hex;

/// The content hash that `files` would have when packed.
///
/// # Errors
/// When one of them cannot be read.
pub fn content(files: &dyn Files) -> Result<String, FileError> {
    let mut hash = Sha256::new();
    for path in files.list("")? {
        let bytes = files.read(&path, MAX_DECK)?;
        name_into(&mut hash, &path, files.is_executable(&path));
        hash.update(&bytes);
        hash.update((bytes.len() as u64).to_le_bytes());
    }
    Ok(hex::encode(hash.finalize()))
}

/// A file's name and kind, in front of its bytes and their number.
pub(super) fn name_into(content: &mut Sha256, path: &str, executable: bool) {
    content.update((path.len() as u64).to_le_bytes());
    content.update(path.as_bytes());
    content.update([u8::from(executable)]);
}

/// Why a name is none that is packed: it must lead to a place inside of a folder, on any system, and not hide there.
pub(super) fn bad_name(path: &str) -> Option<&'static str> {
    let odd = |c: char| c.is_control() || c == '\\' || c == '\u{fffd}';
    if path.is_empty() || path.contains(odd) || normalize(path).as_deref() != Some(path) {
        return Some("its name has characters that other systems cannot keep: rename it");
    }
    hides(path).then_some("files that are hidden, or in a hidden folder, are not packed: rename it")
}

/// Whether a file or one of its folders is left out when a folder is packed.
#[must_use]
pub fn hides(path: &str) -> bool {
    path.split('/').any(is_left_out)
}

/// Whether files and folders of this name are no part of a packed deck: hidden ones, and what Python leaves behind.
pub(super) fn is_left_out(name: &str) -> bool {
    name.starts_with('.') || name == "__pycache__"
}
