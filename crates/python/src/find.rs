//! Runs each candidate once and chooses among them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::places::{Candidate, Places, Wanted, candidates};
use super::uv::clean;
use crate::runtime::{Interpreters, Kind, Origin, Problem, Runtime};
use greenroom_system::subprocess::{End, Subprocess};

/// What an interpreter is asked.
const PROBE: &str = include_str!("probe.py");
/// A broken one is not waited for any longer.
const INTERPRETER_TIMEOUT: Duration = Duration::from_secs(15);
/// So many are asked at a time.
const AT_ONCE: usize = 4;

/// How much to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The two that demos run on, and no further than that.
    Needed,
    /// Everything that is there.
    All,
}

/// The interpreters of this machine. It runs them, which may take some seconds when one is broken.
#[must_use]
pub fn find(wanted: &Wanted, places: &Places, scope: Scope) -> Interpreters {
    let candidates = candidates(wanted, places);
    let mut finder = Finder { candidates, known: BTreeMap::new() };
    if scope == Scope::All {
        finder.ask_all();
    }
    let mut found = Interpreters::default();
    let (free_threaded, problem) = finder.choose(Kind::FreeThreaded, None);
    found.problems.extend(problem);
    let minor = free_threaded.as_ref().map(|runtime| runtime.minor);
    let (gil, problem) = finder.choose(Kind::Gil, minor);
    found.problems.extend(problem);
    (found.gil, found.free_threaded) = (gil, free_threaded);
    finder.rest(&mut found);
    found
}

/// The interpreter of this version; the first that is one, of those that somebody named and those that lie about.
pub(super) fn of_version(
    minor: (u32, u32),
    free_threaded: bool,
    wanted: &Wanted,
    places: &Places,
) -> Option<Runtime> {
    let mut waiting = candidates(wanted, places);
    let name = format!("python{}.{}{}", minor.0, minor.1, if free_threaded { "t" } else { "" });
    let by_name = places.program(&name).map(|path| Candidate::in_path(path, &name));
    waiting.retain(|one| one.may_be(minor, free_threaded));
    waiting.sort_by_key(|one| !one.is_said_to_be(minor));
    let mut asked: Vec<&Path> = Vec::new();
    by_name.iter().chain(&waiting).find_map(|one| {
        if asked.contains(&one.path.as_path()) {
            return None;
        }
        asked.push(&one.path);
        let runtime = describe(&one.path, one.origin).ok()?;
        (runtime.minor == minor && runtime.free_threaded == free_threaded).then_some(runtime)
    })
}

/// What the interpreter at `path` says of itself.
///
/// # Errors
/// Why it is none, in words.
pub fn describe(path: &Path, origin: Origin) -> Result<Runtime, String> {
    let mut command = clean(path);
    // No site: what a virtual environment would run at its start, or the user's own packages, is not asked. A manager's
    // shim looks for settings in the current folder, which may be a deck's.
    command.args(["-I", "-S", "-E", "-c", PROBE]).current_dir("/");
    let finished = Subprocess::new(command, INTERPRETER_TIMEOUT).run();
    let finished = finished.map_err(|error| format!("it cannot be run: {error}"))?;
    match finished.end {
        End::Status(0) => {}
        End::TimedOut => return Err(format!("it gave no answer in {} s", INTERPRETER_TIMEOUT.as_secs())),
        End::Signal(number) => return Err(format!("it was killed by signal {number}")),
        End::Status(_) | End::TooMuch | End::Interrupted => {
            let said = finished.last_lines(20);
            let first: String = said.lines().next().unwrap_or("it said nothing").chars().take(160).collect();
            return Err(format!("it does not run: {first}"));
        }
    }
    let text = finished.text();
    let line = text.lines().rev().find(|line| line.starts_with('{')).unwrap_or_default();
    let mut value: Value =
        serde_json::from_str(line).map_err(|_| "it is no Python interpreter".to_owned())?;
    if let Some(map) = value.as_object_mut() {
        map.insert("origin".to_owned(), json!(origin));
    }
    serde_json::from_value(value).map_err(|error| format!("it described itself oddly: {error}"))
}

