//! How long the parts of a bench take.

use std::time::Duration;

use greenroom_bench::{MEMORY, QUICK};

/// Every variant has at least so many turns before those that count, unless its answers are slow.
pub(crate) const WARM_ROUNDS: u32 = 2;

/// How long everything takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// Its name.
    pub name: &'static str,
    /// How often the servers are started afresh; none when as many launches are made as make the interval narrow within
    /// `budget`.
    pub launches: Option<u32>,
    /// Everything from the making of test data to the last launch's end, where that is bounded; turns take what is left.
    pub budget: Option<Duration>,
    /// Requests that do not count, before each launch's turns: so long, and two turns of each variant unless
    /// that takes more than three times as long.
    pub warm: Duration,
    /// Turns in a closed loop, in each launch; what is left of `budget` where there is one.
    pub closed: Duration,
    /// Turns in an open loop: in each launch, or in the last where there is a budget, to which it does not count.
    pub open: Duration,
    /// One turn.
    pub slice: Duration,
    /// The profile of each variant, after everything else.
    pub profile: Duration,
    /// In place of the turns above: each variant is under load until its memory is flat, for at most so many turns.
    pub until_flat: Option<u32>,
}

impl Protocol {
    /// A few seconds, to see whether a scenario works. Nothing can be said from it.
    #[must_use]
    pub const fn quick() -> Self {
        Self {
            name: QUICK,
            launches: Some(1),
            budget: None,
            warm: Duration::from_millis(200),
            closed: Duration::from_secs(1),
            open: Duration::ZERO,
            slice: Duration::from_millis(20),
            profile: Duration::ZERO,
            until_flat: None,
        }
    }

    /// A minute, while an audience looks on: as many short launches as fit, at least four.
    #[must_use]
    pub const fn stage() -> Self {
        Self {
            name: "stage",
            launches: None,
            budget: Some(Duration::from_secs(57)),
            warm: Duration::from_secs(1),
            closed: Duration::ZERO,
            open: Duration::ZERO,
            slice: Duration::from_millis(150),
            profile: Duration::ZERO,
            until_flat: None,
        }
    }

    /// Ten minutes: five launches, each with a closed and an open loop, and a profile at the end.
    #[must_use]
    pub const fn full() -> Self {
        Self {
            name: "full",
            launches: Some(5),
            budget: None,
            warm: Duration::from_secs(10),
            closed: Duration::from_secs(40),
            open: Duration::from_secs(40),
            slice: Duration::from_millis(500),
            profile: Duration::from_secs(10),
            until_flat: None,
        }
    }

    /// Some minutes: one launch, and each variant under load until its memory is flat, for three minutes at most.
    #[must_use]
    pub const fn memory() -> Self {
        Self {
            name: MEMORY,
            launches: Some(1),
            budget: None,
            warm: Duration::from_secs(1),
            closed: Duration::ZERO,
            open: Duration::ZERO,
            // A reading a second is what `is_flat` asks for.
            slice: Duration::from_secs(1),
            profile: Duration::ZERO,
            until_flat: Some(180),
        }
    }
}
