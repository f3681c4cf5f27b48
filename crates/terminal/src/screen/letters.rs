//! Large letters as pictures, for terminals that show them: drawn at the pixels of a cell, and kept.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use greenroom_raster::{Face, Raster, Span};
use ratatui::buffer::Cell;
use ratatui::layout::Rect;
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

use crate::enlarge;
use greenroom_frame::color;
use greenroom_frame::{Frame, LetterFace, Picture, PlacedLetters, PlacedPicture};

/// The most bytes of pixels that are kept, but for the newest picture: some screens full of titles.
const MAX_KEPT: usize = 6 << 20;
/// Letters of code are no higher, in pixels: those of cells are drawn no larger.
const MAX_CODE: u32 = 512;
/// More letters than this on one screen stay in cells.
const MAX_LINES: usize = 128;

/// The fonts, and the pictures that were drawn last.
#[derive(Debug, Default)]
pub(crate) struct LetterPictures {
    raster: Raster,
    /// The newest at the end.
    kept: VecDeque<Arc<Picture>>,
}

/// A line of letters, and where it is drawn.
#[derive(Clone, Copy)]
struct Line<'a> {
    placed: &'a PlacedLetters,
    /// The cells that it inks.
    area: Rect,
    /// A cell's size, in pixels.
    cell: (u16, u16),
    /// What is behind it, where that is a colour and not the terminal's own.
    paper: Option<[u8; 3]>,
}

impl Line<'_> {
    /// Its size in pixels.
    fn size(&self) -> (u32, u32) {
        let times = |cells: u16, pixels: u16| u32::from(cells) * u32::from(pixels);
        (times(self.area.width, self.cell.0), times(self.area.height, self.cell.1))
    }

    /// What its picture goes by.
    fn id(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.placed.spans, self.placed.face, self.area.as_size(), self.cell, self.paper).hash(&mut hasher);
        hasher.finish()
    }
}

impl LetterPictures {
    /// The fonts.
    pub(crate) fn raster(&mut self) -> &mut Raster {
        &mut self.raster
    }

    /// `frame` with its large letters as pictures in cells of these pixels. The cells below keep their backgrounds alone.
    pub(crate) fn drawn(&mut self, frame: &Frame, cell: (u16, u16)) -> Frame {
        let mut frame = frame.clone();
        let whole = frame.area();
        let fits = |placed: &PlacedLetters| {
            let is_low = u32::from(placed.area.height) * u32::from(cell.1) <= MAX_CODE;
            placed.area.intersection(whole) == placed.area
                && !placed.area.is_empty()
                && (matches!(placed.face, LetterFace::Title(_)) || is_low)
        };
        let letters = std::mem::take(&mut frame.letters);
        for placed in letters.iter().filter(|placed| fits(placed)).take(MAX_LINES) {
            // The terminal's own fonts may have what ours lack.
            if !placed.spans.iter().all(|span| self.raster.holds(&span.text)) {
                continue;
            }
            let paper = frame.cells.cell(placed.area.as_position()).map_or(Color::Reset, |cell| cell.bg);
            let area = inked(placed);
            let line = Line { placed, area, cell, paper: color::rgb(paper) };
            let picture = (!area.is_empty()).then(|| self.picture(line));
            for position in placed.area.positions() {
                let mut blank = Cell::EMPTY;
                blank.bg = frame.cells.cell(position).map_or(Color::Reset, |cell| cell.bg);
                frame.cells[position] = blank;
            }
            frame.pictures.extend(picture.map(|picture| PlacedPicture { area, picture }));
        }
        frame
    }

    /// A line as a picture, from those that are kept if it is there.
    fn picture(&mut self, line: Line<'_>) -> Arc<Picture> {
        let id = line.id();
        if let Some(at) = self.kept.iter().position(|kept| kept.id == id)
            && let Some(kept) = self.kept.remove(at)
        {
            self.kept.push_back(Arc::clone(&kept));
            return kept;
        }
        let picture = Arc::new(self.draw(line, id));
        self.kept.push_back(Arc::clone(&picture));
        let mut bytes: usize = self.kept.iter().map(|kept| kept.rgba.len()).sum();
        while bytes > MAX_KEPT && self.kept.len() > 1 {
            bytes -= self.kept.pop_front().map_or(0, |kept| kept.rgba.len());
        }
        picture
    }

    fn draw(&mut self, line: Line<'_>, id: u64) -> Picture {
        let (width, height) = line.size();
        let mut rgba = vec![0; width as usize * height as usize * 4];
        match line.placed.face {
            LetterFace::Title(face) => self.title(line, face.in_cells(in_pixels(line.cell)), &mut rgba),
            LetterFace::Code(times) => self.code(line, times.max(1), &mut rgba),
        }
        Picture { id, width, height, rgba }
    }

