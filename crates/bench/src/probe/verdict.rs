//! What may be said about a probe, in plain words.
//!
//! A probe shows that something can happen, never that it cannot: "none" is always "none in this run".

use super::board::{Column, ColumnState, Ending, ProbeSummary};
use super::record::Kind;
use greenroom_base::counted::counted_as;
use greenroom_base::number::{count, share};
use greenroom_deck::{Meaning, Reading};

/// What one column found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Its turn has not come.
    Waiting,
    /// Its script runs.
    Running,
    /// Nothing went wrong in so many trials.
    Clean,
    /// Something went wrong.
    Anomalies,
    /// The interpreter died: of what, and when.
    Crash(String),
    /// It did not end.
    Hang,
    /// There is no result, for this reason.
    Broken(String),
}

impl Finding {
    /// What this column found so far.
    #[must_use]
    pub fn of(column: &Column) -> Self {
        if let Some(wrong) = column.wrong() {
            return Self::Broken(wrong);
        }
        match column.state() {
            ColumnState::Waiting => return Self::Waiting,
            ColumnState::Running if column.anomalies > 0 => return Self::Anomalies,
            ColumnState::Running => return Self::Running,
            ColumnState::Over => {}
        }
        match column.ending() {
            Some(Ending::Crash(how)) => Self::Crash(how),
            Some(Ending::Hang) => Self::Hang,
            Some(Ending::Failed(why)) => Self::Broken(why),
            Some(Ending::Stopped) | None => Self::Broken("stopped before its end".to_owned()),
            Some(Ending::Fine) if column.reports == 0 => {
                Self::Broken("the script reported nothing".to_owned())
            }
            Some(Ending::Fine) if column.anomalies > 0 => Self::Anomalies,
            Some(Ending::Fine) if column.trials == 0 && column.verdict.is_empty() => {
                Self::Broken("the script counted no trials".to_owned())
            }
            Some(Ending::Fine) => Self::Clean,
        }
    }

    /// Whether something was found: an anomaly, a crash, a hang.
    #[must_use]
    pub const fn is_bad(&self) -> bool {
        matches!(self, Self::Anomalies | Self::Crash(_) | Self::Hang)
    }

    /// Whether it is a result at all.
    #[must_use]
    pub(crate) const fn is_result(&self) -> bool {
        self.is_bad() || matches!(self, Self::Clean)
    }

    /// In a word or a few.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Waiting => "waits for its turn".to_owned(),
            Self::Running => "none so far".to_owned(),
            Self::Clean => "none in this run".to_owned(),
            Self::Anomalies => "anomalies".to_owned(),
            Self::Crash(how) => format!("crashed: {how}"),
            Self::Hang => "hung, and was ended".to_owned(),
            Self::Broken(why) => why.clone(),
        }
    }

    /// The same of the column that it was found in, with the runs that show it where there were several.
    #[must_use]
    pub fn words_of(&self, column: &Column) -> String {
        let all = column.runs.len();
        match self {
            Self::Clean if all > 1 => format!("none in {all} runs"),
            Self::Anomalies if all > 1 && column.state() == ColumnState::Over => {
                format!("anomalies in {}", in_runs(column))
            }
            Self::Crash(how) if all > 1 => format!("crashed in {}: {how}", in_runs(column)),
            other => other.words(),
        }
    }

    /// A mark that needs no colour.
    #[must_use]
    pub const fn mark(&self) -> &'static str {
        match self {
            Self::Waiting | Self::Running => "…",
            Self::Clean => "✓",
            Self::Anomalies | Self::Hang => "✗",
            Self::Crash(_) => "☠",
            Self::Broken(_) => "!",
        }
    }
}

/// `every run of 3`, `2 runs of 3`
fn in_runs(column: &Column) -> String {
    match (column.bad_runs(), column.runs.len()) {
        (bad, all) if bad == all => format!("every run of {all}"),
        (bad, all) => format!("{} of {all}", counted_as(bad, "run", "runs")),
    }
}

impl Column {
    /// How often something went wrong, from the run in which it did least to the one in which it did most: `1 in 60 to 1 in 2`. Of
    /// one run, or where all are alike, one share.
    #[must_use]
    pub fn shares(&self) -> String {
        let all = || share(self.anomalies, self.trials).to_string();
        let Some((least, most)) = self.range() else { return all() };
        let [low, high] = [least, most].map(|run| share(run.anomalies, run.trials).to_string());
        if self.runs.len() < 2 || low == high { all() } else { format!("{low} to {high}") }
    }
}

