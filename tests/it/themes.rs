//! What a theme says about places and sizes, as the stage draws it.

use std::sync::Arc;

use crossterm::event::KeyCode;
use greenroom::decks::built_in::BuiltIn;
use greenroom::sheet::Show;
use greenroom::talk::{Msg, Settings, Talk};
use greenroom::{headless, open, view};
use greenroom_base::clock::Elapsed;
use greenroom_base::files::Files;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_deck::{Deck, DemoKind, Rgb, Theme};
use greenroom_export::Sheets;
use greenroom_frame::Frame;
use greenroom_render::paint::RenderCache;
use greenroom_tape::Player;
use ratatui::style::{Color, Modifier};

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

#[test]
fn a_logo_stands_in_an_empty_corner_of_slides_with_a_footer() {
    let mut png = Vec::new();
    let red = image::RgbaImage::from_pixel(40, 40, image::Rgba([255, 0, 0, 255]));
    red.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    let slides = "# A\n\nwords\n\n---\n\n<!-- no_footer -->\n\n# B\n\nwords\n\n---\n\n# C\n\n```\n"
        .to_owned()
        + &"x".repeat(200).repeat(20)
        + "\n```\n";
    let files = |theme: &str| {
        MemoryFiles::new()
            .with("talk.yaml", "title: T\ntheme: look/mine.yaml\nsections: [{title: One, file: a.md}]\n")
            .with("look/mine.yaml", theme.to_owned())
            .with("look/logo.png", png.clone())
            .with("a.md", slides.clone())
    };
    let at = |corner: &str, slide: usize, size: Size| {
        let files = files(&format!("logo: {{image: logo.png, corner: {corner}, rows: 3}}\n"));
        let deck = open::deck(&files, "talk.yaml");
        assert_eq!(deck.problems, []);
        let (deck, ink) = (Arc::new(deck), RenderCache::new());
        headless::load_pictures(&deck, slide, &files, &ink, &greenroom_render::paint::picture::decode);
        let frame = headless::frame(&deck, &ink, slide, 0, size);
        frame
            .pictures
            .first()
            .map(|placed| (placed.area.x, placed.area.y, placed.area.width, placed.area.height))
    };
    let size = Size { columns: 100, rows: 40 };
    assert_eq!(at("top-right", 2, size), Some((92, 1, 6, 3)));
    assert_eq!(at("bottom-left", 2, size), Some((2, 35, 6, 3)));
    assert_eq!(at("bottom-right", 2, size), Some((92, 35, 6, 3)));
    assert_eq!(at("top-right", 3, size), None, "no footer");
    assert_eq!(at("bottom-right", 4, size), None, "code stands there");
    assert_eq!(at("top-right", 2, Size { columns: 12, rows: 5 }), None, "too small");
    for (theme, said) in [
        ("logo: {image: none.png}\n", "there is no file \"look/none.png\""),
        ("logo: {image: ../../x.png}\n", "leads out of the deck folder"),
        ("logo: {corner: top-left}\n", "`logo` has no picture"),
        ("logo: {image: logo.png, rows: 99}\n", "`logo.rows` should be 1 to 20"),
    ] {
        let problems = open::deck(&files(theme), "talk.yaml").problems;
        let [problem] = problems.as_slice() else { panic!("{theme}: {problems:?}") };
        assert!(problem.message.contains(said), "{problem:?}");
        assert_eq!(problem.place.as_ref().unwrap().file.as_str(), "look/mine.yaml");
    }
}

