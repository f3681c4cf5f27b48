//! Turns a [`crate::layout::Scene`] into the cells of a [`greenroom_terminal::frame::Frame`].

mod bench;
mod chrome;
mod code;
mod items;
mod pane;
pub mod picture;
mod probe;
mod render_cache;
pub mod thumb;

pub use bench::BenchLook;
pub use chrome::{Footer, Progress, card, footer, prompt};
pub use items::{fill, scene};
pub use pane::{Beside, PaneLook, PaneLooks, draw as draw_pane};
pub use probe::ProbeLook;
pub use render_cache::{Picked, RenderCache};
