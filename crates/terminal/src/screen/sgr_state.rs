//! Colours and attributes, and the shortest way from one set to another.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use greenroom_frame::{Underline, color};

use super::packed_color::PackedColor;

/// The attributes that can be seen on a blank.
const ON_BLANKS: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Underline::BITS);

/// What the terminal writes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SgrState {
    pub(super) fg: PackedColor,
    pub(super) bg: PackedColor,
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
    pub(super) const PLAIN: Self = Self {
        fg: PackedColor::RESET,
        bg: PackedColor::RESET,
        under: PackedColor::RESET,
        modifier: Modifier::empty(),
    };

    /// A pen to erase with.
    pub(super) fn eraser(bg: PackedColor) -> Self {
        Self { bg, ..Self::PLAIN }
    }

    /// The pen for `cell`; without `lines`, what is under letters is a plain line of their colour.
    pub(super) fn of(cell: &Cell, lines: bool) -> Self {
        let colored = lines && cell.modifier.contains(Modifier::UNDERLINED);
        Self {
            fg: PackedColor::of(cell.fg),
            bg: PackedColor::of(cell.bg),
            under: if colored { PackedColor::of(cell.underline_color) } else { PackedColor::RESET },
            modifier: greenroom_frame::settled(cell.modifier, !lines),
        }
    }

    /// As much of it as can be seen on a blank.
    pub(super) fn on_blanks(self) -> Self {
        let modifier = self.modifier.intersection(ON_BLANKS);
        let fg = if modifier.is_empty() { PackedColor::RESET } else { self.fg };
        Self { fg, modifier, ..self }
    }

    /// What does the same as this pen with as much as possible left as `current` has it; `is_plain` where nothing is written with
    /// it but plain blanks.
    pub(super) fn beside(self, current: Option<Self>, is_plain: bool) -> Self {
        match current {
            Some(current) if is_plain => {
                Self { bg: self.bg, modifier: current.modifier.difference(ON_BLANKS), ..current }
            }
            Some(Self { under, .. }) if !self.modifier.contains(Modifier::UNDERLINED) => {
                Self { under, ..self }
            }
            _ => self,
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
            if self.only_adds_to(from) {
                return;
            }
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

    /// Whether nothing of `from` ends: all that is written to make this of it would be written to make it of nothing as well.
    fn only_adds_to(self, from: Self) -> bool {
        let adds = |from, to| from == to || to != PackedColor::RESET;
        from.modifier == self.modifier
            && adds(from.fg, self.fg)
            && adds(from.bg, self.bg)
            && adds(from.under, self.under)
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
        match (color, color::index(color)) {
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
    let mut digits = [0; 5];
    let (mut rest, mut start) = (number, digits.len());
    while start == digits.len() || rest > 0 {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&digits[start..]);
}
