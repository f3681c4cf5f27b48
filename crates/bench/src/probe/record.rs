//! What a probe writes: one JSON object in a line, each with its time.
//!
//! Unknown fields and unknown types are skipped, so that an older reader understands a newer probe; [`VERSION`] changes
//! only when it would misunderstand it. A run without an [`End`] was cut off.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::stream::Content;
pub use crate::stream::{End, RecordError};

/// The value of [`Head::format`].
pub const FORMAT: &str = "greenroom-probe";
/// The format's version.
pub const VERSION: u32 = 1;
/// Longest line that is a record.
pub const MAX_LINE: usize = 64 * 1024;

/// One line of a probe.
pub type Record = crate::stream::Record<What>;

/// What a line says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum What {
    /// The first line: what this is.
    Head(Head),
    /// A column begins.
    Column(ColumnRecord),
    /// The script reported something.
    Line(LineRecord),
    /// The script printed something that is no report.
    Out(Out),
    /// A column's script ended.
    Exit(ExitRecord),
    /// The last line.
    End(End),
    /// Of a newer version; skipped.
    #[serde(other)]
    Unknown,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Head {
    /// [`FORMAT`]
    pub format: String,
    /// [`VERSION`]
    pub v: u32,
    /// Seconds since 1970.
    pub started: u64,
    /// What the demo is called.
    pub title: String,
    /// What runs in each column.
    pub command: Vec<String>,
    /// How long each column is asked to run, in milliseconds.
    pub ask_ms: u64,
    /// The machine, in a few words.
    pub machine: String,
    /// The version of Greenroom.
    pub greenroom: String,
    /// The columns, in their order; `column` everywhere counts in this list.
    pub columns: Vec<Kind>,
    /// The names of the columns; empty for those that are called by their kind, and as a whole when all are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// The kinds of column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The build with the GIL.
    Gil,
    /// The same, and the GIL may change hands every microsecond instead of every 5 ms.
    GilPlus,
    /// The build without the GIL.
    FreeThreaded,
    /// Another interpreter, or other packages: the column has a name of its own.
    Named,
    /// The command as it is, whatever it runs on.
    #[default]
    #[serde(other)]
    Plain,
}

impl Kind {
    /// The columns of a probe in Python, in the order in which they run and are shown.
    pub const PYTHON: [Self; 3] = [Self::Gil, Self::GilPlus, Self::FreeThreaded];

    /// Its name on screen.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gil => "GIL",
            Self::GilPlus => "GIL+",
            Self::FreeThreaded => "free threaded",
            Self::Named => "named",
            Self::Plain => "as it is",
        }
    }
}

/// A column, at the moment when it begins.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnRecord {
    /// Which.
    pub column: usize,
    /// Its kind.
    pub kind: Kind,
    /// The interpreter's version, `3.14.7`; empty where none is chosen.
    pub python: String,
    /// Whether the interpreter is a free-threaded build.
    pub free_threaded: Option<bool>,
    /// Whether the GIL was on in it when it was asked, before the script.
    pub gil: Option<bool>,
    /// Built with profile-guided optimisation.
    pub optimized: Option<bool>,
    /// The lock file of its packages, when they are not the deck's own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub requirements: String,
    /// Why nothing runs in this column: there is no such interpreter, or it is not what it should be.
    pub problem: String,
}

/// Something that the script reported: one of the objects that it prints.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LineRecord {
    /// Which column.
    pub column: usize,
    /// The object.
    pub said: Map<String, Value>,
}

/// Something that the script printed and that is no object, or was printed as an error.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Out {
    /// Which column.
    pub column: usize,
    /// The line, without control characters.
    pub text: String,
}

/// How a column's script ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExitRecord {
    /// Which column.
    pub column: usize,
    /// In which way.
    pub how: How,
    /// The exit status, or the signal's number.
    pub code: i32,
    /// The signal's name, `SIGSEGV`, or why it could not be started.
    pub name: String,
    /// How long it ran, in microseconds.
    pub took_us: u64,
    /// Whether the script is run once more in this column, in a fresh interpreter.
    pub more: bool,
}

/// The ways in which a script ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// With a status.
    #[default]
    Status,
    /// Killed by a signal.
    Signal,
    /// It was ended when its time was up.
    Timeout,
    /// It was ended because somebody asked for it.
    Stopped,
    /// It could not be started.
    Failed,
}

impl Content for What {
    const OF: &'static str = "a probe";
    const FORMAT: &'static str = FORMAT;
    const VERSION: u32 = VERSION;
    const MAX_LINE: usize = MAX_LINE;

    fn head(&self) -> Option<(&str, u32)> {
        if let Self::Head(head) = self { Some((&head.format, head.v)) } else { None }
    }

    fn end(&self) -> Option<&End> {
        if let Self::End(end) = self { Some(end) } else { None }
    }

    fn of_end(end: End) -> Self {
        Self::End(end)
    }

    fn read(json: &str) -> serde_json::Result<Record> {
        serde_json::from_str(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_line_with_its_time_first() {
        let said = serde_json::from_str(r#"{"trials":12,"anomalies":3}"#).unwrap();
        let record = Record { at: 1_500, what: What::Line(LineRecord { column: 2, said }) };
        let line = record.to_line();
        let text = r#"{"at":1500,"type":"line","column":2,"said":{"anomalies":3,"trials":12}}"#;
        assert_eq!(line, format!("{text}\n"));
        assert_eq!(Record::parse(&line), Ok(record));
    }

    #[test]
    fn what_is_new_is_skipped_and_what_is_missing_is_filled_in() {
        let newer = r#"{"at":7,"type":"weather","rain":true}"#;
        assert_eq!(Record::parse(newer), Ok(Record { at: 7, what: What::Unknown }));
        let kind = r#"{"at":7,"type":"column","kind":"no-jit","mood":"good"}"#;
        assert_eq!(Record::parse(kind), Ok(Record { at: 7, what: What::Column(ColumnRecord::default()) }));
    }

    #[test]
    fn what_is_no_record_says_why() {
        let head = |format: &str, v: u32| format!(r#"{{"at":0,"type":"head","format":"{format}","v":{v}}}"#);
        assert_eq!(Record::parse(&head(FORMAT, 2)), Err(RecordError::Version { found: 2, known: 1 }));
        assert_eq!(
            Record::parse(&head("x", 1)),
            Err(RecordError::Format { of: "a probe", found: "x".to_owned() })
        );
        assert!(Record::parse(&head(FORMAT, 1)).is_ok());
        assert!(matches!(Record::parse(r#"{"trials":1}"#), Err(RecordError::Junk(_))));
        assert!(matches!(Record::parse(&" ".repeat(MAX_LINE + 1)), Err(RecordError::Long(_))));
    }
}
