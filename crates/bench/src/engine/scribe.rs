//! Writes down what happens, and adds it up.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::BenchError;
use crate::{Board, End, Fault, Phase, PhaseKind, Record, What};
use greenroom_base::hex;

/// Writes records, and adds them up.
pub(super) struct Scribe<'a> {
    sink: &'a mut dyn FnMut(&str) -> std::io::Result<()>,
    began: Instant,
    lines: u64,
    hash: Sha256,
    /// What all of it adds up to.
    pub board: Board,
}

impl<'a> Scribe<'a> {
    /// Writes to `sink`; times count from now.
    pub fn new(sink: &'a mut dyn FnMut(&str) -> std::io::Result<()>) -> Self {
        Self { sink, began: Instant::now(), lines: 0, hash: Sha256::new(), board: Board::default() }
    }

    /// A record.
    pub fn write(&mut self, what: What) -> Result<(), BenchError> {
        let at = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let record = Record { at, what };
        let line = record.to_line();
        self.lines += 1;
        self.hash.update(line.as_bytes());
        self.board.feed(record);
        (self.sink)(&line).map_err(BenchError::Write)
    }

    /// A phase begins.
    pub fn phase(
        &mut self,
        kind: PhaseKind,
        length: Duration,
        launch: u32,
        note: &str,
    ) -> Result<(), BenchError> {
        self.write(What::Phase(Phase { kind, length_us: micros(length), launch, note: note.to_owned() }))
    }

    /// Something went wrong.
    pub fn fault(
        &mut self,
        variant: Option<usize>,
        message: String,
        hint: &str,
        fatal: bool,
    ) -> Result<(), BenchError> {
        self.write(What::Fault(Fault { variant, message, hint: hint.to_owned(), fatal }))
    }

    /// The last record, which signs the others.
    pub fn end(&mut self, ok: bool) -> Result<(), BenchError> {
        let hash = std::mem::take(&mut self.hash).finalize();
        let (lines, sha256) = (self.lines, hex::encode(hash));
        self.write(What::End(End { ok, lines, sha256 }))
    }
}

/// Whole microseconds.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
