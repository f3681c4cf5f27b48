//! How many of something, in words: the one place that knows singular and plural.

/// `1 problem`, `2 problems`: `one` is the singular of a word that takes an s.
#[must_use]
pub fn counted(count: usize, one: &str) -> String {
    counted_as(count, one, &format!("{one}s"))
}

/// The same for a word with a plural of its own.
#[must_use]
pub fn counted_as(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `two`: a small number, as it is spoken.
#[must_use]
pub fn in_letters(count: usize) -> Option<&'static str> {
    const WORDS: [&str; 12] =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.get(count.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_everything_else_is_many() {
        assert_eq!(
            [0, 1, 2].map(|count| counted(count, "problem")),
            ["0 problems", "1 problem", "2 problems"]
        );
        assert_eq!([1, 3].map(|count| counted_as(count, "entry", "entries")), ["1 entry", "3 entries"]);
        assert_eq!([0, 1, 12, 13].map(in_letters), [None, Some("one"), Some("twelve"), None]);
    }
}
