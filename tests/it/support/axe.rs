//! axe-core, which looks for barriers in pages. It is half a megabyte, and stays out of the repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::needs::{has, skip_optional};

/// The version that is asked for, and that `.ci/run` fetches.
const VERSION: &str = "4.14.1";

/// Its source: the file that `GREENROOM_AXE` names, the one in the user's cache, or from npm's registry, once. None, with a line
/// that says so, where it cannot be had.
#[track_caller]
pub(crate) fn source() -> Option<String> {
    if let Some(path) = std::env::var_os("GREENROOM_AXE").filter(|path| !path.is_empty()) {
        return Some(std::fs::read_to_string(path).unwrap());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    let folder = cache.join("greenroom-ci").join(format!("axe-core-{VERSION}"));
    let kept = folder.join("axe.min.js");
    if !kept.is_file() && has("npm") {
        fetch(&folder);
    }
    let source = std::fs::read_to_string(kept).ok();
    if source.is_none() {
        // It comes from a network that not every machine has.
        skip_optional("axe-core (GREENROOM_AXE, or npm to fetch it)");
    }
    source
}

/// Puts it into `folder`, as a whole or not at all.
fn fetch(folder: &Path) {
    let Some(parent) = folder.parent() else { return };
    let Ok(()) = std::fs::create_dir_all(parent) else { return };
    let Ok(fresh) = tempfile::TempDir::new_in(parent) else { return };
    let pack = Command::new("npm")
        .args(["pack", "--silent", &format!("axe-core@{VERSION}")])
        .current_dir(fresh.path())
        .stdin(Stdio::null())
        .output();
    if !pack.is_ok_and(|pack| pack.status.success()) {
        return;
    }
    let archive = format!("axe-core-{VERSION}.tgz");
    let unpack = Command::new("tar").args(["xzf", &archive]).current_dir(fresh.path()).status();
    if unpack.is_ok_and(|unpack| unpack.success()) {
        // Another test may have been first.
        let _ = std::fs::rename(fresh.path().join("package"), folder);
    }
}
