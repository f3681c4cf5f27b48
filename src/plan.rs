//! How long a talk should take: the outline's minutes, spread over its slides, and how far a talk is from that.

use std::time::Duration;

/// When each slide of a deck should be over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// By slide, in the order of the deck: its share of the time.
    pub budgets: Vec<Duration>,
}
