//! How large slides are drawn.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// `scale:` as it is written in `talk.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WrittenScale {
    /// `1.5`
    Times(f64),
    /// `auto` or `off`
    Word(String),
}

impl JsonSchema for WrittenScale {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scale".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How large slides are drawn: auto, off, or how many times as large as the terminal's letters (1.5).",
            "type": ["string", "number"],
        })
    }
}

/// How large slides are drawn, where the terminal can draw larger than its own letters.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Scale {
    /// So that a slide of some 90 columns fills the window.
    #[default]
    Auto,
    /// In the terminal's own letters.
    Off,
    /// So many times as large, from 1 to [`Scale::MOST`].
    Times(f32),
}

impl Scale {
    /// The largest: eight times.
    pub const MOST: f32 = 8.0;
}

impl WrittenScale {
    /// What it means; none for another word, or a number that is no scale.
    #[must_use]
    pub fn read(&self) -> Option<Scale> {
        match self {
            Self::Word(word) if word == "auto" => Some(Scale::Auto),
            Self::Word(word) if word == "off" => Some(Scale::Off),
            Self::Word(_) => None,
            #[allow(clippy::cast_possible_truncation)] // a small number
            Self::Times(times) => {
                (1.0..=f64::from(Scale::MOST)).contains(times).then_some(Scale::Times(*times as f32))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_a_word_or_a_small_number() {
        let word = |word: &str| WrittenScale::Word(word.to_owned()).read();
        assert_eq!((word("auto"), word("off"), word("on")), (Some(Scale::Auto), Some(Scale::Off), None));
        let times = |times| WrittenScale::Times(times).read();
        assert_eq!((times(1.5), times(8.0)), (Some(Scale::Times(1.5)), Some(Scale::Times(8.0))));
        for wrong in [0.0, 0.99, -2.0, 8.1, f64::NAN, f64::INFINITY] {
            assert_eq!(times(wrong), None, "{wrong}");
        }
    }
}
