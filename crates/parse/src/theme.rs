//! Themes: those that are built in, and those a deck brings along.

mod chain;
mod layer;
mod presenterm;
mod reading;
mod settings;

use serde_json::{Value, json};

use super::stem;
use chain::Chain;
use greenroom_base::diag::{Diagnostic, Location};
use greenroom_base::files::Files;
use greenroom_deck::{FooterText, Margin, Rgb, Syntax, Theme};
use greenroom_yaml::{Document, On, PathStep};
use reading::{Part, within};

/// The built-in themes, by name, as they are written.
const BUILT_IN: [(&str, &str); 4] = [
    ("dark", include_str!("../themes/dark.yaml")),
    ("light", include_str!("../themes/light.yaml")),
    ("contrast", include_str!("../themes/contrast.yaml")),
    ("djangocon", include_str!("../themes/djangocon.yaml")),
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

/// The built-in theme called `name` as YAML, which a deck can take as it is; its first line says what it is like.
#[must_use]
pub fn theme_yaml(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, yaml)| *yaml)
}

/// The JSON Schema of a theme, pretty-printed.
#[must_use]
pub fn theme_schema() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).unwrap_or_default();
    text.push('\n');
    text
}

/// No theme is longer than this.
const LIMIT: u64 = 256 << 10;

/// What a theme may say: any part of [`Theme`], what it extends, and names for colours.
pub(super) fn schema() -> Value {
    let mut schema = schemars::schema_for!(Theme).to_value();
    for part in ["", "/$defs/Syntax"] {
        if let Some(Value::Object(part)) = schema.pointer_mut(part) {
            part.remove("required");
        }
    }
    if let Some(color) = schema.pointer_mut("/$defs/Rgb") {
        let what = "\"#rrggbb\" or \"#rgb\" in quotes, a name of CSS such as teal, or one of the palette";
        *color = json!({ "description": what, "type": "string", "minLength": 1 });
    }
    if let Some(Value::Object(keys)) = schema.pointer_mut("/properties") {
        let what = "The theme that everything else is taken from: a built-in one by its name, or a YAML file of the deck. \
            The default is dark, or light when the background is.";
        keys.insert("extends".to_owned(), json!({ "description": what, "type": "string" }));
        let what = "Names for colours, to be used below and in themes that extend this one.";
        let colors = json!({ "$ref": "#/$defs/Rgb" });
        let palette = json!({ "description": what, "type": "object", "additionalProperties": colors });
        keys.insert("palette".to_owned(), palette.clone());
        keys.insert("colors".to_owned(), palette);
    }
    schema
}

/// How a theme that nobody knows is reported: as an error, or for presenterm's decks, whose themes are others, as a warning.
pub(super) type Report = fn(Location, String) -> Diagnostic;

/// The theme called `name` at `place` of the file `entry`: a built-in one, or a file of the deck. One that nobody knows is
/// reported by `problem`.
pub(super) fn called(
    files: &dyn Files,
    (name, place): (&str, Location),
    entry: &str,
    problem: Report,
) -> (Theme, Vec<Diagnostic>) {
    match builtin_theme(name) {
        Some(theme) => (theme, Vec::new()),
        None => Chain::new(files, entry, problem).finish(Some((name.to_owned(), place)), entry),
    }
}

/// The theme that the map at `path` of `document` describes, in the file `entry`: what it extends, and what differs.
pub(super) fn described(
    files: &dyn Files,
    document: &Document<'_>,
    path: &[PathStep],
    entry: &str,
    problem: Report,
) -> (Theme, Vec<Diagnostic>) {
    let (map, _) = within(document, path, json!({ "type": "object" }));
    let at = |key: &str| -> Vec<PathStep> {
        path.iter().cloned().chain([PathStep::Key(key.to_owned())]).collect()
    };
    let chosen = |key: &str| {
        let name = map.get(key)?.as_str()?.trim().to_owned();
        Some((name, document.place(&at(key), On::Value)))
    };
    let mut chain = Chain::new(files, entry, problem);
    if map.get("override").is_some_and(Value::is_object) {
        chain.add("override", document, &at("override"), Part::Override);
    }
    let extends = chain.add(stem(entry), document, path, Part::Choice);
    let asked = chosen("path").or_else(|| chosen("name")).or(extends).or_else(|| chosen("dark"));
    let asked = asked.or_else(|| chosen("light"));
    if map.contains_key("light")
        && asked.as_ref().is_some_and(|asked| Some(asked) != chosen("light").as_ref())
    {
        let place = document.place(&at("light"), On::Key);
        let problem = Diagnostic::warning(place, "`theme.light` does nothing here");
        chain.report(problem.hint("the theme is the same in every terminal; say which one"));
    }
    chain.finish(asked, entry)
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
        live: white,
        syntax,
        margin: Margin::default(),
        measure: None,
        title_size: None,
        title_align: None,
        bullets: Vec::new(),
        footer: FooterText::default(),
        logo: None,
    }
}

/// Whether `name` is that of a YAML file.
pub(super) fn is_yaml(name: &str) -> bool {
    let extension = std::path::Path::new(name).extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("yaml" | "yml"))
}
