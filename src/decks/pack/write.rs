//! Packing a deck, and unpacking it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::content::{bad_name, is_left_out, name_into};
use super::read::{Footer, program_into};
use super::{
    DeckMarker, MAX_DECK, MAX_FILES, MAX_MANIFEST, Manifest, Pack, PackError, PackedFile, VERSION, megabytes,
};
use crate::decks::built_in::BuiltIn;
use crate::decks::located::Located;
use greenroom_base::files::{FileError, Files};
use greenroom_base::hex;
use greenroom_system::disk::DiskFiles;
use greenroom_system::disk::new_file::{Existing, NewFile};
use greenroom_system::program;

/// Files up to this size are packed as small as possible; larger ones in a time that a person waits.
const SMALL: u64 = 1024 * 1024;
/// Bytes that are moved at a time.
const PIECE: usize = 64 * 1024;

/// What to pack.
pub struct PackRequest<'a> {
    /// The deck.
    pub located: &'a Located,
    /// The names of its files; all of its folder when nothing is said.
    pub names: Option<Vec<String>>,
    /// What is known of the talk: title, speaker, event, date. The rest is filled in.
    pub about: Manifest,
    /// The file to be written.
    pub output: &'a Path,
    /// Whether it may replace another.
    pub force: bool,
}

/// What was packed.
#[derive(Debug)]
pub struct Packed {
    /// What the packed talk says about itself.
    pub manifest: Manifest,
    /// The length of the file.
    pub bytes: u64,
    /// Something to know about it.
    pub note: Option<String>,
}

/// Writes this program with a deck inside to a new file, all of it or nothing.
///
/// # Errors
/// [`PackError`]; the output is as it was.
pub fn pack(order: PackRequest<'_>) -> Result<Packed, PackError> {
    let program = program_bytes()?;
    pack_into(&program, DeckMarker::of_this_program(), order)
}

/// Looks whether a whole folder can be packed at all, by the names and sizes of its files.
///
/// # Errors
/// [`PackError`], before anything has been read.
pub fn survey(folder: &Path, output: &Path) -> Result<(), PackError> {
    let (found, sizes) = on_disk(folder, None, output)?;
    fits(found, sizes).map(|_| ())
}

/// As [`pack`], with any program that holds `mark`.
pub(super) fn pack_into(
    program: &[u8],
    mark: DeckMarker,
    order: PackRequest<'_>,
) -> Result<Packed, PackError> {
    let output = order.output;
    let cannot = |error| PackError::Write { path: output.to_owned(), error };
    if fs::symlink_metadata(output).is_ok() && !order.force {
        return Err(PackError::Exists(output.to_owned()));
    }
    if output.is_dir() {
        return Err(cannot(io::ErrorKind::IsADirectory.into()));
    }
    let sources = sources(&order)?;
    let program = marked(program, mark)?;
    let mut new = NewFile::beside(output).map_err(cannot)?;
    new.file().write_all(&program).map_err(cannot)?;
    let at = program.len() as u64;
    let mut hash = Sha256::new();
    program_into(&mut hash, &program);
    let about = Manifest { entry: order.located.entry.clone(), ..order.about };
    let manifest = payload(new.file(), hash, sources, about, output)?;
    new.file().sync_all().map_err(cannot)?;
    let bytes = new.file().metadata().map_err(cannot)?.len();
    // What was written is what will be found.
    Pack::open(new.file().try_clone().map_err(cannot)?, at)?.verify()?;
    let existing = if order.force { Existing::Replace } else { Existing::Keep };
    new.finish(0o755, existing).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => PackError::Exists(output.to_owned()),
        _ => cannot(error),
    })?;
    Ok(Packed { manifest, bytes, note: cannot_run(output) })
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Programs cannot be started from some file systems.
fn cannot_run(output: &Path) -> Option<String> {
    use rustix::fs::StatVfsMountFlags;
    let flags = rustix::fs::statvfs(output).ok()?.f_flag;
    flags.contains(StatVfsMountFlags::NOEXEC).then(|| {
        format!(
            "{} is where no program can be started (noexec): copy it elsewhere to run it",
            output.display()
        )
    })
}

