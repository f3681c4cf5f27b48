//! From files to a [`Deck`]: the YAML outline, the Markdown of its sections, themes, pane blocks.
//!
//! Nothing here fails: what is wrong becomes a [`greenroom_base::diag::Diagnostic`], and the rest of the deck opens.
//! Text passes through `text` on its way in, so that nothing after this module needs to distrust a string of a deck.
//!
//! - `yaml` loads a document, `check` compares it with a schema, `locate` finds where a value was written
//! - `outline`, `theme`, `front`, `pane`, `demo` and `scenario` know what those documents mean
//! - `reader` turns the events of a Markdown file into blocks (`running`, `inline`, `image`, `placed_pictures`, `alert_title`; what its pieces say is read
//!   by `greenroom_markup`) and obeys its comments (`apply_directives`), with a word about what would do nothing
//!   (`ignored_warnings`) or is typed instead of measured (`claims`), and finds the figures in its text (`figure`);
//!   `slides` places the blocks on a slide; `writer` holds what all files share

mod alert_title;
mod apply_directives;
mod claims;
mod demo;
mod drawings;
mod figure;
mod figure_cutter;
mod front_matter;
mod ignored_warnings;
mod image;
mod inline;
mod layouts;
mod near_figures;
mod outline;
mod pane;
mod placed_pictures;
mod problems;
mod reader;
mod running;
mod scenario;
mod slides;
mod theme;
mod values;
mod writer;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use outline::section_path;
pub use theme::{builtin_theme, theme_names, theme_schema, theme_yaml};

use front_matter::{Asked, Front};
use greenroom_base::diag::{Diagnostic, Location, Warned};
use greenroom_base::files::Files;
use greenroom_base::files::message as file_message;
use greenroom_base::text::{ReadError, SourceText, clean_line, missing_hint};
use greenroom_deck::{Deck, Executors, Figure, Origin, Outline, Scenario, SlideKind, Text, Theme};
use greenroom_yaml::{Document, Mistake};
use greenroom_yaml::{On, PathStep};
use reader::read_file;
use serde_json::{Value, json};
use slides::drawn;
use writer::Writer;

/// Opens the deck whose outline is at `entry` (`talk.yaml`), or the single Markdown file `entry` (`x.md`). Its figures
/// are as they were written until somebody who can read recordings fills them in ([`Deck::interpolate`]).
///
/// Never fails: what is wrong is in [`Deck::problems`].
#[must_use]
pub fn deck(files: &dyn Files, entry: &str) -> Deck {
    deck_with(files, entry, &Executors::new())
}

/// The same for a person who has `executors` for the code in it.
#[must_use]
pub fn deck_with(files: &dyn Files, entry: &str, executors: &Executors) -> Deck {
    let extension = std::path::Path::new(entry).extension().and_then(|extension| extension.to_str());
    if extension.is_some_and(|extension| matches!(extension.to_ascii_lowercase().as_str(), "md" | "markdown"))
    {
        single(files, entry, executors)
    } else {
        talk(files, entry, executors)
    }
}

/// The JSON Schema of `talk.yaml`, pretty-printed.
#[must_use]
pub fn outline_schema() -> String {
    let mut text = serde_json::to_string_pretty(&published_schema()).unwrap_or_default();
    text.push('\n');
    text
}

/// The schema of an outline for editors: with what may be said of a theme in place of its name.
fn published_schema() -> Value {
    let (mut schema, mut theme) = (outline::schema(), theme::schema());
    let definitions = theme.as_object_mut().and_then(|theme| theme.remove("$defs"));
    if let (Some(Value::Object(known)), Some(Value::Object(more))) = (schema.get_mut("$defs"), definitions) {
        known.extend(more);
    }
    if let Some(theme) = theme.as_object_mut() {
        theme.retain(|key, _| !matches!(key.as_str(), "$schema" | "title"));
    }
    if let Some(Value::Object(key)) = schema.pointer_mut("/properties/theme") {
        key.remove("type");
        key.insert("anyOf".to_owned(), json!([{ "type": "string" }, { "$ref": "#/$defs/Theme" }]));
    }
    if let Some(Value::Object(known)) = schema.get_mut("$defs") {
        known.insert("Theme".to_owned(), theme);
    }
    schema
}

/// Reads the scenario of a bench at `path`. What is wrong is in [`Warned::problems`], and left out of the value; a
/// scenario with an error among them cannot be run.
#[must_use]
pub fn scenario(files: &dyn Files, path: &str) -> Warned<Scenario> {
    scenario::read(files, path)
}

