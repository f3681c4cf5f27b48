//! Benchmarks without the measuring: what a bench writes down, what that adds up to, and what may be said about it.
//!
//! A bench is a stream of [`Record`]s, as a probe is ([`probe`]): [`RecordWriter`] and [`RecordReader`] are the same for
//! both. The [`RunSummary`] adds them up, whether they come from a bench that runs or from a
//! tape, so that a replay cannot show anything that the run did not. The method, and the evidence for it, is in the
//! book's page on measuring.

mod alike;
mod balance;
mod board;
mod compare;
mod elsewhere;
mod figure;
mod flat;
mod launches;
mod lines;
pub mod probe;
mod record;
mod schedule;
#[cfg(test)]
mod simulation;
mod spoken;
mod standing;
mod stats;
mod stream;
pub mod told;
mod verdict;
mod verdict_text;

pub use board::{ENOUGH_FOR_P99, Latencies, MAX_VARIANTS, RunSummary, VariantSummary};
pub use compare::{Comparison, compare, differences};
pub use figure::Recordings;
pub use flat::is_flat;
pub use launches::{Kinds, MAX_LAUNCHES, MIN_LAUNCHES, launches_for};
pub use lines::MAX_LINE;
pub use record::{
    App, End, Env, FORMAT, FailureRecord, Flat, Head, Hist, HistKind, Identity, Launch, LoadInfo, LoadKind,
    MEMORY, Mem, Moment, Out, Phase, PhaseKind, ProcessPlace, Prof, QUICK, Record, RecordError, Share,
    ShareBy, Slice, Tail, Thr, ThreadUse, VERSION, VerdictRecord, Wave, What, WorkerShare,
};
pub use schedule::{Turn, turns};
pub use spoken::{Headline, Spoken};
pub use stats::{Interval, interval};
pub use stream::{Content, Fed, RecordReader, RecordSink, RecordWriter, Tally, micros};
pub use verdict::{Call, Metric, RefusalReason, Unit, Verdict, judge};
pub use verdict_text::Sentence;
