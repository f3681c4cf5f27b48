//! Everything that a deck wants installed: its own packages on the two usual runtimes, and what some of its demos have
//! besides: another interpreter, other packages.

use std::fmt;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::find::{describe, of_version};
use super::lock::Lock;
use super::places::{Places, Wanted};
use super::sources::Sources;
use crate::runtime::{Interpreters, Kind, Origin, Runtime};
use greenroom_base::hex;

/// Which interpreter somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// One of the two that every deck has.
    Usual(Kind),
    /// One of this version, wherever interpreters are looked for.
    Version {
        /// The first two numbers.
        minor: (u32, u32),
        /// Whether it is a free-threaded build.
        free_threaded: bool,
    },
    /// This file.
    Path(PathBuf),
}

impl Choice {
    /// The interpreter, which is run to learn what it is. `found` are the usual two.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn find(&self, found: &Interpreters, wanted: &Wanted, places: &Places) -> Result<Runtime, String> {
        match self {
            Self::Usual(kind) => match (found.of(*kind), found.refused(*kind)) {
                (Some(runtime), _) => Ok(runtime.clone()),
                (None, Some(problem)) => Err(problem.to_string()),
                (None, None) => Err(format!("there is no {} Python here", kind.words())),
            },
            Self::Version { minor, free_threaded } => of_version(*minor, *free_threaded, wanted, places)
                .ok_or_else(|| {
                    format!("there is no {self} here: uv python install {} gets one", self.number())
                }),
            Self::Path(path) => {
                describe(path, Origin::Deck).map_err(|why| format!("there is no {self}: {why}"))
            }
        }
    }

    /// `3.15t`
    fn number(&self) -> String {
        match self {
            Self::Version { minor: (major, minor), free_threaded } => {
                format!("{major}.{minor}{}", if *free_threaded { "t" } else { "" })
            }
            Self::Usual(_) | Self::Path(_) => String::new(),
        }
    }
}

impl fmt::Display for Choice {
    /// "Python 3.15t"
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usual(kind) => write!(f, "{} Python", kind.words()),
            Self::Version { .. } => write!(f, "Python {}", self.number()),
            Self::Path(path) => write!(f, "Python at {}", path.display()),
        }
    }
}

/// An environment that a demo asks for besides the two of its deck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Further {
    /// Whose it is, for people: "context-inherit, asgiref 3.11".
    pub name: String,
    /// Its interpreter.
    pub choice: Choice,
    /// Its packages.
    pub lock: Lock,
}

/// Everything that is to be installed for a deck.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// The deck's own packages, for both of the usual runtimes.
    pub lock: Lock,
    /// What is built for both of them, where it can be.
    pub sources: Sources,
    /// What some demos have besides.
    pub further: Vec<Further>,
}

impl Order {
    /// A name for exactly this: 64 hexadecimal digits. Who has agreed to it passes it on
    /// (`greenroom setup --agreed`), so that nothing else is installed in its place.
    #[must_use]
    pub fn digest(&self) -> String {
        if self.further.is_empty() && self.sources.is_empty() {
            return self.lock.digest();
        }
        let mut hash = Sha256::new();
        hash.update(self.lock.digest());
        hash.update(self.sources.digest());
        for further in &self.further {
            for part in [further.name.clone(), further.choice.to_string(), further.lock.digest()] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        hex::encode(hash.finalize())
    }

    /// Each package with its version, and whose it is where it is not the deck's own.
    #[must_use]
    pub fn packages(&self) -> Vec<String> {
        let own = self.lock.entries().iter().map(ToString::to_string);
        let further = self.further.iter().flat_map(|further| {
            let of = format!("{}, on {}", further.name, further.choice);
            further.lock.entries().iter().map(move |entry| format!("{entry} for {of}"))
        });
        let built = self.sources.packages.entries().iter().map(|entry| format!("{entry} from its source"));
        let tools = self.sources.tools.entries().iter().map(|entry| format!("{entry} to build it with"));
        own.chain(built.chain(tools).filter(|_| self.sources.agreed)).chain(further).collect()
    }
}
