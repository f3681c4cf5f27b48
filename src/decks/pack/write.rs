//! Packing a deck, and unpacking it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::content::{bad_name, is_left_out, name_into};
use super::program::Program;
use super::read::{Footer, ProgramSums};
use super::{
    DeckMarker, FOOTER, MAX_DECK, MAX_FILES, MAX_MANIFEST, Manifest, Pack, PackError, PackedFile, Place,
    VERSION, macho, megabytes,
};
use crate::decks::built_in::BuiltIn;
use crate::decks::located::Located;
use greenroom_base::files::{FileError, Files};
use greenroom_base::hex;
use greenroom_base::plain::Quoted;
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
    /// The Greenroom that the deck is packed into, built for other machines; this program when nothing is said.
    pub program: Option<&'a Path>,
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

/// Writes a program with a deck inside to a new file, all of it or nothing.
///
/// # Errors
/// [`PackError`]; the output is as it was.
pub fn pack(order: PackRequest<'_>) -> Result<Packed, PackError> {
    let program = match order.program {
        Some(path) => Program::of_others(path)?,
        None => own_program()?,
    };
    pack_into(program, order)
}

/// This program, without a payload that it has already.
fn own_program() -> Result<Program, PackError> {
    let (mut file, _) = program::open().map_err(PackError::NoProgram)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(PackError::NoProgram)?;
    Program::own(bytes, DeckMarker::of_this_program())
}

/// Looks whether a whole folder can be packed at all, by the names and sizes of its files.
///
/// # Errors
/// [`PackError`], before anything has been read.
pub fn survey(folder: &Path, output: &Path) -> Result<(), PackError> {
    let (found, sizes) = on_disk(folder, None, output)?;
    fits(found, sizes).map(|_| ())
}

/// As [`pack`], with any program.
pub(super) fn pack_into(program: Program, order: PackRequest<'_>) -> Result<Packed, PackError> {
    let output = order.output;
    let cannot = |error| PackError::Write { path: output.to_owned(), error };
    if fs::symlink_metadata(output).is_ok() && !order.force {
        return Err(PackError::Exists(output.to_owned()));
    }
    if output.is_dir() {
        return Err(cannot(io::ErrorKind::IsADirectory.into()));
    }
    let sources = sources(&order)?;
    let mut new = NewFile::beside(output).map_err(cannot)?;
    make_executable(new.file(), output)?;
    let macho = program.is_macho();
    let about = Manifest { entry: order.located.entry.clone(), ..order.about };
    let at = program.payload_at();
    new.file().seek(SeekFrom::Start(at)).map_err(cannot)?;
    let payload = payload(new.file(), sources, about, output)?;
    if let (false, Some(file)) = (program.same_talk, payload.manifest.files.iter().find(|file| file.built_in))
    {
        let path = order.program.unwrap_or(output).to_owned();
        return Err(PackError::OtherTalk { path, file: file.path.clone() });
    }
    let place = Place { at, length: payload.head.payload.saturating_add(FOOTER as u64) };
    let manifest = payload.manifest.clone();
    put_around(new.file(), program, payload, place).map_err(|error| error.unwritten(cannot))?;
    new.file().sync_all().map_err(cannot)?;
    let bytes = new.file().metadata().map_err(cannot)?.len();
    // What was written is what will be found.
    Pack::open(new.file().try_clone().map_err(cannot)?, place)?.verify()?;
    let existing = if order.force { Existing::Replace } else { Existing::Keep };
    new.finish(MODE, existing).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => PackError::Exists(output.to_owned()),
        _ => cannot(error),
    })?;
    let note = if macho { Some(for_macos(output)) } else { cannot_run(output) };
    Ok(Packed { manifest, bytes, note })
}

/// The permissions of a packed talk.
const MODE: u32 = 0o755;

/// Looks whether a file can be a program at all where it is, before anything is written.
fn make_executable(file: &File, output: &Path) -> Result<(), PackError> {
    let no = || PackError::NotExecutable(output.to_owned());
    // File systems without permissions refuse, or do as if.
    file.set_permissions(Permissions::from_mode(0o700)).map_err(|_| no())?;
    let mode = file.metadata().map(|about| about.permissions().mode()).unwrap_or_default();
    if mode & 0o100 == 0 { Err(no()) } else { Ok(()) }
}

