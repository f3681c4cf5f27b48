//! What a program writes, before the terminal screen reads it: nothing that grows without bound gets through.
//!
//! The screen's parser keeps whole operating system commands (titles, clipboards, links) and every combining
//! character, and repeats a character as often as it is told. A program that prints 100 MB of those must cost no
//! more than one that prints text, and what concerns the presenter's own terminal must not get far.

use unicode_width::UnicodeWidthChar;

/// Longest operating system command that is kept; longer ones are dropped whole.
const MAX_COMMAND: usize = 1024;
/// Longest control sequence that is kept.
const MAX_SEQUENCE: usize = 256;
/// Most combining characters in a row.
const MAX_COMBINING: usize = 16;

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;

/// Operating system commands that concern the pane alone: its title and its colours. All others (clipboard,
/// links, notifications, working directory, pointer shape) are dropped.
const KEPT_COMMANDS: [&[u8]; 9] = [b"0", b"2", b"4", b"10", b"11", b"12", b"104", b"110", b"111"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// Inside of `ESC [ …`.
    Sequence,
    /// Inside of `ESC ] …`.
    Command,
}

/// A filter over a stream of bytes that may be cut anywhere.
#[derive(Debug, Clone, Default)]
pub(super) struct Sieve {
    state: State,
    /// The sequence that is not complete yet, from its ESC on.
    held: Vec<u8>,
    /// It is longer than allowed, and will be dropped.
    overlong: bool,
    combining: usize,
    /// The beginning of a character whose end has not come yet, at most 3 bytes.
    cut: Vec<u8>,
}

impl Sieve {
    /// Appends to `out` what of `bytes` the screen should read. A character is repeated at most `columns` times.
    pub(super) fn pass(&mut self, mut bytes: &[u8], columns: u16, out: &mut Vec<u8>) {
        while let Some((&first, rest)) = bytes.split_first() {
            bytes = match self.state {
                State::Text => self.text(bytes, out),
                State::Escape => {
                    self.escape(first, out);
                    rest
                }
                State::Sequence => {
                    self.sequence(first, columns, out);
                    rest
                }
                State::Command => {
                    self.command(first, out);
                    rest
                }
            };
        }
    }

    /// Passes everything before the next ESC; gives what is left after it.
    fn text<'a>(&mut self, bytes: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
        let end = bytes.iter().position(|byte| *byte == ESC);
        let (run, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        self.run(run, end.is_some(), out);
        if let Some((_, rest)) = rest.split_first() {
            self.begin();
            return rest;
        }
        rest
    }

    /// Text without ESC, which may end inside of a character unless `last`.
    fn run(&mut self, run: &[u8], last: bool, out: &mut Vec<u8>) {
        if self.cut.is_empty() && run.is_ascii() {
            if !run.is_empty() {
                self.combining = 0;
            }
            out.extend_from_slice(run);
            return;
        }
        let mut bytes = std::mem::take(&mut self.cut);
        bytes.extend_from_slice(run);
        let mut rest = bytes.as_slice();
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                self.character(c, out);
            }
            rest = rest.get(chunk.valid().len() + chunk.invalid().len()..).unwrap_or_default();
            let invalid = chunk.invalid();
            if invalid.is_empty() {
                continue;
            }
            if rest.is_empty() && !last && is_beginning(invalid) {
                self.cut.extend_from_slice(invalid);
            } else {
                // A tape holds text, and so says the same.
                self.character(char::REPLACEMENT_CHARACTER, out);
            }
        }
    }

    fn character(&mut self, c: char, out: &mut Vec<u8>) {
        self.combining = if c >= '\u{300}' && c.width() == Some(0) { self.combining + 1 } else { 0 };
        if self.combining <= MAX_COMBINING {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn begin(&mut self) {
        self.state = State::Escape;
        self.overlong = false;
        self.held.clear();
        self.held.push(ESC);
    }

    fn escape(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            b'[' | b']' => {
                self.held.push(byte);
                self.state = if byte == b'[' { State::Sequence } else { State::Command };
            }
            ESC => {}
            // A control character is obeyed, and the sequence goes on after it.
            CAN | SUB => self.release(byte, out),
            0..0x20 | 0x7f.. => {
                if byte < 0x20 {
                    out.push(byte);
                }
            }
            _ => self.release(byte, out),
        }
    }

    fn sequence(&mut self, byte: u8, columns: u16, out: &mut Vec<u8>) {
        match byte {
            ESC => self.begin(),
            CAN | SUB => self.release(byte, out),
            0..0x20 => out.push(byte),
            0x40..0x7f => {
                if byte == b'b' {
                    self.cap_repeat(columns);
                }
                if self.overlong {
                    self.state = State::Text;
                } else {
                    self.release(byte, out);
                }
            }
            0x7f.. => {}
            _ => self.hold(byte, MAX_SEQUENCE),
        }
    }

    fn command(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            BEL | CAN | SUB => {
                if self.is_kept() {
                    self.release(byte, out);
                } else {
                    self.drop_command(out);
                    self.state = State::Text;
                }
            }
            ESC => {
                if self.is_kept() {
                    out.append(&mut self.held);
                } else {
                    self.drop_command(out);
                }
                self.begin();
            }
            0..0x20 => {}
            _ => self.hold(byte, MAX_COMMAND),
        }
    }

    fn hold(&mut self, byte: u8, limit: usize) {
        if self.held.len() < limit {
            self.held.push(byte);
        } else {
            self.overlong = true;
        }
    }

    fn is_kept(&self) -> bool {
        let body = self.held.get(2..).unwrap_or_default();
        let number = body.split(|byte| *byte == b';').next().unwrap_or_default();
        !self.overlong && KEPT_COMMANDS.contains(&number)
    }

    /// The ESC of a dropped command would have ended whatever came before it, and still does.
    fn drop_command(&mut self, out: &mut Vec<u8>) {
        self.held.clear();
        out.extend_from_slice(b"\x1b\\");
    }

    fn release(&mut self, byte: u8, out: &mut Vec<u8>) {
        out.append(&mut self.held);
        out.push(byte);
        self.state = State::Text;
    }

    /// `ESC [ n b` with an `n` of at most a line.
    fn cap_repeat(&mut self, columns: u16) {
        let parameters = self.held.get(2..).unwrap_or_default();
        let digits = parameters.iter().take_while(|byte| byte.is_ascii_digit());
        let count =
            digits.fold(0_u32, |n, digit| n.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
        if count > u32::from(columns) {
            self.held.truncate(2);
            self.held.extend_from_slice(columns.to_string().as_bytes());
        }
    }
}

