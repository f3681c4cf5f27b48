//! Colours and attributes, and the shortest way from one set to another.

use ratatui::style::{Color, Modifier};

use crate::frame::Underline;

use super::grid;
use super::packed_cell::{PackedCell, PackedColor};

/// What the terminal writes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SgrState {
    fg: PackedColor,
    bg: PackedColor,
    under: PackedColor,
    modifier: Modifier,
}

/// Attributes, the number that switches each on, and the number that switches it off.
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl SgrState {
    /// As after `CSI 0 m`.
    const PLAIN: Self = Self {
        fg: PackedColor::RESET,
        bg: PackedColor::RESET,
        under: PackedColor::RESET,
        modifier: Modifier::empty(),
    };

    /// A pen to erase with.
    pub(super) fn eraser(bg: PackedColor) -> Self {
        Self { bg, ..Self::PLAIN }
    }

    /// The pen for `cell`, with as much as possible left as `current` has it.
    pub(super) fn of(cell: &PackedCell, current: Option<Self>) -> Self {
        match current {
            Some(current) if cell.is_plain() || cell.is_covered() => {
                let modifier = current.modifier.difference(grid::ON_BLANKS);
                Self { bg: cell.bg, modifier, ..current }
            }
            Some(Self { under, .. }) if !cell.modifier.contains(Modifier::UNDERLINED) => {
                Self { fg: cell.fg, bg: cell.bg, under, modifier: cell.modifier }
            }
            _ => Self { fg: cell.fg, bg: cell.bg, under: cell.under, modifier: cell.modifier },
        }
    }

    /// Writes what makes `self` of `from`, the shorter of two ways.
    pub(super) fn write(self, from: Option<Self>, out: &mut Vec<u8>) {
        if from == Some(self) {
            return;
        }
        let start = out.len();
        if let Some(from) = from {
            out.extend_from_slice(b"\x1b[");
            Parameters { out, first: true }.change(from, self);
            out.push(b'm');
        }
        let middle = out.len();
        out.extend_from_slice(b"\x1b[");
        if self != Self::PLAIN {
            out.push(b'0');
        }
        Parameters { out, first: false }.change(Self::PLAIN, self);
        out.push(b'm');
        if middle > start && middle - start <= out.len() - middle {
            out.truncate(middle);
        } else {
            out.drain(start..middle);
        }
    }
}

/// The numbers of a `CSI … m` that is being written.
struct Parameters<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl Parameters<'_> {
    fn change(&mut self, from: SgrState, to: SgrState) {
        if from.modifier != to.modifier {
            self.attributes(from.modifier, to.modifier);
        }
        if from.fg != to.fg {
            self.color(to.fg.color(), 30);
        }
        if from.bg != to.bg {
            self.color(to.bg.color(), 40);
        }
        if from.under != to.under {
            self.color(to.under.color(), 50);
        }
    }

    fn attributes(&mut self, mut on: Modifier, to: Modifier) {
        for (attribute, _, off) in ATTRIBUTES {
            if on.difference(to).contains(attribute) {
                self.add(&[off], b';');
                // 22 and 25 each switch two off.
                for (other, ..) in ATTRIBUTES.into_iter().filter(|(.., number)| *number == off) {
                    on.remove(other);
                }
            }
        }
        for (attribute, number, _) in ATTRIBUTES {
            if to.difference(on).contains(attribute) && attribute != Modifier::UNDERLINED {
                self.add(&[number], b';');
            }
        }
        // One kind of line takes the place of another.
        match Underline::of(to).filter(|line| Underline::of(on) != Some(*line)) {
            Some(Underline::Single) => self.add(&[4], b';'),
            Some(line) => self.add(&[4, line as u8 + 1], b':'),
            None => {}
        }
    }

    /// `base` is 30 for letters, 40 for what is behind them, 50 for the line under them.
    fn color(&mut self, color: Color, base: u8) {
        match (color, crate::color_depth::index(color)) {
            (Color::Rgb(r, g, b), _) if base == 50 => {
                // An empty number stands for the colour space.
                self.add(&[58, 2], b':');
                self.out.push(b':');
                for part in [r, g, b] {
                    self.out.push(b':');
                    decimal(part.into(), self.out);
                }
            }
            (_, Some(index)) if base == 50 => self.add(&[58, 5, index], b':'),
            (Color::Rgb(r, g, b), _) => self.add(&[base + 8, 2, r, g, b], b';'),
            (_, Some(index @ 0..=7)) => self.add(&[base + index], b';'),
            (_, Some(index @ 8..=15)) => self.add(&[base + 60 + index - 8], b';'),
            (_, Some(index)) => self.add(&[base + 8, 5, index], b';'),
            (_, None) => self.add(&[base + 9], b';'),
        }
    }

    fn add(&mut self, numbers: &[u8], between: u8) {
        for (index, number) in numbers.iter().enumerate() {
            if index > 0 {
                self.out.push(between);
            } else if !self.first {
                self.out.push(b';');
            }
            decimal((*number).into(), self.out);
        }
        self.first = false;
    }
}

/// Writes a number. The formatting machinery takes several times as long, and a frame holds hundreds of numbers.
pub(super) fn decimal(number: u16, out: &mut Vec<u8>) {
    if number >= 10 {
        decimal(number / 10, out);
    }
    out.push(b'0' + (number % 10) as u8);
}
