//! The interpreters and environments that a deck's demos run on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::report::{CheckItem, Report};
use greenroom_python::requirement::normalized;
use greenroom_python::runtime::{Interpreters, Kind, Runtime};
use greenroom_python::{Choice, Lock, Order, Places, Store, Wanted, survey};

/// At most so many packages of an environment are listed.
const MAX_LISTED: usize = 60;

const PYTHONS: &str = "Interpreters";

/// Those that are used, and the others that are there.
pub(crate) fn interpreters(report: &mut Report, found: &Interpreters, used: &BTreeSet<Kind>) {
    for kind in used.iter().copied() {
        let item = match (found.of(kind), found.refused(kind)) {
            (Some(runtime), _) => {
                let facts =
                    format!("{}\n{} ({})", runtime.facts(), runtime.path.display(), runtime.origin.words());
                if runtime.free_threaded && runtime.gil_enabled {
                    CheckItem::broken(kind.words(), facts, "unset PYTHON_GIL, or use another build")
                } else if runtime.missing.iter().any(|name| name == "_ssl" || name == "_sqlite3") {
                    let fix = "build it again with the headers of OpenSSL and SQLite, or run greenroom setup";
                    CheckItem::absent(kind.words(), facts, fix)
                } else {
                    CheckItem::good(kind.words(), facts)
                }
            }
            (None, Some(problem)) => {
                CheckItem::broken(kind.words(), problem.to_string(), "name another, or none")
            }
            (None, None) => {
                let fix = format!(
                    "greenroom setup installs one; or {} PATH, {}=PATH",
                    kind.option(),
                    kind.variable()
                );
                CheckItem::absent(kind.words(), "none found".to_owned(), fix)
            }
        };
        report.add(PYTHONS, item);
    }
    if let (Some(gil), Some(free)) = (&found.gil, &found.free_threaded)
        && gil.minor != free.minor
    {
        let facts =
            format!("{} and {} are compared: a difference may be the version's", gil.version, free.version);
        report.add(PYTHONS, CheckItem::note("versions", facts));
    } else if let (Some(gil), Some(free)) = (&found.gil, &found.free_threaded)
        && (gil.optimized, gil.lto, gil.debug) != (free.optimized, free.lto, free.debug)
    {
        let facts = "the two were not built with the same optimisations: a difference may be the build's";
        report.add(PYTHONS, CheckItem::note("builds", facts.to_owned()));
    }
    let (others, unfit): (Vec<_>, Vec<_>) =
        found.others.iter().partition(|runtime| runtime.unfit().is_none());
    for runtime in others {
        let facts = format!("{}\n{}", runtime.facts(), runtime.path.display());
        report.add(PYTHONS, CheckItem::note(runtime.origin.words(), facts));
    }
    if !unfit.is_empty() {
        let versions: Vec<&str> = unfit.iter().map(|runtime| runtime.version.as_str()).collect();
        let facts = format!("of no use to the demos: Python {}", versions.join(", "));
        report.add(PYTHONS, CheckItem::note("others", facts));
    }
    for problem in found.problems.iter().filter(|problem| problem.asked.is_none()) {
        report.add(PYTHONS, CheckItem::note(problem.origin.words(), problem.to_string()));
    }
    if let Some(value) = std::env::var("PYTHON_GIL").ok().filter(|value| !value.is_empty()) {
        let facts = format!("PYTHON_GIL={value} is set: programs that you start yourself obey it");
        report.add(PYTHONS, CheckItem::note("environment", facts));
    }
}

const ENVIRONMENTS: &str = "Environments";

/// What is said of an environment whose interpreter is not there, which has a line of its own.
pub(crate) const NO_INTERPRETER: &str = "no interpreter for it";

/// Whether they are made, and what they hold. Nothing in them is run. Gives the `bin` of each that is made.
pub(crate) fn environments(
    report: &mut Report,
    found: &Interpreters,
    store: &Store,
    lock: &Lock,
    used: &BTreeSet<Kind>,
    deck: &str,
) -> BTreeMap<Kind, PathBuf> {
    let mut bins = BTreeMap::new();
    let setup = format!("greenroom setup{deck}");
    for kind in used {
        let Some(runtime) = found.of(*kind) else {
            let facts = NO_INTERPRETER.to_owned();
            report.add(ENVIRONMENTS, CheckItem::absent(kind.words(), facts, setup.clone()));
            continue;
        };
        let Some(environment) = store.environment(runtime, lock) else {
            report
                .add(ENVIRONMENTS, CheckItem::absent(kind.words(), "not prepared".to_owned(), setup.clone()));
            continue;
        };
        let folder = environment.folder.display();
        match survey::look_inside(&environment) {
            Ok(inside) => {
                report.add(
                    ENVIRONMENTS,
                    CheckItem::good(kind.words(), format!("{}\n{folder}", versions(&inside))),
                );
                report.add_if(ENVIRONMENTS, differs(&inside, lock, kind.words(), &setup));
                report.add_if(ENVIRONMENTS, libpq(&inside, runtime));
                bins.insert(*kind, environment.bin.clone());
            }
            Err(reason) => {
                let fix = format!("remove {folder}, then {setup}");
                report.add(ENVIRONMENTS, CheckItem::broken(kind.words(), reason, fix));
            }
        }
    }
    bins
}

