//! Figures are cut out of running text as the events of its Markdown come.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::Event;

use super::inline::Inline;
use greenroom_deck::Figure;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Words(Range<usize>),
    Figure(Range<usize>),
}

/// Cuts figures out of a text as the events of its Markdown come. What is between the braces is no Markdown: the events
/// of `counter __init__ gil` are passed over.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    /// The figure that was met last.
    met: Range<usize>,
}

impl Cutter {
    /// Whether the event at `range` is part of a figure that was met.
    fn passes_over(&self, range: &Range<usize>) -> bool {
        self.met.contains(&range.start)
    }

    /// The pieces of the text at `range`. `figures` are those of the whole source.
    fn cut(&mut self, range: Range<usize>, figures: &[Range<usize>]) -> Vec<Piece> {
        let mut at = if self.passes_over(&range) { self.met.end } else { range.start };
        let mut pieces = Vec::new();
        let first = figures.partition_point(|figure| figure.start < at);
        for figure in figures.iter().skip(first).take_while(|figure| figure.start < range.end) {
            if at < figure.start {
                pieces.push(Piece::Words(at..figure.start));
            }
            pieces.push(Piece::Figure(figure.clone()));
            self.met = figure.clone();
            at = figure.end;
        }
        if at < range.end {
            pieces.push(Piece::Words(at..range.end));
        }
        pieces
    }

    /// Adds the text of an event to `inline`, if `text` has figures there: `figure` makes the one at a range. False when
    /// the event is not about a figure.
    pub(super) fn takes(
        &mut self,
        event: &Event<'_>,
        range: &Range<usize>,
        (text, figures): (&str, &[Range<usize>]),
        inline: &mut Inline,
        figure: &mut dyn FnMut(Range<usize>) -> Option<Arc<Figure>>,
    ) -> bool {
        if figures.is_empty() {
            return false;
        }
        let written = text.get(range.clone()).unwrap_or_default();
        match event {
            // Where an entity became a character, there is no figure.
            Event::Text(says) if **says == *written => {
                for piece in self.cut(range.clone(), figures) {
                    match piece {
                        Piece::Words(range) => inline.text(text.get(range).unwrap_or_default()),
                        Piece::Figure(range) => match figure(range.clone()) {
                            Some(figure) => inline.figure(&figure),
                            None => inline.text(text.get(range).unwrap_or_default()),
                        },
                    }
                }
                true
            }
            _ => self.passes_over(range),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_inside_of_a_figure_is_passed_over() {
        let figures = [2..10, 12..20];
        let mut cutter = Cutter::default();
        assert_eq!(cutter.cut(0..5, &figures), [Piece::Words(0..2), Piece::Figure(2..10)]);
        assert!(cutter.passes_over(&(6..7)) && !cutter.passes_over(&(10..11)));
        assert_eq!(cutter.cut(6..12, &figures), [Piece::Words(10..12)]);
        assert_eq!(cutter.cut(12..30, &figures), [Piece::Figure(12..20), Piece::Words(20..30)]);
    }
}
