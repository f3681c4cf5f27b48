//! Executables of Linux: what they are for, and whether they are complete.

use super::bytes::{long, short, word};

/// What a reason says of a file that has lost its end.
pub(super) const CUT: &str = "it is not complete: get it again (a broken download, a full disk)";

/// Looks whether `file` is a complete program for a processor that Greenroom is built for.
///
/// # Errors
/// Why it is not.
pub(super) fn check(file: &[u8]) -> Result<(), &'static str> {
    if file.len() < 64 {
        return Err(CUT);
    }
    if file.get(4..6) != Some(&[2, 1]) {
        return Err("it is for a processor of 32 bits, or a big-endian one");
    }
    match short(file, 16) {
        Some(2 | 3) => {}
        _ => return Err("it is an ELF file, and no program"),
    }
    match short(file, 18) {
        Some(62 | 183) => {}
        _ => return Err("it is for another processor than x86_64 and aarch64"),
    }
    let end = end(file).ok_or("its headers cannot be read")?;
    if end > file.len() as u64 { Err(CUT) } else { Ok(()) }
}

/// Where the last of its tables, segments and sections ends; none when they lead nowhere.
fn end(file: &[u8]) -> Option<u64> {
    let table = |at: usize, entry: usize, count: usize| {
        let entries = u64::from(short(file, count)?);
        let size = u64::from(short(file, entry)?);
        Some((long(file, at)?, size, entries, long(file, at)?.checked_add(size.checked_mul(entries)?)?))
    };
    let (programs, program, count, mut end) = table(32, 54, 56)?;
    for index in 0..count {
        let Ok(at) = usize::try_from(programs + index * program) else { return None };
        // What lies behind the file's end is no header that can be asked.
        let Some(length) = long(file, at.checked_add(32)?) else { break };
        end = end.max(long(file, at + 8)?.checked_add(length)?);
    }
    let (sections, section, count, sections_end) = table(40, 58, 60)?;
    end = end.max(sections_end);
    for index in 0..count {
        let Ok(at) = usize::try_from(sections + index * section) else { return None };
        let Some(length) = long(file, at.checked_add(32)?) else { break };
        // A section without bytes in the file (SHT_NOBITS) has a length all the same.
        if word(file, at + 4)? != 8 {
            end = end.max(long(file, at + 24)?.checked_add(length)?);
        }
    }
    Some(end)
}
