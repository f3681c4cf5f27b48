//! The exports, read by the programs that people read them with.
#![cfg(target_os = "linux")]

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use crate::support::browser::Browser;
use crate::support::needs::skip;
use assert_cmd::cargo::cargo_bin;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::read::GzDecoder;
use greenroom::decks::{Located, locate};
use greenroom::headless;
use greenroom::open;
use greenroom::practice::{Begin, PracticeEntry, Visit};
use greenroom::runner::Runner;
use greenroom::sheet::Show;
use greenroom_base::plain::is_noncharacter;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_export::{Sheet, Sheets, blank_pictures, svg};
use greenroom_frame::{Frame, PlacedLetters};
use greenroom_render::paint::RenderCache;
use greenroom_system::pty::Launcher;
use tempfile::TempDir;
use tokio::sync::Notify;

pub(crate) const SIZE: Size = Size { columns: 120, rows: 34 };
const DECK: &str = "# First <b>&amp;</b>\n\nOne • two → 字 🎉 é ⣿⠋\n\n<!-- pause -->\n\n```python\nx = \"</script>\"\n```\n\n\
    <!-- speaker_note: Say *this* -->\n\n---\n\n# A tape\n\n```pane\ncommand: [\"touch\", \"ran\"]\ntape: d.cast\nheight: 8\n\
    on: enter\n```\n\n---\n\n# A picture\n\n![what it shows](red.png)\n\n---\n\n# Long\n\n";
const TAPE: &str = "{\"version\":3,\"term\":{\"cols\":40,\"rows\":4},\"timestamp\":1795392000}\n\
    [0.1,\"o\",\"one \\u001b[31mred\\u001b[0m\"]\n[0.3,\"o\",\"\\r\\ntwo </pre><script>alert(1)</script>\"]\n\
    [0.4,\"o\",\"\\r\\nthree\"]\n[0.1,\"x\",\"0\"]\n";

/// A deck with everything that could go wrong in a page.
fn deck(folder: &Path) -> PathBuf {
    std::fs::write(folder.join("d.cast"), TAPE).unwrap();
    let red = image::RgbaImage::from_pixel(400, 200, image::Rgba([200, 0, 0, 255]));
    red.save(folder.join("red.png")).unwrap();
    let path = folder.join("deck.md");
    std::fs::write(&path, format!("{DECK}{}", "a line\n\n".repeat(40))).unwrap();
    path
}

/// What the exports of a deck are made from.
pub(crate) struct Made {
    pub(crate) deck: Arc<Deck>,
    pub(crate) ink: RenderCache,
    pub(crate) runner: Runner,
}

impl Made {
    pub(crate) fn of(path: Option<&Path>) -> Self {
        let located: Located = locate(path).unwrap();
        let deck = Arc::new(open::deck(&*located.files, &located.entry));
        let ink = RenderCache::new();
        for slide in 0..deck.slides.len() {
            let _ = headless::load_pictures(
                &deck,
                slide,
                &*located.files,
                &ink,
                &greenroom_render::paint::picture::decode,
            );
        }
        let launcher = Launcher::of(PathBuf::new());
        let runner = Runner::new(&located, launcher, Arc::new(Notify::new()), Instant::now());
        Self { deck, ink, runner }
    }

    fn sheets(&self, all_steps: bool) -> Vec<Sheet> {
        let tapes = |path: &str| self.runner.tape(path).ok();
        let show = Show { deck: &self.deck, ink: &self.ink, size: SIZE, tapes: &tapes, ready: &|_| () };
        let slides = 0..self.deck.slides.len();
        slides
            .flat_map(|slide| show.steps(slide, all_steps).map(move |step| (slide, step)))
            .map(|(slide, step)| show.sheet(slide, step))
            .collect()
    }
}

/// The text of a sheet without what pictures cover.
fn words(sheet: &Sheet) -> String {
    let letters = sheet.frame.letters.clone();
    let frame = Frame { cells: blank_pictures(sheet), letters, ..Frame::new(0, 0) };
    trimmed(&frame.text())
}

fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(cargo_bin("greenroom"))
        .args(args)
        .current_dir(folder)
        .env("HOME", folder)
        .env_remove("TERM")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

