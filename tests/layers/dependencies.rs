//! What the manifests name is used, explained and licensed as `docs/src/reference/dependencies.md` says, and the oldest Rust
//! that they promise is the one that everything is tried with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Command;

use super::{is_test, read, root, sources, tokens};

const PAGE: &str = "docs/src/reference/dependencies.md";
/// The one whose library has another name than its package.
const CALLED: (&str, &str) = ("layout-rs", "layout");

/// Where a manifest's dependencies may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Program,
    Tests,
    Build,
}

/// The folders of the workspace's crates, each with its manifest.
fn manifests() -> Vec<(String, String)> {
    let crates = std::fs::read_dir(root().join("crates")).unwrap();
    let folders = crates.map(|entry| format!("crates/{}/", entry.unwrap().file_name().display()));
    let all = folders.chain(std::iter::once(String::new()));
    all.map(|folder| {
        let manifest = read(&format!("{folder}Cargo.toml"));
        (folder, manifest)
    })
    .collect()
}

/// The names that a manifest's tables of dependencies hold.
fn named(manifest: &str) -> BTreeSet<(Kind, String)> {
    let mut found = BTreeSet::new();
    let mut kind = None;
    for line in manifest.lines() {
        if let Some(table) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            kind = match table.rsplit('.').next() {
                _ if table.starts_with("workspace") => None,
                Some("dependencies") => Some(Kind::Program),
                Some("dev-dependencies") => Some(Kind::Tests),
                Some("build-dependencies") => Some(Kind::Build),
                _ => None,
            };
        } else if let (Some(kind), Some((name, _))) = (kind, line.split_once(['.', ' ', '=']))
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            found.insert((kind, name.to_owned()));
        }
    }
    found
}

/// The words of the files of a crate in `folder` that may use a dependency of `kind`.
fn words(folder: &str, kind: Kind) -> BTreeSet<String> {
    let below = |name: &str| sources(&format!("{folder}{name}"));
    let files: Vec<String> = match kind {
        Kind::Program => below("src").into_iter().filter(|file| !is_test(file)).collect(),
        Kind::Tests => ["src", "tests", "benches"].into_iter().flat_map(below).collect(),
        Kind::Build => vec![format!("{folder}build.rs")],
    };
    let mut words = BTreeSet::new();
    for file in files {
        let text = read(&file);
        let end = if kind == Kind::Program { "#[cfg(test)]\nmod tests {" } else { "\0" };
        words.extend(tokens(text.split(end).next().unwrap_or_default()));
    }
    words
}

/// What `cargo machete` looks for, without a tool of its own.
#[test]
fn each_dependency_is_used_where_it_is_named() {
    let mut wrong = String::new();
    let mut used = BTreeSet::new();
    for (folder, manifest) in manifests() {
        let named = named(&manifest);
        let kinds: BTreeSet<Kind> = named.iter().map(|(kind, _)| *kind).collect();
        let words: BTreeMap<Kind, BTreeSet<String>> =
            kinds.into_iter().map(|kind| (kind, words(&folder, kind))).collect();
        for (kind, name) in named {
            let called = if name == CALLED.0 { CALLED.1.to_owned() } else { name.replace('-', "_") };
            if !words[&kind].contains(&called) {
                writeln!(wrong, "{folder}Cargo.toml: {name} is not used ({kind:?})").unwrap();
            }
            used.insert(name);
        }
    }
    assert!(used.len() > 50, "only {used:?} were found");
    for name in workspace_dependencies().filter(|name| !used.contains(name)) {
        writeln!(wrong, "Cargo.toml: no crate takes {name} from [workspace.dependencies]").unwrap();
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn workspace_dependencies() -> impl Iterator<Item = String> {
    let manifest = read("Cargo.toml");
    let (_, table) = manifest.split_once("[workspace.dependencies]\n").unwrap();
    let table = table.split("\n[").next().unwrap_or_default().to_owned();
    let names: Vec<String> =
        table.lines().filter_map(|line| Some(line.split_once(" = ")?.0.to_owned())).collect();
    names.into_iter()
}

/// The rows of the page: name and licence.
fn explained() -> BTreeMap<String, String> {
    let page = read(PAGE);
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        assert!(cells.len() == 4 && cells.iter().all(|cell| !cell.is_empty()), "{PAGE}: {row}");
        (cells[0].trim_end_matches('`').to_owned(), cells[3].to_owned())
    })
    .collect()
}

#[test]
fn each_dependency_is_explained() {
    let named: BTreeSet<String> = manifests()
        .iter()
        .flat_map(|(_, manifest)| named(manifest))
        .map(|(_, name)| name)
        .filter(|name| !name.starts_with("greenroom-"))
        .collect();
    let explained: BTreeSet<String> = explained().into_keys().collect();
    let missing: Vec<&String> = named.difference(&explained).collect();
    let gone: Vec<&String> = explained.difference(&named).collect();
    assert!(missing.is_empty() && gone.is_empty(), "{PAGE} lacks {missing:?}, and explains {gone:?} in vain");
}

/// cargo knows them, from what it has built this test with.
#[test]
fn licences_are_those_that_the_page_says() {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut wrong = String::new();
    for (name, said) in explained() {
        // The one whose package has another name than it is used by.
        let package = if name == "serde_yaml" { "yaml_serde" } else { &name };
        let licences: BTreeSet<&str> = metadata["packages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|found| found["name"] == package)
            .filter_map(|found| found["license"].as_str())
            .collect();
        let same = licences.iter().any(|licence| licence.replace('/', " OR ") == said);
        if !same && !licences.is_empty() {
            writeln!(wrong, "{PAGE}: {name} is {licences:?}, not {said}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_oldest_rust_that_is_promised_is_the_one_that_is_tried() {
    let version = |manifest: &str| {
        let text = read(manifest);
        let line = text.lines().find_map(|line| line.strip_prefix("rust-version = \"")).unwrap();
        line.trim_end_matches('"').to_owned()
    };
    let promised = version("Cargo.toml");
    assert_eq!(version("fuzz/Cargo.toml"), promised);
    assert!(read("CONTRIBUTING.md").contains(&format!("Rust {promised} or newer")));
    for workflow in ["test", "release"] {
        let text = read(&format!(".github/workflows/{workflow}.yml"));
        let mut tried = text.split("rustup toolchain install ").skip(1).peekable();
        assert!(tried.peek().is_some(), "{workflow}.yml installs no toolchain");
        for after in tried {
            let toolchain = after.split_whitespace().next().unwrap();
            assert_eq!(toolchain, format!("{promised}.0"), "{workflow}.yml");
        }
    }
}
