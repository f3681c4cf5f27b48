//! A stage for those who follow it: presenter views on a socket, phones on a page.
#![allow(clippy::disallowed_methods)] // it is one of the places that may touch the world

pub mod link;
mod pages;
pub mod remote;

pub use pages::{Backstage, Showing};
