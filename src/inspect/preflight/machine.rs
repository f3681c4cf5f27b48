//! What is so with this computer and this user's folders.

use std::fs;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use super::deck::told;
use super::{Finding, Own, Surroundings};
use crate::history::bookmark::Bookmark;
use crate::inspect::needs::Uses;
use crate::server::link::meeting_place;
use greenroom_base::counted::counted;
use greenroom_base::diag::Severity;
use greenroom_base::run::Size;

/// Below so many bytes, recordings will not fit for long.
const LITTLE_SPACE: u64 = 200 << 20;
/// Below so many bytes, nothing can be written to speak of.
const NO_SPACE: u64 = 4 << 20;
/// Above that, something else works on this computer: of all its processors one is busy.
const BUSY: f64 = 1.0;
/// Below so many percent a talk on battery is a risk.
const LOW_BATTERY: u32 = 30;
/// The longest path of a socket, in bytes, with the zero at its end.
const MAX_SOCKET: usize = 108;

/// Whether the person's own settings count.
pub(super) fn settings(around: &Surroundings, _: Size) -> Vec<Finding> {
    let Own { problems, is_there, must_be_right, .. } = &around.own;
    let Some(first) = problems.first() else {
        return is_there.then(|| Finding::green("config.yaml has no mistake")).into_iter().collect();
    };
    let what = format!("{}; {}", counted(problems.len(), "problem"), told(first));
    vec![if *must_be_right && problems.iter().any(|problem| problem.severity == Severity::Error) {
        Finding::red(what, "the talk does not begin: GREENROOM_CONFIG or --config names this file")
    } else {
        Finding::amber(what, "what is wrong is not used: greenroom config shows each")
    }]
}

/// Whether a presenter view will find the stage, and whether there is one already.
pub(super) fn presenter(around: &Surroundings, _: Size) -> Vec<Finding> {
    let without = "the talk can be given; greenroom notes and --remote do not find it";
    let socket = match meeting_place(&around.located.name()) {
        Ok(socket) => socket,
        Err(error) => return vec![Finding::amber(error.to_string(), without)],
    };
    if socket.as_os_str().len() >= MAX_SOCKET {
        let what = format!("{} is too long for a socket", socket.display());
        return vec![Finding::amber(what, "set XDG_RUNTIME_DIR to a folder with a shorter path")];
    }
    if UnixStream::connect(&socket).is_ok() {
        let what = "this deck is on stage already, in another terminal";
        return vec![Finding::amber(
            what,
            "end that one: a second stage is not followed, and does not keep its place",
        )];
    }
    vec![Finding::green(format!("greenroom notes{} will find the talk", around.named))]
}

/// Whether the place in the talk, and agreements, are remembered.
pub(super) fn place(around: &Surroundings, _: Size) -> Vec<Finding> {
    let fix = "make it writable, or set HOME to a folder of your own; until then --resume, and what you agree to, are forgotten";
    let Some(bookmark) = Bookmark::of(&around.located.name()) else {
        return vec![Finding::amber("there is no home directory", fix)];
    };
    match writable(bookmark.folder()) {
        Ok(()) => vec![Finding::green("is remembered: --resume takes the talk up")],
        Err((folder, error)) => {
            vec![Finding::amber(format!("{} cannot be written: {error}", folder.display()), fix)]
        }
    }
}

/// Whether files could be made in `folder`, or it could be made; if not, what stands in the way.
fn writable(folder: &Path) -> Result<(), (PathBuf, io::Error)> {
    for folder in folder.ancestors() {
        match fs::metadata(folder) {
            Ok(about) if about.is_dir() => {
                return rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK)
                    .map_err(|error| (folder.to_owned(), error.into()));
            }
            Ok(_) => return Err((folder.to_owned(), io::ErrorKind::NotADirectory.into())),
            // It would be made, unless the one above is none: that one says so.
            Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => {
            }
            Err(error) => return Err((folder.to_owned(), error)),
        }
    }
    Err((folder.to_owned(), io::ErrorKind::NotFound.into()))
}

/// Whether a run that is recorded on stage can be kept, and whether a demo's copy has room.
pub(super) fn takes(around: &Surroundings, _: Size) -> Vec<Finding> {
    let deck = around.located.folder.as_deref();
    let mut found = Vec::new();
    if let Some(folder) = deck
        && around.deck.demos().iter().any(|(_, demo)| demo.tape.is_some())
        && let Err((folder, error)) = writable(folder)
    {
        let what = format!("{} cannot be written: {error}", folder.display());
        found.push(Finding::amber(what, "recordings of the talk (R) are not kept; they play as they are"));
    }
    for folder in [deck, Some(&std::env::temp_dir())].into_iter().flatten() {
        let Ok(about) = rustix::fs::statvfs(folder) else { continue };
        found.extend(space(folder, about.f_bavail.saturating_mul(about.f_frsize)));
    }
    if found.is_empty() {
        found.push(Finding::green("there is room for them"));
    }
    found
}

/// What `free` bytes in `folder` mean, if they are few.
fn space(folder: &Path, free: u64) -> Option<Finding> {
    let what = format!("{} has {} MiB left", folder.display(), free >> 20);
    let fix = "free some space: recordings and the copy that demos run in need it";
    match free {
        ..NO_SPACE => Some(Finding::red(what, fix)),
        NO_SPACE..LITTLE_SPACE => Some(Finding::amber(what, fix)),
        _ => None,
    }
}

