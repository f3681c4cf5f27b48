//! Packing into programs of other platforms. The Mach-O files are made here, and judged by `judge`.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::judge::{be32, commands, le32, le64, segments, verify_signature};
use super::{in_memory, mark, names, numbers, opened, pack_own};
use crate::decks::pack::program::Program;
use crate::decks::pack::write::pack_into;
use crate::decks::pack::*;
use greenroom_base::files::{Files, MemoryFiles};

const X86_64: u32 = 0x0100_0007;
const ARM64: u32 = 0x0100_000c;
/// The commands whose first word is an offset into `__LINKEDIT`.
const POINTING: [u32; 5] = [0x02, 0x26, 0x29, 0x8000_0033, 0x8000_0034];

/// How a Mach-O file is made.
#[derive(Clone, Copy)]
struct Made {
    processor: u32,
    /// Bytes that the linker left between the commands and the code.
    room: usize,
    signed: bool,
}

const USUAL: Made = Made { processor: ARM64, room: 400, signed: true };

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn longs(longs: &[u64]) -> Vec<u8> {
    longs.iter().flat_map(|long| long.to_le_bytes()).collect()
}

fn name16(name: &str) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.resize(16, 0);
    bytes
}

fn segment(name: &str, memory: (u64, u64), file: (u64, u64), section: Option<u32>) -> Vec<u8> {
    let count = u32::from(section.is_some());
    let mut command = words(&[0x19, 72 + 80 * count]);
    command.extend(name16(name));
    command.extend(longs(&[memory.0, memory.1, file.0, file.1]));
    command.extend(words(&[5, 5, count, 0]));
    if let Some(at) = section {
        command.extend([name16("__text"), name16(name), longs(&[memory.0 + u64::from(at), 64])].concat());
        command.extend(words(&[at, 0, 0, 0, 0, 0, 0, 0]));
    }
    command
}

/// A program of macOS with a mark; what its commands point at in `__LINKEDIT` is text that says so.
fn macho(made: Made) -> Vec<u8> {
    // Intel's pages are smaller, and linkers put segments there by them.
    let page = if made.processor == ARM64 { 0x4000_u64 } else { 0x1000 };
    let base = 0x1_0000_0000_u64;
    let link = 3 * page;
    let texts: Vec<String> = POINTING.iter().map(|kind| format!("<what {kind:#x} points at>")).collect();
    let linked = texts.concat();
    let unsigned = link + linked.len() as u64;
    let at = unsigned.next_multiple_of(16);
    let pages = at.div_ceil(4096);
    let signature = (20 + 88 + 10 + 32 * pages).next_multiple_of(16);
    let end = if made.signed { at + signature } else { unsigned };
    let mut place = u32::try_from(link).unwrap();
    let mut commands = vec![
        segment("__PAGEZERO", (0, base), (0, 0), None),
        Vec::new(),
        segment("__DATA", (base + 2 * page, page), (2 * page, page), None),
        segment("__LINKEDIT", (base + 3 * page, page), (link, end - link), None),
        words(&[0x1b, 24, 1, 2, 3, 4]),
    ];
    for (kind, text) in POINTING.iter().zip(&texts) {
        let size = u32::try_from(text.len()).unwrap();
        commands.push(match kind {
            0x02 => words(&[*kind, 24, place, 0, place, size]),
            _ => words(&[*kind, 16, place, size]),
        });
        place += size;
    }
    if made.signed {
        commands.push(words(&[0x1d, 16, u32::try_from(at).unwrap(), u32::try_from(signature).unwrap()]));
    }
    let size: usize = commands.iter().map(Vec::len).sum::<usize>() + 152;
    let first = u32::try_from(32 + size + made.room).unwrap();
    commands[1] = segment("__TEXT", (base, 2 * page), (0, 2 * page), Some(first));
    let count = u32::try_from(commands.len()).unwrap();
    let mut file = words(&[0xfeed_facf, made.processor, 0, 2, count, u32::try_from(size).unwrap(), 0x85, 0]);
    file.extend(commands.concat());
    file.resize(first as usize, 0);
    file.extend_from_slice(&[0x1f; 64]);
    let mut number = numbers(11);
    file.extend((0..5000).map(|_| u8::try_from(number(256)).unwrap()));
    file.extend_from_slice(mark().bytes());
    file.resize(usize::try_from(link).unwrap(), 0x55);
    file.extend_from_slice(linked.as_bytes());
    if made.signed {
        file.resize(usize::try_from(at).unwrap(), 0);
        sign(&mut file, usize::try_from(signature).unwrap());
    }
    file
}