/// Below this share of the trials, what goes wrong is rare.
const RARE: f64 = 1e-4;
/// Below this one, it is seldom seen.
const SELDOM: f64 = 1e-2;

impl Column {
    /// How often something goes wrong, in a word that holds from run to run where a rate does not: not seen, rare (less than
    /// once in 10,000 trials), seldom (less than once in 100), often; or crash, hang.
    ///
    /// # Errors
    /// Why there is no result.
    pub(crate) fn how_often(&self) -> Result<Reading, String> {
        let (word, meaning) = match Finding::of(self) {
            Finding::Clean => ("not seen", Meaning::Good),
            Finding::Crash(_) => ("crash", Meaning::Bad),
            Finding::Hang => ("hang", Meaning::Bad),
            Finding::Anomalies => {
                #[allow(clippy::cast_precision_loss)] // counts of a probe
                let share = self.anomalies as f64 / self.trials.max(1) as f64;
                match share {
                    share if share < RARE => ("rare", Meaning::Fair),
                    share if share < SELDOM => ("seldom", Meaning::Fair),
                    _ => ("often", Meaning::Bad),
                }
            }
            other => return Err(format!("that column has no result: {}", other.words())),
        };
        Ok(Reading { text: word.to_owned(), meaning: Some(meaning) })
    }
}

/// How a verdict sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It is not there yet.
    Open,
    /// Nothing was found.
    Good,
    /// Something was.
    Bad,
    /// There is none.
    None,
}

/// What a run says in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// In plain words.
    pub text: String,
    /// How it sounds.
    pub tone: Tone,
}

impl ProbeSummary {
    /// What may be said now.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let findings: Vec<(&Column, Finding)> =
            self.columns.iter().map(|column| (column, Finding::of(column))).collect();
        let say = |tone, text: String| Verdict { text, tone };
        if self.end.is_none() || self.columns.is_empty() {
            let running = self.columns.iter().filter(|column| column.state() == ColumnState::Running);
            let text = running.map(|column| format!("{}: running", column.name())).next_back();
            return say(Tone::Open, text.unwrap_or_else(|| "starting".to_owned()));
        }
        let of =
            |kind: Kind| findings.iter().find(|(column, finding)| column.kind == kind && finding.is_result());
        let (gil, plus, free) = (of(Kind::Gil), of(Kind::GilPlus), of(Kind::FreeThreaded));
        let results: Vec<&(&Column, Finding)> =
            findings.iter().filter(|(_, finding)| finding.is_result()).collect();
        let bad = results.iter().filter(|(_, finding)| finding.is_bad()).count();
        let tone = if bad > 0 { Tone::Bad } else { Tone::Good };
        let text = match (gil, plus, free) {
            _ if results.is_empty() => {
                return say(Tone::None, "no verdict: no column has a result".to_owned());
            }
            (gil, plus, Some(free)) if gil.or(plus).is_some() => {
                let with: Vec<&(&Column, Finding)> = gil.into_iter().chain(plus).collect();
                compared(&with, gil.is_none_or(|(_, finding)| finding.is_bad()), free)
            }
            (None, None, Some((column, finding))) => {
                format!("{} free threaded; no run with the GIL to compare with", found(column, finding))
            }
            (Some((column, finding)), ..) | (_, Some((column, finding)), _) => {
                format!("{} with the GIL; no free-threaded run to compare with", found(column, finding))
            }
            _ => {
                let plain = results.iter().filter(|(column, _)| column.kind != Kind::Named);
                let all = plain.map(|(column, finding)| found(column, finding));
                all.collect::<Vec<_>>().join("; ")
            }
        };
        let named = results.iter().filter(|(column, _)| column.kind == Kind::Named);
        let named = named.map(|(column, finding)| format!("{}: {}", column.name(), found(column, finding)));
        let all = (!text.is_empty()).then_some(text).into_iter().chain(named);
        say(tone, all.collect::<Vec<_>>().join("; "))
    }
}

