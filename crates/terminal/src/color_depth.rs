//! How many colours the terminal shows, and frames brought down to that many.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use greenroom_frame::color::{common_background, index, rgb, xterm};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use crate::graphics;

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColorDepth {
    /// 24 bits a colour.
    True,
    /// The 256 of xterm.
    C256,
    /// The 16 of the terminal's own palette.
    C16,
    /// None: attributes only.
    None,
}

impl ColorDepth {
    /// What this process's environment says.
    #[must_use]
    pub fn of_environment() -> Self {
        detect(|name| std::env::var(name).ok())
    }
}

/// Terminals that show 24 bits whatever `COLORTERM` says, by the start of their `TERM`.
const TRUE: [&str; 6] = ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour"];

/// What the environment, read through `get`, says about colours.
#[must_use]
pub fn detect(get: impl Fn(&str) -> Option<String>) -> ColorDepth {
    if get("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return ColorDepth::None;
    }
    let term = get("TERM").unwrap_or_default();
    if term.is_empty() || term == "dumb" {
        return ColorDepth::None;
    }
    let declared = get("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit");
    let has = |name: &str| get(name).is_some_and(|value| !value.is_empty());
    let few = if declared || term.contains("256color") { ColorDepth::C256 } else { ColorDepth::C16 };
    // GNU screen hands COLORTERM on, and takes 24 bits for dim, blinking and underlined.
    if has("STY") {
        return few;
    }
    let inside = has("TMUX") || is(&term, "screen") || is(&term, "tmux");
    if !inside && get("TERM_PROGRAM").is_some_and(|name| name == "Apple_Terminal") {
        // The one of macOS 26 is the first that shows 24 bits.
        let version =
            get("TERM_PROGRAM_VERSION").and_then(|text| text.split('.').next()?.parse::<u32>().ok());
        return if version.is_some_and(|version| version >= 464) { ColorDepth::True } else { few };
    }
    // By ssh and in WSL this is all that is told.
    if !inside && (has("WT_SESSION") || get("LC_TERMINAL").is_some_and(|name| name == "iTerm2")) {
        return ColorDepth::True;
    }
    if declared || term.ends_with("-direct") || TRUE.into_iter().any(|name| is(&term, name)) {
        ColorDepth::True
    } else if term.contains("256color") {
        ColorDepth::C256
    } else {
        ColorDepth::C16
    }
}

/// Whether a terminal of which `get` reads the environment can be asked what it shows: not one inside of another, which answers for itself,
/// and none that would show the question.
#[must_use]
pub fn may_be_asked(get: impl Fn(&str) -> Option<String>) -> bool {
    graphics::may_be_asked(&get) && get("TERM_PROGRAM").is_none_or(|name| name != "Apple_Terminal")
}

