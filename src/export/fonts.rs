//! The fonts of the exports: they come with the program, so that an export looks the same wherever it is made.

/// Letters, symbols, box drawing, blocks and Braille of one width.
#[must_use]
pub fn regular() -> &'static [u8] {
    include_bytes!("../../assets/fonts/DejaVuSansMono.ttf")
}

/// The same, heavier.
#[must_use]
pub fn bold() -> &'static [u8] {
    include_bytes!("../../assets/fonts/DejaVuSansMono-Bold.ttf")
}

/// Emoji in outlines.
#[must_use]
pub fn emoji() -> &'static [u8] {
    include_bytes!("../../assets/fonts/NotoEmoji.ttf")
}
