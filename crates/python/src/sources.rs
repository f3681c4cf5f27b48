//! Packages that have no wheel and are built here, from a source that the deck's lock file names, with tools that another
//! one names: a build's own requirements are never fetched by name alone.
//!
//! They go into environments that are ready without them: what cannot be built is said, and nothing else waits for it.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::lock::{Lock, LockError};
use super::places::Places;
use super::uv::{INSTALL, SetupError, Sink, Uv, act};
use crate::requirement::{LockedPackage, normalized};
use crate::runtime::{Environment, Runtime};
use greenroom_base::files::{FileError, Files};
use greenroom_base::hex;
use greenroom_system::command::Command;
use greenroom_system::subprocess::Subprocess;

/// Where a deck names the packages that are built.
const SOURCES: &str = "demos/locks/sources.txt";
/// Where it names what they are built with, as wheels.
const TOOLS: &str = "demos/locks/build.txt";
/// What says that they are there, in an environment: the digest of what was built.
const STAMP: &str = "greenroom-sources";
/// Names of a C compiler.
const COMPILERS: [&str; 3] = ["cc", "gcc", "clang"];

/// What a deck wants built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources {
    /// The packages.
    pub packages: Lock,
    /// What they are built with.
    pub tools: Lock,
    /// Whether they may be: building runs code of theirs.
    pub agreed: bool,
}

impl Sources {
    /// Those of the deck in `files`; `agreed` when their code may run.
    ///
    /// # Errors
    /// When one of the two lock files is there and cannot be read, or holds more than packages with their hashes.
    pub fn of(files: &dyn Files, agreed: bool) -> Result<Self, LockError> {
        let read = |path: &str| match Lock::at(files, path) {
            Err(LockError::File { error: FileError::Missing, .. }) => Ok(Lock::default()),
            read => read,
        };
        Ok(Self { packages: read(SOURCES)?, tools: read(TOOLS)?, agreed })
    }

    /// Whether there is nothing to build.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    /// The packages in a few words: `psycopg-c==3.3.8`.
    #[must_use]
    pub fn names(&self) -> String {
        let names: Vec<String> = self.packages.entries().iter().map(ToString::to_string).collect();
        names.join(", ")
    }

    /// A name for exactly these.
    pub(super) fn digest(&self) -> String {
        hex::encode(Sha256::digest(format!("{}\n{}", self.packages.digest(), self.tools.digest())))
    }

    /// Whether they are in `environment`.
    #[must_use]
    pub fn are_in(&self, environment: &Environment) -> bool {
        let stamp = fs::read_to_string(environment.folder.join(STAMP));
        self.is_empty() || stamp.is_ok_and(|stamp| stamp.trim() == self.digest())
    }

    /// What they need and this computer lacks, in words; `runtime` is what they are built for.
    #[must_use]
    pub fn lacks(&self, runtime: &Runtime, places: &Places) -> Option<String> {
        let mut lacks = Vec::new();
        if !COMPILERS.iter().any(|name| places.program(name).is_some()) {
            lacks.push("a C compiler (apt install gcc; xcode-select --install)".to_owned());
        }
        if self.packages.entries().iter().any(needs_libpq) {
            lacks.extend(lacks_libpq(places));
        }
        let headers = python_headers(runtime);
        if !headers.is_file() {
            lacks.push(format!("Python's own headers ({} is not there)", headers.display()));
        }
        (!lacks.is_empty()).then(|| lacks.join(", and "))
    }

    /// Builds them into `environment`, unless they are there.
    ///
    /// # Errors
    /// [`SetupError::NotBuilt`] when something is missing for it, and what uv says. The environment is what it was.
    pub(super) fn build(
        &self,
        uv: &Uv,
        (runtime, environment): (&Runtime, &Environment),
        places: &Places,
        sink: &mut Sink<'_>,
    ) -> Result<(), SetupError> {
        if self.are_in(environment) {
            return Ok(());
        }
        if !self.agreed {
            let why = "it runs their code, which --allow-build agrees to".to_owned();
            return Err(SetupError::NotBuilt { what: self.names(), why });
        }
        if let Some(lacks) = self.lacks(runtime, places) {
            let why = format!("this needs {lacks}");
            return Err(SetupError::NotBuilt { what: self.names(), why });
        }
        let name = format!("Python {} ({})", runtime.version, runtime.kind().words());
        let parent = environment.folder.parent().unwrap_or(&environment.folder);
        let install = |lock: &Lock, more: &[&str], what: &str, sink: &mut Sink<'_>| {
            let (_private, requirements) = lock.write(parent)?;
            let mut command = uv.command(parent);
            command.args(["pip", "install", "--require-hashes", "--no-deps"]).args(more.iter().copied());
            command.arg("--python").arg(&environment.python).arg("--requirements").arg(requirements);
            command.env("UV_PYTHON_DOWNLOADS", "never");
            act(&mut command, what, parent, INSTALL, sink).map(drop)
        };
        if !self.tools.is_empty() {
            let what = format!("installing what {} is built with, for {name}", self.names());
            install(&self.tools, &["--no-build"], &what, sink)?;
        }
        let what = format!("building {} for {name}", self.names());
        install(&self.packages, &["--no-build-isolation"], &what, sink)?;
        let stamp = environment.folder.join(STAMP);
        fs::write(&stamp, self.digest() + "\n").map_err(SetupError::io(&stamp))
    }
}

/// Whether a package is compiled against PostgreSQL's client library.
fn needs_libpq(package: &LockedPackage) -> bool {
    ["psycopg-c", "psycopg2"].contains(&&*normalized(&package.name))
}

/// What is missing of libpq to compile against it.
fn lacks_libpq(places: &Places) -> Option<String> {
    let fix = "apt install libpq-dev, brew install libpq";
    let Some(config) = places.program("pg_config") else {
        return Some(format!("pg_config of PostgreSQL's client library ({fix})"));
    };
    let mut command = Command::new(config);
    command.arg("--includedir").current_dir("/");
    let said = Subprocess::new(command, super::uv::QUICK).run().ok().map(|done| done.text().into_owned());
    let folder = PathBuf::from(said.unwrap_or_default().trim());
    let header = folder.join("libpq-fe.h");
    (!header.is_file()).then(|| format!("libpq's headers ({} is not there: {fix})", header.display()))
}

/// Where an interpreter has the header that every extension includes.
fn python_headers(runtime: &Runtime) -> PathBuf {
    let (major, minor) = runtime.minor;
    let name = format!("python{major}.{minor}{}", if runtime.free_threaded { "t" } else { "" });
    let folder = runtime.real.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
    folder.join("include").join(name).join("Python.h")
}
