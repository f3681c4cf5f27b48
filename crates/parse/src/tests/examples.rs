//! presenterm's own example decks, when their source is at hand.
#![allow(clippy::disallowed_methods)] // they are on the disk

use super::*;
use bytes::Bytes;
use greenroom_base::diag::Severity;
use greenroom_base::files::FileError;

/// A folder on disk, for this test only; it may look into the folder next to it, as one example does.
struct Folder(std::path::PathBuf);

impl Files for Folder {
    fn read(&self, path: &str, _: u64) -> Result<Bytes, FileError> {
        std::fs::read(self.0.join(path)).map(Bytes::from).map_err(|_| FileError::Missing)
    }

    fn head(&self, path: &str, count: usize) -> Result<Bytes, FileError> {
        self.read(path, 0).map(|bytes| bytes.slice(..count.min(bytes.len())))
    }

    fn list(&self, _: &str) -> Result<Vec<String>, FileError> {
        Ok(Vec::new())
    }
}

#[test]
#[allow(clippy::disallowed_methods)] // a test may ask for its material
fn presenterms_examples_open_without_errors() {
    let Ok(folder) = std::env::var("GREENROOM_PRESENTERM_EXAMPLES") else {
        // What is printed is shown only when a test fails; `.ci/run` counts this line.
        let line = b"skipped: examples::presenterms_examples needs GREENROOM_PRESENTERM_EXAMPLES, a folder\n";
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line);
        return;
    };
    let folder = Folder(folder.into());
    for name in ["README", "code", "columns", "custom-intro-slides", "demo", "footer", "speaker-notes"] {
        let deck = super::super::deck(&folder, &format!("{name}.md"));
        println!("{name}: {} slides\n{}", deck.slides.len(), printed(&deck));
        let errors = deck.problems.iter().filter(|problem| problem.severity == Severity::Error);
        assert!(errors.count() == 0 || name == "README", "{name}: {}", printed(&deck));
    }
}
