//! Commands that run to their end before a bench begins: migrations, test data, the making of a database.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::lines::{OutputTail, TERMINAL, in_words};
use greenroom_base::run::Exit;
use greenroom_system::command::Command;
use greenroom_system::pty::{Spec, StartError};
use greenroom_system::subprocess::{End, Keep, Said, Subprocess};

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
    pub fn run(&self, stop: &dyn Fn() -> bool) -> Result<(), JobError> {
        let command = self.command.join(" ");
        let cannot = |error| JobError::Start { command: command.clone(), error };
        let spec = self.spec().map_err(cannot)?;
        spec.check().map_err(cannot)?;
        let mut program = Command::new(&spec.program);
        program.args(&spec.args).current_dir(&spec.directory).envs(&spec.env);
        let mut output = OutputTail::default();
        let finished = Subprocess::new(program, self.timeout)
            .together()
            .keep_stdout(Keep::Nothing)
            .run_watched(&mut |said| {
                if let Some(Said::Out(line) | Said::Err(line)) = said {
                    output.take_in(line.as_bytes());
                    output.take_in(b"\n");
                }
                if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
        let how = match finished.map(|finished| finished.end) {
            Ok(End::Status(0)) => return Ok(()),
            // Whoever asked may have ended the command as well.
            Ok(_) if stop() => return Err(JobError::Interrupted),
            Ok(End::Status(status)) => in_words(&Exit::Status(status)),
            Ok(End::Signal(signal)) => in_words(&Exit::Signal(signal)),
            Ok(End::TimedOut) => in_words(&Exit::TimedOut),
            Ok(End::TooMuch | End::Interrupted) => in_words(&Exit::Stopped),
            Err(error) => format!("it cannot be started: {error}"),
        };
        Err(JobError::Failed { command, how, last: output.last().join("\n") })
    }
}
