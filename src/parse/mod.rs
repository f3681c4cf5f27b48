//! From files to a [`Deck`]: the YAML outline, the Markdown of its sections, themes, pane blocks.
//!
//! Nothing here fails: what is wrong becomes a [`crate::diag::Diagnostic`], and the rest of the deck opens.

mod theme;

use std::sync::Arc;

pub use theme::{builtin_theme, theme_names};

use crate::deck::{Deck, Origin, Outline, Slide, SlideKind, Text};
use crate::files::Files;

/// Opens the deck whose outline is at `entry` (`talk.yaml`), or the single Markdown file `entry` (`x.md`).
///
/// Never fails: what is wrong is in [`Deck::problems`].
#[must_use]
pub fn deck(_files: &dyn Files, entry: &str) -> Deck {
    let slide = Slide {
        kind: SlideKind::Title,
        section: None,
        title: Text::plain(entry),
        body: Vec::new(),
        notes: String::new(),
        last_step: 0,
        footer: true,
        origin: Origin { file: entry.to_owned(), line: 1, end: 1 },
        problems: Vec::new(),
    };
    let theme = theme::default_theme();
    Deck {
        outline: Outline::default(),
        slides: vec![Arc::new(slide)],
        theme: Arc::new(theme),
        problems: Vec::new(),
    }
}

/// The JSON Schema of `talk.yaml`, pretty-printed.
#[must_use]
pub fn outline_schema() -> String {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Outline)).unwrap_or_default();
    text.push('\n');
    text
}
