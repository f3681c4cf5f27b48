//! The Markdown of a slide, as a tree of blocks.

use std::sync::Arc;

use bitflags::bitflags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Figure, Meaning, Notation, PaneSpec, Qr, Rgb, Role, figure};

/// A reveal within a slide, counted from 0. What has step 2 shows from the second press of "next" on.
pub type Step = u16;

bitflags! {
    /// How a stretch of text is marked. Marks combine.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Mark: u16 {
        /// `**strong**`
        const STRONG = 1;
        /// `*emphasis*`
        const EMPHASIS = 1 << 1;
        /// `~~strikethrough~~`
        const STRIKE = 1 << 2;
        /// `` `code` ``
        const CODE = 1 << 3;
        /// `^superscript^`
        const SUPER = 1 << 4;
        /// `~subscript~`
        const SUB = 1 << 5;
        /// The text of a link, or its address.
        const LINK = 1 << 6;
        /// The number of a footnote.
        const FOOTNOTE = 1 << 7;
        /// `<u>underline</u>`
        const UNDERLINE = 1 << 8;
    }
}

/// A stretch of text with one look. `\n` in it is a hard line break; there is no other control character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// What it says.
    pub text: String,
    /// How it is marked.
    pub mark: Mark,
    /// Where it links to.
    pub link: Option<Arc<str>>,
    /// A colour that the author gave, `<span style="color: …">`.
    pub foreground: Option<Rgb>,
    /// A background that the author gave.
    pub background: Option<Rgb>,
    /// Whether what it says is good news: the author's `<span class="good">`, or the word of a figure in a table.
    pub meaning: Option<Meaning>,
    /// What the author says it means, `<span class="good">`: the theme's colour for it.
    pub role: Option<Role>,
    /// The figure whose number will stand here in place of the text; none once it does.
    pub figure: Option<Arc<Figure>>,
}

/// Text on one paragraph, as its spans.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Text(pub Vec<Span>);

impl Text {
    /// Text without marks.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![Span { text: text.into(), ..Span::default() }])
    }

    /// `text` without marks, in which each of `figures` is a span of its own where it is written.
    #[must_use]
    pub fn with_figures(text: &str, figures: &[Arc<Figure>]) -> Self {
        let mut spans = Vec::new();
        let mut push = |text: &str, figure: Option<Arc<Figure>>| {
            if !text.is_empty() {
                spans.push(Span { text: text.to_owned(), figure, ..Span::default() });
            }
        };
        let mut done = 0;
        for (range, figure) in figure::placed(text, figures) {
            push(text.get(done..range.start).unwrap_or_default(), None);
            push(&figure.written, Some(Arc::clone(&figure)));
            done = range.end;
        }
        push(text.get(done..).unwrap_or_default(), None);
        Self(spans)
    }

    /// The figures in it.
    pub fn figures(&self) -> impl Iterator<Item = &Arc<Figure>> {
        self.0.iter().filter_map(|span| span.figure.as_ref())
    }

    /// Only the characters.
    #[must_use]
    pub fn to_plain(&self) -> String {
        self.0.iter().map(|span| span.text.as_str()).collect()
    }

    /// Whether there is nothing to see.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|span| span.text.trim().is_empty())
    }
}

/// Where text stands between the sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    /// At the left side.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right side.
    Right,
}

/// A block at the top level of a slide (or of one of its columns), with what the directives before it said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node {
    /// What.
    pub block: Block,
    /// From which step on it shows.
    pub step: Step,
    /// Where its text stands.
    pub align: Align,
    /// `font_size`: 1 for plain text, to 7.
    pub scale: u8,
}

/// A piece of a slide.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Block {
    /// A heading inside of the slide, level 1 to 6. The slide's own title is [`super::Slide::title`].
    Heading(u8, Text),
    /// A paragraph.
    Paragraph(Text),
    /// A bulleted, numbered or task list.
    List(List),
    /// A block quote.
    Quote(Vec<Block>),
    /// `> [!NOTE]` and its kin, with the title that the author gave, if one was given.
    Alert(Alert, Text, Vec<Block>),
    /// A block of code.
    Code(Arc<Code>),
    /// A table.
    Table(Table),
    /// A rule (`***`).
    Rule,
    /// A picture on a line of its own.
    Image(Image),
    /// An address for cameras.
    Qr(Qr),
    /// A definition list.
    Definitions(Vec<Definition>),
    /// The text of a footnote, with its label; drawn at the end of the slide.
    Footnote(String, Vec<Block>),
    /// Columns side by side.
    Columns(Columns),
    /// So many empty lines.
    Space(u16),
    /// What follows stands in the vertical middle of what is left of the slide.
    Middle,
    /// A live pane.
    Pane(Box<PaneSpec>),
}

