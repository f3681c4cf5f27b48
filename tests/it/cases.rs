//! Inputs that other tools of this kind got wrong, by their public bug reports, written anew: what only the whole program shows.
//! Those of Markdown alone are tested in `crates/parse/src/tests/written.rs`.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

use crate::support::terminal::Terminal;
use crate::support::{sources, stage};

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
fn c07_html_in_an_svg_is_warned_of() {
    let html = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"30\"><rect width=\"90\" height=\"30\"/>\
        <foreignObject width=\"9\" height=\"9\"><div xmlns=\"http://www.w3.org/1999/xhtml\">Go</div></foreignObject></svg>";
    let folder = deck(&[("deck.md", "# A\n\n![](html.svg)\n"), ("html.svg", html)]);
    let (said, fine) = greenroom(folder.path(), &["check", "deck.md"]);
    assert!(fine && said.contains("0 errors, 1 warning"), "{said}");
    assert!(said.contains("html.svg has") && said.contains("not drawn"), "{said}");
}

#[test]
fn c07_an_svg_with_entities_is_drawn() {
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
fn c08_emoji_keep_to_their_cells_in_pictures() {
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
fn c15_a_link_to_a_deck_is_that_deck() {
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

/// The address of a link, wherever one reads the slides.
#[test]
fn c02_links_lead_somewhere_on_the_stage_and_in_every_document() {
    let address = "https://example.org/handbook?a=1&b=2";
    let text = format!(
        "# Where to read on\n\nAll is in [the handbook](<{address}>), <https://example.org/auto> and [here][r].\n\n\
         - *[in a list](https://example.org/list)*\n\n| a |\n|---|\n| [cell](https://example.org/cell) |\n\n\
         [r]: https://example.org/reference\n\n[no](javascript:alert(1)) [nor](data:text/html,x)\n"
    );
    let folder = deck(&[("d.md", &text)]);
    let documents =
        ["export", "d.md", "--pdf", "d.pdf", "--html", "d.html", "--svg", "d", "--cast", "d.cast"];
    let (said, fine) = greenroom(folder.path(), &documents);
    assert!(fine, "{said}");
    let (shown, _) = greenroom(folder.path(), &["export", "--text", "d.md"]);
    let read =
        |name: &str| String::from_utf8_lossy(&fs::read(folder.path().join(name)).unwrap()).into_owned();
    let (pdf, html, svg, cast) = (read("d.pdf"), read("d.html"), read("d/001.svg"), read("d.cast"));
    for part in ["handbook?a=1&b=2", "auto", "reference", "list", "cell"] {
        let address = format!("https://example.org/{part}");
        let escaped = address.replace('&', "&amp;");
        assert!(html.contains(&format!("href=\"{escaped}\"")), "no {address} in the page");
        assert!(svg.contains(&format!("href=\"{escaped}\"")), "no {address} in the drawing: {svg}");
        assert!(pdf.contains(&format!("/URI({address})")), "no {address} in the PDF");
        assert!(cast.contains(&format!(";{address}\\u001b")), "no {address} on the stage");
        let solid: String = shown.split_whitespace().collect();
        assert!(solid.contains(&address), "no {address} in the text: {shown}");
    }
    for (name, document) in [("PDF", &pdf), ("page", &html), ("drawing", &svg), ("stage", &cast)] {
        for bad in ["javascript:alert", "data:text/html"] {
            let leads = [format!("href=\"{bad}"), format!("/URI({bad}"), format!(";{bad}")];
            assert!(!leads.iter().any(|lead| document.contains(lead)), "{name}: {bad}");
        }
    }
}

/// A recording in which the program writes `row`.
fn tape(columns: u16, row: &str) -> String {
    format!("{{\"version\": 2, \"width\": {columns}, \"height\": 20}}\n[0.1, \"o\", \"{row}\\r\\n\"]\n")
}

/// An outline of one section in `a.md`, with the demo `a` that has the recording `a.cast`.
const RECORDED: &str = "title: T\nsections:\n  - title: A\n    file: a.md\ndemos:\n  a:\n    command: [\"true\"]\n    tape: a.cast\n";

#[test]
fn c13_a_recording_wider_than_its_pane_is_said() {
    let alone = "# Wide\n\n```pane\ndemo: a\n```\n";
    let beside = "# Wide\n\n<!-- column_layout: [1, 1] -->\n\n<!-- column: 0 -->\n\n```pane\ndemo: a\n```\n\n\
                  <!-- column: 1 -->\n\ntext\n";
    let said = |slide: &str, columns: u16, size: &str| {
        let row = ".".repeat(usize::from(columns) - 1);
        let folder = deck(&[("talk.yaml", RECORDED), ("a.md", slide), ("a.cast", &tape(columns, &row))]);
        greenroom(folder.path(), &["check", ".", "--size", size]).0
    };
    let wide = said(alone, 120, "80x24");
    assert!(wide.contains("120") && wide.contains("70") && wide.contains("1 warning"), "{wide}");
    // In half of the slide, one of 80 is too wide as well; where it fits, nothing is said.
    let half = said(beside, 80, "80x24");
    assert!(half.contains("80") && half.contains("1 warning"), "{half}");
    for (slide, columns, size) in [(alone, 70, "80x24"), (alone, 110, "140x40"), (beside, 30, "80x24")] {
        let fine = said(slide, columns, size);
        assert!(fine.contains("0 errors, 0 warnings"), "{columns} at {size}: {fine}");
    }
}

/// Whoever types sees what is typed, however high the pane is.
#[test]
fn c14_the_row_of_the_prompt_is_on_the_screen() {
    let shell = "  sh: {command: [sh, -i], env: {PS1: 'ready> '}}";
    let below = "a\n\nb\n\nc\n\nd\n\ne\n\n";
    for (before, height) in [("", 30), ("", 60), (below, 20), ("- a\n- b\n- c\n\n", 15)] {
        let slide = format!("# Shell\n\n{before}```pane\ndemo: sh\nheight: {height}\n```\n");
        let (mut stage, _folder) = stage::stage(shell, &slide);
        stage.press("x<tab>");
        stage.until_says("ready>");
        stage.press("seq 60<ret>");
        stage.until("the prompt below the last number", |screen| {
            let last = screen.lines().position(|line| line.contains("60 ") && !line.contains("seq"));
            last.is_some_and(|last| screen.lines().nth(last + 1).is_some_and(|line| line.contains("ready>")))
        });
        // At the top again, it is there as well.
        stage.press("clear<ret>");
        stage.until("the prompt at the top", |screen| screen.contains("ready>") && !screen.contains("60 "));
    }
}

#[test]
fn c16_a_theme_is_named_by_a_word() {
    let check = |theme: &str| {
        let text = format!("---\ntitle: Light\ntheme: {theme}\n---\n\n# One\n");
        let folder = deck(&[("d.md", &text)]);
        let said = greenroom(folder.path(), &["check", "d.md"]).0;
        let (drawn, fine) = greenroom(folder.path(), &["export", "d.md", "--svg", "d"]);
        assert!(fine, "{drawn}");
        let svg = fs::read_to_string(folder.path().join("d/002.svg")).unwrap();
        (said, svg.split("fill=\"").nth(1).unwrap()[..7].to_owned())
    };
    let (said, light) = check("light");
    assert!(said.contains("0 errors, 0 warnings"), "{said}");
    assert_eq!(check("{name: light}").1, light);
    let dark = check("dark").1;
    assert_ne!(dark, light);
    // What there is no theme for is said, with one that is near.
    let (said, ground) = check("lihgt");
    assert!(said.contains("light") && !said.contains("0 errors, 0 warnings"), "{said}");
    assert_eq!(ground, dark);
}

#[test]
fn c27_half_a_character_in_a_recording_is_one_sign_and_nothing_else_is_lost() {
    let shown = |event: &str| {
        let cast = format!("{}[0.2, \"o\", \"next\\r\\n\"]\n", tape(40, event));
        let slide = "# T\n\n```pane\ndemo: a\n```\n";
        let folder = deck(&[("talk.yaml", RECORDED), ("a.md", slide), ("a.cast", &cast)]);
        let (said, fine) = greenroom(folder.path(), &["export", "--text", "."]);
        assert!(fine && said.contains("next"), "{said}");
        said
    };
    for (event, row) in [
        ("before \\ud83c after", "before \u{fffd} after"),
        ("before \\udf89 after", "before \u{fffd} after"),
        ("before \\ud83c\\ud83c\\udf89 after", "before \u{fffd}🎉 after"),
        ("before \\ud83c", "before \u{fffd}"),
        ("\\udf89\\ud83c x", "\u{fffd}\u{fffd} x"),
        ("before \\ud83c\\u0041 after", "before \u{fffd}A after"),
    ] {
        let text = shown(event);
        assert!(text.contains(row), "{event}: {text}");
    }
}

/// Keys come from the terminal while the deck comes from a pipe.
#[test]
fn a_deck_from_a_pipe_is_given_on_the_terminal() {
    let Some(terminal) = Terminal::open("piped") else { return };
    let deck = terminal.home.path().join("d.md");
    fs::write(&deck, "# One\n\nfirst words\n\n---\n\n# Two\n\nsecond words\n").unwrap();
    let greenroom = cargo_bin("greenroom").display().to_string();
    terminal.run(&format!("cat {} | {greenroom} -", deck.display()));
    terminal.shows("first words");
    terminal.keys(&["Right"]);
    terminal.shows("second words");
    terminal.keys(&["q"]);
    terminal.keys(&["q"]);
    terminal.wait("the shell", |terminal| terminal.modes().starts_with('0'));
    terminal.run("echo back $((40 + 2))");
    terminal.shows("back 42");
    // A pipe that says nothing is given up, in words.
    terminal.run(&format!("sleep 90 | {greenroom} present -; echo ended"));
    terminal.shows("does not end");
    terminal.keys(&["C-c"]);
    terminal.run(&format!("{greenroom} present -"));
    terminal.shows("pipe a deck into it");
}

/// Of the files beside it, never others, and nothing of the web.
#[test]
fn an_svg_shows_the_pictures_of_the_deck_that_it_names() {
    let image = |href: &str| format!("<image width=\"100\" height=\"100\" href=\"{href}\"/>");
    let svg = |href: &str| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"100\">{}</svg>",
            image(href)
        )
    };
    let folder = deck(&[("talk/d.md", "![](pictures/a.svg)\n"), ("talk/pictures/a.svg", &svg("../red.png"))]);
    let talk = folder.path().join("talk");
    let red = image::RgbaImage::from_pixel(40, 40, image::Rgba([220, 0, 0, 255]));
    red.save(talk.join("red.png")).unwrap();
    red.save(folder.path().join("secret.png")).unwrap();
    let reds = |name: &str| {
        let (said, fine) = greenroom(&talk, &["export", "d.md", "--png", name, "--size", "40x12"]);
        assert!(fine, "{said}");
        let drawn = image::open(talk.join(name).join("001.png")).unwrap().to_rgb8();
        drawn.pixels().filter(|pixel| pixel.0[0] > 200 && pixel.0[1] < 60 && pixel.0[2] < 60).count()
    };
    assert!(reds("first") > 1000);
    assert!(greenroom(&talk, &["check", "d.md"]).0.contains("0 errors, 0 warnings"));
    // It travels in a packed deck.
    let (said, fine) = greenroom(&talk, &["pack", "d.md", "-o", "packed"]);
    assert!(fine, "{said}");
    let unpack =
        Command::new(talk.join("packed")).args(["unpack", "out"]).current_dir(&talk).output().unwrap();
    assert!(unpack.status.success() && talk.join("out/red.png").exists(), "{unpack:?}");
    let outside =
        ["../../secret.png", "/etc/hostname", "https://example.org/x.png", "file:///etc/passwd", "gone.png"];
    for (number, href) in outside.iter().enumerate() {
        fs::write(talk.join("pictures/a.svg"), svg(href)).unwrap();
        assert_eq!(reds(&format!("n{number}")), 0, "{href}");
        let (said, _) = greenroom(&talk, &["check", "d.md"]);
        assert!(said.contains("a picture from another file"), "{href}: {said}");
    }
}

/// Writes a GIF whose first frame is red and whose others are green, each for a fifth of a second.
fn gif(path: &Path, frames: usize) {
    let mut encoder = image::codecs::gif::GifEncoder::new(fs::File::create(path).unwrap());
    for number in 0..frames {
        let color = if number == 0 { [220, 0, 0, 255] } else { [0, 220, 0, 255] };
        let pixels = image::RgbaImage::from_pixel(8, 8, image::Rgba(color));
        let delay = image::Delay::from_numer_denom_ms(200, 1);
        encoder.encode_frame(image::Frame::from_parts(pixels, 0, 0, delay)).unwrap();
    }
}

#[test]
fn a_gif_of_too_many_frames_shows_as_many_as_it_may_and_says_so() {
    let folder = deck(&[("d.md", "![](a.gif)\n\n![](b.gif)\n\n![](c.gif)\n")]);
    gif(&folder.path().join("a.gif"), 10_000);
    gif(&folder.path().join("b.gif"), 1);
    gif(&folder.path().join("c.gif"), 200);
    let (said, fine) = greenroom(folder.path(), &["check", "d.md"]);
    assert!(
        fine && said.contains("a.gif moves, and its first 300 frames") && said.contains("1 warning"),
        "{said}"
    );
    // Whatever does not move shows the first one.
    let (said, fine) = greenroom(folder.path(), &["export", "d.md", "--png", "out", "--size", "40x20"]);
    assert!(fine, "{said}");
    let drawn = image::open(folder.path().join("out/001.png")).unwrap().to_rgb8();
    assert!(drawn.pixels().any(|pixel| pixel.0[0] > 200 && pixel.0[1] < 60));
    assert!(!drawn.pixels().any(|pixel| pixel.0[1] > 200 && pixel.0[0] < 60), "the first frame");
}

#[test]
fn a_gif_moves_on_the_stage_unless_nothing_should() {
    let Some(terminal) = Terminal::open("moving") else { return };
    let deck = terminal.home.path().join("d.md");
    fs::write(&deck, "![](a.gif)\n").unwrap();
    gif(&terminal.home.path().join("a.gif"), 2);
    let colors = || String::from_utf8_lossy(&terminal.tmux(&["capture-pane", "-pe"]).stdout).into_owned();
    let [red, green] = ["2;220;0;0", "2;0;220;0"];
    let command = format!("{} {}", cargo_bin("greenroom").display(), deck.display());
    terminal.run(&command);
    for color in [green, red, green] {
        terminal.wait(color, |_| colors().contains(color));
    }
    terminal.keys(&["q", "q"]);
    terminal.is_restored();
    terminal.run(&format!("clear; {command} --reduced-motion"));
    terminal.wait("the first frame", |_| colors().contains(red));
    let end = std::time::Instant::now() + std::time::Duration::from_secs(1);
    while std::time::Instant::now() < end {
        assert!(!colors().contains(green), "it stands still");
    }
    terminal.keys(&["q", "q"]);
}

#[test]
fn pictures_that_are_too_much_are_said_and_the_deck_goes_on() {
    // A PNG's head alone says how large it is.
    let mut huge = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    huge.extend([30_000_u32.to_be_bytes(), 30_000_u32.to_be_bytes()].concat());
    huge.extend([8, 6, 0, 0, 0, 0x66, 0x27, 0xf8, 0xba]);
    huge.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82");
    let filters = "<feGaussianBlur stdDeviation='90'/>".repeat(400);
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='900' height='900'><filter id='f'>{filters}</filter>\
         <g filter='url(#f)'><rect width='900' height='900'/></g></svg>"
    );
    let folder = deck(&[
        ("d.md", "# A\n\n![](huge.png)\n\n---\n\n# B\n\n![](slow.svg)\n\n---\n\n# C\n"),
        ("slow.svg", &svg),
    ]);
    fs::write(folder.path().join("huge.png"), huge).unwrap();
    let begun = std::time::Instant::now();
    let (said, fine) = greenroom(folder.path(), &["check", "d.md"]);
    assert!(!fine && said.contains("30000x30000 pixels, and the limit is"), "{said}");
    assert!(said.contains("slow.svg cannot be shown") && said.contains("3 slides, 2 errors"), "{said}");
    assert!(begun.elapsed() < std::time::Duration::from_mins(2), "{:?}", begun.elapsed());
}

