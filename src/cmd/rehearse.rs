//! `greenroom rehearse`

use greenroom_base::counted::counted;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};

use super::open;
use super::present::{Practising, perform};
use crate::cli::{AutoName, Rehearse, TimerName};
use crate::decks::{OUTLINE, locate};
use crate::history::practice_log::Histories;
use crate::practice::{is_whole, report, suggest, with_minutes};
use crate::talk::Auto;
use greenroom_base::plain::Quoted;
use greenroom_system::disk::beneath::Root;
use greenroom_system::say;

/// Practises a talk, or says how practices went.
///
/// # Errors
/// When there is no deck, no terminal, or nothing has been practised yet.
pub fn run(options: &Rehearse) -> anyhow::Result<ExitCode> {
    let deck = options.present.deck.as_deref();
    let name = locate(deck)?.name();
    let histories = Histories::of(&name);
    if options.suggest || options.report {
        let histories = histories.context("there is no home folder that practices are kept in: set HOME")?;
        return if options.suggest { write_minutes(deck, &histories) } else { print_report(&histories) };
    }
    let auto = match options.auto {
        None => Auto::Off,
        Some(AutoName::Plan) => Auto::Plan,
        Some(AutoName::Every(seconds)) => Auto::Every(Duration::from_secs_f64(seconds)),
    };
    let mut present = options.present.clone();
    present.no_run = !options.live;
    present.pace = present.pace.or(Some(true));
    present.clock = present.clock.or(Some(true));
    if auto != Auto::Off {
        present.timer = Some(TimerName::Open);
    }
    let code = perform(&present, Some(Practising { histories: histories.clone(), auto }))?;
    let (practices, _) = histories.map(|histories| histories.read()).unwrap_or_default();
    if code == ExitCode::SUCCESS && !practices.is_empty() {
        write!(say::out(), "{}", report(&practices))?;
    }
    Ok(code)
}

fn print_report(histories: &Histories) -> anyhow::Result<ExitCode> {
    let (practices, said) = histories.read();
    for line in said {
        let _ = writeln!(say::err(), "greenroom: {line}");
    }
    if practices.is_empty() {
        bail!(
            "nothing has been practised yet: start a practice with greenroom rehearse, which keeps it in {}",
            histories.folder().display()
        );
    }
    write!(say::out(), "{}", report(&practices))?;
    Ok(ExitCode::SUCCESS)
}

/// The longest outline that is changed, in bytes.
const MAX_OUTLINE_BYTES: u64 = 1 << 20;

/// Writes minutes into the outline, and says which.
fn write_minutes(path: Option<&Path>, histories: &Histories) -> anyhow::Result<ExitCode> {
    let (located, deck) = open(path)?;
    let Some(folder) = located.folder.as_ref().filter(|_| located.entry == OUTLINE) else {
        bail!(
            "only a deck folder has a talk.yaml to write to: greenroom unpack writes the deck in this executable to a folder"
        );
    };
    let (practices, _) = histories.read();
    let titles: Vec<String> = deck.outline.sections.iter().map(|section| section.title.clone()).collect();
    let minutes = suggest(&practices, &titles, deck.outline.minutes);
    if minutes.iter().all(Option::is_none) {
        match practices.iter().filter(|practice| !is_whole(practice)).count() {
            0 => bail!("no section has been practised to its end yet: practise it with greenroom rehearse"),
            short => bail!(
                "no section has been practised to its end yet: practise it with greenroom rehearse ({} not counted: less than half of \
                 the slides, or less than a third of the time)",
                counted(short, "short run")
            ),
        }
    }
    let outline = Root::open(folder)?.spot(OUTLINE, false)?;
    let old = outline.read()?;
    let mode = old.metadata()?.permissions().mode();
    let mut text = String::new();
    old.take(MAX_OUTLINE_BYTES + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("{OUTLINE} cannot be read"))?;
    if text.len() as u64 > MAX_OUTLINE_BYTES {
        bail!("{OUTLINE} is too long to be changed");
    }
    let changed = with_minutes(&text, &minutes).map_err(anyhow::Error::msg)?;
    let mut whole = outline.draft()?;
    whole.add(changed.as_bytes())?;
    whole.set_mode(mode)?;
    whole.keep()?;
    let out = say::out();
    for (section, minutes) in deck.outline.sections.iter().zip(&minutes) {
        let was = section.minutes.map_or_else(|| "none".to_owned(), |minutes| minutes.to_string());
        match minutes {
            Some(minutes) => writeln!(out, "{}: {minutes} minutes (was {was})", Quoted(&section.title))?,
            None => writeln!(out, "{}: not practised to its end; {was} as before", Quoted(&section.title))?,
        }
    }
    Ok(ExitCode::SUCCESS)
}
