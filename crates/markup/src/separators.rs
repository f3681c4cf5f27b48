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
