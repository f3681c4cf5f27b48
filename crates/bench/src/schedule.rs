//! Whose turn it is.

/// One turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The variant.
    pub variant: usize,
    /// The block it belongs to.
    pub block: u32,
}

/// The order of turns within one block: there and back again (ABBA, ABCCBA), so that a machine that steadily becomes
/// slower or faster favours nobody.
#[must_use]
pub fn turns(variants: usize) -> Vec<usize> {
    (0..variants).chain((0..variants).rev()).collect()
}

impl Turn {
    /// The `number`th turn of a run, from 0. Every other block begins with another variant, so that none is always
    /// first.
    #[must_use]
    pub fn number(number: usize, variants: usize) -> Self {
        let order = turns(variants.max(1));
        let block = number / order.len();
        let place = order.get(number % order.len()).copied().unwrap_or(0);
        let variant = (place + block) % variants.max(1);
        Self { variant, block: u32::try_from(block).unwrap_or(u32::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_take_turns_there_and_back_again() {
        assert_eq!(turns(3), [0, 1, 2, 2, 1, 0]);
        let order: Vec<usize> = (0..12).map(|number| Turn::number(number, 3).variant).collect();
        assert_eq!(order, [0, 1, 2, 2, 1, 0, 1, 2, 0, 0, 2, 1]);
        assert_eq!(Turn::number(12, 3).block, 2);
        assert_eq!(Turn::number(7, 0), Turn { variant: 0, block: 3 });
    }
}
