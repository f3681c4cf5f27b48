//! `greenroom probe`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;

use super::measured::table::{Column as TableColumn, Table};
use super::measured::{Printed, RecordsOut, interrupts};
use crate::cli::{ColumnName, Labelled, Probe};
use crate::runner::packages::choice;
use greenroom_base::number::{Number, count};
use greenroom_base::plain::Quoted;
use greenroom_bench::probe::{Column, ColumnState, Finding, Kind, ProbeSummary, is_python};
use greenroom_deck::{Database, Interpreter};
use greenroom_measure::Databases;
use greenroom_measure::probe::{Planned, ProbeRequest, Python, run as run_probe};
use greenroom_python::runtime::{self, Interpreters};
use greenroom_python::{Choice, Lock, NotReady, Places, Scope, Store, Wanted, environment, find};
use greenroom_system::disk::DiskFiles;
use greenroom_system::pty::Launcher;

/// How often a script runs in each column when nothing is said: how often something goes wrong differs between interpreters.
const RUNS: u32 = 3;
/// How much longer than it is asked to a script may run: to start, to import Django, to notice that it hangs.
const SLACK: f64 = 6.0;

/// Runs a script in each column, and shows or writes what it reports.
///
/// # Errors
/// When the records cannot be written.
pub fn run(options: &Probe) -> anyhow::Result<ExitCode> {
    let stop = interrupts()?;
    let stopped = || stop.load(Ordering::Relaxed);
    let mut order = order(options)?;
    // Ended, with its files, when this goes.
    let database = options.postgresql.then(|| postgresql(&stopped)).transpose()?;
    order.database = database.as_ref().and_then(|database| database.url(None));
    let mut records = RecordsOut::new(options.output.as_deref(), options.json, &stop)?;
    let board = run_probe(&order, &mut |line, all| records.record(line, all), &stopped)?;
    records.keep()?;
    Ok(if board.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What the options ask for.
fn order(options: &Probe) -> anyhow::Result<ProbeRequest> {
    let mut command = options.command.clone();
    let is_script =
        command.first().is_some_and(|word| Path::new(word).extension().is_some_and(|end| end == "py"));
    if is_script {
        command.insert(0, "python".to_owned());
    }
    let kinds: Vec<Kind> = match options.only.as_slice() {
        [] if is_python(&command) => Kind::PYTHON.to_vec(),
        [] => vec![Kind::Plain],
        only => only.iter().map(|name| kind(*name)).collect(),
    };
    let directory = std::env::current_dir().context("the current directory is gone")?;
    let columns = columns(options, &kinds, deck_of(&command, &directory).as_deref())?;
    let limit = options.limit.unwrap_or(options.seconds + SLACK);
    let title = options.title.clone().unwrap_or_else(|| command.join(" "));
    let (ask, limit) = (Duration::from_secs_f64(options.seconds), Duration::from_secs_f64(limit));
    let runs = options.runs.unwrap_or(RUNS);
    Ok(ProbeRequest { title, command, directory, ask, runs, limit, database: None, columns })
}

const fn kind(name: ColumnName) -> Kind {
    match name {
        ColumnName::Gil => Kind::Gil,
        ColumnName::GilPlus => Kind::GilPlus,
        ColumnName::FreeThreaded => Kind::FreeThreaded,
        ColumnName::Plain => Kind::Plain,
    }
}

/// The deck that a script of `command` lies in: its lock file says which packages are needed.
fn deck_of(command: &[String], directory: &Path) -> Option<PathBuf> {
    let script = command.iter().map(|word| directory.join(word)).find(|path| path.is_file());
    let from = script.and_then(|path| path.canonicalize().ok()).unwrap_or_else(|| directory.to_owned());
    from.ancestors().find(|folder| folder.join("talk.yaml").is_file()).map(Path::to_owned)
}

/// The columns with their interpreters: each with the environment that its lock file asks for, or with nothing but
/// itself where there is none.
fn columns(options: &Probe, kinds: &[Kind], deck: Option<&Path>) -> anyhow::Result<Vec<Planned>> {
    let files = deck.map(DiskFiles::new).transpose()?;
    let read = |path: &str| -> anyhow::Result<Lock> {
        let files = files.as_ref().context("a lock file is one of a deck, and there is no talk.yaml here")?;
        Ok(Lock::at(files, path)?)
    };
    let lock = match (&options.requirements, &files) {
        (Some(path), _) => read(path)?,
        (None, Some(files)) => Lock::of(files)?,
        (None, None) => Lock::default(),
    };
    if options.beside.is_empty() && kinds.iter().all(|kind| *kind == Kind::Plain) {
        return Ok(kinds.iter().map(|kind| usual(*kind, options, Ok(None))).collect());
    }
    let wanted = super::wanted(&options.pythons);
    let places = Places::of_user();
    let search = PythonSearch { found: find(&wanted, &places, Scope::Needed), wanted, places, deck };
    let mut columns = Vec::new();
    for kind in kinds {
        let build = match kind {
            Kind::Plain | Kind::Named => None,
            Kind::FreeThreaded => Some(runtime::Kind::FreeThreaded),
            Kind::Gil | Kind::GilPlus => Some(runtime::Kind::Gil),
        };
        let python = build.map(|build| search.python(&Choice::Usual(build), &lock)).transpose();
        columns.push(usual(*kind, options, python));
    }
    for Labelled { label, value } in &options.beside {
        let named = Interpreter::read(value).with_context(|| format!("--beside: {value} names no Python"))?;
        let requirements = options.beside_requirements.iter().find(|other| other.label == *label);
        let requirements = requirements.map(|other| other.value.clone());
        let own = requirements.as_deref().map(read).transpose()?;
        columns.push(Planned {
            kind: Kind::Named,
            label: label.clone(),
            python: search.python(&choice(named), own.as_ref().unwrap_or(&lock)).map(Some),
            requirements: requirements.or_else(|| options.requirements.clone()),
        });
    }
    Ok(columns)
}

/// One of the usual columns.
fn usual(kind: Kind, options: &Probe, python: Result<Option<Python>, String>) -> Planned {
    Planned { kind, label: String::new(), requirements: options.requirements.clone(), python }
}

/// Where the interpreters of columns are looked for.
struct PythonSearch<'a> {
    found: Interpreters,
    wanted: Wanted,
    places: Places,
    deck: Option<&'a Path>,
}

impl PythonSearch<'_> {
    /// The interpreter with its environment, or why there is none.
    fn python(&self, choice: &Choice, lock: &Lock) -> Result<Python, String> {
        let runtime = match choice {
            // It says how to get one.
            Choice::Usual(kind) if self.found.of(*kind).is_none() => {
                let store = Store::of_user();
                let lacks = environment(*kind, &self.found, store.as_ref(), lock, self.deck).err();
                return Err(lacks.map(|error| error.to_string()).unwrap_or_default());
            }
            choice => choice.find(&self.found, &self.wanted, &self.places)?,
        };
        if lock.is_empty() {
            return Ok(Python { runtime, environment: None });
        }
        let store = Store::of_user().ok_or_else(|| NotReady::NoCache.to_string())?;
        let ready = store.ready(&runtime, lock, self.deck).map_err(|error| error.to_string())?;
        Ok(Python { runtime, environment: Some(ready) })
    }
}

