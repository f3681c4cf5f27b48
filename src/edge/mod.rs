//! Everything that touches the world: files, the terminal, signals, processes.
#![allow(clippy::disallowed_methods)] // this is the one place that may

#[cfg(target_os = "linux")]
pub mod bench;
pub mod command;
pub mod consent;
pub mod deckfiles;
pub mod depth;
pub mod disk;
pub mod graphics;
pub mod guard;
pub mod input;
pub mod keeper;
pub mod link;
pub mod memory;
pub mod pack;
pub mod packed;
pub mod picture;
pub mod practice;
pub mod private;
pub mod probe;
pub mod program;
pub mod pty;
mod remote;
pub mod runs;
pub mod runtimes;
pub mod say;
pub mod screen;
pub mod takes;
pub mod tty;
pub mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs as one of the processes that this executable starts of itself, if the arguments say so.
pub fn helper(mut args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    match args.next()?.to_str()? {
        guard::SUBCOMMAND => Some(guard::guard_main(args)),
        picture::SUBCOMMAND => Some(picture::picture_main(args)),
        _ => None,
    }
}