/// The program's file, without a payload that it has already.
fn program_bytes() -> Result<Vec<u8>, PackError> {
    let (mut file, _) = program::open().map_err(PackError::NoProgram)?;
    let end = DeckMarker::of_this_program().payload().unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    (&mut file).take(end).read_to_end(&mut bytes).map_err(PackError::NoProgram)?;
    Ok(bytes)
}

/// `program` as it stands before a payload.
fn marked(program: &[u8], mark: DeckMarker) -> Result<Vec<u8>, PackError> {
    match program.get(..4) {
        Some(b"\x7fELF") => {}
        Some(start) if start.starts_with(b"MZ") => return Err(PackError::Kind("for Windows (PE)")),
        Some([0xfe, 0xed, 0xfa, _] | [_, 0xfa, 0xed, 0xfe] | [0xca, 0xfe, 0xba, 0xbe]) => {
            return Err(PackError::Kind("for macOS (Mach-O), where it would also lose its signature"));
        }
        _ => return Err(PackError::Kind("of an unknown kind")),
    }
    let found: Vec<usize> = memchr::memmem::find_iter(program, mark.name()).collect();
    let &[place] = &found[..] else { return Err(PackError::NoMark(found.len())) };
    let packed = mark.packed(program.len() as u64);
    let mut program = program.to_vec();
    let target = program.get_mut(place..place + DeckMarker::LENGTH).ok_or(PackError::NoMark(0))?;
    target.copy_from_slice(packed.bytes());
    Ok(program)
}

/// A file that will be packed.
struct FileToPack {
    path: String,
    from: From,
    executable: bool,
}

enum From {
    Disk(PathBuf),
    Files(Arc<dyn Files>),
}

impl FileToPack {
    fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match &self.from {
            From::Disk(path) => Box::new(File::open(path)?),
            From::Files(files) => {
                let bytes: Bytes =
                    files.read(&self.path, MAX_DECK).map_err(|error| io::Error::other(error.to_string()))?;
                Box::new(io::Cursor::new(bytes))
            }
        })
    }
}

/// The files that will be packed, sorted, after a look at their names and sizes.
fn sources(order: &PackRequest<'_>) -> Result<Vec<FileToPack>, PackError> {
    let located = order.located;
    let (found, sizes) = if let Some(folder) = &located.folder {
        on_disk(folder, order.names.as_deref(), order.output)?
    } else {
        let files = &located.files;
        let names = files.list("").map_err(|error| file_error("the deck", &error))?;
        let source = |path: String| FileToPack {
            executable: files.is_executable(&path),
            from: From::Files(Arc::clone(files)),
            path,
        };
        (names.into_iter().map(source).collect(), Vec::new())
    };
    fits(found, sizes)
}

/// What was found, sorted, if it can be packed.
fn fits(mut found: Vec<FileToPack>, mut sizes: Vec<(u64, String)>) -> Result<Vec<FileToPack>, PackError> {
    found.sort_by(|a, b| a.path.cmp(&b.path));
    if found.len() > MAX_FILES {
        return Err(PackError::TooMany);
    }
    let total: u64 = sizes.iter().map(|(size, _)| size).sum();
    if total > MAX_DECK {
        sizes.sort_by(|a, b| b.cmp(a));
        return Err(too_large(total, &sizes));
    }
    names_are_good(&found)?;
    Ok(found)
}

fn too_large(size: u64, sizes: &[(u64, String)]) -> PackError {
    let largest: Vec<String> =
        sizes.iter().take(3).map(|(size, path)| format!("{path} ({})", megabytes(*size))).collect();
    PackError::TooLarge { size, largest: largest.join(", ") }
}

fn names_are_good(sources: &[FileToPack]) -> Result<(), PackError> {
    let mut lower: BTreeMap<String, &str> = BTreeMap::new();
    for source in sources {
        let path = source.path.as_str();
        if let Some(reason) = bad_name(path) {
            return Err(PackError::File { path: path.to_owned(), reason: reason.to_owned() });
        }
        if let Some(other) = lower.insert(path.to_lowercase(), path) {
            return Err(PackError::Collision(other.to_owned(), path.to_owned()));
        }
    }
    Ok(())
}

