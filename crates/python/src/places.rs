//! Where interpreters may be, without running any of them.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};

use crate::runtime::{Kind, Origin};

/// Names that are looked up in `PATH`, in this order.
const NAMES: [&str; 7] =
    ["python3.14t", "python3.15t", "python3.13t", "python3.14", "python3.15", "python3.13", "python3"];
/// Versions, the best first: the lock file was tried with 3.14.
const MINORS: [Option<(u32, u32)>; 4] = [Some((3, 14)), None, Some((3, 15)), Some((3, 13))];
/// At most so many of one folder are looked at.
const MAX_IN_FOLDER: usize = 40;

/// The interpreters that somebody named, as far as they did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// `--python`
    pub gil: Option<PathBuf>,
    /// `--python-ft`
    pub free_threaded: Option<PathBuf>,
}

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// `GREENROOM_PYTHON`
    pub gil: Option<PathBuf>,
    /// `GREENROOM_PYTHON_FT`
    pub free_threaded: Option<PathBuf>,
    /// The folders of `PATH`.
    pub path: Vec<PathBuf>,
    /// Where uv keeps its own.
    pub uv: Option<PathBuf>,
    /// Where pyenv keeps its own.
    pub pyenv: Option<PathBuf>,
    /// Folders that nothing is taken from unless a person names it: a deck's, and the current one. What lies there came
    /// with somebody's deck or project, and is not to be run to learn its version.
    pub shut: Vec<PathBuf>,
}

impl Places {
    /// Those of the person who runs Greenroom.
    #[must_use]
    pub fn of_user() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let dirs = choose_base_strategy().ok();
        let data = dirs.as_ref().map(BaseStrategy::data_dir);
        let home = dirs.as_ref().map(|dirs| dirs.home_dir().to_owned());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let places = Self {
            gil: set(Kind::Gil.variable()),
            free_threaded: set(Kind::FreeThreaded.variable()),
            path: std::env::split_paths(&path).collect(),
            uv: set("UV_PYTHON_INSTALL_DIR").or_else(|| Some(data?.join("uv/python"))),
            pyenv: set("PYENV_ROOT").or_else(|| Some(home?.join(".pyenv"))).map(|root| root.join("versions")),
            shut: Vec::new(),
        };
        match std::env::current_dir() {
            Ok(current) => places.outside(&current),
            Err(_) => places,
        }
    }

    /// The same without what lies in `folder`: relative folders of `PATH`, and links that lead there, included. A folder
    /// that holds the person's home is no deck's alone, and is left open.
    #[must_use]
    pub fn outside(mut self, folder: &Path) -> Self {
        let home = choose_base_strategy().ok().map(|dirs| real(dirs.home_dir()));
        self.shut_out(real(folder), home.as_deref());
        self
    }

    fn shut_out(&mut self, folder: PathBuf, home: Option<&Path>) {
        if folder.parent().is_some() && home.is_none_or(|home| !home.starts_with(&folder)) {
            self.shut.push(folder);
        }
        let path = std::mem::take(&mut self.path);
        self.path = path.into_iter().filter(|folder| folder.is_absolute() && self.is_open(folder)).collect();
    }

    /// Whether what is at `path` may be run without being named.
    #[must_use]
    pub(crate) fn is_open(&self, path: &Path) -> bool {
        let (real, shut) = (real(path), &self.shut);
        !shut.iter().any(|folder| path.starts_with(folder) || real.starts_with(folder))
    }

    /// The program `name` in `PATH`.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        self.path.iter().map(|folder| folder.join(name)).find(|path| is_program(path) && self.is_open(path))
    }
}

/// `path` with no link left in it, as far as it is there.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Whether `path` is a file that may be run.
#[must_use]
pub(crate) fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    // One that only offers to install itself would open a dialogue over a talk.
    !greenroom_system::os::is_stub(path)
        && fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

/// A file that may be an interpreter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub path: PathBuf,
    pub origin: Origin,
    /// As what it was asked for.
    pub asked: Option<Kind>,
    /// What its name says.
    minor: Option<(u32, u32)>,
    free_threaded: bool,
}

impl Candidate {
    fn named(path: PathBuf, origin: Origin, name: &OsStr) -> Self {
        let name = name.to_string_lossy();
        let free_threaded = name.contains("+freethreaded") || name.ends_with('t');
        Self { path, origin, asked: None, minor: minor(&name), free_threaded }
    }

