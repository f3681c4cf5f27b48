//! The records of a bench or of a probe as a tape: what has to be known of a line to play it at its time.
//!
//! Only the time and the type are looked at. What the records mean is for the pane to say.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;

use super::{Format, Header, Meta, SCENARIO, TapeError, command_line};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Exit, Size, What};

/// How the first line of records says what they are.
const FORMATS: [(&str, Format); 2] = [("greenroom-bench", Format::Bench), ("greenroom-probe", Format::Probe)];
/// The version that can be played.
const VERSION: u64 = 1;
/// Pauses longer than this, while servers start, are shortened when it plays.
const IDLE: std::time::Duration = std::time::Duration::from_secs(2);

#[derive(Deserialize)]
struct RecordHead {
    #[serde(rename = "type")]
    kind: String,
    format: String,
    v: u64,
    #[serde(default)]
    started: u64,
    #[serde(default)]
    title: String,
    /// In a few words; a bench says more about it in a line of its own.
    #[serde(default)]
    machine: String,
    /// Of a probe: its script and the script's arguments.
    #[serde(default)]
    command: Vec<String>,
    /// Of a bench: the SHA-256 of its scenario's file.
    #[serde(default)]
    scenario: String,
}

#[derive(Deserialize)]
struct RecordLine<'a> {
    at: u64,
    #[serde(rename = "type", borrow)]
    what: Cow<'a, str>,
    /// Which phase or column, in a line about one.
    #[serde(default, borrow)]
    kind: Option<Cow<'a, str>>,
    /// Whether the run went through, in the last line.
    #[serde(default)]
    ok: bool,
}

/// The header that the first `line` makes, if it is that of records.
pub(super) fn header(line: &[u8]) -> Option<Result<(Header, Format), TapeError>> {
    let head: RecordHead = serde_json::from_slice(line).ok()?;
    let (_, format) = FORMATS.into_iter().find(|(name, _)| head.kind == "head" && head.format == *name)?;
    if head.v > VERSION {
        return Some(Err(TapeError::BenchVersion { version: head.v }));
    }
    let size = Size { columns: 80, rows: 24 };
    let machine = Some(head.machine).filter(|machine| !machine.is_empty());
    let mut manifest = serde_json::Map::new();
    if !head.scenario.is_empty() {
        manifest.insert(SCENARIO.to_owned(), head.scenario.into());
    }
    let command = Some(head.command).filter(|words| !words.is_empty());
    let header = Header {
        timestamp: Some(head.started).filter(|started| *started > 0),
        idle_limit: Some(IDLE),
        title: Some(head.title).filter(|title| !title.is_empty()),
        command: command.map(|words| command_line(&words)),
        meta: Meta { machine, manifest, ..Meta::default() },
        ..Header::new(size)
    };
    Some(Ok((header, format)))
}

/// A line's time, and what is played for it: a marker where a phase or a column begins, the line itself, the end of the run.
pub(super) struct Parts {
    pub at: Elapsed,
    pub marker: Option<String>,
    pub exit: Option<Exit>,
}

/// The parts of `line`; nothing when it is no record.
pub(super) fn parts(line: &str) -> Option<Parts> {
    let line: RecordLine<'_> = serde_json::from_str(line).ok()?;
    let marker = line
        .kind
        .filter(|_| line.what == "phase" || line.what == "column")
        .map(|kind| kind.chars().take(40).collect());
    let exit = (line.what == "end").then_some(Exit::Status(i32::from(!line.ok)));
    Some(Parts { at: Elapsed::from_micros(line.at), marker, exit })
}

