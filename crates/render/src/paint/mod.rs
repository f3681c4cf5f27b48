//! Turns a [`crate::layout::Scene`] into the cells of a [`greenroom_terminal::frame::Frame`].

mod bench;
mod chrome;
mod code;
mod ink;
mod items;
mod pane;
pub mod picture;
mod probe;
pub mod thumb;

pub use bench::BenchLook;
pub use chrome::{Footer, Progress, card, footer, prompt};
pub use ink::{Picked, RenderCache};
pub use items::{fill, scene};
pub use pane::{Beside, PaneLook, PaneLooks, draw as draw_pane};
pub use probe::ProbeLook;
