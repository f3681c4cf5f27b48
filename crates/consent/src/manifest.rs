//! What is in a deck's folder, entry by entry, as checksums: two folders with the same manifest run the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use greenroom_base::hex;
use sha2::{Digest, Sha256};

/// A SHA-256.
pub(crate) type Checksum = [u8; 32];

/// How a manifest that is kept begins.
const HEAD: &str = "greenroom manifest 1";

/// What there is to say about one entry of a folder, besides its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ManifestEntry<'a> {
    /// A folder, with its permission bits.
    Folder {
        /// The lower twelve bits of its mode.
        mode: u32,
    },
    /// A file, with its permission bits.
    File {
        /// The lower twelve bits of its mode.
        mode: u32,
        /// The SHA-256 of its whole contents.
        contents: &'a Checksum,
    },
    /// A symbolic link.
    Link {
        /// Where it leads, as it says it.
        target: &'a [u8],
    },
    /// A symbolic link out of the folder, and the file or the folder that it leads to.
    Beyond {
        /// Where it leads, as it says it.
        target: &'a [u8],
        /// The whole mode of what is there, its kind among it; 0 when nothing is.
        mode: u32,
        /// The SHA-256 of a file's whole contents; of nothing for anything else.
        contents: &'a Checksum,
    },
    /// A pipe, a socket, a device: nothing that has contents of its own.
    Special {
        /// Its whole mode, its kind among it.
        mode: u32,
        /// Which device it is; 0 for others.
        device: u64,
    },
    /// Something that is there and could not be read.
    Unreadable {
        /// Its whole mode.
        mode: u32,
    },
}

impl ManifestEntry<'_> {
    fn sum(&self) -> Checksum {
        let mut hash = Sha256::new();
        match self {
            Self::Folder { mode } => part(&mut hash, &[b"folder", &mode.to_le_bytes()]),
            Self::File { mode, contents } => part(&mut hash, &[b"file", &mode.to_le_bytes(), *contents]),
            Self::Link { target } => part(&mut hash, &[b"link", target]),
            Self::Beyond { target, mode, contents } => {
                part(&mut hash, &[b"beyond", target, &mode.to_le_bytes(), *contents]);
            }
            Self::Special { mode, device } => {
                part(&mut hash, &[b"special", &mode.to_le_bytes(), &device.to_le_bytes()]);
            }
            Self::Unreadable { mode } => part(&mut hash, &[b"unreadable", &mode.to_le_bytes()]),
        }
        hash.finalize().into()
    }
}

/// Adds `parts` to `hash` so that no other parts give the same bytes.
pub(crate) fn part(hash: &mut Sha256, parts: &[&[u8]]) {
    for bytes in parts {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
}

/// The entries of a folder by their paths, which are bytes: not every name is text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Manifest {
    entries: BTreeMap<Vec<u8>, Checksum>,
}

impl Manifest {
    /// Says what is at `path`, relative to the folder.
    pub(crate) fn set(&mut self, path: &[u8], entry: ManifestEntry) {
        self.entries.insert(path.to_owned(), entry.sum());
    }

    /// The entry at `from` is at `to` now, unchanged. Nothing when there was none.
    pub(crate) fn rename(&mut self, from: &[u8], to: &[u8]) {
        if let Some(sum) = self.entries.remove(from) {
            self.entries.insert(to.to_owned(), sum);
        }
    }

    /// There is nothing at `path` any more.
    pub(crate) fn remove(&mut self, path: &[u8]) {
        self.entries.remove(path);
    }

