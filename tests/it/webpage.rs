//! The exported page on a phone, in a window and on paper.

use std::path::Path;

use tempfile::TempDir;

use crate::export::{Made, SIZE, built_in_page, export};
use crate::support::axe;
use crate::support::browser::Browser;
use crate::support::needs::{has, skip};
use greenroom::sheet::Show;
use greenroom_export::Sheets;

const PHONE: (u32, u32) = (390, 844);
const WINDOW: (u32, u32) = (1280, 800);
/// Everything that Markdown has, revealed in steps, and a program that clears its screen at its end.
const DECK: &str = "# Reading *this*\n\nPlain **strong** `code` and [a link](https://example.org/?a&b) H~2~O x^2^\n\n<!-- pause -->\n\n\
    - first\n- second\n  1. deeper\n  2. and more\n\n<!-- pause -->\n\n| name | what it is good for, in so many words that it is wide |\n|:--|--:|\n| a | b |\n\n\
    > [!WARNING]\n> take care\n\n---\n\n# Code\n\n```python {1|3|all} +line_numbers\nimport one_very_long_name_of_a_module_that_scrolls_sideways\n\nx = \"<b>\"\n```\n\n\
    > said by nobody\n\nTerm\n: meaning\n\nwith a note[^1]\n\n[^1]: below\n\n---\n\n# A tape\n\n```pane\ncommand: [\"x\"]\ntape: d.cast\nheight: 8\n```\n";
const TAPE: &str = "{\"version\":3,\"term\":{\"cols\":40,\"rows\":6},\"timestamp\":1795392000}\n\
    [0.1,\"o\",\"the answer that everybody came for\\r\\nis on these lines\\r\\nthree of them\"]\n[0.5,\"o\",\"\\u001b[2J\\u001b[H$ \"]\n[0.1,\"x\",\"0\"]\n";

fn page(folder: &Path) -> Option<Browser> {
    std::fs::write(folder.join("deck.md"), DECK).unwrap();
    std::fs::write(folder.join("d.cast"), TAPE).unwrap();
    export(folder, &["deck.md", "--html", "page.html"]);
    Browser::open(&folder.join("page.html"))
}

/// Letters: lists have numbers and signs on the stage, and marks of their own in prose.
fn read(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

/// Every word of the one is in the other, whatever their order.
fn sorted(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = read(text).chars().collect();
    letters.sort_unstable();
    letters
}

/// What shows of the slide's prose.
const PROSE: &str = "document.querySelector('section.on .prose').innerText";

#[test]
fn a_phone_held_upright_reads_prose_that_says_what_the_stage_says() {
    let folder = TempDir::new().unwrap();
    let Some(mut browser) = page(folder.path()) else { return };
    browser.resize(PHONE);
    let made = Made::of(Some(&folder.path().join("deck.md")));
    let tapes = |path: &str| made.runner.tape(path).ok();
    let show = Show { deck: &made.deck, ink: &made.ink, size: SIZE, tapes: &tapes, ready: &|_| () };
    // Without footers: what stands there is of the room.
    let slides =
        (0..made.deck.slides.len()).flat_map(|slide| show.steps(slide, true).map(move |step| (slide, step)));
    let mut seen = 0;
    for (number, (slide, step)) in slides.enumerate() {
        if number > 0 {
            browser.evaluate("document.querySelector('nav [data-key=ArrowRight]').click()");
        }
        browser.wait(&format!(
            "location.hash === '#{}{}'",
            slide + 1,
            if step > 0 { format!(".{step}") } else { String::new() }
        ));
        let sheet = show.sheet(slide, step);
        if !sheet.reels.is_empty() {
            continue;
        }
        let stage = greenroom::headless::frame(&made.deck, &made.ink, slide, step, show.room(slide)).text();
        let body: Vec<&str> = stage.lines().collect();
        let body = body[..body.len() - 2].join("\n");
        let prose = browser.evaluate(PROSE);
        assert_eq!(
            sorted(prose.as_str().unwrap()),
            sorted(&body),
            "slide {}, step {step}: {prose}\n{body}",
            slide + 1
        );
        seen += 1;
    }
    assert!(seen >= 6, "{seen}");
    browser.is_quiet();
}

/// The smallest size of letters of the visible text, in CSS pixels, but for footnotes' numbers and panes, which are scaled.
const SMALLEST: &str = "(() => {
    let least = 99;
    for (const slide of document.querySelectorAll('section.on .prose')) {
        const walk = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
            const of = walk.currentNode.parentElement;
            if (!walk.currentNode.data.trim() || of.closest('.pane, [hidden]')) continue;
            least = Math.min(least, parseFloat(getComputedStyle(of).fontSize));
        }
    }
    return least; })()";

