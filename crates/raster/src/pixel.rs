//! Proportional letters of a few cells' height, for terminals that show no pictures: their pixels are parts of cells.
//!
//! The tables were made from the embedded bold font (`assets/faces/make.py`), so that the same line takes the same room drawn
//! either way.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::line::{ASCENT, DESCENT};

/// How high the letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PixelFace {
    /// Three rows of cells: titles.
    Three,
    /// Four.
    Four,
    /// Six.
    Six,
    /// Twelve: those of six, twice as large.
    Twelve,
}

/// What a [`Guest`] takes where it is drawn, and what a blank takes, in fortieths of the size. (Emoji of the embedded font are as wide.)
const GUEST: u32 = 52;
const BLANK: u32 = 14;
/// The most letters that are set in one line.
const MAX_CHARS: usize = 512;

/// A face as it is stored.
#[derive(Clone, Copy)]
struct Table {
    bytes: &'static [u8],
    /// Bytes of a column of pixels.
    each: usize,
    /// Columns of pixels between letters, and what a blank adds.
    gap: usize,
    blank: usize,
    /// Pixels that stand for one.
    scale: usize,
}

/// A letter's columns, each from the lowest bit down, and its advance in fortieths of the size.
#[derive(Clone, Copy)]
struct Glyph {
    bytes: &'static [u8],
    each: usize,
    advance: u8,
}

impl Glyph {
    fn columns(self) -> impl DoubleEndedIterator<Item = u64> + Clone {
        self.bytes
            .chunks_exact(self.each)
            .map(|column| column.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
    }
}

/// A line of letters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PixelLine {
    /// Columns of pixels, two to a cell, the lowest bit on top, three to a cell.
    columns: Vec<u64>,
    /// For each the place in the text of the character that it belongs to.
    places: Vec<usize>,
    guests: Vec<Guest>,
}

/// A sign that the face lacks, an emoji for example: it stands among the letters as the terminal shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The column of cells that it begins in.
    pub column: u16,
    /// Where it is in the text.
    pub place: Range<usize>,
}

impl PixelFace {
    /// Rows of cells.
    #[must_use]
    pub const fn rows(self) -> u16 {
        match self {
            Self::Three => 3,
            Self::Four => 4,
            Self::Six => 6,
            Self::Twelve => 12,
        }
    }

    /// The size of outlines that take the same room, in columns of cells.
    const fn em(self) -> f32 {
        match self {
            Self::Three => 5.0,
            Self::Four => 5.9,
            Self::Six => 8.8,
            Self::Twelve => 17.6,
        }
    }

    /// Rows of cells from the top to the line that the letters stand on.
    const fn baseline(self) -> f32 {
        match self {
            Self::Three => 7.0 / 3.0,
            Self::Four => 3.0,
            Self::Six => 14.0 / 3.0,
            Self::Twelve => 28.0 / 3.0,
        }
    }

    /// The same letters as outlines, in cells of this width and height: their size, and how far the line that they stand on is
    /// from the top.
    #[must_use]
    pub fn in_cells(self, cell: (f32, f32)) -> (f32, f32) {
        let (above, all) = (self.baseline() * cell.1, f32::from(self.rows()) * cell.1);
        let highest = (above / ASCENT).min((all - above) / DESCENT);
        ((self.em() * cell.0).min(highest), above)
    }

    const fn table(self) -> Table {
        const SIX: &[u8] = include_bytes!("../assets/faces/six.face");
        match self {
            Self::Three => Table {
                bytes: include_bytes!("../assets/faces/three.face"),
                each: 2,
                gap: 1,
                blank: 3,
                scale: 1,
            },
            Self::Four => Table {
                bytes: include_bytes!("../assets/faces/four.face"),
                each: 2,
                gap: 1,
                blank: 4,
                scale: 1,
            },
            Self::Six => Table { bytes: SIX, each: 3, gap: 2, blank: 5, scale: 1 },
            Self::Twelve => Table { bytes: SIX, each: 3, gap: 2, blank: 5, scale: 2 },
        }
    }

    /// Whether `text` can be set: at least half of its signs are letters of the face, and none is written from right to left, whose
    /// order is not ours to find.
    #[must_use]
    pub fn suits(self, text: &str) -> bool {
        let table = self.table();
        if text.is_ascii() {
            return !text.trim().is_empty();
        }
        let signs = || signs(text).map(|(_, sign)| sign).filter(|sign| !sign.trim().is_empty());
        let own = signs().filter(|sign| table.holds(sign)).count();
        own > 0 && own * 2 >= signs().count() && !text.chars().any(is_right_to_left)
    }

