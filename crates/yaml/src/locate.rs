//! From a path in a YAML document (`demos`, `lab`, `kind`) to the bytes it was written with.
//!
//! The values themselves come from serde, which forgets where they stood; this second reading happens only
//! when a place is asked for.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, Span};

/// One step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PathStep {
    /// Into a map.
    Key(String),
    /// Into a list.
    Index(usize),
}

/// The way from the root of a document to a value.
pub type Path = Vec<PathStep>;

/// Whether the key of an entry is meant, or its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The key.
    Key,
    /// The value; the key when the value is a map or a list.
    Value,
}

/// Deeper documents are refused before anything is located in them.
const MAX_DEPTH: usize = 130;

#[derive(Debug, Clone)]
struct KeySpan {
    key: Range<usize>,
    value: Option<Range<usize>>,
}

/// Where everything in a YAML document stands.
#[derive(Debug, Default)]
pub struct Locator {
    /// More than one for a key that was written more than once.
    entries: HashMap<Path, Vec<KeySpan>>,
}

impl Locator {
    /// Reads as much of `text` as is YAML.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut walk = Walk { offsets: Offsets::new(text), ..Walk::default() };
        let mut parser = Parser::new_from_str(text);
        while let Some(Ok((event, span))) = parser.next_event() {
            if matches!(event, Event::StreamEnd) || walk.stack.len() > MAX_DEPTH {
                break;
            }
            walk.event(&event, span);
        }
        Self { entries: walk.entries }
    }

    /// The bytes of `path` itself, of its key or its value; none when it is not there or is no plain value.
    #[must_use]
    pub fn exact(&self, path: &[PathStep], on: On) -> Option<Range<usize>> {
        let entry = self.entries.get(path)?.first()?;
        if on == On::Key { Some(entry.key.clone()) } else { entry.value.clone() }
    }

    /// The bytes of `path`, or of what is nearest above it. `nth` chooses among repeated keys, from 0.
    pub(crate) fn find(&self, path: &[PathStep], on: On, nth: usize) -> Range<usize> {
        for depth in (1..=path.len()).rev() {
            let Some(found) = path.get(..depth).and_then(|upper| self.entries.get(upper)) else { continue };
            let Some(entry) = found.get(nth).or_else(|| found.last()) else { continue };
            let exact = depth == path.len() && on == On::Value;
            return entry.value.clone().filter(|_| exact).unwrap_or_else(|| entry.key.clone());
        }
        0..0
    }
}

/// saphyr counts characters; everything else here counts bytes.
#[derive(Debug, Default)]
struct Offsets(Option<Vec<usize>>);

impl Offsets {
    fn new(text: &str) -> Self {
        Self(
            (!text.is_ascii())
                .then(|| text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len())).collect()),
        )
    }

    fn range(&self, span: Span) -> Range<usize> {
        self.byte(span.start.index())..self.byte(span.end.index())
    }

    fn byte(&self, character: usize) -> usize {
        match &self.0 {
            None => character,
            Some(table) => table.get(character).or(table.last()).copied().unwrap_or_default(),
        }
    }
}

#[derive(Debug)]
enum Level {
    /// In a map; the key that waits for its value.
    Map(Option<Range<usize>>),
    /// In a list; how many items came before.
    List(usize),
    /// In a key that is a map or a list itself.
    Strange,
}

#[derive(Debug, Default)]
struct Walk {
    offsets: Offsets,
    stack: Vec<Level>,
    path: Path,
    entries: HashMap<Path, Vec<KeySpan>>,
}

impl Walk {
    fn event(&mut self, event: &Event<'_>, span: Span) {
        let range = self.offsets.range(span);
        match event {
            Event::Scalar(text, ..) => self.scalar(text, range),
            Event::Alias(_) => self.scalar("", range),
            Event::MappingStart(..) => self.open(Level::Map(None), range),
            Event::SequenceStart(..) => self.open(Level::List(0), range),
            Event::MappingEnd | Event::SequenceEnd => self.close(),
            _ => {}
        }
    }

    fn scalar(&mut self, text: &str, range: Range<usize>) {
        if let Some(Level::Map(waiting @ None)) = self.stack.last_mut() {
            *waiting = Some(range);
            self.path.push(PathStep::Key(text.to_owned()));
            return;
        }
        self.record(range.clone(), Some(range));
        self.done();
    }

    fn open(&mut self, level: Level, range: Range<usize>) {
        match self.stack.last_mut() {
            Some(Level::Map(waiting @ None)) => {
                *waiting = Some(range);
                self.path.push(PathStep::Key(String::new()));
                self.stack.push(Level::Strange);
            }
            Some(Level::Strange) => self.stack.push(Level::Strange),
            _ => {
                self.record(range, None);
                self.stack.push(level);
            }
        }
    }

    fn close(&mut self) {
        // The end of a strange key is not the end of an entry.
        if !matches!(self.stack.pop(), Some(Level::Strange)) {
            self.done();
        }
    }

    /// Notes the value that starts here under the path to it.
    fn record(&mut self, start: Range<usize>, value: Option<Range<usize>>) {
        let key = match self.stack.last() {
            Some(Level::Map(Some(key))) => key.clone(),
            Some(Level::List(number)) => {
                self.path.push(PathStep::Index(*number));
                start
            }
            _ => return,
        };
        self.entries.entry(self.path.clone()).or_default().push(KeySpan { key, value });
    }

    /// A value is complete: back to what holds it.
    fn done(&mut self) {
        match self.stack.last_mut() {
            Some(Level::Map(key @ Some(_))) => {
                *key = None;
                self.path.pop();
            }
            Some(Level::List(number)) => {
                *number += 1;
                self.path.pop();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'a>(text: &'a str, path: &[&str], on: On, nth: usize) -> &'a str {
        let path: Path = path
            .iter()
            .map(|part| part.parse().map_or_else(|_| PathStep::Key((*part).to_owned()), PathStep::Index))
            .collect();
        &text[Locator::new(text).find(&path, on, nth)]
    }

    #[test]
    fn every_value_has_a_place() {
        let text = "é: ü\nlist:\n  - {a: 1, b: [x, \"y z\"]}\n  - two\nlist: again\n? [odd]\n: value\nlast: |\n  t\n";
        assert_eq!(at(text, &["é"], On::Value, 0), "ü");
        assert_eq!(at(text, &["list", "0", "b", "1"], On::Value, 0), "\"y z\"");
        assert_eq!(at(text, &["list", "0", "a"], On::Key, 0), "a");
        assert_eq!(at(text, &["list", "1"], On::Value, 0), "two");
        assert_eq!(at(text, &["list"], On::Key, 0), "list");
        assert_eq!(at(text, &["list"], On::Value, 1), "again");
        assert_eq!(at(text, &["list", "0", "nothing"], On::Key, 0), "{");
        assert_eq!(at(text, &["last"], On::Key, 0), "last");
        assert_eq!(at(text, &["missing"], On::Key, 0), "");
    }
}
