//! The presenter view's own keys: one row an action. Every other key is the stage's.

use super::{Effect, NotesHeight, Over, PresenterView};
use crate::keys::About::{self, Above, Line};
use crate::keys::{Action, Bindable, Group, Key, Keymap, Situation, Takes, ch, ctrl};

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

/// The notes.
const NOTES: Group<Handler> = Group {
    title: "Notes",
    actions: &[
        row("notes-down", &[ch('J')], Here(|view| view.scroll_down(1)), Line("scroll the notes")),
        row("notes-up", &[ch('K')], Here(|view| view.scroll_up(1)), Above),
        row("notes-page-down", &[ctrl('d')], Here(|view| view.scroll_down(8)), Line("scroll by eight lines")),
        row("notes-page-up", &[ctrl('u')], Here(|view| view.scroll_up(8)), Above),
        row("more-notes", &[ch('+'), ch('=')], Here(PresenterView::enlarge), Line("more, less room")),
        row("fewer-notes", &[ch('-')], Here(PresenterView::shrink), Above),
    ],
    others: &[],
};

/// The view itself.
const VIEW: Group<Handler> = Group {
    title: "Presenter view",
    actions: &[
        row("address", &[ch('Q')], Anywhere(PresenterView::next_address), Line("QR: phone, audience")),
        row("repaint-view", &[ctrl('l')], Anywhere(|_| Some(Effect::Repaint)), Line("repaint this view")),
        row("view-help", &[ch('?')], Here(PresenterView::help), Line("this help")),
        row(
            "quit-view",
            &[ch('q'), ctrl('c')],
            Here(|_| Some(Effect::Quit)),
            Line("quit; the stage goes on"),
        ),
    ],
    others: &[("any other", "as on the stage, below")],
};

/// The keys, in the order of the help.
pub const KEYS: [&Group<Handler>; 2] = [&VIEW, &NOTES];

/// What a person can choose the keys of, by the titles of their groups.
#[must_use]
pub fn bindable() -> Vec<(&'static str, Vec<Bindable>)> {
    KEYS.iter().map(|group| (group.title, group.bindable().collect())).collect()
}

/// What shares its keys here.
#[must_use]
pub fn situation() -> Situation {
    let actions = KEYS.iter().flat_map(|group| group.names()).collect();
    Situation { name: "in the presenter view", actions, takes: Takes::Nothing }
}

/// The action that `key` asks for.
pub(super) fn find(keymap: &Keymap, key: Key) -> Option<&'static Action<Handler>> {
    KEYS.iter().find_map(|group| group.find(keymap, key))
}

/// The first key of the action of this name, as the help names it.
#[must_use]
pub fn key_name(keymap: &Keymap, name: &str) -> Option<String> {
    let action = KEYS.iter().flat_map(|group| group.actions).find(|action| action.name == name)?;
    keymap.of(action).first().map(Key::named)
}

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
            Over::Help(_) | Over::Audience => Over::Nothing,
        };
        None
    }

    fn help(&mut self) -> Option<Effect> {
        self.over = Over::Help(0);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things_and_no_name_stands_twice() {
        let actions = || KEYS.iter().flat_map(|group| group.actions);
        let keys: Vec<&Key> = actions().flat_map(|action| action.keys).collect();
        assert!(keys.iter().enumerate().all(|(at, key)| !keys[..at].contains(key)), "{keys:?}");
        let names: Vec<&str> = actions().map(|action| action.name).collect();
        assert!(names.iter().enumerate().all(|(at, name)| !names[..at].contains(name)), "{names:?}");
    }
}
