//! What this machine has besides interpreters: packages in the environments, PostgreSQL, load tools.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::child;
use super::places::{Places, is_program};
use super::uv::clean;
use crate::run::runtime::Environment;

const INSIDE: &str = include_str!("inside.py");
/// A program that says its version takes no longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Packages that the demos use, and that a person may want to know the version of.
pub const PACKAGES: [&str; 9] =
    ["granian", "gunicorn", "uvicorn", "uvloop", "httptools", "Django", "asgiref", "psycopg", "psycopg-pool"];

/// What an environment holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inside {
    /// By package; none for one that is not there.
    pub versions: BTreeMap<String, Option<String>>,
    /// Why psycopg cannot be imported, if it is installed and cannot: it needs libpq.
    pub psycopg: Option<String>,
    /// Whether the GIL is on in it.
    pub gil: bool,
}

/// Looks into an environment.
///
/// # Errors
/// Why it cannot, in words.
pub fn look_inside(environment: &Environment) -> Result<Inside, String> {
    let mut command = clean(&environment.python);
    command.args(["-I", "-c", INSIDE]).args(PACKAGES);
    let finished = child::run(&mut command, PATIENCE, &mut |_| ControlFlow::Continue(()));
    let finished = finished.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&finished.stdout);
    let line = text.lines().rev().find(|line| line.starts_with('{')).unwrap_or_default();
    serde_json::from_str(line).map_err(|_| match finished.last_lines(1) {
        said if said.is_empty() => "its interpreter gave no answer".to_owned(),
        said => said,
    })
}

/// A program and what it says of its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// The first line of what it says; empty when it says nothing.
    pub version: String,
}

/// The program `name` in `PATH`, asked for its version with `args`.
#[must_use]
pub fn program(places: &Places, name: &str, args: &[&str]) -> Option<Program> {
    Some(ask(places.program(name)?, args))
}

/// What the program at `path` says to `args`.
#[must_use]
pub fn ask(path: PathBuf, args: &[&str]) -> Program {
    let finished = child::run(Command::new(&path).args(args), PATIENCE, &mut |_| ControlFlow::Continue(()));
    let version = finished.map_or(String::new(), |finished| {
        let text = String::from_utf8_lossy(&finished.stdout).into_owned();
        // wrk says it on standard error, as if asking were wrong.
        let line = text.lines().find(|line| !line.trim().is_empty()).map(child::printable);
        line.unwrap_or_else(|| finished.last_lines(20).lines().next().unwrap_or_default().to_owned())
    });
    Program { path, version }
}

/// A PostgreSQL whose server a private database can be made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Postgres {
    /// The folder of `initdb` and `postgres`.
    pub bin: PathBuf,
    /// What `postgres --version` says.
    pub version: String,
}

/// The newest PostgreSQL of this machine: in `PATH`, or where packages put it.
#[must_use]
pub fn postgres(places: &Places) -> Option<Postgres> {
    let mut folders = places.path.clone();
    folders
        .extend(versions_in(Path::new("/usr/lib/postgresql")).into_iter().map(|folder| folder.join("bin")));
    folders.extend(["/usr/local/pgsql/bin", "/opt/homebrew/bin", "/usr/pgsql/bin"].map(PathBuf::from));
    let whole = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| is_program(&folder.join(name)));
    let bin = folders.into_iter().find(whole)?;
    let version = ask(bin.join("postgres"), &["--version"]).version;
    Some(Postgres { bin, version })
}

/// The folders in `folder` that are named by a number, the highest first.
fn versions_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |entry: fs::DirEntry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path()));
    let mut found: Vec<(u32, PathBuf)> = entries.filter_map(number).collect();
    found.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
    found.into_iter().map(|(_, path)| path).collect()
}
