//! Diagrams and formulas: drawn without any other program, exported, packed, and what is wrong with them said.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use assert_cmd::cargo::cargo_bin;
use greenroom::headless;
use greenroom::open;
use greenroom::runner::diagram::Drawer;
use greenroom::runner::picture::Decoder;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_render::paint::{Picked, RenderCache};
use tempfile::TempDir;

use crate::support::when_not_busy;

const DECK: &str = include_str!("../fixtures/drawn.md");
const SVG: &str = include_str!("../fixtures/drawn.svg");

/// A folder with a deck that has a diagram, a formula, a graph and an SVG with words.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("drawn.md"), DECK).unwrap();
    std::fs::write(folder.path().join("drawn.svg"), SVG).unwrap();
    folder
}

/// Runs the program where there is no other one.
fn run(program: &Path, folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).env_clear().stdin(Stdio::null());
    command.env("HOME", folder).env("PATH", folder.join("nothing"));
    when_not_busy(|| command.output()).unwrap()
}

fn greenroom(folder: &Path, args: &[&str]) -> String {
    let output = run(&cargo_bin("greenroom"), folder, args);
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{args:?}: {said}");
    said
}

fn deck(text: &str) -> Arc<Deck> {
    Arc::new(open::deck(&MemoryFiles::new().with("d.md", text.to_owned()), "d.md"))
}

