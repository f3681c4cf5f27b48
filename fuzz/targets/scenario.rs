//! The scenario of a bench.
#![no_main]

use greenroom_fuzz::{beside, bounded, sound};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let files = beside().with("bench.yaml", data.to_vec());
    let read = bounded(|| greenroom_parse::scenario(&files, "bench.yaml"));
    sound(&read.problems, &files);
});
