//! What the reader does with comments, other HTML, and blocks of code.

use std::ops::Range;
use std::sync::Arc;

use super::front_matter::FileBlock;
use super::reader::{Raw, Reader};
use greenroom_base::counted::counted;
use greenroom_base::diag::{Diagnostic, Severity, listed, nearest};
use greenroom_base::text::{SourceText, clean_code, clean_line, clean_text};
use greenroom_deck::{Block, Code, LineFocus, PaneSpec, Qr};
use greenroom_markup::code::{self, FenceProblem, Info};
use greenroom_markup::comment;
use greenroom_markup::directive::{AUDIENCE, Acts, Directive};
use greenroom_markup::exec;
use greenroom_yaml::Document;

/// More comments that ask for a run are not looked at.
const MAX_OUTPUTS: usize = 1000;

impl Reader<'_, '_> {
    /// HTML on lines of its own: comments are read, the rest is not shown.
    pub(super) fn html_block(&mut self, raw: &Raw) {
        let mut at = 0;
        let mut other: Option<Range<usize>> = None;
        while let Some(rest) = raw.text.get(at..).filter(|rest| !rest.is_empty()) {
            let open = rest.find("<!--").unwrap_or(rest.len());
            let before = rest.get(..open).unwrap_or_default();
            if other.is_none() && !before.trim().is_empty() {
                let start = at + (before.len() - before.trim_start().len());
                other = Some(raw.offset(start)..raw.offset(start) + before.trim().len());
            }
            let Some(inside) = rest.get(open + 4..) else { break };
            let range = raw.offset(at + open)..raw.offset(at + open) + 4;
            let Some(length) = inside.find("-->") else {
                let message = "this comment is never closed: everything after it is part of it".to_owned();
                self.report(Severity::Error, range, message, "end it with `-->`");
                break;
            };
            let comment = inside.get(..length).unwrap_or_default();
            let lines = comment.trim_end().len();
            self.directive(comment, range.start..range.end + lines + 4);
            at += open + 4 + length + 3;
        }
        if let Some(range) = other {
            self.report(Severity::Warning, range, "HTML does not show".to_owned(), "write it as Markdown");
        }
    }

    /// Obeys `comment`, if it is a directive.
    pub(super) fn directive(&mut self, comment: &str, range: Range<usize>) {
        // With a prefix, all other comments are remarks.
        let Some(comment) = comment.trim_start().strip_prefix(self.writer.options.prefix.as_str()) else {
            return;
        };
        // A comment on the same line may have ended the slide before.
        self.begin_slide(range.start);
        match comment::read(comment) {
            Ok(None) => {}
            Ok(Some((directive, row))) => match row.acts {
                Acts::Between if self.is_nested() => {
                    let message = "a file is included between blocks, not inside of one".to_owned();
                    let hint = "move the comment out of the list or the quote";
                    self.report(Severity::Error, range, message, hint);
                }
                Acts::AfterBlock if self.is_nested() => {
                    let whole = format!("{}{comment}", self.writer.options.prefix);
                    self.deferred.push((whole, range));
                }
                _ => {
                    if row.ends_list {
                        self.writer.draft.interrupt_list();
                    }
                    self.obey(directive, range);
                }
            },
            Err(mistake) => {
                let severity = if mistake.unsupported { Severity::Warning } else { Severity::Error };
                self.report(severity, range, mistake.message, &mistake.hint);
            }
        }
    }