fn drawer() -> Drawer {
    Drawer::new(Decoder::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom"))))
}

/// What becomes of the first diagram of a deck.
fn drawn(deck: &Deck, drawer: &Drawer) -> Picked {
    let (_, diagram) = deck.diagrams(0).remove(0);
    drawer.picture(&diagram, &deck.theme, &MemoryFiles::new())
}

fn why(picked: Picked) -> String {
    match picked {
        Picked::Failed(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_deck_with_drawings_is_checked_exported_and_packed_without_any_other_program() {
    let folder = folder();
    let at = folder.path();
    let checked = greenroom(at, &["check", "drawn.md"]);
    assert!(checked.contains("4 slides, 0 errors, 0 warnings"), "{checked}");
    greenroom(
        at,
        &["export", "drawn.md", "--html", "o.html", "--pdf", "o.pdf", "--png", "png", "--svg", "svg"],
    );
    let html = std::fs::read_to_string(at.join("o.html")).unwrap();
    assert_eq!(
        html.matches("role=\"img\"").count(),
        8,
        "each drawing is a picture, on its slide and in the text"
    );
    assert!(html.contains("aria-label=\"Mermaid: flowchart LR"), "with its text for those who do not see it");
    assert!(html.contains("aria-label=\"formula: (−b ± √(b² − 4ac))/(2a)\""), "or a line that says the same");
    let pdf = std::fs::read(at.join("o.pdf")).unwrap();
    let images = pdf.windows(14).filter(|part| part == b"/Subtype/Image").count();
    assert!(images >= 4 || pdf.windows(15).filter(|part| part == b"/Subtype /Image").count() >= 4);
    for slide in 1..=4 {
        let svg = std::fs::read_to_string(at.join(format!("svg/00{slide}.svg"))).unwrap();
        assert!(svg.contains("<image "), "slide {slide}");
        assert!(at.join(format!("png/00{slide}.png")).is_file());
    }
    greenroom(at, &["pack", "drawn.md", "-o", "talk"]);
    let alone = tempfile::tempdir().unwrap();
    let talk = alone.path().join("talk");
    std::fs::copy(at.join("talk"), &talk).unwrap();
    let output = run(&talk, alone.path(), &["export", "--html", "o.html"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let packed = std::fs::read_to_string(alone.path().join("o.html")).unwrap();
    assert_eq!(packed.matches("role=\"img\"").count(), 8);
}

#[test]
fn text_and_terminals_without_pictures_have_the_source_or_a_line() {
    let folder = folder();
    let text = greenroom(folder.path(), &["export", "drawn.md", "--text"]);
    for line in [
        "A[Client] -->|asks| B{Cache?}",
        "Mermaid",
        "(−b ± √(b² − 4ac))/(2a)",
        "where b² > 4ac, and costs from $5 to $10.",
        "DOT",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn a_diagram_stands_in_its_place_as_text_until_it_is_drawn() {
    let deck = deck(DECK);
    let ink = RenderCache::new();
    let size = Size { columns: 100, rows: 30 };
    let before = headless::frame(&deck, &ink, 0, 0, size);
    assert!(before.pictures.is_empty() && before.text().contains("A[Client]"));
    let drawer = drawer();
    assert!(headless::draw_diagrams(&deck, 0, &ink, &|diagram, theme| drawer.picture(
        diagram,
        theme,
        &MemoryFiles::new()
    )));
    let after = headless::frame(&deck, &ink, 0, 0, size);
    assert_eq!(after.pictures.len(), 1);
    assert_eq!(before.text(), after.text(), "nothing moves when it comes");
    assert!(
        !headless::draw_diagrams(&deck, 0, &ink, &|diagram, theme| drawer.picture(
            diagram,
            theme,
            &MemoryFiles::new()
        )),
        "once"
    );
}

#[test]
fn what_is_wrong_with_a_diagram_is_said_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let text = "# T\n\n```mermaid\npie\n  \"a\" : 1\n  \"b\" : many\n```\n\n---\n\n# U\n\n```mermaid\nnonsense\n```\n";
    std::fs::write(folder.path().join("d.md"), text).unwrap();
    let output = run(&cargo_bin("greenroom"), folder.path(), &["check", "d.md"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("d.md:6:3") && said.contains("the Mermaid diagram cannot be drawn"), "{said}");
    assert!(
        said.contains("d.md:14:1") && said.contains("\"nonsense\" is no kind of Mermaid diagram"),
        "{said}"
    );
    let deck = deck(text);
    let ink = RenderCache::new();
    let drawer = drawer();
    let _ = headless::draw_diagrams(&deck, 0, &ink, &|diagram, theme| {
        drawer.picture(diagram, theme, &MemoryFiles::new())
    });
    let shown = headless::frame(&deck, &ink, 0, 0, Size { columns: 100, rows: 30 }).text();
    assert!(shown.contains("✖ d.md:6:") && shown.contains("\"b\" : many"), "{shown}");
}

#[test]
fn a_process_that_draws_and_fails_is_a_reason_and_no_more() {
    let deck = deck("# T\n\n```mermaid\nflowchart LR\n a --> b\n```\n");
    let missing = Drawer::new(Decoder::of(PathBuf::from("/nonexistent/greenroom")));
    assert!(why(drawn(&deck, &missing)).contains("cannot be drawn"));
    let folder = tempfile::tempdir().unwrap();
    for (script, reason) in [
        ("kill -ABRT $$", "needs more than"),
        ("kill -KILL $$", "takes more than"),
        ("exit 9", "exit status 9"),
        ("yes", "larger than 8 MB"),
        ("echo 3 'a reason'; exit 1", "d.md:6: a reason"),
    ] {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.path().join("draws");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let why = why(drawn(&deck, &Drawer::new(Decoder::of(path))));
        assert!(why.contains(reason), "{script}: {why}");
    }
}

#[test]
fn texts_that_are_made_to_be_trouble_end_in_words() {
    let drawer = drawer();
    let nested =
        |open: &str, close: &str| format!("flowchart LR\n{}a{}\n", open.repeat(3000), close.repeat(3000));
    let subgraphs: String = "subgraph x\n".repeat(2000);
    let indented: String = (0..200).flat_map(|depth| [" ".repeat(depth), "x\n".to_owned()]).collect();
    for source in [
        nested("[", "]"),
        nested("((", "))"),
        format!("flowchart LR\n{subgraphs}a --> b\n"),
        "flowchart LR\n\u{1b}[31m".to_owned(),
        "sequenceDiagram\n".to_owned() + &"loop x\n".repeat(3000),
        "mindmap
"
        .to_owned()
            + &indented,
        "gantt\n dateFormat YYYY\n a: 0000-00-00, 99999999999d\n".to_owned(),
        "pie\n \"a\": -1\n \"b\": NaN\n".to_owned(),
        "xychart-beta\n bar [1e308, -1e308]\n".to_owned(),
    ] {
        let deck = deck(&format!("# T\n\n```mermaid\n{source}\n```\n"));
        assert_eq!(deck.diagrams(0).len(), 1, "{source:.60}: {:?}", deck.problems);
        match drawn(&deck, &drawer) {
            Picked::Ready(_) => {}
            Picked::Failed(why) => assert!(why.starts_with("d.md:"), "{why}"),
            Picked::Pending => panic!("{source:.40}"),
        }
    }
}

/// A deck with a D2 diagram, and a folder with a `d2` that draws a green square.
fn with_d2() -> (TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.md"), "# T\n\n```d2\na -> b: calls\n```\n").unwrap();
    let tools = folder.path().join("tools");
    std::fs::create_dir(&tools).unwrap();
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'><rect width='40' height='40' fill='green'/></svg>";
    let script = format!(
        "#!/bin/sh\n[ \"$(/bin/cat in.d2)\" = 'a -> b: calls' ] || exit 4\necho \"{svg}\" > out.svg\n"
    );
    std::fs::write(tools.join("d2"), script).unwrap();
    std::fs::set_permissions(tools.join("d2"), std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, tools)
}

fn with_path(folder: &Path, path: &Path, args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(cargo_bin("greenroom"));
    command
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("PATH", path)
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said)
}

#[test]
fn what_another_program_draws_is_drawn_once_somebody_agrees_and_kept_in_the_deck() {
    let (folder, tools) = with_d2();
    let at = folder.path();
    let nothing = at.join("nothing");
    let (code, said) = with_path(at, &nothing, &["check", "d.md"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("d.md:4:1") && said.contains("install d2, and run `greenroom draw`"), "{said}");
    let (code, said) = with_path(at, &nothing, &["draw", "d.md", "--yes"]);
    assert!(code == Some(1) && said.contains("this needs d2, which is not here"), "{said}");
    let (code, said) = with_path(at, &tools, &["draw", "d.md"]);
    assert!(code == Some(2) && said.contains("d.md:4: ") && said.contains("d2 --pad 8"), "{said}");
    assert!(!at.join("diagrams").exists(), "nobody agreed");
    let (code, said) = with_path(at, &tools, &["draw", "d.md", "--yes"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(std::fs::read_dir(at.join("diagrams")).unwrap().count(), 1);
    let (_, said) = with_path(at, &tools, &["draw", "d.md"]);
    assert!(said.contains("Every diagram of this deck is drawn"), "{said}");
    // From here on without the program, and packed.
    let (code, said) = with_path(at, &nothing, &["check", "d.md"]);
    assert!(code == Some(0) && said.contains("0 warnings"), "{said}");
    let (code, said) = with_path(at, &nothing, &["pack", "d.md", "-o", "talk"]);
    assert_eq!(code, Some(0), "{said}");
    let alone = tempfile::tempdir().unwrap();
    std::fs::copy(at.join("talk"), alone.path().join("talk")).unwrap();
    let output = run(&alone.path().join("talk"), alone.path(), &["export", "--html", "o.html"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let html = std::fs::read_to_string(alone.path().join("o.html")).unwrap();
    assert!(
        html.contains("aria-label=\"D2: a -&gt; b: calls\"")
            || html.contains("aria-label=\"D2: a -> b: calls\"")
    );
}
