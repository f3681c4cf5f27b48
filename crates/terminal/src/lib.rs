//! A terminal: what is shown on it, and what is typed.
//!
//! A [`greenroom_frame::Frame`] of cells, pictures and links is compared with the one before and written by [`screen`], in the
//! colours ([`color_depth`]) and with the pictures ([`graphics`]) that the terminal has; one that has fewer cells than the window is
//! shown larger ([`enlarge`]). Its bytes become keys and [`answer`]s in [`input`].
//! [`tty`] and [`keeper`] give its modes back, whatever ends the program.
#![allow(clippy::disallowed_methods)] // it is one of the places that may touch the world

pub mod answer;
pub mod color_depth;
pub mod enlarge;
pub mod graphics;
pub mod input;
pub mod keeper;
mod modes;
pub mod screen;
pub mod sextants;
pub mod tty;
