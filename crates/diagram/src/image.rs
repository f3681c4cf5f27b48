//! Texts as pictures of a slide, before they are drawn.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use greenroom_base::text::clean_code;
use greenroom_deck::{Code, Diagram, Image, Notation, Text};

use crate::formula;

/// The room that a diagram asks for before it is drawn, in pixels: the whole width.
const ROOM: (u32, u32) = (1280, 720);
/// What a text of LaTeX has that is more than a formula.
const DOCUMENT: [&str; 9] = [
    "\\documentclass",
    "\\usepackage",
    "\\begin{document}",
    "\\section",
    "\\begin{itemize}",
    "\\begin{enumerate}",
    "\\begin{tikzpicture}",
    "\\tikz",
    "\\item",
];

/// Whether a text of LaTeX is more than a formula.
#[must_use]
pub fn is_document(source: &str) -> bool {
    DOCUMENT.iter().any(|sign| source.contains(sign))
}

/// The formula in what may have TeX's delimiters around it.
///
/// It is given with the byte that it begins at.
#[must_use]
pub fn undelimited(source: &str) -> (usize, &str) {
    let trimmed = source.trim();
    let pairs = [("\\[", "\\]"), ("$$", "$$"), ("\\(", "\\)"), ("$", "$")];
    let inner = pairs.iter().find_map(|(open, close)| {
        let inner = trimmed.strip_prefix(open)?.strip_suffix(close)?;
        (!inner.contains(open)).then_some(inner)
    });
    let inner = inner.unwrap_or(trimmed);
    (source.find(inner).unwrap_or(0), inner)
}

/// The picture of a formula.
#[must_use]
pub fn formula(source: &str, place: (&str, usize)) -> Image {
    let code = match formula::text(source) {
        Some(line) => Code { bare: true, ..Code::plain("", line) },
        None => Code::plain("latex", clean_code(source)),
    };
    let pixels = formula::size(source).unwrap_or((400, 80));
    image(Notation::Formula, source, place, code, pixels)
}

/// The picture of a diagram.
#[must_use]
pub fn diagram(notation: Notation, source: &str, place: (&str, usize)) -> Image {
    image(notation, source, place, Code::plain(notation.word(), source.to_owned()), ROOM)
}

fn image(
    notation: Notation,
    source: &str,
    (file, line): (&str, usize),
    twin: Code,
    pixels: (u32, u32),
) -> Image {
    let mut hasher = DefaultHasher::new();
    (notation, source).hash(&mut hasher);
    let diagram =
        Diagram { notation, source: Arc::from(source), file: Arc::from(file), line, twin: Arc::new(twin) };
    Image {
        // Nothing of the deck is called so: no file's name on a slide has a blank before its colon.
        path: format!("{} :{:016x}", notation.word(), hasher.finish()),
        alt: Text::default(),
        caption: Text::default(),
        width: None,
        align: None,
        pixels,
        drawn_from: Some(Arc::new(diagram)),
    }
}
