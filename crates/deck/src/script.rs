//! What is typed into a demo in place of the speaker: a list of steps, each of which one key of the speaker's asks for.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::time_limit::length;
use greenroom_base::diag::nearest;
use greenroom_base::text::clean_line;

/// Most steps of a script: who gives a talk presses a key for each.
pub(crate) const MAX_STEPS: usize = 200;
/// Most bytes that one step types.
const MAX_TYPED: usize = 4096;
/// How long a text is waited for when the deck says nothing.
const WITHIN: Duration = Duration::from_secs(10);
/// A text that is waited for may be so long after it was asked for, at most.
const MAX_WITHIN: Duration = Duration::from_mins(10);
/// What a compiled expression may take, in bytes: looking for it must cost no frame.
const MAX_EXPRESSION: usize = 32 * 1024;
/// The mark of a recording at which its program waits for the first step.
pub const READY: &str = "ready";

/// A step as the deck writes it: text alone is typed and entered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WrittenStep {
    /// It is typed, and Enter pressed.
    Line(String),
    /// More than that.
    Step(Box<StepKeys>),
}

/// What a step may say, in the order in which it is done.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct StepKeys {
    /// This is typed, as a person types; without a key after it.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Then these keys are pressed: `Enter`, `Ctrl-c`, `[Down, Down, Enter]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub press: Option<Pressed>,
    /// Then this text is waited for in what the program shows; between slashes it is a regular expression: `/\d+ files/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<String>,
    /// For so long at most: `500ms`, `20s`, `5m`; 10 s when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// What the end of the step is called on the recording; what it types, when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// For the speaker, before the step: the presenter view shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A key, or several.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Pressed {
    /// One.
    One(String),
    /// One after the other.
    Several(Vec<String>),
}

impl JsonSchema for WrittenStep {
    fn schema_name() -> Cow<'static, str> {
        "ScriptStep".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = StepKeys::json_schema(generator);
        schema.insert("type".to_owned(), vec!["string", "object"].into());
        schema.insert("description".to_owned(), "A line that is typed and entered, or what is done.".into());
        schema
    }
}

impl JsonSchema for Pressed {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Pressed".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "array"], "items": { "type": "string" } })
    }
}

impl Pressed {
    /// The keys, in their order.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        match self {
            Self::One(key) => std::slice::from_ref(key),
            Self::Several(keys) => keys,
        }
    }
}

/// A script, as it is gone through: what only waits, names or notes belongs to the step beside it, so that every step types.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// What is waited for before the first step.
    pub opening: Vec<Wait>,
    /// What a key of the speaker's asks for, one after the other.
    pub steps: Vec<ScriptStep>,
}

/// What one key of the speaker's asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScriptStep {
    /// This is typed.
    pub text: String,
    /// Then these keys are pressed, as they are spelled.
    pub press: Vec<String>,
    /// Then these are waited for, one after the other.
    pub waits: Vec<Wait>,
    /// What its end is called on a recording.
    pub label: String,
    /// For the speaker.
    pub note: String,
}

/// What is waited for, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// As the deck writes it.
    pub text: String,
    /// At most.
    pub within: Duration,
}

impl ScriptStep {
    /// What it does, in a line: what is typed, or the keys that are pressed.
    #[must_use]
    pub fn says(&self) -> String {
        if self.text.trim().is_empty() { self.press.join(" ") } else { self.text.clone() }
    }
}

impl Script {
    /// The script that `written` is.
    #[must_use]
    pub fn of(written: &[WrittenStep]) -> Self {
        let mut script = Self::default();
        let mut note: Option<String> = None;
        for step in written.iter().take(MAX_STEPS) {
            let keys = match step {
                WrittenStep::Line(text) => &StepKeys {
                    text: Some(text.clone()),
                    press: Some(Pressed::One("Enter".to_owned())),
                    ..StepKeys::default()
                },
                WrittenStep::Step(keys) => &**keys,
            };
            if !keys.types() {
                script.beside(keys, &mut note);
                continue;
            }
            let mut one = ScriptStep {
                text: keys.text.clone().unwrap_or_default(),
                press: keys.press.iter().flat_map(Pressed::keys).cloned().collect(),
                waits: keys.waits(),
                label: line(keys.marker.as_deref().unwrap_or_default()),
                note: note
                    .take()
                    .into_iter()
                    .chain(keys.note.as_deref().map(line))
                    .collect::<Vec<_>>()
                    .join(" "),
            };
            if one.label.is_empty() {
                one.label = line(&one.says());
            }
            script.steps.push(one);
        }
        script
    }

    /// What types nothing: its wait and its name are the last step's, its note the next one's.
    fn beside(&mut self, keys: &StepKeys, note: &mut Option<String>) {
        match self.steps.last_mut() {
            Some(step) => {
                step.waits.extend(keys.waits());
                if let Some(marker) = &keys.marker {
                    step.label = line(marker);
                }
            }
            None => self.opening.extend(keys.waits()),
        }
        if let Some(more) = keys.note.as_deref().map(line) {
            *note = Some(note.take().map_or_else(|| more.clone(), |before| format!("{before} {more}")));
        }
    }

