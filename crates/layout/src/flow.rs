//! Blocks one below the other.

mod large;
mod picture;

use std::ops::Range;

use ratatui::style::{Modifier, Style};

use super::big::{Room, fit_big, large_faces, title_faces};
use super::scene::{Kind, Run, SceneItem};
use super::table::{self, TableLine, TableLines, TableStyle};
use super::text::{line_columns, signed, wrap};
use super::{Density, MAX_MEASURE, MAX_ROWS, code};
use greenroom_base::diag::{Diagnostic, Severity};
use greenroom_deck::{
    Alert, Align, Block, Columns, Definition, List, ListItem, Node, PaneHeight, PaneSpec, Role, Step, Table,
    Text, Theme,
};

/// The smallest height of a pane that takes what the others leave.
const MIN_PANE_ROWS: u16 = 6;
/// From so many rows on, there are two below a title.
const HIGH: u16 = 26;
/// A picture's pixels for each column; a cell is taken to be twice as high as wide.
const PIXELS_PER_COLUMN: u32 = 10;

/// A picture that fills its room is at most so many times as large as its pixels ask for: more only shows that they are few.
const MAX_GROWTH: u32 = 4;

/// What a flow may fill.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FlowArea {
    /// Columns.
    pub columns: u16,
    /// Rows of the screen, for what asks for a share of them.
    pub rows: u16,
    /// Rows that each flexible block (a pane without a height, a picture) may take more than it first did,
    /// or fewer.
    pub spare: i32,
}

/// Blocks being stacked. Rows and columns are counted from its own top left.
pub(crate) struct Flow<'a> {
    theme: &'a Theme,
    step: Step,
    density: Density,
    room: FlowArea,
    align: Align,
    base: Style,
    hidden: bool,
    depth: usize,
    lists: usize,
    /// What has been placed.
    pub items: Vec<SceneItem>,
    /// The next free row.
    pub y: u32,
    /// Rows that the current step is about.
    pub focus: Option<Range<u32>>,
    /// How many blocks share what is left, one above the other.
    pub flexible: u16,
    /// Whether a part of it was put in the middle.
    pub centered: bool,
    /// How many panes have been placed, hidden ones included.
    panes: usize,
    /// Empty rows before the next block.
    gap_due: u32,
}

impl<'a> Flow<'a> {
    /// An empty one.
    pub(crate) fn new(theme: &'a Theme, step: Step, density: Density, room: FlowArea) -> Self {
        Self {
            theme,
            step,
            density,
            room,
            align: Align::Left,
            base: theme.style(Role::Text),
            hidden: false,
            depth: 0,
            lists: 0,
            items: Vec::new(),
            y: 0,
            focus: None,
            flexible: 0,
            centered: false,
            panes: 0,
            gap_due: 0,
        }
    }

    /// The slide's title, and the room below it.
    pub(crate) fn title(&mut self, title: &Text, align: Align) {
        self.align = align;
        let style = self.theme.style(Role::Title);
        let FlowArea { columns, rows, .. } = self.room;
        let faces = title_faces(self.theme.title_size, columns, rows);
        // Two lines at least, however low the window.
        let most = faces.first().map_or(0, |face| (face.rows() * 2).max(rows / 5 * 2));
        if let Some(lines) = fit_big(title, Room { columns, rows: most }, faces, style, self.theme) {
            self.big_lines(lines);
        } else {
            self.text(title, style);
            let rule = Style::new().fg(self.theme.accent.into());
            let width = self.room.columns.min(if self.density == Density::Airy { 12 } else { 8 });
            let x = self.offset(usize::from(width));
            self.push_at(x, width, 1, Kind::Pattern("▔", rule));
        }
        self.y += match self.density {
            Density::Small | Density::Tight => 0,
            // The same on every slide of a window.
            Density::Normal | Density::Airy => 1 + u32::from(self.room.rows >= HIGH),
        };
    }

