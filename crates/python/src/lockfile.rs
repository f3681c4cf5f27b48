//! A deck's lock file: `name==version ; marker --hash=sha256:…`, and nothing else.
//!
//! pip and uv read much more in such a file: other files, other indexes, addresses and variables of the environment.
//! Each of these sends something out or runs something that nobody has looked at, so that none of it is understood
//! here, and what is understood is written anew before an installer sees it ([`crate::requirement::text`]).

mod marker;

use std::collections::BTreeSet;
use std::ops::Range;

use crate::requirement::{LockedPackage, is_name, is_version, normalized};
use greenroom_base::diag::{Diagnostic, Location};

/// No lock file has more packages, and no package more files.
const MAX: usize = 5000;
/// So many mistakes are told.
const MAX_PROBLEMS: usize = 20;
/// Digits of a SHA-256.
const DIGITS: usize = 64;

const ANEW: &str =
    "make it with: uv pip compile --universal --generate-hashes requirements.in -o requirements.txt";

/// The packages of the lock file `bytes`, which is called `file` when something is wrong.
///
/// # Errors
/// Everything in it that is no package with its version and hashes, each with its place.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<LockedPackage>, Vec<Diagnostic>> {
    let source = match std::str::from_utf8(bytes) {
        Ok(source) => source,
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let source = String::from_utf8_lossy(good);
            let place = Location::locate(file, &source, source.len()..source.len());
            return Err(vec![Diagnostic::error(place, "the lock file is not UTF-8 text").hint(ANEW)]);
        }
    };
    let mut reader =
        Reader { file, source, entries: Vec::new(), known: BTreeSet::new(), problems: Vec::new() };
    reader.read();
    if reader.problems.is_empty() { Ok(reader.entries) } else { Err(reader.problems) }
}

/// A condition such as `python_version < "3.14"` in a form of its own (PEP 508).
///
/// # Errors
/// Why it is none, in words.
pub fn condition(text: &str) -> Result<String, &'static str> {
    marker::read(text)
}

/// A word and where it stands.
#[derive(Debug, Clone)]
struct Word<'a> {
    text: &'a str,
    at: Range<usize>,
}