    /// Adds what `other` says.
    pub(crate) fn add(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// Whether something is beneath the folder at `path`.
    #[must_use]
    pub(crate) fn has_beneath(&self, path: &[u8]) -> bool {
        let inside = [path, b"/"].concat();
        self.entries.range(inside.clone()..).next().is_some_and(|(next, _)| next.starts_with(&inside))
    }

    /// Whether something is at `path`.
    #[must_use]
    pub(crate) fn has(&self, path: &[u8]) -> bool {
        self.entries.contains_key(path)
    }

    /// One checksum for all of it.
    #[must_use]
    pub(crate) fn sum(&self) -> Checksum {
        let mut hash = Sha256::new();
        for (path, sum) in &self.entries {
            part(&mut hash, &[path, sum]);
        }
        hash.finalize().into()
    }

    /// The paths that are not as they were in `earlier`, for people to read. Folders that only changed because
    /// something in them is new are not among them: their entry holds their own mode alone.
    #[must_use]
    pub(crate) fn changed_since(&self, earlier: &Self) -> Vec<String> {
        let mut changed: Vec<&Vec<u8>> = self
            .entries
            .iter()
            .filter(|(path, sum)| earlier.entries.get(*path) != Some(sum))
            .map(|(path, _)| path)
            .chain(earlier.entries.keys().filter(|path| !self.entries.contains_key(*path)))
            .collect();
        changed.sort();
        changed.into_iter().map(|path| shown(path)).collect()
    }

    /// As text, a line for each entry.
    #[must_use]
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("{HEAD}\n");
        for (path, sum) in &self.entries {
            let _ = writeln!(text, "{} {}", hex::encode(sum), escape(path));
        }
        text
    }

    /// Reads what [`Manifest::to_text`] wrote; nothing when it is anything else.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next() != Some(HEAD) {
            return None;
        }
        let mut entries = BTreeMap::new();
        for line in lines {
            let (sum, path) = line.split_once(' ')?;
            entries.insert(unescape(path)?, hex::decode(sum)?.try_into().ok()?);
        }
        Some(Self { entries })
    }
}

/// `path` with everything as `%XX` that is not a plain character of ASCII.
fn escape(path: &[u8]) -> String {
    path.iter().fold(String::with_capacity(path.len()), |mut text, byte| {
        let _ = match byte {
            b'!'..=b'~' if *byte != b'%' => write!(text, "{}", char::from(*byte)),
            _ => write!(text, "%{byte:02x}"),
        };
        text
    })
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut path = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        path.push(match byte {
            b'%' => hex::digit(bytes.next()?)? << 4 | hex::digit(bytes.next()?)?,
            byte => byte,
        });
    }
    Some(path)
}

/// A path for people: bytes that are no text, and characters that show nothing, as escapes.
#[must_use]
pub(crate) fn shown(path: &[u8]) -> String {
    let mut text = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() { text.extend(c.escape_default()) } else { text.push(c) }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_back_as_it_was_written_whatever_the_names() {
        let mut manifest = Manifest::default();
        for path in [&b"a"[..], b"a b/%41", b"\xff\xfe\n", "\u{e9}\u{202e}".as_bytes(), b""] {
            manifest.set(path, ManifestEntry::File { mode: 0o644, contents: &[7; 32] });
        }
        let text = manifest.to_text();
        assert!(text.is_ascii(), "{text}");
        assert_eq!(Manifest::parse(&text), Some(manifest));
        for wrong in ["", "greenroom manifest 2\n", &format!("{HEAD}\nzz a\n"), &format!("{HEAD}\nabc\n")] {
            assert_eq!(Manifest::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn what_changed_is_named_and_nothing_else() {
        let mut before = Manifest::default();
        before.set(b"d", ManifestEntry::Folder { mode: 0o755 });
        before.set(b"d/a", ManifestEntry::File { mode: 0o644, contents: &[1; 32] });
        before.set(b"d/gone", ManifestEntry::Link { target: b"a" });
        let mut after = before.clone();
        after.set(b"d/a", ManifestEntry::File { mode: 0o755, contents: &[1; 32] });
        after.remove(b"d/gone");
        after.set(b"d/\xff\n", ManifestEntry::Link { target: b"a" });
        assert_eq!(after.changed_since(&before), ["d/a", "d/gone", "d/\\xff\\n"]);
        assert_eq!(after.changed_since(&after), Vec::<String>::new());
    }
}
