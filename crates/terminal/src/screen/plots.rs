//! Lines of charts as pictures, for terminals in which a picture can be replaced many times a second.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use greenroom_raster::{Raster, stroke};

use crate::enlarge;
use greenroom_frame::{Frame, Picture, PlacedPicture, PlacedPlot};

/// A chart of more pixels stays in cells.
const MAX_PIXELS: usize = 4_000_000;
/// How thick lines are, in parts of a cell's height: as a stroke of a title's letters.
const THICK: f32 = 0.15;

/// The pictures of the charts that were shown last.
#[derive(Debug, Default)]
pub(crate) struct PlotPictures {
    kept: Vec<Arc<Picture>>,
}

impl PlotPictures {
    /// Puts the charts of `frame` among its pictures, in cells of these pixels. What is in the cells beside their dots, a grid and
    /// marks, is in the pictures.
    pub(crate) fn draw(&mut self, raster: &mut Raster, frame: &mut Frame, cell: (u16, u16)) {
        let mut shown = Vec::new();
        for placed in std::mem::take(&mut frame.plots) {
            let pixels =
                usize::from(placed.area.width) * usize::from(cell.0) * usize::from(placed.area.height);
            let inside = placed.area.intersection(frame.area()) == placed.area && !placed.area.is_empty();
            if !inside || pixels.saturating_mul(cell.1.into()) > MAX_PIXELS {
                continue;
            }
            let under = under(frame, &placed);
            let mut hasher = DefaultHasher::new();
            (&placed.curves, &under.cells.content, under.area().as_size(), cell).hash(&mut hasher);
            let id = hasher.finish();
            let kept = self.kept.iter().find(|kept| kept.id == id).cloned();
            let picture = kept.unwrap_or_else(|| Arc::new(picture(raster, &under, &placed, cell, id)));
            shown.push(Arc::clone(&picture));
            frame.pictures.push(PlacedPicture { area: placed.area, picture });
        }
        self.kept = shown;
    }
}

/// The cells of a chart without the dots that stand for its lines.
fn under(frame: &Frame, placed: &PlacedPlot) -> Frame {
    let mut under = Frame::new(placed.area.width, placed.area.height);
    for (cell, position) in under.cells.content.iter_mut().zip(placed.area.positions()) {
        *cell = frame.cells[position].clone();
        if cell.symbol().starts_with(is_dots) {
            cell.set_symbol(" ");
        }
    }
    under
}

/// Braille.
fn is_dots(c: char) -> bool {
    ('\u{2800}'..='\u{28ff}').contains(&c)
}

fn picture(raster: &mut Raster, under: &Frame, placed: &PlacedPlot, cell: (u16, u16), id: u64) -> Picture {
    let (columns, rows) = (under.area().width, under.area().height);
    let stride = usize::from(columns) * usize::from(cell.0) * 4;
    let (width, height) = (u32::from(columns) * u32::from(cell.0), u32::from(rows) * u32::from(cell.1));
    let mut rgba = vec![0; stride * height as usize];
    for (y, out) in (0..rows).zip(rgba.chunks_exact_mut(stride * usize::from(cell.1))) {
        enlarge::letters(raster, under, (y, &(0..columns)), cell, out);
    }
    stroke(&placed.curves, (width, height), (f32::from(cell.1) * THICK).max(2.0), &mut rgba);
    marks(raster, under, cell, &mut rgba);
    Picture { id, width, height, rgba }
}

