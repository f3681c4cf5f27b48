//! Looks through a deck's whole folder, and copies it on the way when that is asked for.
//!
//! Nothing is followed: a link counts as what it says, and every name is opened beneath the folder that holds it, so
//! that a folder swapped for a link leads nowhere. The bytes that are hashed are the bytes that are written: whoever
//! changes a file meanwhile changes the checksum, or comes too late.

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Instant;

use greenroom_system::os::{changed_at, device_of, mode_of, permissions};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, Timestamps};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::beyond::Beyond;
use super::links;
use super::manifest::{Checksum, Manifest, ManifestEntry, shown};
use super::order::{BUFFER, OPEN_FILE, SurveyRequest, WalkEnd, in_thousands};

/// Why a manifest does not stand for everything that could run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Uncertainty {
    /// It holds every entry, but what one of them leads to, or holds, can change unseen.
    Unseen(String),
    /// It holds every entry of the folder, but what one of them leads to cannot even be compared.
    Unknown(String),
    /// It does not hold every entry, so there is no copy either.
    Partial(String),
}

impl Uncertainty {
    /// In words, as the rest of "changes may go unnoticed: …".
    #[must_use]
    pub(crate) fn reason(&self) -> &str {
        let (Self::Unseen(reason) | Self::Unknown(reason) | Self::Partial(reason)) = self;
        reason
    }
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Survey {
    /// Every entry, or as many as there was room for.
    pub manifest: Manifest,
    /// Why that is not enough.
    pub doubt: Option<Uncertainty>,
}

/// Why there is no survey.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// The folder itself is not there, or closed.
    #[error("the deck's folder {folder} cannot be read ({error}): is it still there?")]
    Folder {
        /// Which.
        folder: String,
        /// What the system says.
        error: io::Error,
    },
    /// What was read cannot be written.
    #[error("{0}")]
    Copy(io::Error),
    /// The program ends.
    #[error("the talk is over")]
    Stopped,
}

/// Looks through a folder; with `copy`, an empty folder, writes everything there as well.
///
/// # Errors
/// [`SurveyError`]; whatever else is wrong with the folder is a doubt.
pub(crate) fn survey(order: &SurveyRequest, copy: Option<&Path>) -> Result<Survey, SurveyError> {
    let closed = |error: Errno| SurveyError::Folder {
        folder: order.folder.display().to_string(),
        error: error.into(),
    };
    let from =
        rustix::fs::open(order.folder, OPEN_FOLDER & !OFlags::NOFOLLOW, Mode::empty()).map_err(closed)?;
    let to = copy.map(|copy| rustix::fs::open(copy, OPEN_FOLDER, Mode::empty())).transpose();
    let to = to.map_err(|error| SurveyError::Copy(error.into()))?;
    let own: Vec<Vec<u8>> = order
        .own
        .iter()
        .filter(|_| order.copied)
        .filter_map(|own| own.strip_prefix(order.folder).ok())
        .map(|inside| inside.as_os_str().as_bytes().to_owned())
        .collect();
    let mut walk = Walk {
        order,
        own,
        ends: Instant::now() + order.limits.time,
        seen: 0,
        bytes: 0,
        buffer: vec![0; BUFFER],
        manifest: Manifest::default(),
        links: BTreeMap::new(),
        folders: Vec::new(),
        unread: Vec::new(),
    };
    let walked = walk
        .folder(from.as_fd(), to.as_ref().map(AsFd::as_fd), b"", 0)
        .and_then(|()| to.as_ref().zip(copy).map_or(Ok(()), |(to, copy)| walk.finish(to, copy)));
    let doubt = match walked.and_then(|()| walk.doubt()) {
        Ok(doubt) => doubt,
        Err(WalkEnd::Partial(reason)) => Some(Uncertainty::Partial(reason)),
        Err(WalkEnd::Copy(error)) => return Err(SurveyError::Copy(error)),
        Err(WalkEnd::Stopped) => return Err(SurveyError::Stopped),
    };
    Ok(Survey { manifest: walk.manifest, doubt })
}

const OPEN_FOLDER: OFlags =
    OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::RDONLY);
