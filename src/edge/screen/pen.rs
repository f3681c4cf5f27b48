//! Colours and attributes, and the shortest way from one set to another.

use std::io::Write;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use super::grid;

/// What the terminal writes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    fg: Color,
    bg: Color,
    under: Color,
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

impl Pen {
    /// As after `CSI 0 m`.
    const PLAIN: Self =
        Self { fg: Color::Reset, bg: Color::Reset, under: Color::Reset, modifier: Modifier::empty() };

    /// A pen to erase with.
    pub(super) fn eraser(bg: Color) -> Self {
        Self { bg, ..Self::PLAIN }
    }

    /// The pen for `cell`, with as much as possible left as `current` has it.
    pub(super) fn of(cell: &Cell, current: Option<Self>) -> Self {
        match current {
            Some(current) if grid::plain(cell) || grid::covered(cell) => {
                let modifier = current.modifier.difference(grid::ON_BLANKS);
                Self { bg: cell.bg, modifier, ..current }
            }
            Some(Self { under, .. }) if !cell.modifier.contains(Modifier::UNDERLINED) => {
                Self { fg: cell.fg, bg: cell.bg, under, modifier: cell.modifier }
            }
            _ => Self { fg: cell.fg, bg: cell.bg, under: cell.underline_color, modifier: cell.modifier },
        }
    }

    /// The bytes that make `self` of `from`.
    pub(super) fn after(self, from: Option<Self>) -> Vec<u8> {
        if from == Some(self) {
            return Vec::new();
        }
        let mut afresh = Parameters(b"\x1b[0".to_vec());
        afresh.change(Self::PLAIN, self);
        let mut best = afresh.0;
        if best == b"\x1b[0" {
            best.pop();
        }
        if let Some(from) = from {
            let mut change = Parameters(b"\x1b[".to_vec());
            change.change(from, self);
            if change.0.len() <= best.len() {
                best = change.0;
            }
        }
        best.push(b'm');
        best
    }
}

/// The numbers of a `CSI … m` that is being written.
struct Parameters(Vec<u8>);

impl Parameters {
    fn change(&mut self, from: Pen, to: Pen) {
        let mut on = from.modifier;
        for (attribute, _, off) in ATTRIBUTES {
            if on.difference(to.modifier).contains(attribute) {
                self.add(format_args!("{off}"));
                // 22 and 25 each switch two off.
                for (other, ..) in ATTRIBUTES.into_iter().filter(|(.., number)| *number == off) {
                    on.remove(other);
                }
            }
        }
        for (attribute, number, _) in ATTRIBUTES {
            if to.modifier.difference(on).contains(attribute) {
                self.add(format_args!("{number}"));
            }
        }
        if from.fg != to.fg {
            self.color(to.fg, 30);
        }
        if from.bg != to.bg {
            self.color(to.bg, 40);
        }
        if from.under != to.under {
            self.color(to.under, 50);
        }
    }

    /// `base` is 30 for letters, 40 for what is behind them, 50 for the line under them.
    fn color(&mut self, color: Color, base: u8) {
        let index = crate::edge::depth::index(color);
        match (color, index) {
            (Color::Rgb(r, g, b), _) if base == 50 => self.add(format_args!("58:2::{r}:{g}:{b}")),
            (_, Some(index)) if base == 50 => self.add(format_args!("58:5:{index}")),
            (Color::Rgb(r, g, b), _) => self.add(format_args!("{};2;{r};{g};{b}", base + 8)),
            (_, Some(index @ 0..=7)) => self.add(format_args!("{}", base + index)),
            (_, Some(index @ 8..=15)) => self.add(format_args!("{}", base + 60 + index - 8)),
            (_, Some(index)) => self.add(format_args!("{};5;{index}", base + 8)),
            (_, None) => self.add(format_args!("{}", base + 9)),
        }
    }

    fn add(&mut self, number: std::fmt::Arguments<'_>) {
        if !self.0.ends_with(b"[") {
            self.0.push(b';');
        }
        let _ = self.0.write_fmt(number);
    }
}
