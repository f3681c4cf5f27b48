//! A terminal's bytes as keys: the same however they are cut, and little is held of what has no end.
#![no_main]

use greenroom_fuzz::{Knobs, bounded};
use greenroom_terminal::input::Decoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let knobs = Knobs::of(data);
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    let (mut once, mut whole) = (Decoder::default(), Vec::new());
    let mut rest = knobs;
    rest.byte();
    bounded(|| {
        for piece in knobs.pieces() {
            decoder.feed(piece, &mut events);
        }
        once.feed(rest.bytes(), &mut whole);
        decoder.finish(&mut events);
        once.finish(&mut whole);
    });
    assert_eq!(events, whole);
    assert_eq!(decoder.is_waiting(), once.is_waiting());
    let heard = |decoder: &mut Decoder| std::iter::from_fn(|| decoder.heard()).collect::<Vec<_>>();
    assert_eq!(heard(&mut decoder), heard(&mut once));
    assert!(events.len() <= rest.bytes().len(), "an event for less than a byte");
});