    fn obey(&mut self, directive: Directive, range: Range<usize>) {
        let draft = &mut self.writer.draft;
        match directive {
            Directive::Pause => {
                let fits = draft.pause_written();
                self.check_steps(fits);
            }
            Directive::EndSlide => {
                self.saw_end();
                self.writer.end_slide();
            }
            Directive::NewLines(0) => {}
            Directive::NewLines(count) => self.add_now(Block::Space(count)),
            Directive::JumpToMiddle => self.add_now(Block::Middle),
            Directive::ColumnLayout(weights) => draft.open_columns(weights),
            Directive::Column(number) => self.column(number, range),
            Directive::ResetLayout => draft.close_columns(),
            Directive::IncrementalLists(on) => draft.incremental = on,
            Directive::ListItemNewlines(lines) => draft.spacing = lines - 1,
            Directive::NoFooter => draft.footer = false,
            Directive::FontSize(size) => draft.scale = size,
            Directive::Alignment(align) => draft.align = align,
            Directive::SkipSlide => draft.skip = true,
            Directive::Layout(layout) => {
                draft.layout = Some((layout, Diagnostic::error(self.source.place(range), String::new())));
            }
            Directive::Minutes(budget) => draft.budget = Some(budget),
            Directive::Note(note) => {
                let note = clean_text(&note);
                self.judge_note(&range);
                let figures = self.writer.figures_of_note(self.source, &self.figures, &range, &note);
                self.writer.draft.note(&note, figures);
            }
            Directive::Transition(how) => draft.transition = Some(how),
            Directive::IncrementalTables(on) => draft.incremental_tables = on,
            Directive::Qr(address) => {
                let code = if address == AUDIENCE { Some(Qr::audience()) } else { Qr::of(&address) };
                if let Some(qr) = code {
                    self.add_now(Block::Qr(qr));
                }
            }
            Directive::Image(width, align) => {
                let place = self.source.place(range);
                self.writer.draft.image = Some((width, align, Diagnostic::warning(place, String::new())));
            }
            Directive::SnippetOutput(id) => self.snippet_output(&id, range),
            Directive::Include(path) => {
                self.include(&path, range);
            }
        }
    }

    /// Adds a block that a comment stands for.
    fn add_now(&mut self, block: Block) {
        self.top_step = self.writer.draft.step();
        self.add(block);
    }

    /// The run of the block that is called `id` stands here.
    fn snippet_output(&mut self, id: &str, range: Range<usize>) {
        if let Some(pane) = self.writer.outputs.get(id).cloned() {
            return self.add_now(Block::Pane(Box::new(pane)));
        }
        let known = self.writer.outputs.keys().map(String::as_str);
        let hint = match nearest(id, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.writer.outputs.is_empty() => format!("write `+exec +id:{id}` behind its language"),
            None => format!("before this are: {}", listed(known)),
        };
        self.report(Severity::Warning, range, format!("no block of code before this runs as `{id}`"), &hint);
    }

    fn column(&mut self, number: usize, range: Range<usize>) {
        match self.writer.draft.columns() {
            0 => {
                let message = "there are no columns here".to_owned();
                self.report(
                    Severity::Error,
                    range,
                    message,
                    "write `<!-- column_layout: [1, 1] -->` before it",
                );
            }
            count if number >= count => {
                let message = format!("there is no column {number}");
                self.report(
                    Severity::Error,
                    range,
                    message,
                    &format!("columns count from 0 to {}", count - 1),
                );
            }
            _ => self.writer.draft.choose_column(number),
        }
    }

    /// A block of code is complete: code, code from a file, or a pane.
    pub(super) fn code_block(&mut self, raw: &Raw) {
        let Some(line) = &raw.info else { return self.plain_code_block("", clean_code(&raw.text)) };
        let (mut info, faults) = code::read(line);
        for fault in faults {
            self.code_fault(raw, fault);
        }
        if info.language == "pane" {
            return self.pane_block(raw);
        }
        if self.drawn_block(raw, &info) {
            return;
        }
        if info.language == "file" && info.file.is_none() {
            self.file_block(raw, &mut info);
        } else if info.file.is_some() && !raw.text.trim().is_empty() {
            let message = "this block has text of its own, which does not show";
            self.code_fault(raw, FenceProblem::warning("file=", message, "remove it, or `file=`"));
        }
        if let Some(fault) = greenroom_markup::ignored::notation(&info.language)
            .filter(|_| info.run.is_none() && !info.as_code)
        {
            self.code_fault(raw, fault);
        }
        let mut code = match info.file {
            Some(_) => self.code_from_file(raw, &mut info),
            None => Code::plain(&info.language, clean_code(&raw.text)),
        };
        if let Some(title) = &info.title {
            code.caption = Some(clean_line(title).into_owned());
        }
        // As it is written: what a file's code is shown as may have lost its tabs.
        let text = if info.file.is_some() { &code.source } else { &raw.text };
        let pane = exec::pane(&info, text, self.writer.executors);
        if let (Some(run), None) = (&info.run, &pane) {
            let (message, hint) = exec::refusal(&info, run);
            self.code_fault(raw, FenceProblem::warning(&run.word, message, hint));
        }
        if info.run.is_some() {
            code.source = code::hide_lines(&info.language, &code.source);
        }
        code.bare = info.bare;
        code.drawing = info.drawing.as_ref().and_then(|link| self.drawing(raw, link));
        if info.numbers {
            code.numbers = code.numbers.or(Some(1));
        } else {
            code.numbers = None;
        }
        self.check_stages(raw, &info, &code);
        let fits = self.writer.draft.stage(&mut code, info.stages, self.top_step);
        self.check_steps(fits);
        let shown = pane.is_none() || !info.run.is_some_and(|run| run.replaces);
        if shown {
            self.add(Block::Code(Arc::new(code)));
        }
        if let Some(pane) = pane {
            self.run_of_block(pane, info.id, raw.range.end);
        }
    }

