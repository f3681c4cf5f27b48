//! Compares a YAML value with the JSON Schema of what it should be, as far as schemars writes them for our types.

use serde_json::{Map, Value};

use crate::document::{Document, Mistake, show};
use crate::locate::{On, Path, PathStep};
use greenroom_base::color::Rgb;
use greenroom_base::diag::{Diagnostic, listed, nearest};

/// A comparison under way.
pub(crate) struct SchemaCheck<'a> {
    /// Where the value was read from.
    pub document: &'a Document<'a>,
    /// The schema that holds the definitions.
    pub root: &'a Value,
    /// What was found so far.
    pub mistakes: Vec<Mistake>,
    /// Where in the value it is.
    pub path: Path,
}

impl<'a> SchemaCheck<'a> {
    /// Whether `value` has the type that `schema` wants; parts of it that do not fit are taken out.
    pub(crate) fn value(&mut self, value: &mut Value, schema: &'a Value) -> bool {
        let schema = self.resolved(schema);
        if let Some(choices) = choices(schema) {
            return self.choice(value, &choices);
        }
        let wanted: Vec<&str> = match schema.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => return true,
        };
        if !wanted.iter().any(|wanted| has_type(value, wanted)) {
            self.wrong_type(value, &wanted);
            return false;
        }
        match value {
            Value::Object(map) => self.map(map, schema),
            Value::Array(list) => return self.list(list, schema),
            Value::String(text) if schema.get("pattern").is_some() => return self.color(text),
            _ => {}
        }
        true
    }

    /// `schema` behind its references, and without its "or null".
    fn resolved(&self, mut schema: &'a Value) -> &'a Value {
        for _ in 0..8 {
            if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
                let pointer = name.trim_start_matches('#');
                schema = self.root.pointer(pointer).unwrap_or(&Value::Null);
            } else if let Some(Value::Array(variants)) = schema.get("anyOf") {
                let real = variants.iter().find(|variant| variant.get("type") != Some(&Value::from("null")));
                schema = real.unwrap_or(&Value::Null);
            } else {
                break;
            }
        }
        schema
    }

    fn map(&mut self, map: &mut Map<String, Value>, schema: &'a Value) {
        let known = schema.get("properties").and_then(Value::as_object);
        let other = schema.get("additionalProperties");
        let mut kept = Map::new();
        for (key, mut value) in std::mem::take(map) {
            self.path.push(PathStep::Key(key.clone()));
            let keep = match (known.and_then(|known| known.get(&key)), other) {
                (Some(schema), _) if value.is_null() => {
                    self.empty(schema);
                    false
                }
                (None, Some(Value::Bool(false))) => {
                    self.unknown(&key, known.into_iter().flat_map(Map::keys));
                    false
                }
                (Some(schema), _) | (None, Some(schema @ Value::Object(_))) => self.value(&mut value, schema),
                (None, _) => true,
            };
            self.path.pop();
            if keep {
                kept.insert(key, value);
            }
        }
        *map = kept;
        self.required(map, schema);
    }

    /// A key without a value is one that was left out, unless its schema asks for text: `#` begins a comment.
    fn empty(&mut self, schema: &'a Value) {
        if self.resolved(schema).get("minLength").is_some() {
            let place = self.document.place(&self.path, On::Key);
            let problem = Diagnostic::error(place, format!("`{}` is empty", show(&self.path)));
            let hint = "put a colour in quotes: \"#rrggbb\"; without them, # begins a comment";
            self.mistakes.push((self.path.clone(), problem.hint(hint)));
        }
    }

    fn required(&mut self, map: &Map<String, Value>, schema: &'a Value) {
        let Some(Value::Array(required)) = schema.get("required") else { return };
        let path_of = |key: &str| {
            let mut path = self.path.clone();
            path.push(PathStep::Key(key.to_owned()));
            path
        };
        // A key of the wrong type has been reported already.
        let reported = |key: &str| self.mistakes.iter().any(|(reported, _)| *reported == path_of(key));
        let missing = required.iter().filter_map(Value::as_str);
        let missing: Vec<&str> = missing.filter(|key| !map.contains_key(*key) && !reported(key)).collect();
        let Some(first) = missing.first() else { return };
        let inside = if self.path.is_empty() { String::new() } else { format!(" in `{}`", show(&self.path)) };
        let place = self.document.place(&self.path, On::Key);
        let problem =
            Diagnostic::error(place, format!("missing{inside}: {}", listed(missing.iter().copied())));
        self.mistakes.push((path_of(first), problem));
    }

    fn list(&mut self, list: &mut [Value], schema: &'a Value) -> bool {
        let Some(items) = schema.get("items") else { return true };
        let of_maps = self.resolved(items).get("type") == Some(&Value::from("object"));
        let mut fits = true;
        for (number, item) in list.iter_mut().enumerate() {
            self.path.push(PathStep::Index(number));
            if !self.value(item, items) {
                // A list of maps keeps its length, so that the others keep their numbers.
                if of_maps {
                    *item = Value::Object(Map::new());
                } else {
                    fits = false;
                }
            }
            self.path.pop();
        }
        fits
    }

    fn unknown<'k>(&mut self, key: &str, known: impl Iterator<Item = &'k String> + Clone) {
        let place = self.document.place(&self.path, On::Key);
        let inside = match self.path.len() {
            0 | 1 => String::new(),
            length => format!(" in `{}`", show(self.path.get(..length - 1).unwrap_or_default())),
        };
        let problem = Diagnostic::error(place, format!("unknown key `{key}`{inside}"));
        let hint = match nearest(key, known.clone().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", listed(known.map(String::as_str))),
        };
        self.mistakes.push((self.path.clone(), problem.hint(hint)));
    }

    fn choice(&mut self, value: &Value, choices: &[&str]) -> bool {
        let text = value.as_str();
        if text.is_some_and(|text| choices.contains(&text)) {
            return true;
        }
        let place = self.document.place(&self.path, On::Value);
        let what = text.map_or_else(|| describe(value).to_owned(), |text| format!("\"{text}\""));
        let message = format!("`{}` cannot be {what}", show(&self.path));
        let near = nearest(text.unwrap_or_default(), choices.iter().copied());
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of: {}", listed(choices.iter().copied())),
        };
        self.mistakes.push((self.path.clone(), Diagnostic::error(place, message).hint(hint)));
        false
    }

    fn color(&mut self, text: &str) -> bool {
        if Rgb::parse(text).is_some() {
            return true;
        }
        let place = self.document.place(&self.path, On::Value);
        let message = format!("`{}`: \"{text}\" is no colour", show(&self.path));
        let problem = Diagnostic::error(place, message).hint("write it as \"#rrggbb\", with the quotes");
        self.mistakes.push((self.path.clone(), problem));
        false
    }

    fn wrong_type(&mut self, value: &Value, wanted: &[&str]) {
        let place = self.document.place(&self.path, On::Value);
        let wants = wanted.iter().find(|name| **name != "null").copied().unwrap_or_default();
        let path = if self.path.is_empty() { "this".to_owned() } else { format!("`{}`", show(&self.path)) };
        let message = format!("{path} should be {}, and is {}", called(wants), describe(value));
        let mut problem = Diagnostic::error(place, message);
        match (wants, value) {
            ("string", Value::Number(_) | Value::Bool(_)) => {
                let raw = problem.place.as_ref().map(raw_text).unwrap_or_default();
                problem = problem.hint(format!("put it in quotes: \"{raw}\""));
            }
            ("array", Value::String(text)) => {
                let words: Vec<&str> = text.split_whitespace().collect();
                problem = problem.hint(format!("write it as a list: [{}]", words.join(", ")));
            }
            ("object", _) => problem = problem.hint("write `key: value`, one a line"),
            ("number" | "integer", Value::String(_)) => {
                problem = problem.hint("write the number alone: 12.5");
            }
            _ => {}
        }
        self.mistakes.push((self.path.clone(), problem));
    }
}

/// What `place` points at, as written.
fn raw_text(place: &greenroom_base::diag::Location) -> String {
    place.text.chars().skip(place.column.saturating_sub(1)).take(place.length).collect()
}

/// The values that an enum's schema allows.
fn choices(schema: &Value) -> Option<Vec<&str>> {
    if let Some(Value::Array(names)) = schema.get("enum") {
        return Some(names.iter().filter_map(Value::as_str).collect());
    }
    let Some(Value::Array(variants)) = schema.get("oneOf") else { return None };
    Some(variants.iter().filter_map(|variant| variant.get("const").and_then(Value::as_str)).collect())
}

fn has_type(value: &Value, wanted: &str) -> bool {
    match wanted {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    }
}

fn called(schema_type: &str) -> &'static str {
    match schema_type {
        "string" => "text",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        _ => "a map",
    }
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
