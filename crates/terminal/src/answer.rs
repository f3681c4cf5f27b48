//! What a terminal says when it is asked what it shows. One that is asked may answer late, in the middle of a talk, or never.

/// Asks a terminal what it is: DA1, primary device attributes.
pub(crate) const ASK_FEATURES: &[u8] = b"\x1b[c";
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
    /// What it is, by its primary device attributes.
    Features {
        /// It shows sixels.
        sixel: bool,
    },
}

impl Answer {
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