/// The marks that tell one line from another without its colour lie over the lines.
fn marks(raster: &mut Raster, under: &Frame, cell: (u16, u16), rgba: &mut [u8]) {
    let (columns, across) = (usize::from(under.area().width), usize::from(cell.0) * 4);
    let mut one = vec![0; across * usize::from(cell.1)];
    for at in under.area().positions() {
        if [" ", "─", "┈"].contains(&under.cells[at].symbol()) {
            continue;
        }
        enlarge::letters(raster, under, (at.y, &(at.x..at.x + 1)), cell, &mut one);
        let Some(paper) = one.first_chunk::<4>().copied() else { return };
        let left = usize::from(at.x) * across;
        let lines = rgba.chunks_exact_mut(columns * across).skip(usize::from(at.y) * usize::from(cell.1));
        for (line, mark) in lines.zip(one.chunks_exact(across)) {
            let Some(line) = line.get_mut(left..left + across) else { return };
            for (pixel, mark) in
                line.chunks_exact_mut(4).zip(mark.chunks_exact(4)).filter(|(_, mark)| *mark != paper)
            {
                pixel.copy_from_slice(mark);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use greenroom_raster::Curve;
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Style};

    use super::*;

    const CELL: (u16, u16) = (10, 20);
    const INK: [u8; 3] = [240, 160, 20];

    /// A line from the left below to the right above, in cells and as a curve, with a mark in its middle.
    fn frame() -> Frame {
        let mut frame = Frame::new(30, 10);
        frame.cells.set_style(frame.area(), Style::new().bg(Color::Rgb(10, 20, 30)));
        let ink = Style::new().fg(Color::Rgb(240, 160, 20));
        for (x, y) in [(2, 6), (7, 5), (12, 4), (21, 2)] {
            frame.cells.set_string(x, y, "⣿", ink);
        }
        frame.cells.set_string(2, 3, "┈┈┈┈", Style::new().fg(Color::Rgb(90, 90, 90)));
        frame.cells.set_string(12, 4, "●", ink);
        let curves = vec![Curve { points: vec![(0, u16::MAX), (u16::MAX, 0)], ink: INK }];
        frame.plots.push(PlacedPlot { area: Rect::new(2, 2, 20, 5), curves });
        frame
    }

    fn drawn(frame: &Frame) -> Frame {
        let mut drawn = frame.clone();
        PlotPictures::default().draw(&mut Raster::new(), &mut drawn, CELL);
        drawn
    }

    #[test]
    fn a_line_is_drawn_in_pixels_with_its_grid_and_marks() {
        let drawn = drawn(&frame());
        let [placed] = &drawn.pictures[..] else { panic!("{:?}", drawn.pictures) };
        let picture = &placed.picture;
        assert_eq!((placed.area, picture.width, picture.height), (Rect::new(2, 2, 20, 5), 200, 100));
        let at = |x: u32, y: u32| -> [u8; 4] {
            let at = ((y * picture.width + x) * 4) as usize;
            picture.rgba[at..at + 4].try_into().unwrap()
        };
        // Where no dot of the cells is.
        assert!(at(50, 75)[0] > 200 && at(150, 25)[0] > 200, "{:?} {:?}", at(50, 75), at(150, 25));
        assert_eq!(at(10, 10), [10, 20, 30, 255]);
        assert!((0..20).any(|y| at(15, 20 + y) == [90, 90, 90, 255]), "the grid");
        let thick = |x: u32| (0..100).filter(|y| at(x, *y)[0] > 200).count();
        assert!(thick(105) > thick(85), "the mark in the middle: {} {}", thick(105), thick(85));
    }

    #[test]
    fn a_chart_that_stays_is_drawn_once_and_one_that_grows_anew() {
        let (mut plots, mut raster) = (PlotPictures::default(), Raster::new());
        let mut picture = |frame: &Frame| {
            let mut frame = frame.clone();
            plots.draw(&mut raster, &mut frame, CELL);
            Arc::clone(&frame.pictures[0].picture)
        };
        let mut frame = frame();
        let (first, again) = (picture(&frame), picture(&frame));
        assert!(Arc::ptr_eq(&first, &again));
        frame.plots[0].curves[0].points.push((9, 9));
        assert!(picture(&frame).id != first.id);
    }

    #[test]
    fn what_is_too_large_or_outside_stays_in_cells() {
        for area in [Rect::new(2, 2, 40, 5), Rect::new(0, 0, 0, 5)] {
            let mut frame = frame();
            frame.plots[0].area = area;
            let drawn = drawn(&frame);
            assert!(drawn.pictures.is_empty() && drawn.text().contains('⣿'), "{area:?}");
        }
        let mut huge = frame();
        PlotPictures::default().draw(&mut Raster::new(), &mut huge, (500, 500));
        assert!(huge.pictures.is_empty());
    }
}
