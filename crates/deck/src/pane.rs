//! A place on a slide where something runs.

use super::Demo;

/// Names a pane for as long as the deck is open: the slide's index, and the pane's on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaneId {
    /// Index of the slide in the deck.
    pub slide: usize,
    /// Index of the pane on the slide, in reading order.
    pub pane: usize,
}

/// How much room a pane asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PaneHeight {
    /// What the rest of the slide leaves.
    #[default]
    Rest,
    /// So many rows.
    Rows(u16),
    /// So many percent of the slide's height, 1 to 100.
    Percent(u8),
}

/// A pane, as a slide declares it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PaneSpec {
    /// The demo's id in the outline; made up for a command given inline.
    pub id: String,
    /// What runs, with everything the pane's own block changed.
    pub demo: Demo,
    /// How high it is.
    pub height: PaneHeight,
    /// Starts when the pane before it on the slide has ended, not with it.
    pub after_previous: bool,
    /// Stands in the place of code, as text that it has written (`+exec_replace`): without a frame, but for what a frame has to say.
    pub bare: bool,
}
