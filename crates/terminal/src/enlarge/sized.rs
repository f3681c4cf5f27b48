//! Rows written by the text sizing protocol: each character takes a square of cells, and can be selected.

use std::io::Write;

use ratatui::buffer::Cell;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};

use super::changes::{self, columns, row};
use greenroom_frame::color;
use greenroom_frame::{Frame, PlacedPicture};

/// Characters in one sequence: at most 4096 bytes, whatever they are.
const MOST: usize = 128;

/// How many times as large a frame is in a window of so many cells, and how many cells are left beside and above it.
fn place(frame: &Frame, window: (u16, u16)) -> (u16, u16, u16) {
    let Rect { width, height, .. } = frame.area();
    let times = (window.0 / width.max(1)).min(window.1 / height.max(1)).clamp(1, 7);
    let rest = |all: u16, used: u16| all.saturating_sub(used.saturating_mul(times)) / 2;
    (times, rest(window.0, width), rest(window.1, height))
}

/// Puts the pictures of `frame`, and its cursor, where they are in the window.
pub(super) fn pictures(frame: &Frame, under: &mut Frame) {
    let window = (under.area().width, under.area().height);
    let (times, left, top) = place(frame, window);
    under.pictures = frame
        .pictures
        .iter()
        .map(|placed| PlacedPicture {
            area: Rect {
                x: left + placed.area.x * times,
                y: top + placed.area.y * times,
                width: placed.area.width * times,
                height: placed.area.height * times,
            },
            picture: std::sync::Arc::clone(&placed.picture),
        })
        .collect();
    let at = |Position { x, y }: Position| Position { x: left + x * times, y: top + y * times };
    (under.cursor, under.cursor_style) = (frame.cursor.map(at), frame.cursor_style);
}

/// Writes the rows of `frame` that are not as they were `before`.
pub(super) fn texts(before: Option<&Frame>, frame: &Frame, window: (u16, u16), out: &mut Vec<u8>) {
    let (times, left, top) = place(frame, window);
    let before = before.filter(|before| before.area() == frame.area() && before.window == frame.window);
    let background = color::common_background(&frame.cells);
    for y in 0..frame.area().height {
        let range = match before {
            Some(before) => changes::changed(before, frame, y),
            None => changes::visible(frame, y, background),
        };
        let Some(range) = range else { continue };
        let is_covered = |x: u16| frame.pictures.iter().any(|placed| placed.area.contains((x, y).into()));
        let cells = row(frame, y);
        let mut x = range.start;
        while let Some(first) = cells.get(usize::from(x)).filter(|_| x < range.end) {
            if is_covered(x) {
                x += 1;
                continue;
            }
            // As many as look alike.
            let (start, mut text, mut count) = (x, String::new(), 0);
            while let Some(cell) = cells.get(usize::from(x)).filter(|_| x < range.end) {
                if !alike(first, cell) || count >= MOST || is_covered(x) {
                    break;
                }
                text.push_str(cell.symbol());
                x += columns(cell);
                count += 1;
            }
            let _ = write!(out, "\x1b[{};{}H", top + y * times + 1, left + start * times + 1);
            look(first, out);
            let _ = write!(out, "\x1b]66;s={times};{text}\x07");
        }
    }
    out.extend_from_slice(b"\x1b[m");
}

fn alike(a: &Cell, b: &Cell) -> bool {
    (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)
}

/// The attributes of a cell, whatever was before.
fn look(cell: &Cell, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[0");
    let kinds = [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
        (Modifier::HIDDEN, 8),
        (Modifier::CROSSED_OUT, 9),
    ];
    for (modifier, number) in kinds {
        if cell.modifier.contains(modifier) {
            let _ = write!(out, ";{number}");
        }
    }
    for (color, number) in [(cell.fg, 38), (cell.bg, 48)] {
        if let Some([r, g, b]) = color::rgb(color).filter(|_| color != Color::Reset) {
            let _ = write!(out, ";{number};2;{r};{g};{b}");
        }
    }
    out.push(b'm');
}
