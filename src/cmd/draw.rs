//! `greenroom draw`: diagrams that other programs draw, kept as pictures in the deck's folder.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;

use super::setup::ask;
use crate::cli::Draw;
use crate::open;
use crate::runner::tool::{self, Tool};
use greenroom_base::counted::counted;
use greenroom_base::plain::Quoted;
use greenroom_deck::Diagram;
use greenroom_system::disk::beneath;
use greenroom_system::say;

/// Shows what would be run, asks, runs it, and keeps what it draws in `diagrams/`: then the talk shows it on any computer.
///
/// # Errors
/// When there is no deck in a folder, or a program is missing.
pub fn run(options: &Draw) -> anyhow::Result<ExitCode> {
    let located = super::find_deck(options.deck.as_deref())?;
    let deck = open::deck(&*located.files, &located.entry);
    let mut seen = BTreeSet::new();
    let mut wanted: Vec<(String, Arc<Diagram>, Tool)> = Vec::new();
    for (_, diagram) in (0..deck.slides.len()).flat_map(|slide| deck.diagrams(slide)) {
        let path = tool::kept(&diagram, &deck.theme);
        let drawn = greenroom_diagram::draws(diagram.notation) || located.files.head(&path, 1).is_ok();
        if let (false, true, Some(tool)) = (drawn, seen.insert(path.clone()), Tool::of(&diagram, &deck.theme))
        {
            wanted.push((path, diagram, tool));
        }
    }
    if wanted.is_empty() {
        say(format_args!("Every diagram of this deck is drawn."));
        return Ok(ExitCode::SUCCESS);
    }
    let Some(folder) = &located.folder else {
        bail!("this deck is in no folder that a picture could be kept in")
    };
    let missing: BTreeSet<&str> = wanted
        .iter()
        .flat_map(|(.., tool)| tool.programs())
        .filter(|program| !tool::is_here(program))
        .collect();
    if !missing.is_empty() {
        let missing: Vec<&str> = missing.into_iter().collect();
        bail!("this needs {}, which is not here: install it", missing.join(", "));
    }
    say(format_args!("These commands would run, with your rights, on what the deck says:"));
    for (_, diagram, tool) in &wanted {
        for command in &tool.commands {
            say(format_args!("  {}:{}: {}", Quoted(&diagram.file), diagram.line, Quoted(command.join(" "))));
        }
    }
    if !options.yes
        && let Some(code) = ask("Nothing was drawn")
    {
        return Ok(code);
    }
    let mut failed = 0;
    for (path, diagram, tool) in &wanted {
        let kept = tool.draw().and_then(|bytes| keep(folder, path, &bytes));
        match kept {
            Ok(()) => say(format_args!("✓ {}", Quoted(path))),
            Err(error) => {
                failed += 1;
                say(format_args!("✗ {}:{}: {}", Quoted(&diagram.file), diagram.line, Quoted(error)));
            }
        }
    }
    if failed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    say(format_args!("{} could not be drawn", counted(failed, "diagram")));
    Ok(ExitCode::from(1))
}

fn keep(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), String> {
    let mut draft = beneath::record(folder, path).map_err(|error| error.to_string())?;
    draft.add(bytes).and_then(|()| draft.keep()).map_err(|error| error.to_string())
}

fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(say::err(), "{line}");
}