const CREATE: OFlags = OFlags::CREATE.union(OFlags::EXCL).union(OFlags::CLOEXEC).union(OFlags::WRONLY);
/// What `mode` says about who may do what.
const PERMISSIONS: u32 = 0o7777;
/// Of that, what a copy keeps: its owner may be somebody else than the original's.
const COPIED_PERMISSIONS: u32 = 0o777;

struct Walk<'a> {
    order: &'a SurveyRequest<'a>,
    /// The folders in it that this program itself writes to.
    own: Vec<Vec<u8>>,
    ends: Instant,
    seen: usize,
    bytes: u64,
    buffer: Vec<u8>,
    manifest: Manifest,
    /// Where each link leads, as it says it.
    links: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Folders of the copy, the outer ones first: they are closed when everything is in them.
    folders: Vec<(Vec<u8>, Stat)>,
    /// What could not be read, and why.
    unread: Vec<(Vec<u8>, Errno)>,
}

impl Walk<'_> {
    /// Everything in the folder at `path`. Its depth is bounded.
    fn folder(
        &mut self,
        from: BorrowedFd,
        to: Option<BorrowedFd>,
        path: &[u8],
        depth: usize,
    ) -> Result<(), WalkEnd> {
        if depth > self.order.limits.depth {
            return Err(WalkEnd::Partial(format!(
                "it has more than {} folders in folders",
                self.order.limits.depth
            )));
        }
        for name in self.names(from, path)? {
            let inside = join(path, name.to_bytes());
            let about = match rustix::fs::statat(from, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(about) => about,
                Err(error) => {
                    self.unreadable(&inside, 0, error);
                    continue;
                }
            };
            match FileType::from_raw_mode(about.st_mode) {
                FileType::Directory if self.own.contains(&inside) => {}
                FileType::Directory => self.enter(from, to, &name, &inside, (depth, mode_of(&about)))?,
                FileType::RegularFile if self.order.without.contains(&inside) => {}
                FileType::RegularFile => self.file(from, to, &name, &inside, mode_of(&about))?,
                FileType::Symlink => self.link(from, &name, &inside, mode_of(&about)),
                _ => {
                    let entry = ManifestEntry::Special { mode: mode_of(&about), device: device_of(&about) };
                    self.manifest.set(&inside, entry);
                }
            }
        }
        Ok(())
    }

    /// The names in a folder, sorted.
    fn names(&mut self, from: BorrowedFd, path: &[u8]) -> Result<Vec<CString>, WalkEnd> {
        let mut names = Vec::new();
        let listing = match Dir::read_from(from) {
            Ok(listing) => listing,
            Err(error) => {
                self.unread.push((path.to_owned(), error));
                return Ok(names);
            }
        };
        for entry in listing {
            match entry {
                Ok(entry) if matches!(entry.file_name().to_bytes(), b"." | b"..") => {}
                Ok(entry) => {
                    self.seen += 1;
                    if self.seen > self.order.limits.entries {
                        let most = in_thousands(self.order.limits.entries);
                        return Err(WalkEnd::Partial(format!("it holds more than {most} files and folders")));
                    }
                    names.push(entry.file_name().to_owned());
                }
                Err(error) => {
                    self.unread.push((path.to_owned(), error));
                    break;
                }
            }
        }
        self.go_on()?;
        names.sort();
        Ok(names)
    }

    fn enter(
        &mut self,
        from: BorrowedFd,
        to: Option<BorrowedFd>,
        name: &CString,
        path: &[u8],
        (depth, mode): (usize, u32),
    ) -> Result<(), WalkEnd> {
        let opened = rustix::fs::openat(from, name, OPEN_FOLDER, Mode::empty())
            .and_then(|folder| Ok((rustix::fs::fstat(&folder)?, folder)));
        let (about, folder) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.unreadable(path, mode, error);
                return Ok(());
            }
        };
        self.manifest.set(path, ManifestEntry::Folder { mode: mode_of(&about) & PERMISSIONS });
        let copy = to.map(|to| make_folder(to, name)).transpose().map_err(WalkEnd::Copy)?;
        if copy.is_some() {
            self.folders.push((path.to_owned(), about));
        }
        self.folder(folder.as_fd(), copy.as_ref().map(AsFd::as_fd), path, depth + 1)?;
        if self.holds_nothing_but_own(path) {
            // This program may have made it, for what it writes there.
            self.manifest.remove(path);
            self.folders.retain(|(folder, _)| folder != path);
            if let Some(to) = to {
                rustix::fs::unlinkat(to, name, AtFlags::REMOVEDIR)
                    .map_err(|error| WalkEnd::Copy(error.into()))?;
            }
        }
        Ok(())
    }

    /// Whether the folder at `path` is one around this program's own, with nothing else in it.
    fn holds_nothing_but_own(&self, path: &[u8]) -> bool {
        let inside = |own: &Vec<u8>| own.strip_prefix(path).is_some_and(|rest| rest.starts_with(b"/"));
        self.own.iter().any(inside) && !self.manifest.has_beneath(path)
    }

    fn file(
        &mut self,
        from: BorrowedFd,
        to: Option<BorrowedFd>,
        name: &CString,
        path: &[u8],
        mode: u32,
    ) -> Result<(), WalkEnd> {
        let opened = rustix::fs::openat(from, name, OPEN_FILE, Mode::empty())
            .and_then(|file| Ok((rustix::fs::fstat(&file)?, file)));
        let (about, file) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.unreadable(path, mode, error);
                return Ok(());
            }
        };
        if FileType::from_raw_mode(about.st_mode) != FileType::RegularFile {
            // It was a file a moment ago.
            self.manifest
                .set(path, ManifestEntry::Special { mode: mode_of(&about), device: device_of(&about) });
            return Ok(());
        }
        self.count(u64::try_from(about.st_size).unwrap_or(0), 0)?;
        let copy = to.map(|to| rustix::fs::openat(to, name, CREATE, Mode::RUSR | Mode::WUSR)).transpose();
        let mut copy = copy.map_err(|error| WalkEnd::Copy(error.into()))?.map(File::from);
        match self.contents(File::from(file), copy.as_mut())? {
            Ok(contents) => {
                self.manifest.set(
                    path,
                    ManifestEntry::File { mode: mode_of(&about) & PERMISSIONS, contents: &contents },
                );
                copy.map_or(Ok(()), |copy| keep(&copy, &about)).map_err(WalkEnd::Copy)
            }
            Err(error) => {
                self.unreadable(path, mode_of(&about), error);
                if let Some(to) = to {
                    rustix::fs::unlinkat(to, name, AtFlags::empty())
                        .map_err(|error| WalkEnd::Copy(error.into()))?;
                }
                Ok(())
            }
        }
    }

    /// Reads a file to its end: its checksum, or why it cannot be read.
    fn contents(
        &mut self,
        mut file: File,
        mut copy: Option<&mut File>,
    ) -> Result<Result<Checksum, Errno>, WalkEnd> {
        let mut hash = Sha256::new();
        loop {
            self.go_on()?;
            let count = match file.read(&mut self.buffer) {
                Ok(0) => return Ok(Ok(hash.finalize().into())),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Err(Errno::from_io_error(&error).unwrap_or(Errno::IO))),
            };
            self.count(0, count as u64)?;
            let read = self.buffer.get(..count).unwrap_or_default();
            hash.update(read);
            if let Some(copy) = &mut copy {
                copy.write_all(read).map_err(WalkEnd::Copy)?;
            }
        }
    }

    /// `more` bytes are announced, and `read` were read: a file may grow, or say nothing about its size.
    fn count(&mut self, more: u64, read: u64) -> Result<(), WalkEnd> {
        self.bytes = self.bytes.saturating_add(read);
        if self.bytes.saturating_add(more) > self.order.limits.bytes {
            let most = self.order.limits.bytes >> 20;
            return Err(WalkEnd::Partial(format!("its files hold more than {most} MiB")));
        }
        Ok(())
    }

    fn link(&mut self, from: BorrowedFd, name: &CString, path: &[u8], mode: u32) {
        match rustix::fs::readlinkat(from, name, Vec::new()) {
            Ok(target) => {
                self.manifest.set(path, ManifestEntry::Link { target: target.to_bytes() });
                self.links.insert(path.to_owned(), target.into_bytes());
            }
            Err(error) => self.unreadable(path, mode, error),
        }
    }

    fn unreadable(&mut self, path: &[u8], mode: u32, error: Errno) {
        self.manifest.set(path, ManifestEntry::Unreadable { mode });
        self.unread.push((path.to_owned(), error));
    }

    fn go_on(&self) -> Result<(), WalkEnd> {
        if self.order.stop.load(Ordering::Relaxed) {
            return Err(WalkEnd::Stopped);
        }
        if Instant::now() >= self.ends {
            let most = self.order.limits.time.as_secs();
            return Err(WalkEnd::Partial(format!("looking through it takes longer than {most} s")));
        }
        Ok(())
    }

    /// Makes the links of the copy, and gives its folders their modes and times.
    fn finish(&self, to: &OwnedFd, copy: &Path) -> Result<(), WalkEnd> {
        let root = self.order.folder;
        for (path, target) in &self.links {
            let target = links::in_copy(root, copy, path, target);
            rustix::fs::symlinkat(OsStr::from_bytes(&target), to, OsStr::from_bytes(path))
                .map_err(|error| WalkEnd::Copy(error.into()))?;
        }
        for (path, about) in self.folders.iter().rev() {
            let path = OsStr::from_bytes(path);
            let mode = permissions(mode_of(about) & COPIED_PERMISSIONS);
            rustix::fs::utimensat(to, path, &times(about), AtFlags::empty())
                .and_then(|()| rustix::fs::chmodat(to, path, mode, AtFlags::empty()))
                .map_err(|error| WalkEnd::Copy(error.into()))?;
        }
        Ok(())
    }

    /// What of the entries can change without a change of the manifest. What links lead to is added to it.
    fn doubt(&mut self) -> Result<Option<Uncertainty>, WalkEnd> {
        let outside = self.beyond()?;
        if matches!(outside, Some(Uncertainty::Unknown(_))) {
            return Ok(outside);
        }
        let Some((path, error)) = self.unread.first() else { return Ok(outside) };
        let (path, others) = (shown(path), more(self.unread.len() - 1));
        let path = if path.is_empty() { ".".to_owned() } else { path };
        let reason = format!("{path}{others} cannot be read ({})", io::Error::from(*error));
        Ok(Some(Uncertainty::Unseen(reason)))
    }

    /// Reads what the links lead to outside of the folder.
    fn beyond(&mut self) -> Result<Option<Uncertainty>, WalkEnd> {
        let (mut compared, mut unknown) = (Vec::new(), Vec::new());
        let mut beyond = None;
        for (path, target) in &self.links {
            let Some(outside) = links::changing(self.order.folder, &self.links, path) else { continue };
            let beyond = beyond.get_or_insert_with(|| Beyond::new(self.order));
            match beyond.look(path, target, outside)? {
                Ok(found) => {
                    self.manifest.add(found);
                    compared.push(path);
                }
                Err(why) => unknown.push((path, why)),
            }
        }
        if let Some((path, why)) = unknown.first() {
            let (path, others) = (shown(path), more(unknown.len() - 1));
            let reason = format!("the link {path}{others} leads out of it, {why}, which cannot be compared");
            return Ok(Some(Uncertainty::Unknown(reason)));
        }
        Ok(compared.split_first().map(|(first, rest)| {
            let (path, others) = (shown(first), more(rest.len()));
            Uncertainty::Unseen(format!(
                "the link {path}{others} leads out of it, to what is compared at each start but cannot be copied"
            ))
        }))
    }
}

/// How many others there are besides the one that is named.
fn more(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" (and {others} more)") }
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_owned() } else { [folder, b"/", name].concat() }
}

fn make_folder(to: BorrowedFd, name: &CString) -> io::Result<OwnedFd> {
    rustix::fs::mkdirat(to, name, Mode::RWXU)?;
    Ok(rustix::fs::openat(to, name, OPEN_FOLDER, Mode::empty())?)
}

/// Gives a copied file its mode, and its time: `make` and Python go by it.
fn keep(copy: &File, about: &Stat) -> io::Result<()> {
    rustix::fs::futimens(copy, &times(about))?;
    Ok(rustix::fs::fchmod(copy, permissions(mode_of(about) & COPIED_PERMISSIONS))?)
}

fn times(about: &Stat) -> Timestamps {
    let changed = changed_at(about);
    Timestamps { last_access: changed, last_modification: changed }
}

#[cfg(test)]
mod tests;
