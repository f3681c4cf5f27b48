//! Keys that are pressed while the terminal's answer has no end yet: one that was cut off, or garbage, must not swallow them.
//!
//! A person's key comes alone, after a pause. The piece of an answer that is cut by a slow link may too, so that such a key waits until
//! it is known whether the answer goes on.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyModifiers};

use super::{Decoded, Decoder, ESC, found, key};

/// Nothing has come for so long in front of a key that a person presses.
const PAUSE: Duration = Duration::from_millis(25);
/// The same in the middle of pasted text, which may come slowly. What has no end by then will have none.
const PASTE_PAUSE: Duration = Duration::from_secs(1);
/// Most keys that wait for the end of an answer.
const MAX_WAITING: usize = 64;

impl Decoder {
    /// As [`Decoder::feed`], for bytes in front of which nothing had come for `pause`.
    pub(in crate::input) fn feed_after(&mut self, pause: Duration, bytes: &[u8], events: &mut Vec<Event>) {
        if pause >= PAUSE
            && let Some(pressed) = one_key(bytes)
        {
            if self.paste.is_some() {
                if pause >= PASTE_PAUSE {
                    self.give_up(events);
                }
            } else if self.is_answering() {
                if !self.may_go_on_with(bytes) {
                    self.give_up(events);
                } else if self.alone.len() < MAX_WAITING {
                    self.alone.push(pressed);
                }
            }
        }
        self.feed(bytes, events);
    }

    /// Whether `bytes`, which are a key, may be a piece of what has begun.
    fn may_go_on_with(&self, bytes: &[u8]) -> bool {
        match (&self.answer, self.held.as_slice(), bytes) {
            // Its end is two bytes.
            (Some(_), [ESC], bytes) => bytes == b"\\",
            (Some(_), _, bytes) => !matches!(bytes, [ESC, _, ..]),
            // Numbers, and the letter that ends what was asked for.
            (None, _, [byte]) => (0x20..0x40).contains(byte) || *byte == b'c',
            (None, ..) => false,
        }
    }

    /// What has begun has no end: it is nothing, and the keys that were pressed in it count. Pasted text is what has come of it.
    fn give_up(&mut self, events: &mut Vec<Event>) {
        if let Some(mut text) = self.paste.take() {
            text.append(&mut self.held);
            events.push(Event::Paste(String::from_utf8_lossy(&text).into_owned()));
        }
        self.answer = None;
        self.held.clear();
        events.append(&mut self.alone);
    }
}

/// The key that all of `bytes` are.
fn one_key(bytes: &[u8]) -> Option<Event> {
    match found(bytes) {
        Decoded::Event(length, event @ Event::Key(_)) if length == bytes.len() => Some(event),
        _ if bytes == [ESC] => Some(key(KeyCode::Esc, KeyModifiers::NONE)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHORT: Duration = Duration::from_millis(60);
    const LONG: Duration = Duration::from_secs(2);

    fn char(c: char) -> Event {
        let held = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
        key(KeyCode::Char(c), held)
    }

    /// What is heard of garbage that comes at once, and of `keys`, each after `pause`; at last nothing comes any more.
    fn heard(garbage: &[u8], pause: Duration, keys: &[&[u8]]) -> Vec<Event> {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        decoder.feed(garbage, &mut events);
        for key in keys {
            // As `Input` does when the rest of a key does not come.
            if decoder.is_waiting() && !decoder.is_answering() {
                decoder.finish(&mut events);
            }
            decoder.feed_after(pause, key, &mut events);
        }
        decoder.finish(&mut events);
        events
    }

    #[test]
    fn a_key_that_is_pressed_into_an_answer_without_an_end_counts() {
        let esc = key(KeyCode::Esc, KeyModifiers::NONE);
        for garbage in ["\x1b]11;rgb:", "\x1bP1$r", "\x1b_Gi=7;O", "\x1b[?62;", "\x1b[>1;", "\x1b[?"] {
            let heard = |keys: &[&[u8]]| heard(garbage.as_bytes(), SHORT, keys);
            assert_eq!(heard(&[b"l"]), [char('l')], "{garbage:?}");
            assert_eq!(heard(&[b"1", b"2", b"G"]), [char('1'), char('2'), char('G')], "{garbage:?}");
            assert_eq!(heard(&[b"\x1b"]), std::slice::from_ref(&esc), "{garbage:?}");
            assert_eq!(heard(&[b"\x1b", b"l"]), [esc.clone(), char('l')], "{garbage:?}");
            assert_eq!(
                heard(&[b"4", b"\x1b[C", b"q"]),
                [char('4'), key(KeyCode::Right, KeyModifiers::NONE), char('q')],
                "{garbage:?}"
            );
            assert_eq!(heard(&["é".as_bytes()]), [char('é')], "{garbage:?}");
            assert_eq!(heard(&[b"\x1a"]), [key(KeyCode::Char('z'), KeyModifiers::CONTROL)], "{garbage:?}");
        }
        let long = [b"\x1b[".as_slice(), &[b'1'; 100]].concat();
        assert_eq!(heard(&long, SHORT, &[b"2", b"l"]), [char('2'), char('l')]);
    }

    #[test]
    fn a_piece_of_an_answer_is_no_key_though_it_comes_alone() {
        for answer in [
            "\x1b[?62;4;22c",
            "\x1b]11;rgb:ffff/yyyy/0000\x07",
            "\x1b_Gi=31;OK\x1b\\",
            "\x1bP>|term(370)\x1b\\",
        ] {
            for cut in 3..answer.len() {
                let (begin, rest) = answer.as_bytes().split_at(cut);
                let pieces: Vec<&[u8]> = rest.chunks(1).chain([b"x".as_slice()]).collect();
                assert_eq!(heard(begin, SHORT, &pieces), [char('x')], "{answer:?} at {cut}");
            }
        }
    }

    #[test]
    fn a_key_after_pasted_text_without_an_end_counts() {
        let text = || Event::Paste("some\x1b[20".to_owned());
        assert_eq!(heard(b"\x1b[200~some\x1b[20", LONG, &[b"l", b"q"]), [text(), char('l'), char('q')]);
        // What comes sooner, or is more than a key, is pasted.
        let pasted = Event::Paste("some text".to_owned());
        assert_eq!(
            heard(b"\x1b[200~some", SHORT, &[b" ", b"t", b"ext\x1b[201~"]),
            std::slice::from_ref(&pasted)
        );
        assert_eq!(heard(b"\x1b[200~some", LONG, &[b" text", b"\x1b[201~"]), [pasted]);
    }

    proptest! {
        #[test]
        fn no_garbage_swallows_the_key_that_is_pressed_after_it(
            garbage in proptest::collection::vec(
                prop_oneof![
                    Just(ESC), Just(b'['), Just(b']'), Just(b'P'), Just(b'_'), Just(b'G'), Just(b'?'), Just(b';'), Just(b'1'),
                    Just(b'M'), Just(b'~'), any::<u8>()
                ],
                0..200,
            ),
        ) {
            let heard = heard(&garbage, LONG, &[b"l"]);
            prop_assert_eq!(heard.last(), Some(&char('l')), "{:?}", heard);
        }
    }
}
