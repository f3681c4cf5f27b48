//! Frames on the terminal, in as few bytes as possible.

mod abilities;
mod diff_writer;
mod grid;
mod letters;
mod looks;
mod packed_cell;
mod packed_color;
mod plots;
mod sgr_state;

use std::borrow::Cow;
use std::io::{self, Write};

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Style};

use self::abilities::{Abilities, Blocks, Known};
use self::diff_writer::DiffWriter;
use self::grid::Grid;
use self::letters::LetterPictures;
use self::packed_cell::Dictionary;
use self::packed_color::PackedColor;
use self::plots::PlotPictures;
use self::sgr_state::SgrState;
use crate::answer::{ASK_COLORS, ASK_FEATURES, Answer};
use crate::color_depth::{self, ColorDepth};
use crate::enlarge::Enlarger;
use crate::graphics::{Encoder, Protocol};
use greenroom_base::plain;
use greenroom_frame::color;
use greenroom_frame::{Enlarging, Frame, PlacedLink, PlacedPicture, PlacedText};
use unicode_width::UnicodeWidthStr;

/// The most bytes of text that one text sizing sequence may hold.
const MAX_SIZED: usize = 4096;

/// Bytes from which it is worth while to try whether a clear screen makes them fewer.
const CLEAR: usize = 4096;

/// Ends a string that was begun; then, in this order: ASCII in G0 and G0 in use, no margins, positions from the first row,
/// characters replaced and not inserted, no attributes.
const UNDISTURBED: &[u8] = b"\x1b\\\x1b(B\x0f\x1b[r\x1b[?69l\x1b[?6l\x1b[4l\x1b[m";

/// A terminal, and what it shows at the moment.
///
/// The terminal must not wrap lines on its own (`CSI ? 7 l`).
#[derive(Debug)]
pub struct Screen<W: Write> {
    out: W,
    depth: ColorDepth,
    can: Abilities,
    encoder: Encoder,
    /// Nothing when it has to be drawn from scratch.
    shown: Option<ScreenState>,
    /// Something else may have changed how the terminal takes what it is sent.
    disturbed: bool,
    /// The pen that the last frame left behind.
    pen: Option<SgrState>,
    words: Dictionary,
    /// The look of its cursor, as the number of DECSCUSR; none when something else may have changed it.
    cursor_style: Option<u8>,
    enlarger: Enlarger,
    letters: LetterPictures,
    plots: PlotPictures,
    /// What is written before the next frame.
    first: Vec<u8>,
}

/// What the terminal shows.
#[derive(Debug)]
struct ScreenState {
    grid: Grid,
    texts: Vec<PlacedText>,
    pictures: Vec<PlacedPicture>,
    /// Each with an address that holds nothing but what may stand in one.
    links: Vec<PlacedLink>,
    cursor: Option<Position>,
}

/// The terminal that the program was started on.
pub type Terminal = std::io::Stdout;

impl Screen<Terminal> {
    /// The program's own terminal, which is on its standard output.
    #[must_use]
    pub fn of_terminal(depth: ColorDepth) -> Self {
        Self::new(std::io::stdout(), depth)
    }
}

impl<W: Write> Screen<W> {
    /// A terminal with this many colours, about which nothing else is known.
    pub fn new(out: W, depth: ColorDepth) -> Self {
        let encoder = Encoder::new(Protocol::Blocks);
        Self {
            out,
            depth,
            can: Abilities::new(),
            encoder,
            shown: None,
            disturbed: false,
            pen: None,
            words: Dictionary::default(),
            cursor_style: Some(0),
            enlarger: Enlarger::new(),
            letters: LetterPictures::default(),
            plots: PlotPictures::default(),
            first: Vec::new(),
        }
    }

    /// What shows the pictures that lie over the cells.
    #[must_use]
    pub fn with_pictures(mut self, encoder: Encoder) -> Self {
        self.encoder = encoder;
        self
    }

