//! Writing minutes into an outline, and leaving everything else as it is.

use greenroom_parse::section_path;
use greenroom_yaml::{Locator, On, PathStep};

/// The text of `talk.yaml` with `minutes` for its sections, in their order; nothing is done to a section with none.
///
/// # Errors
/// When the sections are written in a way that cannot be changed without touching anything else.
pub fn with_minutes(text: &str, minutes: &[Option<f64>]) -> Result<String, String> {
    let locator = Locator::new(text);
    let mut out = text.to_owned();
    // From the end, so that what was located stays where it is.
    for (number, minutes) in minutes.iter().enumerate().rev() {
        let Some(minutes) = minutes else { continue };
        if let Some(value) = locator.exact(&section_path(number, "minutes"), On::Value) {
            out.replace_range(value, &minutes.to_string());
        } else {
            let (at, addition) = beside(text, &locator, number, *minutes).ok_or_else(|| trouble(number))?;
            out.insert_str(at, &addition);
        }
    }
    let number =
        (0..minutes.len()).find(|number| !says(&out, *number, minutes.get(*number).copied().flatten()));
    number.map_or(Ok(out), |number| Err(trouble(number)))
}

fn trouble(number: usize) -> String {
    format!(
        "section {} is written in a way that cannot be changed safely: write its `minutes:` by hand",
        number + 1
    )
}

/// Where `minutes` are added to a section that has none, and as what: after its file.
fn beside(text: &str, locator: &Locator, number: usize, minutes: f64) -> Option<(usize, String)> {
    let path = section_path(number, "file");
    let (key, value) = (locator.exact(&path, On::Key)?, locator.exact(&path, On::Value)?);
    let begins = text.get(..key.start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(begins..key.start)?;
    if before.contains('{') {
        return Some((value.end, format!(", minutes: {minutes}")));
    }
    let ends = text.get(value.end..)?.find('\n').map_or(text.len(), |at| value.end + at);
    let indent: String = before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    Some((ends, format!("\n{indent}minutes: {minutes}")))
}

/// Whether the outline says these minutes of a section.
fn says(text: &str, number: usize, minutes: Option<f64>) -> bool {
    let Some(minutes) = minutes else { return true };
    let document: Option<serde_json::Value> = serde_yaml::from_str(text).ok();
    let path = section_path(number, "minutes");
    let value = path.iter().try_fold(document.unwrap_or_default(), |value, part| match part {
        PathStep::Key(key) => value.get(key).cloned(),
        PathStep::Index(index) => value.get(index).cloned(),
    });
    value.and_then(|value| value.as_f64()).is_some_and(|value| (value - minutes).abs() < 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "# Mine\ntitle: T # keep\nsections:\n  - title: A   # first\n    file: a.md\n    minutes: 10 # long\n  \
                         - title: B\n    file: b.md # no minutes yet\n\n# the end\ndemos: {}\n";

    #[test]
    fn only_minutes_change() {
        let changed = with_minutes(BLOCK, &[Some(7.5), Some(3.0)]).unwrap();
        let wanted = BLOCK
            .replace("minutes: 10 #", "minutes: 7.5 #")
            .replace("# no minutes yet\n", "# no minutes yet\n    minutes: 3\n");
        assert_eq!(changed, wanted);
        assert_eq!(with_minutes(BLOCK, &[None, None]).unwrap(), BLOCK);
        let flow = "title: T\nsections: [{title: Ä, file: a.md}, {title: B, minutes: 2, file: 'b.md'}]\n";
        let wanted = "title: T\nsections: [{title: Ä, file: a.md, minutes: 4}, {title: B, minutes: 5, file: 'b.md'}]\n";
        assert_eq!(with_minutes(flow, &[Some(4.0), Some(5.0)]).unwrap(), wanted);
    }

    #[test]
    fn what_cannot_be_changed_safely_is_left() {
        let alias = "title: T\nsections:\n- &a {title: A, file: a.md}\n- *a\n";
        assert!(with_minutes(alias, &[None, Some(4.0)]).unwrap_err().contains("section 2"));
        assert!(with_minutes("title: T\n", &[Some(4.0)]).is_err());
    }
}
