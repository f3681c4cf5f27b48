//! A bench's scenario, as it is written: what is started, what is asked of it, and how it is measured. Its JSON
//! Schema in `assets/` is made from these types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RuntimeName;

/// A scenario file: servers that are compared under the same load.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Scenario {
    /// What is compared, in a few words.
    pub title: String,
    /// The directory the servers run in, relative to the scenario file; its own directory by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// Environment variables of every variant.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The database the application finds in `DATABASE_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<Database>,
    /// Commands that run once for each runtime before its first server starts: migrations, test data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prepare: Vec<Vec<String>>,
    /// The path (and query) that is requested.
    pub path: String,
    /// What a right answer is.
    pub check: AnswerCheck,
    /// A path that answers with JSON about the worker that answers: `pid`, `gil`, `free_threaded`, `python`,
    /// `thread`, and `settings`, an object of whatever has to be alike in all variants. It is read at the start, after the first requests
    /// and at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// What the variants differ in on purpose, besides the GIL and what each of them verifies: names of packages, of environment variables,
    /// of the worker's `settings`; `Python`, `PGO`, `LTO`, a configure flag, `threads`. Other differences are named beside the verdict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// Packages whose time is what is measured, besides the application's own files and the standard library: `[django]` when
    /// nothing is said. When others have more than a third of a variant's profile, that stands beside the verdict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub under_test: Vec<String>,
    /// The load.
    pub load: Load,
    /// What is compared: two at least, six at most.
    pub variants: Vec<Variant>,
}

/// One side of a benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Variant {
    /// Its name on screen.
    pub name: String,
    /// Which Python it runs on; none for servers in other languages. `python` and the programs of that runtime's
    /// environment are found first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeName>,
    /// The server and its arguments. `{port}` is a free port on 127.0.0.1, `{socket}` the path of a Unix socket; one of
    /// them has to be there.
    pub command: Vec<String>,
    /// Environment variables of this variant.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The name of the variant that this one is compared with. When no variant says it, the first on a free-threaded
    /// build is compared with every other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// What the answer of `identity` has to say before this variant is measured: `{psycopg: c}`. The recording keeps it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub verify: BTreeMap<String, String>,
    /// A path for this variant alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Which database a scenario needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Database {
    /// A file in a temporary directory.
    Sqlite,
    /// A private server that is started for the run, or the one at `DATABASE_URL`.
    Postgresql,
}

/// What a right answer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct AnswerCheck {
    /// Its HTTP status.
    pub status: u16,
    /// A text that its body contains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// Whether every variant gives the same body, byte by byte.
    pub same: bool,
}

impl Default for AnswerCheck {
    fn default() -> Self {
        Self { status: 200, contains: None, same: false }
    }
}

/// The load of a bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Load {
    /// Connections that ask again as soon as they are answered, from 1 to 512.
    pub connections: u16,
}

impl Default for Load {
    fn default() -> Self {
        Self { connections: 8 }
    }
}