    /// Whether the terminal, of which nothing tells that it shows pictures, is asked for it: [`Screen::ask`].
    #[must_use]
    pub fn with_question(mut self, yes: bool) -> Self {
        self.can.pictures = if yes { Known::Unknown } else { Known::Fully };
        self
    }

    /// Whether the terminal, of which something tells that it shows few colours, is asked whether it shows them all: [`Screen::ask`].
    #[must_use]
    pub fn with_color_question(mut self, yes: bool) -> Self {
        let few = matches!(self.depth, ColorDepth::C256 | ColorDepth::C16);
        self.can.colors = if yes && few { Known::Unknown } else { Known::Fully };
        self
    }

    /// Whether the terminal has the text sizing protocol (kitty from 0.40 on). It counts with 24-bit colours only.
    #[must_use]
    pub fn with_text_sizing(mut self, yes: bool) -> Self {
        self.can.text_sizing = yes;
        if yes && self.depth == ColorDepth::True {
            self.enlarger.by_texts();
        }
        self
    }

    /// Whether erased cells take the current background, as in most terminals.
    #[must_use]
    pub fn with_color_erase(mut self, yes: bool) -> Self {
        self.can.erases_in_color = yes;
        self
    }

    /// Whether the terminal knows kinds of lines under letters (SGR `4:3`), and colours for them, as most do.
    #[must_use]
    pub fn with_underlines(mut self, yes: bool) -> Self {
        self.can.underlines = yes;
        self
    }

    /// Whether sextants are drawn, whatever the font has; elsewhere quadrants stand for them.
    #[must_use]
    pub fn with_sextants(mut self, yes: bool) -> Self {
        self.can.blocks = if yes { Blocks::Sextants } else { Blocks::Quadrants };
        self
    }

    /// Forgets what the terminal shows: the next frame is drawn from scratch.
    pub fn invalidate(&mut self) {
        self.shown = None;
        self.pen = None;
        self.cursor_style = None;
    }

    /// As [`Screen::invalidate`], where something else has written on the terminal: its margins, character sets and
    /// insertion are put right as well.
    pub fn repaint(&mut self) {
        self.invalidate();
        self.disturbed = true;
    }

    /// Asks the terminal whether it shows what it should be able to show, so that rows can be drawn as pictures; what it has where
    /// that is not so or nothing is known of it; and whether it shows all colours. What it says comes with its input:
    /// [`Screen::answered`].
    ///
    /// # Errors
    /// What the terminal says.
    pub fn ask(&mut self) -> io::Result<()> {
        let (mut bytes, mut is_asked) = (Vec::new(), true);
        match self.encoder.protocol() {
            Protocol::Kitty if self.depth == ColorDepth::True => self.enlarger.ask(&mut bytes),
            Protocol::Blocks if self.can.pictures == Known::Unknown => {}
            _ => is_asked = false,
        }
        if is_asked && self.can.pictures == Known::Unknown {
            self.can.pictures = Known::Asked;
            // Every terminal answers this, and in the order of its questions.
            bytes.extend_from_slice(ASK_FEATURES);
        }
        if self.can.colors == Known::Unknown {
            self.can.colors = Known::Asked;
            self.pen = None;
            bytes.extend_from_slice(ASK_COLORS);
        }
        if bytes.is_empty() {
            return Ok(());
        }
        self.out.write_all(&bytes)?;
        self.out.flush()
    }

    /// The terminal's answer to [`Screen::ask`]. `cell` says how many pixels a cell has, where that is known.
    pub fn answered(&mut self, answer: Answer, cell: Option<(u16, u16)>) {
        match answer {
            Answer::Picture { .. } => self.enlarger.answered(answer, cell),
            Answer::Colors { direct } if self.can.colors == Known::Asked => {
                self.can.colors = Known::Fully;
                if direct {
                    self.depth = ColorDepth::True;
                    self.invalidate();
                }
            }
            Answer::Features { sixel } if self.can.pictures == Known::Asked => {
                self.can.pictures = Known::Fully;
                let has = match self.encoder.protocol() {
                    Protocol::Kitty if self.enlarger.shows_pictures() => Protocol::Kitty,
                    _ if sixel => Protocol::Sixel,
                    // One that only claims to be kitty would show nothing in the place of titles.
                    _ => Protocol::Blocks,
                };
                if has != self.encoder.protocol() {
                    self.encoder = Encoder::new(has);
                    self.measure(cell);
                    self.invalidate();
                }
            }
            // It says so to somebody else, who was here before.
            Answer::Features { .. } | Answer::Colors { .. } => {}
        }
    }

