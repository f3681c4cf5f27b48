//! Does what a talk asks for its panes: starts programs, opens recordings, keeps agreements.
//!
//! Everything here may block for a while, and is called on a thread of its own.
#![allow(clippy::disallowed_methods)] // it is one of the places that may touch the world

pub mod diagram;
pub mod packages;
pub mod picture;
pub(crate) mod preparer;
pub mod recorder;
pub mod takes;
pub mod tool;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use etcetera::{BaseStrategy, choose_base_strategy};
use tokio::sync::Notify;

use crate::cli::{Bench, ColumnName, DEFAULT_SECONDS, Labelled, Probe, ProtocolName, Pythons, Setup};
use crate::decks::Located;
use crate::open;
use crate::talk::{Msg, NewTape, RunnerEffect, TapeWriter};
use greenroom_base::diag::{Diagnostic, Severity};
use greenroom_base::files::Files;
use greenroom_base::run::Size;
use greenroom_consent::{Agreements, Gate, Ground, Refusal};
use greenroom_deck::launch::{Asked, CardEntry, Idle, Launch, Starts};
use greenroom_deck::{Database, Deck, Demo, NamedRuntime, RuntimeName, Scenario};
use greenroom_pane::Feed;
use greenroom_parse as parse;
use greenroom_python::runtime::{Environment, Interpreters};
use greenroom_python::{self as runtimes, Indexes, Lock, NotReady, Places, Plan, Scope, Store, Wanted};
use greenroom_system::disk::DiskFiles;
use greenroom_system::disk::beneath::{self, WriteError};
use greenroom_system::pty::{Launcher, Spec, StartError};
use greenroom_tape::{Header, Input, Meta, Player, TapeError, command_line};
use packages::kind_of;
use recorder::Recorder;

/// Seconds of the profile that follows a bench on a slide, for each variant.
const PROFILE: u32 = 3;
/// Pauses are shortened to this when a recording plays; its file keeps them.
const IDLE: Duration = Duration::from_secs(3);
/// The largest recording that is read from inside of the executable.
const MAX_PACKED_TAPE: u64 = 1 << 30;

/// The variable that tells a demo where the deck's own folder is: it runs in a copy.
const DECK: &str = "GREENROOM_DECK";

/// A bench has servers to stop before it ends.
const BENCH_GRACE: Duration = Duration::from_secs(6);

