//! Themes: those that are built in, and those a deck brings along.

mod settings;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use greenroom_base::diag::{Diagnostic, Location, nearest};
use greenroom_base::files::message as file_message;
use greenroom_base::files::{Files, beside, normalize};
use greenroom_base::text::{self, ReadError, SourceText};
use greenroom_deck::{FooterText, Margin, Rgb, Syntax, Theme};
use greenroom_yaml::{Document, show};
use greenroom_yaml::{On, PathStep};

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

/// Themes that extend themes that extend themes: no more.
const MAX_EXTENDS: usize = 8;

/// What a theme may say: any part of [`Theme`], what it extends, and names for colours.
fn schema() -> Value {
    let mut schema = schemars::schema_for!(Theme).to_value();
    for part in ["", "/$defs/Syntax"] {
        if let Some(Value::Object(part)) = schema.pointer_mut(part) {
            part.remove("required");
        }
    }
    if let Some(color) = schema.pointer_mut("/$defs/Rgb") {
        let what = "\"#rrggbb\" or \"#rgb\" in quotes, a name such as red, or one of the palette";
        *color = json!({ "description": what, "type": "string", "minLength": 1 });
    }
    if let Some(Value::Object(keys)) = schema.pointer_mut("/properties") {
        let what = "The theme that everything else is taken from: a built-in one by its name, or a YAML file of the deck. \
            The default is dark.";
        keys.insert("extends".to_owned(), json!({ "description": what, "type": "string" }));
        let what = "Names for colours, to be used below and in themes that extend this one.";
        let colors = json!({ "$ref": "#/$defs/Rgb" });
        let palette = json!({ "description": what, "type": "object", "additionalProperties": colors });
        keys.insert("palette".to_owned(), palette);
    }
    schema
}

/// Reads the theme in the deck's file `path`, asked for at `place`. What it lacks is taken from the theme that it extends.
pub(super) fn file(files: &dyn Files, path: &str, place: Location) -> (Theme, Vec<Diagnostic>) {
    let mut chain = Chain { layers: Vec::new(), problems: Vec::new() };
    let base = match chain.follow(files, path, place) {
        Ok(base) => base,
        Err(problem) => {
            chain.problems.push(*problem);
            default_theme()
        }
    };
    chain.finish(base)
}

/// A theme, what it extends, what that extends.
struct Chain {
    /// Each file, where it is, and what it says; the one that was asked for first.
    layers: Vec<(String, SourceText, Map<String, Value>)>,
    problems: Vec<Diagnostic>,
}

impl Chain {
    /// Reads the file at `path` and those that it extends, and gives the theme below them.
    fn follow(&mut self, files: &dyn Files, path: &str, place: Location) -> Result<Theme, Box<Diagnostic>> {
        let (mut path, mut place) = (path.to_owned(), place);
        loop {
            path = normalize(&path).unwrap_or(path);
            let mut open: Vec<&str> = self.layers.iter().map(|(open, ..)| open.as_str()).collect();
            if open.contains(&path.as_str()) {
                open.push(&path);
                let problem = Diagnostic::error(place, format!("\"{path}\" extends itself"));
                return Err(problem.hint(format!("it is being read already: {}", open.join(" -> "))).into());
            }
            if open.len() >= MAX_EXTENDS {
                let problem =
                    Diagnostic::error(place, format!("more than {MAX_EXTENDS} themes extend each other"));
                return Err(problem.hint("put some of them together").into());
            }
            let source = self.open(files, &path, place)?;
            let document = Document::of(&source);
            let (mut map, mistakes) = document.read(&schema());
            super::outline::one_line(&mut map);
            self.problems.extend(mistakes.into_iter().map(|(_, problem)| problem));
            let extends = map.remove("extends");
            place = document.place(&[PathStep::Key("extends".to_owned())], On::Value);
            self.layers.push((path.clone(), source, map));
            let Some(Value::String(name)) = extends else { return Ok(default_theme()) };
            match theme_name(&name) {
                ThemeName::BuiltIn(theme) => return Ok(*theme),
                ThemeName::File(_) => path = beside(&path, &name),
                // A path that leads up from the deck's folder may lead down again from the theme's.
                ThemeName::Unknown(_) if is_yaml(&name) => {
                    path = beside(&path, &name);
                }
                ThemeName::Unknown(hint) => {
                    let problem = Diagnostic::error(place, format!("there is no theme \"{name}\""));
                    return Err(problem.hint(hint).into());
                }
            }
        }
    }

