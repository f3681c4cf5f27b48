//! Who gives a talk.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// One of several speakers: `Ada`, or `{name: Ada, affiliation: Analytical Engines}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Speaker {
    /// What they are called.
    pub name: String,
    /// Where they come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affiliation: Option<String>,
}

/// As it is written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Name(String),
    Map {
        #[serde(default)]
        name: String,
        #[serde(default)]
        affiliation: Option<String>,
    },
}

impl From<Written> for Speaker {
    fn from(written: Written) -> Self {
        match written {
            Written::Name(name) => Self { name, affiliation: None },
            Written::Map { name, affiliation } => Self { name, affiliation },
        }
    }
}

impl JsonSchema for Speaker {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Speaker".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A speaker: a name, or a map with a name and an affiliation.",
            "type": ["string", "object"],
            "properties": {
                "name": { "description": "What they are called.", "type": "string" },
                "affiliation": { "description": "Where they come from.", "type": "string" },
            },
            "additionalProperties": false,
            "required": ["name"],
        })
    }
}
