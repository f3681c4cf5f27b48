//! An asciicast file, or the records of a bench or a probe, to events, line by line.

use std::borrow::Cow;
use std::io::{BufRead, Seek, SeekFrom};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::header::Parsed;
use super::lines::{LineRead, MAX_LINE, MAX_PASSED, from_seconds, next_line};
use super::write::EXIT_COMMENT;
use super::{Format, Header, TapeError, header, records};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Exit, MAX_RECORD, What};

/// Most changes of the terminal's size that are played. Each lays out everything anew and costs what a thousand rows cost to
/// make: a person who drags a window's edge makes some hundred.
const MAX_RESIZES: u32 = 1000;
/// Most problems that are remembered one by one.
const MAX_PROBLEMS: usize = 20;

/// Reads a tape's events in their order, with one line in memory at a time.
///
/// It is an iterator; what was wrong on the way is in [`Reader::problems`].
pub struct Reader<R> {
    input: R,
    header: Header,
    format: Format,
    /// Greenroom wrote it, and so it says how its run ended.
    ours: bool,
    has_end: bool,
    first: ReadPosition,
    place: ReadPosition,
    exit: Option<Exit>,
    /// A line may hold two events; this is the second one.
    pub(super) pending: Option<Event>,
    /// The first event, where that is the header itself.
    head: Option<Event>,
    line: Vec<u8>,
    problems: Vec<TapeError>,
    /// Problems up to this line have been told already: a tape may be read more than once.
    told: u64,
    ended: bool,
}

