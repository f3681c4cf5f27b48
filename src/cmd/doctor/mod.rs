//! `greenroom doctor`

mod project;

use std::process::ExitCode;

use serde_json::json;

use crate::cli::{Doctor, Format};
use crate::inspect::needs::{self, Ask, Uses, named, places, runtimes};
use crate::inspect::report::{CheckItem, Report};
use crate::inspect::tapes::Tapes;
use crate::inspect::{demos, system, terminal};
use greenroom_base::counted::counted;
use greenroom_base::diag::Severity;
use greenroom_python::runtime::Interpreters;
use greenroom_python::{Lock, Scope};
use greenroom_system::say;

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
    let deck = named(options.deck.as_deref());
    let places = places(&located);
    let lock = Lock::of(&*located.files);
    let uses = Uses::of(&content, lock.as_ref().is_ok_and(|lock| !lock.is_empty()));
    let mut report = Report::default();
    let errors = content.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if errors > 0 {
        let facts = format!("{} in it: greenroom check{deck} lists them", counted(errors, "error"));
        report.add("Deck", CheckItem::note("deck", facts));
    }
    let asked = Ask { deck: &content, located: &located, places: &places, lock: &lock, uses: &uses };
    let (found, bins) = runtimes(&mut report, &asked, (&super::wanted(&options.pythons), Scope::All), &deck);
    let place = demos::Where { located: &located, places: &places, bins: &bins };
    demos::commands(&mut report, &content, &place);
    demos::recordings(&mut report, &Tapes::of(&content, &located), &deck);
    needs::tools(&mut report, &places, &uses);
    if uses.postgresql {
        needs::database(&mut report, &places);
    }
    terminal::look(&mut report);
    system::look(&mut report);
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
