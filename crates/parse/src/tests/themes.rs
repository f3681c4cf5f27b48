//! Themes can be read, from the back row too; and the schema in `assets/` is the one the types make.

use super::*;
use greenroom_base::diag::Severity;
use greenroom_deck::{FooterText, Length, Pair, Rgb, Role, Theme};

/// What keeps a theme from being read, pair by pair.
fn faint(theme: &Theme, least: impl Fn(&Pair) -> f64) -> Vec<String> {
    let low = |pair: &Pair| pair.contrast() < least(pair);
    let named = |pair: Pair| format!("{} on {}: {:.2}", pair.ink, pair.ground, pair.contrast());
    theme.pairs().into_iter().filter(low).map(named).collect()
}

#[test]
fn built_in_themes_have_contrast() {
    for name in theme_names() {
        let theme = builtin_theme(name).unwrap();
        assert_eq!(theme.name, *name);
        let least = |pair: &Pair| if *name == "contrast" { 7.0 } else { pair.least };
        assert_eq!(faint(&theme, least), [""; 0], "{name}");
    }
    assert_eq!(builtin_theme("none"), None);
}

#[test]
fn every_role_and_token_is_in_the_table_of_pairs() {
    // Colours that no other has, so that one that is left out is missed.
    let yaml = theme_yaml("dark").unwrap();
    let mut count = 0;
    let distinct: Vec<String> = yaml
        .lines()
        .map(|line| match line.split_once('"') {
            Some((key, _)) => {
                count += 1;
                format!("{key}\"#0000{count:02x}\"")
            }
            None => line.to_owned(),
        })
        .collect();
    let theme: Theme = serde_yaml::from_str(&distinct.join("\n")).unwrap();
    let inks: Vec<Rgb> = theme.pairs().iter().map(|pair| pair.color).collect();
    for role in Role::ALL {
        assert!(inks.contains(&theme.color(role)), "{role:?}");
    }
    // All but the two grounds, each on both.
    assert_eq!(inks.len(), (count - 2) * 2);
}

#[test]
fn the_schema_of_the_outline_is_up_to_date() {
    let schema = outline_schema();
    assert!(schema.ends_with("}\n"));
    assert!(
        schema == include_str!("../../../../assets/outline.schema.json"),
        "assets/outline.schema.json is out of date; it should be:\n{schema}"
    );
}

#[test]
fn a_deck_may_bring_its_theme() {
    let yaml = include_str!("../../themes/light.yaml").replace("name: light", "name: mine");
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\ntheme: mine.yaml\nsections: [{title: A, file: a.md}]\n")
        .with("a.md", "x")
        .with("mine.yaml", yaml);
    let deck = super::super::deck(&files, "talk.yaml");
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    assert_eq!(deck.theme.name, "mine");
    assert_eq!(deck.theme.background, builtin_theme("light").unwrap().background);
}

#[test]
fn stage_12_the_schema_of_a_theme_is_up_to_date() {
    let schema = theme_schema();
    assert!(
        schema == include_str!("../../../../assets/theme.schema.json"),
        "assets/theme.schema.json is out of date; it should be:\n{schema}"
    );
}

/// A talk with the theme `mine.yaml` and these other files.
fn themed(mine: &str, others: &[(&str, &str)]) -> greenroom_deck::Deck {
    let mut files = MemoryFiles::new()
        .with("talk.yaml", "title: T\ntheme: themes/mine.yaml\nsections: [{title: A, file: a.md}]\n")
        .with("a.md", "x")
        .with("themes/mine.yaml", mine.to_owned());
    for (path, text) in others {
        files = files.with(path, (*text).to_owned());
    }
    super::super::deck(&files, "talk.yaml")
}

