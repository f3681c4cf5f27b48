//! Probes without the running: what a probe writes down, what that adds up to, and what may be said about it.
//!
//! A probe is one script that races threads through some code, run once for each column: with the GIL, with the GIL
//! and a switch interval of 1 µs, and free threaded. What it writes is a stream of [`Record`]s; the [`ProbeSummary`] adds
//! them up, whether they come from a probe that runs or from a tape.

mod board;
mod record;
mod verdict;

pub use board::{Column, ColumnState, Ending, OneRun, ProbeSummary};
pub use record::{
    ColumnRecord, End, ExitRecord, FORMAT, Head, How, Kind, LineRecord, MAX_LINE, Out, Record, RecordError,
    VERSION, What,
};
pub use verdict::{Finding, Tone, Verdict};

/// Whether `command` is run by Python, so that it can be compared with and without the GIL.
#[must_use]
pub fn is_python(command: &[String]) -> bool {
    let Some(program) = command.first() else { return false };
    let name = program.rsplit('/').next().unwrap_or(program);
    name.strip_prefix("python")
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || ".t".contains(c)))
}
