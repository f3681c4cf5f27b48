//! The slide that is being written: where blocks go, and at which step they appear.

use super::layouts;
use greenroom_base::diag::Diagnostic;
use greenroom_deck::{
    Align, Block, Code, Columns, LineFocus, List, ListItem, Node, Origin, Placed, Slide, SlideKind, Step,
    Text, Transition,
};
use greenroom_markup::layout::Layout;

/// More reveals than this make no slide.
pub(super) const MAX_STEPS: Step = 250;

/// What an author may set for all slides.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // each is an option that an author sets by its name
pub(super) struct Options {
    /// A line of `---` ends a slide.
    pub shorthand: bool,
    /// The author said so, or that it does not.
    pub told_shorthand: bool,
    /// A title ends the slide before it.
    pub implicit: bool,
    /// Headings of level 1 are titles that do so.
    pub h1_titles: bool,
    /// Headings of this level and above begin slides; 0 when none do.
    pub level: u8,
    /// Only comments that begin with this are directives.
    pub prefix: String,
    /// Lists appear item by item.
    pub incremental: bool,
    /// Tables appear row by row.
    pub incremental_tables: bool,

    /// Empty lines between the items of a list.
    pub spacing: u16,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            shorthand: true,
            told_shorthand: false,
            implicit: false,
            h1_titles: false,
            level: 0,
            prefix: String::new(),
            incremental: false,
            incremental_tables: false,
            spacing: 0,
        }
    }
}

/// Columns that are open.
#[derive(Debug)]
struct OpenColumns {
    weights: Vec<u16>,
    columns: Vec<Vec<Node>>,
    /// The one being written to.
    current: Option<usize>,
    step: Step,
}

/// A slide being written.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // each is a fact of its own, and no two make a state together
pub(super) struct Draft {
    title: Text,
    body: Vec<Node>,
    footnotes: Vec<Node>,
    notes: String,
    note_figures: Placed,
    open_columns: Option<OpenColumns>,
    /// The step at which what comes next appears.
    step: Step,
    /// Steps that code blocks take before the next pause can.
    extra: Step,
    /// An incremental list has ended: what follows comes a step later.
    owed: bool,
    /// The last step at which anything changes.
    last_step: Step,
    /// Whether a block was written.
    begun: bool,
    /// A list was the last thing written; a pause after it may be followed by the rest of the list.
    after_list: bool,
    /// That pause was written.
    resumes: bool,
    pub align: Align,
    pub scale: u8,
    /// What a comment said of the next picture, and that there was none.
    pub image: Option<(Option<u8>, Option<Align>, Diagnostic)>,
    pub incremental: bool,
    pub spacing: u16,
    pub footer: bool,
    pub skip: bool,
    /// How the slide is to be laid out, and where that is said.
    pub layout: Option<(Layout, Diagnostic)>,
    pub budget: Option<std::time::Duration>,
    pub transition: Option<Transition>,
    pub incremental_tables: bool,
    pub origin: Option<Origin>,
    pub problems: Vec<Diagnostic>,
    /// Said once a slide: blocks are too deep.
    pub told_depth: bool,
    /// Said once a slide: there are too many steps.
    pub told_steps: bool,
    /// Said once a slide: these tags mean nothing.
    pub told_tags: Vec<String>,
}