/// Whether `term` is a terminal of this name: `foot-extra` is foot, `footnote` is not.
fn is(term: &str, name: &str) -> bool {
    term.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Whether erased cells are as good as written ones. GNU screen leaves another background behind; tmux shows them
/// well, but leaves them out of what it captures and copies.
#[must_use]
pub fn erases_in_color(get: impl Fn(&str) -> Option<String>) -> bool {
    ["STY", "TMUX"].iter().all(|name| get(name).is_none_or(|value| value.is_empty()))
}

/// Terminals that are known to read `4:3` as a kind of underline, or at least as one underline, by the start of their `TERM`.
const UNDERLINES: [&str; 15] = [
    "xterm",
    "tmux",
    "alacritty",
    "kitty",
    "foot",
    "wezterm",
    "contour",
    "ghostty",
    "rio",
    "konsole",
    "vte",
    "gnome",
    "mintty",
    "iterm",
    "iterm2",
];

/// Whether the terminal knows kinds of lines under letters, and colours for them: numbers with colons, which others take
/// for something else (Linux's console, GNU screen, rxvt, macOS's Terminal).
#[must_use]
pub fn underlines(get: impl Fn(&str) -> Option<String>) -> bool {
    let has = |name: &str| get(name).is_some_and(|value| !value.is_empty());
    let term = get("TERM").unwrap_or_default();
    // tmux calls itself `screen` where it has not been told better; `rxvt` calls itself `xterm` now and then.
    let named = UNDERLINES.into_iter().any(|name| is(&term, name));
    let inside = has("TMUX") && is(&term, "screen");
    let not = has("STY") || get("TERM_PROGRAM").is_some_and(|name| name == "Apple_Terminal");
    (named || inside) && !not && !get("COLORTERM").is_some_and(|name| name.starts_with("rxvt"))
}

/// Brings the colours of `cells` down to `depth`.
pub fn reduce(cells: &mut Buffer, depth: ColorDepth) {
    match depth {
        ColorDepth::True => {}
        ColorDepth::C256 => to_256(cells),
        ColorDepth::C16 => to_few(cells, few_colors),
        ColorDepth::None => to_few(cells, no_colors),
    }
}

// 256 colours

fn to_256(cells: &mut Buffer) {
    let mut known: HashMap<[u8; 3], Color> = HashMap::new();
    let mut map = |color: &mut Color| {
        if let Color::Rgb(r, g, b) = *color {
            *color = *known.entry([r, g, b]).or_insert_with(|| Color::Indexed(nearest_256([r, g, b])));
        }
    };
    for cell in &mut cells.content {
        map(&mut cell.fg);
        map(&mut cell.bg);
        map(&mut cell.underline_color);
    }
}

/// The nearest of the cube and the greys. The first 16 are left out: they are whatever the user made of them.
fn nearest_256(color: [u8; 3]) -> u8 {
    (16..=255).min_by_key(|&index| distance_weighted(color, xterm(index))).unwrap_or(16)
}

/// Squared distance, weighted by how the eye sees red, green and blue ("redmean").
fn distance_weighted(a: [u8; 3], b: [u8; 3]) -> i32 {
    let [dr, dg, db] = [0, 1, 2].map(|i| i32::from(a[i]) - i32::from(b[i]));
    let red = i32::midpoint(i32::from(a[0]), i32::from(b[0]));
    ((512 + red) * dr * dr) / 256 + 4 * dg * dg + ((767 - red) * db * db) / 256
}

// 16 colours and none

/// A colour as the eye sees it: Oklab.
#[derive(Debug, Clone, Copy)]
struct Oklab {
    light: f32,
    a: f32,
    b: f32,
}

impl Oklab {
    #[allow(clippy::many_single_char_names, clippy::excessive_precision)] // as the definition has them
    fn of([r, g, b]: [u8; 3]) -> Self {
        let linear = |value: u8| {
            let value = f32::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let (r, g, b) = (linear(r), linear(g), linear(b));
        let l = (0.412_221_47 * r + 0.536_332_54 * g + 0.051_445_99 * b).cbrt();
        let m = (0.211_903_5 * r + 0.680_699_55 * g + 0.107_396_96 * b).cbrt();
        let s = (0.088_302_46 * r + 0.281_718_84 * g + 0.629_978_7 * b).cbrt();
        Self {
            light: 0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_05 * s,
            a: 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            b: 0.025_904_04 * l + 0.782_771_77 * m - 0.808_675_77 * s,
        }
    }

    fn far_from(self, other: Self) -> f32 {
        (self.light - other.light).hypot((self.a - other.a).hypot(self.b - other.b))
    }

    /// One of red, green, yellow, blue, magenta and cyan (1 to 6); nothing for a grey.
    fn hue(self) -> Option<u8> {
        if self.a.hypot(self.b) < 0.05 {
            return None;
        }
        let degrees = self.b.atan2(self.a).to_degrees().rem_euclid(360.0);
        Some(match degrees {
            d if d < 55.0 => 1,
            d if d < 120.0 => 3,
            d if d < 170.0 => 2,
            d if d < 225.0 => 6,
            d if d < 290.0 => 4,
            d if d < 350.0 => 5,
            _ => 1,
        })
    }
}

/// Nothing for [`Color::Reset`], which only the terminal knows.
fn seen(color: Color) -> Option<Oklab> {
    rgb(color).map(Oklab::of)
}

/// Two backgrounds further apart than this are meant to be told apart at a glance.
const STRONG: f32 = 0.18;
/// Ink closer to the paper than this cannot be seen.
const INVISIBLE: f32 = 0.035;
/// Ink closer to the paper than this has been dimmed, whatever its hue.
const FAINT: f32 = 0.3;
/// Greys are running text from this part of the strongest possible contrast on.
const TEXT: f32 = 0.68;

/// The background that stands for "nothing": the terminal's own takes its place.
struct Paper {
    color: Color,
    seen: Oklab,
}

/// What becomes of a pair of colours.
#[derive(Clone, Copy)]
struct Few {
    fg: Color,
    bg: Color,
    /// The letters had the colour of the paper.
    invisible: bool,
    /// Turn the cell around, for the difference a background made.
    turn: bool,
}

fn to_few(cells: &mut Buffer, reduce: fn(Color, Color, &Paper) -> Few) {
    let color = common_background(cells);
    // Whether the terminal is dark is a guess; most are where talks are given.
    let paper = Paper { color, seen: seen(color).unwrap_or(Oklab::of([0, 0, 0])) };
    let mut known: HashMap<(Color, Color), Few> = HashMap::new();
    for cell in &mut cells.content {
        let few = match known.entry((cell.fg, cell.bg)) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => *entry.insert(reduce(cell.fg, cell.bg, &paper)),
        };
        (cell.fg, cell.bg, cell.underline_color) = (few.fg, few.bg, Color::Reset);
        if few.invisible {
            cell.set_symbol(" ");
            cell.modifier = Modifier::empty();
        }
        if few.turn {
            cell.modifier.toggle(Modifier::REVERSED);
        }
    }
}

fn invisible(fg: Color, bg: Color) -> bool {
    match (seen(fg), seen(bg)) {
        (Some(a), Some(b)) => a.far_from(b) < INVISIBLE,
        _ => false,
    }
}

fn no_colors(fg: Color, bg: Color, paper: &Paper) -> Few {
    let turn = seen(bg).is_some_and(|seen| bg != paper.color && seen.far_from(paper.seen) > STRONG);
    Few { fg: Color::Reset, bg: Color::Reset, invisible: invisible(fg, bg), turn }
}

fn few_colors(fg: Color, bg: Color, paper: &Paper) -> Few {
    let (old, invisible) = (fg, invisible(fg, bg));
    let bg = few_background(bg, paper);
    let fg = if invisible {
        Color::Reset
    } else if bg == Color::Reset {
        few_foreground(old, paper)
    } else {
        on_color(bg)
    };
    Few { fg, bg, invisible, turn: false }
}

fn few_background(bg: Color, paper: &Paper) -> Color {
    if bg == paper.color {
        return Color::Reset;
    }
    if let Some(index @ 0..=15) = index(bg) {
        return Color::Indexed(index);
    }
    match seen(bg) {
        Some(seen) if seen.far_from(paper.seen) > STRONG => Color::Indexed(match seen.hue() {
            Some(hue) => hue,
            // The console has only 8 backgrounds: the grey is on the side where it differs.
            None if seen.light > paper.seen.light => 7,
            None => 0,
        }),
        _ => Color::Reset,
    }
}

/// A colour for letters on the terminal's own background, which may be a dark or a light one: so nothing that
/// is close to white or to black.
fn few_foreground(fg: Color, paper: &Paper) -> Color {
    match index(fg) {
        // A program asked for them by name.
        Some(0 | 8) => return Color::Indexed(8),
        Some(7 | 15) => return Color::Reset,
        Some(index @ (1..=6 | 9..=14)) => return Color::Indexed(index),
        _ => {}
    }
    let Some(seen) = seen(fg) else { return Color::Reset };
    let contrast = (seen.light - paper.seen.light).abs();
    if contrast < FAINT && seen.far_from(paper.seen) < FAINT {
        return Color::Indexed(8);
    }
    match seen.hue() {
        // The dark blue is hard to read on black.
        Some(4) => Color::Indexed(12),
        Some(hue) => Color::Indexed(hue),
        None if contrast < TEXT * paper.seen.light.max(1.0 - paper.seen.light) => Color::Indexed(8),
        None => Color::Reset,
    }
}

/// Black or white, whichever can be read on `bg`.
fn on_color(bg: Color) -> Color {
    let light = seen(bg).is_some_and(|seen| seen.light > 0.6);
    Color::Indexed(if light { 0 } else { 15 })
}

#[cfg(test)]
mod tests;