fn file_error(path: &str, error: &FileError) -> PackError {
    PackError::File { path: path.to_owned(), reason: error.to_string() }
}

/// What is found, and how large it is.
type FoundFiles = (Vec<FileToPack>, Vec<(u64, String)>);

/// The files of a folder, or those of them that have these names.
fn on_disk(folder: &Path, names: Option<&[String]>, output: &Path) -> Result<FoundFiles, PackError> {
    let all = DiskFiles::new(folder)
        .map_err(|error| file_error("the folder", &FileError::Unreadable(error.to_string())))?;
    let names = match names {
        Some(names) => names.to_vec(),
        None => walk(all.root())?,
    };
    let output = output.canonicalize().ok();
    let (mut found, mut sizes) = (Vec::new(), Vec::new());
    for path in names {
        let real = all.root().join(&path);
        let real = real
            .canonicalize()
            .map_err(|error| file_error(&path, &FileError::Unreadable(error.to_string())))?;
        // The packed talk of last time may lie in the deck's folder.
        if output.as_ref() == Some(&real) {
            continue;
        }
        // Looks where a link leads, and whether it is a file.
        let (file, size) = all.open(&path).map_err(|error| file_error(&path, &error))?;
        let mode = file.metadata().map(|about| about.permissions().mode()).unwrap_or_default();
        sizes.push((size, path.clone()));
        found.push(FileToPack { path, from: From::Disk(real), executable: mode & 0o111 != 0 });
    }
    Ok((found, sizes))
}

/// Every name below `root`, but for hidden ones and what Python leaves behind.
fn walk(root: &Path) -> Result<Vec<String>, PackError> {
    let mut found = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        let name = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        let cannot = |error: io::Error| file_error(&name(&folder), &FileError::Unreadable(error.to_string()));
        for entry in fs::read_dir(&folder).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            if is_left_out(&entry.file_name().to_string_lossy()) {
                continue;
            }
            let path = entry.path();
            let kind = entry.file_type().map_err(cannot)?;
            if kind.is_dir() {
                waiting.push(path);
                continue;
            }
            if kind.is_symlink() && path.is_dir() {
                let reason = "it is a link to a folder: put a copy of the folder in its place".to_owned();
                return Err(PackError::File { path: name(&path), reason });
            }
            found.push(name(&path));
            if found.len() > MAX_FILES {
                return Err(PackError::TooMany);
            }
        }
    }
    Ok(found)
}

