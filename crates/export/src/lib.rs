//! Decks in other forms.

mod cells;
mod html;
mod letters;
mod lines;
mod pdf;
mod sheet;
mod svg;

use std::fmt::Write;

pub use html::{blank_pictures, html};
pub use pdf::{Pages, PdfError, pdf};
pub use sheet::{Film, Reel, Sheet, Sheets};
pub use svg::{Raster, svg};

/// Every slide with all its steps made and its recordings at their ends, as the stage draws it on a screen of this
/// size, without colours, and with the addresses of links.
#[must_use]
pub fn text(show: &dyn Sheets) -> String {
    let mut out = String::new();
    for slide in 0..show.deck().slides.len() {
        let sheet = show.sheet(slide, *show.steps(slide, false).end());
        let rule = "─".repeat(usize::from(show.size().columns));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{rule}\n{}", sheet.frame.text_with_addresses().trim_end());
    }
    out
}
