//! Looking at a deck, and at what it needs, before a talk: for `check`, `doctor` and `preflight`, and for whoever makes
//! something of a deck.
#![allow(clippy::disallowed_methods)] // it looks at this computer

pub(crate) mod demos;
pub(crate) mod diagrams;
pub(crate) mod letters;
pub(crate) mod minutes;
pub(crate) mod needs;
pub(crate) mod preflight;
mod python;
pub(crate) mod report;
pub(crate) mod slides;
pub(crate) mod tapes;
pub(crate) mod terminal;
