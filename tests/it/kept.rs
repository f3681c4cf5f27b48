//! The talk that a phone takes home: the page that "Save this talk" gives, opened where nothing can be reached.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use greenroom::link::Remote;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use crate::support::browser::Browser;
use crate::support::room::{PHONE, TEXT, agree, join, stage};
use crate::support::terminal::{PATIENCE, Terminal, memory};

/// A demo that says another number in each of its runs, and clears its screen in between.
const DEMO: &str = "```pane\ncommand: [sh, -c, \"echo it begins; sleep 0.5; clear; echo the answer is $$-$$\"]\ntape: run.cast\nheight: 6\n```\n";
/// What it said at home.
const EARLIER: &str = "{\"version\":3,\"term\":{\"cols\":60,\"rows\":4},\"timestamp\":1795392000}\n\
    [0.1,\"o\",\"an old one\\r\\n\"]\n[0.3,\"o\",\"the answer is old-old\\r\\n\"]\n[0.1,\"x\",\"0\"]\n";

fn talk(folder: &Path) {
    fs::create_dir(folder.join("deck")).unwrap();
    let text =
        format!("# The start\n\nhello\n\n---\n\n# A run\n\n{DEMO}\n\n---\n\n# To come\n\nthe surprise\n");
    fs::write(folder.join("deck/slides.md"), text).unwrap();
    fs::write(folder.join("deck/run.cast"), EARLIER).unwrap();
}

/// What the demo on the stage answered.
fn answer(terminal: &Terminal) -> String {
    let answered = |text: &str| {
        let at = text.find("the answer is ")? + "the answer is ".len();
        let answer: String = text[at..].chars().take_while(|c| !c.is_whitespace()).collect();
        answer.contains('-').then_some(answer)
    };
    terminal
        .wait("an answer", |terminal| answered(&terminal.text()).is_some_and(|answer| answer != "old-old"));
    answered(&terminal.text()).unwrap()
}

/// What the phone saves once the run that answered so is on disk: that may take a moment longer than it shows.
fn saved_with(page: &mut Browser, answer: &str, to: &Path) -> PathBuf {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let saved = page.saved(|page| page.press("#save"));
        let text = fs::read_to_string(&saved).unwrap();
        if text.contains(answer) {
            fs::write(to, text).unwrap();
            return to.to_owned();
        }
        assert!(Instant::now() < deadline, "{answer} is in none of the saved pages");
    }
}

/// The page plays a run that ends with this answer, and no other, with nothing but itself.
fn plays(file: &Path, answer: &str, others: &[&str]) {
    let Some(mut browser) = Browser::open(file) else { return };
    browser.go_offline();
    browser.resize(PHONE);
    browser.evaluate("location.hash = '#2'");
    browser.wait("document.querySelector('section.on .prose .reel')?.dataset.state === 'over'");
    assert!(
        browser
            .is(&format!("document.querySelector('section.on .prose .film').innerText.includes('{answer}')"))
    );
    browser.press("section.on .prose .film .bar > button");
    let screen = "document.querySelector('section.on .prose .reel .screen').textContent";
    let shown = |what: &str| format!("{screen}.includes('{what}')");
    let over = "document.querySelector('section.on .prose .reel').dataset.state === 'over'";
    browser.wait(&format!("{} && {over}", shown(answer)));
    assert!(!browser.is(&shown("it begins")), "the screen was cleared");
    // Before its end it shows what came before.
    let moments = format!(
        "(() => {{ const seek = document.querySelector('section.on .prose .film .bar input'); \
         return [...Array(100).keys()].filter(part => {{ seek.value = seek.max * part / 100; seek.dispatchEvent(new Event('input')); \
         return {} && !{}; }}).length; }})()",
        shown("it begins"),
        shown(answer)
    );
    assert!(browser.evaluate(&moments).as_u64().unwrap() > 0);
    // Nor is another run anywhere else in it, packed or not.
    let everything = "Promise.all([...document.querySelectorAll('script[id^=film]')].map(film => \
        new Response(new Blob([Uint8Array.from(atob(film.textContent), c => c.charCodeAt(0))]).stream() \
        .pipeThrough(new DecompressionStream('gzip'))).text())).then(films => films.join() + document.documentElement.outerHTML)";
    let everything = browser.settle(everything);
    let everything = everything.as_str().unwrap();
    assert!(everything.contains("it begins"), "the films are in it");
    for other in others {
        assert!(!everything.contains(other), "{other}");
    }
    browser.is_quiet();
}

