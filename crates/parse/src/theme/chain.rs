//! A theme, what it extends, what that extends: read from the top, put together from the bottom.

use std::collections::BTreeMap;

use serde_json::Value;

use greenroom_base::diag::{Diagnostic, Location, nearest};
use greenroom_base::files::message as file_message;
use greenroom_base::files::{Files, beside, normalize};
use greenroom_base::text::{self, ReadError, SourceText};
use greenroom_deck::{Rgb, Theme};
use greenroom_yaml::{Document, On, PathStep};

use crate::values::overlay;

use super::layer::{Color, Layer};
use super::reading::{Part, read};
use super::{LIMIT, Report, builtin_theme, default_theme, theme_names};

/// Themes that extend themes that extend themes: no more.
const MAX_EXTENDS: usize = 8;

/// What is read of a theme so far.
pub(super) struct Chain<'a> {
    files: &'a dyn Files,
    /// Files that are being read, the one that was asked for first.
    open: Vec<String>,
    /// What they say, with their names.
    layers: Vec<(String, Layer)>,
    problems: Vec<Diagnostic>,
    unknown: Report,
}

impl<'a> Chain<'a> {
    /// Nothing is read yet. What `entry` says about itself as a theme would be a circle; a theme that the deck asks for and nobody
    /// knows is reported by `unknown`.
    pub(super) fn new(files: &'a dyn Files, entry: &str, unknown: Report) -> Self {
        let entry = normalize(entry).unwrap_or_else(|| entry.to_owned());
        Self { files, open: vec![entry], layers: Vec::new(), problems: Vec::new(), unknown }
    }

    /// Adds what stands at `path` of `document`; says what that extends.
    pub(super) fn add(
        &mut self,
        name: &str,
        document: &Document<'_>,
        path: &[PathStep],
        part: Part,
    ) -> Option<(String, Location)> {
        let (mut layer, problems) = read(document, path, part);
        self.problems.extend(problems);
        let extends = layer.extends.take();
        self.find_logo(&mut layer, document, path);
        self.layers.push((name.to_owned(), layer));
        extends
    }

    /// A logo's picture is named from the file that names it, and has to be in the deck.
    fn find_logo(&mut self, layer: &mut Layer, document: &Document<'_>, path: &[PathStep]) {
        let Some(image) = layer.settings.get("logo").and_then(|logo| logo.get("image")?.as_str()) else {
            return;
        };
        let keys = ["logo", "image"].map(|key| PathStep::Key(key.to_owned()));
        let place = document.place(&[path, &keys].concat(), On::Value);
        let file = self.open.last().map_or("", String::as_str);
        let whole = beside(file, image);
        let whole = normalize(&whole).unwrap_or(whole);
        match self.files.head(&whole, 1) {
            Ok(_) => {
                if let Some(slot) = layer.settings.get_mut("logo").and_then(|logo| logo.get_mut("image")) {
                    *slot = whole.into();
                }
            }
            Err(error) => {
                let problem = Diagnostic::error(place, format!("the logo: {}", file_message(&whole, &error)));
                let hint = text::missing_hint(self.files, &whole, &error, None);
                self.problems.push(Diagnostic { hint, ..problem });
                layer.settings.remove("logo");
            }
        }
    }

    /// Notes what is wrong.
    pub(super) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Reads the theme called `name`, as `file` writes it at `place`, and those that it extends; gives the built-in one below
    /// them, if they end in one.
    fn follow(
        &mut self,
        mut name: String,
        file: &str,
        mut place: Location,
    ) -> Result<Option<Theme>, Box<Diagnostic>> {
        let mut file = file.to_owned();
        loop {
            if let Some(theme) = builtin_theme(&name) {
                return Ok(Some(theme));
            }
            if !super::is_yaml(&name) {
                let report = if self.open.len() > 1 { Diagnostic::error } else { self.unknown };
                let problem = report(place, format!("there is no theme \"{name}\""));
                return Err(problem.hint(unknown(&name)).into());
            }
            let path = beside(&file, &name);
            let path = normalize(&path).unwrap_or(path);
            self.check_circle(&path, &place)?;
            let source = self.read(&path, place)?;
            self.open.push(path.clone());
            let Some(extends) = self.add(crate::stem(&path), &Document::of(&source), &[], Part::Theme) else {
                return Ok(None);
            };
            file = path;
            (name, place) = extends;
        }
    }

