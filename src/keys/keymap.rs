//! A person's own keys: which action has others than its row says.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Action, Key};

/// The keys of actions. Those that a person has not bound have the keys of their rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    own: Arc<BTreeMap<&'static str, Vec<Key>>>,
}

impl Keymap {
    /// These actions have these keys and no others.
    #[must_use]
    pub fn new(own: BTreeMap<&'static str, Vec<Key>>) -> Self {
        Self { own: Arc::new(own) }
    }

    /// The keys of `action`; none where a person wants none.
    #[must_use]
    pub fn of<F>(&self, action: &Action<F>) -> &[Key] {
        self.named(action.name, action.keys)
    }

    /// The same for an action by its name, whose row has the keys `standard`.
    #[must_use]
    pub fn named(&self, name: &str, standard: &'static [Key]) -> &[Key] {
        self.own.get(name).map_or(standard, Vec::as_slice)
    }

    /// How the first of them is written; nothing where there is none.
    #[must_use]
    pub fn of_named(&self, name: &str, standard: &'static [Key]) -> String {
        self.named(name, standard).first().map(Key::spelled).unwrap_or_default()
    }

    /// Whether every action has the keys of its row.
    #[must_use]
    pub fn is_standard(&self) -> bool {
        self.own.is_empty()
    }
}

/// `template` with the names of actions in braces replaced by their keys: `{run} runs it` becomes `x runs it`. Nothing when one of them
/// has no key: what cannot be pressed is not offered. Two keys that follow each other at once stand together when each is one sign.
#[must_use]
pub fn fill(template: &str, key: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (mut text, mut rest) = (String::with_capacity(template.len()), template);
    // How the key before ended, when nothing stands between.
    let mut before: Option<bool> = None;
    while let Some((plain, (name, after))) = next(rest) {
        let key = key(name)?;
        let sign = key.chars().count() == 1;
        text.push_str(plain);
        if plain.is_empty() && before.is_some_and(|before| !before || !sign) {
            text.push(' ');
        }
        text.push_str(&key);
        (before, rest) = (Some(sign), after);
    }
    text.push_str(rest);
    Some(text)
}

/// The text before the next name in braces, the name, and what follows it.
fn next(text: &str) -> Option<(&str, (&str, &str))> {
    let (plain, rest) = text.split_once('{')?;
    Some((plain, rest.split_once('}')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_keys_and_what_has_none_is_not_said() {
        let key = |name: &str| match name {
            "run" => Some("x".to_owned()),
            "stop" => Some("X".to_owned()),
            "far" => Some("Ctrl-Left".to_owned()),
            _ => None,
        };
        let filled = |template| fill(template, key);
        assert_eq!(filled("{run} runs it").as_deref(), Some("x runs it"));
        assert_eq!(filled("{run}{stop} and {run}").as_deref(), Some("xX and x"));
        assert_eq!(filled("{run}{far}{stop} {far}").as_deref(), Some("x Ctrl-Left X Ctrl-Left"));
        assert_eq!(filled("nothing").as_deref(), Some("nothing"));
        assert_eq!(filled("half {run").as_deref(), Some("half {run"));
        assert_eq!(filled("{run} or {other}"), None);
    }
}