/// Appends an ad-hoc signature of `length` bytes, as a linker does.
fn sign(file: &mut Vec<u8>, length: usize) {
    let pages: Vec<u8> = file.chunks(4096).flat_map(Sha256::digest).collect();
    let count = u32::try_from(pages.len() / 32).unwrap();
    let limit = u32::try_from(file.len()).unwrap();
    let size = 98 + 32 * count;
    let mut blob = vec![
        0xfade_0cc0,
        20 + size,
        1,
        0,
        20,
        0xfade_0c02,
        size,
        0x2_0400,
        0x2_0002,
        98,
        88,
        0,
        count,
        limit,
    ];
    blob.extend([0x2002_000c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x8000, 0, 1]);
    let mut signature: Vec<u8> = blob.iter().flat_map(|word: &u32| word.to_be_bytes()).collect();
    signature.extend_from_slice(b"made-here\0");
    signature.extend(pages);
    signature.resize(length, 0);
    file.extend(signature);
}

/// That a loader maps `packed` as it maps `program`, with one more segment, and that all else is where the commands say.
fn same_program(packed: &[u8], program: &[u8]) {
    verify_signature(packed).unwrap();
    let (after, before) = (segments(packed), segments(program));
    for (name, seen) in before.iter().filter(|(name, _)| *name != "__LINKEDIT") {
        assert_eq!(after[name], *seen, "{name}");
    }
    let (deck, link, old) = (after["__GREENROOM"], after["__LINKEDIT"], before["__LINKEDIT"]);
    assert_eq!((deck.0.0, deck.1.0), (old.0.0, old.1.0), "the deck is where __LINKEDIT was");
    assert_eq!((deck.0.1, deck.1.1), (link.0.0, link.1.0), "and that follows");
    let page = if le32(program, 4) == ARM64 { 0x4000 } else { 0x1000 };
    assert!([deck.0.0, deck.0.1, deck.1.0, deck.1.1].iter().all(|end| end % page == 0), "whole pages");
    assert_eq!(link.1.1, packed.len() as u64);
    assert!(link.0.1 - link.0.0 >= link.1.1 - link.1.0, "all of __LINKEDIT has memory");
    let order: Vec<_> = commands(packed).into_iter().filter(|(kind, _)| *kind == 0x19).collect();
    let last = &packed[order.last().unwrap().1 + 8..][..10];
    assert_eq!(last, b"__LINKEDIT");
    for (kind, at) in commands(packed) {
        if POINTING.contains(&kind) {
            let points_at = le32(packed, at + 8) as usize;
            let text = format!("<what {kind:#x} points at>");
            assert!(packed[points_at..].starts_with(text.as_bytes()), "{text}");
            if kind == 2 {
                assert_eq!(le32(packed, at + 8), le32(packed, at + 16));
            }
        }
    }
}

pub(super) fn mark_at(file: &[u8]) -> usize {
    memchr::memmem::find(file, mark().name()).unwrap()
}

pub(super) fn order<'a>(located: &'a crate::decks::Located, output: &'a Path) -> PackRequest<'a> {
    PackRequest { located, names: None, about: Manifest::default(), output, force: true, program: None }
}

/// A deck of some files of some lengths.
pub(super) fn random_deck(number: &mut impl FnMut(u64) -> u64) -> MemoryFiles {
    let mut files = MemoryFiles::new().with("talk.yaml", "title: T\n");
    for index in 0..number(5) {
        // Around whole pages, and far from them.
        let length = match number(4) {
            0 => number(3) * 4096 + number(3),
            1 => number(200_000),
            _ => number(3000),
        };
        let bytes: Vec<u8> = (0..length).map(|_| u8::try_from(number(256)).unwrap()).collect();
        files = files.with(&format!("f/{index}"), bytes);
    }
    files
}