type Answer = Result<Runtime, String>;

struct Finder {
    candidates: Vec<Candidate>,
    /// What each said that has been asked.
    known: BTreeMap<PathBuf, Answer>,
}

impl Finder {
    fn ask(&mut self, candidate: &Candidate) -> Answer {
        let answer = self
            .known
            .entry(candidate.path.clone())
            .or_insert_with(|| describe(&candidate.path, candidate.origin));
        // One that is in two places was asked in the first of them.
        answer.clone().map(|runtime| Runtime { origin: candidate.origin, ..runtime })
    }

    fn ask_all(&mut self) {
        let mut waiting: Vec<Candidate> = Vec::new();
        for candidate in &self.candidates {
            if !waiting.iter().any(|other| other.path == candidate.path) {
                waiting.push(candidate.clone());
            }
        }
        for group in waiting.chunks(AT_ONCE) {
            let answers: Vec<(PathBuf, Answer)> = std::thread::scope(|scope| {
                let asking: Vec<_> =
                    group.iter().map(|one| (one, scope.spawn(|| describe(&one.path, one.origin)))).collect();
                let failed = |_| Err("it could not be asked".to_owned());
                let join = |(one, thread): (&Candidate, std::thread::ScopedJoinHandle<'_, Answer>)| {
                    (one.path.clone(), thread.join().unwrap_or_else(failed))
                };
                asking.into_iter().map(join).collect()
            });
            self.known.extend(answers);
        }
    }

    /// The interpreter for `kind`: the one that was asked for and no other, or else the best there is.
    fn choose(&mut self, kind: Kind, minor: Option<(u32, u32)>) -> (Option<Runtime>, Option<Problem>) {
        let asked = self.candidates.iter().find(|candidate| candidate.asked == Some(kind)).cloned();
        if let Some(asked) = asked {
            return match self.ask(&asked).and_then(|runtime| fit(kind, runtime)) {
                Ok(runtime) => (Some(runtime), None),
                Err(reason) => {
                    let (path, origin) = (asked.path, asked.origin);
                    (None, Some(Problem { path, origin, asked: Some(kind), reason }))
                }
            };
        }
        let mut waiting: Vec<Candidate> =
            self.candidates.iter().filter(|candidate| candidate.asked.is_none()).cloned().collect();
        waiting.sort_by_key(|candidate| candidate.rank(kind, minor));
        let best = waiting.iter().find_map(|one| fit(kind, self.ask(one).ok()?).ok());
        (best, None)
    }

    /// What was asked and not chosen.
    fn rest(&mut self, found: &mut Interpreters) {
        for candidate in std::mem::take(&mut self.candidates) {
            let Some(answer) = self.known.get(&candidate.path).cloned() else { continue };
            let origin = candidate.origin;
            match answer {
                Ok(runtime) => {
                    let chosen = found.gil.iter().chain(&found.free_threaded).chain(&found.others);
                    if !chosen.into_iter().any(|other| other.real == runtime.real) {
                        found.others.push(Runtime { origin, ..runtime });
                    }
                }
                Err(reason) if !found.problems.iter().any(|problem| problem.path == candidate.path) => {
                    found.problems.push(Problem { path: candidate.path, origin, asked: None, reason });
                }
                Err(_) => {}
            }
        }
    }
}