/// What demos have besides: another interpreter, other packages. One that a deck names by its path is not run to be
/// asked.
pub(crate) fn further(
    report: &mut Report,
    found: &Interpreters,
    (wanted, places): (&Wanted, &Places),
    store: &Store,
    order: &Result<Order, String>,
    deck: &str,
) {
    let setup = format!("greenroom setup{deck}");
    let order = match order {
        Ok(order) => order,
        Err(why) => {
            let fix = format!("{setup} shows each line that is wrong");
            return report.add(ENVIRONMENTS, CheckItem::broken("lock file", why.clone(), fix));
        }
    };
    for runtime in [&found.gil, &found.free_threaded].into_iter().flatten() {
        let Some(ready) = store.environment(runtime, &order.lock) else { continue };
        if order.sources.are_in(&ready) {
            continue;
        }
        let names = order.sources.names();
        let facts = match order.sources.lacks(runtime, places) {
            Some(lacks) => format!("{names} is not built: this needs {lacks}"),
            None => format!("{names} is not built"),
        };
        report.add(ENVIRONMENTS, CheckItem::absent(runtime.kind().words(), facts, setup.clone()));
    }
    for one in &order.further {
        if let Choice::Path(path) = &one.choice {
            let facts = format!("Python at {}, which the deck names; not asked", path.display());
            report.add(ENVIRONMENTS, CheckItem::note(&one.name, facts));
            continue;
        }
        let item = match one.choice.find(found, wanted, places) {
            Err(why) => CheckItem::absent(&one.name, why, "without it, its column says so"),
            Ok(runtime) => match store.environment(&runtime, &one.lock) {
                Some(ready) => {
                    CheckItem::good(&one.name, format!("{}\n{}", runtime.facts(), ready.folder.display()))
                }
                None => CheckItem::absent(&one.name, "not prepared".to_owned(), setup.clone()),
            },
        };
        report.add(ENVIRONMENTS, item);
    }
}

/// "granian 2.8.7, gunicorn 27.0.1, …"
fn versions(inside: &BTreeMap<String, String>) -> String {
    let all: Vec<String> = inside.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let mut lines: Vec<String> = all.chunks(3).take(MAX_LISTED / 3).map(|some| some.join(", ")).collect();
    if all.len() > MAX_LISTED {
        lines.push(format!("and {} more", all.len() - MAX_LISTED));
    }
    if lines.is_empty() { "Python alone".to_owned() } else { lines.join("\n") }
}

/// What the environment has in another version than the lock file says.
fn differs(inside: &BTreeMap<String, String>, lock: &Lock, name: &str, setup: &str) -> Option<CheckItem> {
    let mut locked: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for entry in lock.entries() {
        locked.entry(normalized(&entry.name)).or_default().push(&entry.version);
    }
    let other = |(name, version): (&String, &String)| {
        let wanted = locked.get(name)?;
        (!wanted.contains(&version.as_str()))
            .then(|| format!("{name} is {version} instead of {}", wanted.join(" or ")))
    };
    let all: Vec<String> = inside.iter().filter_map(other).collect();
    let fix = format!("remove its folder, then {setup}");
    (!all.is_empty()).then(|| CheckItem::broken(name, all.join(", "), fix))
}

/// Whether psycopg lacks the C library that it loads; its binary package brings that along.
fn libpq(inside: &BTreeMap<String, String>, runtime: &Runtime) -> Option<CheckItem> {
    let has = |name: &str| inside.contains_key(name);
    let needs = has("psycopg") && !has("psycopg-binary") && !has("psycopg-c");
    let problem = needs.then(|| survey::lacks_libpq(runtime)).flatten()?;
    let fix = "install PostgreSQL's client library: apt install libpq5, brew install libpq";
    Some(CheckItem::absent("psycopg", problem, fix))
}
