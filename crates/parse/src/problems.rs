//! Collects what is wrong, and stops before the list is longer than anybody reads.

use greenroom_base::diag::{Diagnostic, Severity};
use greenroom_base::text::clean_line;
use greenroom_deck::Deck;

/// Problems of a deck, in the order of its sources.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<Diagnostic>,
    /// Whether the last one says that there are more.
    full: bool,
}

impl Problems {
    /// Adds `problem`, made harmless; gives it back when it was listed, for the slide that it concerns.
    pub(super) fn add(&mut self, mut problem: Diagnostic) -> Option<Diagnostic> {
        if self.full {
            return None;
        }
        if self.list.len() >= Deck::MAX_PROBLEMS {
            self.full = true;
            self.list.push(Diagnostic {
                severity: Severity::Error,
                message: format!(
                    "there are more than {} problems; the others are not listed",
                    Deck::MAX_PROBLEMS
                ),
                place: None,
                hint: None,
            });
            return None;
        }
        problem.message = clean_line(&problem.message).into_owned();
        problem.hint = problem.hint.map(|hint| clean_line(&hint).into_owned());
        self.list.push(problem.clone());
        Some(problem)
    }

    /// Whether further problems would not be listed: nobody needs to look for their places.
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    pub(super) fn into_list(self) -> Vec<Diagnostic> {
        self.list
    }
}
