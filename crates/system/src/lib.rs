//! What Greenroom asks of the operating system: programs behind a guard that ends all they leave behind ([`guard`],
//! [`pty`], [`subprocess`]), folders of this user alone ([`private`]), files that are written without following links ([`disk`]), and
//! the one place that prints ([`say`]).
#![allow(clippy::disallowed_methods)] // it is one of the places that may touch the world

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
compile_error!("Greenroom runs on Linux and macOS only: its guards ask the system who started whom.");

pub mod command;
pub mod disk;
pub mod file_limit;
pub mod guard;
pub mod os;
pub mod private;
pub mod program;
pub mod pty;
pub mod say;
pub mod subprocess;
pub mod wall_clock;
