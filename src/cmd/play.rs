//! `greenroom play`

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use tokio::sync::Notify;

use super::present::{give, screen, theme};
use crate::cli::Play;
use crate::decks::Located;
use crate::open;
use crate::runner::Runner;
use crate::runner::picture::Decoder;
use crate::stage::Stage;
use crate::stage::terminal::TerminalSurface;
use crate::talk::{Runs, Settings, Talk};
use greenroom_base::files::MemoryFiles;
use greenroom_system::pty::Launcher;
use greenroom_system::wall_clock;
use greenroom_tape::Format;
use greenroom_terminal::tty::Tty;

/// The deck's only file.
const ENTRY: &str = "play.md";

/// Plays a recording on a slide of its own.
///
/// # Errors
/// When the file is no recording that can be played, or there is no terminal.
pub fn run(options: &Play) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let config = super::config::own(&options.config)?.config;
    let file = &options.file;
    let real = file.canonicalize().with_context(|| format!("{} cannot be opened", file.display()))?;
    let folder = real.parent().unwrap_or(Path::new("/"));
    let name = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let located =
        |slide: String| Located::without_folder(Arc::new(MemoryFiles::new().with(ENTRY, slide)), ENTRY);
    let launcher = Launcher::this()?;
    let runner = |located: &Located| {
        Runner::new(located, launcher.clone(), Arc::new(Notify::new()), began).with_tapes_in(folder)
    };
    // What cannot be played is said before the terminal is taken.
    let format = runner(&located(String::new())).tape(&name)?.format();
    let located = located(slide(&name, format));
    let runner = runner(&located);
    let mut deck = config.adapt(open::deck(&*located.files, &located.entry));
    if let Some(name) = &options.theme {
        deck.theme = Arc::new(theme(name)?);
    }
    let tty = Tty::take(&name)?;
    let settings =
        Settings { midnight: wall_clock::seconds_of_day(), runs: Runs::TapesOnly, ..Settings::default() };
    let talk = Talk::new(Arc::new(deck), tty.size(), settings).with_keys(config.keymap.clone());
    let screen = screen(config.colors, config.images);
    let adapt = Arc::new(|deck| deck);
    let stage = Stage {
        located,
        is_watched: false,
        adapt,
        runner: Arc::new(runner),
        decoder: Decoder::this(),
        bookmark: None,
        resume: String::new(),
        serve: None,
        kept: None,
        diary: None,
        talk,
        surface: TerminalSurface::new(tty, screen),
    };
    give(stage, began)
}

/// A slide with nothing but a pane that plays `name`.
fn slide(name: &str, format: Format) -> String {
    let name = serde_json::Value::from(name);
    let kind = match format {
        Format::Bench => "bench",
        Format::Probe => "probe",
        Format::Asciicast2 | Format::Asciicast3 => "terminal",
    };
    format!(
        "```pane\nkind: {kind}\ntitle: {name}\ncommand: [greenroom, play, {name}]\ntape: {name}\non: enter\n```\n"
    )
}
