//! What two variants that are compared differ in besides what their scenario says: a baseline can be measured exactly, and be
//! unfair.
//!
//! Compared is what the records know of each: versions of Python and of packages, how the interpreter was built, what the
//! worker tells of its settings, the environment that the scenario gives it, and how many threads answered. Never named are
//! the GIL, which is what a bench is about or has a warning of its own, and what is stated ([`Head::differs`]). Recordings from before that
//! field tell of settings only what their scenario verified, and so stated, as it did their environment.

use std::collections::{BTreeMap, BTreeSet};

use super::board::{RunSummary, VariantSummary};
use super::record::App;
use greenroom_base::counted::in_letters;

/// What slows an interpreter down, or speeds it up, in its configure flags.
const FLAGS: [&str; 6] = [
    "--with-pydebug",
    "--with-assertions",
    "--with-trace-refs",
    "--with-valgrind",
    "--enable-experimental-jit",
    "--with-tail-call-interp",
];
/// How many threads answered, as it is named.
const THREADS: &str = "threads";
/// Differences of one pair that are named.
const MOST: usize = 4;
/// Letters of a value.
const LONGEST: usize = 40;

type Facts = BTreeMap<String, String>;

impl RunSummary {
    /// In words, what the variants of each comparison differ in and the scenario does not say.
    pub(crate) fn unlike(&self) -> Vec<String> {
        let sentence = |(one, other): (usize, usize)| {
            let sides = (self.sides.get(one)?, self.sides.get(other)?);
            let mut found = self.differences_of(sides);
            let more = found.len().saturating_sub(MOST);
            found.truncate(MOST);
            found.extend((more > 0).then(|| format!("{more} more")));
            let what = found.join(", ");
            (!what.is_empty())
                .then(|| format!("{} against {}, not alike: {what}", sides.0.name, sides.1.name))
        };
        self.contests().into_iter().filter_map(sentence).collect()
    }

    /// `psycopg c against python`, each in so many words.
    fn differences_of(&self, (one, other): (&VariantSummary, &VariantSummary)) -> Vec<String> {
        let stated = self.head.as_ref().and_then(|head| head.differs.as_deref());
        let is_stated = |name: &String| stated.unwrap_or_default().contains(name);
        let mut found = of_both(&built(one), &built(other));
        found.extend(of_either(packages(one).as_ref(), packages(other).as_ref()));
        if stated.is_some() {
            found.extend(of_both(&settings(one), &settings(other)));
            found.extend(of_either(environment(one).as_ref(), environment(other).as_ref()));
        }
        found.extend(threads(one, other));
        found.retain(|(name, ..)| !is_stated(name));
        found.into_iter().map(|(name, one, other)| format!("{name} {one} against {other}")).collect()
    }
}

/// A name, and what it is on either side.
type Difference = (String, String, String);

/// What is known of both, and differs.
fn of_both(one: &Facts, other: &Facts) -> Vec<Difference> {
    let differs = |(name, value): (&String, &String)| {
        let against = other.get(name).filter(|against| *against != value)?;
        Some((name.clone(), short(value), short(against)))
    };
    one.iter().filter_map(differs).collect()
}

/// The same, where not to be listed means not to be there. Nothing where nothing was listed at all.
fn of_either(one: Option<&Facts>, other: Option<&Facts>) -> Vec<Difference> {
    let (Some(one), Some(other)) = (one, other) else { return Vec::new() };
    let value = |of: &Facts, name: &str| of.get(name).map_or_else(|| "none".to_owned(), |value| short(value));
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differs = |name: &&String| one.get(*name) != other.get(*name);
    names
        .into_iter()
        .filter(differs)
        .map(|name| (name.clone(), value(one, name), value(other, name)))
        .collect()
}

