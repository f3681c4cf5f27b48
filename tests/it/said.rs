//! What a deck says, and what becomes of it: links, themes, and everything that would do nothing in silence.

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

/// What `check` says of a deck of one file.
fn checked(text: &str) -> String {
    greenroom(deck(text).path(), &["check", "deck.md"])
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

#[test]
fn stage_13_what_does_nothing_is_warned_of() {
    let said = checked(
        "---\ntitle: T\nfooter: x\n---\n\n# A\n\n<!-- transition: fade -->\n<!-- class: x -->\n<!-- incremental_tables: true -->\n\
         <!-- column_layout [1,1] -->\n\ntext <!-- blink --> [here][nowhere] and :rocket: :no_such_emoji:\n\n\
         ```mermaid\ngraph TD;\n```\n\n```d2 +line_numbers\nx -> y\n```\n\n```dot\ndigraph {}\n```\n\n\
         ```typst\n$x$\n```\n\n```latex\nx\n```\n",
    );
    // Mermaid, DOT and a formula are drawn, whoever wants line numbers wants the source, and Typst needs its program.
    let places = ["3:1", "9:1", "11:1", "13:6", "13:21", "13:50", "28:1"];
    for place in places {
        assert!(said.contains(&format!("deck.md:{place}\n")), "{place}\n{said}");
    }
    assert!(said.contains(&format!("0 errors, {} warnings", places.len())), "{said}");
}

#[test]
fn stage_13_what_is_meant_as_it_stands_is_not_warned_of() {
    let said = checked(
        "# A\n\n<!-- TODO: a better picture -->\n<!-- a remark -->\n<!-- Note -->\n<!-- // pause -->\n<!-- prettier-ignore -->\n\
         <!--\nThis is prose: it goes on\nfor two lines.\n-->\n\nAt 10:30:45, std::vec::Vec, x[:n:], `:rocket:`, a[i][j], `sqlite3 :memory:`, \
         [1], [x] and a: b: c, https://example.org/:a:/. [^1]\n\n[ref][x] [x][] [x]\n\n[x]: https://example.org\n[^1]: A note.\n\n\
         ```yaml\na: :rocket:\n```\n\n```rust\n// :rocket: [a][b]\n```\n\n***\n",
    );
    assert!(said.contains("0 errors, 0 warnings"), "{said}");
}

#[test]
fn stage_13_a_line_of_dashes_is_a_rule_where_comments_end_slides() {
    let deck = "---\ntitle: A rule inside\n---\n\nBasket\n===\n\nabove\n\n---\n\nbelow\n\n<!-- end_slide -->\n\nOrchard\n===\n\nplums\n";
    let said = checked(deck);
    assert!(said.contains("3 slides, 0 errors, 0 warnings"), "{said}");
    for (option, slides) in [("true", 4), ("false", 3)] {
        let told =
            deck.replacen("\n---\n", &format!("\noptions: {{end_slide_shorthand: {option}}}\n---\n"), 1);
        let said = checked(&told);
        assert!(said.contains(&format!("{slides} slides, 0 errors, 0 warnings")), "{said}");
    }
    assert!(checked("# A\n\n---\n\n# B\n").contains("0 warnings"));
}

#[test]
fn stage_13_a_theme_may_be_a_name_in_the_front_matter() {
    let folder = deck("---\ntitle: Light\ntheme: light\n---\n\n# One\n");
    assert!(greenroom(folder.path(), &["check", "deck.md"]).contains("0 errors, 0 warnings"));
    greenroom(folder.path(), &["export", "deck.md", "--html", "deck.html"]);
    let page = fs::read_to_string(folder.path().join("deck.html")).unwrap();
    assert!(page.contains(&paper("light")), "not light");
    let said = checked("---\ntheme: lihgt\n---\n\n# One\n");
    assert!(said.contains("did you mean `light`") && said.contains("deck.md:2:8"), "{said}");
}

/// How an exported page says the background of a built-in theme.
fn paper(name: &str) -> String {
    let theme = greenroom_parse::builtin_theme(name).unwrap();
    format!("--paper:{:?};", theme.background)
}

#[test]
fn stage_12_themes_are_listed_and_printed_as_they_can_be_used() {
    let folder = deck("---\ntheme: mine.yaml\n---\n\n# One\n");
    let listed = greenroom(folder.path(), &["themes"]);
    for name in greenroom_parse::theme_names() {
        assert!(listed.lines().any(|line| line.starts_with(name) && line.len() > 20), "{listed}");
        let yaml = greenroom(folder.path(), &["themes", name]);
        fs::write(folder.path().join("mine.yaml"), &yaml).unwrap();
        let said = greenroom(folder.path(), &["check", "deck.md"]);
        assert!(said.contains("0 errors, 0 warnings"), "{said}");
        let page = format!("{name}.html");
        let said = greenroom(folder.path(), &["export", "deck.md", "--html", &page]);
        assert!(fs::read_to_string(folder.path().join(page)).unwrap().contains(&paper(name)), "{said}");
    }
    assert!(greenroom(folder.path(), &["themes", "none"]).contains("the themes are dark"));
    let schema: serde_json::Value =
        serde_json::from_str(&greenroom(folder.path(), &["schema", "theme"])).unwrap();
    assert!(schema["properties"]["extends"].is_object() && schema.get("required").is_none());
}
