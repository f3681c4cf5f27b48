//! What a run has printed since somebody began to listen, as plain text: without colours, titles and movements.

use std::borrow::Cow;

/// What is kept at most, in bytes; of more, half is forgotten.
const KEPT: usize = 32 * 1024;
/// Columns that one movement to the right stands for at most.
const MAX_BLANKS: usize = 200;

/// Text that was printed.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    text: Vec<u8>,
    state: State,
    /// The number in front of a sequence's end, as far as it was read.
    number: usize,
    count: u64,
}

/// Where in the output it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// After ESC and a character that one more belongs to: `ESC ( B`.
    Charset,
    /// Inside of `ESC [ …`.
    Sequence,
    /// Inside of a string, which BEL or ESC \ ends.
    String,
    /// After the ESC in it.
    StringEnd,
}

impl Heard {
    /// The text, as far as it is kept.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.text)
    }

    /// Bytes that were printed, whatever they were: another number means that there is something new.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// This was printed.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.count += bytes.len() as u64;
        for byte in bytes {
            self.byte(*byte);
        }
        if self.text.len() > KEPT {
            self.text.drain(..self.text.len() - KEPT / 2);
        }
    }

    fn byte(&mut self, byte: u8) {
        self.state = match self.state {
            State::Text => self.printed(byte),
            State::Escape => match byte {
                b'[' => {
                    self.number = 0;
                    State::Sequence
                }
                b']' | b'P' | b'X' | b'^' | b'_' | b'k' => State::String,
                b' '..=b'/' => State::Charset,
                0x1b => State::Escape,
                _ => State::Text,
            },
            State::Charset if byte == 0x1b => State::Escape,
            State::Charset => State::Text,
            State::Sequence => match byte {
                b'0'..=b'9' => {
                    self.number = self.number.saturating_mul(10).saturating_add(usize::from(byte - b'0'));
                    State::Sequence
                }
                0x40..=0x7e => {
                    self.moved(byte);
                    State::Text
                }
                0x1b => State::Escape,
                _ => State::Sequence,
            },
            State::String | State::StringEnd => match byte {
                0x07 => State::Text,
                b'\\' if self.state == State::StringEnd => State::Text,
                0x1b => State::StringEnd,
                _ => State::String,
            },
        };
    }

    /// A byte outside of sequences and strings.
    fn printed(&mut self, byte: u8) -> State {
        match byte {
            0x1b => return State::Escape,
            // A line's end is one, however it is written.
            b'\r' | b'\n' if self.text.last() == Some(&b'\n') => {}
            b'\r' | b'\n' => self.text.push(b'\n'),
            b'\t' => self.text.push(b' '),
            0x08 => {
                self.text.pop();
            }
            0..0x20 | 0x7f => {}
            _ => self.text.push(byte),
        }
        State::Text
    }

    /// The end of a control sequence: one that moves far parts what stands before and after it.
    fn moved(&mut self, end: u8) {
        match end {
            b'C' => self.text.extend(std::iter::repeat_n(b' ', self.number.clamp(1, MAX_BLANKS))),
            b'A' | b'B' | b'E' | b'F' | b'H' | b'f' | b'd' if self.text.last() != Some(&b'\n') => {
                self.text.push(b'\n');
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(bytes: &[u8]) -> String {
        let mut heard = Heard::default();
        // Cut anywhere.
        for byte in bytes {
            heard.push(&[*byte]);
        }
        heard.text().into_owned()
    }

    #[test]
    fn what_is_left_is_what_is_read() {
        assert_eq!(heard(b"\x1b[1;35m>>> \x1b[0m\x1b[?25h"), ">>> ");
        assert_eq!(heard(b"\x1b]0;title\x07a\r\nb\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "a\nblink");
        assert_eq!(heard(b"a\x1b[3Cb\x1b[5;1Hc\x1b(Bd"), "a   b\ncd");
        assert_eq!(heard("\u{1b}[1mgr\u{fc}n".as_bytes()), "gr\u{fc}n");
        assert_eq!(heard(b"ab\x08c\x07\x1b[999999999999999999999C").len(), 2 + MAX_BLANKS);
    }

    #[test]
    fn a_flood_is_forgotten_but_its_end_is_there() {
        let mut heard = Heard::default();
        for _ in 0..1000 {
            heard.push(b"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\r\n");
            assert!(heard.text.len() <= KEPT);
        }
        heard.push(b"done");
        assert!(heard.text().ends_with("789\ndone") && heard.count() == 67_004);
    }
}
