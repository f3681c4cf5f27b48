//! A Markdown file that asks for a folder above its own: `root: ..` in its front matter.
//!
//! A deck uses only what is inside of its folder. Slides in a repository want `../assets`, though, so that a file may name the
//! folder that holds both, and the person agrees to that one, for that file.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use etcetera::home_dir;

use greenroom_consent::Agreements;
use greenroom_parse as parse;

/// Front matter ends within this, in bytes.
const HEAD: u64 = 64 << 10;
/// Names the folder that a file may use without a question, for whoever checks or exports where nobody is asked.
const VARIABLE: &str = "GREENROOM_ROOT";

/// The folder that a file asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The file, without links in its path.
    pub file: PathBuf,
    /// The folder, likewise.
    pub root: PathBuf,
}

impl Wish {
    /// What `file` asks for. Nothing when it does not, or names anything but a folder above.
    pub(super) fn of(file: &Path) -> Option<Self> {
        let file = file.canonicalize().ok()?;
        let mut head = Vec::new();
        File::open(&file).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
        let levels = parse::levels_up(&String::from_utf8_lossy(&head))?;
        let root = file.parent()?.ancestors().nth(levels)?.to_owned();
        Some(Self { file, root })
    }

    /// The file's path in the folder.
    pub(super) fn entry(&self) -> Option<String> {
        Some(self.file.strip_prefix(&self.root).ok()?.to_str()?.to_owned())
    }

    /// Whether the folder holds far more than a repository: the home folder, or what is above it.
    #[must_use]
    pub fn is_too_wide(&self) -> bool {
        let home = home_dir().ok().and_then(|home| home.canonicalize().ok());
        self.root.parent().is_none() || home.is_some_and(|home| home.starts_with(&self.root))
    }

    /// Whether the person has agreed: by an answer that was kept, or by the environment.
    pub(super) fn is_agreed(&self) -> bool {
        let named = std::env::var_os(VARIABLE).and_then(|named| Path::new(&named).canonicalize().ok());
        let kept = || Agreements::of_user().is_some_and(|kept| kept.has_root(&self.file, &self.root));
        named.is_some_and(|named| named == self.root) || !self.is_too_wide() && kept()
    }

    /// Keeps that the person has agreed.
    ///
    /// # Errors
    /// When there is no home, or nothing can be written there.
    pub fn agree(&self) -> std::io::Result<()> {
        let kept = Agreements::of_user().ok_or(std::io::ErrorKind::NotFound)?;
        kept.note_root(&self.file, &self.root)
    }
}
