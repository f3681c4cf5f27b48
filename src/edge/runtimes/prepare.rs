//! Virtual environments: one for each runtime and lock file, in the user's cache directory.
//!
//! An environment counts as ready when its stamp is there, which is written last. One without is removed and made
//! anew: nothing half made is ever used.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use etcetera::{BaseStrategy, choose_base_strategy};
use rustix::fs::FlockOperation;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::find::{Scope, find};
use super::places::{Places, Wanted, is_program};
use super::uv::{INSTALL, Progress, QUICK, SetupError, Sink, Uv, act};
use crate::files::{FileError, Files};
use crate::run::runtime::{Environment, Found, Kind, Problem, Runtime};

/// Where a deck keeps its lock file.
pub const LOCK: &str = "demos/locks/requirements.txt";
/// No lock file is larger.
const MAX_LOCK: u64 = 4 << 20;
/// What makes an environment a ready one.
const STAMP: &str = "greenroom.json";

/// What is to be installed, down to the last hash; nothing at all for a deck that has no lock file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    text: Bytes,
}

impl Lock {
    /// The one of the deck in `files`.
    ///
    /// # Errors
    /// When there is one that cannot be read.
    pub fn of(files: &dyn Files) -> Result<Self, FileError> {
        match files.read(LOCK, MAX_LOCK) {
            Ok(text) => Ok(Self { text }),
            Err(FileError::Missing) => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Whether it asks for no package.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.trim_ascii().is_empty()
    }
}

/// Why an environment is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// No interpreter of this kind.
    #[error("there is no {} Python here: run greenroom setup, or name one with {} PATH", .0.words(), .0.option())]
    NoRuntime(Kind),
    /// The one that was asked for is of no use.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// Its packages are not installed.
    #[error("the packages for {runtime} are not installed: run greenroom setup{deck}")]
    NotPrepared {
        /// Which runtime.
        runtime: String,
        /// What to add to the command, for a deck that is not the built-in one.
        deck: String,
    },
    /// No cache.
    #[error("there is no home directory to keep environments in: set HOME or XDG_CACHE_HOME")]
    NoCache,
    /// The lock file.
    #[error("{LOCK} cannot be read: {0}")]
    Lock(String),
}

impl NotReady {
    /// Whether `greenroom setup` may help.
    #[must_use]
    pub const fn can_be_set_up(&self) -> bool {
        matches!(self, Self::NoRuntime(_) | Self::NotPrepared { .. })
    }
}

/// Where environments are kept.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// That of this user; none without a home.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        Some(Self::inside(&choose_base_strategy().ok()?.cache_dir().join("greenroom")))
    }

    /// The one in Greenroom's cache folder `cache`.
    #[must_use]
    pub fn inside(cache: &Path) -> Self {
        Self { folder: cache.to_owned() }
    }

    /// Where uv is kept when it had to be installed.
    #[must_use]
    pub fn tools(&self) -> PathBuf {
        self.folder.join("tools")
    }

    /// Where the environments are.
    #[must_use]
    pub fn environments(&self) -> PathBuf {
        self.folder.join("envs")
    }

    /// The folder of the environment of `runtime` for `lock`, whether it is there or not.
    #[must_use]
    pub fn folder(&self, runtime: &Runtime, lock: &Lock) -> PathBuf {
        let mut hash = Sha256::new();
        let real = runtime.real.as_os_str().as_encoded_bytes();
        let parts = [b"1", real, runtime.build.as_bytes(), runtime.config_args.as_bytes(), &lock.text];
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let kind = if runtime.free_threaded { "t" } else { "" };
        let (major, minor) = runtime.minor;
        let name = format!("{major}.{minor}{kind}-");
        self.environments()
            .join(hash.finalize().iter().take(8).fold(name, |name, b| name + &format!("{b:02x}")))
    }

    /// The environment, if it is ready. Nothing is run, nothing is made.
    #[must_use]
    pub fn environment(&self, runtime: &Runtime, lock: &Lock) -> Option<Environment> {
        let environment = layout(self.folder(runtime, lock));
        let stamp = environment.folder.join(STAMP);
        (stamp.is_file() && is_program(&environment.python)).then_some(environment)
    }

    /// Makes the environment, or finds it ready.
    ///
    /// # Errors
    /// [`SetupError`]; what was half made is gone, or will be when it is made again.
    pub fn prepare(
        &self,
        uv: &Uv,
        runtime: &Runtime,
        lock: &Lock,
        sink: &mut Sink<'_>,
    ) -> Result<Environment, SetupError> {
        if let Some(ready) = self.environment(runtime, lock) {
            return Ok(ready);
        }
        let (parent, folder) = (self.environments(), self.folder(runtime, lock));
        fs::create_dir_all(&parent).map_err(SetupError::io(&parent))?;
        let _alone = alone(&folder, sink)?;
        // Somebody else may have made it meanwhile.
        if let Some(ready) = self.environment(runtime, lock) {
            return Ok(ready);
        }
        let environment = make(uv, runtime, lock, &folder, sink);
        if environment.is_err() {
            let _ = fs::remove_dir_all(&folder);
        }
        environment
    }
}

