//! Everything that touches the world.

pub mod guard;
pub mod pty;
