//! The pictures of slides that pages show: encoded when they are first asked for, once for all.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use tokio::sync::{Mutex as TurnMutex, OnceCell};

use super::behind;
use crate::talk::Place;
use greenroom_export::live;
use greenroom_frame::{Frame, Picture};

/// Bytes of encoded pictures that are kept; what is older is encoded again.
const MOST_BYTES: usize = 48 * 1024 * 1024;
/// Pictures that are known.
const MOST: usize = 4096;

/// Those of all slides that were shown.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    known: Mutex<Known>,
    /// One is encoded at a time, however many pages ask for how many.
    turn: TurnMutex<()>,
}

/// A picture that is asked for.
pub(super) enum Found {
    /// Its type, and it.
    Encoded(&'static str, Bytes),
    /// Its pixels are not there any more; where it was shown.
    Forgotten(Place),
    /// No slide that was shown has it.
    Unknown,
}

#[derive(Debug, Default)]
struct Known {
    /// By [`Picture::id`].
    pictures: HashMap<u64, Seen>,
    /// In the order in which they came.
    order: VecDeque<u64>,
    /// Those that are encoded, with their sizes.
    encoded: VecDeque<(u64, usize)>,
    bytes: usize,
}

/// A picture that was shown.
#[derive(Debug)]
struct Seen {
    place: Place,
    /// The stage has its pixels for as long as it needs them.
    picture: Weak<Picture>,
    /// Nothing in it: it has no room, however small it is made.
    encoded: Arc<OnceCell<Option<(&'static str, Bytes)>>>,
}

impl Pictures {
    /// Remembers those of a frame, which shows `place`.
    pub(super) fn keep(&self, place: Place, frame: &Frame) {
        let mut known = self.lock();
        for placed in &frame.pictures {
            let id = placed.picture.id;
            let picture = Arc::downgrade(&placed.picture);
            if let Some(seen) = known.pictures.get_mut(&id) {
                // It may have been forgotten, and decoded anew.
                (seen.place, seen.picture) = (place, picture);
            } else {
                known.pictures.insert(id, Seen { place, picture, encoded: Arc::default() });
                known.order.push_back(id);
            }
            if known.order.len() > MOST {
                let oldest = known.order.pop_front();
                oldest.and_then(|id| known.pictures.remove(&id));
            }
        }
    }

    /// The picture called `id`.
    pub(super) async fn get(&self, id: u64) -> Found {
        let (place, picture, cell) = match self.lock().pictures.get(&id) {
            Some(seen) => (seen.place, seen.picture.clone(), Arc::clone(&seen.encoded)),
            None => return Found::Unknown,
        };
        let encode = || async {
            let _turn = self.turn.lock().await;
            let picture = picture.upgrade().ok_or(Found::Forgotten(place))?;
            let encoded = behind(move || live::picture(&picture)).await.flatten();
            let encoded = encoded.map(|(kind, bytes)| (kind, Bytes::from(bytes)));
            self.lock().encoded(id, encoded.as_ref().map_or(0, |(_, bytes)| bytes.len()));
            Ok(encoded)
        };
        match cell.get_or_try_init(encode).await {
            Ok(Some((kind, bytes))) => Found::Encoded(kind, bytes.clone()),
            Ok(None) => Found::Unknown,
            Err(forgotten) => forgotten,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// One was encoded: the oldest ones give way.
    fn encoded(&mut self, id: u64, bytes: usize) {
        self.encoded.push_back((id, bytes));
        self.bytes += bytes;
        while self.bytes > MOST_BYTES && self.encoded.len() > 1 {
            let Some((oldest, bytes)) = self.encoded.pop_front() else { return };
            self.bytes -= bytes;
            if let Some(seen) = self.pictures.get_mut(&oldest) {
                seen.encoded = Arc::default();
            }
        }
    }
}
