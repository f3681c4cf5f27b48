//! What a theme says about places and sizes, as the stage draws it.

use std::sync::Arc;

use greenroom::{headless, open};
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Theme};
use greenroom_render::paint::RenderCache;

/// A talk of two sections with this theme.
fn talk(theme: &str, slides: &str) -> Arc<Deck> {
    let outline = "title: The talk\nsubtitle: Below it\nspeaker: Ann\nevent: Conf\nlocation: Here\ndate: Today\n\
        theme: mine.yaml\nsections: [{title: One, file: a.md}, {title: Two, file: b.md}]\n";
    let files = MemoryFiles::new()
        .with("talk.yaml", outline)
        .with("mine.yaml", theme.to_owned())
        .with("a.md", slides.to_owned())
        .with("b.md", "# Last\n\nwords\n");
    let deck = open::deck(&files, "talk.yaml");
    assert_eq!(deck.problems, [], "{theme}");
    Arc::new(deck)
}

/// The rows of slide `index`.
fn rows(deck: &Arc<Deck>, index: usize, size: (u16, u16)) -> Vec<String> {
    let size = Size { columns: size.0, rows: size.1 };
    let frame = headless::frame(deck, &RenderCache::new(), index, 0, size);
    frame.text().lines().map(str::to_owned).collect()
}

/// The column that `text` begins at.
fn column(rows: &[String], text: &str) -> Option<usize> {
    rows.iter().find_map(|row| Some(row.get(..row.find(text)?)?.chars().count()))
}

#[test]
fn a_footer_says_what_the_theme_has_it_say() {
    let theme = "footer: {left: '{speaker} @ {event}, {location}', center: '{title}: {subtitle}', \
        right: '{date} {slide}/{slides} {{x}} {section}'}\n";
    let deck = talk(theme, "# A\n\nwords\n");
    for (width, height) in [(100, 24), (120, 35)] {
        let rows = rows(&deck, 2, (width, height));
        let foot = rows.last().unwrap();
        let parts: Vec<&str> = foot.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect();
        assert_eq!(parts, ["Ann @ Conf, Here", "The talk: Below it", "Today 3/5 {x} 1 One"], "{foot}");
        let (start, end) = (foot.find("The").unwrap(), foot.find("it").unwrap() + 2);
        assert!((start + end).abs_diff(usize::from(width)) <= 1, "in the middle: {foot}");
    }
    // presenterm's names.
    let deck = talk("footer: {right: '{author} {sub_title} {current_slide} {total_slides}'}\n", "# A\n");
    assert!(rows(&deck, 2, (100, 24)).last().unwrap().ends_with("Ann Below it 3 5"));
}

#[test]
fn the_parts_of_a_footer_never_touch() {
    let deck = talk(
        "footer: {left: 'left left left left', center: 'middle middle', right: 'right right'}\n",
        "# A\n",
    );
    for width in 10..120 {
        let rows = rows(&deck, 2, (width, 24));
        let foot = rows.last().unwrap();
        assert!(!foot.contains("leftmid") && !foot.contains("lright") && !foot.contains("eright"), "{foot}");
        assert!(foot.contains(" right right") || width < 20, "{width}: {foot}");
        assert_eq!(foot.contains("middle"), foot.contains("  middle middle  "), "{foot}");
    }
    assert!(rows(&deck, 2, (60, 24)).last().unwrap().contains("middle middle"));
}

#[test]
fn a_footer_may_be_empty_or_without_its_line() {
    let line = |theme: &str| {
        let rows = rows(&talk(theme, "# A\n\nwords\n"), 2, (100, 40));
        (rows[38].contains('━'), rows[39].trim().to_owned())
    };
    let (on, text) = line("muted: gray\n");
    assert!(on && text.starts_with("1 One") && text.ends_with("3 / 5"), "{text}");
    assert!(!line("footer: {progress: false}\n").0);
    assert_eq!(line("footer: {left: '', right: ''}\n"), (true, String::new()));
    assert_eq!(line("footer: {left: '', right: '', progress: false}\n"), (false, String::new()));
}

#[test]
fn margins_and_the_measure_hold_the_text() {
    let slides = "# A\n\nwords words\n";
    let at = |theme: &str, size| column(&rows(&talk(theme, slides), 2, size), "words");
    assert_eq!(at("margin: {columns: 10}\n", (80, 24)), Some(10));
    assert_eq!(at("margin: {columns: 10%}\n", (120, 35)), Some(12));
    assert_eq!(at("margin: {columns: 0}\nmeasure: 60\n", (80, 24)), Some(10));
    assert_eq!(at("margin: {columns: 5000}\n", (80, 24)), Some(36), "something is left");
    let top = |rows| {
        let theme = format!("margin: {{rows: {rows}}}\ntitle_size: 1\n");
        let rows = self::rows(&talk(&theme, slides), 2, (80, 24));
        rows.iter().position(|row| row.trim() == "A")
    };
    assert_eq!((top("0"), top("3"), top("20%")), (Some(0), Some(3), Some(4)));
    for size in [(10, 3), (20, 5), (500, 150)] {
        rows(&talk("margin: {columns: 400, rows: 90}\nmeasure: 20\n", slides), 2, size);
    }
}

#[test]
fn titles_and_bullets_look_as_the_theme_says() {
    let slides = "# Headline\n\n- one\n  - two\n    - three\n";
    let shown = |theme: &str| rows(&talk(theme, slides), 2, (80, 40));
    let column = |theme: &str, text| column(&shown(theme), text);
    let small = "title_size: 1\ntitle_align: ";
    assert_eq!(column(&format!("{small}left\n"), "Headline"), Some(4));
    assert_eq!(column(&format!("{small}center\n"), "Headline"), Some(36));
    assert_eq!(column(&format!("{small}right\n"), "Headline"), Some(68));
    assert_eq!(column("title_size: 7\n", "Headline"), None, "in large letters");
    let text = shown("bullets: ['→', '-']\n").join("\n");
    assert!(text.contains("→ one") && text.contains("- two") && text.contains("- three"), "{text}");
}

#[test]
fn what_runs_has_a_colour_that_nothing_else_has() {
    for name in greenroom_parse::theme_names() {
        let theme: Theme = greenroom_parse::builtin_theme(name).unwrap();
        let others = [
            theme.text,
            theme.muted,
            theme.title,
            theme.heading,
            theme.accent,
            theme.strong,
            theme.emphasis,
            theme.inline_code,
            theme.link,
            theme.border,
            theme.quote,
            theme.note,
            theme.good,
            theme.important,
            theme.warn,
            theme.bad,
        ];
        for other in others {
            let far = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
            let (a, b) = (theme.live, other);
            let distance = far(a.0, b.0) + far(a.1, b.1) + far(a.2, b.2);
            assert!(distance > 40 * 40, "{name}: {a:?} and {b:?}");
        }
    }
}
