//! The layouts that a slide may ask for.

/// What a slide is to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Block below block, whatever is on it.
    Plain,
    /// A quote in large letters, with its author.
    Quote,
    /// A number as large as it fits, and a line on what it counts.
    Number,
    /// A picture that fills the room, with its caption.
    Picture,
    /// Code as large as it fits, up to twice as large as other text.
    Code,
    /// Its heading in the middle, as a divider has it.
    Section,
    /// Its blocks in two columns.
    Columns,
}

impl Layout {
    /// The one called `name`.
    #[must_use]
    pub(crate) fn read(name: &str) -> Option<Self> {
        Some(match name {
            "plain" => Self::Plain,
            "quote" => Self::Quote,
            "number" => Self::Number,
            "picture" => Self::Picture,
            "code" => Self::Code,
            "section" => Self::Section,
            "columns" => Self::Columns,
            _ => return None,
        })
    }

    /// What a slide needs to be laid out so.
    const fn needs(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Quote => "a quote (`> …`) and nothing else but a line on who said it",
            Self::Number => {
                "a paragraph or heading of at most 12 characters, and at most one paragraph below it"
            }
            Self::Picture => "a picture on a line of its own, and at most one paragraph below it",
            Self::Code => "a block of code, and at most one paragraph below it",
            Self::Section => "a title",
            Self::Columns => "at least two blocks, and no columns of its own",
        }
    }

    /// Why a slide cannot be laid out so, and what to do.
    #[must_use]
    pub fn refusal(self) -> (String, String) {
        (format!("`layout: {}` does not suit this slide", self.name()), format!("it needs {}", self.needs()))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Quote => "quote",
            Self::Number => "number",
            Self::Picture => "picture",
            Self::Code => "code",
            Self::Section => "section",
            Self::Columns => "columns",
        }
    }
}
