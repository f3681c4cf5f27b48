//! Tables of keys: one row holds an action's name, its keys, what handles it, and what the help says of it. What a key does, the
//! help and a person's own keys are all read from the row.

mod clicker;
mod keymap;
mod spelling;

pub use clicker::{CLICKERS, Clicker, is_clickers};
pub use keymap::{Keymap, fill};
pub use spelling::{NAMES as KEY_NAMES, key, spell};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Keys that one line of the help names, when the line is about one action.
const NAMED: usize = 3;
/// What the help says where an action has no key.
const NO_KEY: &str = "–";

/// A row: something that keys ask for.
#[derive(Debug, Clone, Copy)]
pub struct Action<F: 'static> {
    /// What it is called, in words with hyphens. Names stay as they are: people write them down.
    pub name: &'static str,
    /// The keys that it has unless a person has bound others, each by itself; the help names the first ones.
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
    /// Keys that are no actions, each with what the help says of it: digits, and what belongs to a program. Names of actions in
    /// braces stand for their keys (see [`fill`]), here and in the title.
    pub others: &'static [(&'static str, &'static str)],
}

/// An action whose keys a person can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bindable {
    /// Its name.
    pub name: &'static str,
    /// The keys that it has otherwise.
    pub keys: &'static [Key],
}

/// Actions that are looked for among the same keys: one key cannot stand for two of them.
#[derive(Debug, Clone)]
pub struct Situation {
    /// When that is, as it is said behind "bound twice".
    pub name: &'static str,
    /// The names of the actions.
    pub actions: Vec<&'static str>,
    /// Which keys they cannot have.
    pub takes: Takes,
}

/// What the keys of a situation are taken for, beside its actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Digits but 0 go to a slide, or to a chart.
    Slides,
    /// What types a character is typed, and Backspace takes it away again; Esc always closes.
    Text,
    /// Digits are typed, and Backspace takes them away again; Esc always closes.
    Digits,
    /// Nothing, but that Esc always closes.
    Closing,
    /// Everything that a program reads.
    Program,
    /// Nothing.
    Nothing,
}

impl<F> Group<F> {
    /// What a person can choose the keys of.
    pub fn bindable(&self) -> impl Iterator<Item = Bindable> + use<F> {
        self.actions.iter().map(|action| Bindable { name: action.name, keys: action.keys })
    }

    /// The names of its actions.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<F> {
        self.actions.iter().map(|action| action.name)
    }

    /// The action that `pressed` asks for.
    #[must_use]
    pub fn find(&self, keymap: &Keymap, pressed: Key) -> Option<&'static Action<F>> {
        self.actions.iter().find(|action| keymap.of(action).contains(&pressed))
    }

    /// The same in what lies over a slide: where a key that types nothing has no action of its own with what is held down, it does what it
    /// does by itself.
    #[must_use]
    pub fn find_over(&self, keymap: &Keymap, pressed: Key) -> Option<&'static Action<F>> {
        let bare = Key { modifiers: KeyModifiers::NONE, ..pressed };
        let types = matches!(pressed.code, KeyCode::Char(_));
        self.find(keymap, pressed).or_else(|| self.find(keymap, bare).filter(|_| !types))
    }

    /// The lines of the help: keys, and what they do. `named` gives the key of an action by its name.
    #[must_use]
    pub fn lines(
        &self,
        keymap: &Keymap,
        named: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<(String, &'static str)> {
        let mut lines = Vec::new();
        for (at, action) in self.actions.iter().enumerate() {
            let after = self.actions.get(at + 1..).unwrap_or_default();
            let above = after.iter().take_while(|action| action.about == About::Above);
            // One without a key is seen to have none, so that the keys stand in the order of what is said of them.
            let first = |action| keymap.of(action).first().map_or_else(|| NO_KEY.to_owned(), Key::named);
            let shared: Vec<String> = above.map(first).collect();
            // A key with Shift beside the same one without it needs no room.
            let all = keymap.of(action);
            let told = |key: &&Key| !(key.modifiers == KeyModifiers::SHIFT && all.contains(&plain(key.code)));
            let own = all.iter().filter(told).take(if shared.is_empty() { NAMED } else { 1 });
            let mut keys: Vec<String> = own.map(Key::named).collect();
            if keys.is_empty() {
                keys.push(NO_KEY.to_owned());
            }
            keys.extend(shared);
            match action.about {
                About::Line(about) => lines.push((keys.join(" "), about)),
                About::Twice(about) => lines.push((format!("{} {}", first(action), keys.join(" ")), about)),
                About::Above | About::Untold => {}
            }
        }
        let others = self.others.iter().filter_map(|(keys, about)| Some((fill(keys, named)?, *about)));
        lines.extend(others);
        lines
    }
}

