//! How long the parts of a bench take.

use std::time::Duration;

use greenroom_bench::QUICK;

/// How long everything takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// Its name.
    pub name: &'static str,
    /// How often the servers are started afresh.
    pub launches: u32,
    /// Requests that do not count, before each launch's turns.
    pub warm: Duration,
    /// Turns in a closed loop.
    pub closed: Duration,
    /// Turns in an open loop.
    pub open: Duration,
    /// One turn.
    pub slice: Duration,
    /// The profile of each variant, after everything else.
    pub profile: Duration,
}

impl Protocol {
    /// A few seconds, to see whether a scenario works. Nothing can be said from it.
    #[must_use]
    pub const fn quick() -> Self {
        Self {
            name: QUICK,
            launches: 1,
            warm: Duration::from_millis(200),
            closed: Duration::from_secs(1),
            open: Duration::ZERO,
            slice: Duration::from_millis(20),
            profile: Duration::ZERO,
        }
    }

    /// Half a minute, while an audience looks on.
    #[must_use]
    pub const fn stage() -> Self {
        Self {
            name: "stage",
            launches: 1,
            warm: Duration::from_secs(3),
            closed: Duration::from_secs(24),
            open: Duration::ZERO,
            slice: Duration::from_millis(250),
            profile: Duration::ZERO,
        }
    }

    /// Ten minutes: five launches, each with a closed and an open loop, and a profile at the end.
    #[must_use]
    pub const fn full() -> Self {
        Self {
            name: "full",
            launches: 5,
            warm: Duration::from_secs(10),
            closed: Duration::from_secs(40),
            open: Duration::from_secs(40),
            slice: Duration::from_millis(500),
            profile: Duration::from_secs(10),
        }
    }
}
