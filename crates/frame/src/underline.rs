//! How the line under letters is drawn, in the bits of a [`Modifier`] that ratatui leaves free: so cells stay small, and two
//! that differ in this alone are not alike.

use ratatui::style::Modifier;

/// The first of the bits.
const SHIFT: u32 = 13;

/// The line under a cell's letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Underline {
    /// One line.
    Single,
    /// Two lines, one under the other.
    Double,
    /// A wave, as under a word that is spelled wrong.
    Curly,
    /// Dots.
    Dotted,
    /// Short lines.
    Dashed,
}

impl Underline {
    /// Each, in the order of the numbers after `4:` in SGR, from 1.
    pub const ALL: [Self; 5] = [Self::Single, Self::Double, Self::Curly, Self::Dotted, Self::Dashed];
    /// The bits that say which line it is. They count only beside [`Modifier::UNDERLINED`].
    pub const BITS: Modifier = Modifier::from_bits_retain(0b111 << SHIFT);

    /// The line that `modifier` draws, if it draws one.
    #[must_use]
    pub fn of(modifier: Modifier) -> Option<Self> {
        let place = usize::from(modifier.intersection(Self::BITS).bits() >> SHIFT);
        modifier.contains(Modifier::UNDERLINED).then(|| Self::ALL.get(place).copied().unwrap_or(Self::Single))
    }

    /// The modifier that draws this line.
    #[must_use]
    pub const fn modifier(self) -> Modifier {
        Modifier::UNDERLINED.union(Modifier::from_bits_retain((self as u16) << SHIFT))
    }
}

/// `modifier` as one that looks the same, with nothing in it that does not count: a plain line under letters where only those
/// are known.
#[must_use]
pub fn settled(modifier: Modifier, plain: bool) -> Modifier {
    let line = Underline::of(modifier).map(|line| if plain { Underline::Single } else { line });
    let rest = modifier.difference(Modifier::UNDERLINED.union(Underline::BITS));
    rest.union(line.map_or(Modifier::empty(), Underline::modifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_comes_back_and_stale_bits_count_for_nothing() {
        assert_eq!(Underline::of(Modifier::BOLD), None);
        assert_eq!(Underline::of(Modifier::UNDERLINED), Some(Underline::Single));
        for line in Underline::ALL {
            let modifier = line.modifier().union(Modifier::BOLD);
            assert_eq!(Underline::of(modifier), Some(line));
            assert_eq!(settled(modifier, false), modifier);
            assert_eq!(settled(modifier, true), Modifier::BOLD | Modifier::UNDERLINED);
            assert_eq!(settled(modifier.difference(Modifier::UNDERLINED), false), Modifier::BOLD);
        }
        assert_eq!(Underline::of(Modifier::all().union(Underline::BITS)), Some(Underline::Single));
    }
}
