//! What the records of a probe add up to.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::record::{ColumnRecord, End, ExitRecord, Head, How, Kind, Record, RecordError, What};
use crate::stream::{Fed, Tally};
use greenroom_base::clock::Elapsed;

/// Most columns that are kept.
const MAX_COLUMNS: usize = 6;
/// Runs of a column that are kept.
const MAX_RUNS: usize = 100;
/// Counters of a script's own that are kept.
const MAX_COUNTERS: usize = 12;
/// Characters of a text that a script reports.
const MAX_TEXT: usize = 600;
/// Lines that are no reports, kept of each column: the last ones say why it died.
const MAX_OTHERS: usize = 12;
/// Points of a column's course.
const MAX_COURSE: usize = 400;
/// The longest switch interval, in seconds, that counts as GIL+.
const SHORT_INTERVAL: f64 = 1e-5;
/// Keys with a meaning of their own; any other is a counter.
const KNOWN: [&str; 14] = [
    "trial",
    "trials",
    "anomaly",
    "anomalies",
    "verdict",
    "seconds",
    "signal",
    "probe",
    "python",
    "free_threaded",
    "gil",
    "switch_interval",
    "place",
    "after_s",
];

/// Everything that is known of a probe's run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProbeSummary {
    /// What this is.
    pub head: Option<Head>,
    /// The columns, in their order.
    pub columns: Vec<Column>,
    /// How it ended.
    pub end: Option<End>,
    /// The latest time of a record.
    pub at: Elapsed,
}

/// Where a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnState {
    /// Its turn has not come.
    Waiting,
    /// Its script runs.
    Running,
    /// It is over.
    Over,
}

/// How a column ended, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The script ended by itself.
    Fine,
    /// The interpreter died.
    Crash(String),
    /// It did not end, and was ended.
    Hang,
    /// Somebody stopped it.
    Stopped,
    /// It failed, and what it reported is not a result.
    Failed(String),
}

/// One column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Column {
    /// Its kind.
    pub kind: Kind,
    /// Its own name; empty when it is called by its kind.
    pub label: String,
    /// Its interpreter, once it has begun.
    pub begun: Option<(Elapsed, ColumnRecord)>,
    /// When its script first reported something: the interpreter has started, and everything is imported.
    pub first_line: Option<Elapsed>,
    /// When it last did.
    pub last_line: Elapsed,
    /// What was tried.
    pub trials: u64,
    /// What went wrong.
    pub anomalies: u64,
    /// The first anomaly, in words.
    pub first: String,
    /// The script's own verdict: `none`, `anomalies`, `crash`, `hang`.
    pub verdict: String,
    /// The signal that the script saw its interpreter die of, and after how many seconds, when it says so.
    pub died: Option<(String, Option<f64>)>,
    /// Where the code is that is raced.
    pub place: String,
    /// What the script says of its interpreter.
    pub says: Says,
    /// Everything else that it reports, the latest value of each.
    pub counters: Vec<(String, String)>,
    /// Trials and anomalies over time.
    pub course: Vec<(Elapsed, u64, u64)>,
    /// The last lines that are no reports.
    pub others: VecDeque<String>,
    /// How many there were.
    pub junk: u64,
    /// Reports, whatever they say.
    pub reports: u64,
    /// How its script ended, the last time that it ran.
    pub exit: Option<(Elapsed, ExitRecord)>,
    /// Its runs that are over, in their order.
    pub runs: Vec<OneRun>,
    /// The script adds up itself.
    pub(super) totals: bool,
}

/// One run of a column's script, in an interpreter of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct OneRun {
    /// What was tried.
    pub trials: u64,
    /// What went wrong.
    pub anomalies: u64,
    /// How it ended; nothing when that is no way to end.
    ending: Option<Ending>,
}

impl OneRun {
    /// Whether something was found: an anomaly, a crash, a hang.
    fn is_bad(&self) -> bool {
        self.anomalies > 0 || matches!(self.ending, Some(Ending::Crash(_) | Ending::Hang))
    }
}

/// What a script says of its interpreter, in its own report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Says {
    /// Its version.
    pub python: String,
    /// Whether it is a free-threaded build.
    pub free_threaded: Option<bool>,
    /// Whether the GIL was on when the report began.
    pub gil: Option<bool>,
    /// In seconds.
    pub switch_interval: Option<f64>,
}

