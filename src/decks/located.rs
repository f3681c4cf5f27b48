//! A deck that was found, wherever it lies.

use std::path::PathBuf;
use std::sync::Arc;

use super::Wish;
use crate::open;
use greenroom_base::files::Files;
use greenroom_deck::{Deck, Executors};
use greenroom_system::disk::Asked;

/// A deck, found.
#[derive(Clone)]
pub struct Located {
    /// Its files.
    pub files: Arc<dyn Files>,
    /// The file to begin with.
    pub entry: String,
    /// The folder on disk, to be watched; none for the built-in talk.
    pub folder: Option<PathBuf>,
    /// What has been read of it.
    pub asked: Asked,
    /// Whether the deck is the folder and everything below it, rather than a file in it.
    pub whole_folder: bool,
    /// The checksum of a deck that was packed into this program: somebody else's, unlike the one that is built in.
    pub packed: Option<String>,
    /// What the person who opens it has that runs code.
    pub executors: Arc<Executors>,
    /// The folder above that it asks for, as long as nobody has agreed.
    pub wish: Option<Wish>,
}

impl Located {
    /// A deck that lies in no folder and begins with `entry`, for a person without executors of their own.
    #[must_use]
    pub fn without_folder(files: Arc<dyn Files>, entry: &str) -> Self {
        Self {
            files,
            entry: entry.to_owned(),
            folder: None,
            asked: Asked::default(),
            whole_folder: true,
            packed: None,
            executors: Arc::default(),
            wish: None,
        }
    }

    /// The same for a person with these executors.
    #[must_use]
    pub fn with_executors(self, executors: Executors) -> Self {
        Self { executors: Arc::new(executors), ..self }
    }

    /// Opens it.
    #[must_use]
    pub fn deck(&self) -> Deck {
        open::deck_with(&*self.files, &self.entry, &self.executors)
    }

    /// What the deck is called where things are kept about it: its place, or what was packed.
    #[must_use]
    pub fn name(&self) -> String {
        match (&self.folder, &self.packed) {
            (Some(folder), _) => folder.join(&self.entry).to_string_lossy().into_owned(),
            (None, Some(content)) => format!("packed:{content}"),
            (None, None) => "built-in".to_owned(),
        }
    }
}