#[test]
fn stage_12_a_theme_says_what_differs() {
    let light = builtin_theme("light").unwrap();
    let deck = themed("accent: \"#abcdef\"\n", &[]);
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    assert_eq!(deck.theme.accent, Rgb(0xab, 0xcd, 0xef));
    assert_eq!((deck.theme.name.as_str(), deck.theme.text), ("mine", builtin_theme("dark").unwrap().text));
    let deck = themed("extends: light\nsyntax: {keyword: \"#135\"}\n", &[]);
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    assert_eq!((deck.theme.background, deck.theme.syntax.string), (light.background, light.syntax.string));
    assert_eq!(deck.theme.syntax.keyword, Rgb(0x11, 0x33, 0x55));
    // By files beside it and above it, with their palettes; the nearest counts.
    let deck = themed(
        "extends: base.yaml\npalette: {sea: \"#000080\"}\ntitle: sea\nlink: palette:wood\nbad: p:sea\n",
        &[
            ("themes/base.yaml", "extends: ../house.yaml\nname: base\naccent: red\nmuted: wood\n"),
            (
                "house.yaml",
                "extends: light\npalette: {wood: \"#402010\", sea: \"#000011\", red: \"#aa0000\"}\naccent: sea\n",
            ),
        ],
    );
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    let theme = &deck.theme;
    assert_eq!(
        [theme.title, theme.bad, theme.link, theme.muted],
        [Rgb(0, 0, 0x80), Rgb(0, 0, 0x80), Rgb(0x40, 0x20, 0x10), Rgb(0x40, 0x20, 0x10)]
    );
    assert_eq!((theme.accent, theme.background), (Rgb(0xaa, 0, 0), light.background));
}

