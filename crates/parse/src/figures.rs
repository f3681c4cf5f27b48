//! Numbers on slides that are read from recordings, so that nobody has to type them: `{{recordings/a.ndjson rate 2}}`.
//!
//! What follows the recording's path says which number. Of a bench, whose variants count from 1: `rate N` (requests per
//! second), `efficiency N` (the same per second of processor time), `memory N` (MiB), `half N` and `p99 N` (latency),
//! `times N M` and `efficiency-times N M` (the verdict's ratio of N to M). Of a probe, whose columns are `gil`, `gil+`
//! and `free-threaded`: `trials C`, `anomalies C`, `share C` (1 in 200), `counter NAME C`, `times NAME C D` (the ratio
//! of two columns' counters). What the pane of that recording would say is what stands on the slide.

use std::collections::HashMap;
use std::ops::Range;

use super::text::Source;
use greenroom_base::diag::Diagnostic;
use greenroom_base::files::Files;
use greenroom_bench::probe::{self, Kind};
use greenroom_bench::{self as bench, Call, Metric};

/// The longest recording that is read for its numbers.
const LIMIT: u64 = 8 << 20;
/// Figures in a file.
const MOST: usize = 500;
/// What stands where a figure cannot be had.
const UNKNOWN: &str = "?";
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

/// `source` with its figures filled in, and what is wrong with them. Code and comments stay as they are, except for notes.
pub(super) fn fill(files: &dyn Files, source: Source) -> (Source, Vec<Diagnostic>) {
    let prose = prose(&source.text);
    let mut problems = typed(&source, &prose);
    if !source.text.contains("{{") {
        return (source, problems);
    }
    let mut book = Book { files, read: HashMap::new() };
    let mut text = String::with_capacity(source.text.len());
    let mut done = 0;
    for range in figures(&source.text).filter(|range| !is_code(&prose, range)).take(MOST) {
        let inner = source.text.get(range.start + 2..range.end - 2).unwrap_or_default();
        text.push_str(source.text.get(done..range.start).unwrap_or_default());
        match book.figure(inner) {
            Ok(figure) => text.push_str(&figure),
            Err(why) => {
                text.push_str(UNKNOWN);
                let problem = Diagnostic::error(source.place(range.clone()), why);
                problems.push(problem.hint(
                    "greenroom record makes a recording; the README's \"Numbers in sentences\" lists what can be read of one",
                ));
            }
        }
        done = range.end;
    }
    text.push_str(source.text.get(done..).unwrap_or_default());
    (Source::new(&source.file, text), problems)
}

/// What a part of the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Prose,
    Code,
    Comment,
}

/// Each line of `text`, and what it is.
fn prose(text: &str) -> Vec<(Range<usize>, Part)> {
    let (mut at, mut fence, mut comment) = (0, None::<&str>, false);
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        let trimmed = line.trim_start();
        let part = if comment {
            comment = !line.contains("-->");
            Part::Comment
        } else if let Some(open) = fence {
            if trimmed.starts_with(open) {
                fence = None;
            }
            Part::Code
        } else if let Some(open) = ["```", "~~~"].into_iter().find(|open| trimmed.starts_with(open)) {
            fence = Some(open);
            Part::Code
        } else if trimmed.starts_with("<!--") {
            comment = !line.contains("-->");
            Part::Comment
        } else {
            Part::Prose
        };
        out.push((range, part));
    }
    out
}

fn is_code(lines: &[(Range<usize>, Part)], range: &Range<usize>) -> bool {
    let at = lines.partition_point(|(line, _)| line.end <= range.start);
    lines.get(at).is_some_and(|(_, part)| *part == Part::Code)
}

/// Where `{{…}}` stand, each within its line.
fn figures(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text.get(at..)?.find("{{")?;
            let line = text.get(start..)?.lines().next()?;
            match line.find("}}") {
                Some(end) => {
                    at = start + end + 2;
                    return Some(start..at);
                }
                None => at = start + 2,
            }
        }
    })
}

/// Numbers on slides that claim to be measured and are typed: without a recording, and without a link to where they are
/// from in the same paragraph or item.
fn typed(source: &Source, lines: &[(Range<usize>, Part)]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (line, _) in lines.iter().filter(|(_, part)| *part == Part::Prose) {
        let text = source.text.get(line.clone()).unwrap_or_default();
        if text.contains("{{") || text.contains("](") || text.contains("<http") {
            continue;
        }
        if let Some(found) = claim(text) {
            let place = source.place(line.start + found.start..line.start + found.end);
            let problem = Diagnostic::warning(place, "this number claims to be measured, and is typed");
            problems.push(
                problem.hint(
                    "read it from a recording, {{recordings/a.ndjson rate 1}}, or link where it is from",
                ),
            );
        }
    }
    problems
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

/// What has been read of recordings.
struct Book<'a> {
    files: &'a dyn Files,
    read: HashMap<(String, bool), Result<Recording, String>>,
}