/// The JSON Schema of a bench's scenario, pretty-printed.
#[must_use]
pub fn scenario_schema() -> String {
    let mut text = serde_json::to_string_pretty(&scenario::schema()).unwrap_or_default();
    text.push('\n');
    text
}

/// A deck with an outline.
fn talk(files: &dyn Files, entry: &str, executors: &Executors) -> Deck {
    let (source, early) = open(files, entry, outline::LIMIT);
    let document = Document::of(&source);
    let (mut outline, mut mistakes, described) = if source.text.is_empty() && !early.is_empty() {
        (Outline::default(), Vec::new(), false)
    } else {
        outline::read(files, &document)
    };
    let (theme, theme_problems) = if described {
        theme::described(files, &document, &[PathStep::Key("theme".to_owned())], entry, Diagnostic::error)
    } else {
        talk_theme(files, &outline, &document, entry)
    };
    if described {
        outline.theme = Some("its own".to_owned());
    }
    mistakes
        .extend(theme_problems.into_iter().map(|problem| (vec![PathStep::Key("theme".to_owned())], problem)));
    let mut sources = Vec::new();
    let mut room = writer::MAX_TOTAL;
    for (number, section) in outline.sections.iter().enumerate() {
        sources.push(section_source(files, &document, number, &section.file, &mut room, &mut mistakes));
    }
    mistakes.sort_by_key(|(_, problem)| in_order(problem, &source));

    let mut writer = Writer::new(files, &outline.demos, executors);
    let figures = writer.figures_in(&source, &(0..source.text.len()));
    let title = if outline.title.is_empty() { stem(entry) } else { &outline.title };
    let first_section = outline::section_path(0, "");
    let before = document.line(first_section.get(..2).unwrap_or_default());
    let lines = 1..=before.saturating_sub(1).max(1);
    let mut cover = title_slide(Text::with_figures(title, &figures), &source, *lines.end());
    match outline.cover.as_ref().map(|path| image::cover(files, entry, path, title)) {
        None => {}
        Some(Ok(picture)) => cover.body.push(picture),
        Some(Err((message, hint))) => mistakes.push(of_cover(&document, message, hint)),
    }
    writer.slides.push(cover);
    for problem in early {
        writer.problem_before(problem);
    }
    let mut of_section = blame(&mut writer, mistakes, outline.sections.len());
    for (number, (section, source_of)) in outline.sections.iter().zip(sources).enumerate() {
        let (line, end) = outline::section_lines(&document, number);
        let origin = Origin { file: source.file.clone(), line, end };
        let mut divider =
            drawn(SlideKind::Section(number), Text::with_figures(&section.title, &figures), origin);
        divider.problems = of_section.remove(&number).unwrap_or_default();
        writer.slides.push(divider);
        writer.section = Some(number);
        if let Some((section_source, problems)) = source_of {
            for problem in problems {
                writer.problem_before(problem);
            }
            section_slides(&mut writer, &section_source);
        }
    }
    finish(writer, files, outline.clone(), theme, figures)
}

/// What is wrong with the cover of an outline.
fn of_cover(document: &Document<'_>, message: String, hint: Option<String>) -> Mistake {
    let path = vec![PathStep::Key("cover".to_owned())];
    let problem = Diagnostic::error(document.place(&path, On::Value), message);
    (path, Diagnostic { hint, ..problem })
}

/// Puts the mistakes of an outline on its title slide, but for those of a section, which are given back by its number.
fn blame(
    writer: &mut Writer<'_>,
    mistakes: Vec<Mistake>,
    sections: usize,
) -> BTreeMap<usize, Vec<Diagnostic>> {
    let mut of_section: BTreeMap<usize, Vec<Diagnostic>> = BTreeMap::new();
    for (path, problem) in mistakes {
        let Some(problem) = writer.problems.add(problem) else { continue };
        if let Some(number) = section_of(&path).filter(|number| *number < sections) {
            of_section.entry(number).or_default().push(problem);
        } else if let Some(slide) = writer.slides.last_mut() {
            slide.problems.push(problem);
        }
    }
    of_section
}

/// The slides of one section's file.
fn section_slides(writer: &mut Writer<'_>, source: &SourceText) {
    let front = front_matter::read(source);
    if let Some(front) = &front {
        let problem = Diagnostic::warning(source.place(0..3), "a section's file needs no front matter");
        writer.problem_before(problem.hint("title, theme and the like belong into the outline"));
        for problem in &front.problems {
            writer.problem_before(problem.clone());
        }
    }
    let (start, options) = front.map_or((0, slides::Options::default()), |front| (front.end, front.options));
    read_file(writer, source, start, options);
}

