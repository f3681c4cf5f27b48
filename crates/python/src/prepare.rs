//! Virtual environments: one for each runtime and lock file, in the user's cache directory.
//!
//! An environment counts as ready when its stamp is there, which is written last. One without is removed and made
//! anew: nothing half made is ever used.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::{BaseStrategy, choose_base_strategy};
use rustix::fs::FlockOperation;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::find::{Scope, find};
use super::lock::Lock;
use super::order::{Further, Order};
use super::places::{Places, Wanted, is_program};
use super::sources::Sources;
use super::uv::{INSTALL, Progress, QUICK, SetupError, Sink, Uv, act, private_folder};
use crate::runtime::{Environment, Interpreters, Kind, Problem, Runtime};
use greenroom_base::hex;
use greenroom_system::disk::new_file::{Existing, NewFile};

/// What makes an environment a ready one.
const STAMP: &str = "greenroom.json";

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
    #[error("{0}")]
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

    /// The file that holds what the last setup said.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.join("setup.log")
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
        let digits = hex::encode(hash.finalize());
        // 64 bits tell apart more environments than anybody has.
        self.environments().join(format!("{major}.{minor}{kind}-{digits:.16}"))
    }

    /// The environment, if it is ready. Nothing is run, nothing is made.
    #[must_use]
    pub fn environment(&self, runtime: &Runtime, lock: &Lock) -> Option<Environment> {
        let environment = layout(self.folder(runtime, lock));
        let stamp = environment.folder.join(STAMP);
        (stamp.is_file() && is_program(&environment.python)).then_some(environment)
    }

    /// The same, or what to do about it in the deck that is named as `deck`.
    ///
    /// # Errors
    /// [`NotReady::NotPrepared`]
    pub fn ready(
        &self,
        runtime: &Runtime,
        lock: &Lock,
        deck: Option<&Path>,
    ) -> Result<Environment, NotReady> {
        self.environment(runtime, lock).ok_or_else(|| NotReady::NotPrepared {
            runtime: format!("Python {} ({})", runtime.version, runtime.kind().words()),
            deck: deck.map(|deck| format!(" {}", deck.display())).unwrap_or_default(),
        })
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
        private_folder(&parent)?;
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

/// An empty file at `path` that only this user can read, in the place of what was there.
///
/// # Errors
/// What the system says.
pub fn log_file(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(parent) = path.parent() {
        greenroom_system::private::own_folder(parent)?;
    }
    // A link is removed, not followed.
    let _ = fs::remove_file(path);
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
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
    let name = format!("Python {} ({})", runtime.version, runtime.kind().words());
    let parent = folder.parent().unwrap_or(folder);
    let environment = venv(uv, runtime, folder, &format!("making an environment for {name}"), sink)?;
    if !lock.is_empty() {
        let (_private, requirements) = lock.write(parent)?;
        let mut sync = uv.command(parent);
        sync.args(["pip", "sync", "--require-hashes", "--python"]).arg(&environment.python);
        if !lock.builds() {
            // What is built runs its code.
            sync.arg("--no-build");
        }
        sync.arg(&requirements).env("UV_PYTHON_DOWNLOADS", "never");
        act(&mut sync, &format!("installing packages for {name}"), parent, INSTALL, sink)?;
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
    let mut new = NewFile::beside(stamp)?;
    serde_json::to_writer_pretty(new.file(), &json!({ "v": 1, "runtime": runtime }))?;
    new.file().write_all(b"\n")?;
    new.file().sync_all()?;
    new.finish(0o644, Existing::Replace)
}

/// What [`setup`] came to.
#[derive(Debug)]
pub struct Prepared {
    /// The interpreters, after missing ones were installed.
    pub found: Interpreters,
    /// For each of the two, its environment or what is in the way.
    pub results: Vec<(Kind, Result<Environment, SetupError>)>,
    /// For each of the two that is ready, whether what is built for it is there.
    pub built: Vec<(Kind, Result<(), SetupError>)>,
    /// For each environment that a demo has besides.
    pub further: Vec<FurtherPrepared>,
}

/// What became of an environment that a demo has besides.
#[derive(Debug)]
pub struct FurtherPrepared {
    /// Whose it is.
    pub name: String,
    /// Its interpreter and itself, or what is in the way.
    pub result: Result<(Runtime, Environment), SetupError>,
}

/// Prepares everything in `order`: interpreters, uv, environments. What can be prepared is, even when something else
/// cannot. `found` are the interpreters as [`super::Plan`] found them.
pub fn setup(
    wanted: &Wanted,
    places: &Places,
    store: &Store,
    order: &Order,
    found: Interpreters,
    sink: &mut Sink<'_>,
) -> Prepared {
    let lock = &order.lock;
    let mut work = Work { wanted, places, store, found, uv: UvState::Unknown };
    // The one with the GIL should be of the other's version.
    let free_threaded = work.environment(Kind::FreeThreaded, lock, sink);
    let gil = work.environment(Kind::Gil, lock, sink);
    let mut built = Vec::new();
    for (kind, ready) in [(Kind::Gil, &gil), (Kind::FreeThreaded, &free_threaded)] {
        if let (Ok(environment), false) = (ready, order.sources.is_empty()) {
            built.push((kind, work.build(kind, environment, &order.sources, sink)));
        }
    }
    let further = order.further.iter();
    let further = further
        .map(|one| FurtherPrepared { name: one.name.clone(), result: work.further(one, sink) })
        .collect();
    let results = vec![(Kind::Gil, gil), (Kind::FreeThreaded, free_threaded)];
    Prepared { found: work.found, results, built, further }
}

/// A setup that goes on.
struct Work<'a> {
    wanted: &'a Wanted,
    places: &'a Places,
    store: &'a Store,
    found: Interpreters,
    uv: UvState,
}

/// What is known of uv.
enum UvState {
    /// It has not been needed yet.
    Unknown,
    /// It could not be had.
    None,
    /// It is this one.
    Uv(Uv),
}

impl Work<'_> {
    fn environment(
        &mut self,
        kind: Kind,
        lock: &Lock,
        sink: &mut Sink<'_>,
    ) -> Result<Environment, SetupError> {
        if let Some(problem) = self.found.refused(kind) {
            return Err(SetupError::Refused(Box::new(problem.clone())));
        }
        match self.found.of(kind) {
            None => self.install(kind, None, sink)?,
            Some(runtime) if self.store.environment(runtime, lock).is_none() => {
                if let Some(minor) = self.found.uneven(kind) {
                    match self.install(kind, Some(minor), sink) {
                        // One of another version is better than none.
                        Ok(()) | Err(SetupError::NoInterpreter { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            Some(_) => {}
        }
        // uv may say that it installed one, and none is found.
        let lacking = || SetupError::NoInterpreter { kind, said: String::new() };
        let runtime = self.found.of(kind).cloned().ok_or_else(lacking)?;
        if let Some(ready) = self.store.environment(&runtime, lock) {
            return Ok(ready);
        }
        let uv = self.uv(sink)?;
        self.store.prepare(&uv, &runtime, lock, sink)
    }

    /// What is built for `environment`, one of the two.
    fn build(
        &mut self,
        kind: Kind,
        environment: &Environment,
        sources: &Sources,
        sink: &mut Sink<'_>,
    ) -> Result<(), SetupError> {
        if sources.are_in(environment) {
            return Ok(());
        }
        let lacking = || SetupError::NoInterpreter { kind, said: String::new() };
        let runtime = self.found.of(kind).cloned().ok_or_else(lacking)?;
        let uv = self.uv(sink)?;
        let _alone = alone(&environment.folder, sink)?;
        sources.build(&uv, (&runtime, environment), self.places, sink)
    }

    /// An environment that a demo has besides. Its interpreter is not installed: it is there, or its column says so.
    fn further(
        &mut self,
        further: &Further,
        sink: &mut Sink<'_>,
    ) -> Result<(Runtime, Environment), SetupError> {
        let runtime =
            further.choice.find(&self.found, self.wanted, self.places).map_err(SetupError::Lacking)?;
        if let Some(ready) = self.store.environment(&runtime, &further.lock) {
            return Ok((runtime, ready));
        }
        let uv = self.uv(sink)?;
        let ready = self.store.prepare(&uv, &runtime, &further.lock, sink)?;
        Ok((runtime, ready))
    }

    /// Installs an interpreter of this kind, of this version or the best one.
    fn install(
        &mut self,
        kind: Kind,
        minor: Option<(u32, u32)>,
        sink: &mut Sink<'_>,
    ) -> Result<(), SetupError> {
        let parent = self.store.environments();
        private_folder(&parent)?;
        self.uv(sink)?.install_python(kind, minor, &parent, sink)?;
        self.found = find(self.wanted, self.places, Scope::Needed);
        Ok(())
    }

    /// uv, which is not tried again when it could not be installed.
    fn uv(&mut self, sink: &mut Sink<'_>) -> Result<Uv, SetupError> {
        match &self.uv {
            UvState::Unknown => {}
            UvState::None => return Err(SetupError::StillNoUv),
            UvState::Uv(uv) => return Ok(uv.clone()),
        }
        // Any interpreter can install it: only when there is none is it worth while to look at them all.
        let all;
        let found = if self.found.any().is_some() {
            &self.found
        } else {
            all = find(self.wanted, self.places, Scope::All);
            &all
        };
        let uv = Uv::get(self.places, &self.store.tools(), found.any(), sink);
        self.uv = match &uv {
            Ok(uv) => UvState::Uv(uv.clone()),
            Err(SetupError::Interrupted) => UvState::Unknown,
            Err(_) => UvState::None,
        };
        uv
    }
}

/// The environment that a demo asks for, as far as it is there. Nothing is made.
///
/// # Errors
/// [`NotReady`], which says what to do.
pub fn environment(
    kind: Kind,
    found: &Interpreters,
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
    store.ready(runtime, lock, deck)
}
