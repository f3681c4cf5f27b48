//! The socket between a stage and those who follow it: found by the deck's name, open to its user alone.

mod client;
mod handle;
mod lines;
mod server;

pub use client::follow;
pub use handle::LinkEvent;
pub(super) use handle::{LinkHandle, Subscription};
pub use server::{LinkServer, Serve, serve};

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use greenroom_system::private;

use greenroom_deck::Fnv;

/// Why a stage cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The folder is not this user's own.
    #[error("{0} belongs to somebody else or is open to others: remove it, or set XDG_RUNTIME_DIR")]
    NotOurs(PathBuf),
    /// Another stage gives the same deck.
    #[error("this deck is on stage in another terminal already; greenroom notes follows that one")]
    Taken,
    /// What the system said.
    #[error("{path}: {error}")]
    Io {
        /// Of what.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Where the stage of the deck called `name` is met; its folder is made, and is this user's alone.
///
/// # Errors
/// [`LinkError`] when there is no such folder and none can be made.
pub fn meeting_place(name: &str) -> Result<PathBuf, LinkError> {
    let folder = private::meeting_folder();
    own_folder(&folder, rustix::process::geteuid().as_raw())?;
    Ok(folder.join(format!("{}.sock", Fnv::of(name))))
}

/// Makes `folder` for `user` alone, or looks whether it is that.
fn own_folder(folder: &Path, user: u32) -> Result<(), LinkError> {
    let wrong = |error| LinkError::Io { path: folder.to_owned(), error };
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(wrong(error)),
        _ => {}
    }
    // A link would lead to a folder that was not looked at.
    let about = fs::symlink_metadata(folder).map_err(wrong)?;
    if !about.is_dir() || about.uid() != user {
        return Err(LinkError::NotOurs(folder.to_owned()));
    }
    if about.mode() & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(wrong)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
