//! What one moment of a talk looks like: cells, a cursor, and the pictures that lie over the cells.

use std::sync::Arc;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};

/// A decoded picture: straight (not premultiplied) RGBA, row by row, 4 bytes a pixel.
#[derive(PartialEq, Eq)]
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

/// One moment, drawn. Everything that reaches a terminal, an export or a test goes through it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Complete on their own: a terminal without graphics shows these and nothing else.
    pub cells: Buffer,
    /// Where the terminal's cursor shows, if it does.
    pub cursor: Option<Position>,
    /// For terminals with a graphics protocol.
    pub pictures: Vec<PlacedPicture>,
    /// For terminals with the text sizing protocol.
    pub texts: Vec<PlacedText>,
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
            pictures: Vec::new(),
            texts: Vec::new(),
        }
    }

    /// The whole area.
    #[must_use]
    pub fn area(&self) -> Rect {
        self.cells.area
    }

    /// The characters row by row, without colours and without blanks at the end of a row.
    #[must_use]
    pub fn text(&self) -> String {
        use unicode_width::UnicodeWidthStr;
        let area = self.area();
        let mut out = String::with_capacity(usize::from(area.width) * usize::from(area.height));
        for y in area.top()..area.bottom() {
            let start = out.len();
            let mut x = area.left();
            while x < area.right() {
                let symbol = self.cells[(x, y)].symbol();
                out.push_str(symbol);
                x += u16::try_from(symbol.width()).unwrap_or(1).max(1);
            }
            out.truncate(start + out[start..].trim_end().len());
            out.push('\n');
        }
        out
    }
}
