//! What is kept of talks: where one was left, and how practices went.
#![allow(clippy::disallowed_methods)] // it is one of the places that may touch the world

pub mod address;
pub mod bookmark;
pub mod practice_log;
