//! A pane and another emulator, given the same: both show the same text.
#![no_main]

use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Size, What};
use greenroom_fuzz::both::{COLUMNS, ROWS, other, sequence, shown, trimmed};
use greenroom_fuzz::dark;
use greenroom_pane::{Palette, TermView};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut text = String::new();
    let mut bytes = data.iter().copied().take(600);
    while let Some(byte) = bytes.next() {
        sequence(byte, &mut || bytes.next().unwrap_or_default(), &mut text);
    }
    let palette = Palette::of(&dark());
    let mut pane = TermView::new(Size { columns: COLUMNS, rows: ROWS }, 0, palette);
    pane.fold(&Event { at: Elapsed::ZERO, what: What::Output(text.clone().into()) });
    let mut other = other();
    other.feed(text.as_str());
    assert_eq!(trimmed(&pane.text()), shown(&other), "{text:?}");
});
