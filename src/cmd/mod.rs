//! One module for each verb of the command line.
#![allow(clippy::disallowed_methods)] // a command prints

mod backstage;
pub mod bench;
pub mod check;
pub mod config;
pub mod doctor;
pub mod draw;
pub mod export;
pub mod follow;
pub mod helper;
pub mod load;
mod measured;
pub mod new;
pub mod notes;
pub mod pack;
pub mod play;
pub mod preflight;
pub mod present;
pub mod probe;
pub mod record;
pub mod recordings;
pub mod rehearse;
pub mod setup;
pub mod texts;

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::cli::{Cli, Command, Pythons};
use crate::decks::{Located, locate, of_input, read_input};
use crate::open;
use greenroom_base::plain::Quoted;
use greenroom_deck::{Deck, Demo};
use greenroom_python::Wanted;
use greenroom_system::guard::launch;
use greenroom_system::say;
use greenroom_terminal::keeper;
use greenroom_terminal::tty::{self, TtyError};

/// Finds the deck that a person named. Where it asks for a folder above its own, the person is asked, if there is one.
fn find_deck(path: Option<&Path>) -> anyhow::Result<Located> {
    let located = locate(path)?;
    let Some(wish) = located.wish.as_ref().filter(|_| setup::is_anybody_there()) else { return Ok(located) };
    let (file, root) = (Quoted(wish.file.display()), Quoted(wish.root.display()));
    let said = say::err();
    if wish.is_too_wide() {
        let _ = writeln!(
            said,
            "{file} asks for all of {root}, which is more than a deck may have: it is shown without."
        );
        return Ok(located);
    }
    let _ = writeln!(
        said,
        "{file} asks for the folder above it: its slides could then show any file in\n{root}."
    );
    if setup::says_yes("Shall it have that? Your answer is kept for this file. [y/N] ") {
        wish.agree().with_context(|| "your answer cannot be kept")?;
        return Ok(locate(path)?);
    }
    Ok(located)
}

/// Finds and reads the deck that a person named.
fn open(path: Option<&Path>) -> anyhow::Result<(Located, Arc<Deck>)> {
    let located = find_deck(path)?.with_executors(config::executors());
    let deck = Arc::new(located.deck());
    Ok((located, deck))
}

/// The same, for verbs that start nothing: `-` is a deck on standard input.
fn open_or_read(path: Option<&Path>) -> anyhow::Result<(Located, Arc<Deck>)> {
    if path != Some(Path::new("-")) {
        return open(path);
    }
    let located = of_input(&read_input()?).with_executors(config::executors());
    let deck = Arc::new(located.deck());
    Ok((located, deck))
}

/// The interpreters that the command line names.
fn wanted(options: &Pythons) -> Wanted {
    Wanted { gil: options.python.clone(), free_threaded: options.python_ft.clone() }
}

/// What comes before every verb, while this process has one thread: it can be a guard, and it gets a keeper if it needs
/// one.
///
/// # Errors
/// When a deck should come from standard input and does not, or keys could not come from elsewhere then.
pub fn begin(cli: &mut Cli) -> anyhow::Result<()> {
    launch::announce();
    let present = match &mut cli.command {
        None if !cli.about => Some(&mut cli.present),
        Some(Command::Present(present)) => Some(present),
        _ => None,
    };
    if let Some(present) = present.filter(|present| present.deck.as_deref() == Some(Path::new("-"))) {
        present.input = Some(read_input()?);
        // The keeper gives back the terminal that keys come from.
        tty::take_keys_from_terminal()?;
    }
    if needs_keeper(cli) {
        keeper::keep();
    }
    Ok(())
}

/// Says why a verb could not do what it should, and what the program ends with.
#[must_use]
pub fn failed(error: &anyhow::Error) -> ExitCode {
    // Whoever read our output has seen enough.
    if error.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    say::failure(&format_args!("{error:#}"));
    // As for an option that is wrong.
    let refused = error.is::<config::Refused>() || matches!(error.downcast_ref(), Some(TtyError::Dumb));
    if refused { ExitCode::from(2) } else { ExitCode::from(1) }
}

/// Whether a verb takes the terminal or starts programs, and so needs somebody who clears up after it. Not a bench: the
/// stage starts those too, below its own keeper.
fn needs_keeper(cli: &Cli) -> bool {
    match &cli.command {
        None => !cli.about,
        Some(
            Command::Present(_)
            | Command::Rehearse(_)
            | Command::Notes(_)
            | Command::Follow(_)
            | Command::Play(_)
            | Command::Record(_)
            | Command::Probe(_)
            | Command::Setup(_)
            | Command::Draw(_)
            | Command::Doctor(_)
            | Command::Preflight(_),
        ) => true,
        Some(_) => false,
    }
}

/// The demo that is called `id`.
///
/// # Errors
/// When there is none, with the names that there are.
pub(super) fn find(deck: &Deck, id: &str) -> anyhow::Result<Demo> {
    let demos = deck.demos();
    if let Some((_, demo)) = demos.iter().find(|(name, _)| name == id) {
        return Ok(demo.clone());
    }
    let names: Vec<&str> = demos.iter().map(|(name, _)| name.as_str()).collect();
    if names.is_empty() {
        bail!("there is no demo \"{id}\": this deck has none");
    }
    bail!("there is no demo \"{id}\"; this deck has {}", names.join(", "))
}
