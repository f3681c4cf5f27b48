//! `greenroom bench`

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::cli::{Bench, ProtocolName};
use crate::deck::{RuntimeKind, Scenario};
use crate::diag::{Severity, Warned};
use crate::edge::bench::{Facts, Prepared, Protocol, Python, Request, prepare, run as run_bench};
use crate::edge::disk::DiskFiles;
use crate::edge::pty::Launcher;
use crate::parse;

use super::table::Table;

/// Runs a scenario, and shows or writes what it finds.
///
/// # Errors
/// When there is no such scenario, or it cannot be run to its end.
pub fn run(options: &Bench) -> anyhow::Result<ExitCode> {
    let (scenario, hash, folder) = read(&options.scenario)?;
    let stop = interrupts()?;
    let stopped = || stop.load(Ordering::Relaxed);
    let launcher = Launcher::this()?;
    let pythons = pythons(options, &scenario)?;
    let request = Request {
        scenario: &scenario,
        hash,
        folder: &folder,
        pythons: &pythons,
        protocol: protocol(options),
        rate: options.rate,
    };
    let mut tape = options.output.as_deref().map(Tape::create).transpose()?;
    let mut table = (!options.json).then(|| Table::new(io::stdout().is_terminal()));
    if let Some(table) = &mut table {
        table.say(&format!("{}: preparing", scenario.title))?;
    }
    let Prepared { order, .. } = &prepare(&request, &launcher, &stopped)?;
    let mut sink = |line: &str| -> io::Result<()> {
        if let Some(tape) = &mut tape {
            tape.file.write_all(line.as_bytes())?;
        }
        if let Some(table) = &mut table {
            return table.feed(line);
        }
        let mut out = io::stdout().lock();
        out.write_all(line.as_bytes())?;
        out.flush()
    };
    let result = run_bench(order, &launcher, &mut sink, &stopped);
    if let Some(tape) = tape {
        tape.keep()?;
    }
    let board = result?;
    let whole = board.faults.is_empty();
    if let Some(table) = &mut table {
        table.finish(&board)?;
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// A tape that gets its name when it is whole.
struct Tape {
    file: std::fs::File,
    part: PathBuf,
    target: PathBuf,
}

impl Tape {
    fn create(target: &Path) -> anyhow::Result<Self> {
        let mut part = target.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file =
            std::fs::File::create(&part).with_context(|| format!("{} cannot be written", part.display()))?;
        Ok(Self { file, part, target: target.to_owned() })
    }

    fn keep(self) -> anyhow::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.part, &self.target)
            .with_context(|| format!("{} cannot be written", self.target.display()))
    }
}

/// The scenario in the file, its hash, and its folder.
fn read(path: &Path) -> anyhow::Result<(Scenario, String, PathBuf)> {
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
        eprintln!("{}\n", problem.render(io::stderr().is_terminal()));
        errors += usize::from(problem.severity == Severity::Error);
    }
    if errors > 0 {
        bail!("{} cannot be run before that is mended", path.display());
    }
    let hash = Sha256::digest(&bytes).iter().fold(String::new(), |out, byte| out + &format!("{byte:02x}"));
    Ok((value, hash, folder))
}

fn protocol(options: &Bench) -> Protocol {
    let mut protocol = match options.protocol {
        ProtocolName::Stage => Protocol::stage(),
        ProtocolName::Full => Protocol::full(),
    };
    if let Some(seconds) = options.open {
        protocol.open = Duration::from_secs(u64::from(seconds));
    }
    if let Some(seconds) = options.profile {
        protocol.profile = Duration::from_secs(u64::from(seconds));
    }
    protocol
}

/// The runtimes that the scenario needs.
fn pythons(options: &Bench, scenario: &Scenario) -> anyhow::Result<BTreeMap<RuntimeKind, Python>> {
    let mut found = BTreeMap::new();
    for kind in scenario.variants.iter().filter_map(|variant| variant.runtime) {
        let path = match kind {
            RuntimeKind::Gil => &options.python,
            RuntimeKind::FreeThreaded => &options.python_ft,
        };
        let Some(path) = path else { bail!("--python and --python-ft") };
        let bin = path.parent().unwrap_or(Path::new("/")).to_owned();
        let facts = Facts { profiler: Some(path.clone()), ..Facts::default() };
        found.insert(kind, Python { bin, facts });
    }
    Ok(found)
}

/// Set by the first Ctrl-C, SIGTERM or SIGHUP; servers are ended then.
fn interrupts() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}
