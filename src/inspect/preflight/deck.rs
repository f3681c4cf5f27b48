//! What is in the deck itself.

use std::collections::BTreeSet;

use super::{Finding, Surroundings};
use crate::headless;
use crate::inspect::minutes::Minutes;
use crate::inspect::slides as shown;
use greenroom_base::counted::counted;
use greenroom_base::diag::{Diagnostic, Severity};
use greenroom_base::run::Size;

/// Most slides or files that are named.
const NAMED: usize = 4;

/// The mistakes in its text.
pub(super) fn deck(around: &Surroundings, _: Size) -> Vec<Finding> {
    let problems = &around.deck.problems;
    let of = |severity| problems.iter().filter(|problem| problem.severity == severity).collect::<Vec<_>>();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let all = format!("greenroom check{} shows each", around.named);
    let mut found = Vec::new();
    if let Some(first) = errors.first() {
        let what = format!("{}; {}", counted(errors.len(), "mistake"), told(first));
        found.push(Finding::red(what, all.clone()));
    }
    if let Some(first) = warnings.first() {
        found.push(Finding::amber(format!("{}; {}", counted(warnings.len(), "warning"), told(first)), all));
    }
    if found.is_empty() {
        found.push(Finding::green(format!("{}, no mistake", counted(around.deck.slides.len(), "slide"))));
    }
    found
}

/// `s.md:3: what is wrong`
pub(super) fn told(problem: &Diagnostic) -> String {
    match &problem.place {
        Some(place) => format!("{}:{}: {}", place.file, place.line, problem.message),
        None => problem.message.clone(),
    }
}

/// Slides that have to be scrolled at this size, and code whose lines are broken.
pub(super) fn slides(around: &Surroundings, size: Size) -> Vec<Finding> {
    let Size { columns, rows } = size;
    let (mut long, mut broken) = (Vec::new(), Vec::new());
    for fit in headless::fits(&around.deck, size) {
        if fit.overflow > 0 {
            long.push(format!("{} by {}", fit.slide + 1, counted(fit.overflow as usize, "row")));
        }
        if fit.breaks_code {
            broken.push((fit.slide + 1).to_string());
        }
    }
    let mut found = Vec::new();
    if !long.is_empty() {
        let what = format!("{} too long for {columns}x{rows}: {}", are(long.len()), few(&long));
        found.push(Finding::red(
            what,
            "a larger window or a smaller font; or split them: on the stage they scroll",
        ));
    }
    if !broken.is_empty() {
        let what = format!(
            "{} with code that is broken into lines: {}",
            counted(broken.len(), "slide"),
            few(&broken)
        );
        found.push(Finding::amber(what, "a wider window, or shorter lines"));
    }
    if found.is_empty() {
        found.push(Finding::green(format!("each fits {columns}x{rows}")));
    }
    found
}

fn are(slides: usize) -> String {
    format!("{} {}", counted(slides, "slide"), if slides == 1 { "is" } else { "are" })
}

/// The first of `all`, and how many more there are.
fn few(all: &[String]) -> String {
    let first = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match all.len().checked_sub(NAMED).filter(|more| *more > 0) {
        Some(more) => format!("{first} and {more} more"),
        None => first,
    }
}

/// Pictures that are missing, cannot be read, or lose something.
pub(super) fn pictures(around: &Surroundings, _: Size) -> Vec<Finding> {
    let files = &*around.located.files;
    let problems = shown::pictures(&around.deck, files);
    let slides = 0..around.deck.slides.len();
    let all: BTreeSet<String> = slides.flat_map(|slide| around.deck.pictures(slide)).collect();
    if all.is_empty() {
        return Vec::new();
    }
    if problems.is_empty() {
        return vec![Finding::green(format!("{} there", counted(all.len(), "picture")))];
    }
    problems.iter().map(finding).collect()
}

/// A problem of `check` as a line of the page.
pub(super) fn finding(problem: &Diagnostic) -> Finding {
    let hint = problem.hint.clone().unwrap_or_default();
    match problem.severity {
        Severity::Error => Finding::red(told(problem), hint),
        Severity::Warning => Finding::amber(told(problem), hint),
    }
}

/// What the notes and demos take, against the plan.
pub(super) fn time(around: &Surroundings, _: Size) -> Vec<Finding> {
    let Some(minutes) = Minutes::of(&around.deck, &*around.located.files) else { return Vec::new() };
    let problems = minutes.problems(&around.located.entry);
    if problems.is_empty() {
        return vec![Finding::green(minutes.sum())];
    }
    problems
        .into_iter()
        .map(|problem| Finding::amber(problem.message, problem.hint.unwrap_or_default()))
        .collect()
}