    /// The row of cells that a `Guest` stands in.
    #[must_use]
    pub const fn guest_row(self) -> u16 {
        self.rows() / 2
    }

    /// The columns of cells that a line takes, however it is drawn.
    #[must_use]
    pub fn measure(self, text: &str) -> u16 {
        let table = self.table();
        let pixels = self.set(text).columns.len();
        let advance: u32 = text
            .graphemes(true)
            .take(MAX_CHARS)
            .map(
                |sign| {
                    if table.is_guest(sign) { GUEST } else { sign.chars().map(|c| table.advance(c)).sum() }
                },
            )
            .sum();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        // some thousands at most
        let drawn = (advance as f32 / 40.0 * self.em()).ceil() as u16;
        drawn.max(u16::try_from(pixels.div_ceil(2)).unwrap_or(u16::MAX))
    }

    /// The pixels of a line, and room for its guests.
    #[must_use]
    pub fn set(self, text: &str) -> PixelLine {
        let table = self.table();
        let mut line = PixelLine::default();
        let mut before: Option<Glyph> = None;
        for (start, sign) in signs(text).take(MAX_CHARS) {
            if table.is_guest(sign) {
                line.invite(start, sign, table.gap);
                before = None;
                continue;
            }
            for (place, c) in sign.char_indices().map(|(at, c)| (start + at, c)) {
                let Some(glyph) = table.glyph(c) else {
                    if c.is_whitespace() {
                        line.pad(table.blank, place);
                        before = None;
                    }
                    continue;
                };
                let closer = before.map_or(0, |before| table.closer(before, glyph));
                let start = match line.columns.len() {
                    0 => 0,
                    length => length + table.gap - closer.min(length + table.gap),
                };
                line.lay(start, glyph, place);
                before = Some(glyph);
            }
        }
        if table.scale > 1 {
            line.double();
        }
        line
    }
}

impl Table {
    /// Whether the first letter of a sign is there; what is added to a letter may be lacking.
    fn holds(&self, sign: &str) -> bool {
        let is_presented = sign.contains('\u{fe0f}') || sign.contains('\u{20e3}');
        !is_presented && sign.chars().next().is_some_and(|c| self.glyph(c).is_some())
    }

    /// Whether a sign can only be shown as it is: it has a width, and is no letter of the face.
    fn is_guest(&self, sign: &str) -> bool {
        !sign.is_ascii() && !sign.trim().is_empty() && !self.holds(sign) && sign.width() > 0
    }

    /// How far the next letter is from this one, in fortieths of the size.
    fn advance(&self, c: char) -> u32 {
        match self.glyph(c) {
            Some(glyph) => glyph.advance.into(),
            None if c.is_whitespace() => BLANK,
            None => 0,
        }
    }

    /// The letter, by halves: the index is in the order of characters.
    fn glyph(self, c: char) -> Option<Glyph> {
        const ENTRY: usize = 8;
        let (count, rest) = self.bytes.split_first_chunk::<2>()?;
        let index = rest.get(..usize::from(u16::from_le_bytes(*count)) * ENTRY)?;
        let (entries, _) = index.as_chunks::<ENTRY>();
        let code = |entry: &[u8; ENTRY]| u32::from_le_bytes([entry[0], entry[1], entry[2], entry[3]]);
        let found = entries.binary_search_by_key(&u32::from(c), code).ok()?;
        let &[.., low, high, width, advance] = entries.get(found)?;
        let first = usize::from(u16::from_le_bytes([low, high])) * self.each;
        let bytes = rest.get(index.len()..)?.get(first..first + usize::from(width) * self.each)?;
        Some(Glyph { bytes, each: self.each, advance })
    }

    /// Kerning: how many pixels two letters can move together so that they are nowhere closer than others are.
    fn closer(self, left: Glyph, right: Glyph) -> usize {
        let mut nearest = self.gap + 1;
        // What is above and below counts as near, too.
        let wide = |bits: u64| bits | bits << 1 | bits >> 1;
        for (behind, ends) in left.columns().rev().enumerate().take(nearest) {
            for (before, begins) in right.columns().enumerate().take(nearest.saturating_sub(behind)) {
                if wide(ends) & begins != 0 {
                    nearest = nearest.min(behind + before);
                }
            }
        }
        nearest
    }
}

