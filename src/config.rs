//! A person's own settings: `config.yaml`. Read like a deck: each mistake is told with its place, and what is right counts.
//!
//! What the command line says wins over the file, and the file over the defaults. A deck wins over the file where both speak of the same
//! thing (its theme, the scale of its slides), unless `theme_wins` says otherwise: a deck was made to be looked at as it is.

mod executors;
mod keys;
mod print;
mod settings;

use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::cli::{ColorsName, ImagesName, Present, RemoteName, TimerName, TransitionName};
use crate::keys::Keymap;
use greenroom_base::diag::{Diagnostic, Severity, Warned};
use greenroom_base::text::SourceText;
use greenroom_deck::{Deck, Executors, WrittenScale};
use greenroom_yaml::{Document, Mistake, On, PathStep};
use settings::{SETTINGS, Setting};

pub use print::print;

/// No configuration is longer than this, in bytes.
pub const LIMIT: u64 = 128 << 10;

/// A person's own settings. What they leave out is left to the command line and to the defaults.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// The keys.
    pub keymap: Keymap,
    /// The theme of decks that name none, by its name.
    pub theme: Option<String>,
    /// It is the theme of every other deck as well.
    pub theme_wins: bool,
    /// How large slides are drawn whose deck does not say.
    pub scale: Option<WrittenScale>,
    /// How many colours the terminal has.
    pub colors: Option<ColorsName>,
    /// How it shows pictures.
    pub images: Option<ImagesName>,
    /// Whether it enlarges texts by itself.
    pub text_sizing: Option<bool>,
    /// How one slide becomes the next.
    pub transition: Option<TransitionName>,
    /// Whether nothing moves that does not have to.
    pub reduced_motion: Option<bool>,
    /// Whether the footer shows the time.
    pub clock: Option<bool>,
    /// Whether it shows how far the talk is from its plan.
    pub pace: Option<bool>,
    /// When the timer starts.
    pub timer: Option<TimerName>,
    /// Whether there is a remote control, and where.
    pub remote: Option<RemoteName>,
    /// What runs code of a language.
    pub executors: Executors,
    /// What was written, for [`print`].
    written: Map<String, Value>,
}

impl Config {
    /// Reads a configuration. What is wrong is in [`Warned::problems`], and left out of the value.
    #[must_use]
    pub fn read(source: &SourceText) -> Warned<Self> {
        let document = Document::of(source);
        let (map, mut mistakes) = document.read(&schema());
        let mut config = Self::default();
        for setting in SETTINGS {
            let Some(value) = map.get(setting.name) else { continue };
            if let Err((message, hint)) = config.set(setting, value) {
                let path = vec![PathStep::Key(setting.name.to_owned())];
                let place = document.place(&path, On::Value);
                mistakes.push((path, Diagnostic::error(place, message).hint(hint)));
            } else {
                config.written.insert(setting.name.to_owned(), value.clone());
            }
        }
        if let Some(Value::Object(keys)) = map.get("keys") {
            let (keymap, more) = keys::read(keys, &document);
            config.keymap = keymap;
            mistakes.extend(more);
        }
        if let Some(Value::Object(executors)) = map.get("executors") {
            let (executors, more) = executors::read(executors, &document);
            config.executors = executors;
            mistakes.extend(more);
        }
        Warned { value: config, problems: in_order(mistakes) }
    }

    /// Whether the person has chosen nothing.
    #[must_use]
    pub fn is_standard(&self) -> bool {
        *self == Self::default()
    }