/// Whether more bytes could make a character of these.
fn is_beginning(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sift(parts: &[&[u8]]) -> String {
        let (mut sieve, mut out) = (Sieve::default(), Vec::new());
        for part in parts {
            sieve.pass(part, 80, &mut out);
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn text_and_sequences_pass_unchanged() {
        for text in [
            "plain\r\n\ttext",
            "\x1b[1;31mred\x1b[m",
            "\x1b]2;title\x07",
            "\x1b(0lqk\x1b(B",
            "\x1bP1$r\x1b\\",
            "é漢e\u{301}",
        ] {
            assert_eq!(sift(&[text.as_bytes()]), text);
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(sift(&bytes), text, "cut into bytes");
        }
    }

    #[test]
    fn what_is_no_text_becomes_a_replacement_character() {
        assert_eq!(sift(&[b"a\x85\xffb\xe6"]), "a\u{fffd}\u{fffd}b");
        assert_eq!(sift(&[b"\xe6\xbc", b"\xa2\xe6", b"\x1b[m"]), "漢\u{fffd}\x1b[m");
    }

    #[test]
    fn what_concerns_the_real_terminal_is_dropped() {
        assert_eq!(sift(&[b"a\x1b]52;c;aGk=\x07b"]), "a\x1b\\b");
        assert_eq!(sift(&[b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"]), "\x1b\\\x1b\\link\x1b\\\x1b\\");
        let long = [b"\x1b]2;".as_slice(), &b"x".repeat(100_000), b"\x07after"].concat();
        assert_eq!(sift(&[&long]), "\x1b\\after");
    }

    #[test]
    fn repetition_and_combining_characters_are_capped() {
        assert_eq!(sift(&[b"x\x1b[65535b\x1b[7b"]), "x\x1b[80b\x1b[7b");
        assert_eq!(sift(&[b"x\x1b[99999999999b"]), "x\x1b[80b");
        assert_eq!(sift(&[b"x\x1b[655\n35b"]), "x\n\x1b[80b");
        let zalgo = format!("e{}f", "\u{301}".repeat(1000));
        assert_eq!(sift(&[zalgo.as_bytes()]), format!("e{}f", "\u{301}".repeat(16)));
    }

    proptest! {
        #[test]
        fn the_cuts_do_not_matter_and_little_is_held(
            bytes in proptest::collection::vec(prop_oneof![Just(ESC), Just(b']'), Just(b'['), Just(b'b'), Just(BEL), Just(b'9'), any::<u8>()], 0..400),
            cut in 1_usize..50,
        ) {
            let (mut whole, mut parts) = (Vec::new(), Vec::new());
            Sieve::default().pass(&bytes, 80, &mut whole);
            let mut sieve = Sieve::default();
            for part in bytes.chunks(cut) {
                sieve.pass(part, 80, &mut parts);
                prop_assert!(sieve.held.len() <= MAX_COMMAND);
            }
            prop_assert_eq!(whole, parts);
        }
    }
}
