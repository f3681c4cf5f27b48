//! A slide as prose: headings, paragraphs, lists, tables and code as HTML means them, so that a narrow screen can set them anew.

use std::fmt::Write;
use std::sync::Arc;

use super::looks::{escape, escape_into};
use greenroom_base::diag::{Diagnostic, Severity};
use greenroom_deck::{
    Alert, Align, Block, Code, Deck, Definition, Fnv, Image, LineFocus, List, Mark, Meaning, Node, Outline,
    PaneSpec, Qr, Role, Slide, SlideKind, Span, Step, Table, Text,
};
use greenroom_frame::{Picture, PlacedPicture};
use greenroom_render::layout::{shown_text, signed};
use greenroom_render::paint::{Picked, RenderCache};

/// Who puts what is no text into a page.
pub(crate) trait Medium {
    /// A picture, with what it shows in words.
    fn picture(&mut self, picture: &Arc<Picture>, alt: &str, out: &mut String);
    /// A pane of the slide, with its number.
    fn pane(&mut self, number: usize, spec: &PaneSpec, out: &mut String);
    /// An element's declarations of CSS, as the attribute that a page of this kind takes them by.
    fn css(&self, declarations: &str) -> String;
}

/// What of a slide's steps is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// What shows at a step.
    At(Step),
    /// Everything; what comes later says so in `data-from`, the step.
    All,
}

/// A slide to be written.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub deck: &'a Deck,
    pub slide: usize,
    pub shows: Shows,
    pub ink: &'a RenderCache,
    /// Those of its sheet, among which are the codes.
    pub placed: &'a [PlacedPicture],
    /// The level of the slide's own heading.
    pub top: u8,
}

/// The content of a slide.
pub(crate) fn prose(source: Source<'_>, medium: &mut dyn Medium) -> String {
    let Some(slide) = source.deck.slides.get(source.slide) else { return String::new() };
    let mut writer = Writer { source, medium, out: String::new(), panes: 0, hidden: false };
    match slide.kind {
        SlideKind::Title => writer.title(&source.deck.outline),
        SlideKind::Section(number) => writer.section(&source.deck.outline, number),
        SlideKind::Content => writer.content(slide),
    }
    writer.problems(&slide.problems);
    writer.out
}

struct Writer<'a, 'm> {
    source: Source<'a>,
    medium: &'m mut dyn Medium,
    out: String,
    /// Those that have been passed, hidden ones included.
    panes: usize,
    /// Inside of what does not show yet.
    hidden: bool,
}

impl Writer<'_, '_> {
    fn element(&mut self, name: &str, attributes: &str, text: &Text) {
        let _ = write!(self.out, "<{name}{attributes}>");
        self.text(text);
        let _ = writeln!(self.out, "</{name}>");
    }

    fn plain(&mut self, name: &str, class: &str, text: &str) {
        let _ = writeln!(self.out, "<{name} class=\"{class}\">{}</{name}>", escape(text));
    }

    /// A heading, so many levels below the slide's own.
    fn heading(&mut self, below: u8, attributes: &str, text: &Text) {
        let level = (self.source.top + below).min(6);
        self.element(&format!("h{level}"), attributes, text);
    }

    fn title(&mut self, outline: &Outline) {
        self.heading(0, " class=\"cover\"", &Text::plain(&outline.title));
        if let Some(subtitle) = &outline.subtitle {
            self.plain("p", "lead", subtitle);
        }
        // As many as the stage puts on lines of their own.
        if (1..=6).contains(&outline.speakers.len()) {
            for speaker in &outline.speakers {
                let _ = write!(self.out, "<p class=\"speaker\"><strong>{}</strong>", escape(&speaker.name));
                if let Some(affiliation) = &speaker.affiliation {
                    let _ = write!(self.out, "  <span class=\"muted\">{}</span>", escape(affiliation));
                }
                self.out.push_str("</p>\n");
            }
        } else if let Some(speaker) = &outline.speaker {
            let _ = writeln!(self.out, "<p class=\"speaker\"><strong>{}</strong></p>", escape(speaker));
        }
        let about: Vec<&str> = [&outline.event, &outline.location, &outline.date]
            .into_iter()
            .filter_map(Option::as_deref)
            .collect();
        if !about.is_empty() {
            self.plain("p", "muted", &about.join("  ·  "));
        }
    }

