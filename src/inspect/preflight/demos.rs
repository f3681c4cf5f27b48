//! What the deck's demos need. None of them is run, and nothing is asked of a program in the deck.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Notify;

use super::deck::{finding, told};
use super::{Finding, Surroundings};
use crate::inspect::demos as programs;
use crate::inspect::needs::{self, Ask, Uses};
use crate::inspect::python::NO_INTERPRETER;
use crate::inspect::report::{CheckItem, CheckState, Report};
use crate::inspect::tapes::TapeState;
use crate::runner::Runner;
use greenroom_base::counted::counted;
use greenroom_base::run::Size;
use greenroom_deck::{Demo, launch};
use greenroom_python::Scope;
use greenroom_python::runtime::Kind;
use greenroom_system::pty::Launcher;

/// Most files that are named as changed.
const NAMED: usize = 3;

/// The deck's interpreters and environments.
pub(super) struct Pythons {
    report: Report,
    bins: BTreeMap<Kind, PathBuf>,
    uses: Uses,
}

fn pythons(around: &Surroundings) -> &Pythons {
    around.pythons.get_or_init(|| {
        let uses = Uses::of(&around.deck, around.lock.as_ref().is_ok_and(|lock| !lock.is_empty()));
        let mut report = Report::default();
        let Surroundings { deck, located, places, lock, .. } = around;
        let ask = Ask { deck, located, places, lock, uses: &uses };
        let how = (&around.wanted, Scope::Needed);
        let (_, bins) = needs::runtimes(&mut report, &ask, how, &around.named);
        Pythons { report, bins, uses }
    })
}

/// Whether a recording can stand in for the demo.
fn has_recording(around: &Surroundings, demo: &Demo) -> bool {
    let plays = |path: &String| {
        let looked = around.tapes().each().iter().find(|looked| looked.path == *path);
        looked.is_some_and(|looked| matches!(looked.state, TapeState::Plays { .. }))
    };
    demo.tape.as_ref().is_some_and(plays)
}

/// Programs that cannot be started: red where no recording can stand in.
pub(super) fn commands(around: &Surroundings, _: Size) -> Vec<Finding> {
    let demos: BTreeMap<String, Demo> = around.deck.demos().into_iter().collect();
    if demos.is_empty() {
        return Vec::new();
    }
    let place =
        programs::Where { located: &around.located, places: &around.places, bins: &pythons(around).bins };
    let mut report = Report::default();
    programs::commands(&mut report, &around.deck, &place);
    let stands_in = |item: &CheckItem| {
        // A bench has an item for each variant.
        let demo = demos.get(item.name()).or_else(|| demos.get(item.name().split(": ").next()?));
        demo.is_some_and(|demo| has_recording(around, demo))
    };
    let mut later = Vec::new();
    let mut found = Vec::new();
    let mut there = 0;
    for item in report.items() {
        let what = format!("{}: {}", item.name(), item.facts());
        match item.state() {
            CheckState::Good | CheckState::Note => there += 1,
            // The row of the environments says it once.
            _ if item.fix().starts_with("greenroom setup") => later.push(item.name()),
            _ if stands_in(item) => {
                found.push(Finding::amber(format!("{what}; its recording plays"), item.fix()));
            }
            _ => found.push(Finding::red(what, item.fix())),
        }
    }
    if there > 0 || found.is_empty() && later.is_empty() {
        found.insert(0, Finding::green(format!("{} found", counted(there, "program"))));
    }
    if !later.is_empty() {
        let what = format!("{} in an environment that is not made", counted(later.len(), "program"));
        let fix = format!("greenroom setup{}", around.named);
        let alone = report.items().iter().any(|item| later.contains(&item.name()) && !stands_in(item));
        found.push(if alone {
            Finding::red(what, fix)
        } else {
            Finding::amber(format!("{what}; recordings play"), fix)
        });
    }
    found
}

/// Interpreters and environments of a deck that uses Python.
pub(super) fn environments(around: &Surroundings, _: Size) -> Vec<Finding> {
    let Pythons { report, uses, .. } = pythons(around);
    if uses.pythons.is_empty() && report.items().is_empty() {
        return Vec::new();
    }
    let demos = around.deck.demos();
    let recorded = demos.iter().all(|(_, demo)| has_recording(around, demo));
    let mut found: Vec<Finding> = report.items().iter().filter_map(|item| item_of(item, recorded)).collect();
    // One line for what one setup mends.
    found.dedup_by(|after, before| {
        after.fix == before.fix && {
            before.what.push_str("; ");
            before.what.push_str(&after.what);
            true
        }
    });
    if found.is_empty() {
        let versions = report.items().iter().filter(|item| item.state() == CheckState::Good);
        let named: Vec<&str> = versions.map(CheckItem::name).collect::<BTreeSet<_>>().into_iter().collect();
        found.push(Finding::green(format!("ready: {}", named.join(", "))));
    }
    found
}

