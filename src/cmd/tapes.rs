//! The recordings that a deck names: what the stage would say of each, before anybody stands on it.

use greenroom_base::counted::counted;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Notify;

use crate::decks::Located;
use crate::headless::{self, PaneRoom};
use crate::runner::Runner;
use greenroom_base::diag::{Diagnostic, Location};
use greenroom_base::files::Files;
use greenroom_base::run::Size;
use greenroom_bench::probe::ProbeSummary;
use greenroom_bench::{RecordReader, RunSummary, Tally};
use greenroom_deck::Deck;
use greenroom_system::pty::Launcher;
use greenroom_system::say;
use greenroom_tape::Format;

/// A longer outline is not read.
const OUTLINE_LIMIT: u64 = 256 << 10;
/// What is read of a recording at most to find its mistakes, in bytes.
const LOOKED_THROUGH: u64 = 64 << 20;
/// Most mistakes of one recording that are told.
const TOLD: usize = 3;

/// The recordings of a deck, each with what is known of it.
pub(super) struct Tapes {
    /// Those that are not there come first.
    problems: Vec<Diagnostic>,
    missing: usize,
    /// The most columns that each has had: of those that are a terminal's.
    columns: BTreeMap<String, u16>,
}

impl Tapes {
    /// Reads all recordings that `deck` names.
    pub(super) fn of(deck: &Deck, located: &Located) -> Self {
        let (files, entry) = (&*located.files, located.entry.as_str());
        let outline = files.read(entry, OUTLINE_LIMIT).unwrap_or_default();
        let outline = String::from_utf8_lossy(&outline);
        // A runner that opens recordings, and knows of no program to start anything with.
        let runner =
            Runner::new(located, Launcher::of(PathBuf::new()), Arc::new(Notify::new()), Instant::now());
        let mut seen = BTreeMap::new();
        for (id, demo) in deck.demos() {
            demo.tape.map(|path| seen.entry(path).or_insert(id));
        }
        let mut tapes = Self { problems: Vec::new(), missing: 0, columns: BTreeMap::new() };
        for (path, id) in seen {
            // Where it is written: a path seldom stands anywhere else.
            let place = match outline.find(&path) {
                Some(at) => Location::locate(entry, &outline, at..at + path.len()),
                None => Location::file(entry),
            };
            tapes.look(files, &runner, &path, &id, &place);
        }
        tapes
    }

    fn look(&mut self, files: &dyn Files, runner: &Runner, path: &str, id: &str, place: &Location) {
        if files.head(path, 1).is_err() {
            let problem = Diagnostic::warning(place.clone(), format!("the recording {path} is not there"));
            let hint = format!("`greenroom record {id}` makes it; until then the demo only runs live");
            self.problems.insert(self.missing, problem.hint(hint));
            self.missing += 1;
            return;
        }
        let mut player = match runner.tape(path) {
            Ok(player) => player,
            Err(error) => {
                let hint =
                    format!("until then the demo only runs live; `greenroom record {id}` makes a new one");
                let problem = Diagnostic::error(place.clone(), error.to_string()).hint(hint);
                return self.problems.push(problem);
            }
        };
        player.look_through(LOOKED_THROUGH);
        let problems = player.problems();
        for problem in problems.iter().take(TOLD) {
            let said = format!("the recording {path}: {problem}");
            self.problems.push(Diagnostic::warning(place.clone(), said));
        }
        if let Some(rest) = problems.len().checked_sub(TOLD).filter(|rest| *rest > 0) {
            let said = format!("the recording {path}: {} more", counted(rest, "problem"));
            self.problems.push(Diagnostic::warning(place.clone(), said));
        }
        match player.format() {
            Format::Asciicast2 | Format::Asciicast3 => {
                self.columns.insert(path.to_owned(), player.largest().columns);
            }
            format => self.doubt(files, (path, format), id, place),
        }
    }

    /// Says what the pane would say of records: cut off, changed since they were made, in contradiction with themselves.
    fn doubt(&mut self, files: &dyn Files, (path, format): (&str, Format), id: &str, place: &Location) {
        let Ok(bytes) = files.read(path, LOOKED_THROUGH) else { return };
        let doubts = if format == Format::Bench {
            doubts::<RunSummary>(&bytes, RunSummary::contradiction)
        } else {
            doubts::<ProbeSummary>(&bytes, |_| None)
        };
        for doubt in doubts.into_iter().take(TOLD) {
            let said = format!("the recording {path}: {doubt}");
            let hint =
                format!("what is read from it cannot be relied on; `greenroom record {id}` makes a new one");
            self.problems.push(Diagnostic::error(place.clone(), said).hint(hint));
        }
    }

    /// What is wrong with the recordings themselves.
    pub(super) fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    /// A warning for each pane that is narrower than its recording on a screen of this size.
    pub(super) fn narrow(&self, deck: &Arc<Deck>, size: Size) -> Vec<Diagnostic> {
        let narrow = |PaneRoom { slide, spec, size: room }: PaneRoom| {
            let path = spec.demo.tape?;
            let columns = *self.columns.get(&path)?;
            if columns <= room.columns {
                return None;
            }
            let origin = &deck.slides.get(slide)?.origin;
            let name = deck.name(slide);
            let place = Location {
                line: origin.line.max(1),
                length: name.chars().count().max(1),
                text: name,
                ..Location::file(&origin.file)
            };
            let said = format!(
                "the recording {path} is wider than its pane at {}x{}: {columns} columns, of which {} show",
                size.columns, size.rows, room.columns
            );
            Some(Diagnostic::warning(place, said).hint(format!(
                "`greenroom record {} --size {}x{}` makes one that fits; on the stage < and > move what shows",
                spec.id,
                room.columns,
                room.rows.max(3)
            )))
        };
        headless::rooms(deck, size).into_iter().filter_map(narrow).collect()
    }

    /// Prints what is wrong with those that are there to stderr: what is made meanwhile is whole, but for their
    /// panes.
    pub(super) fn warn(&self) {
        print(self.problems.iter().skip(self.missing));
    }

    /// The same, and which are wider than their panes on a screen of this size.
    pub(super) fn warn_at(&self, deck: &Arc<Deck>, size: Size) {
        self.warn();
        print(&self.narrow(deck, size));
    }
}

/// What is wrong with records that should be whole.
fn doubts<T: Tally>(bytes: &[u8], contradiction: fn(&T) -> Option<&'static str>) -> Vec<String> {
    let reader = RecordReader::<T>::of(bytes);
    reader.doubts(true, contradiction(reader.tally()))
}

fn print<'a>(problems: impl IntoIterator<Item = &'a Diagnostic>) {
    for problem in problems {
        let _ = say::err().problem(problem);
    }
}
