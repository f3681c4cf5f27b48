//! Where each deck was left, in the user's state directory.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use etcetera::{BaseStrategy, choose_base_strategy};
use serde::{Deserialize, Serialize};

use crate::talk::Place;
use greenroom_base::clock::millis;
use greenroom_deck::Fnv;
use greenroom_system::disk::new_file::{Existing, NewFile};
use greenroom_system::private::own_folder;

/// A talk that was not ended by its speaker, so long ago at most, is taken up again by itself.
const CUT_OFF: Duration = Duration::from_mins(10);
/// The time of a talk that was cut off has gone on for so long at most.
const GONE_ON: Duration = Duration::from_hours(1);

/// How a talk was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SavedPosition {
    /// Where.
    pub place: Place,
    /// What its timer had counted.
    pub elapsed: Duration,
    /// Whether that went on.
    pub running: bool,
    /// Whether its speaker ended it; otherwise it was cut off.
    pub ended: bool,
    /// When, from the beginning of 1970.
    pub at: Duration,
}

impl SavedPosition {
    /// The moment now, as [`SavedPosition::at`] counts.
    #[must_use]
    pub fn moment() -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// What the timer would say at `now`: the time of a talk that was cut off goes on without it.
    #[must_use]
    pub fn elapsed_at(&self, now: Duration) -> Duration {
        // A clock that was set back has not moved on.
        let since = now.saturating_sub(self.at);
        let counts = self.running && !self.ended && since <= GONE_ON;
        if counts { self.elapsed + since } else { self.elapsed }
    }

    /// Whether it was cut off a short time before `now`. Whether its stage still lives is for [`Bookmark::claim`] to say.
    #[must_use]
    pub fn is_cut_off(&self, now: Duration) -> bool {
        !self.ended && now >= self.at && now.saturating_sub(self.at) <= CUT_OFF
    }
}

/// How it is written; unknown fields are ignored, so that it can grow, and those that an older program did not write
/// are those of a talk that was ended at its beginning.
#[derive(Debug, Serialize, Deserialize)]
struct BookmarkFile {
    v: u32,
    deck: String,
    slide: usize,
    step: u16,
    #[serde(default)]
    elapsed_ms: u64,
    #[serde(default)]
    running: bool,
    #[serde(default = "yes")]
    ended: bool,
    #[serde(default)]
    at_ms: u64,
}

const fn yes() -> bool {
    true
}

/// The file for one deck.
#[derive(Debug, Clone)]
pub struct Bookmark {
    file: PathBuf,
    deck: String,
    claim: Arc<Mutex<Claim>>,
}

/// Who writes a bookmark: the stage that holds the lock on the file beside it. The system takes a lock away from a process
/// that ends, however it ends, and keeps it for one that is stopped, wherever that keeps its sockets.
#[derive(Debug, Default)]
enum Claim {
    /// Nobody has tried yet, or another stage has it.
    #[default]
    None,
    /// This one does, for as long as the file is open.
    Held {
        /// The file.
        lock: File,
        /// The same once more: its descriptor is given up for a write, so that there is one when all others are in use.
        spare: Option<File>,
    },
    /// Nobody can know: the folder's file system has no locks, or cannot be written to.
    Unknown,
}

