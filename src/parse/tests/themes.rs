//! Themes can be read, from the back row too; and the schema in `assets/` is the one the types make.

use super::*;
use crate::deck::{Rgb, Role, Theme};

const ROLES: [Role; 17] = [
    Role::Text,
    Role::Muted,
    Role::Title,
    Role::Heading,
    Role::Accent,
    Role::Strong,
    Role::Emphasis,
    Role::InlineCode,
    Role::Link,
    Role::Code,
    Role::Border,
    Role::Quote,
    Role::Note,
    Role::Good,
    Role::Important,
    Role::Warn,
    Role::Bad,
];

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
        for role in ROLES {
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
        schema == include_str!("../../../assets/outline.schema.json"),
        "assets/outline.schema.json is out of date; it should be:\n{schema}"
    );
}

#[test]
fn a_deck_may_bring_its_theme() {
    let yaml = include_str!("../../../assets/themes/light.yaml").replace("name: light", "name: mine");
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\ntheme: mine.yaml\nsections: [{title: A, file: a.md}]\n")
        .with("a.md", "x")
        .with("mine.yaml", yaml);
    let deck = super::super::deck(&files, "talk.yaml");
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    assert_eq!(deck.theme.name, "mine");
    assert_eq!(deck.theme.background, builtin_theme("light").unwrap().background);
}
