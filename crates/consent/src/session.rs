//! A private folder for as long as the program runs, below the user's cache.
//!
//! What a killed process left behind is removed when the next one begins. A process holds a lock on a file in its
//! folder, which the system lets go of when the process ends, whatever the reason: no process number is trusted, as
//! long as there is a lock to ask.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::process::Pid;

use super::manifest::Checksum;
use greenroom_system::private;

/// How the folder of a process is called, with its number and a few letters behind it.
const PREFIX: &str = "run-";
/// How it is called until it is locked.
const UNLOCKED: &str = ".run-";
const LOCK: &str = "lock";
/// Copies that are kept at a time. Whoever changes the deck and agrees to it during a talk makes one each time.
const MAX_COPIES: usize = 4;

/// The folder of this process. It is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Session {
    folder: PathBuf,
    /// Held, not read.
    _lock: File,
    copies: VecDeque<(Checksum, PathBuf)>,
    made: usize,
}

impl Session {
    /// Makes the folder below `cache`, and removes those of processes that are gone.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn begin(cache: &Path) -> io::Result<Self> {
        private::own_folder(cache)?;
        let mine = private::folder_in(&format!("{UNLOCKED}{}-", std::process::id()), cache)?;
        let lock = File::create_new(mine.path().join(LOCK))?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        let name = mine.path().file_name().and_then(OsStr::to_str).and_then(|name| name.strip_prefix('.'));
        let folder = cache.join(name.ok_or(io::ErrorKind::InvalidData)?);
        // Under this name others look for a lock: it is there.
        fs::rename(mine.path(), &folder)?;
        let _ = mine.keep();
        let (cache, without) = (cache.to_owned(), folder.clone());
        // It may be a lot, and nobody has to wait for it.
        let _ = std::thread::Builder::new().name("sweep".to_owned()).spawn(move || sweep(&cache, &without));
        Ok(Self { folder, _lock: lock, copies: VecDeque::new(), made: 0 })
    }

    /// The copy of what has this checksum, if there is one.
    #[must_use]
    pub(crate) fn copy(&self, sum: &Checksum) -> Option<PathBuf> {
        self.copies.iter().find(|(of, _)| of == sum).map(|(_, folder)| folder.clone())
    }

    /// An empty folder called `name`, in one that holds nothing else.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn room(&mut self, name: &OsStr) -> io::Result<PathBuf> {
        self.made += 1;
        let folder = self.folder.join(self.made.to_string()).join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Keeps the folder that [`Session::room`] gave as the copy of what has this checksum.
    pub(crate) fn keep(&mut self, sum: Checksum, folder: PathBuf) {
        self.copies.push_back((sum, folder));
        while self.copies.len() > MAX_COPIES {
            if let Some((_, oldest)) = self.copies.pop_front() {
                self.discard(&oldest);
            }
        }
    }

    /// Removes a folder that [`Session::room`] gave.
    pub(crate) fn discard(&self, folder: &Path) {
        if let Some(around) = folder.parent().filter(|around| around.parent() == Some(&self.folder)) {
            remove(around);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

/// Removes the folders below `cache` whose processes are gone.
fn sweep(cache: &Path, mine: &Path) {
    let Ok(entries) = fs::read_dir(cache) else { return };
    for entry in entries.flatten().filter(|entry| entry.path() != mine) {
        let name = entry.file_name();
        // Links are nobody's folder, and somebody else's is not ours to remove.
        let is_ours = fs::symlink_metadata(entry.path())
            .is_ok_and(|about| about.is_dir() && about.uid() == rustix::process::getuid().as_raw());
        if is_ours && number(&name).is_some_and(|(pid, locks)| is_left(&entry.path(), pid, locks)) {
            remove(&entry.path());
        }
    }
}

/// The process that a folder is named after, and whether it is one that is locked.
fn number(name: &OsStr) -> Option<(Pid, bool)> {
    let name = name.to_str()?;
    let locks = name.strip_prefix(PREFIX);
    let (pid, _) = locks.or_else(|| name.strip_prefix(UNLOCKED))?.split_once('-')?;
    Some((Pid::from_raw(pid.parse().ok().filter(|pid| *pid > 0)?)?, locks.is_some()))
}

/// Whether nobody uses `folder` any more.
fn is_left(folder: &Path, pid: Pid, locks: bool) -> bool {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let lock = rustix::fs::open(folder.join(LOCK), flags, Mode::empty());
    match lock {
        Ok(lock) if locks => rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok(),
        // Its lock has gone already, or is not there yet.
        _ => rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH),
    }
}

/// Removes a folder of our own with everything in it, the lock last. What cannot be removed stays, for the next time.
fn remove(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let (locks, rest): (Vec<PathBuf>, Vec<PathBuf>) = entries
        .flatten()
        .map(|entry| entry.path())
        .partition(|path| path.file_name() == Some(OsStr::new(LOCK)));
    for path in rest.into_iter().chain(locks) {
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|about| about.is_dir());
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        if removed.is_err() && is_folder {
            open_up(&path);
            let _ = fs::remove_dir_all(&path);
        }
    }
    let _ = fs::remove_dir(folder);
}

