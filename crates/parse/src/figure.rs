//! Figures on their way into a deck: `braces` says where they are, here they are read.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::writer::Writer;
use greenroom_base::diag::Diagnostic;
use greenroom_base::text::SourceText;
use greenroom_deck::{Figure, Placed};
use greenroom_markup::braces::find;
use greenroom_markup::markdown;

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
    for (event, range) in Parser::new_ext(note, markdown::options()).into_offset_iter() {
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
        let inside = find(&source.text).into_iter().filter(|figure| range.contains(&figure.start));
        inside.filter_map(|figure| self.figure(source, figure)).collect()
    }

    /// The figures of `note`, which is written within `range` of `source`; `figures` are all that stand in that.
    pub(super) fn figures_of_note(
        &mut self,
        source: &SourceText,
        figures: &[Range<usize>],
        range: &Range<usize>,
        note: &str,
    ) -> Placed {
        let mut written = figures.iter().filter(|figure| range.contains(&figure.start));
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
}
