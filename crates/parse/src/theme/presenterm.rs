//! Themes that were written for presenterm, as far as they say something that means the same here.

use serde_json::{Map, Value, json};

use greenroom_base::diag::{Diagnostic, Location};
use greenroom_deck::FooterText;
use greenroom_yaml::{Document, On, PathStep, show};

use super::layer::{Color, Layer};

/// Keys that only its themes have.
const OWN: [&str; 17] = [
    "default",
    "slide_title",
    "code",
    "execution_output",
    "pty_output",
    "table",
    "block_quote",
    "alert",
    "column_layout",
    "headings",
    "intro_slide",
    "typst",
    "mermaid",
    "d2",
    "modals",
    "layout_grid",
    "italics",
];

/// Where its colours stand, and which of ours they are. Of several for the same the first that is there counts.
const COLORS: [(&str, &str); 24] = [
    ("default.colors.foreground", "text"),
    ("default.colors.background", "background"),
    ("slide_title.colors.foreground", "title"),
    ("headings.h1.colors.foreground", "heading"),
    ("headings.h2.colors.foreground", "heading"),
    ("headings.h3.colors.foreground", "heading"),
    ("inline_code.colors.foreground", "inline_code"),
    ("bold.colors.foreground", "strong"),
    ("italics.colors.foreground", "emphasis"),
    ("italic.colors.foreground", "emphasis"),
    ("block_quote.colors.foreground", "quote"),
    ("execution_output.colors.background", "surface"),
    ("pty_output.colors.background", "surface"),
    ("block_quote.colors.background", "surface"),
    ("alert.base_colors.background", "surface"),
    ("alert.styles.note.color", "note"),
    ("alert.styles.tip.color", "good"),
    ("alert.styles.important.color", "important"),
    ("alert.styles.warning.color", "warn"),
    ("alert.styles.caution.color", "bad"),
    ("execution_output.status.running.foreground", "live"),
    ("execution_output.status.success.foreground", "good"),
    ("execution_output.status.failure.foreground", "bad"),
    ("footer.colors.foreground", "muted"),
];

/// Whether a theme that says this was written for presenterm.
pub(super) fn is_one(map: &Map<String, Value>) -> bool {
    let holds = |key: &str, inner: &str| map.get(key).is_some_and(|value| value.get(inner).is_some());
    OWN.iter().any(|key| map.contains_key(*key))
        || holds("footer", "style")
        || ["inline_code", "bold", "italic"].iter().any(|key| holds(key, "colors"))
        || ["colors", "classes"].iter().any(|part| {
            map.get("palette").and_then(|palette| palette.get(part)).is_some_and(Value::is_object)
        })
}

/// What `map`, which stands at `path` of `document`, says in our words, and a warning for each part that has none.
pub(super) fn layer(
    map: Map<String, Value>,
    document: &Document<'_>,
    path: &[PathStep],
) -> (Layer, Vec<Diagnostic>) {
    let mut reading = Reading { map: Value::Object(map), document, path, warnings: Vec::new() };
    let extends = reading.text("extends");
    let palette = reading.palette();
    let colors = reading.colors();
    let settings = reading.settings();
    reading.rest();
    let layer = Layer { extends, name: None, palette, colors, settings };
    (layer, reading.warnings)
}

struct Reading<'a> {
    /// What has not been understood yet.
    map: Value,
    document: &'a Document<'a>,
    path: &'a [PathStep],
    warnings: Vec<Diagnostic>,
}