/// Makes folders that keep their owner out, as a deck's may, ready to be removed.
fn open_up(folder: &Path) {
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let _ = fs::set_permissions(&folder, fs::Permissions::from_mode(0o700));
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        waiting.extend(folders.map(|entry| entry.path()));
    }
}

/// What a copy of `folder` is called: as the folder is, for programs that show where they are.
#[must_use]
pub(crate) fn name_of(folder: &Path) -> OsString {
    folder.file_name().map_or_else(|| OsString::from("deck"), OsStr::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn what_a_dead_process_left_is_removed_and_nothing_else() {
        let cache = tempfile::tempdir().unwrap();
        let at = |name: &str| cache.path().join(name);
        // A process that was killed: its lock is free, and one of its folders closed.
        fs::create_dir_all(at("run-999999999-dead/1/deck/closed")).unwrap();
        fs::write(at("run-999999999-dead/lock"), "").unwrap();
        fs::write(at("run-999999999-dead/1/deck/closed/file"), "x").unwrap();
        fs::set_permissions(at("run-999999999-dead/1/deck/closed"), fs::Permissions::from_mode(0o500))
            .unwrap();
        // One that was killed while it was cleared away, and one before its lock was there.
        fs::create_dir_all(at("run-999999998-half/1")).unwrap();
        fs::create_dir_all(at(".run-999999997-new")).unwrap();
        // Others' affairs.
        fs::create_dir_all(at("run-of-the-mill/1")).unwrap();
        fs::create_dir_all(at("elsewhere/1")).unwrap();
        fs::create_dir_all(at(&format!(".run-{}-starting", std::process::id()))).unwrap();
        std::os::unix::fs::symlink(at("elsewhere"), at("run-999999996-link")).unwrap();
        // Each of them clears away as soon as it begins: everything stands by then.
        let living = Session::begin(cache.path()).unwrap();
        let second = Session::begin(cache.path()).unwrap();
        let gone = ["run-999999999-dead", "run-999999998-half", ".run-999999997-new"];
        let end = Instant::now() + Duration::from_secs(20);
        while gone.iter().any(|name| at(name).exists()) {
            assert!(Instant::now() < end, "{:?}", fs::read_dir(cache.path()).unwrap().collect::<Vec<_>>());
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(living.folder.is_dir() && second.folder.is_dir());
        assert_eq!(fs::metadata(&living.folder).unwrap().permissions().mode() & 0o777, 0o700);
        for name in ["run-of-the-mill/1", "elsewhere/1", "run-999999996-link"] {
            assert!(at(name).exists(), "{name}");
        }
        assert!(at(&format!(".run-{}-starting", std::process::id())).exists());
        let folder = living.folder.clone();
        drop(living);
        assert!(!folder.exists());
    }
}
