//! The lines under letters as shapes, for what has no words for them.

use super::cells::{BASELINE, CELL, CellStyle, Run};
use greenroom_deck::Rgb;
use greenroom_frame::Underline;

/// How far below the line that letters stand on.
const BELOW: f32 = 2.0;
/// How thick a line is.
const THICK: f32 = 1.0;
/// How far a wave goes up and down, and how far apart its corners are: enough of them that it looks round.
const WAVE: (f32, f32) = (1.0, CELL.0 / 8.0);

/// Whether the line under a run must be drawn: a plain one in the colour of the letters is the text's own.
pub(crate) fn is_drawn(look: &CellStyle) -> bool {
    look.underline.is_some_and(|line| line != Underline::Single || look.line.is_some())
}

/// The colour of the line under letters.
pub(crate) fn color(look: &CellStyle) -> Rgb {
    look.line.unwrap_or(look.foreground)
}

/// The line under the run in row `y`, as the corners of shapes to be filled.
pub(crate) fn under(run: &Run, y: u16) -> Vec<Vec<(f32, f32)>> {
    let top = f32::from(y) * CELL.1 + BASELINE + BELOW;
    let (left, width) = (f32::from(run.x) * CELL.0, f32::from(run.width()) * CELL.0);
    // Each part begins at a part of a cell, so that runs beside each other go on in step.
    let parts = |each: u16, length: f32| {
        let step = CELL.0 / f32::from(each);
        let part = move |number| bar(left + f32::from(number) * step, top, step * length, THICK);
        (0..run.width().saturating_mul(each)).map(part).collect()
    };
    match run.look.underline {
        None => Vec::new(),
        Some(Underline::Single) => vec![bar(left, top, width, THICK)],
        Some(Underline::Double) => {
            vec![bar(left, top - 0.4, width, THICK * 0.7), bar(left, top + 1.0, width, THICK * 0.7)]
        }
        Some(Underline::Dotted) => parts(4, 0.5),
        Some(Underline::Dashed) => parts(2, 0.65),
        Some(Underline::Curly) => vec![wave(left, top, run.width())],
    }
}

fn bar(left: f32, top: f32, width: f32, height: f32) -> Vec<(f32, f32)> {
    let (right, bottom) = (left + width, top + height);
    vec![(left, top), (right, top), (right, bottom), (left, bottom)]
}

/// One wave a cell: there along its upper edge, and back along its lower one.
fn wave(left: f32, top: f32, cells: u16) -> Vec<(f32, f32)> {
    let corners = || (0..=cells.saturating_mul(8)).map(|number| left + f32::from(number) * WAVE.1);
    let height = |x: f32| top - WAVE.0 * ((x / CELL.0) * std::f32::consts::TAU).sin();
    let there = corners().map(|x| (x, height(x)));
    there.chain(corners().rev().map(|x| (x, height(x) + THICK))).collect()
}
