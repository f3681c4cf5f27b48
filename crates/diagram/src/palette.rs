//! The colours that a drawing takes from a theme.

use greenroom_deck::{Rgb, Theme};

/// The colours of a drawing: those of the slide that it stands on, so that it can be read there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Palette {
    /// Behind everything; a drawing leaves it away.
    pub background: Rgb,
    /// Inside of boxes.
    pub surface: Rgb,
    /// Words and lines.
    pub text: Rgb,
    /// What is of less weight.
    pub muted: Rgb,
    /// The edges of boxes.
    pub border: Rgb,
    /// Series, slices, lanes.
    pub series: [Rgb; 6],
}

impl Palette {
    /// Those of `theme`.
    #[must_use]
    pub fn of(theme: &Theme) -> Self {
        let border = theme.accent.mix(theme.background, 0.25);
        Self {
            background: theme.background,
            surface: theme.surface,
            text: theme.text,
            muted: theme.muted,
            border,
            series: [theme.accent, theme.note, theme.good, theme.warn, theme.important, theme.bad],
        }
    }

    /// As nine words of hexadecimal digits, for a process that draws.
    #[must_use]
    pub fn to_words(&self) -> String {
        let all = [self.background, self.surface, self.text, self.muted, self.border];
        let words: Vec<String> = all.iter().chain(&self.series).map(|color| hex(*color)).collect();
        words.join(" ")
    }

    /// What [`Palette::to_words`] wrote.
    #[must_use]
    pub fn from_words(words: &str) -> Option<Self> {
        let mut colors = words.split(' ').map(Rgb::parse);
        let mut next = || colors.next().flatten();
        Some(Self {
            background: next()?,
            surface: next()?,
            text: next()?,
            muted: next()?,
            border: next()?,
            series: [next()?, next()?, next()?, next()?, next()?, next()?],
        })
    }
}

/// `#rrggbb`.
pub(crate) fn hex(Rgb(r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}
