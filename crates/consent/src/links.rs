//! Where the links of a deck lead: inside of it, to what the system keeps still, or anywhere.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// As many links as a system follows for one path.
const MAX_HOPS: usize = 40;
/// What belongs to the system, and is as still as the programs in `PATH` that a demo names.
const OF_SYSTEM: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/nix/store"];

/// What the link at `path` says in a copy of the deck: links inside of the deck lead to their copies, those out of it
/// to where they led.
pub(crate) fn in_copy(root: &Path, copy: &Path, path: &[u8], target: &[u8]) -> Vec<u8> {
    let to = Path::new(OsStr::from_bytes(target));
    let parent = Path::new(OsStr::from_bytes(path)).parent().unwrap_or(Path::new(""));
    if let Ok(inside) = to.strip_prefix(root) {
        return copy.join(inside).into_os_string().as_bytes().to_owned();
    }
    if to.is_absolute() || stays(parent, to) {
        return target.to_owned();
    }
    root.join(parent).join(to).into_os_string().as_bytes().to_owned()
}

/// Whether `to`, said in the folder `parent`, never climbs out of the deck.
fn stays(parent: &Path, to: &Path) -> bool {
    let mut depth = parent.components().count();
    to.components().all(|part| match part {
        Component::ParentDir => depth.checked_sub(1).map(|less| depth = less).is_some(),
        Component::Normal(_) => {
            depth += 1;
            true
        }
        _ => true,
    })
}

/// Where the link at `path` leads out of the deck in `root`, if that is something that could be changed.
pub(crate) fn changing(root: &Path, links: &BTreeMap<Vec<u8>, Vec<u8>>, path: &[u8]) -> Option<PathBuf> {
    leaves(root, links, path).filter(|outside| !is_still(outside))
}

/// Where the link at `path` leads out of the deck, if it does; a loop leads nowhere.
fn leaves(root: &Path, links: &BTreeMap<Vec<u8>, Vec<u8>>, path: &[u8]) -> Option<PathBuf> {
    let mut at: Vec<Vec<u8>> = Vec::new();
    let mut rest: VecDeque<Vec<u8>> = path.split(|byte| *byte == b'/').map(<[u8]>::to_owned).collect();
    let mut hops = 0;
    while let Some(part) = rest.pop_front() {
        match part.as_slice() {
            b"" | b"." => continue,
            b".." => {
                if at.pop().is_none() {
                    let mut outside = root.parent().unwrap_or(root).to_owned();
                    outside.extend(rest.iter().map(|part| OsStr::from_bytes(part)));
                    return Some(outside);
                }
                continue;
            }
            _ => at.push(part),
        }
        let Some(target) = links.get(&at.join(&b'/')) else { continue };
        hops += 1;
        if hops > MAX_HOPS {
            return None;
        }
        at.pop();
        let target = Path::new(OsStr::from_bytes(target));
        let inside = match target.strip_prefix(root) {
            Ok(inside) => {
                at.clear();
                inside
            }
            Err(_) if target.is_absolute() => {
                let mut outside = target.to_owned();
                outside.extend(rest.iter().map(|part| OsStr::from_bytes(part)));
                return Some(outside);
            }
            Err(_) => target,
        };
        let parts = inside.components().map(|part| part.as_os_str().as_bytes().to_owned());
        rest = parts.chain(rest).collect();
    }
    None
}

/// Whether everything on the way to `path`, and what is there, belongs to the system and can be written by nobody
/// else.
pub(crate) fn is_still(path: &Path) -> bool {
    if path == Path::new("/dev/null") {
        return true;
    }
    let mut at = PathBuf::from("/");
    let mut rest: VecDeque<PathBuf> = parts(path);
    let mut hops = 0;
    while let Some(part) = rest.pop_front() {
        if part == Path::new("..") {
            at.pop();
            continue;
        }
        at.push(part);
        let Ok(about) = at.symlink_metadata() else { return false };
        let is_link = about.is_symlink();
        if about.uid() != 0 || (!is_link && about.mode() & 0o022 != 0) {
            return false;
        }
        if is_link {
            hops += 1;
            let Ok(target) = at.read_link() else { return false };
            if hops > MAX_HOPS {
                return false;
            }
            at.pop();
            if target.is_absolute() {
                at = PathBuf::from("/");
            }
            let mut whole = parts(&target);
            whole.append(&mut rest);
            rest = whole;
        }
    }
    OF_SYSTEM.iter().any(|place| at.starts_with(place))
}

fn parts(path: &Path) -> VecDeque<PathBuf> {
    path.components()
        .filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir))
        .map(|part| PathBuf::from(part.as_os_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_by_its_words_and_only_what_the_system_keeps_is_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("deck");
        let absolute = root.join("a/b").into_os_string().into_string().unwrap();
        let link = |path: &str, target: &str| (path.as_bytes().to_vec(), target.as_bytes().to_vec());
        let links: BTreeMap<_, _> = [
            link("sub/in", "../a"),
            link("sub/absolute", &absolute),
            link("sub/dangling", "nothing/here"),
            link("loop", "loop"),
            link("one", "two"),
            link("two", "one/x"),
            link("system", "/usr/bin/env"),
            link("sub/out", "../../other"),
            link("through", "sub/out/x"),
            link("anywhere", "/tmp/x"),
            link("back", "../deck/a"),
            link("hidden", "sub/../../other"),
        ]
        .into();
        let changing: Vec<&str> = links
            .keys()
            .filter(|path| changing(&root, &links, path).is_some())
            .map(|path| std::str::from_utf8(path).unwrap())
            .collect();
        assert_eq!(changing, ["anywhere", "back", "hidden", "sub/out", "through"]);
        let copy = Path::new("/copy/deck");
        let copied = |path: &str| in_copy(&root, copy, path.as_bytes(), &links[path.as_bytes()]);
        assert_eq!(copied("sub/in"), b"../a");
        assert_eq!(copied("sub/absolute"), b"/copy/deck/a/b");
        assert_eq!(copied("sub/out"), root.join("sub/../../other").as_os_str().as_bytes());
        assert_eq!(copied("anywhere"), b"/tmp/x");
    }
}