pub(crate) fn export(folder: &Path, args: &[&str]) {
    let output = run(folder, &[&["export"], args].concat());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(!folder.join("ran").exists(), "an export ran something");
}

/// The built-in talk as a page, which is made once: of all pages it takes longest.
pub(crate) fn built_in_page() -> &'static Path {
    static PAGE: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        export(folder, &["--html", "talk.html", "--force"]);
        folder.join("talk.html")
    });
    &PAGE
}

const TEXT: &str = "document.querySelector('section.on .sheet.on pre').textContent";
const LETTERS: &str =
    "[...document.querySelectorAll('section.on .sheet.on .letters')].map(e => e.textContent).join('\\n')";

/// Goes through the page by keyboard, and compares every step with the stage.
fn shows_every_step(browser: &mut Browser, made: &Made) {
    for (number, sheet) in made.sheets(true).iter().enumerate() {
        if number > 0 {
            browser.key("ArrowRight");
        }
        let text = trimmed(browser.evaluate(TEXT).as_str().unwrap());
        let cells = Frame { cells: blank_pictures(sheet), ..Frame::new(0, 0) };
        assert_eq!(text, trimmed(&cells.text()), "slide {}, step {}", sheet.slide + 1, sheet.step);
        let large: Vec<String> = sheet.frame.letters.iter().map(PlacedLetters::text).collect();
        let text = trimmed(browser.evaluate(LETTERS).as_str().unwrap());
        assert_eq!(text, trimmed(&large.join("\n")), "slide {}, step {}", sheet.slide + 1, sheet.step);
    }
}

#[test]
fn a_page_shows_what_the_stage_shows() {
    let folder = TempDir::new().unwrap();
    let path = deck(folder.path());
    export(folder.path(), &["deck.md", "--html", "page.html"]);
    let Some(mut browser) = Browser::open(&folder.path().join("page.html")) else { return };
    let made = Made::of(Some(&path));
    shows_every_step(&mut browser, &made);
    // By keys, by number, by name, and back.
    browser.key("Home");
    assert!(browser.is("location.hash === '#1'"));
    browser.key("n");
    let notes = "getComputedStyle(document.querySelector('section.on .notes')).display === 'block' \
        && document.querySelector('section.on .notes').textContent.includes('Say')";
    assert!(browser.is(notes));
    browser.key("n");
    assert!(!browser.is(notes), "only when they are asked for");
    let seen = "[...document.querySelectorAll('section')].filter(s => getComputedStyle(s).display !== 'none').length";
    assert_eq!(browser.evaluate(seen), 1);
    browser.key("o");
    assert_eq!(browser.evaluate(seen), made.deck.slides.len());
    browser.key("Escape");
    browser.key("2");
    browser.key("Enter");
    browser.wait("location.hash === '#2'");
    browser.swipe(600, 300);
    browser.wait("location.hash === '#3'");
    browser.swipe(300, 600);
    browser.wait("location.hash === '#2'");
    let labelled = "[...document.querySelectorAll('section')].every(s => s.getAttribute('aria-label'))";
    assert!(browser.is(labelled));
    assert!(browser.is("document.querySelector('.picture').getAttribute('aria-label') === 'what it shows'"));
    browser.is_quiet();
}

