//! Finding a packed deck, and reading from it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{
    DeckMarker, FOOTER, MAGIC, MAX_DECK, MAX_FILES, MAX_MANIFEST, Manifest, OLDEST, PackError, PackedFile,
    Place, VERSION, content, macho,
};
use crate::decks::built_in::BuiltIn;
use greenroom_base::files::{FileError, Files, normalize};
use greenroom_base::hex;
use greenroom_system::program;

/// Bytes that are read at a time, and of the program that have a sum of their own.
const PIECE: usize = 64 * 1024;

/// The deck that is packed into this program's file; none when there is none. Only its manifest is read:
/// [`check_this_program`] comes first.
///
/// # Errors
/// [`PackError`] when there is one that cannot be read.
pub fn this_program() -> Result<Option<Pack>, PackError> {
    let Some(place) = DeckMarker::of_this_program().payload() else { return Ok(None) };
    let (file, _) = program::open().map_err(PackError::NoProgram)?;
    Pack::open(file, place).map(Some)
}

/// Reads the whole file of this program, if a deck is packed into it, and compares it with its checksum.
///
/// # Errors
/// [`PackError`] when a single bit of it has changed. Nothing else must be done then.
pub fn check_this_program() -> Result<(), PackError> {
    this_program()?.map_or(Ok(()), |pack| pack.verify())
}

/// A packed deck. Its files are read when somebody asks for them.
#[derive(Debug)]
pub struct Pack {
    file: File,
    at: u64,
    footer: Footer,
    program: ProgramParts,
    manifest: Manifest,
    /// By name: where its frame begins, and which entry of the manifest it is.
    frames: BTreeMap<String, (u64, usize)>,
}

/// The end of a packed file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Footer {
    pub payload: u64,
    pub manifest: u32,
    pub version: u32,
    pub checksum: [u8; 32],
}

impl Footer {
    /// What the checksum covers besides the payload.
    pub(crate) fn head(self) -> [u8; 16] {
        let mut head = [0; 16];
        head[..8].copy_from_slice(&self.payload.to_le_bytes());
        head[8..12].copy_from_slice(&self.manifest.to_le_bytes());
        head[12..].copy_from_slice(&self.version.to_le_bytes());
        head
    }

    pub(crate) fn to_bytes(self) -> [u8; FOOTER] {
        let mut bytes = [0; FOOTER];
        bytes[..16].copy_from_slice(&self.head());
        bytes[16..48].copy_from_slice(&self.checksum);
        bytes[48..].copy_from_slice(MAGIC);
        bytes
    }

    fn from_bytes(bytes: &[u8; FOOTER]) -> Option<Self> {
        let word = |at: usize| bytes.get(at..at + 4).and_then(|part| part.try_into().ok());
        let long = bytes[..8].try_into().ok()?;
        (bytes[48..] == *MAGIC).then_some(())?;
        Some(Self {
            payload: u64::from_le_bytes(long),
            manifest: u32::from_le_bytes(word(8)?),
            version: u32::from_le_bytes(word(12)?),
            checksum: bytes[16..48].try_into().ok()?,
        })
    }
}

