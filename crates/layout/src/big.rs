//! Large letters: which size fits, and where lines break.

use std::collections::VecDeque;

use greenroom_raster::PixelFace;
use ratatui::style::Style;

use super::scene::{BigText, Run};
use super::text::wrap;
use greenroom_deck::{Text, Theme};

/// A text of more characters is no title: it is set as text.
const MAX_CHARS: usize = 400;

/// The room for large letters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Columns of cells.
    pub columns: u16,
    /// The most rows that all lines may take.
    pub rows: u16,
}

/// The sizes of slide titles in a room of so many columns and rows: one for all slides of a window, and smaller ones for what
/// would not fit. None where the window is so small that the sentence matters more than its size.
#[must_use]
pub(crate) fn title_faces(size: Option<u8>, columns: u16, rows: u16) -> &'static [PixelFace] {
    match size {
        Some(0 | 1) => &[],
        _ if columns < 34 || rows < 14 => &[],
        Some(size) => large_faces(size),
        None if columns >= 100 && rows >= 38 => &[PixelFace::Four, PixelFace::Three],
        None => &[PixelFace::Three],
    }
}

/// The sizes of text with this `font_size`, the largest first.
#[must_use]
pub(crate) fn large_faces(size: u8) -> &'static [PixelFace] {
    const ALL: &[PixelFace] = &[PixelFace::Twelve, PixelFace::Six, PixelFace::Four, PixelFace::Three];
    match size {
        0..=3 => &ALL[3..],
        4 => &ALL[2..],
        5 | 6 => &ALL[1..],
        _ => ALL,
    }
}

/// `text` in the first of `faces` in which it fits, one [`BigText`] a line. Nothing when it fits in none, or when a letter has no
/// large form.
#[must_use]
pub(crate) fn fit_big(
    text: &Text,
    room: Room,
    faces: &[PixelFace],
    style: Style,
    theme: &Theme,
) -> Option<Vec<BigText>> {
    let plain = text.to_plain();
    let bounded = plain.chars().nth(MAX_CHARS).is_none() && !plain.trim().is_empty();
    if !bounded || !faces.first()?.suits(&plain) {
        return None;
    }
    let paragraphs = wrap(text, u16::MAX, usize::from(room.rows), style, theme);
    faces.iter().find_map(|face| {
        let lines: Vec<BigText> = paragraphs.iter().flat_map(|runs| set(runs, *face, room.columns)).collect();
        (lines.len() * usize::from(face.rows()) <= usize::from(room.rows)).then_some(lines)
    })
}

/// A word, perhaps in several looks, and its columns.
struct Word {
    runs: Vec<Run>,
    columns: u16,
}

/// Lines as few as possible, and then as even as possible.
fn set(runs: &[Run], face: PixelFace, columns: u16) -> Vec<BigText> {
    let words = words(runs, face, columns);
    let widest = words.iter().map(|word| word.columns).max().unwrap_or(0);
    // What a blank between words takes: measured once, since a line is filled again and again.
    let blank = face.measure("n n").saturating_sub(2 * face.measure("n"));
    let few = fill(&words, blank, columns).len();
    let (mut low, mut high) = (widest, columns);
    while low < high {
        let middle = low + (high - low) / 2;
        if fill(&words, blank, middle).len() <= few { high = middle } else { low = middle + 1 }
    }
    let line = |words: &[Word]| {
        let mut runs: Vec<Run> = Vec::new();
        for (index, word) in words.iter().enumerate() {
            for (place, run) in word.runs.iter().enumerate() {
                let blank = index > 0 && place == 0;
                match runs.last_mut() {
                    Some(last) if (last.style, &last.link) == (run.style, &run.link) => {
                        last.text.push_str(if blank { " " } else { "" });
                        last.text.push_str(&run.text);
                    }
                    last => {
                        if let (Some(last), true) = (last, blank) {
                            last.text.push(' ');
                        }
                        runs.push(run.clone());
                    }
                }
            }
        }
        BigText { runs, face }
    };
    fill(&words, blank, high).into_iter().map(|range| line(words.get(range).unwrap_or_default())).collect()
}

/// The words of a line; one that is wider than `columns` is broken.
fn words(runs: &[Run], face: PixelFace, columns: u16) -> Vec<Word> {
    let mut words: Vec<Vec<Run>> = Vec::new();
    let mut open = false;
    for run in runs {
        for (index, part) in run.text.split(' ').enumerate() {
            open &= index == 0;
            if part.is_empty() {
                continue;
            }
            let part = Run { text: part.to_owned(), ..run.clone() };
            match words.last_mut().filter(|_| open) {
                Some(word) => word.push(part),
                None => words.push(vec![part]),
            }
            open = true;
        }
    }
    words.into_iter().flat_map(|runs| pieces(runs, face, columns)).collect()
}

