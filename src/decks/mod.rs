//! Finding the deck that a person named.
#![allow(clippy::disallowed_methods)] // it is one of the places that may touch the world

pub mod built_in;
mod input;
mod located;
pub mod pack;
mod root;
pub mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use built_in::BuiltIn;
use greenroom_base::files::Files;
use greenroom_system::disk::DiskFiles;
use input::MAX_INPUT;
pub use input::{of_input, read_input};
pub use located::Located;
use pack::PackError;
pub use root::Wish;

/// The outline's name in a deck folder.
pub const OUTLINE: &str = "talk.yaml";

/// Why a deck cannot be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    /// Nothing is there.
    #[error("there is no deck at {0}: name a folder with a talk.yaml, or a Markdown file")]
    Missing(PathBuf),
    /// A folder without an outline.
    #[error("{folder} has no talk.yaml{also}")]
    NoOutline {
        /// The folder.
        folder: PathBuf,
        /// What could be opened instead.
        also: String,
    },
    /// A file of another kind.
    #[error("{0} is neither a talk.yaml nor a Markdown file (.md)")]
    Unknown(PathBuf),
    /// Standard input holds no deck.
    #[error("standard input has more than {} MiB: no deck is as long", MAX_INPUT >> 20)]
    TooLong,
    /// It does not end.
    #[error(
        "standard input does not end: nothing came for a while, and a deck is read to its end before it is shown"
    )]
    Endless,
    /// Nobody pipes anything.
    #[error("standard input is a terminal: pipe a deck into it, as in `cat slides.md | greenroom -`")]
    Keyboard,
    /// The deck that is packed into this program.
    #[error(transparent)]
    Packed(#[from] PackError),
    /// What the system said.
    #[error("{path} cannot be opened: {error}")]
    Unreadable {
        /// What was named.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// The deck at `path`; without a path the one that is packed into this program, else the built-in one.
///
/// # Errors
/// [`LocateError`] when there is nothing that could be opened, however badly it were written.
pub fn locate(path: Option<&Path>) -> Result<Located, LocateError> {
    let Some(path) = path else { return Ok(own()?) };
    let unreadable = |error| LocateError::Unreadable { path: path.to_owned(), error };
    let about = match std::fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(LocateError::Missing(path.to_owned()));
        }
        Err(error) => return Err(unreadable(error)),
    };
    if about.is_dir() {
        return folder(path);
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let extension =
        path.extension().map(|text| text.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    if !matches!(extension.as_str(), "md" | "markdown" | "yaml" | "yml") {
        return Err(LocateError::Unknown(path.to_owned()));
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A link to a deck is that deck, with what lies beside it; one to a file below its own folder is a file like any other.
    if path.is_symlink() {
        let real = path.canonicalize().map_err(unreadable)?;
        if !real.starts_with(parent.canonicalize().map_err(unreadable)?) {
            return locate(Some(&real));
        }
    }
    let wish = matches!(extension.as_str(), "md" | "markdown").then(|| Wish::of(path)).flatten();
    let (root, entry, wish) = match wish {
        Some(wish) if wish.is_agreed() => match wish.entry() {
            Some(entry) => (wish.root, entry, None),
            None => (parent.to_owned(), name, None),
        },
        wish => (parent.to_owned(), name, wish),
    };
    let files = DiskFiles::new(&root).map_err(unreadable)?;
    Ok(Located {
        folder: Some(files.root().to_owned()),
        asked: files.asked().clone(),
        whole_folder: entry == OUTLINE,
        files: Arc::new(files),
        entry,
        packed: None,
        executors: Arc::default(),
        wish,
    })
}

/// The deck inside of this program.
fn own() -> Result<Located, PackError> {
    let inside = Located::without_folder(Arc::new(BuiltIn), OUTLINE);
    Ok(match pack::this_program()? {
        None => inside,
        Some(pack) => Located {
            entry: pack.manifest().entry.clone(),
            packed: Some(pack.checksum()),
            files: Arc::new(pack),
            ..inside
        },
    })
}

fn folder(path: &Path) -> Result<Located, LocateError> {
    let files =
        DiskFiles::new(path).map_err(|error| LocateError::Unreadable { path: path.to_owned(), error })?;
    let root = files.root().to_owned();
    let unreadable = |error| LocateError::Unreadable { path: path.to_owned(), error };
    // A folder that is closed is not one without an outline.
    if root.join(OUTLINE).try_exists().map_err(unreadable)? {
        return Ok(Located {
            asked: files.asked().clone(),
            files: Arc::new(files),
            entry: OUTLINE.to_owned(),
            folder: Some(root),
            whole_folder: true,
            packed: None,
            executors: Arc::default(),
            wish: None,
        });
    }
    let is_markdown =
        |name: &String| Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("md"));
    let also = files.list("").ok().into_iter().flatten().find(is_markdown).map_or(String::new(), |name| {
        format!("; to open a single file: greenroom {}", path.join(name).display())
    });
    Err(LocateError::NoOutline { folder: path.to_owned(), also })
}
