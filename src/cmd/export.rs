//! `greenroom export`

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use tokio::sync::Notify;

use crate::cli::Export;
use crate::edge::pty::Launcher;
use crate::edge::runs::Runner;
use crate::export::{self, Show};
use crate::headless;
use crate::paint::Ink;
use crate::run::Size;

/// The screen that text is drawn for: the smallest that a deck should fit.
const SMALL: Size = Size { columns: 80, rows: 24 };
/// The screen that pages are drawn for: about as wide as a projector.
const WIDE: Size = Size { columns: 120, rows: 34 };

/// Writes the deck in other forms. Nothing is run; recordings play.
///
/// # Errors
/// When there is no deck, or the output cannot be written.
pub fn run(options: &Export) -> anyhow::Result<ExitCode> {
    for path in [&options.output, &options.html].into_iter().flatten() {
        refuse(path, options.force)?;
    }
    let (located, deck) = super::open(options.deck.as_deref())?;
    let ink = Ink::new();
    for slide in 0..deck.slides.len() {
        let _ = headless::load_pictures(&deck, slide, &*located.files, &ink);
    }
    // A runner that opens recordings, and knows of no program to start anything with.
    let nobody = Launcher::of(PathBuf::new());
    let runner = Runner::new(&located, nobody, Arc::new(Notify::new()), Instant::now());
    let tapes = |path: &str| runner.tape(path).ok();
    let size = options.size.unwrap_or(if options.text { SMALL } else { WIDE });
    let show = Show { deck: &deck, ink: &ink, size, tapes: &tapes };
    if options.text {
        let text = export::text(&show);
        match &options.output {
            None => std::io::stdout().lock().write_all(text.as_bytes())?,
            Some(path) => write(path, text.as_bytes(), options.force)?,
        }
    }
    if let Some(path) = &options.html {
        write(path, export::html(&show).as_bytes(), options.force)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn refuse(path: &Path, force: bool) -> anyhow::Result<()> {
    if fs::symlink_metadata(path).is_ok() && !force {
        bail!("{} is there already; --force replaces it", path.display());
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a new file beside `path` and moves it there, so that no half file is left behind.
fn write(path: &Path, bytes: &[u8], force: bool) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    let folder = folder_of(path);
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("nothing can be written in {}", folder.display()))?;
    file.write_all(bytes).with_context(cannot)?;
    file.as_file().set_permissions(Permissions::from_mode(0o644)).with_context(cannot)?;
    if force {
        file.persist(path).with_context(cannot)?;
    } else {
        file.persist_noclobber(path).with_context(cannot)?;
    }
    Ok(())
}
