//! The numbers that figures on slides ask for: `{{recordings/a.ndjson rate 2}}`.
//!
//! What follows the recording's path says which number. Of a bench, whose variants count from 1: `rate N` (requests per
//! second), `efficiency N` (the same per second of processor time), `memory N` (MiB), `half N` and `p99 N` (latency),
//! `times N M` and `efficiency-times N M` (the verdict's ratio of N to M), `low N M` and `high N M` (the ends of its interval),
//! `memory-per-rate N` (MiB for each 1,000 requests per second), `memory-times N M`, and in a word `stands METRIC N M`, with
//! METRIC one of throughput, efficiency, memory, memory-per-rate: far ahead, ahead, close, behind, far behind (by the
//! rule of [`super::standing`]), no verdict; and of its profile `samples N TEXT`, the share of the samples with a function or
//! file in their stack that has TEXT in it. Of a probe, whose columns are `gil`, `gil+`
//! and `free-threaded`, or a column's own label with `_` for each blank: `trials C`, `anomalies C`, `share C` (1 in 200),
//! `range C` (1 in 60 to 1 in 2, over its runs), `seen C` (not seen, rare, seldom, often, crash), `counter NAME C`, `times NAME C D` (the ratio
//! of two columns' counters). What the pane of that recording would say is what stands on the slide.

use std::collections::HashMap;

use greenroom_base::files::{Files, message};
use greenroom_base::number::{self, Number};
use greenroom_deck::{Figure, Reading};

use super::probe::{self, Kind};
use super::standing::Standing;
use super::stats::Interval;
use super::{Call, Metric, RunSummary, VariantSummary};

/// The longest recording that is read for its numbers, in bytes.
const LIMIT: u64 = 8 << 20;
/// All recordings together, in bytes: a deck opens only after they are read.
const ROOM: usize = 64 << 20;
/// The recordings of a deck, as far as they have been read for figures.
pub struct Recordings<'a> {
    files: &'a dyn Files,
    /// Each with what was read of it.
    read: HashMap<(String, Depth), Result<Recording, String>>,
    /// How many bytes may still be read.
    room: usize,
}

/// How much of a recording a figure needs. A deck is read before its first slide shows: profiles and waves are most of a
/// recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Depth {
    /// Turns, memory, verdicts.
    Numbers,
    /// Latencies as well.
    Latencies,
    /// Profiles as well.
    Profiles,
}

impl Depth {
    fn of(figure: &str) -> Self {
        match figure {
            "half" | "p99" => Self::Latencies,
            "samples" => Self::Profiles,
            _ => Self::Numbers,
        }
    }

    /// The kinds of record that are passed over.
    const fn skips(self) -> &'static [&'static str] {
        match self {
            Self::Numbers => {
                &["\"type\":\"prof\"", "\"type\":\"wave\"", "\"type\":\"thr\"", "\"type\":\"hist\""]
            }
            Self::Latencies => &["\"type\":\"prof\"", "\"type\":\"wave\"", "\"type\":\"thr\""],
            Self::Profiles => &["\"type\":\"wave\"", "\"type\":\"thr\"", "\"type\":\"hist\""],
        }
    }
}

enum Recording {
    Bench(Box<RunSummary>),
    Probe(Box<probe::ProbeSummary>),
}

impl<'a> Recordings<'a> {
    /// None of those in `files` has been read yet.
    #[must_use]
    pub fn new(files: &'a dyn Files) -> Self {
        Self { files, read: HashMap::new(), room: ROOM }
    }

    /// The number that `figure` asks for. A recording is read once, when the first figure needs it.
    ///
    /// # Errors
    /// Why there is no such number, in one sentence.
    pub fn number(&mut self, figure: &Figure) -> Result<Reading, String> {
        let words: Vec<&str> = figure.words.iter().map(String::as_str).collect();
        let [what, rest @ ..] = &words[..] else {
            return Err(
                "a figure names a recording and a number of it: {{recordings/a.ndjson rate 1}}".to_owned()
            );
        };
        let key = (figure.recording.clone(), Depth::of(what));
        let (files, room) = (self.files, &mut self.room);
        match self.read.entry(key).or_insert_with_key(|(path, depth)| read(files, path, *depth, room)) {
            Ok(Recording::Bench(board)) if *what == "stands" => standing(board, rest),
            Ok(Recording::Bench(board)) => of_bench(board, what, rest).map(Reading::from),
            Ok(Recording::Probe(board)) => of_probe(board, what, rest),
            Err(why) => Err(why.clone()),
        }
    }
}