#[test]
fn a_recording_plays_to_its_end_in_the_page() {
    let folder = TempDir::new().unwrap();
    deck(folder.path());
    export(folder.path(), &["deck.md", "--html", "page.html"]);
    let Some(mut browser) = Browser::open(&folder.path().join("page.html")) else { return };
    while !browser.is("!!document.querySelector('section.on .sheet.on .reel')") {
        browser.key("ArrowRight");
    }
    let state = "document.querySelector('section.on .sheet.on .reel').dataset.state";
    let screen = "document.querySelector('section.on .sheet.on .reel pre')";
    // Once the recordings are unpacked.
    browser.wait(&format!("{state} === 'over'"));
    let base = browser.evaluate(TEXT);
    assert!(
        base.as_str().unwrap().contains("recording · 2026-11-23") && base.as_str().unwrap().contains("three")
    );
    assert!(base.as_str().unwrap().contains("</pre><script>"), "the tape's own text is text");
    browser.key("v");
    browser.wait(&format!("!{screen}.hidden && {screen}.textContent.includes('one red')"));
    browser.wait(&format!("{state} === 'over'"));
    assert!(browser.is(&format!("{screen}.hidden")), "at its end the slide shows the end itself");
    // Seeking: the first moments, and the end again.
    let seek = |to: u32| {
        format!(
            "(() => {{ const s = document.querySelector('section.on .sheet.on .bar input'); s.value = {to}; \
             s.dispatchEvent(new Event('input')); return true; }})()"
        )
    };
    assert!(browser.is(&seek(0)));
    assert!(browser.is(&format!("!{screen}.hidden && !{screen}.textContent.includes('one red')")));
    assert!(browser.is(&seek(500)));
    assert!(
        browser
            .is(&format!("{screen}.textContent.includes('two') && !{screen}.textContent.includes('three')"))
    );
    assert!(browser.is(&seek(200)));
    assert!(
        browser.is(&format!(
            "{screen}.textContent.includes('one red') && !{screen}.textContent.includes('two')"
        ))
    );
    browser.is_quiet();
}

#[test]
fn the_built_in_talk_is_a_page() {
    let page = std::fs::read_to_string(built_in_page()).unwrap();
    assert!(page.len() < 2_500_000, "{}", page.len());
    let Some(mut browser) = Browser::open(built_in_page()) else { return };
    shows_every_step(&mut browser, &Made::of(None));
    browser.is_quiet();
}

#[test]
fn the_style_of_slides_loads_nothing_from_elsewhere() {
    let style = greenroom_export::live::STYLE;
    for away in ["@import", "http:", "https:", "//"] {
        assert!(!style.contains(away), "{away}");
    }
    assert!(style.contains("GreenroomBlocks") && greenroom_export::live::BLOCKS.starts_with(&[0, 1, 0, 0]));
}

/// What a page plays, as text.
fn films(page: &str) -> String {
    let packed = page.split("id=\"film-").skip(1).map(|rest| rest.split(['>', '<']).nth(1).unwrap());
    let unpack = |packed: &str| {
        let bytes = BASE64.decode(packed).unwrap();
        let mut text = String::new();
        GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        text
    };
    packed.map(unpack).collect()
}

