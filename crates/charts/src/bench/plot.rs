//! Lines over time, in dots of braille.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::look;

/// Cells of 2 by 4 dots, each with one colour.
pub(super) struct Dots {
    area: Rect,
    cells: Vec<(u8, Style)>,
}

/// The bits of a braille pattern, by column and row of the dot.
const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

impl Dots {
    pub(super) fn new(area: Rect) -> Self {
        Self { area, cells: vec![(0, Style::new()); area.width as usize * area.height as usize] }
    }

    /// A line from `from` to `to`, both as shares of the width from the left and of the height from below.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // shares of a screen
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), style: Style) {
        let (width, height) =
            (f64::from(self.area.width) * 2.0 - 1.0, f64::from(self.area.height) * 4.0 - 1.0);
        let dot = |(x, y): (f64, f64)| (x.clamp(0.0, 1.0) * width, (1.0 - y.clamp(0.0, 1.0)) * height);
        let (from, to) = (dot(from), dot(to));
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0) as u32;
        for step in 0..=steps {
            let share = f64::from(step) / f64::from(steps);
            let at = |from: f64, to: f64| (from + (to - from) * share).round().max(0.0) as usize;
            let (x, y) = (at(from.0, to.0), at(from.1, to.1));
            // As thick as a stroke of a letter: a single dot is not seen from the last row.
            for (aside, below) in self.brush() {
                self.dot(x + aside, y + below, style);
            }
        }
    }

    /// The dots of one place of a line: four where there is room, a column in a plot of few rows.
    fn brush(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (wide, high) = match self.area.height {
            0..4 => (1, 1),
            4..8 => (1, 2),
            _ => (2, 3),
        };
        (0..wide).flat_map(move |aside| (0..high).map(move |below| (aside, below)))
    }

    fn dot(&mut self, x: usize, y: usize, style: Style) {
        let bit = BITS.get(x % 2).and_then(|column| column.get(y % 4)).copied().unwrap_or_default();
        if x / 2 >= usize::from(self.area.width) {
            return;
        }
        if let Some(cell) = self.cells.get_mut(y / 4 * usize::from(self.area.width) + x / 2) {
            *cell = (cell.0 | bit, style);
        }
    }

    pub(super) fn draw(&self, cells: &mut Buffer) {
        let width = usize::from(self.area.width).max(1);
        for (index, (bits, style)) in self.cells.iter().enumerate().filter(|(_, (bits, _))| *bits > 0) {
            let (Ok(x), Ok(y)) = (u16::try_from(index % width), u16::try_from(index / width)) else {
                continue;
            };
            let symbol = char::from_u32(0x2800 + u32::from(*bits)).unwrap_or(' ');
            look::put(cells, self.area, x, y, symbol.encode_utf8(&mut [0; 4]), *style);
        }
    }
}

/// The smallest round number that is not below `value`.
pub(super) fn nice(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|nice| *nice >= value)
        .unwrap_or(power * 10.0)
}
