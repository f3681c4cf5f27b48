//! What this machine has besides interpreters: packages in the environments, PostgreSQL, load tools.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::places::{Places, is_program};
use super::uv::clean;
use crate::requirement::{is_name, is_version, normalized};
use crate::runtime::{Environment, Runtime};
use greenroom_system::command::Command;
use greenroom_system::subprocess::{Subprocess, printable};

const LIBPQ: &str = include_str!("libpq.py");
/// A program that says its version takes no longer.
const VERSION_TIMEOUT: Duration = Duration::from_secs(20);
/// No more of a package's description is read, of no more packages.
const MAX_METADATA: u64 = 64 << 10;
const MAX_PACKAGES: usize = 5000;

/// The versions of the packages in an environment, by the name that an index knows them by ([`normalized`]).
///
/// They are read from its files: nothing in it is run, for Python itself runs what packages leave for its start.
///
/// # Errors
/// Why it cannot be read, in words.
pub fn look_inside(environment: &Environment) -> Result<BTreeMap<String, String>, String> {
    if !environment.folder.join("pyvenv.cfg").is_file() {
        return Err("it has no pyvenv.cfg".to_owned());
    }
    packages_in(&environment.folder).map_err(|error| error.to_string())
}

/// The same for any environment in `folder`.
///
/// # Errors
/// When its folders cannot be listed.
pub(super) fn packages_in(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for python in fs::read_dir(folder.join("lib"))?.flatten() {
        let packages = python.path().join("site-packages");
        for entry in fs::read_dir(packages).into_iter().flatten().flatten() {
            if found.len() >= MAX_PACKAGES {
                break;
            }
            let is_info = entry.path().extension().is_some_and(|end| end == "dist-info");
            if let Some((name, version)) = is_info.then(|| described(&entry.path())).flatten() {
                found.insert(name, version);
            }
        }
    }
    Ok(found)
}

/// The name and the version that the package described in `folder` gives itself.
fn described(folder: &Path) -> Option<(String, String)> {
    let path = folder.join("METADATA");
    // A pipe would never end.
    let file = fs::symlink_metadata(&path)
        .ok()
        .filter(fs::Metadata::is_file)
        .and_then(|_| File::open(&path).ok())?;
    let mut text = Vec::new();
    file.take(MAX_METADATA).read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text);
    let field = |name: &str| {
        let head = text.lines().take_while(|line| !line.is_empty());
        let value =
            head.filter_map(|line| line.split_once(':')).find(|(key, _)| key.eq_ignore_ascii_case(name))?.1;
        Some(value.trim().to_owned())
    };
    let (name, version) = (field("Name")?, field("Version")?);
    (is_name(&name) && is_version(&version)).then(|| (normalized(&name), version))
}

/// Why psycopg would not find PostgreSQL's client library, which it loads. `runtime` is asked, outside of any
/// environment.
#[must_use]
pub fn lacks_libpq(runtime: &Runtime) -> Option<String> {
    let mut command = clean(&runtime.path);
    command.args(["-I", "-S", "-E", "-c", LIBPQ]).current_dir("/");
    let finished = Subprocess::new(command, VERSION_TIMEOUT).run().ok()?;
    (!finished.is_success())
        .then(|| "it needs PostgreSQL's client library (libpq), which is not found".to_owned())
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
    let mut command = Command::new(&path);
    command.args(args).current_dir("/");
    let finished = Subprocess::new(command, VERSION_TIMEOUT).run();
    let version = finished.map_or(String::new(), |finished| {
        let text = finished.text();
        // wrk says it on standard error, as if asking were wrong.
        let line = text.lines().find(|line| !line.trim().is_empty()).map(printable);
        line.unwrap_or_else(|| finished.last_lines(20).lines().next().unwrap_or_default().to_owned())
    });
    // wrk goes on with who wrote it.
    let version = version.split(" Copyright").next().unwrap_or_default().to_owned();
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
    folders.extend(postgres_folders(Path::new("/")));
    let program = |path: PathBuf| is_program(&path) && places.is_open(&path);
    let whole = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| program(folder.join(name)));
    let bin = folders.into_iter().find(whole)?;
    let version = ask(bin.join("postgres"), &["--version"]).version;
    Some(Postgres { bin, version })
}

/// Where packages put PostgreSQL's programs besides `PATH`, below `root`, each package's newest first: Debian's, Homebrew's kegs, which it
/// links nowhere (on Macs with Arm and with Intel), Red Hat's, and what the source is installed to.
#[must_use]
pub fn postgres_folders(root: &Path) -> Vec<PathBuf> {
    let kegs = ["opt/homebrew/opt", "usr/local/opt"];
    let versions = versions_in(&root.join("usr/lib/postgresql"), "")
        .into_iter()
        .chain(kegs.into_iter().flat_map(|kegs| versions_in(&root.join(kegs), "postgresql@")));
    let others = ["usr/local/pgsql/bin", "opt/homebrew/bin", "usr/pgsql/bin"];
    versions.map(|folder| folder.join("bin")).chain(others.map(|folder| root.join(folder))).collect()
}

/// The folders in `folder` that are named by a number behind `before`, the highest first.
fn versions_in(folder: &Path, before: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |entry: fs::DirEntry| {
        let name = entry.file_name();
        Some((name.to_str()?.strip_prefix(before)?.parse::<u32>().ok()?, entry.path()))
    };
    let mut found: Vec<(u32, PathBuf)> = entries.filter_map(number).collect();
    found.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
    found.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_postgres_of_each_package_comes_first() {
        let root = tempfile::tempdir().unwrap();
        let found = [
            "usr/lib/postgresql/17/bin",
            "usr/lib/postgresql/9/bin",
            "opt/homebrew/opt/postgresql@18/bin",
            "opt/homebrew/opt/postgresql@9/bin",
            "usr/local/opt/postgresql@16/bin",
        ];
        let others =
            ["opt/homebrew/opt/postgresql@x", "opt/homebrew/opt/postgresql", "opt/homebrew/opt/mysql@18"];
        for folder in found.iter().chain(&others) {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let folders = postgres_folders(root.path());
        let (kegs, rest) = folders.split_at(found.len());
        assert_eq!(kegs, found.map(|folder| root.path().join(folder)));
        assert!(rest.contains(&root.path().join("opt/homebrew/bin")), "{rest:?}");
    }
}
