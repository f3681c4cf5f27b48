//! Bytes become text, and text becomes harmless: no control character and no direction override gets past here.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use bytes::Bytes;
use unicode_width::UnicodeWidthStr;

use crate::diag::{Diagnostic, Location, nearest};
use crate::files::{FileError, Files, normalize};
use crate::plain::is_noncharacter;

/// What an unwanted character becomes.
const REPLACEMENT: char = '\u{fffd}';

/// A tab reaches to the next multiple of this many columns.
const TAB: usize = 4;

/// Whether `c` may stand in no text of a deck: a control character other than line break and tab, one that
/// turns the direction of writing, so that text reads differently from what it is, or a noncharacter.
const fn forbidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => is_noncharacter(c),
    }
}

/// Whether all of `text` is printed ASCII, or of the bytes that are `allowed` besides. Looked at in pieces, without an exit inside of
/// one, so that many bytes are compared at a time: all texts of a deck come by here.
fn is_printed(text: &str, allowed: [u8; 2]) -> bool {
    const PIECE: usize = 128;
    let fine = |byte: u8| matches!(byte, b' '..=b'~') || byte == allowed[0] || byte == allowed[1];
    text.as_bytes().chunks(PIECE).all(|piece| piece.iter().fold(true, |all, byte| all & fine(*byte)))
}

/// `text` with every character passed through `map`; borrowed when there is nothing to change.
fn mapped(text: &str, map: impl Fn(char) -> char) -> Cow<'_, str> {
    if is_printed(text, [b' '; 2]) {
        return Cow::Borrowed(text);
    }
    let Some(at) = text.char_indices().find_map(|(at, c)| (map(c) != c).then_some(at)) else {
        return Cow::Borrowed(text);
    };
    let (clean, rest) = text.split_at(at);
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str(clean);
    out.extend(rest.chars().map(map));
    Cow::Owned(out)
}

/// Source text before it is parsed: line breaks and tabs stay.
#[must_use]
pub fn clean_source(text: &str) -> Cow<'_, str> {
    if is_printed(text, [b'\n', b'\t']) {
        return Cow::Borrowed(text);
    }
    mapped(text, |c| if forbidden(c) { REPLACEMENT } else { c })
}

/// Running text: line breaks stay, tabs become blanks.
#[must_use]
pub fn clean_text(text: &str) -> Cow<'_, str> {
    mapped(text, |c| match c {
        '\t' => ' ',
        c if forbidden(c) => REPLACEMENT,
        c => c,
    })
}

/// Text of one line: line breaks and tabs become blanks.
#[must_use]
pub fn clean_line(text: &str) -> Cow<'_, str> {
    mapped(text, |c| match c {
        '\t' | '\n' => ' ',
        c if forbidden(c) => REPLACEMENT,
        c => c,
    })
}

/// Code: line breaks stay, tabs are expanded, the last line break goes.
#[must_use]
pub fn clean_code(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    if !text.contains('\t') {
        return clean_source(text).into_owned();
    }
    let mut out = String::with_capacity(text.len() + 32);
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let mut column = 0;
        for (number, piece) in line.split('\t').enumerate() {
            if number > 0 {
                let blanks = TAB - column % TAB;
                out.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            let piece = clean_source(piece);
            // As the screen has it: one sign may be two columns wide, and several signs one.
            column += piece.width();
            out.push_str(&piece);
        }
    }
    out
}

/// A text file of the deck: line breaks are `\n`, nothing forbidden is left in it.
#[derive(Debug)]
pub struct SourceText {
    /// Its path, as the deck spells it.
    pub file: String,
    /// What it says.
    pub text: String,
    /// Where its lines start; found out when the first place in it is asked for.
    starts: OnceCell<Vec<usize>>,
}

impl SourceText {
    /// `text` as the contents of `file`.
    #[must_use]
    pub fn new(file: &str, text: impl Into<String>) -> Self {
        Self { file: clean_line(file).into_owned(), text: text.into(), starts: OnceCell::new() }
    }

    /// The place of `range`, in bytes. Unlike [`Location::locate`], it reads one line only, once the lines are known.
    #[must_use]
    pub fn place(&self, range: Range<usize>) -> Location {
        let (line, start) = self.line_at(range.start);
        let end = self.starts().get(line).map_or(self.text.len(), |next| next - 1);
        let text = self.text.get(start..end).unwrap_or_default();
        let local = range.start.saturating_sub(start)..range.end.saturating_sub(start);
        let mut place = Location::locate(&self.file, text, local);
        place.line = line;
        place
    }