    /// The program `name`, which is in `PATH` as `path`.
    pub(super) fn in_path(path: PathBuf, name: &str) -> Self {
        Self::named(path, Origin::Path, OsStr::new(name))
    }

    /// Whether its name does not speak against this version.
    pub(super) fn may_be(&self, minor: (u32, u32), free_threaded: bool) -> bool {
        self.minor.is_none_or(|named| named == minor && self.free_threaded == free_threaded)
            && (self.asked.is_none() || self.free_threaded == free_threaded)
    }

    /// Whether its name says this version.
    pub(super) fn is_said_to_be(&self, minor: (u32, u32)) -> bool {
        self.minor == Some(minor)
    }

    fn asked(path: &Path, origin: Origin, kind: Kind) -> Self {
        let free_threaded = kind == Kind::FreeThreaded;
        Self { path: path.to_owned(), origin, asked: Some(kind), minor: None, free_threaded }
    }

    /// Lower is better, for somebody who looks for `kind`; `minor` is the other runtime's version, which this one
    /// should have too.
    pub(crate) fn rank(&self, kind: Kind, minor: Option<(u32, u32)>) -> (bool, usize) {
        let version = if minor.is_some() && self.minor == minor {
            0
        } else {
            1 + MINORS.iter().position(|known| *known == self.minor).unwrap_or(MINORS.len())
        };
        (self.free_threaded != (kind == Kind::FreeThreaded), version)
    }
}

/// The first `3.x` in a name.
fn minor(name: &str) -> Option<(u32, u32)> {
    let at = name.find("3.")?;
    let digits: String = name.get(at + 2..)?.chars().take_while(char::is_ascii_digit).collect();
    Some((3, digits.parse().ok()?))
}

/// Every candidate, in the order of the places.
pub(super) fn candidates(wanted: &Wanted, places: &Places) -> Vec<Candidate> {
    let mut found = Vec::new();
    let named = [
        (&wanted.gil, &places.gil, Kind::Gil),
        (&wanted.free_threaded, &places.free_threaded, Kind::FreeThreaded),
    ];
    for (option, variable, kind) in named {
        let asked = option.as_deref().map(|path| (path, Origin::Option));
        let asked = asked.or_else(|| variable.as_deref().map(|path| (path, Origin::Variable)));
        if let Some((path, origin)) = asked {
            // A bare name is looked up, as a shell does.
            let bare = path.components().count() == 1 && !path.has_root();
            let full = path.to_str().filter(|_| bare).and_then(|name| places.program(name));
            // It is run from elsewhere.
            let full = full.or_else(|| std::path::absolute(path).ok());
            found.push(Candidate::asked(full.as_deref().unwrap_or(path), origin, kind));
        }
    }
    let in_path = NAMES.iter().filter_map(|name| Some((places.program(name)?, name)));
    found.extend(in_path.map(|(path, name)| Candidate::named(path, Origin::Path, OsStr::new(name))));
    for (folder, origin) in [(&places.uv, Origin::Uv), (&places.pyenv, Origin::Pyenv)] {
        let kept = folder.iter().flat_map(|folder| kept(folder, origin));
        found.extend(kept.filter(|one| places.is_open(&one.path)));
    }
    found
}

/// The interpreters that a manager of interpreters keeps in `folder`, one in a folder each, the newest first.
fn kept(folder: &Path, origin: Origin) -> Vec<Candidate> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<OsString> = entries.map(|entry| entry.file_name()).collect();
    names.retain(|name| {
        let name = name.to_string_lossy();
        !name.starts_with(['.', '2']) && minor(&name).is_none_or(|minor| minor >= (3, 9))
    });
    names.sort_by_key(|name| std::cmp::Reverse(numbers(&name.to_string_lossy())));
    names.truncate(MAX_IN_FOLDER);
    let one = |name: OsString| {
        let bin = folder.join(&name).join("bin");
        let path =
            ["python3", "python"].map(|name| bin.join(name)).into_iter().find(|path| is_program(path))?;
        Some(Candidate::named(path, origin, name.to_string_lossy().split("-linux").next()?.as_ref()))
    };
    names.into_iter().filter_map(one).collect()
}

