//! A pane's bytes, with resizes between them: nothing but characters in its cells, its cursor on it, and what it answers bounded.
#![no_main]

use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Exit, Phase, Size, What};
use greenroom_fuzz::{Knobs, bounded, dark, plain_cells};
use greenroom_pane::{Palette, TermView};
use libfuzzer_sys::fuzz_target;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What stands before two bytes that say how large the pane is from here on.
const RESIZE: u8 = 0xff;

fuzz_target!(|data: &[u8]| {
    let mut knobs = Knobs::of(data);
    let (size, area) = (knobs.size(MOST), knobs.size(MOST));
    let (scrollback, scrolled) = (usize::from(knobs.below(300)), knobs.byte());
    let theme = dark();
    let mut view = TermView::new(size, scrollback, Palette::of(&theme));
    let mut now = Elapsed::ZERO;
    let at = |now: Elapsed, what: What| Event { at: now, what };
    view.fold(&at(now, What::Phase(Phase::Starting)));
    bounded(|| {
        for piece in knobs.pieces() {
            now = Elapsed::from_micros(now.micros() + 20_000);
            for (number, part) in piece.split(|byte| *byte == RESIZE).enumerate() {
                let mut bytes = part;
                if let (1.., [columns, rows, rest @ ..]) = (number, part) {
                    let size = Size { columns: u16::from(*columns), rows: u16::from(*rows) };
                    view.fold(&at(now, What::Resize(size)));
                    bytes = rest;
                }
                view.fold(&at(now, What::Output(bytes.to_vec().into())));
            }
            let replies = view.take_replies();
            // A question has three bytes and more, and what is asked for most has some dozens.
            assert!(
                replies.len() <= 64 * piece.len() + 4096,
                "{} bytes asked for {}",
                piece.len(),
                replies.len()
            );
        }
    });
    paint(&view, area);
    view.scroll(i32::from(scrolled));
    paint(&view, area);
    view.pan(scrolled % 2 == 0, area.columns);
    paint(&view, Size { columns: view.size().columns, rows: view.size().rows });
    view.fold(&at(now, What::Exit(Exit::Status(0))));
    assert!(!view.text().chars().any(|c| c.is_control() && c != '\n'));
    assert!(view.title().is_none_or(|title| !title.chars().any(char::is_control)));
});

const MOST: Size = Size { columns: 260, rows: 90 };

fn paint(view: &TermView, size: Size) {
    let area = Rect::new(0, 0, size.columns, size.rows);
    let mut cells = Buffer::empty(area);
    let cursor = bounded(|| view.paint(area, &mut cells));
    plain_cells(&cells);
    assert!(cursor.is_none_or(|cursor| area.contains(cursor)), "{cursor:?} is not on {area:?}");
}