    /// The line, from 1, that byte `at` is on.
    #[must_use]
    pub fn line(&self, at: usize) -> usize {
        self.line_at(at).0
    }

    /// The byte at which the character in `column` of `line` (both from 1) starts.
    #[must_use]
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.starts().get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        rest.char_indices().nth(column.saturating_sub(1)).map_or(self.text.len(), |(at, _)| start + at)
    }

    fn line_at(&self, at: usize) -> (usize, usize) {
        let starts = self.starts();
        let line = starts.partition_point(|start| *start <= at).max(1);
        (line, starts.get(line - 1).copied().unwrap_or_default())
    }

    fn starts(&self) -> &[usize] {
        self.starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect()
        })
    }
}

/// Why there is no text.
#[derive(Debug)]
pub enum ReadError {
    /// The file could not be had.
    File(FileError),
    /// It is not text: the problem, placed in that file.
    NotText(Box<Diagnostic>),
}

/// Reads the text file `path`, of at most `limit` bytes. Bytes that are no UTF-8 are replaced, and a problem says so.
///
/// # Errors
/// When there is no such file, or it is no text.
pub fn read(
    files: &dyn Files,
    path: &str,
    limit: u64,
) -> Result<(SourceText, Option<Diagnostic>), ReadError> {
    let bytes = files.read(path, limit).map_err(ReadError::File)?;
    decode(path, &bytes)
}

fn decode(path: &str, bytes: &Bytes) -> Result<(SourceText, Option<Diagnostic>), ReadError> {
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let place = Location::file(&clean_line(path));
        let message = format!("this is no text file: byte {at} is NUL");
        let problem = Diagnostic::error(place, message).hint("save it as UTF-8 text");
        return Err(ReadError::NotText(Box::new(problem)));
    }
    let invalid = std::str::from_utf8(bytes).err().map(|error| error.valid_up_to());
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = if text.contains('\r') { Cow::Owned(unix_lines(text)) } else { Cow::Borrowed(text) };
    let source = SourceText::new(path, clean_source(&text));
    let problem = invalid.map(|at| {
        // The part before `at` is text, so it can be counted in.
        let before = bytes.get(..at).map(String::from_utf8_lossy).unwrap_or_default();
        let before = before.strip_prefix('\u{feff}').unwrap_or(&before);
        let shift = clean_source(&unix_lines(before)).len();
        let message = format!("byte {at} of the file is not valid UTF-8");
        Diagnostic::error(source.place(shift..shift + 1), message)
            .hint("it shows as \u{fffd}; save the file as UTF-8")
    });
    Ok((source, problem))
}

/// `\r\n` and lone `\r` become `\n`.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// What to do about a file outside of the deck.
const ABOVE: &str = "a deck uses only what is inside of its folder; `root: ..` in the front matter of a Markdown file asks for \
    the folder above";

/// What to do when `path` could not be read because of `error`: a file with a name like it, or `otherwise`.
#[must_use]
pub fn missing_hint(
    files: &dyn Files,
    path: &str,
    error: &FileError,
    otherwise: Option<&str>,
) -> Option<String> {
    match error {
        FileError::Missing => {}
        FileError::Outside => return Some(ABOVE.to_owned()),
        FileError::TooLarge { .. } => return Some("make it smaller".to_owned()),
        FileError::Unreadable(_) => return None,
    }
    let near = nearest_file(files, path).map(|near| format!("did you mean \"{near}\"?"));
    near.or_else(|| otherwise.map(str::to_owned))
}

/// The file in the folder of `path` with the name nearest to it.
fn nearest_file(files: &dyn Files, path: &str) -> Option<String> {
    let path = normalize(path)?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let listed = files.list(folder).ok()?;
    let beside = listed.iter().map(String::as_str).filter(|file| {
        file.rsplit_once('/').map_or("", |(its_folder, _)| its_folder) == folder && **file != *path
    });
    nearest(&path, beside).map(str::to_owned)
}
/// The columns that `text` takes on a terminal.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.width()
}

/// `text` cut to `width` columns, with an ellipsis when it is longer.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if columns(&out) >= width {
            out.pop();
            break;
        }
    }
    if width > 0 {
        out.push('…');
    }
    out
}
