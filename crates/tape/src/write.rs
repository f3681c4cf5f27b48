//! Events to an asciicast file of version 3, line by line as they happen.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::Header;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Exit, Size, What};

/// Before the `x` line: how the run ended, where a number does not say it. A comment to other players.
pub(super) const EXIT_COMMENT: &str = "# greenroom exit: ";

/// Turns events into lines; every call gives whole lines, so that a file cut between two calls can be read.
#[derive(Debug)]
pub struct Writer {
    last: Elapsed,
    /// Said already, by the header at first: a run begins by saying it again.
    size: Size,
    /// The bytes of characters whose end has not come yet, at most 3 of each.
    output: Vec<u8>,
    input: Vec<u8>,
}

impl Writer {
    /// A new tape, and its first line.
    #[must_use]
    pub fn new(header: &Header) -> (Self, Vec<u8>) {
        let (output, input) = (Vec::new(), Vec::new());
        (Self { last: Elapsed::ZERO, size: header.size, output, input }, first_line(header))
    }

    /// The lines for `event`; none for phases, for a size that has not changed, and for bytes that only begin a
    /// character.
    ///
    /// A tape holds text: bytes that are no UTF-8 are written as U+FFFD, which is how a terminal shows them.
    #[must_use]
    pub fn event(&mut self, event: &Event) -> Vec<u8> {
        let mut lines = String::new();
        match &event.what {
            What::Output(bytes) => {
                let text = complete(&mut self.output, bytes);
                self.line(&mut lines, event.at, "o", &text);
            }
            What::Input(bytes) => {
                let text = complete(&mut self.input, bytes);
                self.line(&mut lines, event.at, "i", &text);
            }
            What::Resize(size) if *size == self.size => {}
            What::Resize(size) => {
                self.size = *size;
                self.line(&mut lines, event.at, "r", &format!("{}x{}", size.columns, size.rows));
            }
            What::Marker(name) => self.entry(&mut lines, event.at, "m", name),
            What::Exit(exit) => {
                self.rest(&mut lines, event.at);
                let (status, comment) = exit_data(exit);
                if let Some(comment) = comment {
                    let _ = writeln!(lines, "{EXIT_COMMENT}{comment}");
                }
                self.line(&mut lines, event.at, "x", &status.to_string());
            }
            What::Phase(_) | What::Message(_) => {}
        }
        lines.into_bytes()
    }

    /// What is left of characters that were never finished.
    fn rest(&mut self, lines: &mut String, at: Elapsed) {
        for (code, rest) in [("o", std::mem::take(&mut self.output)), ("i", std::mem::take(&mut self.input))]
        {
            self.line(lines, at, code, &String::from_utf8_lossy(&rest));
        }
    }

    fn line(&mut self, lines: &mut String, at: Elapsed, code: &str, data: &str) {
        if !data.is_empty() {
            self.entry(lines, at, code, data);
        }
    }

    fn entry(&mut self, lines: &mut String, at: Elapsed, code: &str, data: &str) {
        let pause = at.since(self.last);
        self.last = self.last.max(at);
        let (secs, micros) = (pause.as_secs(), pause.subsec_micros());
        let _ = writeln!(lines, "[{secs}.{micros:06}, \"{code}\", {}]", Value::from(data));
    }
}

/// Adds `bytes` to the unfinished `tail` and takes everything that is certain from it as text.
fn complete(tail: &mut Vec<u8>, bytes: &[u8]) -> String {
    tail.extend_from_slice(bytes);
    let unfinished = tail.utf8_chunks().last().map_or(0, |chunk| chunk.invalid().len());
    let keep = match tail.get(tail.len() - unfinished..) {
        Some(end) if std::str::from_utf8(end).is_err_and(|error| error.error_len().is_none()) => unfinished,
        _ => 0,
    };
    let rest = tail.split_off(tail.len() - keep);
    let whole = std::mem::replace(tail, rest);
    String::from_utf8(whole).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The status other players show, and what they cannot: in JSON, so that it is one line whatever it says.
fn exit_data(exit: &Exit) -> (i32, Option<Value>) {
    match exit {
        Exit::Status(status) => (*status, None),
        Exit::Signal(signal) => (128_i32.saturating_add(*signal), Some(json!({ "signal": signal }))),
        Exit::TimedOut => (124, Some(json!("timed out"))),
        Exit::Stopped => (143, Some(json!("stopped"))),
        Exit::Failed(reason) => (127, Some(json!({ "failed": reason }))),
    }
}

fn first_line(header: &Header) -> Vec<u8> {
    let mut map = Map::new();
    let term = json!({ "cols": header.size.columns, "rows": header.size.rows, "type": "xterm-256color" });
    map.insert("term".to_owned(), term);
    let limit = header.idle_limit.map(|limit| json!(limit.as_secs_f64()));
    let optional = [
        ("timestamp", header.timestamp.map(Value::from)),
        ("idle_time_limit", limit),
        ("command", header.command.as_deref().map(Value::from)),
        ("title", header.title.as_deref().map(Value::from)),
        ("env", (!header.env.is_empty()).then(|| json!(header.env))),
        ("greenroom", serde_json::to_value(&header.meta).ok()),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            map.insert(name.to_owned(), value);
        }
    }
    // The version comes first: that is how tools recognize the format.
    let rest = Value::Object(map).to_string();
    format!("{{\"version\":3,{}\n", rest.trim_start_matches('{')).into_bytes()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn lines(events: &[(u64, What)]) -> String {
        let (mut writer, _) = Writer::new(&Header::new(Size { columns: 80, rows: 24 }));
        let mut out = Vec::new();
        for (at, what) in events {
            out.extend(writer.event(&Event { at: Elapsed::from_micros(*at), what: what.clone() }));
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_tape_is_asciicast_3() {
        let (_, header) = Writer::new(&Header {
            timestamp: Some(1_795_392_000),
            title: Some("a \"title\"".to_owned()),
            ..Header::new(Size { columns: 80, rows: 24 })
        });
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header["version"], 3);
        assert_eq!(header["term"]["cols"], 80);
        let text = lines(&[
            (1_500_000, What::Output(Bytes::from_static(b"\x1b[1mhi\r\n"))),
            (1_500_000, What::Resize(Size { columns: 80, rows: 24 })),
            (1_500_001, What::Resize(Size { columns: 100, rows: 30 })),
            (3_000_000, What::Marker("here".to_owned())),
            (3_000_000, What::Exit(Exit::Status(3))),
        ]);
        assert_eq!(
            text,
            "[1.500000, \"o\", \"\\u001b[1mhi\\r\\n\"]\n[0.000001, \"r\", \"100x30\"]\n\
             [1.499999, \"m\", \"here\"]\n[0.000000, \"x\", \"3\"]\n"
        );
    }

    #[test]
    fn a_character_cut_in_two_is_written_when_it_is_whole() {
        let output = |bytes: &'static [u8]| What::Output(Bytes::from_static(bytes));
        let text = lines(&[(0, output(b"a\xe6\xbc")), (1, output(b"\xa2b")), (2, output(b"\xff\xe6"))]);
        assert_eq!(
            text,
            "[0.000000, \"o\", \"a\"]\n[0.000001, \"o\", \"漢b\"]\n[0.000001, \"o\", \"\u{fffd}\"]\n"
        );
        let text = lines(&[(0, output(b"\xe6\xbc")), (5, What::Exit(Exit::Signal(9)))]);
        let expected =
            "[0.000005, \"o\", \"\u{fffd}\"]\n# greenroom exit: {\"signal\":9}\n[0.000000, \"x\", \"137\"]\n";
        assert_eq!(text, expected);
    }
}
