use std::collections::VecDeque;
use std::io::Cursor;
use std::sync::{Arc, Mutex};

use super::*;

const SIZE: Size = Size { columns: 20, rows: 4 };

/// A program that does what a test says, and remembers what it was asked.
#[derive(Clone, Default)]
struct Script {
    events: VecDeque<Event>,
    asked: Arc<Mutex<Vec<Control>>>,
}

impl Script {
    fn new(events: &[(u64, What)]) -> Self {
        let event = |(at, what): &(u64, What)| Event { at: Elapsed::from_millis(*at), what: what.clone() };
        Self { events: events.iter().map(event).collect(), ..Self::default() }
    }
}

impl EventSource for Script {
    fn poll(&mut self, now: Elapsed, sink: &mut dyn FnMut(Event)) {
        while let Some(event) = self.events.pop_front_if(|event| event.at <= now) {
            sink(event);
        }
    }

    fn at(&self, now: Elapsed) -> Elapsed {
        now
    }

    fn control(&mut self, request: Control, _: Elapsed) -> Result<(), SourceError> {
        self.asked.lock().unwrap().push(request);
        Ok(())
    }
}

fn output(bytes: impl Into<Vec<u8>>) -> What {
    What::Output(Bytes::from(bytes.into()))
}

fn millis(at: u64) -> Elapsed {
    Elapsed::from_millis(at)
}

fn live(events: &[(u64, What)]) -> (Pane, Script) {
    let mut pane = Pane::new(SIZE, Palette::default());
    let generation = pane.begin(Elapsed::ZERO);
    let script = Script::new(events);
    assert!(pane.attach(generation, Feed::Live(Box::new(script.clone())), Elapsed::ZERO).is_ok());
    (pane, script)
}

#[test]
fn the_title_says_what_is_true() {
    let mut pane = Pane::new(SIZE, Palette::default());
    assert_eq!(pane.title(millis(0)), "");
    let generation = pane.begin(millis(0));
    assert_eq!(pane.title(millis(0)), "… starting");
    pane.fail(generation, "there is no program \"x\"");
    assert_eq!(pane.title(millis(0)), "not started");
    let (mut pane, _) = live(&[(5_000, What::Phase(Phase::Stopping)), (12_000, What::Exit(Exit::Status(3)))]);
    assert_eq!(pane.title(millis(4_500)), "● live 00:04");
    assert_eq!(pane.next_at(millis(4_500)), Some(millis(5_000)));
    pane.poll(millis(5_000));
    assert_eq!(pane.title(millis(6_000)), "◌ stopping 00:06");
    assert_eq!(pane.poll(millis(99_000)).ended, Some(Exit::Status(3)));
    assert_eq!(pane.title(millis(99_000)), "exit 3 · 00:12");
    assert_eq!(pane.next_at(millis(99_000)), None, "nothing moves any more");
    assert_eq!(pane.is_as_expected(Expect::Success), Some(false));
    assert_eq!(pane.is_as_expected(Expect::Failure), Some(true));
}

#[test]
fn a_late_start_of_an_earlier_run_is_refused() {
    let mut pane = Pane::new(SIZE, Palette::default());
    let first = pane.begin(millis(0));
    let second = pane.begin(millis(1));
    assert!(pane.attach(first, Feed::Live(Box::new(Script::default())), millis(2)).is_err());
    pane.fail(first, "late");
    assert_eq!(pane.state(), &RunStatus::Starting);
    assert!(pane.attach(second, Feed::Live(Box::new(Script::default())), millis(2)).is_ok());
}

#[test]
fn a_run_that_is_left_is_stopped_and_waited_for_without_being_shown() {
    let (mut pane, script) = live(&[(10, output("old")), (500, What::Exit(Exit::Stopped))]);
    let generation = pane.begin(millis(5));
    assert_eq!(*script.asked.lock().unwrap(), [Control::Resize(SIZE), Control::Stop]);
    assert!(!pane.is_clear());
    let next = Script::new(&[(20, output("new"))]);
    assert!(pane.attach(generation, Feed::Live(Box::new(next)), millis(6)).is_ok());
    pane.poll(millis(100));
    assert_eq!((pane.view().text().trim(), pane.is_clear()), ("new", false));
    assert_eq!(pane.poll(millis(500)).ended, None);
    assert!(pane.is_clear());
}

