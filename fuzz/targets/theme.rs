//! A theme, Greenroom's or presenterm's, and a slide in it.
#![no_main]

use std::sync::Arc;

use greenroom::headless;
use greenroom_base::run::Size;
use greenroom_fuzz::{beside, bounded, plain_cells, sound_deck};
use greenroom_render::paint::RenderCache;
use libfuzzer_sys::fuzz_target;

const TALK: &str =
    "---\ntitle: T\ntheme: t.yaml\n---\n# A\n\n- b\n\n> [!note]\n> c\n\n| d | e |\n|---|---|\n| f | g |\n";

fuzz_target!(|data: &[u8]| {
    let files = beside().with("t.yaml", data.to_vec()).with("x.md", TALK);
    let deck = Arc::new(bounded(|| greenroom::open::deck(&files, "x.md")));
    sound_deck(&deck, &files);
    let (ink, size) = (RenderCache::new(), Size { columns: 60, rows: 20 });
    for slide in 0..deck.slides.len() {
        let frame = bounded(|| headless::frame(&deck, &ink, slide, 0, size));
        plain_cells(&frame.cells);
    }
});
