//! From a scenario to a bench that is ready to run: runtimes, databases, test data.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::database::{DatabaseError, Databases};
use super::external::LoadTool;
use super::identity::Facts;
use super::job::{Job, JobError};
use super::protocol::Protocol;
use super::run::{BenchRequest, Entrant};
use super::server::Plan;
use greenroom_deck::{RuntimeName, Scenario, Variant};
use greenroom_system::disk::beneath::{self, WriteError};
use greenroom_system::private;
use greenroom_system::pty::Launcher;

/// How long test data may take to make.
const PREPARE: Duration = Duration::from_mins(3);
/// How much of that counts to the time of a run.
const PREPARE_COUNTS: Duration = Duration::from_secs(10);

/// A Python runtime with its environment.
#[derive(Debug, Clone)]
pub struct Python {
    /// Where its programs are: `python`, `granian`, `gunicorn`.
    pub bin: PathBuf,
    /// What is known of it.
    pub facts: Facts,
}

/// Why a bench cannot begin, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Migrations, test data.
    #[error("preparing: {0}")]
    Job(#[from] JobError),
    /// The folder that its programs run in is not the deck's.
    #[error("the scenario's directory: {0}")]
    Directory(WriteError),
    /// Temporary files.
    #[error("no temporary folder can be made: {0}")]
    System(#[from] std::io::Error),
}

/// A bench that is ready, and what has to stay as long as it runs.
pub struct Prepared {
    /// To be run.
    pub order: BenchRequest,
    _databases: Databases,
    _sockets: TempDir,
}

/// What is asked for besides the scenario.
pub struct Request<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The SHA-256 of its file.
    pub hash: String,
    /// The folder of its file.
    pub folder: &'a Path,
    /// The deck that the folder belongs to: nothing runs outside of it.
    pub deck: &'a Path,
    /// The runtimes that it needs, or why they are not there.
    pub pythons: &'a BTreeMap<RuntimeName, Result<Python, String>>,
    /// How long everything takes.
    pub protocol: Protocol,
    /// Somebody else's generator.
    pub tool: Option<LoadTool>,
    /// Requests per second of the open loop.
    pub rate: Option<f64>,
}

impl Request<'_> {
    fn python(&self, kind: RuntimeName) -> Result<&Python, String> {
        match self.pythons.get(&kind) {
            Some(Ok(python)) => Ok(python),
            Some(Err(why)) => Err(why.clone()),
            None => Err("its runtime was not looked for".to_owned()),
        }
    }
}

/// Makes everything that has to be there before the first server starts. A variant whose runtime is missing is left for
/// the bench to report.
///
/// # Errors
/// When the database or the test data cannot be made.
pub fn prepare(
    request: &Request<'_>,
    launcher: &Launcher,
    stop: &dyn Fn() -> bool,
) -> Result<Prepared, PrepareError> {
    let began = Instant::now();
    let scenario = request.scenario;
    let kinds: BTreeSet<Option<RuntimeName>> = scenario
        .variants
        .iter()
        .map(|variant| variant.runtime)
        .filter(|kind| kind.is_none_or(|kind| request.python(kind).is_ok()))
        .collect();
    let kinds: Vec<Option<RuntimeName>> = kinds.into_iter().collect();
    let databases = Databases::make(scenario.database, &kinds, launcher, stop)?;
    let directory = match &scenario.directory {
        Some(inside) => scenario_folder(request, inside)?,
        None => request.folder.to_owned(),
    };
    for kind in &kinds {
        let env = env_of(request, *kind, &databases, &BTreeMap::new());
        for command in &scenario.prepare {
            let (command, directory, env) = (command.clone(), directory.clone(), env.clone());
            Job { command, directory, env, timeout: PREPARE }.run(stop)?;
        }
    }
    let sockets = private::socket_folder("gr-")?;
    let plan = |variant: &Variant| Plan {
        name: variant.name.clone(),
        command: variant.command.clone(),
        directory: directory.clone(),
        env: env_of(request, variant.runtime, &databases, &variant.env),
        sockets: sockets.path().to_owned(),
    };
    let order = BenchRequest {
        title: scenario.title.clone(),
        scenario: request.hash.clone(),
        variants: scenario.variants.iter().map(|variant| entrant(request, variant, plan(variant))).collect(),
        connections: scenario.load.connections,
        identity: scenario.identity.clone(),
        same: scenario.check.same,
        pairs: pairs(scenario),
        differs: stated(scenario),
        under_test: scenario.under_test.clone(),
        protocol: request.protocol.clone(),
        tool: request.tool,
        rate: request.rate,
        database: databases.guard(),
        // Where data takes long to make, its launches shall not be the shorter for it.
        began: began.max(Instant::now().checked_sub(PREPARE_COUNTS).unwrap_or(began)),
    };
    Ok(Prepared { order, _databases: databases, _sockets: sockets })
}

