//! A talk is packed into a program of somebody's, ELF or Mach-O, with a mark of any format: it is refused, or what was written is found
//! again, whole, with every file as it was.
#![no_main]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use greenroom::decks::Located;
use greenroom::decks::pack::{DeckMarker, Manifest, Pack, PackRequest, Place, pack};
use greenroom_base::files::{Files, MemoryFiles};
use greenroom_fuzz::{Knobs, bounded};
use libfuzzer_sys::fuzz_target;

/// What stands for the mark of this very program in an input, which cannot know it.
const MARK: &[u8] = b"(mark)";
/// What every Mach-O file of 64 bits begins with, and what stands in an input between its header and its end: pages lie between them.
const MACHO: &[u8] = &[0xcf, 0xfa, 0xed, 0xfe];
const PAGES: &[u8] = b"(pages)";
/// Where those end: three of Intel's pages.
const LINKEDIT: usize = 0x3000;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let above = if memory.is_dir() { memory } else { std::env::temp_dir() };
    let folder = above.join(format!("greenroom-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder of its own");
    folder
});

fuzz_target!(|data: &[u8]| {
    let mut knobs = Knobs::of(data);
    let (bit, place) = (knobs.byte() % 8, usize::from(knobs.below(u16::MAX)));
    let bytes = program_of(knobs.bytes());
    let (program, output) = (FOLDER.join("program"), FOLDER.join("talk"));
    fs::write(&program, &bytes).expect("there is room");
    let files = MemoryFiles::new().with("talk.yaml", "title: T\n").with("a.md", "# A\n");
    let located = Located::without_folder(Arc::new(files.clone()), "talk.yaml");
    let request = PackRequest {
        located: &located,
        names: None,
        about: Manifest::default(),
        output: &output,
        force: true,
        program: Some(&program),
    };
    if bounded(|| pack(request)).is_err() {
        return;
    }
    let mut whole = fs::read(&output).expect("it was written");
    let pack = opened(&whole, &output).expect("it was written by us");
    for name in files.list("").expect("files") {
        assert_eq!(pack.read(&name, 1 << 20).ok(), files.read(&name, 1 << 20).ok());
    }
    // A bit that falls over is noticed; of a program of macOS what a signer may change is not looked at.
    let at = place % whole.len();
    whole[at] ^= 1 << bit;
    fs::write(&output, &whole).expect("there is room");
    let damaged = bounded(|| opened(&whole, &output));
    assert!(damaged.is_none() || whole.starts_with(MACHO), "byte {at}, bit {bit} of {}", whole.len());
});

/// The program that an input means.
fn program_of(input: &[u8]) -> Vec<u8> {
    let mark = DeckMarker::of_this_program();
    let mut bytes = input.to_vec();
    if let Some(at) = find(input, PAGES).filter(|_| input.starts_with(MACHO)) {
        bytes.truncate(at.min(LINKEDIT / 2));
        bytes.resize(LINKEDIT / 2, 0);
        bytes.extend_from_slice(mark.bytes());
        bytes.resize(LINKEDIT, 0x55);
        bytes.extend_from_slice(&input[at + PAGES.len()..]);
    }
    while let Some(at) = find(&bytes, MARK).filter(|_| bytes.len() < 1 << 20) {
        bytes.splice(at..at + MARK.len(), *mark.bytes());
    }
    bytes
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// The deck that the program would find in itself; none when it would not run.
fn opened(whole: &[u8], path: &Path) -> Option<Pack> {
    let at = find(whole, &DeckMarker::of_this_program().bytes()[..25])?;
    let number = |at: usize| Some(u64::from_le_bytes(whole.get(at..at + 8)?.try_into().ok()?));
    let place = Place { at: number(at + 33)?, length: number(at + 41)? };
    let pack = Pack::open(File::open(path).ok()?, place).ok()?;
    pack.verify().ok()?;
    Some(pack)
}
