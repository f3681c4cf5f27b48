//! The colours of a terminal pane, from the deck's theme.

use ratatui::style::Color;

use greenroom_deck::{Rgb, Theme};
use greenroom_tape::Colors;

/// What the colours of a program's output look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Palette {
    /// Text without a colour of its own.
    pub foreground: Rgb,
    /// Behind it.
    pub background: Rgb,
    /// The 16 named colours: black, red, green, yellow, blue, magenta, cyan, white, and the bright ones.
    pub named: [Rgb; 16],
}

impl Palette {
    /// Named colours that fit the theme, so that a program's output reads as well as the slide around it does,
    /// whatever colours the presenter's terminal has.
    #[must_use]
    pub fn of(theme: &Theme) -> Self {
        let dark = theme.surface.luminance() < theme.text.luminance();
        let (black, white) = if dark {
            (theme.background.mix(theme.text, 0.1), theme.text.mix(theme.background, 0.15))
        } else {
            // Programs take a dark terminal for granted: "white" text has to show on this one, too.
            (theme.text, theme.background.mix(theme.text, 0.6))
        };
        // Blue and cyan are told apart, which links and notes need not be.
        let cyan = theme.note.mix(theme.good, 0.6);
        let hues = [theme.bad, theme.good, theme.warn, theme.link, theme.important, cyan];
        let bright = |color: Rgb| color.mix(theme.text, 0.25);
        let [red, green, yellow, blue, magenta, cyan] = hues;
        Self {
            foreground: theme.text,
            background: theme.surface,
            named: [
                black,
                red,
                green,
                yellow,
                blue,
                magenta,
                cyan,
                white,
                theme.muted,
                bright(red),
                bright(green),
                bright(yellow),
                bright(blue),
                bright(magenta),
                bright(cyan),
                if dark { Rgb(255, 255, 255) } else { theme.background.mix(theme.text, 0.75) },
            ],
        }
    }

    /// The same with the colours of the terminal that a tape was recorded in, as far as the tape says them.
    #[must_use]
    pub fn recorded(self, colors: Option<Colors>) -> Self {
        let Some(Colors { foreground, background, named }) = colors else { return self };
        Self {
            foreground: foreground.unwrap_or(self.foreground),
            background: background.unwrap_or(self.background),
            named: named.unwrap_or(self.named),
        }
    }

    /// Colour `index` of the 256: the named ones from the theme, the others as they are.
    pub(super) fn indexed(&self, index: u8) -> Color {
        self.named.get(usize::from(index)).map_or(Color::Indexed(index), |rgb| (*rgb).into())
    }
}

impl Default for Palette {
    /// Light grey on black, for tests and tapes without a deck.
    fn default() -> Self {
        let dim = |r, g, b| Rgb(r, g, b);
        Self {
            foreground: Rgb(0xd0, 0xd0, 0xd0),
            background: Rgb(0, 0, 0),
            named: [
                dim(0, 0, 0),
                dim(0xcd, 0x31, 0x31),
                dim(0x0d, 0xbc, 0x79),
                dim(0xe5, 0xe5, 0x10),
                dim(0x24, 0x72, 0xc8),
                dim(0xbc, 0x3f, 0xbc),
                dim(0x11, 0xa8, 0xcd),
                dim(0xe5, 0xe5, 0xe5),
                dim(0x66, 0x66, 0x66),
                dim(0xf1, 0x4c, 0x4c),
                dim(0x23, 0xd1, 0x8b),
                dim(0xf5, 0xf5, 0x43),
                dim(0x3b, 0x8e, 0xea),
                dim(0xd6, 0x70, 0xd6),
                dim(0x29, 0xb8, 0xdb),
                dim(0xff, 0xff, 0xff),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_deck::Syntax;

    fn theme(dark: bool) -> Theme {
        let gray = |level: u8| {
            if dark { Rgb(level, level, level) } else { Rgb(255 - level, 255 - level, 255 - level) }
        };
        let hue =
            |r: u8, g: u8, b: u8| Rgb(r, g, b).mix(if dark { Rgb(255, 255, 255) } else { Rgb(0, 0, 0) }, 0.4);
        let (text, red, green, blue) = (gray(230), hue(255, 40, 40), hue(40, 255, 40), hue(60, 60, 255));
        Theme {
            name: String::new(),
            background: gray(15),
            surface: gray(30),
            text,
            muted: gray(150),
            title: text,
            heading: text,
            accent: red,
            strong: text,
            emphasis: text,
            inline_code: text,
            link: blue,
            border: gray(90),
            quote: text,
            note: blue,
            good: green,
            important: hue(200, 40, 200),
            warn: hue(200, 160, 40),
            bad: red,
            live: red,
            syntax: Syntax {
                keyword: text,
                string: text,
                number: text,
                comment: text,
                function: text,
                r#type: text,
                attribute: text,
                operator: text,
                inserted: text,
                deleted: text,
            },
            margin: greenroom_deck::Margin::default(),
            measure: None,
            title_size: None,
            title_align: None,
            bullets: Vec::new(),
            footer: greenroom_deck::FooterText::default(),
            logo: None,
        }
    }

    #[test]
    fn every_colour_but_black_shows_on_the_background() {
        for dark in [true, false] {
            let palette = Palette::of(&theme(dark));
            for (index, color) in palette.named.iter().enumerate().skip(1) {
                let contrast = color.contrast(palette.background);
                assert!(
                    contrast > 2.5,
                    "{index} {color:?} on {:?}, dark: {dark}: {contrast}",
                    palette.background
                );
            }
            assert!(palette.named[4].contrast(palette.named[6]) > 1.05, "blue and cyan");
        }
    }
}
