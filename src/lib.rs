//! **Greenroom**: a terminal talk with live demos.
//!
//! A deck's journey, which is also the order of the modules: [`files`] are read, [`parse`] makes a
//! [`deck`] of them, [`layout`] places a slide's blocks in a scene, [`paint`] turns the scene into cells,
//! [`view`] puts them into a [`frame`], and the [`stage`] shows it and tells the [`talk`] which keys were
//! pressed. `ARCHITECTURE.md` draws the map; `tests/layers.rs` keeps it true.

// Whatever is printed goes through `edge::say`; `tests/layers.rs` looks for other ways to the streams.
#![warn(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro)]

pub mod bench;
pub mod cli;
pub mod clock;
pub mod cmd;
pub mod counted;
pub mod deck;
pub mod diag;
pub mod edge;
pub mod export;
pub mod files;
pub mod follow;
pub mod frame;
pub mod headless;
pub mod launch;
pub mod layout;
pub mod link;
pub mod paint;
pub mod pane;
pub mod parse;
pub mod plain;
pub mod plan;
pub mod practice;
pub mod probe;
pub mod run;
pub mod stage;
pub mod talk;
pub mod tape;
pub mod view;
