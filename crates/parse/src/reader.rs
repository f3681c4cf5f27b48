//! One Markdown file, event by event, as blocks of the slide being written.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

use super::figure_cutter::Cutter;
use super::inline::{Inline, Piece};
use super::slides;
use super::writer::Writer;
use greenroom_base::diag::{Diagnostic, Severity};
use greenroom_base::text::{SourceText, clean_line};
use greenroom_deck::{
    Alert, Align, Block, Cell, Code, Definition, List, ListItem, Origin, Step, Table, Text,
};
use greenroom_markup::alert::AlertLine;
use greenroom_markup::braces;
use greenroom_markup::ignored::{Broken, IgnoredMarkup};
use greenroom_markup::{markdown, separators};

/// Blocks within blocks within blocks: no deeper.
const MAX_DEPTH: usize = 16;

/// A wider table fits on no screen.
const MAX_TABLE: usize = 64;

/// A container of blocks that is open.
enum Frame {
    Quote(Option<(Alert, Text)>, Vec<Block>),
    List(List),
    Item(ListItem),
    Footnote(String, Vec<Block>),
    Definitions(Vec<Definition>),
    Meaning(Vec<Block>),
    Table(TableFrame),
}

struct TableFrame {
    table: Table,
    row: Vec<Cell>,
    too_wide: bool,
}

/// Code or HTML that is being collected.
#[derive(Default)]
pub(super) struct Raw {
    /// What stands after the fence; none for indented code and HTML.
    pub info: Option<String>,
    pub text: String,
    /// Where its pieces stand: offset in `text`, offset in the file.
    pub pieces: Vec<(usize, usize)>,
    pub range: Range<usize>,
}

impl Raw {
    /// Where byte `at` of the text stands in the file.
    pub(super) fn offset(&self, at: usize) -> usize {
        let piece = self.pieces.partition_point(|(start, _)| *start <= at).checked_sub(1);
        piece
            .and_then(|piece| self.pieces.get(piece))
            .map_or(self.range.start, |(start, file)| file + at - start)
    }
}

/// Reads one file into the writer.
pub(super) struct Reader<'r, 'w> {
    pub(super) writer: &'r mut Writer<'w>,
    pub(super) source: &'r SourceText,
    /// Where in the source reading began.
    pub(super) base: usize,
    /// How far lines have been counted, and the line there.
    counted: (usize, usize),
    stack: Vec<Frame>,
    /// Quotes, lists and the like that are open, and how many are open beyond the deepest.
    depth: usize,
    flat: usize,
    /// How many tags are open.
    nesting: usize,
    pub(super) inline: Option<Inline>,
    /// How far the source is passed over.
    passed: usize,
    /// The first line of an alert, whose title is being read.
    pub(super) heading: Option<AlertLine>,
    code: Option<Raw>,
    html: Option<Raw>,
    /// Directives that wait for the end of the block they stand in.
    pub(super) deferred: Vec<(String, Range<usize>)>,
    /// Where the block at the top level stands, and its step.
    pub(super) top: Range<usize>,
    pub(super) top_step: Step,
    pub(super) watch: IgnoredMarkup,
    /// Where figures stand in the source, if they turn out to be running text; code and comments are not left out.
    pub(super) figures: Vec<Range<usize>>,
    pub(super) cutter: Cutter,
    /// How far lines have been looked at for numbers that claim to be measured.
    pub(super) judged: usize,
}

/// Writes the slides of `source`, which begin at byte `start`.
pub(super) fn read_file(
    writer: &mut Writer<'_>,
    source: &SourceText,
    start: usize,
    options: slides::Options,
) {
    writer.begin_file(source, options);
    Reader::new(writer, source, start).run();
    writer.end_file();
}

impl<'r, 'w> Reader<'r, 'w> {
    /// A reader of `source` from byte `base` on.
    pub(super) fn new(writer: &'r mut Writer<'w>, source: &'r SourceText, base: usize) -> Self {
        let line = if base == 0 { 1 } else { source.line(base) };
        Self {
            writer,
            source,
            base,
            counted: (base, line),
            stack: Vec::new(),
            depth: 0,
            flat: 0,
            nesting: 0,
            inline: None,
            passed: 0,
            heading: None,
            code: None,
            html: None,
            deferred: Vec::new(),
            top: base..base,
            top_step: 0,
            watch: IgnoredMarkup::default(),
            figures: braces::find(&source.text),
            cutter: Cutter::default(),
            judged: base,
        }
    }

