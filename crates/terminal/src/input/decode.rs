//! A terminal's bytes to keys, mouse events and pasted text.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use std::collections::VecDeque;

use crate::answer::Answer as Answered;

mod alone;

const ESC: u8 = 0x1b;
/// Longest sequence that means anything; longer ones are passed over.
const MAX_SEQUENCE: usize = 64;
/// Most pasted text that is kept.
const MAX_PASTE: usize = 1 << 20;
/// Most of a terminal's answer that is passed over.
const MAX_ANSWER: usize = 1 << 16;
/// Most of it that is read, and most answers that are kept.
const MAX_READ: usize = 256;
const MAX_HEARD: usize = 16;
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// Takes bytes as they come, and gives events as soon as they are certain.
#[derive(Debug, Default)]
pub struct Decoder {
    /// What is not complete yet.
    held: Vec<u8>,
    /// Pasted text whose end has not come.
    paste: Option<Vec<u8>>,
    /// A terminal's answer whose end has not come.
    answer: Option<Answer>,
    /// The Esc that is held came together with one before it.
    second: bool,
    /// A sequence that is longer than any that means something goes on: what belongs to it is no key.
    overlong: bool,
    /// What the terminal answered, until somebody asks for it.
    heard: VecDeque<Answered>,
    /// What was taken for a key since nothing followed it, and may have been the beginning of an answer.
    cut: Vec<u8>,
    /// Keys that came alone into an answer that has no end yet: pieces of it, if one comes.
    alone: Vec<Event>,
}

/// A string that a terminal answers with, to this program or, late, to one before it. What it says is no key.
#[derive(Debug, Clone)]
struct Answer {
    /// BEL ends it as well.
    bell: bool,
    /// Bytes that were passed over.
    passed: usize,
    /// Those that may say something of a picture.
    text: Vec<u8>,
}

/// What stands at the beginning of some bytes.
enum Decoded {
    /// An event of so many bytes.
    Event(usize, Event),
    /// So many bytes that mean nothing.
    Nothing(usize),
    /// So many bytes that mean nothing, and what follows up to the end of their sequence.
    Overlong(usize),
    /// The beginning of pasted text.
    Paste(usize),
    /// What the terminal says of itself, in so many bytes.
    Features(usize, Answered),
    /// The beginning of an answer, which BEL ends or does not.
    Answer(usize, bool),
    /// More has to come.
    Unfinished,
}

