//! A deck inside of the executable: `greenroom pack` writes it there, and the packed talk finds it again.
//!
//! A packed file is the program as it was built, and in it the *payload* (each file of the deck as one zstd frame, in the
//! order of their names, then the [`Manifest`] as JSON) with a *footer* of [`FOOTER`] bytes, all numbers little-endian. In an ELF
//! file they stand behind everything else, in a Mach-O file they are the segment `__GREENROOM` in front of `__LINKEDIT`, and the file
//! is signed again (`macho`).
//!
//! | bytes | what |
//! |---|---|
//! | 8 | length of the payload |
//! | 4 | length of the manifest at its end |
//! | 4 | version of this format |
//! | 32 | the *checksum*: SHA-256 of the payload, the program's sums and the 16 bytes before this |
//! | 16 | `greenroom-packed` |
//!
//! The program's sums are the CRC-32 (as in zip) of each 64 KiB of what stands before the payload and then behind it, four bytes
//! each. So every bit of the file counts, and a start costs a third of what SHA-256 of the whole program would. The checksum
//! finds damage, and is no signature: whoever makes a file can make its checksum. Of a Mach-O file what a signer changes does not
//! count: the signature itself, where it is, and the size of `__LINKEDIT`, which are taken for zeros. So a packed talk may be signed
//! by whoever packed it. In format 3 the sums came first, in format 2 there were none.
//!
//! A file that the built-in talk has too, byte for byte, has no frame: it is read from there.
//!
//! The program itself holds a [`DeckMarker`] that says whether a payload follows and where: a file that has lost its end
//! knows that it had one. It tells as well which program it is and which talk it has built in,
//! so that a deck is packed into a program of another platform only where that one opens it.

mod bytes;
mod content;
mod elf;
mod macho;
mod mark;
mod program;
mod read;
mod trace;
mod write;

use std::io;
use std::path::PathBuf;

use greenroom_base::plain::Quoted;
use serde::{Deserialize, Serialize};

pub use content::{content, hides};
pub use mark::{DeckMarker, Place};
pub use read::{Pack, check_this_program, this_program};
pub use trace::Traced;
pub use write::{PackRequest, Packed, pack, survey, unpack};

/// Bytes of the footer.
pub const FOOTER: usize = 64;
/// The footer's end.
const MAGIC: &[u8; 16] = b"greenroom-packed";
/// The format that is written, and the newest that is read.
const VERSION: u32 = 4;
/// The oldest that is read.
const OLDEST: u32 = 2;
/// The longest manifest that is read.
const MAX_MANIFEST: u32 = 16 * 1024 * 1024;
/// Most bytes of a deck that are packed: it is read into memory piece by piece, and sent around as one file.
pub const MAX_DECK: u64 = 256 * 1024 * 1024;
/// Most files of a deck that are packed.
pub const MAX_FILES: usize = 20_000;

/// What a packed talk says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// The talk's title.
    pub title: String,
    /// Who gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// At which event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// When, as its outline says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The version of greenroom that it was packed with, and that is inside.
    pub greenroom: String,
    /// The file to begin with.
    pub entry: String,
    /// SHA-256 of names and contents: the same for the same deck. It is a claim until [`Pack::content`] has compared it.
    pub content: String,
    /// Its files, in the order of their names, which is the order of their frames.
    pub files: Vec<PackedFile>,
}

/// A file of a packed deck.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PackedFile {
    /// Relative to the deck folder, with `/` between parts.
    pub path: String,
    /// Its length.
    pub size: u64,
    /// The length of its frame.
    pub packed: u64,
    /// Whether it may be run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub executable: bool,
    /// It has no frame: the talk that is built into the program has the same file.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub built_in: bool,
}

/// Why a deck cannot be packed, unpacked or found again.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The program's own file.
    #[error("this program's own file cannot be read: {0}")]
    NoProgram(io::Error),
    /// The program, the payload or the footer is not as it was written.
    #[error(
        "this file is damaged ({0}): a talk was packed into it, and nothing of it is run. Get the file again, or \
         pack the deck again"
    )]
    Damaged(&'static str),
    /// Something is missing at its end.
    #[error(
        "this file is not complete: the talk that was packed into it is cut off (a broken download, a full disk, or \
         strip). Get the file again, or pack the deck again"
    )]
    Truncated,
    /// A format of the future, or of long ago.
    #[error("this talk was packed by another greenroom (format {0})")]
    Version(u32),
    /// A program that no payload can be put into.
    #[error(
        "this program cannot hold a deck: {0}. The deck folder itself, or greenroom export, can be handed around"
    )]
    Kind(String),
    /// A program of somebody's that no payload is put into.
    #[error("{} takes no deck: {reason}", Quoted(path.display()))]
    Program {
        /// Its file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// It has another talk built in, and some files of the deck would be read from there.
    #[error(
        "{} was built with another talk than this program, and so {file} of the deck, which this program has built in, \
         would be missing in it. Take one that was built from the same source, or change that file", Quoted(path.display())
    )]
    OtherTalk {
        /// The program's file.
        path: PathBuf,
        /// The first of the files.
        file: String,
    },
    /// The file system of the output keeps no permission to run.
    #[error(
        "{0} is where no file can be made executable (a stick or share for Windows, for one): pack to another folder, and \
         hand the file around in a .tar.gz, which keeps that"
    )]
    NotExecutable(PathBuf),
    /// A program that was built in another way.
    #[error("this program cannot hold a deck: its mark was found {0} times")]
    NoMark(usize),
    /// The output.
    #[error("{0} is there already; --force replaces it")]
    Exists(PathBuf),
    /// The folder to unpack to.
    #[error("{0} is there already; name a new folder")]
    FolderExists(PathBuf),
    /// Something cannot be written.
    #[error("{path} cannot be written: {error}")]
    Write {
        /// What.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file of the deck.
    #[error("{path} of the deck cannot be packed: {reason}")]
    File {
        /// Relative to the deck folder.
        path: String,
        /// Why, and what to do.
        reason: String,
    },
    /// Two names that are one on other systems.
    #[error("{0} and {1} differ in upper and lower case only: many systems cannot keep both. Rename one")]
    Collision(String, String),
    /// More than a file should hold.
    #[error(
        "the deck holds {size}, and at most {limit} can be packed. Its largest files are {largest}",
        size = megabytes(*size), limit = megabytes(MAX_DECK)
    )]
    TooLarge {
        /// Bytes, as far as they were counted.
        size: u64,
        /// Names and sizes.
        largest: String,
    },
    /// More files than a deck has.
    #[error("the deck has more than {MAX_FILES} files: is this the right folder?")]
    TooMany,
}

/// `12.3 MB`
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests;
