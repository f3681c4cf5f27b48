//! Colours of cells as numbers.

use std::collections::HashMap;

use ratatui::buffer::Buffer;
use ratatui::style::Color;

/// The background that most cells have.
#[must_use]
pub fn common_background(cells: &Buffer) -> Color {
    let mut counts: HashMap<Color, usize> = HashMap::new();
    let mut cells = cells.content.iter().map(|cell| cell.bg).peekable();
    // Neighbours are mostly alike: count them in one go.
    while let Some(color) = cells.next() {
        let mut run = 1;
        while cells.next_if_eq(&color).is_some() {
            run += 1;
        }
        *counts.entry(color).or_default() += run;
    }
    // Of equals the one with the smaller name, so that the answer does not depend on the map's order.
    let most = counts
        .into_iter()
        .max_by(|(a, n), (b, m)| n.cmp(m).then_with(|| format!("{b:?}").cmp(&format!("{a:?}"))));
    most.map_or(Color::Reset, |(color, _)| color)
}

/// Red, green and blue of a colour as xterm shows it; none for the one that a terminal has by itself.
#[must_use]
pub fn rgb(color: Color) -> Option<[u8; 3]> {
    match color {
        Color::Rgb(r, g, b) => Some([r, g, b]),
        other => index(other).map(xterm),
    }
}

/// The number of a colour of a palette.
#[must_use]
pub fn index(color: Color) -> Option<u8> {
    Some(match color {
        Color::Reset | Color::Rgb(..) => return None,
        Color::Indexed(index) => index,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    })
}

/// xterm's palette; the first 16 as xterm has them when nobody changed them.
#[must_use]
pub fn xterm(index: u8) -> [u8; 3] {
    const FIRST: [[u8; 3]; 16] = [
        [0, 0, 0],
        [205, 0, 0],
        [0, 205, 0],
        [205, 205, 0],
        [0, 0, 238],
        [205, 0, 205],
        [0, 205, 205],
        [229, 229, 229],
        [127, 127, 127],
        [255, 0, 0],
        [0, 255, 0],
        [255, 255, 0],
        [92, 92, 255],
        [255, 0, 255],
        [0, 255, 255],
        [255, 255, 255],
    ];
    match index {
        0..=15 => FIRST[usize::from(index)],
        16..=231 => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let cube = index - 16;
            [level(cube / 36), level(cube / 6 % 6), level(cube % 6)]
        }
        232..=255 => [8 + 10 * (index - 232); 3],
    }
}
