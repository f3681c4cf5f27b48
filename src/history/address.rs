//! Where the pages of a talk were found, so that a stage that comes back is found there again: phones ask for the address that they
//! have, and a room scans no code twice.
//!
//! The file holds the secrets of the address. It is its user's alone, lies beside the bookmark, and counts for a short time after
//! the stage was there last: who comes later is another talk's room.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::bookmark::Bookmark;
use greenroom_deck::Step;
use greenroom_system::disk::new_file::{Existing, NewFile};
use greenroom_system::private::own_folder;

/// So long after the last sign of life of a stage its address is taken up again: as long as its place is.
const COUNTS: Duration = Duration::from_mins(10);

/// An address as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The port.
    pub port: u16,
    /// The secret of the speaker's.
    pub speaker: String,
    /// The secret of the audience's.
    pub audience: String,
    /// The highest step of each slide that had been shown.
    #[serde(default)]
    pub shown: Vec<Option<Step>>,
}

/// How it is written.
#[derive(Debug, Serialize, Deserialize)]
struct AddressFile {
    v: u32,
    deck: String,
    address: Address,
}

/// The file for one deck.
#[derive(Debug, Clone)]
pub struct KeptAddress {
    file: PathBuf,
    deck: String,
    /// What is served; none as long as nothing is.
    address: Arc<Mutex<Option<Address>>>,
}

impl KeptAddress {
    /// The one beside a bookmark.
    #[must_use]
    pub fn beside(bookmark: &Bookmark) -> Self {
        let (file, deck) = bookmark.beside("remote");
        Self { file, deck, address: Arc::default() }
    }

    /// Where a stage of this deck was found a moment ago; none when that is too long ago, or what is written makes no sense.
    #[must_use]
    pub fn read(&self) -> Option<Address> {
        let file = File::open(&self.file).ok()?;
        // One that comes from tomorrow says nothing.
        let age = SystemTime::now().duration_since(file.metadata().ok()?.modified().ok()?).ok()?;
        let written: AddressFile = serde_json::from_reader(file).ok()?;
        (age <= COUNTS && written.deck == self.deck).then_some(written.address)
    }

    /// It is served from now on.
    pub fn serve(&self, address: Address) {
        *self.lock() = Some(address);
        self.write();
    }

    /// These steps have been shown.
    pub fn has_shown(&self, shown: Vec<Option<Step>>) {
        let mut address = self.lock();
        let Some(address) = address.as_mut() else { return };
        address.shown = shown;
    }

    /// Writes it, if it is served: it counts from now on. One that cannot be written is only not taken up again.
    pub fn write(&self) {
        let address = self.lock().clone();
        if let Some(address) = address {
            let _ = self.put(address);
        }
    }

    fn put(&self, address: Address) -> io::Result<()> {
        own_folder(self.file.parent().unwrap_or(&self.file))?;
        let mut new = NewFile::beside(&self.file)?;
        let written = AddressFile { v: 1, deck: self.deck.clone(), address };
        new.file().write_all(&serde_json::to_vec(&written)?)?;
        new.finish(0o600, Existing::Replace)
    }

    /// It is not to be found there any more.
    pub fn forget(&self) {
        *self.lock() = None;
        let _ = fs::remove_file(&self.file);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Address>> {
        self.address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn kept(folder: &std::path::Path, deck: &str) -> KeptAddress {
        KeptAddress { file: folder.join("a.remote"), deck: deck.to_owned(), address: Arc::default() }
    }

    #[test]
    fn an_address_comes_back_for_a_short_time_and_is_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let (one, again) = (kept(folder.path(), "/a"), kept(folder.path(), "/a"));
        one.write();
        assert_eq!(again.read(), None, "nothing is served");
        let address =
            Address { port: 4000, speaker: "s".into(), audience: "a".into(), shown: vec![Some(1), None] };
        one.serve(address.clone());
        assert_eq!(again.read(), Some(address));
        assert_eq!(fs::metadata(&one.file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(kept(folder.path(), "/b").read(), None);
        let file = File::options().write(true).open(&one.file).unwrap();
        file.set_modified(SystemTime::now() - COUNTS - Duration::from_secs(5)).unwrap();
        assert_eq!(again.read(), None, "too old");
        file.set_modified(SystemTime::now() + Duration::from_mins(10)).unwrap();
        assert_eq!(again.read(), None, "a clock that was set back");
        one.write();
        assert!(again.read().is_some(), "a sign of life");
        fs::write(&one.file, "{").unwrap();
        assert_eq!(again.read(), None);
        one.forget();
        assert!(!one.file.exists());
    }
}
