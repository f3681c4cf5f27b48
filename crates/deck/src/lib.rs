//! What a deck is, as plain values: `greenroom_parse` makes them, everything after reads them.

mod audience;
mod block;
mod cover;
mod executor;
mod figure;
mod glance;
mod interpolate;
mod keyboard;
pub mod launch;
mod meaning;
mod notation;
mod outline;
mod pane;
mod plain_text;
pub mod plan;
mod qr;
mod role;
mod runtime;
mod scale;
mod scenario;
mod script;
mod slide;
mod speaker;
mod theme;
mod time_limit;

pub use block::{
    Alert, Align, Block, Cell, CellAlign, Code, Columns, Definition, Diagram, Image, LineFocus, List,
    ListItem, Mark, Node, Span, Step, Table, Text,
};
pub use cover::Cover;
pub use executor::{Executor, Executors, FILE as EXECUTOR_FILE};
pub use figure::{Figure, Placed, Reading};
pub use greenroom_base::color::Rgb;
pub use keyboard::is_interactive;
pub use meaning::Meaning;
pub use notation::Notation;
pub use outline::{Chart, Demo, DemoKind, Expect, Fallback, Focus, Follow, Leave, Outline, Section, Start};
pub use pane::{PaneHeight, PaneId, PaneSpec};
pub use qr::Qr;
pub use role::Role;
pub(crate) use runtime::MAX_RUNTIMES;
pub use runtime::{Interpreter, NamedRuntime, RuntimeName};
pub use scale::{Scale, WrittenScale};
pub use scenario::{AnswerCheck, Database, Load, Scenario, Variant};
pub use script::{
    KEY_NAMES, Pressed, READY, Script, ScriptStep, Sought, StepFault, StepKeys, Wait, WrittenStep,
    step_faults,
};
pub use slide::{Origin, Slide, SlideKind, Transition};
pub use speaker::Speaker;
pub use theme::{Corner, FooterText, Length, Logo, Margin, Pair, Syntax, Theme};

use std::collections::BTreeMap;
use std::sync::Arc;

use greenroom_base::diag::Diagnostic;

/// A deck, ready to be given as a talk.
#[derive(Debug, Clone)]
pub struct Deck {
    /// Title, speaker, plan, demos.
    pub outline: Outline,
    /// Never empty: the first is the title slide, and each section begins with a divider.
    pub slides: Vec<Arc<Slide>>,
    /// The colours it asks for.
    pub theme: Arc<Theme>,
    /// The scenarios of its benches, by their paths as the demos write them.
    pub scenarios: BTreeMap<String, Arc<Scenario>>,
    /// The figures in the outline's titles and lines; none once they are filled in ([`Deck::interpolate`]).
    pub figures: Vec<Arc<Figure>>,
    /// Everything found wrong, in the order of the sources. What concerns a slide is in [`Slide::problems`] too.
    pub problems: Vec<Diagnostic>,
}

impl Deck {
    /// More problems than these are not listed.
    pub const MAX_PROBLEMS: usize = 500;

    /// The index of the divider slide of section `number`, counted from 0.
    #[must_use]
    pub fn section_start(&self, number: usize) -> Option<usize> {
        // Slides stand in the order of their sections, and each section begins with its divider.
        let first = self.slides.partition_point(|slide| slide.section < Some(number));
        let kind = &self.slides.get(first)?.kind;
        (*kind == SlideKind::Section(number)).then_some(first)
    }
}

impl Deck {
    /// The same for decks with the same outline and slides: 16 hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use std::fmt::Write as _;
        let mut hash = Fnv::default();
        // A hash takes everything.
        // How large it is drawn is no other deck.
        let _ = write!(hash, "{:?}", Outline { scale: None, ..self.outline.clone() });
        for slide in &self.slides {
            let _ = write!(hash, "{:?}{:?}{:?}", slide.title, slide.body, slide.notes);
        }
        hash.to_string()
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): to tell two things apart that nobody forges, and to name files.
#[derive(Debug, Clone, Copy)]
pub struct Fnv(u64);

impl Fnv {
    /// That of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        text.bytes().fold(Self::default(), Self::and)
    }

    /// The number itself.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    fn and(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl std::fmt::Write for Fnv {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        *self = text.bytes().fold(*self, Self::and);
        Ok(())
    }
}

impl std::fmt::Display for Fnv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
