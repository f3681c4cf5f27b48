//! Writing beneath a folder, and nowhere else.
//!
//! The folder that holds a file is opened part by part, each part in the one before it and none of them through a link
//! (`openat` with `O_NOFOLLOW`), and folders that are missing are made on the way, inside of what is open already.
//! Everything that follows happens in the open folder: a link that is put in the way later, or was there before, leads
//! nowhere. This is what Linux' `openat2` does with `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS`, in a way that every system
//! has and that can make folders.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use greenroom_base::files::normalize;
use greenroom_tape::Player;

/// How a folder is opened.
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// How often a name is drawn for a file that is being written; one is nearly always enough.
const DRAWS: usize = 16;
/// How the name of a file that is being written begins and ends; sixteen hexadecimal digits are between.
const PART: (&str, &str) = (".greenroom-", ".part");

/// Why nothing is written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The path is absolute, empty or has too many `..`.
    #[error("{0} leads out of the deck folder")]
    Outside(String),
    /// A folder on the way is a link, or is no folder.
    #[error("{0} is a link or no folder: nothing is written through it")]
    Link(String),
    /// What is there is something else than a recording.
    #[error("{0} is there and is no recording: it is not written over; move it away, or name another tape")]
    NoRecording(String),
    /// The deck's folder takes no files from this person.
    #[error(
        "{0} cannot be written, because the deck's folder is read-only: greenroom record -o FILE writes somewhere else"
    )]
    ReadOnly(String),
    /// What the disk said.
    #[error("{path} cannot be written: {error}")]
    System {
        /// What was to be written.
        path: String,
        /// Why it was not.
        error: io::Error,
    },
}

impl From<WriteError> for io::Error {
    fn from(error: WriteError) -> Self {
        let kind = match &error {
            WriteError::System { error, .. } => error.kind(),
            _ => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}

/// A folder that is open: nothing that is done in it leaves it.
#[derive(Debug, Clone)]
pub struct Root(Arc<OwnedFd>);

impl Root {
    /// Opens the folder at `path`. Links in that path are followed: it is the person's own.
    ///
    /// # Errors
    /// When it is no folder, or cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = FOLDER.difference(OFlags::NOFOLLOW);
        Ok(Self(Arc::new(rustix::fs::open(path, flags, Mode::empty())?)))
    }

    /// Where the file at `path` is or would be: relative to the folder, with `/` between parts. Missing folders are
    /// made when `make` says so.
    ///
    /// # Errors
    /// When the path leads out of the folder, or through a link.
    pub fn spot(&self, path: &str, make: bool) -> Result<Target, WriteError> {
        let inside = normalize(path).filter(|inside| !inside.is_empty());
        let inside = inside.ok_or_else(|| WriteError::Outside(path.to_owned()))?;
        let (parent, name) = inside.rsplit_once('/').unwrap_or(("", &inside));
        let folder = self.enter(parent, make)?;
        Ok(Target { folder, parent: parent.to_owned(), name: name.into() })
    }

    /// Looks whether the folder at `path` is beneath this one without a link on the way.
    ///
    /// # Errors
    /// When it is not, or is not there.
    pub fn folder(&self, path: &str) -> Result<(), WriteError> {
        let inside = normalize(path).ok_or_else(|| WriteError::Outside(path.to_owned()))?;
        self.enter(&inside, false).map(drop)
    }

    fn enter(&self, inside: &str, make: bool) -> Result<Arc<OwnedFd>, WriteError> {
        let mut folder = Arc::clone(&self.0);
        let mut way = String::new();
        for part in inside.split('/').filter(|part| !part.is_empty()) {
            if !way.is_empty() {
                way.push('/');
            }
            way.push_str(part);
            folder = Arc::new(enter(&folder, part, make).map_err(|error| match error {
                Errno::LOOP | Errno::MLINK | Errno::NOTDIR => WriteError::Link(way.clone()),
                error => WriteError::System { path: way.clone(), error: error.into() },
            })?);
        }
        Ok(folder)
    }
}

/// Opens the folder `part` of `folder`; makes it first if it is missing.
fn enter(folder: &OwnedFd, part: &str, make: bool) -> Result<OwnedFd, Errno> {
    match rustix::fs::openat(folder, part, FOLDER, Mode::empty()) {
        Err(Errno::NOENT) if make => {
            match rustix::fs::mkdirat(folder, part, Mode::from_raw_mode(0o755)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error),
            }
            rustix::fs::openat(folder, part, FOLDER, Mode::empty())
        }
        found => found,
    }
}

