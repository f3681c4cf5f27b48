//! From a map in YAML to a layer of a theme.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use greenroom_base::diag::Diagnostic;
use greenroom_yaml::{Document, Mistake, On, PathStep, show};

use super::layer::{Color, Layer};
use super::{presenterm, schema, settings};

/// The keys of a map that says which theme is meant, as presenterm has them.
const CHOICE: [&str; 5] = ["name", "path", "override", "light", "dark"];

/// What a document's map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A theme.
    Theme,
    /// What a deck says of its theme: which one it is, and what differs.
    Choice,
    /// What differs, in presenterm's front matter.
    Override,
}

/// What stands at `path` of `document`, in this program's words or in presenterm's.
pub(super) fn read(document: &Document<'_>, path: &[PathStep], part: Part) -> (Layer, Vec<Diagnostic>) {
    let (mut map, problems) = within(document, path, json!({ "type": "object" }));
    let strange = || {
        let schema = schema();
        let known = schema.get("properties").and_then(Value::as_object);
        !known.is_some_and(|known| map.keys().any(|key| known.contains_key(key)))
    };
    if presenterm::is_one(&map) || (part == Part::Override && strange()) {
        if part == Part::Choice {
            map.retain(|key, _| !CHOICE.contains(&key.as_str()));
        }
        let (layer, warnings) = presenterm::layer(map, document, path);
        return (layer, problems.into_iter().chain(warnings).collect());
    }
    own(document, path, part)
}

fn own(document: &Document<'_>, path: &[PathStep], part: Part) -> (Layer, Vec<Diagnostic>) {
    let mut schema = schema();
    let choice: &[&str] = if part == Part::Choice { &CHOICE } else { &[] };
    if let Some(Value::Object(keys)) = schema.get_mut("properties") {
        keys.extend(choice.iter().map(|key| ((*key).to_owned(), json!({}))));
    }
    let (mut map, mut problems) = within(document, path, schema);
    map.retain(|key, _| !choice.contains(&key.as_str()));
    crate::values::one_line(&mut map);
    let at = |keys: &[&str]| -> Vec<PathStep> {
        path.iter().cloned().chain(keys.iter().map(|key| PathStep::Key((*key).to_owned()))).collect()
    };
    let extends = match map.remove("extends") {
        Some(Value::String(name)) => Some((name, document.place(&at(&["extends"]), On::Value))),
        _ => None,
    };
    let (settings, wrong) = settings::take(&mut map, document, path);
    problems.extend(wrong);
    let name = map.remove("name");
    let colors = |of: Option<&str>, map: Map<String, Value>| -> Vec<Color> {
        let color = |(key, value): (String, Value)| {
            let keys: Vec<&str> = of.into_iter().chain([key.as_str()]).collect();
            let (text, path) = (value.as_str()?.to_owned(), at(&keys));
            let key = if of == Some("syntax") { format!("syntax.{key}") } else { key };
            Some(Color { key, text, path: show(&path), place: document.place(&path, On::Value) })
        };
        map.into_iter().filter_map(color).collect()
    };
    let mut named = |key: &'static str| match map.remove(key) {
        Some(Value::Object(inner)) => colors(Some(key), inner),
        _ => Vec::new(),
    };
    let palette = [named("palette"), named("colors")].into_iter().flatten().collect();
    let syntax = named("syntax");
    let colors = colors(None, map).into_iter().chain(syntax).collect();
    (Layer { extends, name, palette, colors, settings }, problems)
}

/// The map at `path` of `document` as far as it fits `schema`, and what does not fit.
pub(super) fn within(
    document: &Document<'_>,
    path: &[PathStep],
    mut schema: Value,
) -> (Map<String, Value>, Vec<Diagnostic>) {
    let definitions = schema.get("$defs").cloned();
    for step in path.iter().rev() {
        let PathStep::Key(key) = step else { continue };
        let properties = BTreeMap::from([(key, schema)]);
        schema = json!({ "type": "object", "properties": properties });
    }
    if let (Some(map), Some(definitions)) = (schema.as_object_mut(), definitions) {
        map.insert("$defs".to_owned(), definitions);
    }
    let (mut map, mistakes) = document.read(&schema);
    for step in path {
        let PathStep::Key(key) = step else { continue };
        map = match map.remove(key) {
            Some(Value::Object(inner)) => inner,
            _ => Map::new(),
        };
    }
    let inside = |(at, _): &Mistake| path.is_empty() || (at.starts_with(path) && at.len() > path.len());
    (map, mistakes.into_iter().filter(inside).map(|(_, problem)| problem).collect())
}
