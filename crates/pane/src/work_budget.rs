//! How much work a program's output asks of the screen, so that it can be taken in a piece at a time.
//!
//! Bytes do not tell: four of them clear a screen of 24,000 cells. A [`Meter`] reads the stream as the screen's parser does, as far
//! as that matters here, and estimates the cells that each sequence touches, rather too many than too few.

use std::collections::VecDeque;

use super::output_filter::{BEL, CAN, ESC, SUB};
use greenroom_base::run::{Event, Phase, Size, What};

/// Cells that are cleared one after the other in the time that one character takes to be read and printed: some 30 ns a
/// character and 7 ns a cell, on screens of 80x24 and 300x80 alike.
const CELLS: u64 = 4;
/// The same for rows that only change places, and for lines that are laid out anew.
const MOVED: u64 = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum MeterState {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// After `ESC #`.
    Hash,
    /// Inside of `ESC [ …`: its last number.
    Sequence(u32),
    /// Inside of a string that ends with BEL, or with ESC and another byte.
    Words,
}

/// Estimates the work of a stream of bytes that may be cut anywhere.
#[derive(Debug, Clone, Copy, Default)]
struct Meter {
    state: MeterState,
    /// Characters are inserted, and move what stands right of them (IRM).
    inserts: bool,
}

impl Meter {
    /// How many of `bytes` can be taken in for `room` units, at least one of them, and the units that they cost on a screen of
    /// this size. A unit is what a printed character costs.
    fn measure(&mut self, bytes: &[u8], size: Size, room: u64) -> (usize, u64) {
        let mut spent = 0;
        for (at, byte) in bytes.iter().enumerate() {
            spent += self.byte(*byte, size);
            if spent >= room {
                return (at + 1, spent);
            }
        }
        (bytes.len(), spent)
    }

    /// What a screen of another size costs: all lines are laid out anew.
    fn resize(size: Size) -> u64 {
        columns(size).saturating_mul(u64::from(size.rows) + super::view::SCROLLBACK as u64) / MOVED
    }

    fn byte(&mut self, byte: u8, size: Size) -> u64 {
        match (self.state, byte) {
            (MeterState::Words, BEL) | (_, CAN | SUB) => self.after(MeterState::Text, 1),
            (_, ESC) => self.after(MeterState::Escape, 1),
            (MeterState::Words, _) => 1,
            (_, b'\n' | 0x0b | 0x0c) => 1 + line_feed(size),
            (_, 0..0x20) => 1,
            (MeterState::Text, _) if self.inserts => 1 + columns(size),
            (MeterState::Text, _) => 1,
            (MeterState::Hash, _) => self.after(MeterState::Text, 1 + units(cells(size))),
            (MeterState::Escape, _) => self.escape(byte, size),
            (MeterState::Sequence(number), _) => self.sequence(byte, number, size),
        }
    }

    fn after(&mut self, state: MeterState, cost: u64) -> u64 {
        self.state = state;
        cost
    }

    fn escape(&mut self, byte: u8, size: Size) -> u64 {
        match byte {
            b'[' => self.after(MeterState::Sequence(0), 1),
            b']' | b'P' | b'X' | b'^' | b'_' | b'k' => self.after(MeterState::Words, 1),
            b'#' => self.after(MeterState::Hash, 1),
            b'c' => {
                self.inserts = false;
                self.after(MeterState::Text, 1 + 2 * units(cells(size)))
            }
            b'D' | b'E' | b'M' => self.after(MeterState::Text, 1 + line_feed(size)),
            // An intermediate; the sequence goes on.
            0x20..0x30 => 1,
            _ => self.after(MeterState::Text, 1),
        }
    }

    fn sequence(&mut self, byte: u8, number: u32, size: Size) -> u64 {
        if let b'0'..=b'9' = byte {
            let number = number.saturating_mul(10).saturating_add(u32::from(byte - b'0'));
            return self.after(MeterState::Sequence(number), 1);
        }
        if !(0x40..0x7f).contains(&byte) {
            return self.after(MeterState::Sequence(0), 1);
        }
        let many = u64::from(number.max(1));
        let rows = many.min(u64::from(size.rows).max(1));
        let cost = match byte {
            // ED, and DECSTR among others.
            b'J' | b'p' => cells(size),
            b'L' | b'M' | b'S' | b'T' => rows * columns(size) + cells(size) / 8,
            b'K' | b'X' | b'@' | b'P' | b'I' | b'Z' => 2 * columns(size),
            // Each is printed, and a row of them may scroll.
            b'b' => many.min(columns(size)) * CELLS + columns(size),
            b'h' | b'l' => {
                // Whatever mode 4 is written with, ANSI's or DEC's: rather too much than too little.
                if number == 4 {
                    self.inserts = byte == b'h';
                }
                cells(size)
            }
            // An answer is made.
            b'n' | b'c' | b't' | b'q' => 8 * CELLS,
            _ => 0,
        };
        self.after(MeterState::Text, 1 + units(cost))
    }
}

