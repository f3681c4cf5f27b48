//! Temporary folders and files that nobody else of this computer can look into. Nothing else makes temporary folders.

use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use tempfile::{Builder, TempDir};

/// In a mode: the group and everybody else may write.
const OTHERS_WRITE: Mode = Mode::WGRP.union(Mode::WOTH);

/// The longest path of a folder that sockets are made in, in bytes: the system allows a socket's path about a hundred,
/// and PostgreSQL names its own `.s.PGSQL.5432`.
const MAX_PATH_BYTES: usize = 80;

/// The folder in which this user's stages are met.
#[must_use]
pub fn meeting_folder() -> PathBuf {
    match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_dir()) {
        Some(runtime) => runtime.join("greenroom"),
        None => std::env::temp_dir().join(format!("greenroom-{}", rustix::process::geteuid().as_raw())),
    }
}

/// Makes the folder at `path`, for files that stay, and those around it that are missing: nobody else can write to them,
/// whatever this process's mask lets new folders be. One that is there and that others may write to is closed to them,
/// because whoever can rename what is in it chooses what runs.
///
/// # Errors
/// What the disk says, and when the folder is another user's.
pub fn own_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::open(path, flags, Mode::empty())?;
    let about = rustix::fs::fstat(&folder)?;
    let ours = rustix::process::geteuid();
    if !ours.is_root() && about.st_uid != ours.as_raw() && about.st_uid != 0 {
        let message = format!("{} belongs to another user: nothing is kept there", path.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    let mode = Mode::from_raw_mode(about.st_mode);
    if mode.intersects(OTHERS_WRITE) {
        rustix::fs::fchmod(&folder, mode.difference(OTHERS_WRITE))?;
    }
    Ok(())
}

/// A folder in the system's place for such, mode 0700, which goes away with this.
///
/// # Errors
/// What the disk says.
pub fn folder(prefix: &str) -> io::Result<TempDir> {
    folder_in(prefix, &std::env::temp_dir())
}

/// The same in `parent`.
///
/// # Errors
/// What the disk says.
pub fn folder_in(prefix: &str, parent: &Path) -> io::Result<TempDir> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o700);
    Builder::new().prefix(prefix).permissions(mode).tempdir_in(parent)
}

/// A folder for sockets: its path is short, and may stand in a URL as it is. Where the system's place is too deep, or
/// has an odd name, it is in `/tmp`.
///
/// # Errors
/// What the disk says.
pub fn socket_folder(prefix: &str) -> io::Result<TempDir> {
    socket_folder_in(prefix, &std::env::temp_dir())
}

fn socket_folder_in(prefix: &str, parent: &Path) -> io::Result<TempDir> {
    let plain = |path: &Path| {
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
        path.is_absolute() && path.as_os_str().as_encoded_bytes().iter().all(fits)
    };
    // What tempfile adds to the prefix is six letters.
    let length = parent.as_os_str().len() + "/".len() + prefix.len() + 6;
    let parent = if length <= MAX_PATH_BYTES && plain(parent) { parent } else { Path::new("/tmp") };
    folder_in(prefix, parent)
}

/// Writes `secret` to a new file that only its owner can read.
///
/// # Errors
/// When something is there already, or what the disk says.
pub fn write_secret(path: &Path, secret: &str) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn c2_folders_and_secrets_are_their_owners() {
        let folder = folder("gr-").unwrap();
        assert_eq!(mode(folder.path()), 0o700);
        let secret = folder.path().join("secret");
        write_secret(&secret, "x").unwrap();
        assert_eq!(mode(&secret), 0o600);
        assert!(write_secret(&secret, "y").is_err(), "what is there is not written to");
    }

    #[test]
    fn c2_folders_that_stay_are_closed_to_others() {
        let outer = folder("gr-").unwrap();
        let open = outer.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o1777)).unwrap();
        own_folder(&open.join("a/b")).unwrap();
        assert_eq!((mode(&open), mode(&open.join("a")), mode(&open.join("a/b"))), (0o777, 0o700, 0o700));
        for (before, after) in [(0o777, 0o755), (0o775, 0o755), (0o750, 0o750), (0o700, 0o700)] {
            std::fs::set_permissions(open.join("a"), std::fs::Permissions::from_mode(before)).unwrap();
            own_folder(&open.join("a")).unwrap();
            assert_eq!(mode(&open.join("a")), after, "{before:o}");
        }
        std::fs::write(open.join("file"), "").unwrap();
        assert!(own_folder(&open.join("file")).is_err());
    }

    #[test]
    fn c2_folders_of_sockets_have_short_plain_paths() {
        let outer = folder("gr-").unwrap();
        let deep = outer.path().join("d".repeat(90));
        let odd = outer.path().join("a b&c=d%");
        for parent in [deep, odd, PathBuf::from("relative")] {
            if parent.is_absolute() {
                std::fs::create_dir_all(&parent).unwrap();
            }
            let made = socket_folder_in("gr-", &parent).unwrap();
            assert!(made.path().starts_with("/tmp") && mode(made.path()) == 0o700, "{made:?}");
        }
        let made = socket_folder_in("gr-", outer.path()).unwrap();
        assert!(made.path().starts_with(outer.path()) && made.path().as_os_str().len() <= MAX_PATH_BYTES);
        assert_eq!(mode(made.path()), 0o700);
    }
}
