//! Markdown with directives, up to the cells of its slides at any size and step.
#![no_main]

use std::cell::RefCell;
use std::sync::Arc;

use greenroom::headless;
use greenroom_base::run::Size;
use greenroom_fuzz::{Knobs, beside, bounded, plain_cells, sound_deck};
use greenroom_render::paint::RenderCache;
use libfuzzer_sys::fuzz_target;

/// Slides of one input that are drawn: what many cost is a matter of their number.
const DRAWN: usize = 8;

thread_local! {
    /// Grammars are loaded once, as in the program.
    static INK: RefCell<RenderCache> = RefCell::new(RenderCache::new());
}

fuzz_target!(|data: &[u8]| {
    let mut knobs = Knobs::of(data);
    let (size, step) = (knobs.size(Size { columns: 300, rows: 100 }), knobs.byte() % 8);
    let files = beside().with("x.md", knobs.bytes().to_vec());
    let deck = Arc::new(bounded(|| greenroom::open::deck(&files, "x.md")));
    sound_deck(&deck, &files);
    let apart = deck.slides.len().div_ceil(DRAWN);
    INK.with_borrow(|ink| {
        for slide in (0..deck.slides.len()).step_by(apart) {
            let frame = bounded(|| headless::frame(&deck, ink, slide, step.into(), size));
            assert_eq!((frame.area().width, frame.area().height), (size.columns, size.rows));
            plain_cells(&frame.cells);
        }
        ink.clear();
    });
});