#[test]
fn three_hundred_decks_make_valid_programs_of_macos() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("talk");
    let mut number = numbers(3);
    for round in 0..300 {
        let processor = if round % 2 == 0 { ARM64 } else { X86_64 };
        let room = 168 + usize::try_from(number(300)).unwrap();
        let program = macho(Made { processor, room, signed: round % 3 > 0 });
        let files = random_deck(&mut number);
        let located = in_memory(files.clone());
        pack_into(Program::checked(program.clone(), mark()).unwrap(), order(&located, &output)).unwrap();
        let packed = fs::read(&output).unwrap();
        same_program(&packed, &program);
        let pack = opened(&output, mark_at(&packed)).unwrap();
        assert_eq!(pack.list("").unwrap(), files.list("").unwrap());
        assert_eq!(content(&pack).unwrap(), content(&files).unwrap());
    }
}

#[test]
fn every_flipped_bit_of_a_program_of_macos_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("talk");
    let located =
        in_memory(MemoryFiles::new().with("talk.yaml", "title: T\n").with("a.md", "# A\n".repeat(50)));
    pack_own(&macho(USUAL), order(&located, &output)).unwrap();
    let whole = fs::read(&output).unwrap();
    let at = mark_at(&whole);
    let place = DeckMarker::read(&whole, at).unwrap().payload().unwrap();
    let noticed = |bit: usize| {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&output, &bytes).unwrap();
        (opened(&output, at).is_err(), bytes)
    };
    let (from, end) = (usize::try_from(place.at).unwrap(), usize::try_from(place.at + place.length).unwrap());
    for bit in from * 8..end * 8 {
        let (found, bytes) = noticed(bit);
        assert!(found, "bit {bit} of the payload");
        if bit % 41 == 0 {
            assert!(verify_signature(&bytes).is_err(), "bit {bit}: the signature holds");
        }
    }
    // The header but for what a signer changes, the mark, and some of all else up to the signature.
    let size = 32 + le32(&whole, 20) as usize;
    let of_signer: Vec<usize> = commands(&whole)
        .into_iter()
        .flat_map(|(kind, at)| match kind {
            0x1d => (at + 8..at + 16).collect::<Vec<_>>(),
            0x19 if whole[at + 8..].starts_with(b"__LINKEDIT") => {
                (at + 32..at + 40).chain(at + 48..at + 56).collect()
            }
            _ => Vec::new(),
        })
        .collect();
    let code_end = usize::try_from(segments(&whole)["__LINKEDIT"].1.0).unwrap();
    let mut number = numbers(9);
    let some: Vec<usize> = (0..4000).map(|_| usize::try_from(number(code_end as u64 * 8)).unwrap()).collect();
    for bit in (0..size * 8).chain((at + 25) * 8..(at + 97) * 8).chain(some) {
        let (found, _) = noticed(bit);
        assert!(found || of_signer.contains(&(bit / 8)), "bit {bit}");
    }
    for length in (0..whole.len()).rev().step_by(211) {
        fs::write(&output, &whole[..length]).unwrap();
        assert!(opened(&output, at).is_err(), "cut to {length}");
    }
    fs::write(&output, [&whole[..], b"x"].concat()).unwrap();
    assert!(opened(&output, at).is_err(), "one byte more");
}

