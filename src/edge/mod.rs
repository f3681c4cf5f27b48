//! Everything that touches the world: files, the terminal, signals, processes.
#![allow(clippy::disallowed_methods)] // this is the one place that may

pub mod deckfiles;
pub mod link;
mod located;
pub mod memory;
pub mod pack;
pub mod packed;
pub mod picture;
pub mod practice;
pub mod recorder;
mod remote;
pub mod runs;
pub mod takes;
pub mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs as one of the processes that this executable starts of itself, if the arguments say so.
pub fn helper(mut args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    match args.next()?.to_str()? {
        greenroom_system::guard::SUBCOMMAND => Some(greenroom_system::guard::guard_main(args)),
        picture::SUBCOMMAND => Some(picture::picture_main(args)),
        _ => None,
    }
}