impl Pack {
    /// The deck in `file`, whose payload is at `place`.
    ///
    /// # Errors
    /// When the footer or the manifest are not as they were written. The payload itself is not looked at.
    pub fn open(file: File, place: Place) -> Result<Self, PackError> {
        let length = file.metadata().map_err(PackError::NoProgram)?.len();
        let (at, inside) = (place.at, place.length.checked_sub(FOOTER as u64));
        let inside = inside.ok_or(PackError::Damaged("its mark is another"))?;
        if place.at.checked_add(place.length).is_none_or(|end| end > length) {
            return Err(PackError::Truncated);
        }
        let mut bytes = [0; FOOTER];
        file.read_exact_at(&mut bytes, at + inside).map_err(PackError::NoProgram)?;
        // What is cut off has no footer; neither has what was changed exactly there.
        let footer = Footer::from_bytes(&bytes).ok_or(PackError::Truncated)?;
        if footer.payload != inside {
            return Err(PackError::Damaged("its length is not what it should be"));
        }
        let size = footer.manifest;
        if size > MAX_MANIFEST || u64::from(size) > inside {
            return Err(PackError::Damaged("its manifest does not fit"));
        }
        let program = ProgramParts::of(&file, place, length)?;
        let mut text = vec![0; size as usize];
        file.read_exact_at(&mut text, at + inside - u64::from(size)).map_err(PackError::NoProgram)?;
        if !(OLDEST..=VERSION).contains(&footer.version) {
            let (manifest, frames) = (Manifest::default(), BTreeMap::new());
            Self { file, at, footer, program, manifest, frames }.verify()?;
            return Err(PackError::Version(footer.version));
        }
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|_| PackError::Damaged("its manifest cannot be read"))?;
        let frames = frames(&manifest, inside - u64::from(size))?;
        Ok(Self { file, at, footer, program, manifest, frames })
    }

    /// Compares the whole file, the program included, with its checksum.
    ///
    /// # Errors
    /// [`PackError::Damaged`] when they differ.
    pub fn verify(&self) -> Result<(), PackError> {
        let mut hash = Sha256::new();
        // The program's sums came first in format 3.
        if self.footer.version == 3 {
            self.sum_program(&mut hash)?;
        }
        self.each_piece(self.at, self.footer.payload, &mut |piece| hash.update(piece))?;
        if self.footer.version > 3 {
            self.sum_program(&mut hash)?;
        }
        hash.update(self.footer.head());
        if hash.finalize().as_slice() == self.footer.checksum {
            Ok(())
        } else {
            Err(PackError::Damaged("its checksum is another"))
        }
    }

    /// Puts the sums of the program around the payload into the checksum.
    fn sum_program(&self, hash: &mut Sha256) -> Result<(), PackError> {
        let mut sums = ProgramSums::new(hash);
        let head = &self.program.head;
        sums.add(head);
        let read = head.len() as u64;
        self.each_piece(read, self.at.saturating_sub(read), &mut |piece| sums.add(piece))?;
        let behind = self.at.saturating_add(self.footer.payload).saturating_add(FOOTER as u64);
        self.each_piece(behind, self.program.end.saturating_sub(behind), &mut |piece| sums.add(piece))?;
        sums.finish();
        Ok(())
    }

    /// Reads `length` bytes from `at` on.
    fn each_piece(&self, at: u64, length: u64, take: &mut dyn FnMut(&[u8])) -> Result<(), PackError> {
        let mut piece = vec![0; PIECE];
        let mut done = 0;
        while done < length {
            let left = usize::try_from(length - done).unwrap_or(PIECE).min(PIECE);
            let part = &mut piece[..left];
            self.file.read_exact_at(part, at + done).map_err(PackError::NoProgram)?;
            take(part);
            done += left as u64;
        }
        Ok(())
    }

    /// The SHA-256 of the names and contents of its files, which is worked out, and compared with what the manifest
    /// claims.
    ///
    /// # Errors
    /// [`PackError::Damaged`] when that is another, and when a file cannot be read.
    pub fn content(&self) -> Result<String, PackError> {
        let content =
            content::content(self).map_err(|_| PackError::Damaged("a file of it cannot be read"))?;
        if content == self.manifest.content {
            Ok(content)
        } else {
            Err(PackError::Damaged("its files are not those that its manifest tells of"))
        }
    }

    /// What it says about itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The checksum of the whole file. Unlike what the manifest says, it has been compared with what is there.
    #[must_use]
    pub fn checksum(&self) -> String {
        hex::encode(self.footer.checksum)
    }

    fn find(&self, path: &str) -> Result<(u64, &PackedFile), FileError> {
        let path = normalize(path).ok_or(FileError::Outside)?;
        let (at, index) = self.frames.get(&path).ok_or(FileError::Missing)?;
        self.manifest.files.get(*index).map(|entry| (*at, entry)).ok_or(FileError::Missing)
    }

    /// The first `count` bytes of a file.
    fn unpack(&self, at: u64, entry: &PackedFile, count: u64) -> Result<Bytes, FileError> {
        let damaged =
            |error: io::Error| FileError::Unreadable(format!("the packed talk is damaged: {error}"));
        let frame = Frame { file: &self.file, at: self.at + at, left: entry.packed };
        let decoder = zstd::stream::read::Decoder::new(frame).map_err(damaged)?;
        let mut contents = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        // One byte more than there should be, so that the frame's end is seen, and its own checksum.
        let whole = count == entry.size;
        decoder.take(count + u64::from(whole)).read_to_end(&mut contents).map_err(damaged)?;
        if contents.len() as u64 != count {
            return Err(damaged(io::ErrorKind::InvalidData.into()));
        }
        Ok(contents.into())
    }
}

/// The sums of a program that goes by in pieces of any length.
pub(super) struct ProgramSums<'a> {
    hash: &'a mut Sha256,
    sum: crc32fast::Hasher,
    /// Bytes that are in the sum.
    filled: usize,
}

impl<'a> ProgramSums<'a> {
    /// They go into `hash`.
    pub(super) fn new(hash: &'a mut Sha256) -> Self {
        Self { hash, sum: crc32fast::Hasher::new(), filled: 0 }
    }

    /// The next bytes.
    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.filled));
            self.sum.update(now);
            self.filled += now.len();
            bytes = later;
            if self.filled == PIECE {
                self.end_of_piece();
            }
        }
    }

    /// The program has ended.
    pub(super) fn finish(mut self) {
        if self.filled > 0 {
            self.end_of_piece();
        }
    }

    fn end_of_piece(&mut self) {
        let sum = std::mem::replace(&mut self.sum, crc32fast::Hasher::new());
        self.hash.update(sum.finalize().to_le_bytes());
        self.filled = 0;
    }
}

