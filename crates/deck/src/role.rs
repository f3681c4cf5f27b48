//! What a piece of a slide means. Themes give each role its colour.

/// What a piece of a slide means, and so how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Running text.
    Text,
    /// Less important: captions, hints, footers.
    Muted,
    /// The slide's title.
    Title,
    /// Headings inside of a slide.
    Heading,
    /// What the eye should find first: bullets, big letters, the bar of progress.
    Accent,
    /// `**strong**`
    Strong,
    /// `*emphasis*`
    Emphasis,
    /// `` `code` `` inside of text.
    InlineCode,
    /// Links.
    Link,
    /// Code blocks without a token's colour.
    Code,
    /// Frames, rules, table lines.
    Border,
    /// Block quotes.
    Quote,
    /// Notes and neutral facts.
    Note,
    /// Good news.
    Good,
    /// Important.
    Important,
    /// Take care.
    Warn,
    /// Bad news.
    Bad,
    /// Something runs at this moment. Nothing else has its colour.
    Live,
}

impl Role {
    /// The role that authors call `name`: by what it means, or by the colour that themes give it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "muted" | "dim" | "grey" | "gray" => Self::Muted,
            "accent" | "highlight" | "primary" => Self::Accent,
            "heading" | "title" => Self::Heading,
            "strong" => Self::Strong,
            "quote" => Self::Quote,
            "note" | "info" | "blue" => Self::Note,
            "good" | "success" | "green" | "positive" => Self::Good,
            "important" | "purple" | "violet" => Self::Important,
            "warn" | "warning" | "yellow" | "orange" => Self::Warn,
            "bad" | "danger" | "error" | "red" | "negative" => Self::Bad,
            _ => return None,
        })
    }

    /// Every role.
    pub const ALL: [Self; 18] = [
        Self::Text,
        Self::Muted,
        Self::Title,
        Self::Heading,
        Self::Accent,
        Self::Strong,
        Self::Emphasis,
        Self::InlineCode,
        Self::Link,
        Self::Code,
        Self::Border,
        Self::Quote,
        Self::Note,
        Self::Good,
        Self::Important,
        Self::Warn,
        Self::Bad,
        Self::Live,
    ];
}