/// A word, or its parts where it is wider than a line.
fn pieces(runs: Vec<Run>, face: PixelFace, most: u16) -> Vec<Word> {
    let measure = |runs: &[Run]| face.measure(&runs.iter().map(|run| run.text.as_str()).collect::<String>());
    let (mut done, mut left) = (Vec::new(), VecDeque::from(runs));
    loop {
        let columns = measure(left.make_contiguous());
        if columns <= most {
            done.push(Word { runs: left.into(), columns });
            return done;
        }
        let mut piece: Vec<Run> = Vec::new();
        while let Some(run) = left.pop_front() {
            let ends = run.text.char_indices().map(|(at, c)| at + c.len_utf8());
            let fits = |end: &usize| {
                let part = Run { text: run.text[..*end].to_owned(), ..run.clone() };
                measure(&[piece.as_slice(), &[part]].concat()) <= most
            };
            let mut end = ends.take_while(fits).last().unwrap_or(0);
            if end == 0 && piece.is_empty() {
                // A letter that is wider than the screen has a line of its own.
                end = run.text.chars().next().map_or(0, char::len_utf8);
            }
            let (here, rest) = run.text.split_at(end);
            if !here.is_empty() {
                piece.push(Run { text: here.to_owned(), ..run.clone() });
            }
            if !rest.is_empty() {
                left.push_front(Run { text: rest.to_owned(), ..run });
                break;
            }
        }
        let columns = measure(&piece);
        done.push(Word { runs: piece, columns });
        if left.is_empty() {
            return done;
        }
    }
}

/// The words of each line, when lines are as wide as `columns`, and `blank` stands between words.
fn fill(words: &[Word], blank: u16, columns: u16) -> Vec<std::ops::Range<usize>> {
    let mut lines: Vec<std::ops::Range<usize>> = Vec::new();
    let mut used = 0_u16;
    for (index, word) in words.iter().enumerate() {
        let with = used.saturating_add(blank).saturating_add(word.columns);
        match lines.last_mut() {
            Some(line) if with <= columns => {
                line.end = index + 1;
                used = with;
            }
            _ => {
                lines.push(index..index + 1);
                used = word.columns;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme() -> Theme {
        greenroom_parse::builtin_theme("dark").unwrap()
    }

    fn lines(text: &str, columns: u16, rows: u16, faces: &[PixelFace]) -> Option<Vec<String>> {
        let room = Room { columns, rows };
        let lines = fit_big(&Text::plain(text), room, faces, Style::new(), &theme())?;
        Some(lines.iter().map(BigText::text).collect())
    }

    #[test]
    fn the_largest_size_that_fits_is_taken() {
        let faces = large_faces(7);
        let fit = |columns, rows| {
            let room = Room { columns, rows };
            let lines = fit_big(&Text::plain("Free Threaded Django"), room, faces, Style::new(), &theme())?;
            Some((lines[0].face, lines.len()))
        };
        assert_eq!(fit(250, 20), Some((PixelFace::Twelve, 1)));
        assert_eq!(fit(120, 20), Some((PixelFace::Six, 1)));
        assert_eq!(fit(108, 13), Some((PixelFace::Six, 2)));
        assert_eq!(fit(72, 10), Some((PixelFace::Four, 2)));
        assert_eq!(fit(72, 3), Some((PixelFace::Three, 1)));
        assert_eq!(fit(30, 3), None);
    }

    #[test]
    fn lines_are_few_and_even() {
        let three = &[PixelFace::Three];
        let split = |text| lines(text, 72, 6, three).unwrap().join(" | ");
        assert_eq!(split("What is the GIL?"), "What is the GIL?");
        assert_eq!(
            split("For questions: sync code without a request"),
            "For questions: sync | code without a request"
        );
        assert_eq!(split("One\nTwo"), "One | Two");
    }

    #[test]
    fn looks_stay_with_their_words() {
        let code = greenroom_deck::Span {
            text: "a.b".to_owned(),
            mark: greenroom_deck::Mark::CODE,
            ..greenroom_deck::Span::default()
        };
        let mut text = Text::plain("every ");
        text.0.push(code);
        text.0.extend(Text::plain(" counts").0);
        let lines =
            fit_big(&text, Room { columns: 200, rows: 3 }, &[PixelFace::Three], Style::new(), &theme());
        let runs = &lines.unwrap()[0].runs;
        let words: Vec<&str> = runs.iter().map(|run| run.text.as_str()).collect();
        assert_eq!(words, ["every ", "a.b ", "counts"]);
        assert!(runs[0].style != runs[1].style && runs[0].style == runs[2].style);
    }

    #[test]
    fn what_is_long_is_broken_or_left_to_text() {
        let three = &[PixelFace::Three];
        let broken = lines("Donaudampfschifffahrtsgesellschaft", 40, 20, three).unwrap();
        assert!(broken.len() > 1 && broken.concat() == "Donaudampfschifffahrtsgesellschaft");
        assert!(lines(&"m".repeat(300), 1, u16::MAX, three).unwrap().len() == 300);
        assert_eq!(lines(&"word ".repeat(2_000), 72, 9, three), None);
        assert_eq!(lines("漢字", 72, 9, three), None);
        assert_eq!(lines("  ", 72, 9, three), None);
    }
}
