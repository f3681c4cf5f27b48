//! `greenroom export`

use std::cell::RefCell;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bytes::Bytes;
use tokio::sync::Notify;

use crate::cli::Export;
use crate::decks::Located;
use crate::history::practice_log::Histories;
use crate::inspect::tapes::Tapes;
use crate::practice::Practice;
use crate::runner::Runner;
use crate::runner::picture::Decoder;
use crate::runner::preparer::Preparer;
use crate::sheet::{FilmMoment, Show};
use crate::talk::Place;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Exit, Size, What};
use greenroom_export::{self as export, Pages, Raster, Sheet, Sheets};
use greenroom_render::paint::RenderCache;
use greenroom_system::disk::new_file::{Existing, NewFile};
use greenroom_system::private;
use greenroom_system::pty::Launcher;
use greenroom_system::say;
use greenroom_tape::{Header, Writer};
use greenroom_terminal::color_depth::ColorDepth;
use greenroom_terminal::screen::Screen;

/// The screen that text is drawn for: the smallest that a deck should fit.
const SMALL: Size = Size { columns: 80, rows: 24 };
/// The screen that pages are drawn for: about as wide as a projector.
const WIDE: Size = Size { columns: 120, rows: 34 };

/// The screen that paper is drawn for, on which a slide is small.
const PAPER: Size = Size { columns: 90, rows: 26 };

/// Pixels to a unit of a drawing: a slide is about 1,700 wide.
const SCALE: f32 = 1.5;
/// How long each step of a recorded talk stays.
const STAY: Duration = Duration::from_secs(3);

