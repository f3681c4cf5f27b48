//! `greenroom setup`

mod show;

use std::io::{self, BufRead, IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;

pub(super) use self::show::Show;
use crate::cli::Setup;
use crate::decks::Located;
use crate::open;
use crate::runner::packages;
use greenroom_base::plain::Quoted;
use greenroom_python::runtime::Runtime;
use greenroom_python::{
    FurtherPrepared, LOCK, LockError, Order, Places, Plan, Prepared, SetupError, Store, setup,
};
use greenroom_system::say;

/// As a shell reports a command that Ctrl-C ended.
pub(super) const INTERRUPTED: u8 = 130;
/// Nobody could be asked, or something else was agreed to.
pub(super) const NOT_AGREED: u8 = 2;
/// An answer is not longer.
const MAX_ANSWER: u64 = 1000;

/// Prepares interpreters and environments for a deck's demos. What is ready is left alone.
///
/// # Errors
/// When there is no deck, or nowhere to keep anything.
pub fn run(options: &Setup) -> anyhow::Result<ExitCode> {
    let located = super::find_deck(options.deck.as_deref())?;
    let deck = open::deck(&*located.files, &located.entry);
    // What this program brings along was there when it was built; a stranger's code runs when a person says so.
    let builds = options.allow_build || !is_foreign(&located);
    let order = match packages::order(&*located.files, &deck, builds) {
        Ok(order) => Order { lock: order.lock.building(options.allow_build), ..order },
        Err(LockError::Refused(problems)) => {
            problems.iter().try_for_each(|problem| say::err().problem(problem))?;
            anyhow::bail!(
                "nothing was installed: a lock file holds more than packages with their versions and hashes"
            );
        }
        Err(error) => return Err(error.into()),
    };
    let store = Store::of_user().ok_or(SetupError::NoCache)?;
    let places = match &located.folder {
        Some(folder) => Places::of_user().outside(folder),
        None => Places::of_user(),
    };
    let wanted = super::wanted(&options.pythons);
    let plan = Plan::of(&wanted, &places, &store, &order);
    if let Some(refused) = agree(options, &located, &plan, &order) {
        return Ok(refused);
    }
    let mut show = Show::new()?.logging(&store.log());
    if order.lock.is_empty() {
        show.line(&format!("This deck has no {LOCK}: its environments hold Python alone."));
    }
    let found = plan.found;
    let prepared = setup(&wanted, &places, &store, &order, found, &mut |progress| show.take(progress));
    Ok(report(&prepared, &mut show))
}

/// Whether a deck is not the one that this program brings along.
const fn is_foreign(located: &Located) -> bool {
    located.folder.is_some() || located.packed.is_some()
}

/// Shows what would be installed and asks, unless that was answered; says how to end when it must not be done.
fn agree(options: &Setup, located: &Located, plan: &Plan, order: &Order) -> Option<ExitCode> {
    if options.agreed.as_ref().is_some_and(|agreed| *agreed != order.digest()) {
        line(
            "The deck's lock file is not the one that was agreed to: look at it again. Nothing was installed.",
        );
        return Some(ExitCode::from(NOT_AGREED));
    }
    if plan.is_done() || !is_foreign(located) {
        return None;
    }
    let deck = options.deck.as_deref().unwrap_or(Path::new("in this program"));
    plan.lines(order, deck).iter().for_each(|text| line(text));
    if options.yes || options.agreed.is_some() {
        return None;
    }
    ask("Nothing was installed")
}

/// Asks whether to go on, and says how to end when not; `nothing` is what is said then.
pub(super) fn ask(nothing: &str) -> Option<ExitCode> {
    if !is_anybody_there() {
        line(&format!("{nothing}: nobody is there to be asked. --yes agrees to it."));
        return Some(ExitCode::from(NOT_AGREED));
    }
    if says_yes("Go on? [y/N] ") {
        return None;
    }
    line(&format!("{nothing}."));
    Some(ExitCode::from(1))
}

/// Whether there is a person who sees a question and can answer it.
pub(super) fn is_anybody_there() -> bool {
    io::stdin().is_terminal() && say::err().is_terminal()
}

/// Asks, and waits for the answer.
pub(super) fn says_yes(question: &str) -> bool {
    let _ = write!(say::err(), "{question}");
    let mut answer = String::new();
    let read = io::stdin().lock().take(MAX_ANSWER).read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// What became of it.
fn report(prepared: &Prepared, show: &mut Show) -> ExitCode {
    show.end_step();
    let (mut good, mut stopped) = (true, false);
    for (kind, result) in &prepared.results {
        match result {
            Ok(environment) => {
                let facts = prepared.found.of(*kind).map(Runtime::facts).unwrap_or_default();
                show.line(&format!("✓ {}: {facts}", kind.words()));
                show.line(&format!("    {}", environment.folder.display()));
            }
            Err(SetupError::Interrupted) => (good, stopped) = (false, true),
            Err(error) => {
                good = false;
                show.failed(kind.words(), error);
            }
        }
    }
    for (kind, result) in &prepared.built {
        match result {
            Ok(()) => {}
            Err(SetupError::Interrupted) => (good, stopped) = (false, true),
            // The rest is ready without it, and what needs it says so.
            Err(error @ SetupError::NotBuilt { .. }) => show.line(&format!("– {}: {error}", kind.words())),
            Err(error) => {
                good = false;
                show.failed(kind.words(), error);
            }
        }
    }
    for FurtherPrepared { name, result } in &prepared.further {
        match result {
            Ok((runtime, environment)) => {
                show.line(&format!("✓ {}: {}", Quoted(name), runtime.facts()));
                show.line(&format!("    {}", environment.folder.display()));
            }
            Err(SetupError::Interrupted) => (good, stopped) = (false, true),
            // A column without its interpreter is no failure.
            Err(error @ SetupError::Lacking(_)) => show.line(&format!("– {}: {error}", Quoted(name))),
            Err(error) => {
                good = false;
                show.failed(name, error);
            }
        }
    }
    if stopped {
        show.line(&SetupError::Interrupted.to_string());
    } else if good {
        show.line("Ready: the demos can run live. greenroom doctor says more.");
    } else {
        show.name_the_log();
    }
    match (good, stopped) {
        (true, _) => ExitCode::SUCCESS,
        (_, true) => ExitCode::from(INTERRUPTED),
        _ => ExitCode::from(1),
    }
}

fn line(text: &str) {
    let _ = writeln!(say::err(), "{text}");
}
