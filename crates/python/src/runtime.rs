//! Runtimes: the Python interpreters that demos run on, as values.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The oldest version whose build with the GIL and whose free-threaded build can be compared.
pub const OLDEST: (u32, u32) = (3, 13);

/// The two kinds of build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// With the global interpreter lock.
    Gil,
    /// Built with `--disable-gil`.
    FreeThreaded,
}

impl Kind {
    /// Both, in the order in which they are shown.
    pub const BOTH: [Self; 2] = [Self::Gil, Self::FreeThreaded];

    /// In words: "GIL", "free threaded".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Gil => "GIL",
            Self::FreeThreaded => "free threaded",
        }
    }

    /// The option that names such an interpreter.
    #[must_use]
    pub const fn option(self) -> &'static str {
        match self {
            Self::Gil => "--python",
            Self::FreeThreaded => "--python-ft",
        }
    }

    /// The environment variable that names such an interpreter.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Gil => "GREENROOM_PYTHON",
            Self::FreeThreaded => "GREENROOM_PYTHON_FT",
        }
    }
}

/// Where an interpreter was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Named on the command line.
    Option,
    /// Named by `GREENROOM_PYTHON` or `GREENROOM_PYTHON_FT`.
    Variable,
    /// In `PATH`.
    Path,
    /// Among those that uv keeps.
    Uv,
    /// Among those that pyenv keeps.
    Pyenv,
    /// Named by the deck, by its path.
    Deck,
}

impl Origin {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Option => "command line",
            Self::Variable => "environment",
            Self::Path => "PATH",
            Self::Uv => "uv",
            Self::Pyenv => "pyenv",
            Self::Deck => "deck",
        }
    }
}

/// An interpreter, as it described itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools)] // each is a fact of its own
pub struct Runtime {
    /// The executable itself: neither a shim nor that of a virtual environment.
    pub path: PathBuf,
    /// The same, with no link left in it.
    pub real: PathBuf,
    /// Where it was found.
    pub origin: Origin,
    /// `CPython`, and rarely something else.
    pub implementation: String,
    /// 3.14.7
    pub version: String,
    /// The first two numbers of the version.
    pub minor: (u32, u32),
    /// `sys.version`: build date and compiler too.
    pub build: String,
    /// Whether it was built with `--disable-gil`.
    pub free_threaded: bool,
    /// Whether the GIL is on nevertheless, once the standard library is imported.
    pub gil_enabled: bool,
    /// Built with profile-guided optimisation.
    pub optimized: bool,
    /// Built with link-time optimisation.
    pub lto: bool,
    /// A debug build, several times slower.
    pub debug: bool,
    /// What `configure` was told.
    pub config_args: String,
    /// Modules of the standard library that it lacks because a C library was missing.
    pub missing: Vec<String>,
}

impl Runtime {
    /// Which of the two it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        if self.free_threaded { Kind::FreeThreaded } else { Kind::Gil }
    }

    /// In one line: "`CPython` 3.14.7 free threaded, PGO, GIL off".
    #[must_use]
    pub fn facts(&self) -> String {
        let mut facts = format!("{} {} {}", self.implementation, self.version, self.kind().words());
        facts.push_str(match (self.optimized, self.lto) {
            (true, true) => ", PGO and LTO",
            (true, false) => ", PGO",
            (false, true) => ", LTO, no PGO",
            (false, false) => ", no PGO",
        });
        if self.debug {
            facts.push_str(", debug build");
        }
        if self.free_threaded {
            facts.push_str(if self.gil_enabled { ", but the GIL is ON" } else { ", GIL off" });
        }
        if !self.missing.is_empty() {
            facts.push_str(", without ");
            facts.push_str(&self.missing.join(" "));
        }
        facts
    }

    /// Why the demos cannot run on it, if that is so.
    #[must_use]
    pub fn unfit(&self) -> Option<String> {
        if self.implementation != "CPython" {
            return Some(format!("it is {}, and the demos need CPython", self.implementation));
        }
        if self.minor < OLDEST {
            let (major, minor) = OLDEST;
            return Some(format!(
                "it is Python {}, and the demos need {major}.{minor} or newer",
                self.version
            ));
        }
        None
    }
}

/// An interpreter that is of no use, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Which file.
    pub path: PathBuf,
    /// Where it was named or found.
    pub origin: Origin,
    /// As which of the two it was asked for; none for one that merely lies about.
    pub asked: Option<Kind>,
    /// What is wrong with it.
    pub reason: String,
}

