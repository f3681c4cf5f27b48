//! What a project asks for, read from its files: no further than its folder, and only what is a package.
//!
//! Names go to an index, and addresses are asked: whatever a line holds that is neither a package with its versions nor
//! a plain address is left out and said, so that nothing else of this computer can be sent anywhere.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

use serde::Deserialize;

use super::super::survey::packages_in;
use super::super::uv::clean;
use super::{Needs, ProjectError, answer};
use crate::lockfile::condition;
use crate::requirement::{is_name, is_version};
use crate::runtime::Runtime;
use greenroom_base::files::{FileError, Files, beside, normalize};
use greenroom_base::plain;
use greenroom_system::disk::DiskFiles;

const PYPROJECT: &str = include_str!("pyproject.py");
/// A file is not longer, in bytes: what one argument of a program may hold.
const MAX_FILE: u64 = 120 << 10;
/// So many files include each other.
const MAX_FILES: usize = 50;
/// So many things are told that were left out.
const MAX_NOTES: usize = 50;
/// Where an environment of a project lies.
const VENVS: [&str; 3] = [".venv", "venv", "."];
/// What installers bring along.
const INSTALLERS: [&str; 4] = ["pip", "setuptools", "wheel", "uv"];

/// What the project in `folder` asks for. Nothing of it is run; `runtime` reads TOML.
///
/// # Errors
/// When the folder or the interpreter does not answer.
pub fn needs(runtime: &Runtime, folder: &Path) -> Result<Needs, ProjectError> {
    let unreadable = |said: String| ProjectError::Unreadable { what: folder.display().to_string(), said };
    let files = DiskFiles::new(folder).map_err(|error| unreadable(error.to_string()))?;
    let mut reader = Reader { files: &files, needs: Needs::default(), seen: BTreeSet::new() };
    if files.head("requirements.txt", 1).is_ok() {
        reader.needs.source = Some("requirements.txt".to_owned());
        reader.file("requirements.txt", "");
    } else if let Ok(text) = files.read("pyproject.toml", MAX_FILE) {
        reader.needs.source = Some("pyproject.toml".to_owned());
        reader.pyproject(runtime, &String::from_utf8_lossy(&text))?;
    }
    if reader.needs.requirements.is_empty() {
        reader.venv(folder);
    }
    Ok(reader.needs)
}

struct Reader<'a> {
    files: &'a DiskFiles,
    needs: Needs,
    /// Files that were read.
    seen: BTreeSet<String>,
}

/// What Python makes of a pyproject.toml.
#[derive(Deserialize)]
struct Project {
    dependencies: Vec<String>,
    poetry: bool,
    error: Option<String>,
}

impl Reader<'_> {
    /// Reads the file at `path`, which `from` names.
    fn file(&mut self, path: &str, from: &str) {
        if self.seen.len() >= MAX_FILES || !self.seen.insert(path.to_owned()) {
            return;
        }
        let text = match self.files.read(path, MAX_FILE) {
            Ok(text) => String::from_utf8_lossy(&text).into_owned(),
            Err(FileError::Outside) => return self.note(&format!("{from}{path} leads out of the project")),
            Err(error) => return self.note(&format!("{from}{path}: {error}")),
        };
        let (mut whole, mut begun) = (String::new(), 1);
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if whole.is_empty() {
                begun = number + 1;
            }
            let more = line.strip_suffix('\\');
            whole.push_str(more.unwrap_or(line));
            whole.push(' ');
            if more.is_none() {
                self.line(path, begun, &whole);
                whole.clear();
            }
        }
        self.line(path, begun, &whole);
    }

    fn line(&mut self, path: &str, number: usize, line: &str) {
        let padded = format!(" {line}");
        let line = padded.split(" #").next().unwrap_or_default().trim();
        let Some(first) = line.split_whitespace().next() else { return };
        if let Some(other) = included(line) {
            let other = other.trim_matches(['"', '\'']).trim();
            let from = format!("{path}:{number}: ");
            return match normalize(&beside(path, other)).filter(|_| !other.contains('$')) {
                Some(other) => self.file(&other, &from),
                None => self.note(&format!("{from}{other} leads out of the project: it is not read")),
            };
        }
        if let Some(option) = option(line) {
            return match option {
                Ok(option) => self.needs.options.push(option),
                Err(why) => self.note(&format!("{path}:{number}: left out, {why}: {line}")),
            };
        }
        if line.starts_with('-') || first.starts_with(['.', '/']) {
            return self.note(&format!("left out: {line}"));
        }
        let named = line.split(" --").next().unwrap_or_default().trim();
        match requirement(named) {
            Some(requirement) => self.needs.requirements.push(requirement),
            None => {
                self.note(&format!("{path}:{number}: left out, it is no package with its versions: {named}"));
            }
        }
    }

    fn pyproject(&mut self, runtime: &Runtime, text: &str) -> Result<(), ProjectError> {
        let mut command = clean(&runtime.path);
        command.args(["-I", "-S", "-E", "-c", PYPROJECT, text]).current_dir("/");
        let project: Project = answer(&mut command, "pyproject.toml", &mut |_| ControlFlow::Continue(()))?;
        for line in &project.dependencies {
            match requirement(line.trim()) {
                Some(requirement) => self.needs.requirements.push(requirement),
                None => {
                    self.note(&format!(
                        "pyproject.toml: left out, it is no package with its versions: {line}"
                    ));
                }
            }
        }
        if let Some(error) = project.error {
            self.note(&format!("pyproject.toml: {error}"));
        }
        if project.dependencies.is_empty() && project.poetry {
            let what = "poetry's own table is not read: poetry export makes a requirements.txt";
            self.note(what);
        }
        Ok(())
    }

    /// What is installed in an environment of the project's.
    fn venv(&mut self, folder: &Path) {
        for name in VENVS {
            let root = folder.join(name);
            let inside = root.canonicalize().is_ok_and(|root| root.starts_with(self.files.root()));
            if !inside || !root.join("pyvenv.cfg").is_file() {
                continue;
            }
            let packages = packages_in(&root).unwrap_or_default();
            let named = packages.iter().filter(|(name, _)| !INSTALLERS.contains(&name.as_str()));
            self.needs.requirements.extend(named.map(|(name, version)| format!("{name}=={version}")));
            self.needs.source = Some(name.to_owned());
            return;
        }
    }

    fn note(&mut self, text: &str) {
        if self.needs.notes.len() < MAX_NOTES {
            self.needs.notes.push(plain::one_line(text).chars().take(200).collect());
        }
    }
}

