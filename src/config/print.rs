//! The configuration as a file that can be saved.

use std::fmt::Write as _;

use super::settings::{self, SETTINGS, text};
use super::{Config, keys};
use crate::keys::Key;

/// All settings as they are, as YAML that reads as the same again: each with what it is for, and what it would be otherwise.
#[must_use]
pub fn print(config: &Config) -> String {
    let mut yaml = String::from(
        "# yaml-language-server: $schema=config.schema.json     (greenroom schema config > config.schema.json)\n\
         # The command line wins over this file; a deck's own theme and scale do as well, but for theme_wins.\n",
    );
    for setting in SETTINGS {
        let default = setting.default.unwrap_or_else(|otherwise| otherwise);
        let _ = write!(yaml, "\n# {}", setting.about);
        match config.written.get(setting.name) {
            Some(value) => {
                let _ = writeln!(
                    yaml,
                    " Otherwise: {default}.\n{}: {}",
                    setting.name,
                    quoted(&text(value), false)
                );
            }
            None if setting.default.is_ok() => {
                let _ = writeln!(yaml, " Otherwise: {default}.\n{}: {default}", setting.name);
            }
            None => {
                let known = settings::first(setting);
                let _ = writeln!(yaml, " Otherwise: {default}.\n# {}: {known}", setting.name);
            }
        }
    }
    let _ = write!(
        yaml,
        "\n# The keys of each action, in place of those that it has otherwise; [] for none.\nkeys:\n"
    );
    for (title, actions) in keys::groups() {
        let _ = writeln!(yaml, "  # {}", title.split(", after {").next().unwrap_or_default());
        for action in actions {
            let now = config.keymap.named(action.name, action.keys);
            let otherwise = if now == action.keys {
                String::new()
            } else {
                format!("   # otherwise {}", list(action.keys))
            };
            let _ = writeln!(yaml, "  {}: {}{otherwise}", action.name, list(now));
        }
    }
    let _ = write!(
        yaml,
        "\n# What runs code blocks of a language with +exec, or with +exec:name as language:name; asked about as any program.\n"
    );
    if config.executors.is_empty() {
        yaml.push_str("# executors:\n#   zig: {command: [zig, run, \"{file}\"], file: main.zig, env: {}}\n");
    } else {
        yaml.push_str("executors:\n");
        for (language, executor) in &config.executors {
            let value = serde_json::to_string(executor).unwrap_or_default();
            let _ = writeln!(yaml, "  {}: {value}", serde_json::Value::from(language.as_str()));
        }
    }
    yaml
}

fn list(keys: &[Key]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| quoted(&key.spelled(), true)).collect();
    format!("[{}]", keys.join(", "))
}

/// `text` as YAML: in quotes where it would be read as something else; what is in a list as well where it is no word.
fn quoted(text: &str, listed: bool) -> String {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-. :".contains(&byte))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !text.contains(": ");
    // YAML of old reads these letters as yes and no, and a digit is a number.
    let other =
        listed && (text.len() == 1 && (text.starts_with(|c: char| "yYnN".contains(c) || c.is_ascii_digit())));
    if plain && !other { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