impl Tally for ProbeSummary {
    type Content = What;

    fn feed(&mut self, record: Record) -> Fed {
        self.feed(record);
        Fed::Changed
    }

    fn at(&self) -> Elapsed {
        self.at
    }

    fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }
}

impl ProbeSummary {
    /// Adds the record in `line`.
    ///
    /// # Errors
    /// When it is none.
    pub fn feed_line(&mut self, line: &str) -> Result<(), RecordError> {
        self.feed(Record::parse(line)?);
        Ok(())
    }

    /// Adds `record`.
    pub fn feed(&mut self, record: Record) {
        let at = Elapsed::from_micros(record.at);
        self.at = self.at.max(at);
        match record.what {
            What::Head(head) => {
                let labels =
                    head.labels.iter().map(|label| plain(label)).chain(std::iter::repeat(String::new()));
                let kinds = head.columns.iter().take(MAX_COLUMNS).zip(labels);
                let column =
                    |(kind, label): (&Kind, String)| Column { kind: *kind, label, ..Column::default() };
                self.columns = kinds.map(column).collect();
                self.head = Some(head);
            }
            What::Column(begun) => {
                if let Some(column) = self.columns.get_mut(begun.column) {
                    column.begun = Some((at, begun));
                }
            }
            What::Line(line) => {
                if let Some(column) = self.columns.get_mut(line.column) {
                    column.report(&line.said, at);
                }
            }
            What::Out(out) => {
                if let Some(column) = self.columns.get_mut(out.column) {
                    column.other(&out.text);
                }
            }
            What::Exit(exit) => {
                if let Some(column) = self.columns.get_mut(exit.column) {
                    column.exit(at, exit);
                }
            }
            What::End(end) => self.end = Some(end),
            What::Unknown => {}
        }
    }

    /// The column of this kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<&Column> {
        self.columns.iter().find(|column| column.kind == kind)
    }

    /// The first anomaly that is told in words, and whose it is: that of the free-threaded column where there is one.
    #[must_use]
    pub fn told(&self) -> Option<&Column> {
        let told = |column: &&Column| !column.first.is_empty();
        self.columns.iter().rev().find(told)
    }

    /// Whether every column ran and reported; one with a name of its own may lack its interpreter, and says so.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let fine = |column: &Column| {
            column.wrong().is_none()
                && column.reports > 0
                && matches!(column.ending(), Some(Ending::Fine | Ending::Crash(_) | Ending::Hang))
        };
        let fine = |column: &Column| fine(column) || column.is_absent();
        !self.columns.is_empty() && self.columns.iter().all(fine)
    }
}