/// The runs with the GIL against the one without. `at_once`: the plain GIL shows it, too.
fn compared(with: &[&(&Column, Finding)], at_once: bool, (column, free): &(&Column, Finding)) -> String {
    let bad: Vec<&&(&Column, Finding)> = with.iter().filter(|(_, finding)| finding.is_bad()).collect();
    let counted = column.trials == 0 && !free.is_bad() && with.iter().all(|(column, _)| column.trials == 0);
    match (bad.is_empty(), free.is_bad()) {
        (true, false) if counted => "a measurement: nothing went wrong in any run".to_owned(),
        (true, false) => "in no run: safe here".to_owned(),
        (true, true) => match free {
            Finding::Anomalies if column.runs.len() > 1 => {
                format!("never with the GIL, in {} without it ({}): new", in_runs(column), column.shares())
            }
            Finding::Anomalies if column.trials > 1 => {
                let share = share(column.anomalies, column.trials);
                format!("never with the GIL, {share} without it: new")
            }
            Finding::Anomalies => "never with the GIL, every time without it: new".to_owned(),
            Finding::Crash(how) => {
                format!("new: crashes the interpreter without the GIL ({how}), never with it")
            }
            _ => "new: hangs without the GIL, never with it".to_owned(),
        },
        (false, true) if !at_once => {
            "GIL+ shows it, too: it was always there, and the GIL made it rare".to_owned()
        }
        (false, true) => match free {
            Finding::Anomalies => "on every side: it was always there".to_owned(),
            Finding::Crash(how) => {
                format!("always there; without the GIL it crashes the interpreter ({how})")
            }
            _ => "always there; without the GIL it hangs".to_owned(),
        },
        (false, false) => "only with the GIL: free threading is safer here".to_owned(),
    }
}

