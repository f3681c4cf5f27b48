//! Lines of bounded length, and where each begins.

use std::io::{self, BufRead};
use std::time::Duration;

/// What is kept of a line that is too long: enough to see what it is.
const BEGINNING: usize = 256;
/// Longer lines are not kept: no terminal writes so much at once.
pub(super) const MAX_LINE: usize = 1 << 20;
/// What is passed over of a line at most: a file without line breaks is no tape, whatever its size.
pub(super) const MAX_PASSED: usize = 16 << 20;

/// What a call to [`next_line`] found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LineRead {
    /// A line, with or without a line break at its end.
    Line { ended: bool },
    /// A line that is too long, passed over; the beginning of it is kept.
    TooLong,
    /// A line that has no end within [`MAX_PASSED`].
    Endless,
    /// Nothing more.
    End,
}

/// Reads one line of at most `limit` bytes into `line`, without its line break; adds the bytes read to `offset`.
pub(super) fn next_line(
    input: &mut impl BufRead,
    line: &mut Vec<u8>,
    offset: &mut u64,
    limit: usize,
) -> io::Result<LineRead> {
    line.clear();
    let (mut passed, mut too_long) = (0, false);
    loop {
        let chunk = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let (part, used) = match end {
            Some(at) => (chunk.get(..at).unwrap_or_default(), at + 1),
            None => (chunk, chunk.len()),
        };
        if !too_long && line.len() + part.len() <= limit {
            line.extend_from_slice(part);
        } else if !std::mem::replace(&mut too_long, true) {
            line.extend_from_slice(part.get(..BEGINNING.min(part.len())).unwrap_or_default());
            line.truncate(BEGINNING);
        }
        passed += used;
        let over = used == 0;
        input.consume(used);
        *offset += used as u64;
        if end.is_some() || over {
            return Ok(match (passed, too_long) {
                (0, _) => LineRead::End,
                (_, true) => LineRead::TooLong,
                _ => {
                    if line.last() == Some(&b'\r') {
                        line.pop();
                    }
                    LineRead::Line { ended: end.is_some() }
                }
            });
        }
        if passed > MAX_PASSED {
            return Ok(LineRead::Endless);
        }
    }
}

/// To the nearest microsecond; nothing for what is negative.
pub(super) fn from_seconds(seconds: f64) -> Duration {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and that is meant
    Duration::from_micros((seconds * 1e6).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_where_they_end_and_never_grow() {
        let text = format!("one\r\n\n{}\nlast", "x".repeat(3 * MAX_LINE));
        let mut input = io::BufReader::with_capacity(7, text.as_bytes());
        let (mut line, mut offset, mut found) = (Vec::new(), 0, Vec::new());
        loop {
            let next = next_line(&mut input, &mut line, &mut offset, MAX_LINE).unwrap();
            if next == LineRead::End {
                break;
            }
            assert!(line.capacity() <= 2 * MAX_LINE);
            found.push((String::from_utf8(line.clone()).unwrap(), next));
        }
        assert_eq!(
            found,
            [
                ("one".to_owned(), LineRead::Line { ended: true }),
                (String::new(), LineRead::Line { ended: true }),
                ("x".repeat(BEGINNING), LineRead::TooLong),
                ("last".to_owned(), LineRead::Line { ended: false }),
            ]
        );
        assert_eq!(offset, text.len() as u64);
    }
}
