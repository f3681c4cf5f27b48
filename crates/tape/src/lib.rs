//! Recorded runs: asciicast files, versions 2 and 3 read, version 3 written; the records of benches and probes, read.
//!
//! Everything here works on bytes and on anything that reads and seeks; nothing opens a file.

mod edit;
mod header;
mod lines;
mod player;
mod read;
mod records;
mod source;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use greenroom_base::color::Rgb;
use greenroom_base::run::Size;

pub use edit::{Edit, Editor};
pub use player::{Input, Marker, Player};
pub use read::Reader;
pub use write::Writer;

/// Under this name [`Meta::manifest`] has the SHA-256 of the scenario's file that a bench was measured by.
pub const SCENARIO: &str = "scenario";

/// What a tape's lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Asciicast 2: what a terminal was sent, each at its time since the beginning.
    Asciicast2,
    /// Asciicast 3: the same, with the times from one line to the next.
    Asciicast3,
    /// The records of a bench.
    Bench,
    /// The records of a probe.
    Probe,
}

impl Format {
    /// Whether its lines are records of Greenroom's own.
    #[must_use]
    pub(crate) const fn is_records(self) -> bool {
        matches!(self, Self::Bench | Self::Probe)
    }
}

/// The largest screen that a recording is given, whatever it says: it is drawn anew with every winding back.
pub const MAX_SIZE: Size = Size { columns: 500, rows: 200 };

/// What a tape says about itself, in its first line.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The size of the terminal when the run began.
    pub size: Size,
    /// The colours of that terminal, as far as the tape says them.
    pub colors: Option<Colors>,
    /// When the run began, in seconds since 1970.
    pub timestamp: Option<u64>,
    /// Pauses longer than this are shortened when it plays.
    pub idle_limit: Option<Duration>,
    /// The program and its arguments, as a person would type them.
    pub command: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Environment variables worth knowing.
    pub env: BTreeMap<String, String>,
    /// What other players ignore.
    pub meta: Meta,
}

/// The colours of the terminal that a tape was recorded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Colors {
    /// Text without a colour of its own.
    pub foreground: Option<Rgb>,
    /// Behind it.
    pub background: Option<Rgb>,
    /// The 16 named colours, in the order of their numbers.
    pub named: Option<[Rgb; 16]>,
}

/// Greenroom's own part of a tape's header; other players skip it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// The demo's id in the outline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demo: Option<String>,
    /// The machine it ran on, in a few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Everything else that is needed to believe a number: versions, settings, load.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub manifest: serde_json::Map<String, serde_json::Value>,
}

impl Header {
    /// A header that says nothing but the size.
    #[must_use]
    pub fn new(size: Size) -> Self {
        Self {
            size,
            colors: None,
            timestamp: None,
            idle_limit: None,
            command: None,
            title: None,
            env: BTreeMap::new(),
            meta: Meta::default(),
        }
    }

    /// The day of the recording, `2026-11-23`, in UTC.
    #[must_use]
    pub fn date(&self) -> Option<String> {
        self.timestamp.map(greenroom_base::clock::date)
    }
}

/// A program and its arguments as a person would type them to a shell: for [`Header::command`].
#[must_use]
pub fn command_line(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    let quoted = |word: &String| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// What is wrong with a tape. Some of it ends the reading, the rest is worked around and said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TapeError {
    /// Nothing is in the file.
    #[error("the recording is empty: record it again")]
    Empty,
    /// The first line is no header.
    #[error("line 1 is not the header of an asciicast recording: {reason}")]
    Header {
        /// What the header lacks.
        reason: String,
    },
    /// A file of another kind.
    #[error("the file is {what} and cannot be played: {hint}")]
    Foreign {
        /// What it is.
        what: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A version that this program cannot read.
    #[error("the recording is asciicast version {version}; versions 2 and 3 can be played: {hint}")]
    Version {
        /// The version it says.
        version: u64,
        /// What to do.
        hint: &'static str,
    },
    /// Records of a bench or a probe, of a version that this program cannot read.
    #[error("these records have version {version}; version 1 can be played: get a newer greenroom")]
    BenchVersion {
        /// The version they say.
        version: u64,
    },
    /// The system could not read on.
    #[error("line {line} cannot be read: {reason}")]
    Unreadable {
        /// Line, from 1.
        line: u64,
        /// What the system said.
        reason: String,
    },
    /// The last line is not complete: the recorder was killed, or the disk was full.
    #[error("line {line} is cut off: the recording ends before it")]
    Truncated {
        /// Line, from 1.
        line: u64,
    },
    /// A tape of ours whose last line does not tell how the run ended: the recorder was killed.
    #[error("the recording was cut off before its run had ended")]
    NoEnd,
    /// A line that does not end within any length that a recorder would write.
    #[error("line {line} does not end within {mebibytes} MiB: the recording ends before it")]
    Endless {
        /// Line, from 1.
        line: u64,
        /// What was read of it.
        mebibytes: usize,
    },
    /// A time before that of the line above; it is taken as the same moment.
    #[error("line {line}: time runs backwards; it is played at once")]
    Backwards {
        /// Line, from 1.
        line: u64,
    },
    /// A terminal larger than any screen.
    #[error("line {line}: the terminal was {columns}x{rows}; {}x{} of it are shown", MAX_SIZE.columns, MAX_SIZE.rows)]
    TooLarge {
        /// Line, from 1.
        line: u64,
        /// As the tape says it.
        columns: u64,
        /// As the tape says it.
        rows: u64,
    },
    /// More changes of the terminal's size than anybody makes.
    #[error("line {line}: the terminal's size changes for the {}st time; it stays as it is from here on", most + 1)]
    Resizes {
        /// Line, from 1.
        line: u64,
        /// How many are played.
        most: u32,
    },
    /// Not an event; it is skipped.
    #[error("line {line} is no event and is skipped: {reason}")]
    Junk {
        /// Line, from 1.
        line: u64,
        /// What was expected.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_quoted_for_a_shell() {
        let words = ["sh", "-c", "echo \"it's $HOME\"; ls", "", "a b", "é"].map(str::to_owned);
        assert_eq!(command_line(&words), r#"sh -c 'echo "it'\''s $HOME"; ls' '' 'a b' 'é'"#);
        assert_eq!(command_line(&["./demos/run".to_owned(), "--n=3".to_owned()]), "./demos/run --n=3");
    }

    #[test]
    fn a_date_is_the_calendars() {
        let date = |timestamp| {
            let mut header = Header::new(Size { columns: 80, rows: 24 });
            header.timestamp = Some(timestamp);
            header.date().unwrap()
        };
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(1_709_251_199), "2024-02-29");
        assert_eq!(date(1_709_251_200), "2024-03-01");
        assert_eq!(date(1_795_392_000), "2026-11-23");
        date(u64::MAX);
    }
}
