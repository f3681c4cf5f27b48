//! Dollar signs: which of them are around a formula. The rules are Pandoc's and GitHub's, and one more: a price is none.

use std::ops::Range;

/// Whether the `$…$` at `range` of `text` is meant as a formula, as far as what is around and in it tells.
///
/// Not where a letter or a digit stands right before or behind it (`US$5-$10`, `$HOME:$PATH`), nor where it is words
/// without any sign of mathematics (`$5 and 10$`).
#[must_use]
pub fn is_meant(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).and_then(|before| before.chars().next_back());
    let after = text.get(range.end..).and_then(|after| after.chars().next());
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$' || c == '{');
    if word(before) || word(after) {
        return false;
    }
    let written = text.get(range.clone()).unwrap_or_default();
    let inner = written.trim_matches('$');
    if inner.is_empty() || inner.contains('\n') && inner.contains("\n\n") {
        return false;
    }
    let sign = |c: char| "\\^_={}+<>|()'!".contains(c) || (!c.is_ascii() && !c.is_alphanumeric());
    if is_shell(inner) {
        return false;
    }
    if inner.contains(sign) {
        return true;
    }
    // Without any sign: a variable, a number, a list of them.
    if inner.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return true;
    }
    let mut words = inner.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let (first, more) = (words.next().unwrap_or_default(), words.next().is_some());
    if !more {
        return first.chars().count() <= 3;
    }
    if !inner.contains(char::is_whitespace) {
        return true;
    }
    let short = |word: &str| word.chars().count() == 1 || word.chars().all(|c| c.is_ascii_digit());
    inner.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).all(short)
        && !first.starts_with(|c: char| c.is_ascii_digit())
}

/// A variable of a shell, `${HOME}/x:$`, or a command, `$(date) $`.
fn is_shell(inner: &str) -> bool {
    inner.starts_with(['{', '(']) && !inner.contains(['\\', '^', '_', '='])
        || (inner.starts_with(|c: char| c.is_ascii_uppercase())
            && inner.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').count() > 2)
}

/// Whether the text between two dollar signs has Markdown in it.
#[must_use]
pub fn has_markup(inner: &str) -> bool {
    inner.contains(['*', '_', '`', '[', '<', '~', '&', '\\'])
}

/// The formula between dollar signs: GitHub's form has backticks around it.
#[must_use]
pub fn inner(source: &str) -> &str {
    let trimmed = source.trim();
    trimmed.strip_prefix('`').and_then(|inner| inner.strip_suffix('`')).unwrap_or(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> bool {
        let start = text.find('$').unwrap();
        let end = text.rfind('$').unwrap() + 1;
        is_meant(text, &(start..end))
    }

    #[test]
    fn formulas_are_told_from_prices_and_variables() {
        for text in [
            "$x$",
            "the $n$-th",
            "$a, b$",
            "($x^2$)",
            "$\\alpha$",
            "$E = mc^2$",
            "$3.14$",
            "is $f(x)$.",
            "$a \\$ b$",
        ] {
            assert!(meant(text), "{text}");
        }
        for text in [
            "$5 and 10$",
            "US$5-$10",
            "$HOME:$PATH",
            "$5-$10",
            "$HOME/bin:$",
            "${HOME}/x $",
            "$(date) and $",
            "$5 to you, $10",
            "$some words here$",
            "$PATH$",
        ] {
            assert!(!meant(text), "{text}");
        }
    }
}