/// The server that the columns use one after the other.
fn postgresql(stopped: &dyn Fn() -> bool) -> anyhow::Result<Databases> {
    Databases::make(Some(Database::Postgresql), &[None], &Launcher::this()?, stopped)
        .context("this probe needs PostgreSQL")
}

/// A probe in a terminal: a line for each column, written over as it runs.
impl Printed for ProbeSummary {
    /// Where each column stood.
    type Told = Vec<ColumnState>;

    fn news(&self, told: &mut Self::Told) -> Option<Vec<String>> {
        let states: Vec<ColumnState> = self.columns.iter().map(Column::state).collect();
        let changed = *told != states;
        *told = states;
        changed.then(Vec::new)
    }

    fn table(&self) -> String {
        let mut table = Table::new([
            TableColumn::words("column", 13),
            TableColumn::words("Python", 8),
            TableColumn::numbers("anomalies", 15),
            TableColumn::numbers("trials", 15),
            TableColumn::words("found", 0),
        ]);
        for column in &self.columns {
            let finding = Finding::of(column);
            let python = column.begun.as_ref().map(|(_, begun)| begun.python.as_str()).unwrap_or_default();
            let (anomalies, trials) = if counts(column) {
                (count(column.anomalies), count(column.trials))
            } else {
                (Number::unknown(), Number::unknown())
            };
            table.row([
                Quoted(column.name()).to_string(),
                Quoted(python).to_string(),
                anomalies.to_string(),
                trials.to_string(),
                format!("{} {}", finding.mark(), Quoted(finding.words_of(column))),
            ]);
        }
        table.to_string()
    }

    fn closing(&self) -> Option<String> {
        let mut text = String::new();
        for column in self.columns.iter().filter(|column| !column.first.is_empty()) {
            let _ = write!(text, "\n{}: {}\n", column.name(), column.first);
        }
        for column in self.columns.iter().filter(|column| !column.others.is_empty()) {
            let lines = column.others.iter().fold(String::new(), |text, line| text + "  " + line + "\n");
            let _ = write!(text, "\n{} also printed:\n{lines}", column.name());
        }
        let _ = writeln!(text, "\n{}", self.verdict().text);
        Some(text)
    }
}

/// Whether it has counted anything.
fn counts(column: &Column) -> bool {
    column.state() != ColumnState::Waiting && column.reports > 0
}