/// Reads a recording, as far as its figures need it.
fn read(files: &dyn Files, path: &str, depth: Depth, room: &mut usize) -> Result<Recording, String> {
    let bytes = files.read(path, LIMIT).map_err(|error| message(path, &error))?;
    let left = room.checked_sub(bytes.len());
    *room = left.ok_or_else(|| format!("the deck's figures need more than {ROOM} bytes of recordings"))?;
    let text = String::from_utf8_lossy(&bytes);
    let first = text.lines().next().unwrap_or_default();
    if first.contains("\"greenroom-probe\"") {
        let mut board = probe::ProbeSummary::default();
        for line in text.lines() {
            board.feed_line(line).map_err(|error| format!("\"{path}\": {error}"))?;
        }
        return Ok(Recording::Probe(Box::new(board)));
    }
    if !first.contains("\"greenroom-bench\"") {
        return Err(format!("\"{path}\" is no recording of a bench or a probe"));
    }
    let mut board = RunSummary::default();
    let skips = depth.skips();
    for line in text.lines().filter(|line| !skips.iter().any(|kind| line.contains(kind))) {
        board.feed_line(line).map_err(|error| format!("\"{path}\": {error}"))?;
    }
    Ok(Recording::Bench(Box::new(board)))
}

fn of_bench(board: &RunSummary, what: &str, rest: &[&str]) -> Result<Number, String> {
    let variant = |at: usize| variant(board, what, rest, at);
    let side = |at: usize| variant(at).map(|index| &board.sides[index]);
    let nothing = || format!("the recording has no `{what}` of that variant");
    let latency = |side: &VariantSummary, percent| {
        side.closed.percentile(percent).map(number::latency).ok_or_else(nothing)
    };
    match what {
        "rate" => side(0)?.rate().map(number::plain).ok_or_else(nothing),
        "efficiency" => side(0)?.efficiency().map(number::plain).ok_or_else(nothing),
        "memory" => side(0)?.pss_kib().map(|kib| number::whole(kib.div_ceil(1024))).ok_or_else(nothing),
        "low" => interval_of(board, variant(0)?, variant(1)?).map(|found| number::times(found.low)),
        "high" => interval_of(board, variant(0)?, variant(1)?).map(|found| number::times(found.high)),
        "memory-per-rate" => side(0)?.memory_per_rate().map(number::plain).ok_or_else(nothing),
        "memory-times" => {
            let ratio = Standing::Memory.reading(board, variant(0)?, variant(1)?);
            ratio.map(number::times).ok_or_else(nothing)
        }
        "samples" => {
            let pattern = rest.get(1).ok_or("`samples` needs a function or file here")?;
            samples(side(0)?, pattern)
                .ok_or_else(|| "the recording has no profile of that variant".to_owned())
        }
        "half" => latency(side(0)?, 50.0),
        "p99" => latency(side(0)?, 99.0),
        "times" => times(board, Metric::Throughput, variant(0)?, variant(1)?),
        "efficiency-times" => times(board, Metric::Efficiency, variant(0)?, variant(1)?),
        _ => Err(format!(
            "`{what}` is no figure of a bench: rate, efficiency, memory, memory-per-rate, half, p99, times, \
             efficiency-times, memory-times, low, high, stands, samples"
        )),
    }
}

/// The share of a variant's samples with `pattern` in their stack.
fn samples(side: &VariantSummary, pattern: &str) -> Option<Number> {
    let stacks = &side.profile.as_ref()?.stacks;
    let count = |of: &dyn Fn(&str) -> bool| -> u64 {
        stacks.iter().filter(|(stack, _)| of(stack)).fold(0, |sum, (_, count)| sum.saturating_add(*count))
    };
    let (seen, all) = (count(&|stack| stack.contains(pattern)), count(&|_| true));
    (all > 0).then(|| number::whole_percent(seen.saturating_mul(100) / all))
}

/// Where a variant stands beside another, in a word.
fn standing(board: &RunSummary, rest: &[&str]) -> Result<Reading, String> {
    let metrics = "throughput, efficiency, memory or memory-per-rate";
    let [metric, numbers @ ..] = rest else { return Err(format!("`stands` needs {metrics} here")) };
    let metric =
        Standing::read(metric).ok_or_else(|| format!("`stands` needs {metrics} here, not `{metric}`"))?;
    let (one, other) = (variant(board, "stands", numbers, 0)?, variant(board, "stands", numbers, 1)?);
    Ok(metric.word(board, one, other))
}