impl Draft {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            title: Text::default(),
            body: Vec::new(),
            footnotes: Vec::new(),
            notes: String::new(),
            note_figures: Placed::new(),
            open_columns: None,
            step: 0,
            extra: 0,
            owed: false,
            last_step: 0,
            begun: false,
            after_list: false,
            resumes: false,
            align: Align::Left,
            scale: 1,
            image: None,
            incremental: options.incremental,
            incremental_tables: options.incremental_tables,
            spacing: options.spacing,
            footer: true,
            skip: false,
            layout: None,
            budget: None,
            transition: None,
            origin: None,
            problems: Vec::new(),
            told_depth: false,
            told_steps: false,
            told_tags: Vec::new(),
        }
    }

    /// The step at which what is written next appears.
    pub(super) const fn step(&self) -> Step {
        self.step
    }

    /// What follows appears one step later. False when the slide has as many steps as a slide may have.
    pub(super) fn pause(&mut self) -> bool {
        let next = self.step + self.extra + 1;
        if next > MAX_STEPS {
            return false;
        }
        self.step = next;
        self.extra = 0;
        true
    }

    /// A pause that the author wrote. A list after it goes on with the list before it.
    pub(super) fn pause_written(&mut self) -> bool {
        self.resumes = self.after_list;
        self.owed = false;
        self.pause()
    }

    /// What follows an incremental list appears one step after its last item, if anything follows.
    pub(super) const fn owe_pause(&mut self) {
        self.owed = true;
    }

    /// Something is about to be written: the pause that is owed comes first.
    pub(super) fn settle(&mut self) -> bool {
        !std::mem::take(&mut self.owed) || self.pause()
    }

    /// An item of a list begins: at which step it appears, and whether there was a step left for it.
    pub(super) fn item(&mut self) -> (Step, bool) {
        let fits = if self.incremental {
            self.owed = false;
            self.pause()
        } else {
            self.settle()
        };
        self.last_step = self.last_step.max(self.step);
        (self.step, fits)
    }

    /// A row of a table begins, where tables show row by row: at which step it appears, and whether there was one left.
    pub(super) fn row(&mut self) -> Option<(Step, bool)> {
        if !self.incremental_tables {
            return None;
        }
        self.owed = false;
        let fits = self.pause();
        self.last_step = self.last_step.max(self.step);
        Some((self.step, fits))
    }

    /// Makes `heading` the slide's title, if it is the first thing on the slide. Gives it back otherwise.
    pub(super) fn take_title(&mut self, heading: Text) -> Option<Text> {
        let free = !self.begun && self.open_columns.as_ref().is_none_or(|open| open.current.is_none());
        if !free || !self.title.0.is_empty() {
            return Some(heading);
        }
        self.begun = true;
        self.title = heading;
        None
    }

    /// Whether there is anything on it that a title cannot stand above.
    pub(super) fn has_content(&self) -> bool {
        !self.title.0.is_empty()
            || self.body.iter().any(|node| !matches!(node.block, Block::Middle | Block::Space(_)))
            || self
                .open_columns
                .as_ref()
                .is_some_and(|open| open.columns.iter().any(|column| !column.is_empty()))
    }

    /// Whether nothing but a jump to the middle came before: a title then stands there.
    pub(super) fn only_middle(&self) -> bool {
        self.open_columns.is_none()
            && self.title.0.is_empty()
            && matches!(self.body.as_slice(), [node] if node.block == Block::Middle)
    }

    /// Adds `block`, which began to appear at `step`. False when columns are open and none was chosen.
    pub(super) fn push(&mut self, block: Block, step: Step) -> bool {
        let resumes = std::mem::take(&mut self.resumes) && std::mem::take(&mut self.after_list);
        let block = match (block, resumes) {
            (Block::List(list), true) => match self.continue_list(list) {
                None => return true,
                Some(list) => Block::List(list),
            },
            (block, _) => block,
        };
        self.begun |= !matches!(block, Block::Space(_));
        self.after_list = matches!(block, Block::List(_));
        self.last_step = self.last_step.max(step);
        let node = Node { block, step, align: self.align, scale: self.scale };
        if matches!(node.block, Block::Footnote(..)) {
            self.footnotes.push(node);
            return true;
        }
        let Some(open) = &mut self.open_columns else {
            self.body.push(node);
            return true;
        };
        let chosen = open.current.is_some();
        let number = *open.current.get_or_insert(0);
        if let Some(column) = open.columns.get_mut(number) {
            column.push(node);
        }
        chosen
    }

    /// A list after a pause goes on with the list before it, so that no gap shows between them.
    fn continue_list(&mut self, list: List) -> Option<List> {
        let (align, scale) = (self.align, self.scale);
        let first_step = list.items.first().map_or(self.step, |item| item.step);
        let Some(node) = self.target().last_mut() else { return Some(list) };
        let (node_align, node_scale) = (node.align, node.scale);
        let Block::List(before) = &mut node.block else { return Some(list) };
        let goes_on = match (before.first, list.first) {
            (None, None) => true,
            (Some(first), Some(next)) => next == 1 || next == first.saturating_add(before.items.len() as u64),
            _ => false,
        };
        let later = before.items.last().is_some_and(|item| item.step < first_step);
        if !goes_on || !later || (node_align, node_scale) != (align, scale) || before.spacing != list.spacing
        {
            return Some(list);
        }
        before.items.extend(list.items);
        self.after_list = true;
        None
    }

    fn target(&mut self) -> &mut Vec<Node> {
        let column = self.open_columns.as_mut().and_then(|open| {
            let number = open.current?;
            open.columns.get_mut(number)
        });
        column.unwrap_or(&mut self.body)
    }

    /// A directive other than a pause or a note: a list after it is a new list.
    pub(super) const fn interrupt_list(&mut self) {
        self.after_list = false;
        self.resumes = false;
    }

    /// Fits code with `stages` into the slide's steps. It waits in its first stage while others before it go through
    /// theirs. `top` is the step of the node that it will be part of.
    pub(super) fn stage(&mut self, code: &mut Code, mut stages: Vec<LineFocus>, top: Step) -> bool {
        let room = usize::from(MAX_STEPS.saturating_sub(self.step + self.extra)) + 1;
        let fits = stages.len() <= room;
        stages.truncate(room);
        if let (Some(first), true) = (stages.first().cloned(), stages.len() > 1) {
            let wait = usize::from(self.step - top.min(self.step) + self.extra);
            self.extra += Step::try_from(stages.len() - 1).unwrap_or(MAX_STEPS);
            stages.splice(0..0, std::iter::repeat_n(first, wait));
        }
        if stages.is_empty() {
            stages.push(LineFocus::All);
        }
        code.last = Step::try_from(stages.len() - 1).unwrap_or(MAX_STEPS);
        code.highlights = stages;
        self.last_step = self.last_step.max(top + code.last);
        fits
    }

    /// Opens columns; those that are open end.
    pub(super) fn open_columns(&mut self, weights: Vec<u16>) {
        self.close_columns();
        let columns = weights.iter().map(|_| Vec::new()).collect();
        self.open_columns = Some(OpenColumns { weights, columns, current: None, step: self.step });
    }

    /// How many columns are open.
    pub(super) fn columns(&self) -> usize {
        self.open_columns.as_ref().map_or(0, |open| open.columns.len())
    }

    /// Chooses the column to write to.
    pub(super) fn choose_column(&mut self, number: usize) {
        if let Some(open) = &mut self.open_columns {
            open.current = Some(number);
        }
    }

    /// What follows stands below the columns.
    pub(super) fn close_columns(&mut self) {
        let Some(open) = self.open_columns.take() else { return };
        if open.columns.iter().all(Vec::is_empty) {
            return;
        }
        self.begun = true;
        let block = Block::Columns(Columns { weights: open.weights, columns: open.columns });
        self.body.push(Node { block, step: open.step, align: Align::Left, scale: 1 });
    }

    /// Adds `note`, and the figures in it, to the notes.
    pub(super) fn note(&mut self, note: &str, figures: Placed) {
        let cut = note.len() - note.trim_start().len();
        let note = note.trim();
        if !self.notes.is_empty() && !note.is_empty() {
            self.notes.push_str("\n\n");
        }
        let moved = |at: usize| at - cut + self.notes.len();
        let figures =
            figures.into_iter().map(|(range, figure)| (moved(range.start)..moved(range.end), figure));
        self.note_figures.extend(figures);
        self.notes.push_str(note);
    }

    /// Lays the slide out; the problem, if that cannot be done as its author says.
    pub(super) fn lay_out(&mut self) -> Option<Diagnostic> {
        self.close_columns();
        if let Some((.., unused)) = self.image.take() {
            let message = "no picture follows on this slide".to_owned();
            let hint = Some("it says how the next picture stands: write it before that".to_owned());
            return Some(Diagnostic { message, hint, ..unused });
        }
        layouts::apply(self.layout.take(), &mut self.title, &mut self.body)
    }

    /// The slide, if there is anything on it; its problems otherwise.
    pub(super) fn finish(mut self, section: Option<usize>) -> Result<Slide, Vec<Diagnostic>> {
        self.close_columns();
        self.body.append(&mut self.footnotes);
        let content = !self.title.is_empty() || self.body.iter().any(|node| node.block != Block::Middle);
        if self.skip || (!content && self.notes.is_empty()) {
            return Err(if self.skip { Vec::new() } else { self.problems });
        }
        Ok(Slide {
            kind: SlideKind::Content,
            section,
            title: self.title,
            body: self.body,
            notes: self.notes,
            note_figures: self.note_figures,
            last_step: self.last_step,
            footer: self.footer,
            budget: self.budget,
            transition: self.transition,
            origin: self.origin.unwrap_or_default(),
            problems: self.problems,
        })
    }
}

/// One item of a list that holds `blocks`.
pub(super) fn item(step: Step, blocks: Vec<Block>) -> ListItem {
    ListItem { task: None, step, blocks }
}

/// A slide that is drawn from the outline.
pub(super) fn drawn(kind: SlideKind, title: Text, origin: Origin) -> Slide {
    let section = match kind {
        SlideKind::Section(number) => Some(number),
        _ => None,
    };
    Slide {
        kind,
        section,
        title,
        body: Vec::new(),
        notes: String::new(),
        note_figures: Placed::new(),
        last_step: 0,
        footer: kind != SlideKind::Title,
        budget: None,
        transition: None,
        origin,
        problems: Vec::new(),
    }
}
