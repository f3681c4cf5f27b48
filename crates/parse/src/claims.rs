//! Numbers on slides that claim to be measured and are typed.

use std::ops::Range;

use super::reader::Reader;
use greenroom_base::diag::Severity;

/// What a number that was measured is followed by.
const CLAIMS: [&str; 17] = [
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
    "MiB",
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
        if line.contains("{{") || line.contains("](") || line.contains("<http") {
            return;
        }
        if let Some(found) = claim(line) {
            let message = "this number claims to be measured, and is typed".to_owned();
            let hint = "read it from a recording, {{recordings/a.ndjson rate 1}}, or link where it is from";
            self.report(Severity::Warning, start + found.start..start + found.end, message, hint);
        }
    }
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
        if share || CLAIMS.iter().any(|claim| rest.starts_with(claim)) {
            let last = kept.get(end).map_or(line.len(), |(at, _)| *at);
            return Some(kept.get(start)?.0..last);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::tests::markdown;

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
            "30 MiB",
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
            "v2× ",
        ] {
            assert_eq!(claims(&format!("- {line}\n")), [""; 0], "{line}");
        }
    }

    #[test]
    fn each_line_of_running_text_is_judged_once() {
        assert_eq!(
            claims("# T\n\na\n*b* 517 req/s *c* 3 MiB\n\n| a |\n|---|\n| 2 MiB |\n"),
            ["talk.md:4:5", "talk.md:8:3"]
        );
        let code = "# T\n\n```\n517 req/s\n```\n\n    517 req/s\n\n- a\n  ~~~\n  517 req/s\n  ~~~\n<!--\nspeaker_note: 517 req/s\n-->\n";
        assert_eq!(claims(code), [""; 0]);
    }
}
