//! The pictures of slides that pages show: encoded when they are first asked for, once for all.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use tokio::sync::OnceCell;

use greenroom_export::live;
use greenroom_terminal::frame::{Frame, Picture};

/// Bytes of encoded pictures that are kept; what is older is encoded again.
const MOST_BYTES: usize = 48 * 1024 * 1024;
/// Pictures that are known.
const MOST: usize = 4096;

/// Those of all slides that were shown.
#[derive(Debug, Default)]
pub(crate) struct Pictures(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// By [`Picture::id`]. The stage keeps them as long as its deck has them.
    pictures: HashMap<u64, (Weak<Picture>, Arc<OnceCell<Bytes>>)>,
    /// In the order in which they came.
    order: VecDeque<u64>,
    /// Those that are encoded, with their sizes.
    encoded: VecDeque<(u64, usize)>,
    bytes: usize,
}

impl Pictures {
    /// Remembers those of a frame.
    pub(super) fn keep(&self, frame: &Frame) {
        let mut known = self.lock();
        for placed in &frame.pictures {
            let id = placed.picture.id;
            if known.pictures.get(&id).is_some_and(|(picture, _)| picture.strong_count() > 0) {
                continue;
            }
            if known.pictures.insert(id, (Arc::downgrade(&placed.picture), Arc::default())).is_none() {
                known.order.push_back(id);
            }
            if known.order.len() > MOST {
                let oldest = known.order.pop_front();
                oldest.and_then(|id| known.pictures.remove(&id));
            }
        }
    }

    /// The picture called `id` as PNG; none when no slide of this deck has it.
    pub(crate) async fn png(&self, id: u64) -> Option<Bytes> {
        let (picture, cell) = {
            let known = self.lock();
            known.pictures.get(&id).map(|(picture, cell)| (picture.clone(), Arc::clone(cell)))?
        };
        if let Some(png) = cell.get() {
            return Some(png.clone());
        }
        let picture = picture.upgrade()?;
        let encode = || async {
            let png = tokio::task::spawn_blocking(move || Bytes::from(live::png(&picture))).await;
            let png = png.unwrap_or_default();
            self.lock().encoded(id, png.len());
            png
        };
        Some(cell.get_or_init(encode).await.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
            if let Some((_, cell)) = self.pictures.get_mut(&oldest) {
                *cell = Arc::default();
            }
        }
    }
}
