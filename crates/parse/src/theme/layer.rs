//! One of the documents that a theme is made of.

use serde_json::{Map, Value};

use greenroom_base::diag::Location;

/// What a document says about a theme, by the keys of this program.
pub(super) struct Layer {
    /// The theme that it extends, and where that is said.
    pub extends: Option<(String, Location)>,
    /// What it is called.
    pub name: Option<Value>,
    /// Names for colours.
    pub palette: Vec<Color>,
    /// Its colours, by their keys: `muted`, `syntax.keyword`.
    pub colors: Vec<Color>,
    /// Margins, footer and the like.
    pub settings: Map<String, Value>,
}

/// A colour as it is written: by its value or by name.
#[derive(Clone)]
pub(super) struct Color {
    /// A key of the theme, or a name of the palette.
    pub key: String,
    /// `#rrggbb`, a name of CSS, or one of a palette.
    pub text: String,
    /// The key as the document has it.
    pub path: String,
    pub place: Location,
}