/// The words of every page of a PDF; None, with a line that says so, where nothing can read one.
fn pages(path: &Path) -> Option<Vec<String>> {
    let Ok(output) = Command::new("pdftotext").args(["-raw", "-enc", "UTF-8"]).arg(path).arg("-").output()
    else {
        skip("pdftotext");
        return None;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let pages: Vec<String> = text.split('\u{c}').map(str::to_owned).collect();
    Some(pages.into_iter().filter(|page| !page.is_empty()).collect())
}

/// Without blanks: a page has places instead.
fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn a_pdf_says_what_the_stage_shows() {
    let folder = TempDir::new().unwrap();
    let path = deck(folder.path());
    export(folder.path(), &["deck.md", "--pdf", "own.pdf", "--steps"]);
    export(folder.path(), &["--pdf", "talk.pdf"]);
    for (file, made, steps) in [("own.pdf", Made::of(Some(&path)), true), ("talk.pdf", Made::of(None), false)]
    {
        let Some(pages) = pages(&folder.path().join(file)) else { return };
        let sheets = made.sheets(steps);
        assert_eq!(pages.len(), sheets.len(), "{file}");
        for (page, sheet) in pages.iter().zip(&sheets) {
            assert_eq!(solid(page), solid(&words(sheet)), "{file}, slide {}", sheet.slide + 1);
        }
    }
    let fonts = Command::new("pdffonts").arg(folder.path().join("own.pdf")).output().unwrap();
    let fonts = String::from_utf8_lossy(&fonts.stdout).into_owned();
    assert!(fonts.contains("NotoEmoji") && fonts.contains("DejaVuSansMono"), "{fonts}");
    let embedded = fonts.lines().skip(2).all(|line| line.split_whitespace().rev().nth(4) == Some("yes"));
    assert!(embedded, "{fonts}");
}

#[test]
fn drawings_and_pictures_are_of_every_slide() {
    let folder = TempDir::new().unwrap();
    let path = deck(folder.path());
    let made = Made::of(Some(&path));
    export(folder.path(), &["deck.md", "--svg", "svg", "--steps", "--png", "png"]);
    assert_eq!(std::fs::read_dir(folder.path().join("svg")).unwrap().count(), made.sheets(true).len());
    assert_eq!(std::fs::read_dir(folder.path().join("png")).unwrap().count(), made.sheets(true).len());
    let sheet = &made.sheets(true)[1];
    let name = format!("{:03}-{:02}", sheet.slide + 1, sheet.step);
    let svg = std::fs::read_to_string(folder.path().join(format!("svg/{name}.svg"))).unwrap();
    let texts: String = svg
        .split("</text>")
        .filter_map(|part| part.rsplit_once("<text ").map(|(_, text)| text))
        .map(|text| {
            text.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect::<String>()
        })
        .map(|text| {
            text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
        })
        .collect();
    assert_eq!(solid(&texts), solid(&words(sheet)));
    let png = image::open(folder.path().join(format!("png/{name}.png"))).unwrap().to_rgb8();
    assert_eq!((png.width(), png.height()), (1728, 947));
    let background = png.get_pixel(0, 0);
    let inked = png.pixels().filter(|pixel| *pixel != background).count();
    assert!(inked > 5_000, "{inked} pixels are drawn");
    export(folder.path(), &["deck.md", "--png", "png", "--slide", "3", "--force"]);
    let png = image::open(folder.path().join("png/003.png")).unwrap().to_rgb8();
    assert!(png.pixels().filter(|pixel| pixel.0 == [200, 0, 0]).count() > 10_000, "the picture itself");
}

#[test]
fn a_whole_talk_is_a_recording() {
    let folder = TempDir::new().unwrap();
    let path = deck(folder.path());
    let made = Made::of(Some(&path));
    export(folder.path(), &["deck.md", "--cast", "talk.cast", "--size", "80x24"]);
    let file = std::fs::File::open(folder.path().join("talk.cast")).unwrap();
    let mut tape = greenroom_tape::Player::open(Box::new(std::io::BufReader::new(file))).unwrap();
    let marks: Vec<String> = tape.marks().iter().map(|mark| mark.name.clone()).collect();
    let names: Vec<String> = (0..made.deck.slides.len()).map(|slide| made.deck.name(slide)).collect();
    assert_eq!(marks, names);
    assert!(tape.length().is_some_and(|length| length.secs() > 12));
    // What a terminal shows at the end of it is what the stage shows on the last slide.
    let mut view =
        greenroom_pane::TermView::new(Size { columns: 80, rows: 24 }, 0, greenroom_pane::Palette::default());
    tape.play(greenroom_base::clock::Elapsed::ZERO);
    let mut seen = String::new();
    while !tape.is_over() {
        tape.poll(greenroom_base::clock::Elapsed::from_secs(3600), &mut |event| {
            view.fold(&event);
            if view.text().contains("recording ·") {
                seen = view.text();
            }
        });
    }
    assert!(seen.contains("three") && seen.contains("exit 0"), "{seen}");
    assert!(view.text().contains("a line") && view.text().contains("4 / 4"), "{}", view.text());
    assert!(tape.problems().is_empty(), "{:?}", tape.problems());
}

#[test]
fn a_recording_that_is_gone_through_by_steps_is_shown_at_its_end() {
    let made = Made::of(None);
    let tapes = |path: &str| made.runner.tape(path).ok();
    let show = Show { deck: &made.deck, ink: &made.ink, size: SIZE, tapes: &tapes, ready: &|_| () };
    let scripted = |slide: &usize| made.deck.panes(*slide).iter().any(|pane| !pane.demo.script.is_empty());
    let slide = (0..made.deck.slides.len()).find(scripted).expect("the talk has a scripted demo");
    let text = show.sheet(slide, 0).frame.text();
    assert!(text.contains("exit()"), "{text}");
}

#[test]
fn an_export_refuses_what_is_there_and_leaves_nothing_half_done() {
    let folder = TempDir::new().unwrap();
    deck(folder.path());
    let before = std::fs::read_dir(folder.path()).unwrap().count();
    for form in ["--html", "--pdf", "--cast", "--svg", "--png"] {
        std::fs::write(folder.path().join("out"), "mine").unwrap();
        let output = run(folder.path(), &["export", "deck.md", form, "out"]);
        assert_eq!(output.status.code(), Some(1), "{form}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("--force"), "{form}");
        assert_eq!(std::fs::read_to_string(folder.path().join("out")).unwrap(), "mine");
        std::fs::remove_file(folder.path().join("out")).unwrap();
        assert_eq!(
            run(folder.path(), &["export", "deck.md", form, "no/such/out"]).status.code(),
            Some(1),
            "{form}"
        );
        let small = format!(
            "trap '' XFSZ; ulimit -f 8; exec {} export deck.md {form} out",
            cargo_bin("greenroom").display()
        );
        let output = Command::new("sh").args(["-c", &small]).current_dir(folder.path()).output().unwrap();
        assert!(!output.status.success(), "{form}: no room");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), before, "{form}");
    }
}

