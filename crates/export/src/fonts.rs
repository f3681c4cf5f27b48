//! The fonts of the exports: they come with the program, so that an export looks the same wherever it is made.

/// Letters, symbols, box drawing and blocks of one width.
#[must_use]
pub(crate) fn regular() -> Vec<u8> {
    unpacked(include_bytes!("../assets/fonts/DejaVuSansMono.ttf.zst"))
}

/// The same, heavier.
#[must_use]
pub(crate) fn bold() -> Vec<u8> {
    unpacked(include_bytes!("../assets/fonts/DejaVuSansMono-Bold.ttf.zst"))
}

/// Symbols and Braille that the others lack.
#[must_use]
pub(crate) fn symbols() -> Vec<u8> {
    unpacked(include_bytes!("../assets/fonts/DejaVuSans.ttf.zst"))
}

/// Emoji in outlines.
#[must_use]
pub(crate) fn emoji() -> Vec<u8> {
    unpacked(include_bytes!("../assets/fonts/NotoEmoji.ttf.zst"))
}

/// They are half as large in the executable, and few exports need all of them. What cannot be unpacked is an empty
/// font, which a test would notice.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::decode_all(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_font_has_what_it_is_there_for() {
        use skrifa::MetadataProvider;
        let has = |font: &[u8], c: char| skrifa::FontRef::new(font).unwrap().charmap().map(c).is_some();
        for font in [regular(), bold()] {
            assert!("aÄж→─╭█▀▌".chars().all(|c| has(&font, c)));
        }
        assert!("⠿ℹᵃ".chars().all(|c| has(&symbols(), c)));
        assert!("🎉🚀😀".chars().all(|c| has(&emoji(), c)));
    }
}
