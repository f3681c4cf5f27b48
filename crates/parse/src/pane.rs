//! The body of a ```` ```pane ```` block.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{demo, outline, values};
use greenroom_base::diag::{Diagnostic, Location, listed, nearest};
use greenroom_base::files::Files;
use greenroom_deck::{Demo, PaneHeight, PaneSpec};
use greenroom_yaml::Document;
use greenroom_yaml::{On, PathStep};

/// What the panes of a deck are read with.
pub(super) struct PaneReader<'a> {
    demos: &'a BTreeMap<String, Demo>,
    schema: Option<Value>,
    /// How many had their command inline so far.
    inline: usize,
}

impl<'a> PaneReader<'a> {
    pub(super) fn new(demos: &'a BTreeMap<String, Demo>) -> Self {
        Self { demos, schema: None, inline: 0 }
    }

    /// Reads a block's body: the pane, unless there is nothing to run in it, and what is wrong with it.
    pub(super) fn read(
        &mut self,
        files: &dyn Files,
        document: &Document<'_>,
    ) -> (Option<PaneSpec>, Vec<Diagnostic>) {
        let (map, mistakes) = document.read(self.schema.get_or_insert_with(schema));
        let mut problems: Vec<Diagnostic> = mistakes.into_iter().map(|(_, problem)| problem).collect();
        let pane = self.pane(files, document, map, &mut problems);
        (pane, problems)
    }

    fn pane(
        &mut self,
        files: &dyn Files,
        document: &Document<'_>,
        mut map: Map<String, Value>,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<PaneSpec> {
        values::one_line(&mut map);
        // Whatever was left out of it: it is not what the deck says any more.
        let unreadable = problems.first().map(|problem| problem.message.clone());
        let at = |key: &str, on: On| document.place(&[PathStep::Key(key.to_owned())], on);
        let height = height(map.remove("height").as_ref(), || at("height", On::Value), problems);
        let after_previous = map.remove("order").is_some_and(|order| order == "after");
        let named = map.remove("demo").and_then(|id| id.as_str().map(str::to_owned));
        let base = match &named {
            Some(id) => {
                let Some(demo) = self.demos.get(id) else {
                    problems.push(self.unknown(id, at("demo", On::Value)));
                    return None;
                };
                demo.clone()
            }
            None if !map.contains_key("command") && !map.contains_key("scenario") => {
                if problems.is_empty() {
                    let problem = Diagnostic::error(at("", On::Key), "this pane has nothing to run");
                    problems.push(problem.hint("write `demo: id`, or `command: [program, argument]`"));
                }
                return None;
            }
            None => Demo::default(),
        };
        let changed: Vec<String> = map.keys().cloned().collect();
        let mut whole = serde_json::to_value(&base).unwrap_or_default();
        values::overlay(&mut whole, Value::Object(map));
        let fault = base.fault.clone().or(unreadable);
        let mut demo: Demo = serde_json::from_value(whole).unwrap_or(base);
        demo.fault = fault;
        for fault in demo::review(&mut demo, files) {
            // What is wrong with the demo itself was said where it is declared.
            let mut blamed =
                changed.iter().map(String::as_str).filter(|key| [fault.key, fault.with].contains(key));
            let whole = named.is_none() || changed.iter().any(|key| key == "kind");
            if let Some(key) = blamed.next().or(whole.then_some(fault.key)) {
                let path: Vec<PathStep> = fault.path().collect();
                let own = key == fault.key;
                let place = if own { document.place(&path, On::Value) } else { at(key, On::Value) };
                problems.push(fault.problem(place));
            }
        }
        let id = named.unwrap_or_else(|| {
            self.inline += 1;
            format!("inline-{}", self.inline)
        });
        Some(PaneSpec { id, demo, height, after_previous, bare: false })
    }

    fn unknown(&self, id: &str, place: Location) -> Diagnostic {
        let known = self.demos.keys().map(String::as_str);
        let hint = match nearest(id, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.demos.is_empty() => "the talk declares no demos; give a `command:`".to_owned(),
            None => format!("the talk declares: {}", listed(known)),
        };
        Diagnostic::error(place, format!("there is no demo `{id}`")).hint(hint)
    }
}

/// A demo's schema, with what a pane says besides.
fn schema() -> Value {
    let mut root = outline::schema();
    let mut pane = root.pointer("/$defs/Demo").cloned().unwrap_or_default();
    let own = json!({
        "properties": {
            "demo": { "type": "string" },
            "height": { "type": ["integer", "string"] },
            "order": { "enum": ["with", "after"] },
        }
    });
    values::overlay(&mut pane, own);
    if let Some(definitions) = root.get_mut("$defs") {
        pane["$defs"] = definitions.take();
    }
    pane
}

/// The height that is written at `place`; the room that is left where none is, or it is no height.
fn height(
    written: Option<&Value>,
    place: impl FnOnce() -> Location,
    problems: &mut Vec<Diagnostic>,
) -> PaneHeight {
    let height = written.map(share);
    if height == Some(None) {
        let problem = Diagnostic::error(place(), "this is no height of a pane");
        problems.push(problem.hint("write rows (`height: 10`) or a part of the slide (`height: 40%`)"));
    }
    height.flatten().unwrap_or_default()
}

/// `10` rows or `40%`.
fn share(height: &Value) -> Option<PaneHeight> {
    let text = match height {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    match text.strip_suffix('%') {
        Some(percent) => {
            percent.trim().parse().ok().filter(|percent| (1..=100).contains(percent)).map(PaneHeight::Percent)
        }
        None => text.parse().ok().filter(|rows| *rows > 0).map(PaneHeight::Rows),
    }
}