#[test]
fn a_packed_talk_for_macos_may_be_signed_and_packs_itself_again() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let located = in_memory(MemoryFiles::new().with("talk.yaml", "title: T\n"));
    for made in [USUAL, Made { processor: X86_64, signed: false, ..USUAL }] {
        pack_own(&macho(made), order(&located, &first)).unwrap();
        let mut whole = fs::read(&first).unwrap();
        // Packed by a packed program, as `./talk pack` does.
        pack_own(&whole, order(&located, &second)).unwrap();
        assert!(whole == fs::read(&second).unwrap(), "not the same bytes");
        let other =
            in_memory(MemoryFiles::new().with("talk.yaml", "title: other\n").with("b", vec![7; 40_000]));
        pack_own(&whole, order(&other, &second)).unwrap();
        let again = fs::read(&second).unwrap();
        same_program(&again, &macho(made));
        assert_eq!(opened(&second, mark_at(&again)).unwrap().list("").unwrap(), ["b", "talk.yaml"]);
        // A signer writes a longer signature, and says so in the commands.
        let at = mark_at(&whole);
        let grown = 9000;
        for (kind, at) in commands(&whole) {
            if kind == 0x1d {
                let size = le32(&whole, at + 12) + grown;
                whole[at + 12..at + 16].copy_from_slice(&size.to_le_bytes());
            }
            if kind == 0x19 && whole[at + 8..].starts_with(b"__LINKEDIT") {
                for field in [32, 48] {
                    let size = le64(&whole, at + field) + u64::from(grown);
                    whole[at + field..at + field + 8].copy_from_slice(&size.to_le_bytes());
                }
            }
        }
        whole.resize(whole.len() + grown as usize, 0x33);
        fs::write(&first, &whole).unwrap();
        assert_eq!(opened(&first, at).unwrap().read("talk.yaml", 99).unwrap(), "title: T\n");
    }
}

/// As little of a program of Linux as is complete.
fn elf(machine: u16, mark: &DeckMarker) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend([3_u16, machine].into_iter().flat_map(u16::to_le_bytes));
    file.extend(words(&[1]));
    // One segment, which is the whole file; no sections.
    let length = (64 + 56 + 40 + DeckMarker::LENGTH) as u64;
    file.extend(longs(&[64, 64, 0]));
    file.extend(words(&[0]));
    file.extend([64_u16, 56, 1, 64, 0, 0].into_iter().flat_map(u16::to_le_bytes));
    file.extend(words(&[1, 5]));
    file.extend(longs(&[0, 0, 0, length, length, 0x1000]));
    file.extend([9; 40]);
    file.extend_from_slice(mark.bytes());
    assert_eq!(file.len() as u64, length);
    file
}

#[test]
fn programs_of_linux_take_a_deck_behind_their_end() {
    let folder = tempfile::tempdir().unwrap();
    let (program, output) = (folder.path().join("program"), folder.path().join("talk"));
    let located = in_memory(MemoryFiles::new().with("talk.yaml", "title: T\n"));
    for machine in [62, 183] {
        fs::write(&program, elf(machine, &mark())).unwrap();
        pack(PackRequest { program: Some(&program), ..order(&located, &output) }).unwrap();
        let packed = fs::read(&output).unwrap();
        assert_eq!(packed[..64], elf(machine, &mark())[..64]);
        assert_eq!(opened(&output, mark_at(&packed)).unwrap().list("").unwrap(), ["talk.yaml"]);
    }
}

#[test]
fn a_talk_and_another_version_are_refused_with_the_reason() {
    // As it was before format 4. Its name is not written here: it stands in a program once.
    let old = [mark().name(), b"unpacked\0\0\0\0\0\0\0\0"].concat();
    let packed = |file: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("talk");
        let located = in_memory(MemoryFiles::new().with("talk.yaml", "title: T\n"));
        pack_own(file, order(&located, &output)).unwrap();
        fs::read(&output).unwrap()
    };
    let linux = elf(62, &mark());
    are_refused([
        ("an old one", with_mark(linux.clone(), |mark| mark[..41].copy_from_slice(&old)), "older Greenroom"),
        (
            "an old talk",
            with_mark(linux.clone(), |mark| {
                mark[..41].copy_from_slice(&old);
                mark[25..33].copy_from_slice(b"packed->");
            }),
            "packed into it already",
        ),
        ("a talk", packed(&linux), "packed into it already"),
        ("a talk for macOS", packed(&macho(USUAL)), "packed into it already"),
        (
            "another version",
            with_mark(linux, |mark| mark[81..86].copy_from_slice(b"9.8.7")),
            "Greenroom 9.8.7",
        ),
    ]);
}

