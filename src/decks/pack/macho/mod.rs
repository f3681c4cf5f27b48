//! Executables of macOS: a payload is a segment of its own, in front of `__LINKEDIT`, and the whole file is signed again, ad hoc.
//!
//! Data behind the end would leave the linker's signature valid for the kernel, but `codesign` would neither check nor sign such a
//! file, and the changed mark breaks a page's hash, for which arm64 ends the program.

mod header;
mod segment;
mod signature;

pub(super) use header::Header;
pub(super) use segment::{Around, around, without_payload};
pub(super) use signature::{code_directory, length as signature_length, refuse_foreign};

/// What every 64-bit little-endian Mach-O file begins with.
pub(super) const MAGIC: [u8; 4] = [0xcf, 0xfa, 0xed, 0xfe];
/// Bytes in front of the load commands.
const HEAD: usize = 32;
/// The segment that holds a payload.
const SEGMENT: &[u8; 16] = b"__GREENROOM\0\0\0\0\0";
/// Its section.
const SECTION: &[u8; 16] = b"__deck\0\0\0\0\0\0\0\0\0\0";
/// Pages of memory on arm64; those of `x86_64` are a quarter of it.
const PAGE: u64 = 16 * 1024;
/// Bytes of the command for a segment with one section.
const SEGMENT_COMMAND: usize = 152;
/// Bytes of a command that says where something of `__LINKEDIT` is.
const DATA_COMMAND: usize = 16;
/// The command that says where the signature is.
const CODE_SIGNATURE: u32 = 0x1d;
/// The command of a segment.
const SEGMENT_64: u32 = 0x19;

/// `length` up to the next multiple of `to`.
fn round_up(length: u64, to: u64) -> Option<u64> {
    length.checked_next_multiple_of(to)
}
