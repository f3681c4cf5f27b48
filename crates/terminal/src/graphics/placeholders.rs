//! Pictures inside tmux: tmux hands a picture on to its terminal, and moves the characters that stand for it like any others.
//!
//! kitty's "Unicode placeholders": each cell has U+10EEEE with marks that say the row and column of the picture which it shows, and the
//! picture's name in the colour of its letters.

use std::collections::VecDeque;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::{CHUNK, png};
use greenroom_frame::{Picture, PlacedPicture};

/// Stands for a picture.
const PLACEHOLDER: char = '\u{10eeee}';
/// The first byte of every name: others take small names. It is told by a third mark.
const HIGH: u8 = 0x67;
/// Pictures that the terminal keeps for this program.
const MAX_KEPT: usize = 48;
/// The marks that mean 0, 1, 2 …, by their first and last characters (kitty's `rowcolumn-diacritics.txt`).
const MARKS: [(u32, u32); 86] = [
    (0x0305, 0x0305),
    (0x030d, 0x030e),
    (0x0310, 0x0310),
    (0x0312, 0x0312),
    (0x033d, 0x033f),
    (0x0346, 0x0346),
    (0x034a, 0x034c),
    (0x0350, 0x0352),
    (0x0357, 0x0357),
    (0x035b, 0x035b),
    (0x0363, 0x036f),
    (0x0483, 0x0487),
    (0x0592, 0x0595),
    (0x0597, 0x0599),
    (0x059c, 0x05a1),
    (0x05a8, 0x05a9),
    (0x05ab, 0x05ac),
    (0x05af, 0x05af),
    (0x05c4, 0x05c4),
    (0x0610, 0x0617),
    (0x0657, 0x065b),
    (0x065d, 0x065e),
    (0x06d6, 0x06dc),
    (0x06df, 0x06e2),
    (0x06e4, 0x06e4),
    (0x06e7, 0x06e8),
    (0x06eb, 0x06ec),
    (0x0730, 0x0730),
    (0x0732, 0x0733),
    (0x0735, 0x0736),
    (0x073a, 0x073a),
    (0x073d, 0x073d),
    (0x073f, 0x0741),
    (0x0743, 0x0743),
    (0x0745, 0x0745),
    (0x0747, 0x0747),
    (0x0749, 0x074a),
    (0x07eb, 0x07f1),
    (0x07f3, 0x07f3),
    (0x0816, 0x0819),
    (0x081b, 0x0823),
    (0x0825, 0x0827),
    (0x0829, 0x082d),
    (0x0951, 0x0951),
    (0x0953, 0x0954),
    (0x0f82, 0x0f83),
    (0x0f86, 0x0f87),
    (0x135d, 0x135f),
    (0x17dd, 0x17dd),
    (0x193a, 0x193a),
    (0x1a17, 0x1a17),
    (0x1a75, 0x1a7c),
    (0x1b6b, 0x1b6b),
    (0x1b6d, 0x1b73),
    (0x1cd0, 0x1cd2),
    (0x1cda, 0x1cdb),
    (0x1ce0, 0x1ce0),
    (0x1dc0, 0x1dc1),
    (0x1dc3, 0x1dc9),
    (0x1dcb, 0x1dcc),
    (0x1dd1, 0x1de6),
    (0x1dfe, 0x1dfe),
    (0x20d0, 0x20d1),
    (0x20d4, 0x20d7),
    (0x20db, 0x20dc),
    (0x20e1, 0x20e1),
    (0x20e7, 0x20e7),
    (0x20e9, 0x20e9),
    (0x20f0, 0x20f0),
    (0x2cef, 0x2cf1),
    (0x2de0, 0x2dff),
    (0xa66f, 0xa66f),
    (0xa67c, 0xa67d),
    (0xa6f0, 0xa6f1),
    (0xa8e0, 0xa8f1),
    (0xaab0, 0xaab0),
    (0xaab2, 0xaab3),
    (0xaab7, 0xaab8),
    (0xaabe, 0xaabf),
    (0xaac1, 0xaac1),
    (0xfe20, 0xfe26),
    (0x10a0f, 0x10a0f),
    (0x10a38, 0x10a38),
    (0x1d185, 0x1d189),
    (0x1d1aa, 0x1d1ad),
    (0x1d242, 0x1d244),
];

/// The mark that means `number`; there are 297.
fn mark(number: u16) -> Option<char> {
    let mut rest = u32::from(number);
    for (first, last) in MARKS {
        let count = last - first + 1;
        if rest < count {
            return char::from_u32(first + rest);
        }
        rest -= count;
    }
    None
}

/// A picture that the terminal keeps, at the size in cells that it has there.
#[derive(Debug)]
struct Kept {
    picture: u64,
    size: (u16, u16),
    name: u8,
}