/// The index of the variant whose number is word `at` of `rest`.
fn variant(board: &RunSummary, what: &str, rest: &[&str], at: usize) -> Result<usize, String> {
    let count = board.sides.len();
    let number = rest.get(at).and_then(|word| word.parse::<usize>().ok());
    let found = number.filter(|number| (1..=count).contains(number)).map(|number| number - 1);
    found.ok_or_else(|| format!("`{what}` needs the number of a variant here, 1 to {count}"))
}

/// The ratio that the verdict names.
fn times(board: &RunSummary, metric: Metric, variant: usize, baseline: usize) -> Result<Number, String> {
    judged(board, metric, variant, baseline).map(|interval| number::times(interval.ratio))
}

/// The interval of the verdict on requests per second.
fn interval_of(board: &RunSummary, variant: usize, baseline: usize) -> Result<Interval, String> {
    judged(board, Metric::Throughput, variant, baseline)
}

/// What the verdict is made of; what the bench refuses to judge is no number on a slide either.
fn judged(board: &RunSummary, metric: Metric, variant: usize, baseline: usize) -> Result<Interval, String> {
    let verdict = board.judge(metric, variant, baseline);
    match (&verdict.call, verdict.interval) {
        (Call::Refused(reasons), _) => {
            let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            Err(format!("the recording gives no verdict on these: {}", reasons.join("; ")))
        }
        (_, Some(interval)) => Ok(interval),
        (_, None) => Err("nothing was measured of these".to_owned()),
    }
}

