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

use std::ffi::OsStr;
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

/// What comes before everything else, while this process has one thread and little memory: it can be a guard, and it gets a keeper
/// if its first argument says that it needs one. Parsing all of them would leave the keeper with three megabytes that it has no use for.
pub fn begin(first: Option<&OsStr>) {
    launch::announce();
    if needs_keeper(first) {
        keeper::keep();
    }
}

/// Reads the deck that is to come from standard input, if one is.
///
/// # Errors
/// When it does not come, or keys could not come from elsewhere then.
pub fn take_input(cli: &mut Cli) -> anyhow::Result<()> {
    let present = match &mut cli.command {
        None if !cli.about => Some(&mut cli.present),
        Some(Command::Present(present)) => Some(present),
        _ => None,
    };
    if let Some(present) = present.filter(|present| present.deck.as_deref() == Some(Path::new("-"))) {
        present.input = Some(read_input()?);
        tty::take_keys_from_terminal()?;
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

/// First arguments with which no terminal is taken and nothing is started. Not a bench either: the stage starts those too, below its own
/// keeper.
const WITHOUT_KEEPER: &str = "bench load check export recordings schema config themes new pack unpack completions man help \
                              --help -h --version -V --about";

/// Whether what is asked for may take the terminal or start programs, and so needs somebody who clears up after it.
fn needs_keeper(first: Option<&OsStr>) -> bool {
    first.is_none_or(|first| WITHOUT_KEEPER.split(' ').all(|word| first != word))
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn a_keeper_is_for_all_but_the_verbs_that_are_named() {
        let cli = Cli::command();
        let verbs: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
        for word in WITHOUT_KEEPER.split(' ').filter(|word| !word.starts_with('-') && *word != "help") {
            assert!(verbs.contains(&word), "{word} is no verb");
        }
        let kept: Vec<&str> = verbs.into_iter().filter(|verb| needs_keeper(Some(OsStr::new(verb)))).collect();
        assert_eq!(
            kept.join(" "),
            "present rehearse notes follow probe preflight record play setup draw doctor"
        );
        assert!(needs_keeper(None) && needs_keeper(Some(OsStr::new("talk.md"))));
    }
}