/// What one column found, in a sentence without subject.
fn found(column: &Column, finding: &Finding) -> String {
    match finding {
        Finding::Clean if column.trials == 0 => "nothing went wrong".to_owned(),
        Finding::Clean => format!("none in {} trials", count(column.trials)),
        Finding::Anomalies => format!("{} went wrong", column.shares()),
        Finding::Crash(how) => format!("crashed the interpreter ({how})"),
        Finding::Hang => "hung".to_owned(),
        other => other.words(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{ColumnRecord, End, ExitRecord, Head, How, LineRecord, Record, What};
    use greenroom_base::clock::Elapsed;

    /// A column after its run.
    fn column(kind: Kind, trials: u64, anomalies: u64, how: How) -> Column {
        let exit = ExitRecord {
            how,
            code: 11,
            name: "SIGSEGV".to_owned(),
            took_us: 1_240_000,
            column: 0,
            more: false,
        };
        let exit = if how == How::Status { ExitRecord { code: 0, ..exit } } else { exit };
        Column {
            kind,
            begun: Some((Elapsed::ZERO, ColumnRecord::default())),
            exit: Some((Elapsed::ZERO, exit)),
            reports: 3,
            trials,
            anomalies,
            ..Column::default()
        }
    }

    fn verdict(columns: Vec<Column>) -> String {
        ProbeSummary { columns, end: Some(End::default()), ..ProbeSummary::default() }.verdict().text
    }

    fn three(found: [u64; 3]) -> String {
        let columns = Kind::PYTHON.into_iter().zip(found);
        verdict(columns.map(|(kind, bad)| column(kind, 3000, bad, How::Status)).collect())
    }

    #[test]
    fn the_verdict_says_whether_it_is_new() {
        assert_eq!(three([0, 0, 2000]), "never with the GIL, 67 of 100 without it: new");
        assert_eq!(three([1, 9, 2000]), "on every side: it was always there");
        assert_eq!(three([1, 0, 2000]), "on every side: it was always there");
        assert_eq!(three([0, 9, 2000]), "GIL+ shows it, too: it was always there, and the GIL made it rare");
        assert_eq!(three([0, 0, 0]), "in no run: safe here");
        assert_eq!(three([9, 9, 0]), "only with the GIL: free threading is safer here");
    }

    #[test]
    fn several_runs_are_one_class() {
        let mut board = ProbeSummary::default();
        let mut say = |what| board.feed(Record { at: 1, what });
        say(What::Head(Head { columns: vec![Kind::Gil, Kind::FreeThreaded], ..Head::default() }));
        for (column, kind, anomalies) in [(0, Kind::Gil, [0, 0, 0]), (1, Kind::FreeThreaded, [100, 0, 900])] {
            say(What::Column(ColumnRecord { column, kind, ..ColumnRecord::default() }));
            for (run, bad) in (0..).zip(anomalies) {
                let said = serde_json::from_str(&format!("{{\"trials\":1000,\"anomalies\":{bad}}}")).unwrap();
                say(What::Line(LineRecord { column, said }));
                say(What::Exit(ExitRecord { column, more: run < 2, ..ExitRecord::default() }));
            }
        }
        say(What::End(End::default()));
        let text = "never with the GIL, in 2 runs of 3 without it (0 of 1,000 to 90 of 100): new";
        assert_eq!(board.verdict().text, text);
        assert!(board.is_whole());
    }

    #[test]
    fn a_crash_is_a_finding() {
        let of = |kind, how| column(kind, 100, 0, how);
        let text = verdict(vec![of(Kind::Gil, How::Status), of(Kind::FreeThreaded, How::Signal)]);
        let said = "new: crashes the interpreter without the GIL (SIGSEGV after 1.2 s), never with it";
        assert_eq!(text, said);
        let text = verdict(vec![of(Kind::Gil, How::Status), of(Kind::FreeThreaded, How::Timeout)]);
        assert_eq!(text, "new: hangs without the GIL, never with it");
        let text = verdict(vec![of(Kind::Plain, How::Signal)]);
        assert_eq!(text, "crashed the interpreter (SIGSEGV after 1.2 s)");
    }

    #[test]
    fn a_column_with_a_name_of_its_own_is_told_besides() {
        let named = |trials, bad, how| Column {
            label: "3.15 rc2".to_owned(),
            ..column(Kind::Named, trials, bad, how)
        };
        let crash = |kind| column(kind, 100, 0, How::Signal);
        let fine = |kind| column(kind, 100, 0, How::Status);
        let text = verdict(vec![fine(Kind::Gil), crash(Kind::FreeThreaded), named(334_000, 0, How::Status)]);
        let new = "new: crashes the interpreter without the GIL (SIGSEGV after 1.2 s), never with it";
        assert_eq!(text, format!("{new}; 3.15 rc2: none in 334,000 trials"));
        let text = verdict(vec![named(50, 5, How::Status)]);
        assert_eq!(text, "3.15 rc2: 5 of 50 went wrong");
        // One that is not here has no part in it, and the run is whole without it.
        let problem = ColumnRecord { problem: "no Python 3.15t here".to_owned(), ..ColumnRecord::default() };
        let gone = |kind| Column { kind, begun: Some((Elapsed::ZERO, problem.clone())), ..Column::default() };
        let whole = |columns| ProbeSummary { columns, end: Some(End::default()), ..ProbeSummary::default() };
        let beside = whole(vec![fine(Kind::Gil), fine(Kind::FreeThreaded), gone(Kind::Named)]);
        assert_eq!((beside.verdict().text.as_str(), beside.is_whole()), ("in no run: safe here", true));
        assert!(!whole(vec![fine(Kind::Gil), gone(Kind::FreeThreaded)]).is_whole());
    }

    #[test]
    fn what_is_missing_is_not_guessed() {
        let gone = |kind| Column {
            begun: Some((
                Elapsed::ZERO,
                ColumnRecord { problem: "gone".to_owned(), ..ColumnRecord::default() },
            )),
            ..Column { kind, ..Column::default() }
        };
        let fine = |kind, bad| column(kind, 50, bad, How::Status);
        let text = verdict(vec![gone(Kind::Gil), gone(Kind::GilPlus), fine(Kind::FreeThreaded, 3)]);
        assert_eq!(text, "3 of 50 went wrong free threaded; no run with the GIL to compare with");
        let text = verdict(vec![fine(Kind::Gil, 0), fine(Kind::GilPlus, 0), gone(Kind::FreeThreaded)]);
        assert_eq!(text, "none in 50 trials with the GIL; no free-threaded run to compare with");
        assert!(verdict(vec![gone(Kind::Gil)]).contains("no column has a result"));
        let silent = Column { reports: 0, ..fine(Kind::FreeThreaded, 0) };
        assert!(matches!(Finding::of(&silent), Finding::Broken(why) if why.contains("nothing")));
    }
}