    /// Whether there is nothing to type.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Why a recording with these marks cannot be gone through step by step; none when it can. The end of the last step may be
    /// the end of the recording.
    #[must_use]
    pub fn lacks_marks<'m>(&self, marks: impl IntoIterator<Item = &'m str>) -> Option<String> {
        let names: Vec<&str> = marks.into_iter().collect();
        let ready = usize::from(names.first() == Some(&READY));
        let (has, needs) = (names.len() - ready, self.steps.len().saturating_sub(1));
        (has < needs || needs > 0 && names.is_empty()).then(|| {
            let steps = self.steps.len();
            format!("it has {has} of the marks that the {steps} steps of its script need")
        })
    }
}

/// A person's text as one line that can be shown.
fn line(text: &str) -> String {
    clean_line(text.trim()).into_owned()
}

impl Script {
    /// Why a recording with these marks, which this program wrote, is one of other steps; none when it is not.
    #[must_use]
    pub fn differs_from<'m>(&self, marks: impl IntoIterator<Item = &'m str>) -> Option<String> {
        let mut marks = marks.into_iter();
        (marks.next() == Some(READY)).then_some(())?;
        let (number, (mark, step)) =
            marks.zip(&self.steps).enumerate().find(|(_, (mark, step))| *mark != step.label)?;
        let (was, is) = (clean_line(mark), &step.label);
        Some(format!(
            "it is of another script: its step {} is \"{was}\", and the script's is \"{is}\"",
            number + 1
        ))
    }
}

impl StepKeys {
    fn types(&self) -> bool {
        self.text.as_ref().is_some_and(|text| !text.is_empty())
            || self.press.as_ref().is_some_and(|press| !press.keys().is_empty())
    }

    fn waits(&self) -> Vec<Wait> {
        let within = self.within.as_deref().and_then(length).unwrap_or(WITHIN).min(MAX_WITHIN);
        self.wait.iter().map(|text| Wait { text: text.replace('\t', " "), within }).collect()
    }
}

/// What a wait looks for.
#[derive(Debug, Clone)]
pub enum Sought {
    /// This text.
    Text(String),
    /// What this expression describes.
    Expression(regex_lite::Regex),
}

impl Sought {
    /// What `written` looks for.
    ///
    /// # Errors
    /// When it is no expression, or one that is too large.
    pub fn of(written: &str) -> Result<Self, String> {
        let expression = written.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        let Some(expression) = expression.filter(|expression| !expression.is_empty()) else {
            return Ok(Self::Text(written.to_owned()));
        };
        let mut builder = regex_lite::RegexBuilder::new(expression);
        let built = builder.multi_line(true).size_limit(MAX_EXPRESSION).nest_limit(32).build();
        built.map(Self::Expression).map_err(|error| error.to_string())
    }

    /// Whether it is in `text`.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Text(sought) => text.contains(sought.as_str()),
            Self::Expression(expression) => expression.is_match(text),
        }
    }
}

/// What is wrong with a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepFault {
    /// The step, counted from 0; none when it is about all of them.
    pub step: Option<usize>,
    /// The key of it that is to blame; empty when it is the whole step.
    pub key: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// What is wrong with the steps of a script.
#[must_use]
pub fn step_faults(written: &[WrittenStep]) -> Vec<StepFault> {
    if written.len() > MAX_STEPS {
        let message = format!("this script has {} steps, and {MAX_STEPS} are typed at most", written.len());
        let hint = "each step is a key of the speaker's: join steps, or start a program that does all of it";
        return vec![StepFault { step: None, key: "", message, hint: hint.to_owned() }];
    }
    let mut faults = Vec::new();
    for (number, step) in written.iter().enumerate() {
        let mut add = |key, message: String, hint: String| {
            faults.push(StepFault { step: Some(number), key, message, hint });
        };
        match step {
            WrittenStep::Line(text) => typed(text, "", &mut add),
            WrittenStep::Step(keys) => {
                keys.text.iter().for_each(|text| typed(text, "type", &mut add));
                pressed(keys, &mut add);
                waited(keys, &mut add);
                let says =
                    keys.types() || keys.wait.is_some() || keys.marker.is_some() || keys.note.is_some();
                if !says {
                    let hint = "write `type: text`, `press: Enter` or `wait: text`";
                    add("", "this step does nothing".to_owned(), hint.to_owned());
                }
            }
        }
    }
    if faults.is_empty() && !written.is_empty() && Script::of(written).is_empty() {
        let (message, hint) = ("this script types nothing", "write the lines that are typed, one an item");
        faults.push(StepFault { step: None, key: "", message: message.to_owned(), hint: hint.to_owned() });
    }
    faults
}

