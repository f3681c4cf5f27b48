//! Where a text has figures: `{{recordings/a.ndjson rate 2}}`, a number that is read from a recording.
//!
//! Templates of Django, Jinja, Vue, Go and others are written in the same braces, so that only this is a figure:
//!
//! - It stands on one line, in running text: no code, no tag, no address of a link. No backslash stands before it.
//! - Its first word is the path of a recording: it ends in `.ndjson` or `.cast`, and begins with a letter, a digit, `_` or
//!   `./` (`.Values.x` and `$x` are templates).
//! - A path without a folder is followed by a word that is no operator: `{{ movie.cast }}`, `{{ movie.cast|join:", " }}` and
//!   `{{ movie.cast if movie else "" }}` are templates, `{{movie.ndjson rate 1}}` is a figure.
//!
//! What is wrong with a figure is found when it is read, not here.

use std::ops::Range;

/// How a recording's name ends.
const ENDINGS: [&str; 2] = [".ndjson", ".cast"];

/// What stands between two values in the templates of others.
const OPERATORS: [&str; 11] =
    ["and", "as", "else", "for", "if", "in", "instanceof", "is", "not", "or", "unless"];

/// A longer text between braces is none.
const MAX_FIGURE_CHARS: usize = 300;

/// Where figures stand in `text`, by their braces and what is between.
#[must_use]
pub fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    // One sign is looked for, which is many times as fast as two, and most texts have none.
    while let Some(start) = text.get(at..).and_then(|rest| rest.find('{')).map(|start| at + start) {
        at = start + 1;
        if !text.get(at..).is_some_and(|rest| rest.starts_with('{')) {
            continue;
        }
        at += 1;
        let inner = text.get(at..).unwrap_or_default();
        let Some(length) = inner.find(['{', '}', '\n', '`', '<', '>', '|', '\\', '&', '"', '[', ']']) else {
            continue;
        };
        let escaped = text.get(..start).is_some_and(|before| before.ends_with(['\\', '{']));
        let (inner, after) = inner.split_at(length);
        if length <= MAX_FIGURE_CHARS && after.starts_with("}}") && !escaped && names_a_number(inner) {
            at += length + 2;
            found.push(start..at);
        }
    }
    found
}

/// Whether what stands between two pairs of braces asks for a number of a recording.
fn names_a_number(inner: &str) -> bool {
    let mut words = inner.split_whitespace();
    let path = words.next().unwrap_or_default();
    let begins = path.trim_start_matches("../").trim_start_matches("./");
    let recording = ENDINGS.iter().any(|ending| path.len() > ending.len() && path.ends_with(ending))
        && begins.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && !path.contains(['\'', '(', ')', '$', '*', '%', '=', ',', ';', ':']);
    let word =
        |word: &str| !OPERATORS.contains(&word) && word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    recording && (path.contains('/') || words.next().is_some_and(word))
}