/// The place of a file in a folder that is open.
#[derive(Debug, Clone)]
pub struct Target {
    folder: Arc<OwnedFd>,
    /// The folder's path beneath the root, for messages and for those who keep accounts of what is written.
    parent: String,
    name: OsString,
}

impl Target {
    /// The place of the file at `path`, wherever that is: for a file that the person names. Its folder has to be there.
    ///
    /// # Errors
    /// When there is no such folder, or the path has no file name.
    pub(crate) fn named(path: &Path) -> Result<Self, WriteError> {
        let shown = || path.display().to_string();
        let name = path.file_name().ok_or_else(|| WriteError::Outside(shown()))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let root = Root::open(parent).map_err(|error| WriteError::System { path: shown(), error })?;
        let parent = if parent == Path::new(".") { String::new() } else { parent.display().to_string() };
        Ok(Self { folder: root.0, parent, name: name.to_owned() })
    }

    /// Another file in the same folder.
    #[must_use]
    pub fn sibling(&self, name: impl Into<OsString>) -> Self {
        Self { name: name.into(), ..self.clone() }
    }

    /// The file's own name.
    #[must_use]
    pub fn name(&self) -> &OsStr {
        &self.name
    }

    /// Its path beneath the root, or as the person named it.
    #[must_use]
    pub fn path(&self) -> String {
        let name = self.name.to_string_lossy();
        if self.parent.is_empty() { name.into_owned() } else { format!("{}/{name}", self.parent) }
    }

    /// Whether something is there: a file, a link that leads nowhere, anything.
    ///
    /// # Errors
    /// What the disk says.
    pub fn is_taken(&self) -> Result<bool, WriteError> {
        self.kind().map(|kind| kind.is_some())
    }