/// The pictures that stand behind characters.
#[derive(Debug, Default)]
pub(super) struct Placeholders {
    kept: VecDeque<Kept>,
    last: u8,
}

impl Placeholders {
    /// Puts the characters of `placed` in the place of its cells, and writes the picture to `out` if the terminal has it not. False where
    /// it has more rows or columns than can be told, or no pixels: the cells stay.
    pub(super) fn show(
        &mut self,
        placed: &PlacedPicture,
        picture: &Picture,
        now: &[PlacedPicture],
        cells: &mut Buffer,
        out: &mut Vec<u8>,
    ) -> bool {
        let area = placed.area;
        if mark(area.width.max(area.height).saturating_sub(1)).is_none() {
            return false;
        }
        let Some(name) = self.keep(placed, picture, now, out) else { return false };
        write_cells(cells, area, name);
        true
    }

    fn keep(
        &mut self,
        placed: &PlacedPicture,
        picture: &Picture,
        now: &[PlacedPicture],
        out: &mut Vec<u8>,
    ) -> Option<u8> {
        let size = (placed.area.width, placed.area.height);
        let is = |kept: &Kept| kept.picture == placed.picture.id && kept.size == size;
        if let Some(at) = self.kept.iter().position(is) {
            let kept = self.kept.remove(at)?;
            let name = kept.name;
            self.kept.push_back(kept);
            return Some(name);
        }
        let png = png(picture)?;
        while self.kept.len() >= MAX_KEPT {
            let shows = |kept: &Kept| now.iter().any(|placed| placed.picture.id == kept.picture);
            let at = self.kept.iter().position(|kept| !shows(kept)).unwrap_or(0);
            drop_kept(&self.kept.remove(at)?, out);
        }
        // A name that none of those has which are kept; 0 is none, and there are more names than pictures.
        let next = (1..=u8::MAX).cycle().skip(usize::from(self.last)).take(usize::from(u8::MAX));
        let name = next.into_iter().find(|name| self.kept.iter().all(|kept| kept.name != *name))?;
        self.last = name;
        let mut keys = format!("a=T,U=1,f=100,i={},c={},r={},", id(name), size.0, size.1);
        let mut chunks = png.chunks(CHUNK).peekable();
        while let Some(chunk) = chunks.next() {
            let more = u8::from(chunks.peek().is_some());
            pass(&format!("{keys}q=2,m={more};{}", BASE64.encode(chunk)), out);
            keys.clear();
        }
        self.kept.push_back(Kept { picture: placed.picture.id, size, name });
        Some(name)
    }

    /// Takes every picture out of the terminal's memory.
    pub(super) fn forget(&mut self, out: &mut Vec<u8>) {
        self.kept.drain(..).for_each(|kept| drop_kept(&kept, out));
    }
}

/// The name of a picture: its last byte is told by a colour of the palette, which tmux hands on whatever else it can.
fn id(name: u8) -> u32 {
    u32::from_be_bytes([HIGH, 0, 0, name])
}

fn write_cells(cells: &mut Buffer, area: Rect, name: u8) {
    let area = area.intersection(cells.area);
    let Some(high) = mark(HIGH.into()) else { return };
    for position in area.positions() {
        let (row, column) = (position.y - area.y, position.x - area.x);
        let (Some(row), Some(column), Some(cell)) = (mark(row), mark(column), cells.cell_mut(position))
        else {
            return;
        };
        let background = cell.bg;
        cell.reset();
        cell.set_symbol(&String::from_iter([PLACEHOLDER, row, column, high]));
        cell.set_fg(Color::Indexed(name)).set_bg(background);
        cell.modifier = Modifier::empty();
    }
}

/// Writes a command for the terminal around tmux.
fn pass(command: &str, out: &mut Vec<u8>) {
    // Each Esc of what is handed on is doubled.
    let _ = write!(out, "\x1bPtmux;\x1b\x1b_G{command}\x1b\x1b\\\x1b\\");
}

