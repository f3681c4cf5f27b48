//! Themes: those that are built in, and those a deck brings along.

use serde_json::Value;

use super::text::{self, ReadError, Source, file_message};
use super::yaml::Document;
use crate::deck::{Rgb, Syntax, Theme};
use crate::diag::{Diagnostic, Place};
use crate::files::Files;

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

/// No theme is longer than this.
const LIMIT: u64 = 256 << 10;

/// Reads the theme in the deck's file `path`, asked for at `place`. What it lacks is taken from the default theme.
pub(super) fn file(files: &dyn Files, path: &str, place: Place) -> (Theme, Vec<Diagnostic>) {
    match text::read(files, path, LIMIT) {
        Ok((source, invalid)) => {
            let (theme, problems) = parse(&source);
            (theme, invalid.into_iter().chain(problems).collect())
        }
        Err(ReadError::NotText(problem)) => (default_theme(), vec![*problem]),
        Err(ReadError::File(error)) => {
            let problem = Diagnostic::error(place, format!("the theme: {}", file_message(path, &error)));
            let hint = text::missing_hint(files, path, &error, None);
            (default_theme(), vec![Diagnostic { hint, ..problem }])
        }
    }
}

fn parse(source: &Source) -> (Theme, Vec<Diagnostic>) {
    let schema = schemars::schema_for!(Theme).to_value();
    let (mut map, mistakes) = Document::of(source).read(&schema);
    super::outline::one_line(&mut map);
    let base = default_theme();
    let mut whole = serde_json::to_value(&base).unwrap_or_default();
    overlay(&mut whole, Value::Object(map));
    let theme = serde_json::from_value(whole).unwrap_or(base);
    (theme, mistakes.into_iter().map(|(_, problem)| problem).collect())
}

/// Puts what `over` has in place of what `base` has.
pub(super) fn overlay(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(&key) {
                    Some(slot) => overlay(slot, value),
                    None => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (base, over) => *base = over,
    }
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
