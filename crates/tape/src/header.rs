//! The first line of a recording, and what can be said of a file that does not begin with one.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::Deserialize;
use serde_json::Value;

use super::lines::{LineRead, from_seconds, next_line};
use super::{Colors, Format, Header, MAX_SIZE, Meta, TapeError};
use greenroom_base::color::Rgb;
use greenroom_base::run::Size;

/// What is read of a header that goes over several lines, to say what it is.
const MAX_SPREAD: usize = 64 << 10;
/// Where a header says nothing that can be used: what a terminal has when nobody has changed it.
const USUAL: Size = Size { columns: 80, rows: 24 };

#[derive(Deserialize)]
struct RawHeader {
    width: Option<u64>,
    height: Option<u64>,
    term: Option<HeadTerm>,
    theme: Option<Value>,
    timestamp: Option<f64>,
    idle_time_limit: Option<f64>,
    command: Option<String>,
    title: Option<String>,
    env: Option<BTreeMap<String, Option<String>>>,
    greenroom: Option<Value>,
}

#[derive(Deserialize)]
struct HeadTerm {
    cols: u64,
    rows: u64,
    theme: Option<Value>,
}

#[derive(Deserialize)]
struct OnlyVersion {
    version: u64,
}

/// What a header says.
pub(super) struct Parsed {
    pub(super) header: Header,
    pub(super) format: Format,
    /// Greenroom wrote it, and so it says how its run ended.
    pub(super) ours: bool,
    /// Something that is worked around.
    pub(super) problem: Option<TapeError>,
}

/// The header in `line`; `input` is what comes after it, for a better word where it is none.
pub(super) fn parse(line: &[u8], input: &mut impl BufRead) -> Result<Parsed, TapeError> {
    if let Some((what, hint)) = foreign(line) {
        return Err(TapeError::Foreign { what, hint });
    }
    let OnlyVersion { version } = match serde_json::from_slice(line) {
        Ok(version) => version,
        Err(error) => return Err(spread(line, input, &error)),
    };
    known(version)?;
    let head: RawHeader =
        serde_json::from_slice(line).map_err(|error| TapeError::Header { reason: error.to_string() })?;
    let asked = match (&head.term, head.width, head.height) {
        (Some(term), ..) => (term.cols, term.rows),
        (None, Some(width), Some(height)) => (width, height),
        _ => {
            return Err(TapeError::Header {
                reason: "it does not say how large the terminal was".to_owned(),
            });
        }
    };
    let (size, cut) = size(asked);
    let theme = head.term.as_ref().and_then(|term| term.theme.as_ref()).or(head.theme.as_ref());
    let ours = head.greenroom.is_some();
    let meta =
        head.greenroom.and_then(|value| serde_json::from_value::<Meta>(value).ok()).unwrap_or_default();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and that is meant
    let timestamp = head.timestamp.map(|seconds| seconds as u64);
    let env = head.env.unwrap_or_default().into_iter().filter_map(|(name, value)| Some((name, value?)));
    let header = Header {
        size,
        colors: theme.and_then(colors),
        timestamp,
        idle_limit: head.idle_time_limit.filter(|limit| *limit > 0.0).map(from_seconds),
        command: head.command,
        title: head.title,
        env: env.collect(),
        meta,
    };
    let format = if version == 3 { Format::Asciicast3 } else { Format::Asciicast2 };
    let problem = cut.then_some(TapeError::TooLarge { line: 1, columns: asked.0, rows: asked.1 });
    Ok(Parsed { header, format, ours, problem })
}

/// Whether this version can be read.
fn known(version: u64) -> Result<(), TapeError> {
    match version {
        2 | 3 => Ok(()),
        0 | 1 => Err(TapeError::Version { version, hint: "convert it with \"asciinema convert\"" }),
        _ => Err(TapeError::Version { version, hint: "get a newer greenroom" }),
    }
}

/// A size that a screen can have; whether that is smaller than what was asked for.
pub(super) fn size((columns, rows): (u64, u64)) -> (Size, bool) {
    let clip = |asked: u64, usual: u16, most: u16| match u16::try_from(asked) {
        Ok(0) => usual,
        Ok(asked) => asked.min(most),
        Err(_) => most,
    };
    let size = Size {
        columns: clip(columns, USUAL.columns, MAX_SIZE.columns),
        rows: clip(rows, USUAL.rows, MAX_SIZE.rows),
    };
    (size, u64::from(size.columns) < columns || u64::from(size.rows) < rows)
}

