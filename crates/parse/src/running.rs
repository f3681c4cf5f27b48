//! The events of running text: words, marks, links, figures, and the HTML among them.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};

use super::figure_cutter::Cutter;
use super::inline::Inline;
use super::reader::Reader;
use greenroom_base::diag::Severity;
use greenroom_deck::{Figure, Mark, Meaning, Rgb, Role, Text};
use greenroom_diagram::formula::FormulaError;
use greenroom_markup::braces;
use greenroom_markup::html::{self, HtmlStyle};
use greenroom_markup::markdown::options;
use greenroom_markup::math;

/// `text` as the text of one paragraph, with those of `figures` that are written in it.
///
/// The tags in it that do not do what they say are the second value.
pub(super) fn inline_text(text: &str, figures: &[Arc<Figure>]) -> (Text, Vec<TagFault>) {
    let mut inline = Inline::default();
    let mut faults = Vec::new();
    let (ranges, mut cutter) = (braces::find(text), Cutter::default());
    let mut find = |range: Range<usize>| {
        let written = text.get(range);
        figures.iter().find(|figure| written == Some(&figure.written)).cloned()
    };
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        if cutter.takes(&event, &range, (text, &ranges), &mut inline, &mut find) {
            continue;
        }
        if let Event::InlineMath(source) | Event::DisplayMath(source) = &event {
            // Whoever shows this text says what is wrong with it.
            let _ = formula(&mut inline, source, text, range);
            continue;
        }
        match feed(&mut inline, &event, text.get(range.clone()).unwrap_or_default(), range) {
            Fed::Html(html) if html.starts_with("<!--") => inline.comment(),
            Fed::Html(html) => faults.extend(tag(&mut inline, &html).err()),
            Fed::Done | Fed::Other => {}
        }
    }
    (inline.into_text(), faults)
}

/// What an inline event turned out to be.
enum Fed {
    Done,
    Html(String),
    Other,
}

/// Adds `event` to `inline`, when it is text or marks text. `written` is its source.
fn feed(inline: &mut Inline, event: &Event<'_>, written: &str, range: Range<usize>) -> Fed {
    match event {
        Event::Text(text) => inline.text(text),
        Event::Code(text) => inline.code(text),
        Event::SoftBreak => inline.text(" "),
        Event::HardBreak => inline.text("\n"),
        Event::FootnoteReference(label) => inline.footnote(label),
        Event::InlineHtml(html) => return Fed::Html(html.to_string()),
        Event::Start(Tag::Emphasis) => inline.open_mark(Mark::EMPHASIS),
        Event::Start(Tag::Strong) => inline.open_mark(Mark::STRONG),
        Event::Start(Tag::Strikethrough) => inline.open_mark(Mark::STRIKE),
        Event::Start(Tag::Superscript) => inline.open_mark(Mark::SUPER),
        Event::Start(Tag::Subscript) => inline.open_mark(tilde(written)),
        Event::Start(Tag::Link { link_type: LinkType::Email, dest_url, .. }) => {
            inline.open_link(&format!("mailto:{dest_url}"));
        }
        Event::Start(Tag::Link { dest_url, .. }) => inline.open_link(dest_url),
        Event::Start(Tag::Image { dest_url, title, .. }) => inline.open_picture(dest_url, title, range),
        Event::End(
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript,
        ) => inline.close_mark(),
        Event::End(TagEnd::Link) => inline.close_link(),
        Event::End(TagEnd::Image) => inline.close_picture(),
        _ => return Fed::Other,
    }
    Fed::Done
}

/// `~x~` is a subscript when it has at most 3 characters and no blanks. Otherwise it is what presenterm makes of it,
/// struck text. Inside of a word neither is seen (`H~2~O` stays as it is): that takes `<sub>`.
fn tilde(written: &str) -> Mark {
    let inner = written.trim_matches('~');
    let short = inner.chars().count() <= 3 && !inner.contains(char::is_whitespace);
    if short { Mark::SUB } else { Mark::STRIKE }
}

/// Why a tag does not do what it says.
pub(super) enum TagFault {
    Unknown(String),
    /// It is none, and shows as it is written.
    Text(String),
    Color(String),
    Class(String),
}

/// Adds a formula, or the text that was taken for one. The error is what is wrong with it.
fn formula(inline: &mut Inline, source: &str, text: &str, range: Range<usize>) -> Result<(), FormulaError> {
    let written = text.get(range.clone()).unwrap_or_default();
    let display = written.starts_with("$$");
    if !display && !math::is_meant(text, &range) {
        let inner = range.start + 1..range.end.saturating_sub(1);
        inline.text("$");
        match text.get(inner).filter(|inner| math::has_markup(inner)) {
            Some(inner) => inline.spans(inline_text(inner, &[]).0),
            None => inline.text(source),
        }
        inline.text("$");
        return Ok(());
    }
    let source = math::inner(source);
    match greenroom_diagram::formula::line(source) {
        Ok(line) => {
            inline.formula(source, line.as_deref(), display, range);
            Ok(())
        }
        Err(error) => {
            inline.code(written);
            Err(error)
        }
    }
}

