//! A reader of Mach-O files and of code signatures that shares nothing with the code that writes them.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

pub(super) fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

pub(super) fn le64(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// What a Mach-O file holds: by command, where it is.
pub(super) fn commands(file: &[u8]) -> Vec<(u32, usize)> {
    let (mut at, mut found) = (32, Vec::new());
    for _ in 0..le32(file, 16) {
        found.push((le32(file, at), at));
        at += le32(file, at + 4) as usize;
    }
    assert_eq!(at, 32 + le32(file, 20) as usize, "the commands end where the header says");
    found
}

/// A segment as a loader sees it: memory and file, each from and to.
pub(super) type Seen = ((u64, u64), (u64, u64));

pub(super) fn segments(file: &[u8]) -> BTreeMap<String, Seen> {
    let of = |at: usize| {
        let name =
            String::from_utf8(file[at + 8..at + 24].iter().copied().take_while(|byte| *byte > 0).collect());
        let [memory, memory_size, from, size] = [24, 32, 40, 48].map(|offset| le64(file, at + offset));
        (name.unwrap(), ((memory, memory + memory_size), (from, from + size)))
    };
    commands(file).into_iter().filter(|(kind, _)| *kind == 0x19).map(|(_, at)| of(at)).collect()
}

/// What the kernel and `codesign` look at: each page's hash, and that nothing lies behind the signature. Nothing here is taken from
/// the code that signs.
pub(super) fn verify_signature(file: &[u8]) -> Result<(), String> {
    let all = commands(file);
    let signatures: Vec<_> = all.iter().filter(|(kind, _)| *kind == 0x1d).collect();
    let [(_, at)] = signatures[..] else { return Err(format!("{} signatures", signatures.len())) };
    let (at, size) = (le32(file, at + 8) as usize, le32(file, at + 12) as usize);
    let blob = file.get(at..).filter(|rest| rest.len() == size).ok_or("it is not at the end")?;
    let directory = &blob[be32(blob, 16) as usize..];
    if (be32(blob, 0), be32(directory, 0)) != (0xfade_0cc0, 0xfade_0c02) || be32(blob, 4) as usize > size {
        return Err("no code directory".to_owned());
    }
    let (hashes, count, limit) =
        (be32(directory, 16) as usize, be32(directory, 28) as usize, be32(directory, 32));
    if limit as usize != at || count != at.div_ceil(4096) || at % 16 != 0 || be32(directory, 12) & 2 == 0 {
        return Err("it signs something else".to_owned());
    }
    for (_, at) in all.iter().filter(|(kind, _)| *kind == 0x19) {
        for section in (0..le32(file, at + 64) as usize).map(|index| at + 72 + 80 * index) {
            let (address, align) = (le64(file, section + 32), le32(file, section + 52));
            if !address.is_multiple_of(1 << align) || !le32(file, section + 48).is_multiple_of(1 << align) {
                return Err(format!("a section at {address:#x} is not at a multiple of 2^{align}"));
            }
        }
    }
    let (_, text) = segments(file)["__TEXT"];
    assert_eq!([be32(directory, 68), be32(directory, 76)].map(u64::from), [text.0, text.1], "what runs");
    for (index, page) in file[..at].chunks(4096).enumerate() {
        if Sha256::digest(page)[..] != directory[hashes + 32 * index..][..32] {
            return Err(format!("page {index}"));
        }
    }
    Ok(())
}