impl Decoder {
    /// Whether bytes wait that would be a key if nothing followed them.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.paste.is_none() && (self.answer.is_some() || self.overlong || !self.held.is_empty())
    }

    /// Whether what waits is the beginning of an answer, and of no key: its rest may take longer.
    pub(super) fn is_answering(&self) -> bool {
        self.answer.is_some() || self.held.starts_with(b"\x1b[?") || self.held.starts_with(b"\x1b[>")
    }

    /// Takes in `bytes`, and adds what they are to `events`.
    pub fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        let mut cut = std::mem::take(&mut self.cut);
        if self.held.is_empty() && is_rest_of_answer(&cut, bytes) {
            self.held.append(&mut cut);
        }
        self.held.extend_from_slice(bytes);
        while !self.held.is_empty() {
            if self.paste.is_some() {
                if !self.pasted(events) {
                    return;
                }
                continue;
            }
            if let Some(answer) = self.answer.take() {
                if !self.answered(answer) {
                    return;
                }
                events.append(&mut self.alone);
                continue;
            }
            if self.overlong {
                self.pass_over();
                continue;
            }
            // Two Esc and a letter are three keys, and not Esc and Alt with the letter.
            let second = std::mem::take(&mut self.second);
            let keys = matches!(self.held.as_slice(), [ESC, next, ..] if !matches!(*next, b'[' | b'O' | ESC));
            if second && keys {
                self.held.drain(..1);
                events.push(key(KeyCode::Esc, KeyModifiers::NONE));
                continue;
            }
            if !self.take_in(found(&self.held), events) {
                self.second = second;
                return;
            }
        }
    }

    /// Takes what is found out of the bytes that wait, and does what it means; false where more of them are needed.
    fn take_in(&mut self, found: Decoded, events: &mut Vec<Event>) -> bool {
        let (Decoded::Event(length, _)
        | Decoded::Nothing(length)
        | Decoded::Overlong(length)
        | Decoded::Features(length, _)
        | Decoded::Paste(length)
        | Decoded::Answer(length, _)) = found
        else {
            return false;
        };
        self.second = length == 1 && self.held.starts_with(&[ESC, ESC]);
        let last = self.held.drain(..length).next_back();
        match found {
            Decoded::Event(_, event) => {
                events.append(&mut self.alone);
                events.push(event);
            }
            // Whatever was told, it was told to its end.
            Decoded::Nothing(_) if matches!(last, Some(0x40..0x7f)) => self.alone.clear(),
            Decoded::Overlong(_) => self.overlong = true,
            Decoded::Features(_, answered) => {
                self.alone.clear();
                self.hear(answered);
            }
            Decoded::Paste(_) => self.paste = Some(Vec::new()),
            Decoded::Answer(_, bell) => self.answer = Some(Answer { bell, passed: 0, text: Vec::new() }),
            Decoded::Nothing(_) | Decoded::Unfinished => {}
        }
        true
    }

    /// The next thing that the terminal answered.
    pub fn heard(&mut self) -> Option<Answered> {
        self.heard.pop_front()
    }

    fn hear(&mut self, answered: Answered) {
        if self.heard.len() < MAX_HEARD {
            self.heard.push_back(answered);
        }
    }

    /// Nothing follows: what waits is taken for what it is by itself.
    pub fn finish(&mut self, events: &mut Vec<Event>) {
        if !self.is_waiting() {
            return;
        }
        let held = std::mem::take(&mut self.held);
        self.second = false;
        events.append(&mut self.alone);
        if std::mem::take(&mut self.overlong) {
            return;
        }
        // The rest of an answer that was cut off is nothing either.
        if self.answer.take().is_some() {
            return;
        }
        if matches!(held.as_slice(), [ESC] | [ESC, b'[' | b'_' | b'P']) {
            self.cut.clone_from(&held);
        }
        // Esc, or Alt with what begins a sequence; the rest of a sequence that was cut off is nothing.
        match held.as_slice() {
            [ESC] => events.push(key(KeyCode::Esc, KeyModifiers::NONE)),
            [ESC, c @ (b'[' | b'O' | b']' | b'P' | b'_')] => {
                let held = if c.is_ascii_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
                events.push(key(KeyCode::Char(char::from(*c)), KeyModifiers::ALT | held));
            }
            _ => {}
        }
    }

    /// Passes over what belongs to a sequence that is too long, its end included.
    fn pass_over(&mut self) {
        let end = self.held.iter().position(|byte| !(0x20..0x40).contains(byte));
        self.overlong = end.is_none();
        // Whatever begins anew is none of it.
        let last = end.and_then(|end| self.held.get(end)).is_some_and(|byte| *byte != ESC);
        self.held.drain(..end.map_or(self.held.len(), |end| end + usize::from(last)));
    }

    /// Passes over what belongs to an answer; false when its end has not come.
    fn answered(&mut self, mut answer: Answer) -> bool {
        const BELL: u8 = 0x07;
        const CANCEL: [u8; 2] = [0x18, 0x1a];
        let ends = |byte: &u8| *byte == ESC || CANCEL.contains(byte) || (answer.bell && *byte == BELL);
        let room = MAX_ANSWER.saturating_sub(answer.passed);
        let (end, most) = (self.held.iter().position(ends), self.held.len().min(room));
        let text = end.unwrap_or(most).min(most);
        let room = MAX_READ.saturating_sub(answer.text.len());
        answer.text.extend(self.held.drain(..text).take(room));
        answer.passed += text;
        let over = match self.held.as_slice() {
            [] => answer.passed >= MAX_ANSWER,
            [ESC] => false,
            [ESC, b'\\', ..] => {
                self.held.drain(..2);
                self.alone.clear();
                if let Some(heard) = Answered::of_string(&answer.text) {
                    self.hear(heard);
                }
                true
            }
            // Something else begins, and the answer has no end.
            [ESC, ..] => true,
            [byte, ..] if CANCEL.contains(byte) || *byte == BELL => {
                if *byte == BELL {
                    self.alone.clear();
                }
                self.held.drain(..1);
                true
            }
            _ => true,
        };
        if !over {
            self.answer = Some(answer);
        }
        over
    }

    /// Adds to the pasted text; false when its end has not come.
    fn pasted(&mut self, events: &mut Vec<Event>) -> bool {
        let Some(paste) = &mut self.paste else { return true };
        let end = self.held.windows(PASTE_ENDS.len()).position(|window| window == PASTE_ENDS);
        // The end itself may be cut in two.
        let text = end.unwrap_or_else(|| self.held.len().saturating_sub(PASTE_ENDS.len() - 1));
        let room = MAX_PASTE.saturating_sub(paste.len());
        paste.extend(self.held.drain(..text).take(room));
        if end.is_none() {
            return false;
        }
        self.held.drain(..PASTE_ENDS.len());
        let text = String::from_utf8_lossy(paste).into_owned();
        self.paste = None;
        events.push(Event::Paste(text));
        true
    }
}

