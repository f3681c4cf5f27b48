//! Keeps `ARCHITECTURE.md` true: the direction in which modules use each other, the length of files, and who
//! may touch the world.

#![allow(clippy::disallowed_methods)] // It reads the sources.

#[path = "layers/cycles.rs"]
mod cycles;
#[path = "layers/dependencies.rs"]
mod dependencies;
#[path = "layers/public.rs"]
mod public;
#[path = "layers/tokens.rs"]
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tokens::tokens;

const MAX_LINES: usize = 700;
const MAX_LINES_OF_MAIN: usize = 60;
/// Of a crate, or a module of the application, without tests.
const MAX_LINES_OF_ROOM: usize = 6_000;

/// What may lift the ban of `clippy.toml`: the only places that touch the world.
const WORLDLY: [&str; 13] = [
    "src/main.rs",
    "src/decks/",
    "src/history/",
    "src/runner/",
    "src/server/",
    "src/stage",
    "src/inspect/",
    "src/cmd/",
    "crates/consent/",
    "crates/measure/",
    "crates/python/",
    "crates/system/",
    "crates/terminal/",
];

#[test]
fn crates_use_only_the_rows_above_their_own() {
    let table = Table::parse(&read("ARCHITECTURE.md"), "crates").unwrap();
    let mut wrong = String::new();
    let mut seen = BTreeSet::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let manifest = read(&format!("crates/{name}/Cargo.toml"));
        let Some(own) = table.0.get(&name) else {
            writeln!(wrong, "the crate `{name}` has no row").unwrap();
            continue;
        };
        for used in crates_used(&manifest) {
            if table.0.get(&used).is_none_or(|row| row >= own) {
                writeln!(wrong, "`{name}` uses `{used}`, which does not stand above it").unwrap();
            }
        }
        seen.insert(name);
    }
    for name in table.0.keys().filter(|name| !seen.contains(*name)) {
        writeln!(wrong, "there is no crate `{name}`").unwrap();
    }
    assert!(wrong.is_empty(), "against the crates of ARCHITECTURE.md:\n{wrong}");
}

/// Those that a manifest's `[dependencies]` name.
fn crates_used(manifest: &str) -> Vec<String> {
    let dependencies = manifest.split_once("[dependencies]").map_or("", |(_, after)| after);
    let dependencies = dependencies.split("\n[").next().unwrap_or_default();
    let names =
        dependencies.lines().filter_map(|line| line.strip_prefix("greenroom-")?.split(['.', ' ']).next());
    names.map(str::to_owned).collect()
}