fn layout(folder: PathBuf) -> Environment {
    let bin = folder.join("bin");
    Environment { python: bin.join("python"), bin, folder }
}

/// Waits until no other setup makes the environment in `folder`. The system takes the lock back when the file is
/// closed, whatever happens.
fn alone(folder: &Path, sink: &mut Sink<'_>) -> Result<File, SetupError> {
    // The folder's name has a dot, after which `with_extension` would cut it.
    let mut path = folder.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let file = File::create(&path).map_err(SetupError::io(&path))?;
    let mut told = false;
    while rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        let step = if told { Progress::Tick } else { Progress::Step("waiting for another greenroom setup") };
        told = true;
        if sink(step).is_break() {
            return Err(SetupError::Interrupted);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(file)
}

fn make(
    uv: &Uv,
    runtime: &Runtime,
    lock: &Lock,
    folder: &Path,
    sink: &mut Sink<'_>,
) -> Result<Environment, SetupError> {
    let name = format!("{} {}", runtime.version, runtime.kind().words());
    let parent = folder.parent().unwrap_or(folder);
    let environment = venv(uv, runtime, folder, &format!("{name}: making an environment"), sink)?;
    if !lock.is_empty() {
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, &lock.text).map_err(SetupError::io(&requirements))?;
        let mut sync = uv.command(parent);
        sync.args(["pip", "sync", "--require-hashes", "--python"])
            .arg(&environment.python)
            .arg(&requirements);
        sync.env("UV_PYTHON_DOWNLOADS", "never");
        act(&mut sync, &format!("{name}: installing packages"), parent, INSTALL, sink)?;
    }
    let stamp = folder.join(STAMP);
    stamp_it(&stamp, runtime).map_err(SetupError::io(&stamp))?;
    Ok(environment)
}

/// An empty environment in `folder`.
pub(super) fn venv(
    uv: &Uv,
    runtime: &Runtime,
    folder: &Path,
    what: &str,
    sink: &mut Sink<'_>,
) -> Result<Environment, SetupError> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(SetupError::io(folder))?;
    }
    let parent = folder.parent().unwrap_or(folder);
    let mut venv = uv.command(parent);
    venv.args(["venv", "--no-project", "--python"]).arg(&runtime.path).arg(folder);
    venv.env("UV_PYTHON_DOWNLOADS", "never");
    act(&mut venv, what, parent, QUICK, sink)?;
    Ok(layout(folder.to_owned()))
}

/// Says that the environment is whole. Everything else is on the disk before it.
fn stamp_it(stamp: &Path, runtime: &Runtime) -> std::io::Result<()> {
    let unfinished = stamp.with_extension("part");
    let mut file = File::create(&unfinished)?;
    serde_json::to_writer_pretty(&mut file, &json!({ "v": 1, "runtime": runtime }))?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&unfinished, stamp)
}