    fn open(
        &mut self,
        files: &dyn Files,
        path: &str,
        place: Location,
    ) -> Result<SourceText, Box<Diagnostic>> {
        match text::read(files, path, LIMIT) {
            Ok((source, invalid)) => {
                self.problems.extend(invalid);
                Ok(source)
            }
            Err(ReadError::NotText(problem)) => Err(problem),
            Err(ReadError::File(error)) => {
                let problem = Diagnostic::error(place, format!("the theme: {}", file_message(path, &error)));
                let hint = text::missing_hint(files, path, &error, None);
                Err(Diagnostic { hint, ..problem }.into())
            }
        }
    }

    /// Lays the files over `base`, the one that was asked for last.
    fn finish(mut self, base: Theme) -> (Theme, Vec<Diagnostic>) {
        let mut whole = serde_json::to_value(&base).unwrap_or_default();
        let mut palette = BTreeMap::new();
        for (path, source, mut map) in std::mem::take(&mut self.layers).into_iter().rev() {
            let document = Document::of(&source);
            if let Some(Value::Object(colors)) = map.remove("palette") {
                let read =
                    self.colors(&document, &[PathStep::Key("palette".to_owned())], colors, &BTreeMap::new());
                palette.extend(read);
            }
            let name = map.remove("name").unwrap_or_else(|| Value::from(super::stem(&path)));
            let (settings, problems) = settings::take(&mut map, &document, &[]);
            self.problems.extend(problems);
            let mut layer = self.colors(&document, &[], map, &palette);
            layer.extend(settings);
            layer.insert("name".to_owned(), name);
            overlay(&mut whole, Value::Object(layer));
        }
        (serde_json::from_value(whole).unwrap_or(base), self.problems)
    }

    /// The colours at `path`, as `#rrggbb`; what is none is reported and left out.
    fn colors(
        &mut self,
        document: &Document<'_>,
        path: &[PathStep],
        map: Map<String, Value>,
        palette: &BTreeMap<String, Value>,
    ) -> Map<String, Value> {
        let mut read = Map::new();
        for (key, value) in map {
            let path: Vec<PathStep> = path.iter().cloned().chain([PathStep::Key(key.clone())]).collect();
            match value {
                // The syntax; the schema has nothing deeper.
                Value::Object(inner) => {
                    let inner = self.colors(document, &path, inner, palette);
                    read.insert(key, Value::Object(inner));
                }
                Value::String(text) => {
                    let name =
                        text.strip_prefix("palette:").or_else(|| text.strip_prefix("p:")).unwrap_or(&text);
                    let color = Rgb::parse(&text).and_then(|color| serde_json::to_value(color).ok());
                    match palette.get(name).cloned().or(color) {
                        Some(color) => {
                            read.insert(key, color);
                        }
                        None => self.problems.push(no_color(document, &path, &text, palette)),
                    }
                }
                _ => {}
            }
        }
        read
    }
}

fn no_color(
    document: &Document<'_>,
    path: &[PathStep],
    text: &str,
    palette: &BTreeMap<String, Value>,
) -> Diagnostic {
    let message = format!("`{}`: \"{text}\" is no colour", show(path));
    let problem = Diagnostic::error(document.place(path, On::Value), message);
    match nearest(text, palette.keys().map(String::as_str)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint("write it as \"#rrggbb\", with the quotes, or a name of the palette"),
    }
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
        live: white,
        syntax,
        margin: Margin::default(),
        measure: None,
        title_size: None,
        title_align: None,
        bullets: Vec::new(),
        footer: FooterText::default(),
    }
}

/// The theme that `name` asks for: a built-in one, or a file.
pub(super) enum ThemeName<'a> {
    BuiltIn(Box<Theme>),
    File(&'a str),
    /// Neither; with what to do about it.
    Unknown(String),
}

/// Whether `name` is that of a YAML file.
pub(super) fn is_yaml(name: &str) -> bool {
    let extension = std::path::Path::new(name).extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("yaml" | "yml"))
}

pub(super) fn theme_name(name: &str) -> ThemeName<'_> {
    if let Some(theme) = super::builtin_theme(name) {
        return ThemeName::BuiltIn(Box::new(theme));
    }
    if is_yaml(name) && normalize(name).is_some() {
        return ThemeName::File(name);
    }
    let names = super::theme_names();
    ThemeName::Unknown(match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("built in are {}; a file of the deck ends in .yaml", names.join(", ")),
    })
}