    fn set(&mut self, setting: &Setting, value: &Value) -> Result<(), (String, String)> {
        let text = settings::text(value);
        let wrong = || {
            let message = format!("`{}` cannot be `{text}`", setting.name);
            (message, format!("write {}", settings::listed(setting)))
        };
        match setting.name {
            "theme" => {
                if !greenroom_parse::theme_names().contains(&text.as_str()) {
                    let near =
                        greenroom_base::diag::nearest(&text, greenroom_parse::theme_names().iter().copied());
                    let (message, hint) = wrong();
                    return Err((message, near.map_or(hint, |near| format!("did you mean `{near}`?"))));
                }
                self.theme = Some(text);
            }
            "theme_wins" => self.theme_wins = value.as_bool().ok_or_else(wrong)?,
            "scale" => {
                let scale: WrittenScale = serde_json::from_value(value.clone()).map_err(|_| wrong())?;
                self.scale = Some(scale).filter(|scale| scale.read().is_some());
                if self.scale.is_none() {
                    return Err(wrong());
                }
            }
            "colors" => self.colors = Some(chosen(&text).ok_or_else(wrong)?),
            "images" => self.images = Some(chosen(&text).ok_or_else(wrong)?),
            "transition" => self.transition = Some(chosen(&text).ok_or_else(wrong)?),
            "timer" => self.timer = Some(chosen(&text).ok_or_else(wrong)?),
            "text_sizing" => self.text_sizing = Some(value.as_bool().ok_or_else(wrong)?),
            "reduced_motion" => self.reduced_motion = Some(value.as_bool().ok_or_else(wrong)?),
            "clock" => self.clock = Some(value.as_bool().ok_or_else(wrong)?),
            "pace" => self.pace = Some(value.as_bool().ok_or_else(wrong)?),
            "remote" => {
                let text = match value.as_bool() {
                    Some(true) => "on",
                    Some(false) => "off",
                    None => text.as_str(),
                };
                self.remote = Some(text.parse().map_err(|_| wrong())?);
            }
            _ => {}
        }
        Ok(())
    }

    /// Puts the settings into what the command line left open.
    pub fn fill(&self, options: &mut Present) {
        options.colors = options.colors.or(self.colors);
        options.images = options.images.or(self.images);
        options.transition = options.transition.or(self.transition);
        options.timer = options.timer.or(self.timer);
        options.text_sizing = options.text_sizing.or(self.text_sizing);
        options.reduced_motion = options.reduced_motion.or(self.reduced_motion);
        options.clock = options.clock.or(self.clock);
        options.pace = options.pace.or(self.pace);
        options.remote = options.remote.take().or_else(|| self.remote.clone());
    }

    /// The name of the theme that `deck` is shown in, when that is not its own: none where it names one, unless the person's own wins.
    #[must_use]
    pub fn theme_for(&self, deck: &Deck) -> Option<&str> {
        let theme = self.theme.as_deref()?;
        (self.theme_wins || deck.outline.theme.is_none()).then_some(theme)
    }

    /// Changes a deck that was read as the person wants it.
    #[must_use]
    pub fn adapt(&self, mut deck: Deck) -> Deck {
        if let Some(theme) = self.theme_for(&deck).and_then(greenroom_parse::builtin_theme) {
            deck.theme = std::sync::Arc::new(theme);
        }
        if deck.outline.scale.is_none() {
            deck.outline.scale.clone_from(&self.scale);
        }
        deck
    }
}

/// The value of this name.
fn chosen<T: ValueEnum>(text: &str) -> Option<T> {
    T::from_str(text, false).ok()
}

/// The mistakes in the order of the file.
fn in_order(mistakes: Vec<Mistake>) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = mistakes.into_iter().map(|(_, problem)| problem).collect();
    let place = |problem: &Diagnostic| problem.place.as_ref().map(|place| (place.line, place.column));
    problems.sort_by_key(place);
    problems
}

/// How many of `problems` are errors: the settings that they are about are not used.
#[must_use]
pub fn errors(problems: &[Diagnostic]) -> usize {
    problems.iter().filter(|problem| problem.severity == Severity::Error).count()
}

/// The JSON Schema of a configuration, pretty-printed.
#[must_use]
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).unwrap_or_default();
    text.push('\n');
    text
}

fn schema() -> Value {
    let mut properties = Map::new();
    for setting in SETTINGS {
        properties.insert(setting.name.to_owned(), settings::schema(setting));
    }
    properties.insert("keys".to_owned(), keys::schema());
    properties.insert("executors".to_owned(), executors::schema());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Config",
        "description": "A person's own settings of Greenroom: ~/.config/greenroom/config.yaml",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests;