/// The colours of the terminal that was recorded: `{"fg": "#rrggbb", "bg": …, "palette": "#…:#…"}`.
fn colors(theme: &Value) -> Option<Colors> {
    let color = |name: &str| theme.get(name).and_then(Value::as_str).and_then(Rgb::parse);
    let palette = theme.get("palette").and_then(Value::as_str).unwrap_or_default();
    let palette: Vec<Rgb> = palette.split(':').map_while(Rgb::parse).take(16).collect();
    let named = match palette.len() {
        16 => <[Rgb; 16]>::try_from(palette).ok(),
        // The bright ones are the others then, as the format says.
        8.. => {
            <[Rgb; 16]>::try_from(palette.iter().chain(&palette).take(16).copied().collect::<Vec<_>>()).ok()
        }
        _ => None,
    };
    let colors = Colors { foreground: color("fg"), background: color("bg"), named };
    (colors != Colors::default()).then_some(colors)
}

/// What is wrong with a first line that is no header: the file may be a recording that was written over several
/// lines, which version 1 often is.
fn spread(line: &[u8], input: &mut impl BufRead, error: &serde_json::Error) -> TapeError {
    let no_header = |reason: &str| TapeError::Header { reason: reason.to_owned() };
    let mut whole = String::from_utf8_lossy(line).into_owned();
    let mut next = Vec::new();
    while whole.len() < MAX_SPREAD {
        if !matches!(next_line(input, &mut next, &mut 0, MAX_SPREAD), Ok(LineRead::Line { .. })) {
            break;
        }
        whole.push(' ');
        whole.push_str(&String::from_utf8_lossy(&next));
    }
    if whole.trim().is_empty() {
        return TapeError::Empty;
    }
    if !whole.trim_start().starts_with('{') {
        return no_header("it does not begin with {\"version\": …}");
    }
    match version(&whole).map(known) {
        Some(Err(error)) => error,
        Some(Ok(())) if error.is_eof() && whole.len() > line.len() + 1 => {
            no_header("it goes on in the next line; a header is one line")
        }
        _ => no_header(&error.to_string()),
    }
}