/// Where in a tape a reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReadPosition {
    offset: u64,
    line: u64,
    pub(super) at: Elapsed,
    /// Changes of the terminal's size so far.
    resizes: u32,
    /// The end of the run has been told.
    closed: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When the file is empty, is no asciicast file, or is one of a version that cannot be read.
    pub fn open(mut input: R) -> Result<Self, TapeError> {
        let (mut line, mut offset) = (Vec::new(), 0);
        let found = next_line(&mut input, &mut line, &mut offset, MAX_LINE)
            .map_err(|error| TapeError::Unreadable { line: 1, reason: error.to_string() })?;
        let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        match found {
            LineRead::End => return Err(TapeError::Empty),
            LineRead::TooLong | LineRead::Endless => return Err(header::too_long(text)),
            LineRead::Line { .. } => {}
        }
        let Parsed { header, format, ours, problem } = match records::header(text) {
            // Its pane says itself when it was cut off.
            Some(header) => {
                header.map(|(header, format)| Parsed { header, format, ours: false, problem: None })?
            }
            None => header::parse(text, &mut input)?,
        };
        let first = ReadPosition { offset, line: 1, at: Elapsed::ZERO, resizes: 0, closed: false };
        // The head of records is a record, too.
        let pending = format.is_records().then(|| records::output(text, Elapsed::ZERO));
        Ok(Self {
            input,
            header,
            format,
            ours,
            has_end: false,
            first,
            place: first,
            exit: None,
            head: pending.clone(),
            pending,
            line,
            problems: problem.into_iter().collect(),
            told: 1,
            ended: false,
        })
    }

    /// What the tape says about itself.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What its lines are.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// What was wrong so far; the first 20.
    #[must_use]
    pub fn problems(&self) -> &[TapeError] {
        &self.problems
    }

    pub(super) const fn place(&self) -> ReadPosition {
        self.place
    }

    /// Bytes read so far.
    pub(super) const fn offset(&self) -> u64 {
        self.place.offset
    }

    fn problem(&mut self, problem: TapeError) {
        if self.place.line > self.told && self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// The record in `self.line`. What is none is played, too: its pane says that it is none.
    fn record(&mut self, ended: bool) -> Option<Event> {
        let text = String::from_utf8_lossy(&self.line);
        if text.trim().is_empty() {
            return None;
        }
        let parts = records::parts(&text);
        if parts.is_none() && !ended {
            self.problem(TapeError::Truncated { line: self.place.line });
            return None;
        }
        let Some(parts) = parts else { return Some(records::output(&self.line, self.place.at)) };
        // Records of several threads may come in another order than they happened in.
        self.place.at = self.place.at.max(parts.at);
        let at = self.place.at;
        let output = records::output(&self.line, at);
        if let Some(exit) = parts.exit {
            self.place.closed = true;
            self.pending = Some(Event { at, what: What::Exit(exit) });
        } else if let Some(name) = parts.marker {
            self.pending = Some(output);
            return Some(Event { at, what: What::Marker(name) });
        }
        Some(output)
    }

    /// The end of the run, where the tape itself does not say it.
    fn close(&mut self) -> Option<Event> {
        self.ended = true;
        let cut = self.format.is_records() && !std::mem::replace(&mut self.place.closed, true);
        cut.then_some(Event { at: self.place.at, what: What::Exit(Exit::Stopped) })
    }

    /// The event of the line in `self.line`, if it holds one.
    fn event(&mut self, ended: bool) -> Option<Event> {
        if self.format.is_records() {
            return self.record(ended);
        }
        let number = self.place.line;
        let text = match std::str::from_utf8(&self.line) {
            Ok(text) => Cow::Borrowed(text.trim()),
            Err(_) => Cow::Owned(String::from_utf8_lossy(&self.line).into_owned()),
        };
        if text.is_empty() {
            return None;
        }
        if text.starts_with('#') {
            if let Some(data) = text.strip_prefix(EXIT_COMMENT) {
                self.exit = parse_exit(data);
            }
            return None;
        }
        match parse_event(&text) {
            Ok(entry) => self.timed(entry),
            Err(_) if !ended => {
                self.problem(TapeError::Truncated { line: number });
                None
            }
            Err(reason) => {
                let taken = interval(&text);
                self.pass(taken);
                self.problem(TapeError::Junk { line: number, reason });
                None
            }
        }
    }

    /// A line that is skipped still takes its time, where the others count from it.
    fn pass(&mut self, taken: Duration) {
        if self.format == Format::Asciicast3 {
            self.place.at = self.place.at + taken;
        }
    }

    fn timed(&mut self, RawEvent { time, code, data }: RawEvent) -> Option<Event> {
        let relative = self.format == Format::Asciicast3;
        let at = if relative { self.place.at + from_seconds(time) } else { from_seconds(time).into() };
        if at < self.place.at || time < 0.0 {
            self.problem(TapeError::Backwards { line: self.place.line });
        }
        self.place.at = self.place.at.max(at);
        let what = match code.as_str() {
            "o" => What::Output(bytes_of(data)),
            "i" => What::Input(bytes_of(data)),
            "m" => What::Marker(string_of(data)),
            "r" => {
                let line = self.place.line;
                let Some(asked) = parse_size(&string_of(data)) else {
                    let reason = "a resize reads \"80x24\"".to_owned();
                    self.problem(TapeError::Junk { line, reason });
                    return None;
                };
                let (size, cut) = header::size(asked);
                if cut {
                    self.problem(TapeError::TooLarge { line, columns: asked.0, rows: asked.1 });
                }
                self.place.resizes = self.place.resizes.saturating_add(1);
                if self.place.resizes > MAX_RESIZES {
                    if self.place.resizes == MAX_RESIZES + 1 {
                        self.problem(TapeError::Resizes { line, most: MAX_RESIZES });
                    }
                    return None;
                }
                What::Resize(size)
            }
            "x" => {
                self.has_end = true;
                let status = string_of(data).trim().parse().unwrap_or(-1);
                What::Exit(self.exit.take().unwrap_or(Exit::Status(status)))
            }
            // The format says so: what a reader does not know, it passes over.
            _ => return None,
        };
        Some(Event { at: self.place.at, what })
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if self.pending.is_some() {
            return self.pending.take();
        }
        let limit = if self.format == Format::Bench { MAX_RECORD } else { MAX_LINE };
        while !self.ended {
            let found = next_line(&mut self.input, &mut self.line, &mut self.place.offset, limit);
            self.place.line += 1;
            let number = self.place.line;
            let event = match found {
                Ok(LineRead::Line { ended }) => self.event(ended),
                Ok(LineRead::TooLong) => {
                    let taken = interval(&String::from_utf8_lossy(&self.line));
                    self.pass(taken);
                    let reason = format!("it is longer than {} KiB", limit / 1024);
                    self.problem(TapeError::Junk { line: number, reason });
                    None
                }
                Ok(LineRead::Endless) => {
                    self.problem(TapeError::Endless { line: number, mebibytes: MAX_PASSED >> 20 });
                    self.ended = true;
                    None
                }
                Ok(LineRead::End) => {
                    // Every line has been read by now, in this pass or in another.
                    if self.ours && !self.has_end {
                        self.problem(TapeError::NoEnd);
                    }
                    self.close()
                }
                Err(error) => {
                    self.problem(TapeError::Unreadable { line: number, reason: error.to_string() });
                    self.ended = true;
                    None
                }
            };
            self.told = self.told.max(number);
            if event.is_some() {
                return event;
            }
        }
        None
    }
}

