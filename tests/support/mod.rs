//! What several tests share.

#[cfg(target_os = "linux")]
pub mod link;
#[cfg(target_os = "linux")]
pub mod stage;
pub mod terminal;
