//! One recording, read whole.

use std::time::Duration;

use super::{age, script};
use crate::decks::Located;
use crate::runner::{RunError, Runner};
use greenroom_base::clock::{Elapsed, hands};
use greenroom_base::counted::counted;
use greenroom_base::diag::{Diagnostic, Location};
use greenroom_base::files::{FileError, Files};
use greenroom_base::run::Size;
use greenroom_bench::probe::ProbeSummary;
use greenroom_bench::{RecordReader, RunSummary, Tally};
use greenroom_deck::Demo;
use greenroom_tape::{Format, Player};

/// What is read of a recording at a time, and of records at all, in bytes.
const AT_A_TIME: u64 = 64 << 20;
/// What is read of a recording at most, in bytes.
const LOOKED_THROUGH: u64 = 1 << 30;
/// Most mistakes of one recording that are told.
const TOLD: usize = 3;
/// Nobody waits so long for the end of a recording.
const TOO_LONG: Duration = Duration::from_hours(3);

/// What came of looking through a recording.
pub(crate) struct Looked {
    /// Relative to the deck folder.
    pub path: String,
    /// The demos that it plays for.
    pub demos: Vec<String>,
    /// Whether it plays.
    pub state: TapeState,
    /// What is wrong with it, by itself.
    pub problems: Vec<Diagnostic>,
    /// The terminal that it is of.
    pub(super) screen: Option<Screen>,
}

/// Whether a recording plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TapeState {
    /// It is not there.
    Missing,
    /// It does not open, and why.
    Unplayable(String),
    /// It plays, though something may be wrong with it.
    Plays {
        /// Of which day it is.
        day: Option<String>,
    },
}

/// The terminal of a recording.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    /// The largest that it has had.
    pub size: Size,
    /// A program had all of it.
    pub is_whole: bool,
    /// The lines that went over it.
    pub lines: usize,
}

impl Screen {
    /// What of it a pane does not show that has this `room` on a screen of this size, as the end of a sentence.
    pub(super) fn misfit(self, room: Size, on: Size) -> Option<String> {
        let Size { columns, rows } = self.size;
        let pane = format!("its pane at {}x{}", on.columns, on.rows);
        if columns > room.columns {
            Some(format!("wider than {pane}: {columns} columns, of which {} show", room.columns))
        } else if self.is_whole && rows > room.rows {
            // Lines that scroll away do so in any terminal; a program that has the whole screen loses what is above.
            Some(format!("higher than {pane}: {rows} rows, of which {} show", room.rows))
        } else if !self.is_whole && rows < room.rows && self.lines > usize::from(rows) {
            let lines = self.lines;
            Some(format!("lower than {pane}: {rows} of {lines} lines show, where {} would", room.rows))
        } else {
            None
        }
    }
}

/// Reads the recording at `path` that `demos` have; `place` is where the deck names it.
pub(super) fn look(
    located: &Located,
    runner: &Runner,
    path: String,
    demos: &[(String, Demo)],
    place: &Location,
) -> Looked {
    let id = demos.first().map_or("", |(id, _)| id.as_str()).to_owned();
    let demo_names = demos.iter().map(|(id, _)| id.clone()).collect();
    let mut looked =
        Looked { path, demos: demo_names, state: TapeState::Missing, problems: Vec::new(), screen: None };
    // What is there and cannot be read is no reason to record it for the first time.
    if matches!(located.files.head(&looked.path, 1), Err(FileError::Missing)) {
        let said = format!("the recording {} is not there", looked.path);
        let hint = format!("`greenroom record {id}` makes it; until then the demo only runs live");
        looked.problems.push(Diagnostic::warning(place.clone(), said).hint(hint));
        return looked;
    }
    let mut player = match runner.tape(&looked.path) {
        Ok(player) => player,
        Err(error) => {
            let hint = format!("until then the demo only runs live; `greenroom record {id}` makes a new one");
            looked.problems.push(Diagnostic::error(place.clone(), error.to_string()).hint(hint));
            looked.state = TapeState::Unplayable(match error {
                RunError::BadTape { error, .. } => error.to_string(),
                RunError::NoTape { reason, .. } => reason,
                other => other.to_string(),
            });
            return looked;
        }
    };
    looked.state = TapeState::Plays { day: player.header().date() };
    let again = format!("record it again: `greenroom record {id}`");
    let mut said = through(&mut player);
    said.extend(age::outdated(located, &looked.path, &player, demos));
    said.extend(script::mismatched(&player, demos));
    looked.problems = said
        .into_iter()
        .map(|said| {
            Diagnostic::warning(place.clone(), format!("the recording {}: {said}", looked.path)).hint(&again)
        })
        .collect();
    match player.format() {
        Format::Asciicast2 | Format::Asciicast3 => {
            let (size, is_whole, lines) = (player.largest(), player.fills_screen(), player.lines());
            looked.screen = Some(Screen { size, is_whole, lines });
        }
        format => {
            let hint =
                format!("what is read from it cannot be relied on; `greenroom record {id}` makes a new one");
            looked.problems.extend(doubted(&*located.files, &looked.path, format).into_iter().map(|doubt| {
                let said = format!("the recording {}: {doubt}", looked.path);
                Diagnostic::error(place.clone(), said).hint(&hint)
            }));
        }
    }
    looked
}