impl<R: BufRead + Seek> Reader<R> {
    /// Back to the first event.
    ///
    /// # Errors
    /// When the system cannot.
    pub(crate) fn rewind(&mut self) -> Result<(), TapeError> {
        self.go_to(self.first)?;
        self.pending = self.head.clone();
        Ok(())
    }

    pub(super) fn go_to(&mut self, place: ReadPosition) -> Result<(), TapeError> {
        self.input
            .seek(SeekFrom::Start(place.offset))
            .map_err(|error| TapeError::Unreadable { line: place.line, reason: error.to_string() })?;
        self.place = place;
        self.exit = None;
        self.pending = None;
        self.ended = false;
        Ok(())
    }
}

impl<R> std::fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("place", &self.place).finish_non_exhaustive()
    }
}

struct RawEvent {
    time: f64,
    code: String,
    data: Value,
}

fn parse_event(text: &str) -> Result<RawEvent, String> {
    let parse = |text: &str| serde_json::from_str(text);
    let (time, code, data) = parse(text)
        .or_else(|error| whole_surrogates(text).map_or(Err(error), |mended| parse(&mended)))
        .map_err(|_| "an event reads [seconds, \"o\", \"text\"]".to_owned())?;
    Ok(RawEvent { time, code, data })
}

/// JSON in which every half of a surrogate pair that stands alone is U+FFFD: recorders that cut their output
/// between two code units write such, and it is no JSON string. Nothing when there is none.
fn whole_surrogates(text: &str) -> Option<String> {
    const UNIT: usize = "\\uXXXX".len();
    let unit = |at: usize| {
        let digits = text.get(at..at + UNIT)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    let (mut out, mut at, mut mended) = (String::with_capacity(text.len()), 0, false);
    while let Some(found) = text.get(at..)?.find('\\') {
        out.push_str(text.get(at..at + found)?);
        at += found;
        let high = |unit: u16| (0xd800..0xdc00).contains(&unit);
        let low = |unit: u16| (0xdc00..0xe000).contains(&unit);
        let length = match (unit(at), unit(at + UNIT)) {
            (Some(first), Some(second)) if high(first) && low(second) => 2 * UNIT,
            (Some(half), _) if high(half) || low(half) => 0,
            (Some(_), _) => UNIT,
            // Another escape: the backslash and what it escapes.
            (None, _) => 1 + text.get(at + 1..)?.chars().next().map_or(0, char::len_utf8),
        };
        if length == 0 {
            mended = true;
            out.push('\u{fffd}');
            at += UNIT;
        } else {
            out.push_str(text.get(at..at + length)?);
            at += length;
        }
    }
    out.push_str(text.get(at..)?);
    mended.then_some(out)
}

/// The time at the beginning of a line that is no event otherwise.
fn interval(line: &str) -> Duration {
    let number = line.trim_start().strip_prefix('[').unwrap_or_default();
    let end = number.find([',', ']']).unwrap_or(0);
    let seconds = number.get(..end).and_then(|number| number.trim().parse::<f64>().ok());
    seconds.filter(|seconds| seconds.is_finite()).map_or(Duration::ZERO, from_seconds)
}

fn string_of(data: Value) -> String {
    match data {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn bytes_of(data: Value) -> Bytes {
    Bytes::from(string_of(data))
}

fn parse_size(text: &str) -> Option<(u64, u64)> {
    let (columns, rows) = text.trim().split_once('x')?;
    let (columns, rows): (u64, u64) = (columns.parse().ok()?, rows.parse().ok()?);
    (columns > 0 && rows > 0).then_some((columns, rows))
}

/// The end of a run as our own comment says it.
fn parse_exit(data: &str) -> Option<Exit> {
    let value: Value = serde_json::from_str(data).ok()?;
    if let Some(signal) = value.get("signal").and_then(Value::as_i64) {
        return Some(Exit::Signal(i32::try_from(signal).ok()?));
    }
    if let Some(reason) = value.get("failed").and_then(Value::as_str) {
        return Some(Exit::Failed(reason.to_owned()));
    }
    match value.as_str()? {
        "timed out" => Some(Exit::TimedOut),
        "stopped" => Some(Exit::Stopped),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::{MAX_SIZE, Writer};
    use greenroom_base::run::Size;

    fn read(text: &str) -> (Vec<Event>, Vec<String>) {
        let mut reader = Reader::open(text.as_bytes()).unwrap();
        let events = reader.by_ref().collect();
        (events, reader.problems().iter().map(ToString::to_string).collect())
    }

    const V2: &str = "{\"version\": 2, \"width\": 80, \"height\": 24, \"timestamp\": 1504467315, \"env\": {\"TERM\": null}}\n";
    const V3: &str = "{\"version\":3,\"term\":{\"cols\":80,\"rows\":24,\"theme\":{}},\"tags\":[],\"idle_time_limit\":2.5}\n";

    fn output(micros: u64, text: &'static str) -> Event {
        Event { at: Elapsed::from_micros(micros), what: What::Output(Bytes::from_static(text.as_bytes())) }
    }

    #[test]
    fn version_2_counts_from_the_beginning_and_3_from_the_line_before() {
        let lines = "[0.25, \"o\", \"a\"]\r\n\n[1.0, \"o\", \"b\"]";
        let (events, problems) = read(&format!("{V2}{lines}"));
        assert_eq!(events, [output(250_000, "a"), output(1_000_000, "b")]);
        assert!(problems.is_empty(), "{problems:?}");
        let (events, _) = read(&format!("{V3}# a comment\n[0, \"future\", 5]\n{lines}"));
        assert_eq!(events, [output(250_000, "a"), output(1_250_000, "b")]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_the_rest_plays() {
        let (events, problems) = read(&format!(
            "{V2}[1, \"o\", \"a\"]\n[0.5, \"o\", \"b\"]\nnoise\n[2, \"r\", \"wide\"]\n[3, \"o\", \"c\"]\n[4, \"o\", \"d"
        ));
        assert_eq!(events, [output(1_000_000, "a"), output(1_000_000, "b"), output(3_000_000, "c")]);
        assert_eq!(
            problems,
            [
                "line 3: time runs backwards; it is played at once",
                "line 4 is no event and is skipped: an event reads [seconds, \"o\", \"text\"]",
                "line 5 is no event and is skipped: a resize reads \"80x24\"",
                "line 7 is cut off: the recording ends before it",
            ]
        );
    }

    #[test]
    fn a_skipped_line_of_version_3_keeps_its_interval() {
        let long = format!("[2.5, \"o\", \"{}\"]", "x".repeat(MAX_LINE));
        let (events, problems) = read(&format!(
            "{V3}[1, \"o\", \"a\"]\n[2, \"o\"]\n[0.5, \"r\", \"wide\"]\n{long}\nnoise\n[1, \"o\", \"b\"]\n"
        ));
        assert_eq!(events, [output(1_000_000, "a"), output(7_000_000, "b")]);
        assert_eq!(problems.len(), 4, "{problems:?}");
        let (events, _) = read(&format!("{V2}[2, \"o\"]\n[1, \"o\", \"b\"]\n"));
        assert_eq!(events, [output(1_000_000, "b")], "version 2 counts from the beginning");
    }

    #[test]
    fn half_a_surrogate_pair_is_a_replacement_character() {
        let (events, problems) = read(&format!(
            "{V2}[1, \"o\", \"before \\ud83c after\"]\n[2, \"o\", \"\\uDE00|\\ud83d\\ude00|\\\\ud83c|\\u00e9\"]\n[3, \"o\", \"\\ud83d\"]\n[4, \"o\", \"\\ud83d\\ud83d\\ude00\\n\"]\n"
        ));
        assert_eq!(
            events,
            [
                output(1_000_000, "before \u{fffd} after"),
                output(2_000_000, "\u{fffd}|\u{1f600}|\\ud83c|\u{e9}"),
                output(3_000_000, "\u{fffd}"),
                output(4_000_000, "\u{fffd}\u{1f600}\n"),
            ]
        );
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn l3_more_resizes_than_a_person_makes_are_passed_over_and_said_once() {
        let resizes = "[1, \"r\", \"90x30\"]\n[0, \"o\", \"a\"]\n".repeat(1005);
        let (events, problems) = read(&format!("{V3}{resizes}"));
        let made = events.iter().filter(|event| matches!(event.what, What::Resize(_))).count();
        assert_eq!((made, events.len()), (1000, 2005));
        assert_eq!(
            events.last().map(|event| event.at),
            Some(Elapsed::from_secs(1005)),
            "they take their time"
        );
        assert_eq!(
            problems,
            ["line 2002: the terminal's size changes for the 1001st time; it stays as it is from here on"]
        );
    }

    #[test]
    fn a_resize_to_more_than_a_screen_can_be_is_cut_and_said() {
        let (events, problems) = read(&format!("{V2}[1, \"r\", \"60000x100000\"]\n"));
        assert_eq!(events, [Event { at: Elapsed::from_secs(1), what: What::Resize(MAX_SIZE) }]);
        assert_eq!(problems, ["line 2: the terminal was 60000x100000; 500x200 of it are shown"]);
    }

    #[test]
    fn what_is_no_tape_is_refused_with_a_reason() {
        let error = |text: &str| Reader::open(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(error(""), "the recording is empty: record it again");
        assert!(error("hello\n").starts_with("line 1 is not the header"));
        assert!(error("{\"version\":3}").contains("how large the terminal was"));
        assert!(error("{\"version\":4,\"x\":1}").contains("get a newer greenroom"));
        assert!(error("{\"version\":1,\"stdout\":[]}").contains("asciinema convert"));
    }

    #[test]
    fn a_tape_of_ours_without_an_end_was_cut_off() {
        let header = "{\"version\":3,\"term\":{\"cols\":80,\"rows\":24},\"greenroom\":{}}\n";
        let said = |lines: &str| read(&format!("{header}{lines}")).1;
        assert_eq!(said("[1, \"o\", \"a\"]\n"), ["the recording was cut off before its run had ended"]);
        assert!(said("[1, \"o\", \"a\"]\n[1, \"x\", \"0\"]\n").is_empty());
        assert_eq!(
            said("[1, \"o\", \"a\"]\n[1, \"o"),
            [
                "line 3 is cut off: the recording ends before it",
                "the recording was cut off before its run had ended"
            ]
        );
    }

    #[test]
    fn a_line_without_an_end_ends_the_tape() {
        let text = format!("{V3}[1, \"o\", \"a\"]\n{}", "x".repeat(20 << 20));
        let (events, problems) = read(&text);
        assert_eq!(events.len(), 1);
        assert_eq!(problems, ["line 3 does not end within 16 MiB: the recording ends before it"]);
    }

    #[test]
    fn a_second_reading_tells_nothing_twice() {
        let text = format!("{V3}junk\n[1, \"o\", \"a\"]\n");
        let mut reader = Reader::open(Cursor::new(text)).unwrap();
        let first: Vec<_> = reader.by_ref().collect();
        reader.rewind().unwrap();
        let second: Vec<_> = reader.by_ref().collect();
        assert_eq!((first, reader.problems().len()), (second, 1));
    }

    fn what() -> impl Strategy<Value = What> {
        let text = "\\PC{1,8}|[\\x00-\\x7f]{1,8}";
        prop_oneof![
            text.prop_map(|text| What::Output(Bytes::from(text))),
            text.prop_map(|text| What::Input(Bytes::from(text))),
            (1_u16..=MAX_SIZE.columns, 1_u16..=MAX_SIZE.rows)
                .prop_map(|(columns, rows)| What::Resize(Size { columns, rows })),
            ".{0,8}".prop_map(What::Marker),
        ]
    }

    fn exit() -> impl Strategy<Value = Exit> {
        prop_oneof![
            any::<i32>().prop_map(Exit::Status),
            (1..64).prop_map(Exit::Signal),
            Just(Exit::TimedOut),
            Just(Exit::Stopped),
            ".{0,20}".prop_map(Exit::Failed),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            whats in proptest::collection::vec((0..10_000_000_000_u64, what()), 0..20),
            exit in exit(),
            title in proptest::option::of(".{0,10}"),
            demo in proptest::option::of(".{0,10}"),
            timestamp in proptest::option::of(0..4_000_000_000_u64),
        ) {
            let mut at = 0;
            let mut events: Vec<Event> = whats.into_iter().map(|(pause, what)| {
                at += pause;
                Event { at: Elapsed::from_micros(at), what }
            }).collect();
            events.push(Event { at: Elapsed::from_micros(at), what: What::Exit(exit) });
            let mut header = Header { timestamp, title, ..Header::new(Size { columns: 80, rows: 24 }) };
            header.meta.demo = demo;
            header.meta.manifest.insert("python".to_owned(), Value::from("3.14t"));
            let (mut writer, mut file) = Writer::new(&header);
            for event in &events {
                file.extend(writer.event(event));
            }
            // A resize to the size that a screen has already is none.
            let mut size = header.size;
            events.retain(|event| match event.what {
                What::Resize(to) => std::mem::replace(&mut size, to) != to,
                _ => true,
            });
            let mut reader = Reader::open(&*file).unwrap();
            prop_assert_eq!(reader.header(), &header);
            prop_assert_eq!(reader.by_ref().collect::<Vec<_>>(), events);
            prop_assert!(reader.problems().is_empty());
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(mut bytes in any::<Vec<u8>>(), cut in 0_usize..200) {
            let mut file = format!("{V3}[1, \"o\", \"漢\"]\n[2, \"x\", \"0\"]\n").into_bytes();
            file.truncate(file.len().saturating_sub(cut));
            file.append(&mut bytes);
            if let Ok(reader) = Reader::open(&*file) {
                reader.for_each(drop);
            }
        }
    }
}
