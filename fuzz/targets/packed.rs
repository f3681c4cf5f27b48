//! The trailer of a packed talk: whatever it says, its files are read within bounds, and none has a name that leads elsewhere.
#![no_main]

use std::fs::File;
use std::io::Write;

use greenroom::decks::pack::{DeckMarker, FOOTER, Pack, Place};
use greenroom_base::files::{Files, normalize};
use greenroom_fuzz::{Knobs, bounded};
use libfuzzer_sys::fuzz_target;
use rustix::fs::{MemfdFlags, memfd_create};

/// Bytes of one file that are read.
const LIMIT: u64 = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let mut knobs = Knobs::of(data);
    let how = knobs.byte();
    let (file, place) = match how % 4 {
        // As it is, at any place.
        0 => {
            let (at, length) = (u64::from(knobs.below(600)), u64::from(knobs.below(u16::MAX)));
            (knobs.bytes().to_vec(), Place { at, length })
        }
        1 => {
            let at = u64::from(knobs.below(600));
            let bytes = knobs.bytes().to_vec();
            let length = (bytes.len() as u64).saturating_sub(at);
            (bytes, Place { at, length })
        }
        // A footer that fits what stands before it: the text up to the first NUL is the manifest.
        _ => with_footer(knobs, 2 + u32::from(how / 4) % 4),
    };
    let memory = memfd_create("packed", MemfdFlags::CLOEXEC).expect("a file in memory");
    let mut written = File::from(memory);
    written.write_all(&file).expect("there is room");
    let Ok(pack) = bounded(|| Pack::open(written, place)) else { return };
    let _ = bounded(|| pack.verify());
    let names = pack.list("").expect("it has a root");
    for name in names.iter().take(16) {
        assert_eq!(normalize(name).as_deref(), Some(&**name));
        let read = bounded(|| pack.read(name, LIMIT));
        if let Ok(read) = read {
            assert!(read.len() as u64 <= LIMIT);
            assert_eq!(pack.head(name, 7).ok().as_deref(), read.get(..7.min(read.len())));
        }
    }
    let _ = bounded(|| pack.content());
});

/// A program, the rest of the input as frames, its beginning as the manifest, and the footer.
fn with_footer(knobs: Knobs<'_>, version: u32) -> (Vec<u8>, Place) {
    let bytes = knobs.bytes();
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (manifest, frames) = bytes.split_at(end);
    let frames = frames.get(1..).unwrap_or_default();
    let mut file = [b"\x7fELF".as_slice(), DeckMarker::of_this_program().bytes()].concat();
    let at = file.len() as u64;
    file.extend_from_slice(frames);
    file.extend_from_slice(manifest);
    let payload = (frames.len() + manifest.len()) as u64;
    file.extend(payload.to_le_bytes());
    file.extend(u32::try_from(manifest.len()).unwrap_or(u32::MAX).to_le_bytes());
    file.extend(version.to_le_bytes());
    file.extend([0; 32]);
    file.extend(b"greenroom-packed");
    (file, Place { at, length: payload + FOOTER as u64 })
}