    /// Code: letters of one width, transparent where there is nothing but what is behind them.
    fn code(&mut self, line: Line<'_>, times: u8, rgba: &mut [u8]) {
        let Line { placed, area, cell, paper } = line;
        let columns = area.width / u16::from(times);
        let mut blank = Cell::EMPTY;
        blank.bg = paper.map_or(Color::Reset, |[r, g, b]| Color::Rgb(r, g, b));
        let mut drawn = Frame::filled(columns, 1, blank);
        let mut x = 0;
        for span in &placed.spans {
            x = drawn.cells.set_stringn(x, 0, &span.text, usize::from(columns - x), span.style).0;
        }
        let cell = (cell.0 * u16::from(times), cell.1 * u16::from(times));
        enlarge::letters(&mut self.raster, &drawn, (0, &(0..columns)), cell, rgba);
        for pixel in rgba.chunks_exact_mut(4) {
            if paper.is_some_and(|paper| pixel.starts_with(&paper)) {
                pixel.fill(0);
            }
        }
    }

    /// A title: proportional letters of `px` pixels that stand on a line so far from the top.
    fn title(&mut self, line: Line<'_>, (px, baseline): (f32, f32), rgba: &mut [u8]) {
        let spans: Vec<Span<'_>> = line.placed.spans.iter().map(span).collect();
        let letters = self.raster.text(&spans, px);
        // What a letter keeps free at its side would put titles out of line with the text below them.
        let ink = |column: usize| {
            letters
                .rgba
                .iter()
                .skip(column * 4 + 3)
                .step_by(letters.width as usize * 4)
                .any(|alpha| *alpha > 0)
        };
        let left = (0..letters.width as usize).find(|column| ink(*column)).unwrap_or(0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a few hundred pixels
        let baseline = baseline.round().max(0.0) as usize;
        let (above, cut) = match baseline.checked_sub(letters.baseline as usize) {
            Some(above) => (above, 0),
            None => (0, letters.baseline as usize - baseline),
        };
        let (from, to) = (letters.width as usize * 4, line.size().0 as usize * 4);
        let rows = rgba.chunks_exact_mut(to.max(4)).skip(above);
        for (row, drawn) in rows.zip(letters.rgba.chunks_exact(from.max(4)).skip(cut)) {
            let drawn = drawn.get(left * 4..).unwrap_or_default();
            for (pixel, drawn) in row.chunks_exact_mut(4).zip(drawn.chunks_exact(4)) {
                pixel.copy_from_slice(drawn);
                settle(pixel, line.paper);
            }
        }
    }
}

/// The part of its area in which letters are: all of it for a title, and as far as its words go for code.
fn inked(placed: &PlacedLetters) -> Rect {
    let LetterFace::Code(times) = placed.face else { return placed.area };
    let text = placed.text();
    let letters = u16::try_from(text.trim_end().width()).unwrap_or(u16::MAX);
    let width = letters.min(placed.area.width / u16::from(times.max(1))) * u16::from(times);
    Rect { width, ..placed.area }
}

/// Mixes a pixel that is covered in part with what is behind it: not every protocol knows how.
fn settle(pixel: &mut [u8], paper: Option<[u8; 3]>) {
    let (Some(paper), &mut [.., alpha @ 1..=254]) = (paper, &mut *pixel) else { return };
    let alpha = u32::from(alpha);
    for (channel, paper) in pixel.iter_mut().zip(paper) {
        let mixed = (u32::from(*channel) * alpha + u32::from(paper) * (255 - alpha) + 127) / 255;
        *channel = u8::try_from(mixed).unwrap_or(u8::MAX);
    }
    if let Some(alpha) = pixel.last_mut() {
        *alpha = 255;
    }
}

fn in_pixels(cell: (u16, u16)) -> (f32, f32) {
    (f32::from(cell.0), f32::from(cell.1))
}

fn span(span: &greenroom_frame::LetterSpan) -> Span<'_> {
    let ink = span.style.fg.and_then(color::rgb).unwrap_or([255; 3]);
    Span { text: &span.text, face: Face::SansBold, ink }
}

#[cfg(test)]
mod tests {
    use greenroom_raster::PixelFace;
    use ratatui::style::Style;

    use super::*;
    use greenroom_frame::LetterSpan;

    fn frame(text: &str) -> Frame {
        let mut frame = Frame::new(60, 5);
        frame.cells.set_style(frame.area(), Style::new().bg(Color::Rgb(10, 20, 30)));
        frame.cells.set_string(2, 1, "█ ▐▌🬞🬮🬏▐▌", Style::new());
        let style = Style::new().fg(Color::Rgb(250, 240, 200));
        let width = PixelFace::Three.measure(text).min(56);
        frame.letters.push(PlacedLetters {
            area: Rect::new(2, 1, width, 3),
            spans: vec![LetterSpan { text: text.to_owned(), style }],
            face: LetterFace::Title(PixelFace::Three),
        });
        frame
    }

