//! Cells made small: every frame's are looked at several times, so they are compared as two numbers.

use std::collections::HashMap;

use crate::sextants;

use super::looks::{Look, Looks};
use super::packed_color::PackedColor;

/// The characters after which [`Symbols`] begins anew. No screen shows so many at a time.
const MANY: usize = 32_768;

/// What a terminal shows in one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedCell {
    pub(super) symbol: Symbol,
    pub(super) look: Look,
}

impl PackedCell {
    /// A blank in this colour.
    pub(super) fn blank(bg: PackedColor) -> Self {
        Self { symbol: Symbol::BLANK, look: Look::plain(bg) }
    }

    /// A blank with nothing to see but its background.
    pub(super) fn is_plain(self) -> bool {
        self.symbol == Symbol::BLANK && self.look.is_plain()
    }

    /// Under the right part of a wide character.
    pub(super) fn trails(self) -> bool {
        self.symbol == Symbol::TRAILING
    }

    /// Under enlarged text.
    pub(super) fn is_covered(self) -> bool {
        self.symbol == Symbol::COVERED
    }
}

/// What the numbers in packed cells stand for.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    pub(super) symbols: Symbols,
    pub(super) looks: Looks,
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