/// The number after `"version":`, in what may be JSON.
fn version(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("\"version\"")?;
    let digits = rest.trim_start().strip_prefix(':')?.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

/// The word for a first line that is too long to be kept; `beginning` is the beginning of it.
pub(super) fn too_long(beginning: &[u8]) -> TapeError {
    if let Some((what, hint)) = foreign(beginning) {
        return TapeError::Foreign { what, hint };
    }
    match version(&String::from_utf8_lossy(beginning)).map(known) {
        Some(Err(error)) => error,
        _ => TapeError::Header { reason: "it is too long".to_owned() },
    }
}

/// What a file is that is no text, by its first bytes, and what can be done about it.
fn foreign(line: &[u8]) -> Option<(&'static str, &'static str)> {
    const RECORD_AGAIN: &str = "name a recording, or record it again";
    const KINDS: [(&[u8], &str, &str); 16] = [
        (b"\x1f\x8b", "compressed with gzip", "unpack it with gunzip"),
        (b"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it with unzstd"),
        (b"\xfd7zXZ", "compressed with xz", "unpack it with unxz"),
        (b"BZh", "compressed with bzip2", "unpack it with bunzip2"),
        (b"PK\x03\x04", "a ZIP archive", "unpack it"),
        (b"\xff\xfe", "UTF-16 text", "save it as UTF-8"),
        (b"\xfe\xff", "UTF-16 text", "save it as UTF-8"),
        (b"{\0", "UTF-16 text", "save it as UTF-8"),
        (b"\0{", "UTF-16 text", "save it as UTF-8"),
        (b"\0\0\xfe\xff", "UTF-32 text", "save it as UTF-8"),
        (b"\x89PNG", "a PNG picture", RECORD_AGAIN),
        (b"\xff\xd8\xff", "a JPEG picture", RECORD_AGAIN),
        (b"GIF8", "a GIF picture", RECORD_AGAIN),
        (b"%PDF", "a PDF document", RECORD_AGAIN),
        (b"\x7fELF", "a program", RECORD_AGAIN),
        (b"\0\0\0", "binary data", RECORD_AGAIN),
    ];
    let kind = KINDS.iter().find(|(magic, ..)| line.starts_with(magic)).map(|(_, what, hint)| (*what, *hint));
    kind.or_else(|| line.contains(&0).then_some(("binary data", RECORD_AGAIN)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reader;

    fn refused(bytes: &[u8]) -> String {
        Reader::open(bytes).unwrap_err().to_string()
    }

    #[test]
    fn version_1_is_named_however_it_is_written() {
        for text in [
            "{\"version\":1,\"width\":80,\"height\":24,\"stdout\":[[0.1,\"a\"]]}",
            "{\n  \"version\": 1,\n  \"width\": 80,\n  \"stdout\": [\n    [0.1, \"a\"]\n  ]\n}\n",
            "{\r\n\t\"command\": \"sh\",\r\n\t\"version\"  :\r\n1}",
            &format!("{{\"version\": 1, \"stdout\": [{}]}}", "[0.1, \"aaaaaaaa\"],".repeat(200_000)),
        ] {
            let said = refused(text.as_bytes());
            assert!(said.contains("version 1;") && said.contains("asciinema convert"), "{said}");
        }
        let said = refused(b"{\n\"version\": 2,\n\"width\": 80, \"height\": 24}\n[0.1, \"o\", \"a\"]\n");
        assert!(said.contains("a header is one line"), "{said}");
    }

    #[test]
    fn a_file_of_another_kind_is_named() {
        for (bytes, word) in [
            (b"\x1f\x8b\x08\0\0\0".as_slice(), "gunzip"),
            (b"\xff\xfe{\0\"\0v\0\n\0", "UTF-16 text"),
            (b"\xfe\xff\0{\0\"", "UTF-16 text"),
            (b"{\0\"\0v\0e\0", "save it as UTF-8"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG picture"),
            (b"\0\0\0\0", "binary data"),
            (b"", "the recording is empty"),
            (b"\n\n", "the recording is empty"),
            (b"hello\n", "does not begin with"),
        ] {
            let said = refused(bytes);
            assert!(said.contains(word), "{said}");
        }
        let long = [b"\x89PNG".as_slice(), &vec![b'x'; 3 << 20]].concat();
        assert!(refused(&long).contains("a PNG picture"));
    }

    fn header(text: &str) -> (Header, Vec<String>) {
        let reader = Reader::open(text.as_bytes()).unwrap();
        (reader.header().clone(), reader.problems().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_size_of_nothing_is_80x24_and_one_of_too_much_is_cut_and_said() {
        let (zero, problems) = header("{\"version\":2,\"width\":0,\"height\":0}\n");
        assert_eq!((zero.size, problems.len()), (USUAL, 0));
        let (huge, problems) = header("{\"version\":3,\"term\":{\"cols\":4000000000,\"rows\":300}}\n");
        assert_eq!(huge.size, MAX_SIZE);
        assert_eq!(problems, ["line 1: the terminal was 4000000000x300; 500x200 of it are shown"]);
    }

    #[test]
    fn the_colours_of_the_recording_are_read() {
        let eight = ["#000001"; 8].join(":");
        let (v3, _) = header(&format!(
            "{{\"version\":3,\"term\":{{\"cols\":80,\"rows\":24,\"theme\":{{\"fg\":\"#ff0000\",\"bg\":\"#00ff00\",\"palette\":\"{eight}\"}}}}}}\n"
        ));
        let colors = v3.colors.unwrap();
        assert_eq!((colors.foreground, colors.background), (Some(Rgb(255, 0, 0)), Some(Rgb(0, 255, 0))));
        assert_eq!(colors.named, Some([Rgb(0, 0, 1); 16]));
        let (v2, _) = header(
            "{\"version\":2,\"width\":80,\"height\":24,\"theme\":{\"fg\":\"#010203\",\"palette\":\"x\"}}\n",
        );
        assert_eq!(v2.colors, Some(Colors { foreground: Some(Rgb(1, 2, 3)), ..Colors::default() }));
        let (none, _) = header("{\"version\":3,\"term\":{\"cols\":80,\"rows\":24,\"theme\":{}}}\n");
        assert_eq!(none.colors, None);
    }
}
