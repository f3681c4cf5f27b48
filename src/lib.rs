//! **Greenroom**: a terminal talk with live demos.
//!
//! This is the application; what it stands on are the crates beside it. [`open`] makes a
//! `greenroom_deck::Deck` of files, `greenroom_render` places a slide's blocks and paints them into cells, [`view`] puts
//! them into a frame, and the [`stage`] shows it and tells the [`talk`] which keys were pressed. `ARCHITECTURE.md` draws
//! the map; the manifests and `tests/layers.rs` keep it true.

pub mod cli;
pub mod cmd;
pub mod config;
pub mod decks;
pub mod follow;
pub mod headless;
pub mod history;
mod inspect;
pub mod keys;
pub mod link;
pub mod open;
pub mod practice;
pub mod runner;
pub mod script;
pub mod server;
pub mod sheet;
pub mod stage;
pub mod talk;
mod taping;
pub mod view;
