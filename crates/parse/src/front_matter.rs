//! The front matter of a Markdown file, as presenterm defines it.

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::slides::Options;
use greenroom_base::diag::{Diagnostic, Location, listed, nearest};
use greenroom_base::text::SourceText;
use greenroom_deck::{Outline, Speaker};
use greenroom_markup::separators;
use greenroom_yaml::{Document, show};
use greenroom_yaml::{On, PathStep};

/// No header of mdp's is longer, in lines.
const MAX_HEADER: usize = 8;
/// A deck asks for no folder farther up.
const MAX_LEVELS: usize = 8;

/// What stands at the head of a file.
#[derive(Debug, Default)]
pub(super) struct Front {
    pub title: Option<String>,
    pub title_place: Option<Location>,
    pub subtitle: Option<String>,
    pub speaker: Option<String>,
    pub speakers: Vec<Speaker>,
    pub lang: Option<String>,
    pub event: Option<String>,
    pub location: Option<String>,
    pub date: Option<String>,
    pub theme: Option<(Asked, Location)>,
    /// How many folders up the deck's folder is asked to be, and where that is written.
    pub levels_up: Option<(usize, Location)>,
    pub options: Options,
    /// Keys that nobody knows are meant for others.
    pub lenient: bool,
    /// Where the slides begin.
    pub end: usize,
    pub problems: Vec<Diagnostic>,
}

/// How the theme is asked for.
#[derive(Debug)]
pub(super) enum Asked {
    Name(String),
    /// By a map, which is to be read.
    Map,
}

/// The keys that mean something, and the values they may have.
fn schema() -> Value {
    let text = json!({ "type": ["string", "number"] });
    json!({
        "type": "object",
        "properties": {
            "title": text, "sub_title": text, "author": text, "event": text, "location": text, "date": text, "lang": text, "root": text,
            "authors": { "type": "array", "items": text },
            "patat": { "type": "object", "properties": { "incrementalLists": { "type": "boolean" }, "slideLevel": { "type": "integer" } } },
            "theme": { "type": ["object", "string"] },
            "options": { "type": "object", "properties": {
                "end_slide_shorthand": { "type": "boolean" },
                "incremental_lists": { "type": "boolean" },
                "list_item_newlines": { "type": "integer" },
                "h1_slide_titles": { "type": "boolean" },
                "implicit_slide_ends": { "type": "boolean" },
                "command_prefix": { "type": "string" },
                "incremental_tables": { "type": "boolean" },
                "strict_front_matter_parsing": { "type": "boolean" },
                "image_attributes_prefix": { "type": "string" },
            } },
        },
    })
}

