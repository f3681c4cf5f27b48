//! What a person has agreed to: a deck's whole folder, byte by byte, and what its demos say. What runs is a copy of
//! exactly that.
#![allow(clippy::disallowed_methods)] // it is one of the places that may touch the world

mod beyond;
mod gate;
mod links;
mod manifest;
mod order;
mod session;
mod survey;

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use serde_json::json;
use sha2::{Digest, Sha256};

use greenroom_base::hex;
use greenroom_deck::Deck;
use greenroom_deck::launch::{self, CardEntry};
use greenroom_system::disk::new_file::{Existing, NewFile};
use greenroom_system::private::{meeting_folder, own_folder};

pub use self::gate::{Gate, Ground, Refusal, inside};
use self::manifest::{Checksum, Manifest, part};
use self::survey::Uncertainty;

/// A manifest that is kept is at most this long.
const MAX_KEPT: u64 = 16 << 20;

/// The folders that this program itself writes to, the agreements among them: a deck may lie around them.
fn own_folders(agreements: Option<&Agreements>, cache: Option<&Path>) -> Vec<PathBuf> {
    let mut own: Vec<PathBuf> = agreements.map(|agreements| agreements.folder.clone()).into_iter().collect();
    own.extend(cache.map(Path::to_owned));
    own.push(meeting_folder());
    if let Ok(dirs) = choose_base_strategy() {
        own.push(dirs.data_dir().join("greenroom/practices"));
        own.push(dirs.state_dir().unwrap_or_else(|| dirs.data_dir()).join("greenroom/places"));
    }
    own
}

/// Where agreements are kept.
#[derive(Debug, Clone)]
pub struct Agreements {
    folder: PathBuf,
}

impl Agreements {
    /// Those of this user; none without a home.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        Some(Self::inside(&choose_base_strategy().ok()?.data_dir().join("greenroom")))
    }

    /// Those kept in `folder`.
    #[must_use]
    pub fn inside(folder: &Path) -> Self {
        Self { folder: folder.join("agreed") }
    }

    /// Whether the person agreed to what has this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.folder.join(name).is_file()
    }

    /// Whether the person agreed that the deck `file` uses everything in `root`, a folder above its own.
    #[must_use]
    pub fn has_root(&self, file: &Path, root: &Path) -> bool {
        self.has(&root_of(file, root))
    }

    /// Keeps that the person agreed that the deck `file` uses everything in `root`.
    ///
    /// # Errors
    /// What the system says.
    pub fn note_root(&self, file: &Path, root: &Path) -> io::Result<()> {
        own_folder(&self.folder)?;
        let note = json!({ "v": 1, "deck": file.to_string_lossy(), "root": root.to_string_lossy() });
        self.write(&root_of(file, root), &serde_json::to_vec_pretty(&note)?)
    }

    /// Notes the agreement, and what was agreed to: the commands for people who look, the entries of the folder so
    /// that the next question can say what changed.
    ///
    /// # Errors
    /// What the system says.
    fn note(&self, name: &str, about: &About, manifest: &Manifest) -> io::Result<()> {
        own_folder(&self.folder)?;
        let (place, starts) = (&about.place, &about.entries);
        let note =
            serde_json::to_vec_pretty(&json!({ "v": 2, "deck": place.to_string_lossy(), "starts": starts }))?;
        let text = manifest.to_text();
        if text.len() as u64 <= MAX_KEPT {
            self.write(&last_of(place), text.as_bytes())?;
        } else {
            // Better nothing than what was agreed to before.
            let _ = fs::remove_file(self.folder.join(last_of(place)));
        }
        self.write(name, &note)
    }

    /// Writes a file that nobody else may read.
    fn write(&self, name: &str, contents: &[u8]) -> io::Result<()> {
        let mut new = NewFile::beside(&self.folder.join(name))?;
        new.file().write_all(contents)?;
        new.finish(0o600, Existing::Replace)
    }

    /// What was in the folder at `place` when the person agreed to it last.
    fn last(&self, place: &Path) -> Option<Manifest> {
        let file = fs::File::open(self.folder.join(last_of(place))).ok()?;
        let mut text = String::new();
        file.take(MAX_KEPT).read_to_string(&mut text).ok()?;
        Manifest::parse(&text)
    }
}

/// The name of the file that tells what was in a folder.
fn last_of(place: &Path) -> String {
    format!("last-{}", hex::encode(Sha256::digest(place.as_os_str().as_encoded_bytes())))
}

/// The name of the file that says that a deck may use a folder above its own.
fn root_of(file: &Path, root: &Path) -> String {
    let mut names = Sha256::new();
    // No path has a NUL.
    for part in [file.as_os_str().as_encoded_bytes(), b"\0", root.as_os_str().as_encoded_bytes()] {
        names.update(part);
    }
    format!("root-{}", hex::encode(names.finalize()))
}

/// What an agreement is about, besides what is in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct About {
    /// The folder, or `packed:` and the checksum of all that was packed.
    place: PathBuf,
    /// The checksum of what can be started.
    demos: Checksum,
    /// What can be started.
    entries: Vec<CardEntry>,
}

impl About {
    fn of(deck: &Deck, place: &Path) -> Self {
        let entries = launch::all(deck);
        let mut hash = Sha256::new();
        part(&mut hash, &[&serde_json::to_vec(&entries).unwrap_or_default()]);
        Self { place: place.to_owned(), demos: hash.finalize().into(), entries }
    }

    /// A name for everything that running the demos means: where the deck lies, what its demos say, and what is in its
    /// folder. It changes when any of that does. A folder of which only a part could be looked at is another matter
    /// than one that holds no more than that part.
    fn name(&self, manifest: &Manifest, doubt: Option<&Uncertainty>) -> String {
        let mut hash = Sha256::new();
        let place = self.place.as_os_str().as_encoded_bytes();
        part(&mut hash, &[b"greenroom agreement 2", place, &self.demos]);
        match doubt {
            None => part(&mut hash, &[b"whole", &manifest.sum()]),
            Some(Uncertainty::Unseen(_)) => part(&mut hash, &[b"unseen", &manifest.sum()]),
            Some(Uncertainty::Unknown(_)) => part(&mut hash, &[b"unknown", &manifest.sum()]),
            // Where it ends depends on the moment.
            Some(Uncertainty::Partial(_)) => part(&mut hash, &[b"partial"]),
        }
        hex::encode(hash.finalize())
    }
}
