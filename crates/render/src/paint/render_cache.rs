//! What painting needs besides the scene, computed once and kept: highlighted code and decoded pictures.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::code::{HighlightedLine, Highlighter};
use greenroom_deck::{Code, Deck};
use greenroom_terminal::frame::Picture;

/// A picture, as far as it is known.
#[derive(Debug, Clone)]
pub enum Picked {
    /// Its file has not been read yet.
    Pending,
    /// Here it is.
    Ready(Arc<Picture>),
    /// It cannot be shown: why.
    Failed(String),
}

/// Memory of what is slow to make. It changes nothing of what is drawn, only when: code is highlighted at
/// its first use if nobody asked for it before, and a picture that is [`Picked::Pending`] shows its words.
#[derive(Default)]
pub struct RenderCache {
    highlighter: Highlighter,
    code: Mutex<HashMap<Arc<Code>, Arc<Vec<HighlightedLine>>>>,
    pictures: Mutex<HashMap<String, Picked>>,
}

impl RenderCache {
    /// Nothing remembered, nothing loaded.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Highlights `code` if that has not been done.
    pub fn prepare(&self, code: &Arc<Code>) {
        drop(self.lines(code));
    }

    /// The tokens of `code`'s lines.
    pub(super) fn lines(&self, code: &Arc<Code>) -> Arc<Vec<HighlightedLine>> {
        if let Some(lines) = lock(&self.code).get(code) {
            return Arc::clone(lines);
        }
        let lines = Arc::new(self.highlighter.highlight(code));
        lock(&self.code).insert(Arc::clone(code), Arc::clone(&lines));
        lines
    }

    /// The picture at `path`.
    #[must_use]
    pub fn picture(&self, path: &str) -> Picked {
        lock(&self.pictures).get(path).cloned().unwrap_or(Picked::Pending)
    }

    /// Remembers the picture at `path`.
    pub fn keep_picture(&self, path: &str, picture: Picked) {
        lock(&self.pictures).insert(path.to_owned(), picture);
    }

    /// Forgets the pictures, which may have changed, and the code that `deck` does not have.
    pub fn renew(&self, deck: &Deck) {
        let code: HashSet<Arc<Code>> = (0..deck.slides.len()).flat_map(|slide| deck.code(slide)).collect();
        lock(&self.code).retain(|known, _| code.contains(known));
        lock(&self.pictures).clear();
    }

    /// Forgets everything that came from a deck; the grammars stay.
    pub fn clear(&self) {
        lock(&self.code).clear();
        lock(&self.pictures).clear();
    }
}

/// A poisoned lock still guards a map that is whole: each change to it is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