/// Whether `bytes`, which came at once, go on with `cut` as one of the answers that are asked for: by hand nobody types them so fast.
fn is_rest_of_answer(cut: &[u8], bytes: &[u8]) -> bool {
    let features = |rest: &[u8]| matches!(rest, [b'0'..=b'9', ..]);
    match (cut, bytes) {
        ([ESC], [b'[', b'?', rest @ ..]) | ([ESC, b'['], [b'?', rest @ ..]) => features(rest),
        ([ESC], [b'_', b'G', b'i', ..] | [b'P', _, b'$', b'r', ..])
        | ([ESC, b'_'], [b'G', b'i', ..])
        | ([ESC, b'P'], [_, b'$', b'r', ..]) => true,
        _ => false,
    }
}

const fn key(code: KeyCode, held: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, held))
}

fn found(bytes: &[u8]) -> Decoded {
    match bytes {
        // What a terminal says of its colours, of itself, and of pictures begins like Alt with one of these.
        [] | [ESC] | [ESC, b']' | b'P' | b'_'] => Decoded::Unfinished,
        // The second may begin a sequence of its own.
        [ESC, ESC, ..] => Decoded::Event(1, key(KeyCode::Esc, KeyModifiers::NONE)),
        [ESC, b'[', rest @ ..] => sequence(rest),
        [ESC, b'O', rest @ ..] => match rest {
            [] => Decoded::Unfinished,
            [letter, ..] => match named(*letter) {
                Some(code) => Decoded::Event(3, key(code, KeyModifiers::NONE)),
                None => Decoded::Nothing(3),
            },
        },
        [ESC, b']', b'0'..=b'9', ..] => Decoded::Answer(2, true),
        [ESC, b'P', b'0'..=b'9' | b'>' | b'!' | b'$' | b'+' | b'=' | b'|', ..] | [ESC, b'_', b'G', ..] => {
            Decoded::Answer(2, false)
        }
        [ESC, rest @ ..] => match character(rest) {
            Decoded::Event(length, Event::Key(mut event)) => {
                event.modifiers |= KeyModifiers::ALT;
                Decoded::Event(length + 1, Event::Key(event))
            }
            Decoded::Nothing(length) => Decoded::Nothing(length + 1),
            other => other,
        },
        _ => character(bytes),
    }
}

/// A key that sends no sequence.
fn character(bytes: &[u8]) -> Decoded {
    let Some(first) = bytes.first().copied() else { return Decoded::Unfinished };
    let (code, held) = match first {
        b'\r' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x7f => (KeyCode::Backspace, KeyModifiers::NONE),
        0 => (KeyCode::Char(' '), KeyModifiers::CONTROL),
        1..=0x1a => (KeyCode::Char(char::from(first - 1 + b'a')), KeyModifiers::CONTROL),
        0x1c..=0x1f => (KeyCode::Char(char::from(first - 0x1c + b'4')), KeyModifiers::CONTROL),
        _ => return text(bytes),
    };
    Decoded::Event(1, key(code, held))
}