fn drop_kept(kept: &Kept, out: &mut Vec<u8>) {
    pass(&format!("a=d,d=I,i={},q=2", id(kept.name)), out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_frame::Frame;
    use std::collections::HashMap;
    use std::sync::Arc;

    #[test]
    fn there_are_as_many_marks_as_kitty_knows_each_once() {
        let marks: Vec<char> = (0..297).map(|number| mark(number).unwrap()).collect();
        assert_eq!(mark(297), None);
        assert!(marks.is_sorted_by(|a, b| a < b));
        let known = [(0, 0x305), (1, 0x30d), (4, 0x312), (63, 0x658), (127, 0x82c), (296, 0x1d244)];
        for (number, code) in known {
            assert_eq!(u32::from(marks[number]), code, "{number}");
        }
    }

    fn picture(id: u64) -> Arc<Picture> {
        Arc::new(Picture { id, width: 3, height: 2, rgba: vec![200; 24] })
    }

    /// What the terminal around tmux is told: keys and payload of each command.
    fn told(bytes: &[u8]) -> Vec<(HashMap<String, String>, String)> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let mut commands = Vec::new();
        for part in text.split_terminator("\x1b\\\x1bPtmux;").flat_map(|part| part.split("\x1bPtmux;")) {
            let part = part.trim_end_matches("\x1b\\").trim_end_matches('\x1b');
            if part.is_empty() {
                continue;
            }
            let command = part.strip_prefix("\x1b\x1b_G").unwrap_or_else(|| panic!("{part:?}"));
            assert!(!command.contains('\x1b'), "{command:?}");
            let (keys, payload) = command.split_once(';').unwrap_or((command, ""));
            let keys = keys.split(',').filter_map(|key| key.split_once('='));
            let keys = keys.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
            commands.push((keys, payload.to_owned()));
        }
        commands
    }

    /// What a terminal reads from a cell: which picture, row and column.
    fn read(cell: &ratatui::buffer::Cell) -> Option<(u32, u16, u16)> {
        let mut characters = cell.symbol().chars();
        let (first, row, column, high) =
            (characters.next()?, characters.next()?, characters.next()?, characters.next()?);
        let number = |of: char| (0..297).find(|number| mark(*number) == Some(of));
        let Color::Indexed(name) = cell.fg else { return None };
        let id = u32::from(number(high)?) << 24 | u32::from(name);
        (first == '\u{10eeee}').then_some((id, number(row)?, number(column)?))
    }

    #[test]
    fn each_cell_says_which_part_of_which_picture_it_shows() {
        let mut placeholders = Placeholders::default();
        let mut frame = Frame::new(20, 6);
        let placed = PlacedPicture { area: Rect::new(3, 1, 7, 4), picture: picture(9) };
        let mut out = Vec::new();
        let now = [placed.clone()];
        assert!(placeholders.show(&placed, &placed.picture, &now, &mut frame.cells, &mut out));
        let commands = told(&out);
        let keys = &commands[0].0;
        let key = |key: &str| keys.get(key).map(String::as_str);
        assert_eq!((key("a"), key("U"), key("c"), key("r")), (Some("T"), Some("1"), Some("7"), Some("4")));
        assert_eq!((key("f"), key("q"), key("m")), (Some("100"), Some("2"), Some("0")));
        let sent = BASE64.decode(&commands[0].1).unwrap();
        assert_eq!(image::load_from_memory(&sent).unwrap().width(), 3);
        let id: u32 = keys["i"].parse().unwrap();
        for position in placed.area.positions() {
            let (row, column) = (position.y - 1, position.x - 3);
            assert_eq!(read(&frame.cells[position]), Some((id, row, column)));
        }
        assert_eq!(frame.cells[(2, 1)].symbol(), " ");
        // The terminal has it now.
        out.clear();
        assert!(placeholders.show(&placed, &placed.picture, &now, &mut frame.cells, &mut out));
        assert!(out.is_empty());
        placeholders.forget(&mut out);
        assert_eq!(told(&out)[0].0["d"], "I");
    }

    #[test]
    fn the_terminal_keeps_a_bounded_number_and_no_two_have_one_name() {
        let mut placeholders = Placeholders::default();
        let mut frame = Frame::new(20, 6);
        let mut live: HashMap<String, u64> = HashMap::new();
        for id in 0..1000 {
            let placed = PlacedPicture { area: Rect::new(0, 0, 2, 2), picture: picture(id) };
            let mut out = Vec::new();
            placeholders.show(
                &placed,
                &placed.picture,
                std::slice::from_ref(&placed),
                &mut frame.cells,
                &mut out,
            );
            for (keys, _) in told(&out) {
                if keys["a"] == "d" {
                    assert!(live.remove(&keys["i"]).is_some());
                } else {
                    assert_eq!(live.insert(keys["i"].clone(), id), None);
                }
            }
            assert!(live.len() <= MAX_KEPT);
        }
    }

    #[test]
    fn a_picture_of_more_cells_than_can_be_told_keeps_its_cells() {
        let mut frame = Frame::new(400, 2);
        let placed = PlacedPicture { area: Rect::new(0, 0, 298, 2), picture: picture(1) };
        let (mut placeholders, mut out) = (Placeholders::default(), Vec::new());
        assert!(!placeholders.show(&placed, &placed.picture, &[], &mut frame.cells, &mut out));
        assert!(out.is_empty() && frame.cells[(0, 0)].symbol() == " ");
    }
}
