//! A bench's scenario file: what its types cannot say about it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::values::one_line;
use greenroom_base::diag::listed;
use greenroom_base::diag::{Diagnostic, Warned, nearest};
use greenroom_base::files::{Files, beside, normalize};
use greenroom_deck::{Demo, Scenario, Variant};
use greenroom_yaml::{Document, Mistake};
use greenroom_yaml::{On, Path, PathStep};

/// No scenario is longer than this.
const LIMIT: u64 = 64 << 10;
/// Most variants of a scenario.
const MAX_VARIANTS: usize = 6;
/// Most connections of a load.
const MAX_CONNECTIONS: u64 = 512;
/// The longest name of a variant, in characters: six of them share a slide.
const MAX_NAME: usize = 40;
/// What stands for something else in a variant's command.
const PLACEHOLDERS: [&str; 2] = ["port", "socket"];

/// The schema of a scenario, with its definitions.
pub(super) fn schema() -> Value {
    schemars::schema_for!(Scenario).to_value()
}

/// Reads the scenario at `path`. What does not fit is left out of it and reported.
pub(super) fn read(files: &dyn Files, path: &str) -> Warned<Scenario> {
    let (source, early) = super::open(files, path, LIMIT);
    if source.text.is_empty() && !early.is_empty() {
        return Warned { value: Scenario::default(), problems: early };
    }
    let document = Document::of(&source);
    let (mut map, mistakes) = document.read(&schema());
    let whole = !map.is_empty() || mistakes.is_empty();
    let mut review = Review { document: &document, mistakes };
    review.ranges(&mut map);
    // A command line for `prepare` keeps its line breaks, as a variant's does.
    let prepare = map.remove("prepare");
    one_line(&mut map);
    map.extend(prepare.map(|prepare| ("prepare".to_owned(), prepare)));
    let mut scenario: Scenario = serde_json::from_value(Value::Object(map)).unwrap_or_default();
    if whole {
        review.all(&mut scenario, path);
    }
    if scenario.title.is_empty() {
        super::stem(path).clone_into(&mut scenario.title);
    }
    let mut problems: Vec<Diagnostic> = review.mistakes.into_iter().map(|(_, problem)| problem).collect();
    problems.sort_by_key(|problem| super::in_order(problem, &source));
    Warned { value: scenario, problems: early.into_iter().chain(problems).collect() }
}

/// The scenarios that `demos` name, by their paths as the demos write them, and what is wrong with them. Files that
/// are not there were reported with the demos.
pub(super) fn of_demos<'a>(
    files: &dyn Files,
    demos: impl Iterator<Item = &'a Demo>,
) -> (Vec<(String, Scenario)>, Vec<Diagnostic>) {
    let paths: BTreeSet<&String> = demos.filter_map(|demo| demo.scenario.as_ref()).collect();
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for path in paths.into_iter().filter(|path| files.head(path, 1).is_ok()) {
        let read = read(files, path);
        found.push((path.clone(), read.value));
        problems.extend(read.problems);
    }
    (found, problems)
}

struct Review<'a> {
    document: &'a Document<'a>,
    mistakes: Vec<Mistake>,
}

