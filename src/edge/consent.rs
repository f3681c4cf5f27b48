//! Which decks a person has agreed to, in the user's data directory.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::deck::Deck;
use crate::files::{Files, beside, normalize};
use crate::launch::Asked;

/// Files below this folder of a deck are what its demos run.
const DEMOS: &str = "demos";
/// Of a file, at most this much is looked at; of a larger one its beginning and its length.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// Where agreements are kept.
#[derive(Debug, Clone)]
pub struct Agreements {
    folder: PathBuf,
}

impl Agreements {
    /// Those of this user; none without a home.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        Some(Self::inside(&choose_base_strategy().ok()?.data_dir().join("greenroom")))
    }

    /// Those kept in `folder`.
    #[must_use]
    pub fn inside(folder: &Path) -> Self {
        Self { folder: folder.join("agreed") }
    }

    /// Whether the person agreed to what has this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.folder.join(name).is_file()
    }

    /// Notes the agreement, and what was agreed to, for people who look.
    ///
    /// # Errors
    /// What the system says.
    pub fn note(&self, asked: &Asked, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer_pretty(&mut file, &json!({ "v": 1, "deck": folder, "starts": asked.entries }))?;
        file.persist(self.folder.join(&asked.fingerprint))?;
        Ok(())
    }
}

/// A name for everything that running the demos of `deck` means: where it lies, what its demos say, and the
/// contents of the files that they run. It changes when any of that does.
#[must_use]
pub fn fingerprint(deck: &Deck, files: &dyn Files, folder: &Path) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    part(b"greenroom agreement 1");
    part(folder.as_os_str().as_encoded_bytes());
    let mut paths: BTreeSet<String> = files.list(DEMOS).unwrap_or_default().into_iter().collect();
    let (mut tapes, mut named) = (Vec::new(), BTreeSet::new());
    for (name, demo) in deck.demos() {
        part(name.as_bytes());
        part(&serde_json::to_vec(&demo).unwrap_or_default());
        let directory = demo.directory.as_deref().unwrap_or("");
        if !directory.is_empty() {
            paths.extend(files.list(directory).unwrap_or_default());
        }
        let words = demo.command.iter().chain(&demo.scenario);
        named.extend(words.clone().filter_map(|word| normalize(&format!("{directory}/{word}"))));
        named.extend(words.filter_map(|word| normalize(word)));
        let scenario = demo.scenario.as_ref().and_then(|path| Some((path, deck.scenarios.get(path)?)));
        if let Some((path, scenario)) = scenario {
            let directory = scenario.directory.as_deref().unwrap_or(".");
            let inside = normalize(&beside(path, directory)).unwrap_or_default();
            if !inside.is_empty() {
                paths.extend(files.list(&inside).unwrap_or_default());
            }
            let commands = scenario.variants.iter().map(|variant| &variant.command).chain(&scenario.prepare);
            named.extend(
                commands
                    .flatten()
                    .filter_map(|word| normalize(&beside(path, &format!("{directory}/{word}")))),
            );
        }
        tapes.extend(demo.tape.as_deref().and_then(normalize));
    }
    // Running Python writes these by itself, next to what it imports; recordings are looked at, never run. What a
    // command names counts all the same.
    let passive = |path: &String| {
        path.split('/').any(|part| part == "__pycache__")
            || tapes.iter().any(|tape| path == tape || path.strip_suffix(".part") == Some(tape))
    };
    paths.retain(|path| !passive(path));
    paths.extend(named);
    for path in paths {
        let contents = match files.read(&path, MAX_FILE) {
            Ok(contents) => contents,
            Err(crate::files::FileError::TooLarge { size, .. }) => {
                part(&size.to_le_bytes());
                files.head(&path, 1024 * 1024).unwrap_or_default()
            }
            Err(_) => continue,
        };
        part(path.as_bytes());
        part(&contents);
    }
    hash.finalize().iter().fold(String::new(), |name, byte| name + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::MemoryFiles;
    use crate::parse;

    fn name(files: &MemoryFiles) -> String {
        fingerprint(&parse::deck(files, "talk.yaml"), files, Path::new("/deck"))
    }

    #[test]
    fn what_runs_changes_the_name_and_what_does_not_leaves_it() {
        let outline = "title: T\ndemos: {a: {command: [sh, demos/a.sh]}, b: {command: [./run], tape: run}}\n";
        let files = MemoryFiles::new()
            .with("talk.yaml", outline)
            .with("demos/a.sh", "echo a")
            .with("demos/lib.sh", "x")
            .with("run", "1")
            .with("notes.txt", "1");
        let first = name(&files);
        assert_eq!(first, name(&files.clone().with("notes.txt", "2")));
        assert_eq!(first, name(&files.clone().with("demos/__pycache__/a.pyc", "2")));
        assert_eq!(first, name(&files.clone().with("talk.yaml", outline.replace("title: T", "title: U"))));
        assert_ne!(first, name(&files.clone().with("demos/a.sh", "echo b")));
        assert_ne!(first, name(&files.clone().with("demos/lib.sh", "y")));
        assert_ne!(first, name(&files.clone().with("demos/new.sh", "y")));
        assert_ne!(first, name(&files.clone().with("run", "2")));
        assert_ne!(first, name(&files.clone().with("talk.yaml", outline.replace("a.sh", "a.sh, -x"))));
        assert_ne!(first, fingerprint(&parse::deck(&files, "talk.yaml"), &files, Path::new("/other")));
    }

    #[test]
    fn what_a_bench_starts_counts() {
        let scenario = "path: /\nvariants: [{name: a, command: [./serve, \"{port}\"]}]\n";
        let files = MemoryFiles::new()
            .with("talk.yaml", "title: T\ndemos: {a: {kind: bench, scenario: b.yaml}}\n")
            .with("b.yaml", scenario)
            .with("serve", "1");
        let first = name(&files);
        assert_ne!(first, name(&files.clone().with("serve", "2")));
        assert_ne!(first, name(&files.clone().with("b.yaml", scenario.replace("path: /", "path: /x"))));
    }
}
