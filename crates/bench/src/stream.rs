//! What the records of benches and of probes have in common: a line each, with its time; a head that says what they are,
//! and an end that signs them.
//!
//! [`RecordWriter`] writes them, [`RecordReader`] reads them again from bytes, and both add them up to a [`Tally`].

use std::io;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::lines::LineSplitter;
use greenroom_base::clock::Elapsed;
use greenroom_base::hex;
use greenroom_base::plain;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record<W> {
    /// Microseconds since the run began.
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: W,
}

/// What a line says: one enum for benches, one for probes.
pub trait Content: Serialize + DeserializeOwned {
    /// What such records are of: `a bench`.
    const OF: &'static str;
    /// The format's name in the head.
    const FORMAT: &'static str;
    /// The newest version that can be read.
    const VERSION: u32;
    /// The longest line, in bytes.
    const MAX_LINE: usize;

    /// Format and version, in a head.
    fn head(&self) -> Option<(&str, u32)>;

    /// The last line.
    fn end(&self) -> Option<&End>;

    /// What the last line becomes.
    fn of_end(end: End) -> Self;

    /// The record in a line of JSON. Each kind has its own, which is compiled once: within `Record::parse` it would be once for
    /// every crate that reads records, 90 KB each.
    ///
    /// # Errors
    /// When the line is none.
    fn read(json: &str) -> serde_json::Result<Record<Self>>;
}

/// Characters that are kept of a line that is no record.
const MAX_QUOTE: usize = 200;

/// What records add up to.
pub trait Tally: Default {
    /// What they say.
    type Content: Content;

    /// Adds a record.
    fn feed(&mut self, record: Record<Self::Content>) -> Fed;

    /// The time of the last record.
    fn at(&self) -> Elapsed;

    /// How the run ended.
    fn end(&self) -> Option<&End>;
}

/// What a record changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fed {
    /// Something that is shown.
    Changed,
    /// Nothing.
    Nothing,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct End {
    /// Whether the run went through. What it found is no matter of success.
    pub ok: bool,
    /// Lines before this one.
    pub lines: u64,
    /// The SHA-256 of those lines, with their line ends, in hexadecimal.
    pub sha256: String,
}

/// Why a line is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It is too long.
    #[error("a line of {0} bytes is no record")]
    Long(usize),
    /// It is no JSON object with the fields of a record.
    #[error("not a record: {0}")]
    Junk(String),
    /// It was written for a newer reader.
    #[error(
        "this recording has version {found}, and version {known} can be read: a newer greenroom plays it"
    )]
    Version {
        /// The version of the line.
        found: u32,
        /// The newest that can be read.
        known: u32,
    },
    /// It is the head of something else.
    #[error("this is no recording of {of} but of {found:?}")]
    Format {
        /// What was to be read.
        of: &'static str,
        /// What it says it is.
        found: String,
    },
}

impl<W: Content> Record<W> {
    /// The record in a line.
    ///
    /// # Errors
    /// When the line is none, or was made for a newer reader.
    pub fn parse(line: &str) -> Result<Self, RecordError> {
        if line.len() > W::MAX_LINE {
            return Err(RecordError::Long(line.len()));
        }
        let record = W::read(line).map_err(|error| RecordError::Junk(error.to_string()))?;
        match record.what.head() {
            Some((format, _)) if format != W::FORMAT => {
                Err(RecordError::Format { of: W::OF, found: format.chars().take(40).collect() })
            }
            Some((_, found)) if found > W::VERSION => Err(RecordError::Version { found, known: W::VERSION }),
            _ => Ok(record),
        }
    }

    /// The record as a line, with its end. Nothing in it commands a terminal, so that it is the same line wherever it
    /// is printed, and its seal holds.
    #[must_use]
    pub fn to_line(&self) -> String {
        // Nothing in a record can fail to become JSON: no maps with other keys than texts.
        let mut line = plain::json(&serde_json::to_string(self).unwrap_or_default());
        line.push('\n');
        line
    }
}

/// Signs lines as they pass.
#[derive(Debug, Clone, Default)]
struct Seal {
    lines: u64,
    hash: Sha256,
}

impl Seal {
    /// `line` is without its end.
    fn add(&mut self, line: &str) {
        self.lines += 1;
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
    }

    fn end(&self, ok: bool) -> End {
        End { ok, lines: self.lines, sha256: hex::encode(self.hash.clone().finalize()) }
    }

    fn fits(&self, end: &End) -> bool {
        let own = self.end(end.ok);
        own.lines == end.lines && own.sha256.eq_ignore_ascii_case(&end.sha256)
    }
}

/// Is given each record as a line with its end, and what all so far add up to.
pub type RecordSink<'a, T> = dyn FnMut(&str, &T) -> io::Result<()> + 'a;

/// Writes records as they happen, and adds them up.
pub struct RecordWriter<'a, T> {
    sink: &'a mut RecordSink<'a, T>,
    seal: Seal,
    tally: T,
}

impl<'a, T: Tally> RecordWriter<'a, T> {
    /// Writes to `sink`.
    pub fn new(sink: &'a mut RecordSink<'a, T>) -> Self {
        Self { sink, seal: Seal::default(), tally: T::default() }
    }

