//! What a terminal can do.

/// What the terminal is known to do.
#[derive(Debug)]
pub(super) struct Abilities {
    pub(super) erases_in_color: bool,
    pub(super) underlines: bool,
    pub(super) text_sizing: bool,
    pub(super) blocks: Blocks,
    pub(super) pictures: Known,
    pub(super) colors: Known,
}

impl Abilities {
    /// Of a terminal about which nothing else is known.
    pub(super) fn new() -> Self {
        Self {
            erases_in_color: true,
            underlines: true,
            text_sizing: false,
            blocks: Blocks::Sextants,
            pictures: Known::Fully,
            colors: Known::Fully,
        }
    }
}

/// What is known of something that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// As much as there is to know.
    Fully,
    /// Nothing: it can be asked.
    Unknown,
    /// It has been asked.
    Asked,
}

/// The smallest pixels that it draws in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocks {
    Sextants,
    Quadrants,
}
