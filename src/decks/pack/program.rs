//! The program that a deck is packed into: this one, or one that was built for other machines.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::bytes::word_be;
use super::mark::{Place, State};
use super::{DeckMarker, PackError, elf, macho};
use greenroom_base::plain::Quoted;

/// Most bytes of a program's file: one with everything that helps to find mistakes has less than half of that.
const MAX_PROGRAM: u64 = 1024 * 1024 * 1024;

/// A program's file, and what is known of it.
#[derive(Debug)]
pub(super) struct Program {
    bytes: Vec<u8>,
    /// Where its mark is.
    mark: usize,
    kind: Kind,
    /// Whether the talk that is built into it is this program's.
    pub(crate) same_talk: bool,
}

/// What kind of file it is.
#[derive(Debug)]
enum Kind {
    /// A payload is appended.
    Elf,
    /// A payload is a segment.
    MachO(Box<macho::Header>),
}

impl Program {
    /// This program's own file, or another one that holds `mark`; without a payload that it has already.
    ///
    /// # Errors
    /// [`PackError::Kind`] and others, when it cannot hold a deck.
    pub(crate) fn own(bytes: Vec<u8>, mark: DeckMarker) -> Result<Self, PackError> {
        let own = |reason: &str| PackError::Kind(reason.to_owned());
        let macho = is_macho(&bytes).map_err(own)?;
        let bytes = if macho {
            let header = macho::Header::read(&bytes, bytes.len() as u64).map_err(own)?;
            macho::without_payload(&bytes, &header).map_err(own)?
        } else {
            let end = mark.payload().and_then(|place| usize::try_from(place.at).ok());
            let mut bytes = bytes;
            bytes.truncate(end.unwrap_or(usize::MAX));
            bytes
        };
        let found: Vec<usize> = memchr::memmem::find_iter(&bytes, mark.name()).collect();
        let &[at] = &found[..] else { return Err(PackError::NoMark(found.len())) };
        DeckMarker::read(&bytes, at).ok_or(PackError::NoMark(0))?;
        let kind = if macho {
            Kind::MachO(Box::new(macho::Header::read(&bytes, bytes.len() as u64).map_err(own)?))
        } else {
            Kind::Elf
        };
        Ok(Self { bytes, mark: at, kind, same_talk: true })
    }

    /// Somebody's Greenroom, by the name of its file.
    ///
    /// # Errors
    /// [`PackError::Program`] with the reason why no deck is put into it.
    pub(crate) fn of_others(path: &Path) -> Result<Self, PackError> {
        let no = |reason: String| PackError::Program { path: path.to_owned(), reason };
        let unreadable = |error: io::Error| no(format!("it cannot be read: {error}"));
        // Whoever opens a pipe waits for it.
        let about = std::fs::metadata(path).map_err(unreadable)?;
        if !about.is_file() {
            return Err(no("it is not a file".to_owned()));
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        file.take(MAX_PROGRAM + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > MAX_PROGRAM {
            return Err(no("it is larger than any Greenroom (1 GB)".to_owned()));
        }
        Self::checked(bytes, DeckMarker::of_this_program()).map_err(no)
    }

    /// A file of somebody's that may be anything; `own` is this program's mark.
    pub(super) fn checked(bytes: Vec<u8>, own: DeckMarker) -> Result<Self, String> {
        let kind = if is_macho(&bytes)? {
            let header = macho::Header::read(&bytes, bytes.len() as u64)?;
            Kind::MachO(Box::new(header))
        } else {
            elf::check(&bytes)?;
            Kind::Elf
        };
        let found: Vec<usize> = memchr::memmem::find_iter(&bytes, own.name()).take(2).collect();
        let at = match found[..] {
            [] => return Err("it is no Greenroom".to_owned()),
            [at] => at,
            _ => return Err("it holds more than one Greenroom".to_owned()),
        };
        let mark = DeckMarker::read(&bytes, at).ok_or("its mark is cut off")?;
        fits(mark)?;
        if let Kind::MachO(header) = &kind {
            if header.deck.is_some() {
                return Err(PACKED.to_owned());
            }
            if let Some(signature) = header.signature {
                macho::refuse_foreign(&bytes, signature)?;
            }
        }
        Ok(Self { bytes, mark: at, kind, same_talk: mark.talk() == own.talk() })
    }

    /// Where its payload will begin.
    pub(crate) fn payload_at(&self) -> u64 {
        match &self.kind {
            Kind::Elf => self.bytes.len() as u64,
            Kind::MachO(header) => header.linkedit.at,
        }
    }

    /// Whether it is one of macOS.
    pub(crate) fn is_macho(&self) -> bool {
        matches!(self.kind, Kind::MachO(_))
    }

    /// The program around a payload of `length` bytes, footer included.
    ///
    /// # Errors
    /// Why there is no place for it.
    pub(crate) fn around(mut self, length: u64) -> Result<macho::Around, PackError> {
        let place = Place { at: self.payload_at(), length };
        let mark = DeckMarker::read(&self.bytes, self.mark).ok_or(PackError::NoMark(0))?;
        super::bytes::put(&mut self.bytes, self.mark, mark.packed(place).bytes())
            .ok_or(PackError::NoMark(0))?;
        match &self.kind {
            Kind::Elf => Ok(macho::Around { before: self.bytes, after: Vec::new() }),
            Kind::MachO(header) => macho::around(&self.bytes, header, length)
                .map_err(|reason| PackError::Kind(reason.to_owned())),
        }
    }
}

/// What is said of a program that holds a talk.
const PACKED: &str = "a talk is packed into it already: take the program as it was released";

/// Whether a mark is one of a program like this one, which waits for a deck.
fn fits(mark: DeckMarker) -> Result<(), String> {
    let this = env!("CARGO_PKG_VERSION");
    match mark.state() {
        State::Old { packed: true } | State::Packed => return Err(PACKED.to_owned()),
        State::Old { packed: false } => {
            return Err(format!("it is an older Greenroom than this one: take version {this} of it"));
        }
        State::Unknown => return Err("its mark is damaged: get it again".to_owned()),
        State::Vacant => {}
    }
    match mark.version() {
        Some(version) if version == this => Ok(()),
        Some(version) => {
            Err(format!("it is Greenroom {}, and this is {this}: take the same version", Quoted(version)))
        }
        None => Err("its mark is damaged: get it again".to_owned()),
    }
}

/// Whether a file is Mach-O; if not, it is ELF.
fn is_macho(bytes: &[u8]) -> Result<bool, &'static str> {
    match bytes.get(..4) {
        Some(b"\x7fELF") => Ok(false),
        Some(start) if start == macho::MAGIC => Ok(true),
        Some(start) if start.starts_with(b"MZ") => Err("it is for Windows (PE), which packs no talks"),
        Some([0xfe, 0xed, 0xfa, _] | [0xce, 0xfa, 0xed, 0xfe]) => {
            Err("it is a Mach-O file for a processor of 32 bits, or a big-endian one")
        }
        // Classes of Java begin like this as well, and go on with a number that no universal file has.
        Some([0xca, 0xfe, 0xba, 0xbe | 0xbf]) if word_be(bytes, 4).is_some_and(|count| count < 0x20) => {
            Err("it is a universal Mach-O, for several processors: take one of its programs, by \
             `lipo -thin arm64 FILE -output NEW` or `lipo -thin x86_64 FILE -output NEW`")
        }
        _ => Err("it is of an unknown kind, neither ELF nor Mach-O"),
    }
}
