//! What a PDF says to whoever searches it, has it read aloud, or prints it.

use std::path::Path;
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

use crate::support::needs::skip;

const OUTLINE: &str = "title: Über die Dinge\nlang: de\nspeakers:\n  - name: Ada Lovelace\n    affiliation: Analytical Engines\n  - Grace Hopper\n\
    sections:\n  - title: First part\n    file: a.md\n  - title: Second part\n    file: b.md\n";
const FIRST: &str = "# Findable heading\n\nSee [the handbook](https://example.org/handbook).\n\n![a red square](red.png)\n\n\
    <!-- speaker_note: |\n  Breathe before this.\n\n  - then *slowly*\n-->\n\n---\n\n# Other\n\n- one\n- two\n";

fn deck() -> TempDir {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("talk.yaml", OUTLINE);
    write("a.md", FIRST);
    write(
        "b.md",
        &format!(
            "# Long notes\n\n<!-- speaker_note: |\n{}-->\n",
            "  a line of what is said, word by word, to its end\n\n".repeat(90)
        ),
    );
    let red = image::RgbaImage::from_pixel(40, 40, image::Rgba([200, 0, 0, 255]));
    red.save(folder.path().join("red.png")).unwrap();
    folder
}

fn export(folder: &Path, args: &[&str]) -> String {
    let output = Command::new(cargo_bin("greenroom"))
        .args(["export", "."])
        .args(args)
        .current_dir(folder)
        .env("HOME", folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What a program says of a PDF; None, with a line that says so, where it is missing.
fn asked(program: &str, folder: &Path, args: &[&str]) -> Option<String> {
    let Ok(output) = Command::new(program).args(args).current_dir(folder).output() else {
        skip(program);
        return None;
    };
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_pdf_has_language_authors_bookmarks_and_a_structure() {
    let folder = deck();
    export(folder.path(), &["--pdf", "t.pdf"]);
    let bytes = std::fs::read(folder.path().join("t.pdf")).unwrap();
    let raw = String::from_utf8_lossy(&bytes);
    assert!(raw.contains("/Lang(de)") && raw.contains("/MarkInfo"), "no language, or no tags");
    let Some(info) = asked("pdfinfo", folder.path(), &["t.pdf"]) else { return };
    assert!(info.contains("Ada Lovelace") && info.contains("Grace Hopper"), "{info}");
    assert!(info.contains("Über die Dinge") && info.contains("Tagged:          yes"), "{info}");
    let structure = asked("pdfinfo", folder.path(), &["-struct-text", "t.pdf"]).unwrap();
    let heading = structure.split("H1").find(|part| part.contains("Findable heading"));
    assert!(heading.is_some(), "{structure}");
    assert!(structure.contains("Figure") && structure.contains("Link"), "{structure}");
    let (_, link) = structure.split_once("Link").unwrap();
    assert!(link[..200.min(link.len())].contains("the handbook"), "{structure}");
    assert!(!structure.contains('─') && !structure.contains('━'), "lines are read aloud: {structure}");
}

#[test]
fn bookmarks_follow_the_sections() {
    let folder = deck();
    for form in [
        &["--pdf", "t.pdf"][..],
        &["--pdf", "t.pdf", "--force", "--handout"],
        &["--pdf", "t.pdf", "--force", "--notes"],
    ] {
        export(folder.path(), form);
        let raw = std::fs::read(folder.path().join("t.pdf")).unwrap();
        let raw = String::from_utf8_lossy(&raw);
        // The talk's title and two sections stand at the top, the slides below their sections.
        assert_eq!(raw.matches("/Type/Outlines").count(), 1, "{form:?}");
        let titles = ["First part", "Findable heading", "Other", "Second part", "Long notes"];
        for title in titles {
            assert!(raw.contains(&format!("/Title({title})")), "{form:?}: {title}");
        }
        let (first, _) = raw.split_once("/Title(First part)").unwrap();
        let entry = &first[first.rfind("obj").unwrap()..];
        let rest = raw.split_once("/Title(First part)").unwrap().1;
        let whole = format!("{entry}{}", &rest[..rest.find("endobj").unwrap()]);
        assert!(whole.contains("/First ") && whole.contains("/Count"), "{form:?}: {whole}");
    }
}

#[test]
fn notes_stand_below_their_slides_and_go_on_when_they_are_long() {
    let folder = deck();
    export(folder.path(), &["--pdf", "n.pdf", "--notes"]);
    let Some(text) = asked("pdftotext", folder.path(), &["-raw", "n.pdf", "-"]) else { return };
    let pages: Vec<&str> = text.split('\u{c}').collect();
    let page = pages.iter().find(|page| page.contains("Findable heading")).unwrap();
    assert!(page.contains("Breathe before this.") && page.contains("slowly"), "{page}");
    assert!(page.find("the handbook") < page.find("Breathe"), "the slide is above: {page}");
    assert_eq!(text.matches("word by word, to its end").count(), 90, "no line of the notes is lost");
    assert!(pages.iter().filter(|page| page.contains("word by word")).count() > 2, "on pages of paper");
    let raw = std::fs::read(folder.path().join("n.pdf")).unwrap();
    assert!(String::from_utf8_lossy(&raw).contains("/URI(https://example.org/handbook)"));
}

#[test]
fn a_handout_has_three_slides_a_page() {
    let folder = deck();
    export(folder.path(), &["--pdf", "h.pdf", "--handout"]);
    let Some(text) = asked("pdftotext", folder.path(), &["-raw", "h.pdf", "-"]) else { return };
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    assert_eq!(pages.len(), 2, "six slides: {pages:?}");
    assert!(pages[0].contains("Findable heading") && pages[1].contains("Long notes"), "{pages:?}");
    assert!(!text.contains("Breathe before this."), "notes are for the speaker");
    let both = Command::new(cargo_bin("greenroom"))
        .args(["export", ".", "--pdf", "x.pdf", "--notes", "--handout"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(!both.status.success() && !folder.path().join("x.pdf").exists());
}

#[test]
fn several_speakers_stand_on_the_first_slide_with_where_they_come_from() {
    let folder = deck();
    let text = export(folder.path(), &["--text"]);
    let row = |words: &str| {
        text.lines().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}: {text}"))
    };
    assert_eq!(row("Ada Lovelace"), row("Analytical Engines"));
    assert_eq!(row("Grace Hopper"), row("Ada Lovelace") + 1);
    export(folder.path(), &["--html", "t.html"]);
    let page = std::fs::read_to_string(folder.path().join("t.html")).unwrap();
    assert!(page.contains("<html lang=\"de\">"));
    // One Markdown file, as presenterm has it.
    std::fs::write(folder.path().join("d.md"), "---\ntitle: T\nauthors:\n  - One\n  - Two\n---\n\n# A\n")
        .unwrap();
    let said = Command::new(cargo_bin("greenroom"))
        .args(["export", "d.md", "--text"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    let rows: Vec<&str> = text.lines().map(str::trim).filter(|row| ["One", "Two"].contains(row)).collect();
    assert_eq!(rows, ["One", "Two"], "{text}");
}

/// A code, a picture and its caption, in every document.
#[test]
fn pictures_and_codes_have_words_in_every_document() {
    let folder = deck();
    let text = "# P\n\n<!-- image: 20% center -->\n\n![a red square of four sides](red.png \"Drawn by hand\")\n\n<!-- qr: https://example.org/talk -->\n";
    std::fs::write(folder.path().join("a.md"), text).unwrap();
    let said = export(folder.path(), &["--text"]);
    assert!(
        said.contains("[picture: a red square of four sides]") && said.contains("Drawn by hand"),
        "{said}"
    );
    assert!(said.contains("https://example.org/talk") && !said.contains('▀'), "{said}");
    export(folder.path(), &["--html", "t.html", "--svg", "svg", "--pdf", "t.pdf"]);
    let read =
        |name: &str| String::from_utf8_lossy(&std::fs::read(folder.path().join(name)).unwrap()).into_owned();
    let (html, svg, pdf) = (read("t.html"), read("svg/003.svg"), read("t.pdf"));
    assert!(html.contains("aria-label=\"QR code: https://example.org/talk\""));
    assert!(
        html.contains("href=\"https://example.org/talk\"")
            && svg.contains("href=\"https://example.org/talk\"")
    );
    assert!(
        pdf.contains("/URI(https://example.org/talk)") && pdf.contains("QR code: https://example.org/talk")
    );
    assert_eq!(svg.matches("<image").count(), 2, "crisp, whatever the size");
    assert!(html.contains("Drawn by hand") && svg.contains("Drawn by hand"));
}
