//! What is done with the values of YAML before something is made of them.

use serde_json::{Map, Value};

use greenroom_base::text::clean_line;

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

/// Text keeps its line breaks only where a program reads it.
pub(super) fn one_line(map: &mut Map<String, Value>) {
    for (key, value) in map {
        // A script's text is typed as it is written, and judged as that.
        if !matches!(key.as_str(), "command" | "env" | "script") {
            one_line_value(value);
        }
    }
}

fn one_line_value(value: &mut Value) {
    match value {
        Value::String(text) => *text = clean_line(text.trim()).into_owned(),
        Value::Array(list) => list.iter_mut().for_each(one_line_value),
        Value::Object(map) => one_line(map),
        _ => {}
    }
}
