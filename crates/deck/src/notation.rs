//! How texts are written that are drawn.

/// How a drawing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Notation {
    /// Mermaid's diagrams.
    Mermaid,
    /// Graphviz.
    Dot,
    /// D2's diagrams.
    D2,
    /// A document of Typst.
    Typst,
    /// A document of LaTeX.
    Latex,
    /// A formula, as LaTeX writes it.
    Formula,
}

impl Notation {
    /// Each of them.
    pub const ALL: [Self; 6] = [Self::Mermaid, Self::Dot, Self::D2, Self::Typst, Self::Latex, Self::Formula];

    /// That of a block of code in this language.
    #[must_use]
    pub fn of(language: &str) -> Option<Self> {
        Some(match language {
            "mermaid" => Self::Mermaid,
            "dot" | "graphviz" | "gv" => Self::Dot,
            "d2" => Self::D2,
            "typst" => Self::Typst,
            "latex" | "tex" => Self::Latex,
            "math" => Self::Formula,
            _ => return None,
        })
    }

    /// As a word of a command line and of a file's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mermaid => "mermaid",
            Self::Dot => "dot",
            Self::D2 => "d2",
            Self::Typst => "typst",
            Self::Latex => "latex",
            Self::Formula => "formula",
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mermaid => "Mermaid",
            Self::Dot => "DOT",
            Self::D2 => "D2",
            Self::Typst => "Typst",
            Self::Latex => "LaTeX",
            Self::Formula => "formula",
        }
    }

    /// The one that this word stands for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notation| notation.word() == word)
    }
}
