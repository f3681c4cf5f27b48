//! `pub` in a library means that something outside of it uses the item; in the application, that another file does.
//!
//! A use is a word of the source: a type, a function or a constant by its name, what belongs to a type by `Type::name`, a
//! method by `.name`. What stands in the signature of something that is used is used as well. Two methods of one name cannot
//! be told apart, so this misses some; it never complains of an item that is needed, but through a macro.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::tokens::tokens;
use super::{is_test, read, sources};

/// What is declared `pub`.
#[derive(Debug)]
struct Item {
    /// Where; empty for what only says what else is used.
    file: String,
    name: String,
    /// The type whose `impl` it stands in.
    of: Option<String>,
    /// Whether it is called on a value.
    method: bool,
    /// What its declaration names.
    signature: Vec<String>,
}

#[test]
fn every_public_item_is_used_elsewhere() {
    let files: Vec<(String, Vec<String>)> = ["src", "crates", "tests", "benches", "examples", "fuzz"]
        .into_iter()
        .flat_map(sources)
        .map(|file| (file.clone(), tokens(&read(&file))))
        .collect();
    let uses: Vec<(&str, Uses)> = files.iter().map(|(file, words)| (&**file, Uses::of(words))).collect();
    // A library's items are for others than the library; the application's, for others than their file.
    let places: BTreeSet<&str> = code_of(&files).map(|(file, _)| place(file)).collect();
    let mut wrong = String::new();
    for place in places {
        let items: Vec<Item> = code_of(&files)
            .filter(|(file, _)| file.starts_with(place))
            .flat_map(|(file, words)| items(file, words))
            .collect();
        let others: Vec<&Uses> =
            uses.iter().filter(|(file, _)| !file.starts_with(place)).map(|(_, uses)| uses).collect();
        for item in unused(&items, &others).iter().filter(|item| !item.file.is_empty()) {
            let name = item.of.iter().map(String::as_str).chain([&*item.name]).collect::<Vec<_>>().join("::");
            writeln!(wrong, "{}: {name}", item.file).unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "public, but nothing elsewhere uses it: make it pub(crate) or private\n{wrong}"
    );
}

/// The sources that are no tests.
fn code_of(files: &[(String, Vec<String>)]) -> impl Iterator<Item = &(String, Vec<String>)> {
    files
        .iter()
        .filter(|(file, _)| (file.starts_with("src/") || file.starts_with("crates/")) && !is_test(file))
}

/// What `file` belongs to: its crate, or itself.
fn place(file: &str) -> &str {
    let of_crate = file.strip_prefix("crates/").and_then(|inside| inside.find('/'));
    of_crate.map_or(file, |length| &file[..=length + "crates/".len()])
}

/// How words are used somewhere.
#[derive(Default)]
struct Uses {
    /// All of them.
    words: BTreeSet<String>,
    /// Those behind a dot or a path.
    members: BTreeSet<String>,
    /// What is reached through the name before it: `Type::name`.
    paths: BTreeSet<(String, String)>,
    /// Second names of something.
    aliases: BTreeMap<String, BTreeSet<String>>,
}

impl Uses {
    fn of(words: &[String]) -> Self {
        let mut uses = Self::default();
        for (at, word) in words.iter().enumerate() {
            let before = |steps: usize| at.checked_sub(steps).map_or("", |at| words[at].as_str());
            uses.words.insert(word.clone());
            if matches!(before(1), "." | "::") {
                uses.members.insert(word.clone());
            }
            if before(1) == "::" {
                uses.paths.insert((before(2).to_owned(), word.clone()));
            }
            if before(1) == "as" || before(2) == "type" && before(1) == "=" {
                uses.aliases.entry(before(2).to_owned()).or_default().insert(word.clone());
            }
        }
        uses
    }

    fn has(&self, item: &Item) -> bool {
        let Some(of) = &item.of else { return self.words.contains(&item.name) };
        if item.method {
            return self.members.contains(&item.name);
        }
        let through = |name: &str| self.paths.contains(&(name.to_owned(), item.name.clone()));
        // Behind `>` stand a type's parameters.
        through(of) || through(">") || self.aliases.get(of).into_iter().flatten().any(|name| through(name))
    }
}

/// The items that neither others name nor the signature of one that they name.
fn unused<'a>(items: &'a [Item], elsewhere: &[&Uses]) -> Vec<&'a Item> {
    let mut in_signatures: BTreeSet<&str> = BTreeSet::new();
    let (mut used, mut open): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| elsewhere.iter().any(|file| file.has(item)));
    while !used.is_empty() {
        in_signatures.extend(used.iter().flat_map(|item| item.signature.iter().map(String::as_str)));
        let signed = |item: &&Item| item.of.is_none() && in_signatures.contains(item.name.as_str());
        (used, open) = open.into_iter().partition(signed);
    }
    open
}

