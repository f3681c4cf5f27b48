//! Lock files: the packages that a deck's demos import, as values.

use std::fmt;

/// No name of a package is longer, nor a version.
const MAX_WORD: usize = 100;

/// One package of a lock file, in one version, down to the files that may be installed for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct LockedPackage {
    /// Its name, as PEP 508 allows: ASCII letters, digits, and `-`, `_`, `.` between them.
    pub name: String,
    /// Its version, as PEP 440 allows: ASCII only.
    pub version: String,
    /// Where it is installed at all (`sys_platform != "win32"`); everywhere when there is none.
    pub marker: Option<String>,
    /// The SHA-256 of each file that will do, 64 hexadecimal digits each; at least one.
    pub hashes: Vec<String>,
}

impl fmt::Display for LockedPackage {
    /// Without the hashes: `uvloop==0.23.0 ; sys_platform != "win32"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=={}", self.name, self.version)?;
        self.marker.as_ref().map_or(Ok(()), |marker| write!(f, " ; {marker}"))
    }
}

/// A lock file with these entries and nothing else, written anew: what installers are given.
#[must_use]
pub fn text(entries: &[LockedPackage]) -> String {
    let mut text = String::new();
    for entry in entries {
        text.push_str(&entry.to_string());
        for hash in &entry.hashes {
            text.push_str(" \\\n    --hash=sha256:");
            text.push_str(hash);
        }
        text.push('\n');
    }
    text
}

/// The name as an index knows it (PEP 503): `Django_Ninja` is `django-ninja`.
#[must_use]
pub fn normalized(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// Whether `word` can be the name of a package.
#[must_use]
pub fn is_name(word: &str) -> bool {
    let ends = |end: Option<char>| end.is_some_and(|c| c.is_ascii_alphanumeric());
    word.len() <= MAX_WORD
        && ends(word.chars().next())
        && ends(word.chars().next_back())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// Whether `word` is a version: `1!2.0rc1.post2.dev3+local.4`.
#[must_use]
pub(crate) fn is_version(word: &str) -> bool {
    if word.len() > MAX_WORD || !word.is_ascii() {
        return false;
    }
    let word = word.to_ascii_lowercase();
    let (public, local) =
        word.split_once('+').map_or((&*word, None), |(public, local)| (public, Some(local)));
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    local.is_none_or(|local| local.split(['-', '_', '.']).all(part)) && is_public(public)
}

/// Whether `word`, in lower case, is a version without a local part.
fn is_public(word: &str) -> bool {
    let word = word.strip_prefix('v').unwrap_or(word);
    let (epoch, word) = word.split_once('!').unwrap_or(("0", word));
    if !is_number(epoch) {
        return false;
    }
    let Some(mut rest) = release(word) else { return false };
    for names in
        [&["alpha", "beta", "preview", "pre", "rc", "a", "b", "c"][..], &["post", "rev", "r"], &["dev"]]
    {
        rest = suffix(rest, names);
    }
    rest.is_empty()
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

/// What stands behind `1.2.3`.
fn release(word: &str) -> Option<&str> {
    let mut rest = digits(word)?;
    while let Some(more) = rest.strip_prefix('.').and_then(digits) {
        rest = more;
    }
    Some(rest)
}

/// What stands behind one number.
fn digits(word: &str) -> Option<&str> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < word.len()).then_some(rest)
}

/// What stands behind `.post1`, or all of `word` when it does not begin with one of `names`.
fn suffix<'a>(word: &'a str, names: &[&str]) -> &'a str {
    const BETWEEN: [char; 3] = ['-', '_', '.'];
    // `1.0-1` is `1.0.post1`.
    if names.contains(&"post")
        && let Some(rest) = word.strip_prefix('-').and_then(digits)
    {
        return rest;
    }
    let begin = word.strip_prefix(BETWEEN).unwrap_or(word);
    let Some(rest) = names.iter().find_map(|name| begin.strip_prefix(name)) else { return word };
    digits(rest.strip_prefix(BETWEEN).unwrap_or(rest)).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_hold_nothing_else() {
        for good in ["a", "Django", "zope.interface", "ruamel.yaml.clib", "a-_b", "3to2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in
            ["", "-r", "a-", ".a", "a b", "a/b", "é", "a@b", "${A}", "a\u{202e}b", "a\n", &"a".repeat(101)]
        {
            assert!(!is_name(bad), "{bad:?}");
        }
        for good in [
            "1",
            "1.0",
            "1!2.0",
            "v1.0",
            "1.0a1",
            "1.0.alpha.1",
            "1.0rc",
            "1.0-1",
            "1.0.post2",
            "1.0r5",
            "1.0.dev3",
            "1.0b2.post345.dev456",
            "1.0+cpu",
            "1.0+ubuntu-1.x",
            "2026.11.26",
            "1.0C1",
        ] {
            assert!(is_version(good), "{good}");
        }
        for bad in [
            "",
            "1.*",
            "1.0,<2",
            "1.0 ",
            "1..0",
            "1.",
            "a",
            "1.0+",
            "1.0+a..b",
            "1.0x1",
            "!1",
            "1!",
            "${V}",
            "1\u{0661}",
            "1.0.dev1.post1",
            "1.0;",
            "1/2",
        ] {
            assert!(!is_version(bad), "{bad:?}");
        }
        assert_eq!(normalized("Zope_.Interface"), "zope-interface");
    }
}