    fn check_circle(&self, path: &str, place: &Location) -> Result<(), Box<Diagnostic>> {
        if self.open.iter().any(|open| open == path) {
            // The deck's own file is in the list only where it is a part of the circle.
            let start = self.open.iter().position(|open| open == path).unwrap_or(0);
            let circle: Vec<&str> = self.open.iter().skip(start).map(String::as_str).chain([path]).collect();
            let problem = Diagnostic::error(place.clone(), format!("\"{path}\" extends itself"));
            return Err(problem.hint(format!("it is being read already: {}", circle.join(" -> "))).into());
        }
        if self.open.len() > MAX_EXTENDS {
            let problem =
                Diagnostic::error(place.clone(), format!("more than {MAX_EXTENDS} themes extend each other"));
            return Err(problem.hint("put some of them together").into());
        }
        Ok(())
    }

    fn read(&mut self, path: &str, place: Location) -> Result<SourceText, Box<Diagnostic>> {
        match text::read(self.files, path, LIMIT) {
            Ok((source, invalid)) => {
                self.problems.extend(invalid);
                Ok(source)
            }
            Err(ReadError::NotText(problem)) => Err(problem),
            Err(ReadError::File(error)) => {
                let problem = Diagnostic::error(place, format!("the theme: {}", file_message(path, &error)));
                let hint = text::missing_hint(self.files, path, &error, None);
                Err(Diagnostic { hint, ..problem }.into())
            }
        }
    }

    /// The theme that is called `asked`, as `file` writes it, with what was added laid over it.
    pub(super) fn finish(
        mut self,
        asked: Option<(String, Location)>,
        file: &str,
    ) -> (Theme, Vec<Diagnostic>) {
        let base = match asked.map(|(name, place)| self.follow(name, file, place)) {
            Some(Ok(base)) => base,
            Some(Err(problem)) => {
                self.problems.push(*problem);
                Some(default_theme())
            }
            None => None,
        };
        let mut whole = Whole { palette: BTreeMap::new(), given: BTreeMap::new(), theme: default_theme() };
        let layers: Vec<(String, Layer)> = self.layers.drain(..).rev().collect();
        whole.theme = base.unwrap_or_else(|| ground_for(&layers));
        for (name, layer) in layers {
            whole.lay(&name, layer, &mut self.problems);
        }
        self.problems.extend(whole.faint());
        (whole.theme, self.problems)
    }
}

/// The built-in theme for layers that extend none: a light one for a light background.
fn ground_for(layers: &[(String, Layer)]) -> Theme {
    let palette = |text: &str| {
        let name = bare(text);
        let colors = layers.iter().rev().flat_map(|(_, layer)| &layer.palette);
        colors.filter(|color| color.key == name).find_map(|color| Rgb::parse(&color.text))
    };
    let colors = layers.iter().rev().flat_map(|(_, layer)| &layer.colors);
    let background = colors.filter(|color| color.key == "background").map(|color| &color.text).next();
    let light = background
        .and_then(|text| palette(text).or_else(|| Rgb::parse(text)))
        .is_some_and(|color| color.luminance() > 0.4);
    if light { builtin_theme("light") } else { None }.unwrap_or_else(default_theme)
}

/// A name of the palette, however it is written.
fn bare(text: &str) -> &str {
    text.strip_prefix("palette:").or_else(|| text.strip_prefix("p:")).unwrap_or(text)
}

/// What is put together.
struct Whole {
    theme: Theme,
    palette: BTreeMap<String, Rgb>,
    /// The colours that some document gives, and where.
    given: BTreeMap<String, Location>,
}

impl Whole {
    /// Lays `layer` over it.
    fn lay(&mut self, file: &str, layer: Layer, problems: &mut Vec<Diagnostic>) {
        self.extend_palette(layer.palette, problems);
        let Ok(mut whole) = serde_json::to_value(&self.theme) else { return };
        let mut set = |key: &str, value: Value| {
            if let Some(slot) = whole.pointer_mut(&format!("/{}", key.replace('.', "/"))) {
                *slot = value;
            }
        };
        let mut own = Vec::new();
        for color in layer.colors {
            match self.color(&color) {
                Some(rgb) => {
                    set(&color.key, Value::String(format!("{rgb:?}")));
                    self.given.insert(color.key.clone(), color.place);
                    own.push(color.key);
                }
                None => problems.push(self.no_color(&color)),
            }
        }
        set("name", layer.name.unwrap_or_else(|| Value::from(file)));
        overlay(&mut whole, Value::Object(layer.settings));
        if let Ok(theme) = serde_json::from_value(whole) {
            self.theme = theme;
        }
        if own.iter().any(|key| matches!(key.as_str(), "background" | "surface" | "text")) {
            self.follow_grounds(&own);
        }
    }

