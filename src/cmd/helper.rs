//! The processes that this executable starts of itself.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::runner::{diagram, picture};
use greenroom_system::guard;

/// Runs as one of them, if the arguments say so.
pub fn helper(mut args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    match args.next()?.to_str()? {
        guard::SUBCOMMAND => Some(guard::guard_main(args)),
        picture::SUBCOMMAND => Some(picture::picture_main(args)),
        diagram::SUBCOMMAND => Some(diagram::diagram_main(args)),
        _ => None,
    }
}
