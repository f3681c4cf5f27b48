//! `greenroom doctor`

mod demos;
mod project;
mod python;
mod report;

use greenroom_base::counted::counted;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use serde_json::json;

use self::report::{CheckItem, Report};
use super::tapes::Tapes;
use crate::cli::{Doctor, Format};
use crate::runner::packages::{self, kind_of};
use greenroom_base::diag::Severity;
use greenroom_bench::probe::is_python;
use greenroom_deck::{Database, Deck, DemoKind};
use greenroom_python::runtime::{Interpreters, Kind};
use greenroom_python::{Lock, Places, Scope, Store, Uv, find, survey};
use greenroom_system::say;
use greenroom_terminal::color_depth::ColorDepth;
use greenroom_terminal::graphics::Protocol;
use greenroom_terminal::tty;

/// Says what of a deck's demos this computer can run, and how to mend the rest: what the deck does not use is not
/// spoken of. What is merely missing is no error.
///
/// # Errors
/// When there is no deck, or nothing can be printed.
pub fn run(options: &Doctor) -> anyhow::Result<ExitCode> {
    if let Some(folder) = &options.project {
        return project::run(options, folder);
    }
    let (located, content) = super::open(options.deck.as_deref())?;
    let deck = options.deck.as_ref().map(|deck| format!(" {}", deck.display())).unwrap_or_default();
    let mut places = Places::of_user();
    if let Some(folder) = &located.folder {
        places = places.outside(folder);
    }
    let lock = Lock::of(&*located.files);
    let uses = Uses::of(&content, lock.as_ref().is_ok_and(|lock| !lock.is_empty()));
    let mut report = Report::default();
    let errors = content.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if errors > 0 {
        let facts = format!("{} in it: greenroom check{deck} lists them", counted(errors, "error"));
        report.add("Deck", CheckItem::note("deck", facts));
    }
    let mut found = Interpreters::default();
    if !uses.pythons.is_empty() {
        found = find(&super::wanted(&options.pythons), &places, Scope::All);
        python::interpreters(&mut report, &found, &uses.pythons);
    }
    let mut bins = BTreeMap::new();
    match (&lock, Store::of_user()) {
        (Err(error), _) => {
            let fix = format!("greenroom setup{deck} shows each line that is wrong");
            report.add("Environments", CheckItem::broken("lock file", error.to_string(), fix));
        }
        _ if uses.pythons.is_empty() => {}
        (Ok(lock), Some(store)) => {
            bins = python::environments(&mut report, &found, &store, lock, &uses.pythons, &deck);
            let order = packages::order(&*located.files, &content, true).map_err(|error| error.to_string());
            let search = (&super::wanted(&options.pythons), &places);
            python::further(&mut report, &found, search, &store, &order, &deck);
        }
        (Ok(_), None) => {
            let fix = "set HOME or XDG_CACHE_HOME";
            report.add("Environments", CheckItem::broken("cache", "no home directory", fix));
        }
    }
    let place = demos::Where { located: &located, places: &places, bins: &bins };
    demos::commands(&mut report, &content, &place);
    demos::recordings(&mut report, &Tapes::of(&content, &located), &deck);
    tools(&mut report, &places, &uses);
    if uses.postgresql {
        database(&mut report, &places);
    }
    terminal(&mut report);
    print(&report, &found, options.format)?;
    Ok(if report.is_broken() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn print(report: &Report, found: &Interpreters, format: Format) -> anyhow::Result<()> {
    let out = say::out();
    match format {
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
    Ok(())
}

/// What the demos of a deck need besides what stands in their commands.
struct Uses {
    /// The interpreters.
    pythons: BTreeSet<Kind>,
    /// A PostgreSQL server.
    postgresql: bool,
    /// Something that asks servers.
    load: bool,
}

impl Uses {
    /// What the demos of `deck` say; `locked` when it has a lock file, which is for both interpreters.
    fn of(deck: &Deck, locked: bool) -> Self {
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
fn tools(report: &mut Report, places: &Places, uses: &Uses) {
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

fn database(report: &mut Report, places: &Places) {
    let url = std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty());
    let item = if let Some(found) = survey::postgres(places) {
        if rustix::process::geteuid().is_root() && url.is_none() {
            let facts = "you are root, and initdb refuses that: it needs another user, or DATABASE_URL";
            report.add(DATABASE, CheckItem::note("as root", facts.to_owned()));
        }
        CheckItem::good("server", format!("{}\n{}", found.version, found.bin.display()))
    } else {
        let facts = "no initdb and postgres in PATH or /usr/lib/postgresql: demos use SQLite".to_owned();
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

const TERMINAL: &str = "Terminal";

/// Whether slides can be drawn larger than the terminal's letters.
fn larger(protocol: Protocol) -> CheckItem {
    let own = "slides have the terminal's own letters: a larger font makes them larger";
    match (protocol, ColorDepth::of_environment(), tty::cell_pixels()) {
        (Protocol::Kitty, ColorDepth::True, Some((width, height))) => {
            let facts =
                format!("slides fill windows of more than 110 columns; a cell has {width}x{height} pixels");
            CheckItem::good("scale", facts)
        }
        (Protocol::Kitty, ColorDepth::True, None) => {
            CheckItem::note("scale", format!("the terminal does not say how many pixels a cell has; {own}"))
        }
        _ => CheckItem::note("scale", own.to_owned()),
    }
}

fn terminal(report: &mut Report) {
    let colors = match ColorDepth::of_environment() {
        ColorDepth::True => "24 bits",
        ColorDepth::C256 => "256",
        ColorDepth::C16 => "16",
        ColorDepth::None => "none",
    };
    report.add(TERMINAL, CheckItem::good("colours", colors.to_owned()));
    let protocol = super::present::protocol();
    let pictures = match protocol {
        Protocol::Kitty => "kitty's graphics",
        Protocol::KittyInTmux => "kitty's graphics, through tmux",
        Protocol::Iterm2 => "iTerm2's inline images",
        Protocol::Sixel => "sixel",
        Protocol::Blocks => "half blocks (--images names another way)",
    };
    report.add(TERMINAL, CheckItem::good("pictures", pictures.to_owned()));
    report.add(TERMINAL, larger(protocol));
    let size = crossterm::terminal::size().ok().filter(|_| say::out().is_terminal());
    report.add(
        TERMINAL,
        match size {
            None => CheckItem::note("size", "unknown: the output is no terminal".to_owned()),
            Some((columns, rows)) => {
                let facts = format!("{columns}x{rows}");
                if columns < 80 || rows < 24 {
                    CheckItem::absent(
                        "size",
                        facts,
                        "the talk is made for 80x24 and more: a smaller font, a larger window",
                    )
                } else {
                    CheckItem::good("size", facts)
                }
            }
        },
    );
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    if !utf8.as_deref().unwrap_or_default().to_lowercase().replace('-', "").contains("utf8") {
        let facts = format!("the locale is {}", utf8.as_deref().unwrap_or("not set"));
        report.add(TERMINAL, CheckItem::note("UTF-8", facts));
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
