//! The recordings that a deck names: what the stage would say of each, before anybody stands on it. Whoever reads a deck
//! says the same of them: `check`, `export`, `pack`, `doctor` and `preflight`.

mod age;
mod look;
mod script;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Notify;

use self::look::look;
pub(crate) use self::look::{Looked, TapeState};
use super::at_slide;
use crate::decks::Located;
use crate::headless::{self, PaneRoom};
use crate::runner::Runner;
use greenroom_base::diag::{Diagnostic, Location};
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Demo};
use greenroom_system::pty::Launcher;
use greenroom_system::say;

/// The screen that recordings are compared with when nobody names one: what `greenroom record` makes them for.
pub(crate) const USUAL: Size = Size { columns: 80, rows: 24 };
/// A longer outline is not read.
const OUTLINE_LIMIT: u64 = 256 << 10;

/// The recordings of a deck, each with what is known of it.
pub(crate) struct Tapes {
    looked: Vec<Looked>,
}

impl Tapes {
    /// Reads all recordings that `deck` names.
    pub(crate) fn of(deck: &Deck, located: &Located) -> Self {
        let (files, entry) = (&*located.files, located.entry.as_str());
        let outline = files.read(entry, OUTLINE_LIMIT).unwrap_or_default();
        let outline = String::from_utf8_lossy(&outline);
        // A runner that opens recordings, and knows of no program to start anything with.
        let runner =
            Runner::new(located, Launcher::of(PathBuf::new()), Arc::new(Notify::new()), Instant::now());
        let mut demos: BTreeMap<String, Vec<(String, Demo)>> = BTreeMap::new();
        for (id, demo) in deck.demos() {
            if let Some(path) = demo.tape.clone() {
                demos.entry(path).or_default().push((id, demo));
            }
        }
        let of = |(path, demos): (String, Vec<(String, Demo)>)| {
            // Where it is written: a path seldom stands anywhere else.
            let place = match outline.find(&path) {
                Some(at) => Location::locate(entry, &outline, at..at + path.len()),
                None => Location::file(entry),
            };
            look(located, &runner, path, &demos, &place)
        };
        Self { looked: demos.into_iter().map(of).collect() }
    }

    /// Each of them, in the order of their paths.
    pub(crate) fn each(&self) -> &[Looked] {
        &self.looked
    }

    /// What is wrong with the recordings themselves: those that are not there come first.
    pub(crate) fn problems(&self) -> impl Iterator<Item = &Diagnostic> {
        let (missing, there): (Vec<_>, Vec<_>) =
            self.looked.iter().partition(|looked| looked.state == TapeState::Missing);
        missing.into_iter().chain(there).flat_map(|looked| &looked.problems)
    }

    /// A warning for each pane that shows a part of its recording only, on a screen of this size.
    pub(crate) fn narrow(&self, deck: &Arc<Deck>, size: Size) -> Vec<Diagnostic> {
        let cut = |PaneRoom { slide, spec, size: room }: PaneRoom| {
            let path = spec.demo.tape?;
            let screen = self.looked.iter().find(|looked| looked.path == path)?.screen?;
            let misfit = screen.misfit(room, size)?;
            let place = at_slide(deck, slide)?;
            let said = format!("the recording {path} is {misfit}");
            let moves = if screen.size.columns > room.columns {
                "; on the stage < and > move what shows"
            } else {
                ""
            };
            Some(Diagnostic::warning(place, said).hint(format!(
                "`greenroom record {} --size {}x{}` makes one that fits{moves}",
                spec.id,
                room.columns,
                room.rows.max(3)
            )))
        };
        headless::rooms(deck, size).into_iter().filter_map(cut).collect()
    }

    /// Prints what is wrong with those that are there to stderr, and which show in part only on a screen of this size.
    /// What is made meanwhile is whole, but for their panes.
    pub(crate) fn warn_at(&self, deck: &Arc<Deck>, size: Size) {
        let there = self.looked.iter().filter(|looked| looked.state != TapeState::Missing);
        print(there.flat_map(|looked| &looked.problems));
        print(&self.narrow(deck, size));
    }
}

fn print<'a>(problems: impl IntoIterator<Item = &'a Diagnostic>) {
    for problem in problems {
        let _ = say::err().problem(problem);
    }
}
