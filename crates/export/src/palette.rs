//! The colours of prose, for a light and for a dark screen: those of the theme where it is of that kind, and otherwise the same
//! hues, as far from their ground as they have to be.

use std::fmt::Write;

use greenroom_deck::{Rgb, Role, Theme};

/// Text has this contrast at least with what is behind it (WCAG 2.2, AA), and a little more, so that rounding takes none of it.
pub(crate) const LEAST: f64 = 4.6;
/// A ground below this luminance is dark.
const DARK: f64 = 0.18;

/// What is behind text, and the text.
#[derive(Clone, Copy)]
struct Ground {
    paper: Rgb,
    surface: Rgb,
    ink: Rgb,
    border: Rgb,
}

impl Ground {
    fn of(theme: &Theme, dark: bool) -> Self {
        if is_dark(theme) == dark {
            let Theme { background, surface, text, border, .. } = *theme;
            return Self { paper: background, surface, ink: text, border };
        }
        if dark {
            let (paper, surface) = (Rgb(0x14, 0x18, 0x1c), Rgb(0x20, 0x26, 0x2c));
            return Self { paper, surface, ink: Rgb(0xe6, 0xe9, 0xec), border: Rgb(0x3c, 0x44, 0x4c) };
        }
        let (paper, surface) = (Rgb(0xff, 0xff, 0xff), Rgb(0xf2, 0xf4, 0xf5));
        Self { paper, surface, ink: Rgb(0x1c, 0x21, 0x26), border: Rgb(0xcd, 0xd3, 0xd8) }
    }

    /// `color` of the theme, as it can be read here.
    fn readable(self, color: Rgb, theme: &Theme) -> Rgb {
        // What is like the theme's own text, such as a white title, is like the text on another ground as well, and not grey.
        let Rgb(red, green, blue) = color;
        let grey = red.max(green).max(blue) - red.min(green).min(blue) < 48;
        if self.paper != theme.background && grey && color.contrast(theme.text) < 1.5 {
            return self.ink;
        }
        color.readable(&[self.paper, self.surface], LEAST, self.ink)
    }
}

fn is_dark(theme: &Theme) -> bool {
    theme.background.luminance() < DARK
}

/// The rules of CSS that give a page's variables their colours: of the cells, and of prose by what the screen asks for.
pub(crate) fn rules(theme: &Theme) -> Vec<String> {
    let mut root = format!(":root{{color-scheme:{};", if is_dark(theme) { "dark" } else { "light" });
    for (name, color) in [
        ("paper", theme.background),
        ("ink", theme.text),
        ("surface", theme.surface),
        ("border", theme.border),
        ("accent", theme.accent),
        ("muted", theme.muted),
        ("warn", theme.warn),
        ("live", theme.live),
    ] {
        let _ = write!(root, "--{name}:{color:?};");
    }
    root.push('}');
    let light = format!("@media (prefers-color-scheme:light){{{}}}", prose(theme, false));
    let dark = format!("@media (prefers-color-scheme:dark){{{}}}", prose(theme, true));
    vec![root, light, dark]
}

fn prose(theme: &Theme, dark: bool) -> String {
    let ground = Ground::of(theme, dark);
    let mut out = format!(
        ":root{{--p-paper:{:?};--p-surface:{:?};--p-ink:{:?};--p-border:{:?};--p-scheme:{};",
        ground.paper,
        ground.surface,
        ground.ink,
        ground.border,
        if dark { "dark" } else { "light" }
    );
    for (name, role) in [
        ("title", Role::Title),
        ("heading", Role::Heading),
        ("muted", Role::Muted),
        ("accent", Role::Accent),
        ("strong", Role::Strong),
        ("emphasis", Role::Emphasis),
        ("code", Role::InlineCode),
        ("link", Role::Link),
        ("quote", Role::Quote),
        ("note", Role::Note),
        ("good", Role::Good),
        ("important", Role::Important),
        ("warn", Role::Warn),
        ("bad", Role::Bad),
        ("live", Role::Live),
    ] {
        let _ = write!(out, "--p-{name}:{:?};", ground.readable(theme.color(role), theme));
    }
    let syntax = &theme.syntax;
    for (name, color) in [
        ("keyword", syntax.keyword),
        ("string", syntax.string),
        ("number", syntax.number),
        ("comment", syntax.comment),
        ("function", syntax.function),
        ("type", syntax.r#type),
        ("attribute", syntax.attribute),
        ("operator", syntax.operator),
        ("inserted", syntax.inserted),
        ("deleted", syntax.deleted),
    ] {
        let _ = write!(out, "--t-{name}:{:?};", ground.readable(color, theme));
    }
    out.push('}');
    out
}

/// Colours that an author gave, as variables for either screen.
pub(crate) fn own(foreground: Option<Rgb>, background: Option<Rgb>, theme: &Theme) -> String {
    let mut out = String::new();
    for (name, dark) in [("light", false), ("dark", true)] {
        let ground = Ground::of(theme, dark);
        let color = foreground.unwrap_or(ground.ink);
        let color = match background {
            Some(behind) => color.readable(&[behind], LEAST, ground.ink),
            None => ground.readable(color, theme),
        };
        let _ = write!(out, "--own-{name}:{color:?};");
    }
    if let Some(behind) = background {
        let _ = write!(out, "--own-behind:{behind:?};");
    }
    out
}