/// What is wrong with the lines of a recording, which is read to its end for that.
fn through(player: &mut Player) -> Vec<String> {
    let mut read = 0;
    while player.length().is_none() && read < LOOKED_THROUGH {
        player.look_through(AT_A_TIME);
        read += AT_A_TIME;
    }
    let problems = player.problems();
    let mut said: Vec<String> = problems.iter().take(TOLD).map(ToString::to_string).collect();
    if let Some(rest) = problems.len().checked_sub(TOLD).filter(|rest| *rest > 0) {
        said.push(format!("{} more", counted(rest, "problem")));
    }
    match player.length() {
        None => said.push(format!(
            "it is longer than {} MiB, and nobody has looked at what comes after",
            LOOKED_THROUGH >> 20
        )),
        Some(length) if length.since(Elapsed::ZERO) > TOO_LONG => {
            said.push(format!("it takes {} to play", hands(length.since(Elapsed::ZERO))));
        }
        Some(_) => {}
    }
    if !player.shows_something() {
        said.push("nothing shows in it: no line of it is output".to_owned());
    }
    said
}

/// What the pane would say of records: cut off, changed since they were made, in contradiction with themselves.
fn doubted(files: &dyn Files, path: &str, format: Format) -> Vec<String> {
    let bytes = match files.read(path, AT_A_TIME) {
        Ok(bytes) => bytes,
        Err(error) => return vec![error.to_string()],
    };
    let mut doubts = if format == Format::Bench {
        doubts::<RunSummary>(&bytes, RunSummary::contradiction)
    } else {
        doubts::<ProbeSummary>(&bytes, |_| None)
    };
    doubts.truncate(TOLD);
    doubts
}