/// Obeys the HTML tag `html`.
fn tag(inline: &mut Inline, html: &str) -> Result<(), TagFault> {
    let Some(tag) = html::tag(html) else { return Ok(()) };
    match tag.name.as_str() {
        "br" => inline.text("\n"),
        "wbr" => {}
        name => match html::look(name) {
            None if html::may_be_text(&tag) => {
                // `Vec<T>`: nobody takes that for a tag.
                let sure = inline.ends_in_word() || tag.closing;
                inline.text(html);
                return if sure { Ok(()) } else { Err(TagFault::Text(html.to_owned())) };
            }
            None if tag.closing => {}
            None => return Err(TagFault::Unknown(tag.name)),
            Some(_) if tag.closing => inline.close_tag(name),
            Some(_) if tag.empty => {}
            Some(mut look) => {
                let fault = style(&mut look, tag.attributes);
                inline.open_tag(tag.name, look);
                return fault.map_or(Ok(()), Err);
            }
        },
    }
    Ok(())
}

/// Puts what the attributes say into `look`.
fn style(look: &mut HtmlStyle, attributes: &str) -> Option<TagFault> {
    let classes = html::attribute(attributes, "class").unwrap_or_default();
    let mut fault = None;
    for class in classes.split_whitespace() {
        match (Meaning::read(class), Role::named(class)) {
            (Some(meaning), _) => look.meaning = Some(meaning),
            (None, Some(role)) => look.role = Some(role),
            (None, None) => fault = Some(TagFault::Class(class.to_owned())),
        }
    }
    for (key, value) in html::declarations(html::attribute(attributes, "style").unwrap_or_default()) {
        let named = value.strip_prefix("palette:").or_else(|| value.strip_prefix("p:"));
        if let ("color", Some(role)) = (key, named.and_then(Role::named)) {
            look.role = Some(role);
            continue;
        }
        let color = Rgb::parse(value);
        match key {
            "color" => look.foreground = color,
            "background-color" | "background" => look.background = color,
            _ => continue,
        }
        if color.is_none() {
            fault = Some(TagFault::Color(value.to_owned()));
        }
    }
    fault
}

impl Reader<'_, '_> {
    /// An event within a paragraph, a heading or a cell.
    pub(super) fn inline_event(&mut self, event: &Event<'_>, range: Range<usize>) {
        if let Event::Start(Tag::Link { link_type, dest_url, .. }) = event
            && *link_type != LinkType::Email
            && let Some((message, hint)) =
                greenroom_markup::link_targets::fault(self.writer.files, &self.source.file, dest_url)
        {
            self.report(Severity::Warning, range.clone(), message, &hint);
        }
        let inline = self.inline.get_or_insert_default();
        let (source, writer) = (self.source, &mut *self.writer);
        let mut figure = |range| writer.figure(source, range);
        if self.cutter.takes(event, &range, (&source.text, &self.figures), inline, &mut figure) {
            return;
        }
        if let Event::InlineMath(formula) | Event::DisplayMath(formula) = event {
            if let Err(error) = self::formula(inline, formula, &source.text, range.clone()) {
                let start = range.start
                    + usize::from(source.text.get(range.clone()).is_some_and(|it| it.starts_with("$$")))
                    + 1;
                let at = (start + error.at).min(range.end);
                let hint = "its source shows; a `$` that is none of a formula is written `\\$`";
                self.report(Severity::Error, at..range.end, error.message, hint);
            }
            return;
        }
        let written = self.source.text.get(range.clone()).unwrap_or_default();
        let Fed::Html(html) = feed(inline, event, written, range.clone()) else { return };
        if let Some(comment) = html.strip_prefix("<!--") {
            inline.comment();
            self.deferred.push((comment.strip_suffix("-->").unwrap_or(comment).to_owned(), range));
            return;
        }
        if let Err(fault) = tag(inline, &html) {
            self.tag_fault(fault, range);
        }
    }

    /// Said once for a tag on a slide.
    fn tag_fault(&mut self, fault: TagFault, range: Range<usize>) {
        let (key, severity, message, hint) = fault.words();
        let told = &mut self.writer.draft.told_tags;
        if told.contains(&key) || told.len() > 20 {
            return;
        }
        told.push(key);
        self.report(severity, range, message, hint);
    }
}

impl TagFault {
    /// What is said once, its severity, what is wrong, and what to do.
    pub(super) fn words(self) -> (String, Severity, String, &'static str) {
        match self {
            Self::Text(written) => {
                let message = format!("{written} is no tag of HTML, and shows as it is written");
                (written, Severity::Warning, message, "write it as `code`, or `\\<` for its first sign")
            }
            Self::Unknown(name) => {
                let message = format!("the tag <{name}> does nothing here; the text inside of it shows");
                (name, Severity::Warning, message, "span, b, i, u, s, code, kbd, sub, sup and br are known")
            }
            Self::Class(name) => {
                let message = format!("the class \"{name}\" does nothing here");
                let hint = "known are good, fair, bad, muted, accent, note, important and warn; or write `style=\"color: #rrggbb\"`";
                (name, Severity::Warning, message, hint)
            }
            Self::Color(value) => {
                let palette = value.starts_with("palette:") || value.starts_with("p:");
                let severity = if palette { Severity::Warning } else { Severity::Error };
                let message = format!("\"{value}\" is no colour");
                (value, severity, message, "write it as #rrggbb, or one of 12 names such as red, green, blue")
            }
        }
    }
}
