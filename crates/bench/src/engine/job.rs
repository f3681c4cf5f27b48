//! Commands that run to their end before a bench begins: migrations, test data, the making of a database.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::lines::{Lines, TERMINAL, in_words};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Exit, What};
use greenroom_base::source::Source;
use greenroom_system::pty::{Launcher, Spec, StartError};

/// How often a command that runs is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It could not be started.
    #[error("`{command}` cannot be started: {error}")]
    Start {
        /// The command.
        command: String,
        /// Why.
        error: StartError,
    },
    /// It failed.
    #[error("`{command}` failed ({how}); its last words:\n{last}")]
    Failed {
        /// The command.
        command: String,
        /// Its exit.
        how: String,
        /// Its last lines.
        last: String,
    },
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// A command.
#[derive(Debug, Clone)]
pub struct Job {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// It is stopped after this long.
    pub timeout: Duration,
}

impl Job {
    /// A command in `directory` that may take a minute.
    #[must_use]
    pub fn new(command: &[&str], directory: &Path) -> Self {
        Self {
            command: command.iter().map(|part| (*part).to_owned()).collect(),
            directory: directory.to_owned(),
            env: BTreeMap::new(),
            timeout: Duration::from_mins(1),
        }
    }

    /// As it is started.
    ///
    /// # Errors
    /// When there is no command.
    pub fn spec(&self) -> Result<Spec, StartError> {
        let (program, args) = self.command.split_first().ok_or(StartError::NoProgram)?;
        Ok(Spec {
            program: program.clone(),
            args: args.to_vec(),
            directory: self.directory.clone(),
            env: self.env.clone(),
            size: TERMINAL,
            timeout: Some(self.timeout),
            grace: None,
        })
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it cannot be started, fails, or somebody wants to stop.
    pub fn run(&self, launcher: &Launcher, stop: &dyn Fn() -> bool) -> Result<(), JobError> {
        let command = self.command.join(" ");
        let cannot = |error| JobError::Start { command: command.clone(), error };
        let began = Instant::now();
        let mut live = launcher
            .start(&self.spec().map_err(cannot)?, Arc::new(Notify::new()), Elapsed::ZERO)
            .map_err(cannot)?;
        let mut output = Lines::default();
        loop {
            let mut end = None;
            live.poll(began.elapsed().into(), &mut |event| match event.what {
                What::Output(bytes) => output.take_in(&bytes),
                What::Exit(exit) => end = Some(exit),
                _ => {}
            });
            match end {
                Some(Exit::Status(0)) => return Ok(()),
                Some(exit) => {
                    let (how, last) = (in_words(&exit), output.last().join("\n"));
                    return Err(JobError::Failed { command, how, last });
                }
                None if stop() => return Err(JobError::Interrupted),
                None => std::thread::sleep(LOOK),
            }
        }
    }
}
