//! The keys of what lies over the slide, and of a pane that has the keyboard.

use crossterm::event::KeyCode;

use crate::keys::About::Untold;
use crate::keys::{Action, Group, Key, ch, ctrl, plain, shift};

const fn row<F>(name: &'static str, keys: &'static [Key], handler: F) -> Action<F> {
    Action { name, keys, handler, about: Untold }
}

/// What a key does in a pane that has the keyboard, beside what the slide's keys do there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::talk) enum PaneKey {
    /// Leaves the pane, where no program takes the key.
    Leave,
    /// Leaves it, and a program in it goes on.
    LeaveProgram,
    /// Shows earlier lines.
    ScrollBack,
    /// Shows later ones.
    ScrollForward,
}

/// In a pane that has the keyboard. A program there gets every key but those of the last three rows.
pub(in crate::talk) const IN_PANE: Group<PaneKey> = Group {
    title: "In a pane",
    actions: &[
        row("leave-pane", &[plain(KeyCode::Esc)], PaneKey::Leave),
        row("leave-program", &[plain(KeyCode::Esc).twice()], PaneKey::LeaveProgram),
        row("scroll-back", &[shift(KeyCode::PageUp)], PaneKey::ScrollBack),
        row("scroll-forward", &[shift(KeyCode::PageDown)], PaneKey::ScrollForward),
    ],
    others: &[],
};

/// What a key answers to the question whether a deck may run what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::talk) enum ConsentKey {
    /// Yes.
    Agree,
    /// No.
    Refuse,
    /// Nothing: shows so many rows further down, or up when below zero.
    Rows(isize),
    /// So many times as many as show.
    Pages(isize),
    /// The first ones.
    First,
    /// The last ones.
    Last,
}

/// The question whether a deck may run what it says.
pub(in crate::talk) const CONSENT: Group<ConsentKey> = Group {
    title: "The question before anything runs",
    actions: &[
        row("agree", &[ch('y'), ch('Y')], ConsentKey::Agree),
        row("refuse", &[ch('n'), ch('N'), ch('q'), plain(KeyCode::Esc)], ConsentKey::Refuse),
        row("question-down", &[plain(KeyCode::Down), ch('j')], ConsentKey::Rows(1)),
        row("question-up", &[plain(KeyCode::Up), ch('k')], ConsentKey::Rows(-1)),
        row("question-page-down", &[ch(' '), plain(KeyCode::PageDown)], ConsentKey::Pages(1)),
        row("question-page-up", &[plain(KeyCode::PageUp)], ConsentKey::Pages(-1)),
        row("question-start", &[plain(KeyCode::Home)], ConsentKey::First),
        row("question-end", &[plain(KeyCode::End)], ConsentKey::Last),
    ],
    others: &[],
};

/// What a key does in the overview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::talk) enum OverviewKey {
    /// Goes to the slide that is selected.
    Go,
    /// Closes it.
    Close,
    /// Selects the slide so many further on.
    Slides(isize),
    /// The same for as many as show.
    Pages(isize),
    /// Selects the next section, or the one before.
    Section(bool),
    /// Forgets what is typed.
    Clear,
}

/// The overview. What types a character is typed there; Space goes while nothing is typed.
pub(in crate::talk) const OVERVIEW: Group<OverviewKey> = Group {
    title: "The overview",
    actions: &[
        row("overview-go", &[plain(KeyCode::Enter), ch(' ')], OverviewKey::Go),
        row(
            "overview-close",
            &[plain(KeyCode::Esc), plain(KeyCode::F(5)), shift(KeyCode::F(5))],
            OverviewKey::Close,
        ),
        row("overview-down", &[plain(KeyCode::Down), plain(KeyCode::Tab), ctrl('n')], OverviewKey::Slides(1)),
        row(
            "overview-up",
            &[plain(KeyCode::Up), plain(KeyCode::BackTab), ctrl('p')],
            OverviewKey::Slides(-1),
        ),
        row("overview-page-down", &[plain(KeyCode::PageDown)], OverviewKey::Pages(1)),
        row("overview-page-up", &[plain(KeyCode::PageUp)], OverviewKey::Pages(-1)),
        row("overview-first", &[plain(KeyCode::Home)], OverviewKey::Slides(isize::MIN)),
        row("overview-last", &[plain(KeyCode::End)], OverviewKey::Slides(isize::MAX)),
        row("overview-next-section", &[plain(KeyCode::Right)], OverviewKey::Section(true)),
        row("overview-previous-section", &[plain(KeyCode::Left)], OverviewKey::Section(false)),
        row("overview-clear", &[ctrl('u')], OverviewKey::Clear),
    ],
    others: &[],
};

/// What a key does in the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::talk) enum SearchKey {
    /// Goes to the slide that is selected.
    Go,
    /// Closes it.
    Close,
    /// Selects the next one.
    Down,
    /// Selects the one before.
    Up,
}

/// The search. What types a character is typed there.
pub(in crate::talk) const SEARCH: Group<SearchKey> = Group {
    title: "The search",
    actions: &[
        row("search-go", &[plain(KeyCode::Enter)], SearchKey::Go),
        row(
            "search-close",
            &[plain(KeyCode::Esc), plain(KeyCode::F(5)), shift(KeyCode::F(5))],
            SearchKey::Close,
        ),
        row("search-down", &[plain(KeyCode::Down), plain(KeyCode::Tab)], SearchKey::Down),
        row("search-up", &[plain(KeyCode::Up), plain(KeyCode::BackTab)], SearchKey::Up),
    ],
    others: &[],
};

/// What a key does while a slide's number is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::talk) enum GotoKey {
    /// Goes there.
    Go,
    /// Forgets it.
    Close,
}

/// While a slide's number is typed.
pub(in crate::talk) const GOTO: Group<GotoKey> = Group {
    title: "A slide's number",
    actions: &[
        row("goto-go", &[plain(KeyCode::Enter), ch('g'), ch('G')], GotoKey::Go),
        row("goto-close", &[plain(KeyCode::Esc), plain(KeyCode::F(5)), shift(KeyCode::F(5))], GotoKey::Close),
    ],
    others: &[],
};
