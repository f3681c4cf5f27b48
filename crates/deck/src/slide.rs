//! A slide: what shows at once.

use std::time::Duration;

use super::{Node, Placed, Step, Text};
use greenroom_base::diag::Diagnostic;

/// What a slide is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlideKind {
    /// The title of the talk, drawn from the outline.
    Title,
    /// The divider before section `n`, counted from 0, drawn from the outline.
    Section(usize),
    /// Written by the author.
    Content,
}

/// How one slide becomes the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transition {
    /// At once.
    #[default]
    None,
    /// The old one fades into the background, the new one out of it.
    Fade,
    /// The new one pushes the old one aside.
    Slide,
}

/// Where a slide was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// Relative to the deck folder.
    pub file: String,
    /// Its first line, from 1.
    pub line: usize,
    /// Its last line.
    pub end: usize,
}

/// A slide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slide {
    /// What it is for.
    pub kind: SlideKind,
    /// Which section it belongs to, from 0; none before the first.
    pub section: Option<usize>,
    /// Drawn at the top, big; empty when the slide has none.
    pub title: Text,
    /// What it holds, from top to bottom.
    pub body: Vec<Node>,
    /// The speaker's notes, Markdown; empty when there are none.
    pub notes: String,
    /// The figures in the notes; none once they are filled in.
    pub note_figures: Placed,
    /// The last step: 0 for a slide that shows at once.
    pub last_step: Step,
    /// Whether the footer shows under it.
    pub footer: bool,
    /// How long it should take, when its author says so.
    pub budget: Option<Duration>,
    /// How it comes, when its author says so.
    pub transition: Option<Transition>,
    /// Where it was written.
    pub origin: Origin,
    /// What is wrong with it, shown on it.
    pub problems: Vec<Diagnostic>,
}
