//! What would do nothing without a word: directives that nobody knows, names of emoji, references without an address,
//! notations that others draw.

use std::cell::RefCell;
use std::ops::Range;

use pulldown_cmark::{BrokenLink, CowStr, LinkType};

use crate::code::FenceProblem;
use crate::directive::{names, names_that_count};
use greenroom_base::diag::listed;

/// Why a comment is no directive although it looks like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// A directive of presenterm's that does nothing here: the deck is as good as it was.
    pub unsupported: bool,
}

/// What a comment of one word, or the word before a colon, says in remarks.
const REMARKS: [&str; 81] = [
    "agenda",
    "answer",
    "appendix",
    "author",
    "backup",
    "begin",
    "by",
    "conclusion",
    "cover",
    "credit",
    "credits",
    "date",
    "demo",
    "demos",
    "done",
    "draft",
    "emacs",
    "end",
    "endfold",
    "endregion",
    "eslint",
    "ex",
    "example",
    "examples",
    "exercise",
    "fixme",
    "fold",
    "from",
    "hack",
    "hint",
    "how",
    "idea",
    "image",
    "intro",
    "introduction",
    "joke",
    "link",
    "more",
    "nb",
    "new",
    "note",
    "notes",
    "ok",
    "old",
    "outro",
    "photo",
    "placeholder",
    "ps",
    "question",
    "ref",
    "references",
    "region",
    "remark",
    "section",
    "see",
    "setup",
    "source",
    "spdx",
    "src",
    "story",
    "summary",
    "tbd",
    "temp",
    "test",
    "thanks",
    "tip",
    "title",
    "tmp",
    "toc",
    "tocstop",
    "todo",
    "unused",
    "url",
    "vi",
    "via",
    "vim",
    "welcome",
    "what",
    "why",
    "wip",
    "xxx",
];

/// Parts of the words by which comments speak to other tools.
const TOOLS: [&str; 9] =
    ["ignore", "disable", "enable", "lint", "prettier", "spell", "license", "toc-", "-toc"];

/// Directives of other programs, and what to do here.
const FOREIGN: [(&str, &str); 15] = [
    ("class", "colour text with `<span style=\"color: #rrggbb\">`, or change the theme"),
    ("style", "colours come from the theme: see `greenroom themes`"),
    ("color", "colours come from the theme: see `greenroom themes`"),
    ("background", "colours come from the theme: see `greenroom themes`"),
    ("backgroundColor", "colours come from the theme: see `greenroom themes`"),
    ("backgroundImage", "a picture is a block of its own: `![](picture.png)`"),
    ("theme", "write `theme:` in talk.yaml, or `theme: {name: …}` in the front matter"),
    ("paginate", "slides are numbered in the footer; `<!-- no_footer -->` takes it away"),
    ("header", "there is a footer, with the section and the slide's number"),
    ("footer", "the footer shows the section; `<!-- no_footer -->` takes it away"),
    ("size", "write `<!-- font_size: 2 -->` for larger text"),
    ("fit", "write `<!-- font_size: 2 -->` for larger text"),
    ("center", "write `<!-- alignment: center -->`"),
    ("slide", "write `<!-- end_slide -->` or `---` to end a slide"),
    ("duration", "write `<!-- minutes: 1.5 -->`"),
];

/// Languages of notations that other programs draw.
const NOTATIONS: [&str; 2] = ["plantuml", "svgbob"];

/// More references without an address than this are not looked at in one block.
const MAX_REFERENCES: usize = 100;

fn foreign(name: &str) -> Option<&'static str> {
    let plain = name.trim_start_matches('_');
    FOREIGN.iter().find(|(known, _)| *known == plain).map(|(_, hint)| *hint)
}

