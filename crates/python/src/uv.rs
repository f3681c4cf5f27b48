//! uv, which makes environments and installs interpreters: the one in `PATH`, or one in a private environment.

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::indexes::Indexes;
use super::places::{Places, is_program};
use crate::runtime::{Kind, Problem, Runtime};
use greenroom_system::command::Command;
use greenroom_system::private::own_folder;
use greenroom_system::subprocess::{End, Finished, Said, Subprocess, printable};

/// An installation may take so long; a download that stands still is given up by uv itself.
pub(super) const INSTALL: Duration = Duration::from_mins(20);
/// Anything else.
pub(super) const QUICK: Duration = Duration::from_mins(1);
/// How many lines of a failed program are shown.
const MAX_LINES_SHOWN: usize = 20;

/// Why something could not be prepared, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Somebody stopped it.
    #[error("stopped; what was ready stays ready, and greenroom setup goes on from there")]
    Interrupted,
    /// Nothing can make uv.
    #[error(
        "uv is not in PATH, and there is no Python 3.9 or newer to install it with: install uv (https://docs.astral.sh/uv), or name an interpreter with --python"
    )]
    NoUv,
    /// It has failed before.
    #[error("uv could not be installed, as said above; it can be by hand: https://docs.astral.sh/uv")]
    StillNoUv,
    /// There is no place for environments.
    #[error("there is no home directory to keep environments in: set HOME or XDG_CACHE_HOME")]
    NoCache,
    /// Not found, and not to be had.
    #[error(
        "there is no {} Python, and uv could not install one; name one with {} PATH, or set {}\n{said}",
        .kind.words(), .kind.option(), .kind.variable()
    )]
    NoInterpreter {
        /// Which.
        kind: Kind,
        /// What uv said.
        said: String,
    },
    /// The one that was asked for is of no use, and no other takes its place.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// What a demo's column runs on is not here: the column says so, and nothing else waits for it.
    #[error("{0}; its column says so")]
    Lacking(String),
    /// Packages that are compiled here, and why they are not.
    #[error("{what} is not built: {why}")]
    NotBuilt {
        /// Which.
        what: String,
        /// Why.
        why: String,
    },
    /// The network, or what is behind it.
    #[error(
        "{what}: the package index cannot be reached; check the network, or name another index in UV_DEFAULT_INDEX\n{said}"
    )]
    Index {
        /// What was being done.
        what: String,
        /// What uv or pip said.
        said: String,
    },
    /// The disk.
    #[error("{what}: the disk is full; make room where {folder} is\n{said}")]
    DiskFull {
        /// What was being done.
        what: String,
        /// Where to.
        folder: PathBuf,
        /// What uv or pip said.
        said: String,
    },
    /// A package would have to be built, which runs its code.
    #[error(
        "{what}: a package has no wheel for this interpreter; --allow-build builds it here, which runs its code\n{said}"
    )]
    NoBuild {
        /// What was being done.
        what: String,
        /// What uv said.
        said: String,
    },
    /// A package is not the one that was locked.
    #[error("{what}: a download is not the file that the lock file names; nothing of it was used\n{said}")]
    Hash {
        /// What was being done.
        what: String,
        /// What uv said.
        said: String,
    },
    /// Too long.
    #[error("{what}: given up after {} minutes\n{said}", INSTALL.as_secs() / 60)]
    TimedOut {
        /// What was being done.
        what: String,
        /// What it had said by then.
        said: String,
    },
    /// Anything else that a program said.
    #[error("{what} failed\n{said}")]
    Failed {
        /// What was being done.
        what: String,
        /// What the program said.
        said: String,
    },
    /// A file or a program.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl SetupError {
    /// What is wrong, in one line for whoever watches; all of it is for whoever mends it.
    #[must_use]
    pub fn headline(&self) -> String {
        self.to_string().lines().next().unwrap_or_default().to_owned()
    }

    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { what: "writing".to_owned(), folder: path, said: error.to_string() }
            }
            _ => Self::Io { path, error },
        }
    }
}

