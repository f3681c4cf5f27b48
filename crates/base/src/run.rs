//! What happens while a demo runs: the one stream of events that live runs and tapes share.

use bytes::Bytes;

use crate::clock::Elapsed;

/// A line of a bench's records is at most this long, in bytes.
pub const MAX_RECORD: usize = 4 << 20;

/// Stands in a notice for the key that stops a run, which is a person's own choice. Who shows the notice puts the key there.
pub const STOP_KEY: &str = "{stop}";

/// The same for the key that records.
pub const RECORD_KEY: &str = "{record}";

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, since the run began.
    pub at: Elapsed,
    /// What.
    pub what: What,
}

/// What can happen in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The run entered a new phase.
    Phase(Phase),
    /// The program wrote to its terminal, or to its standard output where that is a pipe.
    Output(Bytes),
    /// The program wrote to its standard error, where that is a pipe of its own.
    Message(Bytes),
    /// Somebody typed into the terminal.
    Input(Bytes),
    /// The terminal changed its size.
    Resize(Size),
    /// A named moment, to skip to.
    Marker(String),
    /// The program ended; nothing follows.
    Exit(Exit),
}

/// Columns and rows of a terminal; each at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// Cells across.
    pub columns: u16,
    /// Cells down.
    pub rows: u16,
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// It is being prepared.
    Starting,
    /// The program runs.
    Running,
    /// It was asked to end.
    Stopping,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// With this status.
    Status(i32),
    /// Killed by this signal's number.
    Signal(i32),
    /// Its time limit ran out, and it was stopped.
    TimedOut,
    /// It was stopped by the person at the keyboard, or because its slide was left.
    Stopped,
    /// It could not be started: why, and what to do next.
    Failed(String),
}