impl Column {
    /// Its name on screen.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.label.is_empty() { self.kind.name() } else { &self.label }
    }

    /// Whether it is one of those beside the usual ones, and what it runs on is not here.
    fn is_absent(&self) -> bool {
        self.kind == Kind::Named && self.begun.as_ref().is_some_and(|(_, begun)| !begun.problem.is_empty())
    }

    /// A run of its script is over.
    fn exit(&mut self, at: Elapsed, exit: ExitRecord) {
        let more = exit.more;
        self.exit = Some((at, exit));
        let (trials, anomalies) = self.before();
        let (trials, anomalies) =
            (self.trials.saturating_sub(trials), self.anomalies.saturating_sub(anomalies));
        if self.runs.len() < MAX_RUNS {
            self.runs.push(OneRun { trials, anomalies, ending: self.last_ending() });
        }
        if more {
            // The next interpreter begins anew.
            (self.totals, self.verdict, self.died) = (false, String::new(), None);
        }
    }

    /// Trials and anomalies of the runs that are over.
    fn before(&self) -> (u64, u64) {
        let sum = |of: fn(&OneRun) -> u64| self.runs.iter().map(of).fold(0, u64::saturating_add);
        (sum(|run| run.trials), sum(|run| run.anomalies))
    }

    /// In how many of its runs something was found.
    #[must_use]
    pub fn bad_runs(&self) -> usize {
        self.runs.iter().filter(|run| run.is_bad()).count()
    }

    /// The runs with the smallest and the largest share of anomalies, as far as they counted trials.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // shares of counts
    pub fn range(&self) -> Option<(&OneRun, &OneRun)> {
        let share = |run: &&OneRun| run.anomalies as f64 / run.trials.max(1) as f64;
        let counted = || self.runs.iter().filter(|run| run.trials > 0);
        let least = counted().min_by(|one, other| share(one).total_cmp(&share(other)))?;
        let most = counted().max_by(|one, other| share(one).total_cmp(&share(other)))?;
        Some((least, most))
    }

    fn report(&mut self, said: &Map<String, Value>, at: Elapsed) {
        self.first_line.get_or_insert(at);
        self.last_line = at;
        self.reports += 1;
        if said.contains_key("probe") || said.contains_key("python") || said.contains_key("gil") {
            self.identity(said);
        }
        self.count(said);
        if let Some(verdict) = said.get("verdict").and_then(Value::as_str) {
            self.verdict = plain(verdict);
        }
        if let Some(signal) = said.get("signal").and_then(Value::as_str) {
            self.died = Some((plain(signal), said.get("after_s").and_then(Value::as_f64)));
        }
        for (key, value) in said.iter().filter(|(key, _)| !KNOWN.contains(&key.as_str())) {
            let (key, text) = (plain(key), words(value));
            if text.is_empty() {
                continue;
            }
            let room = self.counters.len() < MAX_COUNTERS;
            match self.counters.iter_mut().find(|(name, _)| *name == key) {
                Some((_, old)) => *old = text,
                None if room => self.counters.push((key, text)),
                None => {}
            }
        }
        if self.course.last().is_none_or(|(_, trials, anomalies)| (*trials, *anomalies) != self.score()) {
            if self.course.len() >= MAX_COURSE {
                self.course = self.course.iter().step_by(2).copied().collect();
            }
            self.course.push((at, self.trials, self.anomalies));
        }
    }

    const fn score(&self) -> (u64, u64) {
        (self.trials, self.anomalies)
    }

    fn identity(&mut self, said: &Map<String, Value>) {
        let gil = match said.get("gil") {
            Some(Value::Bool(on)) => Some(*on),
            Some(Value::String(word)) if word == "on" || word == "off" => Some(word == "on"),
            _ => None,
        };
        self.says = Says {
            python: said.get("python").and_then(Value::as_str).map(plain).unwrap_or_default(),
            free_threaded: said.get("free_threaded").and_then(Value::as_bool),
            gil,
            switch_interval: said.get("switch_interval").and_then(Value::as_f64),
        };
        self.place = said.get("place").and_then(Value::as_str).map(plain).unwrap_or_default();
    }

    /// Totals replace what was there; single trials and anomalies are added to it.
    fn count(&mut self, said: &Map<String, Value>) {
        let total = |key: &str| said.get(key).and_then(Value::as_u64);
        self.totals |= total("trials").is_some() || total("anomalies").is_some();
        // A script's totals are those of its own run.
        let (trials, anomalies) = self.before();
        self.trials = total("trials").map_or(self.trials, |own| trials.saturating_add(own));
        self.anomalies = total("anomalies").map_or(self.anomalies, |own| anomalies.saturating_add(own));
        let anomaly = said.get("anomaly").filter(|what| !matches!(what, Value::Null | Value::Bool(false)));
        if !self.totals {
            self.trials = self.trials.saturating_add(u64::from(said.contains_key("trial")));
            self.anomalies = self.anomalies.saturating_add(u64::from(anomaly.is_some()));
        }
        if let Some(anomaly) = anomaly.filter(|_| self.first.is_empty()) {
            self.first = match anomaly {
                Value::Bool(_) => {
                    said.get("trial").map(|n| format!("trial {}", words(n))).unwrap_or_default()
                }
                other => words(other),
            };
        }
    }

    fn other(&mut self, text: &str) {
        self.junk += 1;
        self.others.push_back(plain(text));
        if self.others.len() > MAX_OTHERS {
            self.others.pop_front();
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> ColumnState {
        match (&self.begun, &self.exit) {
            (None, None) => ColumnState::Waiting,
            (Some((_, begun)), None) if begun.problem.is_empty() => ColumnState::Running,
            (_, Some((_, exit))) if exit.more => ColumnState::Running,
            _ => ColumnState::Over,
        }
    }

    /// How its script ended; of several runs that ended as they should, the worst: a crash, else a hang.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        let own = self.last_ending()?;
        if !matches!(own, Ending::Fine | Ending::Crash(_) | Ending::Hang) {
            return Some(own);
        }
        let endings = || self.runs.iter().filter_map(|run| run.ending.as_ref()).chain([&own]);
        let failed = endings().find(|ending| matches!(ending, Ending::Failed(_)));
        let crash = endings().find(|ending| matches!(ending, Ending::Crash(_)));
        let hang = endings().find(|ending| matches!(ending, Ending::Hang));
        failed.or(crash).or(hang).cloned().or(Some(own))
    }

    /// How its script ended the last time.
    fn last_ending(&self) -> Option<Ending> {
        let (_, exit) = self.exit.as_ref()?;
        let seconds = |seconds: f64| format!(" after {seconds:.1} s");
        #[allow(clippy::cast_precision_loss)] // seconds of a demo
        let took = || seconds(exit.took_us as f64 / 1e6);
        Some(match exit.how {
            How::Signal => Ending::Crash(format!("{}{}", exit.name, took())),
            How::Timeout => Ending::Hang,
            How::Stopped => Ending::Stopped,
            How::Failed => Ending::Failed(exit.name.clone()),
            How::Status if self.verdict == "crash" => {
                let (name, after) = self.died.clone().unwrap_or_default();
                let name = if name.is_empty() { "crash".to_owned() } else { name };
                Ending::Crash(format!("{name}{}", after.map(seconds).unwrap_or_default()))
            }
            How::Status if self.verdict == "hang" => Ending::Hang,
            How::Status if exit.code == 0 => Ending::Fine,
            How::Status => Ending::Failed(format!("exit status {}", exit.code)),
        })
    }

    /// Why it says nothing about its kind: the interpreter is not there, or is not what it should be.
    #[must_use]
    pub fn wrong(&self) -> Option<String> {
        let begun = self.begun.as_ref().map(|(_, begun)| begun);
        if let Some(begun) = begun.filter(|begun| !begun.problem.is_empty()) {
            return Some(begun.problem.clone());
        }
        let free = self.says.free_threaded.or_else(|| begun?.free_threaded);
        let gil = self.says.gil.or_else(|| begun?.gil);
        match self.kind {
            Kind::FreeThreaded if free == Some(false) => Some("this Python is not free threaded".to_owned()),
            Kind::FreeThreaded if gil == Some(true) => Some("the GIL is on in this column".to_owned()),
            Kind::Gil | Kind::GilPlus if free == Some(true) => {
                Some("this Python is free threaded: it has no GIL to compare with".to_owned())
            }
            Kind::GilPlus if self.says.switch_interval.is_some_and(|seconds| seconds > SHORT_INTERVAL) => {
                Some("the script did not set the switch interval".to_owned())
            }
            _ => None,
        }
    }

    /// Trials and anomalies per second, while it reported.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // counts of a few seconds
    pub fn rates(&self) -> Option<(f64, f64)> {
        let micros = self.last_line.since(self.first_line?).as_micros();
        (micros >= 100_000).then(|| {
            let seconds = micros as f64 / 1e6;
            (self.trials as f64 / seconds, self.anomalies as f64 / seconds)
        })
    }
}

