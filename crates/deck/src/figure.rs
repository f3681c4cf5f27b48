//! Numbers that are read from recordings, as the author wrote them.

use std::sync::Arc;

use greenroom_base::diag::Location;

use super::Meaning;

/// A number on a slide that is read from a recording: `{{recordings/a.ndjson rate 2}}`. Until
/// [`super::Deck::interpolate`] has put the number there, the slide holds what is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Figure {
    /// As it is written, braces included.
    pub written: String,
    /// The path of the recording, relative to the deck folder.
    pub recording: String,
    /// Which number of it: what follows the path.
    pub words: Vec<String>,
    /// Where it is written.
    pub place: Location,
}

/// What a recording says in the place of a [`Figure`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The number, or the word.
    pub text: String,
    /// Of a word that judges: whether it is good news.
    pub meaning: Option<Meaning>,
}

impl<T: Into<String>> From<T> for Reading {
    fn from(text: T) -> Self {
        Self { text: text.into(), meaning: None }
    }
}

/// Figures of a string, in the order in which they stand there, each with the bytes of the string that it takes.
pub type Placed = Vec<(std::ops::Range<usize>, Arc<Figure>)>;

/// Where `figures` are written in `text`.
pub(crate) fn placed(text: &str, figures: &[Arc<Figure>]) -> Placed {
    let mut found = Placed::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("{{")).map(|start| at + start) {
        let rest = text.get(start..).unwrap_or_default();
        at = match figures.iter().find(|figure| rest.starts_with(&figure.written)) {
            Some(figure) => {
                let end = start + figure.written.len();
                found.push((start..end, Arc::clone(figure)));
                end
            }
            None => start + 2,
        };
    }
    found
}