/// Why the directive `name` does nothing, if `name` and what stands behind its colon are one and not a remark.
///
/// A directive is a name as programs give them, in small letters, alone or with a value that is no sentence: one word, a
/// number, a list, quoted text. `TODO: …`, `Note`, `see: the other file` and what is meant for other tools are remarks.
#[must_use]
pub(crate) fn stranger(name: &str, value: Option<&str>) -> Option<Mistake> {
    let small = name.to_ascii_lowercase();
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let remark = REMARKS.contains(&small.as_str()) || TOOLS.iter().any(|tool| small.contains(tool));
    if !is_name || remark || !name.contains(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let near = names().map(|known| (strsim::jaro_winkler(&small.replace('-', "_"), known), known));
    let near = near.max_by(|(a, _), (b, _)| a.total_cmp(b)).filter(|(likeness, _)| *likeness >= 0.85);
    let certain = name.contains('_') || foreign(name).is_some();
    let says = match value {
        None => certain || near.is_some() || !name.contains('-'),
        Some(value) => !value.is_empty() && (certain || is_value(value)),
    };
    if !says {
        return None;
    }
    let known = || {
        let names = listed(names_that_count());
        format!("known are {names}; a remark is written `<!-- // … -->`")
    };
    let hint = match (foreign(name), near) {
        (Some(hint), _) => hint.to_owned(),
        (None, Some((_, near))) => format!("the nearest that is known is `{near}`"),
        (None, None) => known(),
    };
    let message = format!("the directive `{name}` does nothing here");
    Some(Mistake { message, hint, unsupported: true })
}

/// Whether `value` is no sentence, and leads to no page.
fn is_value(value: &str) -> bool {
    let enclosed = [('"', '"'), ('\'', '\''), ('[', ']'), ('{', '}'), ('(', ')')];
    let whole = enclosed.iter().any(|(open, close)| value.starts_with(*open) && value.ends_with(*close));
    whole || (!value.contains(char::is_whitespace) && !value.contains("://"))
}

/// The name at the beginning of `line`, and what stands behind it without a colon.
#[must_use]
pub(crate) fn without_colon(line: &str) -> Option<(&str, &str)> {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))?;
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim();
    (!name.is_empty() && !rest.is_empty()).then_some((name, rest))
}

/// The names of emoji in `text`, as `:rocket:`: between blanks, brackets or the ends of a sentence.
#[must_use]
pub fn shortcodes(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find(':')).map(|open| at + open) {
        at = open + 1;
        let inside = text.get(at..).unwrap_or_default();
        let length =
            inside.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "_+-".contains(c)));
        let Some(length) = length.filter(|length| *length >= 2) else { continue };
        let (name, rest) = inside.split_at(length);
        let Some(rest) = rest.strip_prefix(':') else { continue };
        let before = text.get(..open).and_then(|before| before.chars().next_back());
        let begins = before.is_none_or(|c| c.is_whitespace() || "([\"'“‘—–".contains(c))
            || found.last().is_some_and(|last: &Range<usize>| last.end == open);
        let ends = rest.chars().next().is_none_or(|c| c.is_whitespace() || ".,;!?)]:\"'”’—–".contains(c));
        let named = name.contains(|c: char| c.is_ascii_lowercase()) || name.starts_with(['+', '-']);
        if begins && ends && named {
            at += length + 1;
            found.push(open..at);
        }
    }
    found
}

/// What a reader has seen that may have to be said later.
#[derive(Debug, Default)]
pub struct IgnoredMarkup {
    /// Text that is being read, piece by piece.
    pub words: Range<usize>,
    /// The first line of `---` that ended a slide, and whether a comment ended one.
    pub rule: Option<Range<usize>>,
    /// A comment ended a slide.
    pub ends: bool,
}

/// References without an address, as they are found.
#[derive(Debug, Default)]
pub struct Broken(pub(super) RefCell<Vec<Range<usize>>>);

impl Broken {
    /// What was found since this was asked before, each in bytes of the text that is parsed.
    #[must_use]
    pub fn take(&self) -> Vec<Range<usize>> {
        self.0.take()
    }

    /// What the Markdown parser calls for each: they stay text.
    pub fn note<'t>(&self, link: BrokenLink<'t>) -> Option<(CowStr<'t>, CowStr<'t>)> {
        let mut list = self.0.borrow_mut();
        let meant = matches!(
            link.link_type,
            LinkType::Reference
                | LinkType::ReferenceUnknown
                | LinkType::Collapsed
                | LinkType::CollapsedUnknown
        );
        if meant && list.len() < MAX_REFERENCES && list.last() != Some(&link.span) {
            list.push(link.span);
        }
        None
    }
}

/// A block in a notation that others draw shows its source.
#[must_use]
pub fn notation(language: &str) -> Option<FenceProblem> {
    NOTATIONS.contains(&language.to_ascii_lowercase().as_str()).then(|| {
        let message = format!("{language} is not drawn: its source shows");
        let hint = "draw it before the talk and show it with `![what it shows](picture.svg)`; where the source is meant, write `text`";
        FenceProblem::warning(language, message, hint)
    })
}