/// What is going on, for whoever shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Something new has begun.
    Step(&'a str),
    /// A program said so.
    Line(&'a str),
    /// Time passes.
    Tick,
}

/// Shows progress; a break stops what goes on.
pub type Sink<'a> = dyn FnMut(Progress<'_>) -> ControlFlow<()> + 'a;

/// Runs `command`, which does `what` in `folder`, and understands what is wrong when it fails.
pub(super) fn act(
    command: &mut Command,
    what: &str,
    folder: &Path,
    limit: Duration,
    sink: &mut Sink<'_>,
) -> Result<Finished, SetupError> {
    let program = PathBuf::from(command.get_program());
    if sink(Progress::Step(what)).is_break() {
        return Err(SetupError::Interrupted);
    }
    let mut watch = |said: Option<Said<'_>>| match said {
        Some(Said::Err(line)) => sink(Progress::Line(&printable(line))),
        Some(Said::Out(_)) | None => sink(Progress::Tick),
    };
    let finished = Subprocess::new(command.clone(), limit).run_watched(&mut watch);
    let finished = finished.map_err(SetupError::io(&program))?;
    if finished.is_success() { Ok(finished) } else { Err(understand(&finished, what, folder)) }
}

fn understand(finished: &Finished, what: &str, folder: &Path) -> SetupError {
    let (what, said) = (what.to_owned(), finished.last_lines(MAX_LINES_SHOWN));
    // What went well before is of no use here.
    let error = said.find("\nerror:").and_then(|at| said.get(at + 1..)).map(str::to_owned);
    let mut said = error.unwrap_or(said);
    if let End::Signal(number) = finished.end {
        said = format!("{said}\nit was killed by signal {number}");
    }
    let low = said.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| low.contains(word));
    if finished.end == End::Interrupted {
        SetupError::Interrupted
    } else if finished.end == End::TimedOut {
        SetupError::TimedOut { what, said }
    } else if says(&["no space left", "os error 28", "quota exceeded", "os error 122"]) {
        SetupError::DiskFull { what, folder: folder.to_owned(), said }
    } else if says(&["building source distributions is disabled", "building from source is disabled"]) {
        SetupError::NoBuild { what, said }
    } else if says(&["hash mismatch"]) {
        SetupError::Hash { what, said }
    } else if says(&[
        "error sending request",
        "dns error",
        "failed to fetch",
        "failed to resolve",
        "name resolution",
        "connection refused",
        "newconnectionerror",
        "no matching distribution found for uv",
        "connecttimeout",
        "timed out",
        "network is unreachable",
    ]) {
        SetupError::Index { what, said }
    } else {
        SetupError::Failed { what, said }
    }
}

/// The uv that is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uv {
    /// Its executable.
    pub path: PathBuf,
}

impl Uv {
    /// The one in `PATH`, or else the private one below `tools`; nothing is installed.
    #[must_use]
    pub fn find(places: &Places, tools: &Path) -> Option<Self> {
        let private = tools.join("uv/bin/uv");
        let private = Some(private).filter(|path| is_program(path));
        Some(Self { path: places.program("uv").or(private)? })
    }