#[test]
fn modules_use_only_the_rows_above_their_own() {
    let table = Table::parse(&read("ARCHITECTURE.md"), "layers").unwrap();
    let mut wrong = String::new();
    for file in sources("src") {
        for fault in table.faults(&file, &read(&file)) {
            writeln!(wrong, "{fault}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "against the layers of ARCHITECTURE.md:\n{wrong}");
}

#[test]
fn files_are_short() {
    let mut wrong = String::new();
    for file in ["src", "crates", "tests", "benches"].into_iter().flat_map(sources) {
        let limit = if file == "src/main.rs" { MAX_LINES_OF_MAIN } else { MAX_LINES };
        let lines = read(&file).lines().count();
        if lines > limit {
            writeln!(wrong, "{file} has {lines} lines; at most {limit}: split it by what it is about")
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn rooms_are_small() {
    let mut rooms: BTreeMap<String, usize> = BTreeMap::new();
    for file in code() {
        let room = match file.strip_prefix("crates/").and_then(|inside| inside.split_once('/')) {
            Some((name, _)) => format!("crates/{name}"),
            None => format!("src/{}", module_of(&file)),
        };
        let text = read(&file);
        let lines = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().lines().count();
        *rooms.entry(room).or_default() += lines;
    }
    rooms.retain(|_, lines| *lines > MAX_LINES_OF_ROOM);
    assert!(
        rooms.is_empty(),
        "rooms of more than {MAX_LINES_OF_ROOM} lines, to be cut by subject: {rooms:?}"
    );
}

#[test]
fn only_what_meets_the_world_lifts_the_ban_on_it() {
    let offenders: Vec<String> = code()
        .filter(|file| !WORLDLY.iter().any(|place| file.starts_with(place)))
        .filter(|file| lifts_the_ban(&read(file)))
        .collect();
    assert!(offenders.is_empty(), "only {WORLDLY:?} may allow disallowed_methods, not {offenders:?}");
    assert!(!read("Cargo.toml").contains("disallowed"), "Cargo.toml must not lift the ban for everybody");
}

/// Clippy's ban on unbounded channels is lifted with the rest where the world is met.
#[test]
fn invariant_6_no_channel_is_without_a_bound() {
    let mut wrong = String::new();
    for file in code() {
        let tokens = tokens(&read(&file));
        let at = |index: usize| tokens.get(index).map_or("", String::as_str);
        for index in 0..tokens.len() {
            let once = index > 1 && at(index - 2) == "oneshot";
            let unbounded = at(index) == "channel" && !once && call(&tokens, index + 1) == Some(true);
            if unbounded || at(index) == "unbounded_channel" {
                writeln!(wrong, "{file} makes a channel without a bound").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Whether the call that begins at `at`, behind a name and perhaps its types, has no arguments; none where none is called.
fn call(tokens: &[String], mut at: usize) -> Option<bool> {
    if tokens.get(at)? == "::" {
        // A path through a module of that name calls nothing.
        if tokens.get(at + 1)? != "<" {
            return None;
        }
        let mut depth = 0_usize;
        loop {
            at += 1;
            match tokens.get(at)?.as_str() {
                "<" => depth += 1,
                ">" if depth == 1 => break,
                ">" => depth -= 1,
                _ => {}
            }
        }
        at += 1;
    }
    (tokens.get(at)? == "(").then(|| tokens.get(at + 1).is_some_and(|token| token == ")"))
}

/// A clock that is set back changes nothing about what was agreed to, and when: only `Instant` is asked there.
#[test]
fn m6_consent_does_not_know_the_time_of_day() {
    let asks = |file: &String| {
        ["crates/consent/", "src/talk/", "src/view/consent.rs"].iter().any(|place| file.starts_with(place))
    };
    for file in code().filter(asks) {
        let tokens = tokens(&read(&file));
        let of_day = tokens.iter().find(|token| matches!(token.as_str(), "SystemTime" | "UNIX_EPOCH"));
        assert_eq!(of_day, None, "{file}");
    }
}

#[test]
fn each_silenced_lint_says_why() {
    let mut wrong = String::new();
    for file in code() {
        let text = read(&file);
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            // The formatter puts a comment below what is long.
            let below = lines.get(number + 1).is_some_and(|line| line.trim_start().starts_with("//"));
            let silences = ["#[allow(", "#![allow(", "#[expect("].iter().any(|way| line.contains(way));
            if silences && !below && !line.contains("//") && !line.contains("reason") {
                writeln!(wrong, "{file}:{}: {}", number + 1, line.trim()).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "lints that are silenced without a reason beside them:\n{wrong}");
}

/// The program's sources, without tests.
fn code() -> impl Iterator<Item = String> {
    // A build script is run where the program is built, and is no part of it.
    ["src", "crates"]
        .into_iter()
        .flat_map(sources)
        .filter(|file| !is_test(file) && !file.ends_with("/build.rs"))
}

/// The files that may use the standard streams themselves: what prints for people, the terminal of a talk and the keeper
/// that gives it back, and a guard's pipes.
const STREAMS: [&str; 7] = [
    "crates/system/src/say.rs",
    "crates/system/src/guard.rs",
    "crates/system/src/guard/launch.rs",
    "crates/terminal/src/tty.rs",
    "crates/terminal/src/keeper.rs",
    "crates/terminal/src/screen/mod.rs",
    "src/runner/picture.rs",
];

#[test]
fn h5_everything_printed_goes_through_one_place() {
    let mut wrong = String::new();
    for file in code().filter(|file| !STREAMS.contains(&file.as_str())) {
        for way in ways_to_the_streams(&read(&file)) {
            writeln!(wrong, "{file} uses {way}: print with system::say").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let manifest = read("Cargo.toml");
    for lint in ["print_stdout", "print_stderr", "dbg_macro"] {
        assert!(manifest.contains(&format!("{lint} = \"warn\"")), "the workspace lost the lint {lint}");
    }
}

/// `system::private` makes all temporary folders: mode 0700.
#[test]
fn c2_temporary_folders_are_made_in_one_place() {
    let mut wrong = String::new();
    for file in code().filter(|file| file != "crates/system/src/private.rs") {
        let text = read(&file);
        // A module's own tests stand at its end.
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let tokens = tokens(text);
        for (index, token) in tokens.iter().enumerate() {
            let of_type = index > 1 && tokens[index - 2] == "TempDir" && tokens[index - 1] == "::";
            if matches!(token.as_str(), "tempdir" | "tempdir_in" | "mkdtemp") || of_type {
                writeln!(wrong, "{file} uses {token}: make temporary folders with system::private").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What may ask which system the program is built for: the layer that answers for all others; the line that refuses other
/// systems; and the meters of benches, whose two twins stand beside each other.
const SYSTEMS: [&str; 3] =
    ["crates/system/src/os/", "crates/system/src/lib.rs", "crates/measure/src/native/mod.rs"];

#[test]
fn one_place_knows_systems_apart() {
    let mut wrong = String::new();
    for file in code().filter(|file| !SYSTEMS.iter().any(|place| file.starts_with(place))) {
        for way in asks_for_the_system(&read(&file)) {
            writeln!(wrong, "{file} asks for {way}: give crates/system/src/os a function").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    for place in SYSTEMS {
        let asks = sources("crates")
            .iter()
            .any(|file| file.starts_with(place) && !asks_for_the_system(&read(file)).is_empty());
        assert!(asks, "{place} does not ask any more");
    }
}

/// What in `text` asks for the system that it is built for, in an attribute or a macro.
fn asks_for_the_system(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let at = |index: usize| tokens.get(index).map_or("", String::as_str);
    let asks = |index: &usize| match at(*index) {
        "target_os" | "target_vendor" | "target_family" | "target_env" => true,
        // `cfg(unix)`, `cfg!(windows)`, and among others.
        "unix" | "windows" => {
            let listed = *index > 0 && matches!(at(index - 1), "(" | ",");
            listed && matches!(around(&tokens, *index), Some("cfg" | "any" | "all" | "not" | "!"))
        }
        _ => false,
    };
    (0..tokens.len()).filter(asks).map(|index| at(index).to_owned()).collect()
}

/// What stands before the parenthesis that is open at `at`.
fn around(tokens: &[String], at: usize) -> Option<&str> {
    let mut depth = 0_usize;
    let open = tokens.get(..at)?.iter().rposition(|token| match token.as_str() {
        ")" => {
            depth += 1;
            false
        }
        "(" if depth > 0 => {
            depth -= 1;
            false
        }
        token => token == "(",
    })?;
    tokens.get(open.checked_sub(1)?).map(String::as_str)
}

/// Whoever builds it elsewhere reads why it fails in one line, not in a hundred errors.
#[test]
fn house_3_where_it_does_not_run_is_said() {
    let said = read("crates/system/src/lib.rs");
    let (_, said) =
        said.split_once("#[cfg(not(any(target_os = \"linux\", target_os = \"android\", target_os = \"macos\")))]\ncompile_error!(\"").expect("it is said");
    assert!(said.starts_with("Greenroom runs on Linux and macOS only"));
}

/// A deck that is shown has its figures filled in: `open::deck` does so. Notes were filled in before they are drawn.
#[test]
fn decks_are_opened_in_one_place() {
    let mut wrong = String::new();
    for file in sources("src").into_iter().filter(|file| !is_test(file)) {
        let text = read(&file);
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let tokens = tokens(text);
        let parses =
            tokens.windows(3).any(|at| matches!(&*at[0], "parse" | "greenroom_parse") && at[2] == "deck");
        if parses && !["src/open.rs", "src/follow/mod.rs"].contains(&file.as_str()) {
            writeln!(wrong, "{file} parses a deck: open it with open::deck").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What in `text` writes to the standard streams without `system::say`.
fn ways_to_the_streams(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let at = |index: usize| tokens.get(index).map_or("", String::as_str);
    let mut ways = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let called = at(index + 1) == "(" && (index == 0 || at(index - 1) != ".");
        let found = match token.as_str() {
            // A child's streams are asked for with a dot: `command.stdout(…)`.
            "stdout" | "stderr" | "dup2_stdout" | "dup2_stderr" => called,
            "print" | "println" | "eprint" | "eprintln" | "dbg" => at(index + 1) == "!",
            // The lints that the workspace turns on are not turned off again.
            "Stdout" | "Stderr" | "STDOUT_FILENO" | "STDERR_FILENO" | "print_stdout" | "print_stderr"
            | "dbg_macro" => true,
            _ => false,
        };
        if found {
            ways.push(token.clone());
        }
    }
    ways
}

/// Rows of `ARCHITECTURE.md`: the number of each crate's or module's, from the top.
struct Table(BTreeMap<String, usize>);

impl Table {
    /// Reads the fenced block that follows `<!-- NAME -->`.
    fn parse(document: &str, name: &str) -> Result<Self, String> {
        let (_, after) = document.split_once(&format!("<!-- {name} -->")).ok_or("the marker is missing")?;
        let block = after.split("```").nth(1).ok_or("no fenced block follows the marker")?;
        let mut rows = BTreeMap::new();
        for (row, line) in block.lines().enumerate() {
            for name in line.split_whitespace() {
                if rows.insert(name.to_owned(), row).is_some() {
                    return Err(format!("`{name}` stands in two rows"));
                }
            }
        }
        if rows.is_empty() { Err("the table is empty".to_owned()) } else { Ok(Self(rows)) }
    }

    /// What `text`, the contents of `file`, does against the table.
    fn faults(&self, file: &str, text: &str) -> Vec<String> {
        let module = module_of(file);
        let uses = uses(text, depth_of(file));
        if matches!(file, "src/lib.rs" | "src/main.rs") {
            // They stand below every row; what they name must still be a module.
            let unknown = uses.iter().filter(|used| !self.0.contains_key(*used));
            return unknown.map(|used| format!("{file} uses `{used}`, which has no row")).collect();
        }
        let Some(own) = self.0.get(module) else {
            return vec![format!("{file}: the module `{module}` has no row")];
        };
        let others = uses.iter().filter(|used| *used != module);
        others
            .filter_map(|used| match self.0.get(used) {
                None => Some(format!("{file} uses `crate::{used}`, which is no module with a row")),
                Some(row) if row < own => None,
                Some(_) => Some(format!("{file} uses `{used}`, which does not stand above `{module}`")),
            })
            .collect()
    }
}

/// The module that `file` (`src/a.rs`, `src/a/b.rs`) belongs to.
fn module_of(file: &str) -> &str {
    let inside = file.strip_prefix("src/").unwrap_or(file);
    inside.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// How many modules `file` is below the root of the crate.
fn depth_of(file: &str) -> usize {
    let parts = file.trim_end_matches("/mod.rs").split('/').count() - 1;
    if matches!(file, "src/lib.rs" | "src/main.rs") { 0 } else { parts }
}

fn lifts_the_ban(text: &str) -> bool {
    tokens(text).iter().any(|token| matches!(token.as_str(), "disallowed_methods" | "disallowed-methods"))
}

/// The top-level names that `text` reaches through `crate::`, `greenroom::`, or enough `super::`.
fn uses(text: &str, depth_of_file: usize) -> BTreeSet<String> {
    let tokens = tokens(text);
    let word = |at: usize| tokens.get(at).map_or("", String::as_str);
    let mut found = BTreeSet::new();
    let mut open_braces_are_modules: Vec<bool> = Vec::new();
    for at in 0..tokens.len() {
        match word(at) {
            "{" => open_braces_are_modules.push(at >= 2 && word(at - 2) == "mod"),
            "}" => {
                open_braces_are_modules.pop();
            }
            "crate" | "greenroom" if word(at + 1) == "::" => heads(&tokens[at + 2..], &mut found),
            // `use crate as everything`, `use crate::{self}` would hide what follows from this test.
            "crate" if word(at + 1) == "as" => {
                found.insert("crate as".to_owned());
            }
            "super" if at == 0 || word(at - 1) != "::" => {
                let depth = depth_of_file + open_braces_are_modules.iter().filter(|module| **module).count();
                let supers = (0..tokens.len()).take_while(|n| word(at + 2 * n) == "super").count();
                if supers >= depth && word(at + 2 * supers - 1) == "::" {
                    heads(&tokens[at + 2 * supers..], &mut found);
                }
            }
            _ => {}
        }
    }
    found
}

/// The first name of a path, or of each path in `{…}`.
fn heads(path: &[String], found: &mut BTreeSet<String>) {
    let Some(first) = path.first() else { return };
    if first != "{" {
        found.insert(first.clone());
        return;
    }
    let mut depth = 0_usize;
    let mut at_start = false;
    for token in path {
        match token.as_str() {
            "{" => {
                depth += 1;
                at_start = depth == 1;
            }
            "}" if depth == 1 => return,
            "}" => depth -= 1,
            "," => at_start = depth == 1,
            name if at_start => {
                found.insert(name.to_owned());
                at_start = false;
            }
            _ => {}
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Every `.rs` file below `folder`, by its path from the root of the project, with `/` between parts.
fn sources(folder: &str) -> Vec<String> {
    let mut folders = vec![PathBuf::from(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(root().join(&folder)) else { continue };
        for entry in entries.map(Result::unwrap) {
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("/"));
            }
        }
    }
    files.sort();
    files
}

mod the_test_itself {
    use super::*;

    const DOCUMENT: &str =
        "# Map\n<!-- layers -->\n```\nclock diag\ndeck frame\nedge\n```\n```\nother\n```\n";

    fn check(file: &str, text: &str) -> Vec<String> {
        Table::parse(DOCUMENT, "layers").unwrap().faults(file, text)
    }

    #[test]
    fn finds_the_sources() {
        let files = sources("src");
        assert!(
            files.contains(&"src/lib.rs".to_owned())
                && sources("crates").contains(&"crates/deck/src/lib.rs".to_owned())
        );
    }

    #[test]
    fn upward_uses_pass_and_others_are_named() {
        assert_eq!(
            check("src/deck/mod.rs", "use crate::{clock::Elapsed, diag}; greenroom::clock::X"),
            [""; 0]
        );
        assert_eq!(
            check("src/clock.rs", "use crate::{diag::{frame, a}, deck};"),
            [
                "src/clock.rs uses `deck`, which does not stand above `clock`",
                "src/clock.rs uses `diag`, which does not stand above `clock`"
            ]
        );
        assert_eq!(check("src/frame.rs", "fn f() { crate::edge::go() }").len(), 1);
        assert_eq!(check("src/frame.rs", "use crate::Thing; use crate::*; use crate as c;").len(), 3);
        assert_eq!(check("src/new/a.rs", ""), ["src/new/a.rs: the module `new` has no row"]);
        assert_eq!(check("src/main.rs", "greenroom::edge::go(); greenroom::gone::go()").len(), 1);
    }

    #[test]
    fn enough_supers_leave_the_module() {
        assert_eq!(
            check("src/deck/block.rs", "use super::Rgb; mod tests { use super::super::Rgb; }"),
            [""; 0]
        );
        assert_eq!(check("src/deck/block.rs", "use super::super::edge;").len(), 1);
        assert_eq!(check("src/deck/mod.rs", "use super::edge;").len(), 1);
        assert_eq!(check("src/clock.rs", "mod tests { use super::*; fn f() {} }"), [""; 0]);
        assert_eq!(check("src/clock.rs", "mod tests { use super::super::edge; }").len(), 1);
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        let text = r##"/* /* crate::edge */ crate::edge */ // crate::edge
            fn f<'a>(c: char) -> &'a str { let x = ('"', '\'', "\" crate::edge", r#"" crate::edge"#); "" }"##;
        assert_eq!(check("src/frame.rs", text), [""; 0]);
        assert_eq!(check("src/frame.rs", "fn f<'a>(q: char) { q == '\"' } crate::edge::x").len(), 1);
        assert!(lifts_the_ban("#![allow(clippy::disallowed_methods)]"));
        assert!(!lifts_the_ban("// clippy::disallowed_methods"));
    }

    #[test]
    fn systems_are_asked_for_in_more_than_one_way() {
        for (text, ways) in [
            ("#[cfg(target_os = \"linux\")] fn f() {}", 1),
            ("fn f() { if cfg!(any(unix, windows)) {} std::env::consts::OS; }", 2),
            ("#[cfg(all(test, target_vendor = \"apple\"))]", 1),
            ("use std::os::unix::ffi::OsStrExt; f(unix, 1); all(g(), unix) // target_os", 1),
        ] {
            assert_eq!(asks_for_the_system(text).len(), ways, "{text}");
        }
    }

    #[test]
    fn a_table_that_cannot_be_trusted_is_refused() {
        assert!(Table::parse("no mark", "layers").is_err());
        assert!(Table::parse("<!-- layers -->\n```\na b\nc a\n```", "layers").is_err());
        assert!(Table::parse("<!-- layers -->\n```\n```", "layers").is_err());
    }
}

/// A module's own tests may meet the world.
fn is_test(file: &str) -> bool {
    file.contains("/tests/") || file.ends_with("/tests.rs")
}
