//! What a program writes, before the terminal screen reads it: nothing that grows without bound gets through.
//!
//! The screen's parser keeps whole operating system commands (titles, clipboards, links) and every combining
//! character, and repeats a character as often as it is told. A program that prints 100 MB of those must cost no
//! more than one that prints text, and what concerns the presenter's own terminal must not get far.

use unicode_width::UnicodeWidthChar;

use super::codes;

/// Longest operating system command that is kept; longer ones are dropped whole.
const MAX_COMMAND: usize = 1024;
/// The same for a link: the longest address that is opened, and the longest name of a link, with what is around them.
const MAX_LINK: usize = 2400;
/// Longest control sequence that is kept.
const MAX_SEQUENCE: usize = 256;
/// What is kept of a device control string and the like, to see what it is.
const MAX_STRING: usize = 256;
/// Most combining characters in a row.
const MAX_COMBINING: usize = 16;

pub(super) const ESC: u8 = 0x1b;
pub(super) const BEL: u8 = 0x07;
pub(super) const CAN: u8 = 0x18;
pub(super) const SUB: u8 = 0x1a;

/// Operating system commands that concern the pane alone: its title and its colours. Links have a way of their own
/// ([`OutputFilter::link`]). All others (clipboard, notifications, working directory, pointer shape) are dropped.
const KEPT_COMMANDS: [&[u8]; 10] = [b"0", b"2", b"4", b"10", b"11", b"12", b"104", b"110", b"111", b"112"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum EscapeState {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// Inside of `ESC [ …`.
    Sequence,
    /// Inside of `ESC ] …`.
    Command,
    /// After the ESC that may end the command of a link.
    LinkEnd,
    /// Inside of `ESC P …`, `ESC X …`, `ESC ^ …`, `ESC _ …`, and screen's title, `ESC k …`.
    String,
}

/// A filter over a stream of bytes that may be cut anywhere.
#[derive(Debug, Clone, Default)]
pub(super) struct OutputFilter {
    state: EscapeState,
    /// The sequence that is not complete yet, from its ESC on.
    held: Vec<u8>,
    /// It is longer than allowed, or broken in another way, and will be dropped.
    overlong: bool,
    combining: usize,
    /// The beginning of a character whose end has not come yet, at most 3 bytes.
    cut: Vec<u8>,
    /// The last thing was a character, which can be repeated.
    repeatable: bool,
}

impl OutputFilter {
    /// Appends to `out` what of `bytes` the screen should read. A character is repeated at most `columns` times.
    pub(super) fn pass(&mut self, mut bytes: &[u8], columns: u16, out: &mut Vec<u8>) {
        while let Some((&first, rest)) = bytes.split_first() {
            bytes = match self.state {
                EscapeState::Text => self.text(bytes, out),
                EscapeState::Escape => {
                    self.escape(first, out);
                    rest
                }
                EscapeState::Sequence => {
                    self.sequence(first, columns, out);
                    rest
                }
                EscapeState::Command => {
                    self.command(first, out);
                    rest
                }
                EscapeState::LinkEnd => {
                    self.link(first == b'\\', out);
                    if first != b'\\' {
                        self.begin();
                        self.escape(first, out);
                    }
                    rest
                }
                EscapeState::String => {
                    self.string(first, out);
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
            if let Some(byte) = run.last() {
                self.combining = 0;
                self.repeatable = !byte.is_ascii_control();
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
        self.repeatable = !c.is_control();
        if self.combining <= MAX_COMBINING {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn begin(&mut self) {
        self.state = EscapeState::Escape;
        self.overlong = false;
        self.held.clear();
        self.held.push(ESC);
    }

    fn escape(&mut self, byte: u8, out: &mut Vec<u8>) {
        let first = self.held.len() == 1;
        match byte {
            b'[' | b']' | b'P' | b'X' | b'^' | b'_' | b'k' if first => {
                self.held.push(byte);
                self.state = match byte {
                    b'[' => EscapeState::Sequence,
                    b']' => EscapeState::Command,
                    _ => EscapeState::String,
                };
            }
            b'D' if first => self.say(codes::INDEX, out),
            ESC => self.begin(),
            // A control character is obeyed, and the sequence goes on after it.
            CAN | SUB => self.release(byte, out),
            0..0x20 | 0x7f.. => {
                if byte < 0x20 {
                    out.push(byte);
                }
            }
            0x20..0x30 => self.hold(byte, MAX_SEQUENCE),
            _ => self.release(byte, out),
        }
    }

    fn sequence(&mut self, byte: u8, columns: u16, out: &mut Vec<u8>) {
        match byte {
            ESC => self.begin(),
            CAN | SUB => self.release(byte, out),
            0..0x20 => {
                self.repeatable = false;
                out.push(byte);
            }
            0x40..0x7f => self.end_sequence(byte, columns, out),
            0x7f.. => {}
            _ => self.hold(byte, MAX_SEQUENCE),
        }
    }

    /// A control sequence is complete: it is handed on, unless the parser does not know it.
    fn end_sequence(&mut self, byte: u8, columns: u16, out: &mut Vec<u8>) {
        let body = self.held.get(2..).unwrap_or_default();
        let number = number(body);
        let code = match (byte, body) {
            _ if self.overlong => return self.forget(),
            (b'b', _) if body.iter().all(u8::is_ascii_digit) => {
                let most = columns.min(codes::MAX_REPEAT);
                let times = u16::try_from(number.max(1)).unwrap_or(most).min(most);
                if !std::mem::take(&mut self.repeatable) {
                    return self.forget();
                }
                codes::REPEAT + times
            }
            (b'p', b"!") => codes::SOFT_RESET,
            (b'q', [b'>', ..]) if number == 0 => codes::VERSION,
            (b'n', b"?6") => codes::CURSOR_PLACE,
            (b't', b"11") => codes::WINDOW_STATE,
            (b't', b"16") => codes::CELL_SIZE,
            (b't', b"19") => codes::SCREEN_SIZE,
            (b't', b"20") => codes::ICON_LABEL,
            (b't', b"21") => codes::TITLE,
            // Nothing is protected from being erased here, so that the selective ones are like the others.
            (b'J' | b'K', [b'?', ..]) => {
                self.held.remove(2);
                return self.release(byte, out);
            }
            (b'h' | b'l', [b'?', modes @ ..]) if modes.split(|byte| *byte == b';').any(is_ours) => {
                return self.forget();
            }
            _ => return self.release(byte, out),
        };
        self.say(code, out);
    }

    fn command(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            BEL | CAN | SUB if self.is_link() => self.link(byte == BEL, out),
            ESC if self.is_link() => self.state = EscapeState::LinkEnd,
            BEL | CAN | SUB => {
                if self.is_kept() {
                    self.release(byte, out);
                } else {
                    self.drop_command(byte, out);
                    self.state = EscapeState::Text;
                }
            }
            ESC => {
                if self.is_kept() {
                    self.repeatable = false;
                    out.append(&mut self.held);
                } else {
                    self.drop_command(byte, out);
                }
                self.begin();
            }
            0..0x20 => self.overlong |= self.is_link(),
            _ => self.hold(byte, if self.is_link() { MAX_LINK } else { MAX_COMMAND }),
        }
    }

    /// A string that the parser knows nothing to do with.
    fn string(&mut self, byte: u8, out: &mut Vec<u8>) {
        let title = self.held.get(1) == Some(&b'k');
        match byte {
            ESC => {
                self.end_string(out);
                self.begin();
            }
            CAN | SUB => {
                self.forget();
                out.extend_from_slice(b"\x1b\\");
            }
            // A title whose end is lost does not swallow what comes after its line.
            b'\n' | BEL if title => {
                self.end_string(out);
                if byte != BEL {
                    out.push(byte);
                }
            }
            0..0x20 => {}
            _ => self.hold(byte, if title { MAX_COMMAND } else { MAX_STRING }),
        }
    }

    fn end_string(&mut self, out: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        let body = held.get(2..).unwrap_or_default();
        match held.get(1) {
            Some(b'k') if !self.overlong => {
                out.extend_from_slice(b"\x1b]2;");
                // What would end the command early.
                out.extend(body.iter().filter(|byte| !byte.is_ascii_control()));
                out.extend_from_slice(b"\x1b\\");
                self.forget();
            }
            Some(b'P') => match body.strip_prefix(b"$q") {
                Some(setting) if !self.overlong => {
                    let known = codes::SETTINGS.iter().zip(1..).find(|(name, _)| **name == setting);
                    self.say(codes::SETTING + known.map_or(0, |(_, number)| number), out);
                }
                _ if is_sixel(body) => self.say(codes::PICTURE, out),
                _ => self.forget(),
            },
            Some(b'_') if is_kitty_picture(body) => self.say(codes::PICTURE, out),
            _ => self.forget(),
        }
        self.held.clear();
        out.extend_from_slice(b"\x1b\\");
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

    fn is_link(&self) -> bool {
        self.held.starts_with(b"\x1b]8;")
    }

    /// A link is complete, or was broken off. What cannot be handed on whole ends the link before it, so that no text leads
    /// where it was not meant to: a part of an address is another address.
    fn link(&mut self, ended: bool, out: &mut Vec<u8>) {
        if ended && !self.overlong && std::str::from_utf8(&self.held).is_ok() {
            out.append(&mut self.held);
        } else {
            out.extend_from_slice(b"\x1b]8;;");
        }
        out.extend_from_slice(b"\x1b\\");
        self.forget();
    }

    /// The ESC of a dropped command would have ended whatever came before it, and still does.
    fn drop_command(&mut self, end: u8, out: &mut Vec<u8>) {
        let body = self.held.get(2..).unwrap_or_default();
        let code = match (body, end) {
            (b"17;?", BEL) => Some(codes::SELECTION_BACK_BEL),
            (b"17;?", _) => Some(codes::SELECTION_BACK_ST),
            (b"19;?", BEL) => Some(codes::SELECTION_FORE_BEL),
            (b"19;?", _) => Some(codes::SELECTION_FORE_ST),
            _ if [b"1337;File=".as_slice(), b"1337;MultipartFile="]
                .iter()
                .any(|name| body.starts_with(name)) =>
            {
                Some(codes::PICTURE)
            }
            _ => None,
        };
        self.repeatable = false;
        self.held.clear();
        out.extend_from_slice(b"\x1b\\");
        if let Some(code) = code {
            out.extend(codes::bytes(code));
        }
    }

    fn release(&mut self, byte: u8, out: &mut Vec<u8>) {
        out.append(&mut self.held);
        out.push(byte);
        self.forget();
    }

    /// What was held is done with.
    fn forget(&mut self) {
        self.held.clear();
        self.repeatable = false;
        self.state = EscapeState::Text;
    }

    /// Hands on what the screen obeys in place of what was held.
    fn say(&mut self, code: u16, out: &mut Vec<u8>) {
        self.forget();
        out.extend(codes::bytes(code));
    }
}

/// The first number of a sequence's parameters; 0 where there is none.
fn number(body: &[u8]) -> u32 {
    let digits =
        body.iter().skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |n, digit| n.saturating_mul(10).saturating_add(u32::from(digit - b'0')))
}

/// Whether a mode is one that only the sieve may say. The parser stops at 65,535.
fn is_ours(mode: &[u8]) -> bool {
    number(mode) >= u32::from(codes::FIRST)
}

/// A device control string that has pixels to draw.
fn is_sixel(body: &[u8]) -> bool {
    let parameters = body.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    match body.get(parameters..) {
        Some([b'q', data @ ..]) => data.iter().any(|byte| (b'?'..=b'~').contains(byte)),
        _ => false,
    }
}

/// A command of kitty's protocol that shows something: neither a question nor the removal of a picture.
fn is_kitty_picture(body: &[u8]) -> bool {
    let Some(keys) = body.strip_prefix(b"G") else { return false };
    let keys = keys.split(|byte| *byte == b';').next().unwrap_or_default();
    let action = keys.split(|byte| *byte == b',').find_map(|key| key.strip_prefix(b"a="));
    // Parts of a picture that has begun name no format and no size.
    let continued = action.is_none() && keys.starts_with(b"m=");
    !continued && matches!(action, None | Some(b"t" | b"T" | b"p"))
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
        let (mut sieve, mut out) = (OutputFilter::default(), Vec::new());
        for part in parts {
            sieve.pass(part, 80, &mut out);
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn text_and_sequences_pass_unchanged() {
        for text in
            ["plain\r\n\ttext", "\x1b[1;31mred\x1b[m", "\x1b]2;title\x07", "\x1b(0lqk\x1b(B", "é漢e\u{301}"]
        {
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
        let long = [b"\x1b]2;".as_slice(), &b"x".repeat(100_000), b"\x07after"].concat();
        assert_eq!(sift(&[&long]), "\x1b\\after");
    }

    #[test]
    fn panes_9_links_pass_whole_or_end() {
        for text in ["\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "\x1b]8;id=a;http://x/?;;漢\x1b\\"] {
            assert_eq!(sift(&[text.as_bytes()]), text);
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(sift(&bytes), text, "cut into bytes");
        }
        assert_eq!(sift(&[b"\x1b]8;;http://x\x07"]), "\x1b]8;;http://x\x1b\\");
        let end = "\x1b]8;;\x1b\\";
        for (broken, rest) in [
            (b"\x1b]8;;http://x\x18".as_slice(), ""),
            (b"\x1b]8;;http://x\x1a", ""),
            (b"\x1b]8;;http://x\x1b[m", "\x1b[m"),
            (b"\x1b]8;;http://x\x1b\x1bc", "\x1bc"),
            (b"\x1b]8;;http://x\ny\x07", ""),
            (b"\x1b]8;;http://x\xff\x07", ""),
        ] {
            assert_eq!(sift(&[broken]), format!("{end}{rest}"), "{}", broken.escape_ascii());
        }
        let long = [b"\x1b]8;;http://".as_slice(), &b"x".repeat(1_000_000)].concat();
        let mut sieve = OutputFilter::default();
        let mut out = Vec::new();
        sieve.pass(&long, 80, &mut out);
        assert!(out.is_empty() && sieve.held.len() <= MAX_LINK, "an end that never comes");
        sieve.pass(b"\x07after", 80, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), format!("{end}after"));
    }

    #[test]
    fn repetition_and_combining_characters_are_capped() {
        assert_eq!(sift(&[b"x\x1b[65535b\x1b[7b"]), "x\x1b[?61080h");
        assert_eq!(sift(&[b"x\x1b[99999999999b"]), "x\x1b[?61080h");
        assert_eq!(sift(&[b"x\x1b[b|\x1b[0b"]), "x\x1b[?61001h|\x1b[?61001h");
        assert_eq!(sift(&[b"x\x1b[655\n35b"]), "x\n", "a control character came between");
        let zalgo = format!("e{}f", "\u{301}".repeat(1000));
        assert_eq!(sift(&[zalgo.as_bytes()]), format!("e{}f", "\u{301}".repeat(16)));
    }

    #[test]
    fn what_the_parser_does_not_know_goes_on_as_a_code_and_none_is_taken_from_a_program() {
        assert_eq!(
            sift(&[b"\x1b[!p|\x1b[>q|\x1b[?6n|\x1bD"]),
            "\x1b[?60001h|\x1b[?60003h|\x1b[?60004h|\x1b[?60002h"
        );
        assert_eq!(
            sift(&[b"\x1bP$q", b"m\x1b", b"\\|\x1bP$qnone\x1b\\"]),
            "\x1b[?60041h\x1b\\\x1b\\|\x1b[?60040h\x1b\\\x1b\\"
        );
        assert_eq!(sift(&[b"\x1b[?60001h\x1b[?25;61005l\x1b[?99999999h\x1b[?59999h"]), "\x1b[?59999h");
        assert_eq!(sift(&[b"\x1b(0q\x1b#8"]), "\x1b(0q\x1b#8");
    }

    #[test]
    fn strings_print_nothing_and_pictures_are_noticed() {
        assert_eq!(sift(&[b"\x1bkti", b"tle\x1b\\x"]), "\x1b]2;title\x1b\\\x1b\\\x1b\\x");
        assert_eq!(sift(&[b"\x1bklost\nnext line"]), "\x1b]2;lost\x1b\\\x1b\\\nnext line");
        let shows = |bytes: &[u8]| sift(&[bytes]).contains("60010");
        for picture in [
            b"\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\".as_slice(),
            b"\x1bP0;1;0q\"1;1;8;8~\x1b\\",
            b"\x1b_Ga=T,f=100;iVBO\x1b\\",
            b"\x1b_Gf=32,s=1,v=1;AAAA\x1b\\",
            b"\x1b]1337;File=inline=1:AAAA\x07",
        ] {
            assert!(shows(picture), "{}", picture.escape_ascii());
        }
        for none in [
            b"\x1bPq#0\x1b\\".as_slice(),
            b"\x1b_Gi=31,s=1,v=1,a=q;AAAA\x1b\\",
            b"\x1b_Ga=d\x1b\\",
            b"\x1b_Gm=1;AAAA\x1b\\",
            b"\x1bP+q544e\x1b\\",
            b"\x1b]1337;SetMark\x07",
            b"\x1b^Gx\x1b\\",
        ] {
            assert!(!shows(none), "{}", none.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn the_cuts_do_not_matter_and_little_is_held(
            bytes in proptest::collection::vec(prop_oneof![Just(ESC), Just(b']'), Just(b'['), Just(b'b'), Just(BEL), Just(b'9'), any::<u8>()], 0..400),
            cut in 1_usize..50,
        ) {
            let (mut whole, mut parts) = (Vec::new(), Vec::new());
            OutputFilter::default().pass(&bytes, 80, &mut whole);
            let mut sieve = OutputFilter::default();
            for part in bytes.chunks(cut) {
                sieve.pass(part, 80, &mut parts);
                prop_assert!(sieve.held.len() <= MAX_COMMAND);
            }
            prop_assert_eq!(whole, parts);
        }
    }
}
