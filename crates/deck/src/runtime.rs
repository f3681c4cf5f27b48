//! Which Python a demo asks for.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The runtimes that a demo can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuntimeName {
    /// Python without the GIL.
    FreeThreaded,
    /// Python with it.
    Gil,
}

/// The most that are named beside the usual ones of a probe.
pub(crate) const MAX_RUNTIMES: usize = 3;
/// The longest name of one, in characters: it stands above a column.
const MAX_LABEL: usize = 24;

/// A column that a probe has beside its usual ones: another interpreter, or other packages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct NamedRuntime {
    /// Its name above the column: a few words.
    pub label: String,
    /// The interpreter: `gil` or `free-threaded`, a version that is looked for (`3.15t`), or an absolute path.
    pub python: String,
    /// A lock file in the deck with the packages of this column; those of the demo when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirements: Option<String>,
}

/// An interpreter, as a deck names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interpreter {
    /// One of the two that every demo can have.
    Usual(RuntimeName),
    /// A version: `3.15t` is free threaded.
    Version {
        /// The first two numbers.
        minor: (u32, u32),
        /// Whether it is a free-threaded build.
        free_threaded: bool,
    },
    /// A file, by its absolute path.
    Path(PathBuf),
}

impl Interpreter {
    /// The one that `text` names; none when it names none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "gil" => return Some(Self::Usual(RuntimeName::Gil)),
            "free-threaded" => return Some(Self::Usual(RuntimeName::FreeThreaded)),
            path if path.starts_with('/') && !path.contains('\0') => return Some(Self::Path(path.into())),
            _ => {}
        }
        let version = text.strip_suffix('t').unwrap_or(text);
        let (major, minor) = version.split_once('.')?;
        let number = |digits: &str| {
            let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse().ok().filter(|_| plain)
        };
        let minor = (number(major)?, number(minor)?);
        Some(Self::Version { minor, free_threaded: version.len() < text.len() })
    }
}

impl NamedRuntime {
    /// What is wrong with it, and what to do.
    #[must_use]
    pub fn fault(&self) -> Option<(String, &'static str)> {
        let length = self.label.chars().count();
        if length == 0
            || length > MAX_LABEL
            || self.label.contains('=')
            || self.label.contains(char::is_control)
        {
            let message = format!("a runtime's label is 1 to {MAX_LABEL} characters without `=`");
            return Some((message, "write `label: \"3.15 free threaded\"`"));
        }
        if Interpreter::read(&self.python).is_none() {
            let message = format!("\"{}\" names no Python", self.python.escape_debug());
            return Some((message, "write gil, free-threaded, a version such as 3.15t, or an absolute path"));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interpreter_is_a_name_a_version_or_a_path() {
        let version = |minor, free_threaded| Some(Interpreter::Version { minor: (3, minor), free_threaded });
        for (text, reads) in [
            ("gil", Some(Interpreter::Usual(RuntimeName::Gil))),
            ("3.15t", version(15, true)),
            ("3.9", version(9, false)),
            ("/opt/python/bin/python3", Some(Interpreter::Path("/opt/python/bin/python3".into()))),
        ] {
            assert_eq!(Interpreter::read(text), reads, "{text}");
        }
        for text in
            ["", "3", "3.", ".14", "3.14.7", "3.14tt", "python3", "bin/python", "~/p", "3.+5", "3.1 4", "-c"]
        {
            assert_eq!(Interpreter::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_label_is_short_and_says_something() {
        let of = |label: &str| NamedRuntime {
            label: label.to_owned(),
            python: "3.15t".to_owned(),
            ..NamedRuntime::default()
        };
        assert_eq!(of("3.15 rc2, no GIL").fault(), None);
        let long = "x".repeat(25);
        for label in ["", "a=b", "a\nb", long.as_str()] {
            assert!(of(label).fault().is_some(), "{label}");
        }
    }
}
