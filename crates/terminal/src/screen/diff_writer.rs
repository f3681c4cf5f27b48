//! Differences between two grids, as bytes.

use super::grid::{self, Grid};
use super::looks::Look;
use super::packed_cell::{Dictionary, PackedCell, Symbol};
use super::packed_color::PackedColor;
use super::sgr_state::{SgrState, decimal};
use greenroom_frame::PlacedLink;
use ratatui::layout::Position;

/// Fewer blanks than this are written rather than erased.
const ERASE: usize = 4;
/// The same where the cursor has to go on behind them.
const ERASE_WITHIN: usize = 10;

/// Writes cells, and knows where the terminal's cursor is and what it writes with.
#[derive(Debug)]
pub(super) struct DiffWriter<'a> {
    pub(super) out: Vec<u8>,
    /// Unknown at first, and after everything that terminals do not agree about.
    at: Option<(u16, u16)>,
    pub(super) pen: Option<SgrState>,
    /// Erased cells have the pen's background.
    erases_in_color: bool,
    pub(super) words: &'a Dictionary,
    /// Those of the screen that is being written, by their rows: most cells are asked for theirs.
    links: Vec<Vec<&'a PlacedLink>>,
    /// The one that what is written now is part of.
    open: Option<&'a PlacedLink>,
}

impl<'a> DiffWriter<'a> {
    pub(super) fn new(pen: Option<SgrState>, erases_in_color: bool, words: &'a Dictionary) -> Self {
        Self { out: Vec::new(), at: None, pen, erases_in_color, words, links: Vec::new(), open: None }
    }

    /// What is written at these places leads somewhere.
    pub(super) fn with_links(mut self, links: &'a [PlacedLink]) -> Self {
        let rows = links.iter().map(|link| usize::from(link.area.bottom())).max().unwrap_or(0);
        self.links = vec![Vec::new(); rows];
        for link in links {
            let own = usize::from(link.area.top())..usize::from(link.area.bottom());
            self.links.get_mut(own).into_iter().flatten().for_each(|row| row.push(link));
        }
        self
    }

    /// What is written from here on leads where the link at this place does.
    pub(super) fn lead(&mut self, x: u16, y: u16) {
        if self.leads_as_open(x, y) {
            return;
        }
        match self.link_at(x, y) {
            // The number tells a terminal which parts are one link.
            Some(link) => {
                self.out.extend_from_slice(b"\x1b]8;id=g");
                decimal(u16::try_from(link.number).unwrap_or(u16::MAX), &mut self.out);
                self.out.push(b';');
                self.out.extend_from_slice(link.address.as_bytes());
                self.out.extend_from_slice(b"\x1b\\");
                self.open = Some(link);
            }
            None => self.lead_nowhere(),
        }
    }