    /// Names may stand for each other, in any order.
    fn extend_palette(&mut self, mut colors: Vec<Color>, problems: &mut Vec<Diagnostic>) {
        loop {
            let before = colors.len();
            let mut unknown = Vec::new();
            let own: Vec<String> = colors.iter().map(|color| color.key.clone()).collect();
            let mut found = Vec::new();
            for color in colors {
                // A name that this palette is about to change is not the one of the theme below.
                let waits = color.key != bare(&color.text) && own.iter().any(|key| key == bare(&color.text));
                match self.color(&color).filter(|_| !waits) {
                    Some(rgb) => found.push((color.key, rgb)),
                    None => unknown.push(color),
                }
            }
            self.palette.extend(found);
            colors = unknown;
            if colors.is_empty() || colors.len() == before {
                break;
            }
        }
        problems.extend(colors.iter().map(|color| self.no_color(color)));
    }

    fn color(&self, color: &Color) -> Option<Rgb> {
        self.palette.get(bare(&color.text)).copied().or_else(|| Rgb::parse(&color.text))
    }

    fn no_color(&self, color: &Color) -> Diagnostic {
        let message = format!("`{}`: \"{}\" is no colour", color.path, color.text);
        let problem = Diagnostic::error(color.place.clone(), message);
        let names: Vec<&str> = Rgb::names().collect();
        let known = self.palette.keys().map(String::as_str).chain(names);
        match nearest(bare(&color.text), known) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => {
                problem.hint("write it as \"#rrggbb\", with the quotes, or a name of CSS or of the palette")
            }
        }
    }

    /// The grounds or the text are others than those of the theme below, whose colours were chosen for its own: they move as far as they
    /// have to. Those in `own` are as they were asked for.
    fn follow_grounds(&mut self, own: &[String]) {
        let is_own = |key: &str| own.iter().any(|own| own == key);
        let theme = &mut self.theme;
        if !is_own("surface") && is_own("background") {
            theme.surface = theme.background.mix(theme.text, 0.06);
        }
        let grounds = [theme.background, theme.surface];
        let (text, pairs) = (theme.text, theme.pairs());
        let Ok(mut whole) = serde_json::to_value(&*theme) else { return };
        for pair in pairs.iter().filter(|pair| !is_own(pair.ink)) {
            if let Some(slot) = whole.pointer_mut(&format!("/{}", pair.ink.replace('.', "/"))) {
                *slot = Value::String(format!("{:?}", pair.color.readable(&grounds, pair.least, text)));
                self.given.remove(pair.ink);
            }
        }
        if let Ok(whole) = serde_json::from_value(whole) {
            *theme = whole;
        }
    }

    /// A warning for each colour that a document gives and that can hardly be read.
    fn faint(&self) -> Vec<Diagnostic> {
        let mut found: Vec<(Location, greenroom_deck::Pair, usize)> = Vec::new();
        let low = |pair: &greenroom_deck::Pair| pair.contrast() < pair.least;
        for pair in self.theme.pairs().into_iter().filter(low) {
            let place =
                [pair.ink, pair.ground, "background", "text"].iter().find_map(|key| self.given.get(*key));
            let Some(place) = place else { continue };
            match found.iter_mut().find(|(known, ..)| known == place) {
                Some((_, worst, others)) => {
                    *others += usize::from(pair.ink != worst.ink);
                    if pair.contrast() / pair.least < worst.contrast() / worst.least {
                        *worst = pair;
                    }
                }
                None => found.push((place.clone(), pair, 0)),
            }
        }
        found.into_iter().map(|(place, pair, others)| self.warning(place, &pair, others)).collect()
    }

    fn warning(&self, place: Location, pair: &greenroom_deck::Pair, others: usize) -> Diagnostic {
        let more = match others {
            0 => String::new(),
            1 => "; another colour is too close as well".to_owned(),
            _ => format!("; {others} other colours are too close as well"),
        };
        let message = format!(
            "`{}` ({:?}) on `{}` ({:?}) has a contrast of {:.2} to 1, and WCAG AA asks for {}{more}",
            pair.ink,
            pair.color,
            pair.ground,
            pair.behind,
            (pair.contrast() * 100.0).floor() / 100.0,
            pair.least
        );
        let grounds = [self.theme.background, self.theme.surface];
        let better = pair.color.readable(&grounds, pair.least, self.theme.text);
        let enough = grounds.iter().all(|ground| better.contrast(*ground) >= pair.least);
        let problem = Diagnostic::warning(place, message);
        if enough && self.given.contains_key(pair.ink) {
            problem.hint(format!("\"{better:?}\" for `{}` can be read", pair.ink))
        } else {
            problem.hint("move them further apart, from light to dark")
        }
    }
}

/// What to do about a theme that nobody knows.
fn unknown(name: &str) -> String {
    match nearest(name, theme_names().iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("built in are {}; a file of the deck ends in .yaml", theme_names().join(", ")),
    }
}