/// A variant as it is measured: `plan` is how it is started.
fn entrant(request: &Request<'_>, variant: &Variant, plan: Plan) -> Entrant {
    let scenario = request.scenario;
    let told = scenario.env.iter().chain(&variant.env);
    let runtime = variant.runtime.map(|kind| request.python(kind)).transpose();
    let (runtime, missing) = match runtime {
        Ok(runtime) => (runtime, None),
        Err(why) => (None, Some(why)),
    };
    Entrant {
        plan,
        path: variant.path.clone().unwrap_or_else(|| scenario.path.clone()),
        status: scenario.check.status,
        contains: scenario.check.contains.clone(),
        env: told.map(|(name, value)| (name.clone(), value.clone())).collect(),
        facts: runtime.map(|python| python.facts.clone()).unwrap_or_default(),
        verify: variant.verify.clone(),
        missing,
    }
}

/// Who is compared with whom.
fn pairs(scenario: &Scenario) -> Vec<(usize, usize)> {
    let find = |name: &str| scenario.variants.iter().position(|variant| variant.name == name);
    let pair = |(at, variant): (usize, &Variant)| Some((at, find(variant.against.as_deref()?)?));
    scenario.variants.iter().enumerate().filter_map(pair).collect()
}

/// What the variants differ in because the scenario says so: what it lists, what it verifies of each of them, and the variables that
/// bring about what is verified.
fn stated(scenario: &Scenario) -> Vec<String> {
    let variants = &scenario.variants;
    let of_each = |key: &&String| variants.iter().all(|variant| variant.verify.contains_key(*key));
    let verified = variants.first().into_iter().flat_map(|variant| variant.verify.keys()).filter(of_each);
    let brings = |name: &&String| {
        let mut set = variants.iter().filter_map(|variant| Some((variant, variant.env.get(*name)?)));
        set.all(|(variant, value)| variant.verify.values().any(|verified| verified == value))
    };
    let variables: BTreeSet<&String> = variants.iter().flat_map(|variant| variant.env.keys()).collect();
    scenario.differs.iter().chain(verified).chain(variables.into_iter().filter(brings)).cloned().collect()
}

fn env_of(
    request: &Request<'_>,
    kind: Option<RuntimeName>,
    databases: &Databases,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let bin = kind.and_then(|kind| request.python(kind).ok()).map(|python| python.bin.as_path());
    environment(bin, &[&request.scenario.env, own], databases.url(kind).as_deref())
}

/// The scenario's directory, which is `inside` of its own folder, and whatever links there are in the deck.
fn scenario_folder(request: &Request<'_>, inside: &str) -> Result<PathBuf, PrepareError> {
    let named = request.folder.join(inside);
    let path = named.strip_prefix(request.deck).ok().and_then(Path::to_str).unwrap_or(inside);
    match beneath::folder(request.deck, path) {
        // What is not there is said when it is entered.
        Err(WriteError::System { .. }) => Ok(named),
        found => found.map_err(PrepareError::Directory),
    }
}

/// The environment that a variant's processes get.
#[must_use]
pub fn environment(
    bin: Option<&Path>,
    parts: &[&BTreeMap<String, String>],
    database: Option<&str>,
) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    if let Some(bin) = bin {
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(PathBuf::from(bin)).chain(std::env::split_paths(&rest));
        if let Ok(path) = std::env::join_paths(all) {
            env.insert("PATH".to_owned(), path.to_string_lossy().into_owned());
        }
    }
    // Python writes what a server prints at once, so that its last words are not lost.
    env.insert("PYTHONUNBUFFERED".to_owned(), "1".to_owned());
    // Compiled modules are kept, but not in the deck's folder.
    if let Ok(dirs) = etcetera::choose_base_strategy() {
        let folder = etcetera::BaseStrategy::cache_dir(&dirs).join("greenroom/pycache");
        env.insert("PYTHONPYCACHEPREFIX".to_owned(), folder.to_string_lossy().into_owned());
        // Whatever this was started with: each launch would compile all of Django again. Empty is as good as unset.
        env.insert("PYTHONDONTWRITEBYTECODE".to_owned(), String::new());
    }
    if let Some(url) = database {
        env.insert("DATABASE_URL".to_owned(), url.to_owned());
    }
    for part in parts {
        env.extend((*part).clone());
    }
    env
}
