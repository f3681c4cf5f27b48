//! Whose time a profile shows: that of the code under test, or of something else, which a verdict is then about as well.
//!
//! A sample belongs to the package of its innermost frame. Under test are the application's own files, the packages that the scenario
//! names ([`Head::under_test`], Django when it names none), and the standard library but `logging`. What is installed, the
//! profile tells; in older recordings it is the packages whose versions the worker told. A sample is a moment of a thread's, not of a processor's:
//! waiting for a database inside its adapter counts as well.

use std::collections::BTreeMap;

use super::board::{RunSummary, VariantSummary};
use greenroom_base::number;

/// What is under test when the scenario does not say.
const FRAMEWORK: &str = "django";
/// The part of the standard library that is no part of an application's work.
const LOGGER: &str = "logging";
/// Who waits here for other processes is no worker; newer profiles leave it out themselves.
const WAITS: &str = "multiprocessing/resource_tracker.py";
/// Fewer samples tell nothing.
const ENOUGH: u64 = 100;
/// A variant's samples elsewhere are said from a third of all on: these of so many.
const SAID: (u64, u64) = (1, 3);

/// Where the samples of one variant were that were not in the code under test.
#[derive(Debug, Default)]
struct Spent<'a> {
    all: u64,
    elsewhere: u64,
    packages: BTreeMap<&'a str, u64>,
    files: BTreeMap<&'a str, u64>,
}

impl RunSummary {
    /// In words, which variants spent more than a third of their samples outside of the code under test, and where.
    pub(crate) fn spent_elsewhere(&self) -> Option<String> {
        let named = self.head.as_ref().map(|head| head.under_test.as_slice()).unwrap_or_default();
        let said: Vec<String> =
            self.sides.iter().filter_map(|side| side.spent(named).in_words(&side.name)).collect();
        (!said.is_empty()).then(|| format!("samples outside of the code under test: {}", said.join("; ")))
    }
}

impl VariantSummary {
    fn spent(&self, under_test: &[String]) -> Spent<'_> {
        let Some(profile) = &self.profile else { return Spent::default() };
        let told = || self.app.iter().flat_map(|app| &app.packages).map(|(name, _)| name.replace('-', "_"));
        let installed: Vec<String> =
            if profile.packages.is_empty() { told().collect() } else { profile.packages.clone() };
        let is_under_test = |package: &str| match under_test {
            [] => package == FRAMEWORK,
            named => named.iter().any(|name| name.replace('-', "_") == package),
        };
        let is_elsewhere = |package: &str| {
            (package == LOGGER || installed.iter().any(|name| name == package)) && !is_under_test(package)
        };
        let mut spent = Spent::default();
        for (stack, count) in &profile.stacks {
            let file = file_of(stack);
            if file == WAITS {
                continue;
            }
            spent.all = spent.all.saturating_add(*count);
            let package = file.split('/').next().unwrap_or(file);
            if is_elsewhere(package) {
                spent.elsewhere = spent.elsewhere.saturating_add(*count);
                *spent.packages.entry(package).or_default() += count;
                *spent.files.entry(file).or_default() += count;
            }
        }
        spent
    }
}

impl Spent<'_> {
    /// `GIL threads 93 % (psycopg, pq_ctypes.py)`, when it is enough to be said.
    fn in_words(&self, name: &str) -> Option<String> {
        let (part, whole) = SAID;
        let enough = self.all >= ENOUGH
            && u128::from(self.elsewhere) * u128::from(whole) > u128::from(self.all) * u128::from(part);
        enough.then_some(())?;
        let mut where_ = packages_of(&self.packages, self.elsewhere);
        // One file is named where most of it is, and where its name says something.
        let most = self
            .files
            .iter()
            .max_by_key(|(_, count)| **count)
            .filter(|(_, count)| **count * 2 > self.elsewhere);
        let file = most.and_then(|(file, _)| Some(file.rsplit_once('/')?.1));
        where_.extend(file.filter(|file| *file != "__init__.py"));
        let share = number::whole_percent(self.elsewhere.saturating_mul(100) / self.all.max(1));
        Some(format!("{name} {share} ({})", where_.join(", ")))
    }
}

/// The packages that have at least a quarter of what is elsewhere each, the largest first.
fn packages_of<'a>(packages: &BTreeMap<&'a str, u64>, elsewhere: u64) -> Vec<&'a str> {
    let mut found: Vec<(&str, u64)> = packages.iter().map(|(name, count)| (*name, *count)).collect();
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    found
        .into_iter()
        .filter(|(_, count)| count.saturating_mul(4) >= elsewhere)
        .map(|(name, _)| name)
        .collect()
}