/// What else works on this computer, for a deck that measures.
pub(super) fn load(around: &Surroundings, _: Size) -> Vec<Finding> {
    if !Uses::of(&around.deck, false).load {
        return Vec::new();
    }
    // Where the system has no such file, nothing is known, and a bench says itself that the machine was busy.
    fs::read_to_string("/proc/loadavg").ok().and_then(|text| loaded(&text)).into_iter().collect()
}

/// What the first number of `/proc/loadavg` means.
fn loaded(text: &str) -> Option<Finding> {
    let load: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(if load > BUSY {
        let fix =
            "close what runs (top shows it), or play recordings: on a busy computer a bench gives no verdict";
        Finding::amber(format!("{load:.2} in the last minute: a bench shares this computer"), fix)
    } else {
        Finding::green(format!("{load:.2} in the last minute"))
    })
}

/// Whether the computer is on battery, and for how long.
pub(super) fn battery(_: &Surroundings, _: Size) -> Vec<Finding> {
    powered(Path::new("/sys/class/power_supply"))
}

/// What the power supplies in `folder` say; nothing without a battery.
fn powered(folder: &Path) -> Vec<Finding> {
    let read = |supply: &Path, name: &str| {
        fs::read_to_string(supply.join(name)).map(|text| text.trim().to_owned()).unwrap_or_default()
    };
    let mut found = Vec::new();
    for supply in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        // A mouse's battery is none of a talk's business.
        if read(&supply, "type") != "Battery" || read(&supply, "scope") == "Device" {
            continue;
        }
        let Ok(percent) = read(&supply, "capacity").parse::<u32>() else { continue };
        found.push(match read(&supply, "status").as_str() {
            "Discharging" if percent < LOW_BATTERY => {
                Finding::amber(format!("{percent} %, and nothing charges it"), "plug it in")
            }
            "Discharging" => Finding::green(format!("{percent} %, on battery")),
            _ => Finding::green(format!("{percent} %, plugged in")),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::preflight::Light;

    #[test]
    fn a_computer_that_works_already_makes_the_line_amber() {
        let light = |text: &str| loaded(text).map(|finding| finding.light);
        assert_eq!(light("0.42 0.50 0.61 1/234 5678\n"), Some(Light::Green));
        assert_eq!(light("1.01 0.50 0.61 1/234 5678\n"), Some(Light::Amber));
        assert_eq!(light("64.00 0.50 0.61 1/234 5678\n"), Some(Light::Amber));
        for text in ["", "x", "\n"] {
            assert_eq!(light(text), None, "{text:?}");
        }
    }

    #[test]
    fn little_space_is_amber_and_none_is_red() {
        let light = |free: u64| space(Path::new("/x"), free).map(|finding| finding.light);
        assert_eq!(light(0), Some(Light::Red));
        assert_eq!(light(NO_SPACE - 1), Some(Light::Red));
        assert_eq!(light(100 << 20), Some(Light::Amber));
        assert_eq!(light(10 << 30), None);
    }

    #[test]
    fn a_battery_that_runs_down_makes_the_line_amber() {
        let said = |supplies: &[&[(&str, &str)]]| {
            let folder = tempfile::TempDir::new().unwrap();
            for (number, files) in supplies.iter().enumerate() {
                let supply = folder.path().join(format!("BAT{number}"));
                fs::create_dir(&supply).unwrap();
                for (name, text) in *files {
                    fs::write(supply.join(name), format!("{text}\n")).unwrap();
                }
            }
            powered(folder.path())
                .into_iter()
                .map(|finding| (finding.light, finding.what))
                .collect::<Vec<_>>()
        };
        let battery = |status: &'static str, percent: &'static str| {
            [("type", "Battery"), ("status", status), ("capacity", percent)]
        };
        let low = said(&[&[("type", "Mains"), ("online", "0")], &battery("Discharging", "29")]);
        assert_eq!(low, [(Light::Amber, "29 %, and nothing charges it".to_owned())]);
        assert_eq!(said(&[&battery("Discharging", "30")]), [(Light::Green, "30 %, on battery".to_owned())]);
        assert_eq!(said(&[&battery("Charging", "5")]), [(Light::Green, "5 %, plugged in".to_owned())]);
        let mouse = [("type", "Battery"), ("status", "Discharging"), ("capacity", "3"), ("scope", "Device")];
        assert_eq!(said(&[&mouse, &battery("Full", "lots")]), []);
        assert_eq!(powered(Path::new("/nowhere")), []);
    }

    #[test]
    fn a_folder_that_is_a_file_is_not_writable_and_one_to_be_made_is() {
        let folder = tempfile::TempDir::new().unwrap();
        assert!(writable(&folder.path().join("a/b/c")).is_ok());
        fs::write(folder.path().join("file"), "").unwrap();
        for path in ["file", "file/a", "file/a/b"] {
            let (place, _) = writable(&folder.path().join(path)).unwrap_err();
            assert_eq!(place, folder.path().join("file"), "{path}");
        }
    }
}
