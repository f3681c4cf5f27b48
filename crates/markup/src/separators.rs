//! Whether a line of `---` ends a slide or is a rule, where a file's options leave it open.

use pulldown_cmark::{Event, Parser, Tag};

use crate::comment;
use crate::directive::Directive;
use crate::markdown;

/// Whether `---` is a rule in `text`, the Markdown of a file with front matter that says nothing of it: where comments end
/// slides, as in decks for presenterm, unless there are more such lines than comments.
#[must_use]
pub fn are_rules(text: &str, prefix: &str) -> bool {
    if !text.contains("end_slide") || !text.contains("\n---") {
        return false;
    }
    let (rules, ends) = count(text, prefix);
    ends > 0 && rules <= ends
}

/// The lines of `---` between the blocks of `text`, and the comments that end a slide.
fn count(text: &str, prefix: &str) -> (usize, usize) {
    let (mut rules, mut ends, mut depth) = (0, 0, 0_usize);
    let mut comments = |html: &str| {
        for piece in html.split("<!--").skip(1) {
            let comment = piece.split("-->").next().unwrap_or_default().trim();
            let comment = comment.strip_prefix(prefix).unwrap_or_default();
            if matches!(comment::read(comment), Ok(Some((Directive::EndSlide, _)))) {
                ends += 1;
            }
        }
    };
    for (event, range) in Parser::new_ext(text, markdown::options()).into_offset_iter() {
        let written = text.get(range).unwrap_or_default();
        match event {
            Event::Start(Tag::HtmlBlock) => {
                depth += 1;
                comments(written);
            }
            Event::InlineHtml(html) => comments(&html),
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Rule if depth == 0 && written.trim_end() == "---" => rules += 1,
            _ => {}
        }
    }
    (rules, ends)
}

/// The level of headings that begin slides in a deck for patat, `asked` if that is said; 0 where `---` does.
#[must_use]
pub fn heading_level(text: &str, asked: Option<u8>) -> u8 {
    let mut depth = 0_usize;
    let (mut heading, mut least) = (None, None::<u8>);
    for (event, range) in Parser::new_ext(text, markdown::options()).into_offset_iter() {
        match &event {
            Event::Rule if depth == 0 && text.get(range).is_some_and(|rule| rule.trim_end() == "---") => {
                return 0;
            }
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => heading = Some(*level as u8),
            Event::Start(_) if depth == 0 => {
                // A heading with text right below it titles a slide; one with headings below it, a part.
                if let Some(level) = heading.take() {
                    least = Some(least.map_or(level, |least| least.min(level)));
                }
            }
            _ => {}
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    asked.or(least).unwrap_or(1).clamp(1, 6)
}

/// How long the front matter of a single slide is that `text` begins with, as Slidev has it behind a line of `---`: lines of
/// `key: value` and another line of `---`. Nothing where that is no front matter.
#[must_use]
pub fn slide_front(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut keys = 0;
    for line in text.split_inclusive('\n').take(MAX_SLIDE_FRONT) {
        at += line.len();
        let line = line.trim_end();
        if line == "---" {
            return (keys > 0).then_some(at);
        }
        let key = line.split_once(':').map_or("", |(key, _)| key);
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        let follows = keys > 0 && (line.is_empty() || line.starts_with([' ', '\t', '#', '-']));
        if !is_key && !follows {
            return None;
        }
        keys += usize::from(is_key && SLIDE_KEYS.contains(&key));
    }
    None
}

/// No front matter of a slide is longer, in lines.
const MAX_SLIDE_FRONT: usize = 60;

/// What Slidev's slides say of themselves; one of them at least is in such front matter.
const SLIDE_KEYS: [&str; 22] = [
    "layout",
    "class",
    "background",
    "transition",
    "clicks",
    "clicksStart",
    "hide",
    "disabled",
    "level",
    "title",
    "routeAlias",
    "src",
    "preload",
    "zoom",
    "image",
    "backgroundSize",
    "dragPos",
    "hideInToc",
    "section",
    "theme",
    "name",
    "layoutClass",
];
