//! Runs a probe: its script several times for each column, in a fresh interpreter each time, one after the other; and writes down
//! what it reports. How often something goes wrong differs from run to run, whether it does at all seldom.
//!
//! A script's standard output is a pipe, so that it reports in lines for a program. The columns do not run at the same
//! time: each needs all processors for its race.

use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use greenroom_bench::probe::{
    ColumnRecord, ExitRecord, FORMAT, Head, How, Kind, LineRecord, Out, ProbeSummary, VERSION, What,
    is_python,
};
use greenroom_bench::{RecordSink, RecordWriter};
use greenroom_python::runtime::{Environment, Runtime};
use greenroom_system::command::Command;
use greenroom_system::subprocess::{End as Ended, Said, Subprocess, printable};

/// How long a script is asked to run, in seconds.
pub(crate) const SECONDS_VARIABLE: &str = "GREENROOM_SECONDS";
/// The switch interval that a script is asked to set, in seconds.
pub(crate) const INTERVAL_VARIABLE: &str = "GREENROOM_SWITCH_INTERVAL";
/// GIL+: the interpreter may hand over the GIL every microsecond.
const SHORT_INTERVAL: &str = "1e-6";
/// Reports of one column that are written down.
const MAX_REPORTS: usize = 20_000;
/// Lines of one column that are no reports, and are written down.
const MAX_OTHERS: usize = 100;

/// What to run.
#[derive(Debug, Clone)]
pub struct ProbeRequest {
    /// What it is called.
    pub title: String,
    /// The command, the same for each column; `python` is the column's interpreter.
    pub command: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
    /// How long each column is asked to run, all of its runs together.
    pub ask: Duration,
    /// How often the script runs in each column; what is not Python runs once.
    pub runs: u32,
    /// How long a run may take.
    pub limit: Duration,
    /// What the script finds in `DATABASE_URL`.
    pub database: Option<String>,
    /// The columns.
    pub columns: Vec<Planned>,
}

/// A column before its run.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its kind.
    pub kind: Kind,
    /// Its own name; empty for one that is called by its kind.
    pub label: String,
    /// The lock file of its packages, when they are not the deck's own.
    pub requirements: Option<String>,
    /// The interpreter; nothing where none is chosen, and why where there is none.
    pub python: Result<Option<Python>, String>,
}

/// A column's interpreter.
#[derive(Debug, Clone)]
pub struct Python {
    /// What it says of itself.
    pub runtime: Runtime,
    /// The environment that it runs in; none where no packages are asked for.
    pub environment: Option<Environment>,
}

/// Why a probe broke off.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Nothing to run.
    #[error("a probe needs a script: greenroom probe SCRIPT")]
    NoCommand,
    /// Records cannot be written.
    #[error("the records cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// Runs `order`, and gives `sink` each record as a line.
///
/// # Errors
/// When there is no command, or the records cannot be written. That a column fails is no error: its record says it.
pub fn run(
    order: &ProbeRequest,
    sink: &mut RecordSink<'_, ProbeSummary>,
    stop: &dyn Fn() -> bool,
) -> Result<ProbeSummary, ProbeError> {
    let Some((program, args)) = order.command.split_first() else { return Err(ProbeError::NoCommand) };
    let mut log = Log::new(sink);
    log.say(What::Head(head(order)));
    for (number, planned) in order.columns.iter().enumerate() {
        if stop() || log.problem.is_some() {
            break;
        }
        let begun = begun(number, planned);
        let fits = begun.problem.is_empty();
        log.say(What::Column(begun));
        if fits {
            let python = planned.python.as_ref().ok().and_then(Option::as_ref);
            let runs = if python.is_some() { order.runs.max(1) } else { 1 };
            for left in (0..runs).rev() {
                let command = command(program, args, order, (planned.kind, runs), python);
                // What hung once would be waited for again.
                if !column(number, command, (order.limit, left > 0), &mut log, stop) {
                    break;
                }
            }
        }
    }
    log.end()
}

fn head(order: &ProbeRequest) -> Head {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Head {
        format: FORMAT.to_owned(),
        v: VERSION,
        started,
        title: order.title.clone(),
        command: order.command.clone(),
        ask_ms: u64::try_from(order.ask.as_millis()).unwrap_or(u64::MAX),
        machine: format!("{} {}, {cores} cores", std::env::consts::OS, std::env::consts::ARCH),
        greenroom: env!("CARGO_PKG_VERSION").to_owned(),
        columns: order.columns.iter().map(|column| column.kind).collect(),
        labels: if order.columns.iter().all(|column| column.label.is_empty()) {
            Vec::new()
        } else {
            order.columns.iter().map(|column| column.label.clone()).collect()
        },
    }
}

/// What is known of a column before its script runs.
fn begun(column: usize, planned: &Planned) -> ColumnRecord {
    let requirements = planned.requirements.clone().unwrap_or_default();
    let record = ColumnRecord { column, kind: planned.kind, requirements, ..ColumnRecord::default() };
    let runtime = match &planned.python {
        Err(problem) => return ColumnRecord { problem: problem.clone(), ..record },
        Ok(None) => return record,
        Ok(Some(python)) => &python.runtime,
    };
    let free = planned.kind == Kind::FreeThreaded;
    let facts = runtime.facts();
    let any = matches!(planned.kind, Kind::Plain | Kind::Named);
    let problem = if !any && runtime.free_threaded != free {
        format!("{facts}: not what this column is about")
    } else if free && runtime.gil_enabled {
        format!("{facts}: nothing is free threaded while the GIL is on")
    } else {
        String::new()
    };
    ColumnRecord {
        python: runtime.version.clone(),
        free_threaded: Some(runtime.free_threaded),
        gil: Some(runtime.gil_enabled),
        optimized: Some(runtime.optimized),
        problem,
        ..record
    }
}