/// What [`setup`] came to.
#[derive(Debug)]
pub struct Prepared {
    /// The interpreters, after missing ones were installed.
    pub found: Found,
    /// For each of the two, its environment or what is in the way.
    pub results: Vec<(Kind, Result<Environment, SetupError>)>,
}

/// Prepares everything that demos with `lock` need: interpreters, uv, environments. What can be prepared is, even
/// when something else cannot.
pub fn setup(wanted: &Wanted, places: &Places, store: &Store, lock: &Lock, sink: &mut Sink<'_>) -> Prepared {
    let _ = sink(Progress::Step("looking for interpreters"));
    let mut found = find(wanted, places, Scope::Needed);
    let mut lacking = Vec::new();
    let absent: Vec<Kind> = Kind::BOTH
        .into_iter()
        .filter(|kind| found.of(*kind).is_none() && found.refused(*kind).is_none())
        .collect();
    for kind in absent {
        let installed = install(kind, &found, wanted, places, store, sink);
        match installed {
            Ok(()) => found = find(wanted, places, Scope::Needed),
            Err(error) => lacking.push((kind, error)),
        }
    }
    let mut results = Vec::new();
    for kind in Kind::BOTH {
        let result = match found.of(kind) {
            Some(runtime) => ready(runtime, &found, places, store, lock, sink),
            None => Err(match (found.refused(kind), lacking.iter().position(|(lacks, _)| *lacks == kind)) {
                (Some(problem), _) => SetupError::Refused(Box::new(problem.clone())),
                (None, Some(at)) => lacking.swap_remove(at).1,
                // uv says that it installed one, and none is found.
                (None, None) => SetupError::NoInterpreter { kind, said: String::new() },
            }),
        };
        results.push((kind, result));
    }
    Prepared { found, results }
}

fn install(
    kind: Kind,
    found: &Found,
    wanted: &Wanted,
    places: &Places,
    store: &Store,
    sink: &mut Sink<'_>,
) -> Result<(), SetupError> {
    // uv itself needs any interpreter at all: only now it is worth while to look at them all.
    let all = if found.any().is_none() { find(wanted, places, Scope::All) } else { found.clone() };
    let uv = Uv::get(places, &store.tools(), all.any(), sink)?;
    let parent = store.environments();
    fs::create_dir_all(&parent).map_err(SetupError::io(&parent))?;
    uv.install_python(kind, &parent, sink)
}

fn ready(
    runtime: &Runtime,
    found: &Found,
    places: &Places,
    store: &Store,
    lock: &Lock,
    sink: &mut Sink<'_>,
) -> Result<Environment, SetupError> {
    if let Some(ready) = store.environment(runtime, lock) {
        return Ok(ready);
    }
    let uv = Uv::get(places, &store.tools(), found.any(), sink)?;
    store.prepare(&uv, runtime, lock, sink)
}

/// The environment that a demo asks for, as far as it is there. Nothing is made.
///
/// # Errors
/// [`NotReady`], which says what to do.
pub fn environment(
    kind: Kind,
    found: &Found,
    store: Option<&Store>,
    lock: &Lock,
    deck: Option<&Path>,
) -> Result<Environment, NotReady> {
    let store = store.ok_or(NotReady::NoCache)?;
    let runtime = match (found.of(kind), found.refused(kind)) {
        (Some(runtime), _) => runtime,
        (None, Some(problem)) => return Err(NotReady::Refused(Box::new(problem.clone()))),
        (None, None) => return Err(NotReady::NoRuntime(kind)),
    };
    store.environment(runtime, lock).ok_or_else(|| NotReady::NotPrepared {
        runtime: format!("Python {} ({})", runtime.version, kind.words()),
        deck: deck.map(|deck| format!(" {}", deck.display())).unwrap_or_default(),
    })
}