    /// How many pixels a cell has now, where that is known.
    pub fn measure(&mut self, cell: Option<(u16, u16)>) {
        if let Some((width, height)) = cell {
            self.encoder.set_cell(width, height);
        }
        self.enlarger.measure(cell);
    }

    /// How frames can be shown that have fewer cells than the window.
    #[must_use]
    pub fn enlarging(&self) -> Enlarging {
        self.enlarger.enlarging()
    }

    /// Whether a picture can be replaced by the next one many times a second: not where each is sent whole, and drawn over the one
    /// before.
    #[must_use]
    pub fn is_animated(&self) -> bool {
        match self.encoder.protocol() {
            Protocol::Kitty | Protocol::KittyInTmux | Protocol::Blocks => true,
            Protocol::Iterm2 | Protocol::Sixel => false,
        }
    }

    /// Whether the terminal has taken in what it was sent. Another frame before that would wait in memory.
    pub fn is_ready(&mut self) -> bool {
        self.enlarger.is_ready()
    }

    /// Draws `frame` and says how many bytes that took: none when nothing changed.
    ///
    /// # Errors
    /// What the terminal says; the next frame is then drawn from scratch.
    pub fn draw(&mut self, frame: &Frame) -> io::Result<usize> {
        let window = frame.window.filter(|_| self.enlarger.enlarging() != Enlarging::None);
        let cell = match window {
            Some(window) => self.enlarger.cell(frame, window),
            // With fewer colours the background is the terminal's own, which letters in a theme's might be lost on.
            None if matches!(self.depth, ColorDepth::True | ColorDepth::C256) => {
                self.encoder.covers_cells().then(|| self.encoder.cell())
            }
            None => None,
        };
        let drawn = cell
            .filter(|_| !frame.letters.is_empty() || !frame.plots.is_empty())
            .map(|cell| self.drawn(frame, cell));
        let frame = drawn.as_ref().unwrap_or(frame);
        if let Some(window) = window {
            let under = self.enlarger.under(frame, window);
            return self.draw_cells(&under, Some((frame, window)));
        }
        if self.enlarger.is_on() {
            self.enlarger.leave(&mut self.first);
            self.invalidate();
        }
        self.draw_cells(frame, None)
    }

    /// `frame` with its large letters and charts as pictures in cells of these pixels.
    fn drawn(&mut self, frame: &Frame, cell: (u16, u16)) -> Frame {
        let mut drawn = self.letters.drawn(frame, cell);
        // A chart moves, and the colours beside its picture are its own.
        if self.encoder.protocol() == Protocol::Kitty && self.depth == ColorDepth::True {
            self.plots.draw(self.letters.raster(), &mut drawn, cell);
        }
        drawn
    }

