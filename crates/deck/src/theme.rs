//! How a deck looks: one colour for each role, and what is said about places and sizes.

mod contrast;
mod page;

pub use contrast::Pair;
pub use page::{Corner, FooterText, Length, Logo, Margin};

use ratatui::style::{Modifier, Style};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Align, Meaning, Role};
use greenroom_base::color::Rgb;

/// The colours of code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Syntax {
    /// `def`, `if`, `SELECT`.
    pub keyword: Rgb,
    /// String literals.
    pub string: Rgb,
    /// Numbers and constants such as `None`.
    pub number: Rgb,
    /// Comments.
    pub comment: Rgb,
    /// Names of functions.
    pub function: Rgb,
    /// Names of types, classes and tags.
    pub r#type: Rgb,
    /// Attributes, decorators, keys.
    pub attribute: Rgb,
    /// Operators and punctuation.
    pub operator: Rgb,
    /// Lines added by a diff.
    pub inserted: Rgb,
    /// Lines deleted by a diff.
    pub deleted: Rgb,
}

/// How a deck looks: a built-in theme, or a YAML file in the deck.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// What it is called.
    pub name: String,
    /// Behind everything.
    pub background: Rgb,
    /// Behind code, panes and table heads.
    pub surface: Rgb,
    /// Running text.
    pub text: Rgb,
    /// Captions, hints, footers.
    pub muted: Rgb,
    /// Slide titles.
    pub title: Rgb,
    /// Headings inside of a slide.
    pub heading: Rgb,
    /// Bullets, big letters, progress.
    pub accent: Rgb,
    /// Strong text.
    pub strong: Rgb,
    /// Emphasized text.
    pub emphasis: Rgb,
    /// Code inside of text.
    pub inline_code: Rgb,
    /// Links.
    pub link: Rgb,
    /// Frames, rules, table lines.
    pub border: Rgb,
    /// Block quotes.
    pub quote: Rgb,
    /// Notes.
    pub note: Rgb,
    /// Good news, tips.
    pub good: Rgb,
    /// Important alerts.
    pub important: Rgb,
    /// Warnings.
    pub warn: Rgb,
    /// Bad news, errors.
    pub bad: Rgb,
    /// The border of what runs at this moment; nothing else has it.
    pub live: Rgb,
    /// Code.
    pub syntax: Syntax,
    /// What stays empty around the text. What is left out follows from the window.
    #[serde(default)]
    pub margin: Margin,
    /// The widest that text is set, in columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 20, max = 400))]
    pub measure: Option<u16>,
    /// How large slide titles are: 1 is a row of text, 7 as large as `font_size: 7`. As large as they fit when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 7))]
    pub title_size: Option<u8>,
    /// Where slide titles stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_align: Option<Align>,
    /// What stands before items of lists, and of lists inside of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bullets: Vec<String>,
    /// What stands at the foot of slides.
    #[serde(default)]
    pub footer: FooterText,
    /// A picture in a corner of every slide that has a footer and leaves that corner empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<Logo>,
}

impl Theme {
    /// The colour of `role`.
    #[must_use]
    pub const fn color(&self, role: Role) -> Rgb {
        match role {
            Role::Text | Role::Code => self.text,
            Role::Muted => self.muted,
            Role::Title => self.title,
            Role::Heading => self.heading,
            Role::Accent => self.accent,
            Role::Strong => self.strong,
            Role::Emphasis => self.emphasis,
            Role::InlineCode => self.inline_code,
            Role::Link => self.link,
            Role::Border => self.border,
            Role::Quote => self.quote,
            Role::Note => self.note,
            Role::Good => self.good,
            Role::Important => self.important,
            Role::Warn => self.warn,
            Role::Bad => self.bad,
            Role::Live => self.live,
        }
    }

    /// What stands before an item of a list that is inside of `depth` others.
    #[must_use]
    pub fn bullet(&self, depth: usize) -> &str {
        const DEFAULT: [&str; 3] = ["•", "◦", "▪"];
        let own = self.bullets.get(depth).or_else(|| self.bullets.last()).map(String::as_str);
        own.or_else(|| DEFAULT.get(depth.min(2)).copied()).unwrap_or("•")
    }

    /// A word that judges: the colour of its meaning, and bold, so that it stands out where there are no colours.
    #[must_use]
    pub fn judging(&self, meaning: Meaning) -> Style {
        let role = match meaning {
            Meaning::Good => Role::Good,
            Meaning::Fair => Role::Warn,
            Meaning::Bad => Role::Bad,
        };
        self.style(role).add_modifier(Modifier::BOLD)
    }

    /// `role` as text: its colour and its letters. Colour is never the only difference where meaning hangs on it.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        let style = Style::new().fg(self.color(role).into());
        match role {
            Role::Title | Role::Heading | Role::Strong | Role::Live => style.add_modifier(Modifier::BOLD),
            Role::Emphasis | Role::Quote => style.add_modifier(Modifier::ITALIC),
            Role::Link => style.add_modifier(Modifier::UNDERLINED),
            Role::InlineCode | Role::Code => style.bg(self.surface.into()),
            _ => style,
        }
    }
}