#[test]
fn a_cast_can_take_the_times_of_the_last_practice() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("deck.md");
    std::fs::write(&path, "# One\n\n---\n\n# Two\n").unwrap();
    let run = || {
        Command::new(cargo_bin("greenroom"))
            .args(["export", "deck.md", "--cast", "talk.cast", "--practice", "--size", "40x10", "--force"])
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .env_remove("XDG_DATA_HOME")
            .output()
            .unwrap()
    };
    let output = run();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing has been practised yet"), "{output:?}");
    let deck = locate(Some(&path)).unwrap();
    let name = greenroom_deck::Fnv::of(&deck.name()).to_string();
    let histories = folder.path().join(".local/share/greenroom/practices").join(name);
    std::fs::create_dir_all(&histories).unwrap();
    let parsed = open::deck(&*deck.files, &deck.entry);
    let begin = Begin::of(&parsed, None, 1_795_392_000);
    let visit = |slide, ms| PracticeEntry::Visit(Visit { slide, ms, ..Visit::default() }).text();
    let text = PracticeEntry::Begin(Box::new(begin)).text() + &visit(0, 1_500) + &visit(1, 60_000);
    std::fs::write(histories.join("1.jsonl"), text).unwrap();
    assert!(run().status.success());
    let cast = std::fs::read_to_string(folder.path().join("talk.cast")).unwrap();
    let times = cast.lines().skip(1).map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let whole: f64 = times.map(|event| event[0].as_f64().unwrap()).sum();
    assert!((61.0..70.0).contains(&whole), "{whole} s: {cast}");
}

#[test]
fn panes_9_links_and_underlines_of_a_recording_are_in_every_export() {
    let folder = TempDir::new().unwrap();
    let tape = "{\"version\":3,\"term\":{\"cols\":40,\"rows\":4},\"timestamp\":1795392000}\n\
        [0.1,\"o\",\"\\u001b]8;;https://example.org/?a&b\\u0007there\\u001b]8;;\\u0007 \\u001b[4:3;58:5:196mwave\\u001b[m\"]\n\
        [0.1,\"o\",\"\\u001b]8;;javascript:alert(1)\\u0007no\\u001b]8;;\\u0007\"]\n[0.1,\"x\",\"0\"]\n";
    std::fs::write(folder.path().join("d.cast"), tape).unwrap();
    let text = "# A tape\n\n```pane\ncommand: [\"x\"]\ntape: d.cast\nheight: 8\n```\n";
    std::fs::write(folder.path().join("deck.md"), text).unwrap();
    export(folder.path(), &["deck.md", "--html", "out.html", "--force"]);
    let page = std::fs::read_to_string(folder.path().join("out.html")).unwrap();
    let href = "<a href=\"https://example.org/?a&amp;b\" target=\"_blank\" rel=\"noopener\">";
    assert!(page.contains(href), "in the slide");
    let films = films(&page);
    assert!(films.contains("https://example.org/?a&amp;b"), "in what the player shows: {films}");
    assert!(page.contains("text-decoration:underline wavy #ff0000"), "{page}");
    assert!(!page.contains("javascript:alert"));
    let made = Made::of(Some(&folder.path().join("deck.md")));
    let sheet = made.sheets(false).remove(0);
    let words: Vec<&str> = sheet.frame.links.iter().map(|link| &*link.address).collect();
    assert_eq!(words, ["https://example.org/?a&b"]);
    let drawing = svg(&sheet, &made.deck.theme);
    assert!(
        drawing.contains("https://example.org/?a&amp;b") && drawing.contains("fill=\"#ff0000\"/>"),
        "{drawing}"
    );
}

