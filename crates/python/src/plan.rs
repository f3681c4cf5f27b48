//! What a setup would do, before it does anything: shown to the person who is asked.

use std::path::{Path, PathBuf};

use super::find::{Scope, find};
use super::indexes::Indexes;
use super::order::{Choice, Order};
use super::places::{Places, Wanted};
use super::prepare::Store;
use super::uv::Uv;
use crate::runtime::{Interpreters, Kind, Runtime};

/// Where uv takes interpreters from.
const PYTHONS: &str = "https://github.com/astral-sh/python-build-standalone";

/// What there is, and what would have to be fetched and made.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The interpreters as they are.
    pub found: Interpreters,
    /// Those that an environment would be made for.
    pub environments: Vec<Runtime>,
    /// What demos have besides that is not ready, by name: those whose interpreter a deck names by its path count as
    /// not ready, since nothing of a deck is run before somebody agrees.
    pub further: Vec<(String, Choice)>,
    /// Whether packages would be built for an environment that is there.
    pub builds: bool,
    /// Those that uv would fetch: `3.14t`.
    pub interpreters: Vec<String>,
    /// Whether uv itself would be fetched.
    pub uv: bool,
    /// Where everything is kept.
    folder: PathBuf,
    indexes: Indexes,
}

impl Plan {
    /// What is to be done for `order`. Interpreters are asked what they are, but not those that a deck names by their
    /// paths; nothing is fetched or made.
    #[must_use]
    pub fn of(wanted: &Wanted, places: &Places, store: &Store, order: &Order) -> Self {
        let lock = &order.lock;
        let found = find(wanted, places, Scope::Needed);
        let (mut environments, mut interpreters) = (Vec::new(), Vec::new());
        for kind in Kind::BOTH.into_iter().filter(|kind| found.refused(*kind).is_none()) {
            let version = |(major, minor): (u32, u32)| {
                format!("{major}.{minor}{}", if kind == Kind::FreeThreaded { "t" } else { "" })
            };
            match found.of(kind) {
                Some(runtime) if store.environment(runtime, lock).is_some() => {}
                Some(runtime) => {
                    interpreters.extend(found.uneven(kind).map(version));
                    environments.push(runtime.clone());
                }
                None => {
                    let other = found.of(Kind::FreeThreaded).map(|runtime| runtime.minor);
                    interpreters.push(version(other.unwrap_or((3, 14))));
                }
            }
        }
        let lacks = |further: &&super::order::Further| match &further.choice {
            Choice::Path(_) => true,
            choice => choice
                .find(&found, wanted, places)
                .is_ok_and(|runtime| store.environment(&runtime, &further.lock).is_none()),
        };
        let further: Vec<(String, Choice)> =
            order.further.iter().filter(lacks).map(|one| (one.name.clone(), one.choice.clone())).collect();
        let built = |runtime: &Runtime| {
            let ready = store.environment(runtime, lock);
            ready.is_none_or(|ready| order.sources.are_in(&ready))
        };
        let usual = [&found.gil, &found.free_threaded].into_iter().flatten();
        let builds = usual
            .filter(|runtime| order.sources.agreed && !built(runtime))
            .any(|runtime| order.sources.lacks(runtime, places).is_none());
        let works = builds || !environments.is_empty() || !interpreters.is_empty() || !further.is_empty();
        let uv = works && Uv::find(places, &store.tools()).is_none();
        let (folder, indexes) = (store.environments(), Indexes::of_user());
        Self { found, environments, further, builds, interpreters, uv, folder, indexes }
    }

    /// Whether everything is there.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.environments.is_empty()
            && self.interpreters.is_empty()
            && self.further.is_empty()
            && !self.builds
    }

    /// All of it in lines for the person who is asked, `deck` being what was named: every package with its version, and
    /// where it comes from and goes to.
    #[must_use]
    pub fn lines(&self, order: &Order, deck: &Path) -> Vec<String> {
        let (lock, packages) = (&order.lock, order.packages());
        let count = packages.len();
        let mut lines = vec![match count {
            0 => format!(
                "The deck {} asks for no package: its environments hold Python alone.",
                deck.display()
            ),
            1 => format!("The deck {} asks for 1 package:", deck.display()),
            count => format!("The deck {} asks for {count} packages:", deck.display()),
        }];
        lines.extend(packages.iter().map(|package| format!("  {package}")));
        let mut say = |name: &str, what: String| lines.push(format!("{name:<8} {what}"));
        if count > 0 || self.uv {
            say("from", format!("{} (UV_DEFAULT_INDEX names another)", self.indexes.shown().join(", ")));
        }
        let mut pythons: Vec<String> = self.environments.iter().map(name_of).collect();
        pythons.extend(self.interpreters.iter().map(|version| format!("Python {version}")));
        pythons.extend(self.further.iter().map(|(name, choice)| format!("{choice} ({name})")));
        say("for", pythons.join(", "));
        say("to", self.folder.display().to_string());
        if !self.interpreters.is_empty() {
            say("also", format!("Python {}, by uv, from {PYTHONS}", self.interpreters.join(" and ")));
        }
        if self.uv {
            say("also", "uv, which installs all of this, by pip, from the same index".to_owned());
        }
        if count > 0 {
            let builds = if lock.builds() {
                "packages without a wheel are built, which RUNS THEIR CODE on this computer, with your rights"
            } else {
                "none: a package without a wheel is not installed (--allow-build)"
            };
            say("builds", builds.to_owned());
            if !order.sources.is_empty() && !order.sources.agreed {
                let names = order.sources.names();
                say("", format!("{names} would be built from its source, and is not (--allow-build)"));
            }
        }
        lines
    }
}

/// Python 3.14.7 (free threaded)
fn name_of(runtime: &Runtime) -> String {
    format!("Python {} ({})", runtime.version, runtime.kind().words())
}
