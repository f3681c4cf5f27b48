//! Blocks that are drawn: diagrams and formulas.

use std::sync::Arc;

use super::reader::{Raw, Reader};
use greenroom_base::diag::Severity;
use greenroom_base::text::clean_code;
use greenroom_deck::{Block, Code, Notation};
use greenroom_diagram::{formula, image};
use greenroom_markup::code::{FenceProblem, Info};

/// Lines of a diagram that is too long, which show in its place.
const MAX_SHOWN: usize = 200;

impl Reader<'_, '_> {
    /// A block that is drawn, if this is one: its notation is known, and nothing in its first line asks for code.
    pub(super) fn drawn_block(&mut self, raw: &Raw, info: &Info) -> bool {
        let Some(notation) = Notation::of(&info.language.to_ascii_lowercase()) else { return false };
        let renders = info.run.as_ref().is_some_and(|run| run.renders);
        let other_run = info.run.is_some() && !renders;
        let is_code = info.as_code || other_run || info.file.is_some() || info.drawing.is_some();
        if is_code || (!renders && (info.numbers || !info.stages.is_empty())) {
            return false;
        }
        let source = clean_code(&raw.text);
        if source.trim().is_empty() {
            return false;
        }
        if let Err(error) = greenroom_diagram::fits(notation, &source) {
            let hint = "its first lines show as code; draw it before the talk and show the picture";
            self.code_fault(raw, FenceProblem::error(&info.language, error.message, hint));
            let lines: Vec<&str> = source.lines().take(MAX_SHOWN).collect();
            self.add(Block::Code(Arc::new(Code::plain("", lines.join("\n")))));
            return true;
        }
        let (notation, source) = match notation {
            Notation::Latex | Notation::Formula => self.latex(raw, notation, source),
            notation => (notation, source),
        };
        let line = self.source.line(raw.offset(0));
        let mut image = match notation {
            Notation::Formula => image::formula(&source, (&self.source.file, line)),
            notation => image::diagram(notation, &source, (&self.source.file, line)),
        };
        image.width = info.width;
        self.add(Block::Image(image));
        true
    }

    /// What a block of LaTeX is: a formula, unless it is a document. What is wrong with a formula is said.
    fn latex(&mut self, raw: &Raw, notation: Notation, source: String) -> (Notation, String) {
        let (start, inner) = image::undelimited(&source);
        let Err(error) = formula::line(inner) else { return (Notation::Formula, inner.to_owned()) };
        if notation == Notation::Latex && image::is_document(&source) {
            return (Notation::Latex, source);
        }
        let at = raw.offset(start + error.at);
        let hint = "its source shows; where the source is meant, write `+no_render` behind the fence";
        self.report(Severity::Error, at..at + 1, error.message, hint);
        (Notation::Formula, inner.to_owned())
    }
}