/// Every name in a row of `docs/src/how-to/presenterm.md` that works is that of a test.
#[test]
fn what_works_of_presenterm_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources: String = sources().into_iter().map(|(_, text)| text).collect();
    let table = fs::read_to_string(root.join("docs/src/how-to/presenterm.md")).unwrap();
    let (mut works, mut above) = (0, false);
    for row in table.lines().filter(|line| line.starts_with('|')) {
        // A sign for "or" in code has a backslash before it.
        let cells: Vec<String> =
            row.replace("\\|", "/").split('|').map(|cell| cell.trim().to_owned()).collect();
        if !cells[2].starts_with("works") {
            above = false;
            continue;
        }
        works += 1;
        let same = cells[3] == "the same";
        assert!(!same || above, "nothing stands above: {row}");
        let named = cells[3].split('`').skip(1).step_by(2);
        let mut any = same;
        for name in named.filter_map(|name| name.rsplit("::").next()).filter(|name| name.len() > 10) {
            assert!(sources.contains(&format!("fn {name}(")), "there is no test {name}: {row}");
            any = true;
        }
        assert!(any, "no test: {row}");
        above = true;
    }
    assert!(works > 40, "{works}");
}

/// What lies beside the folder of the slides is in the deck when its outline stands above both; nothing above that is.
#[test]
fn the_folder_above_may_be_the_deck() {
    let outline = "title: T\nsections:\n  - title: S\n    file: slides/talk.md\n";
    let slides = "# S\n\n![a dot](../assets/dot.svg)\n\n<!-- include: ../shared/part.md -->\n";
    let dot = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>";
    let files = [
        ("repository/talk.yaml", outline),
        ("repository/slides/talk.md", slides),
        ("repository/assets/dot.svg", dot),
        ("repository/shared/part.md", "from the part\n"),
        ("secret.md", "secret\n"),
    ];
    let folder = deck(&files);
    let (said, fine) = greenroom(folder.path(), &["check", "repository"]);
    assert!(fine && said.contains("3 slides, 0 errors, 0 warnings"), "{said}");
    let (said, fine) = greenroom(folder.path(), &["pack", "repository", "-o", "packed"]);
    assert!(fine, "{said}");
    let packed = folder.path().join("packed");
    let unpack = Command::new(&packed).args(["unpack", "out"]).current_dir(folder.path()).output().unwrap();
    assert!(unpack.status.success() && folder.path().join("out/assets/dot.svg").exists(), "{unpack:?}");
    // The file alone has nothing beside its folder, and the deck nothing above its own.
    let (said, fine) = greenroom(folder.path(), &["check", "repository/slides/talk.md"]);
    assert!(!fine && said.matches("leads out of the deck folder").count() == 2, "{said}");
    fs::write(folder.path().join("repository/slides/talk.md"), "# S\n\n<!-- include: ../../secret.md -->\n")
        .unwrap();
    let (said, fine) = greenroom(folder.path(), &["check", "repository"]);
    assert!(!fine && said.contains("leads out of the deck folder"), "{said}");
    // Links in a circle end.
    symlink("again", folder.path().join("repository/again")).unwrap();
    symlink("..", folder.path().join("repository/up")).unwrap();
    fs::write(
        folder.path().join("repository/slides/talk.md"),
        "# S\n\n![](../again/a.png)\n\n![](../up/up/b.png)\n",
    )
    .unwrap();
    let (said, fine) = greenroom(folder.path(), &["check", "repository"]);
    assert!(!fine && !said.contains("panicked") && said.contains("2 errors"), "{said}");
}

