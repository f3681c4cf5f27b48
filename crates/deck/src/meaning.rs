//! What a word says about what it stands for.

/// Whether a word is good news: `often` and `not seen` in a table of bugs, `ahead` and `behind` in one of servers. It is
/// shown by a colour and by a sign, so that nothing hangs on the colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// As one would have it: not seen, ahead, yes.
    Good,
    /// In between: rare, close, with conditions.
    Fair,
    /// As one would not: often, behind, no.
    Bad,
}

impl Meaning {
    /// The one that an author calls `name`.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Some(match name {
            "good" => Self::Good,
            "fair" => Self::Fair,
            "bad" => Self::Bad,
            _ => return None,
        })
    }

    /// What stands before the word, one column wide.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Fair => "~",
            Self::Bad => "✗",
        }
    }
}