fn of_probe(board: &probe::ProbeSummary, what: &str, rest: &[&str]) -> Result<Reading, String> {
    let column = |at: usize| {
        let word = rest.get(at).copied().unwrap_or_default();
        let kind = match word {
            "gil" => Some(Kind::Gil),
            "gil+" => Some(Kind::GilPlus),
            "free-threaded" => Some(Kind::FreeThreaded),
            _ => None,
        };
        let is = |column: &&probe::Column| match kind {
            Some(kind) => column.kind == kind,
            None => column.kind == Kind::Named && column.label.split_whitespace().eq(word.split('_')),
        };
        let found = board.columns.iter().find(is);
        if kind.is_none() && found.is_none() {
            let why = "gil, gil+, free-threaded, or a label with _ for each blank";
            return Err(format!("`{what}` needs a column here: {why}"));
        }
        found.ok_or_else(|| "the recording has no such column".to_owned())
    };
    let counter = |name: &str, at: usize| {
        let found = column(at)?.counters.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.clone())
            .ok_or_else(|| format!("the recording has no counter `{name}` in that column"))
    };
    match (what, rest) {
        ("trials", _) => Ok(number::count(column(0)?.trials).into()),
        ("anomalies", _) => Ok(number::count(column(0)?.anomalies).into()),
        ("seen", _) => column(0)?.how_often(),
        ("range", _) => column(0).map(|column| column.shares().into()),
        ("share", _) => column(0).map(|column| number::share(column.anomalies, column.trials).into()),
        ("counter", [name, ..]) => counter(name, 1).map(Reading::from),
        ("times", [name, ..]) => {
            let number = |at| {
                counter(name, at)?
                    .replace(',', "")
                    .parse::<f64>()
                    .map_err(|_| format!("`{name}` is no number"))
            };
            let (one, other) = (number(1)?, number(2)?);
            if other == 0.0 {
                Err(format!("`{name}` is 0 there"))
            } else {
                Ok(number::times(one / other).into())
            }
        }
        _ => Err(format!(
            "`{what}` is no figure of a probe: trials, anomalies, share, range, seen, counter, times"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_base::diag::Location;
    use greenroom_base::files::MemoryFiles;
    use greenroom_deck::Meaning;

    const PROBE: &str = concat!(
        "{\"at\":1,\"type\":\"head\",\"format\":\"greenroom-probe\",\"v\":1,\"started\":1,\"title\":\"t\",",
        "\"columns\":[\"gil\",\"free-threaded\",\"named\"],\"labels\":[\"\",\"\",\"3.15 rc2\"]}\n",
        "{\"at\":2,\"type\":\"column\",\"column\":0,\"kind\":\"gil\"}\n",
        "{\"at\":3,\"type\":\"line\",\"column\":0,\"said\":{\"trials\":2000,\"anomalies\":0,\"us\":80}}\n",
        "{\"at\":4,\"type\":\"column\",\"column\":1,\"kind\":\"free-threaded\"}\n",
        "{\"at\":5,\"type\":\"line\",\"column\":1,\"said\":{\"trials\":2000,\"anomalies\":10,\"us\":200}}\n",
        "{\"at\":6,\"type\":\"column\",\"column\":2,\"kind\":\"named\"}\n",
        "{\"at\":7,\"type\":\"line\",\"column\":2,\"said\":{\"trials\":500,\"anomalies\":0}}\n",
        "{\"at\":8,\"type\":\"exit\",\"column\":0,\"how\":\"status\",\"code\":0}\n",
        "{\"at\":8,\"type\":\"exit\",\"column\":1,\"how\":\"status\",\"code\":0}\n",
        "{\"at\":8,\"type\":\"exit\",\"column\":2,\"how\":\"signal\",\"code\":11,\"name\":\"SIGSEGV\"}\n",
    );
    const BENCH: &str = concat!(
        "{\"at\":1,\"type\":\"head\",\"format\":\"greenroom-bench\",\"v\":1,\"variants\":[\"one\",\"two\"]}\n",
        "{\"at\":2,\"type\":\"prof\",\"variant\":0,\"samples\":100,\"period_us\":1000,\"stacks\":",
        "[[\"main (m.py:1);read (x.py:1)\",30],[\"main (m.py:1);write (y.py:2)\",70]]}\n",
    );

    fn number(text: &str) -> Result<String, String> {
        reading(text).map(|reading| reading.text)
    }

    fn reading(text: &str) -> Result<Reading, String> {
        let files = MemoryFiles::new().with("r/p.ndjson", PROBE).with("r/b.ndjson", BENCH);
        let files = files.with("r/x.cast", "{\"version\":3}");
        let mut words = text.split(' ').map(str::to_owned);
        let recording = words.next().unwrap();
        let place = Location::locate("s.md", text, 0..1);
        let figure = Figure { written: text.to_owned(), recording, words: words.collect(), place };
        Recordings::new(&files).number(&figure)
    }

    #[test]
    fn figures_are_read_from_the_recording() {
        for (figure, says) in [
            ("r/p.ndjson times us free-threaded gil", "2.5"),
            ("r/p.ndjson share free-threaded", "1 in 200"),
            ("r/p.ndjson trials gil", "2,000"),
            ("r/p.ndjson anomalies free-threaded", "10"),
            ("r/p.ndjson counter us gil", "80"),
            ("r/p.ndjson trials 3.15_rc2", "500"),
            ("r/p.ndjson seen gil", "not seen"),
            ("r/p.ndjson seen free-threaded", "seldom"),
            ("r/p.ndjson seen 3.15_rc2", "crash"),
            ("r/b.ndjson samples 1 x.py", "30 %"),
            ("r/b.ndjson samples 1 main", "100 %"),
            ("r/b.ndjson samples 1 nowhere", "0 %"),
        ] {
            assert_eq!(number(figure), Ok(says.to_owned()), "{figure}");
        }
    }

    #[test]
    fn a_word_that_judges_says_whether_it_is_good_news() {
        for (figure, means) in [
            ("r/p.ndjson seen gil", Some(Meaning::Good)),
            ("r/p.ndjson seen free-threaded", Some(Meaning::Fair)),
            ("r/p.ndjson seen 3.15_rc2", Some(Meaning::Bad)),
            ("r/p.ndjson share free-threaded", None),
        ] {
            assert_eq!(reading(figure).map(|reading| reading.meaning), Ok(means), "{figure}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (figure, why) in [
            ("r/none.ndjson rate 1", "there is no file"),
            ("../x.ndjson rate 1", "leads out of the deck"),
            ("r/x.cast rate 1", "no recording of a bench or a probe"),
            ("r/p.ndjson rate 1", "no figure of a probe"),
            ("r/p.ndjson trials gil+", "no such column"),
            ("r/p.ndjson trials 3.16", "a label with _"),
            ("r/p.ndjson counter no gil", "no counter `no`"),
            ("r/b.ndjson samples 1", "needs a function or file"),
            ("r/b.ndjson samples 2 main", "no profile of that variant"),
            ("r/p.ndjson", "names a recording and a number"),
        ] {
            let problem = number(figure).expect_err(figure);
            assert!(problem.contains(why), "{figure}: {problem}");
        }
    }
}
