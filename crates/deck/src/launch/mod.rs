//! What a deck can start on this computer, as one value: the consent card prints it, the agreement covers it, and the
//! runner executes it. Nothing else interprets a demo.

pub mod card_text;
mod faults;
mod lines;

pub use faults::{Contradiction, faults};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::{Database, Deck, Demo, DemoKind, NamedRuntime, RuntimeName, Scenario, WrittenStep};

/// Everything that starting one demo means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Launch {
    /// What is started.
    pub starts: Starts,
    /// Where, relative to the deck folder; the deck folder itself when nothing is said.
    pub directory: Option<String>,
    /// Environment variables for it.
    pub env: BTreeMap<String, String>,
    /// What is typed into it while it is recorded.
    pub types: Vec<String>,
    /// What is typed into it step by step, also while the talk is given.
    pub script: Vec<WrittenStep>,
    /// It is stopped after this long.
    pub timeout: Option<Duration>,
}

/// What is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Starts {
    /// A program, on a terminal unless it stands in for a bench.
    Program {
        /// The program and its arguments; never empty.
        command: Vec<String>,
        /// The Python that it finds first.
        runtime: Option<RuntimeName>,
        /// The lock file of the packages that it has there; the deck's own when nothing is said.
        requirements: Option<String>,
        /// It stands in for a bench, and prints a bench's records.
        bench: bool,
    },
    /// The servers of a scenario, under load.
    Bench {
        /// The scenario file, relative to the deck folder.
        path: String,
        /// What it says.
        scenario: Box<Scenario>,
    },
    /// A script, once on each runtime.
    Probe {
        /// The script's command; never empty.
        command: Vec<String>,
        /// The title of its tape.
        title: Option<String>,
        /// The only runtime that it runs on.
        only: Option<RuntimeName>,
        /// What it runs on besides.
        beside: Vec<NamedRuntime>,
        /// The lock file of the packages that it has; the deck's own when nothing is said.
        requirements: Option<String>,
        /// The database that is started for it.
        database: Option<Database>,
    },
    /// The environments of the deck: packages are downloaded and installed.
    SetUp {
        /// What is installed, as the lock file says it.
        packages: Vec<String>,
        /// Where it comes from.
        indexes: Vec<String>,
        /// What is fetched besides, for it to be installed: interpreters, an installer.
        also: Vec<String>,
        /// Names exactly these packages to who installs them.
        digest: String,
    },
}

/// Why a demo starts nothing, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Idle {
    /// There is nothing to run.
    #[error("this demo has no command: add one to it in talk.yaml")]
    NoCommand,
    /// There is nothing to compare.
    #[error("this bench has no scenario yet: add `scenario: demos/NAME.yaml` to it in talk.yaml")]
    NoScenario,
    /// There is a mistake in what the deck says about it.
    #[error("this demo does not start before it is mended: {0}")]
    Faulty(String),
    /// The scenario that it names is not in the deck.
    #[error("there is no scenario {0} in the deck that could be read: greenroom check says more")]
    Missing(String),
}

impl Launch {
    /// What starting `demo` means, with the scenarios of its deck.
    ///
    /// # Errors
    /// When it starts nothing.
    pub fn of(demo: &Demo, scenarios: &BTreeMap<String, Arc<Scenario>>) -> Result<Self, Idle> {
        let fault =
            || faults(demo).into_iter().next().map(|fault| format!("{}: {}", fault.message, fault.hint));
        if let Some(fault) = demo.fault.clone().or_else(fault) {
            return Err(Idle::Faulty(fault));
        }
        let mut command = demo.command.clone();
        if command.first().is_some_and(|program| program.trim().is_empty()) {
            command.clear();
        }
        let starts = match (demo.kind, &demo.scenario) {
            (DemoKind::Bench, Some(path)) if command.is_empty() => {
                let scenario = scenarios.get(path).ok_or_else(|| Idle::Missing(path.clone()))?;
                Starts::Bench { path: path.clone(), scenario: Box::new(Scenario::clone(scenario)) }
            }
            (DemoKind::Bench, None) if command.is_empty() => return Err(Idle::NoScenario),
            _ if command.is_empty() => return Err(Idle::NoCommand),
            (DemoKind::Probe, _) => Starts::Probe {
                command,
                title: demo.title.clone(),
                only: demo.runtime,
                beside: demo.runtimes.clone(),
                requirements: demo.requirements.clone(),
                database: demo.database,
            },
            (kind @ (DemoKind::Terminal | DemoKind::Bench), _) => Starts::Program {
                command,
                runtime: demo.runtime,
                requirements: demo.requirements.clone(),
                bench: kind == DemoKind::Bench,
            },
        };
        Ok(Self {
            starts,
            directory: demo.directory.clone(),
            env: demo.env.clone(),
            types: demo.types.clone(),
            script: demo.script.clone(),
            timeout: demo.time_limit(),
        })
    }
}

impl Launch {
    /// Whether it measures, and has servers to stop before it ends.
    #[must_use]
    pub fn is_bench(&self) -> bool {
        matches!(self.starts, Starts::Bench { .. } | Starts::Program { bench: true, .. })
    }

    /// Whether what it starts writes records instead of drawing on a terminal.
    #[must_use]
    pub fn writes_records(&self) -> bool {
        self.is_bench() || matches!(self.starts, Starts::Probe { .. })
    }
}

/// A demo that starts something, and what people call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardEntry {
    /// Its id.
    pub name: String,
    /// The slides that show it, counted from 1.
    pub slides: Vec<usize>,
    /// What it starts.
    pub launch: Launch,
}

/// Everything that `deck` can start, in the order of its demos.
#[must_use]
pub fn all(deck: &Deck) -> Vec<CardEntry> {
    let shown: Vec<Vec<Demo>> = (0..deck.slides.len())
        .map(|slide| deck.panes(slide).into_iter().map(|pane| pane.demo).collect())
        .collect();
    let entry = |(name, demo): (String, Demo)| {
        let launch = Launch::of(&demo, &deck.scenarios).ok()?;
        let number = |(index, demos): (usize, &Vec<Demo>)| demos.contains(&demo).then_some(index + 1);
        Some(CardEntry { name, slides: shown.iter().enumerate().filter_map(number).collect(), launch })
    };
    deck.demos().into_iter().filter_map(entry).collect()
}

/// What a person is asked, and what the answer is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Names what would run, to the last byte: the answer is an answer to this and nothing else.
    pub fingerprint: String,
    /// The files that changed since the person last agreed to this deck; empty when that never was, or is not known.
    pub changed: Vec<String>,
    /// Why the answer holds for this session only, in a clause; none when it is kept.
    pub each_session: Option<String>,
    /// Whether the answer holds for one start only, for the reason that `each_session` gives.
    pub each_start: bool,
    /// What would be started.
    pub entries: Vec<CardEntry>,
}