impl PixelLine {
    fn pad(&mut self, columns: usize, place: usize) {
        let length = self.columns.len() + columns;
        self.columns.resize(length, 0);
        self.places.resize(length, place);
    }

    fn lay(&mut self, start: usize, glyph: Glyph, place: usize) {
        for (at, bits) in (start..).zip(glyph.columns()) {
            if at >= self.columns.len() {
                self.pad(at + 1 - self.columns.len(), place);
            }
            if let Some(column) = self.columns.get_mut(at) {
                *column |= bits;
            }
        }
    }

    /// Makes room for a sign as the terminal shows it, from a whole cell to a whole cell.
    fn invite(&mut self, place: usize, sign: &str, gap: usize) {
        let length = self.columns.len();
        let start = if length == 0 { 0 } else { (length + gap).next_multiple_of(2) };
        self.pad(start - length, place);
        self.pad(2 * sign.width(), place);
        let column = u16::try_from(start / 2).unwrap_or(u16::MAX);
        self.guests.push(Guest { column, place: place..place + sign.len() });
    }

    /// The signs that the face lacks.
    #[must_use]
    pub fn guests(&self) -> &[Guest] {
        &self.guests
    }

    fn double(&mut self) {
        for guest in &mut self.guests {
            guest.column = guest.column.saturating_mul(2);
        }
        let spread =
            |bits: u64| (0..32).filter(|bit| bits >> bit & 1 == 1).fold(0, |all, bit| all | 3 << (2 * bit));
        self.columns = self.columns.iter().flat_map(|bits| [spread(*bits); 2]).collect();
        self.places = self.places.iter().flat_map(|place| [*place; 2]).collect();
    }

    /// The cells of a row: each a character, and the place in the text of what it is a part of.
    pub fn cells(&self, row: u16) -> impl Iterator<Item = (char, usize)> {
        let shift = u32::from(row) * 3;
        self.columns.chunks(2).zip(self.places.chunks(2)).map(move |(columns, places)| {
            let part = |bits: u64| u32::try_from(bits.checked_shr(shift).unwrap_or(0) & 0b111).unwrap_or(0);
            let (left, right) = (part(columns[0]), columns.get(1).map_or(0, |bits| part(*bits)));
            let spread = |bits: u32| bits & 1 | (bits & 2) << 1 | (bits & 4) << 2;
            // Between two letters it belongs to the one that has ink in it.
            let place = if left == 0 { places.last() } else { places.first() };
            (sextant(spread(left) | spread(right) << 1), place.copied().unwrap_or(0))
        })
    }
}

/// What is read as one sign each, with where it begins. In ASCII that is a character, which is found many times as fast.
fn signs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let each = text.is_ascii().then(|| (0..text.len()).filter_map(|at| Some((at, text.get(at..=at)?))));
    let others = (!text.is_ascii()).then(|| text.grapheme_indices(true));
    each.into_iter().flatten().chain(others.into_iter().flatten())
}