impl Reading<'_> {
    /// The path of `key`, whose parts stand between dots.
    fn at(&self, key: &str) -> Vec<PathStep> {
        self.path.iter().cloned().chain(key.split('.').map(|key| PathStep::Key(key.to_owned()))).collect()
    }

    fn place(&self, key: &str) -> Location {
        self.document.place(&self.at(key), On::Value)
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.map.pointer(&format!("/{}", key.replace('.', "/")))
    }

    /// Takes out what stands at `key`.
    fn take(&mut self, key: &str) -> Option<Value> {
        let (parent, last) = key.rsplit_once('.').unwrap_or(("", key));
        let pointer =
            if parent.is_empty() { String::new() } else { format!("/{}", parent.replace('.', "/")) };
        self.map.pointer_mut(&pointer)?.as_object_mut()?.remove(last)
    }

    /// Takes out a text, and says where it stands. A number is taken as it is written: colours need no quotes there.
    fn text(&mut self, key: &str) -> Option<(String, Location)> {
        let place = self.place(key);
        match self.value(key)? {
            Value::String(_) | Value::Number(_) => {}
            _ => return None,
        }
        let text = match self.take(key)? {
            Value::String(text) => text,
            _ => place.text.chars().skip(place.column.saturating_sub(1)).take(place.length).collect(),
        };
        Some((greenroom_base::text::clean_line(text.trim()).into_owned(), place))
    }

    fn color(&mut self, from: &str, key: &str) -> Option<Color> {
        let path = show(&self.at(from));
        let (text, place) = self.text(from)?;
        Some(Color { key: key.to_owned(), text, path, place })
    }

    fn palette(&mut self) -> Vec<Color> {
        let names: Vec<String> = match self.value("palette.colors") {
            Some(Value::Object(colors)) => colors.keys().cloned().collect(),
            _ => Vec::new(),
        };
        names.iter().filter_map(|name| self.color(&format!("palette.colors.{name}"), name)).collect()
    }

    fn colors(&mut self) -> Vec<Color> {
        let mut found: Vec<Color> = Vec::new();
        for (from, key) in COLORS {
            if found.iter().all(|color| color.key != key) {
                found.extend(self.color(from, key));
            }
        }
        // It has no colour of its own for bullets and large letters.
        let title = found.iter().find(|color| color.key == "title");
        let accent = title.map(|title| Color { key: "accent".to_owned(), ..title.clone() });
        found.extend(accent);
        found
    }

    fn settings(&mut self) -> Map<String, Value> {
        let mut settings = Map::new();
        if let Some(Value::String(align)) = self.value("slide_title.alignment").cloned()
            && matches!(align.as_str(), "left" | "center" | "right")
        {
            self.take("slide_title.alignment");
            settings.insert("title_align".to_owned(), align.into());
        }
        if let Some(size) = self.value("slide_title.font_size").and_then(Value::as_u64) {
            self.take("slide_title.font_size");
            settings.insert("title_size".to_owned(), size.clamp(1, 7).into());
        }
        // As here.
        if self.value("slide_title.bold") == Some(&Value::Bool(true)) {
            self.take("slide_title.bold");
        }
        if let Some(percent) = self.value("default.margin.percent").and_then(Value::as_u64) {
            self.take("default.margin.percent");
            settings.insert("margin".to_owned(), json!({ "columns": format!("{}%", percent.min(45)) }));
        } else if let Some(cells) = self.value("default.margin.fixed").and_then(Value::as_u64) {
            self.take("default.margin.fixed");
            settings.insert("margin".to_owned(), json!({ "columns": cells.min(500) }));
        }
        if let Some(footer) = self.footer() {
            settings.insert("footer".to_owned(), footer);
        }
        settings
    }

    fn footer(&mut self) -> Option<Value> {
        let style = match self.value("footer.style") {
            Some(Value::String(style)) => style.clone(),
            _ => return None,
        };
        let none = FooterText::none();
        match style.as_str() {
            "template" => {
                self.take("footer.style");
                let mut footer = serde_json::to_value(none).ok()?;
                for part in ["left", "center", "right"] {
                    let Some((template, place)) = self.text(&format!("footer.{part}")) else { continue };
                    let plain = crate::running::inline_text(&template, &[]).0.to_plain();
                    for name in FooterText::names(&plain).filter(|name| !FooterText::NAMES.contains(name)) {
                        let message = format!("`footer.{part}` names {{{name}}}, which is nothing here");
                        self.warnings.push(Diagnostic::warning(place.clone(), message));
                    }
                    footer[part] = plain.into();
                }
                Some(footer)
            }
            "progress_bar" => {
                self.take("footer.style");
                serde_json::to_value(FooterText { progress: true, ..none }).ok()
            }
            "empty" => {
                self.take("footer.style");
                serde_json::to_value(none).ok()
            }
            _ => None,
        }
    }

    /// A warning for each key at the top that has something left.
    fn rest(&mut self) {
        let Value::Object(map) = std::mem::take(&mut self.map) else { return };
        for (key, value) in map {
            let mut left = Vec::new();
            leaves("", &value, &mut left);
            if left.is_empty() {
                continue;
            }
            let place = self.document.place(&self.at(&key), On::Key);
            let path = show(&self.at(&key));
            let message = match left.as_slice() {
                [one] if one.is_empty() => format!("`{path}` does nothing here"),
                [one] => format!("`{path}.{one}` does nothing here"),
                _ => format!("`{path}`: {} do nothing here", shortened(&left)),
            };
            self.warnings.push(Diagnostic::warning(place, message));
        }
    }
}

/// The keys of everything below `value` that is no map.
fn leaves(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        // A document is at most so deep as its loader allows, and a theme of presenterm has four levels.
        Value::Object(map) if path.split('.').count() < 6 => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(&path, value, found);
            }
        }
        Value::Null => {}
        _ => found.push(path.to_owned()),
    }
}

/// The first few names.
fn shortened(names: &[String]) -> String {
    const MOST: usize = 5;
    let text = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}