/// What of a packed file belongs to its program.
#[derive(Debug)]
struct ProgramParts {
    /// Its beginning as it counts: of a Mach-O file the header without what a signer changes, of others nothing.
    head: Vec<u8>,
    /// Where it ends: a signature behind it does not count.
    end: u64,
}

impl ProgramParts {
    /// Those of `file`, which has `length` bytes and a payload at `place`.
    fn of(file: &File, place: Place, length: u64) -> Result<Self, PackError> {
        let mut head = vec![0; usize::try_from(length).unwrap_or(PIECE).min(PIECE)];
        file.read_exact_at(&mut head, 0).map_err(PackError::NoProgram)?;
        if head.starts_with(&[0xca, 0xfe, 0xba, 0xbe]) {
            return Err(PackError::Damaged(
                "it was made a part of a universal file; lipo -thin takes it out",
            ));
        }
        if !head.starts_with(&macho::MAGIC) {
            return match place.at.checked_add(place.length) {
                Some(end) if end == length => Ok(Self { head: Vec::new(), end }),
                _ => Err(PackError::Damaged("something was appended to it")),
            };
        }
        let size = macho::Header::size(&head).filter(|size| *size as u64 <= place.at);
        head.resize(size.ok_or(PackError::Damaged("its header is another"))?, 0);
        file.read_exact_at(&mut head, 0).map_err(PackError::NoProgram)?;
        let header = macho::Header::read(&head, length).map_err(PackError::Damaged)?;
        if header.signature.is_none() {
            return Err(PackError::Damaged("its signature is gone"));
        }
        header.without_signer(&mut head);
        Ok(Self { head, end: header.code_end() })
    }
}

/// Where each frame begins; an error when the manifest is none that `pack` writes: names that lead elsewhere, that hide
/// or that cannot be kept side by side, and lengths that do not add up.
fn frames(manifest: &Manifest, room: u64) -> Result<BTreeMap<String, (u64, usize)>, PackError> {
    let does_not_fit = PackError::Damaged("its manifest does not fit");
    if manifest.files.len() > MAX_FILES {
        return Err(does_not_fit);
    }
    let (mut frames, mut lower, mut folders) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    let (mut at, mut total) = (0_u64, 0_u64);
    for (index, entry) in manifest.files.iter().enumerate() {
        let path = entry.path.as_str();
        if content::bad_name(path).is_some() || !lower.insert(path.to_lowercase()) {
            return Err(PackError::Damaged("it names a file that cannot be"));
        }
        folders.extend(path.match_indices('/').map(|(end, _)| &path[..end]));
        frames.insert(path.to_owned(), (at, index));
        if entry.built_in && (entry.packed > 0 || BuiltIn.size(path) != Some(entry.size)) {
            return Err(PackError::Damaged("it names a file that the built-in talk does not have"));
        }
        at = at.saturating_add(entry.packed);
        total = total.saturating_add(entry.size);
    }
    if folders.iter().any(|folder| frames.contains_key(*folder)) {
        return Err(PackError::Damaged("one of its names is a file and a folder"));
    }
    if at != room || total > MAX_DECK || !frames.contains_key(&manifest.entry) {
        return Err(does_not_fit);
    }
    Ok(frames)
}

/// A part of a file.
struct Frame<'a> {
    file: &'a File,
    at: u64,
    left: u64,
}

impl Read for Frame<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.file.read_at(&mut buffer[..most], self.at)?;
        self.at += count as u64;
        self.left -= count as u64;
        Ok(count)
    }
}

impl Files for Pack {
    fn read(&self, path: &str, limit: u64) -> Result<Bytes, FileError> {
        let (at, entry) = self.find(path)?;
        if entry.size > limit {
            return Err(FileError::TooLarge { size: entry.size, limit });
        }
        if entry.built_in {
            return BuiltIn.read(path, limit);
        }
        self.unpack(at, entry, entry.size)
    }

    fn head(&self, path: &str, count: usize) -> Result<Bytes, FileError> {
        let (at, entry) = self.find(path)?;
        if entry.built_in {
            return BuiltIn.head(path, count);
        }
        self.unpack(at, entry, entry.size.min(count as u64))
    }

    fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        let folder = normalize(path).ok_or(FileError::Outside)?;
        let below = format!("{folder}/");
        let inside = |name: &&String| folder.is_empty() || name.starts_with(&below);
        let found: Vec<String> = self.frames.keys().filter(inside).cloned().collect();
        if found.is_empty() && !folder.is_empty() { Err(FileError::Missing) } else { Ok(found) }
    }

    fn is_executable(&self, path: &str) -> bool {
        self.find(path).is_ok_and(|(_, entry)| entry.executable)
    }
}