/// The file of a stack's innermost frame: `psycopg/cursor.py` of `…;Cursor.execute (psycopg/cursor.py:113)`.
fn file_of(stack: &str) -> &str {
    let frame = stack.rsplit(';').next().unwrap_or(stack);
    let place = frame.rsplit_once(" (").map(|(_, place)| place).unwrap_or_default();
    place.rsplit_once(':').map_or("", |(file, _)| file)
}

#[cfg(test)]
mod tests {
    use super::super::record::{App, Head, Prof, Record, What};
    use super::*;

    /// A variant whose profile has these innermost frames, under one of the application's own.
    fn said(packages: &[&str], under_test: &[&str], files: &[(&str, u64)]) -> Option<String> {
        let mut board = RunSummary::default();
        let mut say = |what| board.feed(Record { at: 1, what });
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        say(What::Head(Head { variants: owned(&["one"]), under_test: owned(under_test), ..Head::default() }));
        let told =
            ["django", "psycopg", "psycopg-pool", "asgiref"].map(|name| (name.to_owned(), "1".to_owned()));
        say(What::App(Box::new(App { packages: told.to_vec(), ..App::default() })));
        let stack = |(file, count): &(&str, u64)| (format!("view (books/views.py:9);f ({file}:10)"), *count);
        let stacks = files.iter().map(stack).collect();
        say(What::Prof(Prof { stacks, packages: owned(packages), ..Prof::default() }));
        board.spent_elsewhere()
    }

    const BEGIN: &str = "samples outside of the code under test: ";

    #[test]
    fn more_than_a_third_elsewhere_is_said_and_a_third_is_not() {
        let share = |elsewhere| {
            let all = [
                ("django/db/models/base.py", 200 - elsewhere),
                ("books/views.py", 100),
                ("psycopg/cursor.py", elsewhere),
            ];
            said(&[], &[], &all)
        };
        assert_eq!(share(100), None);
        assert_eq!(share(102), Some(format!("{BEGIN}one 34 % (psycopg, cursor.py)")));
        // Few samples tell nothing.
        assert_eq!(said(&[], &[], &[("psycopg/cursor.py", 99)]), None);
        assert_eq!(said(&[], &[], &[]), None);
    }

    #[test]
    fn an_adapter_a_logger_and_a_library_with_a_lock_are_named() {
        let own = ("books/views.py", 100);
        for (files, says) in [
            (vec![own, ("asgiref/local.py", 300)], "one 75 % (asgiref, local.py)"),
            (vec![own, ("logging/__init__.py", 100)], "one 50 % (logging)"),
            (
                vec![own, ("psycopg_pool/pool.py", 50), ("psycopg/a.py", 30), ("psycopg/b.py", 20)],
                "one 50 % (psycopg, psycopg_pool)",
            ),
            (vec![own, ("psycopg/a.py", 190), ("asgiref/local.py", 10)], "one 66 % (psycopg, a.py)"),
        ] {
            assert_eq!(said(&[], &[], &files), Some(format!("{BEGIN}{says}")));
        }
        // The standard library does the application's work; what waits for other processes is no worker; a stack may have no file.
        let waits = [("json/encoder.py", 60), ("decimal.py", 40), (WAITS, 500)];
        assert_eq!(said(&[], &[], &waits), None);
        assert_eq!(file_of("(other)"), "");
        assert_eq!(file_of("<module> (<string>:1);main (multiprocessing/resource_tracker.py:441)"), WAITS);
    }

    #[test]
    fn the_scenario_says_what_is_under_test_and_the_profile_what_is_installed() {
        let files = [("flask/app.py", 60), ("books/views.py", 20), ("psycopg/cursor.py", 60)];
        // Of an older recording it is not known that flask is installed.
        assert_eq!(said(&[], &[], &files), Some(format!("{BEGIN}one 42 % (psycopg, cursor.py)")));
        let installed = ["flask", "psycopg"];
        assert_eq!(said(&installed, &[], &files), Some(format!("{BEGIN}one 85 % (flask, psycopg)")));
        assert_eq!(
            said(&installed, &["flask"], &files),
            Some(format!("{BEGIN}one 42 % (psycopg, cursor.py)"))
        );
        assert_eq!(said(&installed, &["flask", "psycopg"], &files), None);
    }
}
