//! Diagrams and formulas: each drawn once, to say what is wrong with it where it stands.

use std::collections::BTreeSet;

use crate::runner::diagram::Drawer;
use crate::runner::picture::Decoder;
use crate::runner::tool::{self, Tool};
use greenroom_base::diag::{Diagnostic, Location};
use greenroom_base::files::Files;
use greenroom_deck::{Deck, Diagram, Notation};
use greenroom_render::paint::Picked;

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
            problems.extend(undrawn(&drawer, &diagram, deck, files));
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

/// What is said of a diagram that another program draws, until its picture is in the deck.
fn undrawn(drawer: &Drawer, diagram: &Diagram, deck: &Deck, files: &dyn Files) -> Option<Diagnostic> {
    let at = || place(files, &diagram.file, diagram.line);
    let path = tool::kept(diagram, &deck.theme);
    if files.head(&path, 1).is_ok() {
        return match drawer.picture(diagram, &deck.theme, files) {
            Picked::Failed(why) => Some(Diagnostic::error(at(), format!("{path} cannot be shown: {why}"))),
            Picked::Pending | Picked::Ready(_) => None,
        };
    }
    let tool = Tool::of(diagram, &deck.theme)?;
    let lacking: Vec<&str> = tool.programs().filter(|program| !tool::is_here(program)).collect();
    let name = diagram.notation.name();
    let message = format!("this {name} is not drawn yet: its source shows");
    let hint = if lacking.is_empty() {
        format!("`greenroom draw` asks, and runs {}", tool.programs().collect::<Vec<_>>().join(" and "))
    } else {
        format!(
            "install {}, and run `greenroom draw`; or write `+no_render` behind the fence",
            lacking.join(" and ")
        )
    };
    Some(Diagnostic::warning(at(), message).hint(hint))
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