/// Writes the deck in other forms. Nothing is run; recordings play.
///
/// # Errors
/// When there is no deck, or the output cannot be written.
pub fn run(options: &Export) -> anyhow::Result<ExitCode> {
    let files = [&options.output, &options.html, &options.pdf, &options.svg, &options.png, &options.cast];
    for path in files.into_iter().flatten() {
        refuse(path, options.force)?;
    }
    let (located, deck) = super::open_or_read(options.deck.as_deref())?;
    let ink = RenderCache::new();
    let preparer = Preparer::new(Decoder::this());
    let ready = |slide: usize| preparer.prepare_all(&deck, &[slide], &*located.files, &ink, || ());
    // A runner that opens recordings, and knows of no program to start anything with.
    let nobody = Launcher::of(PathBuf::new());
    let runner = Runner::new(&located, nobody, Arc::new(Notify::new()), Instant::now());
    let tapes = |path: &str| runner.tape(path).ok();
    let size = options.size.unwrap_or(match options {
        Export { text: true, .. } => SMALL,
        Export { notes: true, .. } | Export { handout: true, .. } => PAPER,
        _ => WIDE,
    });
    Tapes::of(&deck, &located).warn_at(&deck, size);
    let show = Show { deck: &deck, ink: &ink, size, tapes: &tapes, ready: &ready };
    if options.text {
        let text = export::text(&show);
        match &options.output {
            None => write!(say::out(), "{text}")?,
            Some(path) => write(path, text.as_bytes(), options.force)?,
        }
    }
    if let Some(path) = &options.html {
        write(path, export::html(&show).as_bytes(), options.force)?;
    }
    if let Some(path) = &options.pdf {
        let pages = match (options.notes, options.handout) {
            (true, _) => Pages::Notes,
            (_, true) => Pages::Handout,
            _ => Pages::Slides,
        };
        write(path, &export::pdf(&show, options.steps, pages)?, options.force)?;
    }
    if let Some(path) = &options.svg {
        let draw = |sheet: &Sheet| Some(export::svg(sheet, &deck.theme).into_bytes());
        folder(path, "svg", &show, options, &draw)?;
    }
    if let Some(path) = &options.png {
        let raster = Raster::default();
        folder(path, "png", &show, options, &|sheet| raster.png(sheet, &deck.theme, SCALE))?;
    }
    if let Some(path) = &options.cast {
        let practised = options.practice.then(|| practised(&located)).transpose()?;
        write(path, &cast(&show, practised.as_ref())?, options.force)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes each slide or step to a file of its own in a new folder: all of them, or nothing. Into a folder that is
/// there, with --force, they are moved one by one.
fn folder(
    target: &Path,
    end: &str,
    show: &Show<'_>,
    options: &Export,
    draw: &dyn Fn(&Sheet) -> Option<Vec<u8>>,
) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", target.display());
    let unfinished = private::folder_in(".export-", folder_of(target)).with_context(cannot)?;
    let mut names = Vec::new();
    for slide in 0..show.deck.slides.len() {
        if options.slide.is_some_and(|only| only as usize != slide + 1) {
            continue;
        }
        for step in show.steps(slide, options.steps) {
            let step_too = if options.steps { format!("-{step:02}") } else { String::new() };
            let name = format!("{:03}{step_too}.{end}", slide + 1);
            let drawn = draw(&show.sheet(slide, step))
                .with_context(|| format!("slide {} is too large for a picture", slide + 1))?;
            fs::write(unfinished.path().join(&name), drawn).with_context(cannot)?;
            names.push(name);
        }
    }
    if names.is_empty() {
        bail!("the talk has {} slides", show.deck.slides.len());
    }
    if target.is_dir() {
        for name in names {
            fs::rename(unfinished.path().join(&name), target.join(&name)).with_context(cannot)?;
        }
        return Ok(());
    }
    fs::set_permissions(unfinished.path(), Permissions::from_mode(0o755)).with_context(cannot)?;
    fs::rename(unfinished.path(), target).with_context(cannot)?;
    let _ = unfinished.keep();
    Ok(())
}

/// The talk as a recording: what the stage would write to a terminal, with a marker at each slide.
fn cast(show: &Show<'_>, practised: Option<&Practice>) -> anyhow::Result<Vec<u8>> {
    let title = Some(show.deck.outline.title.clone()).filter(|title| !title.is_empty());
    let (mut writer, mut tape) = Writer::new(&Header { title, ..Header::new(show.size) });
    let drawn = Drawn::default();
    let mut screen = Screen::new(drawn.clone(), ColorDepth::True);
    let mut problem = None;
    // As the stage does: no line wraps by itself.
    let begin = What::Output(Bytes::from_static(b"\x1b[?7l"));
    tape.extend(writer.event(&Event { at: Elapsed::ZERO, what: begin }));
    let stay = |place: Place| {
        let taken = practised.map(|practice| practice.step(place.slide, usize::from(place.step)));
        taken.filter(|time| !time.is_zero()).unwrap_or(STAY)
    };
    let end = show.give(&stay, &mut |at, moment| {
        let what = match moment {
            FilmMoment::Slide(_, name) => What::Marker(name),
            FilmMoment::Frame(frame) => {
                problem = screen.draw(frame).err().or(problem.take());
                What::Output(drawn.take())
            }
        };
        tape.extend(writer.event(&Event { at, what }));
    });
    if let Some(problem) = problem {
        return Err(problem.into());
    }
    tape.extend(writer.event(&Event { at: end, what: What::Exit(Exit::Status(0)) }));
    Ok(tape)
}

/// The last practice of a deck.
fn practised(located: &Located) -> anyhow::Result<Practice> {
    let (mut practices, _) =
        Histories::of(&located.name()).map(|histories| histories.read()).unwrap_or_default();
    practices.pop().context("nothing has been practised yet: start a practice with greenroom rehearse")
}

/// What a screen has written since it was asked last.
#[derive(Clone, Default)]
struct Drawn(Rc<RefCell<Vec<u8>>>);

impl Drawn {
    fn take(&self) -> Bytes {
        self.0.take().into()
    }
}

impl Write for Drawn {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
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
    let mut new =
        NewFile::beside(path).with_context(|| format!("nothing can be written in {}", folder.display()))?;
    new.file().write_all(bytes).with_context(cannot)?;
    new.finish(0o644, if force { Existing::Replace } else { Existing::Keep }).with_context(cannot)
}
