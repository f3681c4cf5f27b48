//! Tables of keys: one row holds an action's name, its keys, what handles it, and what the help says of it. What a key does, the
//! help and a person's own keys are all read from the row.

mod spelling;

pub use spelling::{key, spell};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Keys that one line of the help names, when the line is about one action.
const NAMED: usize = 3;

/// A row: something that keys ask for.
#[derive(Debug, Clone, Copy)]
pub struct Action<F: 'static> {
    /// What it is called, in words with hyphens. Names stay as they are: people write them down.
    pub name: &'static str,
    /// The keys, each by itself; the help names the first ones.
    pub keys: &'static [Key],
    /// What handles it.
    pub handler: F,
    /// What the help says of it.
    pub about: About,
}

impl<F> Action<F> {
    /// A row of a table.
    pub const fn new(name: &'static str, keys: &'static [Key], handler: F, about: About) -> Self {
        Self { name, keys, handler, about }
    }
}

/// What the help says of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A line of its own.
    Line(&'static str),
    /// The same, and the first key is named twice, since it is asked for twice.
    Twice(&'static str),
    /// The line of the row above, which names the first key of each.
    Above,
    /// Nothing.
    Untold,
}

/// The actions of one situation: a table, and a part of the help.
#[derive(Debug, Clone, Copy)]
pub struct Group<F: 'static> {
    /// The situation, as the help calls it.
    pub title: &'static str,
    /// Its actions, in the order of the help.
    pub actions: &'static [Action<F>],
    /// Keys that are no actions, each with what the help says of it: digits, and what belongs to a program.
    pub others: &'static [(&'static str, &'static str)],
}

impl<F> Group<F> {
    /// The action that `pressed` asks for.
    #[must_use]
    pub fn find(&self, pressed: Key) -> Option<&'static Action<F>> {
        self.actions.iter().find(|action| action.keys.contains(&pressed))
    }

    /// The lines of the help: keys, and what they do.
    #[must_use]
    pub fn lines(&self) -> Vec<(String, &'static str)> {
        let mut lines = Vec::new();
        for (at, action) in self.actions.iter().enumerate() {
            let after = self.actions.get(at + 1..).unwrap_or_default();
            let above = after.iter().take_while(|action| action.about == About::Above);
            let shared: Vec<&Key> = above.filter_map(|action| action.keys.first()).collect();
            let own = action.keys.iter().take(if shared.is_empty() { NAMED } else { 1 });
            let keys: Vec<String> = own.chain(shared).map(Key::named).collect();
            match action.about {
                About::Line(about) => lines.push((keys.join(" "), about)),
                About::Twice(about) => {
                    let first = action.keys.first().map(Key::named).unwrap_or_default();
                    lines.push((format!("{first} {}", keys.join(" ")), about));
                }
                About::Above | About::Untold => {}
            }
        }
        lines.extend(self.others.iter().map(|(keys, about)| ((*keys).to_owned(), *about)));
        lines
    }
}

/// A key, with what is held down; shift is part of a character already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
    /// It is pressed twice, one after the other.
    twice: bool,
}

impl Key {
    /// The key that was pressed.
    #[must_use]
    pub fn pressed(event: KeyEvent) -> Self {
        let in_character = matches!(event.code, KeyCode::Char(_));
        let modifiers = if in_character { event.modifiers - KeyModifiers::SHIFT } else { event.modifiers };
        Self { code: event.code, modifiers, twice: false }
    }

    /// The same key, pressed twice.
    #[must_use]
    pub const fn twice(self) -> Self {
        Self { twice: true, ..self }
    }

    /// How the help names it: arrows as such, and the letter behind Ctrl as it is on the key.
    fn named(&self) -> String {
        let arrow = match self.code {
            KeyCode::Right => "→",
            KeyCode::Left => "←",
            KeyCode::Down => "↓",
            KeyCode::Up => "↑",
            _ => "",
        };
        let (code, held) = match self.code {
            KeyCode::Char(c) if self.modifiers.contains(KeyModifiers::CONTROL) => {
                (KeyCode::Char(c.to_ascii_uppercase()), self.modifiers)
            }
            code => (code, self.modifiers),
        };
        if !arrow.is_empty() && held.is_empty() {
            return arrow.to_owned();
        }
        let name = spell(KeyEvent::new(code, held)).unwrap_or_default();
        if self.twice { name.repeat(2) } else { name }
    }
}

/// Pages that a key turns a help on by, which begins again after its last one; none for any other key.
#[must_use]
pub fn turned(code: KeyCode) -> Option<i16> {
    match code {
        KeyCode::Right | KeyCode::Down | KeyCode::PageDown | KeyCode::Char(' ' | 'l' | 'j') => Some(1),
        KeyCode::Left | KeyCode::Up | KeyCode::PageUp | KeyCode::Char('h' | 'k') => Some(-1),
        _ => None,
    }
}

/// A key by itself.
#[must_use]
pub const fn plain(code: KeyCode) -> Key {
    Key { code, modifiers: KeyModifiers::NONE, twice: false }
}

/// A character.
#[must_use]
pub const fn ch(c: char) -> Key {
    plain(KeyCode::Char(c))
}

/// A character while Ctrl is held down.
#[must_use]
pub const fn ctrl(c: char) -> Key {
    Key { code: KeyCode::Char(c), modifiers: KeyModifiers::CONTROL, twice: false }
}

/// A key that is no character while Shift is held down.
#[must_use]
pub const fn shift(code: KeyCode) -> Key {
    Key { code, modifiers: KeyModifiers::SHIFT, twice: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: Group<u8> = Group {
        title: "Here",
        actions: &[
            Action::new("on", &[plain(KeyCode::Right), ch(' '), ch('l'), ch('m')], 0, About::Line("on")),
            Action::new("up", &[shift(KeyCode::Up), ch('u')], 1, About::Line("up, top")),
            Action::new("top", &[ch('g').twice(), plain(KeyCode::Home)], 2, About::Above),
            Action::new("stop", &[ctrl('z')], 3, About::Untold),
            Action::new("go", &[ch('q'), ctrl('c')], 4, About::Twice("go")),
        ],
        others: &[("1 2 …", "a number")],
    };

    #[test]
    fn lines_name_the_first_keys_of_each_action() {
        let lines = GROUP.lines();
        let lines: Vec<(&str, &str)> = lines.iter().map(|(keys, about)| (keys.as_str(), *about)).collect();
        let told =
            [("→ Space l", "on"), ("Shift-Up gg", "up, top"), ("q q Ctrl-C", "go"), ("1 2 …", "a number")];
        assert_eq!(lines, told);
    }

    #[test]
    fn a_key_is_found_with_what_is_held_down() {
        let found =
            |code, held| GROUP.find(Key::pressed(KeyEvent::new(code, held))).map(|action| action.name);
        assert_eq!(found(KeyCode::Char('m'), KeyModifiers::NONE), Some("on"));
        assert_eq!(found(KeyCode::Char('m'), KeyModifiers::ALT), None);
        assert_eq!(found(KeyCode::Up, KeyModifiers::SHIFT), Some("up"));
        assert_eq!(found(KeyCode::Char('g'), KeyModifiers::SHIFT), None);
        assert_eq!(GROUP.find(ch('g').twice()).map(|action| action.name), Some("top"));
    }
}
