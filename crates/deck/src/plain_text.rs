//! The words of a slide, without their looks: for search, for names, for export.

use std::sync::Arc;

use super::{Block, Code, Deck, Demo, Diagram, Image, Node, PaneSpec, SlideKind};

impl Deck {
    /// What slide `index` is called: its title, else its first words.
    #[must_use]
    pub fn name(&self, index: usize) -> String {
        self.words(index).lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("").to_owned()
    }

    /// Everything that slide `index` says, a line for each paragraph, item, cell or line of code.
    #[must_use]
    pub fn words(&self, index: usize) -> String {
        let Some(slide) = self.slides.get(index) else { return String::new() };
        let mut out = String::new();
        match slide.kind {
            SlideKind::Title => {
                let outline = &self.outline;
                push(&mut out, &outline.title);
                for line in [&outline.subtitle, &outline.speaker, &outline.event].into_iter().flatten() {
                    push(&mut out, line);
                }
                let affiliations =
                    outline.speakers.iter().filter_map(|speaker| speaker.affiliation.as_deref());
                affiliations.for_each(|affiliation| push(&mut out, affiliation));
            }
            SlideKind::Section(number) => {
                if let Some(section) = self.outline.sections.get(number) {
                    push(&mut out, &section.title);
                }
            }
            SlideKind::Content => push(&mut out, &slide.title.to_plain()),
        }
        nodes(&mut out, &slide.body);
        out
    }

    /// The paths of the pictures on slide `index`, the theme's logo among them.
    #[must_use]
    pub fn pictures(&self, index: usize) -> Vec<String> {
        let mut paths = Vec::new();
        self.visit(index, &mut |block| match block {
            Block::Image(image) if image.drawn_from.is_none() => paths.push(image.path.clone()),
            Block::Code(code) => paths.extend(code.drawing.iter().map(|image| image.path.clone())),
            _ => {}
        });
        if self.slides.get(index).is_some_and(|slide| slide.footer) {
            paths.extend(self.theme.logo.iter().map(|logo| logo.image.clone()));
        }
        paths
    }

    /// The pictures of slide `index` that are drawn from texts.
    #[must_use]
    pub fn diagrams(&self, index: usize) -> Vec<(String, Arc<Diagram>)> {
        let mut found = Vec::new();
        self.visit(index, &mut |block| {
            if let Block::Image(Image { path, drawn_from: Some(diagram), .. }) = block {
                found.push((path.clone(), Arc::clone(diagram)));
            }
        });
        found
    }

    /// The paths of all pictures of slide `index`, whether they are read or drawn.
    #[must_use]
    pub fn every_picture(&self, index: usize) -> Vec<String> {
        let drawn = self.diagrams(index).into_iter().map(|(path, _)| path);
        self.pictures(index).into_iter().chain(drawn).collect()
    }

    /// The code on slide `index`.
    #[must_use]
    pub fn code(&self, index: usize) -> Vec<Arc<Code>> {
        let mut found = Vec::new();
        self.visit(index, &mut |block| match block {
            Block::Code(code) => found.push(Arc::clone(code)),
            Block::Image(Image { drawn_from: Some(diagram), .. }) => found.push(Arc::clone(&diagram.twin)),
            _ => {}
        });
        found
    }

    /// The panes on slide `index`, in reading order.
    #[must_use]
    pub fn panes(&self, index: usize) -> Vec<PaneSpec> {
        let mut found = Vec::new();
        self.visit(index, &mut |block| {
            if let Block::Pane(spec) = block {
                found.push(PaneSpec::clone(spec));
            }
        });
        found
    }

    /// Everything that the deck can run, each with a name, those that the outline declares first.
    #[must_use]
    pub fn demos(&self) -> Vec<(String, Demo)> {
        let declared = self.outline.demos.iter().map(|(id, demo)| (id.clone(), demo.clone()));
        let mut found: Vec<(String, Demo)> = declared.collect();
        for (id, demo) in
            (0..self.slides.len()).flat_map(|slide| self.panes(slide)).map(|pane| (pane.id, pane.demo))
        {
            if !found.iter().any(|(_, other)| *other == demo) {
                found.push((id, demo));
            }
        }
        found
    }

    /// Calls `see` with every block of slide `index`, outer ones first.
    pub fn visit(&self, index: usize, see: &mut dyn FnMut(&Block)) {
        for node in self.slides.get(index).map(|slide| slide.body.as_slice()).unwrap_or_default() {
            visit(&node.block, see);
        }
    }
}

fn visit(block: &Block, see: &mut dyn FnMut(&Block)) {
    see(block);
    let mut all = |blocks: &[Block]| blocks.iter().for_each(|inner| visit(inner, see));
    match block {
        Block::List(list) => list.items.iter().for_each(|item| all(&item.blocks)),
        Block::Quote(inner) | Block::Alert(_, _, inner) | Block::Footnote(_, inner) => all(inner),
        Block::Definitions(definitions) => {
            definitions.iter().flat_map(|definition| &definition.meanings).for_each(|meaning| all(meaning));
        }
        Block::Columns(columns) => {
            columns.columns.iter().flatten().for_each(|node| visit(&node.block, see));
        }
        _ => {}
    }
}

fn push(out: &mut String, line: &str) {
    if !line.trim().is_empty() {
        out.push_str(line);
        out.push('\n');
    }
}

fn nodes(out: &mut String, nodes: &[Node]) {
    for node in nodes {
        block(out, &node.block);
    }
}

fn blocks(out: &mut String, blocks: &[Block]) {
    for inner in blocks {
        block(out, inner);
    }
}

fn block(out: &mut String, block: &Block) {
    match block {
        Block::Heading(_, text) | Block::Paragraph(text) => push(out, &text.to_plain()),
        Block::List(list) => list.items.iter().for_each(|item| blocks(out, &item.blocks)),
        Block::Alert(_, title, inner) => {
            push(out, &title.to_plain());
            blocks(out, inner);
        }
        Block::Quote(inner) | Block::Footnote(_, inner) => blocks(out, inner),
        Block::Code(code) => push(out, &code.source),
        Block::Table(table) => {
            for row in std::iter::once(&table.head).chain(&table.rows) {
                let cells: Vec<String> = row.iter().map(super::Text::to_plain).collect();
                push(out, &cells.join("  "));
            }
        }
        Block::Image(image) => {
            match &image.drawn_from {
                Some(diagram) => push(out, &diagram.twin.source),
                None => push(out, &image.alt.to_plain()),
            }
            push(out, &image.caption.to_plain());
        }
        // The audience's address is no text of the deck.
        Block::Qr(qr) if qr.is_audiences() => {}
        Block::Qr(qr) => push(out, &qr.address),
        Block::Definitions(definitions) => {
            for definition in definitions {
                push(out, &definition.term.to_plain());
                definition.meanings.iter().for_each(|meaning| blocks(out, meaning));
            }
        }
        Block::Columns(columns) => columns.columns.iter().for_each(|column| nodes(out, column)),
        Block::Pane(pane) => push(out, pane.demo.title.as_deref().unwrap_or(&pane.id)),
        Block::Rule | Block::Space(_) | Block::Middle => {}
    }
}
