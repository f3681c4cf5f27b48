//! Which packages of a project switch the GIL back on: found by installing and importing them.
//!
//! A wheel's tag does not tell, nor does a list that somebody keeps: only an import in a free-threaded interpreter
//! does. Each module is imported in a process of its own, so that one cannot hide behind another.

mod needs;
mod verdict;

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::prepare::{Store, venv};
use super::uv::private_folder;
use super::uv::{INSTALL, Progress, SetupError, Sink, Uv, act, clean};
use crate::runtime::{Environment, Runtime};
use greenroom_system::command::Command;
use greenroom_system::subprocess::{End, Finished, Subprocess, Watch};

pub use needs::needs;
pub use verdict::{Checked, Verdict};

const INVENTORY: &str = include_str!("inventory.py");
const IMPORTS: &str = include_str!("imports.py");
/// A module that takes longer to import hangs.
const IMPORT_TIMEOUT: Duration = Duration::from_secs(30);
/// More packages than this are not looked at.
const MAX_PACKAGES: usize = 1000;
/// How a folder is named that is thrown away.
const PREFIX: &str = "project-";
/// One that is older was left by a check that was killed.
const FORGOTTEN: Duration = Duration::from_hours(24);

/// What a project asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// The file or the environment that says so; none when there is none.
    pub source: Option<String>,
    /// Packages with their versions: names, extras, specifiers and markers, written anew.
    pub requirements: Vec<String>,
    /// Options for uv that the project has: indexes of its own, with plain addresses.
    pub options: Vec<String>,
    /// What was left out.
    pub notes: Vec<String>,
}

/// Why a project cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// uv, the network, the disk.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A helper did not answer.
    #[error("{what} cannot be read: {said}")]
    Unreadable {
        /// What.
        what: String,
        /// Why.
        said: String,
    },
    /// It is on before anything is imported.
    #[error("the GIL of this interpreter is on from the beginning, so nothing can be found out with it")]
    GilOn,
}

/// Installs what the project asks for into an environment that is thrown away, and imports it.
///
/// # Errors
/// When nothing can be installed at all; what concerns one package is in its [`Checked`].
pub fn check(
    needs: &Needs,
    runtime: &Runtime,
    uv: &Uv,
    store: &Store,
    sink: &mut Sink<'_>,
) -> Result<Vec<Checked>, ProjectError> {
    let parent = store.environments();
    private_folder(&parent)?;
    remove_forgotten(&parent);
    let place = greenroom_system::private::folder_in(PREFIX, &parent);
    let place = place.map_err(SetupError::io(&parent))?;
    let environment = venv(uv, runtime, &place.path().join("venv"), "making an environment", sink)?;
    let mut checking =
        Checking { needs, uv, environment: &environment, place: place.path(), checked: Vec::new() };
    let pinned = checking.resolve(sink)?;
    checking.install(&pinned, sink)?;
    checking.import_all(sink)?;
    let mut checked = checking.checked;
    checked.sort_by_key(|one| one.package.to_lowercase());
    Ok(checked)
}

fn remove_forgotten(parent: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let changed = entry.metadata().and_then(|about| about.modified()).ok();
        if changed.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > FORGOTTEN) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A distribution that is installed.
#[derive(Debug, Deserialize)]
struct Distribution {
    name: String,
    version: String,
    tags: Vec<String>,
    modules: Vec<String>,
    extensions: Vec<String>,
}

struct Checking<'a> {
    needs: &'a Needs,
    uv: &'a Uv,
    environment: &'a Environment,
    place: &'a Path,
    checked: Vec<Checked>,
}

