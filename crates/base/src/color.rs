//! A colour as a value.

mod named;

use std::fmt;

use ratatui::style::Color;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An sRGB colour, written `#rrggbb`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// Reads `#rgb`, `#rrggbb`, `rgb`, `rrggbb` or one of the names of CSS.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(named) = named::named(text) {
            return Some(named);
        }
        let hex = text.strip_prefix('#').unwrap_or(text);
        let wide: String = match hex.len() {
            3 => hex.chars().flat_map(|c| [c, c]).collect(),
            6 => hex.to_owned(),
            _ => return None,
        };
        let value = u32::from_str_radix(&wide, 16).ok()?;
        let [_, r, g, b] = value.to_be_bytes();
        Some(Self(r, g, b))
    }

    /// The names that [`Rgb::parse`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        named::names()
    }

    /// This colour with `amount` (0 to 1) of `other` mixed in, channel by channel.
    #[must_use]
    pub fn mix(self, other: Self, amount: f32) -> Self {
        let channel = |a: u8, b: u8| {
            let mixed = f32::from(a) + (f32::from(b) - f32::from(a)) * amount.clamp(0.0, 1.0);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between two bytes
            let mixed = mixed.round() as u8;
            mixed
        };
        Self(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }

    /// The contrast ratio with `other`, 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// This colour, moved towards `text` as far as it needs to have a contrast of `least` with each of `grounds`; black or
    /// white when that is not far enough.
    #[must_use]
    pub fn readable(self, grounds: &[Self], least: f64, text: Self) -> Self {
        let worst =
            |color: Self| grounds.iter().map(|ground| color.contrast(*ground)).fold(f64::INFINITY, f64::min);
        let towards = |other: Self| {
            let steps = (0..=20_u8).map(move |step| self.mix(other, f32::from(step) / 20.0));
            steps.into_iter().find(|color| worst(*color) >= least)
        };
        let (black, white) = (Self(0, 0, 0), Self(255, 255, 255));
        let extreme = if worst(black) > worst(white) { black } else { white };
        towards(text).or_else(|| towards(extreme)).unwrap_or(extreme)
    }

    /// Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance").
    #[must_use]
    pub fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

impl fmt::Debug for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl From<Rgb> for Color {
    fn from(Rgb(r, g, b): Rgb) -> Self {
        Self::Rgb(r, g, b)
    }
}

impl Serialize for Rgb {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for Rgb {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("\"{text}\" is no colour; write it as \"#rrggbb\""))
        })
    }
}

impl JsonSchema for Rgb {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rgb".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^#[0-9a-fA-F]{6}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_moved_until_it_can_be_read() {
        let (paper, ink) = (Rgb(250, 250, 250), Rgb(20, 20, 20));
        let blue = Rgb(0x5d, 0xb0, 0xff);
        let moved = blue.readable(&[paper], 4.5, ink);
        assert!(moved.contrast(paper) >= 4.5 && moved.contrast(paper) < 6.0, "{moved:?}");
        assert_eq!(ink.readable(&[paper], 4.5, ink), ink, "as it is when it can be read");
        // Text that cannot be read itself is no help.
        let moved = blue.readable(&[Rgb(200, 200, 200)], 4.5, Rgb(190, 190, 190));
        assert!(moved.contrast(Rgb(200, 200, 200)) >= 4.5, "{moved:?}");
        // Nothing can be read on both.
        assert_eq!(blue.readable(&[Rgb(0, 0, 0), Rgb(255, 255, 255)], 7.0, ink), Rgb(255, 255, 255));
    }
}