enum Recording {
    Bench(Box<bench::Board>),
    Probe(Box<probe::Board>),
}

impl Book<'_> {
    /// The figure that `inner` asks for.
    fn figure(&mut self, inner: &str) -> Result<String, String> {
        let words: Vec<&str> = inner.split_whitespace().collect();
        let [path, what, rest @ ..] = &words[..] else {
            return Err(
                "a figure names a recording and a number of it: {{recordings/a.ndjson rate 1}}".to_owned()
            );
        };
        // Most figures need no latencies.
        let latencies = matches!(*what, "half" | "p99");
        let key = ((*path).to_owned(), latencies);
        let files = self.files;
        match self.read.entry(key).or_insert_with(|| read(files, path, latencies)) {
            Ok(Recording::Bench(board)) => of_bench(board, what, rest),
            Ok(Recording::Probe(board)) => of_probe(board, what, rest),
            Err(why) => Err(why.clone()),
        }
    }
}

/// Reads a recording, as far as its figures need it.
fn read(files: &dyn Files, path: &str, latencies: bool) -> Result<Recording, String> {
    let bytes = files.read(path, LIMIT).map_err(|error| super::text::file_message(path, &error))?;
    let text = String::from_utf8_lossy(&bytes);
    let first = text.lines().next().unwrap_or_default();
    if first.contains("\"greenroom-probe\"") {
        let mut board = probe::Board::default();
        for line in text.lines() {
            board.feed_line(line).map_err(|error| format!("\"{path}\": {error}"))?;
        }
        return Ok(Recording::Probe(Box::new(board)));
    }
    if !first.contains("\"greenroom-bench\"") {
        return Err(format!("\"{path}\" is no recording of a bench or a probe"));
    }
    let mut board = bench::Board::default();
    // A deck is read before its first slide shows: profiles and waves, which no figure needs, are most of a recording.
    let heavy = ["prof", "wave", "thr", "hist"].map(|kind| format!("\"type\":\"{kind}\""));
    let heavy = &heavy[..if latencies { 3 } else { 4 }];
    for line in text.lines().filter(|line| !heavy.iter().any(|kind| line.contains(kind))) {
        board.feed_line(line).map_err(|error| format!("\"{path}\": {error}"))?;
    }
    Ok(Recording::Bench(Box::new(board)))
}

fn of_bench(board: &bench::Board, what: &str, rest: &[&str]) -> Result<String, String> {
    let count = board.sides.len();
    let variant = |at: usize| {
        let number = rest.get(at).and_then(|word| word.parse::<usize>().ok());
        let found = number.filter(|number| (1..=count).contains(number)).map(|number| number - 1);
        found.ok_or_else(|| format!("`{what}` needs the number of a variant here, 1 to {count}"))
    };
    let side = |at: usize| variant(at).map(|index| &board.sides[index]);
    let nothing = || format!("the recording has no `{what}` of that variant");
    let latency =
        |side: &bench::Side, percent| side.closed.percentile(percent).map(bench::latency).ok_or_else(nothing);
    match what {
        "rate" => side(0)?.rate().map(|rate| format!("{rate:.0}")).ok_or_else(nothing),
        "efficiency" => side(0)?.efficiency().map(|rate| format!("{rate:.0}")).ok_or_else(nothing),
        "memory" => side(0)?.pss_kib().map(|kib| format!("{}", kib.div_ceil(1024))).ok_or_else(nothing),
        "half" => latency(side(0)?, 50.0),
        "p99" => latency(side(0)?, 99.0),
        "times" => times(board, Metric::Throughput, variant(0)?, variant(1)?),
        "efficiency-times" => times(board, Metric::Efficiency, variant(0)?, variant(1)?),
        _ => Err(format!(
            "`{what}` is no figure of a bench: rate, efficiency, memory, half, p99, times, efficiency-times"
        )),
    }
}

/// The ratio that the verdict names; what the bench refuses to judge is no number on a slide either.
fn times(board: &bench::Board, metric: Metric, variant: usize, baseline: usize) -> Result<String, String> {
    let verdict = board.judge(metric, variant, baseline);
    match (&verdict.call, verdict.interval) {
        (Call::Refused(reasons), _) => {
            let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            Err(format!("the recording gives no verdict on these: {}", reasons.join("; ")))
        }
        (_, Some(interval)) => Ok(bench::times(interval.ratio)),
        (_, None) => Err("nothing was measured of these".to_owned()),
    }
}