/// Whose a bookmark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// This stage's: who wrote it last is gone.
    This,
    /// Another stage's, which lives.
    Another,
    /// That cannot be known.
    Unknown,
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
        let file = folder.join("places").join(format!("{}.json", Fnv::of(deck)));
        Self { file, deck: deck.to_owned(), claim: Arc::default() }
    }

    /// A file of this deck beside it, and the deck's name.
    pub(super) fn beside(&self, end: &str) -> (PathBuf, String) {
        (self.file.with_extension(end), self.deck.clone())
    }

    /// Makes the bookmark this stage's, unless it is that of another one that lives.
    #[must_use]
    pub fn claim(&self) -> Owner {
        let mut claim = self.claim.lock().unwrap_or_else(PoisonError::into_inner);
        if let Claim::None = *claim {
            *claim = match self.lock() {
                Ok(lock) => Claim::Held { spare: lock.try_clone().ok(), lock },
                Err(TryLockError::WouldBlock) => return Owner::Another,
                Err(TryLockError::Error(_)) => Claim::Unknown,
            };
        }
        if let Claim::Held { .. } = *claim { Owner::This } else { Owner::Unknown }
    }

    fn lock(&self) -> Result<File, TryLockError> {
        own_folder(self.folder()).map_err(TryLockError::Error)?;
        // Nothing is ever written in it, and it is never removed: both stages must open the same file.
        let open =
            File::options().create(true).truncate(false).write(true).open(self.file.with_extension("lock"));
        let file = open.map_err(TryLockError::Error)?;
        file.try_lock()?;
        Ok(file)
    }

    /// The folder that this writes in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("."))
    }

    /// Where the deck was left; nothing when it never was, or what is written there makes no sense.
    #[must_use]
    pub fn read(&self) -> Option<SavedPosition> {
        let written: BookmarkFile = serde_json::from_slice(&fs::read(&self.file).ok()?).ok()?;
        (written.deck == self.deck).then_some(SavedPosition {
            place: Place { slide: written.slide, step: written.step },
            elapsed: Duration::from_millis(written.elapsed_ms),
            running: written.running,
            ended: written.ended,
            at: Duration::from_millis(written.at_ms),
        })
    }

    /// Writes how it was left, all of it or nothing; nothing as well as long as another stage has this deck open.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, left: &SavedPosition) -> io::Result<()> {
        if self.claim() == Owner::Another {
            return Ok(());
        }
        let mut claim = self.claim.lock().unwrap_or_else(PoisonError::into_inner);
        if let Claim::Held { spare, .. } = &mut *claim {
            *spare = None;
        }
        let written = self.write_file(left);
        if let Claim::Held { lock, spare } = &mut *claim {
            *spare = lock.try_clone().ok();
        }
        written
    }

    fn write_file(&self, left: &SavedPosition) -> io::Result<()> {
        own_folder(self.folder())?;
        let written = BookmarkFile {
            v: 1,
            deck: self.deck.clone(),
            slide: left.place.slide,
            step: left.place.step,
            elapsed_ms: millis(left.elapsed),
            running: left.running,
            ended: left.ended,
            at_ms: millis(left.at),
        };
        let mut new = NewFile::beside(&self.file)?;
        new.file().write_all(&serde_json::to_vec(&written)?)?;
        new.finish(0o600, Existing::Replace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_and_rubbish_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let bookmark = Bookmark::inside(folder.path(), "/a/deck");
        assert_eq!(bookmark.read(), None);
        let place = Place { slide: 12, step: 3 };
        let (elapsed, at) = (Duration::from_millis(61_500), Duration::from_millis(1_795_000_000_123));
        let left = SavedPosition { place, elapsed, running: true, ended: false, at };
        bookmark.write(&left).unwrap();
        assert_eq!(bookmark.read(), Some(left));
        fs::write(&bookmark.file, "{\"v\":1,\"deck\":\"/a/deck\",\"slide\":12,\"step\":3}").unwrap();
        assert_eq!(
            bookmark.read(),
            Some(SavedPosition { place, ended: true, ..SavedPosition::default() }),
            "of an older program"
        );
        fs::write(&bookmark.file, "{\"v\":1").unwrap();
        assert_eq!(bookmark.read(), None);
    }

    #[test]
    fn stage_10_a_bookmark_belongs_to_one_stage_as_long_as_it_lives() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) =
            (Bookmark::inside(folder.path(), "/a/deck"), Bookmark::inside(folder.path(), "/a/deck"));
        let left = |slide| SavedPosition { place: Place { slide, step: 0 }, ..SavedPosition::default() };
        assert_eq!(
            (first.claim(), second.claim(), first.claim()),
            (Owner::This, Owner::Another, Owner::This)
        );
        first.write(&left(46)).unwrap();
        second.write(&left(3)).unwrap();
        assert_eq!(second.read().map(|left| left.place.slide), Some(46), "not overwritten");
        let clone = first.clone();
        drop(first);
        assert_eq!(second.claim(), Owner::Another, "another thread of it still writes");
        drop(clone);
        assert_eq!(second.claim(), Owner::This);
        second.write(&left(3)).unwrap();
        assert_eq!(second.read().map(|left| left.place.slide), Some(3));
        assert_eq!(Bookmark::inside(folder.path(), "/b/deck").claim(), Owner::This);
        fs::write(folder.path().join("file"), "").unwrap();
        let nowhere = Bookmark::inside(&folder.path().join("file"), "/a/deck");
        assert_eq!(nowhere.claim(), Owner::Unknown);
    }

    #[test]
    fn the_time_of_a_talk_that_was_cut_off_goes_on() {
        let secs = Duration::from_secs;
        let left =
            SavedPosition { elapsed: secs(100), running: true, at: secs(5_000), ..SavedPosition::default() };
        assert_eq!(left.elapsed_at(secs(5_020)), secs(120));
        assert_eq!(left.elapsed_at(secs(4_000)), secs(100), "a clock that was set back");
        assert_eq!(left.elapsed_at(secs(90_000)), secs(100), "another day");
        assert_eq!(SavedPosition { ended: true, ..left }.elapsed_at(secs(5_020)), secs(100));
        assert_eq!(SavedPosition { running: false, ..left }.elapsed_at(secs(5_020)), secs(100));
        assert!(
            left.is_cut_off(secs(5_020)) && !left.is_cut_off(secs(4_000)) && !left.is_cut_off(secs(9_000))
        );
    }
}
