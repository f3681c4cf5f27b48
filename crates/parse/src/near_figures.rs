//! What stands in the braces of figures and is none, though it all but names a recording of the deck. Everything else in braces is
//! text: templates of Django, Jinja and others.

use super::reader::Reader;
use greenroom_base::diag::{Severity, nearest};
use greenroom_base::files::Files;
use greenroom_markup::braces;

/// The folder that recordings are kept in, as a rule.
const FOLDER: &str = "recordings";
/// How their names end.
const ENDINGS: [&str; 2] = ["ndjson", "cast"];
/// Files of a folder that are compared.
const MAX_FILES: usize = 1000;
/// A longer text between braces is no slip.
const MAX_CHARS: usize = 200;

impl Reader<'_, '_> {
    /// Looks at a line that begins at byte `start` of the source.
    pub(super) fn judge_near_figures(&mut self, start: usize, line: &str) {
        let figures = braces::find(line);
        let mut at = 0;
        while let Some(open) = line.get(at..).and_then(|rest| rest.find("{{")).map(|open| at + open) {
            let inner = line.get(open + 2..).unwrap_or_default();
            let Some(length) = inner.find("}}").filter(|length| *length <= MAX_CHARS) else { return };
            at = open + length + 4;
            // In code it is what it is.
            let in_code = line.get(..open).unwrap_or_default().matches('`').count() % 2 == 1;
            if in_code || figures.iter().any(|figure| (open..at).contains(&figure.start)) {
                continue;
            }
            let written = inner.get(..length).unwrap_or_default();
            let word = written.split_whitespace().next().unwrap_or_default();
            if let Some(near) = near(self.writer.files, word) {
                let message =
                    format!("`{{{{{}}}}}` stays as it is: no recording is called that", written.trim());
                let meant = written.trim().replacen(word, &near, 1);
                let range = start + open..start + at;
                self.report(Severity::Warning, range, message, &format!("did you mean `{{{{{meant}}}}}`?"));
            }
        }
    }
}

/// The recording of the deck that `word` all but names.
fn near(files: &dyn Files, word: &str) -> Option<String> {
    let path = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    if word.len() < 3 || !word.chars().all(path) || !word.contains(['/', '.']) {
        return None;
    }
    let (folder, name) = word.rsplit_once('/').unwrap_or(("", word));
    for folder in [folder, FOLDER] {
        if folder.is_empty() {
            continue;
        }
        let listed = files.list(folder).unwrap_or_default();
        let recording = |path: &&String| path.rsplit_once('.').is_some_and(|(_, end)| ENDINGS.contains(&end));
        let known: Vec<&str> = listed.iter().filter(recording).take(MAX_FILES).map(String::as_str).collect();
        let stem = |path: &str| path.rsplit_once('.').map_or(path, |(stem, _)| stem).to_owned();
        let same = known.iter().find(|known| {
            let base = known.rsplit('/').next().unwrap_or_default();
            stem(known) == word || base == name || stem(base) == name
        });
        if let Some(found) = same.copied().or_else(|| nearest(word, known.iter().copied())) {
            return Some(found.to_owned());
        }
    }
    None
}
