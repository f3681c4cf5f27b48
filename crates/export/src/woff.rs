//! Fonts for pages, packed: WOFF 1.0 is the font's own tables, each deflated.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// The font that has what the others lack: see `live::BLOCKS`.
pub(crate) const BLOCKS: &[u8] = include_bytes!("../assets/player/blocks.ttf");

/// Bytes of the header of a WOFF, and of an entry in its directory; of those of a font.
const HEADER: usize = 44;
const ENTRY: usize = 20;
const FONT_HEADER: usize = 12;
const FONT_ENTRY: usize = 16;

/// `font` as a WOFF; the font itself when it is not one with a directory of tables.
pub(crate) fn woff(font: &[u8]) -> Vec<u8> {
    packed(font).unwrap_or_else(|| font.to_vec())
}

/// A table of a font.
struct Packed {
    tag: [u8; 4],
    checksum: [u8; 4],
    length: u32,
    data: Vec<u8>,
}

fn packed(font: &[u8]) -> Option<Vec<u8>> {
    let flavor: [u8; 4] = font.get(..4)?.try_into().ok()?;
    let count = u16::from_be_bytes(font.get(4..6)?.try_into().ok()?);
    let mut tables = Vec::new();
    for entry in font.get(FONT_HEADER..)?.chunks_exact(FONT_ENTRY).take(count.into()) {
        let word = |at: usize| entry.get(at..at + 4)?.try_into().ok();
        let number = |at: usize| word(at).map(u32::from_be_bytes);
        let (start, length) = (usize::try_from(number(8)?).ok()?, number(12)?);
        let data = font.get(start..start.checked_add(usize::try_from(length).ok()?)?)?;
        tables.push(Packed { tag: word(0)?, checksum: word(4)?, length, data: deflated(data) });
    }
    if tables.len() != usize::from(count) {
        return None;
    }
    let start = HEADER + ENTRY * tables.len();
    let mut directory = Vec::new();
    let mut body = Vec::new();
    let mut whole = FONT_HEADER + FONT_ENTRY * tables.len();
    for table in &tables {
        directory.extend(table.tag);
        for number in [start + body.len(), table.data.len()] {
            directory.extend(u32::try_from(number).ok()?.to_be_bytes());
        }
        directory.extend(table.length.to_be_bytes());
        directory.extend(table.checksum);
        body.extend(&table.data);
        body.resize(body.len().next_multiple_of(4), 0);
        whole += usize::try_from(table.length).ok()?.next_multiple_of(4);
    }
    let mut out = b"wOFF".to_vec();
    out.extend(flavor);
    out.extend(u32::try_from(start + body.len()).ok()?.to_be_bytes());
    out.extend(u16::try_from(tables.len()).ok()?.to_be_bytes());
    out.extend([0; 2]);
    out.extend(u32::try_from(whole).ok()?.to_be_bytes());
    // Version 1.0, and neither metadata nor private data.
    out.extend([0, 1, 0, 0]);
    out.resize(HEADER, 0);
    out.extend(directory);
    out.extend(body);
    Some(out)
}

/// As it is when that is shorter: the format tells by the lengths which it is.
fn deflated(data: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    // Memory is always written to.
    let _ = packed.write_all(data);
    packed.finish().ok().filter(|packed| packed.len() < data.len()).unwrap_or_else(|| data.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_font_is_half_as_large_and_rubbish_stays_what_it_is() {
        let font = greenroom_raster::unpacked(greenroom_raster::Face::Mono);
        let small = woff(&font);
        assert!(
            small.starts_with(b"wOFF") && small.len() < font.len() * 6 / 10,
            "{} of {}",
            small.len(),
            font.len()
        );
        assert_eq!(small[8..12], u32::try_from(small.len()).unwrap().to_be_bytes());
        for rubbish in [&b""[..], b"abc", &[0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 2, 3], &[0xff; 100]] {
            assert_eq!(woff(rubbish), rubbish);
        }
    }
}
