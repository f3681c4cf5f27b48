//! Code: which rows there are, and which of them stand out.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation;

use super::scene::{CodeRow, CodeRows, Emphasis};
use super::{Density, MAX_ROWS, columns};
use greenroom_deck::{Code, LineFocus};
use greenroom_raster::missing;

/// However large the `font_size` of code is: more would be a sign and no code.
const MAX_TIMES: u8 = 4;

/// The rows of `code` at `stage` of its highlights in this many columns, and which of them stand out, counted from the block's top.
/// Its letters are up to `most` times as large as others, as far as no line has to be broken for it, and no more than `height` rows
/// are taken.
pub(crate) fn rows(
    code: &Arc<Code>,
    stage: usize,
    (width, height): (u16, u16),
    density: Density,
    most: u8,
) -> (CodeRows, Range<u32>) {
    let shown = code.highlights.get(stage).or_else(|| code.highlights.last());
    let margin = u16::from(!code.bare && density > Density::Tight);
    // A drawing is a picture already; what is on no surface is no code; and letters that no font has cannot be drawn.
    let is_drawn = code.drawing.is_none() && !code.bare;
    let most = if most > 1 && is_drawn && has_letters(&code.source) { most.min(MAX_TIMES) } else { 1 };
    let set = |times| arranged(code, (width, times), margin, &|line| emphasis(shown, line));
    let fits = |(rows, _): &(CodeRows, Range<u32>)| {
        rows.height() <= height.into() && !rows.rows.iter().any(|row| row.continued)
    };
    (2..=most).rev().map(set).find(fits).unwrap_or_else(|| set(1))
}

/// The same code as in `rows`, looking as it does there, in this many columns and without a margin.
pub(crate) fn rows_again(rows: &CodeRows, width: u16) -> (CodeRows, Range<u32>) {
    let known: HashMap<usize, Emphasis> = rows.rows.iter().map(|row| (row.line, row.emphasis)).collect();
    let emphasis = |line: usize| known.get(&line).copied().unwrap_or(Emphasis::Plain);
    arranged(&rows.code, (width, 1), 0, &emphasis)
}

/// The rows of `code` in this many columns, all alike and without a margin.
#[must_use]
pub fn plain_rows(code: &Arc<Code>, width: u16) -> CodeRows {
    arranged(code, (width, 1), 0, &|_| Emphasis::Plain).0
}

/// The rows of `code` in so many columns and letters so many times as large, its lines as `emphasis` says.
fn arranged(
    code: &Arc<Code>,
    (width, times): (u16, u8),
    margin: u16,
    emphasis: &dyn Fn(usize) -> Emphasis,
) -> (CodeRows, Range<u32>) {
    let lines: Vec<&str> = code.source.split('\n').collect();
    let gutter = gutter(code, lines.len());
    let padding = match (code.bare, times) {
        (true, _) => 0,
        (false, ..=1) => 1 + u16::from(width >= 40),
        // One letter.
        (false, _) => times.into(),
    };
    let letters = width.saturating_sub(2 * padding) / u16::from(times.max(1));
    let room = usize::from(letters.saturating_sub(gutter).max(4));
    let mut rows = Vec::with_capacity(lines.len());
    let mut start = 0;
    for (line, text) in lines.iter().enumerate() {
        let emphasis = emphasis(line);
        for (part, bytes) in broken(text, room).into_iter().enumerate() {
            let bytes = start + bytes.start..start + bytes.end;
            rows.push(CodeRow { line, bytes, continued: part > 0, emphasis });
        }
        start += text.len() + 1;
        if rows.len() > MAX_ROWS as usize {
            break;
        }
    }
    let lit = |row: &CodeRow| row.emphasis == Emphasis::Lit;
    let first = rows.iter().position(lit).unwrap_or(0);
    let last = rows.iter().rposition(lit).map_or(rows.len(), |last| last + 1);
    let row = |index: usize| u32::try_from(index).unwrap_or(MAX_ROWS) * u32::from(times) + u32::from(margin);
    let lit = row(first)..row(last);
    (CodeRows { code: Arc::clone(code), rows, gutter, padding, margin, times }, lit)
}

/// Whether the embedded fonts have all of its letters.
fn has_letters(text: &str) -> bool {
    text.is_ascii() || missing(text).is_empty()
}

fn gutter(code: &Code, lines: usize) -> u16 {
    let Some(first) = code.numbers else { return 0 };
    let last = u64::from(first) + lines.saturating_sub(1) as u64;
    u16::try_from(last.to_string().len()).unwrap_or(8) + 2
}

fn emphasis(shown: Option<&LineFocus>, line: usize) -> Emphasis {
    match shown {
        None | Some(LineFocus::All) => Emphasis::Plain,
        Some(LineFocus::Lines(ranges)) => {
            let number = u32::try_from(line + 1).unwrap_or(u32::MAX);
            if ranges.iter().any(|(first, last)| (*first..=*last).contains(&number)) {
                Emphasis::Lit
            } else {
                Emphasis::Dimmed
            }
        }
    }
}

/// The byte ranges of `line` that fit into `room` columns each; one empty range for an empty line.
fn broken(line: &str, room: usize) -> Vec<Range<usize>> {
    if line.len() <= room || columns(line) <= room {
        return std::iter::once(0..line.len()).collect();
    }
    let (mut parts, mut start, mut used) = (Vec::new(), 0, 0);
    for (at, cluster) in line.grapheme_indices(true) {
        let width = columns(cluster);
        if used + width > room {
            parts.push(start..at);
            (start, used) = (at, 2); // the mark of a continued row takes two columns
        }
        used += width;
    }
    parts.push(start..line.len());
    parts
}