#[test]
fn answers_and_sizes_go_to_the_program() {
    let (mut pane, script) = live(&[(1, output("\x1b[6n"))]);
    pane.poll(millis(1));
    pane.resize(Size { columns: 30, rows: 5 }, millis(2));
    let asked = script.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [
            // The screen may have been resized while the program was being started.
            Control::Resize(Size { columns: 20, rows: 4 }),
            Control::Input(Bytes::from_static(b"\x1b[1;1R")),
            Control::Resize(Size { columns: 30, rows: 5 }),
        ]
    );
}

/// What a pane shows at each of these moments.
fn moments(pane: &mut Pane, from: u64) -> Vec<(Buffer, Option<Elapsed>)> {
    (0..40)
        .map(|step| {
            pane.poll(millis(from + step * 50));
            let mut buffer = Buffer::empty(Rect::new(0, 0, 22, 6));
            pane.paint(buffer.area, &mut buffer);
            (buffer, pane.view().next_at())
        })
        .collect()
}

#[test]
fn a_tape_paints_the_frames_of_the_live_run_at_the_same_times() {
    let events = [
        (0, What::Phase(Phase::Starting)),
        (0, What::Resize(SIZE)),
        (100, output(b"\x1b[31mred \x85\xff\xe6\xbc")),
        (130, output(b"\xa2\xe6")),
        (160, output("\x1b[?2026hheld back\r\n")),
        (700, output("\x1b[?1049h\x1b[2J\x1b[Halt\x1b[6n")),
        (900, What::Resize(Size { columns: 12, rows: 3 })),
        (1_200, output("\x1b[?1049l\u{1f680}e\u{301}\ttab")),
        (1_500, What::Exit(Exit::Status(0))),
    ];
    let mut pane = Pane::new(SIZE, Palette::default());
    let generation = pane.begin(Elapsed::ZERO);
    pane.start_recording(&Header::new(SIZE), false);
    assert!(pane.attach(generation, Feed::Live(Box::new(Script::new(&events))), millis(0)).is_ok());
    let live = moments(&mut pane, 0);
    let tape = pane.take_taped();
    let player = Player::open(Box::new(Cursor::new(tape))).unwrap();
    let generation = pane.begin(millis(60_000));
    assert!(pane.attach(generation, Feed::Tape(Box::new(player)), millis(60_000)).is_ok());
    assert_eq!(live, moments(&mut pane, 60_000));
    assert!(live.iter().any(|(_, settles)| settles.is_some()), "an update was held back");
}

#[test]
fn a_replay_says_so_with_when_and_where() {
    let tape = "{\"version\":3,\"term\":{\"cols\":20,\"rows\":4},\"timestamp\":1795392000,\
        \"greenroom\":{\"machine\":\"8-core \\u001b laptop\"}}\n[1,\"o\",\"hi\"]\n[2,\"x\",\"3\"]\n";
    let mut pane = Pane::new(SIZE, Palette::default());
    let generation = pane.begin(millis(0));
    let player = Player::open(Box::new(Cursor::new(tape))).unwrap();
    assert!(pane.attach(generation, Feed::Tape(Box::new(player)), millis(0)).is_ok());
    pane.poll(millis(0));
    assert_eq!(pane.title(millis(1_500)), "▶ recording · 2026-11-23");
    let winding = pane.winding(millis(1_500)).unwrap();
    assert_eq!(winding.to_string(), "00:01 / 00:03");
    assert_eq!(pane.facts().as_deref(), Some("8-core  laptop"));
    pane.control(Control::Pause, millis(1_500)).unwrap();
    assert!(pane.title(millis(9_000)).starts_with("‖ recording"));
    assert!(pane.control(Control::Input(Bytes::from_static(b"x")), millis(9_000)).is_err());
    pane.control(Control::Play, millis(9_000)).unwrap();
    assert_eq!(pane.poll(millis(20_000)).ended, None, "only live runs end");
    assert_eq!(pane.winding(millis(20_000)).unwrap().share(), Some(1.0));
    assert_eq!(pane.title(millis(20_000)), "■ recording · 2026-11-23 · exit 3");
    pane.control(Control::Seek(Elapsed::ZERO), millis(20_000)).unwrap();
    pane.poll(millis(20_000));
    assert_eq!(pane.view().text().trim(), "");
}