/// Counts and hashes what is written.
struct Counted<W> {
    to: W,
    hash: Sha256,
    count: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.to.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.count += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Writes payload and footer; what stands before them is in `hash` already.
fn payload(
    file: &mut File,
    hash: Sha256,
    sources: Vec<FileToPack>,
    about: Manifest,
    output: &Path,
) -> Result<Manifest, PackError> {
    let cannot = |error| PackError::Write { path: output.to_owned(), error };
    let mut to = Counted { to: BufWriter::with_capacity(PIECE, file), hash, count: 0 };
    let mut content = Sha256::new();
    let (mut files, mut total) = (Vec::new(), 0);
    for source in sources {
        let before = to.count;
        let (size, built_in) = frame(&source, &mut to, &mut content, MAX_DECK - total, output)?;
        total += size;
        let packed = to.count - before;
        files.push(PackedFile { path: source.path, size, packed, executable: source.executable, built_in });
    }
    let greenroom = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { greenroom, content: hex::encode(content.finalize()), files, ..about };
    let text = serde_json::to_vec(&manifest).map_err(|error| cannot(error.into()))?;
    let length = u32::try_from(text.len()).ok().filter(|length| *length <= MAX_MANIFEST);
    let length = length.ok_or(PackError::TooMany)?;
    to.write_all(&text).map_err(cannot)?;
    let mut footer = Footer { payload: to.count, manifest: length, version: VERSION, checksum: [0; 32] };
    to.hash.update(footer.head());
    footer.checksum = to.hash.finalize().into();
    to.to.write_all(&footer.to_bytes()).map_err(cannot)?;
    to.to.flush().map_err(cannot)?;
    Ok(manifest)
}

/// Writes one file as one frame, and gives its length; nothing is written of a file that the program holds as it is.
fn frame(
    source: &FileToPack,
    to: &mut impl Write,
    content: &mut Sha256,
    room: u64,
    output: &Path,
) -> Result<(u64, bool), PackError> {
    let cannot = |error| PackError::Write { path: output.to_owned(), error };
    let unreadable = |error: io::Error| file_error(&source.path, &FileError::Unreadable(error.to_string()));
    let mut from = source.open().map_err(unreadable)?;
    name_into(content, &source.path, source.executable);
    let mut piece = vec![0; PIECE];
    // How well a file is packed depends on its beginning alone, never on time.
    let mut first = Vec::new();
    let own = BuiltIn.size(&source.path).unwrap_or(0);
    (&mut from).take(SMALL.max(own) + 1).read_to_end(&mut first).map_err(unreadable)?;
    let level = if first.len() as u64 <= SMALL { 19 } else { 3 };
    if own == first.len() as u64 && BuiltIn.read(&source.path, own).is_ok_and(|own| *own == *first) {
        content.update(&first);
        content.update((first.len() as u64).to_le_bytes());
        return Ok((first.len() as u64, true));
    }
    let mut encoder = zstd::stream::write::Encoder::new(to, level).map_err(cannot)?;
    encoder.include_checksum(true).map_err(cannot)?;
    if first.len() as u64 <= SMALL {
        // Known sizes need less memory, which takes longer to get than a small file takes to pack.
        encoder.set_pledged_src_size(Some(first.len() as u64)).map_err(cannot)?;
    }
    encoder.write_all(&first).map_err(cannot)?;
    content.update(&first);
    let mut size = first.len() as u64;
    drop(first);
    loop {
        // A file that grows while it is packed does not grow without an end.
        if size > room {
            return Err(too_large(MAX_DECK - room + size, &[(size, source.path.clone())]));
        }
        match from.read(&mut piece).map_err(unreadable)? {
            0 => break,
            count => {
                encoder.write_all(&piece[..count]).map_err(cannot)?;
                content.update(&piece[..count]);
                size += count as u64;
            }
        }
    }
    content.update(size.to_le_bytes());
    encoder.finish().map_err(cannot)?;
    Ok((size, false))
}

/// Writes every file of a deck below the new folder `target`, all of them or nothing; says how many.
///
/// # Errors
/// [`PackError`] when there is something already, or it cannot be written.
pub fn unpack(files: &dyn Files, target: &Path) -> Result<usize, PackError> {
    let cannot = |error| PackError::Write { path: target.to_owned(), error };
    if fs::symlink_metadata(target).is_ok() {
        return Err(PackError::FolderExists(target.to_owned()));
    }
    let unfinished = greenroom_system::private::folder_in(".unpack-", folder_of(target)).map_err(cannot)?;
    let names: BTreeSet<String> =
        files.list("").map_err(|error| file_error("the deck", &error))?.into_iter().collect();
    for path in &names {
        let bytes = files.read(path, MAX_DECK).map_err(|error| file_error(path, &error))?;
        let file = unfinished.path().join(path);
        fs::create_dir_all(folder_of(&file)).map_err(cannot)?;
        let mode = if files.is_executable(path) { 0o755 } else { 0o644 };
        fs::write(&file, &bytes)
            .and_then(|()| fs::set_permissions(&file, Permissions::from_mode(mode)))
            .map_err(cannot)?;
    }
    fs::set_permissions(unfinished.path(), Permissions::from_mode(0o755)).map_err(cannot)?;
    // Onto an empty folder that appeared meanwhile it may still move; onto anything else it does not.
    fs::rename(unfinished.path(), target).map_err(cannot)?;
    let _ = unfinished.keep();
    Ok(names.len())
}