    /// Writes a record of what happened so long after the run began.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn write(&mut self, at: Duration, what: T::Content) -> io::Result<()> {
        let record = Record { at: micros(at), what };
        let line = record.to_line();
        self.seal.add(line.trim_end_matches('\n'));
        self.tally.feed(record);
        (self.sink)(&line, &self.tally)
    }

    /// Writes the last record, which signs the others.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn end(&mut self, at: Duration, ok: bool) -> io::Result<()> {
        self.write(at, T::Content::of_end(self.seal.end(ok)))
    }

    /// What the records add up to.
    pub const fn tally(&self) -> &T {
        &self.tally
    }

    /// The same, when nothing more is written.
    pub fn into_tally(self) -> T {
        self.tally
    }
}

/// Whole microseconds.
#[must_use]
pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Reads records from bytes, however they arrive, and adds them up.
///
/// Whoever writes records writes nothing else there: any other line is a mistake of theirs, which is counted and said.
#[derive(Debug, Clone, Default)]
pub struct RecordReader<T> {
    tally: T,
    lines: LineSplitter,
    /// Lines so far.
    count: u64,
    /// Lines that are no records.
    others: u64,
    /// The first of them, and its number.
    other: Option<(u64, String)>,
    /// The last line has no end, and is no record.
    half: bool,
    /// They were made for a newer reader, or are something else.
    refused: Option<RecordError>,
    seal: Seal,
    /// What the end says about the others is not so.
    broken: bool,
}

impl<T: Tally> RecordReader<T> {
    /// Reads a recording that is all there is.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut reader = Self::default();
        reader.feed(bytes, &mut |_, _| {});
        reader.finish(&mut |_, _| {});
        reader
    }

    /// Takes in `bytes`, and gives `each` the lines that are records, without their ends; says whether a record changed
    /// something.
    pub fn feed(&mut self, bytes: &[u8], each: &mut dyn FnMut(&str, &T)) -> Fed {
        self.with_lines(|lines, sink| lines.feed(bytes, sink), each)
    }

    /// Nothing more comes: takes in what followed the last line's end.
    pub fn finish(&mut self, each: &mut dyn FnMut(&str, &T)) -> Fed {
        let before = (self.others, self.other.clone());
        let fed = self.with_lines(LineSplitter::finish, each);
        if self.others > before.0 {
            (self.others, self.other) = before;
            self.half = true;
        }
        fed
    }

    fn with_lines(
        &mut self,
        cut: impl FnOnce(&mut LineSplitter, &mut dyn FnMut(&str)),
        each: &mut dyn FnMut(&str, &T),
    ) -> Fed {
        let (mut lines, mut fed) = (std::mem::take(&mut self.lines), Fed::Nothing);
        cut(&mut lines, &mut |line| {
            if self.line(line, each) == Fed::Changed {
                fed = Fed::Changed;
            }
        });
        self.lines = lines;
        fed
    }

    fn line(&mut self, line: &str, each: &mut dyn FnMut(&str, &T)) -> Fed {
        self.count += 1;
        // Somebody's editor left it in a recording.
        if line.trim().is_empty() {
            return Fed::Nothing;
        }
        match Record::<T::Content>::parse(line) {
            Ok(record) => {
                self.broken = record.what.end().map_or(self.broken, |end| !self.seal.fits(end));
                self.seal.add(line);
                let fed = self.tally.feed(record);
                each(line, &self.tally);
                fed
            }
            Err(error @ (RecordError::Version { .. } | RecordError::Format { .. })) => {
                self.refused = Some(error);
                Fed::Nothing
            }
            Err(_) => {
                self.others += 1;
                let quote = || line.chars().take(MAX_QUOTE).collect();
                self.other.get_or_insert_with(|| (self.count, quote()));
                Fed::Nothing
            }
        }
    }

    /// What the records add up to.
    pub const fn tally(&self) -> &T {
        &self.tally
    }

    /// Whether a record has come.
    pub const fn has_begun(&self) -> bool {
        self.seal.lines > 0
    }

    /// Why these are not the records that were to be read, when they are others.
    pub const fn refused(&self) -> Option<&RecordError> {
        self.refused.as_ref()
    }

    /// Whether nothing but records came so far, as they were written.
    pub fn is_sound(&self) -> bool {
        let others = self.others + self.lines.skipped();
        others == 0 && !self.half && !self.broken && self.refused.is_none()
    }

    /// What is wrong with the records themselves, in words, the worst first: `over` when no more come, `contradiction`
    /// when they do not say what they add up to.
    pub fn doubts(&self, over: bool, contradiction: Option<&str>) -> Vec<String> {
        let mut doubts: Vec<String> = self.refused.iter().map(ToString::to_string).collect();
        let mut say = |wrong: bool, text: &str| doubts.extend(wrong.then(|| text.to_owned()));
        let cut = over && self.tally.end().is_none() && self.has_begun();
        say(cut && !self.half, "cut off: these records have no end");
        say(self.half, "cut off in the middle of a record");
        say(self.broken, "these records are not the ones that were made: their checksum is another");
        say(contradiction.is_some(), contradiction.unwrap_or_default());
        if self.refused.is_none() {
            doubts.extend(self.said_of_others());
        }
        doubts
    }

    /// The lines that are no records, in words.
    fn said_of_others(&self) -> Option<String> {
        let all = self.others + self.lines.skipped();
        let (lines, are) = if all == 1 { ("line", "is no record") } else { ("lines", "are no records") };
        let first = match &self.other {
            Some((number, text)) => format!(" (line {number}: {})", plain::one_line(text)),
            None => String::new(),
        };
        (all > 0).then(|| format!("{all} {lines} {are}, and left out{first}"))
    }
}
