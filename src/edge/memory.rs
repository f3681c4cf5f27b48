//! Where each deck was left, in the user's state directory.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use etcetera::{BaseStrategy, choose_base_strategy};
use serde::{Deserialize, Serialize};

use crate::clock::millis;
use crate::deck::Fnv;
use crate::talk::Place;

/// A talk that was not ended by its speaker, so long ago at most, is taken up again by itself.
const CUT_OFF: Duration = Duration::from_mins(10);
/// The time of a talk that was cut off has gone on for so long at most.
const GONE_ON: Duration = Duration::from_hours(1);

/// How a talk was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Left {
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

impl Left {
    /// The moment now, as [`Left::at`] counts.
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

    /// Whether it was cut off a short time before `now`.
    #[must_use]
    pub fn is_cut_off(&self, now: Duration) -> bool {
        !self.ended && now >= self.at && now.saturating_sub(self.at) <= CUT_OFF
    }
}

/// How it is written; unknown fields are ignored, so that it can grow, and those that an older program did not write
/// are those of a talk that was ended at its beginning.
#[derive(Debug, Serialize, Deserialize)]
struct Written {
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
        Self { file: folder.join("places").join(format!("{}.json", Fnv::of(deck))), deck: deck.to_owned() }
    }

    /// The folder that this writes in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("."))
    }

    /// Where the deck was left; nothing when it never was, or what is written there makes no sense.
    #[must_use]
    pub fn read(&self) -> Option<Left> {
        let written: Written = serde_json::from_slice(&fs::read(&self.file).ok()?).ok()?;
        (written.deck == self.deck).then_some(Left {
            place: Place { slide: written.slide, step: written.step },
            elapsed: Duration::from_millis(written.elapsed_ms),
            running: written.running,
            ended: written.ended,
            at: Duration::from_millis(written.at_ms),
        })
    }

    /// Writes how it was left, all of it or nothing.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, left: &Left) -> io::Result<()> {
        let folder = self.folder();
        fs::create_dir_all(folder)?;
        let written = Written {
            v: 1,
            deck: self.deck.clone(),
            slide: left.place.slide,
            step: left.place.step,
            elapsed_ms: millis(left.elapsed),
            running: left.running,
            ended: left.ended,
            at_ms: millis(left.at),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(&written)?)?;
        file.persist(&self.file)?;
        Ok(())
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
        let left = Left { place, elapsed, running: true, ended: false, at };
        bookmark.write(&left).unwrap();
        assert_eq!(bookmark.read(), Some(left));
        fs::write(&bookmark.file, "{\"v\":1,\"deck\":\"/a/deck\",\"slide\":12,\"step\":3}").unwrap();
        assert_eq!(
            bookmark.read(),
            Some(Left { place, ended: true, ..Left::default() }),
            "of an older program"
        );
        fs::write(&bookmark.file, "{\"v\":1").unwrap();
        assert_eq!(bookmark.read(), None);
    }

    #[test]
    fn the_time_of_a_talk_that_was_cut_off_goes_on() {
        let secs = Duration::from_secs;
        let left = Left { elapsed: secs(100), running: true, at: secs(5_000), ..Left::default() };
        assert_eq!(left.elapsed_at(secs(5_020)), secs(120));
        assert_eq!(left.elapsed_at(secs(4_000)), secs(100), "a clock that was set back");
        assert_eq!(left.elapsed_at(secs(90_000)), secs(100), "another day");
        assert_eq!(Left { ended: true, ..left }.elapsed_at(secs(5_020)), secs(100));
        assert_eq!(Left { running: false, ..left }.elapsed_at(secs(5_020)), secs(100));
        assert!(
            left.is_cut_off(secs(5_020)) && !left.is_cut_off(secs(4_000)) && !left.is_cut_off(secs(9_000))
        );
    }
}
