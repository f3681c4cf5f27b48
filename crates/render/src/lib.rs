//! Slides to cells: [`layout`] gives each block of a slide its place, [`paint`] draws it.

pub mod layout;
pub mod paint;
