//! Numbers on slides that claim to be measured and are typed.

use std::ops::Range;

use super::reader::Reader;
use greenroom_base::diag::Severity;
use greenroom_base::files::FileError;

/// What a number that was measured is followed by.
const CLAIMS: [&str; 22] = [
    "req/s",
    "requests per second",
    "requests/s",
    "times as",
    "times faster",
    "times slower",
    "times more",
    "times less",
    "x faster",
    "x slower",
    "×",
    "% faster",
    "% slower",
    "% more",
    "% less",
    "% fewer",
    // A size alone is none.
    "MiB less",
    "MiB more",
    "MiB fewer",
    "MiB smaller",
    "MiB larger",
    "MiB instead of",
];

impl Reader<'_, '_> {
    /// Looks at the line of the text at `range`, each line once: such a number needs a recording, or a link to where it is
    /// from, on its line.
    pub(super) fn judge_claims(&mut self, range: &Range<usize>) {
        if range.start < self.judged {
            return;
        }
        let source = self.source;
        let start = source.text.get(..range.start).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1);
        let line = source.text.get(start..).and_then(|text| text.split('\n').next()).unwrap_or_default();
        self.judged = start + line.len();
        self.judge_line(start, line);
    }

    /// The same for a note, whose comment is at `range`: what is said aloud is claimed as well.
    pub(super) fn judge_note(&mut self, range: &Range<usize>) {
        let mut start = range.start;
        let source = self.source;
        for line in source.text.get(range.clone()).unwrap_or_default().split_inclusive('\n') {
            self.judge_line(start, line.trim_end());
            start += line.len();
        }
    }

    fn judge_line(&mut self, start: usize, line: &str) {
        // All text of a deck comes by here, and most of it has nothing of the kind.
        let has = |wanted: fn(&u8) -> bool| line.as_bytes().iter().any(wanted);
        if has(|byte| *byte == b'{') {
            self.judge_near_figures(start, line);
        }
        let paths = if has(|byte| *byte == b'/') { cited(line) } else { Vec::new() };
        for path in paths {
            let name = line.get(path.clone()).unwrap_or_default();
            if self.writer.files.head(name, 1) == Err(FileError::Missing) {
                let message = format!("there is no file \"{name}\" in the deck");
                let range = start + path.start..start + path.end;
                self.report(Severity::Error, range, message, "name the file that it is read from, or none");
            }
        }
        let is_sourced = || ["{{", "](", "<http", "https://"].iter().any(|source| line.contains(source));
        if has(u8::is_ascii_digit)
            && let Some(found) = claim(line)
            && !is_sourced()
        {
            let message = "this number claims to be measured, and is typed".to_owned();
            let hint = "read it from a recording, {{recordings/a.ndjson rate 1}}, or link where it is from";
            self.report(Severity::Warning, start + found.start..start + found.end, message, hint);
        }
    }
}

/// The recordings and demos that a line names by their paths, figures aside.
fn cited(line: &str) -> Vec<Range<usize>> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let mut found = Vec::new();
    for folder in ["recordings/", "demos/"] {
        for (at, _) in line.match_indices(folder) {
            let before = line.get(..at).unwrap_or_default();
            let rest = line.get(at..).unwrap_or_default();
            let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
            let path = rest.get(..length).unwrap_or_default().trim_end_matches('.');
            let name = path.rsplit('/').next().unwrap_or_default();
            let sound = name.rsplit_once('.').is_some_and(|(stem, end)| {
                !stem.is_empty()
                    && (2..=6).contains(&end.len())
                    && end.chars().all(|c| c.is_ascii_alphabetic())
            });
            // A longer path, an address, or a figure, which is looked for by itself.
            let apart = !before.ends_with(|c: char| part(c) || matches!(c, '{' | '~' | '$' | '*'))
                && !before.trim_end().ends_with("{{");
            if sound && apart && !rest.get(length..).unwrap_or_default().starts_with(['*', '{', '<']) {
                found.push(at..at + path.len());
            }
        }
    }
    found
}

