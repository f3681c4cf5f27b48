//! Themes can be read, from the back row too; and the schema in `assets/` is the one the types make.

use super::*;
use greenroom_deck::{Rgb, Role, Theme};

fn syntax(theme: &Theme) -> Vec<Rgb> {
    let s = &theme.syntax;
    vec![
        s.keyword,
        s.string,
        s.number,
        s.comment,
        s.function,
        s.r#type,
        s.attribute,
        s.operator,
        s.inserted,
        s.deleted,
    ]
}

#[test]
fn built_in_themes_have_contrast() {
    for name in theme_names() {
        let theme = builtin_theme(name).unwrap();
        assert_eq!(theme.name, *name);
        let text = if *name == "contrast" { 7.0 } else { 4.5 };
        for role in Role::ALL {
            // A frame is no text: WCAG asks for 3 there.
            let least = if role == Role::Border && *name != "contrast" { 3.0 } else { text };
            for ground in [theme.background, theme.surface] {
                let contrast = theme.color(role).contrast(ground);
                assert!(contrast >= least, "{name}: {role:?} on {ground:?} has {contrast:.2}");
            }
        }
        for color in syntax(&theme) {
            for ground in [theme.background, theme.surface] {
                let contrast = color.contrast(ground);
                assert!(contrast >= text, "{name}: code in {color:?} on {ground:?} has {contrast:.2}");
            }
        }
    }
    assert_eq!(builtin_theme("none"), None);
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
    let deck = themed("accent: \"#123456\"\n", &[]);
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    assert_eq!(deck.theme.accent, Rgb(0x12, 0x34, 0x56));
    assert_eq!((deck.theme.name.as_str(), deck.theme.text), ("mine", builtin_theme("dark").unwrap().text));
    let deck = themed("extends: light\nsyntax: {keyword: \"#abc\"}\n", &[]);
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    assert_eq!((deck.theme.background, deck.theme.syntax.string), (light.background, light.syntax.string));
    assert_eq!(deck.theme.syntax.keyword, Rgb(0xaa, 0xbb, 0xcc));
    // By files beside it and above it, with their palettes; the nearest counts.
    let deck = themed(
        "extends: base.yaml\npalette: {sea: \"#000080\"}\ntitle: sea\nlink: palette:wood\nbad: p:sea\n",
        &[
            ("themes/base.yaml", "extends: ../house.yaml\nname: base\naccent: red\nmuted: wood\n"),
            (
                "house.yaml",
                "extends: light\npalette: {wood: \"#402010\", sea: \"#000011\", red: \"#ff0000\"}\naccent: sea\n",
            ),
        ],
    );
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    let theme = &deck.theme;
    assert_eq!(
        [theme.title, theme.bad, theme.link, theme.muted],
        [Rgb(0, 0, 0x80), Rgb(0, 0, 0x80), Rgb(0x40, 0x20, 0x10), Rgb(0x40, 0x20, 0x10)]
    );
    assert_eq!((theme.accent, theme.background), (Rgb(255, 0, 0), light.background));
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
        said("extends: b.yaml\n", &[("themes/b.yaml", "text: red\nextends: ../themes/mine.yaml\n")]),
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
