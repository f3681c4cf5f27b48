//! A clock that can be read from the other side of a table: digits four rows high, of the seven segments that everybody knows.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

/// Rows that they take.
pub(super) const ROWS: u16 = 4;
/// Pixels from top to bottom: two in a row.
const PIXELS: u8 = 8;

/// The segments of each digit, as bits from the lowest: above, middle, below; upper left, upper right; lower left, lower right.
const SEGMENTS: [u8; 10] = [
    0b111_1101, 0b101_0000, 0b011_0111, 0b101_0111, 0b101_1010, 0b100_1111, 0b110_1111, 0b101_0001,
    0b111_1111, 0b101_1111,
];

/// How wide the digits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// Strokes of two columns.
    Wide,
    /// Strokes of one, where there is less room.
    Narrow,
}

impl Width {
    const fn digit(self) -> u16 {
        match self {
            Self::Wide => 6,
            Self::Narrow => 4,
        }
    }

    const fn stroke(self) -> u16 {
        match self {
            Self::Wide => 2,
            Self::Narrow => 1,
        }
    }

    fn of(self, symbol: char) -> u16 {
        match symbol {
            ':' => self.stroke(),
            // So that the upright stroke is in the middle.
            '+' | '−' => 3 * self.stroke(),
            _ => self.digit(),
        }
    }

    /// Columns of a text of digits, colons and signs.
    pub(super) fn columns(self, text: &str) -> u16 {
        let count = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
        text.chars().map(|symbol| self.of(symbol)).sum::<u16>() + count.saturating_sub(1)
    }

    /// Whether a pixel of `symbol` is lit.
    fn lit(self, symbol: char, x: u16, y: u8) -> bool {
        let right = self.of(symbol).saturating_sub(self.stroke());
        match symbol {
            ':' => matches!(y, 1 | 2 | 5 | 6),
            '−' => matches!(y, 3 | 4),
            '+' => {
                matches!(y, 3 | 4)
                    || ((1..=6).contains(&y) && x >= right / 2 && x < right / 2 + self.stroke())
            }
            _ => {
                let digit = symbol.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
                let segments = digit.and_then(|digit| SEGMENTS.get(digit)).copied().unwrap_or(0);
                let on = |bit: u8| segments >> bit & 1 == 1;
                let (left, right) = (x < self.stroke(), x >= right);
                let (upper, lower) = (y <= 4, y >= 3);
                on(0) && y <= 1
                    || on(1) && matches!(y, 3 | 4)
                    || on(2) && y >= PIXELS - 2
                    || left && (on(3) && upper || on(5) && lower)
                    || right && (on(4) && upper || on(6) && lower)
            }
        }
    }
}

/// Draws `text` from this cell on; what is beyond the buffer is left out.
pub(super) fn draw(cells: &mut Buffer, (x, y): (u16, u16), text: &str, width: Width, style: Style) {
    let mut left = x;
    for symbol in text.chars() {
        for column in 0..width.of(symbol) {
            for row in 0..ROWS {
                let pixel = |half: u8| width.lit(symbol, column, u8::try_from(row).unwrap_or(0) * 2 + half);
                let block = match (pixel(0), pixel(1)) {
                    (true, true) => "█",
                    (true, false) => "▀",
                    (false, true) => "▄",
                    (false, false) => continue,
                };
                if let Some(cell) = cells.cell_mut((left + column, y + row)) {
                    cell.set_symbol(block).set_style(style);
                }
            }
        }
        left = left.saturating_add(width.of(symbol) + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    fn drawn(text: &str, width: Width) -> String {
        let mut cells = Buffer::empty(Rect::new(0, 0, width.columns(text), ROWS));
        draw(&mut cells, (0, 0), text, width, Style::new());
        let row =
            |row: u16| (0..cells.area.width).map(|x| cells[(x, row)].symbol().to_owned()).collect::<String>();
        (0..ROWS).map(row).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn digits_are_read_as_what_they_are() {
        let digits: Vec<String> = ('0'..='9').map(|digit| drawn(&digit.to_string(), Width::Wide)).collect();
        for (at, digit) in digits.iter().enumerate() {
            assert!(!digits[..at].contains(digit), "{at}\n{digit}");
        }
        insta::assert_snapshot!(format!(
            "{}\n\n{}\n\n{}",
            drawn("01:23456789", Width::Wide),
            drawn("+1:23", Width::Wide),
            drawn("−45:67890", Width::Narrow)
        ));
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut cells = Buffer::empty(Rect::new(0, 0, 9, 3));
        draw(&mut cells, (3, 1), "12:34:56", Width::Wide, Style::new());
        assert_eq!(cells.area, Rect::new(0, 0, 9, 3));
    }
}
