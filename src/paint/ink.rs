//! What painting needs besides the scene, computed once and kept: highlighted code and decoded pictures.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::code::{Highlighter, Line};
use crate::deck::Code;
use crate::frame::Picture;

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

type Kept = (Arc<Code>, Arc<Vec<Line>>);

/// Memory of what is slow to make. It changes nothing of what is drawn, only when: code is highlighted at
/// its first use if nobody asked for it before, and a picture that is [`Picked::Pending`] shows its words.
#[derive(Default)]
pub struct Ink {
    highlighter: Highlighter,
    code: Mutex<HashMap<usize, Kept>>,
    pictures: Mutex<HashMap<String, Picked>>,
}

impl Ink {
    /// Nothing remembered, nothing loaded.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Highlights `code` if that has not been done.
    pub fn prepare(&self, code: &Arc<Code>) {
        drop(self.lines(code));
    }

    /// The tokens of `code`'s lines. The code itself is kept with them, so that its address stays its own.
    pub(super) fn lines(&self, code: &Arc<Code>) -> Arc<Vec<Line>> {
        let key = Arc::as_ptr(code) as usize;
        if let Some((_, lines)) = lock(&self.code).get(&key) {
            return Arc::clone(lines);
        }
        let lines = Arc::new(self.highlighter.highlight(code));
        lock(&self.code).insert(key, (Arc::clone(code), Arc::clone(&lines)));
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
