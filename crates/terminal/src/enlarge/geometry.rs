//! Where the cells of a frame are in a window that has more, in pixels.

/// The largest cell that is drawn, in pixels.
const MAX_CELL: u32 = 512;

/// The places of a frame's cells in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Geometry {
    /// Columns and rows of the frame.
    pub(super) size: (u16, u16),
    /// Pixels across and down of one of its cells.
    pub(super) cell: (u16, u16),
    /// Pixels to the left of the first column and above the first row.
    origin: (u32, u32),
    /// Pixels across and down of a cell of the window.
    window_cell: (u16, u16),
}

/// A pixel of the window, as its terminal is told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    /// The cell of the window, counted from 0.
    pub(super) column: u32,
    pub(super) row: u32,
    /// Pixels from that cell's left and top.
    pub(super) x: u32,
    pub(super) y: u32,
}

impl Geometry {
    /// The frame of `size` in the middle of a window of so many cells, each of so many pixels. None where there is no room for it.
    pub(super) fn new(size: (u16, u16), window: (u16, u16), window_cell: (u16, u16)) -> Option<Self> {
        let along = |count: u16, of: u16, pixels: u16| {
            let all = u32::from(of) * u32::from(pixels);
            let cell = (all.checked_div(u32::from(count))?).min(MAX_CELL);
            let rest = all - cell * u32::from(count);
            Some((u16::try_from(cell).ok().filter(|cell| *cell > 0)?, rest / 2))
        };
        let (width, left) = along(size.0, window.0, window_cell.0)?;
        let (height, top) = along(size.1, window.1, window_cell.1)?;
        Some(Self { size, cell: (width, height), origin: (left, top), window_cell })
    }

    /// Where the cell in this column and row begins.
    pub(super) fn spot(&self, column: u16, row: u16) -> Spot {
        let x = self.origin.0 + u32::from(column) * u32::from(self.cell.0);
        let y = self.origin.1 + u32::from(row) * u32::from(self.cell.1);
        let (width, height) = (u32::from(self.window_cell.0), u32::from(self.window_cell.1));
        Spot { column: x / width, row: y / height, x: x % width, y: y % height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_whole_pixels_and_the_rest_is_shared_by_both_sides() {
        let twice = Geometry::new((100, 25), (200, 50), (11, 26)).unwrap();
        assert_eq!((twice.cell, twice.origin), ((22, 52), (0, 0)));
        assert_eq!(twice.spot(3, 2), Spot { column: 6, row: 4, x: 0, y: 0 });
        let odd = Geometry::new((97, 24), (136, 34), (11, 26)).unwrap();
        // 1496 pixels: 15 a column, 41 over. 884: 36 a row, 20 over.
        assert_eq!((odd.cell, odd.origin), ((15, 36), (20, 10)));
        assert_eq!(odd.spot(0, 0), Spot { column: 1, row: 0, x: 9, y: 10 });
        assert_eq!(odd.spot(1, 1), Spot { column: 3, row: 1, x: 2, y: 20 });
    }

    #[test]
    fn a_window_of_nothing_has_no_places() {
        for (size, window, cell) in [
            ((0, 1), (10, 10), (5, 5)),
            ((10, 10), (0, 0), (5, 5)),
            ((10, 10), (10, 10), (0, 0)),
            ((200, 10), (10, 10), (1, 1)),
        ] {
            assert_eq!(Geometry::new(size, window, cell), None);
        }
        // Letters of half a screen have an end.
        let huge = Geometry::new((1, 1), (500, 150), (20, 40)).unwrap();
        assert_eq!(huge.cell, (512, 512));
    }
}
