//! Which colours of a theme are drawn on which, and how far apart they have to be.

use greenroom_base::color::Rgb;

use super::Theme;

/// A colour on another one, by the names of a theme's keys.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// What is drawn: `muted`, or `syntax.comment`.
    pub ink: &'static str,
    /// Its colour.
    pub color: Rgb,
    /// What is behind it: `background` or `surface`.
    pub ground: &'static str,
    /// Its colour.
    pub behind: Rgb,
    /// The contrast that WCAG 2.2 asks for at level AA: 4.5 for text, 3 for frames and lines.
    pub least: f64,
}

impl Pair {
    /// The contrast of the two, 1 to 21.
    #[must_use]
    pub fn contrast(&self) -> f64 {
        self.color.contrast(self.behind)
    }
}

impl Theme {
    /// Every pair that the program draws. Where it draws one of a theme's colours as a ground (what is selected, the last word of a
    /// probe), the ink is the background's colour: the same pair, turned around.
    #[must_use]
    pub fn pairs(&self) -> Vec<Pair> {
        let grounds = [("background", self.background), ("surface", self.surface)];
        let on_each = |(ink, color): (&'static str, Rgb)| {
            let least = if ink == "border" { 3.0 } else { 4.5 };
            grounds.map(|(ground, behind)| Pair { ink, color, ground, behind, least })
        };
        self.inks().into_iter().flat_map(on_each).collect()
    }

    /// Every colour that is drawn on a ground, by the name of its key.
    fn inks(&self) -> [(&'static str, Rgb); 27] {
        let syntax = &self.syntax;
        [
            ("text", self.text),
            ("muted", self.muted),
            ("title", self.title),
            ("heading", self.heading),
            ("accent", self.accent),
            ("strong", self.strong),
            ("emphasis", self.emphasis),
            ("inline_code", self.inline_code),
            ("link", self.link),
            ("border", self.border),
            ("quote", self.quote),
            ("note", self.note),
            ("good", self.good),
            ("important", self.important),
            ("warn", self.warn),
            ("bad", self.bad),
            ("live", self.live),
            ("syntax.keyword", syntax.keyword),
            ("syntax.string", syntax.string),
            ("syntax.number", syntax.number),
            ("syntax.comment", syntax.comment),
            ("syntax.function", syntax.function),
            ("syntax.type", syntax.r#type),
            ("syntax.attribute", syntax.attribute),
            ("syntax.operator", syntax.operator),
            ("syntax.inserted", syntax.inserted),
            ("syntax.deleted", syntax.deleted),
        ]
    }
}