    /// Every node, from top to bottom.
    pub(crate) fn nodes(&mut self, nodes: &[Node]) {
        for (index, node) in nodes.iter().enumerate() {
            if matches!(node.block, Block::Middle) {
                self.middle(&nodes[index + 1..]);
                return;
            }
            self.node(node);
            if self.is_cut() {
                return;
            }
        }
    }

    /// Stops a slide that goes on for ever.
    fn is_cut(&mut self) -> bool {
        if self.y < MAX_ROWS {
            return false;
        }
        if self.depth == 0 {
            self.items.retain(|item| item.y < MAX_ROWS);
            self.y = MAX_ROWS;
            let note = format!("… the slide goes on for more than {MAX_ROWS} rows; the rest is left out");
            self.line(vec![Run::new(note, self.theme.style(Role::Bad))]);
        }
        true
    }

    fn node(&mut self, node: &Node) {
        self.align = node.align;
        let before = self.y;
        self.hidden = node.step > self.step;
        let scale = if self.density == Density::Small { 1 } else { node.scale };
        match (&node.block, scale) {
            (Block::Heading(_, text) | Block::Paragraph(text), scale) if scale > 1 => {
                self.scaled(text, scale);
            }
            (Block::Quote(blocks), scale) if scale > 1 => {
                self.gap();
                self.large_quote(blocks, scale);
            }
            (Block::List(list), scale) if scale > 1 => {
                self.gap();
                self.large_list(list, scale);
            }
            (Block::Image(image), scale) if scale > 1 => {
                self.gap();
                self.image(image, true);
            }
            (Block::Code(code), scale) => {
                self.gap();
                let stage = usize::from(self.step.saturating_sub(node.step));
                let room = (self.room.columns, self.room.rows);
                let (rows, lit) = code::rows(code, stage, room, self.density, scale);
                if !self.hidden && stage > 0 && stage < code.highlights.len() {
                    self.focus_on(self.y + lit.start..self.y + lit.end);
                }
                self.code(rows, code.caption.as_deref());
            }
            (block, _) => self.block(block),
        }
        if node.step == self.step && node.step > 0 {
            self.focus_on(before..self.y);
        }
        self.hidden = false;
    }

    fn focus_on(&mut self, rows: Range<u32>) {
        self.focus = Some(match self.focus.take() {
            Some(focus) => focus.start.min(rows.start)..focus.end.max(rows.end),
            None => rows,
        });
    }

    /// Everything that is left, in the middle of the screen.
    fn middle(&mut self, nodes: &[Node]) {
        let mut rest = self.inner(self.room.columns);
        match nodes.split_first() {
            // A heading that stands alone in the middle is a title: presenterm's separator slides.
            Some((Node { block: Block::Heading(1 | 2, text), step, .. }, others)) => {
                rest.hidden = *step > self.step;
                rest.title(text, Align::Center);
                rest.hidden = false;
                rest.nodes(others);
            }
            _ => rest.nodes(nodes),
        }
        let top = self.y.max(u32::from(self.room.rows).saturating_sub(rest.y) / 2);
        self.y = top;
        self.centered = true;
        self.absorb(rest, 0);
    }

    /// One block, with the gap before it.
    pub(crate) fn block(&mut self, block: &Block) {
        match block {
            Block::Space(rows) => self.y += u32::from(*rows),
            Block::Middle => {}
            _ => {
                self.gap();
                self.placed(block);
            }
        }
    }

    fn placed(&mut self, block: &Block) {
        match block {
            Block::Heading(level, text) => {
                let style = self.theme.style(if *level <= 2 { Role::Heading } else { Role::Strong });
                self.text(text, style);
            }
            Block::Paragraph(text) => self.text(&signed(text), self.base),
            Block::List(list) => self.list(list),
            Block::Quote(blocks) => self.quote(blocks),
            Block::Alert(kind, title, blocks) => self.alert(*kind, title, blocks),
            Block::Code(source) => {
                let (rows, _) = code::rows(source, 0, (self.room.columns, self.room.rows), self.density, 1);
                self.code(rows, source.caption.as_deref());
            }
            Block::Table(table) => self.table(table),
            Block::Rule => {
                self.push(self.room.columns, 1, Kind::Pattern("─", self.theme.style(Role::Border)));
            }
            Block::Image(image) => self.image(image, false),
            Block::Qr(qr) => self.qr(qr),
            Block::Definitions(definitions) => self.definitions(definitions),
            Block::Footnote(label, blocks) => self.footnote(label, blocks),
            Block::Columns(columns) => self.columns(columns),
            Block::Pane(spec) => self.pane(spec),
            Block::Space(_) | Block::Middle => {}
        }
    }

