//! The file of the program that runs.

use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Opens the file of this program and says where it is. The one that runs counts, even when another has taken its
/// name since.
///
/// # Errors
/// When the system does not say which file it is, or does not let it be read.
pub fn open() -> io::Result<(File, PathBuf)> {
    let mut problem = None;
    for path in places() {
        match File::open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) => problem = Some(error),
        }
    }
    Err(problem.unwrap_or_else(|| io::ErrorKind::NotFound.into()))
}

/// Where this program's file is, for who starts it again; none when the system does not say.
#[must_use]
pub fn this() -> Option<PathBuf> {
    places().into_iter().find(|place| place.exists())
}

/// Where this program's file is, the surest place first. Without `/proc`, as in a bare chroot, the kernel has still
/// told the program by which name it was started.
#[must_use]
pub fn places() -> Vec<PathBuf> {
    let mut places = vec![PathBuf::from("/proc/self/exe")];
    places.extend(std::env::current_exe());
    places.extend(crate::os::started_as().and_then(|path| std::path::absolute(path).ok()));
    places
}