/// Noncharacters are an error in a page, and a drawing with one cannot be opened at all.
#[test]
fn noncharacters_are_in_no_export() {
    let folder = TempDir::new().unwrap();
    let tape = "{\"version\":3,\"term\":{\"cols\":40,\"rows\":4},\"timestamp\":1795392000}\n\
        [0.1,\"o\",\"\\u001b]8;;https://example.org/\u{ffff}\\u0007on\u{fffe}the\u{fdd0}tape\\u001b]8;;\\u0007\"]\n[0.1,\"x\",\"0\"]\n";
    std::fs::write(folder.path().join("d.cast"), tape).unwrap();
    let text = "# A\u{fdd0} &#xFFFF; [x](https://example.\u{1fffe}) `\u{fdef}` [y](z\u{ffff})\n\n\
        ```pane\ncommand: [\"x\"]\ntape: d.cast\nheight: 8\ntitle: \"\u{10ffff}\"\n```\n\n\
        <!-- speaker_note: \u{fffe} -->\n";
    std::fs::write(folder.path().join("deck.md"), text).unwrap();
    export(folder.path(), &["deck.md", "--html", "out.html", "--svg", "svg"]);
    for name in ["out.html", "svg/001.svg"] {
        let written = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let written = written.clone() + &films(&written);
        assert!(written.contains("tape"), "{name}: {written}");
        let found = written.char_indices().find(|(_, c)| is_noncharacter(*c));
        assert_eq!(found, None, "{name}");
    }
}

/// A title is words in every document, whatever letters the stage draws it in.
#[test]
fn c09_titles_can_be_found_and_copied() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("titles.md");
    std::fs::write(&path, "# Start\n\ntext\n\n---\n\n# Findable heading\n\ntext\n").unwrap();
    let titles: &[&str] = &["--pdf", "t.pdf", "--html", "t.html", "--svg", "t", "--text"];
    let output = run(folder.path(), &[&["export", "titles.md"], titles].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let svgs = std::fs::read_dir(folder.path().join("t")).unwrap();
    let svgs: Vec<String> =
        svgs.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    assert!(svgs.iter().any(|svg| svg.contains(">Findable heading</tspan>")), "{svgs:?}");
    assert!(read("t.html").contains(">Findable heading</span></div>"));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("    Findable heading\n") && !text.contains(['█', '🬂']), "{text}");
    let Some(pages) = pages(&folder.path().join("t.pdf")) else { return };
    assert!(pages[1].contains("Findable heading"), "{pages:?}");
}

/// What large digits are made of is drawn as it is on the stage, and not as the box of a letter that no font has.
#[test]
fn sextants_are_drawn_in_pictures() {
    let folder = TempDir::new().unwrap();
    let slide = |c: &str| format!("```\n{}\n```\n", c.repeat(20));
    std::fs::write(folder.path().join("d.md"), format!("{}\n---\n\n{}", slide("█"), slide("🬎"))).unwrap();
    let output = run(folder.path(), &["export", "d.md", "--png", "out", "--size", "40x12"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bright = |name: &str| {
        let drawn = image::open(folder.path().join("out").join(name)).unwrap().to_luma8();
        // The slide's footer is below.
        let rows = drawn.height() * 3 / 4;
        drawn.enumerate_pixels().filter(|(_, y, pixel)| *y < rows && pixel.0[0] > 150).count()
    };
    let (whole, part) = (bright("001.png"), bright("002.png"));
    assert!(whole > 1000 && (part * 100 / whole).abs_diff(66) < 6, "{part} of {whole}");
}
