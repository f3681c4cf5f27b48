//! Slides to cells: [`layout`] gives each block of a slide its place, [`paint`] draws it.

pub mod paint;

pub use greenroom_layout as layout;

#[cfg(test)]
mod looks;