/// The kinds of GFM alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alert {
    /// `[!NOTE]`
    Note,
    /// `[!TIP]`
    Tip,
    /// `[!IMPORTANT]`
    Important,
    /// `[!WARNING]`
    Warning,
    /// `[!CAUTION]`
    Caution,
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct List {
    /// The first number of a numbered list; none for bullets.
    pub first: Option<u64>,
    /// Numbers are written `1)` and not `1.`.
    pub paren: bool,
    /// Empty lines between items.
    pub spacing: u16,
    /// In order.
    pub items: Vec<ListItem>,
}

/// An item of a [`List`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListItem {
    /// `[x]` or `[ ]` before it.
    pub task: Option<bool>,
    /// From which step on it shows (incremental lists).
    pub step: Step,
    /// What it holds; its first paragraph stands beside the bullet.
    pub blocks: Vec<Block>,
}

/// A term and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Definition {
    /// The term.
    pub term: Text,
    /// One or more meanings.
    pub meanings: Vec<Vec<Block>>,
}

/// Which lines of a code block stand out at one step.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LineFocus {
    /// Every line alike.
    All,
    /// These stand out, the others are dimmed: inclusive ranges counted from 1, relative to the block's first line.
    Lines(Vec<(u32, u32)>),
}

/// A block of code.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Code {
    /// The language's token, as highlighting knows it (`python`, `rust`, …); empty for plain text.
    pub language: String,
    /// The code: no `\r`, no `\t` (expanded to 4 columns), no other control character but `\n`; no `\n` at the end.
    pub source: String,
    /// The number of the first line, when line numbers are to be shown.
    pub numbers: Option<u32>,
    /// What stands out, one entry a step, the first at the node's own step; never empty.
    pub highlights: Vec<LineFocus>,
    /// Drawn without a surface behind it (`+no_background`).
    pub bare: bool,
    /// Where it was taken from, shown as its caption: `demos/lab/x.py:12`.
    pub caption: Option<String>,
    /// The picture that lies over it where pictures can be shown (`drawing=x.svg`): a drawing whose twin in text this is.
    pub drawing: Option<Image>,
    /// The last step at which it changes, relative to the node's own step; `highlights.len() - 1`.
    pub last: Step,
}

impl Code {
    /// Code without numbers or steps: all of it stands out alike.
    #[must_use]
    pub fn plain(language: &str, source: String) -> Self {
        Self {
            language: language.to_owned(),
            source,
            numbers: None,
            highlights: vec![LineFocus::All],
            bare: false,
            caption: None,
            drawing: None,
            last: 0,
        }
    }
}

/// How a table's column stands.
pub type CellAlign = Align;

/// The text of a table's cell.
pub type Cell = Text;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Table {
    /// One for each column.
    pub aligns: Vec<CellAlign>,
    /// The header's cells, as many as columns.
    pub head: Vec<Cell>,
    /// Each as long as the header.
    pub rows: Vec<Vec<Cell>>,
    /// From which step on each row shows, where that is not the table's own; empty when it is for all.
    pub steps: Vec<Step>,
}

/// A picture of the deck.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Image {
    /// Normalized, relative to the deck folder.
    pub path: String,
    /// What it shows, in words.
    pub alt: Text,
    /// What stands below it; empty for nothing.
    pub caption: Text,
    /// Width in percent of the room it has, 1 to 100 (`![image:width:50%](…)`).
    pub width: Option<u8>,
    /// Where it stands, when its author says so; otherwise where its text does.
    pub align: Option<Align>,
    /// Pixels across and down, read from the file's header; a file that has none is not an image.
    pub pixels: (u32, u32),
    /// The text that it is drawn from, for a diagram or a formula: there is no file at its path then.
    pub drawn_from: Option<Arc<Diagram>>,
}

/// A text that a picture is drawn from, and what shows in its place where no pictures show.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagram {
    /// How it is written.
    pub notation: Notation,
    /// What is drawn.
    pub source: Arc<str>,
    /// The file of the deck that it stands in.
    pub file: Arc<str>,
    /// The line of that file that its first line is on, counted from 1.
    pub line: usize,
    /// It as text: its source, or a line of text that says the same.
    pub twin: Arc<Code>,
}

/// Columns, each a stack of nodes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Columns {
    /// Relative widths, each at least 1; as many as columns.
    pub weights: Vec<u16>,
    /// From left to right.
    pub columns: Vec<Vec<Node>>,
}