#[test]
fn a_replay_has_the_colours_of_its_recording() {
    let tape = "{\"version\":3,\"term\":{\"cols\":20,\"rows\":4,\"theme\":{\"fg\":\"#010203\",\"bg\":\"#040506\"}}}\n\
        [1,\"o\",\"hi\"]\n";
    let mut pane = Pane::new(SIZE, Palette::default());
    let generation = pane.begin(millis(0));
    let player = Player::open(Box::new(Cursor::new(tape))).unwrap();
    assert!(pane.attach(generation, Feed::Tape(Box::new(player)), millis(0)).is_ok());
    pane.poll(millis(0));
    pane.poll(millis(5_000));
    let mut buffer = Buffer::empty(Rect::new(0, 0, 22, 6));
    pane.paint(buffer.area, &mut buffer);
    let (fg, bg) = (greenroom_deck::Rgb(1, 2, 3).into(), greenroom_deck::Rgb(4, 5, 6).into());
    assert_eq!((buffer[(0, 0)].fg, buffer[(0, 0)].bg, buffer[(21, 5)].bg), (fg, bg, bg));
    pane.begin(millis(9_000));
    pane.paint(buffer.area, &mut buffer);
    assert_eq!(buffer[(0, 0)].bg, Palette::default().background.into(), "a live run has the deck's");
}

#[test]
fn a_disk_that_is_behind_ends_the_recording_and_not_the_talk() {
    let (mut pane, _) = live(&[]);
    pane.start_recording(&Header::new(SIZE), true);
    let keys = Bytes::from(vec![b'x'; 1 << 20]);
    for _ in 0..9 {
        pane.control(Control::Input(keys.clone()), millis(1)).unwrap();
    }
    assert!(!pane.is_recording());
    assert_eq!(pane.notice(), Some("recording stopped: the disk cannot keep up; {record} records again"));
}

#[test]
fn a_tape_that_ends_inside_of_an_update_shows_its_end() {
    let tape = "{\"version\":2,\"width\":20,\"height\":4}\n[0.1,\"o\",\"first \"]\n[0.5,\"o\",\"\\u001b[?2026hlast\"]\n";
    let mut pane = Pane::new(SIZE, Palette::default());
    let generation = pane.begin(millis(0));
    let player = Player::open(Box::new(Cursor::new(tape))).unwrap();
    assert!(pane.attach(generation, Feed::Tape(Box::new(player)), millis(0)).is_ok());
    for at in [0, 200, 600, 5_000] {
        pane.poll(millis(at));
    }
    assert_eq!((pane.view().text().trim(), pane.view().next_at()), ("first last", None));
    pane.control(Control::Seek(millis(200)), millis(6_000)).unwrap();
    pane.poll(millis(6_000));
    assert_eq!(pane.view().text().trim(), "first");
}

#[test]
fn the_bell_shows_in_the_border_for_a_second_and_a_picture_is_named() {
    let (mut pane, _) = live(&[(100, output("\x07")), (200, output("\x1b_Ga=T;AAAA\x1b\\"))]);
    pane.poll(millis(100));
    assert_eq!(pane.title(millis(100)), "● live 00:00 · bell");
    pane.poll(millis(200));
    assert_eq!(pane.notice(), Some("a picture that this pane cannot show"));
    assert_eq!(pane.next_at(millis(1_050)), Some(millis(1_100)));
    assert!(pane.poll(millis(1_100)).changed);
    assert_eq!(pane.title(millis(1_100)), "● live 00:01 · a picture is missing");
}

