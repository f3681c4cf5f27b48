//! YAML that is checked piece by piece: every mistake becomes a diagnostic with its place, and what is right is kept.
//!
//! A [`Document`] stands in a source: all of it, or a part such as front matter or a comment. [`Document::read`] compares
//! it with a JSON Schema, as schemars writes them, and gives the values that fit, for serde to make something of.

mod check;
mod document;
mod load;
mod locate;

pub use document::{Document, Mistake, show};
pub use locate::{Locator, On, Path, PathStep};

#[cfg(test)]
mod tests {
    use greenroom_base::text::SourceText;

    use super::*;

    #[test]
    fn what_fits_is_kept_and_the_rest_is_told_with_its_place() {
        let schema = serde_json::json!({
            "type": "object",
            "properties": { "title": { "type": "string" }, "minutes": { "type": "number" } },
            "additionalProperties": false,
        });
        let source = SourceText::new("talk.yaml", "title: A talk\nminutes: many\nspeeker: Ann\ntitle: B\n");
        let (map, mistakes) = Document::of(&source).read(&schema);
        assert_eq!(serde_json::Value::Object(map), serde_json::json!({ "title": "A talk" }));
        let told: Vec<(String, usize)> = mistakes
            .iter()
            .map(|(path, problem)| (show(path), problem.place.as_ref().map_or(0, |place| place.line)))
            .collect();
        assert_eq!(told, [("title".to_owned(), 4), ("minutes".to_owned(), 2), ("speeker".to_owned(), 3)]);
    }
}