/// Slides in a repository show its pictures once the person has agreed, and nothing above before and besides.
#[test]
fn a_file_asks_for_the_folder_above_it() {
    let Some(terminal) = Terminal::open("root") else { return };
    let talk =
        |root: &str| format!("---\ntitle: T\nroot: {root}\n---\n\n# A\n\n![a dot](../assets/dot.svg)\n");
    let dot = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>";
    let write = |path: &str, text: &str| {
        let path = terminal.home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("work/repository/assets/dot.svg", dot);
    let check = |root: &str, above: Option<&str>| {
        write("work/repository/slides/talk.md", &talk(root));
        let mut command = Command::new(cargo_bin("greenroom"));
        command.args(["check", "repository/slides/talk.md"]).current_dir(terminal.home.path().join("work"));
        command.env("HOME", terminal.home.path()).env_remove("XDG_DATA_HOME").stdin(Stdio::null());
        above.map(|above| command.env("GREENROOM_ROOT", above));
        let output = command.output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let refused = |root: &str, above: Option<&str>| {
        let said = check(root, above);
        assert!(said.contains("leads out of the deck folder"), "{root} {above:?}: {said}");
        said
    };
    assert!(refused("..", None).contains("nobody has agreed yet"));
    refused("..", Some("repository/slides"));
    refused("../..", Some("repository"));
    assert!(refused("/etc", None).contains("names no folder above"));
    assert!(refused("../assets", None).contains("names no folder above"));
    assert!(check("..", Some("repository")).contains("2 slides, 0 errors, 0 warnings"));

    let greenroom = cargo_bin("greenroom").display().to_string();
    let slides = "work/repository/slides/talk.md";
    terminal.run(&format!("cd; unset XDG_DATA_HOME; {greenroom} check {slides} < /dev/null"));
    terminal.shows("nobody has agreed yet");
    terminal.run("clear");
    terminal.run(&format!("{greenroom} check {slides}"));
    terminal.shows("Shall it have that?");
    terminal.keys(&["Enter"]);
    terminal.shows("1 error");
    // The question before is still on the screen, until this is there.
    terminal.run("clear; echo asked $((1 + 1)) times");
    terminal.shows("asked 2 times");
    terminal.run(&format!("{greenroom} check {slides}"));
    terminal.shows("Shall it have that?");
    terminal.keys(&["y", "Enter"]);
    terminal.shows("0 errors, 0 warnings");
    // Kept, for this file and this folder.
    assert!(check("..", None).contains("2 slides, 0 errors, 0 warnings"));
    refused("../..", None);
    // The home folder is no repository.
    write(slides, &talk("../../.."));
    terminal.run(&format!("clear; {greenroom} check {slides}"));
    terminal.shows("more than a deck may have");
}

/// What code writes stands where the code would, and the frame is there when it has something to say.
#[test]
fn output_in_the_place_of_code_has_no_frame() {
    let Some(terminal) = Terminal::open("replaced") else { return };
    let deck = terminal.home.path().join("d.md");
    let code = |command: &str| format!("```bash +exec_replace\n{command}\n```\n");
    fs::write(
        &deck,
        format!("# One\n\n{}\n---\n\n# Two\n\n{}", code("echo $((40 + 2)) fish"), code("exit 3")),
    )
    .unwrap();
    terminal.run(&format!("{} {}", cargo_bin("greenroom").display(), deck.display()));
    terminal.wait("output without a frame", |terminal| {
        let text = terminal.text();
        if text.contains("Run these commands?") {
            terminal.keys(&["y"]);
        }
        text.contains("42 fish") && !text.contains(['╭', '╰', '│'])
    });
    terminal.keys(&["Tab"]);
    terminal.shows("┏━ bash");
    terminal.keys(&["Escape"]);
    terminal.wait("no frame again", |terminal| !terminal.text().contains('┏'));
    // What went wrong is said.
    terminal.keys(&["Right"]);
    terminal.shows("exit 3");
    terminal.keys(&["q", "q"]);
    terminal.is_restored();
}
