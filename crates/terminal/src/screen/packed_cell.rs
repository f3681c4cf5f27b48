//! Cells made small: every frame's are looked at several times, so they are compared as a few numbers.

use std::collections::HashMap;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use crate::color_depth;
use crate::frame;
use crate::sextants;

/// The characters after which [`Symbols`] begins anew. No screen shows so many at a time.
const MANY: usize = 32_768;

/// What a terminal shows in one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedCell {
    pub(super) symbol: Symbol,
    pub(super) fg: PackedColor,
    pub(super) bg: PackedColor,
    pub(super) under: PackedColor,
    pub(super) modifier: Modifier,
}

impl PackedCell {
    /// `symbol`, looking as `cell` does; without `lines`, what is under letters is a plain line of their colour.
    pub(super) fn of(cell: &Cell, symbol: Symbol, lines: bool) -> Self {
        let colored = lines && cell.modifier.contains(Modifier::UNDERLINED);
        Self {
            symbol,
            fg: PackedColor::of(cell.fg),
            bg: PackedColor::of(cell.bg),
            under: if colored { PackedColor::of(cell.underline_color) } else { PackedColor::RESET },
            modifier: frame::settled(cell.modifier, !lines),
        }
    }

    /// A blank in this colour.
    pub(super) fn blank(bg: PackedColor) -> Self {
        Self {
            symbol: Symbol::BLANK,
            fg: PackedColor::RESET,
            bg,
            under: PackedColor::RESET,
            modifier: Modifier::empty(),
        }
    }

    /// A blank with nothing to see but its background.
    pub(super) fn is_plain(&self) -> bool {
        self.symbol == Symbol::BLANK && self.modifier.is_empty() && self.fg == PackedColor::RESET
    }

    /// Under the right part of a wide character.
    pub(super) fn trails(&self) -> bool {
        self.symbol == Symbol::TRAILING
    }

    /// Under enlarged text.
    pub(super) fn is_covered(&self) -> bool {
        self.symbol == Symbol::COVERED
    }
}

/// Makes [`PackedCell`]s of cells that come one after the other: most look like the one before, and are not looked at
/// again.
#[derive(Debug)]
pub(super) struct Spotter<'a> {
    lines: bool,
    last: Option<(&'a Cell, PackedCell)>,
}

impl<'a> Spotter<'a> {
    /// Of cells for a terminal that knows kinds of lines under letters, or does not.
    pub(super) fn new(lines: bool) -> Self {
        Self { lines, last: None }
    }

    /// `symbol`, looking as `cell` does.
    #[inline]
    pub(super) fn spot(&mut self, cell: &'a Cell, symbol: Symbol) -> PackedCell {
        if let Some((before, spot)) = self.last
            && (before.fg, before.bg, before.modifier, before.underline_color)
                == (cell.fg, cell.bg, cell.modifier, cell.underline_color)
        {
            return PackedCell { symbol, ..spot };
        }
        let spot = PackedCell::of(cell, symbol, self.lines);
        self.last = Some((cell, spot));
        spot
    }
}

/// A colour by one name: the sixteen that have two are numbers here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedColor(u32);

impl PackedColor {
    /// The terminal's own.
    pub(super) const RESET: Self = Self(0);

    pub(super) fn of(color: Color) -> Self {
        match color {
            Color::Reset => Self::RESET,
            Color::Rgb(r, g, b) => Self(u32::from_le_bytes([2, r, g, b])),
            other => color_depth::index(other)
                .map_or(Self::RESET, |index| Self(u32::from_le_bytes([1, 0, 0, index]))),
        }
    }

    pub(super) fn color(self) -> Color {
        match self.0.to_le_bytes() {
            [2, r, g, b] => Color::Rgb(r, g, b),
            [1, _, _, index] => Color::Indexed(index),
            _ => Color::Reset,
        }
    }
}

/// A character: its code, or its place among the [`Symbols`] where it is made of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Symbol(u32);

impl Symbol {
    pub(super) const BLANK: Self = Self(b' ' as u32);
    /// Of a cell under the right part of a wide character.
    pub(super) const TRAILING: Self = Self(FIRST);
    /// Of a cell under enlarged text.
    pub(super) const COVERED: Self = Self(FIRST + 1);
    /// Of a cell about which nothing is known.
    pub(super) const UNKNOWN: Self = Self(FIRST + 2);

    pub(super) fn of(character: char) -> Self {
        Self(u32::from(character))
    }

    /// The quadrant for it, if it is a sextant.
    #[inline]
    pub(super) fn in_quadrants(self) -> Option<Self> {
        sextants::quadrant(self.0).map(Self::of)
    }

    /// A character of one byte.
    pub(super) fn is_ascii(self) -> bool {
        self.0 < 0x80
    }
}

/// The first number that is no character's.
const FIRST: u32 = char::MAX as u32 + 1;
/// The first number of a character made of several.
const FIRST_JOINED: u32 = FIRST + 3;

/// The characters that are made of several: emoji with a skin, letters with marks.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    texts: Vec<String>,
    places: HashMap<String, u32>,
}

impl Symbols {
    /// The symbol for `text`, which is not empty.
    pub(super) fn symbol(&mut self, text: &str) -> Symbol {
        let mut characters = text.chars();
        if let (Some(only), None) = (characters.next(), characters.next()) {
            return Symbol::of(only);
        }
        if let Some(place) = self.places.get(text) {
            return Symbol(*place);
        }
        let place = u32::try_from(self.texts.len()).unwrap_or(u32::MAX).saturating_add(FIRST_JOINED);
        self.texts.push(text.to_owned());
        self.places.insert(text.to_owned(), place);
        Symbol(place)
    }

    /// The text of `symbol`, in `room` where it is a single character; nothing for a cell without one.
    pub(super) fn text<'a>(&'a self, symbol: Symbol, room: &'a mut [u8; 4]) -> &'a str {
        if let Some(character) = char::from_u32(symbol.0) {
            return character.encode_utf8(room);
        }
        let place = symbol.0.checked_sub(FIRST_JOINED).and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| self.texts.get(place)).map_or("", String::as_str)
    }

    /// Forgets everything if it is much: what has been made of it means nothing any more. Says whether it did.
    pub(super) fn forget_many(&mut self) -> bool {
        let many = self.texts.len() > MANY;
        if many {
            *self = Self::default();
        }
        many
    }
}