impl Review<'_> {
    /// Whether something was said about `path`, or about something inside of it, already.
    fn reported(&self, path: &[PathStep]) -> bool {
        self.mistakes.iter().any(|(reported, _)| reported.starts_with(path))
    }

    fn add(&mut self, path: Path, on: On, message: impl Into<String>, hint: impl Into<String>) {
        if !self.reported(&path) {
            let place = self.document.place(&path, on);
            self.mistakes.push((path, Diagnostic::error(place, message).hint(hint)));
        }
    }

    /// Numbers that their types do not hold; such a number is taken out.
    fn ranges(&mut self, map: &mut Map<String, Value>) {
        let all = [
            ("load", "connections", 1..=MAX_CONNECTIONS, "8 is a good start"),
            ("check", "status", 100..=599, "a right answer is usually 200"),
        ];
        for (outer, inner, range, hint) in all {
            let Some(Value::Object(part)) = map.get_mut(outer) else { continue };
            let wrong = |value: &Value| !value.as_u64().is_some_and(|number| range.contains(&number));
            if part.get(inner).is_some_and(wrong) {
                part.remove(inner);
                let message = format!("`{inner}` is from {} to {}", range.start(), range.end());
                self.add(keys(&[outer, inner]), On::Value, message, hint);
            }
        }
    }

    fn all(&mut self, scenario: &mut Scenario, file: &str) {
        if scenario.path.is_empty() {
            self.add(keys(&["path"]), On::Key, "this scenario has no path", "add `path: /the/page/`");
        } else {
            self.url(&keys(&["path"]), &scenario.path);
        }
        if let Some(identity) = &scenario.identity {
            self.url(&keys(&["identity"]), identity);
        }
        if let Some(directory) = &scenario.directory
            && normalize(&beside(file, directory)).is_none()
        {
            let message = format!("\"{directory}\" leads out of the deck folder");
            let hint = "a deck uses only what is inside of its folder";
            self.add(keys(&["directory"]), On::Value, message, hint);
            scenario.directory = None;
        }
        for (number, command) in scenario.prepare.iter().enumerate() {
            if command.first().is_none_or(|program| program.trim().is_empty()) {
                let path = vec![PathStep::Key("prepare".to_owned()), PathStep::Index(number)];
                self.add(path, On::Value, "this command is empty", "write `- [program, argument]`");
            }
        }
        let verified = scenario.variants.iter().position(|one| !one.verify.is_empty());
        if let (Some(number), None) = (verified, &scenario.identity) {
            let hint = "add `identity:` with the path of an answer in JSON, such as {\"psycopg\": \"c\"}";
            self.add(variant(number, &["verify"]), On::Key, "nothing says what is to be verified", hint);
        }
        self.variants(&mut scenario.variants);
    }

    fn variants(&mut self, variants: &mut Vec<Variant>) {
        let path = keys(&["variants"]);
        match variants.len() {
            0 => {
                let hint = "add `variants:` with a `- name:` and a `command:` for each";
                self.add(path, On::Key, "this scenario has no variants", hint);
            }
            1 if !self.reported(&path) => {
                let place = self.document.place(&path, On::Key);
                let problem = Diagnostic::warning(place, "one variant has nothing to be compared with");
                self.mistakes.push((path, problem.hint("add a second one")));
            }
            2..=MAX_VARIANTS => {}
            more if more > MAX_VARIANTS => {
                let message = format!("these are {more} variants; {MAX_VARIANTS} can be compared");
                let place = self.document.place(&variant(MAX_VARIANTS, &[]), On::Key);
                let problem =
                    Diagnostic::error(place, message).hint("write a second scenario for the others");
                self.mistakes.push((path, problem));
                variants.truncate(MAX_VARIANTS);
            }
            _ => {}
        }
        let mut names = BTreeSet::new();
        for (number, one) in variants.iter().enumerate() {
            self.name(number, &one.name, &mut names);
            self.command(number, &one.command);
            if let Some(path) = &one.path {
                self.url(&variant(number, &["path"]), path);
            }
        }
        for (number, one) in variants.iter().enumerate() {
            let others: Vec<&str> =
                variants.iter().map(|other| other.name.as_str()).filter(|name| *name != one.name).collect();
            let Some(against) = one.against.as_deref().filter(|name| !others.contains(name)) else {
                continue;
            };
            let hint = match nearest(against, others.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "give the name of another variant".to_owned(),
            };
            let message = format!("no other variant is called \"{against}\"");
            self.add(variant(number, &["against"]), On::Value, message, hint);
        }
    }

    fn name<'n>(&mut self, number: usize, name: &'n str, before: &mut BTreeSet<&'n str>) {
        let (whole, path) = (variant(number, &[]), variant(number, &["name"]));
        if self.mistakes.iter().any(|(reported, _)| *reported == whole) || self.reported(&path) {
            return;
        }
        if name.is_empty() {
            let place = self.document.place(&whole, On::Key);
            let problem = Diagnostic::error(place, "this variant has no name");
            self.mistakes.push((path, problem.hint("add `name: GIL threads`")));
        } else if name.chars().count() > MAX_NAME {
            let message = format!("a variant's name has at most {MAX_NAME} characters");
            self.add(path, On::Value, message, "it stands beside the others on a slide; shorten it");
        } else if !before.insert(name) {
            let message = format!("two variants are called \"{name}\"");
            self.add(path, On::Value, message, "nobody could tell them apart; rename one");
        }
    }

    fn command(&mut self, number: usize, command: &[String]) {
        let (whole, path) = (variant(number, &[]), variant(number, &["command"]));
        if self.mistakes.iter().any(|(reported, _)| *reported == whole) || self.reported(&path) {
            return;
        }
        if command.first().is_none_or(|program| program.trim().is_empty()) {
            let place = self.document.place(&whole, On::Key);
            let problem = Diagnostic::error(place, "this variant has no command");
            self.mistakes.push((path, problem.hint("add `command: [program, --port, \"{port}\"]`")));
            return;
        }
        let mut bound = false;
        for (index, part) in command.iter().enumerate() {
            for found in placeholders(part) {
                if PLACEHOLDERS.contains(&found) {
                    bound = true;
                    continue;
                }
                let mut path = path.clone();
                path.push(PathStep::Index(index));
                let hint = match nearest(found, PLACEHOLDERS) {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => format!("known here: {}", listed(PLACEHOLDERS.into_iter())),
                };
                self.add(path, On::Value, format!("nothing stands for `{{{found}}}` in a command"), hint);
            }
        }
        if !bound {
            let message = "this command does not say where the server listens";
            let hint = "put `{port}` or `{socket}` into it: [program, --port, \"{port}\"], \
                or [env, \"PORT={port}\", program] for a server that reads a variable";
            self.add(path, On::Key, message, hint);
        }
    }

    /// Something that is requested over HTTP.
    fn url(&mut self, path: &[PathStep], url: &str) {
        if !url.starts_with('/') {
            let message = format!("\"{url}\" is no path of a request");
            self.add(
                path.to_vec(),
                On::Value,
                message,
                "it begins with a slash; server and port are the bench's",
            );
        } else if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = "a path of a request has neither blanks nor letters beyond ASCII";
            self.add(path.to_vec(), On::Value, message, "write them as %20 and the like");
        }
    }
}

/// The path to `inner` of variant `number`.
fn variant(number: usize, inner: &[&str]) -> Path {
    let mut path = vec![PathStep::Key("variants".to_owned()), PathStep::Index(number)];
    path.extend(keys(inner));
    path
}

fn keys(names: &[&str]) -> Path {
    names.iter().map(|name| PathStep::Key((*name).to_owned())).collect()
}

/// The words in braces in `part`. What is no word, JSON for one, is left alone.
fn placeholders(part: &str) -> impl Iterator<Item = &str> {
    part.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(word, _)| word)
        .filter(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
}
