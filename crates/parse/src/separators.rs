//! Whether a line of `---` ends a slide or is a rule, where a file's options leave it open.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::comment;
use super::directive::Directive;
use super::markdown;
use super::slides::Options;

/// Lets the rest of a file say what `---` is in it. It is a rule where comments end slides, or titles do, as in decks for
/// presenterm; that is, unless such lines are more than the comments. Only a file with front matter is one of those: without,
/// `---` has ended slides beside comments from the beginning.
pub(super) fn decide(options: &mut Options, text: &str) {
    if options.told_shorthand {
        return;
    }
    if options.implicit {
        options.shorthand = false;
        return;
    }
    if !text.contains("end_slide") || !text.contains("\n---") {
        return;
    }
    let (rules, ends) = count(text, &options.prefix);
    if ends > 0 && rules <= ends {
        options.shorthand = false;
    }
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
            Event::End(TagEnd::HtmlBlock) | Event::End(_) => depth = depth.saturating_sub(1),
            Event::Rule if depth == 0 && written.trim_end() == "---" => rules += 1,
            _ => {}
        }
    }
    (rules, ends)
}