/// A line of `doctor`, if something is wrong: what is absent is amber where recordings can stand in.
fn item_of(item: &CheckItem, recorded: bool) -> Option<Finding> {
    let what = format!("{}: {}", item.name(), item.facts().replace('\n', ", "));
    match item.state() {
        CheckState::Good | CheckState::Note => None,
        // Its own line says that the interpreter is not there.
        CheckState::Absent if item.facts() == NO_INTERPRETER => None,
        CheckState::Absent if recorded => Some(Finding::amber(what, item.fix())),
        CheckState::Doubtful => Some(Finding::amber(what, item.fix())),
        CheckState::Absent | CheckState::Broken => Some(Finding::red(what, item.fix())),
    }
}

/// The database server of a deck that uses one.
pub(super) fn database(around: &Surroundings, _: Size) -> Vec<Finding> {
    if !Uses::of(&around.deck, false).postgresql {
        return Vec::new();
    }
    let demos = around.deck.demos();
    let recorded = demos.iter().all(|(_, demo)| has_recording(around, demo));
    let mut report = Report::default();
    needs::database(&mut report, &around.places);
    let mut found: Vec<Finding> = report.items().iter().filter_map(|item| item_of(item, recorded)).collect();
    if found.is_empty() {
        let facts = report.items().iter().find(|item| item.state() == CheckState::Good);
        found.push(Finding::green(
            facts.map_or("there", |item| item.facts()).lines().next().unwrap_or("there"),
        ));
    }
    found
}

/// Recordings that are missing, do not play, or are not what the demos are now.
pub(super) fn recordings(around: &Surroundings, _: Size) -> Vec<Finding> {
    let tapes = around.tapes();
    if tapes.each().is_empty() {
        return Vec::new();
    }
    let mut found: Vec<Finding> = tapes.problems().map(finding).collect();
    let days = || {
        tapes.each().iter().filter_map(|looked| match &looked.state {
            TapeState::Plays { day } => day.as_deref(),
            _ => None,
        })
    };
    let play = tapes.each().iter().filter(|looked| looked.problems.is_empty()).count();
    if play > 0 {
        let from = match (days().min(), days().max()) {
            (Some(first), Some(last)) if first != last => format!(", from {first} to {last}"),
            (Some(day), _) => format!(", from {day}"),
            _ => String::new(),
        };
        found.insert(0, Finding::green(format!("{} to the end{from}", plays(play))));
    }
    found
}

fn plays(count: usize) -> String {
    format!("{} {}", counted(count, "recording"), if count == 1 { "plays" } else { "play" })
}

/// Recordings of which a pane shows a part only, at this size.
pub(super) fn panes(around: &Surroundings, size: Size) -> Vec<Finding> {
    let tapes = around.tapes();
    if tapes.each().is_empty() {
        return Vec::new();
    }
    let narrow = tapes.narrow(&around.deck, size);
    if narrow.is_empty() {
        return vec![Finding::green(format!("recordings fit them at {}x{}", size.columns, size.rows))];
    }
    narrow
        .iter()
        .map(|problem| Finding::amber(told(problem), problem.hint.clone().unwrap_or_default()))
        .collect()
}

/// Whether what the deck starts may run.
pub(super) fn consent(around: &Surroundings, _: Size) -> Vec<Finding> {
    let count = launch::all(&around.deck).len();
    if count == 0 {
        return Vec::new();
    }
    if around.located.folder.is_none() && around.located.packed.is_none() {
        return vec![Finding::green("the built-in talk needs none")];
    }
    let nobody = Launcher::of(PathBuf::new());
    let runner = Runner::new(&around.located, nobody, Arc::new(Notify::new()), Instant::now());
    let runs = counted(count, "command");
    match runner.asks(&around.deck) {
        Ok(None) => vec![Finding::green(format!("given, for {runs} as they are now"))],
        Ok(Some(asked)) => {
            let since = match asked.changed.as_slice() {
                [] => String::new(),
                changed => {
                    let named = changed.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
                    let more = changed.len().checked_sub(NAMED).filter(|more| *more > 0);
                    let more = more.map_or(String::new(), |more| format!(" and {more} more"));
                    format!(": since you last agreed, {named}{more} changed")
                }
            };
            vec![Finding::amber(
                format!("not given for {runs}{since}"),
                format!(
                    "greenroom{}, then x on a slide with a demo: it shows the commands, and y agrees",
                    around.named
                ),
            )]
        }
        Err(error) => vec![Finding::red(error.to_string(), "until then nothing of the deck runs")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::preflight::Light;

    #[test]
    fn what_is_absent_is_amber_where_recordings_stand_in_and_red_where_not() {
        let absent = CheckItem::absent("server", "no postgres".to_owned(), "install it");
        let light = |item: &CheckItem, recorded| item_of(item, recorded).map(|finding| finding.light);
        assert_eq!(light(&absent, true), Some(Light::Amber));
        assert_eq!(light(&absent, false), Some(Light::Red));
        assert_eq!(light(&CheckItem::broken("x", "", ""), true), Some(Light::Red));
        assert_eq!(light(&CheckItem::doubtful("x", "", ""), false), Some(Light::Amber));
        assert_eq!(light(&CheckItem::good("x", String::new()), false), None);
    }
}