    fn kind(&self) -> Result<Option<FileType>, WriteError> {
        match rustix::fs::statat(&*self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(about) => Ok(Some(FileType::from_raw_mode(about.st_mode))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn is_empty(&self) -> Result<bool, WriteError> {
        let about = rustix::fs::statat(&*self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW);
        Ok(about.map_err(|error| self.failed(error))?.st_size == 0)
    }

    /// Opens the file that is there; a link is not followed, and a pipe not waited for.
    ///
    /// # Errors
    /// When it is no file, or cannot be read.
    pub fn read(&self) -> Result<File, WriteError> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = rustix::fs::openat(&*self.folder, &self.name, flags, Mode::empty());
        file.map(File::from).map_err(|error| self.failed(error))
    }

    /// Makes sure that nothing but a recording is written over: nothing is there, or a file that `tape` can play.
    ///
    /// # Errors
    /// [`WriteError::NoRecording`].
    pub fn may_be_recorded(&self) -> Result<(), WriteError> {
        let refusal = || WriteError::NoRecording(self.path());
        match self.kind()? {
            None => Ok(()),
            Some(FileType::RegularFile) => {
                let file = self.read()?;
                Player::open(Box::new(BufReader::new(file))).map(drop).map_err(|_| refusal())
            }
            Some(_) => Err(refusal()),
        }
    }

    /// Begins to write the file anew: under another name, until [`Draft::keep`].
    ///
    /// # Errors
    /// What the disk says.
    pub fn draft(&self) -> Result<Draft, WriteError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for draw in 0..DRAWS {
            let mut random = RandomState::new().build_hasher();
            random.write_usize(draw);
            let name = format!("{}{:016x}{}", PART.0, random.finish(), PART.1);
            match rustix::fs::openat(&*self.folder, &name, flags, Mode::from_raw_mode(0o644)) {
                Ok(file) => {
                    let part = self.sibling(name);
                    return Ok(Draft { file: File::from(file), part, target: self.clone(), kept: false });
                }
                Err(Errno::EXIST) => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        Err(self.failed(Errno::EXIST))
    }

    /// Gives the file the name of `to`, a sibling; what has that name is replaced.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rename(&self, to: &Self) -> Result<(), WriteError> {
        let done = rustix::fs::renameat(&*self.folder, &self.name, &*to.folder, &to.name);
        done.map_err(|error| to.failed(error))
    }

    /// Lets two siblings change their names at one moment, where the system can do that.
    ///
    /// # Errors
    /// What the disk says, or that it cannot.
    pub fn exchange(&self, with: &Self) -> Result<(), WriteError> {
        let flags = RenameFlags::EXCHANGE;
        let done = rustix::fs::renameat_with(&*self.folder, &self.name, &*with.folder, &with.name, flags);
        done.map_err(|error| self.failed(error))
    }

    /// Gives the file a second name, that of `to`, which must be free.
    ///
    /// # Errors
    /// What the disk says; some file systems know no second names.
    pub fn link(&self, to: &Self) -> Result<(), WriteError> {
        let done = rustix::fs::linkat(&*self.folder, &self.name, &*to.folder, &to.name, AtFlags::empty());
        done.map_err(|error| to.failed(error))
    }

    /// Removes the file, or the link, if it is there.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove(&self) -> Result<(), WriteError> {
        match rustix::fs::unlinkat(&*self.folder, &self.name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&self, error: Errno) -> WriteError {
        WriteError::System { path: self.path(), error: error.into() }
    }
}

/// A file that is being written and has another name, which nobody can guess, until it is whole. What is not kept is
/// removed.
#[derive(Debug)]
pub struct Draft {
    file: File,
    part: Target,
    target: Target,
    kept: bool,
}

impl Draft {
    /// The file under its name of now, for those who keep accounts.
    #[must_use]
    pub const fn part(&self) -> &Target {
        &self.part
    }

    /// The file under the name it is meant to get.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The permissions that it has.
    ///
    /// # Errors
    /// What the disk says.
    pub fn mode(&self) -> Result<u32, WriteError> {
        let about = rustix::fs::fstat(&self.file).map_err(|error| self.target.failed(error))?;
        Ok(crate::os::mode_of(&about) & 0o7777)
    }

    /// Adds to it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.file.write_all(bytes).map_err(|error| WriteError::System { path: self.target.path(), error })
    }

    /// The permissions that it gets, as they are: without the process's mask.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_mode(&self, mode: u32) -> Result<(), WriteError> {
        let done = rustix::fs::fchmod(&self.file, crate::os::permissions(mode & 0o777));
        done.map_err(|error| self.target.failed(error))
    }

    /// It is whole: it gets its name, and replaces what had that.
    ///
    /// # Errors
    /// What the disk says; what was there stays then.
    pub fn keep(self) -> Result<(), WriteError> {
        let target = self.target.clone();
        self.keep_as(&target)
    }

    /// The same with the name of another place in the same folder.
    ///
    /// # Errors
    /// As [`Draft::keep`].
    pub fn keep_as(mut self, target: &Target) -> Result<(), WriteError> {
        let whole = self.file.sync_all();
        whole.map_err(|error| WriteError::System { path: target.path(), error })?;
        self.part.rename(target)?;
        self.kept = true;
        // The name is on the disk too, where folders can be waited for.
        let _ = rustix::fs::fsync(target.folder.as_fd());
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            let _ = self.part.remove();
        }
    }
}

/// Begins the recording at `path` beneath `root`, which may be replaced if it is a recording itself.
///
/// # Errors
/// [`WriteError`]; no folder has been made outside, and nothing changed.
pub fn record(root: &Path, path: &str) -> Result<Draft, WriteError> {
    let open = Root::open(root);
    let root = open.map_err(|error| WriteError::System { path: root.display().to_string(), error })?;
    let begun = root.spot(path, true).and_then(|spot| {
        spot.may_be_recorded()?;
        spot.draft()
    });
    begun.map_err(|error| match error {
        WriteError::System { error, .. }
            if matches!(
                error.kind(),
                io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
            ) =>
        {
            WriteError::ReadOnly(path.to_owned())
        }
        error => error,
    })
}

