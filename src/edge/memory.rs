//! Where each deck was left, in the user's state directory.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use serde::{Deserialize, Serialize};

use crate::talk::Place;

/// A place, as it is written; unknown fields are ignored, so that it can grow.
#[derive(Debug, Serialize, Deserialize)]
struct Written {
    v: u32,
    deck: String,
    slide: usize,
    step: u16,
}

/// The file for one deck.
#[derive(Debug, Clone)]
pub struct Bookmark {
    file: PathBuf,
    deck: String,
}

impl Bookmark {
    /// The bookmark of the deck that is at `deck`; none when the user has no home.
    #[must_use]
    pub fn of(deck: &str) -> Option<Self> {
        let dirs = choose_base_strategy().ok()?;
        let state = dirs.state_dir().unwrap_or_else(|| dirs.data_dir());
        Some(Self::inside(&state.join("greenroom"), deck))
    }

    fn inside(folder: &Path, deck: &str) -> Self {
        Self { file: folder.join("places").join(format!("{:016x}.json", fnv(deck))), deck: deck.to_owned() }
    }

    /// The folder that this writes in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("."))
    }

    /// Where the deck was left; nothing when it never was, or what is written there makes no sense.
    #[must_use]
    pub fn read(&self) -> Option<Place> {
        let written: Written = serde_json::from_slice(&fs::read(&self.file).ok()?).ok()?;
        (written.deck == self.deck).then_some(Place { slide: written.slide, step: written.step })
    }

    /// Writes `place`, all of it or nothing.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, place: Place) -> io::Result<()> {
        let folder = self.folder();
        fs::create_dir_all(folder)?;
        let written = Written { v: 1, deck: self.deck.clone(), slide: place.slide, step: place.step };
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(&written)?)?;
        file.persist(&self.file)?;
        Ok(())
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): a name for a file, nothing more.
fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_and_rubbish_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let bookmark = Bookmark::inside(folder.path(), "/a/deck");
        assert_eq!(bookmark.read(), None);
        bookmark.write(Place { slide: 12, step: 3 }).unwrap();
        assert_eq!(bookmark.read(), Some(Place { slide: 12, step: 3 }));
        fs::write(&bookmark.file, "{\"v\":1").unwrap();
        assert_eq!(bookmark.read(), None);
    }
}
