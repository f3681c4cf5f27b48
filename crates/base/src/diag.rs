//! What is wrong with a deck, where, and what to do about it.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::plain;

/// How bad a [`Diagnostic`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is ignored, and the deck is otherwise shown as written.
    Warning,
    /// Something cannot be shown as written: `greenroom check` exits with 1.
    Error,
}

/// A place in a source file: enough to print the line and point into it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Location {
    /// The file, relative to the deck folder, with `/` between parts.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters of the line are meant; at least 1.
    pub length: usize,
    /// The line's text, cut to 200 characters, without its line break.
    pub text: String,
}

impl Location {
    /// Longer source lines are cut: a snippet is for reading.
    pub(crate) const MAX_TEXT: usize = 200;

    /// The place of `range` (bytes) in `source`. An offset outside of it is moved to its end.
    #[must_use]
    pub fn locate(file: &str, source: &str, range: Range<usize>) -> Self {
        let start = floor_boundary(source, range.start);
        let end = floor_boundary(source, range.end).max(start);
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
        let line = source[..start].bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = source[line_start..start].chars().count() + 1;
        let length = source[start..end.min(line_end)].trim_end().chars().count().max(1);
        let text = source[line_start..line_end].trim_end();
        Self { file: file.to_owned(), line, column, length, text: clean(text, Self::MAX_TEXT) }
    }

    /// A whole file, when no line of it is to blame.
    #[must_use]
    pub fn file(file: &str) -> Self {
        Self { file: file.to_owned(), line: 1, column: 1, length: 1, text: String::new() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One thing wrong with a deck.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// Whether the deck shows as written in spite of it.
    pub severity: Severity,
    /// What happened, in one sentence without a full stop.
    pub message: String,
    /// Where, when a place is to blame.
    pub place: Option<Location>,
    /// What to do next, when there is something to say.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error at `place`.
    #[must_use]
    pub fn error(place: Location, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into(), place: Some(place), hint: None }
    }

    /// A warning at `place`.
    #[must_use]
    pub fn warning(place: Location, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(place, message) }
    }

    /// The same with `hint` to say what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// As a compiler would print it: message, place, snippet, hint.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let level = match self.severity {
            Severity::Warning => Level::WARNING,
            Severity::Error => Level::ERROR,
        };
        // Columns count characters of the line as it stands, so each becomes one character again.
        let (message, hint) = (plain::lines(&self.message), self.hint.as_deref().map(plain::lines));
        let place = self
            .place
            .as_ref()
            .map(|place| (place, plain::one_line(&place.file), clean(&place.text, Location::MAX_TEXT)));
        let mut group = level.primary_title(&*message).elements(None::<annotate_snippets::Message<'_>>);
        if let Some((place, file, text)) = &place {
            let start = byte_of_column(text, place.column);
            let end = byte_of_column(text, place.column + place.length).max(start);
            group = group.element(
                Snippet::source(text.as_str())
                    .path(&**file)
                    .line_start(place.line)
                    .annotation(AnnotationKind::Primary.span(start..end)),
            );
        }
        if let Some(hint) = &hint {
            group = group.element(Level::HELP.message(&**hint));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

impl fmt::Display for Diagnostic {
    /// One line: `file:line:column: message (hint)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

/// A value, and everything that was wrong on the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warned<T> {
    /// The best value that could be made.
    pub value: T,
    /// In the order of the source.
    pub problems: Vec<Diagnostic>,
}

/// The candidate nearest to `word`, when it is near enough to be a slip of the keyboard.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `text` without characters that a terminal obeys, at most `max` characters long: each is one character as before.
fn clean(text: &str, max: usize) -> String {
    let cut: String = text.chars().take(max).map(|c| if c == '\t' { ' ' } else { c }).collect();
    plain::same_length(&cut)
}

fn byte_of_column(text: &str, column: usize) -> usize {
    text.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| at)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Names in a sentence: `a, b, c`.
#[must_use]
pub fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
