//! Which Python a demo asks for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The runtimes that a demo can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuntimeName {
    /// Python without the GIL.
    FreeThreaded,
    /// Python with it.
    Gil,
}
