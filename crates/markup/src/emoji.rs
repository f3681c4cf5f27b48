//! `:rocket:`: emoji by the names that GitHub gave them.

use std::sync::LazyLock;

use greenroom_base::diag::nearest;
use greenroom_deck::{Mark, Span};

use crate::ignored::shortcodes;

/// Names and what they stand for, sorted. Most decks never ask for them.
static EMOJI: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    include_str!(concat!(env!("OUT_DIR"), "/emoji.txt"))
        .lines()
        .filter_map(|line| line.split_once(' '))
        .collect()
});

/// The emoji called `name`, without its colons.
#[must_use]
pub fn named(name: &str) -> Option<&'static str> {
    let at = EMOJI.binary_search_by_key(&name, |(known, _)| known).ok()?;
    EMOJI.get(at).map(|(_, emoji)| *emoji)
}

/// The name of an emoji that is nearest to `name`.
#[must_use]
pub fn near(name: &str) -> Option<&'static str> {
    nearest(name, EMOJI.iter().map(|(known, _)| *known))
}

/// `spans` with emoji in place of their names. Code and figures stay as they are, and so do names that nobody knows.
#[must_use]
pub fn drawn(mut spans: Vec<Span>) -> Vec<Span> {
    for span in &mut spans {
        if !span.text.contains(':') || span.mark.contains(Mark::CODE) || span.figure.is_some() {
            continue;
        }
        for found in shortcodes(&span.text).into_iter().rev() {
            let name = span.text.get(found.clone()).unwrap_or_default();
            if let Some(emoji) = named(name.trim_matches(':')) {
                span.text.replace_range(found, emoji);
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_emoji() {
        let read = |text: &str, mark| {
            drawn(vec![Span { text: text.to_owned(), mark, ..Span::default() }]).remove(0).text
        };
        let plain = |text| read(text, Mark::empty());
        assert_eq!(plain("Go :rocket: and :+1:, :white_check_mark:!"), "Go 🚀 and 👍, ✅!");
        assert_eq!(plain(":tada::tada:"), "🎉🎉");
        for text in ["at 10:30:15", "a:rocket:b", ":nobody_knows:", "std::fmt::Write", "::"] {
            assert_eq!(plain(text), text, "{text}");
        }
        assert_eq!(read(":rocket:", Mark::CODE), ":rocket:");
        assert_eq!(near("rockett"), Some("rocket"));
        assert!(EMOJI.is_sorted());
    }
}
