//! `talk.yaml`: what its types cannot say about it.

use serde_json::{Value, json};

use super::demo;
use super::values::one_line;
use greenroom_base::diag::{Diagnostic, Severity};
use greenroom_base::files::Files;
use greenroom_deck::Outline;
use greenroom_yaml::{Document, Mistake};
use greenroom_yaml::{On, Path, PathStep};

/// No outline is longer than this.
pub(super) const LIMIT: u64 = 256 << 10;

/// The schema of an outline, with its definitions. That of a theme stands in the one for editors only: a theme is read by
/// itself.
pub(super) fn schema() -> Value {
    let mut schema = schemars::schema_for!(Outline).to_value();
    if let Some(theme) = schema.pointer_mut("/properties/theme/type") {
        *theme = json!(["string", "object"]);
    }
    schema
}

/// Reads the outline in `document`. What does not fit is left out of it and reported; whether its theme is described in it is
/// said besides.
pub(super) fn read(files: &dyn Files, document: &Document<'_>) -> (Outline, Vec<Mistake>, bool) {
    let schema = schema();
    let (mut map, mut mistakes) = document.read(&schema);
    let described = map.get("theme").is_some_and(Value::is_object);
    if described {
        map.remove("theme");
    }
    one_line(&mut map);
    let unreadable = map.is_empty() && !mistakes.is_empty();
    let mut outline: Outline = serde_json::from_value(Value::Object(map)).unwrap_or_default();
    if unreadable {
        return (outline, mistakes, described);
    }
    let mut review = Review { document, files, mistakes: &mut mistakes };
    review.required(&outline);
    review.minutes(&mut outline);
    review.scale(&mut outline);
    review.people(&mut outline);
    review.sections(&mut outline);
    review.demos(&mut outline);
    (outline, mistakes, described)
}

/// Where `key` of section `number`, counted from 0, is written in `talk.yaml`.
#[must_use]
pub fn section_path(number: usize, key: &str) -> Path {
    vec![PathStep::Key("sections".to_owned()), PathStep::Index(number), PathStep::Key(key.to_owned())]
}

/// The first and the last line of section `number`.
pub(super) fn section_lines(document: &Document<'_>, number: usize) -> (usize, usize) {
    let path = section_path(number, "");
    let first = document.line(path.get(..2).unwrap_or_default());
    let last = ["title", "file", "minutes"].map(|key| document.line(&section_path(number, key)));
    (first, last.into_iter().fold(first, usize::max))
}

struct Review<'a> {
    document: &'a Document<'a>,
    files: &'a dyn Files,
    mistakes: &'a mut Vec<Mistake>,
}

