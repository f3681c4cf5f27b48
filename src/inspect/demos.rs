//! What the demos of a deck start, and what they have recorded.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::report::{CheckItem, Report};
use crate::decks::Located;
use crate::inspect::tapes::{TapeState, Tapes};
use crate::runner::packages::kind_of;
use greenroom_base::files::{beside, normalize};
use greenroom_bench::probe::is_python;
use greenroom_deck::{Deck, DemoKind, RuntimeName};
use greenroom_python::Places;
use greenroom_python::runtime::Kind;

const DEMOS: &str = "Demos";

/// Where programs are looked for.
pub(crate) struct Where<'a> {
    /// The deck.
    pub located: &'a Located,
    /// The folders of `PATH`.
    pub places: &'a Places,
    /// The `bin` of each environment that is made.
    pub bins: &'a BTreeMap<Kind, PathBuf>,
}

/// For each demo, whether its programs are there. None of them is run.
pub(crate) fn commands(report: &mut Report, deck: &Deck, place: &Where<'_>) {
    for (name, demo) in deck.demos() {
        let scenario = demo.scenario.as_ref().and_then(|path| Some((path, deck.scenarios.get(path)?)));
        if let (DemoKind::Bench, Some((path, scenario))) = (demo.kind, scenario) {
            let directory = normalize(&beside(path, scenario.directory.as_deref().unwrap_or(".")));
            for variant in &scenario.variants {
                let own = variant.env.get("PATH").or_else(|| scenario.env.get("PATH"));
                let look =
                    ProgramSearch { place, directory: directory.as_deref(), own, runtime: variant.runtime };
                report.add_if(DEMOS, look.item(&format!("{name}: {}", variant.name), &variant.command));
            }
            continue;
        }
        // A probe in Python runs on the interpreters above.
        let on_both = demo.kind == DemoKind::Probe && is_python(&demo.command);
        let runtime = demo.runtime.or(on_both.then_some(RuntimeName::FreeThreaded));
        let look =
            ProgramSearch { place, directory: demo.directory.as_deref(), own: demo.env.get("PATH"), runtime };
        report.add_if(DEMOS, look.item(&name, &demo.command));
    }
}

/// How one program is looked for.
struct ProgramSearch<'a> {
    place: &'a Where<'a>,
    /// Where it is started, relative to the deck's folder.
    directory: Option<&'a str>,
    /// A `PATH` of its own.
    own: Option<&'a String>,
    /// The environment it is started in.
    runtime: Option<RuntimeName>,
}

/// What came of looking.
enum ProgramFound {
    /// It can be run.
    At(String),
    /// It is there, and may not be run.
    NotExecutable,
    /// It is not there.
    Nowhere,
    /// It would be in an environment that is not made.
    Later,
}

impl ProgramSearch<'_> {
    fn item(&self, name: &str, command: &[String]) -> Option<CheckItem> {
        let program = command.first()?;
        let fix = "install it, or correct the demo's command";
        Some(match self.find(program) {
            ProgramFound::At(place) if place == *program => CheckItem::good(name, program.clone()),
            ProgramFound::At(place) => CheckItem::good(name, format!("{program} ({place})")),
            ProgramFound::NotExecutable => {
                CheckItem::absent(name, format!("{program} may not be run"), format!("chmod +x {program}"))
            }
            ProgramFound::Later => {
                CheckItem::absent(name, format!("{program}: its environment is not made"), "greenroom setup")
            }
            ProgramFound::Nowhere if program.contains('/') => {
                CheckItem::absent(name, format!("{program} is not there"), fix)
            }
            ProgramFound::Nowhere => CheckItem::absent(name, format!("{program} is not in PATH"), fix),
        })
    }

    fn find(&self, program: &str) -> ProgramFound {
        let folder = self.place.located.folder.as_deref();
        let directory = folder.map(|folder| folder.join(self.directory.unwrap_or(".")));
        if !program.contains('/') {
            return self.in_path(program, directory.as_deref().unwrap_or(Path::new("/")));
        }
        if let Some(directory) = directory {
            return look_at(&directory.join(program)).unwrap_or(ProgramFound::Nowhere);
        }
        if program.starts_with('/') {
            return look_at(Path::new(program)).unwrap_or(ProgramFound::Nowhere);
        }
        // It is written to the disk before it runs.
        let inside = format!("{}/{program}", self.directory.unwrap_or("."));
        match normalize(&inside).map(|path| (self.place.located.files.head(&path, 1), path)) {
            Some((Ok(_), path)) => ProgramFound::At(path),
            _ => ProgramFound::Nowhere,
        }
    }

    /// As the shell looks for it, after the environment that the demo runs in.
    fn in_path(&self, program: &str, directory: &Path) -> ProgramFound {
        let bin = self.runtime.map(|name| self.place.bins.get(&kind_of(name)));
        let folders: Vec<PathBuf> = match self.own {
            Some(path) => std::env::split_paths(path).map(|folder| directory.join(folder)).collect(),
            None => self.place.places.path.clone(),
        };
        if bin == Some(None) && is_python(&[program.to_owned()]) {
            return ProgramFound::Later;
        }
        let mut seen = ProgramFound::Nowhere;
        for folder in bin.flatten().into_iter().chain(&folders) {
            match look_at(&folder.join(program)) {
                Some(found @ ProgramFound::At(_)) => return found,
                Some(other) => seen = other,
                None => {}
            }
        }
        if bin == Some(None) { ProgramFound::Later } else { seen }
    }
}

/// What is at `path`; nothing when nothing is.
fn look_at(path: &Path) -> Option<ProgramFound> {
    use std::os::unix::fs::PermissionsExt;
    let about = fs::metadata(path).ok()?;
    let runs = about.is_file() && about.permissions().mode() & 0o111 != 0;
    Some(if runs { ProgramFound::At(path.display().to_string()) } else { ProgramFound::NotExecutable })
}

const RECORDINGS: &str = "Recordings";

/// Whether each recording plays.
pub(crate) fn recordings(report: &mut Report, tapes: &Tapes, named: &str) {
    for looked in tapes.each() {
        let (name, path) = (looked.demos.join(", "), &looked.path);
        let record = format!("greenroom record {}{named}", looked.demos.first().map_or("", String::as_str));
        let item = match &looked.state {
            TapeState::Missing => CheckItem::absent(&name, format!("{path} is not there"), record),
            TapeState::Unplayable(reason) => CheckItem::broken(
                &name,
                format!("{path} does not play: {reason}"),
                format!("{record} makes it anew"),
            ),
            TapeState::Plays { day } => {
                let day = day.as_ref().map_or(String::new(), |day| format!(", from {day}"));
                let mut facts = format!("{path} plays{day}");
                for problem in &looked.problems {
                    facts.push('\n');
                    facts.push_str(&problem.message);
                }
                if looked.problems.is_empty() {
                    CheckItem::good(&name, facts)
                } else {
                    CheckItem::doubtful(&name, facts, format!("{record} makes it anew"))
                }
            }
        };
        report.add(RECORDINGS, item);
    }
}