/// The interpreter.
fn built(side: &VariantSummary) -> Facts {
    let Some(app) = &side.app else { return Facts::new() };
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let mut facts = Facts::new();
    let mut tell =
        |name: &str, value: Option<String>| facts.extend(value.map(|value| (name.to_owned(), value)));
    tell("Python", Some(app.python.clone()).filter(|version| !version.is_empty()));
    tell("PGO", app.optimized.map(yes));
    tell("LTO", app.lto.map(yes));
    for flag in FLAGS {
        tell(flag, (!app.config_args.is_empty()).then(|| yes(app.config_args.contains(flag))));
    }
    facts
}

fn packages(side: &VariantSummary) -> Option<Facts> {
    let app = side.app.as_ref().filter(|app| !app.packages.is_empty())?;
    Some(app.packages.iter().cloned().collect())
}

fn environment(side: &VariantSummary) -> Option<Facts> {
    side.app.as_ref().map(|App { env, .. }| env.iter().cloned().collect())
}

/// What its worker said last of its settings.
fn settings(side: &VariantSummary) -> Facts {
    let said = side.identities.iter().rev().find(|identity| !identity.says.is_empty());
    said.map(|identity| identity.says.clone()).unwrap_or_default()
}

/// How many threads answered, where in no launch as many did on either side: pools differ by one or two from launch to launch. Not
/// where both names say how many there are.
fn threads(one: &VariantSummary, other: &VariantSummary) -> Option<Difference> {
    let counts = |side: &VariantSummary| {
        let of = side.shares.iter().map(|share| share.threads.len()).filter(|count| *count > 0);
        Some((of.clone().min()?, of.max()?))
    };
    let ((least, most), (least_of_other, most_of_other)) = (counts(one)?, counts(other)?);
    let apart = most < least_of_other || most_of_other < least;
    let is_said = says(&one.name, most) && says(&other.name, most_of_other);
    (apart && !is_said).then(|| (THREADS.to_owned(), most.to_string(), most_of_other.to_string()))
}

/// Whether a variant's name says this number: `two processes`, `2 loops`.
fn says(name: &str, count: usize) -> bool {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.any(|word| word == count.to_string() || in_letters(count).is_some_and(|known| word == known))
}

