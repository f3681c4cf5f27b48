//! A YAML document inside of a source: where what it says was written.

use std::cell::OnceCell;

use crate::locate::{Locator, On, Path, PathStep};
use greenroom_base::diag::{Diagnostic, Location};
use greenroom_base::text::SourceText;

/// A YAML document inside of a source: all of it, or a block's body.
#[derive(Debug)]
pub struct Document<'a> {
    pub(crate) source: &'a SourceText,
    /// The document's text.
    pub(crate) text: &'a str,
    /// Where it starts in the source; none when it does not stand there in one piece.
    pub(crate) base: Option<usize>,
    /// What to point at otherwise.
    pub(crate) whole: std::ops::Range<usize>,
    locator: OnceCell<Locator>,
}

/// A mistake, with the path it concerns.
pub type Mistake = (Path, Diagnostic);

impl<'a> Document<'a> {
    /// The whole of `source`.
    #[must_use]
    pub fn of(source: &'a SourceText) -> Self {
        Self { source, text: &source.text, base: Some(0), whole: 0..0, locator: OnceCell::new() }
    }

    /// `text`, which was found in `source` at `base`; problems of the block as a whole point at `whole`.
    #[must_use]
    pub fn within(source: &'a SourceText, text: &'a str, base: usize, whole: std::ops::Range<usize>) -> Self {
        let in_one_piece = source.text.get(base..).is_some_and(|rest| rest.starts_with(text));
        Self { source, text, base: in_one_piece.then_some(base), whole, locator: OnceCell::new() }
    }

    /// Where `path` was written.
    #[must_use]
    pub fn place(&self, path: &[PathStep], on: On) -> Location {
        self.nth_place(path, on, 0)
    }

    /// The same; `nth` chooses among keys that were given more than once, from 0.
    pub(crate) fn nth_place(&self, path: &[PathStep], on: On, nth: usize) -> Location {
        let range = match self.base {
            Some(base) if !path.is_empty() => {
                let found = self.locator.get_or_init(|| Locator::new(self.text)).find(path, on, nth);
                base + found.start..base + found.end
            }
            _ => self.whole.clone(),
        };
        self.source.place(range)
    }

    /// The line in the source that `path` starts on.
    #[must_use]
    pub fn line(&self, path: &[PathStep]) -> usize {
        self.place(path, On::Key).line
    }
}

/// `a.b[2].c`
#[must_use]
pub fn show(path: &[PathStep]) -> String {
    let mut out = String::new();
    for part in path {
        match part {
            PathStep::Key(key) if out.is_empty() => out.push_str(key),
            PathStep::Key(key) => {
                out.push('.');
                out.push_str(key);
            }
            PathStep::Index(number) => {
                out.push('[');
                out.push_str(&number.to_string());
                out.push(']');
            }
        }
    }
    out
}
