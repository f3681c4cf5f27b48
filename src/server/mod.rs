//! A stage for those who follow it: presenter views on a socket, phones on a page.
#![allow(clippy::disallowed_methods)] // it is one of the places that may touch the world

pub mod link;
mod pages;
mod parcel;
pub mod remote;

pub use pages::{Backstage, Nobody, Showing};