/// The command of a column.
fn command(
    program: &str,
    args: &[String],
    order: &ProbeRequest,
    (kind, runs): (Kind, u32),
    python: Option<&Python>,
) -> Command {
    let own = python.map(|python| {
        python.environment.as_ref().map_or_else(|| python.runtime.path.clone(), |ready| ready.python.clone())
    });
    let chosen = own.clone().filter(|_| is_python(&order.command));
    let mut command = Command::new(chosen.unwrap_or_else(|| program.into()));
    command.args(args).current_dir(&order.directory);
    let seconds = order.ask.as_secs_f64() / f64::from(runs);
    command.env(SECONDS_VARIABLE, seconds.to_string()).env("PYTHONUNBUFFERED", "1");
    if kind == Kind::GilPlus {
        command.env(INTERVAL_VARIABLE, SHORT_INTERVAL);
    } else {
        command.env_remove(INTERVAL_VARIABLE);
    }
    if let Some(url) = &order.database {
        command.env("DATABASE_URL", url);
    }
    if let Some(folder) = own.as_ref().and_then(|own| own.parent()) {
        let path: OsString = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(folders).unwrap_or(path.clone()));
    }
    match python.and_then(|python| python.environment.as_ref()) {
        Some(ready) => command.env("VIRTUAL_ENV", &ready.folder),
        None => command.env_remove("VIRTUAL_ENV"),
    };
    command
}

/// Runs one column's script to its end. `more`: it shall run again afterwards. Says whether it can.
fn column(
    number: usize,
    command: Command,
    (limit, more): (Duration, bool),
    log: &mut Log<'_>,
    stop: &dyn Fn() -> bool,
) -> bool {
    let began = Instant::now();
    let (mut reports, mut others) = (0, 0);
    let finished = Subprocess::new(command, limit).run_watched(&mut |said| {
        match said {
            Some(Said::Out(line)) => match object(line) {
                Some(said) => {
                    reports += 1;
                    log.report(number, said, reports);
                }
                None => log.other(number, line, &mut others),
            },
            Some(Said::Err(line)) => log.other(number, line, &mut others),
            None => {}
        }
        if stop() || log.problem.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    let exit = |how, code, name: String| {
        let more = more && matches!(how, How::Status | How::Signal);
        ExitRecord { column: number, how, code, name, took_us, more }
    };
    let exit = match finished.map(|finished| finished.end) {
        // Whoever asked may have ended the script as well.
        Ok(_) if stop() => exit(How::Stopped, 0, String::new()),
        Ok(Ended::Status(code)) => exit(How::Status, code, String::new()),
        Ok(Ended::Signal(signal)) => exit(How::Signal, signal, name_of(signal)),
        Ok(Ended::TimedOut) => exit(How::Timeout, 0, String::new()),
        Ok(Ended::TooMuch | Ended::Interrupted) => exit(How::Stopped, 0, String::new()),
        Err(error) => exit(How::Failed, 0, format!("it cannot be started: {error}")),
    };
    let again = exit.more;
    log.say(What::Exit(exit));
    again
}

/// The object in `line`, if that is what it holds.
fn object(line: &str) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_str(printable(line).trim()) {
        Ok(Value::Object(said)) => Some(said),
        _ => None,
    }
}

/// The name of a signal, as everybody writes it.
fn name_of(signal: i32) -> String {
    signal_hook::low_level::signal_name(signal).map_or_else(|| format!("signal {signal}"), str::to_owned)
}

/// Where records go.
struct Log<'a> {
    writer: RecordWriter<'a, ProbeSummary>,
    began: Instant,
    /// Records could not be written.
    problem: Option<io::Error>,
}

impl<'a> Log<'a> {
    fn new(sink: &'a mut RecordSink<'a, ProbeSummary>) -> Self {
        Self { writer: RecordWriter::new(sink), began: Instant::now(), problem: None }
    }

    fn say(&mut self, what: What) {
        if self.problem.is_none() {
            self.problem = self.writer.write(self.began.elapsed(), what).err();
        }
    }

    fn report(&mut self, column: usize, said: serde_json::Map<String, Value>, reports: usize) {
        if reports <= MAX_REPORTS {
            self.say(What::Line(LineRecord { column, said }));
        } else if reports == MAX_REPORTS + 1 {
            let text = format!("only the first {MAX_REPORTS} reports are kept: report totals now and then");
            self.say(What::Out(Out { column, text }));
        }
    }

    fn other(&mut self, column: usize, line: &str, others: &mut usize) {
        *others += usize::from(!line.trim().is_empty());
        if *others <= MAX_OTHERS && !line.trim().is_empty() {
            self.say(What::Out(Out { column, text: printable(line) }));
        }
    }

    fn end(mut self) -> Result<ProbeSummary, ProbeError> {
        if let Some(error) = self.problem {
            return Err(error.into());
        }
        self.writer.end(self.began.elapsed(), self.writer.tally().is_whole())?;
        Ok(self.writer.into_tally())
    }
}