impl Review<'_> {
    /// Whether something was said about `path`, or about something inside of it, already.
    fn reported(&self, path: &[PathStep]) -> bool {
        self.too_many() || self.mistakes.iter().any(|(reported, _)| reported.starts_with(path))
    }

    /// What was said first about `path`, or about something inside of it, if it is an error.
    fn first_error(&self, path: &[PathStep]) -> Option<String> {
        let error = |(at, problem): &&Mistake| {
            problem.severity == Severity::Error && (at.starts_with(path) || path.starts_with(at))
        };
        let first = self.mistakes.iter().find(error).map(|(_, problem)| problem.message.clone());
        let more = || self.too_many().then(|| "there are too many mistakes in the outline".to_owned());
        first.or_else(more)
    }

    /// Whether something was said about `path` itself already.
    fn whole_reported(&self, path: &[PathStep]) -> bool {
        self.too_many() || self.mistakes.iter().any(|(reported, _)| reported == path)
    }

    /// More would not be listed, so there is no need to look for more.
    fn too_many(&self) -> bool {
        self.mistakes.len() > greenroom_deck::Deck::MAX_PROBLEMS
    }

    fn add(&mut self, path: Path, problem: Diagnostic) {
        self.mistakes.push((path, problem));
    }

    fn scale(&mut self, outline: &mut Outline) {
        if outline.scale.as_ref().is_some_and(|scale| scale.read().is_none()) {
            outline.scale = None;
            let path = vec![PathStep::Key("scale".to_owned())];
            let place = self.document.place(&path, On::Value);
            let problem = Diagnostic::error(place, "`scale` is no scale");
            self.add(path, problem.hint("write auto, off, or a number from 1 to 8: 1.5"));
        }
    }

    /// Who speaks, and in which language.
    fn people(&mut self, outline: &mut Outline) {
        outline.speakers.retain(|speaker| !speaker.name.is_empty());
        if !outline.speakers.is_empty() && outline.speaker.is_some() {
            let path = vec![PathStep::Key("speaker".to_owned())];
            let place = self.document.place(&path, On::Key);
            let problem = Diagnostic::warning(place, "`speaker` does nothing beside `speakers`");
            self.add(path, problem.hint("name everybody in one of them"));
            outline.speaker = None;
        }
        if !outline.speakers.is_empty() {
            outline.speaker = Some(outline.names().join(", "));
        }
        if outline.lang.as_deref().is_some_and(|lang| !Outline::is_language(lang)) {
            outline.lang = None;
            let path = vec![PathStep::Key("lang".to_owned())];
            let place = self.document.place(&path, On::Value);
            let problem = Diagnostic::error(place, "`lang` is no language");
            self.add(path, problem.hint("write its tag: en, de, pt-BR, zh-Hans"));
        }
    }

    fn required(&mut self, outline: &Outline) {
        let lacking = [
            ("title", outline.title.is_empty(), "add `title: The title of the talk`"),
            (
                "sections",
                outline.sections.is_empty(),
                "add `sections:` with a `- title:` and a `file:` for each",
            ),
        ];
        for (key, empty, hint) in lacking {
            let path = vec![PathStep::Key(key.to_owned())];
            if empty && !self.reported(&path) {
                let place = self.document.place(&path, On::Key);
                let problem = Diagnostic::error(place, format!("the talk has no {key}"));
                self.add(path, problem.hint(hint));
            }
        }
    }

    /// Minutes that are none are forgotten, and sums that differ are pointed out.
    fn minutes(&mut self, outline: &mut Outline) {
        let total_path = vec![PathStep::Key("minutes".to_owned())];
        self.positive(&mut outline.minutes, total_path.clone());
        for (number, section) in outline.sections.iter_mut().enumerate() {
            self.positive(&mut section.minutes, section_path(number, "minutes"));
        }
        let planned: Vec<f64> = outline.sections.iter().filter_map(|section| section.minutes).collect();
        let (Some(total), sum) = (outline.minutes, planned.iter().sum::<f64>()) else { return };
        let complete = planned.len() == outline.sections.len() && !planned.is_empty();
        if (complete && (sum - total).abs() > 0.01) || sum > total + 0.01 {
            let place = self.document.place(&total_path, On::Value);
            let message = format!("the sections' minutes add up to {sum}, and the talk's are {total}");
            let problem = Diagnostic::warning(place, message).hint("change one of them");
            self.add(total_path, problem);
        }
    }

    fn positive(&mut self, minutes: &mut Option<f64>, path: Path) {
        if minutes.is_some_and(|minutes| minutes <= 0.0) {
            let place = self.document.place(&path, On::Value);
            let problem = Diagnostic::warning(place, "a length in minutes is more than 0");
            self.add(path, problem.hint("it is ignored; remove it, or give the planned length"));
            *minutes = None;
        }
    }

    fn sections(&mut self, outline: &mut Outline) {
        for (number, section) in outline.sections.iter_mut().enumerate() {
            let mut whole = section_path(number, "");
            whole.pop();
            if self.whole_reported(&whole) {
                continue;
            }
            let lacking = [
                ("title", section.title.is_empty(), "GIL no more"),
                ("file", section.file.is_empty(), "gil.md"),
            ];
            for (key, empty, example) in lacking {
                let path = section_path(number, key);
                if empty && !self.reported(&path) {
                    let place = self.document.place(&whole, On::Key);
                    let problem = Diagnostic::error(place, format!("this section has no {key}"));
                    self.add(path, problem.hint(format!("add `{key}: {example}`")));
                }
            }
            if section.title.is_empty() {
                let name = section.file.rsplit('/').next().unwrap_or_default();
                section.title = name.trim_end_matches(".md").to_owned();
            }
        }
    }

    fn demos(&mut self, outline: &mut Outline) {
        for (id, demo) in &mut outline.demos {
            let path = vec![PathStep::Key("demos".to_owned()), PathStep::Key(id.clone())];
            // Whatever was left out of it: it is not what the deck says any more.
            demo.fault = self.first_error(&path);
            if self.whole_reported(&path) {
                continue;
            }
            for fault in demo::review(demo, self.files) {
                let mut path = path.clone();
                path.extend(fault.path());
                if self.reported(&path) {
                    continue;
                }
                let place = self.document.place(&path, On::Value);
                self.add(path, fault.problem(place));
            }
        }
    }
}
