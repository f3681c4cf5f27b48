//! YAML that is checked piece by piece: every mistake gets its own problem, and what is right is kept.
//!
//! A document is loaded as a [`Value`], compared with the JSON Schema of what it should be, and stripped of what
//! does not fit, so that the rest can be deserialized.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::check::SchemaCheck;
use crate::document::{Document, Mistake, show};
use crate::locate::{On, Path, PathStep};
use greenroom_base::diag::Diagnostic;
use greenroom_base::text::{clean_line, clean_source, clean_text};

/// Values beneath this key keep their tabs: what is typed into a program is judged as it is written.
const VERBATIM: &str = "script";

/// More values than this are no outline, but an attack by aliases.
const MAX_VALUES: usize = 100_000;

/// More brackets than this are never open at once: the loader would need long to find that out.
const MAX_BRACKETS: usize = 1_000;

impl Document<'_> {
    /// The map in this document as far as it fits `schema`, and what does not fit.
    #[must_use]
    pub fn read(&self, schema: &Value) -> (Map<String, Value>, Vec<Mistake>) {
        let loaded = match load(self.text) {
            Ok(loaded) => loaded,
            Err(error) => return (Map::new(), vec![(Path::new(), self.unreadable(&error))]),
        };
        let mut mistakes: Vec<Mistake> = Vec::new();
        for (path, nth) in loaded.repeated {
            let place = self.nth_place(&path, On::Key, nth);
            let message = format!("`{}` is given more than once", show(&path));
            mistakes.push((
                path,
                Diagnostic::error(place, message).hint("the first one counts; remove the others"),
            ));
        }
        let mut value = loaded.value;
        if value.is_null() {
            value = Value::Object(Map::new());
        }
        let mut check = SchemaCheck { document: self, root: schema, mistakes, path: Path::new() };
        let fits = check.value(&mut value, schema);
        let mistakes = check.mistakes;
        match value {
            Value::Object(map) if fits => (map, mistakes),
            _ => (Map::new(), mistakes),
        }
    }

    fn unreadable(&self, error: &serde_yaml::Error) -> Diagnostic {
        let message = format!("this is no YAML that can be read: {}", without_positions(&error.to_string()));
        let (Some(location), Some(base)) = (error.location(), self.base) else {
            return Diagnostic::error(self.source.place(self.whole.clone()), clean_text(&message));
        };
        let first = self.source.line(base);
        let line = first + location.line().saturating_sub(1);
        let at = self.source.offset(line, location.column());
        let place = self.source.place(at..at + 1);
        let problem = Diagnostic::error(place, clean_text(&message));
        let lines_text = problem.place.as_ref().map(|place| place.text.as_str()).unwrap_or_default();
        if message.contains("cannot start any token") || message.contains("tab character") {
            return problem.hint(
                "indent with blanks, not tabs; put text that begins with a special character in quotes",
            );
        }
        if message.contains("mapping values are not allowed") || lines_text.matches(": ").count() > 1 {
            return problem.hint("put text that contains \": \" in quotes");
        }
        problem
    }
}

/// libyaml's messages name lines and columns, which a diagnostic's place does already.
fn without_positions(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some((before, after)) = rest.split_once(" at line ") {
        out.push_str(before);
        let number = |text: &'static str, from: &str| {
            let digits = |c: char| c.is_ascii_digit();
            from.strip_prefix(text).map(|rest| rest.trim_start_matches(digits).len())
        };
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let left = number(" column ", after).unwrap_or(after.len());
        rest = after.get(after.len() - left..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// A loaded document.
struct Loaded {
    value: Value,
    /// Keys that came again, and how many came before them.
    repeated: Vec<(Path, usize)>,
}

fn load(text: &str) -> Result<Loaded, serde_yaml::Error> {
    if open_brackets(text) > MAX_BRACKETS {
        return Err(serde_yaml::Error::custom("recursion limit exceeded"));
    }
    let mut loader = Loader { path: Path::new(), repeated: Vec::new(), values: 0 };
    let value = Seed(&mut loader).deserialize(serde_yaml::Deserializer::from_str(text))?;
    Ok(Loaded { value, repeated: loader.repeated })
}

/// The most brackets that are open at any place, those in texts included.
fn open_brackets(text: &str) -> usize {
    let mut open = 0_usize;
    let mut most = 0;
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

struct Loader {
    path: Path,
    repeated: Vec<(Path, usize)>,
    values: usize,
}

impl Loader {
    fn count<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(E::custom(format!("it has more than {MAX_VALUES} values")));
        }
        Ok(())
    }
}

struct Seed<'a>(&'a mut Loader);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, true or false, a list or a map, without a tag")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        // JSON knows no infinity: as text it is found to be no number later on.
        Ok(Number::from_f64(value).map_or_else(|| Value::String(value.to_string()), Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        let verbatim = self.0.path.iter().any(|step| matches!(step, PathStep::Key(key) if key == VERBATIM));
        let clean = if verbatim { clean_source(text) } else { clean_text(text) };
        Ok(Value::String(clean.into_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            self.0.path.push(PathStep::Index(list.len()));
            let item = items.next_element_seed(Seed(self.0))?;
            self.0.path.pop();
            match item {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        let mut seen: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
        while let Some(key) = entries.next_key_seed(Seed(self.0))? {
            let key = match key {
                Value::String(text) => clean_line(&text).into_owned(),
                Value::Null => "null".to_owned(),
                other @ (Value::Bool(_) | Value::Number(_)) => other.to_string(),
                _ => return Err(A::Error::custom("a key must be text")),
            };
            self.0.path.push(PathStep::Key(key.clone()));
            let value = entries.next_value_seed(Seed(self.0))?;
            let before = seen.entry(key.clone()).or_default();
            if *before > 0 {
                self.0.repeated.push((self.0.path.clone(), *before));
            }
            *before += 1;
            self.0.path.pop();
            map.entry(key).or_insert(value);
        }
        Ok(Value::Object(map))
    }
}
