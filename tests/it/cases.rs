//! Inputs that other tools of this kind got wrong, by their public bug reports, written anew: what only the whole program shows.
//! Those of Markdown alone are tested in `crates/parse/src/tests/written.rs`.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

/// What the executable prints for these words, in `folder`, with whether it succeeded.
fn greenroom(folder: &Path, words: &[&str]) -> (String, bool) {
    let output = Command::new(cargo_bin("greenroom")).args(words).current_dir(folder).output().unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (said, output.status.success())
}

/// A folder with these files.
fn deck(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

const RED: &str = "<?xml version=\"1.0\"?>\n<!DOCTYPE svg [\n<!ENTITY ns \"http://www.w3.org/2000/svg\">\n]>\n\
    <svg xmlns=\"&ns;\" width=\"200\" height=\"100\"><rect width=\"200\" height=\"100\" fill=\"red\"/></svg>\n";

#[test]
fn case_7_html_in_an_svg_is_warned_of() {
    let html = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"30\"><rect width=\"90\" height=\"30\"/>\
        <foreignObject width=\"9\" height=\"9\"><div xmlns=\"http://www.w3.org/1999/xhtml\">Go</div></foreignObject></svg>";
    let folder = deck(&[("deck.md", "# A\n\n![](html.svg)\n"), ("html.svg", html)]);
    let (said, fine) = greenroom(folder.path(), &["check", "deck.md"]);
    assert!(fine && said.contains("0 errors, 1 warning"), "{said}");
    assert!(said.contains("html.svg has") && said.contains("not drawn"), "{said}");
}

#[test]
fn case_7_an_svg_with_entities_is_drawn() {
    let folder = deck(&[("deck.md", "![](entity.svg)\n"), ("entity.svg", RED)]);
    let (said, fine) = greenroom(folder.path(), &["export", "deck.md", "--png", "out", "--size", "40x12"]);
    assert!(fine, "{said}");
    let drawn = image::open(folder.path().join("out/001.png")).unwrap().to_rgb8();
    let red = drawn.pixels().filter(|pixel| pixel.0[0] > 200 && pixel.0[1] < 60 && pixel.0[2] < 60).count();
    assert!(red > 1000, "{red} red pixels");
    // Entities of entities of entities stay small.
    let mut bomb = "<!DOCTYPE svg [<!ENTITY a \"aaaaaaaaaa\">".to_owned();
    for (name, of) in ["ba", "cb", "dc", "ed", "fe", "gf", "hg", "ih", "ji"].map(|pair| pair.split_at(1)) {
        write!(bomb, "<!ENTITY {name} \"{}\">", format!("&{of};").repeat(10)).unwrap();
    }
    bomb.push_str(
        "]><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><desc>&j;</desc></svg>",
    );
    fs::write(folder.path().join("entity.svg"), bomb).unwrap();
    let (said, fine) = greenroom(folder.path(), &["check", "deck.md"]);
    assert!(!fine && said.contains("entity.svg cannot be shown"), "{said}");
}

#[test]
fn case_8_emoji_keep_to_their_cells_in_pictures() {
    // The bars stand where they stand beside letters that take as many columns.
    let drawn = |text: &str| {
        let folder = deck(&[("deck.md", &format!("{text}\n"))]);
        let (said, fine) =
            greenroom(folder.path(), &["export", "deck.md", "--png", "out", "--size", "40x10"]);
        assert!(fine, "{said}");
        image::open(folder.path().join("out/001.png")).unwrap().to_luma8()
    };
    let rest = "|end of the line";
    let plain = drawn(&format!("xx{rest}"));
    let ground = plain.get_pixel(0, 0).0[0];
    let (width, height) = plain.dimensions();
    // Four columns of margin, two of the emoji.
    let bar = (6 * width).div_ceil(40);
    for emoji in [
        "👩🏽\u{200d}💻",
        "👍🏽",
        "🇫🇷",
        "1\u{fe0f}\u{20e3}",
        "👨\u{200d}👩\u{200d}👧\u{200d}👦",
        "🏳\u{fe0f}\u{200d}🌈",
        "日",
    ] {
        let picture = drawn(&format!("{emoji}{rest}"));
        let differs = (bar..width).any(|x| {
            (0..height * 3 / 4)
                .any(|y| picture.get_pixel(x, y).0[0].abs_diff(plain.get_pixel(x, y).0[0]) > 60)
        });
        assert!(!differs, "{emoji} is drawn over what follows it");
        let shows =
            (0..bar).any(|x| (0..height * 3 / 4).any(|y| picture.get_pixel(x, y).0[0].abs_diff(ground) > 60));
        assert!(shows, "{emoji} is not drawn");
    }
}

#[test]
fn case_15_a_link_to_a_deck_is_that_deck() {
    let folder = deck(&[
        ("talks/real.md", "# One\n\n![](dot.svg)\n\n<!-- include: ../outside.md -->\n"),
        ("talks/dot.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>"),
        ("outside.md", "secret\n"),
        ("desk/note.txt", "x"),
        ("whole/talk.yaml", "title: T\nsections:\n  - title: S\n    file: s.md\n"),
        ("whole/s.md", "# S\n"),
    ]);
    let at = |name: &str| folder.path().join(name);
    symlink("../talks/real.md", at("desk/today.md")).unwrap();
    symlink("today.md", at("desk/again.md")).unwrap();
    symlink("../whole", at("desk/whole")).unwrap();
    symlink("../whole/talk.yaml", at("desk/talk.yaml")).unwrap();
    symlink("loop.md", at("desk/loop.md")).unwrap();
    symlink("nowhere.md", at("desk/lost.md")).unwrap();
    symlink("note.txt", at("desk/note.md")).unwrap();
    symlink("../desk/note.txt", at("talks/other.md")).unwrap();
    for name in ["desk/today.md", "desk/again.md"] {
        let (said, _) = greenroom(folder.path(), &["check", name]);
        assert!(said.contains("\"../outside.md\" leads out of the deck folder"), "{said}");
        assert!(said.contains("1 slide, 1 error, 0 warnings"), "{said}");
    }
    for name in ["desk/whole", "desk/talk.yaml"] {
        let (said, fine) = greenroom(folder.path(), &["check", name]);
        assert!(fine && said.contains("3 slides, 0 errors, 0 warnings"), "{said}");
    }
    for name in ["desk/loop.md", "desk/lost.md", "talks/other.md"] {
        let (said, fine) = greenroom(folder.path(), &["check", name]);
        assert!(!fine && !said.contains("panicked"), "{name}: {said}");
    }
}

#[test]
fn a_deck_on_standard_input_is_checked_and_exported_and_never_without_an_end() {
    let give = |words: &[&str], input: &mut dyn FnMut(&mut dyn std::io::Write) -> std::io::Result<()>| {
        let mut child = Command::new(cargo_bin("greenroom"))
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // It may stop reading.
        let _ = input(&mut pipe);
        drop(pipe);
        let output = child.wait_with_output().unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (said, output.status.success())
    };
    let text = "# One\n\ntext\n\n---\n\n# Two\n\n![](/etc/passwd)\n";
    let (said, fine) = give(&["check", "-"], &mut |pipe| pipe.write_all(text.as_bytes()));
    assert!(!fine && said.contains("stdin.md:9:1") && said.contains("2 slides, 1 error"), "{said}");
    let (said, fine) = give(&["export", "--text", "-"], &mut |pipe| pipe.write_all(text.as_bytes()));
    assert!(fine && said.contains("One") && said.contains("Two"), "{said}");
    let endless = &mut |pipe: &mut dyn std::io::Write| loop {
        pipe.write_all(&[b'a'; 1 << 13])?;
    };
    let (said, fine) = give(&["check", "-"], endless);
    assert!(!fine && said.contains("more than 16 MiB"), "{said}");
    let (said, fine) = give(&["present", "-"], &mut |pipe| pipe.write_all(text.as_bytes()));
    assert!(!fine && !said.contains("panicked"), "{said}");
}
