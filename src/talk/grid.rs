//! The overview's grid: which slide stands where.

use crossterm::event::KeyCode;
use ratatui::layout::Rect;

use greenroom_base::run::Size;

/// Rows of caption below each miniature.
const CAPTION: u16 = 1;
/// Columns and rows between two miniatures.
const GAP: (u16, u16) = (2, 1);
/// Rows at the top, for what the overview is.
const HEADER: u16 = 2;

/// A grid of miniatures, as many as fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    count: usize,
    across: usize,
    down: usize,
    cell: (u16, u16),
    left: u16,
}

impl Grid {
    /// The grid for `count` slides on a screen of this size.
    #[must_use]
    pub fn new(size: Size, count: usize) -> Self {
        let across: u16 = match size.columns {
            0..=49 => 2,
            50..=99 => 3,
            100..=149 => 4,
            _ => 5,
        };
        let room = size.columns.saturating_sub(GAP.0 * (across + 1)).max(across);
        let width = (room / across).max(4);
        // A cell of a terminal is about twice as high as wide; the screen's own shape is kept.
        let height = u16::try_from(u32::from(width) * u32::from(size.rows) / u32::from(size.columns.max(1)));
        let height = height.unwrap_or(1).max(2);
        let rows = size.rows.saturating_sub(HEADER) / (height + CAPTION + GAP.1);
        let used = across * width + GAP.0 * (across - 1);
        Self {
            count,
            across: usize::from(across),
            down: usize::from(rows.max(1)),
            cell: (width, height),
            left: size.columns.saturating_sub(used) / 2,
        }
    }

    /// The slides that show when `selected` is, each with the place of its miniature.
    pub fn visible(self, selected: usize) -> impl Iterator<Item = (usize, Rect)> {
        let per_page = self.across * self.down;
        let first_row = selected / self.across / self.down * self.down;
        let first = first_row * self.across;
        (first..(first + per_page).min(self.count)).map(move |slide| (slide, self.place(slide - first)))
    }

    /// The slide whose miniature or caption is at this cell.
    #[must_use]
    pub fn slide_at(self, selected: usize, column: u16, row: u16) -> Option<usize> {
        let holds = |area: &Rect| {
            let area = Rect { height: area.height + CAPTION, ..*area };
            area.contains((column, row).into())
        };
        self.visible(selected).find(|(_, area)| holds(area)).map(|(slide, _)| slide)
    }

    /// The slide that `key` moves to from `selected`.
    #[must_use]
    pub fn moved(self, selected: usize, key: KeyCode) -> usize {
        let last = self.count.saturating_sub(1);
        let page = self.across * self.down;
        match key {
            KeyCode::Right | KeyCode::Char('l') => selected + 1,
            KeyCode::Left | KeyCode::Char('h') => selected.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') if selected + self.across <= last => selected + self.across,
            KeyCode::Up | KeyCode::Char('k') if selected >= self.across => selected - self.across,
            KeyCode::PageDown => selected + page,
            KeyCode::PageUp => selected.saturating_sub(page),
            KeyCode::Home => 0,
            KeyCode::End | KeyCode::Char('G') => last,
            _ => selected,
        }
        .min(last)
    }

    fn place(self, index: usize) -> Rect {
        let step = |count: usize, size: u16, gap: u16| u16::try_from(count).unwrap_or(0) * (size + gap);
        Rect {
            x: self.left + step(index % self.across, self.cell.0, GAP.0),
            y: HEADER + step(index / self.across, self.cell.1 + CAPTION, GAP.1),
            width: self.cell.0,
            height: self.cell.1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_miniature_is_on_the_screen_and_apart() {
        for (columns, rows) in [(80, 24), (120, 35), (200, 50), (40, 12)] {
            let grid = Grid::new(Size { columns, rows }, 60);
            let screen = Rect::new(0, 0, columns, rows);
            let places: Vec<Rect> = grid.visible(30).map(|(_, area)| area).collect();
            assert!(!places.is_empty());
            for (index, area) in places.iter().enumerate() {
                assert_eq!(area.intersection(screen), *area, "{columns}x{rows}: {area:?}");
                assert!(places[..index].iter().all(|other| !other.intersects(*area)));
            }
            assert!(grid.visible(30).any(|(slide, _)| slide == 30));
        }
    }

    #[test]
    fn keys_stay_in_the_grid() {
        let grid = Grid::new(Size { columns: 80, rows: 24 }, 7);
        assert_eq!(grid.moved(6, KeyCode::Right), 6);
        assert_eq!(grid.moved(0, KeyCode::Left), 0);
        assert_eq!(grid.moved(5, KeyCode::Down), 5);
        assert_eq!(grid.moved(0, KeyCode::Down), 3);
        assert_eq!(grid.moved(2, KeyCode::End), 6);
    }
}
