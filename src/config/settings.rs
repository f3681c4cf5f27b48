//! The settings beside the keys: one row each.

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::cli::{ColorsName, ImagesName, TimerName, TransitionName};

/// What a setting can be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// `true` or `false`.
    Flag,
    /// One of these.
    OneOf(fn() -> Vec<String>),
    /// One of these words, or something else that is said.
    Or(&'static [&'static str], &'static str),
}

/// A setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// What it is when nothing is said; none where that depends on the deck or the terminal, with the word for it.
    pub default: Result<&'static str, &'static str>,
    /// What it can be.
    pub kind: Kind,
}

const fn row(
    name: &'static str,
    about: &'static str,
    default: Result<&'static str, &'static str>,
    kind: Kind,
) -> Setting {
    Setting { name, about, default, kind }
}

/// All settings, in the order in which they are printed.
pub(super) const SETTINGS: &[Setting] = &[
    row("theme", "The theme of decks that name none.", Err("dark"), Kind::OneOf(themes)),
    row("theme_wins", "Use that theme for decks that name another one, too.", Ok("false"), Kind::Flag),
    row(
        "scale",
        "How large slides are drawn whose deck does not say: auto, off, or a number from 1 to 8.",
        Err("auto"),
        Kind::Or(&["auto", "off"], "a number from 1 to 8"),
    ),
    row(
        "colors",
        "How many colours the terminal has.",
        Err("what the terminal says"),
        Kind::OneOf(names::<ColorsName>),
    ),
    row(
        "images",
        "How the terminal shows pictures.",
        Err("what the terminal says"),
        Kind::OneOf(names::<ImagesName>),
    ),
    row(
        "text_sizing",
        "Let the terminal enlarge big text by itself (kitty 0.40 and newer).",
        Ok("false"),
        Kind::Flag,
    ),
    row("transition", "How one slide becomes the next.", Ok("none"), Kind::OneOf(names::<TransitionName>)),
    row(
        "reduced_motion",
        "No transitions, and pictures that move show their first frame.",
        Ok("false"),
        Kind::Flag,
    ),
    row("clock", "Show the time of day and the talk's time in the footer.", Ok("false"), Kind::Flag),
    row("pace", "Show in the footer how far the talk is from its plan.", Ok("false"), Kind::Flag),
    row("timer", "When the talk's timer starts.", Ok("move"), Kind::OneOf(names::<TimerName>)),
    row(
        "remote",
        "Serve a remote control for a phone: on, off, or the address to serve it at.",
        Ok("off"),
        Kind::Or(&["on", "off"], "an address such as 0.0.0.0:8080"),
    ),
];

fn names<T: ValueEnum>() -> Vec<String> {
    let names = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    names.map(|value| value.get_name().to_owned()).collect()
}

fn themes() -> Vec<String> {
    greenroom_parse::theme_names().iter().map(|name| (*name).to_owned()).collect()
}

/// A plain value as a person writes it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What a setting can be, in a sentence.
pub(super) fn listed(setting: &Setting) -> String {
    match setting.kind {
        Kind::Flag => "true or false".to_owned(),
        Kind::OneOf(names) => names().join(", "),
        Kind::Or(words, other) => format!("{}, or {other}", words.join(", ")),
    }
}

/// A value that can be written, as an example.
pub(super) fn first(setting: &Setting) -> String {
    match setting.kind {
        Kind::Flag => "true".to_owned(),
        Kind::OneOf(names) => names().into_iter().next().unwrap_or_default(),
        Kind::Or(words, _) => words.first().map(|word| (*word).to_owned()).unwrap_or_default(),
    }
}

/// Its part of the schema. `true`, `off` and `256` are no text in YAML: what is checked is the value as it is written.
pub(super) fn schema(setting: &Setting) -> Value {
    let description = setting.about;
    match setting.kind {
        Kind::Flag => json!({ "description": description, "type": "boolean" }),
        Kind::OneOf(_) | Kind::Or(..) => {
            let description = format!("{description} Known: {}.", listed(setting));
            json!({ "description": description, "type": ["string", "number", "boolean"] })
        }
    }
}
