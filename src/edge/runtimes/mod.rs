//! Python runtimes for demos: finding interpreters, and virtual environments for them.
//!
//! Everything here may block for a while, and is called on a thread of its own where something else goes on.

pub mod child;
mod find;
mod places;
mod prepare;
pub mod project;
pub mod survey;
mod uv;

pub use find::{Scope, describe, find};
pub use places::{Places, Wanted};
pub use prepare::{LOCK, Lock, NotReady, Prepared, Store, environment, setup};
pub use uv::{Progress, SetupError, Sink, Uv};