/// Why something cannot run or play, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The program.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Nobody agreed to it, or there is no place to run it.
    #[error(transparent)]
    Refused(#[from] Refusal),
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
    /// The folder that it runs in is not the deck's.
    #[error("the demo's directory: {0}")]
    Directory(WriteError),
    /// The environment that it runs in.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// The scenario has a mistake.
    #[error("{0}")]
    Scenario(Box<Diagnostic>),
    /// The scenario's file is not what was agreed to.
    #[error("{0} has changed since the deck was read: try again")]
    Changed(String),
    /// What was made a moment ago is gone.
    #[error("the copy of the deck that its demos run in cannot be read ({0}): try again")]
    Copy(String),
    /// The demo starts nothing.
    #[error(transparent)]
    Idle(#[from] Idle),
    /// Arguments are text.
    #[error("the deck lies in a folder whose name is not UTF-8: move it")]
    OddPath,
}

/// Runs what a deck declares.
#[derive(Clone)]
pub struct Runner {
    files: Arc<dyn Files>,
    /// The deck's folder on disk; none for the built-in deck.
    folder: Option<PathBuf>,
    /// What a person names to open the deck; none for the built-in deck.
    named: Option<PathBuf>,
    /// Whether it is packed behind this program.
    packed: bool,
    /// The deck's outline, or its only file, among `files`.
    entry: String,
    /// Decides what may run, and where.
    gate: Arc<Gate>,
    launcher: Launcher,
    cache: Option<PathBuf>,
    /// The interpreters that the command line names.
    wanted: Wanted,
    /// Those that were found, once one was needed.
    found: Arc<Mutex<Option<Interpreters>>>,
    wake: Arc<Notify>,
    /// What writes recordings, once one was wanted.
    recorder: Arc<OnceLock<Recorder>>,
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
            packed: located.packed.is_some(),
            entry: located.entry.clone(),
            named: located.folder.as_ref().map(|folder| {
                if located.whole_folder { folder.clone() } else { folder.join(&located.entry) }
            }),
            gate: Arc::new(Gate::new(located.folder.as_deref(), located.packed.as_deref(), cache.clone())),
            launcher,
            cache,
            wanted: Wanted::default(),
            recorder: Arc::default(),
            found: Arc::default(),
            wake,
            began,
        }
    }

    /// The same, with demos on the interpreters that are named.
    #[must_use]
    pub fn with_runtimes(mut self, wanted: Wanted) -> Self {
        (self.wanted, self.found) = (wanted, Arc::default());
        self
    }

    /// The same, with what is remembered kept in `folder` instead of the user's own directories.
    #[must_use]
    pub fn remembering(mut self, folder: &Path) -> Self {
        let cache = folder.join("cache/greenroom");
        self.gate = Arc::new(self.gate.remembering(Agreements::inside(folder), cache.clone()));
        (self.cache, self.recorder) = (Some(cache), Arc::default());
        self
    }

    /// The same, with recordings taken from `folder`.
    #[must_use]
    pub fn with_tapes_in(mut self, folder: &Path) -> Self {
        (self.folder, self.recorder) = (Some(folder.to_owned()), Arc::default());
        self
    }

    /// What panes wake the stage through.
    #[must_use]
    pub fn wake(&self) -> &Arc<Notify> {
        &self.wake
    }

    /// Performs `effect`, and gives the talk its answer.
    #[must_use = "a talk waits for the answer"]
    pub fn perform(&self, effect: RunnerEffect, deck: &Deck) -> Msg {
        match effect {
            RunnerEffect::Start { generation, demo, size, record } => {
                let started = Launch::of(&demo, &deck.scenarios)
                    .map_err(RunError::from)
                    .and_then(|launch| self.start(&launch, &self.spec(deck, &launch, size)?));
                match started {
                    Ok(feed) => {
                        let path = demo.tape.as_deref().filter(|_| record);
                        let tape = path.map(|path| NewTape {
                            header: header(None, &demo, size),
                            writer: self.record(path),
                        });
                        Msg::Attached { generation, feed, tape: tape.map(Box::new) }
                    }
                    Err(RunError::Refused(Refusal::Ask(asked))) => {
                        Msg::NotAgreed { generation, asked: Arc::new(*asked) }
                    }
                    Err(RunError::NotReady(lacking)) if lacking.can_be_set_up() => {
                        Msg::NotReady { generation, reason: lacking.to_string() }
                    }
                    Err(error) => Msg::Failed { generation, reason: error.to_string() },
                }
            }
            RunnerEffect::SetUp { generation, size, agreed } => {
                match self.set_up_if(size, agreed.as_deref()) {
                    Ok(Ok(feed)) => Msg::Attached { generation, feed, tape: None },
                    Ok(Err(asked)) => Msg::NotAgreed { generation, asked: Arc::new(asked) },
                    Err(error) => Msg::Failed { generation, reason: error.to_string() },
                }
            }
            RunnerEffect::OpenTape { generation, path } => match self.tape(&path) {
                Ok(player) => {
                    let feed = Feed::Tape(Box::new(player));
                    Msg::Attached { generation, feed, tape: None }
                }
                Err(error) => Msg::Failed { generation, reason: error.to_string() },
            },
            RunnerEffect::FindTape { path } => {
                let tape = self.tape(&path).ok();
                let day = tape.as_ref().and_then(|tape| tape.header().date());
                Msg::TapeFound { path, plays: tape.is_some(), day }
            }
            RunnerEffect::Agree(asked) => {
                // An agreement that cannot be kept is asked for again next time.
                let _ = self.agree_to(&asked);
                Msg::Agreed(asked.fingerprint.clone())
            }
        }
    }

    /// What the person has to be asked before anything of the deck runs, as it is at this moment; none when that was
    /// agreed to. The built-in deck is part of the program itself.
    ///
    /// # Errors
    /// When the deck's folder cannot be read.
    pub fn asks(&self, deck: &Deck) -> Result<Option<Asked>, RunError> {
        match self.gate.check(deck) {
            Ok(()) => Ok(None),
            Err(Refusal::Ask(asked)) => Ok(Some(*asked)),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the person has agreed to what the deck runs, as it is at this moment.
    #[must_use]
    pub fn is_agreed(&self, deck: &Deck) -> bool {
        matches!(self.asks(deck), Ok(None))
    }

    /// Remembers that the person agreed to `asked`, and to nothing else: what the deck has become since is asked for
    /// anew.
    ///
    /// # Errors
    /// When it is remembered only until the program ends, although it could be for longer.
    pub fn agree_to(&self, asked: &Asked) -> io::Result<()> {
        self.gate.agree(&asked.fingerprint, true).map(drop)
    }

    /// The same, until the program ends.
    pub fn agree_for_now(&self, asked: &Asked) {
        // Nothing is written, so nothing can fail.
        let _ = self.gate.agree(&asked.fingerprint, false);
    }

    /// Remembers that the person agreed to the deck as it is at this moment.
    ///
    /// # Errors
    /// When it is remembered only until the program ends, or the deck cannot be read.
    pub fn agree(&self, deck: &Deck) -> io::Result<()> {
        let asked = self.asks(deck).map_err(|error| io::Error::other(error.to_string()))?;
        asked.map_or(Ok(()), |asked| self.agree_to(&asked))
    }

    /// What follows the recordings that Greenroom writes, renames and removes in the deck.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Nothing starts any more, and what was made for this session is removed. Everything that ran has ended.
    pub fn end(&self) {
        if let Some(recorder) = self.recorder.get() {
            recorder.end();
        }
        self.gate.end();
    }

    /// Starts `launch` as `spec` says it: what writes records on pipes, anything else on a terminal.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self, launch: &Launch, spec: &Spec) -> Result<Feed, RunError> {
        let (wake, now) = (Arc::clone(&self.wake), self.began.elapsed().into());
        let live = if launch.writes_records() {
            self.launcher.start_on_pipes(spec, wake, now)?
        } else {
            self.launcher.start(spec, wake, now)?
        };
        Ok(Feed::Live(Box::new(live)))
    }

    /// How `launch` of `deck` is started, in a copy of what the person has agreed to.
    ///
    /// # Errors
    /// When nobody has agreed to the deck as it is now, its files cannot be put on disk, or are not what it says.
    pub fn spec(&self, deck: &Deck, launch: &Launch, size: Size) -> Result<Spec, RunError> {
        let Ground { folder, deck: own } = self.gate.enter(deck, &*self.files)?;
        let directory = match &launch.directory {
            None => folder.clone(),
            Some(inside) => match beneath::folder(&folder, inside) {
                Err(WriteError::System { .. }) => folder.join(inside),
                found => found.map_err(RunError::Directory)?,
            },
        };
        let mut env = launch.env.clone();
        // Whoever wants to leave something in the deck needs to know where that is.
        env.entry(DECK.to_owned()).or_insert_with(|| own.to_string_lossy().into_owned());
        let (program, args) = match &launch.starts {
            Starts::Program { command, runtime, requirements, .. } => {
                if let Some(name) = *runtime {
                    self.put_first(&mut env, name, requirements.as_deref())?;
                }
                let (program, args) = command.split_first().ok_or(StartError::NoProgram)?;
                (program.clone(), args.to_vec())
            }
            Starts::Bench { path, scenario } => self.bench(&folder, path, scenario)?,
            // A probe chooses the interpreter of each column by itself.
            starts @ Starts::Probe { .. } => self.probe(starts)?,
            Starts::SetUp { digest, .. } => return self.set_up(size, digest),
        };
        Ok(Spec {
            program,
            args,
            directory,
            env,
            size,
            timeout: launch.timeout,
            grace: launch.is_bench().then_some(BENCH_GRACE),
        })
    }

    /// Makes the programs of a runtime those that are found first; its packages are those of the lock file
    /// `requirements`, or the deck's.
    fn put_first(
        &self,
        env: &mut BTreeMap<String, String>,
        name: RuntimeName,
        requirements: Option<&str>,
    ) -> Result<(), RunError> {
        let environment = self.environment(name, requirements)?;
        let path = env.get("PATH").map(OsString::from).or_else(|| std::env::var_os("PATH"));
        let rest = path.as_deref().map(std::env::split_paths).into_iter().flatten();
        let path = std::env::join_paths(std::iter::once(environment.bin).chain(rest));
        env.insert("PATH".to_owned(), path.unwrap_or_default().to_string_lossy().into_owned());
        env.insert("VIRTUAL_ENV".to_owned(), environment.folder.to_string_lossy().into_owned());
        Ok(())
    }

    /// Starts a setup when `agreed` is the fingerprint of what it would install now; else says what to ask.
    fn set_up_if(&self, size: Size, agreed: Option<&str>) -> Result<Result<Feed, Asked>, RunError> {
        let (starts, fingerprint) = self.packages()?;
        if agreed == Some(fingerprint.as_str()) {
            let Starts::SetUp { digest, .. } = &starts else { return Err(StartError::NoProgram.into()) };
            let spec = self.set_up(size, digest)?;
            return Ok(Ok(self.start(&set_up(starts), &spec)?));
        }
        let launch = set_up(starts);
        let entry = CardEntry { name: "setup".to_owned(), slides: Vec::new(), launch };
        Ok(Err(Asked {
            fingerprint,
            changed: Vec::new(),
            each_session: None,
            each_start: false,
            entries: vec![entry],
        }))
    }

    /// What a setup would install for this deck as it is now, and the fingerprint of that.
    fn packages(&self) -> Result<(Starts, String), RunError> {
        let deck = open::deck(&*self.files, &self.entry);
        let order = packages::order(&*self.files, &deck, self.is_built_in())
            .map_err(|error| NotReady::Lock(error.to_string()))?;
        let (digest, packages) = (order.digest(), order.packages());
        let indexes = Indexes::of_user().shown();
        let mut also = Vec::new();
        if let Some(cache) = &self.cache {
            let plan = Plan::of(&self.wanted, &self.places(), &Store::inside(cache), &order);
            also.extend(plan.interpreters.iter().map(|version| format!("Python {version}, by uv")));
            if order.sources.agreed && !order.sources.is_empty() {
                also.push(format!(
                    "{} is built where that can be, which runs its code",
                    order.sources.names()
                ));
            }
            also.extend(plan.uv.then(|| "uv, which installs all of this".to_owned()));
        }
        let fingerprint = format!("setup:{digest}:{}:{}", indexes.join(" "), also.join(" "));
        Ok((Starts::SetUp { packages, indexes, also, digest }, fingerprint))
    }

    /// Whether the deck came with this program: its code may run as the program's own.
    const fn is_built_in(&self) -> bool {
        self.folder.is_none() && !self.packed
    }

    /// `greenroom setup` for exactly the packages with this digest, as a program in a pane.
    fn set_up(&self, size: Size, digest: &str) -> Result<Spec, RunError> {
        // What was agreed to is these packages, and no code of theirs: nothing is built but what the built-in deck names.
        let Wanted { gil, free_threaded, .. } = self.wanted.clone();
        let pythons = Pythons { python: gil, python_ft: free_threaded };
        let (deck, agreed) = (self.named.clone(), Some(digest.to_owned()));
        let args = words(Setup { deck, allow_build: false, yes: false, agreed, pythons }.to_args())?;
        let mut env = BTreeMap::new();
        if let Some(cache) = self.cache.as_deref().and_then(Path::parent) {
            env.insert("XDG_CACHE_HOME".to_owned(), cache.to_string_lossy().into_owned());
        }
        let program = self.launcher.executable().to_string_lossy().into_owned();
        let directory = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        Ok(Spec { program, args, directory, env, size, timeout: None, grace: None })
    }

    /// Where interpreters are looked for: not in the deck.
    fn places(&self) -> Places {
        let places = Places::of_user();
        self.folder.as_ref().map_or(places.clone(), |folder| places.outside(folder))
    }

    /// The environment of a runtime, which `greenroom setup` makes: with the packages of the lock file `requirements`, or
    /// the deck's own.
    ///
    /// # Errors
    /// When it is not there: nothing is made here.
    pub fn environment(
        &self,
        name: RuntimeName,
        requirements: Option<&str>,
    ) -> Result<Environment, NotReady> {
        let kind = kind_of(name);
        let lock = match requirements {
            Some(path) => Lock::at(&*self.files, path),
            None => Lock::of(&*self.files),
        };
        let lock = lock.map_err(|error| NotReady::Lock(error.to_string()))?;
        let store = self.cache.as_deref().map(Store::inside);
        let mut known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match known.take() {
            Some(found) if found.of(kind).is_some() => found,
            // It may have been installed since.
            _ => runtimes::find(&self.wanted, &self.places(), Scope::Needed),
        };
        let environment = runtimes::environment(kind, &found, store.as_ref(), &lock, self.named.as_deref());
        *known = Some(found);
        environment
    }

    /// The program and the arguments of the bench of the scenario at `path` in `folder`. What is wrong with it is said
    /// here: it needs no servers to be found out.
    fn bench(&self, folder: &Path, path: &str, shown: &Scenario) -> Result<(String, Vec<String>), RunError> {
        // What the bench reads, which may be newer than what is on the card.
        let files = DiskFiles::new(folder).map_err(|error| RunError::Copy(error.to_string()))?;
        let read = parse::scenario(&files, path);
        if let Some(problem) = read.problems.into_iter().find(|problem| problem.severity == Severity::Error) {
            return Err(RunError::Scenario(Box::new(problem)));
        }
        if read.value != *shown {
            return Err(RunError::Changed(path.to_owned()));
        }
        let bench = Bench {
            scenario: Some(folder.join(path)),
            protocol: ProtocolName::Stage,
            profile: Some(PROFILE),
            json: true,
            pythons: self.named_interpreters(),
            ..Bench::default()
        };
        Ok((self.program()?, words(bench.to_args())?))
    }

    /// The program and the arguments of a probe: this executable runs the command once on each runtime.
    fn probe(&self, starts: &Starts) -> Result<(String, Vec<String>), RunError> {
        let Starts::Probe { command, title, only, beside, requirements, database } = starts else {
            return Err(StartError::NoProgram.into());
        };
        let only = only.map(|runtime| match runtime {
            RuntimeName::FreeThreaded => ColumnName::FreeThreaded,
            RuntimeName::Gil => ColumnName::Gil,
        });
        let labelled = |runtime: &NamedRuntime, value: &str| Labelled {
            label: runtime.label.clone(),
            value: value.to_owned(),
        };
        let own = |runtime: &NamedRuntime| Some(labelled(runtime, runtime.requirements.as_deref()?));
        let probe = Probe {
            command: command.clone(),
            seconds: DEFAULT_SECONDS,
            runs: None,
            limit: None,
            only: only.into_iter().collect(),
            beside: beside.iter().map(|runtime| labelled(runtime, &runtime.python)).collect(),
            beside_requirements: beside.iter().filter_map(own).collect(),
            requirements: requirements.clone(),
            postgresql: *database == Some(Database::Postgresql),
            title: title.clone(),
            json: true,
            output: None,
            pythons: self.named_interpreters(),
        };
        Ok((self.program()?, words(probe.to_args())?))
    }

    /// This executable.
    fn program(&self) -> Result<String, RunError> {
        self.launcher.executable().to_str().map(str::to_owned).ok_or(RunError::OddPath)
    }

    /// The interpreters that this process was told to use, for one that runs in another folder.
    fn named_interpreters(&self) -> Pythons {
        let absolute = |path: &PathBuf| {
            // A bare name is looked up in PATH.
            let bare = path.components().count() == 1;
            if bare { path.clone() } else { std::path::absolute(path).unwrap_or_else(|_| path.clone()) }
        };
        let Wanted { gil, free_threaded, .. } = &self.wanted;
        Pythons { python: gil.as_ref().map(absolute), python_ft: free_threaded.as_ref().map(absolute) }
    }

    /// Begins to write the recording at `path` in the deck.
    #[must_use]
    pub fn record(&self, path: &str) -> TapeWriter {
        let start = || Recorder::start(self.folder.clone(), Arc::clone(&self.gate), Arc::clone(&self.wake));
        self.recorder.get_or_init(start).open(path)
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

/// The launch of a setup.
const fn set_up(starts: Starts) -> Launch {
    Launch {
        starts,
        directory: None,
        env: BTreeMap::new(),
        types: Vec::new(),
        script: Vec::new(),
        timeout: None,
    }
}

/// Arguments as text, which is what a run's are.
fn words(args: Vec<OsString>) -> Result<Vec<String>, RunError> {
    args.into_iter().map(|word| word.into_string().map_err(|_| RunError::OddPath)).collect()
}

/// How a tape of `demo` begins: what, when, and on what kind of machine.
#[must_use]
pub fn header(id: Option<&str>, demo: &Demo, size: Size) -> Header {
    let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let machine = format!("{} {}, {cores} cores", std::env::consts::OS, std::env::consts::ARCH);
    let meta = Meta { demo: id.map(str::to_owned), machine: Some(machine), ..Meta::default() };
    let (command, title) = (Some(command_line(&demo.command)), demo.title.clone());
    Header { timestamp, idle_limit: Some(IDLE), command, title, meta, ..Header::new(size) }
}