fn typed(text: &str, key: &'static str, add: &mut impl FnMut(&'static str, String, String)) {
    // What a reader of YAML could not show stands there as a replacement.
    if let Some(control) = text.chars().find(|c| c.is_control() || *c == char::REPLACEMENT_CHARACTER) {
        let name = match control {
            '\n' | '\r' => "`press: Enter`, or a step for each line",
            '\t' => "`press: Tab`",
            '\u{1b}' => "`press: Esc`",
            '\u{7f}' | '\u{8}' => "`press: Backspace`",
            _ => "`press: Esc`, `press: Ctrl-c`",
        };
        let which =
            if control.is_control() { format!(": {}", control.escape_default()) } else { String::new() };
        let message = format!("a control character cannot be typed{which}");
        add(key, message, format!("keys are pressed: {name}"));
    } else if text.len() > MAX_TYPED {
        let message = format!("a step types {MAX_TYPED} bytes at most, and this one {}", text.len());
        add(key, message, "put the text into a file of the deck, and use that".to_owned());
    } else if text.is_empty() && key.is_empty() {
        add(key, "this step does nothing".to_owned(), "`press: Enter` enters an empty line".to_owned());
    }
}

fn pressed(keys: &StepKeys, add: &mut impl FnMut(&'static str, String, String)) {
    let all = keys.press.iter().flat_map(Pressed::keys);
    for key in all.filter(|key| !is_key(key)) {
        let hint = match near_key(key) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write Enter, Tab, Esc, Up, F5, a character, or Ctrl-c; text is for `type:`".to_owned(),
        };
        add("press", format!("\"{}\" is no key", key.escape_debug()), hint);
    }
    if keys.press.as_ref().is_some_and(|press| press.keys().len() > MAX_STEPS) {
        let message = format!("a step presses {MAX_STEPS} keys at most");
        add("press", message, "make several steps of it".to_owned());
    }
}

fn waited(keys: &StepKeys, add: &mut impl FnMut(&'static str, String, String)) {
    match &keys.wait {
        Some(wait) if wait.is_empty() => {
            add("wait", "an empty text is always there".to_owned(), "write the text to wait for".to_owned());
        }
        Some(wait) => {
            if let Err(error) = Sought::of(wait) {
                let message = format!("this expression cannot be used: {error}");
                add("wait", message, "without slashes it is plain text".to_owned());
            }
        }
        None if keys.within.is_some() => {
            let hint = "add `wait: text`, or remove it".to_owned();
            add("within", "`within` limits a wait, and this step waits for nothing".to_owned(), hint);
        }
        None => {}
    }
    if let Some(within) =
        keys.within.as_ref().filter(|within| length(within).is_none_or(|it| it > MAX_WITHIN))
    {
        let message = format!("\"{within}\" is no time to wait");
        add("within", message, "write it as 500ms, 20s or 5m; at most 10m".to_owned());
    }
}

/// The keys that have names.
pub const KEY_NAMES: &[&str] = &[
    "Space",
    "Enter",
    "Esc",
    "Tab",
    "BackTab",
    "Backspace",
    "Delete",
    "Insert",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "Up",
    "Down",
    "Left",
    "Right",
];
/// What may be held down, in this order.
const HELD: &[&str] = &["Ctrl-", "Alt-", "Shift-"];

/// Whether `text` spells a key.
fn is_key(text: &str) -> bool {
    let rest = HELD
        .iter()
        .fold(text, |rest, held| rest.strip_prefix(held).filter(|after| !after.is_empty()).unwrap_or(rest));
    let mut characters = rest.chars();
    match (characters.next(), characters.as_str()) {
        (Some(c), "") => !c.is_control(),
        (Some('F'), number) if number.parse::<u8>().is_ok_and(|number| (1..=24).contains(&number)) => true,
        _ => KEY_NAMES.contains(&rest),
    }
}

/// The key that somebody may have meant who wrote `text`.
fn near_key(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let other = [
        ("control-", "Ctrl-"),
        ("ctrl+", "Ctrl-"),
        ("ctrl-", "Ctrl-"),
        ("c-", "Ctrl-"),
        ("^", "Ctrl-"),
        ("alt-", "Alt-"),
        ("alt+", "Alt-"),
        ("shift-", "Shift-"),
        ("shift+", "Shift-"),
    ];
    for (written, held) in other {
        if let Some(rest) = lower.strip_prefix(written).filter(|rest| !rest.is_empty()) {
            let key = if rest.chars().count() == 1 {
                Some(rest.to_owned())
            } else {
                near_key(rest).or_else(|| named(rest))
            };
            return key.map(|key| format!("{held}{key}"));
        }
    }
    named(text)
}

fn named(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let aliases = [
        ("return", "Enter"),
        ("escape", "Esc"),
        ("del", "Delete"),
        ("ins", "Insert"),
        ("pgup", "PageUp"),
        ("pgdn", "PageDown"),
        ("pgdown", "PageDown"),
        ("spacebar", "Space"),
    ];
    let alias = aliases.iter().find(|(alias, _)| *alias == lower).map(|(_, name)| *name);
    let same = || KEY_NAMES.iter().find(|name| name.to_lowercase() == lower).copied();
    alias.or_else(same).or_else(|| nearest(text, KEY_NAMES.iter().copied())).map(str::to_owned)
}

#[cfg(test)]
mod tests;
