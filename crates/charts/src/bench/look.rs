//! Colours, marks and numbers of a bench's charts.

use greenroom_base::counted::counted_as;
use greenroom_base::number::THIN;
use greenroom_base::text;
use greenroom_raster::{PixelFace, PixelLine};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::columns;
use greenroom_deck::{Rgb, Role, Theme};

/// The colours of variants: those of Okabe and Ito, which people with any colour vision tell apart, in an order in which
/// the first three are furthest from each other.
const COLORS: [Rgb; 6] = [
    Rgb(0x56, 0xb4, 0xe9),
    Rgb(0xe6, 0x9f, 0x00),
    Rgb(0x00, 0xb8, 0x85),
    Rgb(0xcc, 0x79, 0xa7),
    Rgb(0xf0, 0xe4, 0x42),
    Rgb(0xd5, 0x5e, 0x00),
];
/// Their marks: colour is never the only difference.
const MARKS: [&str; 6] = ["●", "▲", "■", "◆", "✚", "★"];
/// The contrast of a variant's colour with the background, at least.
const CONTRAST: f64 = 4.5;

/// The mark of variant `n`.
pub(crate) fn mark(n: usize) -> &'static str {
    MARKS.get(n % MARKS.len()).copied().unwrap_or("●")
}

/// The colour of variant `n`, moved towards the text's until it can be read on the theme's background.
pub(crate) fn color(theme: &Theme, n: usize) -> Rgb {
    let base = COLORS.get(n % COLORS.len()).copied().unwrap_or(theme.accent);
    (0..=10_u8)
        .map(|step| base.mix(theme.text, f32::from(step) / 10.0))
        .find(|color| color.contrast(theme.background) >= CONTRAST)
        .unwrap_or(theme.text)
}

/// The same as a style.
pub(crate) fn ink(theme: &Theme, n: usize) -> Style {
    Style::new().fg(color(theme, n).into())
}

/// The same, for names and numbers.
pub(crate) fn bold(theme: &Theme, n: usize) -> Style {
    ink(theme, n).add_modifier(Modifier::BOLD)
}

/// Writes `text` at column `x` and row `y` of `area`, as far as it fits; gives the column after it.
pub(crate) fn put(cells: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    let inside = area.intersection(cells.area);
    let (Some(column), Some(row)) = (area.x.checked_add(x), area.y.checked_add(y)) else { return x };
    if column < inside.left() || column >= inside.right() || row < inside.top() || row >= inside.bottom() {
        return x.saturating_add(u16::try_from(columns(text)).unwrap_or(u16::MAX));
    }
    let text: std::borrow::Cow<'_, str> =
        if text.contains(misleads) { text.replace(misleads, "\u{fffd}").into() } else { text.into() };
    let room = usize::from(inside.right() - column);
    let end = cells.set_stringn(column, row, text, room, style).0;
    x + (end - column)
}

/// Writes `text` so that it ends before column `right` of `area`.
pub(crate) fn put_right(cells: &mut Buffer, area: Rect, right: u16, y: u16, text: &str, style: Style) {
    let width = u16::try_from(columns(text)).unwrap_or(u16::MAX);
    put(cells, area, right.saturating_sub(width), y, text, style);
}

/// Writes `text` in the middle of row `y`.
pub(crate) fn put_center(cells: &mut Buffer, area: Rect, y: u16, text: &str, style: Style) {
    let width = u16::try_from(columns(text)).unwrap_or(u16::MAX);
    put(cells, area, area.width.saturating_sub(width) / 2, y, text, style);
}

/// Characters that turn the direction of what stands beside them.
fn misleads(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `text` cut to `width` columns, with an ellipsis when it is longer.
pub(crate) fn cut(text: &str, width: u16) -> String {
    text::cut(text, width.into())
}

/// `text` in lines of at most `width` columns, broken between words; words that are longer are cut.
pub(crate) fn wrap(text: &str, width: u16) -> Vec<String> {
    packed(text.split_whitespace(), " ", width)
}

/// `parts` in lines of at most `width` columns, with `between` between those that share one.
pub(crate) fn packed<'a>(parts: impl Iterator<Item = &'a str>, between: &str, width: u16) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if columns(line) + columns(between) + columns(part) <= usize::from(width) => {
                line.push_str(between);
                line.push_str(part);
            }
            _ => lines.push(cut(part, width)),
        }
    }
    lines
}

/// How large letters are: those of titles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    /// Digits of five rows.
    Large,
    /// Digits of three rows.
    Small,
    /// Digits of two rows and a third, so that those of one line do not touch those of the next, three rows below.
    Close,
}

/// A letter, or all of a text without digits, and the columns that it is given.
struct Piece {
    line: PixelLine,
    columns: u16,
    /// Those that are empty before it.
    before: u16,
}

impl Letters {
    const fn face(self) -> PixelFace {
        match self {
            Self::Large => PixelFace::Six,
            Self::Small => PixelFace::Four,
            Self::Close => PixelFace::Three,
        }
    }

    /// Columns that are free between letters which are set one by one.
    const GAP: u16 = 1;

    /// Columns of the widest digit.
    const fn digit(self) -> u16 {
        match self {
            Self::Large => 6,
            Self::Small => 4,
            Self::Close => 3,
        }
    }

