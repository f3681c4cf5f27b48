//! The presenter view's own keys: one row an action. Every other key is the stage's.

use super::{Effect, NotesHeight, Over, PresenterView};
use crate::keys::About::{self, Above, Line};
use crate::keys::{Action, Group, Key, ch, ctrl};

/// What an action does to the view, and what the terminal has to do for it.
type Handle = fn(&mut PresenterView) -> Option<Effect>;

/// What handles an action.
#[derive(Debug, Clone, Copy)]
pub enum Handler {
    /// While nothing lies over the view.
    Here(Handle),
    /// Whatever lies over it.
    Anywhere(Handle),
}

use Handler::{Anywhere, Here};

const fn row(name: &'static str, keys: &'static [Key], handler: Handler, about: About) -> Action<Handler> {
    Action::new(name, keys, handler, about)
}

/// The keys, in the order of the help.
pub const KEYS: Group<Handler> = Group {
    title: "Keys of the presenter view",
    actions: &[
        row("notes-down", &[ch('J')], Here(|view| view.scroll_down(1)), Line("scroll the notes")),
        row("notes-up", &[ch('K')], Here(|view| view.scroll_up(1)), Above),
        row(
            "notes-page-down",
            &[ctrl('d')],
            Here(|view| view.scroll_down(8)),
            Line("scroll them by half a screen"),
        ),
        row("notes-page-up", &[ctrl('u')], Here(|view| view.scroll_up(8)), Above),
        row(
            "more-notes",
            &[ch('+'), ch('=')],
            Here(PresenterView::enlarge),
            Line("more or less room for the notes"),
        ),
        row("fewer-notes", &[ch('-')], Here(PresenterView::shrink), Above),
        row(
            "address",
            &[ch('Q')],
            Anywhere(PresenterView::next_address),
            Line("the remote's address as a QR code; again: the audience's"),
        ),
        row(
            "repaint-view",
            &[ctrl('l')],
            Anywhere(|_| Some(Effect::Repaint)),
            Line("repaint this view; r repaints the stage as well"),
        ),
        row("view-help", &[ch('?')], Here(PresenterView::help), Line("this help")),
        row(
            "quit-view",
            &[ch('q'), ctrl('c')],
            Here(|_| Some(Effect::Quit)),
            Line("leave; the stage goes on"),
        ),
    ],
    others: &[("any other key", "is the stage's: → ← o s / x v b t …")],
};

impl PresenterView {
    fn scroll_down(&mut self, rows: u32) -> Option<Effect> {
        self.scroll = self.scroll.saturating_add(rows);
        None
    }

    fn scroll_up(&mut self, rows: u32) -> Option<Effect> {
        self.scroll = self.scroll.saturating_sub(rows);
        None
    }

    fn enlarge(&mut self) -> Option<Effect> {
        self.room = if self.room == NotesHeight::Little { NotesHeight::Half } else { NotesHeight::Most };
        None
    }

    fn shrink(&mut self) -> Option<Effect> {
        self.room = if self.room == NotesHeight::Most { NotesHeight::Half } else { NotesHeight::Little };
        None
    }

    /// The remote's address: for the speaker, then for the audience; what else lies over the view goes, as by any key.
    fn next_address(&mut self) -> Option<Effect> {
        self.over = match self.over {
            Over::Nothing => Over::Speaker,
            Over::Speaker => Over::Audience,
            Over::Help | Over::Audience => Over::Nothing,
        };
        None
    }

    fn help(&mut self) -> Option<Effect> {
        self.over = Over::Help;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things_and_no_name_stands_twice() {
        let keys: Vec<&Key> = KEYS.actions.iter().flat_map(|action| action.keys).collect();
        assert!(keys.iter().enumerate().all(|(at, key)| !keys[..at].contains(key)), "{keys:?}");
        let names: Vec<&str> = KEYS.actions.iter().map(|action| action.name).collect();
        assert!(names.iter().enumerate().all(|(at, name)| !names[..at].contains(name)), "{names:?}");
    }
}
