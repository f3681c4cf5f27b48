//! The outline of a talk, and what is said of it.
#![no_main]

use greenroom_fuzz::{beside, bounded, sound_deck};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let files = beside().with("talk.yaml", data.to_vec());
    let deck = bounded(|| greenroom::open::deck(&files, "talk.yaml"));
    sound_deck(&deck, &files);
});