/// The YAML between two lines of `---`, or one and `...`, at the very beginning, and where the rest begins. A slide that happens to
/// stand between two separators has no `key:` on its first line.
fn block(text: &str) -> Option<(Range<usize>, usize)> {
    let (first, _) = text.split_once('\n')?;
    if first.trim_end() != "---" {
        return None;
    }
    let start = first.len() + 1;
    let mut at = start;
    for line in text.get(start..)?.split_inclusive('\n') {
        // Pandoc and patat may end it as YAML ends a document.
        if matches!(line.trim_end(), "---" | "...") {
            let body = text.get(start..at)?;
            let written = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
            let is_key = |line: &str| {
                let key = line.split_once(':').map_or("", |(key, _)| key);
                !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            };
            return body.lines().find(written).is_some_and(is_key).then(|| (start..at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// The front matter of `source`, if it has one, and where the slides begin.
pub(super) fn document(source: &SourceText) -> Option<(Document<'_>, usize)> {
    let (range, end) = block(&source.text)?;
    let text = source.text.get(range.clone())?;
    (!text.trim().is_empty()).then(|| (Document::within(source, text, range.start, 0..3), end))
}

/// How many folders up `root` leads: only up, and not farther than a repository is deep.
fn levels(root: &str) -> Option<usize> {
    let up = root.trim_end_matches('/').split('/').filter(|part| *part != ".");
    let levels = up.map(|part| (part == "..").then_some(1)).sum::<Option<usize>>()?;
    (1..=MAX_LEVELS).contains(&levels).then_some(levels)
}

/// How many folders up the deck's folder is asked to be by the front matter that `text` begins with.
pub(super) fn levels_up(text: &str) -> Option<usize> {
    Some(read(&SourceText::new("", text))?.levels_up?.0)
}

/// Reads the front matter of `source`, if it has one.
pub(super) fn read(source: &SourceText) -> Option<Front> {
    let Some((document, end)) = document(source) else { return header(source) };
    let (mut map, mistakes) = document.read(&schema());
    let mut front = Front { end, ..Front::default() };
    front.problems.extend(mistakes.into_iter().map(|(_, problem)| problem));
    let mut take = |key: &str| map.remove(key).as_ref().map(plain).filter(|text| !text.is_empty());
    front.title = take("title");
    front.title_place =
        front.title.is_some().then(|| document.place(&[PathStep::Key("title".to_owned())], On::Value));
    front.subtitle = take("sub_title");
    front.event = take("event");
    front.location = take("location");
    front.date = take("date");
    let (lang, root) = (take("lang"), take("root"));
    front.speaker = take("author");
    let place = |key: &str, on| document.place(&[PathStep::Key(key.to_owned())], on);
    if let Some(lang) = lang {
        front.language(lang, place("lang", On::Value));
    }
    if let Some(root) = root {
        front.root(&root, place("root", On::Value));
    }
    if let (Some(Value::Array(names)), None) = (map.remove("authors"), &front.speaker) {
        front.authors(&names);
    }
    front.theme = match map.remove("theme") {
        Some(Value::Object(_)) => Some((Asked::Map, place("theme", On::Key))),
        // As in an outline.
        Some(name @ Value::String(_)) => Some((Asked::Name(plain(&name)), place("theme", On::Value))),
        _ => None,
    };
    front.patat(&mut map, source.text.get(end..).unwrap_or_default());
    if let Some(Value::Object(options)) = map.remove("options") {
        front.options(options, &document);
    }
    if !front.lenient {
        front.unknown(&[], &map, &document);
    }
    let rest = source.text.get(end..).unwrap_or_default();
    let options = &mut front.options;
    // Only a file with front matter is for presenterm: without, `---` has ended slides beside comments from the beginning.
    if !options.told_shorthand && (options.implicit || separators::are_rules(rest, &options.prefix)) {
        options.shorthand = false;
    }
    Some(front)
}

/// The lines of `%title: …` that decks for mdp begin with, and Pandoc's `% Title`, `% Author`, `% Date`.
fn header(source: &SourceText) -> Option<Front> {
    let mut front = Front::default();
    for line in source.text.split_inclusive('\n').take(MAX_HEADER) {
        let Some(says) = line.trim_end().strip_prefix('%').filter(|says| !says.starts_with('%')) else {
            break;
        };
        front.end += line.len();
        let (key, value) = says.split_once(':').unwrap_or(("", says));
        let text = plain(&Value::String(value.to_owned()));
        let slot = match key.trim().to_ascii_lowercase().as_str() {
            "title" => &mut front.title,
            "author" => &mut front.speaker,
            "date" => &mut front.date,
            // Without names they come in this order.
            _ if front.title.is_none() => &mut front.title,
            _ if front.speaker.is_none() => &mut front.speaker,
            _ => &mut front.date,
        };
        *slot = Some(text).filter(|text| !text.is_empty());
    }
    (front.end > 0).then_some(front)
}

impl Front {
    fn language(&mut self, lang: String, place: Location) {
        if Outline::is_language(&lang) {
            self.lang = Some(lang);
        } else {
            let problem = Diagnostic::warning(place, "`lang` is no language");
            self.problems.push(problem.hint("write its tag: en, de, pt-BR, zh-Hans"));
        }
    }

    fn root(&mut self, root: &str, place: Location) {
        match levels(root) {
            Some(levels) => self.levels_up = Some((levels, place)),
            None => self.problems.push(
                Diagnostic::warning(place, "`root` names no folder above this one")
                    .hint("write how far up it is: .. or ../.."),
            ),
        }
    }

    fn authors(&mut self, names: &[Value]) {
        let names = names.iter().map(plain).filter(|name| !name.is_empty());
        self.speakers = names.map(|name| Speaker { name, affiliation: None }).collect();
        let all: Vec<&str> = self.speakers.iter().map(|speaker| speaker.name.as_str()).collect();
        self.speaker = Some(all.join(", ")).filter(|all| !all.is_empty());
    }

    /// What patat reads of `map`; `rest` is the text behind the front matter.
    fn patat(&mut self, map: &mut Map<String, Value>, rest: &str) {
        let Some(Value::Object(patat)) = map.get_mut("patat") else { return };
        let incremental = patat.remove("incrementalLists").and_then(|value| value.as_bool());
        self.options.incremental = incremental.unwrap_or(false);
        let level = patat.remove("slideLevel").and_then(|level| u8::try_from(level.as_u64()?).ok());
        self.options.level = separators::heading_level(rest, level);
        if patat.is_empty() {
            map.remove("patat");
        }
    }

    fn options(&mut self, mut options: Map<String, Value>, document: &Document<'_>) {
        let mut flag = |key: &str| options.remove(key).and_then(|value| value.as_bool());
        let shorthand = flag("end_slide_shorthand");
        self.options.told_shorthand = shorthand.is_some();
        self.options.shorthand = shorthand.unwrap_or(true);
        self.options.incremental |= flag("incremental_lists").unwrap_or(false);
        self.options.incremental_tables = flag("incremental_tables").unwrap_or(false);
        self.lenient = flag("strict_front_matter_parsing") == Some(false);
        self.options.implicit = flag("implicit_slide_ends").unwrap_or(false);
        // The first heading of a slide is its title anyway.
        self.options.h1_titles = flag("h1_slide_titles").unwrap_or(false);
        if let Some(Value::String(prefix)) = options.remove("command_prefix") {
            self.options.prefix = prefix;
        }
        if let Some(lines) = options.remove("list_item_newlines").and_then(|value| value.as_u64()) {
            self.options.spacing = u16::try_from(lines.clamp(1, 20) - 1).unwrap_or_default();
        }
        let prefix = options.get("image_attributes_prefix").and_then(Value::as_str);
        if matches!(prefix, Some("" | "image:")) {
            options.remove("image_attributes_prefix");
        }
        self.unknown(&["options"], &options, document);
    }

    /// What is left of a map does nothing here.
    fn unknown(&mut self, path: &[&str], rest: &Map<String, Value>, document: &Document<'_>) {
        let schema = path.iter().fold(schema(), |schema, key| schema["properties"][key].clone());
        let known: Vec<&str> =
            schema["properties"].as_object().into_iter().flatten().map(|(key, _)| &**key).collect();
        for key in rest.keys() {
            let path: Vec<PathStep> =
                path.iter().copied().chain([key.as_str()]).map(|key| PathStep::Key(key.to_owned())).collect();
            let place = document.place(&path, On::Key);
            let problem = Diagnostic::warning(place, format!("`{}` does nothing here", show(&path)));
            self.problems.push(match nearest(key, known.iter().copied()) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => {
                    problem.hint(elsewhere(key).map_or_else(
                        || format!("known are {}", listed(known.iter().copied())),
                        str::to_owned,
                    ))
                }
            });
        }
    }
}

/// What to do instead of a key of another program.
fn elsewhere(key: &str) -> Option<&'static str> {
    Some(match key {
        "transition" => "write `<!-- transition: fade -->` on a slide, or start with `--transition`",
        "layout" | "class" | "background" | "colorSchema" | "highlighter" | "fonts" | "drawings" | "mdc" => {
            "it is Slidev's: a theme has the colours, and directives place what is on a slide"
        }
        "marp" | "paginate" | "header" | "footer" | "size" | "backgroundColor" | "style" => {
            "it is Marp's: a theme has the colours, and the footer numbers the slides"
        }
        "patat" => "it is patat's: of it, incrementalLists and slideLevel count here",
        "styles" | "tags" | "extensions" => "it is lookatme's: a theme has the colours",
        "paging" => "it is of slides: the footer numbers the slides",
        _ => return None,
    })
}

/// A value as text of one line.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    greenroom_base::text::clean_line(&text).into_owned()
}

/// The body of presenterm's ```` ```file ```` block.
#[derive(Debug, Default)]
pub(super) struct FileBlock {
    pub path: Option<String>,
    pub language: Option<String>,
    pub lines: Option<(usize, usize)>,
}

impl FileBlock {
    pub(super) fn read(document: &Document<'_>) -> (Self, Vec<Diagnostic>) {
        let schema = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "path": { "type": "string" }, "language": { "type": "string" },
                "start_line": { "type": "integer" }, "end_line": { "type": "integer" },
            },
            "required": ["path", "language"],
        });
        let (map, mistakes) = document.read(&schema);
        let text = |key: &str| map.get(key).map(plain);
        let number =
            |key: &str| map.get(key).and_then(Value::as_u64).and_then(|line| usize::try_from(line).ok());
        let (first, last) = (number("start_line"), number("end_line"));
        let lines = (first.is_some() || last.is_some())
            .then(|| (first.unwrap_or(1).max(1), last.unwrap_or(usize::MAX)));
        let block = Self { path: text("path"), language: text("language"), lines };
        (block, mistakes.into_iter().map(|(_, problem)| problem).collect())
    }
}
