//! How far the run of a pane is: what was asked for, what it waits for, what has come of it.

use greenroom_base::run::Exit;
use greenroom_pane::{Generation, RunStatus};

/// Where the live run of a pane is. What the program prints, and how it ended, is in the pane itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::talk) enum Run {
    /// Nothing has run yet.
    #[default]
    Idle,
    /// It starts when the pane before it has ended.
    Queued {
        /// What is to start is recorded.
        record: bool,
        /// What ran here before, which has been asked to end. Never queued itself.
        before: Box<Run>,
    },
    /// The pending start waits until the run before has gone.
    PendingStart(Start),
    /// The deck's commands, or its packages, wait for the person's agreement.
    AwaitingConsent(Start),
    /// The runner has been asked for it.
    Starting {
        /// For what.
        start: Start,
        /// Nobody wants it any more: it is stopped as soon as it is there.
        cancel_on_attach: bool,
    },
    /// Its program runs.
    Running(Purpose),
    /// Its program was asked to end.
    Stopping(Purpose),
    /// It ended, or did not come to be.
    Ended {
        /// What it runs in is missing, and can be set up.
        lacks_setup: bool,
    },
}

/// A run that was asked for and is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::talk) struct Start {
    pub generation: Generation,
    pub purpose: Purpose,
}

/// What runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::talk) enum Purpose {
    /// The pane's demo.
    Demo {
        /// Its run is recorded.
        record: bool,
    },
    /// What the demo lacks is set up.
    SetUp {
        /// The fingerprint of the packages that the person agreed to.
        agreed: Option<String>,
    },
}

impl Run {
    /// What is asked for, until its program is there.
    pub(crate) const fn start(&self) -> Option<&Start> {
        match self {
            Self::PendingStart(start) | Self::AwaitingConsent(start) | Self::Starting { start, .. } => {
                Some(start)
            }
            Self::Idle | Self::Queued { .. } | Self::Running(_) | Self::Stopping(_) | Self::Ended { .. } => {
                None
            }
        }
    }

    /// Whether a program starts, runs or stops.
    pub(crate) fn is_active(&self) -> bool {
        match self {
            Self::Idle | Self::Ended { .. } => false,
            Self::Queued { before, .. } => before.is_active(),
            Self::PendingStart(_)
            | Self::AwaitingConsent(_)
            | Self::Starting { .. }
            | Self::Running(_)
            | Self::Stopping(_) => true,
        }
    }

    /// Whether it could run if it were set up.
    pub(crate) fn lacks_setup(&self) -> bool {
        match self {
            Self::Ended { lacks_setup } => *lacks_setup,
            Self::Queued { before, .. } => before.lacks_setup(),
            Self::Running(purpose) | Self::Stopping(purpose) => purpose.is_setup(),
            run => run.start().is_some_and(|start| start.purpose.is_setup()),
        }
    }

    /// Whether it, or what it is queued for, is recorded or is to be.
    pub(crate) const fn records(&self) -> bool {
        match self {
            Self::Queued { record, .. } | Self::Running(Purpose::Demo { record }) => *record,
            run => matches!(run.start(), Some(Start { purpose: Purpose::Demo { record: true }, .. })),
        }
    }

    /// What it is when it is not queued any more, without having started.
    pub(crate) fn unqueued(self) -> Self {
        match self {
            Self::Queued { before, .. } => *before,
            run => run,
        }
    }

    /// What it is when nothing comes of it.
    pub(crate) fn failed(&self) -> Self {
        Self::Ended { lacks_setup: self.lacks_setup() }
    }

    /// The program has come so far. Gives what ended, when it did.
    pub(crate) fn follow(&mut self, state: &RunStatus) -> Option<(Purpose, Exit)> {
        if let Self::Queued { before, .. } = self {
            return before.follow(state);
        }
        let (Self::Running(purpose) | Self::Stopping(purpose)) = self else { return None };
        let purpose = purpose.clone();
        match state {
            RunStatus::Stopping => {
                *self = Self::Stopping(purpose);
                None
            }
            RunStatus::Ended(exit) => {
                *self = Self::Ended { lacks_setup: purpose.is_setup() && *exit != Exit::Status(0) };
                Some((purpose, exit.clone()))
            }
            RunStatus::Idle | RunStatus::Starting | RunStatus::Running | RunStatus::Replaying => None,
        }
    }

    /// Whether it tells of the same as the state of the pane that it is in.
    #[cfg(test)]
    pub(crate) fn agrees_with(&self, state: &RunStatus) -> bool {
        match self {
            Self::Idle => *state == RunStatus::Idle,
            Self::Queued { before, .. } => {
                !matches!(**before, Self::Queued { .. }) && before.agrees_with(state)
            }
            Self::PendingStart(_) | Self::AwaitingConsent(_) | Self::Starting { .. } => {
                *state == RunStatus::Starting
            }
            // What has come in since is seen with the next poll.
            Self::Running(_) => matches!(state, RunStatus::Running),
            Self::Stopping(_) => *state == RunStatus::Stopping,
            Self::Ended { .. } => matches!(state, RunStatus::Ended(_)),
        }
    }
}

impl Purpose {
    pub(crate) const fn is_setup(&self) -> bool {
        matches!(self, Self::SetUp { .. })
    }
}
