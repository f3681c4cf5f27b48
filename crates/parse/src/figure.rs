//! Figures on their way into a deck: `braces` says where they are, here they are cut out of texts and checked.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::braces::find;
use super::inline::Inline;
use super::text::SourceText;
use super::writer::Writer;
use greenroom_base::diag::Diagnostic;
use greenroom_deck::{Figure, Placed};

/// Figures of a deck.
const MAX_FIGURES: usize = 1000;

/// Where figures stand in the running text of `note`, which is Markdown.
fn in_prose(note: &str) -> Vec<Range<usize>> {
    let mut found = find(note);
    if found.is_empty() {
        return found;
    }
    let mut prose: Vec<Range<usize>> = Vec::new();
    let mut code = false;
    for (event, range) in Parser::new_ext(note, super::reader::options()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Text(_) if !code => prose.push(range),
            _ => {}
        }
    }
    found.retain(|figure| prose.iter().any(|text| text.contains(&figure.start)));
    found
}

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

impl Writer<'_> {
    /// The figure that stands at `range` of `source`; none when the deck has too many, which is said once.
    pub(super) fn figure(&mut self, source: &SourceText, range: Range<usize>) -> Option<Arc<Figure>> {
        self.figures += 1;
        if self.figures > MAX_FIGURES {
            if self.figures == MAX_FIGURES + 1 {
                let message = format!("the deck has more than {MAX_FIGURES} figures");
                let problem = Diagnostic::error(source.place(range), message);
                self.problem(problem.hint("the others show as they are written"));
            }
            return None;
        }
        let written = source.text.get(range.clone())?.to_owned();
        let mut words = written.trim_matches(['{', '}']).split_whitespace().map(str::to_owned);
        let recording = words.next()?;
        let words = words.collect();
        Some(Arc::new(Figure { recording, words, place: source.place(range), written }))
    }

    /// The figures within `range` of `source`.
    pub(super) fn figures_in(&mut self, source: &SourceText, range: &Range<usize>) -> Vec<Arc<Figure>> {
        let inside = source.figures().iter().filter(|figure| range.contains(&figure.start));
        inside.filter_map(|figure| self.figure(source, figure.clone())).collect()
    }

    /// The figures of `note`, which is written within `range` of `source`.
    pub(super) fn figures_of_note(
        &mut self,
        source: &SourceText,
        range: &Range<usize>,
        note: &str,
    ) -> Placed {
        let mut written = source.figures().iter().filter(|figure| range.contains(&figure.start));
        let mut placed = Placed::new();
        for found in in_prose(note) {
            let says = note.get(found.clone());
            let Some(place) = written.find(|figure| source.text.get((*figure).clone()) == says) else {
                break;
            };
            if let Some(figure) = self.figure(source, place.clone()) {
                placed.push((found, figure));
            }
        }
        placed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn what_names_a_number_of_a_recording_is_a_figure() {
        for figure in [
            "{{recordings/a.ndjson rate 1}}",
            "{{ recordings/a.ndjson  times 2 1 }}",
            "{{a.ndjson rate 1}}",
            "{{a.ndjson rat 1}}",
            "{{r/x.cast rate 1}}",
            "{{r/p.ndjson}}",
            "{{./p.ndjson rate 1}}",
            "{{../p.ndjson rate 1}}",
            "{{r/größe.ndjson counter __init__ gil+}}",
            "{{r/a-b_c.2.ndjson half 1}}",
        ] {
            assert_eq!(found(&format!("a {figure} b")), [figure], "{figure}");
        }
    }

    #[test]
    fn templates_are_not() {
        for template in [
            "{{ user.name }}",
            "{{ movie.cast }}",
            "{{ movie.cast|join:\", \" }}",
            "{{ movie.cast | join(', ') }}",
            "{{ movie.cast if movie else '' }}",
            "{{ x.cast is defined }}",
            "{{ x.cast in y }}",
            "{{ data.ndjson }}",
            "{{ a.cast + 1 }}",
            "{{ a.cast == b }}",
            "{{ a.cast() }}",
            "{{ \"a/b.cast\"|safe }}",
            "{{ 'a/b.ndjson' rate }}",
            "{{ .Values.cast rate }}",
            "{{ $m.cast rate }}",
            "${{ matrix.cast }}",
            "{{> partials/x.cast y}}",
            "{{{ raw/a.ndjson rate 1 }}}",
            "{{#each a/b.cast as x}}",
            "{{/each}}",
            "{{!-- a/b.ndjson rate 1 --}}",
            "{{ block.super }}",
            "{{ value|date:\"D d M\" }}",
            "{% trans \"{{a}}\" %}",
            "{{ load r/a.ndjson rate }}",
            "{{}}",
            "{{ }}",
            "{{.ndjson rate 1}}",
            "{{.cast}}",
            "\\{{r/a.ndjson rate 1}}",
            "{{r/a.ndjson\nrate 1}}",
            "{{r/a.ndjson rate 1}",
            "{ {r/a.ndjson rate 1}}",
            "{{r/a.ndjsonx rate 1}}",
        ] {
            assert_eq!(found(&format!("a {template} b")), [""; 0], "{template}");
        }
        assert_eq!(
            found("{{ {{a.ndjson rate 1}}"),
            ["{{a.ndjson rate 1}}"],
            "inside of what was begun and not ended"
        );
    }

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