fn of_probe(board: &probe::Board, what: &str, rest: &[&str]) -> Result<String, String> {
    let column = |at: usize| {
        let kind = match rest.get(at) {
            Some(&"gil") => Kind::Gil,
            Some(&"gil+") => Kind::GilPlus,
            Some(&"free-threaded") => Kind::FreeThreaded,
            _ => return Err(format!("`{what}` needs a column here: gil, gil+ or free-threaded")),
        };
        let found = board.columns.iter().find(|column| column.kind == kind);
        found.ok_or_else(|| "the recording has no such column".to_owned())
    };
    let counter = |name: &str, at: usize| {
        let found = column(at)?.counters.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.clone())
            .ok_or_else(|| format!("the recording has no counter `{name}` in that column"))
    };
    match (what, rest) {
        ("trials", _) => Ok(probe::count(column(0)?.trials)),
        ("anomalies", _) => Ok(probe::count(column(0)?.anomalies)),
        ("share", _) => column(0).map(|column| probe::share(column.anomalies, column.trials)),
        ("counter", [name, ..]) => counter(name, 1),
        ("times", [name, ..]) => {
            let number = |at| {
                counter(name, at)?
                    .replace(',', "")
                    .parse::<f64>()
                    .map_err(|_| format!("`{name}` is no number"))
            };
            let (one, other) = (number(1)?, number(2)?);
            if other == 0.0 { Err(format!("`{name}` is 0 there")) } else { Ok(bench::times(one / other)) }
        }
        _ => Err(format!("`{what}` is no figure of a probe: trials, anomalies, share, counter, times")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_base::files::MemoryFiles;

    const PROBE: &str = concat!(
        "{\"at\":1,\"type\":\"head\",\"format\":\"greenroom-probe\",\"v\":1,\"started\":1,\"title\":\"t\",",
        "\"columns\":[\"gil\",\"free-threaded\"]}\n",
        "{\"at\":2,\"type\":\"column\",\"column\":0,\"kind\":\"gil\"}\n",
        "{\"at\":3,\"type\":\"line\",\"column\":0,\"said\":{\"trials\":2000,\"anomalies\":0,\"us\":80}}\n",
        "{\"at\":4,\"type\":\"column\",\"column\":1,\"kind\":\"free-threaded\"}\n",
        "{\"at\":5,\"type\":\"line\",\"column\":1,\"said\":{\"trials\":2000,\"anomalies\":10,\"us\":200}}\n",
    );

    fn filled(text: &str) -> (String, Vec<String>) {
        let files = MemoryFiles::new().with("r/p.ndjson", PROBE).with("r/x.cast", "{\"version\":3}");
        let (source, problems) = fill(&files, Source::new("s.md", text));
        (source.text.clone(), problems.into_iter().map(|problem| problem.message).collect())
    }

    #[test]
    fn figures_are_read_from_the_recording() {
        let (text, problems) = filled(
            "- **{{r/p.ndjson times us free-threaded gil}} times** as long\n- {{r/p.ndjson share free-threaded}}, {{r/p.ndjson trials gil}}\n",
        );
        assert_eq!(text, "- **2.5 times** as long\n- 1 in 200, 2,000\n");
        assert_eq!(problems, [""; 0]);
        let (text, problems) = filled(
            "```\n{{r/p.ndjson trials gil}}\n```\n<!-- speaker_note: {{r/p.ndjson anomalies free-threaded}} -->\n",
        );
        assert_eq!(text, "```\n{{r/p.ndjson trials gil}}\n```\n<!-- speaker_note: 10 -->\n");
        assert_eq!(problems, [""; 0]);
    }

    #[test]
    fn what_cannot_be_read_is_said_and_shows_as_unknown() {
        for (figure, why) in [
            ("r/none.ndjson rate 1", "there is no file"),
            ("../x rate 1", "leads out of the deck"),
            ("r/x.cast rate 1", "no recording of a bench or a probe"),
            ("r/p.ndjson rate 1", "no figure of a probe"),
            ("r/p.ndjson trials gil+", "no such column"),
            ("r/p.ndjson counter no gil", "no counter `no`"),
            ("r/p.ndjson", "names a recording and a number"),
        ] {
            let (text, problems) = filled(&format!("a {{{{{figure}}}}} b\n"));
            assert_eq!(text, "a ? b\n", "{figure}");
            assert!(matches!(&problems[..], [one] if one.contains(why)), "{figure}: {problems:?}");
        }
        assert_eq!(filled("a {{ b\n}} {x}\n"), ("a {{ b\n}} {x}\n".to_owned(), Vec::new()));
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
            assert_eq!(filled(&format!("- {line}\n")).1.len(), 1, "{line}");
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
            assert_eq!(filled(&format!("- {line}\n")).1.len(), 0, "{line}");
        }
        assert!(filled("```\n517 req/s\n```\n<!--\nspeaker_note: 517 req/s\n-->\n").1.is_empty());
    }
}
