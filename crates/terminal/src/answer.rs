//! What a terminal says when it is asked what it shows. One that is asked may answer late, in the middle of a talk, or never.

/// Asks a terminal what it is: DA1, primary device attributes.
pub(crate) const ASK_FEATURES: &[u8] = b"\x1b[c";
/// Asks what has become of a background of 24 bits (DECRQSS of SGR), which is set and taken back.
pub(crate) const ASK_COLORS: &[u8] = b"\x1b[48;2;11;22;33m\x1bP$qm\x1b\\\x1b[m";
/// That background, as SGR has it.
const DIRECT: [&str; 2] = ["48", "2"];
const COLOR: [&str; 3] = ["11", "22", "33"];
/// The number among them for sixel graphics.
const SIXEL: &str = "4";

/// What it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Whether a picture is one that it can show, which it was sent as a question in kitty's protocol.
    Picture {
        /// The picture's name.
        id: u32,
        /// It can.
        fine: bool,
    },
    /// What became of the background that it was asked about.
    Colors {
        /// It keeps 24 bits.
        direct: bool,
    },
    /// What it is, by its primary device attributes.
    Features {
        /// It shows sixels.
        sixel: bool,
    },
}

impl Answer {
    /// Reads a string that a terminal sends; none where it is no answer to what is asked here.
    pub(crate) fn of_string(text: &[u8]) -> Option<Self> {
        text.strip_prefix(b"G").map_or_else(|| Self::of_style(text), Self::of_picture)
    }

    /// Reads what DECRQSS tells of SGR: `1 $ r`, its numbers, which semicolons or colons part, and `m`.
    fn of_style(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let numbers = text.strip_prefix("1$r")?.strip_suffix('m')?;
        let numbers: Vec<&str> = numbers.split([';', ':']).collect();
        // A colour space may stand in front of the colour, or nothing in its place.
        let is_ours = |rest: &&[&str]| {
            let rest = rest.strip_prefix(&DIRECT).unwrap_or_default();
            rest.starts_with(&COLOR) || rest.get(1..).is_some_and(|rest| rest.starts_with(&COLOR))
        };
        let direct = (0..numbers.len()).filter_map(|at| numbers.get(at..)).any(|rest| is_ours(&rest));
        Some(Self::Colors { direct })
    }

    /// Reads what stands between `ESC _ G` and the end of the answer; none where it names no picture.
    #[must_use]
    pub fn of_picture(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let (keys, message) = text.split_once(';')?;
        let id = keys.split(',').find_map(|key| key.strip_prefix("i="))?.parse().ok()?;
        Some(Self::Picture { id, fine: message == "OK" })
    }

    /// Reads what stands between `ESC [` and the `c` that ends the answer; none where it is another one.
    pub(crate) fn of_features(parameters: &str) -> Option<Self> {
        let mut numbers = parameters.strip_prefix('?')?.split(';');
        // The first one is the terminal's class, which may be 4 too: that of a VT132.
        let class = numbers.next()?;
        let is_class = !class.is_empty() && class.bytes().all(|byte| byte.is_ascii_digit());
        is_class.then(|| Self::Features { sixel: numbers.any(|number| number == SIXEL) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_pictures_are_read_and_others_are_not() {
        let read = |text: &str| Answer::of_picture(text.as_bytes());
        assert_eq!(read("i=31;OK"), Some(Answer::Picture { id: 31, fine: true }));
        assert_eq!(read("i=31,p=2;ENOENT:no such file"), Some(Answer::Picture { id: 31, fine: false }));
        for text in ["", ";OK", "OK", "p=1;OK", "i=x;OK", "i=99999999999;OK", "i=-1;OK"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_terminal_that_keeps_24_bits_says_so() {
        let read = |text: &str| Answer::of_string(text.as_bytes());
        for (text, direct) in [
            ("1$r0;48:2:11:22:33m", true),
            ("1$r0;48:2::11:22:33m", true),
            ("1$r48:2:1:11:22:33m", true),
            ("1$r48;2;11;22;33m", true),
            ("1$r0;1;48;2;11;22;33;4m", true),
            ("1$r0;48;5;234m", false),
            ("1$r0;48:2::11:22:34m", false),
            ("1$r0m", false),
            ("1$rm", false),
        ] {
            assert_eq!(read(text), Some(Answer::Colors { direct }), "{text}");
        }
        // Another question's, one that it does not know, and what nothing says.
        for text in ["1$r2 q", "0$r", "0$rm", "1$r0;48:2:11:22:33", "1+r524742", "", "Gx"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("Gi=31;OK"), Some(Answer::Picture { id: 31, fine: true }));
    }

    #[test]
    fn sixel_is_among_the_attributes_and_not_their_class() {
        let read = Answer::of_features;
        for (text, sixel) in [
            ("?63;1;2;4;6;9;15;22c", true),
            ("?62;4c", true),
            ("?4;6c", false),
            ("?6c", false),
            ("?64;44;14c", false),
        ] {
            assert_eq!(read(text.trim_end_matches('c')), Some(Answer::Features { sixel }), "{text}");
        }
        // Secondary attributes, and what nothing says.
        for text in [">41;390;0", "", "?", "4", "?;4", "=1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
