//! Block letters: which size fits.

use super::scene::{BigSize, BigText};
use ratatui::style::Style;

/// `text` in the largest of `sizes` in which it fits into this many columns and rows, words kept whole, one
/// [`BigText`] a line. Nothing when no size fits, or when a letter is not ASCII and so has no block form.
#[must_use]
pub(crate) fn fit_big(
    text: &str,
    columns: u16,
    rows: u16,
    sizes: &[BigSize],
    style: Style,
) -> Option<Vec<BigText>> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return None;
    }
    sizes.iter().find_map(|size| {
        let (letter_columns, letter_rows) = size.letter();
        let lines = fill(text, usize::from(columns / letter_columns))?;
        let needed = lines.len() * usize::from(letter_rows);
        (needed <= usize::from(rows))
            .then(|| lines.into_iter().map(|text| BigText { text, size: *size, style, link: None }).collect())
    })
}

/// Words in lines of at most `most` letters; nothing when a word is longer.
fn fill(text: &str, most: usize) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        if word.len() > most {
            return None;
        }
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_size_that_fits_is_taken() {
        let sizes = [BigSize::Full, BigSize::Half, BigSize::Quarter];
        let fit = |columns, rows| {
            fit_big("Free Threaded Django", columns, rows, &sizes, Style::new())
                .map(|lines| (lines[0].size, lines.len()))
        };
        assert_eq!(fit(160, 20), Some((BigSize::Full, 1)));
        assert_eq!(fit(108, 10), Some((BigSize::Half, 2)));
        assert_eq!(fit(72, 12), Some((BigSize::Half, 3)));
        assert_eq!(fit(72, 10), Some((BigSize::Quarter, 2)));
        assert_eq!(fit(20, 10), None);
        assert_eq!(fit_big("naïve", 200, 50, &sizes, Style::new()), None);
    }
}