/// `runtime`, if it can be used as `kind`.
fn fit(kind: Kind, runtime: Runtime) -> Result<Runtime, String> {
    if let Some(reason) = runtime.unfit() {
        return Err(reason);
    }
    if runtime.kind() == kind {
        return Ok(runtime);
    }
    let (own, other) = (runtime.kind(), kind);
    Err(format!(
        "it is a {} build of Python {}, and a {} one is needed here; {} is for this one",
        own.words(),
        runtime.version,
        other.words(),
        own.option()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::process::Command;

    /// A program that says it is this Python.
    fn pretend(path: &Path, minor: u32, free_threaded: bool) {
        let answer = json!({
            "path": path, "real": path, "implementation": "CPython", "version": format!("3.{minor}.1"),
            "minor": [3, minor], "build": "", "free_threaded": free_threaded, "gil_enabled": !free_threaded,
            "optimized": true, "lto": false, "debug": false, "config_args": "", "missing": [],
        });
        script(path, &format!("echo hello; echo '{answer}'"));
    }

    fn script(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // Written by another process: a file that this one has open for writing, or a fork of it, cannot be run.
        let write = "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$0\" && chmod +x \"$0\"";
        let status = Command::new("sh").args(["-c", write]).arg(path).arg(text).status().unwrap();
        assert!(status.success());
    }

    #[test]
    fn the_best_pair_is_chosen_and_the_rest_is_told() {
        let top = tempfile::tempdir().unwrap();
        let bin = top.path().join("bin");
        pretend(&bin.join("python3"), 12, false);
        pretend(&bin.join("python3.13"), 13, false);
        pretend(&bin.join("python3.15"), 15, false);
        pretend(&bin.join("python3.15t"), 15, true);
        script(&bin.join("python3.14t"), "echo gone >&2; exit 127");
        let places = Places { path: vec![bin.clone()], ..Places::default() };
        let found = find(&Wanted::default(), &places, Scope::All);
        assert_eq!(found.free_threaded.as_ref().unwrap().path, bin.join("python3.15t"));
        assert_eq!(found.gil.as_ref().unwrap().minor, (3, 15), "like its partner");
        assert_eq!(found.others.iter().map(|one| one.minor.1).collect::<Vec<_>>(), [13, 12]);
        let problem = found.problems.first().unwrap();
        assert_eq!((problem.asked, problem.reason.as_str()), (None, "it does not run: gone"));
        let needed = find(&Wanted::default(), &places, Scope::Needed);
        assert_eq!((&needed.gil, &needed.free_threaded), (&found.gil, &found.free_threaded));
    }

    #[test]
    fn one_that_was_asked_for_is_taken_or_refused() {
        let top = tempfile::tempdir().unwrap();
        let bin = top.path().join("bin");
        pretend(&bin.join("python3.14"), 14, false);
        pretend(&bin.join("python3.14t"), 14, true);
        pretend(&bin.join("old"), 11, false);
        script(&bin.join("junk"), "echo '{\"path\": 1}'");
        let places = Places { path: vec![bin.clone()], ..Places::default() };
        let ask = |gil: Option<&str>, ft: Option<&str>| {
            let wanted = Wanted { gil: gil.map(Into::into), free_threaded: ft.map(|name| bin.join(name)) };
            find(&wanted, &places, Scope::Needed)
        };
        assert!(ask(Some("python3.14"), None).gil.is_some(), "a name is looked up in PATH");
        let wrong = ask(None, Some("python3.14"));
        assert_eq!(wrong.free_threaded, None, "no other takes its place");
        let text = wrong.refused(Kind::FreeThreaded).unwrap().to_string();
        assert!(text.starts_with("--python-ft ") && text.contains("a GIL build of Python 3.14.1"), "{text}");
        for (name, says) in [("old", "3.13 or newer"), ("junk", "oddly"), ("nowhere", "cannot be run")] {
            let text =
                ask(Some(bin.join(name).to_str().unwrap()), None).refused(Kind::Gil).unwrap().to_string();
            assert!(text.contains(says), "{text}");
        }
        let variable = Places { free_threaded: Some(bin.join("python3.14")), ..places.clone() };
        let found = find(&Wanted::default(), &variable, Scope::Needed);
        assert!(found.refused(Kind::FreeThreaded).unwrap().to_string().starts_with("GREENROOM_PYTHON_FT=/"));
    }
}
