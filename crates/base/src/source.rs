//! What feeds a pane: a program that runs, or a tape.

use bytes::Bytes;

use crate::clock::Elapsed;
use crate::run::{Event, Size};

/// Something that gives the events of one run.
pub trait EventSource: Send {
    /// Gives the events that are due at `now` to `sink`, in their order. One call does a bounded amount of work;
    /// when there is more, [`EventSource::next_at`] says so.
    ///
    /// `now` is the caller's clock, and never runs backwards; [`Event::at`] is the run's time.
    fn poll(&mut self, now: Elapsed, sink: &mut dyn FnMut(Event));

    /// When [`EventSource::poll`] has something to give, by the caller's clock, as far as that is known: a program
    /// wakes the stage instead.
    fn next_at(&self) -> Option<Elapsed> {
        None
    }

    /// The run's time at `now`.
    fn at(&self, now: Elapsed) -> Elapsed;

    /// Asks for something.
    ///
    /// # Errors
    /// When this source cannot do it, now or ever.
    fn control(&mut self, request: Control, now: Elapsed) -> Result<(), SourceError>;

    /// Something to tell the presenter, once: processes that had to be killed, a tape that is cut off.
    fn take_notice(&mut self) -> Option<String> {
        None
    }
}

/// What can be asked of a [`EventSource`].
#[derive(Debug, Clone, PartialEq)]
pub enum Control {
    /// To a program: these bytes were typed.
    Input(Bytes),
    /// To a program: the pane has this size now.
    Resize(Size),
    /// To a program: end, and be killed when that takes too long.
    Stop,
    /// To a program: be killed at once.
    Kill,
    /// To a tape: play on, from the beginning at the end.
    Play,
    /// To a tape: stand still.
    Pause,
    /// To a tape: stand still after the next change of the screen.
    Step,
    /// To a tape: go to this time.
    Seek(Elapsed),
    /// To a tape: go to its end, and stand still there.
    End,
    /// To a tape: play so many times as fast.
    Speed(f64),
    /// To a tape: play on, and stand still at the next marker.
    PlayToMark,
    /// To a tape: go to the next marker.
    NextMark,
    /// To a tape: go to the marker before.
    PreviousMark,
}

/// Why a [`EventSource`] does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// A tape was given keys, or a program was to be wound back.
    #[error("{0}")]
    Unable(&'static str),
    /// The program has not read what was typed before.
    #[error("the program does not read its input; what was typed is lost")]
    Full,
    /// The run is over.
    #[error("the program has ended")]
    Ended,
    /// What the system said.
    #[error("{0}")]
    System(String),
}
