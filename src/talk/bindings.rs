//! Which of the stage's actions a person can choose the keys of, and which of them are looked for together.

use super::keys::{CONSENT, GOTO, IN_PANE, OF_FOCUSED, OF_SLIDE, OVERVIEW, RECORDING, SEARCH, find};
use crate::keys::{Bindable, CLICKERS, HELP, Keymap, Situation, Takes};

/// All of them by the titles of their groups, in the order of the help.
#[must_use]
pub fn bindable() -> Vec<(&'static str, Vec<Bindable>)> {
    let mut all: Vec<_> = OF_SLIDE.iter().map(|group| (group.title, group.bindable().collect())).collect();
    all.push(("A recording that has the keyboard", RECORDING.bindable().collect()));
    all.push((IN_PANE.title, IN_PANE.bindable().collect()));
    all.push((CONSENT.title, CONSENT.bindable().collect()));
    all.push((OVERVIEW.title, OVERVIEW.bindable().collect()));
    all.push((SEARCH.title, SEARCH.bindable().collect()));
    all.push((GOTO.title, GOTO.bindable().collect()));
    all.push((HELP.title, HELP.bindable().collect()));
    all
}

/// Actions that cannot be without a key, since they lead out of where a person is.
pub const WAYS_OUT: [&str; 5] = ["quit", "leave-pane", "leave-program", "agree", "refuse"];

/// What shares its keys.
#[must_use]
pub fn situations() -> Vec<Situation> {
    const ANYWHERE: [&str; 2] = ["repaint", "suspend"];
    let slide: Vec<&str> = OF_SLIDE.iter().flat_map(|group| group.names()).collect();
    let pane = RECORDING.names().chain(OF_FOCUSED).chain(["leave-pane", "scroll-back", "scroll-forward"]);
    let of = |name, actions: Vec<&'static str>, takes| Situation { name, actions, takes };
    vec![
        of("on a slide", slide, Takes::Slides),
        of("in a pane that has the keyboard", pane.collect(), Takes::Slides),
        of(
            "in a program that has the keyboard",
            vec!["leave-program", "scroll-back", "scroll-forward"],
            Takes::Program,
        ),
        of("at the question before anything runs", CONSENT.names().chain(ANYWHERE).collect(), Takes::Closing),
        of("in the overview", OVERVIEW.names().chain(ANYWHERE).collect(), Takes::Text),
        of("in the search", SEARCH.names().chain(ANYWHERE).collect(), Takes::Text),
        of("while a number is typed", GOTO.names().chain(ANYWHERE).collect(), Takes::Digits),
        of("in the help", HELP.names().chain(ANYWHERE).collect(), Takes::Closing),
    ]
}

/// A key of a clicker, and what it does on a slide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClickerKey {
    /// The makes and models.
    pub clicker: &'static str,
    /// What the button is for.
    pub button: &'static str,
    /// How the key is named.
    pub key: String,
    /// The action that it asks for; none where nothing answers to it.
    pub action: Option<&'static str>,
}

/// What the keys of the clickers that are known do, with a person's own keys.
#[must_use]
pub fn clickers(keymap: &Keymap) -> Vec<ClickerKey> {
    let mut all = Vec::new();
    for clicker in CLICKERS {
        for (button, keys) in clicker.buttons {
            all.extend(keys.iter().map(|key| ClickerKey {
                clicker: clicker.name,
                button,
                key: key.named(),
                action: find(keymap, *key).map(|action| action.name),
            }));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key;

    #[test]
    fn every_key_of_every_clicker_does_something_that_cannot_hurt() {
        let harmless = ["next", "previous", "down", "up", "blank", "show-slide", "focus-pane", "next-slide"];
        for told in clickers(&Keymap::default()) {
            let action = told.action.unwrap_or_default();
            assert!(harmless.contains(&action), "{told:?}");
        }
    }

    #[test]
    fn no_key_stands_for_two_actions_of_a_situation_and_every_action_is_in_one() {
        let all: Vec<Bindable> = bindable().into_iter().flat_map(|(_, actions)| actions).collect();
        let keys = |name: &str| all.iter().find(|action| action.name == name).map(|action| action.keys);
        for situation in situations() {
            let mut seen: Vec<(Key, &str)> = Vec::new();
            for name in &situation.actions {
                for key in keys(name).unwrap_or_else(|| panic!("{name} is no action")) {
                    let taken = seen.iter().find(|(other, _)| other.once() == key.once());
                    assert_eq!(taken, None, "{key:?} of {name} {}", situation.name);
                    seen.push((*key, name));
                }
            }
        }
        for (at, action) in all.iter().enumerate() {
            assert!(situations().iter().any(|situation| situation.actions.contains(&action.name)));
            assert!(all[..at].iter().all(|other| other.name != action.name), "{} twice", action.name);
        }
        assert!(WAYS_OUT.iter().all(|name| keys(name).is_some()));
    }
}