/// Whether `c` is of a script that is written from right to left.
const fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// The character of six parts of a cell, a bit each, from the top left on.
fn sextant(parts: u32) -> char {
    match parts {
        0 => ' ',
        21 => '▌',
        42 => '▐',
        63 => '█',
        parts => {
            let skipped = 1 + u32::from(parts > 21) + u32::from(parts > 42);
            char::from_u32(0x1fb00 + parts - skipped).unwrap_or(' ')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [PixelFace; 4] = [PixelFace::Three, PixelFace::Four, PixelFace::Six, PixelFace::Twelve];

    fn picture(face: PixelFace, text: &str) -> Vec<String> {
        let line = face.set(text);
        (0..face.rows()).map(|row| line.cells(row).map(|(c, _)| c).collect()).collect()
    }

    #[test]
    fn three_rows_look_like_this() {
        assert_eq!(picture(PixelFace::Three, "Hé!"), ["█ ▐▌🬞🬮🬏▐▌", "█🬂🬨▌█🬋🬎🬠🬐", "🬂 🬁🬀🬁🬂🬂🬁🬀"]);
    }

    #[test]
    fn what_titles_are_written_in_is_there() {
        let all: String = (' '..='~').chain('¡'..='ž').filter(|c| *c != '\u{ad}').collect();
        for face in ALL {
            for text in [&*all, "“”‘’„‚«»–—…×÷±→←≤≥≈−", "Привет, мир", "Ελληνικά"]
            {
                let lacking = text.graphemes(true).find(|sign| face.table().is_guest(sign));
                assert_eq!(lacking, None, "{face:?}");
            }
        }
    }

    /// No letter is empty, none reaches out of its rows, and what a line takes is what is set.
    #[test]
    fn every_letter_has_ink_within_its_rows() {
        for face in ALL {
            for c in ('!'..='ž').filter(|c| !c.is_whitespace() && face.table().holds(&c.to_string())) {
                let line = face.set(&c.to_string());
                assert!(line.columns.iter().any(|bits| *bits != 0), "{c} {face:?}");
                let most = u32::from(face.rows()) * 3;
                assert!(line.columns.iter().all(|bits| most >= 64 || bits >> most == 0), "{c} {face:?}");
            }
        }
    }

    /// Emoji and signs of other scripts keep whole cells among the letters, and nothing is drawn there.
    #[test]
    fn what_a_face_lacks_is_a_guest() {
        for face in ALL {
            for (text, signs) in [
                ("🚀 Launch", vec!["🚀"]),
                ("Go 👩\u{200d}💻 go", vec!["👩\u{200d}💻"]),
                ("Press 1\u{fe0f}\u{20e3} now", vec!["1\u{fe0f}\u{20e3}"]),
                ("Hello 世界", vec!["世", "界"]),
                ("e\u{301}te\u{301}", vec![]),
            ] {
                let line = face.set(text);
                let found: Vec<&str> = line.guests().iter().map(|guest| &text[guest.place.clone()]).collect();
                assert_eq!(found, signs, "{face:?}");
                assert!(face.suits(text), "{text}");
                for guest in line.guests() {
                    let cells: Vec<char> = line.cells(face.guest_row()).map(|(c, _)| c).collect();
                    let at = usize::from(guest.column);
                    assert_eq!(cells[at..at + 2], [' ', ' '], "{text} {face:?}");
                }
                assert!(usize::from(face.measure(text)) >= line.columns.len().div_ceil(2), "{text}");
            }
            for text in ["漢字", "日本語 ok", "שלום, all", "Hello مرحبا", "🚀", "", " "] {
                assert!(!face.suits(text), "{text}");
            }
        }
    }

    #[test]
    fn letters_are_kerned_and_stay_apart() {
        let width = |text: &str| PixelFace::Three.set(text).columns.len();
        assert!(width("AV") < width("A") + 1 + width("V"));
        assert!(width("To") < width("T") + 1 + width("o"));
        assert_eq!(width("Hn"), width("H") + 1 + width("n"));
        assert!((88..=96).contains(&PixelFace::Three.measure("Map two: what Django stands on")));
    }

    /// Between two letters there is no ink of both in one place: what is set one by one is the same ink.
    #[test]
    fn no_pair_of_letters_runs_together() {
        let ink = |text: &str| -> u32 {
            PixelFace::Three.set(text).columns.iter().map(|bits| bits.count_ones()).sum()
        };
        for left in '!'..='~' {
            for right in '!'..='~' {
                let pair = format!("{left}{right}");
                assert_eq!(ink(&pair), ink(&left.to_string()) + ink(&right.to_string()), "{pair}");
            }
        }
    }

    #[test]
    fn a_line_of_any_length_is_bounded_and_no_input_panics() {
        for face in ALL {
            assert!(face.set(&"m".repeat(100_000)).columns.len() < 20_000);
            for text in ["", " ", "e\u{301}", "👩\u{200d}💻", "שלום", "\u{0}\t\u{7f}", "漢字"] {
                let line = face.set(text);
                assert_eq!(line.columns.len(), line.places.len());
                let _ = (face.measure(text), line.cells(0).count(), line.cells(u16::MAX).count());
            }
        }
    }

    #[test]
    fn outlines_take_the_room_of_pixels() {
        for face in ALL {
            let text = "Where the free-threaded build pays";
            let (pixels, room) = (face.set(text).columns.len().div_ceil(2), usize::from(face.measure(text)));
            assert!(room >= pixels && room <= pixels + pixels / 12, "{face:?} {pixels} {room}");
        }
    }

    #[test]
    fn cells_belong_to_their_letters() {
        let line = PixelFace::Three.set("ab");
        let places: Vec<usize> = line.cells(1).map(|(_, place)| place).collect();
        assert_eq!((places[0], places[places.len() - 1]), (0, 1));
        assert!(places.is_sorted());
    }
}
