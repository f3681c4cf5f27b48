//! `greenroom recordings`

use std::fmt::Write as _;
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::cli::{Format, Recordings};
use crate::decks::Located;
use crate::runner::takes::{MOST_TAKES, Takes};
use greenroom_base::clock::hands;
use greenroom_base::counted::counted;
use greenroom_base::plain::Quoted;
use greenroom_deck::Deck;
use greenroom_system::disk::beneath::{Target, WriteError};
use greenroom_system::say;
use greenroom_tape::Player;

/// What is read of a recording at most to learn its length and its mistakes, in bytes.
const LOOKED_THROUGH: u64 = 64 << 20;

/// Lists recordings, or brings one back.
///
/// # Errors
/// When there is no deck, no such demo or take, or the disk says no.
pub fn run(options: &Recordings) -> anyhow::Result<ExitCode> {
    let (located, deck) = super::open(options.deck.as_deref())?;
    if let [demo, number] = options.restore.as_slice() {
        let Some(number) = number.parse().ok().filter(|number| (1..=MOST_TAKES).contains(number)) else {
            say::failure(&format_args!(
                "--restore takes a demo and the number of a take, from 1 to {MOST_TAKES}, not {number:?}"
            ));
            return Ok(ExitCode::from(2));
        };
        restore(&deck, &located, demo, number)?;
        return Ok(ExitCode::SUCCESS);
    }
    let listed = list(&deck, &located);
    match options.format {
        Format::Json => say::out().json(format_args!("{:#}", json(&listed)))?,
        Format::Text => write!(say::out(), "{}", text(&listed))?,
    }
    let broken = listed.iter().flat_map(|demo| &demo.files).any(|file| file.state.is_err());
    Ok(if broken { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// The takes of the recording at `path` in the deck in `folder`.
///
/// # Errors
/// As [`Takes::of`].
pub(super) fn takes(deck: &Deck, folder: &Path, path: &str) -> Result<Takes, WriteError> {
    let demos = deck.demos();
    Ok(Takes::of(folder, path)?.apart_from(demos.iter().filter_map(|(_, demo)| demo.tape.as_deref())))
}

/// A recording, and the demos that it plays for.
struct Listed {
    path: String,
    demos: Vec<String>,
    /// The current one first.
    files: Vec<File>,
    /// Why there may be more than is listed.
    unread: Option<String>,
}

/// One file of it.
struct File {
    /// None for the one that plays.
    take: Option<u8>,
    path: String,
    /// In bytes.
    size: u64,
    /// What it says about itself, or why it does not play.
    state: Result<About, String>,
}

struct About {
    day: Option<String>,
    /// In milliseconds; none when it is too long to be read.
    length: Option<u64>,
    problems: Vec<String>,
}

/// Every recording that a demo of `deck` has, in the order of the demos.
fn list(deck: &Deck, located: &Located) -> Vec<Listed> {
    let mut listed: Vec<Listed> = Vec::new();
    for (id, demo) in deck.demos() {
        let Some(path) = demo.tape else { continue };
        if let Some(same) = listed.iter_mut().find(|other| other.path == path) {
            if !same.demos.contains(&id) {
                same.demos.push(id);
            }
            continue;
        }
        let (files, unread) = match &located.folder {
            Some(folder) => match on_disk(deck, folder, &path) {
                Ok(files) => (files, None),
                // A folder that is not there has no recordings.
                Err(WriteError::System { error, .. }) if error.kind() == std::io::ErrorKind::NotFound => {
                    (Vec::new(), None)
                }
                Err(error) => (Vec::new(), Some(error.to_string())),
            },
            None => (inside(located, &path).into_iter().collect(), None),
        };
        listed.push(Listed { path, demos: vec![id], files, unread });
    }
    listed
}

fn on_disk(deck: &Deck, folder: &Path, path: &str) -> Result<Vec<File>, WriteError> {
    let takes = takes(deck, folder, path)?;
    let mut files = Vec::new();
    if takes.current().is_taken()? {
        files.push(look(takes.current(), None));
    }
    files.extend(takes.numbers().into_iter().map(|number| look(&takes.take(number), Some(number))));
    Ok(files)
}

/// The recording in a deck that is inside of this program: it has no takes.
fn inside(located: &Located, path: &str) -> Option<File> {
    let bytes = located.files.read(path, LOOKED_THROUGH).ok()?;
    let size = bytes.len() as u64;
    let state =
        Player::open(Box::new(std::io::Cursor::new(bytes))).map(about).map_err(|error| error.to_string());
    Some(File { take: None, path: path.to_owned(), size, state })
}

fn look(spot: &Target, take: Option<u8>) -> File {
    let mut size = 0;
    let mut open = || {
        let file = spot.read().map_err(|error| error.to_string())?;
        let found = file.metadata().map_err(|error| error.to_string())?;
        if !found.is_file() {
            return Err("it is not a file".to_owned());
        }
        size = found.len();
        Player::open(Box::new(BufReader::new(file))).map(about).map_err(|error| error.to_string())
    };
    let state = open();
    File { take, path: spot.path(), size, state }
}

fn about(mut player: Player) -> About {
    player.look_through(LOOKED_THROUGH);
    About {
        day: player.header().date(),
        length: player.length().map(|length| length.micros() / 1000),
        problems: player.problems().iter().map(ToString::to_string).collect(),
    }
}

fn text(listed: &[Listed]) -> String {
    let mut out = String::new();
    for (number, Listed { path, demos, files, unread }) in listed.iter().enumerate() {
        let gap = if number > 0 { "\n" } else { "" };
        let _ = writeln!(out, "{gap}{}: {}", Quoted(demos.join(", ")), Quoted(path));
        if let Some(reason) = unread {
            let _ = writeln!(out, "  cannot be listed: {}", Quoted(reason));
        } else if files.first().is_none_or(|file| file.take.is_some()) {
            let _ = writeln!(out, "  current   is not there");
        }
        for file in files {
            let _ = writeln!(out, "{}", line(file));
        }
    }
    if listed.is_empty() {
        out.push_str("no demo of this deck has a recording: `tape:` names one\n");
    }
    out
}

/// `  take 2    2026-11-20     0:43     12 KiB  plays`
fn line(file: &File) -> String {
    let name = file.take.map_or_else(|| "current".to_owned(), |number| format!("take {number}"));
    let (day, length, said) = match &file.state {
        Ok(about) => {
            let length = about.length.map(|length| hands(std::time::Duration::from_millis(length)));
            let said = match about.problems.as_slice() {
                [] => "plays".to_owned(),
                [first, ..] => format!("plays, with {}: {first}", counted(about.problems.len(), "mistake")),
            };
            (about.day.as_deref(), length, said)
        }
        Err(reason) => (None, None, format!("does not play: {reason}")),
    };
    let (day, length) = (day.unwrap_or("-"), length.as_deref().unwrap_or("-"));
    format!("  {name:<8}  {day:>10}  {length:>7}  {:>9}  {}", size(file.size), Quoted(said))
}

/// Bytes, for reading.
fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..0x10_0000 => format!("{} KiB", bytes.div_ceil(1 << 10)),
        _ => format!("{} MiB", bytes.div_ceil(1 << 20)),
    }
}

fn json(listed: &[Listed]) -> serde_json::Value {
    let file = |file: &File| {
        let about = file.state.as_ref().ok();
        serde_json::json!({
            "take": file.take, "path": file.path, "bytes": file.size,
            "date": about.and_then(|about| about.day.clone()),
            "milliseconds": about.and_then(|about| about.length),
            "plays": about.is_some(),
            "problems": match &file.state {
                Ok(about) => about.problems.clone(),
                Err(reason) => vec![reason.clone()],
            },
        })
    };
    let demo = |listed: &Listed| {
        serde_json::json!({
            "demos": listed.demos, "path": listed.path, "problem": listed.unread,
            "recordings": listed.files.iter().map(file).collect::<Vec<_>>(),
        })
    };
    serde_json::json!({ "recordings": listed.iter().map(demo).collect::<Vec<_>>() })
}

/// Makes take `number` of a demo the one that plays.
fn restore(deck: &Deck, located: &Located, id: &str, number: u8) -> anyhow::Result<()> {
    let Some(folder) = &located.folder else {
        bail!("the deck in this executable keeps no takes: `greenroom unpack` writes its files to a folder");
    };
    let demo = super::find(deck, id)?;
    let Some(path) = demo.tape else {
        bail!("the demo \"{id}\" names no recording: add `tape:` to it");
    };
    let takes = takes(deck, folder, &path).with_context(|| format!("the recordings of \"{id}\""))?;
    let numbers = takes.numbers();
    if !numbers.contains(&number) {
        let there: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
        bail!("there is no take {number} of \"{id}\"; there are: {there}");
    }
    let played = takes.current().is_taken()?;
    takes.restore(number).context("nothing was brought back")?;
    let what = if played { format!("; what played before is take {number}") } else { String::new() };
    writeln!(say::out(), "{}: take {number} plays now, in {}{what}", Quoted(id), Quoted(&path))?;
    Ok(())
}
