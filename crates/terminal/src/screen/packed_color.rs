//! Colours made small.

use ratatui::style::Color;

use greenroom_frame::color;

/// A colour by one name: the sixteen that have two are numbers here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PackedColor(u32);

impl PackedColor {
    /// The terminal's own.
    pub(super) const RESET: Self = Self(0);

    #[inline]
    pub(super) fn of(color: Color) -> Self {
        match color {
            Color::Reset => Self::RESET,
            Color::Rgb(r, g, b) => Self(u32::from_le_bytes([2, r, g, b])),
            other => Self::of_palette(other),
        }
    }

    #[cold]
    fn of_palette(color: Color) -> Self {
        color::index(color).map_or(Self::RESET, |index| Self(u32::from_le_bytes([1, 0, 0, index])))
    }

    pub(super) fn color(self) -> Color {
        match self.0.to_le_bytes() {
            [2, r, g, b] => Color::Rgb(r, g, b),
            [1, _, _, index] => Color::Indexed(index),
            _ => Color::Reset,
        }
    }

    /// A number for each, whose lowest byte is 0, 1 or 2.
    pub(super) fn number(self) -> u32 {
        self.0
    }

    /// The colour whose number it is.
    pub(super) fn from_number(number: u32) -> Self {
        Self(number)
    }
}