/// Events that a source has given and the screen has not taken in yet: those of one poll at most.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    events: VecDeque<Event>,
    meter: Meter,
}

impl Backlog {
    pub(super) fn push(&mut self, event: Event) {
        if event.what == What::Phase(Phase::Starting) {
            // It clears the screen of all that came before.
            *self = Self::default();
        }
        match self.events.back_mut() {
            // Nothing was written on the size before.
            Some(last) if is_resize(last) && is_resize(&event) => *last = event,
            _ => self.events.push_back(event),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The next event, or as much of it as `room` allows on a screen of this size, which then is less.
    pub(super) fn take(&mut self, size: Size, room: &mut u64) -> Option<Event> {
        if *room == 0 {
            return None;
        }
        let mut event = self.events.pop_front()?;
        let cost = match &mut event.what {
            What::Output(bytes) => {
                let (taken, cost) = self.meter.measure(bytes, size, *room);
                let rest = bytes.split_off(taken);
                if !rest.is_empty() {
                    self.events.push_front(Event { at: event.at, what: What::Output(rest) });
                }
                cost
            }
            What::Resize(size) => Meter::resize(*size),
            _ => 1,
        };
        *room = room.saturating_sub(cost);
        Some(event)
    }
}

fn is_resize(event: &Event) -> bool {
    matches!(event.what, What::Resize(_))
}

fn columns(size: Size) -> u64 {
    u64::from(size.columns).max(1)
}

fn cells(size: Size) -> u64 {
    columns(size) * u64::from(size.rows).max(1)
}

/// A line may scroll: one row is cleared later, and the rows of a region change places.
fn line_feed(size: Size) -> u64 {
    (columns(size) + u64::from(size.rows)) / MOVED
}

const fn units(cells: u64) -> u64 {
    cells / CELLS
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { columns: 80, rows: 24 };

    fn cost(bytes: &[u8]) -> u64 {
        let (taken, cost) = Meter::default().measure(bytes, SIZE, u64::MAX);
        assert_eq!(taken, bytes.len());
        cost
    }

    #[test]
    fn text_costs_its_length_and_a_cleared_screen_its_cells() {
        assert_eq!(cost(b"hello"), 5);
        let screen = 80 * 24 / CELLS;
        for clearing in [
            &b"\x1b[2J"[..],
            b"\x1b[J",
            b"\x1b[3;2J",
            b"\x1bc",
            b"\x1b#8",
            b"\x1b[?1049h",
            b"\x1b[24L",
            b"\x1b[99T",
        ] {
            assert!(cost(clearing) >= screen, "{clearing:?}");
        }
        assert!(cost(b"\x1b[K") >= 80 / CELLS);
        assert_eq!(cost(b"\n"), 2);
        assert!(cost(b"\x1b[1;31m") < 10, "a colour is cheap");
        assert!(cost(b"\x1b[4hx") > screen + 80, "inserting moves the row");
        assert!(cost(b"\x1b]0;\x1b[2J\x07") >= screen, "ESC ends a string, and what follows is obeyed");
        assert_eq!(cost(b"\x1b]0;2J\x07abc"), 10);
    }

    #[test]
    fn a_stream_that_is_cut_anywhere_costs_the_same() {
        let stream = b"a\x1b[2Jb\x1b]0;x\x07\x1b[4hcd\x1b[4l\n\x1b#8\x1b[?25h";
        let whole = cost(stream);
        for cut in 0..stream.len() {
            let mut meter = Meter::default();
            let (first, second) = stream.split_at(cut);
            let both = meter.measure(first, SIZE, u64::MAX).1 + meter.measure(second, SIZE, u64::MAX).1;
            assert_eq!(both, whole, "{cut}");
        }
    }

    #[test]
    fn a_piece_is_never_empty_and_ends_when_its_room_is_used() {
        let clears = b"\x1b[2J".repeat(100);
        let (taken, cost) = Meter::default().measure(&clears, SIZE, 1000);
        assert!(taken < clears.len() && (1000..1500).contains(&cost), "{taken} {cost}");
        assert_eq!(Meter::default().measure(b"x", SIZE, 0).0, 1);
    }
}