    /// Draws the cells, pictures and texts of `frame`, and another one enlarged over them.
    fn draw_cells(&mut self, frame: &Frame, over: Option<(&Frame, (u16, u16))>) -> io::Result<usize> {
        let (cells, pictures) = self.beneath_pictures(frame);
        self.forget_many();
        let mut words = std::mem::take(&mut self.words);
        let mut next = ScreenState {
            grid: Grid::of(&cells, frame.cursor, &self.can, &mut words),
            texts: self.sized(frame),
            pictures,
            links: frame.links.iter().filter(|link| plain::is_address(&link.address)).cloned().collect(),
            cursor: frame.cursor.filter(|at| frame.area().contains(*at)),
        };
        for text in &next.texts {
            next.grid.cover(text.area, &words.looks);
        }
        let before = self.shown.take().filter(|shown| shown.grid.same_size(&next.grid));
        let visible = before.as_ref().map(|shown| shown.cursor.is_some());
        let moved = before.as_ref().is_none_or(|shown| shown.cursor != next.cursor);
        let pictures = before.as_ref().map(|shown| shown.pictures.clone()).unwrap_or_default();
        let (mut brush, cleared) = self.cells(before, &next, &cells, &words);
        if !pictures.is_empty() || !next.pictures.is_empty() {
            self.encoder.update(&pictures, &next.pictures, cleared, &mut brush.out);
            brush.lose_cursor();
        }
        if let Some((enlarged, window)) = over {
            let before = brush.out.len();
            self.enlarger.update(enlarged, window, cleared, &mut brush.out);
            if brush.out.len() > before {
                brush.lose_cursor();
                brush.pen = None;
            }
        }
        if let Some(at) = next.cursor
            && (moved || !brush.out.is_empty())
        {
            brush.go(at.x, at.y, &[]);
        }
        self.show_cursor(next.cursor.map(|_| frame.cursor_style), visible, &mut brush.out);
        let (pen, result) = (brush.pen, self.send(&brush.out));
        self.words = words;
        if result.is_ok() {
            self.pen = pen;
            self.shown = Some(next);
        } else {
            self.invalidate();
        }
        result
    }

    /// Forgets the characters and looks that are shown no more, once they are many.
    fn forget_many(&mut self) {
        if self.words.symbols.forget_many() {
            self.invalidate();
        }
        if let (Some(before), Some(shown)) = (self.words.looks.take_many(), &mut self.shown) {
            shown.grid.take_along(&before, &mut self.words.looks);
        }
    }

