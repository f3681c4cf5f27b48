//! `greenroom export`

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use crate::cli::Export;
use crate::export;
use crate::headless;
use crate::paint::Ink;

/// Writes the deck as text.
///
/// # Errors
/// When there is no deck, or the output cannot be written.
pub fn run(options: &Export) -> anyhow::Result<ExitCode> {
    let (located, deck) = super::open(options.deck.as_deref())?;
    let ink = Ink::new();
    for slide in 0..deck.slides.len() {
        let _ = headless::load_pictures(&deck, slide, &*located.files, &ink);
    }
    let text = export::text(&deck, &ink, options.size);
    match &options.output {
        None => std::io::stdout().lock().write_all(text.as_bytes())?,
        Some(path) => write(path, text.as_bytes(), options.force)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a new file beside `path` and moves it there, so that no half file is left behind.
fn write(path: &Path, bytes: &[u8], force: bool) -> anyhow::Result<()> {
    if path.exists() && !force {
        anyhow::bail!("{} is there already; --force replaces it", path.display());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("nothing can be written in {}", folder.display()))?;
    file.write_all(bytes)?;
    file.persist(path).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(())
}