#[test]
fn text_is_large_enough_on_a_phone_and_nothing_hangs_over_its_edge() {
    let size = std::fs::metadata(built_in_page()).unwrap().len();
    let Some(mut browser) = Browser::open(built_in_page()) else { return };
    let paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1";
    browser.wait(&format!("({paint}) >= 0"));
    println!("the built-in talk: {size} bytes, its first slide after {} ms", browser.evaluate(paint));
    assert!(size < 2_500_000, "{size}");
    // Far more than it takes; the figure above is to be read.
    assert!(browser.evaluate(paint).as_f64().unwrap() < 10_000.0);
    browser.resize(PHONE);
    let body = "parseFloat(getComputedStyle(document.querySelector('section.on .prose')).fontSize)";
    assert!(browser.evaluate(body).as_f64().unwrap() >= 16.0);
    let slides = browser.evaluate("document.querySelectorAll('section').length").as_u64().unwrap();
    for slide in 1..=slides {
        browser.evaluate(&format!("location.hash = '#{slide}'"));
        browser.wait(&format!("document.getElementById('place').textContent.startsWith('{slide} /')"));
        assert!(browser.evaluate(SMALLEST).as_f64().unwrap() >= 14.0, "slide {slide}");
        let wide =
            "Math.max(document.documentElement.scrollWidth, document.querySelector('main').scrollWidth)";
        assert!(browser.evaluate(wide).as_u64().unwrap() <= u64::from(PHONE.0), "slide {slide} is too wide");
    }
    browser.is_quiet();
}

#[test]
fn exactly_one_of_cells_and_prose_shows_and_controls_are_large_and_visible() {
    let folder = TempDir::new().unwrap();
    let Some(mut browser) = page(folder.path()) else { return };
    let shown = |what: &str| {
        format!("getComputedStyle(document.querySelector('section.on {what}')).display !== 'none'")
    };
    for (size, cells) in [(PHONE, false), (WINDOW, true), ((844, 390), true)] {
        browser.resize(size);
        assert_eq!(browser.is(&shown(".sheet.on")), cells, "{size:?}");
        assert_eq!(browser.is(&shown(".prose")), !cells, "{size:?}");
        let small = "[...document.querySelectorAll('nav button')].filter(one => { const { width, height, bottom } = one.getBoundingClientRect(); \
             return width < 44 || height < 44 || bottom > innerHeight || getComputedStyle(one.parentElement).opacity < 1; }).length";
        assert_eq!(browser.evaluate(small), 0, "{size:?}");
        let notes = "document.querySelector('nav [data-key=n]').click(); document.body.classList.contains('showing-notes')";
        assert!(browser.is(&format!("(() => {{ {} }})()", notes.replacen("; ", "; return ", 1))), "{size:?}");
        browser.key("Escape");
    }
    browser.is_quiet();
}

