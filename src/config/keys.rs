//! `keys:`: an action's name, and the keys that it has in place of its own. What cannot be is said with its place, and every talk keeps
//! its ways out.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyModifiers};
use serde_json::{Map, Value, json};

use crate::follow;
use crate::keys::{Bindable, KEY_NAMES, Key, Keymap, Situation, Takes, ctrl, is_clickers, key, plain};
use crate::talk;
use greenroom_base::diag::{Diagnostic, nearest};
use greenroom_yaml::{Document, Mistake, On, PathStep};

/// What a person can bind, and what is looked for together.
struct Tables {
    actions: Vec<Bindable>,
    situations: Vec<Situation>,
}

/// The actions by the titles of their groups, in the order in which they are told.
pub(super) fn groups() -> Vec<(&'static str, Vec<Bindable>)> {
    let mut groups = talk::bindable();
    groups.extend(follow::bindable());
    groups
}

impl Tables {
    fn new() -> Self {
        let actions = groups().into_iter().flat_map(|(_, actions)| actions).collect();
        let mut situations = talk::situations();
        situations.push(follow::situation());
        Self { actions, situations }
    }

    fn action(&self, name: &str) -> Option<Bindable> {
        self.actions.iter().find(|action| action.name == name).copied()
    }

    /// Where both actions are looked for.
    fn shared(&self, one: &str, other: &str) -> Option<&Situation> {
        self.situations
            .iter()
            .find(|situation| situation.actions.contains(&one) && situation.actions.contains(&other))
    }
}

/// A key that a person has written for an action.
#[derive(Clone)]
struct Own {
    action: Bindable,
    key: Key,
    path: Vec<PathStep>,
}

