//! Turns a [`crate::layout::Scene`] into the cells of a [`greenroom_frame::Frame`].

mod chrome;
mod code;
mod items;
mod logo;
mod pane;
pub mod picture;
mod render_cache;
pub mod thumb;

pub use chrome::{Footer, Progress, card, footer, prompt};
pub use items::scene;
pub use logo::logo;
pub use pane::{Beside, PaneLook, PaneLooks, draw as draw_pane};
pub use render_cache::{Picked, RenderCache};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Gives every cell of `area` this style and no symbol.
pub fn fill(cells: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(cells.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let cell = &mut cells[(x, y)];
            cell.reset();
            cell.set_style(style);
        }
    }
}