#[test]
fn a_recording_shows_its_most_telling_picture_until_it_plays_and_on_paper() {
    let folder = TempDir::new().unwrap();
    let Some(mut browser) = page(folder.path()) else { return };
    browser.resize(WINDOW);
    browser.evaluate("location.hash = '#3'");
    browser.wait("document.querySelector('section.on .sheet.on .reel')?.dataset.state === 'over'");
    let poster = "document.querySelector('section.on .sheet.on .poster')";
    assert!(
        browser
            .is(&format!("{poster}.offsetHeight > 0 && {poster}.textContent.includes('everybody came for')"))
    );
    let paper = browser.print();
    // Once it has played, its end shows.
    browser.key("v");
    browser.wait("document.querySelector('section.on .sheet.on .reel').dataset.state === 'over'");
    assert!(browser.is(&format!("{poster}.offsetHeight === 0")));
    browser.is_quiet();
    if !has("pdftotext") {
        return skip("pdftotext");
    }
    std::fs::write(folder.path().join("page.pdf"), paper).unwrap();
    let output = std::process::Command::new("pdftotext")
        .arg(folder.path().join("page.pdf"))
        .arg("-")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert_eq!(pages.len(), 3, "each slide on a page, and no empty one");
    assert!(pages[2].contains("everybody came for"), "{}", pages[2]);
    assert!(pages.iter().all(|page| !page.contains("Overview")), "no controls on paper");
}

#[test]
fn charts_of_a_bench_are_tabs_by_hand_and_by_key() {
    let Some(mut browser) = Browser::open(built_in_page()) else { return };
    for (size, inside) in [(WINDOW, ".sheet.on"), (PHONE, ".prose")] {
        browser.resize(size);
        let place = browser.evaluate(
            "[...document.querySelectorAll('section')].findIndex(one => one.querySelector('h2').textContent.includes('a template'))",
        );
        let slide = browser.evaluate(
            "[...document.querySelectorAll('section')].findIndex(one => one.querySelector('h2').textContent === 'Live: a template')",
        );
        assert!(slide.as_i64().unwrap() >= 0, "{place}");
        browser.evaluate(&format!("location.hash = '#{}'", slide.as_i64().unwrap() + 1));
        let reel = format!("document.querySelector('section.on {inside}')");
        browser.wait(&format!("{reel}.querySelectorAll('.tabs button').length >= 6"));
        let pressed = format!("{reel}.querySelector('.tabs [aria-pressed=true]').textContent");
        let first = browser.evaluate(&pressed);
        browser.evaluate(&format!(
            "[...{reel}.querySelectorAll('.tabs button')].find(one => one.textContent === 'latency').click()"
        ));
        assert_eq!(browser.evaluate(&pressed), "latency");
        let screen = format!("{reel}.querySelector('.reel .screen')");
        assert!(
            browser
                .is(&format!("!{screen}.hidden && !{screen}.textContent.includes('requests per second ·')"))
        );
        browser.key("V");
        assert_eq!(browser.evaluate(&pressed), "threads");
        let one = format!(
            "[...{reel}.querySelectorAll('.tabs button')].find(one => one.textContent === {first}).click()"
        );
        browser.evaluate(&one);
        assert!(browser.is(&format!("{screen}.hidden")), "the slide shows that end itself");
    }
    browser.is_quiet();
}

#[test]
fn no_barrier_is_in_the_page() {
    let folder = TempDir::new().unwrap();
    let Some(mut browser) = page(folder.path()) else { return };
    let Some(axe) = axe::source() else { return };
    for size in [PHONE, WINDOW] {
        browser.resize(size);
        for scheme in ["light", "dark"] {
            browser.media("screen", scheme);
            for place in ["#1.2", "#2.1", "#3"] {
                browser.evaluate(&format!("location.hash = '{place}'"));
                browser.wait(&format!("location.hash === '{place}' && document.querySelector('section.on')"));
                let found = browser.barriers(&axe);
                assert!(found.is_empty(), "{size:?}, {scheme}, {place}: {found:#?}");
            }
        }
    }
    browser.is_quiet();
}