/// A deck that is one Markdown file.
fn single(files: &dyn Files, entry: &str, executors: &Executors) -> Deck {
    let (source, early) = open(files, entry, writer::LIMIT);
    let front = front_matter::read(&source).unwrap_or_default();
    let (theme, theme_problems) = front_theme(files, &front, &source, entry);
    let front_names_theme = front.theme.is_some();
    let Front {
        title,
        title_place,
        subtitle,
        speaker,
        speakers,
        lang,
        event,
        location,
        date,
        options,
        end,
        mut problems,
        levels_up,
        ..
    } = front;
    problems.extend(levels_up.and_then(|asked| not_agreed(asked, entry)));
    let titled = title.is_some() || subtitle.is_some() || speaker.is_some();
    let demos = BTreeMap::new();
    let mut writer = Writer::new(files, &demos, executors);
    let mut figures = writer.figures_in(&source, &(0..end));
    let (title, faults) = running::inline_text(&title.unwrap_or_default(), &figures);
    let mut outline = Outline {
        title: clean_line(&title.to_plain()).into_owned(),
        subtitle,
        speaker,
        speakers,
        lang,
        event,
        location,
        date,
        theme: front_names_theme.then(|| "its own".to_owned()),
        ..Outline::default()
    };
    if titled {
        writer.slides.push(title_slide(title, &source, source.line(end.saturating_sub(1))));
    }
    let faults = faults.into_iter().map(|fault| {
        let (_, severity, message, hint) = fault.words();
        Diagnostic { severity, message, place: title_place.clone(), hint: Some(hint.to_owned()) }
    });
    let found = early.into_iter().chain(problems).chain(theme_problems).chain(faults).collect();
    only_file(&mut writer, &source, (end, options), entry, found);
    if outline.title.is_empty() {
        let first = writer.slides.iter().map(|slide| &slide.title).find(|title| !title.is_empty());
        figures.extend(first.iter().flat_map(|title| title.figures()).cloned());
        let first = first.map_or_else(|| stem(entry).to_owned(), Text::to_plain);
        outline.title = clean_line(&first).into_owned();
    }
    finish(writer, files, outline, theme, figures)
}

/// The slides of a deck's only file, behind its front matter; `found` is what is wrong with that.
fn only_file(
    writer: &mut Writer<'_>,
    source: &SourceText,
    (end, options): (usize, slides::Options),
    entry: &str,
    mut found: Vec<Diagnostic>,
) {
    found.sort_by_key(|problem| in_order(problem, source));
    for problem in found {
        writer.problem(problem);
    }
    // Writing the file begins a new slide: what was found before it belongs to the first one.
    let before = std::mem::take(&mut writer.draft.problems);
    read_file(writer, source, end, options);
    let carried = writer.take_carried();
    if writer.slides.is_empty() {
        writer.slides.push(title_slide(Text::plain(stem(entry)), source, 1));
    }
    if let Some(slide) = writer.slides.first_mut() {
        slide.problems.splice(0..0, before.into_iter().chain(carried));
    }
}

/// How many folders up the Markdown file that begins with `text` asks the deck's folder to be (`root: ..`).
#[must_use]
pub fn levels_up(text: &str) -> Option<usize> {
    front_matter::levels_up(text)
}

/// What is said of a folder above that was asked for and is not the deck's.
fn not_agreed((levels, place): (usize, Location), entry: &str) -> Option<Diagnostic> {
    // Whoever opens a deck in the folder that it asks for finds the file that far below.
    if entry.matches('/').count() >= levels {
        return None;
    }
    let problem = Diagnostic::warning(place, "nobody has agreed yet that this deck uses the folder above");
    Some(problem.hint(
        "open it in a terminal and say yes, or set GREENROOM_ROOT to that folder where nobody is asked",
    ))
}

fn finish(
    mut writer: Writer<'_>,
    files: &dyn Files,
    outline: Outline,
    theme: Theme,
    figures: Vec<Arc<Figure>>,
) -> Deck {
    let slides = std::mem::take(&mut writer.slides).into_iter().map(Arc::new).collect();
    let mut deck = Deck {
        outline,
        slides,
        theme: Arc::new(theme),
        scenarios: BTreeMap::new(),
        figures,
        problems: Vec::new(),
    };
    let demos = deck.demos();
    let (scenarios, problems) = scenario::of_demos(files, demos.iter().map(|(_, demo)| demo));
    deck.scenarios = scenarios.into_iter().map(|(path, scenario)| (path, Arc::new(scenario))).collect();
    for problem in problems {
        writer.problems.add(problem);
    }
    deck.problems = writer.problems.into_list();
    deck
}

