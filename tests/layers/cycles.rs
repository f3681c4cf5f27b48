//! No file needs another that needs it in turn: each can be read after those that it names.
//!
//! A file needs the one that defines what a path names, wherever that was handed on from by `pub use`. A part of a module
//! may name what the module itself defines. Methods are not looked for: who has a value may call what it can do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::tokens::tokens;
use super::{code, read};

/// A module's place: its crate, then its modules.
type Place = Vec<String>;

#[derive(Default)]
struct Module {
    file: String,
    /// What is defined at its top.
    items: BTreeSet<String>,
    /// What `use` brings to its top: the name here, and where it is from.
    brought: BTreeMap<String, Place>,
    /// Every path that is written in it, with those of `use`.
    paths: Vec<Place>,
}

#[test]
fn no_file_needs_one_that_needs_it() {
    let modules: BTreeMap<Place, Module> =
        code().map(|file| (place_of(&file), Module::read(&file, &read(&file)))).collect();
    let mut wrong = String::new();
    for circle in circles(&needs(&modules)) {
        writeln!(wrong, "{}", circle.join("\n")).unwrap();
    }
    assert!(wrong.is_empty(), "files that need each other:\n{wrong}");
}

/// `crates/tape/src/read.rs` is `greenroom_tape::read`.
fn place_of(file: &str) -> Place {
    let (root, inside) = match file.strip_prefix("crates/").and_then(|rest| rest.split_once("/src/")) {
        Some((name, inside)) => (format!("greenroom_{name}"), inside),
        None => ("greenroom".to_owned(), file.trim_start_matches("src/")),
    };
    let modules = inside.trim_end_matches(".rs").split('/').map(str::to_owned);
    let mut place: Place = std::iter::once(root).chain(modules).collect();
    if place.len() == 2 && place[1] == "main" {
        "main".clone_into(&mut place[0]);
    }
    place.retain(|part| !matches!(part.as_str(), "mod" | "lib"));
    place
}

impl Module {
    fn read(file: &str, text: &str) -> Self {
        let words = without_tests(&tokens(text));
        let mut module = Self { file: file.to_owned(), ..Self::default() };
        let here = place_of(file);
        let word = |at: usize| words.get(at).map_or("", String::as_str);
        let (mut at, mut depth) = (0, 0_usize);
        while at < words.len() {
            match word(at) {
                "{" => depth += 1,
                "}" => depth = depth.saturating_sub(1),
                "use" => {
                    let (found, end) = tree(&words, at + 1);
                    for (path, name) in found {
                        let path = absolute(&path, &here);
                        if depth == 0 {
                            module.brought.insert(name, path.clone());
                        }
                        module.paths.push(path);
                    }
                    at = end;
                }
                "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static"
                | "macro_rules"
                    if depth == 0 =>
                {
                    let name = (at + 1..at + 4)
                        .map(word)
                        .find(|name| !matches!(*name, "mut" | "fn" | "!" | "unsafe"));
                    module.items.extend(name.map(str::to_owned));
                }
                name if word(at + 1) == "::" && !name.is_empty() && (at == 0 || word(at - 1) != "::") => {
                    let mut path = vec![name.to_owned()];
                    while word(at + 1) == "::" && is_name(word(at + 2)) {
                        path.push(word(at + 2).to_owned());
                        at += 2;
                    }
                    module.paths.push(absolute(&path, &here));
                }
                _ => {}
            }
            at += 1;
        }
        module
    }
}

pub(crate) fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The words that are no module's own tests.
pub(crate) fn without_tests(words: &[String]) -> Vec<String> {
    let test = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let is_test =
            words[at..].iter().zip(test).filter(|(word, wanted)| word == wanted).count() == test.len();
        if !is_test {
            kept.push(words[at].clone());
            at += 1;
            continue;
        }
        at += test.len();
        let mut depth = 0_usize;
        while let Some(word) = words.get(at) {
            at += 1;
            match word.as_str() {
                "{" => depth += 1,
                "}" if depth == 1 => break,
                "}" => depth = depth.saturating_sub(1),
                ";" if depth == 0 => break,
                _ => {}
            }
        }
    }
    kept
}

