//! Themes: those that are built in, and those a deck brings along.

use crate::deck::{Rgb, Syntax, Theme};

/// The built-in themes, by name, as they are written.
const BUILT_IN: [(&str, &str); 4] = [
    ("dark", include_str!("../../assets/themes/dark.yaml")),
    ("light", include_str!("../../assets/themes/light.yaml")),
    ("contrast", include_str!("../../assets/themes/contrast.yaml")),
    ("djangocon", include_str!("../../assets/themes/djangocon.yaml")),
];

/// The theme of a deck that asks for none.
pub(super) fn default_theme() -> Theme {
    builtin_theme("dark").unwrap_or_else(monochrome)
}

/// The names of the built-in themes.
#[must_use]
pub fn theme_names() -> &'static [&'static str] {
    &["dark", "light", "contrast", "djangocon"]
}

/// The built-in theme called `name`.
#[must_use]
pub fn builtin_theme(name: &str) -> Option<Theme> {
    let (_, yaml) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    serde_yaml::from_str(yaml).ok()
}

/// White on black: what is left when even the built-in theme cannot be read.
fn monochrome() -> Theme {
    let (black, white) = (Rgb(0, 0, 0), Rgb(255, 255, 255));
    let syntax = Syntax {
        keyword: white,
        string: white,
        number: white,
        comment: white,
        function: white,
        r#type: white,
        attribute: white,
        operator: white,
        inserted: white,
        deleted: white,
    };
    Theme {
        name: "dark".to_owned(),
        background: black,
        surface: black,
        text: white,
        muted: white,
        title: white,
        heading: white,
        accent: white,
        strong: white,
        emphasis: white,
        inline_code: white,
        link: white,
        border: white,
        quote: white,
        note: white,
        good: white,
        important: white,
        warn: white,
        bad: white,
        syntax,
    }
}
