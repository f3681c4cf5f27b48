//! What a step brings, in plain lines: for whoever has to know what comes next, and has no room for a picture of it.

use super::{Block, Code, Deck, LineFocus, Node, Step};

impl Deck {
    /// The lines that step `step` of slide `index` adds, at most `most` of them: what shows at once for step 0. The slide's
    /// title is not among them.
    #[must_use]
    pub fn glance(&self, index: usize, step: Step, most: usize) -> Vec<String> {
        let mut glance = Glance { step, most, lines: Vec::new() };
        if let Some(slide) = self.slides.get(index) {
            glance.nodes(&slide.body);
        }
        glance.lines
    }
}

struct Glance {
    step: Step,
    most: usize,
    lines: Vec<String>,
}

impl Glance {
    fn push(&mut self, mark: &str, text: &str) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            if self.lines.len() >= self.most {
                return;
            }
            self.lines.push(format!("{mark}{line}"));
        }
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            if self.lines.len() >= self.most {
                return;
            }
            self.block(&node.block, node.step, "");
        }
    }

    /// A block that shows from step `since` on.
    fn block(&mut self, block: &Block, since: Step, mark: &str) {
        let new = since == self.step;
        match block {
            Block::List(list) => {
                for item in &list.items {
                    let mut mark = format!("{}• ", if mark.is_empty() { "" } else { "  " });
                    for inner in &item.blocks {
                        self.block(inner, since.max(item.step), &mark);
                        "  ".clone_into(&mut mark);
                    }
                }
            }
            Block::Columns(columns) => columns.columns.iter().for_each(|column| self.nodes(column)),
            Block::Code(code) => self.code(code, since),
            Block::Quote(inner) | Block::Alert(_, _, inner) | Block::Footnote(_, inner) => {
                for inner in inner {
                    self.block(inner, since, mark);
                }
            }
            _ if !new => {}
            Block::Heading(_, text) | Block::Paragraph(text) => self.push(mark, &text.to_plain()),
            Block::Table(table) => {
                for row in std::iter::once(&table.head).chain(&table.rows) {
                    let cells: Vec<String> = row.iter().map(super::Text::to_plain).collect();
                    self.push(mark, &cells.join("   "));
                }
            }
            Block::Image(image) if let Some(diagram) = &image.drawn_from => {
                self.push(mark, &format!("({}: {})", diagram.notation.name(), diagram.twin.source));
            }
            Block::Image(image) => {
                let alt = image.alt.to_plain();
                self.push(
                    mark,
                    &if alt.is_empty() { "(a picture)".to_owned() } else { format!("(picture: {alt})") },
                );
                self.push(mark, &image.caption.to_plain());
            }
            Block::Qr(qr) if qr.is_audiences() => self.push(mark, "(the audience's code)"),
            Block::Qr(qr) => self.push(mark, &format!("(code: {})", qr.address)),
            Block::Definitions(definitions) => {
                for definition in definitions {
                    self.push(mark, &definition.term.to_plain());
                    let meanings = definition.meanings.iter().flatten();
                    meanings.for_each(|inner| self.block(inner, since, "  "));
                }
            }
            Block::Pane(pane) => {
                self.push(mark, &format!("▶ {}", pane.demo.title.as_deref().unwrap_or(&pane.id)));
            }
            Block::Rule | Block::Space(_) | Block::Middle => {}
        }
    }

    /// Code that appears, or the lines of it that stand out from now on.
    fn code(&mut self, code: &Code, since: Step) {
        let Some(stage) = self.step.checked_sub(since) else { return };
        match code.highlights.get(usize::from(stage)) {
            Some(LineFocus::All) if stage == 0 => self.push("", &code.source),
            Some(LineFocus::All) => self.push("", "(all of the code stands out)"),
            Some(LineFocus::Lines(ranges)) => {
                let lit = |number: u32| ranges.iter().any(|(from, to)| (*from..=*to).contains(&number));
                for (line, number) in code.source.lines().zip(1..) {
                    if lit(number) {
                        self.push("▌ ", line);
                    }
                }
            }
            None => {}
        }
    }
}
