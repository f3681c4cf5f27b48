//! Diagrams and formulas: each drawn once, to say what is wrong with it where it stands.

use std::collections::BTreeSet;

use crate::runner::diagram::Drawer;
use crate::runner::picture::Decoder;
use greenroom_base::diag::{Diagnostic, Location};
use greenroom_base::files::Files;
use greenroom_deck::{Deck, Notation};

/// The longest text that is read for a place in it, in bytes.
const MAX_TEXT: u64 = 32 << 20;

/// An error for each diagram that cannot be drawn.
pub(crate) fn problems(deck: &Deck, files: &dyn Files) -> Vec<Diagnostic> {
    let drawer = Drawer::new(Decoder::this());
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for (path, diagram) in (0..deck.slides.len()).flat_map(|slide| deck.diagrams(slide)) {
        // What is wrong with a formula was said when it was read.
        if !seen.insert(path) || diagram.notation == Notation::Formula {
            continue;
        }
        if !greenroom_diagram::draws(diagram.notation) {
            let message = format!("{} is not drawn: its source shows", diagram.notation.name());
            let hint = "draw it before the talk and show it with `![what it shows](picture.svg)`; `+no_render` behind the fence says that the source is meant";
            problems.push(Diagnostic::warning(place(files, &diagram.file, diagram.line), message).hint(hint));
            continue;
        }
        if let Err(error) = drawer.svg(&diagram, &deck.theme) {
            let line = diagram.line + error.line.saturating_sub(1);
            let message =
                format!("the {} diagram cannot be drawn: {}", diagram.notation.name(), error.message);
            problems.push(Diagnostic::error(place(files, &diagram.file, line), message));
        }
    }
    problems
}

/// A line of a file of the deck.
fn place(files: &dyn Files, file: &str, line: usize) -> Location {
    let text = files.read(file, MAX_TEXT).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let rest = text.get(start..).unwrap_or_default();
    let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let length = rest.find('\n').unwrap_or(rest.len());
    Location::locate(file, &text, start + indent.min(length)..start + length)
}
