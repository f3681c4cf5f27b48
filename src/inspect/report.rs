//! What `greenroom doctor` found, as aligned text or as JSON.

use std::fmt::Write;

use serde::Serialize;

use greenroom_system::subprocess::printable;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CheckState {
    /// It works.
    Good,
    /// It is not there; something else cannot be done then.
    Absent,
    /// It is there, or was asked for, and does not work.
    Broken,
    /// It works, and something about it is not as it should be.
    Doubtful,
    /// Only to be known.
    Note,
}

impl CheckState {
    /// A mark and a word, so that neither colour nor the mark's shape is needed.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Good => "✓ ready",
            Self::Absent => "✗ missing",
            Self::Broken => "✗ BROKEN",
            Self::Doubtful => "! look",
            Self::Note => "· note",
        }
    }
}

/// One thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CheckItem {
    group: &'static str,
    name: String,
    state: CheckState,
    facts: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    fix: String,
}

impl CheckItem {
    fn new(name: &str, state: CheckState, facts: String, fix: String) -> Self {
        Self { group: "", name: name.to_owned(), state, facts, fix }
    }

    /// What it is.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How it stands.
    pub(crate) fn state(&self) -> CheckState {
        self.state
    }

    /// What was found, in lines.
    pub(crate) fn facts(&self) -> &str {
        &self.facts
    }

    /// What to do about it; empty when there is nothing to do.
    pub(crate) fn fix(&self) -> &str {
        &self.fix
    }

    pub(crate) fn good(name: &str, facts: String) -> Self {
        Self::new(name, CheckState::Good, facts, String::new())
    }

    pub(crate) fn note(name: &str, facts: String) -> Self {
        Self::new(name, CheckState::Note, facts, String::new())
    }

    pub(crate) fn absent(name: &str, facts: String, fix: impl Into<String>) -> Self {
        Self::new(name, CheckState::Absent, facts, fix.into())
    }

    pub(crate) fn doubtful(name: &str, facts: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(name, CheckState::Doubtful, facts.into(), fix.into())
    }

    pub(crate) fn broken(name: &str, facts: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(name, CheckState::Broken, facts.into(), fix.into())
    }
}

/// All of them, in groups.
#[derive(Debug, Default)]
pub(crate) struct Report {
    items: Vec<CheckItem>,
}

impl Report {
    pub(crate) fn add(&mut self, group: &'static str, item: CheckItem) {
        self.items.push(CheckItem { group, ..item });
    }

    pub(crate) fn add_if(&mut self, group: &'static str, item: Option<CheckItem>) {
        self.items.extend(item.map(|item| CheckItem { group, ..item }));
    }

    pub(crate) fn items(&self) -> &[CheckItem] {
        &self.items
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.items.iter().any(|item| item.state == CheckState::Broken)
    }

    /// As text that is `width` columns wide, if that can be done without breaking a word.
    pub(crate) fn text(&self, width: usize) -> String {
        let wide = |text: &str| text.chars().count();
        let names = self.items.iter().map(|item| wide(&item.name)).max().unwrap_or(0);
        let mut text = String::new();
        let mut group = "";
        for item in &self.items {
            if item.group != group {
                let gap = if group.is_empty() { "" } else { "\n" };
                group = item.group;
                let _ = writeln!(text, "{gap}{group}");
            }
            let mut head = format!("  {:<9}  {:<names$}  ", item.state.words(), item.name);
            let indent = " ".repeat(wide(&head));
            let room = width.saturating_sub(wide(&indent)).max(20);
            for line in item.facts.lines().flat_map(|line| wrap(&printable(line), room)) {
                let _ = writeln!(text, "{head}{line}");
                head.clone_from(&indent);
            }
            if !item.fix.is_empty() {
                let mut arrow = "→ ";
                for line in wrap(&printable(&item.fix), room - 2) {
                    let _ = writeln!(text, "{indent}{arrow}{line}");
                    arrow = "  ";
                }
            }
        }
        text
    }
}

/// `line` in lines of at most `room` characters, broken between words.
pub(crate) fn wrap(line: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        match lines.last_mut().filter(|last| last.chars().count() + 1 + word.chars().count() <= room) {
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_aligned_and_says_what_to_do() {
        let mut report = Report::default();
        report.add("One", CheckItem::good("a", "yes\nmore".to_owned()));
        report.add("One", CheckItem::absent("longer", "no".to_owned(), "get it"));
        assert!(!report.is_broken());
        report.add("Two", CheckItem::broken("b", "bad\x1b[1m", ""));
        assert!(report.is_broken());
        let expected = "One\n  ✓ ready    a       yes\n                     more\n  ✗ missing  longer  no\n                     \
                        → get it\n\nTwo\n  ✗ BROKEN   b       bad[1m\n";
        assert_eq!(report.text(80), expected);
        let mut narrow = Report::default();
        narrow.add(
            "G",
            CheckItem::absent("n", "one two three four five six".to_owned(), "seven eight nine ten"),
        );
        let expected = "G\n  ✗ missing  n  one two three four\n                five six\n                \
                        → seven eight nine\n                  ten\n";
        assert_eq!(narrow.text(36), expected);
    }
}