/// What is wrong with records that should be whole.
fn doubts<T: Tally>(bytes: &[u8], contradiction: fn(&T) -> Option<&'static str>) -> Vec<String> {
    let reader = RecordReader::<T>::of(bytes);
    reader.doubts(true, contradiction(reader.tally()))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use greenroom_base::files::MemoryFiles;
    use greenroom_base::run::{Exit, What};
    use greenroom_deck::DemoKind;
    use greenroom_system::pty::Launcher;
    use tokio::sync::Notify;

    const ASCIICAST_2: &str = "{\"version\": 2, \"width\": 80, \"height\": 24, \"timestamp\": 1795708841, \
                               \"env\": {\"TERM\": \"xterm\"}}\n[0.5, \"o\", \"one\\r\\n\"]\n\
                               [1.25, \"r\", \"90x30\"]\n[2.0, \"m\", \"here\"]\n[3.0, \"o\", \"\u{6f22} two\"]\n";
    const OURS: &str = "{\"version\":3,\"command\":\"sh run\",\"greenroom\":{\"demo\":\"d\"},\
                        \"idle_time_limit\":3.0,\"term\":{\"cols\":70,\"rows\":5},\"timestamp\":1795708841}\n\
                        [0.5, \"o\", \"one\\r\\n\"]\n[1.5, \"o\", \"two\"]\n[0.1, \"x\", \"0\"]\n";

    /// The deck's only file.
    fn located(tape: &[u8]) -> Located {
        Located::without_folder(Arc::new(MemoryFiles::new().with("t", tape.to_vec())), "talk.yaml")
    }

    fn runner(located: &Located) -> Runner {
        Runner::new(located, Launcher::of(PathBuf::new()), Arc::new(Notify::new()), Instant::now())
    }

    /// What is said of `tape`.
    fn said(tape: &[u8]) -> Vec<String> {
        let located = located(tape);
        let kind = match runner(&located).tape("t").map(|player| player.format()) {
            Ok(Format::Bench) => DemoKind::Bench,
            Ok(Format::Probe) => DemoKind::Probe,
            _ => DemoKind::Terminal,
        };
        let demos = [("d".to_owned(), Demo { kind, ..Demo::default() })];
        let looked = look(&located, &runner(&located), "t".to_owned(), &demos, &Location::file("talk.yaml"));
        assert_eq!(matches!(looked.state, TapeState::Plays { .. }), runner(&located).tape("t").is_ok());
        looked.problems.into_iter().map(|problem| problem.message).collect()
    }

    /// All that shows when a stage plays `tape`, and whether that comes to an end.
    fn played(tape: &[u8]) -> Option<(Vec<u8>, Option<Exit>)> {
        let mut player = runner(&located(tape)).tape("t").ok()?;
        let (mut shown, mut exit) = (Vec::new(), None);
        player.play(Elapsed::ZERO);
        let end = Elapsed::from_secs(TOO_LONG.as_secs());
        for _ in 0..10_000 {
            player.poll(end, &mut |event| match event.what {
                What::Output(bytes) => shown.extend(bytes),
                What::Exit(how) => exit = Some(how),
                _ => {}
            });
            if player.is_over() && player.next_at().is_none() {
                return player.take_notice().is_none().then_some((shown, exit));
            }
        }
        None
    }

    fn recorded(name: &str) -> Vec<u8> {
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("deck/recordings").join(name)).unwrap()
    }

    /// Nothing is said of what plays; what nothing is said of plays to its end and, where the recording says how its run ended,
    /// shows all of it.
    fn silence_means_that_it_plays(tape: &[u8], whole: &(Vec<u8>, Option<Exit>), what: &str) {
        if !said(tape).is_empty() {
            return;
        }
        let played = played(tape).unwrap_or_else(|| panic!("{what}: nothing is said, and it does not play"));
        assert!(!played.0.is_empty(), "{what}: nothing is said, and nothing shows");
        if whole.1.is_some() {
            assert_eq!(&played, whole, "{what}: nothing is said, and something is missing");
        }
    }

    #[test]
    fn a_recording_that_is_cut_off_anywhere_is_not_passed_in_silence() {
        let probe = recorded("async-one-thread.ndjson");
        let bench = recorded("flip.ndjson");
        let ends = bench.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        let some = ends.step_by(60).chain(bench.len() - 40..bench.len());
        let every = |tape: &[u8]| (0..tape.len()).collect::<Vec<_>>();
        for (tape, cuts) in [
            (ASCIICAST_2.as_bytes(), every(ASCIICAST_2.as_bytes())),
            (OURS.as_bytes(), every(OURS.as_bytes())),
            (
                &probe[..],
                (0..600).chain((600..probe.len()).step_by(7)).chain(probe.len() - 40..probe.len()).collect(),
            ),
            (&bench[..], some.collect()),
        ] {
            assert_eq!(said(tape), [] as [&str; 0]);
            let whole = played(tape).unwrap();
            for cut in cuts {
                let what = format!("the first {cut} of {} bytes", tape.len());
                silence_means_that_it_plays(&tape[..cut], &whole, &what);
            }
        }
    }

    #[test]
    fn a_header_with_a_wrong_byte_is_not_passed_in_silence() {
        let probe = recorded("async-one-thread.ndjson");
        for tape in [ASCIICAST_2.as_bytes(), OURS.as_bytes(), &probe] {
            let whole = played(tape).unwrap();
            let header = tape.iter().position(|byte| *byte == b'\n').unwrap();
            for at in 0..=header {
                for byte in *b"09\"}[-e\n\0\xff" {
                    let mut changed = tape.to_vec();
                    changed[at] = byte;
                    let what = format!("byte {at} is {:?}", char::from(byte));
                    silence_means_that_it_plays(&changed, &whole, &what);
                }
                let less = [&tape[..at], &tape[at + 1..]].concat();
                silence_means_that_it_plays(&less, &whole, &format!("byte {at} is missing"));
            }
        }
    }

    #[test]
    fn what_nobody_could_watch_is_said() {
        let head = "{\"version\":3,\"term\":{\"cols\":80,\"rows\":24}}\n";
        for (lines, word) in [
            ("", "nothing shows in it"),
            ("[1, \"i\", \"typed\"]\n[1, \"future\", \"x\"]\n", "nothing shows in it"),
            ("[1, \"o\", \"\"]\n", "nothing shows in it"),
            ("[20000, \"o\", \"late\"]\n", "it takes 5:33:20 to play"),
            ("[1e300, \"o\", \"never\"]\n", "to play"),
        ] {
            let said = said(format!("{head}{lines}").as_bytes());
            assert!(said.iter().any(|said| said.contains(word)), "{lines}: {said:?}");
        }
    }
}
