//! Decks in other forms.

mod cells;
mod html;
mod letters;
mod lines;
pub mod live;
mod looks;
mod palette;
mod pdf;
mod pictures;
mod prose;
mod sheet;
mod svg;
mod woff;

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

pub use html::{blank_pictures, html};
pub use pdf::{Pages, PdfError, pdf};
pub use sheet::{Film, FilmChart, FilmPicture, Reel, Sheet, Sheets};
pub use svg::{Raster, svg};

/// Every slide with all its steps made and its recordings at their ends, as the stage draws it on a screen of this
/// size, without colours, and with the addresses of links.
#[must_use]
pub fn text(show: &dyn Sheets) -> String {
    let mut out = String::new();
    for slide in 0..show.deck().slides.len() {
        let mut sheet = show.sheet(slide, *show.steps(slide, false).end());
        sheet.frame.cells = blank_pictures(&sheet);
        for placed in &sheet.frame.pictures {
            let words = html::alt(show, slide, placed.picture.id);
            // The address of a code stands beside it.
            if words.starts_with(html::CODE) {
                continue;
            }
            let words = if words.is_empty() { "[picture]".to_owned() } else { format!("[picture: {words}]") };
            in_place(&mut sheet.frame.cells, placed.area, &words);
        }
        let rule = "─".repeat(usize::from(show.size().columns));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{rule}\n{}", sheet.frame.text_with_addresses().trim_end());
    }
    out
}

/// Writes `words` on the middle row of `area`, over blanks beside it where it is too narrow for them.
fn in_place(cells: &mut Buffer, area: Rect, words: &str) {
    let y = area.y + area.height / 2;
    let wide = u16::try_from(words.width()).unwrap_or(u16::MAX);
    let x = area.x.min(cells.area.right().saturating_sub(wide));
    let end = x.saturating_add(wide).max(area.right()).min(cells.area.right());
    let blank = |x: u16| cells.cell((x, y)).is_some_and(|cell| cell.symbol() == " ");
    let (x, end) = if (x..end).all(blank) { (x, end) } else { (area.x, area.right()) };
    cells.set_stringn(x, y, words, usize::from(end - x), Style::new());
}