    /// The run of a block of code that ends at this byte; it does not show here where it shows elsewhere.
    fn run_of_block(&mut self, pane: PaneSpec, id: Option<String>, end: usize) {
        let elsewhere = id.as_ref().is_some_and(|id| self.shows_later(id, end));
        if let Some(id) = id {
            self.writer.outputs.insert(id, pane.clone());
        }
        if !elsewhere {
            self.add(Block::Pane(Box::new(pane)));
        }
    }

    /// Whether a comment after byte `at` asks for the run of the block called `id`.
    fn shows_later(&self, id: &str, at: usize) -> bool {
        let rest = self.source.text.get(at..).unwrap_or_default();
        let asked = rest.split("snippet_output:").skip(1).take(MAX_OUTPUTS);
        asked
            .map(str::trim_start)
            .any(|rest| rest.strip_prefix(id).is_some_and(|rest| rest.trim_start().starts_with("-->")))
    }

    fn code_from_file(&mut self, raw: &Raw, info: &mut Info) -> Code {
        let mut faults = Vec::new();
        let snippet = self.writer.snippets.get(self.writer.files, &self.source.file, info, &mut faults);
        for fault in faults {
            self.code_fault(raw, fault);
        }
        if info.from.is_some() || info.to.is_some() {
            "diff".clone_into(&mut info.language);
        }
        let Some(snippet) = snippet else {
            info.stages.clear();
            let caption = info.file.clone();
            return Code { caption, ..Code::plain(&info.language, String::new()) };
        };
        let numbers = u32::try_from(snippet.first).ok().filter(|_| info.from.is_none());
        Code { numbers, caption: Some(snippet.caption), ..Code::plain(&info.language, snippet.source) }
    }

    /// Lines that stand out must be there.
    fn check_stages(&mut self, raw: &Raw, info: &Info, code: &Code) {
        let count = code.source.split('\n').count();
        let beyond = info.stages.iter().any(|stage| match stage {
            LineFocus::All => false,
            LineFocus::Lines(ranges) => ranges.iter().any(|(_, last)| *last as usize > count),
        });
        if beyond {
            let message = format!("this code has {}", counted(count, "line"));
            self.code_fault(
                raw,
                FenceProblem::warning(&info.groups, message, "lines that are not there cannot stand out"),
            );
        }
    }

    /// Reports `fault` at the word of the first line that is to blame.
    pub(super) fn code_fault(&mut self, raw: &Raw, fault: FenceProblem) {
        let severity = if fault.warning { Severity::Warning } else { Severity::Error };
        let written = self.source.text.get(raw.range.clone()).unwrap_or_default();
        let line = written.lines().next().unwrap_or_default();
        let start = raw.range.start;
        let range = match line.find(&fault.word).filter(|_| !fault.word.is_empty()) {
            Some(at) => start + at..start + at + fault.word.len(),
            None => start..start + line.len(),
        };
        self.report(severity, range, fault.message, &fault.hint);
    }

    fn pane_block(&mut self, raw: &Raw) {
        let document = document(self.source, raw);
        let (pane, problems) = self.writer.panes.read(self.writer.files, &document);
        for problem in problems {
            self.writer.problem(problem);
        }
        match pane {
            Some(pane) => self.add(Block::Pane(Box::new(pane))),
            None => self.plain_code_block("yaml", clean_code(&raw.text)),
        }
    }

    /// presenterm's way to take code from a file.
    fn file_block(&mut self, raw: &Raw, info: &mut Info) {
        let document = document(self.source, raw);
        let (block, problems) = FileBlock::read(&document);
        for problem in problems {
            self.writer.problem(problem);
        }
        info.file = block.path;
        info.lines = block.lines;
        if let Some(language) = block.language {
            info.language = language;
        }
    }
}

/// The body of a block as a document of its own.
fn document<'d>(source: &'d SourceText, raw: &'d Raw) -> Document<'d> {
    Document::within(source, &raw.text, raw.offset(0), raw.range.start..raw.range.start + 3)
}
