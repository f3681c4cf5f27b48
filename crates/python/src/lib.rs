//! Python runtimes for demos: finding interpreters, and virtual environments for them.
//!
//! Everything here may block for a while, and is called on a thread of its own where something else goes on.
#![allow(clippy::disallowed_methods)] // it is one of the places that may touch the world

mod find;
mod indexes;
mod lock;
pub mod lockfile;
mod order;
mod places;
mod plan;
mod prepare;
pub mod project;
pub mod requirement;
pub mod runtime;
mod sources;
pub mod survey;
mod uv;

pub use find::{Scope, describe, find};
pub use indexes::{Indexes, without_password};
pub use lock::{LOCK, Lock, LockError};
pub use order::{Choice, Further, Order};
pub use places::{Places, Wanted};
pub use plan::Plan;
pub use prepare::{FurtherPrepared, NotReady, Prepared, Store, environment, log_file, setup};
pub use sources::Sources;
pub use uv::{Progress, SetupError, Sink, Uv};
