//! The records of a bench or of a probe as a tape: what has to be known of a line to play it at its time.
//!
//! Only the time and the type are looked at. What the records mean is for the pane to say.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;

use super::{Format, Header, Meta, TapeError};
use crate::clock::Elapsed;
use crate::run::{Event, Exit, Size, What};

/// How the first line of records says what they are.
const FORMATS: [(&str, Format); 2] = [("greenroom-bench", Format::Bench), ("greenroom-probe", Format::Probe)];
/// The version that can be played.
const VERSION: u64 = 1;
/// Pauses longer than this, while servers start, are shortened when it plays.
const IDLE: std::time::Duration = std::time::Duration::from_secs(2);

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
    format: String,
    v: u64,
    #[serde(default)]
    started: u64,
    #[serde(default)]
    title: String,
    /// In a few words; a bench says more about it in a line of its own.
    #[serde(default)]
    machine: String,
}

#[derive(Deserialize)]
struct Line<'a> {
    at: u64,
    #[serde(rename = "type", borrow)]
    what: Cow<'a, str>,
    /// Which phase or column, in a line about one.
    #[serde(default, borrow)]
    kind: Option<Cow<'a, str>>,
    /// Whether the run went through, in the last line.
    #[serde(default)]
    ok: bool,
}

/// The header that the first `line` makes, if it is that of records.
pub(super) fn header(line: &[u8]) -> Option<Result<(Header, Format), TapeError>> {
    let head: Head = serde_json::from_slice(line).ok()?;
    let (_, format) = FORMATS.into_iter().find(|(name, _)| head.kind == "head" && head.format == *name)?;
    if head.v > VERSION {
        return Some(Err(TapeError::BenchVersion { version: head.v }));
    }
    let size = Size { columns: 80, rows: 24 };
    let machine = Some(head.machine).filter(|machine| !machine.is_empty());
    let header = Header {
        timestamp: Some(head.started).filter(|started| *started > 0),
        idle_limit: Some(IDLE),
        title: Some(head.title).filter(|title| !title.is_empty()),
        meta: Meta { machine, ..Meta::default() },
        ..Header::new(size)
    };
    Some(Ok((header, format)))
}

/// A line's time, and what is played for it: a marker where a phase or a column begins, the line itself, the end of the run.
pub(super) struct Parts {
    pub at: Elapsed,
    pub marker: Option<String>,
    pub exit: Option<Exit>,
}

/// The parts of `line`; nothing when it is no record.
pub(super) fn parts(line: &str) -> Option<Parts> {
    let line: Line<'_> = serde_json::from_str(line).ok()?;
    let marker = line
        .kind
        .filter(|_| line.what == "phase" || line.what == "column")
        .map(|kind| kind.chars().take(40).collect());
    let exit = (line.what == "end").then_some(Exit::Status(i32::from(!line.ok)));
    Some(Parts { at: Elapsed::from_micros(line.at), marker, exit })
}

/// `line` as a program would have printed it.
pub(super) fn output(line: &[u8], at: Elapsed) -> Event {
    let mut bytes = Vec::with_capacity(line.len() + 1);
    bytes.extend_from_slice(line);
    bytes.push(b'\n');
    Event { at, what: What::Output(Bytes::from(bytes)) }
}