struct Reader<'a> {
    file: &'a str,
    source: &'a str,
    entries: Vec<LockedPackage>,
    /// What was locked so far: names with their markers.
    known: BTreeSet<(String, Option<String>)>,
    problems: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        let mut offset = 0;
        let mut words: Vec<Word<'a>> = Vec::new();
        for (number, whole) in self.source.split_inclusive('\n').enumerate() {
            let line = whole.strip_suffix('\n').unwrap_or(whole);
            let line = line.strip_suffix('\r').unwrap_or(line);
            let skipped = if number == 0 && line.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            let goes_on = self.line(line.get(skipped..).unwrap_or_default(), offset + skipped, &mut words);
            offset += whole.len();
            if !goes_on {
                self.requirement(&words);
                words.clear();
            }
            if self.problems.len() >= MAX_PROBLEMS || self.entries.len() > MAX {
                break;
            }
        }
        self.requirement(&words);
        if self.entries.len() > MAX {
            self.problem(0..0, &format!("the lock file holds more than {MAX} packages"), ANEW);
        }
    }

    /// Takes in the words of one line, and says whether the next one belongs to it.
    fn line(&mut self, line: &'a str, offset: usize, words: &mut Vec<Word<'a>>) -> bool {
        if let Some((at, c)) = line.char_indices().find(|(_, c)| c.is_control() && *c != '\t') {
            let says = format!("the lock file holds a control character (U+{:04X})", u32::from(c));
            self.problem(offset + at..offset + at + c.len_utf8(), &says, ANEW);
            words.clear();
            return false;
        }
        let blank = |c: char| c == ' ' || c == '\t';
        let comment = line.match_indices('#').find(|(at, _)| {
            line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with(blank))
        });
        let line = comment.map_or(line, |(at, _)| line.get(..at).unwrap_or_default());
        let text = line.trim_end_matches(blank);
        let more = text.strip_suffix('\\').filter(|_| comment.is_none());
        let text = more.unwrap_or(text);
        let mut at = 0;
        for part in text.split(blank) {
            if !part.is_empty() {
                words.push(Word { text: part, at: offset + at..offset + at + part.len() });
            }
            at += part.len() + 1;
        }
        more.is_some()
    }

    /// Takes in what stands on one line, or on several that belong together.
    fn requirement(&mut self, words: &[Word<'a>]) {
        let Some(first) = words.first() else { return };
        let split = words.iter().position(|word| word.text.starts_with("--")).unwrap_or(words.len());
        let (named, options) = words.split_at(split);
        let Some((name, version, marker)) = self.named(first, named) else { return };
        let Some(hashes) = self.hashes(first, options) else { return };
        if !self.known.insert((normalized(name), marker.clone())) {
            let says = format!("the lock file names {name} twice");
            return self.problem(first.at.clone(), &says, "keep one of the two");
        }
        self.entries.push(LockedPackage {
            name: name.to_owned(),
            version: version.to_owned(),
            marker,
            hashes,
        });
    }

    /// The name, the version and the marker in `words`, which `first` is one of, or would be.
    fn named(&mut self, first: &Word<'a>, words: &[Word<'a>]) -> Option<(&'a str, &'a str, Option<String>)> {
        let (text, begin) =
            first.text.split_once(';').map_or((first.text, None), |(text, rest)| (text, Some(rest)));
        let pair = text.split_once("==").filter(|(name, version)| is_name(name) && is_version(version));
        let Some((name, version)) = pair else {
            let (says, hint) = refused(first, words);
            self.problem(first.at.clone(), &says, hint);
            return None;
        };
        let rest = words.get(1..).unwrap_or_default();
        let rest = match (begin, rest.split_first()) {
            (Some(""), Some(_)) => rest.iter().map(|word| word.text).collect(),
            (Some(begin), _) if !begin.is_empty() => {
                std::iter::once(begin).chain(rest.iter().map(|word| word.text)).collect()
            }
            (None, Some((next, more))) if next.text.starts_with(';') => {
                let begin = next.text.strip_prefix(';').unwrap_or_default();
                std::iter::once(begin).chain(more.iter().map(|word| word.text)).collect()
            }
            (None, None) => return Some((name, version, None)),
            (None, Some((next, _))) => {
                let (says, hint) = refused(next, words);
                self.problem(next.at.clone(), &says, hint);
                return None;
            }
            (Some(_), _) => Vec::new(),
        };
        let rest: Vec<&str> = rest;
        match marker::read(&rest.join(" ")) {
            Ok(marker) => Some((name, version, Some(marker))),
            Err(why) => {
                let end = words.last().map_or(first.at.end, |word| word.at.end);
                let says = format!("what stands behind the semicolon is no condition: {why}");
                self.problem(first.at.start..end, &says, "a condition reads: python_version < \"3.14\"");
                None
            }
        }
    }

    /// The hashes in `options`, and nothing else.
    fn hashes(&mut self, first: &Word<'a>, options: &[Word<'a>]) -> Option<Vec<String>> {
        let mut hashes = Vec::new();
        for word in options.iter().take(MAX) {
            let digits = word.text.strip_prefix("--hash=sha256:");
            let is_hash =
                |digits: &&str| digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let Some(digits) = digits.filter(is_hash) else {
                let (says, hint) = if word.text.starts_with("--hash") {
                    (format!("a hash reads --hash=sha256: and {DIGITS} hexadecimal digits"), ANEW)
                } else {
                    refused(word, &[])
                };
                self.problem(word.at.clone(), &says, hint);
                return None;
            };
            hashes.push(digits.to_ascii_lowercase());
        }
        if hashes.is_empty() {
            let says = format!("{} has no hash, so that anything could be installed for it", first.text);
            self.problem(first.at.clone(), &says, ANEW);
            return None;
        }
        hashes.sort_unstable();
        hashes.dedup();
        Some(hashes)
    }

    fn problem(&mut self, at: Range<usize>, says: &str, hint: &str) {
        let place = Location::locate(self.file, self.source, at);
        self.problems.push(Diagnostic::error(place, says).hint(hint));
    }
}

/// Why `word` has no place in a lock file, and what to do. `beside` are the words on its line.
fn refused(word: &Word<'_>, beside: &[Word<'_>]) -> (String, &'static str) {
    let text = word.text;
    let first = text.split('=').next().unwrap_or_default();
    if text.contains("${") {
        return (
            "a variable of the environment is not filled into a lock file".to_owned(),
            "write what is meant",
        );
    }
    if text.starts_with('-') {
        let index =
            ["-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-index", "--trusted-host"];
        let hint = if index.contains(&first) {
            "leave the line out: each person names an index in UV_DEFAULT_INDEX"
        } else {
            "leave it out: packages, versions and hashes are all that is read"
        };
        return (format!("{} is an option, and a lock file holds none", short(first)), hint);
    }
    let address = |word: &Word<'_>| word.text.contains("://") || word.text.contains('@');
    if address(word) || beside.get(1).is_some_and(address) {
        return ("a package is named by an address".to_owned(), ANEW);
    }
    if text.starts_with('.') || text.contains(['/', '\\']) {
        return ("a package is named by a path".to_owned(), ANEW);
    }
    if text.contains('[') {
        return (
            format!("{} names extras", short(text)),
            "make it with --strip-extras: what they need is locked beside it",
        );
    }
    (format!("{} is no package with its version: name==version", short(text)), ANEW)
}

/// As much of `text` as fits into a message.
fn short(text: &str) -> String {
    let text: String = text.chars().take(60).collect();
    format!("`{}`", text.escape_debug())
}

#[cfg(test)]
mod tests;