    /// The cells of `frame` in this terminal's colours, and the pictures that cover some of them, which are blank.
    fn beneath_pictures<'f>(&mut self, frame: &'f Frame) -> (Cow<'f, Buffer>, Vec<PlacedPicture>) {
        let mut cells = Cow::Borrowed(&frame.cells);
        if self.depth != ColorDepth::True {
            color_depth::reduce(cells.to_mut(), self.depth);
        }
        if !self.encoder.covers_cells() || frame.pictures.is_empty() {
            return (cells, Vec::new());
        }
        let pictures = frame.pictures.clone();
        let background = color::common_background(&cells);
        for placed in &pictures {
            if self.encoder.protocol() != Protocol::KittyInTmux {
                blank(cells.to_mut(), placed.area, background);
            } else if self.encoder.stand_in(placed, &pictures, cells.to_mut(), &mut self.first) {
                // What is half a block of the picture is no colour of the background.
                cells.to_mut().set_style(placed.area, Style::new().bg(background));
            }
        }
        (cells, pictures)
    }

    /// Shows the cursor in this style, or hides it where there is none; `visible` tells what it is now, where that is known.
    fn show_cursor(&mut self, style: Option<u8>, visible: Option<bool>, out: &mut Vec<u8>) {
        match style {
            Some(_) if visible != Some(true) => out.extend_from_slice(b"\x1b[?25h"),
            // First: xterm draws anew, with the picture that was there, the cell that its cursor leaves.
            None if visible != Some(false) => drop(out.splice(0..0, *b"\x1b[?25l")),
            _ => {}
        }
        let other = style.filter(|style| self.cursor_style.replace(*style) != Some(*style));
        out.extend(other.iter().flat_map(|style| format!("\x1b[{style} q").into_bytes()));
    }

    /// The changed cells and the enlarged text; says whether the screen was cleared for it.
    fn cells<'a>(
        &self,
        before: Option<ScreenState>,
        next: &'a ScreenState,
        cells: &Buffer,
        words: &'a Dictionary,
    ) -> (DiffWriter<'a>, bool) {
        let afresh = |pen| {
            let mut brush = DiffWriter::new(pen, self.can.erases_in_color, words).with_links(&next.links);
            let background = PackedColor::of(color::common_background(cells));
            let blank = brush.clear(next.grid.width, next.grid.height, background);
            brush.differences(&blank, &next.grid);
            sized_texts(&mut brush, next);
            brush
        };
        let Some(mut before) = before else { return (afresh(None), true) };
        let new_texts = before.texts != next.texts;
        // What a picture that is gone left behind ends only where cells are written.
        for gone in before.pictures.iter().filter(|placed| !next.pictures.contains(placed)) {
            before.grid.cover(gone.area, &words.looks);
        }
        if new_texts || before.pictures != next.pictures {
            before.grid.uncover();
        }
        // A cell takes its link when it is written.
        if before.links != next.links {
            let gone = before.links.iter().filter(|link| !next.links.contains(link));
            let new = next.links.iter().filter(|link| !before.links.contains(link));
            for link in gone.chain(new) {
                before.grid.forget(link.area);
            }
        }
        let mut brush = DiffWriter::new(self.pen, self.can.erases_in_color, words).with_links(&next.links);
        brush.differences(&before.grid, &next.grid);
        if new_texts {
            sized_texts(&mut brush, next);
        }
        // A clear screen may be seen for a moment where updates are not synchronized: only if much is won by it.
        let count = usize::from(next.grid.width) * usize::from(next.grid.height);
        if brush.out.len() > CLEAR && before.grid.changes(&next.grid) > count / 4 {
            let other = afresh(self.pen);
            if other.out.len() < brush.out.len() / 4 * 3 {
                return (other, true);
            }
        }
        (brush, false)
    }

    /// Takes the pictures out of the terminal's memory: for the end of a talk.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn forget_pictures(&mut self) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.first);
        self.encoder.close(&mut bytes);
        self.enlarger.close(&mut bytes);
        self.invalidate();
        self.out.write_all(&bytes)?;
        self.out.flush()
    }

    fn send(&mut self, body: &[u8]) -> io::Result<usize> {
        if body.is_empty() {
            return Ok(0);
        }
        let undisturbed: &[u8] = if self.disturbed { UNDISTURBED } else { b"" };
        let first = std::mem::take(&mut self.first);
        let bytes = [undisturbed, b"\x1b[?2026h", &first, body, b"\x1b[?2026l"].concat();
        self.out.write_all(&bytes)?;
        self.out.flush()?;
        self.disturbed = false;
        Ok(bytes.len())
    }

    /// The texts of `frame` that the terminal can enlarge.
    fn sized(&self, frame: &Frame) -> Vec<PlacedText> {
        if !self.can.text_sizing || self.depth != ColorDepth::True {
            return Vec::new();
        }
        let fits = |text: &&PlacedText| {
            let width = text.text.width().saturating_mul(usize::from(text.scale));
            (2..=7).contains(&text.scale)
                && frame.area().intersection(text.area) == text.area
                && (1..=usize::from(text.area.width)).contains(&width)
                && text.area.height >= u16::from(text.scale)
                && text.text.len() <= MAX_SIZED
                && !text.text.contains(char::is_control)
        };
        frame.texts.iter().filter(fits).cloned().collect()
    }
}

/// Nothing in `area` but the background.
fn blank(cells: &mut Buffer, area: Rect, background: Color) {
    for position in area.intersection(cells.area).positions() {
        cells[position].reset();
        cells[position].bg = background;
    }
}

fn sized_texts(brush: &mut DiffWriter, shown: &ScreenState) {
    for PlacedText { area, text, scale, style } in &shown.texts {
        let mut cell = Cell::new("x");
        cell.set_style(*style);
        let mut pen = SgrState::of(&cell, true);
        if let (Some(under), None) = (shown.grid.row(area.y).get(usize::from(area.x)), style.bg) {
            pen.bg = brush.words.looks.pen(under.look).bg;
        }
        brush.go(area.x, area.y, &[]);
        brush.take(pen.beside(brush.pen, false));
        brush.lead(area.x, area.y);
        let _ = write!(brush.out, "\x1b]66;s={scale};{text}\x07");
        brush.lead_nowhere();
        brush.lose_cursor();
    }
}

#[cfg(test)]
mod tests;
