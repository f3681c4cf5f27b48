//! `greenroom bench`

mod compare;
mod remote;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use crate::cli::{Bench, LoadName, ProtocolName};
use crate::cmd::measured::{RecordsOut, interrupts};
use greenroom_base::diag::{Severity, Warned};
use greenroom_base::hex;
use greenroom_base::plain::Quoted;
use greenroom_bench::RunSummary;
use greenroom_deck::{RuntimeName, Scenario};
use greenroom_measure::{Facts, LoadTool, Protocol, Python, Request, prepare, run as run_bench};
use greenroom_parse as parse;
use greenroom_python::runtime::Kind;
use greenroom_python::{Lock, Places, Scope, Store, environment, find};
use greenroom_system::disk::DiskFiles;
use greenroom_system::pty::Launcher;
use greenroom_system::say;

/// Runs a scenario, and shows or writes what it finds.
///
/// # Errors
/// When there is no such scenario, or it cannot be run to its end.
pub fn run(options: &Bench) -> anyhow::Result<ExitCode> {
    if let [first, second] = options.compare.as_slice() {
        return compare::run(first, second);
    }
    let read = read(options.scenario.as_deref().context("name a scenario, or --compare two recorded runs")?)?;
    let host = options.on.as_deref().map(remote::host).transpose()?;
    let stop = interrupts()?;
    let mut records = RecordsOut::new(options.output.as_deref(), options.json, &stop)?;
    let result = match host {
        Some(host) => remote::run(host, &read.deck, &read.inside, options, &mut records, &stop),
        None => here(options, &read, &mut records, &stop),
    };
    records.keep()?;
    Ok(if result? { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Runs the bench on this machine; says whether nothing went wrong.
fn here(
    options: &Bench,
    read: &LoadedScenario,
    records: &mut RecordsOut<RunSummary>,
    stop: &AtomicBool,
) -> anyhow::Result<bool> {
    let stopped = || stop.load(Ordering::Relaxed);
    let launcher = Launcher::this()?;
    let pythons = pythons(options, &read.scenario, &read.deck)?;
    let request = Request {
        scenario: &read.scenario,
        hash: read.hash.clone(),
        folder: &read.folder,
        deck: &read.deck,
        pythons: &pythons,
        protocol: protocol(options),
        tool: options.load.map(|tool| match tool {
            LoadName::Oha => LoadTool::Oha,
            LoadName::Wrk => LoadTool::Wrk,
            LoadName::K6 => LoadTool::K6,
        }),
        rate: options.rate,
    };
    if !options.json {
        writeln!(say::out(), "{}: preparing", Quoted(&read.scenario.title))?;
    }
    let prepared = prepare(&request, &launcher, &stopped)?;
    let mut sink = |line: &str, all: &RunSummary| records.record(line, all);
    let board = run_bench(&prepared.order, &launcher, &mut sink, &stopped)?;
    Ok(board.faults.is_empty())
}

/// A scenario, and where it comes from.
struct LoadedScenario {
    scenario: Scenario,
    /// The SHA-256 of its file.
    hash: String,
    /// The folder of its file.
    folder: PathBuf,
    /// The deck it belongs to; the same folder when there is none.
    deck: PathBuf,
    /// Its path in there.
    inside: String,
}

fn read(path: &Path) -> anyhow::Result<LoadedScenario> {
    let cannot = || format!("{} cannot be read", path.display());
    let path = path.canonicalize().with_context(cannot)?;
    let bytes = std::fs::read(&path).with_context(cannot)?;
    let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
    // A scenario of a deck may use what is in the deck; any other, what is beside it.
    let deck = folder.ancestors().find(|folder| folder.join("talk.yaml").is_file()).unwrap_or(&folder);
    let inside = path.strip_prefix(deck).ok().and_then(Path::to_str).context("its path is no text")?;
    let Warned { value, problems } = parse::scenario(&DiskFiles::new(deck)?, inside);
    let mut errors = 0;
    for problem in &problems {
        let _ = say::err().problem(problem);
        errors += usize::from(problem.severity == Severity::Error);
    }
    if errors > 0 {
        bail!("{} cannot be run before that is mended", path.display());
    }
    let hash = hex::encode(Sha256::digest(&bytes));
    let (deck, inside) = (deck.to_owned(), inside.to_owned());
    Ok(LoadedScenario { scenario: value, hash, folder, deck, inside })
}

fn protocol(options: &Bench) -> Protocol {
    let mut protocol = match options.protocol {
        ProtocolName::Quick => Protocol::quick(),
        ProtocolName::Stage => Protocol::stage(),
        ProtocolName::Full => Protocol::full(),
        ProtocolName::Memory => Protocol::memory(),
    };
    if options.launches.is_some() {
        protocol.launches = options.launches;
    }
    if let Some(seconds) = options.open {
        protocol.open = Duration::from_secs(u64::from(seconds));
    }
    if let Some(seconds) = options.profile {
        protocol.profile = Duration::from_secs(u64::from(seconds));
    }
    protocol
}

/// The runtimes that the scenario needs: each with the environment that the deck's lock file asks for, or with nothing
/// but itself where there is none.
fn pythons(
    options: &Bench,
    scenario: &Scenario,
    deck: &Path,
) -> anyhow::Result<BTreeMap<RuntimeName, Result<Python, String>>> {
    let kinds: BTreeSet<RuntimeName> =
        scenario.variants.iter().filter_map(|variant| variant.runtime).collect();
    if kinds.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = find(&crate::cmd::wanted(&options.pythons), &Places::of_user(), Scope::Needed);
    let lock = Lock::of(&DiskFiles::new(deck)?).context("its lock file cannot be read")?;
    let store = Store::of_user();
    let python = |kind: RuntimeName| {
        let kind = match kind {
            RuntimeName::Gil => Kind::Gil,
            RuntimeName::FreeThreaded => Kind::FreeThreaded,
        };
        let own = found.of(kind).filter(|_| lock.is_empty());
        let (bin, path) = match own {
            Some(runtime) => {
                (runtime.path.parent().unwrap_or(Path::new("/")).to_owned(), runtime.path.clone())
            }
            None => environment(kind, &found, store.as_ref(), &lock, Some(deck))
                .map(|ready| (ready.bin, ready.python))
                .map_err(|error| error.to_string())?,
        };
        let Some(runtime) = found.of(kind) else {
            return Err(format!("there is no {} Python", kind.words()));
        };
        let facts = Facts {
            python: runtime.version.clone(),
            free_threaded: Some(runtime.free_threaded),
            optimized: Some(runtime.optimized),
            lto: Some(runtime.lto),
            config_args: runtime.config_args.clone(),
            profiler: Some(path),
            packages: Vec::new(),
        };
        Ok(Python { bin, facts })
    };
    Ok(kinds.into_iter().map(|kind| (kind, python(kind))).collect())
}