    fn link_at(&self, x: u16, y: u16) -> Option<&'a PlacedLink> {
        self.links.get(usize::from(y))?.iter().copied().find(|link| link.area.contains(Position { x, y }))
    }

    /// Whether a cell's link is the one that is open, or it has none and none is.
    fn leads_as_open(&self, x: u16, y: u16) -> bool {
        self.links.is_empty()
            || self.link_at(x, y).map(|link| link.number) == self.open.map(|link| link.number)
    }

    /// What is written from here on leads nowhere.
    pub(super) fn lead_nowhere(&mut self) {
        if self.open.take().is_some() {
            self.out.extend_from_slice(b"\x1b]8;;\x1b\\");
        }
    }

    /// Blanks everything, in `bg` where the terminal can, and says what it looks like now.
    pub(super) fn clear(&mut self, width: u16, height: u16, bg: PackedColor) -> Grid {
        let bg = if self.erases_in_color { bg } else { PackedColor::RESET };
        self.take(SgrState::eraser(bg));
        self.out.extend_from_slice(b"\x1b[2J");
        Grid::blank(width, height, bg)
    }

    /// Makes `next` of `last`, which has the same size.
    pub(super) fn differences(&mut self, last: &Grid, next: &Grid) {
        for y in 0..next.height {
            if last.row(y) != next.row(y) {
                self.row(y, last.row(y), next.row(y));
            }
        }
    }

    fn row(&mut self, y: u16, last: &[PackedCell], next: &[PackedCell]) {
        // Up to here everything is written, changed or not.
        let mut spoiled = 0;
        let mut x = 0;
        while let Some(rest @ &[cell, ..]) = next.get(x..) {
            if x >= spoiled {
                // Most of a row is what it was. A wide character changes when any of its cells does.
                let same = last.iter().skip(x).zip(rest).take_while(|(a, b)| a == b).count();
                let at_start = |at: &usize| next.get(*at).is_none_or(|cell| !cell.trails());
                let start = (x..=x + same).rev().find(at_start).unwrap_or(x);
                if start > x {
                    x = start;
                    continue;
                }
            }
            let span = grid::span(rest);
            let end = x + span;
            let blanks = self.blanks(x, spoiled, last, next);
            if let Some((length, to_the_end)) = blanks {
                self.lead_nowhere();
                self.go(column(x), y, next);
                self.take(self.pen_for(cell));
                if to_the_end {
                    self.out.extend_from_slice(b"\x1b[K");
                } else {
                    self.sequence(&[length], b'X');
                }
                x += length;
                continue;
            }
            self.go(column(x), y, next);
            self.take(self.pen_for(cell));
            self.lead(column(x), y);
            if let Some(most) = self.put(cell, span, (column(x), y), next.len()) {
                spoiled = spoiled.max(x + most);
            }
            x = end;
        }
        self.lead_nowhere();
    }

    /// How many cells from `x` on are better erased than written, and whether they are the rest of the row.
    fn blanks(
        &self,
        x: usize,
        spoiled: usize,
        last: &[PackedCell],
        next: &[PackedCell],
    ) -> Option<(usize, bool)> {
        let rest = next.get(x..)?;
        let first = rest.first().filter(|cell| cell.is_plain())?;
        if !self.erases_in_color && first.look != Look::plain(PackedColor::RESET) {
            return None;
        }
        let run = rest.iter().take_while(|cell| *cell == first).count();
        let changed = |offset: &usize| x + offset < spoiled || last.get(x + offset) != next.get(x + offset);
        let needed = (0..run).rev().find(changed)? + 1;
        let to_the_end = run == rest.len();
        if to_the_end {
            return (needed >= ERASE).then_some((run, true));
        }
        (needed >= ERASE_WITHIN).then_some((needed, false))
    }

    /// Writes one character where the cursor is. Says how many cells it may have taken where that is not certain.
    fn put(&mut self, cell: PackedCell, span: usize, (x, y): (u16, u16), width: usize) -> Option<usize> {
        if cell.is_covered() {
            self.out.push(b' ');
            self.moved(x, y, 1, width);
            return None;
        }
        let wavering = grid::wavering(cell.symbol, span, &self.words.symbols);
        if wavering.is_some() {
            // A terminal that takes less room must not leave old letters in what remains.
            self.out.extend(std::iter::repeat_n(b' ', span));
            self.at = None;
            self.go(x, y, &[]);
        }
        self.symbol(cell.symbol);
        self.moved(x, y, span, width);
        if wavering.is_some() {
            self.at = None;
        }
        wavering
    }

    /// The cursor has gone on. In the last column it waits in a way of its own: then it is nowhere.
    fn moved(&mut self, x: u16, y: u16, span: usize, width: usize) {
        let to = usize::from(x) + span;
        self.at = (to < width).then(|| (column(to), y));
    }

    /// The pen for `cell`, with as much as possible left as it is now.
    fn pen_for(&self, cell: PackedCell) -> SgrState {
        self.words.looks.pen(cell.look).beside(self.pen, cell.is_plain() || cell.is_covered())
    }

    /// Changes the pen.
    pub(super) fn take(&mut self, pen: SgrState) {
        pen.write(self.pen, &mut self.out);
        self.pen = Some(pen);
    }

    /// Moves the cursor, in as few bytes as possible; `row` is what row `y` is going to be.
    pub(super) fn go(&mut self, x: u16, y: u16, row: &[PackedCell]) {
        if self.at == Some((x, y)) {
            return;
        }
        let (column, line) = (usize::from(x) + 1, usize::from(y) + 1);
        let start = self.out.len();
        match (x, y) {
            (0, 0) => self.sequence(&[], b'H'),
            (0, _) => self.sequence(&[line], b'H'),
            _ => self.sequence(&[line, column], b'H'),
        }
        if let Some((from_x, from_y)) = self.at {
            if from_y == y {
                let (distance, letter) = if x > from_x { (x - from_x, b'C') } else { (from_x - x, b'D') };
                self.offer(start, distance, letter);
                self.offer(start, x + 1, b'G');
                self.rewrite(row, from_x, x, start);
            } else if from_x == x {
                let (distance, letter) = if y > from_y { (y - from_y, b'B') } else { (from_y - y, b'A') };
                self.offer(start, distance, letter);
                self.offer(start, y + 1, b'd');
            }
        }
        self.at = Some((x, y));
    }

    /// Puts this move in the place of the one that begins at `start`, if it is shorter. A move by one needs no number.
    fn offer(&mut self, start: usize, number: u16, letter: u8) {
        let middle = self.out.len();
        let number = usize::from(number);
        let absolute = letter.is_ascii_lowercase() || letter == b'G';
        self.sequence(if number == 1 && !absolute { &[] } else { std::slice::from_ref(&number) }, letter);
        if self.out.len() - middle < middle - start {
            self.out.drain(start..middle);
        } else {
            self.out.truncate(middle);
        }
    }

    /// `CSI`, the numbers, and a letter.
    fn sequence(&mut self, numbers: &[usize], letter: u8) {
        self.out.extend_from_slice(b"\x1b[");
        for (index, number) in numbers.iter().enumerate() {
            if index > 0 {
                self.out.push(b';');
            }
            decimal(u16::try_from(*number).unwrap_or(u16::MAX), &mut self.out);
        }
        self.out.push(letter);
    }

    /// Writes what is on the screen already, if that takes the cursor from `from` to `to` with no more bytes than the
    /// move that begins at `start`.
    fn rewrite(&mut self, row: &[PackedCell], from: u16, to: u16, start: usize) {
        let Some(gap @ [first, ..]) = row.get(usize::from(from)..usize::from(to)) else { return };
        // What is written takes the link that is open.
        if self.at.is_none_or(|(_, y)| !(from..to).all(|x| self.leads_as_open(x, y))) {
            return;
        }
        let budget = self.out.len() - start;
        // A character of several cells takes at least as many bytes.
        if gap.len() > budget || first.trails() {
            return;
        }
        let alike = |cell: &PackedCell| self.pen == Some(self.pen_for(*cell)) || cell.trails();
        let sure = |x: usize| self.sure(&gap[x..]);
        if !gap.iter().all(alike) || !(0..gap.len()).all(sure) {
            return;
        }
        let middle = self.out.len();
        for cell in gap {
            self.symbol(cell.symbol);
        }
        if self.out.len() - middle <= budget {
            self.out.drain(start..middle);
        } else {
            self.out.truncate(middle);
        }
    }

    /// Writes a character.
    fn symbol(&mut self, symbol: Symbol) {
        self.out.extend_from_slice(self.words.symbols.text(symbol, &mut [0; 4]).as_bytes());
    }

    /// Whether terminals agree about the character that `row` begins with.
    fn sure(&self, row: &[PackedCell]) -> bool {
        let Some(cell) = row.first() else { return true };
        cell.trails()
            || (!cell.is_covered()
                && grid::wavering(cell.symbol, grid::span(row), &self.words.symbols).is_none())
    }

    /// Nobody knows where the cursor is now.
    pub(super) fn lose_cursor(&mut self) {
        self.at = None;
    }
}

fn column(x: usize) -> u16 {
    u16::try_from(x).unwrap_or(u16::MAX)
}
