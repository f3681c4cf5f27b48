//! What a person has that runs code of a language: their own settings, and never a deck's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where the path of the code's file goes in [`Executor::command`].
pub const FILE: &str = "{file}";

/// What runs code of a language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Executor {
    /// The program and its arguments; [`FILE`] in them is the path of the file that the code is written to.
    pub command: Vec<String>,
    /// What that file is called.
    pub file: String,
    /// Environment variables for the program.
    pub env: BTreeMap<String, String>,
}

/// Executors by what they are asked for with: a language (`rust`), or a language and a name (`rust:script` for `+exec:script`).
pub type Executors = BTreeMap<String, Executor>;
