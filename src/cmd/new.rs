//! `greenroom new`

use std::process::ExitCode;

use crate::cli::New;
use crate::decks::pack;
use greenroom_base::files::MemoryFiles;
use greenroom_base::plain::Quoted;
use greenroom_system::say;

/// Writes a small deck that shows each feature.
///
/// # Errors
/// When the folder is there already, or cannot be written.
pub fn run(options: &New) -> anyhow::Result<ExitCode> {
    pack::unpack(&deck(), &options.folder)?;
    let folder = Quoted(options.folder.display());
    writeln!(
        say::out(),
        "A deck is in {folder}:\n  greenroom {folder}\n  greenroom check {folder} --size 80x24"
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The files of the new deck.
fn deck() -> MemoryFiles {
    MemoryFiles::new()
        .with("talk.yaml", include_str!("../../assets/new/talk.yaml"))
        .with("slides.md", include_str!("../../assets/new/slides.md"))
        .with("demos.md", include_str!("../../assets/new/demos.md"))
        .with("picture.svg", include_str!("../../assets/new/picture.svg"))
        .with("demos/count.sh", include_str!("../../assets/new/demos/count.sh"))
        .with("demos/sum.py", include_str!("../../assets/new/demos/sum.py"))
        .with("recordings/count.cast", include_str!("../../assets/new/recordings/count.cast"))
        .with("recordings/tour.cast", include_str!("../../assets/new/recordings/tour.cast"))
}
