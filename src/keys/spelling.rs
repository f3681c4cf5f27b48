//! How a key is written in a line: `b`, `Space`, `Enter`, `Ctrl-d`, `Shift-Left`.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The keys that have names, each once.
pub const NAMES: &[(&str, KeyCode)] = &[
    ("Space", KeyCode::Char(' ')),
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("BackTab", KeyCode::BackTab),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PageUp", KeyCode::PageUp),
    ("PageDown", KeyCode::PageDown),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
];
/// What is held down, in the order in which it is written.
const HELD: &[(&str, KeyModifiers)] =
    &[("Ctrl-", KeyModifiers::CONTROL), ("Alt-", KeyModifiers::ALT), ("Shift-", KeyModifiers::SHIFT)];

/// The spelling of a key; none for the few that have none (media keys, modifiers by themselves).
#[must_use]
pub fn spell(event: KeyEvent) -> Option<String> {
    let name = match (NAMES.iter().find(|(_, code)| *code == event.code), event.code) {
        (Some((name, _)), _) => (*name).to_owned(),
        (None, KeyCode::Char(c)) if !c.is_control() => c.to_string(),
        (None, KeyCode::F(number)) => format!("F{number}"),
        _ => return None,
    };
    // Shift is part of a character already.
    let said = |modifier| modifier == KeyModifiers::SHIFT && matches!(event.code, KeyCode::Char(_));
    let held = HELD.iter().filter(|(_, modifier)| event.modifiers.contains(*modifier) && !said(*modifier));
    Some(held.map(|(name, _)| *name).chain([name.as_str()]).collect())
}

/// The key that is spelled so.
#[must_use]
pub fn key(text: &str) -> Option<KeyEvent> {
    let (mut rest, mut modifiers) = (text, KeyModifiers::NONE);
    for (name, modifier) in HELD {
        if let Some(after) = rest.strip_prefix(name).filter(|after| !after.is_empty()) {
            (rest, modifiers) = (after, modifiers | *modifier);
        }
    }
    let mut characters = rest.chars();
    let code = match (characters.next()?, characters.as_str()) {
        (c, "") if !c.is_control() => KeyCode::Char(c),
        ('F', number) if number.parse::<u8>().is_ok_and(|number| (1..=24).contains(&number)) => {
            KeyCode::F(number.parse().ok()?)
        }
        _ => NAMES.iter().find(|(name, _)| *name == rest)?.1,
    };
    Some(KeyEvent::new(code, modifiers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read_as_it_was_spelled() {
        let codes = NAMES.iter().map(|(_, code)| *code).chain([
            KeyCode::Char('x'),
            KeyCode::Char('-'),
            KeyCode::Char('F'),
            KeyCode::Char('ä'),
            KeyCode::F(5),
            KeyCode::F(12),
        ]);
        for code in codes {
            for modifiers in
                [KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::CONTROL | KeyModifiers::ALT]
            {
                let event = KeyEvent::new(code, modifiers);
                let text = spell(event).unwrap();
                assert_eq!(key(&text), Some(event), "{text}");
            }
        }
        assert_eq!(spell(KeyEvent::new(KeyCode::Left, KeyModifiers::SHIFT)).as_deref(), Some("Shift-Left"));
        assert_eq!(spell(KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT)).as_deref(), Some("G"));
        for rubbish in ["", "F0", "F99", "Ctrl-", "Entr", "xx", "\u{7}"] {
            assert!(key(rubbish).is_none_or(|key| key.code == KeyCode::Char('-')), "{rubbish}");
        }
    }
}