/// A recording may be anybody's.
fn short(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::super::record::{Head, Identity, Record, Share, What, WorkerShare};
    use super::*;

    /// What one made-up variant is like.
    #[derive(Clone, Default)]
    struct Made {
        name: &'static str,
        app: App,
        says: Vec<(&'static str, &'static str)>,
        /// How many threads answered, in each launch.
        threads: Vec<u32>,
    }

    fn made(name: &'static str) -> Made {
        let packages = [("django", "6.1.3"), ("psycopg", "3.3.8")];
        let app = App {
            python: "3.14.7".to_owned(),
            optimized: Some(true),
            lto: Some(false),
            config_args: "'--prefix=/opt/a' '--enable-optimizations'".to_owned(),
            packages: packages.map(|(name, version)| (name.to_owned(), version.to_owned())).to_vec(),
            ..App::default()
        };
        Made { name, app, says: vec![("psycopg", "c"), ("debug", "false")], threads: vec![4, 4] }
    }

    type Change = fn(&mut Made);

    fn unlike(made: [Made; 2], differs: Option<&[&str]>) -> Vec<String> {
        let mut board = RunSummary::default();
        let mut say = |what| board.feed(Record { at: 1, what });
        let variants = made.iter().map(|one| one.name.to_owned()).collect();
        let differs = differs.map(|known| known.iter().map(|name| (*name).to_owned()).collect());
        say(What::Head(Head { variants, launches: 8, differs, ..Head::default() }));
        for (variant, one) in made.into_iter().enumerate() {
            say(What::App(Box::new(App { variant, ..one.app })));
            let says =
                one.says.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            say(What::Identity(Identity { variant, says, ..Identity::default() }));
            for (launch, count) in (0..).zip(one.threads) {
                let thread = |tid| WorkerShare { pid: 7, tid, n: 100, ..WorkerShare::default() };
                let threads = (1..=count).map(thread).collect();
                say(What::Share(Share { variant, launch, threads, ..Share::default() }));
            }
        }
        board.unlike()
    }

    #[test]
    fn what_differs_is_named_and_what_does_not_is_not() {
        assert_eq!(unlike([made("one"), made("two")], Some(&[])), [""; 0]);
        let with = |change: fn(&mut Made)| {
            let mut two = made("two");
            change(&mut two);
            unlike([made("one"), two], Some(&[]))
        };
        let cases: [(Change, &str); 9] = [
            (|two| two.says[0].1 = "python", "psycopg python against c"),
            (|two| two.says[1].1 = "true", "debug true against false"),
            (|two| two.app.packages[0].1 = "6.0".to_owned(), "django 6.0 against 6.1.3"),
            (|two| drop(two.app.packages.pop()), "psycopg none against 3.3.8"),
            (|two| two.app.python = "3.15.0".to_owned(), "Python 3.15.0 against 3.14.7"),
            (|two| two.app.optimized = Some(false), "PGO no against yes"),
            (|two| two.app.config_args += " '--with-pydebug'", "--with-pydebug yes against no"),
            (|two| two.app.env.push(("DEBUG".to_owned(), "1".to_owned())), "DEBUG 1 against none"),
            (|two| two.threads = vec![1, 1], "threads 1 against 4"),
        ];
        for (change, says) in cases {
            assert_eq!(with(change), [format!("two against one, not alike: {says}")]);
        }
        let many = with(|two| {
            *two = Made {
                app: App {
                    python: "3.15.0".to_owned(),
                    optimized: Some(false),
                    lto: Some(true),
                    ..App::default()
                },
                ..two.clone()
            };
            two.app.packages = vec![("django".to_owned(), "5.2".to_owned())];
            two.says[1].1 = "true";
        });
        let first = "two against one, not alike: LTO yes against no, PGO no against yes, Python 3.15.0 against 3.14.7, django 5.2 against 6.1.3, 2 more";
        assert_eq!(many, [first]);
    }

    #[test]
    fn what_is_not_known_of_both_is_no_difference() {
        let silent = Made { name: "in another language", ..Made::default() };
        assert_eq!(unlike([made("one"), silent], Some(&[])), [""; 0]);
        let mut other = made("two");
        // A prefix, a build without the GIL, and threads that a pool sometimes has more of.
        other.app.config_args = "'--prefix=/opt/b' '--disable-gil' '--enable-optimizations'".to_owned();
        other.app.free_threaded = Some(true);
        other.threads = vec![3, 5];
        other.says.remove(0);
        assert_eq!(unlike([made("one"), other], Some(&[])), [""; 0]);
    }

    #[test]
    fn what_the_scenario_says_is_not_named() {
        let mut pure = made("pure");
        pure.says[0].1 = "python";
        pure.app.env.push(("PSYCOPG_IMPL".to_owned(), "python".to_owned()));
        let said = unlike([made("compiled"), pure.clone()], Some(&[]));
        assert_eq!(
            said,
            ["pure against compiled, not alike: psycopg python against c, PSYCOPG_IMPL python against none"]
        );
        assert_eq!(unlike([made("compiled"), pure.clone()], Some(&["psycopg", "PSYCOPG_IMPL"])), [""; 0]);
        // A variable of nearly the same name is another thing.
        let said = unlike([made("compiled"), pure.clone()], Some(&["psycopg", "psycopg_impl"]));
        assert_eq!(said, ["pure against compiled, not alike: PSYCOPG_IMPL python against none"]);
        // Older recordings tell what their scenario verified.
        assert_eq!(unlike([made("compiled"), pure], None), [""; 0]);
        let with = |names: [&'static str; 2]| {
            let [one, two] = names.map(made);
            unlike([Made { threads: vec![2], ..one }, Made { threads: vec![1], ..two }], Some(&[]))
        };
        assert_eq!(with(["two processes", "one loop"]), [""; 0]);
        assert_eq!(with(["GIL, 2 processes", "GIL, 1 loop"]), [""; 0]);
        assert_eq!(
            with(["two processes", "a loop"]),
            ["a loop against two processes, not alike: threads 1 against 2"]
        );
    }
}
