//! Writes down what happens, and adds it up.

use std::time::{Duration, Instant};

use super::BenchError;
use greenroom_bench::{FailureRecord, Phase, PhaseKind, RecordSink, RecordWriter, RunSummary, What};

/// Writes a bench's records.
pub(super) struct RunWriter<'a> {
    writer: RecordWriter<'a, RunSummary>,
    began: Instant,
    launches: u32,
}

impl<'a> RunWriter<'a> {
    /// Writes to `sink`; times count from now.
    pub(crate) fn new(sink: &'a mut RecordSink<'a, RunSummary>) -> Self {
        Self { writer: RecordWriter::new(sink), began: Instant::now(), launches: 0 }
    }

    /// So many launches are meant, from here on.
    pub(crate) fn plan(&mut self, launches: u32) {
        self.launches = launches;
    }

    /// What all of it adds up to.
    pub(crate) const fn board(&self) -> &RunSummary {
        self.writer.tally()
    }

    /// The same, when nothing more is written.
    pub(crate) fn into_board(self) -> RunSummary {
        self.writer.into_tally()
    }

    /// A record.
    pub(crate) fn write(&mut self, what: What) -> Result<(), BenchError> {
        self.writer.write(self.began.elapsed(), what).map_err(BenchError::Write)
    }

    /// A phase begins.
    pub(crate) fn phase(
        &mut self,
        kind: PhaseKind,
        length: Duration,
        launch: u32,
        note: &str,
    ) -> Result<(), BenchError> {
        let (length_us, launches) = (micros(length), self.launches);
        self.write(What::Phase(Phase { kind, length_us, launch, launches, note: note.to_owned() }))
    }

    /// Something went wrong.
    pub(crate) fn fault(
        &mut self,
        variant: Option<usize>,
        message: String,
        hint: &str,
        fatal: bool,
    ) -> Result<(), BenchError> {
        self.write(What::Fault(FailureRecord { variant, message, hint: hint.to_owned(), fatal }))
    }

    /// The last record, which signs the others.
    pub(crate) fn end(&mut self, ok: bool) -> Result<(), BenchError> {
        self.writer.end(self.began.elapsed(), ok).map_err(BenchError::Write)
    }
}

pub(super) use greenroom_bench::micros;