    /// The empty row before a block, if there is one above it.
    fn gap(&mut self) {
        self.y += std::mem::replace(&mut self.gap_due, 1);
    }

    /// Below what has empty rows of its own, one more tells where it ends.
    fn gap_below(&mut self, has_rows: bool) {
        if has_rows && self.depth == 0 {
            self.gap_due = 2;
        }
    }

    /// A flow inside of this one.
    fn inner(&self, columns: u16) -> Flow<'a> {
        let mut inner =
            Flow::new(self.theme, self.step, self.density, FlowArea { columns: columns.max(1), ..self.room });
        inner.align = self.align;
        inner.base = self.base;
        inner.hidden = self.hidden;
        inner.depth = self.depth + 1;
        inner.lists = self.lists;
        inner.panes = self.panes;
        inner
    }

    /// Takes what an inner flow placed, at column `x` of the next free row.
    fn absorb(&mut self, inner: Flow<'a>, x: u16) {
        let top = self.y;
        self.items.extend(inner.items.into_iter().map(|mut item| {
            item.x = item.x.saturating_add(x);
            item.y += top;
            item
        }));
        if let Some(focus) = inner.focus {
            self.focus_on(focus.start + top..focus.end + top);
        }
        self.y += inner.y;
        self.panes = inner.panes;
        self.flexible += inner.flexible;
        self.centered |= inner.centered;
    }

    fn offset(&self, width: usize) -> u16 {
        let spare = usize::from(self.room.columns).saturating_sub(width);
        let offset = match self.align {
            Align::Left => 0,
            Align::Center => spare / 2,
            Align::Right => spare,
        };
        u16::try_from(offset).unwrap_or(0)
    }

    fn push_at(&mut self, x: u16, width: u16, height: u32, what: Kind) {
        if !self.hidden {
            self.items.push(SceneItem { x, y: self.y, width, height, what });
        }
        self.y += height;
    }

    fn push(&mut self, width: u16, height: u32, what: Kind) {
        self.push_at(0, width, height, what);
    }

    /// One line, aligned.
    pub(crate) fn line(&mut self, runs: Vec<Run>) {
        let width = line_columns(&runs);
        let x = self.offset(width);
        let columns = u16::try_from(width).unwrap_or(u16::MAX).min(self.room.columns);
        self.push_at(x, columns, 1, Kind::Line(runs));
    }

    /// The columns of running text.
    fn measure(&self) -> u16 {
        self.room.columns.min(self.theme.measure.unwrap_or(MAX_MEASURE).max(1))
    }

    /// A paragraph.
    pub(crate) fn text(&mut self, text: &Text, style: Style) {
        let most = usize::try_from(MAX_ROWS.saturating_sub(self.y)).unwrap_or(0) + 1;
        for line in wrap(text, self.measure(), most, style, self.theme) {
            self.line(line);
        }
    }

    /// `font_size` text: large letters when they fit.
    fn scaled(&mut self, text: &Text, scale: u8) {
        self.gap();
        let style = self.theme.style(Role::Accent).add_modifier(Modifier::BOLD);
        match self.enlarged(text, self.room.columns, scale, style) {
            Some(lines) => self.big_lines(lines),
            None => self.text(text, style),
        }
    }

    /// `text` in the letters of a `font_size`, if it fits into half of the rows.
    fn enlarged(&self, text: &Text, columns: u16, scale: u8, style: Style) -> Option<Vec<super::BigText>> {
        let room = Room { columns, rows: (self.room.rows / 2).max(4) };
        fit_big(text, room, large_faces(scale), style, self.theme)
    }

    /// Lines of large letters.
    pub(crate) fn big_lines(&mut self, lines: Vec<super::BigText>) {
        for line in lines {
            let width = line.face.measure(&line.text());
            let x = self.offset(usize::from(width));
            let rows = u32::from(line.face.rows());
            self.push_at(x, width.min(self.room.columns), rows, Kind::Big(line));
        }
    }

    fn list(&mut self, list: &List) {
        let spacing = match self.density {
            Density::Airy => list.spacing.max(1),
            _ => list.spacing,
        };
        let highest = list.first.unwrap_or(0) + list.items.len().saturating_sub(1) as u64;
        let digits = highest.to_string().len();
        let sign = if list.paren { ')' } else { '.' };
        let hidden = self.hidden;
        for (index, item) in list.items.iter().enumerate() {
            if index > 0 {
                self.y += u32::from(spacing);
            }
            self.hidden = hidden || item.step > self.step;
            let before = self.y;
            let number = list.first.map(|first| first + index as u64);
            self.list_item(item, number, digits, sign);
            if item.step == self.step && item.step > 0 {
                self.focus_on(before..self.y);
            }
        }
        self.hidden = hidden;
        self.gap_below(spacing > 0 && list.items.len() > 1);
    }

    fn list_item(&mut self, item: &ListItem, number: Option<u64>, digits: usize, sign: char) {
        let accent = self.theme.style(Role::Accent);
        let (bullet, style) = match (item.task, number) {
            (Some(true), _) => ("✓ ".to_owned(), self.theme.style(Role::Good)),
            (Some(false), _) => ("☐ ".to_owned(), self.theme.style(Role::Muted)),
            (None, Some(number)) => (format!("{number:>digits$}{sign} "), accent),
            (None, None) => (format!("{} ", self.theme.bullet(self.lists)), accent),
        };
        let indent = u16::try_from(super::columns(&bullet)).unwrap_or(2);
        let mut inner = self.inner(self.room.columns.saturating_sub(indent));
        inner.lists += 1;
        for block in &item.blocks {
            // A list right below its item's text belongs to it.
            if matches!(block, Block::List(_)) {
                inner.gap_due = 0;
            }
            inner.block(block);
        }
        inner.y = inner.y.max(1);
        let beside = self.beside(&inner);
        let y = self.y;
        if !self.hidden {
            let runs = vec![Run::new(bullet, style)];
            self.items.push(SceneItem { x: beside, y, width: indent, height: 1, what: Kind::Line(runs) });
        }
        self.absorb(inner, indent);
    }

    /// Where a bullet stands so that it touches an aligned first line.
    fn beside(&self, inner: &Flow<'_>) -> u16 {
        match self.align {
            Align::Left => 0,
            _ => inner.items.iter().find(|item| item.y == 0).map_or(0, |item| item.x),
        }
    }

    fn quote(&mut self, blocks: &[Block]) {
        let style = self.theme.style(Role::Quote);
        self.barred(blocks, style, "▌");
    }

    /// Blocks with a bar along their left side.
    fn barred(&mut self, blocks: &[Block], style: Style, bar: &'static str) {
        let mut inner = self.inner(self.room.columns.saturating_sub(3));
        inner.base = style;
        for block in blocks {
            inner.block(block);
        }
        let rows = inner.y;
        if !self.hidden {
            let mark = Style::new().fg(self.theme.accent.into());
            self.items.push(SceneItem {
                x: 0,
                y: self.y,
                width: 1,
                height: rows,
                what: Kind::Pattern(bar, mark),
            });
        }
        self.absorb(inner, 3);
    }

    fn alert(&mut self, kind: Alert, title: &Text, blocks: &[Block]) {
        let (symbol, name, role) = match kind {
            Alert::Note => ("ℹ", "Note", Role::Note),
            Alert::Tip => ("✔", "Tip", Role::Good),
            Alert::Important => ("◆", "Important", Role::Important),
            Alert::Warning => ("▲", "Warning", Role::Warn),
            Alert::Caution => ("✖", "Caution", Role::Bad),
        };
        let style = self.theme.style(role).add_modifier(Modifier::BOLD);
        let mut label = Text::plain(format!("{symbol}  "));
        if title.is_empty() {
            label.0.extend(Text::plain(name).0);
        } else {
            label.0.extend(title.0.iter().cloned());
        }
        self.boxed(&label, style, |inner| {
            for block in blocks {
                inner.block(block);
            }
        });
    }

    /// A surface with a coloured bar at its left side and a label on its first row.
    fn boxed(&mut self, label: &Text, style: Style, fill: impl FnOnce(&mut Flow<'a>)) {
        let columns = self.room.columns.min(self.measure().saturating_add(5));
        let mut inner = self.inner(columns.saturating_sub(5));
        inner.align = Align::Left;
        inner.text(label, style);
        fill(&mut inner);
        let margin = u32::from(self.density > Density::Tight);
        let rows = inner.y + 2 * margin;
        if !self.hidden {
            let surface = Style::new().bg(self.theme.surface.into());
            let bar = Style::new().fg(style.fg.unwrap_or_default());
            let (y, width) = (self.y, columns);
            self.items.push(SceneItem { x: 0, y, width, height: rows, what: Kind::Fill(surface) });
            self.items.push(SceneItem { x: 0, y, width: 1, height: rows, what: Kind::Pattern("▌", bar) });
        }
        self.y += margin;
        self.absorb(inner, 3);
        self.y += margin;
    }

    fn code(&mut self, mut rows: super::CodeRows, caption: Option<&str>) {
        rows.margin += self.room_for_drawing(&rows);
        self.push(self.room.columns, rows.height(), Kind::Code(rows));
        if let Some(caption) = caption {
            let align = std::mem::replace(&mut self.align, Align::Right);
            self.line(vec![Run::new(caption.to_owned(), self.theme.style(Role::Muted))]);
            self.align = align;
        }
    }

    fn table(&mut self, table: &Table) {
        let look = TableStyle { theme: self.theme, base: self.base, density: self.density, step: self.step };
        let most = usize::try_from(MAX_ROWS.saturating_sub(self.y)).unwrap_or(0);
        let laid = table::lines(table, self.room.columns, most, &look);
        let (x, width) = (self.offset(laid.width), u16::try_from(laid.width).unwrap_or(u16::MAX));
        let width = width.min(self.room.columns);
        self.stripes(&laid, x, width);
        for line in laid.lines {
            match line {
                TableLine::Plain(runs) | TableLine::Striped(runs) => {
                    self.push_at(x, width, 1, Kind::Line(runs));
                }
                TableLine::Rule => {
                    self.push_at(x, width, 1, Kind::Pattern("─", self.theme.style(Role::Border)));
                }
                TableLine::Blank => self.y += 1,
            }
        }
        self.gap_below(self.density == Density::Airy && table.rows.len() > 1);
    }

    /// The grounds of a table's rows, which lie below what stands on them.
    fn stripes(&mut self, table: &TableLines, x: u16, width: u16) {
        if self.hidden {
            return;
        }
        let half = self.density == Density::Airy;
        let striped = |line: &TableLine| matches!(line, TableLine::Striped(_));
        let mut y = self.y;
        for rows in table.lines.chunk_by(|one, other| striped(one) == striped(other)) {
            let height = u32::try_from(rows.len()).unwrap_or(MAX_ROWS);
            if rows.first().is_some_and(striped) {
                let (y, height) = if half { (y.saturating_sub(1), height + 2) } else { (y, height) };
                let what = Kind::Stripe(table::stripe(self.theme), half);
                self.items.push(SceneItem { x, y, width, height, what });
            }
            y += height;
        }
    }

    fn definitions(&mut self, definitions: &[Definition]) {
        for (index, definition) in definitions.iter().enumerate() {
            if index > 0 {
                self.y += u32::from(self.density == Density::Airy);
            }
            self.text(&definition.term, self.theme.style(Role::Heading));
            for meaning in &definition.meanings {
                self.barred(meaning, self.base, " ");
            }
        }
    }

    fn footnote(&mut self, label: &str, blocks: &[Block]) {
        let label = Text(vec![greenroom_deck::Span {
            text: label.to_owned(),
            mark: greenroom_deck::Mark::FOOTNOTE,
            ..greenroom_deck::Span::default()
        }]);
        let lines = wrap(&label, 12, 1, self.theme.style(Role::Accent), self.theme);
        let indent = lines.first().map_or(2, |line| u16::try_from(line_columns(line) + 1).unwrap_or(2));
        let mut inner = self.inner(self.room.columns.saturating_sub(indent));
        inner.base = self.theme.style(Role::Muted);
        for block in blocks {
            inner.block(block);
        }
        if let (Some(runs), false) = (lines.into_iter().next(), self.hidden) {
            self.items.push(SceneItem { x: 0, y: self.y, width: indent, height: 1, what: Kind::Line(runs) });
        }
        self.absorb(inner, indent);
    }

    fn columns(&mut self, columns: &Columns) {
        let gap: u16 = if self.room.columns >= 60 { 4 } else { 2 };
        let count = u16::try_from(columns.columns.len()).unwrap_or(1).max(1);
        let usable = self.room.columns.saturating_sub(gap * (count - 1)).max(count);
        let total: u32 = columns.weights.iter().map(|weight| u32::from(*weight)).sum::<u32>().max(1);
        let (top, mut x, mut lowest, mut flexible) = (self.y, 0_u16, self.y, 0);
        let outer = self.flexible;
        for (nodes, weight) in columns.columns.iter().zip(&columns.weights) {
            let share = u32::from(usable) * u32::from(*weight) / total;
            let width = u16::try_from(share).unwrap_or(usable).max(1);
            let mut inner = self.inner(width);
            inner.nodes(nodes);
            self.y = top;
            self.absorb(inner, x);
            lowest = lowest.max(self.y);
            flexible = flexible.max(self.flexible - outer);
            self.flexible = outer;
            x = x.saturating_add(width + gap);
        }
        self.flexible = outer + flexible;
        self.y = lowest;
    }

    fn pane(&mut self, spec: &PaneSpec) {
        let rows = match spec.height {
            PaneHeight::Rows(rows) => rows.saturating_add(2),
            PaneHeight::Percent(percent) => {
                u16::try_from(u32::from(self.room.rows) * u32::from(percent) / 100).unwrap_or(MIN_PANE_ROWS)
            }
            PaneHeight::Rest => {
                self.flexible += 1;
                let rows = i32::from(MIN_PANE_ROWS) + self.room.spare.max(0);
                u16::try_from(rows).unwrap_or(MIN_PANE_ROWS)
            }
        };
        let index = self.panes;
        self.panes += 1;
        self.push(self.room.columns, u32::from(rows.max(3)), Kind::Pane(index, Box::new(spec.clone())));
    }

    /// What is wrong with the slide, on the slide.
    pub(crate) fn problems(&mut self, problems: &[Diagnostic]) {
        self.align = Align::Left;
        for problem in problems.iter().filter(|problem| problem.severity == Severity::Error) {
            self.gap();
            let bad = self.theme.style(Role::Bad);
            let place = problem.place.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
            let label = Text::plain(format!("✖  Problem{place}"));
            self.boxed(&label, bad.add_modifier(Modifier::BOLD), |inner| {
                inner.text(&Text::plain(&problem.message), inner.base);
                if let Some(place) = problem.place.as_ref().filter(|place| !place.text.trim().is_empty()) {
                    inner.text(
                        &Text::plain(format!("│ {}", place.text.trim())),
                        inner.theme.style(Role::Muted),
                    );
                }
                if let Some(hint) = &problem.hint {
                    inner.text(&Text::plain(format!("→ {hint}")), inner.theme.style(Role::Note));
                }
            });
        }
    }
}
