//! Where everything on a slide is, before it has cells.

use std::ops::Range;
use std::sync::Arc;

use ratatui::layout::Rect;
use ratatui::style::Style;

use greenroom_deck::{Code, Image, PaneSpec, Qr, Rgb};
use greenroom_raster::PixelFace;

/// A slide at a step, placed in an area of the screen.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// What stays in place at the top, its rows counted from the top of the area.
    pub head: Vec<SceneItem>,
    /// What scrolls, its rows counted from the top of [`Scene::body_area`] when nothing is scrolled.
    pub body: Vec<SceneItem>,
    /// Where the body shows; its part of the area.
    pub body_area: Rect,
    /// How many rows the body has; more than its area has when it overflows.
    pub body_rows: u32,
    /// The rows of the body that the current step is about, to be scrolled into view.
    pub focus: Option<Range<u32>>,
}

impl Scene {
    /// How many rows do not fit: how far the body can be scrolled.
    #[must_use]
    pub fn overflow(&self) -> u32 {
        self.body_rows.saturating_sub(u32::from(self.body_area.height))
    }

    /// Where `item` of the body shows when it is scrolled down by `scroll` rows, on a screen of so many columns,
    /// and how many of its rows are above that.
    #[must_use]
    pub fn on_screen(&self, item: &SceneItem, scroll: u32, columns: u16) -> Option<(Rect, u32)> {
        place(item, self.body_area, i64::from(self.body_area.y) - i64::from(scroll), columns)
    }

    /// The panes that this step shows: which one of the slide, what it is, and its item.
    pub fn panes(&self) -> impl Iterator<Item = (usize, &PaneSpec, &SceneItem)> {
        self.body.iter().filter_map(|item| match &item.what {
            Kind::Pane(index, spec) => Some((*index, &**spec, item)),
            _ => None,
        })
    }

    /// The scroll nearest to `scroll` that shows [`Scene::focus`], its first row above all.
    #[must_use]
    pub fn scroll_to_focus(&self, scroll: u32) -> u32 {
        let Some(focus) = &self.focus else { return scroll.min(self.overflow()) };
        let height = u32::from(self.body_area.height);
        let lowest = focus.end.saturating_sub(height).min(focus.start);
        scroll.clamp(lowest, focus.start.max(lowest)).min(self.overflow())
    }
}

/// The part of `item` inside of `clip` when its rows are counted from `origin`, and how many are cut off above.
#[must_use]
pub fn place(item: &SceneItem, clip: Rect, origin: i64, columns: u16) -> Option<(Rect, u32)> {
    let top = i64::from(item.y) + origin;
    let first = top.max(i64::from(clip.y));
    let last = (top + i64::from(item.height)).min(i64::from(clip.bottom()));
    let width = item.width.min(columns.saturating_sub(item.x));
    if first >= last || width == 0 {
        return None;
    }
    let (y, height) = (u16::try_from(first).ok()?, u16::try_from(last - first).ok()?);
    Some((Rect { x: item.x, y, width, height }, u32::try_from(first - top).ok()?))
}

/// Something with a place.
#[derive(Debug, Clone)]
pub struct SceneItem {
    /// Column of its left side, counted from the left of the screen's area.
    pub x: u16,
    /// Row of its top.
    pub y: u32,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u32,
    /// What it is.
    pub what: Kind,
}

/// What has a place.
#[derive(Debug, Clone)]
pub enum Kind {
    /// One line of text.
    Line(Vec<Run>),
    /// A surface behind other items.
    Fill(Style),
    /// The ground of every second row of a table. It hangs over by a column on either side, so that what stands on it
    /// keeps to the line of the text above and below. With `true`, by half a row above and below as well.
    Stripe(Rgb, bool),
    /// A bar or rule: this symbol in every cell.
    Pattern(&'static str, Style),
    /// Large letters.
    Big(BigText),
    /// Lines of code on their surface.
    Code(CodeRows),
    /// A picture; its size keeps the picture's proportions.
    Image(Image),
    /// A QR code: a column for each module, and a row for two.
    Qr(Qr),
    /// A live pane: which one of the slide, and what it is.
    Pane(usize, Box<PaneSpec>),
}

/// Text with one look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    /// Free of control characters.
    pub text: String,
    /// Colour and letters; a background only where it differs from what is behind.
    pub style: Style,
    /// Where it leads, as the deck says it. The runs of one link share it.
    pub link: Option<Arc<str>>,
}

impl Run {
    /// Text that leads nowhere.
    #[must_use]
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style, link: None }
    }
}

/// A line in letters that are several cells high.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BigText {
    /// Its words, with their looks.
    pub runs: Vec<Run>,
    /// How high they are.
    pub face: PixelFace,
}

impl BigText {
    /// The words.
    #[must_use]
    pub fn text(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }
}

/// Code, with its lines broken where they are too long.
#[derive(Debug, Clone)]
pub struct CodeRows {
    /// The code.
    pub code: Arc<Code>,
    /// From top to bottom.
    pub rows: Vec<CodeRow>,
    /// Columns kept for line numbers; 0 for none.
    pub gutter: u16,
    /// Empty columns between the surface's sides and the text.
    pub padding: u16,
    /// Empty rows above the first and below the last row.
    pub margin: u16,
    /// How many times as large its letters are as others: each takes so many columns and rows.
    pub times: u8,
}

impl CodeRows {
    /// The rows of cells that it takes.
    pub(crate) fn height(&self) -> u32 {
        let rows = u32::try_from(self.rows.len()).unwrap_or(super::MAX_ROWS);
        rows * u32::from(self.times) + 2 * u32::from(self.margin)
    }
}

/// One row of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRow {
    /// Index of the line in the code.
    pub line: usize,
    /// The bytes of the code that it shows.
    pub bytes: Range<usize>,
    /// Whether it goes on a line that began on the row before.
    pub continued: bool,
    /// Whether it stands out, is dimmed, or neither.
    pub emphasis: Emphasis,
}

/// How a row of code stands beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emphasis {
    /// Like every other.
    Plain,
    /// Stands out.
    Lit,
    /// Steps back.
    Dimmed,
}
