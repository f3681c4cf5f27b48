//! What a deck's demos need of this computer: interpreters and their environments, tools, a database.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::python;
use super::report::{CheckItem, Report};
use crate::decks::Located;
use crate::runner::packages::{self, kind_of};
use greenroom_bench::probe::is_python;
use greenroom_deck::{Database, Deck, DemoKind};
use greenroom_python::runtime::{Interpreters, Kind};
use greenroom_python::{Lock, LockError, Places, Scope, Store, Uv, Wanted, find, survey};

/// ` DECK`, as it follows a verb; nothing for the deck inside of this program.
pub(crate) fn named(deck: Option<&Path>) -> String {
    deck.map(|deck| format!(" {}", deck.display())).unwrap_or_default()
}

/// Where programs are looked for: not in the deck.
pub(crate) fn places(located: &Located) -> Places {
    let places = Places::of_user();
    match &located.folder {
        Some(folder) => places.outside(folder),
        None => places,
    }
}

/// What is asked about a deck's interpreters.
pub(crate) struct Ask<'a> {
    /// The deck.
    pub deck: &'a Deck,
    /// Where it lies.
    pub located: &'a Located,
    /// Where interpreters are looked for.
    pub places: &'a Places,
    /// The deck's packages.
    pub lock: &'a Result<Lock, LockError>,
    /// What its demos need.
    pub uses: &'a Uses,
}

/// The interpreters that the deck uses and their environments, as far as it uses any; gives the `bin` of each environment that is made.
pub(crate) fn runtimes(
    report: &mut Report,
    ask: &Ask,
    (wanted, scope): (&Wanted, Scope),
    named: &str,
) -> (Interpreters, BTreeMap<Kind, PathBuf>) {
    let mut found = Interpreters::default();
    if !ask.uses.pythons.is_empty() {
        found = find(wanted, ask.places, scope);
        python::interpreters(report, &found, &ask.uses.pythons);
    }
    let mut bins = BTreeMap::new();
    match (ask.lock, Store::of_user()) {
        (Err(error), _) => {
            let fix = format!("greenroom setup{named} shows each line that is wrong");
            report.add("Environments", CheckItem::broken("lock file", error.to_string(), fix));
        }
        _ if ask.uses.pythons.is_empty() => {}
        (Ok(lock), Some(store)) => {
            bins = python::environments(report, &found, &store, lock, &ask.uses.pythons, named);
            let files = &*ask.located.files;
            let order = packages::order(files, ask.deck, true).map_err(|error| error.to_string());
            python::further(report, &found, (wanted, ask.places), &store, &order, named);
        }
        (Ok(_), None) => {
            let fix = "set HOME or XDG_CACHE_HOME";
            report.add("Environments", CheckItem::broken("cache", "no home directory", fix));
        }
    }
    (found, bins)
}

/// What the demos of a deck need besides what stands in their commands.
pub(crate) struct Uses {
    /// The interpreters.
    pub pythons: BTreeSet<Kind>,
    /// A PostgreSQL server.
    pub postgresql: bool,
    /// Something that asks servers.
    pub load: bool,
}

impl Uses {
    /// What the demos of `deck` say; `locked` when it has a lock file, which is for both interpreters.
    pub(crate) fn of(deck: &Deck, locked: bool) -> Self {
        let mut uses = Self { pythons: BTreeSet::new(), postgresql: false, load: false };
        if locked {
            uses.pythons.extend(Kind::BOTH);
        }
        for (_, demo) in deck.demos() {
            uses.postgresql |= demo.database == Some(Database::Postgresql);
            uses.load |= demo.kind == DemoKind::Bench;
            uses.pythons.extend(demo.runtime.map(kind_of));
            if demo.kind == DemoKind::Probe && demo.runtime.is_none() && is_python(&demo.command) {
                uses.pythons.extend(Kind::BOTH);
            }
            if let Some(scenario) = demo.scenario.as_ref().and_then(|path| deck.scenarios.get(path)) {
                uses.postgresql |= scenario.database == Some(Database::Postgresql);
                uses.pythons
                    .extend(scenario.variants.iter().filter_map(|variant| variant.runtime).map(kind_of));
            }
        }
        uses
    }
}

const TOOLS: &str = "Tools";

/// Programs that help: those that this deck could make use of.
pub(crate) fn tools(report: &mut Report, places: &Places, uses: &Uses) {
    if !uses.pythons.is_empty() {
        report.add(TOOLS, uv(places));
    }
    if uses.load {
        load(report, places);
    }
}

fn uv(places: &Places) -> CheckItem {
    let uv = Store::of_user().and_then(|store| Uv::find(places, &store.tools()));
    match uv {
        Some(uv) => {
            let program = survey::ask(uv.path, &["--version"]);
            let facts = format!("{} ({})", program.version, program.path.display());
            if program.version.starts_with("uv ") {
                CheckItem::good("uv", facts)
            } else {
                CheckItem::broken("uv", facts, "remove it, or put a working one in PATH")
            }
        }
        None => CheckItem::absent("uv", "not found".to_owned(), "greenroom setup installs it for itself"),
    }
}

fn load(report: &mut Report, places: &Places) {
    for (name, args, about) in [
        ("oha", ["--version"], "https://github.com/hatoo/oha"),
        ("wrk", ["-v"], "https://github.com/wg/wrk, or your system's packages"),
        ("k6", ["version"], "https://grafana.com/docs/k6"),
    ] {
        report.add(
            TOOLS,
            if let Some(program) = survey::program(places, name, &args) {
                CheckItem::good(name, format!("{} ({})", program.version, program.path.display()))
            } else {
                let facts = "not found; only for those who trust it more than greenroom's own load";
                CheckItem::absent(name, facts.to_owned(), about)
            },
        );
    }
}

const DATABASE: &str = "PostgreSQL";

/// The database server, for a deck that uses one.
pub(crate) fn database(report: &mut Report, places: &Places) {
    let url = std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty());
    let item = if let Some(found) = survey::postgres(places) {
        if rustix::process::geteuid().is_root() && url.is_none() {
            let facts = "you are root, and initdb refuses that: it needs another user, or DATABASE_URL";
            report.add(DATABASE, CheckItem::note("as root", facts.to_owned()));
        }
        CheckItem::good("server", format!("{}\n{}", found.version, found.bin.display()))
    } else {
        let facts = "no initdb and postgres in PATH, or where packages put them: demos use SQLite".to_owned();
        CheckItem::absent(
            "server",
            facts,
            "apt install postgresql, brew install postgresql; or set DATABASE_URL",
        )
    };
    report.add(DATABASE, item);
    if let Some(url) = url {
        report.add(DATABASE, CheckItem::note("DATABASE_URL", without_password(&url)));
    }
}

/// Who and where, but not the password, which would end up on a projector.
fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (place, _) = rest.split_once('?').unwrap_or((rest, ""));
    let (user, place) = place.rsplit_once('@').unwrap_or(("", place));
    let user = user.split(':').next().unwrap_or_default();
    let at = if user.is_empty() { "" } else { "@" };
    format!("{scheme}://{user}{at}{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(
            without_password("postgres://me:s3:cr@et@db:5432/x?password=y"),
            "postgres://me@db:5432/x"
        );
        assert_eq!(without_password("postgres:///x"), "postgres:///x");
        assert_eq!(without_password("junk"), "://junk");
    }
}