/// `line` as a program would have printed it.
pub(super) fn output(line: &[u8], at: Elapsed) -> Event {
    let mut bytes = Vec::with_capacity(line.len() + 1);
    bytes.extend_from_slice(line);
    bytes.push(b'\n');
    Event { at, what: What::Output(Bytes::from(bytes)) }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::{Format, Player};
    use greenroom_base::run::Phase;

    const HEAD: &str =
        "{\"at\":0,\"type\":\"head\",\"format\":\"greenroom-bench\",\"v\":1,\"started\":1795392000}";

    fn open(lines: &str) -> Result<Player, TapeError> {
        Player::open(Box::new(Cursor::new(format!("{HEAD}\n{lines}"))))
    }

    /// Phases at 1 and 3 s, a turn at 2 s, the end at 4 s.
    fn run() -> String {
        let line = |at: u64, rest: &str| format!("{{\"at\":{at}000000,\"type\":{rest}}}\n");
        let end = line(4, "\"end\",\"ok\":true");
        line(1, "\"phase\",\"kind\":\"warm\"")
            + &line(2, "\"slice\"")
            + &line(3, "\"phase\",\"kind\":\"measure\"")
            + &end
    }

    /// What is played up to `secs`: `<` for the beginning, lines by their length, markers by name, the exit.
    fn at(player: &mut Player, secs: u64) -> String {
        let mut out = String::new();
        player.poll(Elapsed::from_secs(secs), &mut |event| match event.what {
            What::Phase(Phase::Starting) => out.push('<'),
            What::Output(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                assert!(text.ends_with('\n') && text.matches('\n').count() == 1);
                let kind = ["head", "phase", "slice", "end"]
                    .into_iter()
                    .find(|kind| text.contains(&format!("{kind:?}")));
                out.push(' ');
                out.push_str(kind.unwrap_or("?"));
            }
            What::Marker(name) => out.extend([" [", &name, "]"]),
            What::Exit(exit) => out.extend([" ".to_owned(), format!("{exit:?}")]),
            _ => {}
        });
        out
    }

    #[test]
    fn it_plays_pauses_and_seeks_like_any_tape() {
        let mut tape = open(&run()).unwrap();
        assert_eq!((tape.format(), tape.header().date().as_deref()), (Format::Bench, Some("2026-11-23")));
        assert_eq!(tape.length(), Some(Elapsed::from_secs(4)));
        let marks: Vec<&str> = tape.marks().iter().map(|mark| mark.name.as_str()).collect();
        assert_eq!(marks, ["warm", "measure"]);
        tape.play(Elapsed::ZERO);
        assert_eq!(at(&mut tape, 0), "< head");
        assert_eq!(at(&mut tape, 2), " [warm] phase slice");
        tape.pause(Elapsed::from_secs(2));
        assert_eq!(at(&mut tape, 9), "");
        tape.step(Elapsed::from_secs(9));
        assert_eq!(at(&mut tape, 9), " [measure] phase");
        tape.seek(Elapsed::from_secs(1), Elapsed::from_secs(9));
        assert_eq!(at(&mut tape, 9), "< head [warm] phase");
        tape.next_mark(Elapsed::from_secs(9));
        assert!(at(&mut tape, 9).starts_with(" slice [measure]"));
        tape.play(Elapsed::from_secs(9));
        assert_eq!(at(&mut tape, 99).trim_start_matches(" phase"), " end Status(0)");
        assert!(tape.is_over() && tape.problems().is_empty());
    }

    #[test]
    fn a_run_that_was_cut_off_ends_where_it_does() {
        let whole = run();
        let mut tape = open(&whole[..whole.len() - 12]).unwrap();
        tape.play(Elapsed::ZERO);
        assert_eq!(at(&mut tape, 9), "< head [warm] phase slice [measure] phase Stopped");
        assert_eq!(tape.problems(), [TapeError::Truncated { line: 5 }]);
        tape.play(Elapsed::from_secs(20));
        assert_eq!(at(&mut tape, 20), "< head");
        let mut bare = open("").unwrap();
        bare.play(Elapsed::ZERO);
        assert_eq!(at(&mut bare, 1), "< head Stopped");
    }

    #[test]
    fn lines_that_are_no_records_are_the_panes_to_judge() {
        let long = "x".repeat((4 << 20) + 1);
        let mut tape = open(&format!("what?\n\n{long}\n{{\"at\":1000000,\"type\":\"slice\"}}\n")).unwrap();
        tape.play(Elapsed::ZERO);
        assert_eq!(at(&mut tape, 9), "< head ? slice Stopped");
        assert_eq!(tape.problems().len(), 1);
        let newer = HEAD.replace("\"v\":1", "\"v\":2");
        let error = Player::open(Box::new(Cursor::new(newer))).unwrap_err();
        assert_eq!(error, TapeError::BenchVersion { version: 2 });
    }
}