fn text(bytes: &[u8]) -> Decoded {
    let start = bytes.get(..bytes.len().min(4)).unwrap_or_default();
    let valid = match std::str::from_utf8(start) {
        Ok(valid) => valid,
        Err(error) if error.valid_up_to() > 0 => {
            std::str::from_utf8(start.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(error) => return error.error_len().map_or(Decoded::Unfinished, Decoded::Nothing),
    };
    let Some(c) = valid.chars().next() else { return Decoded::Nothing(1) };
    let held = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    Decoded::Event(c.len_utf8(), key(KeyCode::Char(c), held))
}

/// What follows `ESC [`.
fn sequence(rest: &[u8]) -> Decoded {
    match rest {
        // The Linux console's first function keys.
        [b'[', letter @ b'A'..=b'E', ..] => {
            return Decoded::Event(4, key(KeyCode::F(letter - b'A' + 1), KeyModifiers::NONE));
        }
        [b'['] => return Decoded::Unfinished,
        // The first encoding of the mouse: three bytes, each 32 more than it means.
        [b'M', rest @ ..] => {
            return match rest {
                [button, x, y, ..] => {
                    let place = |byte: &u8| u16::from(byte.saturating_sub(33));
                    mouse(button.saturating_sub(32).into(), place(x), place(y), false)
                        .map_or(Decoded::Nothing(6), |event| Decoded::Event(6, event))
                }
                _ => Decoded::Unfinished,
            };
        }
        _ => {}
    }
    let Some(end) = rest.iter().position(|byte| !(0x20..0x40).contains(byte)) else {
        return if rest.len() > MAX_SEQUENCE {
            Decoded::Overlong(rest.len() + 2)
        } else {
            Decoded::Unfinished
        };
    };
    let (parameters, last) = rest.split_at(end);
    let Some(last) = last.first().copied() else { return Decoded::Unfinished };
    // Another sequence begins inside of this one, or it is longer than any that means something.
    if !(0x40..0x7f).contains(&last) || end > MAX_SEQUENCE {
        return Decoded::Nothing(end + 2 + usize::from(last != ESC));
    }
    let length = end + 3;
    let parameters = std::str::from_utf8(parameters).unwrap_or_default();
    if (parameters, last) == ("200", b'~') {
        return Decoded::Paste(length);
    }
    if last == b'c' {
        let answered = Answered::of_features(parameters);
        return answered.map_or(Decoded::Nothing(length), |answered| Decoded::Features(length, answered));
    }
    meaning(parameters, last).map_or(Decoded::Nothing(length), |event| Decoded::Event(length, event))
}

fn meaning(parameters: &str, last: u8) -> Option<Event> {
    if let Some(parameters) = parameters.strip_prefix('<') {
        let mut numbers = parameters.split(';').map(str::parse::<u16>);
        let (button, x, y) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        return mouse(button, x.saturating_sub(1), y.saturating_sub(1), last == b'm');
    }
    let mut numbers = parameters.split(';').map(|number| number.split(':').next().unwrap_or_default());
    let first = numbers.next().unwrap_or_default();
    let held = numbers.next().and_then(|number| number.parse().ok()).map_or(KeyModifiers::NONE, modifiers);
    // Terminals that tell it write it behind what is held down: 2 is a key that repeats, 3 one that is let go.
    let happened = parameters.split(';').nth(1).and_then(|number| number.split(':').nth(1));
    let kind = match happened {
        Some("3") => return None,
        Some("2") => KeyEventKind::Repeat,
        _ => KeyEventKind::Press,
    };
    let code = match last {
        b'I' if parameters.is_empty() => return Some(Event::FocusGained),
        b'O' if parameters.is_empty() => return Some(Event::FocusLost),
        b'Z' => return Some(key(KeyCode::BackTab, held | KeyModifiers::SHIFT)),
        b'~' => numbered(first.parse().ok()?)?,
        b'u' => coded(first.parse().ok()?)?,
        // `1;5R` is F3 with Ctrl to some, and to others where the cursor is, which nobody here has asked.
        letter => named(letter).filter(|_| first.is_empty() || first == "1")?,
    };
    Some(Event::Key(KeyEvent::new_with_kind(code, held, kind)))
}

fn named(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'M' => KeyCode::Enter,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    })
}

const fn numbered(number: u8) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number - 10),
        17..=21 => KeyCode::F(number - 11),
        23..=26 => KeyCode::F(number - 12),
        28..=29 => KeyCode::F(number - 13),
        31..=34 => KeyCode::F(number - 14),
        _ => return None,
    })
}

