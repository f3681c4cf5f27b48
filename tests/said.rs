//! What a deck says, and what becomes of it: links, themes, and everything that would do nothing in silence.
#![allow(clippy::disallowed_methods)] // a test meets the world

use std::fs;
use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

/// What the executable prints for these words, in `folder`.
fn greenroom(folder: &Path, words: &[&str]) -> String {
    let output = Command::new(cargo_bin("greenroom")).args(words).current_dir(folder).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A folder with a deck of one file.
fn deck(text: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("deck.md"), text).unwrap();
    folder
}

const LINKS: &str = "# Where to read on\n\nAll is in [the handbook](https://example.org/handbook), at <https://example.com/>, or \
    ask <mail@example.org>. [Not this](javascript:alert(1)), [nor this](data:text/html,x), [nor this](file:///etc/passwd).\n";

#[test]
fn stage_3_an_exported_text_says_where_links_lead() {
    let folder = deck(LINKS);
    let text = greenroom(folder.path(), &["export", "deck.md", "--text"]);
    assert!(text.contains("the handbook <https://example.org/handbook>, at"), "{text}");
    assert!(text.contains("at https://example.com/, or") && text.contains("mail@example.org. "), "{text}");
    assert!(!text.contains("javascript:") && !text.contains("data:") && !text.contains("file:"), "{text}");
}

#[test]
fn stage_3_exported_documents_have_their_links() {
    let folder = deck(LINKS);
    let read =
        |name: &str| String::from_utf8_lossy(&fs::read(folder.path().join(name)).unwrap()).into_owned();
    let said = greenroom(
        folder.path(),
        &["export", "deck.md", "--html", "deck.html", "--svg", "svg", "--pdf", "deck.pdf"],
    );
    let svg = fs::read_dir(folder.path().join("svg")).unwrap_or_else(|error| panic!("{error}: {said}"));
    let svg: String = svg.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    for (page, mail) in [
        (read("deck.html"), "<a href=\"mailto:mail@example.org\""),
        (svg, "<a href=\"mailto:mail@example.org\""),
    ] {
        assert!(
            page.contains("<a href=\"https://example.org/handbook\" target=\"_blank\" rel=\"noopener\">"),
            "{page}"
        );
        assert!(page.contains("<a href=\"https://example.com/\"") && page.contains(mail), "{page}");
        assert!(
            !["javascript:", "data:text", "file:"].iter().any(|bad| page.contains(&format!("href=\"{bad}")))
        );
    }
    let pdf = read("deck.pdf");
    assert!(pdf.contains("/URI") && pdf.contains("(https://example.org/handbook)"), "no annotation");
    assert_eq!(pdf.matches("/Subtype/Link").count().max(pdf.matches("/Subtype /Link").count()), 3);
    assert!(!pdf.contains("javascript:") && !pdf.contains("file:"));
}

#[test]
fn stage_3_links_that_lead_nowhere_are_warned_of() {
    let folder = deck(
        "# A\n\n[a](notes.md) [b](missing.md#x) [c](#here) [d](javascript:x) [e](../up.md) [f](www.example.org) [g]()\n\
         [h](sub/a%20b.md) [i](sub) [j](https://example.org) [k](ftp://example.org/x)\n",
    );
    fs::write(folder.path().join("notes.md"), "x").unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(folder.path().join("sub/a b.md"), "x").unwrap();
    let said = greenroom(folder.path(), &["check", "deck.md"]);
    let columns = [(3, 15), (3, 33), (3, 44), (3, 62), (3, 76), (3, 97), (4, 53)];
    for (line, column) in columns {
        assert!(said.contains(&format!("deck.md:{line}:{column}")), "{line}:{column}\n{said}");
    }
    assert!(said.contains("0 errors, 7 warnings"), "{said}");
    assert!(said.contains("https://www.example.org"), "{said}");
}
