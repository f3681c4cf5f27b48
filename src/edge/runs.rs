//! Does what a talk asks for its panes: starts programs, opens recordings, keeps agreements.
//!
//! Everything here may block for a while, and is called on a thread of its own.

use std::collections::BTreeSet;
use std::io::{self, BufReader, Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use etcetera::{BaseStrategy, choose_base_strategy};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::consent::{Agreements, fingerprint};
use super::deckfiles::Located;
use super::disk::DiskFiles;
use super::pty::{Launcher, Spec, StartError};
use crate::deck::{Deck, Demo};
use crate::files::{Files, MemoryFiles, normalize};
use crate::pane::Feed;
use crate::run::Size;
use crate::talk::{Effect, Msg};
use crate::tape::{Header, Input, Meta, Player, TapeError};

/// Pauses are shortened to this when a recording plays; its file keeps them.
const IDLE: Duration = Duration::from_secs(3);
/// The largest recording that is read from inside of the executable.
const MAX_PACKED_TAPE: u64 = 1 << 30;

/// Why something cannot run or play, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The program.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The built-in deck's files have to be on disk for its demos.
    #[error("the built-in demos cannot be written to {folder}: {error}")]
    Unpack {
        /// Where to.
        folder: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// There is no place for them.
    #[error("there is no home directory to unpack the built-in demos to: set HOME or XDG_CACHE_HOME")]
    NoCache,
    /// The recording's file.
    #[error("the recording {path} cannot be opened: {reason}; greenroom record makes one")]
    NoTape {
        /// As the deck says it.
        path: String,
        /// Why.
        reason: String,
    },
    /// What is in it.
    #[error("the recording {path} cannot be played: {error}")]
    BadTape {
        /// As the deck says it.
        path: String,
        /// Why.
        error: TapeError,
    },
    /// The demo is of a kind that is not run here.
    #[error("this demo has no command: add one to it in talk.yaml")]
    NoCommand,
}

/// Runs what a deck declares.
#[derive(Clone)]
pub struct Runner {
    files: Arc<dyn Files>,
    /// The deck's folder on disk; none for the built-in deck.
    folder: Option<PathBuf>,
    /// The checksum of a deck that somebody packed into this program.
    packed: Option<String>,
    launcher: Launcher,
    agreements: Option<Agreements>,
    /// What was agreed to since the program began, should the disk not take it.
    agreed: Arc<Mutex<BTreeSet<String>>>,
    cache: Option<PathBuf>,
    wake: Arc<Notify>,
    began: Instant,
}

impl Runner {
    /// For the deck at `located`. Its panes wake the stage through `wake`; their time counts from `began`.
    #[must_use]
    pub fn new(located: &Located, launcher: Launcher, wake: Arc<Notify>, began: Instant) -> Self {
        let cache = choose_base_strategy().ok().map(|dirs| dirs.cache_dir().join("greenroom"));
        Self {
            files: Arc::clone(&located.files),
            folder: located.folder.clone(),
            packed: located.packed.clone(),
            launcher,
            agreements: Agreements::of_user(),
            agreed: Arc::default(),
            cache,
            wake,
            began,
        }
    }

    /// The same, with what is remembered kept in `folder` instead of the user's own directories.
    #[must_use]
    pub fn remembering(mut self, folder: &Path) -> Self {
        self.agreements = Some(Agreements::inside(folder));
        self.cache = Some(folder.join("cache"));
        self
    }

    /// The same, with recordings taken from `folder`.
    #[must_use]
    pub fn with_tapes_in(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// What panes wake the stage through.
    #[must_use]
    pub fn wake(&self) -> &Arc<Notify> {
        &self.wake
    }

    /// Performs `effect`, and gives the talk its answer; nothing for effects that are not about panes.
    #[must_use]
    pub fn perform(&self, effect: Effect, deck: &Deck) -> Option<Msg> {
        match effect {
            Effect::Start { pane, generation, demo, size } => {
                if !self.is_agreed(deck) {
                    return Some(Msg::NotAgreed { pane, generation });
                }
                Some(match self.start(&demo, size) {
                    Ok(feed) => {
                        let header = Some(Box::new(header(None, &demo, size)));
                        Msg::Attached { pane, generation, feed, header }
                    }
                    Err(error) => Msg::Failed { pane, generation, reason: error.to_string() },
                })
            }
            Effect::OpenTape { pane, generation, path } => Some(match self.tape(&path) {
                Ok(player) => {
                    let feed = Feed::Tape(Box::new(player));
                    Msg::Attached { pane, generation, feed, header: None }
                }
                Err(error) => Msg::Failed { pane, generation, reason: error.to_string() },
            }),
            Effect::WriteTape { pane, path, bytes, first, end } => {
                let problem = self.write(&path, &bytes, first, end).err().map(|error| error.to_string());
                Some(Msg::Written { pane, end, problem })
            }
            Effect::FindTape { pane, path } => {
                let tape = self.tape(&path).ok();
                let day = tape.as_ref().and_then(|tape| tape.header().date());
                Some(Msg::TapeFound { pane, plays: tape.is_some(), day })
            }
            Effect::Agree => {
                // An agreement that cannot be kept is asked for again next time.
                let _ = self.agree(deck);
                Some(Msg::Agreed)
            }
            Effect::Quit | Effect::Suspend | Effect::Reload | Effect::Moved(_) => None,
        }
    }

    /// Whether the person has agreed to what the deck runs, as it is at this moment. The built-in deck is part of
    /// the program itself.
    #[must_use]
    pub fn is_agreed(&self, deck: &Deck) -> bool {
        let Some(place) = self.place() else { return true };
        let name = self.fingerprint(deck, &place);
        lock(&self.agreed).contains(&name)
            || self.agreements.as_ref().is_some_and(|agreements| agreements.has(&name))
    }

    /// Remembers that the person agreed.
    ///
    /// # Errors
    /// When it is remembered only until the program ends.
    pub fn agree(&self, deck: &Deck) -> io::Result<()> {
        let Some(place) = self.place() else { return Ok(()) };
        let name = self.fingerprint(deck, &place);
        lock(&self.agreed).insert(name.clone());
        match &self.agreements {
            Some(agreements) => agreements.note(&name, &place, deck),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// A packed deck's checksum stands for its files, which then need not be read.
    fn fingerprint(&self, deck: &Deck, place: &Path) -> String {
        let no_files = MemoryFiles::new();
        let files: &dyn Files = if self.folder.is_some() { &*self.files } else { &no_files };
        fingerprint(deck, files, place)
    }

    /// What an agreement is about, besides what runs: the folder, or all that was packed. None for the built-in
    /// deck.
    fn place(&self) -> Option<PathBuf> {
        let packed = || self.packed.as_ref().map(|content| PathBuf::from(format!("packed:{content}")));
        self.folder.clone().or_else(packed)
    }

    fn start(&self, demo: &Demo, size: Size) -> Result<Feed, RunError> {
        let spec = self.spec(demo, size)?;
        let live = self.launcher.start(&spec, Arc::clone(&self.wake), self.began.elapsed().into())?;
        Ok(Feed::Live(Box::new(live)))
    }

    /// How `demo` is started.
    ///
    /// # Errors
    /// When it has no command, or its files cannot be put on disk.
    pub fn spec(&self, demo: &Demo, size: Size) -> Result<Spec, RunError> {
        let Some((program, args)) = demo.command.split_first() else { return Err(RunError::NoCommand) };
        let folder = self.on_disk()?;
        Ok(Spec {
            program: program.clone(),
            args: args.to_vec(),
            directory: demo.directory.as_ref().map_or_else(|| folder.clone(), |inside| folder.join(inside)),
            env: demo.env.clone(),
            size,
            timeout: demo.time_limit(),
            grace: None,
        })
    }

    /// The deck's folder; the built-in deck is written to the user's cache first.
    fn on_disk(&self) -> Result<PathBuf, RunError> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        let cache = self.cache.as_ref().ok_or(RunError::NoCache)?;
        unpack(&*self.files, cache).map_err(|error| RunError::Unpack { folder: cache.clone(), error })
    }

    /// Adds to the tape at `path` in the deck. Until it is whole it has another name, so that an earlier recording
    /// is not lost to a run that goes wrong.
    fn write(&self, path: &str, bytes: &[u8], first: bool, end: bool) -> io::Result<()> {
        let (Some(folder), Some(path)) = (&self.folder, normalize(path)) else {
            return Err(io::Error::other("the built-in deck takes no recordings; greenroom record -o does"));
        };
        let target = folder.join(path);
        let parent = target.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)?;
        if !parent.canonicalize()?.starts_with(folder.canonicalize()?) {
            return Err(io::Error::other("the path leads out of the deck folder"));
        }
        let mut part = target.clone().into_os_string();
        part.push(".part");
        let mut options = std::fs::OpenOptions::new();
        if first {
            options.write(true).create(true).truncate(true);
        } else {
            options.append(true);
        }
        let mut file = options.open(&part)?;
        file.write_all(bytes)?;
        if end {
            file.sync_all()?;
            std::fs::rename(&part, &target)?;
        }
        Ok(())
    }

    /// Opens the recording at `path` in the deck.
    ///
    /// # Errors
    /// When it is not there, or is none.
    pub fn tape(&self, path: &str) -> Result<Player, RunError> {
        let missing = |reason: String| RunError::NoTape { path: path.to_owned(), reason };
        let input: Box<dyn Input> = if let Some(folder) = &self.folder {
            let files = DiskFiles::new(folder).map_err(|error| missing(error.to_string()))?;
            let (file, _) = files.open(path).map_err(|error| missing(error.to_string()))?;
            Box::new(BufReader::with_capacity(64 * 1024, file))
        } else {
            let bytes = self.files.read(path, MAX_PACKED_TAPE).map_err(|error| missing(error.to_string()))?;
            Box::new(Cursor::new(bytes))
        };
        Player::open(input).map_err(|error| RunError::BadTape { path: path.to_owned(), error })
    }
}

/// How a tape of `demo` begins: what, when, and on what kind of machine.
#[must_use]
pub fn header(id: Option<&str>, demo: &Demo, size: Size) -> Header {
    let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let machine = format!("{} {}, {cores} cores", std::env::consts::OS, std::env::consts::ARCH);
    let meta = Meta { demo: id.map(str::to_owned), machine: Some(machine), ..Meta::default() };
    let (command, title) = (Some(demo.command.join(" ")), demo.title.clone());
    Header { timestamp, idle_limit: Some(IDLE), command, title, meta, ..Header::new(size) }
}

fn lock(agreed: &Mutex<BTreeSet<String>>) -> MutexGuard<'_, BTreeSet<String>> {
    agreed.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes `files` to a folder below `cache` that is named after their contents, all of them or none.
fn unpack(files: &dyn Files, cache: &Path) -> io::Result<PathBuf> {
    let unreadable = |error: crate::files::FileError| io::Error::other(error.to_string());
    let paths = files.list("").map_err(unreadable)?;
    let mut contents = Vec::with_capacity(paths.len());
    let mut hash = Sha256::new();
    for path in paths {
        let bytes = files.read(&path, u64::MAX).map_err(unreadable)?;
        hash.update((path.len() as u64).to_le_bytes());
        hash.update(path.as_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
        let executable = files.is_executable(&path);
        hash.update([u8::from(executable)]);
        contents.push((path, bytes, executable));
    }
    let name = hash
        .finalize()
        .iter()
        .take(8)
        .fold(String::from("deck-"), |name, byte| name + &format!("{byte:02x}"));
    let folder = cache.join(name);
    if folder.is_dir() {
        return Ok(folder);
    }
    std::fs::create_dir_all(cache)?;
    let unfinished = tempfile::Builder::new().prefix(".deck-").tempdir_in(cache)?;
    for (path, bytes, executable) in contents {
        let target = unfinished.path().join(path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut file = std::fs::File::create(&target)?;
        file.write_all(&bytes)?;
        if executable {
            use std::os::unix::fs::PermissionsExt;
            file.set_permissions(std::fs::Permissions::from_mode(0o755))?;
        }
    }
    match std::fs::rename(unfinished.path(), &folder) {
        Ok(()) => {
            // It has moved; there is nothing left to clean up.
            let _ = unfinished.keep();
        }
        // Somebody else was faster.
        Err(_) if folder.is_dir() => {}
        Err(error) => return Err(error),
    }
    Ok(folder)
}