#[test]
fn a_recording_wider_than_its_pane_says_what_shows_and_can_be_moved() {
    let tape = format!(
        "{{\"version\":2,\"width\":50,\"height\":4}}\n[0.1,\"o\",\"left{}right\"]\n[0.1,\"o\",\"\\r\\n\"]\n",
        ".".repeat(41)
    );
    let mut pane = Pane::new(SIZE, Palette::default());
    let generation = pane.begin(millis(0));
    let player = Player::open(Box::new(Cursor::new(tape))).unwrap();
    assert!(pane.attach(generation, Feed::Tape(Box::new(player)), millis(0)).is_ok());
    pane.poll(millis(0));
    pane.poll(millis(200));
    let shown = |pane: &Pane| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.columns, 4));
        pane.paint(buffer.area, &mut buffer);
        let first = buffer.content.iter().take(SIZE.columns.into());
        first.map(ratatui::buffer::Cell::symbol).collect::<String>()
    };
    assert_eq!(pane.view().term().unwrap().size().columns, 50, "it keeps its own size");
    assert!(
        pane.title(millis(200)).contains(" recording · columns 1–20 of 50"),
        "{}",
        pane.title(millis(200))
    );
    assert!(pane.is_cut() && shown(&pane).starts_with("left..."));
    for _ in 0..5 {
        pane.pan(true);
    }
    assert!(pane.title(millis(200)).contains("columns 31–50 of 50"));
    assert!(shown(&pane).ends_with("right"));
    pane.resize(Size { columns: 60, rows: 4 }, millis(300));
    assert!(!pane.is_cut() && !pane.title(millis(300)).contains("columns"));
}

/// Times that a flood clears a screen of 24,000 cells.
const CLEARS: usize = 2048;

#[test]
fn output_that_clears_without_end_is_taken_in_a_piece_at_a_time() {
    let large = Size { columns: 300, rows: 80 };
    let mut pane = Pane::new(large, Palette::default());
    let generation = pane.begin(Elapsed::ZERO);
    let clears = b"\x1b[2J".repeat(CLEARS);
    let script = Script::new(&[(0, What::Resize(large)), (0, output(clears)), (0, output("\x1b[Hthe end"))]);
    assert!(pane.attach(generation, Feed::Live(Box::new(script)), Elapsed::ZERO).is_ok());
    let cells = u64::from(large.columns) * u64::from(large.rows);
    let mut polls = 0;
    loop {
        let polled = pane.poll(Elapsed::ZERO);
        assert!(polled.taken <= WORK, "{}", polled.taken);
        polls += 1;
        if pane.next_at(Elapsed::ZERO) != Some(Elapsed::ZERO) {
            break;
        }
    }
    assert!(polls > CLEARS as u64 * cells / 4 / WORK / 2, "{polls}");
    assert!(pane.view().text().starts_with("the end"), "nothing is lost");
}

#[test]
fn an_update_that_holds_everything_back_costs_no_more_at_its_end() {
    let large = Size { columns: 300, rows: 80 };
    let mut pane = Pane::new(large, Palette::default());
    let generation = pane.begin(Elapsed::ZERO);
    let held = [&b"\x1b[?2026h"[..], &b"\x1b[2J".repeat(CLEARS), b"\x1b[Hshown"].concat();
    let script = Script::new(&[(0, What::Resize(large)), (0, output(held))]);
    assert!(pane.attach(generation, Feed::Live(Box::new(script)), Elapsed::ZERO).is_ok());
    for _ in 0..5 {
        pane.poll(Elapsed::ZERO);
    }
    assert!(!pane.view().text().starts_with("shown"), "the rest is still to come");
    while pane.next_at(Elapsed::ZERO) == Some(Elapsed::ZERO) {
        pane.poll(Elapsed::ZERO);
    }
    assert!(pane.view().text().starts_with("shown"), "it was too much to be held back");
}

#[test]
fn a_pane_that_nobody_looks_at_again_ends_without_drawing_what_was_printed() {
    let (mut pane, _) = live(&[(0, output(b"\x1b[2J".repeat(1 << 20))), (0, What::Exit(Exit::Status(0)))]);
    pane.close(Elapsed::ZERO);
    assert_eq!(pane.poll(Elapsed::ZERO).ended, Some(Exit::Status(0)));
}
