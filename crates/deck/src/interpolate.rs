//! Puts numbers into the place of figures, once somebody can read recordings.

use std::sync::Arc;

use greenroom_base::diag::Diagnostic;
use greenroom_base::plain;

use super::figure::{self, Placed};
use super::{Block, Deck, Figure, Node, Reading, Slide, Span, Text};

/// What stands where a figure cannot be had.
const UNKNOWN: &str = "?";

/// What to do about a figure that has no number.
const HINT: &str =
    "greenroom record makes a recording; the book's \"Numbers in sentences\" lists what can be read of one";

/// What the number of a figure is, or why there is none.
type Read<'r> = &'r mut dyn FnMut(&Figure) -> Result<Reading, String>;

impl Deck {
    /// Puts what `read` says into the place of each figure, wherever text shows: titles, tables, lists, notes, pictures'
    /// words, the outline. Where `read` knows no number, `?` stands there, and the problem is the slide's and the deck's.
    pub fn interpolate(&mut self, read: Read<'_>) {
        let mut filling = Filling { read, problems: Vec::new() };
        let mut problems = Vec::new();
        for slide in &mut self.slides {
            filling.slide(Arc::make_mut(slide));
            problems.append(&mut filling.problems);
        }
        filling.outline(self);
        // The cover and the dividers show most of the outline: what they lack has been said.
        filling
            .problems
            .retain(|problem| problems.iter().all(|known: &Diagnostic| known.place != problem.place));
        if let Some(cover) = self.slides.first_mut().filter(|_| !filling.problems.is_empty()) {
            let cover = Arc::make_mut(cover);
            filling.problems.iter().for_each(|problem| insert(&mut cover.problems, problem.clone()));
        }
        for problem in problems.into_iter().chain(filling.problems) {
            if self.problems.len() < Self::MAX_PROBLEMS {
                insert(&mut self.problems, problem);
            }
        }
    }
}

/// Fills in figures, and keeps what is wrong with them.
struct Filling<'r> {
    read: Read<'r>,
    problems: Vec<Diagnostic>,
}

impl Filling<'_> {
    /// The number, or what stands in its place.
    fn number(&mut self, figure: &Figure) -> Reading {
        match (self.read)(figure) {
            Ok(Reading { text, meaning }) => Reading { text: plain::one_line(&text).into_owned(), meaning },
            Err(why) => {
                let known = |problem: &Diagnostic| problem.place.as_ref() == Some(&figure.place);
                if !self.problems.iter().any(known) {
                    self.problems.push(Diagnostic::error(figure.place.clone(), why).hint(HINT));
                }
                UNKNOWN.into()
            }
        }
    }

    fn slide(&mut self, slide: &mut Slide) {
        self.text(&mut slide.title);
        self.nodes(&mut slide.body);
        let figures = std::mem::take(&mut slide.note_figures);
        self.string(&mut slide.notes, figures);
        for problem in &self.problems {
            insert(&mut slide.problems, problem.clone());
        }
    }

    fn outline(&mut self, deck: &mut Deck) {
        let figures = std::mem::take(&mut deck.figures);
        if figures.is_empty() {
            return;
        }
        let outline = &mut deck.outline;
        let optional = [
            &mut outline.subtitle,
            &mut outline.speaker,
            &mut outline.event,
            &mut outline.location,
            &mut outline.date,
        ];
        let lines = std::iter::once(&mut outline.title).chain(optional.into_iter().flatten());
        for line in lines.chain(outline.sections.iter_mut().map(|section| &mut section.title)) {
            let placed = figure::placed(line, &figures);
            self.string(line, placed);
        }
    }

    fn string(&mut self, text: &mut String, figures: Placed) {
        // From the end, so that what comes before stays where it is.
        let numbers: Vec<_> =
            figures.into_iter().map(|(range, figure)| (range, self.number(&figure).text)).collect();
        for (range, number) in numbers.into_iter().rev() {
            if text.get(range.clone()).is_some() {
                text.replace_range(range, &number);
            }
        }
    }

    fn nodes(&mut self, nodes: &mut [Node]) {
        for node in nodes {
            self.block(&mut node.block);
        }
    }

    fn blocks(&mut self, blocks: &mut [Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &mut Block) {
        match block {
            Block::Heading(_, text) | Block::Paragraph(text) => self.text(text),
            Block::List(list) => list.items.iter_mut().for_each(|item| self.blocks(&mut item.blocks)),
            Block::Alert(_, title, blocks) => {
                self.text(title);
                self.blocks(blocks);
            }
            Block::Quote(blocks) | Block::Footnote(_, blocks) => self.blocks(blocks),
            Block::Table(table) => {
                let rows = table.rows.iter_mut().flatten();
                table.head.iter_mut().chain(rows).for_each(|cell| self.judging(cell));
            }
            Block::Image(image) => {
                self.text(&mut image.alt);
                self.text(&mut image.caption);
            }
            Block::Definitions(definitions) => {
                for definition in definitions {
                    self.text(&mut definition.term);
                    definition.meanings.iter_mut().for_each(|meaning| self.blocks(meaning));
                }
            }
            Block::Columns(columns) => columns.columns.iter_mut().for_each(|column| self.nodes(column)),
            Block::Qr(_)
            | Block::Code(_)
            | Block::Pane(_)
            | Block::Rule
            | Block::Space(_)
            | Block::Middle => {}
        }
    }

    /// In a sentence, a word is one of many.
    fn text(&mut self, text: &mut Text) {
        self.fill(text, false);
    }

    /// In a table's cell, a word that judges has its meaning; the author's own comes first.
    fn judging(&mut self, cell: &mut Text) {
        self.fill(cell, true);
    }

    fn fill(&mut self, text: &mut Text, judges: bool) {
        if text.figures().next().is_none() {
            return;
        }
        let spans = std::mem::take(&mut text.0);
        for mut span in spans {
            if let Some(figure) = span.figure.take() {
                let reading = self.number(&figure);
                span.text = reading.text;
                span.meaning = span.meaning.or(reading.meaning.filter(|_| judges));
            }
            // A number and what touches it are one stretch of text again.
            match text.0.last_mut() {
                Some(last) if same_look(last, &span) => last.text.push_str(&span.text),
                _ => text.0.push(span),
            }
        }
    }
}

