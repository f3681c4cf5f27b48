use ratatui::layout::Rect;
use ratatui::style::Style;

use super::*;
use greenroom_deck::{Rgb, Role, Theme};
use greenroom_parse as parse;

fn depth(pairs: &[(&str, &str)]) -> ColorDepth {
    detect(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
}

const APPLE: (&str, &str) = ("TERM_PROGRAM", "Apple_Terminal");

#[test]
fn the_environment_says_how_many_colours() {
    for (pairs, expected) in [
        (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")][..], ColorDepth::True),
        (&[("TERM", "xterm-256color"), ("COLORTERM", "24bit")], ColorDepth::True),
        (&[("TERM", "xterm-256color"), ("COLORTERM", "yes")], ColorDepth::C256),
        (&[("TERM", "tmux-256color")], ColorDepth::C256),
        (&[("TERM", "xterm-direct")], ColorDepth::True),
        (&[("TERM", "xterm-kitty")], ColorDepth::True),
        (&[("TERM", "xterm-ghostty")], ColorDepth::True),
        (&[("TERM", "foot-extra")], ColorDepth::True),
        (&[("TERM", "footnote")], ColorDepth::C16),
        (&[("TERM", "linux")], ColorDepth::C16),
        (&[("TERM", "vt220")], ColorDepth::C16),
        (&[("TERM", "xterm")], ColorDepth::C16),
        (&[("TERM", "dumb"), ("COLORTERM", "truecolor")], ColorDepth::None),
        (&[], ColorDepth::None),
        (&[("TERM", "screen-256color"), ("COLORTERM", "truecolor"), ("STY", "1.pts")], ColorDepth::C256),
        (&[("TERM", "screen"), ("COLORTERM", "truecolor"), ("STY", "1.pts")], ColorDepth::C256),
        (&[("TERM", "xterm-kitty"), ("STY", "1.pts")], ColorDepth::C16),
        (&[("TERM", "screen"), ("STY", "1.pts")], ColorDepth::C16),
        (&[("TERM", "xterm-256color"), ("STY", ""), ("COLORTERM", "truecolor")], ColorDepth::True),
        (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")], ColorDepth::C256),
        (&[("TERM", "xterm-256color"), APPLE, ("TERM_PROGRAM_VERSION", "455.1")], ColorDepth::C256),
        (&[("TERM", "xterm-256color"), APPLE, ("COLORTERM", "truecolor")], ColorDepth::C256),
        (&[("TERM", "xterm-256color"), APPLE, ("TERM_PROGRAM_VERSION", "464")], ColorDepth::True),
        (&[("TERM", "xterm-256color"), APPLE, ("TERM_PROGRAM_VERSION", "470.2")], ColorDepth::True),
        (&[("TERM", "xterm-256color"), APPLE, ("TERM_PROGRAM_VERSION", "new")], ColorDepth::C256),
        (&[("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")], ColorDepth::True),
        (&[("TERM", "tmux-256color"), ("TMUX", "s,1,0"), ("LC_TERMINAL", "iTerm2")], ColorDepth::C256),
        (&[("TERM", "xterm-256color"), ("WT_SESSION", "0-1")], ColorDepth::True),
        (&[("TERM", "xterm-256color"), ("WT_SESSION", "")], ColorDepth::C256),
        (&[("TERM", "screen"), ("TMUX", "s,1,0"), ("WT_SESSION", "0-1")], ColorDepth::C16),
        (&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")], ColorDepth::None),
        (&[("TERM", "xterm-kitty"), ("NO_COLOR", "")], ColorDepth::True),
    ] {
        assert_eq!(depth(pairs), expected, "{pairs:?}");
    }
    assert!(erases_in_color(|_| None));
    assert!(!erases_in_color(|name| (name == "TMUX").then(|| "socket,1,0".to_owned())));
    assert!(!erases_in_color(|name| (name == "STY").then(|| "1234.pts".to_owned())));
}

#[test]
fn who_would_show_the_question_is_not_asked_for_colours() {
    let asked = |pairs: &[(&str, &str)]| {
        let get =
            |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        may_be_asked(get)
    };
    assert!(asked(&[("TERM", "xterm-256color")]) && asked(&[("TERM", "xterm")]));
    for not in [
        &[("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")][..],
        &[("TERM", "xterm-256color"), ("TMUX", "s,1,0")],
        &[("TERM", "xterm-256color"), ("STY", "1.pts")],
        &[("TERM", "linux")],
        &[("TERM", "dumb")],
        &[],
    ] {
        assert!(!asked(not), "{not:?}");
    }
}

#[test]
fn panes_9_kinds_of_underlines_go_only_where_they_are_known() {
    for (pairs, expected) in [
        (&[("TERM", "xterm-256color")][..], true),
        (&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")], true),
        (&[("TERM", "foot-extra")], true),
        (&[("TERM", "tmux-256color"), ("TMUX", "socket,1,0")], true),
        (&[("TERM", "screen-256color"), ("TMUX", "socket,1,0")], true),
        (&[("TERM", "screen-256color")], false),
        (&[("TERM", "xterm-256color"), ("STY", "1234.pts")], false),
        (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")], false),
        (&[("TERM", "xterm-256color"), ("COLORTERM", "rxvt-xpm")], false),
        (&[("TERM", "linux")], false),
        (&[("TERM", "rxvt-unicode-256color")], false),
        (&[("TERM", "vt220")], false),
        (&[("TERM", "dumb")], false),
        (&[("TERM", "footnote")], false),
        (&[], false),
    ] {
        let get =
            |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        assert_eq!(underlines(get), expected, "{pairs:?}");
    }
}

fn theme(name: &str) -> Theme {
    parse::builtin_theme(name).expect("a theme")
}

/// A slide's worth of background, and one word in the middle row.
fn page(back: Rgb, style: Style) -> Buffer {
    let mut cells = Buffer::empty(Rect::new(0, 0, 8, 5));
    cells.set_style(cells.area, Style::new().bg(back.into()));
    cells.set_string(2, 2, "word", style);
    cells
}

fn word(back: Rgb, style: Style, depth: ColorDepth) -> (Color, Color, String, Modifier) {
    let mut cells = page(back, style);
    reduce(&mut cells, depth);
    let cell = &cells[(2, 2)];
    (cell.fg, cell.bg, cell.symbol().to_owned(), cell.modifier)
}

#[test]
fn with_24_bits_nothing_changes() {
    let dark = theme("dark");
    let style = dark.style(Role::Link).underline_color(Color::Rgb(1, 2, 3));
    let mut cells = page(dark.background, style);
    let before = cells.clone();
    reduce(&mut cells, ColorDepth::True);
    assert_eq!(cells, before);
}

#[test]
fn the_256_are_the_nearest() {
    for (rgb, expected) in [
        ([0, 0, 0], 16),
        ([255, 255, 255], 231),
        ([255, 0, 0], 196),
        ([95, 135, 175], 67),
        ([8, 8, 8], 232),
        ([128, 128, 128], 244),
        ([240, 240, 240], 255),
        ([0x14, 0x17, 0x1d], 234),
    ] {
        assert_eq!(nearest_256(rgb), expected, "{rgb:?}");
    }
    let mut cells = page(Rgb(255, 0, 0), Style::new().fg(Color::Red).bg(Color::Reset));
    reduce(&mut cells, ColorDepth::C256);
    assert_eq!(cells[(0, 0)].bg, Color::Indexed(196));
    assert_eq!((cells[(2, 2)].fg, cells[(2, 2)].bg), (Color::Red, Color::Reset), "a program's own are kept");
}

#[test]
fn every_colour_of_the_palette_is_its_own_nearest() {
    for index in 16..=255 {
        assert_eq!(xterm(nearest_256(xterm(index))), xterm(index));
    }
}

#[test]
fn sixteen_colours_can_be_read_on_dark_and_light() {
    for name in parse::theme_names() {
        let theme = theme(name);
        let role = |role| word(theme.background, theme.style(role), ColorDepth::C16).0;
        assert_eq!(role(Role::Text), Color::Reset, "{name}");
        assert_eq!(role(Role::Title), Color::Reset, "{name}");
        for any in [Role::Good, Role::Bad, Role::Warn, Role::Accent, Role::Note, Role::Border, Role::Link] {
            let (fg, bg, symbol, _) = word(theme.background, theme.style(any), ColorDepth::C16);
            assert_eq!((bg, symbol.as_str()), (Color::Reset, "w"), "{name} {any:?}");
            // Neither black nor the two whites: each is lost on one kind of terminal.
            assert!(!matches!(fg, Color::Indexed(0 | 7 | 15)), "{name} {any:?}: {fg:?}");
        }
    }
    let dark = theme("dark");
    let role = |role| word(dark.background, dark.style(role), ColorDepth::C16).0;
    assert_eq!(role(Role::Muted), Color::Indexed(8));
    assert_eq!(role(Role::Good), Color::Indexed(2));
    assert_eq!(role(Role::Bad), Color::Indexed(1));
    assert_eq!(role(Role::Warn), Color::Indexed(3));
    assert_eq!(role(Role::Heading), Color::Indexed(12));
    assert_eq!(role(Role::Important), Color::Indexed(5));
    let faint = Style::new().fg(Color::Rgb(0x2a, 0x3a, 0x30));
    assert_eq!(word(dark.background, faint, ColorDepth::C16).0, Color::Indexed(8), "dimmed, so no hue");
}

#[test]
fn sixteen_colours_keep_only_strong_backgrounds() {
    let dark = theme("dark");
    let surface = dark.style(Role::Text).bg(dark.surface.into());
    assert_eq!(word(dark.background, surface, ColorDepth::C16).1, Color::Reset);
    let selected = Style::new().fg(dark.background.into()).bg(dark.accent.into());
    let (fg, bg, ..) = word(dark.background, selected, ColorDepth::C16);
    assert_eq!((fg, bg), (Color::Indexed(15), Color::Indexed(4)));
    let light = theme("light");
    let black = Style::new().fg(Color::Rgb(255, 255, 255)).bg(Color::Rgb(0, 0, 0));
    let (fg, bg, ..) = word(light.background, black, ColorDepth::C16);
    assert_eq!((fg, bg), (Color::Indexed(15), Color::Indexed(0)));
}

#[test]
fn few_colours_never_hide_or_uncover_a_letter() {
    const STEPS: [u8; 4] = [0, 90, 180, 255];
    let all: Vec<Color> = (0..64)
        .map(|i: usize| Color::Rgb(STEPS[i / 16], STEPS[i / 4 % 4], STEPS[i % 4]))
        .chain((0..16).map(Color::Indexed))
        .chain([Color::Reset, Color::Red, Color::White])
        .collect();
    for back in [Rgb(0x14, 0x17, 0x1d), Rgb(255, 255, 255), Rgb(120, 60, 60)] {
        for &fg in &all {
            for &bg in &all {
                let style = Style::new().fg(fg).bg(bg);
                let (ink, paper, symbol, _) = word(back, style, ColorDepth::C16);
                assert!(ink != paper || ink == Color::Reset, "{fg:?} on {bg:?}");
                let none = word(back, style, ColorDepth::None);
                assert_eq!((none.0, none.1), (Color::Reset, Color::Reset));
                assert_eq!(none.2, symbol);
                if fg == bg && fg != Color::Reset {
                    assert_eq!(symbol, " ", "{fg:?} on itself");
                }
            }
        }
    }
}

#[test]
fn the_blank_screen_stays_blank() {
    for depth in [ColorDepth::True, ColorDepth::C256, ColorDepth::C16, ColorDepth::None] {
        let mut cells = Buffer::empty(Rect::new(0, 0, 8, 5));
        cells.set_string(0, 0, "secret", Style::new());
        cells.set_style(cells.area, Style::new().fg(Color::Rgb(0, 0, 0)).bg(Color::Rgb(0, 0, 0)));
        reduce(&mut cells, depth);
        for cell in &cells.content {
            assert!(cell.symbol() == " " || cell.fg == cell.bg, "{depth:?}: {cell:?}");
            assert_eq!(cell.modifier, Modifier::empty());
        }
    }
}

#[test]
fn without_colours_attributes_stay_and_selections_turn() {
    let dark = theme("dark");
    let (fg, bg, _, modifier) = word(dark.background, dark.style(Role::Title), ColorDepth::None);
    assert_eq!((fg, bg, modifier), (Color::Reset, Color::Reset, Modifier::BOLD));
    let selected = Style::new().fg(dark.background.into()).bg(dark.accent.into()).bold();
    let (.., modifier) = word(dark.background, selected, ColorDepth::None);
    assert_eq!(modifier, Modifier::BOLD | Modifier::REVERSED);
    let surface = dark.style(Role::InlineCode);
    assert_eq!(word(dark.background, surface, ColorDepth::None).3, Modifier::empty());
}
