//! Code signatures: one that nobody has signed (ad hoc), as a linker writes it, and a look at the one that is there.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::super::bytes::word_be;
use super::header::{Header, Signature};
use super::round_up;

/// Bytes of a page that has a hash of its own.
const PAGE: usize = 4096;
/// What the signature calls the program.
const NAME: &[u8] = b"greenroom\0";
/// A signature with its parts.
const SUPER_BLOB: u32 = 0xfade_0cc0;
/// The part with the hashes of pages.
const CODE_DIRECTORY: u32 = 0xfade_0c02;
/// The part that a person's or firm's certificate signs.
const CERTIFIED: u32 = 0xfade_0b01;
/// What a program is allowed, as text and as DER.
const ENTITLEMENTS: [u32; 2] = [0xfade_7171, 0xfade_7172];
/// Bytes of a code directory before its name, in its version 0x20400.
const DIRECTORY: usize = 88;
/// Bytes of the frame around it.
const FRAME: usize = 20;
/// Most parts of a signature that are looked at.
const MAX_PARTS: u32 = 64;
/// Nobody has signed it, and a linker wrote it: what `codesign` replaces without being told to.
const AD_HOC_BY_LINKER: u32 = 0x2_0002;
/// Nobody has signed it.
const AD_HOC: u32 = 2;

/// Bytes of the signature of a file whose signed part ends at `code_end`.
pub(in super::super) fn length(code_end: u64) -> Option<u64> {
    let pages = code_end.div_ceil(PAGE as u64);
    let fixed = (FRAME + DIRECTORY + NAME.len()) as u64;
    round_up(pages.checked_mul(32)?.checked_add(fixed)?, 16)
}

/// Reads the signed part of a file from its beginning, and gives its signature.
///
/// # Errors
/// What the system says, and when `header` is of a file that cannot be signed.
pub(in super::super) fn code_directory(mut file: impl Read, header: &Header) -> io::Result<Vec<u8>> {
    let code_end = header.code_end();
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    let limit = u32::try_from(code_end).map_err(|_| too_large())?;
    let pages = u32::try_from(code_end.div_ceil(PAGE as u64)).map_err(|_| too_large())?;
    let whole = length(code_end).and_then(|length| usize::try_from(length).ok()).ok_or_else(too_large)?;
    let hashes = DIRECTORY + NAME.len();
    let used = u32::try_from(hashes).ok().zip(pages.checked_mul(32)).and_then(|(a, b)| a.checked_add(b));
    let used = used.ok_or_else(too_large)?;
    let frame = u32::try_from(FRAME).map_err(|_| too_large())?;
    let words: [u32; 21] = [
        // The frame: one part, of the kind 0, behind it.
        SUPER_BLOB,
        used.checked_add(frame).ok_or_else(too_large)?,
        1,
        0,
        frame,
        // The directory: version, flags, where hashes and name begin, no special hashes, how many of pages, what is signed.
        CODE_DIRECTORY,
        used,
        0x2_0400,
        AD_HOC_BY_LINKER,
        used - pages * 32,
        88,
        0,
        pages,
        limit,
        // 32 bytes of SHA-256 (2), no platform, pages of 2^12 bytes; then what this version leaves empty.
        u32::from_be_bytes([32, 2, 0, 12]),
        0,
        0,
        0,
        0,
        0,
        0,
    ];
    let mut signature: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    // The segment that runs, and that this is a program and no library.
    for number in [header.text.at, header.text.length, 1] {
        signature.extend(number.to_be_bytes());
    }
    signature.extend_from_slice(NAME);
    let mut page = Vec::with_capacity(PAGE);
    let mut left = code_end;
    while left > 0 {
        page.clear();
        let length = left.min(PAGE as u64);
        if file.by_ref().take(length).read_to_end(&mut page)? as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        signature.extend(Sha256::digest(&page));
        left -= length;
    }
    if signature.len() > whole {
        return Err(too_large());
    }
    signature.resize(whole, 0);
    Ok(signature)
}

/// Looks whether the signature of `file` is one that may be replaced: by nobody, and right.
///
/// # Errors
/// Why it may not.
pub(in super::super) fn refuse_foreign(file: &[u8], signature: Signature) -> Result<(), &'static str> {
    const CANNOT: &str = "its signature cannot be read";
    let parts = parts(file, signature).ok_or(CANNOT)?;
    let has = |kind: u32| parts.iter().any(|(found, blob)| *found == kind && blob.len() > 8);
    if has(CERTIFIED) {
        return Err(
            "it is signed by somebody, whose signature would be lost: take it as it was before it was \
                    signed, and sign the packed talk",
        );
    }
    if ENTITLEMENTS.into_iter().any(has) {
        return Err("its signature grants it entitlements, which would be lost: take it as it was before");
    }
    let mut directories = parts.iter().filter(|(kind, _)| *kind == CODE_DIRECTORY).peekable();
    if directories.peek().is_none() {
        return Err(CANNOT);
    }
    for (_, directory) in directories {
        if word_be(directory, 12).ok_or(CANNOT)? & AD_HOC == 0 {
            return Err("it is signed by somebody whose certificate is not there");
        }
        if !pages_are_right(file, signature, directory).ok_or(CANNOT)? {
            return Err("it is damaged: its signature is of other bytes. Get it again");
        }
    }
    Ok(())
}

/// The parts of a signature by kind; none when they lead out of it.
fn parts(file: &[u8], signature: Signature) -> Option<Vec<(u32, &[u8])>> {
    let at = usize::try_from(signature.at).ok()?;
    let whole = file.get(at..at.checked_add(usize::try_from(signature.length).ok()?)?)?;
    (word_be(whole, 0)? == SUPER_BLOB).then_some(())?;
    let whole = whole.get(..word_be(whole, 4)? as usize)?;
    let count = word_be(whole, 8).filter(|count| *count <= MAX_PARTS)? as usize;
    (0..count)
        .map(|index| {
            let blob = whole.get(word_be(whole, 16 + 8 * index)? as usize..)?;
            Some((word_be(blob, 0)?, blob.get(..word_be(blob, 4)? as usize)?))
        })
        .collect()
}

/// Whether each page has the hash that a directory says; those of another kind than SHA-256 are not looked at.
fn pages_are_right(file: &[u8], signature: Signature, directory: &[u8]) -> Option<bool> {
    let [size, kind, _, shift] = *directory.get(36..40)? else { return None };
    if kind != 2 {
        return Some(true);
    }
    let (hashes, count) = (word_be(directory, 16)? as usize, word_be(directory, 28)? as usize);
    let limit = word_be(directory, 32)? as usize;
    let page = match shift {
        0 => limit.max(1),
        12..=16 => 1 << shift,
        _ => return None,
    };
    if size != 32 || limit as u64 != signature.at || count != limit.div_ceil(page) {
        return Some(false);
    }
    let hashes = directory.get(hashes..hashes.checked_add(count.checked_mul(32)?)?)?;
    let pages = file.get(..limit)?.chunks(page);
    Some(pages.zip(hashes.chunks(32)).all(|(page, hash)| Sha256::digest(page).as_slice() == hash))
}
