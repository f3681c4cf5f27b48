//! What one moment of a talk looks like: cells, a cursor, and the pictures, large letters and links that lie over the cells.
//!
//! A [`Frame`] is what is drawn, and what a terminal, a document or a test is given: it knows of none of them.

pub mod color;
mod underline;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use greenroom_base::plain;
use greenroom_raster::{Curve, PixelFace};

pub use underline::{Underline, settled};

/// A decoded picture: straight (not premultiplied) RGBA, row by row, 4 bytes a pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Changes when the pixels do: a hash of the source bytes.
    pub id: u64,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// `width * height * 4` bytes.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({:x}, {}x{})", self.id, self.width, self.height)
    }
}

/// A picture over the cells of `area`, which hold its half-block likeness already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedPicture {
    /// Where in the frame; always inside of it.
    pub area: Rect,
    /// What.
    pub picture: Arc<Picture>,
}

/// Enlarged text over the cells of `area`, which hold block letters or plain text already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedText {
    /// Where in the frame: `scale` rows high.
    pub area: Rect,
    /// Free of control characters.
    pub text: String,
    /// How many cells high and wide a letter is, 2 to 7.
    pub scale: u8,
    /// How the text looks.
    pub style: ratatui::style::Style,
}

/// A line of large letters over the cells of `area`, which hold them in parts of cells already. What shows pictures can show it
/// as letters, and what is read or searched as words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlacedLetters {
    /// Where in the frame; always inside of it.
    pub area: Rect,
    /// From left to right.
    pub spans: Vec<LetterSpan>,
    /// What the letters look like.
    pub face: LetterFace,
}

/// What large letters look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterFace {
    /// Heavy and proportional, so many rows high: titles.
    Title(PixelFace),
    /// As in cells, but so many times as large: code.
    Code(u8),
}

impl PlacedLetters {
    /// The words.
    #[must_use]
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// A part of a line of large letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LetterSpan {
    /// Free of control characters.
    pub text: String,
    /// Its colours.
    pub style: Style,
}

/// Lines of a chart over the cells of `area`, which hold them in dots already, and a grid and marks beside these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedPlot {
    /// Where in the frame.
    pub area: Rect,
    /// The lines.
    pub curves: Vec<Curve>,
}

/// A link over cells that are drawn already: all of one, or its part in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedLink {
    /// Where in the frame.
    pub area: Rect,
    /// Where it leads: [`plain::is_address`].
    pub address: Arc<str>,
    /// The parts of one link have one number.
    pub number: usize,
}

/// How a terminal can show a frame that has fewer cells than its window, in larger letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Enlarging {
    /// Not at all.
    #[default]
    None,
    /// Twice, three times …: each cell of the frame takes a square of the window's.
    Whole,
    /// To any size: its rows are drawn as pictures.
    Any {
        /// Pixels that a cell of the window has across and down; none is 0.
        cell: (u16, u16),
    },
}

/// One moment, drawn. Everything that reaches a terminal, an export or a test goes through it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Complete on their own: a terminal without graphics shows these and nothing else.
    pub cells: Buffer,
    /// Where the terminal's cursor shows, if it does.
    pub cursor: Option<Position>,
    /// How it looks: the number of DECSCUSR; 0 is the terminal's own.
    pub cursor_style: u8,
    /// For terminals with a graphics protocol.
    pub pictures: Vec<PlacedPicture>,
    /// For terminals with the text sizing protocol.
    pub texts: Vec<PlacedText>,
    /// For terminals with a graphics protocol, and for documents.
    pub letters: Vec<PlacedLetters>,
    /// For terminals with a graphics protocol.
    pub plots: Vec<PlacedPlot>,
    /// For terminals and documents whose text can lead somewhere, in the order of reading. They are beside the cells, so
    /// that cells stay small and quick to compare.
    pub links: Vec<PlacedLink>,
    /// Columns and rows of the window that it is to fill, where these are more than its cells: it is shown enlarged.
    pub window: Option<(u16, u16)>,
}

impl Frame {
    /// Blank cells of this size.
    #[must_use]
    pub fn new(width: u16, height: u16) -> Self {
        Self::filled(width, height, Cell::EMPTY)
    }