    #[test]
    fn letters_are_pixels_over_cells_without_symbols() {
        let frame = frame("Hello");
        let drawn = LetterPictures::default().drawn(&frame, (11, 26));
        let (cells, placed) = (drawn.cells, drawn.pictures);
        let picture = &placed[0].picture;
        assert_eq!((picture.width, picture.height), (u32::from(placed[0].area.width) * 11, 78));
        let pixels: Vec<&[u8]> = picture.rgba.chunks(4).collect();
        assert!(pixels.iter().any(|pixel| **pixel == [250, 240, 200, 255]));
        assert!(pixels.iter().all(|pixel| pixel[3] == 0 || pixel[3] == 255), "mixed with what is behind");
        assert!(
            picture.rgba.chunks(picture.width as usize * 4).any(|row| row[3] == 255),
            "from the very left"
        );
        for position in placed[0].area.positions() {
            assert_eq!((cells[position].symbol(), cells[position].bg), (" ", Color::Rgb(10, 20, 30)));
        }
    }

    #[test]
    fn code_is_in_letters_of_one_width_and_keeps_its_indent() {
        let style = Style::new().fg(Color::Rgb(250, 240, 200));
        let drawn = |text: &str| {
            let mut frame = Frame::new(60, 5);
            frame.cells.set_style(frame.area(), Style::new().bg(Color::Rgb(10, 20, 30)));
            let width = 2 * u16::try_from(text.chars().count()).unwrap();
            let spans = vec![LetterSpan { text: text.to_owned(), style }];
            let face = LetterFace::Code(2);
            frame.letters.push(PlacedLetters { area: Rect::new(2, 1, width, 2), spans, face });
            let drawn = LetterPictures::default().drawn(&frame, (11, 26));
            Arc::clone(&drawn.pictures[0].picture)
        };
        let inked = |picture: &Picture| -> Vec<usize> {
            let is_ink =
                |x: &usize| picture.rgba.chunks(picture.width as usize * 4).any(|row| row[x * 4 + 3] > 0);
            (0..picture.width as usize).filter(is_ink).collect()
        };
        let (thin, wide) = (drawn("    i"), drawn("mmmmm"));
        assert_eq!((thin.width, thin.height, wide.width), (110, 52, 110));
        assert!(inked(&thin)[0] > 88, "the blanks before it are there");
        assert!(inked(&wide)[0] < 22 && inked(&wide).len() > 80);
        assert!(wide.rgba.chunks(4).any(|pixel| pixel == [250, 240, 200, 255]));
        // Letters that would be higher than any that are drawn stay in cells.
        let mut frame = frame("x");
        frame.letters[0].face = LetterFace::Code(3);
        assert!(LetterPictures::default().drawn(&frame, (99, 200)).pictures.is_empty());
    }

    #[test]
    fn the_same_line_is_drawn_once() {
        let mut pictures = LetterPictures::default();
        let mut draw = |text: &str, cell| Arc::clone(&pictures.drawn(&frame(text), cell).pictures[0].picture);
        let first = draw("Hello", (10, 20));
        assert!(Arc::ptr_eq(&first, &draw("Hello", (10, 20))));
        assert_ne!(first.id, draw("Hello", (11, 20)).id);
        assert_ne!(first.id, draw("Hallo", (10, 20)).id);
        for number in 0..300 {
            draw(&format!("Title {number}"), (40, 80));
        }
        let kept = &pictures.kept;
        assert!(kept.iter().map(|kept| kept.rgba.len()).sum::<usize>() <= MAX_KEPT && !kept.is_empty());
    }

    #[test]
    fn every_size_of_cell_and_every_text_can_be_drawn() {
        let mut pictures = LetterPictures::default();
        for text in ["", "漢字", "e\u{301}", "שלום", &"m".repeat(5_000), "👩\u{200d}💻"] {
            for cell in [(1, 1), (3, 30), (64, 1), (64, 128)] {
                for placed in pictures.drawn(&frame(text), cell).pictures {
                    let picture = placed.picture;
                    assert_eq!(picture.rgba.len(), (picture.width * picture.height * 4) as usize);
                }
            }
        }
    }

    /// What reaches a terminal: a picture where it shows some and has the theme's colours, the cells as they are elsewhere.
    #[test]
    fn letters_are_pictures_only_where_their_colours_are_right() {
        use crate::color_depth::ColorDepth;
        use crate::graphics::{Encoder, Protocol};
        use crate::screen::Screen;
        for (protocol, depth, drawn) in [
            (Protocol::Kitty, ColorDepth::True, true),
            (Protocol::Sixel, ColorDepth::C256, true),
            (Protocol::Sixel, ColorDepth::C16, false),
            (Protocol::Kitty, ColorDepth::None, false),
            (Protocol::Blocks, ColorDepth::True, false),
        ] {
            let mut out = Vec::new();
            Screen::new(&mut out, depth).with_pictures(Encoder::new(protocol)).draw(&frame("Hello")).unwrap();
            let text = String::from_utf8_lossy(&out);
            let picture = text.contains("\x1b_Ga=t") || text.contains("\x1bP0;1;0q");
            assert_eq!((picture, !text.contains('🬮')), (drawn, drawn), "{protocol:?} {depth:?}");
        }
    }
}