/// The file that `line` includes.
fn included(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("--requirement").or_else(|| line.strip_prefix("-r"))?;
    Some(rest.trim_start_matches([' ', '\t', '=']))
}

/// The line as it is given on, when it names an index or the like; or why it is not.
fn option(line: &str) -> Option<Result<String, &'static str>> {
    const BARE: [&str; 2] = ["--pre", "--no-index"];
    const PLACES: [(&str, &str); 5] = [
        ("--extra-index-url", "--extra-index-url"),
        ("--index-url", "--index-url"),
        ("-i", "--index-url"),
        ("--find-links", "--find-links"),
        ("-f", "--find-links"),
    ];
    if BARE.contains(&line) {
        return Some(Ok(line.to_owned()));
    }
    let (name, rest) = PLACES.iter().find_map(|(short, name)| Some((name, line.strip_prefix(short)?)))?;
    let place = rest.trim_start_matches([' ', '\t', '=']);
    let plain = |c: char| c.is_ascii_alphanumeric() || ":/._-~%+[]".contains(c);
    let http = place.starts_with("https://") || place.starts_with("http://");
    let local = name == &"--find-links" && place.starts_with('/');
    Some(if place.contains('$') {
        Err("variables are not filled in")
    } else if !place.chars().all(plain) || !(http || local) {
        Err("it is no plain address")
    } else {
        Ok(format!("{name} {place}"))
    })
}

/// `line` in a form of its own, when it is a package with its versions: `name[extra]>=1,<2 ; marker`.
pub(super) fn requirement(line: &str) -> Option<String> {
    let (named, marker) = line.split_once(';').map_or((line, None), |(named, rest)| (named, Some(rest)));
    let marker = match marker {
        Some(text) => format!(" ; {}", condition(text).ok()?),
        None => String::new(),
    };
    let named = named.trim();
    let end = named.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(named.len());
    let (name, rest) = named.split_at(end);
    let rest = rest.trim();
    let (extras, versions) = match rest.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(split) => split.map(|(extras, rest)| (Some(extras), rest))?,
        None => (None, rest),
    };
    let extras = match extras.map(|extras| extras.split(',').map(str::trim).collect::<Vec<_>>()) {
        Some(extras) if extras.iter().all(|extra| is_name(extra)) => format!("[{}]", extras.join(",")),
        Some(_) => return None,
        None => String::new(),
    };
    let versions = if versions.trim().is_empty() { String::new() } else { specifiers(versions)? };
    is_name(name).then(|| format!("{name}{extras}{versions}{marker}"))
}

/// `>=1,<2`
fn specifiers(text: &str) -> Option<String> {
    let one = |part: &str| {
        let part = part.trim();
        let operator =
            ["==", "!=", "<=", ">=", "~=", "<", ">"].into_iter().find(|one| part.starts_with(one))?;
        let version = part.strip_prefix(operator)?.trim();
        let any = version.strip_suffix(".*").filter(|_| matches!(operator, "==" | "!="));
        is_version(any.unwrap_or(version)).then(|| format!("{operator}{version}"))
    };
    let parts: Option<Vec<String>> = text.split(',').map(one).collect();
    parts.map(|parts| parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h1_only_packages_and_plain_addresses_are_given_on() {
        for (line, is) in [
            ("django", "django"),
            ("quiet >= 1", "quiet>=1"),
            ("a[b, c]==1.*,!=1.2", "a[b,c]==1.*,!=1.2"),
            ("a ~= 1.0 ; python_version<'4'", "a~=1.0 ; python_version < '4'"),
        ] {
            assert_eq!(requirement(line).as_deref(), Some(is));
        }
        for line in [
            "",
            "a @ http://x",
            "ghp_TOKEN=abc",
            "${TOKEN}",
            "a==${V}",
            "a b",
            "a;b",
            "a[]",
            "a[x",
            "a>=1 b",
            "http://x",
            "a===1",
            "a==1;extra=='${T}'",
            "\u{202e}a",
            "a\u{1b}",
            "a>=",
            "a,b",
            "-r x",
            "a/../b",
        ] {
            assert_eq!(requirement(line), None, "{line}");
        }
        let good = |line: &str| option(line).unwrap().unwrap();
        assert_eq!(good("-i https://x/simple"), "--index-url https://x/simple");
        assert_eq!(good("--extra-index-url=http://x:1/s"), "--extra-index-url http://x:1/s");
        assert_eq!(good("--find-links /wheels"), "--find-links /wheels");
        assert_eq!(good("--no-index"), "--no-index");
        for line in [
            "-i http://x/${T}/s",
            "-i http://x/$T",
            "-i ../x",
            "-i file:///x",
            "-i http://x --pre",
            "-i http://u:p@x/",
        ] {
            assert!(option(line).unwrap().is_err(), "{line}");
        }
        assert!(option("django").is_none() && option("-e .").is_none());
    }
}
