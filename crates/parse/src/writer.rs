//! Writes slides, one file after the other.

use std::collections::BTreeMap;
use std::ops::Range;

use super::pane::PaneReader;
use super::problems::Problems;
use super::slides::{Draft, Options};
use greenroom_base::diag::Diagnostic;
use greenroom_base::files::message as file_message;
use greenroom_base::files::{Files, beside, normalize};
use greenroom_base::text::{self, ReadError, SourceText, missing_hint};
use greenroom_deck::{Demo, Executors, PaneSpec, Slide};
use greenroom_markup::snippet::Snippets;

/// No Markdown file is longer than this.
pub(super) const LIMIT: u64 = 16 << 20;

/// All Markdown of a deck together is not longer than this, each include counted.
pub(super) const MAX_TOTAL: usize = 32 << 20;

/// Files that include files that include files: no deeper.
const MAX_INCLUDES: usize = 8;

/// What the files of a deck are written to.
pub(super) struct Writer<'a> {
    pub files: &'a dyn Files,
    pub panes: PaneReader<'a>,
    pub snippets: Snippets,
    /// What the person has that runs code.
    pub executors: &'a Executors,
    pub problems: Problems,
    pub slides: Vec<Slide>,
    pub draft: Draft,
    pub section: Option<usize>,
    pub options: Options,
    /// What blocks of code run, by what they are called.
    pub outputs: BTreeMap<String, PaneSpec>,
    /// How many figures the deck has so far.
    pub figures: usize,
    /// Problems of slides that were dropped, for the next one that is not.
    carried: Vec<Diagnostic>,
    /// The files being read, each included by the one before it.
    open: Vec<String>,
    total: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        files: &'a dyn Files,
        demos: &'a BTreeMap<String, Demo>,
        executors: &'a Executors,
    ) -> Self {
        let options = Options::default();
        Self {
            files,
            panes: PaneReader::new(demos),
            snippets: Snippets::default(),
            executors,
            problems: Problems::default(),
            slides: Vec::new(),
            draft: Draft::new(&options),
            section: None,
            options,
            outputs: BTreeMap::new(),
            figures: 0,
            carried: Vec::new(),
            open: Vec::new(),
            total: 0,
        }
    }

    /// Reports `problem` on the slide being written.
    pub(super) fn problem(&mut self, problem: Diagnostic) {
        self.draft.problems.extend(self.problems.add(problem));
    }

    /// Reports `problem` on the last slide that was written.
    pub(super) fn problem_before(&mut self, problem: Diagnostic) {
        let listed = self.problems.add(problem);
        if let (Some(listed), Some(slide)) = (listed, self.slides.last_mut()) {
            slide.problems.push(listed);
        }
    }

    /// What comes is written in `source`.
    pub(super) fn begin_file(&mut self, source: &SourceText, options: Options) {
        self.draft = Draft::new(&options);
        self.options = options;
        self.total += source.text.len();
        self.open.push(normalize(&source.file).unwrap_or_else(|| source.file.clone()));
    }

    /// The file has been read: its last slide ends.
    pub(super) fn end_file(&mut self) {
        self.open.pop();
        self.end_slide();
        if let Some(slide) = self.slides.last_mut() {
            slide.problems.append(&mut self.carried);
        }
    }

    /// The slide ends; the next one begins.
    pub(super) fn end_slide(&mut self) {
        if let Some(problem) = self.draft.lay_out() {
            self.problem(problem);
        }
        let draft = std::mem::replace(&mut self.draft, Draft::new(&self.options));
        match draft.finish(self.section) {
            Ok(mut slide) => {
                slide.problems.splice(0..0, self.carried.drain(..));
                self.slides.push(slide);
            }
            Err(problems) => self.carried.extend(problems),
        }
    }

    /// The problems that found no slide.
    pub(super) fn take_carried(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.carried)
    }

    /// The file that `source` includes at `range` by `link`; none when it cannot be had, or when there would be no end of
    /// it, which is reported. What comes is written there, until [`Writer::end_include`].
    pub(super) fn begin_include(
        &mut self,
        source: &SourceText,
        link: &str,
        range: Range<usize>,
    ) -> Option<SourceText> {
        let path = beside(&source.file, link);
        let path = normalize(&path).unwrap_or(path);
        match self.included(source, &path, range) {
            Ok(included) => {
                self.open.push(path);
                Some(included)
            }
            Err(problem) => {
                self.problem(*problem);
                None
            }
        }
    }

    /// What was included has been read.
    pub(super) fn end_include(&mut self) {
        self.open.pop();
    }

    fn included(
        &mut self,
        source: &SourceText,
        path: &str,
        range: Range<usize>,
    ) -> Result<SourceText, Box<Diagnostic>> {
        let error = |message: String| Diagnostic::error(source.place(range.clone()), message);
        if self.open.iter().any(|open| open == path) {
            let chain = self.open.join(" -> ");
            let problem = error(format!("\"{path}\" includes itself"));
            return Err(Box::new(problem.hint(format!("it is being read already: {chain}"))));
        }
        if self.open.len() > MAX_INCLUDES {
            let problem = error(format!("files include files more than {MAX_INCLUDES} deep"));
            return Err(Box::new(problem.hint("include fewer files from files that are included")));
        }
        let (included, invalid) = text::read(self.files, path, LIMIT).map_err(|failure| match failure {
            ReadError::NotText(problem) => problem,
            ReadError::File(failure) => {
                let otherwise = Some("paths are relative to the file that includes");
                let hint = missing_hint(self.files, path, &failure, otherwise);
                Box::new(Diagnostic { hint, ..error(file_message(path, &failure)) })
            }
        })?;
        if let Some(problem) = invalid {
            self.problem(problem);
        }
        self.total += included.text.len().max(1024);
        if self.total > MAX_TOTAL {
            let problem = error(format!("the deck has more than {MAX_TOTAL} bytes of Markdown"));
            return Err(Box::new(problem.hint("include less")));
        }
        Ok(included)
    }
}
