//! The title slide's picture.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The title slide's picture: `art.svg`, or `{image: art.svg, alt: What it shows}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Cover {
    /// Its file.
    pub image: String,
    /// What it shows, for those who do not see it; without words it stands for the talk's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
}

/// As it is written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    File(String),
    Map {
        #[serde(default)]
        image: String,
        #[serde(default)]
        alt: Option<String>,
    },
}

impl From<Written> for Cover {
    fn from(written: Written) -> Self {
        match written {
            Written::File(image) => Self { image, alt: None },
            Written::Map { image, alt } => Self { image, alt },
        }
    }
}

impl JsonSchema for Cover {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cover".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The title slide's picture: a file of the deck, or a map with the file and what it shows.",
            "type": ["string", "object"],
            "properties": {
                "image": { "description": "The picture's file.", "type": "string" },
                "alt": { "description": "What it shows, for those who do not see it.", "type": "string" },
            },
            "additionalProperties": false,
            "required": ["image"],
        })
    }
}
