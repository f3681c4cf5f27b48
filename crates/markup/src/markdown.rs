//! The Markdown that decks are written in: `CommonMark`, and of its extensions these.

use pulldown_cmark::Options;

/// For the parser of running text, wherever it stands.
#[must_use]
pub const fn options() -> Options {
    Options::ENABLE_TABLES
        .union(Options::ENABLE_FOOTNOTES)
        .union(Options::ENABLE_STRIKETHROUGH)
        .union(Options::ENABLE_TASKLISTS)
        .union(Options::ENABLE_GFM)
        .union(Options::ENABLE_DEFINITION_LIST)
        .union(Options::ENABLE_SUPERSCRIPT)
        .union(Options::ENABLE_SUBSCRIPT)
        .union(Options::ENABLE_MATH)
}