impl std::fmt::Display for Problem {
    /// With what named it: "--python-ft /usr/bin/python3 is …".
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.asked, self.origin) {
            (Some(kind), Origin::Option) => write!(f, "{} ", kind.option())?,
            (Some(kind), Origin::Variable) => write!(f, "{}=", kind.variable())?,
            _ => {}
        }
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

/// The interpreters of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Interpreters {
    /// The one with the GIL that demos run on.
    pub gil: Option<Runtime>,
    /// The free-threaded one.
    pub free_threaded: Option<Runtime>,
    /// The others.
    pub others: Vec<Runtime>,
    /// Those that are of no use.
    pub problems: Vec<Problem>,
}

impl Interpreters {
    /// The one of this kind.
    #[must_use]
    pub const fn of(&self, kind: Kind) -> Option<&Runtime> {
        match kind {
            Kind::Gil => self.gil.as_ref(),
            Kind::FreeThreaded => self.free_threaded.as_ref(),
        }
    }

    /// The version that the runtime with the GIL should have, when it has another than the free-threaded one and
    /// nobody asked for that: only like builds can be compared.
    #[must_use]
    pub(crate) fn uneven(&self, kind: Kind) -> Option<(u32, u32)> {
        let (gil, free_threaded) = (self.gil.as_ref()?, self.free_threaded.as_ref()?);
        let asked = matches!(gil.origin, Origin::Option | Origin::Variable);
        (kind == Kind::Gil && !asked && gil.minor != free_threaded.minor).then_some(free_threaded.minor)
    }

    /// What is wrong with the interpreter that somebody asked for as this kind.
    #[must_use]
    pub fn refused(&self, kind: Kind) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.asked == Some(kind))
    }

    /// Any interpreter that can make virtual environments.
    #[must_use]
    pub fn any(&self) -> Option<&Runtime> {
        self.gil.iter().chain(&self.free_threaded).chain(&self.others).find(|one| one.minor >= (3, 9))
    }
}

/// A virtual environment that is ready: a runtime with the packages of a deck's lock file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Environment {
    /// Its folder.
    pub folder: PathBuf,
    /// Its `bin`, to stand first in `PATH`.
    pub bin: PathBuf,
    /// Its interpreter.
    pub python: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime(minor: (u32, u32), free_threaded: bool) -> Runtime {
        Runtime {
            path: "/usr/bin/python3".into(),
            real: "/usr/bin/python3".into(),
            origin: Origin::Path,
            implementation: "CPython".to_owned(),
            version: format!("{}.{}.1", minor.0, minor.1),
            minor,
            build: String::new(),
            free_threaded,
            gil_enabled: !free_threaded,
            optimized: true,
            lto: false,
            debug: false,
            config_args: String::new(),
            missing: Vec::new(),
        }
    }

    #[test]
    fn the_facts_say_what_matters() {
        assert_eq!(runtime((3, 14), true).facts(), "CPython 3.14.1 free threaded, PGO, GIL off");
        let odd = Runtime {
            gil_enabled: true,
            optimized: false,
            missing: vec!["_ssl".to_owned()],
            ..runtime((3, 14), true)
        };
        assert_eq!(odd.facts(), "CPython 3.14.1 free threaded, no PGO, but the GIL is ON, without _ssl");
        assert_eq!(runtime((3, 14), false).facts(), "CPython 3.14.1 GIL, PGO");
    }

    #[test]
    fn versions_that_differ_are_noticed_unless_somebody_asked() {
        let found = |gil: (u32, u32), origin| Interpreters {
            gil: Some(Runtime { origin, ..runtime(gil, false) }),
            free_threaded: Some(runtime((3, 14), true)),
            ..Interpreters::default()
        };
        assert_eq!(found((3, 13), Origin::Pyenv).uneven(Kind::Gil), Some((3, 14)));
        assert_eq!(found((3, 13), Origin::Pyenv).uneven(Kind::FreeThreaded), None);
        assert_eq!(found((3, 13), Origin::Option).uneven(Kind::Gil), None);
        assert_eq!(found((3, 14), Origin::Path).uneven(Kind::Gil), None);
        assert_eq!(Interpreters::default().uneven(Kind::Gil), None);
    }

    #[test]
    fn old_ones_and_others_are_unfit() {
        assert_eq!(runtime((3, 13), false).unfit(), None);
        assert!(runtime((3, 12), false).unfit().unwrap().contains("3.13 or newer"));
        let other = Runtime { implementation: "PyPy".to_owned(), ..runtime((3, 14), false) };
        assert!(other.unfit().unwrap().contains("PyPy"));
    }
}
