//! What a theme says about places and sizes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A length on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Length {
    /// Columns or rows.
    Cells(u16),
    /// A part of the screen's width or height, in hundredths.
    Percent(u8),
}

impl Length {
    /// The most that may stay empty on each side, in hundredths.
    const MOST: u8 = 45;

    /// Reads `8%`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let percent = text.trim().strip_suffix('%')?.trim().parse().ok()?;
        (percent <= Self::MOST).then_some(Self::Percent(percent))
    }

    /// Its cells where the screen has `whole`.
    #[must_use]
    pub fn of(self, whole: u16) -> u16 {
        let part = |percent: u8| u16::try_from(u32::from(whole) * u32::from(percent) / 100).unwrap_or(whole);
        match self {
            Self::Cells(cells) => cells.min(part(Self::MOST)),
            Self::Percent(percent) => part(percent.min(Self::MOST)),
        }
    }
}

impl Serialize for Length {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Cells(cells) => serializer.serialize_u16(*cells),
            Self::Percent(percent) => serializer.collect_str(&format_args!("{percent}%")),
        }
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Cells(u16),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Cells(cells) => Ok(Self::Cells(cells)),
            Written::Text(text) => {
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is no length")))
            }
        }
    }
}

impl JsonSchema for Length {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Length".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Columns or rows, or a part of the window such as 8%.",
            "type": ["integer", "string"],
        })
    }
}

/// What stays empty around the text of slides.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Margin {
    /// At the left and at the right: columns, or a part of the width such as 8%.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Length>,
    /// Above and below: rows, or a part of the height such as 5%.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Length>,
}

/// What stands at the foot of slides. Each text may name `{title}`, `{subtitle}`, `{speaker}`, `{event}`, `{location}`,
/// `{date}`, `{section}`, `{slide}` and `{slides}`; `{{` is a brace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FooterText {
    /// At the left.
    pub left: String,
    /// In the middle.
    pub center: String,
    /// At the right; the clock and the pace stand before it when they are shown.
    pub right: String,
    /// Whether a line shows how far the talk is.
    pub progress: bool,
}

impl Default for FooterText {
    fn default() -> Self {
        Self {
            left: "{section}".to_owned(),
            center: String::new(),
            right: "{slide} / {slides}".to_owned(),
            progress: true,
        }
    }
}

impl FooterText {
    /// The names that a text may hold in braces. Those that presenterm has for the same are among them.
    pub const NAMES: [&str; 13] = [
        "title",
        "subtitle",
        "speaker",
        "event",
        "location",
        "date",
        "section",
        "slide",
        "slides",
        "sub_title",
        "author",
        "current_slide",
        "total_slides",
    ];

    /// No text and no line.
    #[must_use]
    pub const fn none() -> Self {
        Self { left: String::new(), center: String::new(), right: String::new(), progress: false }
    }

    /// `template` with what `value` has for the names in braces; what it has nothing for stays as it is written.
    #[must_use]
    pub fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
        let mut out = String::with_capacity(template.len());
        for piece in pieces(template) {
            match piece {
                Piece::Plain(text) => out.push_str(text),
                Piece::Name(name) => match value(name) {
                    Some(value) => out.push_str(&value),
                    None => out.extend(["{", name, "}"]),
                },
            }
        }
        out
    }

    /// The names in braces of `template`, as they are written.
    pub fn names(template: &str) -> impl Iterator<Item = &str> {
        pieces(template).filter_map(|piece| match piece {
            Piece::Name(name) => Some(name),
            Piece::Plain(_) => None,
        })
    }
}

/// A part of a template.
enum Piece<'a> {
    Plain(&'a str),
    Name(&'a str),
}

/// Takes `template` apart. A brace that nothing closes is text.
fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let (piece, length) = match first {
            '{' | '}' if rest.get(1..).is_some_and(|next| next.starts_with(first)) => {
                (Piece::Plain(rest.get(..1)?), 2)
            }
            '{' => match rest.find('}') {
                Some(end) => (Piece::Name(rest.get(1..end)?.trim()), end + 1),
                None => (Piece::Plain(rest), rest.len()),
            },
            '}' => (Piece::Plain(rest.get(..1)?), 1),
            _ => {
                let end = rest.find(['{', '}']).unwrap_or(rest.len());
                (Piece::Plain(rest.get(..end)?), end)
            }
        };
        rest = rest.get(length..)?;
        Some(piece)
    })
}

/// Where a logo stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Corner {
    /// At the top, at the left.
    TopLeft,
    /// At the top, at the right.
    #[default]
    TopRight,
    /// Above the footer, at the left.
    BottomLeft,
    /// Above the footer, at the right.
    BottomRight,
}

impl Corner {
    /// Whether it is at the top.
    #[must_use]
    pub const fn is_top(self) -> bool {
        matches!(self, Self::TopLeft | Self::TopRight)
    }

    /// Whether it is at the left.
    #[must_use]
    pub const fn is_left(self) -> bool {
        matches!(self, Self::TopLeft | Self::BottomLeft)
    }
}

/// A picture of the deck that every slide shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Logo {
    /// The picture's file (PNG, JPEG, SVG), relative to the file that says so.
    pub image: String,
    /// Where it stands.
    pub corner: Corner,
    /// The widest that it is, in columns.
    #[schemars(range(min = 1, max = 60))]
    pub columns: u16,
    /// The highest that it is, in rows.
    #[schemars(range(min = 1, max = 20))]
    pub rows: u16,
}

impl Default for Logo {
    fn default() -> Self {
        Self { image: String::new(), corner: Corner::default(), columns: 12, rows: 3 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled() {
        let value = |name: &str| match name {
            "title" => Some("A {slide} talk".to_owned()),
            "slide" => Some("3".to_owned()),
            _ => None,
        };
        for (template, filled) in [
            ("", ""),
            ("{title}", "A {slide} talk"),
            ("{ slide } of {slides}", "3 of {slides}"),
            ("{{slide}} {{{slide}}}", "{slide} {3}"),
            ("half {slide", "half {slide"),
            ("slide} é{slide}é", "slide} é3é"),
            ("{}", "{}"),
        ] {
            assert_eq!(FooterText::fill(template, value), filled, "{template}");
        }
        let names: Vec<&str> = FooterText::names("{title} {{no}} {x}").collect();
        assert_eq!(names, ["title", "x"]);
    }

    #[test]
    fn a_length_is_cells_or_a_part_of_the_screen() {
        assert_eq!(Length::parse("8%"), Some(Length::Percent(8)));
        assert_eq!((Length::parse("46%"), Length::parse("8"), Length::parse("x%")), (None, None, None));
        assert_eq!(
            (Length::Percent(10).of(80), Length::Cells(4).of(80), Length::Cells(90).of(80)),
            (8, 4, 36)
        );
    }
}
