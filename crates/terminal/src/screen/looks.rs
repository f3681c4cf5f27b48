//! How cells look, a number for each look: what a screen shows is compared cell by cell, several times for every frame.

use std::collections::HashMap;

use ratatui::buffer::Cell;

use super::packed_color::PackedColor;
use super::sgr_state::SgrState;

/// The looks after which [`Looks`] begins anew: no deck has so many, and a pane that mixes colours of its own has them soon.
const MANY: usize = 16_384;

/// How many cells' looks are found without searching, as a power of two.
const RECENT: u32 = 6;

/// Everything about a cell but its character. Two of one [`Looks`] are equal when nobody could tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Look(u32);

impl Look {
    /// Of looks that stand in [`Looks`], the lowest byte, which no colour has there.
    const KEPT: u32 = 0xff;

    /// Nothing but this background, and letters in the terminal's own colour.
    pub(super) fn plain(bg: PackedColor) -> Self {
        Self(bg.number())
    }

    /// Whether a blank shows nothing but its background.
    pub(super) fn is_plain(self) -> bool {
        self.place().is_none()
    }

    fn kept(place: u32) -> Self {
        Self(place << 8 | Self::KEPT)
    }

    fn place(self) -> Option<usize> {
        (self.0 & 0xff == Self::KEPT).then_some((self.0 >> 8) as usize)
    }
}

/// How the letters of some cells look, and their blanks, of which less can be seen.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// What the cells have, as two numbers: ratatui's colours take several times as long to compare.
    had: [u64; 2],
    pub(super) letter: Look,
    pub(super) blank: Look,
}

impl Seen {
    /// Whether `cell` looks the same; if not, what it has.
    #[inline]
    fn other(&self, cell: &Cell) -> Option<[u64; 2]> {
        let pair = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        let number = |color| PackedColor::of(color).number();
        let had = [
            pair(number(cell.fg), number(cell.bg)),
            pair(number(cell.underline_color), cell.modifier.bits().into()),
        ];
        (had != self.had).then_some(had)
    }

    /// Its place among the recent ones.
    fn slot(had: [u64; 2]) -> usize {
        // Fibonacci hashing: Knuth, The Art of Computer Programming 3, 6.4.
        let hash = (had[0] ^ had[1].rotate_left(24)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(hash >> (u64::BITS - RECENT)).unwrap_or(0)
    }
}

/// The looks that are more than a background.
#[derive(Debug, Default)]
pub(super) struct Looks {
    kept: Vec<SgrState>,
    places: HashMap<SgrState, Look>,
    /// Those of the cells that were looked at last.
    recent: Vec<Seen>,
}

impl Looks {
    /// How `cell` looks, which comes after one that looks like `before`, as most do themselves; `lines` says whether the
    /// terminal knows kinds of lines under letters, and colours for them.
    #[inline]
    pub(super) fn see(&mut self, cell: &Cell, before: Seen, lines: bool) -> Seen {
        match before.other(cell) {
            None => before,
            Some(had) => self.look_up(cell, had, lines),
        }
    }

    #[inline(never)]
    fn look_up(&mut self, cell: &Cell, had: [u64; 2], lines: bool) -> Seen {
        let slot = Seen::slot(had);
        if let Some(seen) = self.recent.get(slot).filter(|seen| seen.had == had) {
            return *seen;
        }
        let pen = SgrState::of(cell, lines);
        let seen = Seen { had, letter: self.look(pen), blank: self.look(pen.on_blanks()) };
        self.recent.resize(1 << RECENT, Seen::default());
        self.recent[slot] = seen;
        seen
    }

    /// The look of what is written with `pen`.
    pub(super) fn look(&mut self, pen: SgrState) -> Look {
        if pen == SgrState::eraser(pen.bg) {
            return Look::plain(pen.bg);
        }
        *self.places.entry(pen).or_insert_with(|| {
            self.kept.push(pen);
            Look::kept(u32::try_from(self.kept.len() - 1).unwrap_or(u32::MAX))
        })
    }

    /// What writes such cells.
    pub(super) fn pen(&self, look: Look) -> SgrState {
        match look.place() {
            Some(place) => self.kept.get(place).copied().unwrap_or(SgrState::PLAIN),
            None => SgrState::eraser(PackedColor::from_number(look.0)),
        }
    }

    /// How many are kept.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Takes out everything if it is much, for those that are still needed to be put in again.
    pub(super) fn take_many(&mut self) -> Option<Self> {
        (self.len() > MANY).then(|| std::mem::take(self))
    }
}