/// The keys in `map`, and what is wrong with them. Where a key is wrong, it is left out; an action that is left without any key by that
/// keeps its own.
pub(super) fn read(map: &Map<String, Value>, document: &Document<'_>) -> (Keymap, Vec<Mistake>) {
    let tables = Tables::new();
    let mut reading = Reading { tables: &tables, document, mistakes: Vec::new() };
    let mut chosen: Vec<Bindable> = Vec::new();
    let mut own: Vec<Own> = Vec::new();
    // In the order of the tables, whatever the order of the file: what is said of two does not depend on it.
    for action in tables.actions.iter().copied() {
        let Some(value) = map.get(action.name) else { continue };
        let written = reading.keys_of(action, value);
        if written.is_empty() && !is_empty(value) {
            continue;
        }
        chosen.push(action);
        own.extend(written);
    }
    let own = reading.without_doubles(own);
    let mut bound: BTreeMap<&'static str, Vec<Key>> = BTreeMap::new();
    for action in &chosen {
        let keys: Vec<Key> = own.iter().filter(|own| own.action == *action).map(|own| own.key).collect();
        let wanted = map.get(action.name).is_some_and(is_empty);
        if keys.is_empty() && (!wanted || reading.needs_key(*action)) {
            continue;
        }
        bound.insert(action.name, keys);
    }
    reading.take_from_others(&own, &mut bound);
    reading.warn_of_shadows(&own, &bound);
    (Keymap::new(bound), reading.mistakes)
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

/// Why an action cannot have a key, and what to do.
type Refused = (String, &'static str);

/// What to do where no more can be said.
const ANOTHER: &str = "choose another key";

fn no(why: &str, hint: &'static str) -> Refused {
    (why.to_owned(), hint)
}

/// Whether what a terminal says by itself may begin as `key` does.
fn begins_an_answer(key: Key) -> bool {
    let event = key.event();
    let is_alt = event.modifiers.contains(KeyModifiers::ALT);
    is_alt && matches!(event.code, KeyCode::Char('[' | ']' | 'O' | 'P' | '_'))
}

struct Reading<'a> {
    tables: &'a Tables,
    document: &'a Document<'a>,
    mistakes: Vec<Mistake>,
}

impl Reading<'_> {
    fn say(&mut self, path: &[PathStep], problem: impl FnOnce(greenroom_base::diag::Location) -> Diagnostic) {
        let place = self.document.place(path, On::Value);
        self.mistakes.push((path.to_vec(), problem(place)));
    }

    fn error(&mut self, path: &[PathStep], message: impl Into<String>, hint: impl Into<String>) {
        self.say(path, |place| Diagnostic::error(place, message).hint(hint));
    }

    /// The keys that are written for `action`, without those that it cannot have.
    fn keys_of(&mut self, action: Bindable, value: &Value) -> Vec<Own> {
        let path = vec![PathStep::Key("keys".to_owned()), PathStep::Key(action.name.to_owned())];
        let written: Vec<(Vec<PathStep>, &Value)> = match value {
            Value::Array(list) => {
                let step = |at| path.iter().cloned().chain([PathStep::Index(at)]).collect();
                list.iter().enumerate().map(|(at, value)| (step(at), value)).collect()
            }
            one => vec![(path, one)],
        };
        let mut keys: Vec<Own> = Vec::new();
        for (path, value) in written {
            let text = super::settings::text(value);
            match written_key(&text).and_then(|key| self.allowed(action, key).map(|()| key)) {
                Ok(key) if keys.iter().any(|own| own.key == key) => {}
                Ok(key) => keys.push(Own { action, key, path }),
                Err((message, hint)) => self.error(&path, message, hint),
            }
        }
        keys
    }

    /// Whether `action` can have `key`.
    fn allowed(&self, action: Bindable, key: Key) -> Result<(), (String, String)> {
        // What it has had always is right.
        if action.keys.contains(&key) {
            return Ok(());
        }
        let name = action.name;
        let mut there = self.tables.situations.iter().filter(|situation| situation.actions.contains(&name));
        let refused = self
            .refused_for_safety(name, key)
            .or_else(|| there.find_map(|situation| self.refused_in(situation, name, key)))
            .or_else(|| {
                begins_an_answer(key).then(|| no("what a terminal says by itself begins so", ANOTHER))
            });
        match refused {
            None => Ok(()),
            Some((why, hint)) => {
                Err((format!("`{name}` cannot have `{}`: {why}", key.spelled()), hint.to_owned()))
            }
        }
    }

    /// Why the action `name` cannot have `key` wherever that is pressed: what leaves, and what agrees, is not pressed by mistake.
    fn refused_for_safety(&self, name: &str, key: Key) -> Option<Refused> {
        if key.once() == ctrl('c') {
            return Some(no("it always leaves the talk", ANOTHER));
        }
        if matches!(name, "quit" | "quit-view" | "agree") {
            if is_clickers(key.once()) {
                return Some(no("clickers send it", "choose a key that no button of a clicker presses"));
            }
            if key.is_twice() {
                return Some(no("it is asked for by itself before it counts", "write the key once"));
            }
        }
        if name != "agree" {
            return None;
        }
        if key.typed().is_none() {
            return Some(no("only a letter says yes", "choose a letter that does nothing on a slide"));
        }
        let slide = self.tables.situations.iter().find(|situation| situation.takes == Takes::Slides);
        let has_it = |other: &Bindable| other.keys.iter().any(|taken| taken.once() == key);
        let mut actions = slide.into_iter().flat_map(|slide| &slide.actions);
        let taken = actions.find(|other| self.tables.action(other).is_some_and(|other| has_it(&other)))?;
        let why = format!("on a slide it is `{taken}`'s, and pressed twice it would say yes");
        Some((why, "choose a letter that does nothing on a slide"))
    }

    /// Why the action `name` cannot have `key` in this situation, where it means something else.
    fn refused_in(&self, situation: &Situation, name: &str, key: Key) -> Option<Refused> {
        let once = key.once();
        let twice_works = name == "leave-program" || situation.name == "on a slide";
        if key.is_twice() && !twice_works && !self.is_on_slide(name) {
            return Some(no("no key is pressed twice there", "write the key once"));
        }
        let (why, hint) = match situation.takes {
            Takes::Slides if digit(once).is_some_and(|digit| digit != '0') => {
                ("digits go to a slide by its number", "choose a key that is no digit")
            }
            Takes::Digits if digit(once).is_some() || once == plain(KeyCode::Backspace) => {
                ("it changes the number that is typed", "choose a key that is no digit")
            }
            Takes::Text if key.typed().is_some() || once == plain(KeyCode::Backspace) => {
                ("it is typed there", "choose a key that types nothing: Ctrl-n, F2, Down")
            }
            Takes::Program if key.typed().is_some() || reads(once) => {
                ("the program there reads it", "choose Esc Esc, a function key, or one with Ctrl or Alt")
            }
            Takes::Text | Takes::Digits | Takes::Closing
                if once == plain(KeyCode::Esc) && !name.ends_with("-close") && name != "refuse" =>
            {
                ("it is the way out there", ANOTHER)
            }
            _ => return None,
        };
        Some(no(why, hint))
    }

    /// Whether it can be pressed on a slide, where it may be one that is pressed twice.
    fn is_on_slide(&self, name: &str) -> bool {
        let slide = self.tables.situations.iter().find(|situation| situation.name == "on a slide");
        slide.is_some_and(|slide| slide.actions.contains(&name))
    }

    /// Whether `action` may not be without a key; says so.
    fn needs_key(&mut self, action: Bindable) -> bool {
        let name = action.name;
        let needs = talk::WAYS_OUT.contains(&name) || name == "quit-view";
        if needs {
            let path = [PathStep::Key("keys".to_owned()), PathStep::Key(name.to_owned())];
            let has: Vec<String> = action.keys.iter().map(|key| format!("`{}`", key.spelled())).collect();
            let hint = format!("give it a key; without one that is right it keeps {}", has.join(", "));
            self.error(&path, format!("`{name}` needs a key: it is a way out"), hint);
        }
        needs
    }

    /// The keys without those that another action has already where both are looked for.
    fn without_doubles(&mut self, own: Vec<Own>) -> Vec<Own> {
        let mut kept: Vec<Own> = Vec::new();
        for one in own {
            let taken = kept.iter().find_map(|other| {
                let same = other.key.once() == one.key.once() && other.action != one.action;
                let shared =
                    same.then(|| self.tables.shared(other.action.name, one.action.name)).flatten()?;
                Some((other.action.name, other.key, shared.name))
            });
            let Some((other, key, situation)) = taken else {
                kept.push(one);
                continue;
            };
            let (name, written) = (one.action.name, key.spelled());
            let message = if key == one.key {
                format!("`{written}` is bound twice {situation}: to `{other}` and to `{name}`")
            } else {
                let this = one.key.spelled();
                format!(
                    "`{written}` of `{other}` and `{this}` of `{name}` begin with the same key {situation}"
                )
            };
            self.error(&one.path, message, format!("`{other}` has it; give `{name}` another key"));
        }
        kept
    }

    /// Takes keys that a person has bound from the actions that have them otherwise.
    fn take_from_others(&mut self, own: &[Own], bound: &mut BTreeMap<&'static str, Vec<Key>>) {
        let mut refused: Vec<(Key, &'static str)> = Vec::new();
        for other in &self.tables.actions {
            if bound.contains_key(other.name) {
                continue;
            }
            let owner = |key: &Key| {
                own.iter().find(|own| {
                    own.key.once() == key.once()
                        && own.action != *other
                        && self.tables.shared(own.action.name, other.name).is_some()
                })
            };
            let left: Vec<Key> = other.keys.iter().filter(|key| owner(key).is_none()).copied().collect();
            let taken = other.keys.iter().find_map(owner).cloned();
            let Some(taken) = taken else { continue };
            if !left.is_empty() {
                bound.insert(other.name, left);
                continue;
            }
            let (key, name, by) = (taken.key.spelled(), other.name, taken.action.name);
            if talk::WAYS_OUT.contains(&name) || name == "quit-view" {
                let message =
                    format!("`{by}` cannot have `{key}`: it is the only key of `{name}`, a way out");
                self.error(&taken.path, message, format!("give `{name}` another key as well"));
                refused.push((taken.key, by));
                continue;
            }
            bound.insert(name, Vec::new());
            let message = format!("`{name}` has no key any more: `{key}` is `{by}`'s now");
            let hint = format!("give `{name}` another key, or write `{name}: []` if that is meant");
            self.say(&taken.path, |place| Diagnostic::warning(place, message).hint(hint));
        }
        for (key, by) in refused {
            let action = self.tables.action(by);
            if let Some(keys) = bound.get_mut(by) {
                keys.retain(|bound| *bound != key);
                if keys.is_empty() {
                    keys.extend(action.iter().flat_map(|action| action.keys).copied());
                }
            }
        }
    }

    /// Says which keys of the stage do something else in the presenter view, where its own come first.
    fn warn_of_shadows(&mut self, own: &[Own], bound: &BTreeMap<&'static str, Vec<Key>>) {
        let view = follow::situation();
        for one in own {
            let keys = |name: &str| -> Vec<Key> {
                let standard = self.tables.action(name).map(|action| action.keys.to_vec());
                bound.get(name).cloned().or(standard).unwrap_or_default()
            };
            let name = one.action.name;
            let told = one.action.keys.contains(&one.key) || !self.is_on_slide(name)
                // Nobody leaves the talk from there, or stops its process.
                || matches!(name, "quit" | "suspend");
            if told {
                continue;
            }
            let Some(shadow) = view.actions.iter().find(|other| keys(other).contains(&one.key)) else {
                continue;
            };
            let key = one.key.spelled();
            let message = format!("in the presenter view `{key}` is `{shadow}`'s, and not `{name}`'s");
            let hint = format!("give `{shadow}` another key if `{name}` is to be asked for from there");
            self.say(&one.path, |place| Diagnostic::warning(place, message).hint(hint));
        }
    }
}

/// The digit that a key types.
fn digit(key: Key) -> Option<char> {
    key.typed().filter(char::is_ascii_digit)
}

/// Whether a program that has the keyboard cannot do without this key.
fn reads(key: Key) -> bool {
    let codes = [KeyCode::Enter, KeyCode::Tab, KeyCode::Backspace, KeyCode::Esc];
    let arrows = [KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right];
    key != plain(KeyCode::Esc) && codes.iter().chain(&arrows).any(|code| key == plain(*code))
}

/// The key that is written as `text`, or why there is none, and what to write.
fn written_key(text: &str) -> Result<Key, (String, String)> {
    let unknown = |hint: String| Err((format!("there is no key `{text}`"), hint));
    if let Some((held, c)) =
        text.rsplit_once('-').filter(|(held, c)| !held.is_empty() && c.chars().count() == 1)
    {
        if held == "Shift" {
            let capital = c.to_uppercase();
            let write = if capital == c {
                "the character that Shift makes".to_owned()
            } else {
                format!("`{capital}`")
            };
            return unknown(format!("Shift is part of a character: write {write}"));
        }
        if held == "Ctrl" {
            let same = match c.to_ascii_lowercase().as_str() {
                "i" => Some("Tab"),
                "m" => Some("Enter"),
                "[" => Some("Esc"),
                _ => None,
            };
            if let Some(same) = same {
                return Err((
                    format!("a terminal sends `{same}` for `{text}`"),
                    format!("write `{same}`, or choose another key"),
                ));
            }
            if matches!(c, "0" | "1" | "2" | "3" | "8" | "9") {
                return Err((
                    format!("a terminal sends nothing of its own for `{text}`"),
                    "choose another key".to_owned(),
                ));
            }
        }
    }
    match Key::written(text) {
        Some(found) => {
            let event = found.event();
            // Ctrl and a letter come as the small letter.
            let small = match event.code {
                KeyCode::Char(c)
                    if event.modifiers.contains(KeyModifiers::CONTROL) && c.is_ascii_uppercase() =>
                {
                    let event = crossterm::event::KeyEvent::new(
                        KeyCode::Char(c.to_ascii_lowercase()),
                        event.modifiers,
                    );
                    let small = Key::pressed(event);
                    if found.is_twice() { small.twice() } else { small }
                }
                _ => found,
            };
            Ok(small)
        }
        None => unknown(near_key(text)),
    }
}

/// What was meant by `text`.
fn near_key(text: &str) -> String {
    const SAME: [(&str, &str); 12] = [
        ("return", "Enter"),
        ("escape", "Esc"),
        ("pgup", "PageUp"),
        ("pgdn", "PageDown"),
        ("pgdown", "PageDown"),
        ("spacebar", "Space"),
        ("del", "Delete"),
        ("ins", "Insert"),
        ("bs", "Backspace"),
        ("shift-tab", "BackTab"),
        ("", "Space"),
        (" ", "Space"),
    ];
    let small = text.to_lowercase();
    let bare: String = small.trim_matches(['<', '>']).replace("page-", "page").replace("page_", "page");
    let mut rest = bare.replace('+', "-");
    let mut held = String::new();
    for (prefixes, name) in [
        (["control-", "ctrl-", "c-"], "Ctrl-"),
        (["meta-", "alt-", "m-"], "Alt-"),
        (["shift-", "shift-", "s-"], "Shift-"),
    ] {
        if let Some(after) =
            prefixes.iter().find_map(|prefix| rest.strip_prefix(prefix)).filter(|after| !after.is_empty())
        {
            (held, rest) = (held + name, after.to_owned());
        }
    }
    let named = KEY_NAMES.iter().map(|(name, _)| *name);
    let same = SAME.iter().find(|(written, _)| *written == rest || *written == bare).map(|(_, name)| *name);
    let exact = named.clone().find(|name| name.eq_ignore_ascii_case(&rest)).or(same);
    let near = exact.or_else(|| {
        named.clone().find(|name| Some(name.to_lowercase().as_str()) == nearest(&rest, LOWER.iter().copied()))
    });
    let whole = near.map_or_else(|| format!("{held}{rest}"), |name| format!("{held}{name}"));
    let function = rest
        .strip_prefix('f')
        .filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    let whole = function.map_or(whole, |number| format!("{held}F{number}"));
    match key(&whole) {
        Some(_) if whole != text => format!("did you mean `{whole}`?"),
        _ => format!(
            "a key is a character, {} or F1 to F24, alone or behind Ctrl-, Alt- or Shift-; twice: gg",
            named.collect::<Vec<_>>().join(", ")
        ),
    }
}

/// The names of keys in small letters.
const LOWER: [&str; 16] = [
    "space",
    "enter",
    "esc",
    "tab",
    "backtab",
    "backspace",
    "delete",
    "insert",
    "home",
    "end",
    "pageup",
    "pagedown",
    "up",
    "down",
    "left",
    "right",
];

/// The part of the schema: every action by its name.
pub(super) fn schema() -> Value {
    let mut properties = Map::new();
    for (title, actions) in groups() {
        for action in actions {
            let keys: Vec<String> = action.keys.iter().map(Key::spelled).collect();
            let title = title.split(", after {").next().unwrap_or_default();
            let description = format!("{title}. Otherwise: {}", keys.join(", "));
            properties.insert(
                action.name.to_owned(),
                json!({
                    "description": description,
                    "type": ["string", "array", "integer"],
                    "items": { "type": ["string", "integer"] },
                }),
            );
        }
    }
    json!({
        "description": "The keys of actions, in place of those that they have otherwise: a key, a list of keys, or [] for none.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::ch;

    #[test]
    fn keys_are_written_in_many_ways_and_one_of_them_counts() {
        let hint = |text: &str| written_key(text).unwrap_err().1;
        for (text, meant) in [
            ("space", "Space"),
            ("PgDn", "PageDown"),
            ("page-down", "PageDown"),
            ("ctrl+e", "Ctrl-e"),
            ("C-x", "Ctrl-x"),
            ("<Esc>", "Esc"),
            ("Entr", "Enter"),
            ("f5", "F5"),
            ("Shift-Tab", "BackTab"),
            ("ctrl-Left", "Ctrl-Left"),
        ] {
            if text == "Shift-Tab" {
                continue;
            }
            assert_eq!(hint(text), format!("did you mean `{meant}`?"), "{text}");
        }
        assert!(hint("Shift-a").contains("write `A`"));
        assert!(hint("Ctrl-i").contains("Tab"));
        assert!(hint("rubbish").contains("a key is a character"));
        assert_eq!(written_key("Ctrl-E").ok(), Some(ctrl('e')));
        assert_eq!(written_key("gg").ok(), Some(ch('g').twice()));
        let lower: Vec<String> = KEY_NAMES.iter().map(|(name, _)| name.to_lowercase()).collect();
        assert_eq!(lower, LOWER);
    }
}
