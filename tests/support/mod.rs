//! What several tests share.

#[cfg(target_os = "linux")]
pub mod stage;
pub mod terminal;