/// Begins the recording at `path` that a person named: anywhere, in a folder that is there. What replaces a file by a slip
/// of the hand destroys it: only a recording is replaced, an empty file, or a link, which itself is nothing.
///
/// # Errors
/// [`WriteError`].
pub fn write_to(path: &Path) -> Result<Draft, WriteError> {
    let spot = Target::named(path)?;
    match spot.kind()? {
        None | Some(FileType::Symlink) => spot.draft(),
        Some(FileType::RegularFile) => {
            if !spot.is_empty()? {
                spot.may_be_recorded()?;
            }
            spot.draft()
        }
        Some(_) => Err(WriteError::System {
            path: path.display().to_string(),
            error: io::Error::new(io::ErrorKind::InvalidInput, "it is no file"),
        }),
    }
}

/// The real folder at `path` beneath `root`. Links on the way are followed as long as they do not leave it.
///
/// # Errors
/// When it leads out of `root`, or is not there.
pub fn folder(root: &Path, path: &str) -> Result<PathBuf, WriteError> {
    let system = |error| WriteError::System { path: path.to_owned(), error };
    let inside = normalize(path).ok_or_else(|| WriteError::Outside(path.to_owned()))?;
    let root = root.canonicalize().map_err(system)?;
    let real = root.join(inside).canonicalize().map_err(system)?;
    let inside = real.strip_prefix(&root).map_err(|_| WriteError::Outside(path.to_owned()))?;
    // What was a folder a moment ago is not followed anywhere else now.
    let inside = inside.to_str().ok_or_else(|| system(io::ErrorKind::InvalidFilename.into()))?;
    Root::open(&root).map_err(system)?.folder(inside)?;
    Ok(real)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    const TAPE: &str = "{\"version\":2,\"width\":80,\"height\":24}\n[0.1,\"o\",\"x\"]\n";

    struct Room {
        outer: tempfile::TempDir,
        deck: PathBuf,
    }

    fn room() -> Room {
        let outer = tempfile::tempdir().unwrap();
        let deck = outer.path().join("deck");
        fs::create_dir_all(deck.join("rec")).unwrap();
        fs::create_dir(outer.path().join("away")).unwrap();
        fs::write(outer.path().join("away/rc"), "mine").unwrap();
        Room { outer, deck }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn write(draft: Result<Draft, WriteError>) -> Result<(), WriteError> {
        let mut draft = draft?;
        draft.add(TAPE.as_bytes())?;
        draft.keep()
    }

    #[test]
    fn h4_a_recording_is_made_and_replaced() {
        let room = room();
        write(record(&room.deck, "new/deep/../x.cast")).unwrap();
        assert_eq!(fs::read_to_string(room.deck.join("new/x.cast")).unwrap(), TAPE);
        let mode = fs::metadata(room.deck.join("new/x.cast")).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & !0o644, 0, "{mode:o}");
        write(record(&room.deck, "new/x.cast")).unwrap();
        assert_eq!(names(&room.deck.join("new")), ["x.cast"]);
    }

    #[test]
    fn h4_links_lead_nowhere() {
        let room = room();
        let away = room.outer.path().join("away");
        symlink(away.join("rc"), room.deck.join("rec/x.cast.part")).unwrap();
        write(record(&room.deck, "rec/x.cast")).unwrap();
        assert_eq!(fs::read_to_string(away.join("rc")).unwrap(), "mine", "through the link of the part");
        symlink(&away, room.deck.join("out")).unwrap();
        symlink("rec", room.deck.join("inner")).unwrap();
        symlink(room.outer.path().join("gone"), room.deck.join("dangling")).unwrap();
        for path in ["out/x.cast", "out/new/x.cast", "inner/x.cast", "dangling/x.cast", "rec/x.cast/y.cast"] {
            let error = record(&room.deck, path).unwrap_err();
            assert!(matches!(error, WriteError::Link(_)), "{path}: {error}");
        }
        symlink(away.join("rc"), room.deck.join("rec/link.cast")).unwrap();
        let error = record(&room.deck, "rec/link.cast").unwrap_err();
        assert!(matches!(error, WriteError::NoRecording(_)), "{error}");
        for path in ["../away/new/x.cast", "/tmp/x.cast", "", ".", "rec/../.."] {
            let error = record(&room.deck, path).unwrap_err();
            assert!(matches!(error, WriteError::Outside(_)), "{path}: {error}");
        }
        assert_eq!(names(&away), ["rc"]);
        assert_eq!(names(room.outer.path()), ["away", "deck"]);
        assert_eq!(names(&room.deck.join("rec")), ["link.cast", "x.cast", "x.cast.part"]);
    }

    #[test]
    fn h4_nothing_but_a_recording_is_replaced() {
        let room = room();
        for (name, text) in
            [("talk.yaml", "title: x\n"), ("run.sh", "echo\n"), ("empty", ""), ("a.json", "{}\n")]
        {
            fs::write(room.deck.join(name), text).unwrap();
            let error = record(&room.deck, name).unwrap_err();
            assert!(matches!(error, WriteError::NoRecording(_)), "{name}: {error}");
            assert_eq!(fs::read_to_string(room.deck.join(name)).unwrap(), text);
        }
        assert!(std::process::Command::new("mkfifo").arg(room.deck.join("pipe")).status().unwrap().success());
        for name in ["rec", "pipe"] {
            assert!(matches!(record(&room.deck, name).unwrap_err(), WriteError::NoRecording(_)), "{name}");
        }
        assert_eq!(names(&room.deck), ["a.json", "empty", "pipe", "rec", "run.sh", "talk.yaml"]);
    }

    #[test]
    fn h4_what_is_not_kept_is_gone() {
        let room = room();
        fs::write(room.deck.join("rec/x.cast"), TAPE).unwrap();
        let mut draft = record(&room.deck, "rec/x.cast").unwrap();
        draft.add(b"half").unwrap();
        assert_eq!(names(&room.deck.join("rec")).len(), 2);
        drop(draft);
        assert_eq!(names(&room.deck.join("rec")), ["x.cast"]);
        // A link that is put in the way after the folder was opened.
        let draft = record(&room.deck, "rec/x.cast").unwrap();
        fs::rename(room.deck.join("rec"), room.deck.join("old")).unwrap();
        symlink(room.outer.path().join("away"), room.deck.join("rec")).unwrap();
        write(Ok(draft)).unwrap();
        assert_eq!(names(&room.outer.path().join("away")), ["rc"]);
    }

    #[test]
    fn h4_a_file_that_is_named_may_be_anywhere() {
        let room = room();
        let away = room.outer.path().join("away");
        symlink(away.join("rc"), away.join("o.cast.part")).unwrap();
        write(write_to(&away.join("o.cast"))).unwrap();
        assert_eq!(fs::read_to_string(away.join("rc")).unwrap(), "mine");
        assert_eq!(fs::read_to_string(away.join("o.cast")).unwrap(), TAPE);
        assert!(write_to(&away.join("none/o.cast")).is_err());
        // What is no recording stays, whoever named it; a recording and an empty file do not.
        assert!(matches!(write_to(&away.join("rc")).unwrap_err(), WriteError::NoRecording(_)));
        assert_eq!(fs::read_to_string(away.join("rc")).unwrap(), "mine");
        fs::write(away.join("empty"), "").unwrap();
        for name in ["o.cast", "empty"] {
            write(write_to(&away.join(name))).unwrap();
        }
        assert!(write_to(&away).is_err() && write_to(Path::new("/dev/null")).is_err());
    }

    #[test]
    fn h4_no_folder_outside_is_entered() {
        let room = room();
        symlink(room.outer.path().join("away"), room.deck.join("sub")).unwrap();
        symlink("sub", room.deck.join("twice")).unwrap();
        symlink("rec", room.deck.join("inner")).unwrap();
        let rec = room.deck.join("rec").canonicalize().unwrap();
        assert_eq!(
            (folder(&room.deck, "./rec/").unwrap(), folder(&room.deck, "inner").unwrap()),
            (rec.clone(), rec)
        );
        assert_eq!(folder(&room.deck, "").unwrap(), room.deck.canonicalize().unwrap());
        assert!(matches!(folder(&room.deck, "sub").unwrap_err(), WriteError::Outside(_)));
        assert!(matches!(folder(&room.deck, "twice").unwrap_err(), WriteError::Outside(_)));
        assert!(matches!(folder(&room.deck, "../away").unwrap_err(), WriteError::Outside(_)));
        assert!(matches!(folder(&room.deck, "none").unwrap_err(), WriteError::System { .. }));
    }
}