fn same_look(one: &Span, other: &Span) -> bool {
    let look = |span: &Span| (span.mark, span.foreground, span.background, span.meaning);
    look(one) == look(other) && one.link == other.link && one.figure.is_none() && other.figure.is_none()
}

/// Puts `problem` among `problems`, where those of its file that stand before it end.
fn insert(problems: &mut Vec<Diagnostic>, problem: Diagnostic) {
    let file = |other: &Diagnostic| other.place.as_ref().map(|place| place.file.clone());
    let at = |other: &Diagnostic| other.place.as_ref().map(|place| (place.line, place.column));
    let same = |other: &&Diagnostic| file(other) == file(&problem);
    let later = problems.iter().position(|other| same(&other) && at(other) > at(&problem));
    let last = || problems.iter().rposition(|other| same(&other)).map(|last| last + 1);
    let index = later.or_else(last).unwrap_or(problems.len());
    problems.insert(index, problem);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Meaning;
    use greenroom_base::diag::Location;

    fn figure(written: &str) -> Arc<Figure> {
        Arc::new(Figure {
            written: written.to_owned(),
            recording: "a.ndjson".to_owned(),
            words: vec!["rate".to_owned()],
            place: Location::locate("s.md", written, 0..1),
        })
    }

    #[test]
    fn a_number_and_what_touches_it_are_one_stretch() {
        let mut text =
            Text::with_figures("{{a}} times, {{b}} and {{a}}×", &[figure("{{a}}"), figure("{{b}}")]);
        assert_eq!(text.0.len(), 6);
        let mut read = |figure: &Figure| match &*figure.written {
            "{{a}}" => Ok("2.5".into()),
            _ => Err("no".to_owned()),
        };
        let mut filling = Filling { read: &mut read, problems: Vec::new() };
        filling.text(&mut text);
        assert_eq!(text, Text::plain("2.5 times, ? and 2.5×"));
        assert_eq!(filling.problems.len(), 1);
    }

    #[test]
    fn a_word_that_judges_has_its_meaning_in_a_cell_only() {
        let mut read = |_: &Figure| Ok(Reading { text: "often".to_owned(), meaning: Some(Meaning::Bad) });
        let mut filling = Filling { read: &mut read, problems: Vec::new() };
        let written = Text::with_figures("{{a}}, they say", &[figure("{{a}}")]);
        let (mut sentence, mut cell, mut author) = (written.clone(), written.clone(), written);
        author.0[0].meaning = Some(Meaning::Good);
        filling.text(&mut sentence);
        filling.judging(&mut cell);
        filling.judging(&mut author);
        assert_eq!(sentence, Text::plain("often, they say"));
        let meanings = |text: &Text| text.0.iter().map(|span| span.meaning).collect::<Vec<_>>();
        assert_eq!(meanings(&cell), [Some(Meaning::Bad), None]);
        assert_eq!(meanings(&author), [Some(Meaning::Good), None], "the author's own comes first");
    }

    #[test]
    fn problems_stand_in_the_order_of_their_file() {
        let at = |file: &str, line: usize| {
            let place = Location { line, ..Location::file(file) };
            Diagnostic::error(place, format!("{file}{line}"))
        };
        let mut problems = vec![at("a", 1), at("a", 9), at("b", 1)];
        for problem in [at("a", 4), at("c", 1), at("a", 10), at("b", 2)] {
            insert(&mut problems, problem);
        }
        let order: Vec<&str> = problems.iter().map(|problem| &*problem.message).collect();
        assert_eq!(order, ["a1", "a4", "a9", "a10", "b1", "b2", "c1"]);
    }
}
