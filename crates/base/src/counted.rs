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
    }
}
