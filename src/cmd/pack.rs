//! `greenroom pack`, `greenroom unpack` and `greenroom --about`

use greenroom_base::counted::counted;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;

use crate::cli;
use crate::decks::pack::{self, Manifest, PackRequest, Traced};
use crate::decks::{Located, locate};
use crate::inspect::tapes::{Tapes, USUAL};
use crate::open;
use greenroom_base::diag::Severity;
use greenroom_base::files::{Files, beside, normalize};
use greenroom_base::plain::Quoted;
use greenroom_deck::Deck;
use greenroom_system::say;

/// Writes one executable with a deck inside.
///
/// # Errors
/// When the deck has errors, or the file cannot be written; nothing is left behind then.
pub fn pack(options: &cli::Pack) -> anyhow::Result<ExitCode> {
    let mut located = super::find_deck(options.deck.as_deref())?;
    if let (true, Some(folder)) = (located.whole_folder, &located.folder) {
        pack::survey(folder, &options.output)?;
    }
    let traced = Arc::new(Traced::new(Arc::clone(&located.files)));
    located.files = traced.clone();
    let deck = Arc::new(open::deck(&*located.files, &located.entry));
    let said = say::err();
    let errors: Vec<_> = deck.problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
    let pictures = crate::inspect::slides::pictures(&deck, &*located.files);
    let broken = pictures.iter().filter(|problem| problem.severity == Severity::Error);
    let errors: Vec<_> = errors.into_iter().chain(broken).collect();
    for problem in &errors {
        let _ = said.problem(problem);
    }
    if !errors.is_empty() {
        bail!("the deck has {}, and is not packed", counted(errors.len(), "error"));
    }
    let missing = tapes(&deck, &*located.files);
    if !missing.is_empty() {
        let _ =
            writeln!(said, "these demos have no recording, and will only run live: {}", missing.join(", "));
    }
    Tapes::of(&deck, &located).warn_at(&deck, USUAL);
    let names = (!located.whole_folder).then(|| {
        read_demos(&deck, &*located.files);
        traced.seen()
    });
    let order = PackRequest {
        located: &located,
        names,
        about: about_deck(&deck),
        output: &options.output,
        force: options.force,
        program: options.program.as_deref(),
    };
    let packed = pack::pack(order)?;
    let files = counted(packed.manifest.files.len(), "file");
    writeln!(
        say::out(),
        "{}: {files}, {}.{} MB; started with --about it says what is in it",
        Quoted(options.output.display()),
        packed.bytes / 1_000_000,
        packed.bytes / 100_000 % 10
    )?;
    if let Some(note) = packed.note {
        let _ = writeln!(said, "{note}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads what the demos of a deck name, and what lies beside that: files that are parts of it.
fn read_demos(deck: &Deck, files: &dyn Files) {
    let folder = |path: &str| {
        let names = files.list(path).unwrap_or_default();
        names.into_iter().filter(|name| !pack::hides(name))
    };
    let mut paths: BTreeSet<String> = folder("demos").collect();
    for (_, demo) in deck.demos() {
        let directory = demo.directory.as_deref().unwrap_or("");
        if !directory.is_empty() {
            paths.extend(folder(directory));
        }
        let words = demo.command.iter().chain(&demo.scenario);
        paths.extend(words.clone().filter_map(|word| normalize(&format!("{directory}/{word}"))));
        paths.extend(words.filter_map(|word| normalize(word)));
        let scenario = demo.scenario.as_ref().and_then(|path| Some((path, deck.scenarios.get(path)?)));
        let Some((path, scenario)) = scenario else { continue };
        let directory = scenario.directory.as_deref().unwrap_or(".");
        let inside = normalize(&beside(path, directory)).unwrap_or_default();
        if !inside.is_empty() {
            paths.extend(folder(&inside));
        }
        let commands = scenario.variants.iter().map(|variant| &variant.command).chain(&scenario.prepare);
        let named = commands.flatten().map(|word| beside(path, &format!("{directory}/{word}")));
        paths.extend(named.filter_map(|path| normalize(&path)));
    }
    for path in paths {
        let _ = files.head(&path, 1);
    }
}

/// The demos whose recording cannot be read. Looking at them notes them as parts of the deck.
fn tapes(deck: &Deck, files: &dyn Files) -> Vec<String> {
    let lacks = |tape: &String| files.head(tape, 1).is_err();
    let demos = deck.demos().into_iter();
    demos.filter(|(_, demo)| demo.tape.as_ref().is_none_or(lacks)).map(|(id, _)| id).collect()
}

fn about_deck(deck: &Deck) -> Manifest {
    let outline = &deck.outline;
    Manifest {
        title: outline.title.clone(),
        speaker: outline.speaker.clone(),
        event: outline.event.clone(),
        date: outline.date.clone(),
        ..Manifest::default()
    }
}

/// Writes the files of the deck inside of this program to a folder.
///
/// # Errors
/// When the folder is there already, or cannot be written.
pub fn unpack(options: &cli::Unpack) -> anyhow::Result<ExitCode> {
    let Located { files, .. } = locate(None)?;
    let count = pack::unpack(&*files, &options.folder)?;
    writeln!(say::out(), "{} in {}", counted(count, "file"), Quoted(options.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what is inside of this program: all of it worked out from the deck's files, nothing taken from a manifest.
///
/// # Errors
/// When what is inside cannot be read, or is not what its manifest tells of.
pub fn about() -> anyhow::Result<ExitCode> {
    let (located, deck) = super::open(None)?;
    let (kind, content) = match pack::this_program()? {
        Some(pack) => ("packed", pack.content()?),
        None => ("built in", pack::content(&*located.files)?),
    };
    let files = located.files.list("")?.len();
    let manifest = about_deck(&deck);
    let lines = [
        ("title", Some(manifest.title)),
        ("speaker", manifest.speaker),
        ("event", manifest.event),
        ("date", manifest.date),
        ("deck", Some(format!("{kind}, {}", counted(files, "file")))),
        ("content", Some(format!("sha256:{content}"))),
        ("greenroom", Some(env!("CARGO_PKG_VERSION").to_owned())),
    ];
    let out = say::out();
    for (name, text) in lines.into_iter().filter_map(|(name, text)| Some((name, text?))) {
        // A title is somebody else's text: it has its line, and no other.
        writeln!(out, "{name:<10} {}", Quoted(text))?;
    }
    Ok(ExitCode::SUCCESS)
}