/// A stage on the slide of the demo, and a phone that follows it.
fn followed(name: &str, folder: &Path) -> Option<(Terminal, Remote, Browser)> {
    let terminal = Terminal::open(name)?;
    talk(folder);
    let remote = stage(&terminal, folder, "deck/slides.md");
    terminal.keys(&["l"]);
    terminal.shows("x runs it");
    let page = join(&remote, PHONE)?;
    Some((terminal, remote, page))
}

#[test]
fn a_saved_page_plays_the_run_that_was_just_live_without_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let Some((terminal, _, mut page)) = followed("kept", folder.path()) else { return };
    agree(&terminal, "R");
    let first = answer(&terminal);
    page.wait(&format!("document.getElementById('stage').innerText.includes('{first}')"));
    let one = saved_with(&mut page, &first, &folder.path().join("one.html"));
    // Recorded once more: who saves it now has that run.
    terminal.keys(&["R"]);
    terminal.wait("another answer", |terminal| {
        let text = terminal.text();
        text.contains("the answer is ") && !text.contains(&first)
    });
    let second = answer(&terminal);
    let two = saved_with(&mut page, &second, &folder.path().join("two.html"));
    page.is_quiet();
    terminal.keys(&["q", "q"]);
    terminal.is_restored();
    plays(&one, &first, &[&second, "an old one", "the surprise"]);
    plays(&two, &second, &[&first, "an old one", "the surprise"]);
}

/// Slides with a picture each, and pixels of a picture's side: 50 MB in all.
const PICTURES: usize = 30;
const SIDE: u32 = 750;

/// A picture file whose pixels have nothing to do with each other, so that nothing makes it smaller.
fn noise(seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let pixels: Vec<u8> = (0..SIDE * SIDE * 3)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[3]
        })
        .collect();
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Uncompressed, FilterType::NoFilter)
        .write_image(&pixels, SIDE, SIDE, ExtendedColorType::Rgb8)
        .unwrap();
    file
}

#[test]
fn a_deck_with_fifty_megabytes_of_pictures_is_followed_and_saved() {
    let Some(terminal) = Terminal::open("kept-pictures") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut text, mut bytes) = (String::new(), 0);
    for number in 1..=PICTURES {
        let file = noise(u32::try_from(number).unwrap());
        bytes += file.len();
        fs::write(folder.path().join(format!("{number}.png")), file).unwrap();
        let rule = if number > 1 { "---\n\n" } else { "" };
        let _ = write!(text, "{rule}# Photograph {number}\n\n![noise {number}]({number}.png)\n\n");
    }
    assert!(bytes > 50_000_000, "{bytes}");
    fs::write(folder.path().join("slides.md"), text).unwrap();
    let remote = stage(&terminal, folder.path(), "slides.md");
    let Some(mut page) = join(&remote, PHONE) else { return };
    for number in 2..=PICTURES {
        // One by one: what is passed before it is drawn was not shown, and is not kept.
        terminal.keys(&["l"]);
        page.wait(&format!("{TEXT}.includes('Photograph {number}')"));
        if number % 3 == 0 {
            page.wait("document.querySelector('#stage img')?.naturalWidth > 0");
        }
    }
    let stage = memory(&terminal);
    println!("{bytes} bytes of pictures: the stage takes {stage} bytes");
    assert!(stage < 256 << 20, "{stage}");
    let saved = fs::read_to_string(page.saved(|page| page.press("#save"))).unwrap();
    println!("the saved page has {} bytes", saved.len());
    assert!(saved.len() < 18_000_000, "{} bytes", saved.len());
    assert!(saved.contains(&format!("{PICTURES} pictures are smaller than in the talk")));
    assert!(saved.matches("data:image/").count() >= PICTURES);
    page.is_quiet();
    terminal.keys(&["q", "q"]);
    terminal.is_restored();
}
