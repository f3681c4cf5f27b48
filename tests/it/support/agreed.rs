//! A deck in a folder of its own, sessions of it, and what they remember.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use greenroom::decks::locate;
use greenroom::runner::{RunError, Runner};
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_deck::launch::{Asked, Launch};
use greenroom_system::pty::{Launcher, Spec};
use tokio::sync::Notify;

pub(crate) const SIZE: Size = Size { columns: 80, rows: 24 };

/// A deck in a folder of its own, and what is remembered of it in another.
pub(crate) struct Place {
    pub folder: tempfile::TempDir,
}

/// One run of the program: what is read of the deck, and what it remembers.
pub(crate) struct Session {
    pub runner: Runner,
    pub deck: Deck,
}

impl Place {
    pub(crate) fn new(demos: &str) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.write(
            "talk.yaml",
            format!("title: T\nsections:\n- {{title: S, file: s.md}}\ndemos:\n{demos}\n"),
        );
        place.write("s.md", "# One\n\n```pane\ndemo: a\n```\n");
        place
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join("deck").join(path)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn session(&self) -> Session {
        let located = locate(Some(&self.at(""))).unwrap();
        let deck = greenroom::open::deck(&*located.files, &located.entry);
        let launcher = Launcher::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom")));
        let runner = Runner::new(&located, launcher, Arc::new(Notify::new()), Instant::now());
        Session { runner: runner.remembering(self.folder.path()), deck }
    }

    /// The same, with what is remembered kept in `folder`.
    pub(crate) fn session_in(&self, folder: &Path) -> Session {
        let Session { runner, deck } = self.session();
        Session { runner: runner.remembering(folder), deck }
    }

    /// What is left in the user's cache.
    pub(crate) fn cached(&self) -> Vec<String> {
        let entries =
            fs::read_dir(self.folder.path().join("cache/greenroom")).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }
}

impl Session {
    pub(crate) fn agree(&self) {
        self.runner.agree(&self.deck).unwrap();
        assert!(self.runner.is_agreed(&self.deck));
    }

    pub(crate) fn asks(&self) -> Asked {
        self.runner.asks(&self.deck).unwrap().expect("it asks")
    }

    pub(crate) fn spec(&self, demo: &str) -> Result<Spec, RunError> {
        let demos = self.deck.demos();
        let (_, demo) = demos.iter().find(|(name, _)| name == demo).unwrap();
        self.runner.spec(&self.deck, &Launch::of(demo, &self.deck.scenarios).unwrap(), SIZE)
    }

    /// Runs a demo as it would be started, and gives what it says.
    pub(crate) fn run(&self, demo: &str) -> String {
        run(&self.spec(demo).unwrap())
    }
}

pub(crate) fn run(spec: &Spec) -> String {
    let mut command = Command::new(&spec.program);
    let output = command.args(&spec.args).current_dir(&spec.directory).envs(&spec.env).output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}