    /// Reads the file to its end.
    pub(super) fn run(mut self) {
        let source = self.source;
        let text = source.text.get(self.base..).unwrap_or_default();
        let broken = Broken::default();
        let note = |link| broken.note(link);
        let parser = Parser::new_with_broken_link_callback(text, markdown::options(), Some(note));
        for (event, range) in parser.into_offset_iter() {
            self.event(event, self.base + range.start..self.base + range.end);
            self.judge_references(&broken, self.base);
        }
        self.judge_end();
    }

    /// Reads `link` as if it stood here, at `range`.
    pub(super) fn include(&mut self, link: &str, range: Range<usize>) {
        if let Some(included) = self.writer.begin_include(self.source, link, range) {
            let front = super::front_matter::read(&included);
            if front.is_some() {
                let message = "an included file needs no front matter".to_owned();
                let problem = Diagnostic::warning(included.place(0..3), message);
                self.writer.problem(problem.hint("what it says counts only in the file that includes it"));
            }
            Reader::new(self.writer, &included, front.map_or(0, |front| front.end)).run();
            self.writer.end_include();
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        self.watch(&event, &range, self.code.is_some());
        if matches!(event, Event::Text(_)) && self.code.is_none() {
            self.judge_claims(&range);
        }
        if range.end <= self.passed {
            return;
        }
        if self.is_alert_line(&event, &range) {
            return;
        }
        if self.nesting == 0 {
            if matches!(event, Event::Rule) && self.separates(&range) {
                self.saw_rule(&range);
                self.writer.end_slide();
                self.pass_slide_front(range.start);
                return;
            }
            if self.titles_a_slide(&event, &range) && self.writer.draft.has_content() {
                self.writer.end_slide();
            }
            self.begin_top(&event, &range);
        }
        match event {
            Event::Start(tag) => {
                self.nesting += 1;
                self.start(tag, range);
            }
            Event::End(end) => {
                self.nesting = self.nesting.saturating_sub(1);
                self.end(end, range);
            }
            Event::Text(text) if self.code.is_some() => collect(&mut self.code, &text, range),
            Event::Html(html) => collect(&mut self.html, &html, range),
            Event::Rule => {
                self.flush();
                self.add(Block::Rule);
            }
            Event::TaskListMarker(done) => {
                if let Some(Frame::Item(item)) = self.stack.last_mut() {
                    item.task = Some(done);
                }
            }
            event => self.inline_event(&event, range),
        }
        if self.nesting == 0 {
            self.end_top();
        }
    }

    /// A line of exactly `---` at the top level.
    fn separates(&self, range: &Range<usize>) -> bool {
        let text = &self.source.text;
        let written = text.get(range.clone()).unwrap_or_default().trim_end();
        let at_line_start =
            text.get(..range.start).is_none_or(|before| before.is_empty() || before.ends_with('\n'));
        self.writer.options.shorthand && written == "---" && at_line_start
    }

    /// Passes over the front matter of a single slide behind the line of `---` that starts at byte `at`, with a word.
    fn pass_slide_front(&mut self, at: usize) {
        let rest = self.source.text.get(at..).unwrap_or_default();
        let line = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let Some(length) = rest.get(line..).and_then(separators::slide_front) else { return };
        self.passed = at + line + length;
        let first = rest.get(line..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
        let place = at + line..at + line + first;
        let message = "the front matter of a slide does nothing here".to_owned();
        let hint = "it is Slidev's: directives such as `<!-- alignment: center -->` say how a slide looks";
        self.report(Severity::Warning, place, message, hint);
    }

    /// A heading that begins a slide, where titles do that.
    fn titles_a_slide(&self, event: &Event<'_>, range: &Range<usize>) -> bool {
        let Event::Start(Tag::Heading { level, .. }) = event else { return false };
        let options = &self.writer.options;
        let written = self.source.text.get(range.clone()).unwrap_or_default().trim_end();
        let underlined = !written.starts_with('#') && written.contains('\n');
        (options.implicit && (underlined || (options.h1_titles && *level == HeadingLevel::H1)))
            || (*level as u8) <= options.level
    }

    /// Gives the alert that is open its title.
    pub(super) fn title_alert(&mut self, title: Text) {
        if let Some(Frame::Quote(Some((_, named)), _)) = self.stack.last_mut() {
            *named = title;
        }
    }

    /// The line that byte `at` is on. Cheap as long as `at` does not go back.
    fn line(&mut self, at: usize) -> usize {
        let (counted, line) = self.counted;
        let Some(between) = self.source.text.as_bytes().get(counted..at) else { return line };
        #[allow(clippy::naive_bytecount)]
        // the gaps between blocks are short, and the crate would be one more
        let breaks = between.iter().filter(|byte| **byte == b'\n').count();
        self.counted = (at, line + breaks);
        line + breaks
    }

    /// The slide begins at byte `at`, unless it has begun already.
    pub(super) fn begin_slide(&mut self, at: usize) {
        let line = self.line(at);
        let file = &self.source.file;
        self.writer.draft.origin.get_or_insert_with(|| Origin { file: file.clone(), line, end: line });
    }

    /// A block at the top level begins.
    fn begin_top(&mut self, event: &Event<'_>, range: &Range<usize>) {
        let written = self.source.text.get(range.clone()).unwrap_or_default();
        let start = range.start + (written.len() - written.trim_start_matches('\n').len());
        self.top = range.start..range.start + written.trim_end().len();
        self.begin_slide(start);
        // Comments say themselves what they do; the items of a list have steps of their own.
        if !matches!(event, Event::Start(Tag::HtmlBlock | Tag::List(_))) {
            let fits = self.writer.draft.settle();
            self.check_steps(fits);
        }
        self.top_step = self.writer.draft.step();
    }

    /// A block at the top level is complete.
    fn end_top(&mut self) {
        let end = self.line(self.top.end.saturating_sub(1));
        if let Some(origin) = &mut self.writer.draft.origin
            && origin.file == self.source.file
        {
            origin.end = origin.end.max(end);
        }
        for (comment, range) in std::mem::take(&mut self.deferred) {
            self.directive(&comment, range);
        }
    }

    pub(super) const fn is_nested(&self) -> bool {
        self.nesting > 0 && (!self.stack.is_empty() || self.flat > 0)
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::DefinitionListTitle => {
                self.flush();
                self.inline = Some(Inline::default());
            }
            Tag::BlockQuote(kind) => {
                let alert = kind.map(|kind| (alert(kind), Text::default()));
                let alert = alert.or_else(|| self.begin_alert(&range));
                self.open(Frame::Quote(alert, Vec::new()));
            }
            Tag::List(first) => {
                let spacing = self.writer.draft.spacing;
                let written = self.source.text.get(range).unwrap_or_default().trim_start();
                let paren = first.is_some()
                    && written.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(')');
                self.open(Frame::List(List { first, paren, spacing, items: Vec::new() }));
            }
            Tag::Item => self.open_item(),
            Tag::FootnoteDefinition(label) => {
                self.open(Frame::Footnote(clean_line(&label).into_owned(), Vec::new()));
            }
            Tag::DefinitionList => self.open(Frame::Definitions(Vec::new())),
            Tag::DefinitionListDefinition => self.open_inner(Frame::Meaning(Vec::new())),
            Tag::CodeBlock(kind) => {
                self.flush();
                let info = match kind {
                    CodeBlockKind::Fenced(info) => Some(clean_line(&info).into_owned()),
                    CodeBlockKind::Indented => None,
                };
                self.code = Some(Raw { info, range, ..Raw::default() });
            }
            Tag::HtmlBlock => {
                self.flush();
                self.html = Some(Raw { range, ..Raw::default() });
            }
            Tag::Table(aligns) => {
                self.flush();
                let too_wide = aligns.len() > MAX_TABLE;
                let aligns = aligns.into_iter().take(MAX_TABLE).map(align).collect();
                let table = Table { aligns, head: Vec::new(), rows: Vec::new(), steps: Vec::new() };
                self.stack.push(Frame::Table(TableFrame { table, row: Vec::new(), too_wide }));
            }
            Tag::TableHead | Tag::TableRow => {}
            Tag::TableCell => self.inline = Some(Inline::default()),
            tag => self.inline_event(&Event::Start(tag), range),
        }
    }

    fn end(&mut self, end: TagEnd, range: Range<usize>) {
        match end {
            TagEnd::Paragraph => self.flush(),
            TagEnd::Heading(level) => self.end_heading(level, &range),
            TagEnd::DefinitionListTitle => self.end_term(),
            TagEnd::BlockQuote(_)
            | TagEnd::List(_)
            | TagEnd::Item
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListDefinition => self.close(),
            TagEnd::CodeBlock => {
                if let Some(raw) = self.code.take() {
                    self.code_block(&raw);
                }
            }
            TagEnd::HtmlBlock => {
                if let Some(raw) = self.html.take() {
                    self.html_block(&raw);
                }
            }
            TagEnd::TableCell => {
                let cell = self.line_of_text();
                if let Some(Frame::Table(frame)) = self.stack.last_mut() {
                    frame.row.push(cell);
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => self.end_row(end == TagEnd::TableHead),
            TagEnd::Table => self.end_table(),
            end => self.inline_event(&Event::End(end), range),
        }
    }

    /// Ends a paragraph, whether it was opened or (in a tight list) only begun.
    fn flush(&mut self) {
        let Some(inline) = self.inline.take() else { return };
        for piece in inline.into_pieces() {
            match piece {
                // patat's and Pandoc's pause.
                Piece::Text(text) if self.stack.is_empty() && text.to_plain() == ". . ." => {
                    let fits = self.writer.draft.pause_written();
                    self.check_steps(fits);
                }
                Piece::Text(text) => self.add(Block::Paragraph(text)),
                Piece::Picture(picture) => self.picture(&picture),
            }
        }
    }

    fn end_heading(&mut self, level: HeadingLevel, range: &Range<usize>) {
        let text = self.line_of_text();
        if text.is_empty() {
            return;
        }
        let written = self.source.text.get(range.clone()).unwrap_or_default();
        let underlined = written.trim_end().contains('\n');
        let level = level as u8;
        let may_be_title = !self.is_nested() && self.stack.is_empty() && (underlined || level <= 2);
        if may_be_title && self.writer.draft.only_middle() {
            return self.add(Block::Heading(1, text));
        }
        let text = if may_be_title { self.writer.draft.take_title(text) } else { Some(text) };
        if let Some(text) = text {
            self.add(Block::Heading(level, text));
        }
    }

    /// Opens a container, unless it is too deep: then what it holds goes to what holds it.
    fn open(&mut self, frame: Frame) {
        self.flush();
        if self.flat > 0 || self.depth >= MAX_DEPTH {
            self.flat += 1;
            if !std::mem::replace(&mut self.writer.draft.told_depth, true) {
                let message = format!("blocks are nested more than {MAX_DEPTH} deep");
                self.report(
                    Severity::Error,
                    self.top.clone(),
                    message,
                    "what is deeper is shown at that depth",
                );
            }
            return;
        }
        self.depth += 1;
        self.stack.push(frame);
    }

    /// Opens a part of a container, which does not count as deeper.
    fn open_inner(&mut self, frame: Frame) {
        self.flush();
        if self.flat > 0 {
            self.flat += 1;
        } else {
            self.stack.push(frame);
        }
    }

    fn open_item(&mut self) {
        self.flush();
        if self.flat > 0 {
            self.flat += 1;
            return;
        }
        let (step, fits) = self.writer.draft.item();
        self.check_steps(fits);
        if let [Frame::List(list)] = self.stack.as_slice()
            && list.items.is_empty()
        {
            self.top_step = step;
        }
        self.stack.push(Frame::Item(ListItem { task: None, step, blocks: Vec::new() }));
    }

    /// Closes what was opened last.
    fn close(&mut self) {
        self.flush();
        if self.flat > 0 {
            self.flat -= 1;
            return;
        }
        let Some(frame) = self.stack.pop() else { return };
        if !matches!(frame, Frame::Item(_) | Frame::Meaning(_)) {
            self.depth = self.depth.saturating_sub(1);
        }
        match frame {
            Frame::Quote(Some((kind, title)), blocks) if !blocks.is_empty() || !title.is_empty() => {
                self.add(Block::Alert(kind, title, blocks));
            }
            Frame::Quote(_, blocks) | Frame::Footnote(_, blocks) if blocks.is_empty() => {}
            Frame::Quote(_, blocks) => self.add(Block::Quote(blocks)),
            Frame::Footnote(label, blocks) => self.add(Block::Footnote(label, blocks)),
            Frame::List(list) => {
                self.add(Block::List(list));
                if self.stack.is_empty() && self.writer.draft.incremental {
                    self.writer.draft.owe_pause();
                }
            }
            Frame::Definitions(definitions) if definitions.is_empty() => {}
            Frame::Definitions(definitions) => self.add(Block::Definitions(definitions)),
            Frame::Item(item) => {
                if let Some(Frame::List(list)) = self.stack.last_mut() {
                    list.items.push(item);
                }
            }
            Frame::Meaning(blocks) => {
                if let Some(Frame::Definitions(definitions)) = self.stack.last_mut()
                    && let Some(definition) = definitions.last_mut()
                {
                    definition.meanings.push(blocks);
                }
            }
            Frame::Table(_) => {}
        }
    }

    fn end_term(&mut self) {
        if self.flat > 0 || !matches!(self.stack.last(), Some(Frame::Definitions(_))) {
            return self.flush();
        }
        let term = self.line_of_text();
        if let Some(Frame::Definitions(definitions)) = self.stack.last_mut() {
            definitions.push(Definition { term, meanings: Vec::new() });
        }
    }

    fn end_row(&mut self, head: bool) {
        let alone = self.stack.len() == 1;
        let Some(Frame::Table(frame)) = self.stack.last_mut() else { return };
        let mut row = std::mem::take(&mut frame.row);
        row.resize_with(frame.table.aligns.len(), Text::default);
        if head {
            frame.table.head = row;
        } else {
            frame.table.rows.push(row);
            if alone && let Some((step, fits)) = self.writer.draft.row() {
                frame.table.steps.push(step);
                self.check_steps(fits);
            }
        }
    }

    fn end_table(&mut self) {
        let Some(Frame::Table(frame)) = self.stack.pop() else { return };
        if frame.too_wide {
            let message = format!("this table has more than {MAX_TABLE} columns");
            self.report(Severity::Error, self.top.clone(), message, "only the first ones show");
        }
        let stepped = !frame.table.steps.is_empty();
        self.add(Block::Table(frame.table));
        if stepped {
            self.writer.draft.owe_pause();
        }
    }

    /// Adds `block` to what is open, or to the slide.
    pub(super) fn add(&mut self, block: Block) {
        match self.stack.last_mut() {
            Some(Frame::Quote(_, blocks) | Frame::Footnote(_, blocks) | Frame::Meaning(blocks)) => {
                blocks.push(block);
            }
            Some(Frame::Item(item)) => item.blocks.push(block),
            Some(Frame::List(list)) => list.items.push(super::slides::item(self.top_step, vec![block])),
            Some(Frame::Definitions(definitions)) => {
                let term = Text::default();
                definitions.push(Definition { term, meanings: vec![vec![block]] });
            }
            Some(Frame::Table(_)) => {}
            None => {
                if !self.writer.draft.push(block, self.top_step) {
                    let message = "this stands outside of the columns".to_owned();
                    let hint = "write `<!-- column: 0 -->` before it; it shows in the first one";
                    self.report(Severity::Error, self.top.clone(), message, hint);
                }
            }
        }
    }

    /// Reports that the steps of a slide have run out.
    pub(super) fn check_steps(&mut self, fits: bool) {
        if !fits && !std::mem::replace(&mut self.writer.draft.told_steps, true) {
            let message = format!("this slide has more than {} steps", super::slides::MAX_STEPS);
            self.report(Severity::Error, self.top.clone(), message, "the rest of it shows at the last one");
        }
    }

    /// Reports a problem at `range`. An empty hint is none.
    pub(super) fn report(&mut self, severity: Severity, range: Range<usize>, message: String, hint: &str) {
        // After the last one that is listed, nobody needs to know where.
        if self.writer.problems.is_full() {
            return;
        }
        let place = Some(self.source.place(range));
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        self.writer.problem(Diagnostic { severity, message, place, hint });
    }

    /// Indented code, or code whose fence says nothing.
    pub(super) fn plain_code_block(&mut self, language: &str, source: String) {
        self.add(Block::Code(Arc::new(Code::plain(language, source))));
    }
}

/// Adds a piece to what is collected.
fn collect(raw: &mut Option<Raw>, text: &str, range: Range<usize>) {
    if let Some(raw) = raw {
        raw.pieces.push((raw.text.len(), range.start));
        raw.text.push_str(text);
    }
}

const fn alert(kind: BlockQuoteKind) -> Alert {
    match kind {
        BlockQuoteKind::Note => Alert::Note,
        BlockQuoteKind::Tip => Alert::Tip,
        BlockQuoteKind::Important => Alert::Important,
        BlockQuoteKind::Warning => Alert::Warning,
        BlockQuoteKind::Caution => Alert::Caution,
    }
}

const fn align(alignment: Alignment) -> Align {
    match alignment {
        Alignment::None | Alignment::Left => Align::Left,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::Right,
    }
}