    /// What is set by itself. Each digit is given as much room as any other, so that a number that runs stays where it is.
    fn pieces(self, text: &str) -> Vec<Piece> {
        let set = |text: &str| {
            let line = self.face().set(text);
            let columns = u16::try_from(line.cells(0).count()).unwrap_or(u16::MAX);
            Piece { line, columns, before: 0 }
        };
        if !text.contains(|c: char| c.is_ascii_digit()) {
            return vec![set(text)];
        }
        let digit = self.digit();
        let piece = |c: char| match c {
            '0'..='9' => {
                let own = set(c.encode_utf8(&mut [0; 4]));
                Piece { before: digit.saturating_sub(own.columns) / 2, columns: digit, ..own }
            }
            THIN => Piece { columns: digit / 4, ..set("") },
            ' ' => Piece { columns: digit / 2, ..set("") },
            c => set(c.encode_utf8(&mut [0; 4])),
        };
        text.chars().map(piece).collect()
    }

    /// Columns and rows of `text`, down to its last row that is not empty.
    pub(crate) fn size(self, text: &str) -> (u16, u16) {
        let pieces = self.pieces(text);
        let has_ink =
            |row: &u16| pieces.iter().any(|piece| piece.line.cells(*row).any(|(symbol, _)| symbol != ' '));
        let rows = (0..self.face().rows()).rev().find(has_ink).map_or(1, |row| row + 1);
        let gaps =
            u16::try_from(pieces.len()).unwrap_or(u16::MAX).saturating_sub(1).saturating_mul(Self::GAP);
        let columns = pieces.iter().fold(gaps, |all, piece| all.saturating_add(piece.columns));
        (columns, rows)
    }

    /// Writes `text`; a [`THIN`] space is a quarter as wide as a digit.
    pub(crate) fn write(self, cells: &mut Buffer, area: Rect, text: &str, style: Style) {
        let style = style.remove_modifier(Modifier::BOLD);
        let inside = area.intersection(cells.area);
        let mut x = area.x;
        for piece in self.pieces(text) {
            let left = x.saturating_add(piece.before);
            for (row, y) in (0..self.face().rows()).zip(area.y..inside.bottom()) {
                for ((symbol, _), x) in piece.line.cells(row).zip(left..inside.right()) {
                    if let Some(cell) = cells.cell_mut((x, y)).filter(|_| symbol != ' ') {
                        cell.set_char(symbol).set_style(style);
                    }
                }
            }
            x = x.saturating_add(piece.columns + Self::GAP);
        }
    }
}

/// Whether there is a large form of every letter of `text`.
pub(crate) fn has_blocks(text: &str) -> bool {
    PixelFace::Four.set(text).guests().is_empty()
}

/// The largest letters in which each of `texts` fits in so many columns and rows, and the rows that they take.
pub(crate) fn largest(texts: &[String], columns: u16, rows: u16) -> Option<(Letters, u16)> {
    if !texts.iter().all(|text| has_blocks(text)) {
        return None;
    }
    [Letters::Large, Letters::Small].into_iter().find_map(|letters| {
        let sizes = texts.iter().map(|text| letters.size(text));
        let (wide, high) = sizes.fold((0, 0), |most, size| (size.0.max(most.0), size.1.max(most.1)));
        (wide <= columns && high <= rows).then_some((letters, high))
    })
}

/// A bar of `width` cells that is filled for `share` of it (0 to 1), to an eighth of a cell.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of a width
pub(crate) fn bar(share: f64, width: u16) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (share * f64::from(width) * 8.0).round() as usize;
    let part = PARTS.get(eighths % 8).copied().unwrap_or_default();
    let text = "█".repeat(eighths / 8) + part;
    // What is there can be seen, however little it is.
    if text.is_empty() && share > 0.0 { "▏".to_owned() } else { text }
}

/// `1 process`, `5 threads`.
pub(crate) fn plural(count: u64, one: &str, many: &str) -> String {
    counted_as(usize::try_from(count).unwrap_or(usize::MAX), one, many)
}

/// What is less important.
pub(crate) fn muted(theme: &Theme) -> Style {
    theme.style(Role::Muted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_the_room_of_the_widest() {
        for letters in [Letters::Large, Letters::Small, Letters::Close] {
            let own = |digit: char| letters.face().set(&digit.to_string()).cells(0).count();
            assert_eq!(('0'..='9').map(own).max(), Some(usize::from(letters.digit())), "{letters:?}");
        }
    }

    #[test]
    fn bars_show_whatever_there_is() {
        assert_eq!(
            (bar(0.5, 4), bar(0.0, 4), bar(1e-9, 4), bar(f64::NAN, 4)),
            ("██".into(), String::new(), "▏".into(), String::new())
        );
    }

    #[test]
    fn every_variant_can_be_read_on_every_theme() {
        for name in greenroom_parse::theme_names() {
            let theme = greenroom_parse::builtin_theme(name).unwrap();
            let colors: Vec<Rgb> = (0..6).map(|n| color(&theme, n)).collect();
            for (n, color) in colors.iter().enumerate() {
                assert!(color.contrast(theme.background) >= CONTRAST, "{name}: {n}");
                assert!(!colors.iter().skip(n + 1).any(|other| other == color), "{name}: {n}");
            }
        }
    }
}