    /// The same, installed below `tools` by `python` when there is none.
    ///
    /// # Errors
    /// [`SetupError`]
    pub fn get(
        places: &Places,
        tools: &Path,
        python: Option<&Runtime>,
        sink: &mut Sink<'_>,
    ) -> Result<Self, SetupError> {
        if let Some(uv) = Self::find(places, tools) {
            return Ok(uv);
        }
        let python = python.ok_or(SetupError::NoUv)?;
        private_folder(tools)?;
        let folder = tools.join("uv");
        let _ = fs::remove_dir_all(&folder);
        let indexes = Indexes::of_user();
        let mut venv = Command::new(&python.path);
        indexes.tell_pip(&mut venv);
        venv.args(["-I", "-S", "-m", "venv"]).arg(&folder).current_dir(tools);
        act(&mut venv, "making an environment for uv", tools, QUICK, sink)?;
        let mut pip = Command::new(folder.join("bin/python"));
        indexes.tell_pip(&mut pip);
        pip.current_dir(tools);
        // A uv that would have to be built from its source needs a Rust compiler, and minutes.
        pip.args(["-m", "pip", "install", "--only-binary", ":all:", "uv"]);
        let result = act(&mut pip, "installing uv", tools, INSTALL, sink);
        if result.is_err() {
            let _ = fs::remove_dir_all(&folder);
        }
        result?;
        Ok(Self { path: folder.join("bin/uv") })
    }

    /// A command of it, run in `folder`, which is none of a deck's, with those of the user's variables that it needs and
    /// no other.
    pub(super) fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.path);
        Indexes::of_user().tell_uv(&mut command);
        command.current_dir(folder);
        command.env("UV_NO_PROGRESS", "1").env("NO_COLOR", "1").env("UV_PYTHON_INSTALL_BIN", "0");
        for (name, value) in [("UV_HTTP_TIMEOUT", "30"), ("UV_HTTP_RETRIES", "2")] {
            if std::env::var_os(name).is_none() {
                command.env(name, value);
            }
        }
        command
    }

    /// Installs the newest of this kind and version, 3.14 when nothing is said, among uv's own interpreters.
    pub(super) fn install_python(
        &self,
        kind: Kind,
        minor: Option<(u32, u32)>,
        folder: &Path,
        sink: &mut Sink<'_>,
    ) -> Result<(), SetupError> {
        let (major, minor) = minor.unwrap_or((3, 14));
        let suffix = if kind == Kind::FreeThreaded { "t" } else { "" };
        let version = format!("{major}.{minor}{suffix}");
        let mut command = self.command(folder);
        command.args(["python", "install", &version]);
        if std::env::var_os("UV_HTTP_RETRIES").is_none() {
            command.env("UV_HTTP_RETRIES", "0");
        }
        let what = format!("installing Python {version}");
        match act(&mut command, &what, folder, INSTALL, sink) {
            Ok(_) => Ok(()),
            Err(error @ (SetupError::Interrupted | SetupError::DiskFull { .. })) => Err(error),
            Err(
                SetupError::Failed { said, .. }
                | SetupError::Index { said, .. }
                | SetupError::TimedOut { said, .. },
            ) => Err(SetupError::NoInterpreter { kind, said }),
            Err(other) => Err(SetupError::NoInterpreter { kind, said: other.to_string() }),
        }
    }
}

/// Makes `folder`, for this user alone when it was not there.
pub(super) fn private_folder(folder: &Path) -> Result<(), SetupError> {
    own_folder(folder).map_err(SetupError::io(folder))
}

/// A command without the variables that would make an interpreter look at other packages.
pub(super) fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    for name in
        ["PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHON_GIL", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"]
    {
        command.env_remove(name);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, end: End) -> String {
        let finished = Finished { end, stdout: Vec::new(), stderr: text.as_bytes().to_vec() };
        understand(&finished, "installing", Path::new("/cache")).to_string()
    }

    #[test]
    fn failures_are_understood() {
        let one = End::Status(1);
        for (text, says) in [
            ("error: No space left on device (os error 28)", "the disk is full; make room where /cache is"),
            ("  cause: dns error", "the package index cannot be reached"),
            ("because building from source is disabled for all", "--allow-build builds it here"),
            ("Hash mismatch for `django==6.1.3`", "is not the file that the lock file names"),
            ("error: something else", "installing failed\nerror: something else"),
        ] {
            assert!(said(text, one).contains(says), "{}", said(text, one));
        }
        assert!(said("half", End::Interrupted).starts_with("stopped;"));
        assert!(said("half", End::TimedOut).contains("given up after 20 minutes\nhalf"));
    }
}
