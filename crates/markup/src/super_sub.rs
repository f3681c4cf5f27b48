//! `x^2^` and `H~2~O`: superscripts and subscripts that touch a word, which the Markdown reader passes by.

use greenroom_deck::{Mark, Span};

/// Longer than this it is no index or exponent but text that happens to have the signs.
const MAX: usize = 12;

/// `spans` with what stands between two `^` or two `~` right behind a letter or digit marked as such.
#[must_use]
pub fn marked(spans: Vec<Span>) -> Vec<Span> {
    let as_written = |span: &Span| span.mark.contains(Mark::CODE) || span.figure.is_some();
    let signs = |text: &str| text.bytes().any(|byte| matches!(byte, b'^' | b'~'));
    if spans.iter().all(|span| as_written(span) || !signs(&span.text)) {
        return spans;
    }
    let mut out = Vec::with_capacity(spans.len());
    for span in spans {
        if as_written(&span) {
            out.push(span);
        } else {
            split(&span, &mut out);
        }
    }
    out
}

fn split(span: &Span, out: &mut Vec<Span>) {
    let mut push = |text: &str, mark: Mark| {
        if !text.is_empty() {
            out.push(Span { text: text.to_owned(), mark: span.mark | mark, ..span.clone() });
        }
    };
    let mut rest = span.text.as_str();
    let mut from = 0;
    while let Some(at) = rest.get(from..).and_then(|text| text.find(['^', '~'])).map(|at| at + from) {
        match script(rest, at) {
            Some((inside, mark, end)) => {
                push(&rest[..at], Mark::empty());
                push(inside, mark);
                rest = &rest[end..];
                from = 0;
            }
            None => from = at + 1,
        }
    }
    push(rest, Mark::empty());
}

/// What is raised or lowered by the sign at `at`, and where the text goes on.
fn script(text: &str, at: usize) -> Option<(&str, Mark, usize)> {
    let sign = text[at..].chars().next()?;
    let mark = if sign == '^' { Mark::SUPER } else { Mark::SUB };
    let before = text[..at].chars().next_back()?;
    let after = &text[at + 1..];
    let length = after.find(sign)?;
    let inside = &after[..length];
    let fits =
        (1..=MAX).contains(&length) && inside.chars().all(|c| c.is_alphanumeric() || "+-=()".contains(c));
    let end = at + 1 + length + 1;
    (fits && (before.is_alphanumeric() || before == ')') && !text[end..].starts_with(sign))
        .then_some((inside, mark, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Mark)> {
        let span = Span { text: text.to_owned(), ..Span::default() };
        marked(vec![span]).into_iter().map(|span| (span.text, span.mark)).collect()
    }

    #[test]
    fn scripts_touch_a_word_and_are_short() {
        let plain = |text: &str| (text.to_owned(), Mark::empty());
        let sub = |text: &str| (text.to_owned(), Mark::SUB);
        let sup = |text: &str| (text.to_owned(), Mark::SUPER);
        assert_eq!(read("H~2~O"), [plain("H"), sub("2"), plain("O")]);
        assert_eq!(read("x^2^ + y^10^"), [plain("x"), sup("2"), plain(" + y"), sup("10")]);
        for text in ["~/home and ~/work", "a ^ b ^ c", "2^10", "a^b c^", "x^^2^^", "é~"] {
            assert_eq!(read(text), [plain(text)], "{text}");
        }
    }
}
