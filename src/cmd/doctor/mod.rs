//! `greenroom doctor`

mod project;
mod report;

use std::process::ExitCode;

use serde_json::json;

use self::report::{Item, Report};
use crate::cli::{Doctor, Format};
use crate::edge::deckfiles::locate;
use crate::edge::depth::Depth;
use crate::edge::graphics::{self, Protocol};
use crate::edge::runtimes::survey::{self, Inside};
use crate::edge::runtimes::{Lock, Places, Scope, Store, Uv, find};
use crate::edge::say;
use crate::run::runtime::{Found, Kind};

/// Says what this computer can run, and how to mend the rest. What is merely missing is no error.
///
/// # Errors
/// When there is no deck, or nothing can be printed.
pub fn run(options: &Doctor) -> anyhow::Result<ExitCode> {
    if let Some(folder) = &options.project {
        return project::run(options, folder);
    }
    let located = locate(options.deck.as_deref())?;
    let deck = options.deck.as_ref().map(|deck| format!(" {}", deck.display())).unwrap_or_default();
    let places = Places::of_user();
    let found = find(&super::wanted(&options.pythons), &places, Scope::All);
    let lock = Lock::of(&*located.files);
    let mut report = Report::default();
    interpreters(&mut report, &found);
    match (&lock, Store::of_user()) {
        (Ok(lock), Some(store)) => environments(&mut report, &found, &store, lock, &deck),
        (Err(error), _) => report.add("Environments", Item::broken("lock file", error.to_string(), "")),
        (_, None) => {
            report.add(
                "Environments",
                Item::broken("cache", "no home directory", "set HOME or XDG_CACHE_HOME"),
            );
        }
    }
    tools(&mut report, &places);
    database(&mut report, &places);
    terminal(&mut report);
    let out = say::out();
    match options.format {
        Format::Json => {
            let whole = json!({
                "greenroom": env!("CARGO_PKG_VERSION"),
                "broken": report.is_broken(), "items": report.items(), "runtimes": found,
            });
            out.json(format_args!("{whole:#}"))?;
        }
        Format::Text => {
            let columns = crossterm::terminal::size().ok().filter(|_| say::out().is_terminal());
            let width = columns.map_or(120, |(columns, _)| usize::from(columns));
            write!(out, "{}", report.text(width))?;
        }
    }
    Ok(if report.is_broken() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

const PYTHONS: &str = "Interpreters";

fn interpreters(report: &mut Report, found: &Found) {
    for kind in Kind::BOTH {
        let item = match (found.of(kind), found.refused(kind)) {
            (Some(runtime), _) => {
                let facts =
                    format!("{}\n{} ({})", runtime.facts(), runtime.path.display(), runtime.origin.words());
                if runtime.free_threaded && runtime.gil_enabled {
                    Item::broken(kind.words(), facts, "unset PYTHON_GIL, or use another build")
                } else if runtime.missing.iter().any(|name| name == "_ssl" || name == "_sqlite3") {
                    let fix = "build it again with the headers of OpenSSL and SQLite, or run greenroom setup";
                    Item::absent(kind.words(), facts, fix)
                } else {
                    Item::good(kind.words(), facts)
                }
            }
            (None, Some(problem)) => Item::broken(kind.words(), problem.to_string(), "name another, or none"),
            (None, None) => {
                let fix = format!(
                    "greenroom setup installs one; or {} PATH, {}=PATH",
                    kind.option(),
                    kind.variable()
                );
                Item::absent(kind.words(), "none found".to_owned(), fix)
            }
        };
        report.add(PYTHONS, item);
    }
    if let (Some(gil), Some(free)) = (&found.gil, &found.free_threaded)
        && gil.minor != free.minor
    {
        let facts =
            format!("{} and {} are compared: a difference may be the version's", gil.version, free.version);
        report.add(PYTHONS, Item::note("versions", facts));
    } else if let (Some(gil), Some(free)) = (&found.gil, &found.free_threaded)
        && (gil.optimized, gil.lto, gil.debug) != (free.optimized, free.lto, free.debug)
    {
        let facts = "the two were not built with the same optimisations: a difference may be the build's";
        report.add(PYTHONS, Item::note("builds", facts.to_owned()));
    }
    let (others, unfit): (Vec<_>, Vec<_>) =
        found.others.iter().partition(|runtime| runtime.unfit().is_none());
    for runtime in others {
        let facts = format!("{}\n{}", runtime.facts(), runtime.path.display());
        report.add(PYTHONS, Item::note(runtime.origin.words(), facts));
    }
    if !unfit.is_empty() {
        let versions: Vec<&str> = unfit.iter().map(|runtime| runtime.version.as_str()).collect();
        let facts = format!("of no use to the demos: Python {}", versions.join(", "));
        report.add(PYTHONS, Item::note("others", facts));
    }
    for problem in found.problems.iter().filter(|problem| problem.asked.is_none()) {
        report.add(PYTHONS, Item::note(problem.origin.words(), problem.to_string()));
    }
    if let Some(value) = std::env::var("PYTHON_GIL").ok().filter(|value| !value.is_empty()) {
        let facts = format!("PYTHON_GIL={value} is set: programs that you start yourself obey it");
        report.add(PYTHONS, Item::note("environment", facts));
    }
}

const ENVIRONMENTS: &str = "Environments";

fn environments(report: &mut Report, found: &Found, store: &Store, lock: &Lock, deck: &str) {
    let setup = format!("greenroom setup{deck}");
    for kind in Kind::BOTH {
        let Some(runtime) = found.of(kind) else {
            report.add(
                ENVIRONMENTS,
                Item::absent(kind.words(), "no interpreter for it".to_owned(), setup.clone()),
            );
            continue;
        };
        let Some(environment) = store.environment(runtime, lock) else {
            report.add(ENVIRONMENTS, Item::absent(kind.words(), "not prepared".to_owned(), setup.clone()));
            continue;
        };
        let folder = environment.folder.display();
        match survey::look_inside(&environment) {
            Ok(inside) => {
                report
                    .add(ENVIRONMENTS, Item::good(kind.words(), format!("{}\n{folder}", versions(&inside))));
                if let Some(problem) = &inside.psycopg {
                    let fix = "install PostgreSQL's client library: apt install libpq5, brew install libpq";
                    report.add(ENVIRONMENTS, Item::absent("psycopg", problem.clone(), fix));
                }
            }
            Err(reason) => {
                let fix = format!("remove {folder}, then {setup}");
                report.add(ENVIRONMENTS, Item::broken(kind.words(), reason, fix));
            }
        }
    }
}

/// "granian 2.8.7, gunicorn 27.0.1, …"
fn versions(inside: &Inside) -> String {
    let one = |name: &&str| match inside.versions.get(*name) {
        Some(Some(version)) => Some(format!("{name} {version}")),
        _ => None,
    };
    let all: Vec<String> = survey::PACKAGES.iter().filter_map(one).collect();
    let lines: Vec<String> = all.chunks(3).map(|some| some.join(", ")).collect();
    if lines.is_empty() { "Python alone".to_owned() } else { lines.join("\n") }
}

const TOOLS: &str = "Tools";

fn tools(report: &mut Report, places: &Places) {
    let uv = Store::of_user().and_then(|store| Uv::find(places, &store.tools()));
    report.add(
        TOOLS,
        match uv {
            Some(uv) => {
                let program = survey::ask(uv.path, &["--version"]);
                let facts = format!("{} ({})", program.version, program.path.display());
                if program.version.starts_with("uv ") {
                    Item::good("uv", facts)
                } else {
                    Item::broken("uv", facts, "remove it, or put a working one in PATH")
                }
            }
            None => Item::absent("uv", "not found".to_owned(), "greenroom setup installs it for itself"),
        },
    );
    for (name, args, about) in [
        ("oha", ["--version"], "https://github.com/hatoo/oha"),
        ("wrk", ["-v"], "https://github.com/wg/wrk, or your system's packages"),
        ("k6", ["version"], "https://grafana.com/docs/k6"),
    ] {
        report.add(
            TOOLS,
            if let Some(program) = survey::program(places, name, &args) {
                Item::good(name, format!("{} ({})", program.version, program.path.display()))
            } else {
                let facts = "not found; only for those who trust it more than greenroom's own load";
                Item::absent(name, facts.to_owned(), about)
            },
        );
    }
}

const DATABASE: &str = "PostgreSQL";

fn database(report: &mut Report, places: &Places) {
    let url = std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty());
    let item = if let Some(found) = survey::postgres(places) {
        if rustix::process::geteuid().is_root() && url.is_none() {
            let facts = "you are root, and initdb refuses that: it needs another user, or DATABASE_URL";
            report.add(DATABASE, Item::note("as root", facts.to_owned()));
        }
        Item::good("server", format!("{}\n{}", found.version, found.bin.display()))
    } else {
        let facts = "no initdb and postgres in PATH or /usr/lib/postgresql: demos use SQLite".to_owned();
        Item::absent("server", facts, "apt install postgresql, brew install postgresql; or set DATABASE_URL")
    };
    report.add(DATABASE, item);
    if let Some(url) = url {
        report.add(DATABASE, Item::note("DATABASE_URL", without_password(&url)));
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

const TERMINAL: &str = "Terminal";

fn terminal(report: &mut Report) {
    let colors = match Depth::of_environment() {
        Depth::True => "24 bits",
        Depth::C256 => "256",
        Depth::C16 => "16",
        Depth::None => "none",
    };
    report.add(TERMINAL, Item::good("colours", colors.to_owned()));
    let pictures = match graphics::detect(|name| std::env::var(name).ok()) {
        Protocol::Kitty => "kitty's graphics",
        Protocol::Iterm2 => "iTerm2's inline images",
        Protocol::Sixel => "sixel",
        Protocol::Blocks => "half blocks (--images names another way)",
    };
    report.add(TERMINAL, Item::good("pictures", pictures.to_owned()));
    let size = crossterm::terminal::size().ok().filter(|_| say::out().is_terminal());
    report.add(
        TERMINAL,
        match size {
            None => Item::note("size", "unknown: the output is no terminal".to_owned()),
            Some((columns, rows)) => {
                let facts = format!("{columns}x{rows}");
                if columns < 80 || rows < 24 {
                    Item::absent(
                        "size",
                        facts,
                        "the talk is made for 80x24 and more: a smaller font, a larger window",
                    )
                } else {
                    Item::good("size", facts)
                }
            }
        },
    );
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    if !utf8.as_deref().unwrap_or_default().to_lowercase().replace('-', "").contains("utf8") {
        let facts = format!("the locale is {}", utf8.as_deref().unwrap_or("not set"));
        report.add(TERMINAL, Item::note("UTF-8", facts));
    }
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
