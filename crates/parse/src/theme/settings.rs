//! The keys of a theme that are no colours: what the schema cannot say about them.

use serde_json::{Map, Value};

use greenroom_base::diag::{Diagnostic, nearest};
use greenroom_deck::{FooterText, Length};
use greenroom_yaml::{Document, On, PathStep, show};

/// Their names.
const NAMES: [&str; 7] = ["margin", "measure", "title_size", "title_align", "bullets", "footer", "logo"];

/// The most characters of a bullet.
const MAX_BULLET: usize = 4;

/// Takes them out of `map`, which stands at `path` of `document`. What cannot be used is left out and reported.
pub(super) fn take(
    map: &mut Map<String, Value>,
    document: &Document<'_>,
    path: &[PathStep],
) -> (Map<String, Value>, Vec<Diagnostic>) {
    let mut settings: Map<String, Value> = NAMES.iter().filter_map(|key| map.remove_entry(*key)).collect();
    let mut review = Review { document, path: path.to_vec(), problems: Vec::new() };
    review.number(&mut settings, "measure", 20..=400);
    review.number(&mut settings, "title_size", 1..=7);
    review.margin(&mut settings);
    review.bullets(&mut settings);
    review.footer(&settings);
    review.logo(&mut settings);
    (settings, review.problems)
}

struct Review<'a> {
    document: &'a Document<'a>,
    path: Vec<PathStep>,
    problems: Vec<Diagnostic>,
}

impl Review<'_> {
    /// An error at these keys.
    fn error(&mut self, keys: &[&str], what: &str, hint: impl Into<String>) {
        let mut path = self.path.clone();
        path.extend(keys.iter().map(|key| PathStep::Key((*key).to_owned())));
        let problem =
            Diagnostic::error(self.document.place(&path, On::Value), format!("`{}` {what}", show(&path)));
        self.problems.push(problem.hint(hint));
    }

    fn number(&mut self, settings: &mut Map<String, Value>, key: &str, fits: std::ops::RangeInclusive<u64>) {
        let out = |value: &Value| value.as_u64().is_none_or(|number| !fits.contains(&number));
        if settings.get(key).is_some_and(out) {
            settings.remove(key);
            self.error(
                &[key],
                &format!("should be {} to {}", fits.start(), fits.end()),
                "change it, or leave it out",
            );
        }
    }

    fn margin(&mut self, settings: &mut Map<String, Value>) {
        let Some(Value::Object(margin)) = settings.get_mut("margin") else { return };
        for key in ["columns", "rows"] {
            let fits = match margin.get(key) {
                Some(Value::String(text)) => Length::parse(text).is_some(),
                Some(Value::Number(number)) => {
                    number.as_u64().is_some_and(|cells| u16::try_from(cells).is_ok())
                }
                _ => true,
            };
            if !fits {
                margin.remove(key);
                self.error(&["margin", key], "is no length", "write cells as a number, or a part up to 45%");
            }
        }
    }

    /// A logo without a picture is none.
    fn logo(&mut self, settings: &mut Map<String, Value>) {
        let Some(Value::Object(logo)) = settings.get_mut("logo") else { return };
        if logo.get("image").and_then(Value::as_str).is_none_or(str::is_empty) {
            settings.remove("logo");
            return self.error(&["logo"], "has no picture", "add `image: logo.png`");
        }
        let wrong: Vec<(&str, u64)> = [("columns", 60), ("rows", 20)]
            .into_iter()
            .filter(|(key, most)| {
                let fits = |value: &Value| value.as_u64().is_some_and(|cells| (1..=*most).contains(&cells));
                logo.get(*key).is_some_and(|value| !fits(value))
            })
            .collect();
        for (key, most) in wrong {
            if let Some(Value::Object(logo)) = settings.get_mut("logo") {
                logo.remove(key);
            }
            self.error(&["logo", key], &format!("should be 1 to {most}"), "change it, or leave it out");
        }
    }

    fn bullets(&mut self, settings: &mut Map<String, Value>) {
        let fits = |bullet: &Value| {
            bullet.as_str().is_some_and(|text| (1..=MAX_BULLET).contains(&text.chars().count()))
        };
        if let Some(Value::Array(bullets)) = settings.get("bullets")
            && !bullets.iter().all(fits)
        {
            settings.remove("bullets");
            self.error(
                &["bullets"],
                &format!("should have 1 to {MAX_BULLET} characters each"),
                "for example [\"•\", \"◦\"]",
            );
        }
    }

    /// Names in braces that nobody knows show as they are written.
    fn footer(&mut self, settings: &Map<String, Value>) {
        let Some(Value::Object(footer)) = settings.get("footer") else { return };
        for key in ["left", "center", "right"] {
            let text = footer.get(key).and_then(Value::as_str).unwrap_or_default();
            for name in FooterText::names(text).filter(|name| !FooterText::NAMES.contains(name)) {
                let hint = match nearest(name, FooterText::NAMES) {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => {
                        "known are {title}, {section}, {slide}, {slides}, {speaker}, {event}, {date}, …; \
                        {{ is a brace"
                            .to_owned()
                    }
                };
                self.error(&["footer", key], &format!("names {{{name}}}, which is nothing"), hint);
            }
        }
    }
}