/// What `words`, the contents of `file`, declare as public.
fn items(file: &str, words: &[String]) -> Vec<Item> {
    let words = super::cycles::without_tests(words);
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let mut items: Vec<Item> = Vec::new();
    let mut depth = 0_usize;
    let mut implemented: Option<(String, usize)> = None;
    for at in 0..words.len() {
        match word(at) {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                implemented = implemented.filter(|(_, outside)| depth > *outside);
            }
            "impl"
                if implemented.is_none()
                    && (at == 0 || matches!(word(at - 1), "}" | ";" | "]" | "unsafe")) =>
            {
                implemented = implementor(&words[at + 1..]).map(|name| (name, depth));
            }
            // What a trait's implementation gives for a type is used with it.
            "type" if implemented.is_some() && word(at + 2) == "=" => {
                let of = implemented.as_ref().map(|(name, _)| name.clone());
                let signature = until(&words[at..], &[";"]).to_vec();
                items.push(Item {
                    file: String::new(),
                    name: of.unwrap_or_default(),
                    of: None,
                    method: false,
                    signature,
                });
            }
            "pub" if word(at + 1) != "(" => {
                let of = implemented.as_ref().map(|(name, _)| name.clone());
                declared(file, &words[at + 1..], of, &mut items);
            }
            _ => {}
        }
    }
    items
}

/// What an `impl` is for: the name before its braces, or behind `for`.
fn implementor(words: &[String]) -> Option<String> {
    let header = until(words, &["{", ";", "where"]);
    let mut depth = 0_usize;
    let mut name = None;
    for word in header {
        match word.as_str() {
            "<" => depth += 1,
            ">" => depth = depth.saturating_sub(1),
            "for" if depth == 0 => name = None,
            word if depth == 0 && super::cycles::is_name(word) => name = Some(word.to_owned()),
            _ => {}
        }
    }
    name
}

/// Adds what stands behind `pub`.
fn declared(file: &str, words: &[String], of: Option<String>, items: &mut Vec<Item>) {
    let modifiers =
        words.iter().take_while(|word| matches!(word.as_str(), "const" | "unsafe" | "async" | "extern"));
    let mut at = modifiers.count();
    if at > 0 && words.get(at).is_none_or(|word| word != "fn" && word != "trait") {
        at -= 1;
    }
    let Some(kind) = words.get(at).map(String::as_str) else { return };
    let rest = &words[at + 1..];
    let signature = match kind {
        "fn" => until(rest, &["{", ";"]),
        "const" | "static" => until(rest, &["=", ";"]),
        "type" => until(rest, &[";"]),
        "enum" | "trait" => braced(rest),
        "struct" | "union" => &rest[..1],
        "mod" | "use" => return,
        // A field: what it is made of belongs to its type, the last one that began.
        _ => {
            let field = until(&words[at..], &[",", "}", ")", ";"]).to_vec();
            if let Some(owner) = items.iter_mut().rev().find(|item| item.of.is_none()) {
                owner.signature.extend(field);
            }
            return;
        }
    };
    let name = rest.iter().find(|word| word.as_str() != "mut").cloned().unwrap_or_default();
    let method = kind == "fn" && takes_self(rest);
    let signature = signature.iter().filter(|word| **word != name).cloned().collect();
    items.push(Item { file: file.to_owned(), name, of, method, signature });
}

/// Whether the first argument of a function is `self`, `&mut self` or the like.
fn takes_self(words: &[String]) -> bool {
    let mut depth = 0_usize;
    let opens = words.iter().position(|word| {
        match word.as_str() {
            "<" => depth += 1,
            ">" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && word == "("
    });
    opens.is_some_and(|at| {
        words[at + 1..].iter().take(3).take_while(|word| *word != ":").any(|word| word == "self")
    })
}

/// The words before the first of `ends` that stands in no brackets of its own.
fn until<'a>(words: &'a [String], ends: &[&str]) -> &'a [String] {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate() {
        if depth == 0 && ends.contains(&word.as_str()) {
            return &words[..at];
        }
        match word.as_str() {
            "(" | "[" | "{" | "<" => depth += 1,
            ">" if at > 0 && words[at - 1] == "-" => {}
            ")" | "]" | "}" | ">" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    words
}

/// The words up to the end of the first braces.
fn braced(words: &[String]) -> &[String] {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            "{" => depth += 1,
            "}" if depth <= 1 => return &words[..at],
            "}" => depth -= 1,
            _ => {}
        }
    }
    words
}

#[test]
fn what_nothing_names_is_found() {
    let library = "pub struct Used { pub part: Part, private: Hidden } pub enum Part { A(Inner) } pub struct Inner;
        pub struct Hidden; pub(crate) struct Own;
        impl<'a> Used { pub fn new() -> Self {} pub fn call<F: Fn(u8) -> u8>(&self, f: F) {} pub fn idle(self) {}
            pub const MOST: usize = 1; pub const fn of() -> Lost {} }
        impl Iterator for Used { type Item = Given; } pub struct Given; pub struct Lost;
        pub fn go() -> Vec<Back> {} pub type Back = u8; pub fn gone() {}
        #[cfg(test)] mod tests { pub fn helper() {} }";
    let user = "use library::{Used as Other, go}; fn f(x: Other) { Other::new(); x.call(|x| x); Strange::of(); idle() }";
    let items = items("a.rs", &tokens(library));
    let unused: Vec<&str> =
        unused(&items, &[&Uses::of(&tokens(user))]).iter().map(|item| item.name.as_str()).collect();
    assert_eq!(unused, ["Hidden", "idle", "MOST", "of", "Lost", "gone"]);
}