/// None of these, named for people, takes a deck, for the reason that holds these words.
fn are_refused<const N: usize>(cases: [(&str, Vec<u8>, &str); N]) {
    for (what, file, reason) in cases {
        let said = refused(&file);
        assert!(said.contains(reason), "{what}: {said}");
    }
}

/// Why `file` takes no deck.
fn refused(file: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (program, output) = (folder.path().join("program"), folder.path().join("talk"));
    fs::write(&program, file).unwrap();
    let located = in_memory(MemoryFiles::new().with("talk.yaml", "title: T\n"));
    let error = pack(PackRequest { program: Some(&program), ..order(&located, &output) }).unwrap_err();
    assert_eq!(names(folder.path()), ["program"], "nothing is left");
    error.to_string()
}

/// `file` with its mark as `change` leaves it.
fn with_mark(mut file: Vec<u8>, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let at = mark_at(&file);
    change(&mut file[at..at + DeckMarker::LENGTH]);
    file
}

/// A Mach-O file whose signature has another part, of this kind.
fn signed_with(kind: u32) -> Vec<u8> {
    let mut file = macho(USUAL);
    let (_, at) = commands(&file).into_iter().find(|(kind, _)| *kind == 0x1d).unwrap();
    let (at, size) = (le32(&file, at + 8) as usize, le32(&file, at + 12));
    let old = file.split_off(at);
    // A directory of two parts needs eight bytes more, which are taken from the room at the end.
    let (directory, length) = (&old[20..20 + be32(&old, 24) as usize], be32(&old, 24));
    let blob = [0xfade_0cc0, 28 + length + 12, 2, 0, 28, 0x1_0000, 28 + length];
    let mut new: Vec<u8> = blob.iter().flat_map(|word: &u32| word.to_be_bytes()).collect();
    new.extend_from_slice(directory);
    new.extend([kind, 12, 0xabcd].iter().flat_map(|word: &u32| word.to_be_bytes()));
    let grown = u32::try_from(new.len()).unwrap().next_multiple_of(16).max(size);
    new.resize(grown as usize, 0);
    file.extend(new);
    // The directory has hashes of the header, so that its lengths are changed first and the pages hashed again.
    for (kind, at) in commands(&file) {
        if kind == 0x1d {
            file[at + 12..at + 16].copy_from_slice(&grown.to_le_bytes());
        }
        if kind == 0x19 && file[at + 8..].starts_with(b"__LINKEDIT") {
            let length = le64(&file, at + 48) + u64::from(grown - size);
            file[at + 48..at + 56].copy_from_slice(&length.to_le_bytes());
        }
    }
    let first = Sha256::digest(&file[..4096]);
    file[at + 28 + 98..at + 28 + 98 + 32].copy_from_slice(&first);
    file
}

