//! Pictures: what their headers say is within bounds, and small ones are decoded.
#![no_main]

use greenroom_deck::Block;
use greenroom_fuzz::{beside, bounded, sound_deck};
use greenroom_render::paint::picture;
use libfuzzer_sys::fuzz_target;

/// Larger ones are not decoded here: a process of its own does that, with limits.
const MOST: u64 = 64 * 64;

fuzz_target!(|data: &[u8]| {
    let files = beside().with("x.bin", data.to_vec()).with("x.md", "![a](x.bin)\n");
    let deck = bounded(|| greenroom_parse::deck(&files, "x.md"));
    sound_deck(&deck, &files);
    let mut sides = None;
    for node in deck.slides.iter().flat_map(|slide| &slide.body) {
        if let Block::Image(image) = &node.block {
            let (width, height) = image.pixels;
            assert!((1..=65_535).contains(&width) && (1..=65_535).contains(&height), "{width}x{height}");
            sides = Some((u64::from(width), u64::from(height)));
        }
    }
    let moves = bounded(|| picture::moves(data));
    // SVG is drawn by `resvg`, whose cost only that process can bound.
    let Some((width, height)) = sides.filter(|_| !picture::is_svg(data)) else { return };
    if width * height > MOST {
        return;
    }
    let max = (32, 32);
    if let Ok(decoded) = bounded(|| picture::decode(data, max)) {
        assert!(decoded.width <= max.0 && decoded.height <= max.1);
        assert_eq!(decoded.rgba.len(), 4 * decoded.width as usize * decoded.height as usize);
    }
    if moves && let Ok(frames) = bounded(|| picture::motion(data, max)) {
        assert!(frames.len() <= picture::MAX_FRAMES);
    }
});