#[test]
fn stage_12_what_is_wrong_with_a_theme_has_its_place() {
    let said = |mine: &str, others: &[(&str, &str)]| {
        let deck = themed(mine, others);
        assert_eq!(deck.problems.len(), 1, "{mine}\n{}", printed(&deck));
        printed(&deck)
    };
    let all = [
        said("extends: mine.yaml\n", &[]),
        said("extends: b.yaml\n", &[("themes/b.yaml", "text: white\nextends: ../themes/mine.yaml\n")]),
        said("extends: lihgt\n", &[]),
        said("extends: none.yaml\n", &[]),
        said("extends: ../../none.yaml\n", &[]),
        said("palette: {brand: \"#123456\"}\naccent: brnad\n", &[]),
        said("accent: #123456\n", &[]),
        said("palette: {x: nothing}\n", &[]),
        said("acent: red\n", &[]),
        said("syntax: {keyword: nothing}\n", &[]),
    ];
    insta::assert_snapshot!(all.join("\n\n"));
    let name = |number: usize| format!("themes/{number}.yaml");
    let files: Vec<(String, String)> =
        (0..20).map(|number| (name(number), format!("extends: {}.yaml\n", number + 1))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert!(said("extends: 0.yaml\n", &files).contains("more than 8 themes"));
}

#[test]
fn what_is_wrong_with_the_settings_of_a_theme_has_its_place() {
    let said = |mine: &str| {
        let deck = themed(mine, &[]);
        assert_eq!(deck.problems.len(), 1, "{mine}\n{}", printed(&deck));
        printed(&deck)
    };
    let all = [
        "measure: 7\n",
        "title_size: 9\n",
        "title_size: -1\n",
        "title_align: centre\n",
        "margin: {columns: 80%}\n",
        "margin: {rows: wide}\n",
        "margin: {columns: 99999999}\n",
        "margin: {colums: 3}\n",
        "bullets: [a lot of letters]\n",
        "bullets: ['']\n",
        "footer: {left: '{titel}'}\n",
        "footer: {right: 'of {what is this}'}\n",
        "footer: {progress: 1}\n",
    ];
    insta::assert_snapshot!(all.map(said).join("\n\n"));
}

/// A talk with this text for `theme:` in its outline, and a file that extends light.
fn described(theme: &str) -> greenroom_deck::Deck {
    let outline = format!("title: T\nsections: [{{title: A, file: a.md}}]\ntheme:{theme}");
    let files = MemoryFiles::new()
        .with("talk.yaml", outline)
        .with("a.md", "x")
        .with("themes/house.yaml", "extends: light\npalette: {wood: \"#402010\"}\ntitle: wood\n");
    super::super::deck(&files, "talk.yaml")
}

/// A deck of one file with this text for `theme:` in its front matter.
fn fronted(theme: &str) -> greenroom_deck::Deck {
    let files = MemoryFiles::new()
        .with("x.md", format!("---\ntitle: T\ntheme:{theme}\n---\n\n# A\n"))
        .with("themes/house.yaml", "extends: light\npalette: {wood: \"#402010\"}\ntitle: wood\n");
    super::super::deck(&files, "x.md")
}

#[test]
fn the_theme_may_be_described_in_the_deck_itself() {
    let light = builtin_theme("light").unwrap();
    let wood = Rgb(0x40, 0x20, 0x10);
    for make in [described, fronted] {
        let ok = |text: &str| {
            let deck = make(text);
            assert_eq!(deck.problems, [], "{text}");
            Theme::clone(&deck.theme)
        };
        assert_eq!(ok(" light\n").background, light.background);
        let theme =
            ok("\n  extends: light\n  accent: \"#123456\"\n  measure: 70\n  footer: {left: '{title}'}\n");
        assert_eq!((theme.background, theme.accent), (light.background, Rgb(0x12, 0x34, 0x56)));
        assert_eq!((theme.measure, theme.footer.left.as_str()), (Some(70), "{title}"));
        let theme = ok(" {extends: themes/house.yaml, colors: {sea: navy}, link: wood, note: sea}\n");
        assert_eq!((theme.title, theme.link, theme.note), (wood, wood, Rgb(0, 0, 0x80)));
        // As presenterm has it.
        assert_eq!(ok(" {name: light}\n").background, light.background);
        assert_eq!(ok("\n  path: themes/house.yaml\n").title, wood);
        assert_eq!(ok("\n  dark: light\n").background, light.background);
        let theme = ok("\n  name: light\n  override:\n    default: {colors: {foreground: '102030'}}\n");
        assert_eq!((theme.text, theme.background), (Rgb(0x10, 0x20, 0x30), light.background));
        assert_eq!(ok(" {}\n").background, builtin_theme("dark").unwrap().background);
    }
}

#[test]
fn what_is_wrong_with_a_described_theme_has_its_place() {
    let said = |deck: greenroom_deck::Deck| {
        assert_eq!(deck.problems.len(), 1, "{}", printed(&deck));
        printed(&deck)
    };
    let all = [
        said(described(" {accent: nothing}\n")),
        said(described(" {acent: red}\n")),
        said(described(" {extends: talk.yaml}\n")),
        said(described(" {extends: lihgt}\n")),
        said(described(" {measure: 5}\n")),
        said(described(" {extends: light, muted: ivory}\n")),
        said(described(" [light]\n")),
        said(fronted(" {extends: none.yaml}\n")),
        said(fronted(" {syntax: {keyword: nothing}}\n")),
        said(fronted("\n  light: light\n  dark: dark\n")),
        said(fronted("\n  name: light\n  override: {default: {colors: {foreground: fafafa}}}\n")),
    ];
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn names_of_a_palette_may_stand_for_each_other() {
    let deck =
        themed("palette: {main: brand, brand: teal, red: red, brown: red}\naccent: main\nbad: brown\n", &[]);
    assert_eq!(deck.theme.accent, Rgb(0, 0x80, 0x80));
    let said = printed(&themed("palette: {a: b, b: a}\naccent: a\n", &[]));
    assert_eq!(said.matches("is no colour").count(), 3, "{said}");
}

#[test]
fn a_few_keys_make_a_theme_that_can_be_read() {
    for (name, keys) in [
        ("its own light", "background: \"#fff8e8\"\ntext: \"#101030\"\n"),
        ("its own dark", "background: \"#001022\"\ntext: ivory\n"),
        ("dark turned light", "extends: dark\nbackground: white\ntext: black\n"),
        ("light turned dark", "extends: light\nbackground: black\ntext: white\n"),
        ("middle", "background: \"#555555\"\ntext: white\n"),
        ("by name", "palette: {paper: ivory}\nbackground: paper\ntext: navy\n"),
    ] {
        let deck = themed(keys, &[]);
        assert_eq!(deck.problems, [], "{name}");
        assert_eq!(faint(&deck.theme, |pair| pair.least), [""; 0], "{name}");
        assert_ne!(deck.theme.surface, deck.theme.background, "{name}");
    }
    // Where there is no need to, nothing moves.
    let deck = themed("extends: light\nbackground: white\n", &[]);
    let light = builtin_theme("light").unwrap();
    assert_eq!((deck.theme.accent, &deck.theme.syntax), (light.accent, &light.syntax));
    // By the ground, not by the name, which theme lies below.
    let hue = |keys: &str| themed(keys, &[]).theme.accent;
    assert_eq!(hue("background: ivory\ntext: black\n"), light.accent);
    assert_eq!(hue("background: black\ntext: ivory\n"), builtin_theme("dark").unwrap().accent);
}

proptest::proptest! {
    #[test]
    fn two_colours_that_can_be_read_are_enough(a in 0_u32..1 << 24, b in 0_u32..1 << 24) {
        let deck = themed(&format!("background: \"#{a:06x}\"\ntext: \"#{b:06x}\"\n"), &[]);
        let readable = deck.theme.text.contrast(deck.theme.background) >= 6.0;
        let said = printed(&deck);
        proptest::prop_assert!(!readable || deck.problems.is_empty(), "{}", said);
    }
}

#[test]
fn what_can_hardly_be_read_is_told_with_its_contrast() {
    let said = |mine: &str| {
        let deck = themed(mine, &[]);
        assert_eq!(deck.problems.len(), 1, "{mine}\n{}", printed(&deck));
        printed(&deck)
    };
    let all = [
        said("muted: \"#404550\"\n"),
        said("background: \"#777777\"\ntext: \"#888888\"\n"),
        said("surface: \"#808080\"\n"),
        said("border: \"#222222\"\n"),
        said("syntax: {comment: \"#444444\"}\n"),
    ];
    insta::assert_snapshot!(all.join("\n\n"));
    // One theme's text on another's background: where it is given is where it is told.
    let deck = themed("extends: base.yaml\ntext: gray\n", &[("themes/base.yaml", "background: gray\n")]);
    assert!(printed(&deck).contains("themes/mine.yaml:2:7"), "{}", printed(&deck));
}

/// A theme as presenterm has them, with something of each part.
const PRESENTERM: &str = include_str!("presenterm-theme.yaml");

#[test]
fn themes_of_presenterm_are_read_as_far_as_they_mean_the_same() {
    let deck = themed(PRESENTERM, &[]);
    let theme = &deck.theme;
    let color = |hex: &str| Rgb::parse(hex).unwrap();
    assert_eq!(
        [theme.background, theme.text, theme.title, theme.accent, theme.heading, theme.inline_code],
        ["102030", "e6e6e6", "ffcc00", "ffcc00", "80c0ff", "04de20"].map(color)
    );
    assert_eq!(
        [theme.strong, theme.emphasis, theme.quote, theme.surface, theme.muted, theme.live],
        ["ffffff", "aaddff", "f0f0f0", "203040", "a0b0c0", "b4ccff"].map(color)
    );
    assert_eq!(
        [theme.note, theme.good, theme.important, theme.warn, theme.bad],
        ["80c0ff", "a8df8e", "c8a0ff", "ee9322", "f78ca2"].map(color)
    );
    assert_eq!((theme.title_size, theme.margin.columns), (Some(2), Some(Length::Percent(8))));
    assert_eq!(theme.title_align, Some(greenroom_deck::Align::Center));
    let footer = FooterText {
        left: "My name is {author}".to_owned(),
        center: "@myhandle".to_owned(),
        right: "{current_slide} / {total_slides}".to_owned(),
        progress: false,
    };
    assert_eq!(theme.footer, footer);
    assert!(deck.problems.iter().all(|problem| problem.severity == Severity::Warning), "{}", printed(&deck));
    insta::assert_snapshot!(printed(&deck));
}

#[test]
fn themes_of_presenterm_extend_each_other_and_ours() {
    let deck = themed("extends: light\ndefault: {colors: {foreground: 112233}}\n", &[]);
    assert_eq!(deck.problems, []);
    assert_eq!(
        (deck.theme.text, deck.theme.background),
        (Rgb(0x11, 0x22, 0x33), builtin_theme("light").unwrap().background)
    );
    let deck = themed("extends: base.yaml\naccent: p:sun\n", &[("themes/base.yaml", PRESENTERM)]);
    assert_eq!((deck.theme.accent, deck.theme.title), (Rgb(0xff, 0xcc, 0), Rgb(0xff, 0xcc, 0)));
    for (footer, left, progress) in [
        ("{style: empty}", "", false),
        ("{style: progress_bar, character: x}", "", true),
        ("{style: template, left: hi}", "hi", false),
    ] {
        let theme = themed(&format!("footer: {footer}\n"), &[]).theme;
        assert_eq!((theme.footer.left.as_str(), theme.footer.right.as_str()), (left, ""));
        assert_eq!(theme.footer.progress, progress);
    }
    for nonsense in [
        "default: 3\n",
        "default: {colors: [1, 2], margin: {percent: 900}}\nslide_title: x\n",
        "palette: {colors: {a: {b: c}}, classes: 4}\n",
        "footer: {style: [1]}\n",
        "headings: {h1: {h1: {h1: {h1: {h1: {h1: {h1: {h1: {h1: 1}}}}}}}}}\n",
        "slide_title: {font_size: -3, alignment: middle}\n",
    ] {
        let deck = themed(nonsense, &[]);
        assert!(
            deck.problems.iter().all(|problem| problem.severity == Severity::Warning),
            "{}",
            printed(&deck)
        );
        assert!(!deck.problems.is_empty(), "{nonsense}");
    }
}