/// The numbers in a name, so that 3.14.10 comes after 3.14.9.
fn numbers(name: &str) -> Vec<u64> {
    name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn program(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn every_place_is_looked_at_in_its_order() {
        let top = tempfile::tempdir().unwrap();
        let at = |path: &str| top.path().join(path);
        for path in [
            "bin/python3",
            "bin/python3.14t",
            "uv/cpython-3.14.9-linux-x86_64-gnu/bin/python3",
            "uv/cpython-3.14.10+freethreaded-linux-x86_64-gnu/bin/python3",
            "pyenv/3.13.1t/bin/python",
            "pyenv/2.7.18/bin/python",
            "pyenv/3.8.1/bin/python3",
        ] {
            program(&at(path));
        }
        fs::write(at("bin/python3.14"), "not a program").unwrap();
        let places = Places {
            gil: Some("python3".into()),
            path: vec![at("none"), at("bin")],
            uv: Some(at("uv")),
            pyenv: Some(at("pyenv")),
            ..Places::default()
        };
        let wanted = Wanted { free_threaded: Some("/x/python".into()), ..Wanted::default() };
        let found = candidates(&wanted, &places);
        let inside =
            |path: &Path| path.strip_prefix(top.path()).unwrap_or(path).to_string_lossy().into_owned();
        let named: Vec<_> =
            found.iter().map(|one| (inside(&one.path), one.origin, one.free_threaded)).collect();
        let expected = [
            ("bin/python3", Origin::Variable, false),
            ("/x/python", Origin::Option, true),
            ("bin/python3.14t", Origin::Path, true),
            ("bin/python3", Origin::Path, false),
            ("uv/cpython-3.14.10+freethreaded-linux-x86_64-gnu/bin/python3", Origin::Uv, true),
            ("uv/cpython-3.14.9-linux-x86_64-gnu/bin/python3", Origin::Uv, false),
            ("pyenv/3.13.1t/bin/python", Origin::Pyenv, true),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(p, o, f)| (p.to_owned(), o, f)).collect();
        assert_eq!(named, expected);
    }

    #[test]
    fn h1_nothing_is_taken_from_a_deck_or_the_current_folder() {
        let top = tempfile::tempdir().unwrap();
        let at = |path: &str| top.path().canonicalize().unwrap().join(path);
        for path in ["deck/bin/python3", "deck/py/3.14.1/bin/python3", "mine/python3.13"] {
            program(&at(path));
        }
        fs::create_dir_all(at("links")).unwrap();
        std::os::unix::fs::symlink(at("deck/bin/python3"), at("links/python3.14")).unwrap();
        std::os::unix::fs::symlink(at("deck/bin"), at("linked")).unwrap();
        let path = vec![".".into(), "bin".into(), at("deck/bin"), at("linked"), at("links"), at("mine")];
        let mut places = Places { path, uv: Some(at("deck/py")), ..Places::default() };
        places.shut_out(at("deck"), Some(&at("home")));
        let found: Vec<_> = candidates(&Wanted::default(), &places).into_iter().map(|one| one.path).collect();
        assert_eq!(found, [at("mine/python3.13")]);
        assert_eq!((places.program("python3"), places.program("python3.14")), (None, None));
        // A deck that lies in the home itself does not shut everything of the person's out.
        let mut places = Places { path: vec![at("mine")], ..Places::default() };
        places.shut_out(at(""), Some(&at("home")));
        assert!(places.shut.is_empty() && places.program("python3.13").is_some());
    }

    #[test]
    fn the_same_version_as_the_other_runtime_comes_first() {
        let one = |name: &str| Candidate::named(PathBuf::new(), Origin::Path, OsStr::new(name));
        let best = |kind, minor, names: &[&'static str]| {
            names.iter().copied().min_by_key(|name| one(name).rank(kind, minor)).unwrap()
        };
        let all = ["python3", "python3.15", "python3.14", "python3.13t", "python3.15t"];
        assert_eq!(best(Kind::Gil, None, &all), "python3.14");
        assert_eq!(best(Kind::Gil, Some((3, 15)), &all), "python3.15");
        assert_eq!(best(Kind::FreeThreaded, None, &all), "python3.15t");
        assert_eq!(best(Kind::FreeThreaded, Some((3, 13)), &all), "python3.13t");
    }
}