/// Where a number with something like a measured unit stands in a line, emphasis aside.
fn claim(line: &str) -> Option<Range<usize>> {
    let kept: Vec<(usize, char)> =
        line.char_indices().filter(|(_, c)| !matches!(c, '*' | '_' | '`')).collect();
    let digit = |at: usize| kept.get(at).is_some_and(|(_, c)| c.is_ascii_digit());
    for start in 0..kept.len() {
        let after_letter =
            start > 0 && kept.get(start - 1).is_some_and(|(_, c)| c.is_alphanumeric() || *c == '.');
        if !digit(start) || after_letter {
            continue;
        }
        let mut end = start;
        while digit(end) || (kept.get(end).is_some_and(|(_, c)| matches!(c, '.' | ',')) && digit(end + 1)) {
            end += 1;
        }
        let rest: String = kept.iter().skip(end).map(|(_, c)| *c).take(24).collect();
        let rest = rest.trim_start();
        // `1 in 200`, as a share is said.
        let number: String = kept.get(start..end).unwrap_or_default().iter().map(|(_, c)| *c).collect();
        let share = number == "1"
            && rest
                .strip_prefix("in ")
                .is_some_and(|rest| rest.chars().take(2).filter(char::is_ascii_digit).count() == 2);
        // `11,316 of 158,000`, as trials are counted.
        let trials = rest.strip_prefix("of ").is_some_and(|rest| {
            let many = rest.split(|c: char| !c.is_ascii_digit() && c != ',').next().unwrap_or_default();
            many.contains(',') && many.ends_with(|c: char| c.is_ascii_digit())
        });
        if share || trials || CLAIMS.iter().any(|claim| rest.starts_with(claim)) {
            let last = kept.get(end).map_or(line.len(), |(at, _)| *at);
            return Some(kept.get(start)?.0..last);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::tests::markdown;
    use greenroom_base::files::MemoryFiles;

    fn claims(text: &str) -> Vec<String> {
        let problems = markdown(text).problems;
        let claims = problems.into_iter().filter(|problem| problem.message.contains("is typed"));
        claims.filter_map(|problem| problem.place).map(|place| place.to_string()).collect()
    }

    #[test]
    fn typed_numbers_that_claim_to_be_measured_are_found() {
        for line in [
            "517 req/s",
            "**2 to 3 times** as much",
            "a third: 30 % faster",
            "1,200 requests per second",
            "1.8× with",
            "about **1 in 100,000**",
            "30 MiB less",
            "11,316 of 158,000 with it",
        ] {
            assert_eq!(claims(&format!("- {line}\n")).len(), 1, "{line}");
        }
        for line in [
            "after 5 milliseconds",
            "80 requests, 80 threads",
            "[3 times as many](https://x.y)",
            "PEP 779",
            "3.14t times",
            "slide 2",
            "1 in a row",
            "3 of 16 questions",
            "v2× ",
            "a file of 30 MiB",
        ] {
            assert_eq!(claims(&format!("- {line}\n")), [""; 0], "{line}");
        }
    }

    #[test]
    fn each_line_of_running_text_is_judged_once() {
        assert_eq!(
            claims("# T\n\na\n*b* 517 req/s *c* 3 MiB\n\n| a |\n|---|\n| 2 MiB more |\n"),
            ["talk.md:4:5", "talk.md:8:3"]
        );
        let code = "# T\n\n```\n517 req/s\n```\n\n    517 req/s\n\n- a\n  ~~~\n  517 req/s\n  ~~~\n<!-- 517 req/s, a remark -->\n";
        assert_eq!(claims(code), [""; 0]);
    }

    #[test]
    fn notes_are_judged_as_slides_are() {
        let note = "# T\n\na\n\n<!--\nspeaker_note: |\n  Say it: 517 req/s.\n  And [1.9 times as much](https://x.y).\n  1 in 30.\n-->\n";
        assert_eq!(claims(note), ["talk.md:7:11", "talk.md:9:3"]);
        assert_eq!(claims("# T\n\n<!-- speaker_note: 30 % faster -->\n").len(), 1);
        assert_eq!(claims("# T\n\n<!-- speaker_note: {{r.ndjson times 2 1}} times as fast -->\n"), [""; 0]);
    }

    #[test]
    fn files_that_are_named_are_there() {
        let deck = |text: &str| {
            let files = MemoryFiles::new()
                .with("t.md", text.to_owned())
                .with("demos/a.py", "")
                .with("recordings/b.c.cast", "");
            let problems = crate::deck(&files, "t.md").problems;
            let said = problems.into_iter().filter(|problem| problem.message.contains("there is no file"));
            said.map(|problem| problem.message).collect::<Vec<_>>()
        };
        for (text, path) in [
            ("see recordings/lost.cast.", "recordings/lost.cast"),
            ("`demos/lab/x.py` does it", "demos/lab/x.py"),
            ("<!-- speaker_note: recordings/none.ndjson, November -->", "recordings/none.ndjson"),
            ("(demos/x.yaml:12)", "demos/x.yaml"),
        ] {
            assert_eq!(deck(text), [format!("there is no file \"{path}\" in the deck")], "{text}");
        }
        for text in [
            "demos/a.py and recordings/b.c.cast.",
            "the folder demos/lab",
            "https://x.y/demos/none.py",
            "mine/demos/none.py",
            "recordings/*.cast, demos/{a,b}.py, demos/NAME.*",
            "demos/1.5",
        ] {
            assert_eq!(deck(text), [""; 0], "{text}");
        }
    }
}
