//! What a deck's links lead to outside of its folder: read at each start, to be compared with what was agreed to. It
//! is not copied: a link may lead to a lot, and to what a demo shall change.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use greenroom_system::os::mode_of;
use rustix::fs::{FileType, Mode};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::links;
use super::manifest::{Checksum, Manifest, ManifestEntry};
use super::order::{BUFFER, Limits, OPEN_FILE, SurveyRequest, WalkEnd, in_thousands};

/// How much is looked at, behind all links together.
pub(crate) const LIMITS: Limits =
    Limits { entries: 5_000, bytes: 256 << 20, depth: 64, time: Duration::from_secs(5) };
/// Where nothing is read: what is there is no file, whatever it says.
const NO_FILES: [&str; 3] = ["/proc", "/sys", "/dev"];
/// Stands for the contents of what has none.
const NONE: Checksum = [0; 32];

/// Why what a link leads to cannot be compared.
enum Stop {
    /// The rest of "it leads out of the deck, …".
    Unknown(String),
    /// The program ends.
    Over,
}

/// The looks behind the links of one deck.
pub(crate) struct Beyond<'a> {
    order: &'a SurveyRequest<'a>,
    limits: Limits,
    ends: Instant,
    seen: usize,
    bytes: u64,
    buffer: Vec<u8>,
    /// What was looked at: two links to one folder, or a link to a folder around it, add nothing.
    known: BTreeSet<PathBuf>,
}

impl<'a> Beyond<'a> {
    /// Nothing was looked at.
    pub(crate) fn new(order: &'a SurveyRequest<'a>) -> Self {
        let limits = order.beyond;
        let ends = Instant::now() + limits.time;
        Self { order, limits, ends, seen: 0, bytes: 0, buffer: vec![0; BUFFER], known: BTreeSet::new() }
    }

    /// What the link at `path`, which says `target`, leads to at `outside`, as entries beneath the link; or why that
    /// cannot be said.
    ///
    /// # Errors
    /// When the program ends.
    pub(crate) fn look(
        &mut self,
        path: &[u8],
        target: &[u8],
        outside: PathBuf,
    ) -> Result<Result<Manifest, String>, WalkEnd> {
        let mut found = Manifest::default();
        let mut waiting: VecDeque<(Vec<u8>, PathBuf, usize)> = [(path.to_owned(), outside, 0)].into();
        while let Some((path, at, depth)) = waiting.pop_front() {
            let target = if depth == 0 { target } else { b"" };
            match self.one(&path, target, &at, depth, &mut found) {
                Ok(inside) => waiting.extend(inside),
                Err(Stop::Unknown(why)) => return Ok(Err(why)),
                Err(Stop::Over) => return Err(WalkEnd::Stopped),
            }
        }
        Ok(Ok(found))
    }

    /// Adds what is at `at`, and gives what is in it.
    fn one(
        &mut self,
        path: &[u8],
        target: &[u8],
        at: &Path,
        depth: usize,
        found: &mut Manifest,
    ) -> Result<Vec<(Vec<u8>, PathBuf, usize)>, Stop> {
        self.seen += 1;
        self.go_on()?;
        let mut set =
            |mode, contents: &Checksum| found.set(path, ManifestEntry::Beyond { target, mode, contents });
        let real = match at.canonicalize() {
            Ok(real) => real,
            // A loop, or nothing yet.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                set(0, &NONE);
                return Ok(Vec::new());
            }
            Err(error) if Errno::from_io_error(&error) == Some(Errno::LOOP) => {
                set(0, &NONE);
                return Ok(Vec::new());
            }
            Err(error) => return Err(unreadable(&error)),
        };
        if let Some(place) = NO_FILES.iter().find(|place| real.starts_with(place)) {
            return Err(Stop::Unknown(format!("to what is no file (in {place})")));
        }
        if self.order.own.iter().any(|own| real.starts_with(own)) {
            return Err(Stop::Unknown("to Greenroom's own files, which change all the time".to_owned()));
        }
        if links::is_still(&real) || !self.known.insert(real.clone()) {
            found.set(path, ManifestEntry::Link { target: real.as_os_str().as_bytes() });
            return Ok(Vec::new());
        }
        // Neither a pipe nor a terminal that took a file's name holds this up; what is none is not opened at all.
        let about = rustix::fs::lstat(&real).map_err(|error| unreadable(&error.into()))?;
        match FileType::from_raw_mode(about.st_mode) {
            FileType::RegularFile => {
                let file = rustix::fs::open(&real, OPEN_FILE, Mode::empty());
                let contents = self.contents(File::from(file.map_err(|error| unreadable(&error.into()))?))?;
                set(mode_of(&about), &contents);
                Ok(Vec::new())
            }
            FileType::Directory => {
                set(mode_of(&about), &NONE);
                self.names(path, &real, depth + 1)
            }
            _ => {
                set(mode_of(&about), &NONE);
                Ok(Vec::new())
            }
        }
    }

    /// What is in a folder, by its names.
    fn names(
        &self,
        path: &[u8],
        folder: &Path,
        depth: usize,
    ) -> Result<Vec<(Vec<u8>, PathBuf, usize)>, Stop> {
        if depth > self.limits.depth {
            return Err(Stop::Unknown(format!("to more than {} folders in folders", self.limits.depth)));
        }
        let mut inside = Vec::new();
        for entry in folder.read_dir().map_err(|error| unreadable(&error))? {
            let entry = entry.map_err(|error| unreadable(&error))?;
            if self.seen + inside.len() >= self.limits.entries {
                return Err(self.too_many());
            }
            inside.push(([path, b"/", entry.file_name().as_bytes()].concat(), entry.path(), depth));
        }
        inside.sort();
        Ok(inside)
    }

    /// Reads a file to its end.
    fn contents(&mut self, mut file: File) -> Result<Checksum, Stop> {
        let mut hash = Sha256::new();
        loop {
            self.go_on()?;
            let count = match file.read(&mut self.buffer) {
                Ok(0) => return Ok(hash.finalize().into()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(&error)),
            };
            self.bytes = self.bytes.saturating_add(count as u64);
            if self.bytes > self.limits.bytes {
                return Err(Stop::Unknown(format!("to more than {} MiB", self.limits.bytes >> 20)));
            }
            hash.update(self.buffer.get(..count).unwrap_or_default());
        }
    }

    fn go_on(&self) -> Result<(), Stop> {
        if self.order.stop.load(Ordering::Relaxed) {
            return Err(Stop::Over);
        }
        if Instant::now() >= self.ends {
            let most = self.limits.time.as_secs();
            return Err(Stop::Unknown(format!("to what takes longer than {most} s to read")));
        }
        if self.seen > self.limits.entries { Err(self.too_many()) } else { Ok(()) }
    }

    fn too_many(&self) -> Stop {
        Stop::Unknown(format!("to more than {} files and folders", in_thousands(self.limits.entries)))
    }
}

fn unreadable(error: &io::Error) -> Stop {
    Stop::Unknown(format!("to what cannot be read ({error})"))
}

/// `path` with its links followed, as far as it is there already.
pub(crate) fn real(path: &Path) -> PathBuf {
    let mut missing: Vec<&OsStr> = Vec::new();
    for there in path.ancestors() {
        if let Ok(mut real) = there.canonicalize() {
            real.extend(missing.iter().rev());
            return real;
        }
        missing.extend(there.file_name());
    }
    path.to_owned()
}