/// Letters and lines of `frame` whose contrast is less than WCAG asks for: the two colours, and what was drawn in them.
fn faint(frame: &Frame, theme: &Theme) -> Vec<String> {
    // Code outside of the lines that are looked at.
    let dimmed: Vec<Rgb> = theme
        .pairs()
        .iter()
        .map(|pair| pair.color.mix(theme.surface, 0.62).readable(&[theme.surface], 3.0, pair.color))
        .collect();

    let mut found: Vec<(Rgb, Rgb, String)> = Vec::new();
    for cell in &frame.cells.content {
        let symbol = cell.symbol();
        let rgb = |color: Color| match color {
            Color::Rgb(red, green, blue) => Some(Rgb(red, green, blue)),
            _ => None,
        };
        let Some((ink, ground)) = rgb(cell.fg).zip(rgb(cell.bg)) else { continue };
        let hidden = symbol.trim().is_empty() || cell.modifier.contains(Modifier::HIDDEN);
        let least = match symbol.chars().next().map_or(0, u32::from) {
            // Lines, bars, and the dots of an empty bar.
            0x2500..=0x257f | 0xb7 => 3.0,
            // Parts of pictures, of large letters and of charts, whose shape is seen by many of them.
            0x2580..=0x259f | 0x2800..=0x28ff | 0x1_fb00..=0x1_fbff => continue,
            _ if dimmed.contains(&ink) => 3.0,
            _ => 4.5,
        };
        if hidden || ink.contrast(ground) >= least {
            continue;
        }
        match found.iter_mut().find(|(a, b, _)| (*a, *b) == (ink, ground)) {
            Some((.., text)) if text.chars().count() < 30 => text.push_str(symbol),
            Some(_) => {}
            None => found.push((ink, ground, symbol.to_owned())),
        }
    }
    let told = |(ink, ground, text): (Rgb, Rgb, String)| {
        format!("{ink:?} on {ground:?} ({:.2}): {text}", ink.contrast(ground))
    };
    found.into_iter().map(told).collect()
}

#[test]
fn whatever_is_drawn_can_be_read_in_every_theme() {
    let problems =
        "# Wrong\n\n```pane\ndemo: none\n```\n\n![](none.png)\n\n> [!warning]\n> Take care of `code`\n";
    let mut wrong = std::collections::BTreeSet::new();
    for name in greenroom_parse::theme_names() {
        let theme = Arc::new(greenroom_parse::builtin_theme(name).unwrap());
        let mut note = |what: &str, frame: &Frame| {
            wrong.extend(faint(frame, &theme).into_iter().map(|said| format!("{name}, {what}: {said}")));
        };
        let themed = |mut deck: Deck| {
            deck.theme = Arc::clone(&theme);
            Arc::new(deck)
        };
        let files = |text: &str| MemoryFiles::new().with("x.md", text.to_owned());
        let written =
            [include_str!("elements.md"), problems].map(|text| themed(open::deck(&files(text), "x.md")));
        let built_in = themed(open::deck(&BuiltIn, "talk.yaml"));
        let ink = RenderCache::new();
        for size in [Size { columns: 80, rows: 24 }, Size { columns: 120, rows: 35 }] {
            for deck in written.iter().chain([&built_in]) {
                for (index, slide) in deck.slides.iter().enumerate() {
                    note("a slide", &headless::frame(deck, &ink, index, slide.last_step, size));
                }
            }
            for keys in ["?", "o", "/x", ":", "t", "c", "P", "ol"] {
                let mut talk = Talk::new(Arc::clone(&built_in), size, Settings::default());
                for key in keys.chars() {
                    talk.update(Msg::Key(KeyCode::Char(key).into()), Elapsed::ZERO);
                }
                note(&format!("after {keys}"), &view::audience(&talk, &ink, Elapsed::ZERO));
            }
            let tapes = |path: &str| {
                Player::open(Box::new(std::io::Cursor::new(BuiltIn.read(path, 1 << 26).ok()?.to_vec()))).ok()
            };
            let show = Show { deck: &built_in, ink: &ink, size, tapes: &tapes, ready: &|_| () };
            for (slide, step) in measured(&built_in) {
                note("a measurement", &show.sheet(slide, step).frame);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

/// The slides with benches and probes, and their last steps.
fn measured(deck: &Deck) -> Vec<(usize, u16)> {
    let measures = |slide: &usize| deck.panes(*slide).iter().any(|pane| pane.demo.kind != DemoKind::Terminal);
    let slides = (0..deck.slides.len()).filter(measures);
    slides.filter_map(|slide| Some((slide, deck.slides.get(slide)?.last_step))).collect()
}