/// A key by the number of its character.
fn coded(number: u32) -> Option<KeyCode> {
    Some(match number {
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        number => KeyCode::Char(char::from_u32(number).filter(|c| !c.is_control())?),
    })
}

/// xterm's number for what is held down.
fn modifiers(number: u8) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    let mut held = KeyModifiers::NONE;
    for (bit, modifier) in [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
    ] {
        held.set(modifier, bits & bit != 0);
    }
    held
}

fn mouse(button: u16, column: u16, row: u16, released: bool) -> Option<Event> {
    let number = button & 3 | (button & 0xc0) >> 4;
    let dragged = button & 32 != 0;
    let pressed = match number {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let kind = match number {
        0..=2 if released => MouseEventKind::Up(pressed),
        0..=2 if dragged => MouseEventKind::Drag(pressed),
        0..=2 => MouseEventKind::Down(pressed),
        3 if dragged => MouseEventKind::Moved,
        // The first encoding does not say which button was released.
        3 => MouseEventKind::Up(MouseButton::Left),
        4 => MouseEventKind::ScrollUp,
        5 => MouseEventKind::ScrollDown,
        6 => MouseEventKind::ScrollLeft,
        7 => MouseEventKind::ScrollRight,
        _ => return None,
    };
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)] {
        modifiers.set(modifier, button & bit != 0);
    }
    Some(Event::Mouse(MouseEvent { kind, column, row, modifiers }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONE: KeyModifiers = KeyModifiers::NONE;
    const CTRL: KeyModifiers = KeyModifiers::CONTROL;
    const ALT: KeyModifiers = KeyModifiers::ALT;
    const SHIFT: KeyModifiers = KeyModifiers::SHIFT;

    /// The events of `parts`, with a pause after the last.
    fn events(parts: &[&[u8]]) -> Vec<Event> {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        for part in parts {
            decoder.feed(part, &mut events);
        }
        decoder.finish(&mut events);
        assert!(!decoder.is_waiting());
        events
    }

    #[test]
    fn keys() {
        for (bytes, code, held) in [
            ("a", KeyCode::Char('a'), NONE),
            ("G", KeyCode::Char('G'), SHIFT),
            ("é", KeyCode::Char('é'), NONE),
            ("\r", KeyCode::Enter, NONE),
            ("\n", KeyCode::Char('j'), CTRL),
            ("\t", KeyCode::Tab, NONE),
            ("\x7f", KeyCode::Backspace, NONE),
            ("\0", KeyCode::Char(' '), CTRL),
            ("\x03", KeyCode::Char('c'), CTRL),
            ("\x1c", KeyCode::Char('4'), CTRL),
            ("\x1b", KeyCode::Esc, NONE),
            ("\x1bx", KeyCode::Char('x'), ALT),
            ("\x1bX", KeyCode::Char('X'), ALT | SHIFT),
            ("\x1b\r", KeyCode::Enter, ALT),
            ("\x1b[", KeyCode::Char('['), ALT),
            ("\x1b[A", KeyCode::Up, NONE),
            ("\x1bOA", KeyCode::Up, NONE),
            ("\x1bOP", KeyCode::F(1), NONE),
            ("\x1b[[C", KeyCode::F(3), NONE),
            ("\x1b[1;5D", KeyCode::Left, CTRL),
            ("\x1b[1;2C", KeyCode::Right, SHIFT),
            ("\x1b[Z", KeyCode::BackTab, SHIFT),
            ("\x1b[5~", KeyCode::PageUp, NONE),
            ("\x1b[5;2~", KeyCode::PageUp, SHIFT),
            ("\x1b[15~", KeyCode::F(5), NONE),
            ("\x1b[17~", KeyCode::F(6), NONE),
            ("\x1b[24;4~", KeyCode::F(12), SHIFT | ALT),
            ("\x1b[1;6P", KeyCode::F(1), SHIFT | CTRL),
            ("\x1b[101;5u", KeyCode::Char('e'), CTRL),
        ] {
            assert_eq!(events(&[bytes.as_bytes()]), [key(code, held)], "{bytes:?}");
        }
    }

    #[test]
    fn two_esc_are_two_however_they_come() {
        let esc = || key(KeyCode::Esc, NONE);
        assert_eq!(events(&[b"\x1b\x1b"]), [esc(), esc()]);
        assert_eq!(events(&[b"\x1b", b"\x1b"]), [esc(), esc()]);
        assert_eq!(events(&[b"\x1b\x1b\x1b"]), [esc(), esc(), esc()]);
        assert_eq!(events(&[b"\x1b\x1b[A"]), [esc(), key(KeyCode::Up, NONE)]);
        assert_eq!(events(&[b"\x1b\x1bl"]), [esc(), esc(), key(KeyCode::Char('l'), NONE)]);
        assert_eq!(events(&[b"\x1b", b"\x1b", b"l"]), [esc(), esc(), key(KeyCode::Char('l'), NONE)]);
        assert_eq!(events(&[b"\x1bl"]), [key(KeyCode::Char('l'), ALT)]);
    }

    #[test]
    fn the_mouse_in_both_encodings() {
        let at = |kind, column, row, modifiers| Event::Mouse(MouseEvent { kind, column, row, modifiers });
        let left = MouseButton::Left;
        for (bytes, event) in [
            ("\x1b[<0;300;5M", at(MouseEventKind::Down(left), 299, 4, NONE)),
            ("\x1b[<0;1;1m", at(MouseEventKind::Up(left), 0, 0, NONE)),
            ("\x1b[<18;2;3M", at(MouseEventKind::Down(MouseButton::Right), 1, 2, CTRL)),
            ("\x1b[<32;2;3M", at(MouseEventKind::Drag(left), 1, 2, NONE)),
            ("\x1b[<35;2;3M", at(MouseEventKind::Moved, 1, 2, NONE)),
            ("\x1b[<64;2;3M", at(MouseEventKind::ScrollUp, 1, 2, NONE)),
            ("\x1b[<69;2;3M", at(MouseEventKind::ScrollDown, 1, 2, SHIFT)),
            ("\x1b[M !!", at(MouseEventKind::Down(left), 0, 0, NONE)),
            ("\x1b[M#\"!", at(MouseEventKind::Up(left), 1, 0, NONE)),
            ("\x1b[Ma!!", at(MouseEventKind::ScrollDown, 0, 0, NONE)),
        ] {
            assert_eq!(events(&[bytes.as_bytes()]), [event], "{bytes:?}");
        }
    }

    #[test]
    fn pasted_text_is_one_event_and_bounded() {
        let paste = |text: &str| vec![Event::Paste(text.to_owned())];
        assert_eq!(events(&[b"\x1b[200~a\x1b[A\r\x1b[201~"]), paste("a\x1b[A\r"));
        assert_eq!(events(&[b"\x1b[200~a", b"b\x1b[20", b"1~"]), paste("ab"));
        let long = [b"\x1b[200~".as_slice(), &vec![b'x'; 3 * MAX_PASTE], b"\x1b[201~q"].concat();
        let events = events(&[&long]);
        assert_eq!(events, [paste(&"x".repeat(MAX_PASTE)), vec![key(KeyCode::Char('q'), NONE)]].concat());
    }

    #[test]
    fn what_means_nothing_is_passed_over() {
        for bytes in ["\x1b[99~x", "\x1b[5;7Rx", "\x1b[?62;22cx", "\x1b[<9999999;1;1Mx", "\x1bO?x"] {
            assert_eq!(events(&[bytes.as_bytes()]), [key(KeyCode::Char('x'), NONE)], "{bytes:?}");
        }
        assert_eq!(events(&[b"\xff\xfea"]), [key(KeyCode::Char('a'), NONE)]);
        assert_eq!(events(&[b"\x1b[1;\x1b[B"]), [key(KeyCode::Down, NONE)]);
        assert_eq!(events(&[b"\x1b[I\x1b[O"]), [Event::FocusGained, Event::FocusLost]);
    }

    #[test]
    fn h3_what_a_terminal_answers_is_no_key() {
        let x = || vec![key(KeyCode::Char('x'), NONE)];
        for answer in [
            "\x1b]11;rgb:ffff/yyyy/0000\x07",
            "\x1b]11;y\x1b\\",
            "\x1bP>|yterm(370)\x1b\\",
            "\x1bP1+r544e=79\x1b\\",
            "\x1bP1$r0 q\x1b\\",
            "\x1b_Gi=31;y\x1b\\",
            "\x1b]52;c;yyyy\x18",
        ] {
            let whole = [answer.as_bytes(), b"x"].concat();
            assert_eq!(events(&[&whole]), x(), "{answer:?}");
            for cut in 2..answer.len() {
                assert_eq!(events(&[&whole[..cut], &whole[cut..]]), x(), "{answer:?} at {cut}");
            }
            // One that is cut off is nothing, and the keyboard goes on.
            let (mut decoder, mut events) = (Decoder::default(), Vec::new());
            for part in [&whole[..5], b"x"] {
                decoder.feed(part, &mut events);
                assert_eq!(decoder.is_waiting(), events.is_empty());
                decoder.finish(&mut events);
            }
            assert_eq!(events, x(), "{answer:?}");
        }
        let long = [b"\x1b]0;".as_slice(), &vec![b'y'; 1 << 20], b"\x07x"].concat();
        let mut decoder = Decoder::default();
        for part in long.chunks(4096) {
            decoder.feed(part, &mut Vec::new());
            assert!(decoder.held.len() <= 4096);
        }
        for (bytes, code, held) in [("\x1b]", ']', ALT), ("\x1bP", 'P', ALT | SHIFT), ("\x1b_", '_', ALT)] {
            assert_eq!(events(&[bytes.as_bytes()]), [key(KeyCode::Char(code), held)]);
        }
    }

    #[test]
    fn h3_a_key_that_repeats_or_is_let_go_is_not_pressed() {
        let y = |kind| Event::Key(KeyEvent::new_with_kind(KeyCode::Char('y'), NONE, kind));
        assert_eq!(events(&[b"\x1b[121;1:1u"]), [y(KeyEventKind::Press)]);
        assert_eq!(events(&[b"\x1b[121;1:2u"]), [y(KeyEventKind::Repeat)]);
        for let_go in ["\x1b[121;1:3u", "\x1b[1;1:3C", "\x1b[5;1:3~", "\x1b[121::121;1:3;121u"] {
            assert_eq!(events(&[let_go.as_bytes()]), []);
        }
    }

    #[test]
    fn what_belongs_to_a_sequence_that_is_too_long_is_no_key_wherever_it_is_cut() {
        let long = [b"\x1b[".as_slice(), &[b'$'; 200], b"1;5u"].concat();
        for cut in [1, 60, 67, 68, 100, 205] {
            let parts: Vec<&[u8]> = long.chunks(cut).chain([b"a".as_slice()]).collect();
            assert_eq!(events(&parts), [key(KeyCode::Char('a'), NONE)], "cut at {cut}");
            // One that has no end is over with a pause, or where another begins.
            let (mut decoder, mut found) = (Decoder::default(), Vec::new());
            long[..150].chunks(cut).for_each(|part| decoder.feed(part, &mut found));
            let mut paused = Decoder {
                held: decoder.held.clone(),
                ..Decoder { overlong: decoder.overlong, ..Decoder::default() }
            };
            decoder.feed(b"\x1b[Aa", &mut found);
            assert_eq!(found, [key(KeyCode::Up, NONE), key(KeyCode::Char('a'), NONE)], "cut at {cut}");
            let mut found = Vec::new();
            assert!(paused.is_waiting());
            paused.finish(&mut found);
            paused.feed(b"1", &mut found);
            assert_eq!(found, [key(KeyCode::Char('1'), NONE)], "cut at {cut}");
        }
    }

    proptest! {
        #[test]
        fn the_cuts_do_not_matter_and_little_is_held(
            bytes in proptest::collection::vec(
                prop_oneof![Just(ESC), Just(b'['), Just(b'M'), Just(b'<'), Just(b';'), Just(b'1'), Just(b'~'), any::<u8>()],
                0..200,
            ),
            cut in 1_usize..20,
        ) {
            let mut whole = Vec::new();
            Decoder::default().feed(&bytes, &mut whole);
            let (mut decoder, mut parts) = (Decoder::default(), Vec::new());
            for part in bytes.chunks(cut) {
                decoder.feed(part, &mut parts);
                prop_assert!(decoder.paste.is_some() || decoder.held.len() <= MAX_SEQUENCE + 8);
            }
            prop_assert_eq!(whole, parts);
        }
    }
}
