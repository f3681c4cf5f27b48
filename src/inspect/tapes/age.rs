//! Whether a recording is older than what it records.
//!
//! What a recording says itself is certain: its command, or the fingerprint of its scenario. Of the files that a command
//! names only the times on disk tell something. They are believed where a file is younger than both the recording's file
//! and the moment in its header: a clone, a copy or an unpacked archive gives all files about the same time, and says
//! nothing below a minute. Git is not asked: it obeys the settings of the folder that it is run in, and a deck may be a stranger's.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use crate::decks::Located;
use greenroom_base::clock::Elapsed;
use greenroom_base::files::{beside, normalize};
use greenroom_base::hex;
use greenroom_deck::{Demo, DemoKind};
use greenroom_tape::{Format, Meta, Player, SCENARIO, command_line};

/// Files that were written together may differ by so much.
const TOGETHER: Duration = Duration::from_mins(1);
/// As much later, a file was written after the last line of a recording.
const AT_ONCE: Duration = Duration::from_secs(2);
/// A longer scenario is not read, in bytes.
const MAX_SCENARIO: u64 = 1 << 20;
/// Words of a command that are looked at.
const MAX_WORDS: usize = 100;

/// Why the recording at `path` is no longer that of any of `demos`; nothing when it is, or when nobody can tell.
pub(super) fn outdated(
    located: &Located,
    path: &str,
    player: &Player,
    demos: &[(String, Demo)],
) -> Option<String> {
    let mut why = None;
    for (_, demo) in demos {
        why = Some(differs(located, player, demo).or_else(|| younger(located, path, player, demo))?);
    }
    why.map(|why| format!("it is older than what it records: {why}"))
}

/// What a recording says of itself that is otherwise in the deck.
fn differs(located: &Located, player: &Player, demo: &Demo) -> Option<String> {
    let header = player.header();
    let (kind, of) = match player.format() {
        Format::Asciicast2 | Format::Asciicast3 => (DemoKind::Terminal, "a terminal"),
        Format::Bench => (DemoKind::Bench, "a bench"),
        Format::Probe => (DemoKind::Probe, "a probe"),
    };
    let ours = kind != DemoKind::Terminal || header.meta != Meta::default();
    if !ours {
        // What another recorder has for a command is often the shell that the demo was typed into.
        return None;
    }
    if kind != demo.kind {
        let is = match demo.kind {
            DemoKind::Terminal => "a program in a terminal",
            DemoKind::Bench => "a bench",
            DemoKind::Probe => "a probe",
        };
        return Some(format!("it is of {of}, and the demo is {is}"));
    }
    if kind == DemoKind::Bench {
        let made = header.meta.manifest.get(SCENARIO)?.as_str()?;
        let path = demo.scenario.as_ref()?;
        let bytes = located.files.read(path, MAX_SCENARIO).ok()?;
        return (made != hex::encode(Sha256::digest(&bytes)))
            .then(|| format!("{path} was changed since it was measured"));
    }
    let (made, runs) = (header.command.as_ref()?, command_line(&demo.command));
    (!demo.command.is_empty() && *made != runs)
        .then(|| format!("it was made with `{made}`, and the demo runs `{runs}`"))
}

/// A file of the demo that was written after its recording.
fn younger(located: &Located, path: &str, player: &Player, demo: &Demo) -> Option<String> {
    let folder = located.folder.as_deref()?;
    let written_at = written(folder, path)?;
    let begun = UNIX_EPOCH.checked_add(Duration::from_secs(player.header().timestamp.unwrap_or_default()))?;
    let length = player.length().unwrap_or_default().since(Elapsed::ZERO);
    // Written when its run ended, and not by whoever made a copy of it: then other files have their own times too.
    let is_original = begun.checked_add(length + TOGETHER).is_some_and(|end| written_at <= end);
    let made = begun.max(written_at).checked_add(if is_original { AT_ONCE } else { TOGETHER })?;
    let is_younger = |file: &String| written(folder, file).is_some_and(|at| at > made);
    files_of(demo).into_iter().find(is_younger).map(|file| format!("{file} was written after it"))
}

/// What a demo names of the deck's files, maybe: words of its command, relative to where it runs, and its scenario.
fn files_of(demo: &Demo) -> Vec<String> {
    let directory = demo.directory.as_deref().unwrap_or(".");
    let words = demo.command.iter().take(MAX_WORDS);
    let inside = words.filter_map(|word| normalize(&beside(&format!("{directory}/_"), word)));
    inside.chain(demo.scenario.as_deref().and_then(normalize)).filter(|path| !path.is_empty()).collect()
}

/// When the file at `path` was written, if it is one.
fn written(folder: &Path, path: &str) -> Option<SystemTime> {
    let about = std::fs::metadata(folder.join(path)).ok()?;
    about.is_file().then(|| about.modified().ok()).flatten()
}