    /// Cells of this size, all like `cell`.
    #[must_use]
    pub fn filled(width: u16, height: u16, cell: Cell) -> Self {
        Self {
            cells: Buffer::filled(Rect::new(0, 0, width, height), cell),
            cursor: None,
            cursor_style: 0,
            pictures: Vec::new(),
            texts: Vec::new(),
            letters: Vec::new(),
            plots: Vec::new(),
            links: Vec::new(),
            window: None,
        }
    }

    /// The whole area.
    #[must_use]
    pub fn area(&self) -> Rect {
        self.cells.area
    }

    /// Lets `area` lead to `address`, if that is one that can be opened. One link may take several areas: it is told by
    /// being the very same `Arc`.
    pub fn link(&mut self, area: Rect, address: &Arc<str>) {
        let area = area.intersection(self.area());
        if area.is_empty() || !plain::is_address(address) {
            return;
        }
        let known = self.links.iter().rev().find(|link| Arc::ptr_eq(&link.address, address));
        let next = self.links.iter().map(|link| link.number + 1).max().unwrap_or(0);
        let number = known.map_or(next, |link| link.number);
        match self.links.last_mut() {
            // Letters of several looks beside each other.
            Some(last)
                if last.number == number
                    && (last.area.y, last.area.height, last.area.right())
                        == (area.y, area.height, area.x) =>
            {
                last.area.width += area.width;
            }
            _ => self.links.push(PlacedLink { area, address: Arc::clone(address), number }),
        }
    }

    /// The cells with words in the place of large letters, on the row in their middle: what is to be read or searched.
    #[must_use]
    fn cells_with_words(&self) -> Cow<'_, Buffer> {
        let mut cells = Cow::Borrowed(&self.cells);
        for placed in &self.letters {
            let area = placed.area.intersection(self.area());
            let (cells, y) = (cells.to_mut(), area.y + area.height / 2);
            for position in area.positions() {
                cells[position].set_symbol(" ");
            }
            let mut x = area.x;
            for span in &placed.spans {
                let room = usize::from(area.right().saturating_sub(x));
                x = cells.set_stringn(x, y, &span.text, room, span.style).0;
            }
        }
        cells
    }

    /// The characters row by row, without colours and without blanks at the end of a row.
    #[must_use]
    pub fn text(&self) -> String {
        self.written(&|_, _| None)
    }

    /// The same, with the address of each link behind its words, where these are not the address itself.
    #[must_use]
    pub fn text_with_addresses(&self) -> String {
        let mut seen = HashSet::new();
        let mut ends: HashMap<(u16, u16), &str> = HashMap::new();
        for link in self.links.iter().rev().filter(|link| seen.insert(link.number)) {
            let parts = self.links.iter().filter(|part| part.number == link.number);
            let words: String =
                parts.map(|part| self.row(part.area.y, part.area.left()..part.area.right())).collect();
            let address = &*link.address;
            if ![Some(address), address.strip_prefix("mailto:")].contains(&Some(words.trim())) {
                ends.insert((link.area.right(), link.area.bottom() - 1), address);
            }
        }
        self.written(&|x, y| ends.get(&(x, y)).copied())
    }

    /// The characters row by row; `before` says what stands in brackets before a column.
    fn written<'a>(&self, before: &dyn Fn(u16, u16) -> Option<&'a str>) -> String {
        let (area, cells) = (self.area(), self.cells_with_words());
        let mut out = String::with_capacity(usize::from(area.width) * usize::from(area.height));
        for y in area.top()..area.bottom() {
            let start = out.len();
            let mut x = area.left();
            while x <= area.right() {
                if let Some(address) = before(x, y) {
                    out.push_str(" <");
                    out.push_str(address);
                    out.push('>');
                }
                let symbol = cells.cell((x, y)).map_or("", Cell::symbol);
                out.push_str(symbol);
                x += u16::try_from(symbol.width()).unwrap_or(1).max(1);
            }
            out.truncate(start + out[start..].trim_end().len());
            out.push('\n');
        }
        out
    }

    /// The characters of a part of row `y`.
    fn row(&self, y: u16, columns: std::ops::Range<u16>) -> String {
        let mut out = String::new();
        let mut x = columns.start;
        while x < columns.end {
            let symbol = self.cells.cell((x, y)).map_or("", Cell::symbol);
            out.push_str(symbol);
            x += u16::try_from(symbol.width()).unwrap_or(1).max(1);
        }
        out
    }
}