/// A value in words; nothing for what has none.
fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        Value::Number(number) => match number.as_u64() {
            Some(number) => greenroom_base::number::count(number).into(),
            None => plain(&number.to_string()),
        },
        other => plain(&other.to_string()),
    }
}

/// `text` without control characters, and not too long.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::LineRecord;

    fn said(lines: &[&str]) -> Column {
        let mut board = ProbeSummary::default();
        board
            .feed(Record { at: 0, what: What::Head(Head { columns: vec![Kind::Plain], ..Head::default() }) });
        for (at, line) in (0..).zip(lines) {
            let said = serde_json::from_str(line).unwrap();
            board.feed(Record { at: at * 100_000, what: What::Line(LineRecord { column: 0, said }) });
        }
        board.columns.remove(0)
    }

    #[test]
    fn runs_in_fresh_interpreters_are_added_up_and_told_apart() {
        let mut board = ProbeSummary::default();
        let mut say = |what| board.feed(Record { at: 1, what });
        say(What::Head(Head { columns: vec![Kind::Gil], ..Head::default() }));
        say(What::Column(ColumnRecord { kind: Kind::Gil, ..ColumnRecord::default() }));
        for (anomalies, more) in [(10, true), (0, true), (90, false)] {
            for part in [anomalies / 2, anomalies] {
                let said = serde_json::from_str(&format!("{{\"trials\":100,\"anomalies\":{part}}}")).unwrap();
                say(What::Line(LineRecord { column: 0, said }));
            }
            say(What::Exit(ExitRecord { more, ..ExitRecord::default() }));
        }
        let column = &board.columns[0];
        assert_eq!((column.trials, column.anomalies, column.bad_runs(), column.runs.len()), (300, 100, 2, 3));
        let (least, most) = column.range().unwrap();
        assert_eq!((least.anomalies, most.anomalies), (0, 90));
        assert_eq!((column.state(), column.ending()), (ColumnState::Over, Some(Ending::Fine)));
        let crash =
            ExitRecord { how: How::Signal, name: "SIGSEGV".to_owned(), more: true, ..ExitRecord::default() };
        let mut column = Column { begun: column.begun.clone(), ..Column::default() };
        column.exit(Elapsed::ZERO, crash);
        assert_eq!(column.state(), ColumnState::Running, "it runs again");
        column.exit(Elapsed::ZERO, ExitRecord::default());
        assert!(matches!(column.ending(), Some(Ending::Crash(_))), "one crash of two runs is a crash");
        column.exit(Elapsed::ZERO, ExitRecord { code: 1, ..ExitRecord::default() });
        assert!(matches!(column.ending(), Some(Ending::Failed(_))));
    }

    #[test]
    fn a_script_may_add_up_itself_or_leave_it_to_the_board() {
        let totals =
            said(&[r#"{"trials":10,"anomalies":0}"#, r#"{"anomaly":"a"}"#, r#"{"trials":20,"anomalies":3}"#]);
        assert_eq!((totals.trials, totals.anomalies, totals.first.as_str()), (20, 3, "a"));
        assert_eq!(totals.rates(), Some((100.0, 15.0)));
        let singly = said(&[
            r#"{"trial":1,"anomaly":null}"#,
            r#"{"trial":2,"anomaly":false}"#,
            r#"{"trial":3,"anomaly":"row 7 is gone"}"#,
            r#"{"trial":4,"anomaly":true}"#,
        ]);
        assert_eq!((singly.trials, singly.anomalies, singly.first.as_str()), (4, 2, "row 7 is gone"));
    }

    #[test]
    fn free_counters_keep_their_last_value_and_a_bound() {
        let column =
            said(&[r#"{"lost":1,"before":"GIL off","deep":{"a":[1]}}"#, r#"{"lost":52000,"nothing":null}"#]);
        let expected = [("lost", "52,000"), ("before", "GIL off"), ("deep", r#"{"a":[1]}"#)];
        for (name, value) in expected {
            assert!(column.counters.contains(&(name.to_owned(), value.to_owned())), "{:?}", column.counters);
        }
        let many = (0..100).fold(String::new(), |many, n| many + &format!(r#""k{n}":{n},"#));
        let long = "x".repeat(50_000);
        let column = said(&[&format!(r#"{{{many}"long":"{long}","anomaly":"{long}\u001b"}}"#)]);
        assert_eq!((column.counters.len(), column.first.chars().count()), (MAX_COUNTERS, MAX_TEXT));
    }

    #[test]
    fn a_column_on_the_wrong_interpreter_says_so() {
        let on = |kind, line: &str| Column { kind, ..said(&[line]) }.wrong();
        let free = r#"{"free_threaded":true,"gil":"off","switch_interval":1e-6}"#;
        let back = r#"{"free_threaded":true,"gil":"on","switch_interval":0.005}"#;
        let with = r#"{"free_threaded":false,"gil":"on","switch_interval":0.005}"#;
        assert_eq!(on(Kind::FreeThreaded, free), None);
        assert!(on(Kind::FreeThreaded, back).unwrap().contains("GIL is on"));
        assert!(on(Kind::FreeThreaded, with).unwrap().contains("not free threaded"));
        assert!(on(Kind::Gil, free).is_some() && on(Kind::Gil, with).is_none());
        assert!(on(Kind::GilPlus, with).unwrap().contains("switch interval"));
        assert_eq!(on(Kind::Plain, back), None);
    }
}