impl Checking<'_> {
    /// Every package with its version, dependencies included. What cannot be resolved is noted and left out.
    fn resolve(&mut self, sink: &mut Sink<'_>) -> Result<Vec<String>, SetupError> {
        let all: Vec<&str> = self.needs.requirements.iter().map(String::as_str).take(MAX_PACKAGES).collect();
        let error = match self.compile(&all, "choosing versions", sink) {
            Ok(pinned) => return Ok(pinned),
            Err(error) => error,
        };
        Self::only_of_one(error)?;
        let mut good = Vec::new();
        for one in all {
            match self.compile(&[one], &format!("choosing versions for {one}"), sink) {
                Ok(_) => good.push(one),
                Err(error) => self.not_installed(one, error)?,
            }
        }
        self.compile(&good, "choosing versions for the rest", sink)
    }

    fn compile(&self, lines: &[&str], what: &str, sink: &mut Sink<'_>) -> Result<Vec<String>, SetupError> {
        let (input, output) = (self.place.join("in.txt"), self.place.join("out.txt"));
        let options = self.needs.options.iter().map(String::as_str);
        let text: String = options.chain(lines.iter().copied()).flat_map(|line| [line, "\n"]).collect();
        fs::write(&input, text).map_err(SetupError::io(&input))?;
        let mut compile = self.uv.command(self.place);
        compile.args(["pip", "compile", "--no-header", "--no-annotate", "--quiet"]);
        compile.arg("--python").arg(&self.environment.python).arg(&input).arg("--output-file").arg(&output);
        compile.env("UV_PYTHON_DOWNLOADS", "never");
        act(&mut compile, what, self.place, INSTALL, sink)?;
        let text = fs::read_to_string(&output).map_err(SetupError::io(&output))?;
        let is_package = |line: &&str| line.contains("==") && !line.starts_with(['-', '#', ' ']);
        Ok(text.lines().filter(is_package).map(str::to_owned).take(MAX_PACKAGES).collect())
    }

    /// Installs all of them at once, or those that can be when that fails.
    fn install(&mut self, pinned: &[String], sink: &mut Sink<'_>) -> Result<(), SetupError> {
        if pinned.is_empty() {
            return Ok(());
        }
        let all: Vec<&str> = pinned.iter().map(String::as_str).collect();
        let Err(error) = self.install_these(&all, "installing packages", sink) else { return Ok(()) };
        Self::only_of_one(error)?;
        for one in all {
            if let Err(error) = self.install_these(&[one], &format!("installing {one}"), sink) {
                self.not_installed(one, error)?;
            }
        }
        Ok(())
    }

    fn install_these(&self, lines: &[&str], what: &str, sink: &mut Sink<'_>) -> Result<(), SetupError> {
        let mut install = self.uv.command(self.place);
        install.args(["pip", "install", "--no-deps", "--python"]).arg(&self.environment.python);
        let options = self.needs.options.iter().map(String::as_str);
        let list = self.place.join("install.txt");
        let text: String = options.chain(lines.iter().copied()).flat_map(|line| [line, "\n"]).collect();
        fs::write(&list, text).map_err(SetupError::io(&list))?;
        install.arg("-r").arg(&list).env("UV_PYTHON_DOWNLOADS", "never");
        act(&mut install, what, self.place, INSTALL, sink).map(|_| ())
    }

    /// Gives back what would be wrong with every other package as well.
    fn only_of_one(error: SetupError) -> Result<(), SetupError> {
        match error {
            SetupError::Failed { .. } | SetupError::TimedOut { .. } | SetupError::Hash { .. } => Ok(()),
            other => Err(other),
        }
    }

    fn not_installed(&mut self, requirement: &str, error: SetupError) -> Result<(), SetupError> {
        let detail = error.to_string();
        Self::only_of_one(error)?;
        self.checked.push(Checked::not_installed(requirement, &detail));
        Ok(())
    }

    fn import_all(&mut self, sink: &mut Sink<'_>) -> Result<(), ProjectError> {
        let mut command = clean(&self.environment.python);
        command.args(["-I", "-c", INVENTORY]);
        let installed: Vec<Distribution> =
            answer(&mut command, "the environment", &mut |_| sink(Progress::Tick))?;
        for one in installed {
            let step = format!("importing {} {}", one.name, one.version);
            if sink(Progress::Step(&step)).is_break() {
                return Err(SetupError::Interrupted.into());
            }
            let checked = self.import(&one, sink)?;
            self.checked.push(checked);
        }
        Ok(())
    }

    fn import(&self, one: &Distribution, sink: &mut Sink<'_>) -> Result<Checked, ProjectError> {
        let mut trials = Vec::new();
        for module in &one.modules {
            trials.push(verdict::read(&self.run(std::slice::from_ref(module), sink)?));
        }
        let mut compiled = None;
        if !one.extensions.is_empty() && !trials.iter().any(verdict::Trial::is_bad) {
            compiled = Some(verdict::read(&self.run(&one.extensions, sink)?));
        }
        if trials.iter().chain(&compiled).any(|trial| trial.began_on) {
            return Err(ProjectError::GilOn);
        }
        Ok(Checked::of(&one.name, &one.version, &one.tags, &trials, compiled.as_ref()))
    }

    fn run(&self, modules: &[String], sink: &mut Sink<'_>) -> Result<Finished, SetupError> {
        let mut command = clean(&self.environment.python);
        command.args(["-I", "-X", "faulthandler", "-c", IMPORTS]).args(modules).current_dir(self.place);
        let finished = Subprocess::new(command, IMPORT_TIMEOUT).run_watched(&mut |_| sink(Progress::Tick));
        let finished = finished.map_err(SetupError::io(&self.environment.python))?;
        if finished.end == End::Interrupted { Err(SetupError::Interrupted) } else { Ok(finished) }
    }
}

/// The JSON in the last line of what `command` says.
fn answer<T: serde::de::DeserializeOwned>(
    command: &mut Command,
    what: &str,
    watch: &mut Watch<'_>,
) -> Result<T, ProjectError> {
    let unreadable = |said: String| ProjectError::Unreadable { what: what.to_owned(), said };
    let finished = Subprocess::new(command.clone(), IMPORT_TIMEOUT).run_watched(watch);
    let finished = finished.map_err(|error| unreadable(error.to_string()))?;
    if finished.end == End::Interrupted {
        return Err(SetupError::Interrupted.into());
    }
    let text = finished.text();
    let line = text.lines().next_back().unwrap_or_default();
    serde_json::from_str(line).map_err(|_| unreadable(finished.last_lines(3)))
}