/// A key, with what is held down; shift is part of a character already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
        let in_key = matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab);
        let modifiers = if in_key { event.modifiers - KeyModifiers::SHIFT } else { event.modifiers };
        Self { code: event.code, modifiers, twice: false }
    }

    /// The key that is written so: as [`spell`] writes it, and twice with or without a blank between (`gg`, `Esc Esc`).
    #[must_use]
    pub fn written(text: &str) -> Option<Self> {
        if let Some(event) = key(text) {
            return Some(Self::pressed(event));
        }
        let (first, second) = match text.split_once(' ') {
            Some((first, second)) => (first, second.trim_start()),
            None => text.split_at_checked(text.chars().next()?.len_utf8())?,
        };
        let doubled = (first == second).then(|| key(first)).flatten();
        doubled.map(|event| Self::pressed(event).twice())
    }

    /// How a person writes it: what [`Key::written`] reads.
    #[must_use]
    pub fn spelled(&self) -> String {
        let name = spell(KeyEvent::new(self.code, self.modifiers)).unwrap_or_default();
        if self.twice { doubled(&name) } else { name }
    }

    /// Whether it is pressed twice.
    #[must_use]
    pub const fn is_twice(&self) -> bool {
        self.twice
    }

    /// The character that it types into a line, if it types one.
    #[must_use]
    pub fn typed(&self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                Some(c)
            }
            _ => None,
        }
    }

    /// What is pressed.
    #[must_use]
    pub const fn event(&self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }

    /// The same key, pressed once.
    #[must_use]
    pub const fn once(self) -> Self {
        Self { twice: false, ..self }
    }

    /// The same key, pressed twice.
    #[must_use]
    pub const fn twice(self) -> Self {
        Self { twice: true, ..self }
    }

    /// How the help names it: arrows as such, and the letter behind Ctrl as it is on the key.
    #[must_use]
    pub fn named(&self) -> String {
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
        let name = match arrow {
            arrow if !arrow.is_empty() && held.is_empty() => arrow.to_owned(),
            _ => spell(KeyEvent::new(code, held)).unwrap_or_default(),
        };
        if self.twice { doubled(&name) } else { name }
    }
}

/// The name of a key that is pressed twice.
fn doubled(name: &str) -> String {
    if name.chars().count() == 1 { name.repeat(2) } else { format!("{name} {name}") }
}

/// The pages of a help; every key that is not here closes it. What handles an action is how many pages it turns on by; the first page
/// follows the last one.
pub const HELP: Group<i16> = Group {
    title: "This help",
    actions: &[
        Action::new(
            "help-next",
            &[
                plain(KeyCode::Right),
                plain(KeyCode::Down),
                plain(KeyCode::PageDown),
                ch(' '),
                ch('l'),
                ch('j'),
            ],
            1,
            About::Untold,
        ),
        Action::new(
            "help-previous",
            &[plain(KeyCode::Left), plain(KeyCode::Up), plain(KeyCode::PageUp), ch('h'), ch('k')],
            -1,
            About::Untold,
        ),
    ],
    others: &[],
};

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
        let lines = GROUP.lines(&Keymap::default(), &|_| None);
        let lines: Vec<(&str, &str)> = lines.iter().map(|(keys, about)| (keys.as_str(), *about)).collect();
        let told =
            [("→ Space l", "on"), ("Shift-Up gg", "up, top"), ("q q Ctrl-C", "go"), ("1 2 …", "a number")];
        assert_eq!(lines, told);
    }

    #[test]
    fn a_key_is_found_with_what_is_held_down() {
        let standard = Keymap::default();
        let found = |code, held| {
            GROUP.find(&standard, Key::pressed(KeyEvent::new(code, held))).map(|action| action.name)
        };
        assert_eq!(found(KeyCode::Char('m'), KeyModifiers::NONE), Some("on"));
        assert_eq!(found(KeyCode::Char('m'), KeyModifiers::ALT), None);
        assert_eq!(found(KeyCode::Up, KeyModifiers::SHIFT), Some("up"));
        assert_eq!(found(KeyCode::Char('g'), KeyModifiers::SHIFT), None);
        assert_eq!(GROUP.find(&standard, ch('g').twice()).map(|action| action.name), Some("top"));
    }

    #[test]
    fn a_key_is_written_as_it_is_read() {
        for text in ["x", "Space", "Ctrl-e", "Shift-Left", "F12", "gg", "Esc Esc", "Ctrl-x Ctrl-x", "日日"]
        {
            assert_eq!(Key::written(text).map(|key| key.spelled()).as_deref(), Some(text));
        }
        assert_eq!(Key::written("g g"), Some(ch('g').twice()));
        assert_eq!(Key::written("Shift-BackTab"), Some(plain(KeyCode::BackTab)));
        for rubbish in ["", "gh", "g h", "Esc Tab", "ggg", "Entr", "é\u{301}"] {
            assert_eq!(Key::written(rubbish), None, "{rubbish}");
        }
    }

    #[test]
    fn keys_that_a_person_has_bound_are_found_and_told() {
        let own = [("on", vec![ch('a')]), ("top", vec![]), ("go", vec![plain(KeyCode::F(2))])];
        let keymap = Keymap::new(own.into_iter().collect());
        assert_eq!(GROUP.find(&keymap, ch('a')).map(|action| action.name), Some("on"));
        assert_eq!(GROUP.find(&keymap, ch('l')).map(|action| action.name), None);
        let lines = GROUP.lines(&keymap, &|_| None);
        let keys: Vec<&str> = lines.iter().map(|(keys, _)| keys.as_str()).collect();
        assert_eq!(keys, ["a", "Shift-Up –", "F2 F2", "1 2 …"]);
    }
}