/// Why a program could not be put around a payload.
enum Around {
    No(PackError),
    Unwritten(io::Error),
}

impl Around {
    fn unwritten(self, cannot: impl FnOnce(io::Error) -> PackError) -> PackError {
        match self {
            Self::No(error) => error,
            Self::Unwritten(error) => cannot(error),
        }
    }
}

impl std::convert::From<io::Error> for Around {
    fn from(error: io::Error) -> Self {
        Self::Unwritten(error)
    }
}

/// Writes the footer behind a payload, the program around both, and its signature.
fn put_around(file: &mut File, program: Program, payload: Payload, place: Place) -> Result<(), Around> {
    let parts = program.around(place.length).map_err(Around::No)?;
    let end = place.at.saturating_add(place.length);
    let code_end = end.saturating_add(parts.after.len() as u64);
    let header = if parts.before.starts_with(&macho::MAGIC) {
        let length = macho::signature_length(code_end).and_then(|length| length.checked_add(code_end));
        let header = macho::Header::read(&parts.before, length.unwrap_or(u64::MAX));
        Some(header.map_err(|reason| Around::No(PackError::Kind(reason.to_owned())))?)
    } else {
        None
    };
    let mut hash = payload.hash;
    let mut sums = ProgramSums::new(&mut hash);
    let size = header.as_ref().map_or(0, |header| header.end);
    let mut head = parts.before.get(..size).unwrap_or_default().to_vec();
    if let Some(header) = &header {
        header.without_signer(&mut head);
    }
    for part in [&head[..], parts.before.get(size..).unwrap_or_default(), &parts.after] {
        sums.add(part);
    }
    sums.finish();
    hash.update(payload.head.head());
    let footer = Footer { checksum: hash.finalize().into(), ..payload.head };
    file.write_all_at(&parts.before, 0)?;
    file.write_all_at(&footer.to_bytes(), end.saturating_sub(FOOTER as u64))?;
    file.write_all_at(&parts.after, end)?;
    if let Some(header) = header {
        file.seek(SeekFrom::Start(0))?;
        let signature = macho::code_directory(&mut BufReader::with_capacity(PIECE, &mut *file), &header)?;
        file.write_all_at(&signature, code_end)?;
    }
    Ok(())
}

/// What is to be known of a talk for macOS.
fn for_macos(output: &Path) -> String {
    format!(
        "{0} is for macOS and signed by nobody: hand it around in a .tar.gz, and whoever downloads it runs \
         `xattr -d com.apple.quarantine {0}` once",
        Quoted(output.display())
    )
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Programs cannot be started from some file systems.
fn cannot_run(output: &Path) -> Option<String> {
    greenroom_system::os::refuses_programs(output).then(|| {
        format!(
            "{} is where no program can be started (noexec): copy it elsewhere to run it",
            output.display()
        )
    })
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

/// What was written of a payload.
struct Payload {
    manifest: Manifest,
    /// The footer, which has no checksum yet.
    head: Footer,
    /// The payload alone.
    hash: Sha256,
}

/// Writes a payload.
fn payload(
    file: &mut File,
    sources: Vec<FileToPack>,
    about: Manifest,
    output: &Path,
) -> Result<Payload, PackError> {
    let cannot = |error| PackError::Write { path: output.to_owned(), error };
    let mut to = Counted { to: BufWriter::with_capacity(PIECE, file), hash: Sha256::new(), count: 0 };
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
    to.flush().map_err(cannot)?;
    let head = Footer { payload: to.count, manifest: length, version: VERSION, checksum: [0; 32] };
    Ok(Payload { manifest, head, hash: to.hash })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_made_executable_is_refused_before_anything_is_written() {
        // What no user may change, root included, stands for a file system without permissions. macOS has none.
        let Ok(file) = File::open("/proc/self/status") else { return };
        let said = make_executable(&file, Path::new("/stick/talk")).unwrap_err().to_string();
        assert!(said.contains("/stick/talk") && said.contains(".tar.gz"), "{said}");
        make_executable(&tempfile::tempfile().unwrap(), Path::new("talk")).unwrap();
    }
}