    fn section(&mut self, outline: &Outline, number: usize) {
        let Some(current) = outline.sections.get(number) else { return };
        self.plain("p", "muted", &format!("{} of {}", number + 1, outline.sections.len()));
        self.heading(0, " class=\"cover\"", &Text::plain(&current.title));
        self.out.push_str("<ul class=\"way\">\n");
        for (index, section) in outline.sections.iter().enumerate() {
            let (mark, class) = match index.cmp(&number) {
                std::cmp::Ordering::Less => ("✓", "muted"),
                std::cmp::Ordering::Equal => ("▸", "here"),
                std::cmp::Ordering::Greater => (" ", "later"),
            };
            let here = if index == number { " aria-current=\"step\"" } else { "" };
            let title = escape(&section.title);
            let _ = writeln!(self.out, "<li class=\"{class}\"{here}>{mark} {}  {title}</li>", index + 1);
        }
        self.out.push_str("</ul>\n");
    }

    fn content(&mut self, slide: &Slide) {
        if !slide.title.is_empty() {
            self.heading(0, "", &slide.title);
        }
        self.nodes(&slide.body);
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            let class = match node.align {
                Align::Left => "",
                Align::Center => " class=\"center\"",
                Align::Right => " class=\"right\"",
            };
            self.since(node.step, "div", class, &mut |writer| writer.block(&node.block, node.step));
        }
    }

    /// What shows from a step on, inside of an element where that has to say something.
    fn since(&mut self, step: Step, name: &str, attributes: &str, write: &mut dyn FnMut(&mut Self)) {
        let (mark, later) = match self.source.shows {
            Shows::At(now) => (String::new(), step > now),
            Shows::All if step > 0 => (format!(" data-from=\"{step}\""), false),
            Shows::All => (String::new(), false),
        };
        if later || self.hidden {
            // It is gone through all the same: panes count from the slide's first.
            let (length, before) = (self.out.len(), std::mem::replace(&mut self.hidden, true));
            write(self);
            self.hidden = before;
            self.out.truncate(length);
        } else if mark.is_empty() && attributes.is_empty() && name == "div" {
            write(self);
        } else {
            let _ = write!(self.out, "<{name}{attributes}{mark}>");
            write(self);
            let _ = writeln!(self.out, "</{name}>");
        }
    }

    fn blocks(&mut self, blocks: &[Block], step: Step) {
        for block in blocks {
            self.block(block, step);
        }
    }

    /// A block that shows from `step` on.
    fn block(&mut self, block: &Block, step: Step) {
        match block {
            Block::Heading(level, text) => self.heading(level.saturating_sub(1).max(1), "", text),
            Block::Paragraph(text) => self.element("p", "", &signed(text)),
            Block::List(list) => self.list(list),
            Block::Quote(blocks) => {
                self.out.push_str("<blockquote>\n");
                self.blocks(blocks, step);
                self.out.push_str("</blockquote>\n");
            }
            Block::Alert(kind, title, blocks) => self.alert(*kind, title, blocks, step),
            Block::Code(code) => self.code(code, step),
            Block::Table(table) => self.table(table),
            Block::Rule => self.out.push_str("<hr>\n"),
            Block::Image(image) => self.image(image),
            Block::Qr(qr) => self.qr(qr),
            Block::Definitions(definitions) => self.definitions(definitions, step),
            Block::Footnote(label, blocks) => {
                let _ = write!(self.out, "<div class=\"footnote\"><span>");
                let span = Span { text: label.clone(), mark: Mark::FOOTNOTE, ..Span::default() };
                escape_into(&shown_text(&span), &mut self.out);
                self.out.push_str("</span><div>\n");
                self.blocks(blocks, step);
                self.out.push_str("</div></div>\n");
            }
            Block::Columns(columns) => {
                for column in &columns.columns {
                    self.out.push_str("<div class=\"column\">\n");
                    self.nodes(column);
                    self.out.push_str("</div>\n");
                }
            }
            Block::Space(_) | Block::Middle => {}
            Block::Pane(spec) => {
                let number = self.panes;
                self.panes += 1;
                if !self.hidden {
                    self.medium.pane(number, spec, &mut self.out);
                }
            }
        }
    }

    fn list(&mut self, list: &List) {
        let name = if list.first.is_some() { "ol" } else { "ul" };
        let start = list.first.filter(|first| *first != 1).map(|first| format!(" start=\"{first}\""));
        let tasks = list.items.iter().all(|item| item.task.is_some());
        let class = if tasks {
            " class=\"tasks\""
        } else if list.paren {
            " class=\"paren\""
        } else {
            ""
        };
        let _ = writeln!(self.out, "<{name}{class}{}>", start.unwrap_or_default());
        for item in &list.items {
            self.since(item.step, "li", "", &mut |writer| {
                match item.task {
                    Some(true) => writer.out.push_str("<span class=\"good\">✓ </span>"),
                    Some(false) => writer.out.push_str("<span class=\"muted\">☐ </span>"),
                    None => {}
                }
                match item.blocks.split_first() {
                    // Beside its bullet, and as close to the next one as the author wrote it.
                    Some((Block::Paragraph(text), rest)) => {
                        writer.text(&signed(text));
                        writer.out.push('\n');
                        writer.blocks(rest, item.step);
                    }
                    _ => writer.blocks(&item.blocks, item.step),
                }
            });
        }
        let _ = writeln!(self.out, "</{name}>");
    }

    fn alert(&mut self, kind: Alert, title: &Text, blocks: &[Block], step: Step) {
        let (symbol, name, class) = match kind {
            Alert::Note => ("ℹ", "Note", "note"),
            Alert::Tip => ("✔", "Tip", "good"),
            Alert::Important => ("◆", "Important", "important"),
            Alert::Warning => ("▲", "Warning", "warn"),
            Alert::Caution => ("✖", "Caution", "bad"),
        };
        let _ =
            write!(self.out, "<div class=\"alert\" role=\"note\"><p class=\"{class}\"><strong>{symbol}  ");
        if title.is_empty() {
            self.out.push_str(name);
        } else {
            self.text(title);
        }
        self.out.push_str("</strong></p>\n");
        self.blocks(blocks, step);
        self.out.push_str("</div>\n");
    }

    fn code(&mut self, code: &Arc<Code>, step: Step) {
        self.out.push_str("<figure class=\"code\">");
        let drawing = code.drawing.as_ref().map(|drawing| self.source.ink.picture(&drawing.path));
        if let Some(Picked::Ready(picture)) = drawing {
            self.medium.picture(&picture, &code.source, &mut self.out);
        } else {
            self.lines(code, step);
        }
        if let Some(caption) = &code.caption {
            let _ = write!(self.out, "<figcaption>{}</figcaption>", escape(caption));
        }
        self.out.push_str("</figure>\n");
    }

    fn lines(&mut self, code: &Arc<Code>, step: Step) {
        // What scrolls has to be reached by keys as well.
        self.out.push_str("<pre tabindex=\"0\"><code>");
        let tokens = self.source.ink.tokens(code);
        for (index, line) in code.source.split('\n').enumerate() {
            if index > 0 {
                self.out.push('\n');
            }
            let focus = self.focus(code, step, index);
            let _ = write!(self.out, "<span class=\"line\"{focus}>");
            if let Some(first) = code.numbers {
                let number = u64::from(first) + index as u64;
                let width = (u64::from(first) + code.source.matches('\n').count() as u64).to_string().len();
                let _ = write!(self.out, "<span class=\"number\">{number:>width$}  </span>");
            }
            let mut at = 0;
            for (range, token) in tokens.get(index).into_iter().flatten() {
                escape_into(line.get(at..range.start).unwrap_or_default(), &mut self.out);
                let _ = write!(
                    self.out,
                    "<span class=\"t-{token}\">{}</span>",
                    escape(line.get(range.clone()).unwrap_or_default())
                );
                at = range.end;
            }
            escape_into(line.get(at..).unwrap_or_default(), &mut self.out);
            self.out.push_str("</span>");
        }
        self.out.push_str("</code></pre>");
    }

    /// Whether a line of code is not what a step is about, as attributes: `data-dim` at all of its steps, the slide's own numbers.
    fn focus(&self, code: &Code, step: Step, line: usize) -> String {
        let number = u32::try_from(line + 1).unwrap_or(u32::MAX);
        let is_dim = |stage: usize| match code.highlights.get(stage).or(code.highlights.last()) {
            Some(LineFocus::Lines(ranges)) => {
                !ranges.iter().any(|(from, to)| (*from..=*to).contains(&number))
            }
            _ => false,
        };
        match self.source.shows {
            Shows::At(now) if is_dim(usize::from(now.saturating_sub(step))) => " data-dim".to_owned(),
            Shows::At(_) => String::new(),
            Shows::All => {
                let last =
                    self.source.deck.slides.get(self.source.slide).map_or(step, |slide| slide.last_step);
                let dim = (step..=last).filter(|now| is_dim(usize::from(now - step)));
                let steps: Vec<String> = dim.map(|now| now.to_string()).collect();
                if steps.is_empty() { String::new() } else { format!(" data-dims=\"{}\"", steps.join(" ")) }
            }
        }
    }

    fn table(&mut self, table: &Table) {
        self.out
            .push_str("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>\n");
        if table.head.iter().any(|cell| !cell.is_empty()) {
            self.out.push_str("<thead><tr>");
            for (cell, align) in table.head.iter().zip(&table.aligns) {
                let name = if cell.is_empty() { "td" } else { "th" };
                let scope = if cell.is_empty() { "" } else { " scope=\"col\"" };
                self.element(name, &format!("{scope}{}", standing(*align)), cell);
            }
            self.out.push_str("</tr></thead>\n");
        }
        self.out.push_str("<tbody>\n");
        for (index, row) in table.rows.iter().enumerate() {
            let step = table.steps.get(index).copied().unwrap_or(0);
            self.since(step, "tr", "", &mut |writer| {
                for (cell, align) in row.iter().zip(&table.aligns) {
                    writer.element("td", standing(*align), &signed(cell));
                }
            });
        }
        self.out.push_str("</tbody></table></div>\n");
    }

    fn image(&mut self, image: &Image) {
        self.out.push_str("<figure>");
        let diagram = image.drawn_from.as_ref();
        match (self.source.ink.picture(&image.path), diagram) {
            (Picked::Ready(picture), Some(diagram)) => {
                let alt = format!("{}: {}", diagram.notation.name(), diagram.twin.source);
                self.medium.picture(&picture, &alt, &mut self.out);
            }
            (Picked::Ready(picture), None) => {
                self.medium.picture(&picture, &image.alt.to_plain(), &mut self.out);
            }
            (_, Some(diagram)) => self.lines(&diagram.twin, 0),
            (Picked::Failed(why), None) => self.plain("p", "bad", &format!("{}: {why}", image.path)),
            (Picked::Pending, None) => self.plain("p", "muted", &image.alt.to_plain()),
        }
        if !image.caption.is_empty() {
            self.element("figcaption", "", &image.caption);
        }
        self.out.push_str("</figure>\n");
    }

    fn qr(&mut self, qr: &Qr) {
        let id = Fnv::of(&format!("qr {}", qr.address)).value();
        self.out.push_str("<figure class=\"qr\">");
        if let Some(placed) = self.source.placed.iter().find(|placed| placed.picture.id == id) {
            let alt = format!("QR code: {}", qr.address);
            self.medium.picture(&placed.picture, &alt, &mut self.out);
        }
        let link =
            Span { text: qr.address.to_string(), link: Some(Arc::clone(&qr.address)), ..Span::default() };
        self.element("figcaption", "", &Text(vec![link]));
        self.out.push_str("</figure>\n");
    }

    fn definitions(&mut self, definitions: &[Definition], step: Step) {
        self.out.push_str("<dl>\n");
        for definition in definitions {
            self.element("dt", "", &definition.term);
            for meaning in &definition.meanings {
                self.out.push_str("<dd>");
                self.blocks(meaning, step);
                self.out.push_str("</dd>\n");
            }
        }
        self.out.push_str("</dl>\n");
    }

    fn problems(&mut self, problems: &[Diagnostic]) {
        for problem in problems.iter().filter(|problem| problem.severity == Severity::Error) {
            let place = problem.place.as_ref();
            let at = place.map(|place| format!("  {place}")).unwrap_or_default();
            let _ = write!(
                self.out,
                "<div class=\"alert\"><p class=\"bad\"><strong>✖  Problem{}</strong></p>\n<p>{}</p>\n",
                escape(&at),
                escape(&problem.message)
            );
            if let Some(place) = place.filter(|place| !place.text.trim().is_empty()) {
                self.plain("p", "muted", &format!("│ {}", place.text.trim()));
            }
            if let Some(hint) = &problem.hint {
                self.plain("p", "note", &format!("→ {hint}"));
            }
            self.out.push_str("</div>\n");
        }
    }

    fn text(&mut self, text: &Text) {
        text.0.iter().for_each(|span| self.span(span));
    }

    fn span(&mut self, span: &Span) {
        let mut close: Vec<&str> = Vec::new();
        if let Some(address) = span.link.as_ref().filter(|address| greenroom_base::plain::is_address(address))
        {
            let _ = write!(self.out, "<a href=\"{}\" target=\"_blank\" rel=\"noopener\">", escape(address));
            close.push("a");
        }
        for (mark, name) in [
            (Mark::STRONG, "strong"),
            (Mark::EMPHASIS, "em"),
            (Mark::STRIKE, "s"),
            (Mark::UNDERLINE, "u"),
            (Mark::CODE, "code"),
        ] {
            if span.mark.contains(mark) {
                let _ = write!(self.out, "<{name}>");
                close.push(name);
            }
        }
        let look = self.look(span);
        if !look.is_empty() {
            let _ = write!(self.out, "<span{look}>");
            close.push("span");
        }
        for (index, part) in shown_text(span).split('\n').enumerate() {
            if index > 0 {
                self.out.push_str("<br>");
            }
            escape_into(part, &mut self.out);
        }
        for name in close.iter().rev() {
            let _ = write!(self.out, "</{name}>");
        }
    }

    /// The colours of a span, as attributes: what the author gave, on either ground so that it can be read.
    fn look(&self, span: &Span) -> String {
        let mut out = String::new();
        let meaning = span.meaning.map(|meaning| match meaning {
            Meaning::Good => "good judges",
            Meaning::Fair => "warn judges",
            Meaning::Bad => "bad judges",
        });
        if let Some(class) = meaning.or_else(|| span.role.map(class)) {
            let _ = write!(out, " class=\"{class}\"");
        } else if span.mark.contains(Mark::FOOTNOTE) {
            out.push_str(" class=\"accent\"");
        }
        if span.foreground.is_some() || span.background.is_some() {
            let css = super::palette::own(span.foreground, span.background, &self.source.deck.theme);
            let _ = write!(out, " data-own {}", self.medium.css(&css));
        }
        out
    }
}

/// The class of a role, as the page's style knows it.
fn class(role: Role) -> &'static str {
    match role {
        Role::Muted => "muted",
        Role::Accent => "accent",
        Role::Heading | Role::Title => "heading",
        Role::Strong => "strong",
        Role::Quote => "quote",
        Role::Note => "note",
        Role::Good => "good",
        Role::Important => "important",
        Role::Warn => "warn",
        Role::Bad => "bad",
        Role::Live => "live",
        _ => "text",
    }
}

fn standing(align: Align) -> &'static str {
    match align {
        Align::Left => "",
        Align::Center => " class=\"center\"",
        Align::Right => " class=\"right\"",
    }
}