#[test]
fn what_is_no_program_for_a_deck_is_refused_with_the_reason() {
    let linux = elf(62, &mark());
    let macos = macho(USUAL);
    let universal: Vec<u8> =
        [0xcafe_babe_u32, 2, 7, 3, 4096].iter().flat_map(|word| word.to_be_bytes()).collect();
    are_refused([
        ("nothing", Vec::new(), "unknown kind"),
        ("a script", b"#!/bin/sh\necho\n".to_vec(), "unknown kind"),
        ("Windows", b"MZ\x90\0".to_vec(), "Windows"),
        ("a class", b"\xca\xfe\xba\xbe\0\0\0\x3d".to_vec(), "unknown kind"),
        ("a universal file", universal, "lipo -thin arm64"),
        ("32 bits", b"\xce\xfa\xed\xfe0123456789".to_vec(), "32 bits"),
        ("another processor", elf(243, &mark()), "another processor"),
        ("another program", with_mark(linux.clone(), |mark| mark.fill(1)), "no Greenroom"),
        (
            "another of macOS",
            with_mark(macho(Made { signed: false, ..USUAL }), |mark| mark.fill(1)),
            "no Greenroom",
        ),
        ("two", [linux.clone(), linux.clone()].concat(), "more than one"),
        ("a strange version", with_mark(linux.clone(), |mark| mark[81] = 7), "mark is damaged"),
        ("a strange state", with_mark(linux.clone(), |mark| mark[25] = 7), "mark is damaged"),
        (
            "a changed byte",
            {
                let mut file = macos.clone();
                file[30_000] ^= 1;
                file
            },
            "damaged",
        ),
        ("appended", [&macos[..], b"x"].concat(), "appended"),
        ("signed by somebody", signed_with(0xfade_0b01), "signed by somebody"),
        ("with entitlements", signed_with(0xfade_7171), "entitlements"),
        ("no room", macho(Made { room: 151, ..USUAL }), "-headerpad"),
        ("no room for a signature", macho(Made { room: 167, signed: false, ..USUAL }), "-headerpad"),
    ]);
    verify_signature(&macos).unwrap();
    for file in [linux, macos] {
        for length in (64..file.len()).step_by(97).chain([file.len() - 1]) {
            let said = refused(&file[..length]);
            assert!(said.contains("not complete"), "cut to {length}: {said}");
        }
        for length in 0..64 {
            refused(&file[..length]);
        }
    }
    let located = in_memory(MemoryFiles::new().with("talk.yaml", "title: T\n"));
    let folder = tempfile::tempdir().unwrap();
    for (program, reason) in
        [(folder.path().join("none"), "cannot be read"), (folder.path().to_owned(), "not a file")]
    {
        let order = PackRequest { program: Some(&program), ..order(&located, Path::new("/nowhere/talk")) };
        let said = pack(order).unwrap_err().to_string();
        assert!(said.contains(reason), "{said}");
    }
}

#[test]
fn a_program_with_another_talk_is_refused_when_it_would_miss_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (program, output) = (folder.path().join("program"), folder.path().join("talk"));
    let same = crate::decks::built_in::BuiltIn.read("talk.yaml", u64::MAX).unwrap();
    let builtin = in_memory(MemoryFiles::new().with("talk.yaml", same));
    let own = in_memory(MemoryFiles::new().with("talk.yaml", "title: mine\n"));
    for file in [elf(62, &mark()), macho(Made { signed: false, ..USUAL })] {
        fs::write(&program, with_mark(file.clone(), |mark| mark[DeckMarker::TALK] ^= 1)).unwrap();
        let request = |located| PackRequest { program: Some(&program), ..order(located, &output) };
        let said = pack(request(&builtin)).unwrap_err().to_string();
        assert!(said.contains("another talk") && said.contains("talk.yaml"), "{said}");
        assert_eq!(names(folder.path()), ["program"]);
        // A deck of which nothing is left out is the same everywhere.
        pack(request(&own)).unwrap();
        fs::remove_file(&output).unwrap();
        fs::write(&program, file).unwrap();
        pack(request(&builtin)).unwrap();
        fs::remove_file(&output).unwrap();
    }
}

#[test]
fn no_program_of_a_stranger_makes_it_panic() {
    let mut number = numbers(21);
    let usual = [elf(62, &mark()), macho(USUAL), signed_with(0xfade_0b01)];
    for round in 0..6000 {
        let mut file = usual[round % 3].clone();
        for _ in 0..=number(6) {
            // Mostly where the numbers stand: in headers, and at the end.
            let reach = if number(4) == 0 { file.len() as u64 } else { 900.min(file.len() as u64) };
            let from = if number(3) == 0 { file.len() as u64 - reach } else { 0 };
            let at = usize::try_from(from + number(reach)).unwrap();
            file[at] = match number(3) {
                0 => 0xff,
                1 => 0,
                _ => u8::try_from(number(256)).unwrap(),
            };
        }
        if let Ok(program) = Program::checked(file.clone(), mark()) {
            let _ = program.around(12_345);
        }
        if let Ok(program) = Program::own(file, mark()) {
            let _ = program.around(12_345);
        }
    }
}
