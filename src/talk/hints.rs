//! How the stage's keys are named to people: in borders, notices, questions and the help.

use super::help::ADDRESS;
use super::keys::standard;
use super::{Talk, leave};
use crate::keys::{Key, Keymap, fill};
use greenroom_base::run::{RECORD_KEY, STOP_KEY};

/// The names of the keys that a person has.
#[derive(Debug, Clone, Copy)]
pub struct Hints<'a>(&'a Keymap);

impl<'a> Hints<'a> {
    /// The names of the keys in `keymap`.
    #[must_use]
    pub fn of(keymap: &'a Keymap) -> Self {
        Self(keymap)
    }

    /// All keys of an action.
    #[must_use]
    pub fn keys(self, action: &str) -> &'a [Key] {
        let elsewhere = || (action == ADDRESS.0).then_some(ADDRESS.1);
        standard(action).or_else(elsewhere).map(|keys| self.0.named(action, keys)).unwrap_or_default()
    }

    /// The first key of an action, as the help names it; nothing when it has none.
    #[must_use]
    pub fn key(self, action: &str) -> Option<String> {
        self.keys(action).first().map(Key::named)
    }

    /// `template` with names of actions in braces as their keys, as [`fill`] does it; nothing when one of them has none.
    #[must_use]
    pub fn say(self, template: &str) -> Option<String> {
        fill(template, |action| self.key(action))
    }

    /// What is said, and after it how to go on by key, where there is a key for that.
    #[must_use]
    pub fn and(self, said: &str, template: &str) -> String {
        self.say(template).map_or_else(|| said.to_owned(), |more| format!("{said}{more}"))
    }

    /// The first key of `action` that types no character, as `template` with `{}` for it: what a pane takes in which a program has ended, since
    /// what is typed on for that program must not start it.
    #[must_use]
    pub fn untyped(self, action: &str, template: &str) -> Option<String> {
        let key = self.keys(action).iter().find(|key| key.typed().is_none())?;
        Some(template.replace("{}", &key.named()))
    }
}

impl Hints<'_> {
    /// A notice of a program's run, with the keys that it names.
    #[must_use]
    pub fn in_notice(self, notice: &str) -> String {
        let mut said = notice.to_owned();
        for (token, action) in [(STOP_KEY, "stop"), (RECORD_KEY, "record")] {
            let Some(at) = said.rfind(token) else { continue };
            if let Some(key) = self.key(action) {
                said.replace_range(at..at + token.len(), &key);
            } else {
                // Without a key, what it would do is not said either.
                let before = said.get(..at).unwrap_or_default().trim_end_matches([' ', ':', ';']);
                said = before.to_owned();
            }
        }
        said
    }
}

impl Talk {
    /// The same talk, given by these keys.
    #[must_use]
    pub fn with_keys(mut self, keymap: Keymap) -> Self {
        self.keymap = keymap;
        self
    }

    /// The keys that it is given by.
    #[must_use]
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// How its keys are named.
    #[must_use]
    pub fn hints(&self) -> Hints<'_> {
        Hints(&self.keymap)
    }

    /// How to leave it: the key, which is asked for twice.
    #[must_use]
    pub(super) fn way_out(&self) -> String {
        let keys = self.hints().keys("quit");
        let typed = keys.iter().find(|key| !leave::is_interrupt(key.event()));
        typed.map_or_else(|| "Ctrl-C".to_owned(), Key::named)
    }
}