/// The file the deck begins with; empty when it cannot be read, with the reason.
fn open(files: &dyn Files, entry: &str, limit: u64) -> (SourceText, Vec<Diagnostic>) {
    match greenroom_base::text::read(files, entry, limit) {
        Ok((source, invalid)) => (source, invalid.into_iter().collect()),
        Err(ReadError::NotText(problem)) => (SourceText::new(entry, ""), vec![*problem]),
        Err(ReadError::File(error)) => {
            let source = SourceText::new(entry, "");
            let problem = Diagnostic::error(Location::file(&source.file), file_message(entry, &error));
            let hint = missing_hint(files, entry, &error, None);
            (source, vec![Diagnostic { hint, ..problem }])
        }
    }
}

/// The file of section `number`, with what is wrong with it as text.
fn section_source(
    files: &dyn Files,
    document: &Document<'_>,
    number: usize,
    file: &str,
    room: &mut usize,
    mistakes: &mut Vec<Mistake>,
) -> Option<(SourceText, Vec<Diagnostic>)> {
    if file.is_empty() {
        return None;
    }
    let path = outline::section_path(number, "file");
    match greenroom_base::text::read(files, file, writer::LIMIT) {
        Ok((source, _)) if source.text.len() > *room => {
            let message = format!("the deck has more than {} bytes of Markdown", writer::MAX_TOTAL);
            let problem = Diagnostic::error(document.place(&path, On::Value), message);
            mistakes.push((path, problem.hint("make the sections smaller")));
            None
        }
        Ok((source, invalid)) => {
            *room -= source.text.len();
            Some((source, invalid.into_iter().collect()))
        }
        Err(ReadError::NotText(problem)) => {
            mistakes.push((path, *problem));
            None
        }
        Err(ReadError::File(error)) => {
            let problem = Diagnostic::error(document.place(&path, On::Value), file_message(file, &error));
            let otherwise = Some("the section's divider shows without slides after it");
            let hint = missing_hint(files, file, &error, otherwise);
            mistakes.push((path, Diagnostic { hint, ..problem }));
            None
        }
    }
}

fn talk_theme(
    files: &dyn Files,
    outline: &Outline,
    document: &Document<'_>,
    entry: &str,
) -> (Theme, Vec<Diagnostic>) {
    let Some(name) = &outline.theme else { return (theme::default_theme(), Vec::new()) };
    let place = document.place(&[PathStep::Key("theme".to_owned())], On::Value);
    theme::called(files, (name, place), entry, Diagnostic::error)
}

fn front_theme(
    files: &dyn Files,
    front: &Front,
    source: &SourceText,
    entry: &str,
) -> (Theme, Vec<Diagnostic>) {
    match (&front.theme, front_matter::document(source)) {
        (Some((Asked::Name(name), place)), _) => {
            theme::called(files, (name, place.clone()), entry, Diagnostic::warning)
        }
        (Some((Asked::Map, _)), Some((document, _))) => theme::described(
            files,
            &document,
            &[PathStep::Key("theme".to_owned())],
            entry,
            Diagnostic::warning,
        ),
        _ => (theme::default_theme(), Vec::new()),
    }
}

/// Sorts problems: those of `source` come first, from top to bottom.
fn in_order(problem: &Diagnostic, source: &SourceText) -> (bool, usize, usize) {
    problem
        .place
        .as_ref()
        .map_or((false, 0, 0), |place| (place.file != source.file, place.line, place.column))
}

fn title_slide(title: Text, source: &SourceText, end: usize) -> greenroom_deck::Slide {
    drawn(SlideKind::Title, title, Origin { file: source.file.clone(), line: 1, end })
}

/// The number of the section that `path` leads to.
fn section_of(path: &[PathStep]) -> Option<usize> {
    match path {
        [PathStep::Key(key), PathStep::Index(number), ..] if key == "sections" => Some(*number),
        _ => None,
    }
}

/// A file's name without folders and ending.
fn stem(entry: &str) -> &str {
    std::path::Path::new(entry).file_stem().and_then(|stem| stem.to_str()).unwrap_or("talk")
}