/// The paths of a `use`, each with the name that it gets, and where the `use` ends.
fn tree(words: &[String], from: usize) -> (Vec<(Place, String)>, usize) {
    let mut found = Vec::new();
    let (mut heads, mut path): (Vec<Place>, Place) = (Vec::new(), Vec::new());
    let mut alias = None;
    let mut at = from;
    let mut done = |path: &mut Place, alias: &mut Option<String>, heads: &[Place]| {
        if let Some(last) = path.last().cloned() {
            let of_head = last == "self" && path.len() > 1;
            if of_head {
                path.pop();
            }
            let name = alias.take().or_else(|| path.last().cloned()).unwrap_or_default();
            found.push((path.clone(), name));
        }
        *path = heads.last().cloned().unwrap_or_default();
    };
    let mut fresh = false;
    while let Some(word) = words.get(at) {
        match word.as_str() {
            ";" => break,
            "::" => {}
            "as" => {
                at += 1;
                alias = words.get(at).cloned();
            }
            "{" => {
                heads.push(path.clone());
                fresh = false;
            }
            "," => {
                if fresh {
                    done(&mut path, &mut alias, &heads);
                }
                fresh = false;
                path = heads.last().cloned().unwrap_or_default();
            }
            "}" => {
                if fresh {
                    done(&mut path, &mut alias, &heads);
                }
                heads.pop();
                fresh = false;
            }
            name => {
                path.push(name.to_owned());
                fresh = true;
            }
        }
        at += 1;
    }
    if fresh {
        done(&mut path, &mut alias, &heads);
    }
    (found, at)
}

/// `path` from the root of all crates, as far as its first words say so.
fn absolute(path: &[String], here: &[String]) -> Place {
    let mut base: Place = here.to_vec();
    let mut rest = path;
    match path.first().map(String::as_str) {
        Some("crate") => {
            base.truncate(1);
            rest = &path[1..];
        }
        Some("self") => rest = &path[1..],
        Some("super") => {
            while rest.first().is_some_and(|word| word == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        Some(root) if root.starts_with("greenroom") => base.clear(),
        _ => {}
    }
    base.extend(rest.iter().cloned());
    base
}

/// The file that defines what `path` names.
fn defined_in<'a>(modules: &'a BTreeMap<Place, Module>, path: &[String], steps: usize) -> Option<&'a str> {
    if steps == 0 {
        return None;
    }
    let deepest = (1..=path.len()).rev().find(|length| modules.contains_key(&path[..*length]))?;
    let module = &modules[&path[..deepest]];
    let name = path.get(deepest)?;
    if module.items.contains(name) {
        return Some(&module.file);
    }
    if let Some(from) = module.brought.get(name) {
        let mut from = from.clone();
        from.extend(path[deepest + 1..].iter().cloned());
        if from[..] != *path {
            return defined_in(modules, &from, steps - 1);
        }
    }
    // Everything of another module.
    let all: Vec<Place> =
        module.brought.values().filter(|from| from.last().is_some_and(|last| last == "*")).cloned().collect();
    all.into_iter().find_map(|mut from| {
        from.pop();
        from.extend(path[deepest..].iter().cloned());
        if from[..] == *path { None } else { defined_in(modules, &from, steps - 1) }
    })
}

/// Which files each file needs, and one name for each.
fn needs(modules: &BTreeMap<Place, Module>) -> BTreeMap<&str, BTreeMap<&str, String>> {
    let mut needs: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
    for (place, module) in modules {
        let of_this = needs.entry(&module.file).or_default();
        for path in &module.paths {
            let needed = defined_in(modules, path, 8).filter(|file| !place.starts_with(&place_of(file)));
            if let Some(file) = needed {
                of_this.entry(file).or_insert_with(|| path.last().cloned().unwrap_or_default());
            }
        }
    }
    needs
}

/// Files that reach each other, each with what it takes from the next.
fn circles(needs: &BTreeMap<&str, BTreeMap<&str, String>>) -> Vec<Vec<String>> {
    let mut reached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in needs.keys() {
        let (mut seen, mut open) = (BTreeSet::new(), vec![*file]);
        while let Some(next) = open.pop() {
            for needed in needs.get(next).into_iter().flat_map(BTreeMap::keys) {
                if seen.insert(*needed) {
                    open.push(needed);
                }
            }
        }
        reached.insert(file, seen);
    }
    let mut told = BTreeSet::new();
    let mut circles = Vec::new();
    for (file, seen) in reached.iter().filter(|(file, seen)| seen.contains(**file)) {
        if !told.insert(*file) {
            continue;
        }
        let members: Vec<&str> = seen
            .iter()
            .copied()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(file)))
            .collect();
        told.extend(members.iter().copied());
        let mut lines = vec![format!("{} files:", members.len())];
        for member in &members {
            for (needed, name) in &needs[member] {
                if members.contains(needed) {
                    lines.push(format!("  {member} takes {name} from {needed}"));
                }
            }
        }
        circles.push(lines);
    }
    circles
}
