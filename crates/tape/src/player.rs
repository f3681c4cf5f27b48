//! Playing a tape: the same stream of events a live run gives, pulled at any speed from any place.

use std::io::{BufRead, Seek};

use super::edit::{Edit, Editor, clamp_speed, scale};
use super::read::ReadPosition;
use super::{Format, Header, Reader, TapeError};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Phase, Size, What};

/// Something a tape can be read from: a file, or bytes inside the executable.
pub trait Input: BufRead + Seek + Send {}

impl<T: BufRead + Seek + Send> Input for T {}

/// A named moment of a tape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// When, in the tape's time as it plays.
    pub at: Elapsed,
    /// Its name, which may be empty.
    pub name: String,
}

/// Bytes played by one call of [`Player::poll`] at most; what is left comes with the next call.
const BUDGET: usize = 64 * 1024;
/// Bytes of the file read ahead by one call, to learn how long the tape is.
const AHEAD: u64 = 256 * 1024;
/// Bytes of the file read ahead when it is opened.
const FIRST_AHEAD: u64 = 1024 * 1024;
/// Most markers that are remembered.
const MAX_MARKS: usize = 1000;

/// A tape in a player. Nothing but the line it stands at is in memory, whatever the size of the file.
pub struct Player {
    reader: Reader<Box<dyn Input>>,
    edit: Edit,
    editor: Editor,
    /// Read, and not due yet.
    next: Option<Event>,
    /// The run's beginning has been told since the last time it was wound back.
    begun: bool,
    /// Everything has been played.
    over: bool,
    /// The time of the last event played.
    played: Elapsed,
    /// Where the tape stood at `since`, or stands when it is paused.
    position: Elapsed,
    since: Option<Elapsed>,
    speed: f64,
    goal: Option<Goal>,
    /// Whether it stands still at markers.
    halt: Halt,
    /// Markers that have been played since the beginning.
    passed: usize,
    /// More is due than one call may play.
    behind: Option<Elapsed>,
    survey: Survey,
    /// Problems that have been told.
    told: usize,
}

/// Whether playing stands still at markers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Halt {
    /// It goes on.
    Never,
    /// At the next one that it comes to.
    Next,
    /// It stands at one: what comes at the same time waits.
    There,
}

/// Where playing stops by itself.
#[derive(Debug, Clone, Copy)]
enum Goal {
    /// At the first marker after this.
    Mark(Elapsed),
    /// At the next marker, and at nothing that comes at the same time after it.
    Halt,
    /// At the next change of the screen.
    Step,
    /// At its end.
    End,
}

/// What reading ahead has found.
struct Survey {
    place: ReadPosition,
    editor: Editor,
    length: Elapsed,
    marks: Vec<Marker>,
    /// The most columns and the most rows that the terminal has had.
    largest: Size,
    /// Something shows.
    shows: bool,
    /// A program had the whole screen to itself.
    fills_screen: bool,
    /// Line feeds in its output.
    lines: usize,
    done: bool,
}

impl Survey {
    fn new(reader: &Reader<Box<dyn Input>>, editor: Editor) -> Self {
        let largest = reader.header().size;
        Self {
            place: reader.place(),
            editor,
            length: Elapsed::ZERO,
            marks: Vec::new(),
            largest,
            shows: false,
            fills_screen: false,
            lines: 0,
            done: false,
        }
    }
}

impl Player {
    /// Reads the header, and far enough ahead to know all of a tape of usual size. It is paused at its beginning.
    ///
    /// # Errors
    /// When the file is no tape that can be played.
    pub fn open(input: Box<dyn Input>) -> Result<Self, TapeError> {
        let reader = Reader::open(input)?;
        let edit = Edit { idle_limit: reader.header().idle_limit, ..Edit::default() };
        let editor = Editor::new(edit);
        let survey = Survey::new(&reader, editor);
        let mut player = Self {
            reader,
            edit,
            editor,
            next: None,
            begun: false,
            over: false,
            played: Elapsed::ZERO,
            position: Elapsed::ZERO,
            since: None,
            speed: 1.0,
            goal: None,
            halt: Halt::Never,
            passed: 0,
            behind: None,
            survey,
            told: 0,
        };
        player.read_ahead(FIRST_AHEAD);
        Ok(player)
    }

    /// Shortens pauses to `limit`; winds the tape back.
    pub fn limit_idle(&mut self, limit: Option<std::time::Duration>) {
        self.edit.idle_limit = limit;
        self.rewind();
        self.position = Elapsed::ZERO;
        self.since = None;
        self.survey = Survey::new(&self.reader, self.editor);
        self.read_ahead(FIRST_AHEAD);
    }

    /// Gives everything that is due at `now` to `sink`, up to an amount that keeps a frame in time.
    ///
    /// The first event after a beginning, and after winding back, is [`Phase::Starting`].
    pub fn poll(&mut self, now: Elapsed, sink: &mut dyn FnMut(Event)) {
        self.read_ahead(AHEAD);
        if !self.begun {
            self.begun = true;
            let size = self.reader.header().size;
            for what in [What::Phase(Phase::Starting), What::Resize(size), What::Phase(Phase::Running)] {
                sink(Event { at: Elapsed::ZERO, what });
            }
        }
        if self.stands() {
            return;
        }
        if self.behind.take().is_some() {
            self.move_to(self.position, now);
        }
        let mut target = if self.goal.is_some() { None } else { Some(self.position(now)) };
        let mut spent = 0;
        while let Some(event) = self.take_due(target) {
            spent += cost(&event);
            self.played = event.at;
            let marks = matches!(event.what, What::Marker(_));
            self.passed += usize::from(marks);
            if marks && (self.halt == Halt::Next && target.is_some() || matches!(self.goal, Some(Goal::Halt)))
            {
                (self.halt, self.goal) = (Halt::There, None);
                (self.position, self.since) = (event.at, None);
                sink(event);
                return;
            }
            if self.goal.is_some_and(|goal| goal.is_met_by(&event)) {
                self.goal = None;
                self.move_to(event.at, now);
                target = Some(event.at);
            }
            sink(event);
            if spent > BUDGET {
                // Time waits until what is due has been played.
                self.behind = Some(now);
                if let Some(target) = target {
                    self.move_to(target, now);
                }
                return;
            }
        }
        if self.over {
            self.goal = None;
            if target.is_none_or(|target| target >= self.played) {
                self.position = self.played;
                self.since = None;
            }
        }
    }

    /// Whether it stands still at a marker until it is asked for more.
    fn stands(&self) -> bool {
        self.halt == Halt::There && self.since.is_none() && self.goal.is_none()
    }

    fn take_due(&mut self, target: Option<Elapsed>) -> Option<Event> {
        if self.next.is_none() {
            self.next = self.reader.next().map(|event| self.editor.event(event));
            self.over = self.next.is_none();
        }
        self.next.take_if(|event| target.is_none_or(|target| event.at <= target))
    }

    fn move_to(&mut self, position: Elapsed, now: Elapsed) {
        self.position = position;
        self.since = self.since.map(|_| now);
    }

    /// When [`Player::poll`] has something to give, by the caller's clock.
    #[must_use]
    pub fn next_at(&self) -> Option<Elapsed> {
        if self.behind.is_some() {
            return self.behind;
        }
        if !self.begun || self.goal.is_some() {
            return Some(self.since.unwrap_or_default());
        }
        let next = self.next.as_ref().filter(|_| !self.stands())?;
        if next.at <= self.position {
            return Some(self.since.unwrap_or_default());
        }
        Some(self.since? + scale(next.at.since(self.position), 1.0 / self.speed))
    }

    /// Where the tape stands at `now`.
    #[must_use]
    pub fn position(&self, now: Elapsed) -> Elapsed {
        self.since.map_or(self.position, |since| self.position + scale(now.since(since), self.speed))
    }

    /// Plays on; from the beginning when the end was reached.
    pub fn play(&mut self, now: Elapsed) {
        if self.over && self.next.is_none() {
            self.seek(Elapsed::ZERO, now);
        }
        self.halt = Halt::Never;
        self.since.get_or_insert(now);
    }

    /// Plays on, and stands still at the next marker; where there is none, at the end. Asked for again on the way, it is
    /// there at once.
    pub(crate) fn play_to_mark(&mut self, now: Elapsed) {
        if self.halt == Halt::Next && self.is_playing() {
            self.pause(now);
            self.goal = Some(Goal::Halt);
            return;
        }
        self.play(now);
        self.halt = Halt::Next;
    }

    /// Stops where it is.
    pub fn pause(&mut self, now: Elapsed) {
        self.position = self.position(now);
        self.since = None;
        if self.halt == Halt::Next {
            self.halt = Halt::Never;
        }
    }

    /// Pauses after the next change of the screen.
    pub fn step(&mut self, now: Elapsed) {
        self.pause(now);
        self.goal = Some(Goal::Step);
    }

    /// Goes to `position`; the screen there is made by playing everything before it at once.
    pub(crate) fn seek(&mut self, position: Elapsed, now: Elapsed) {
        (self.goal, self.halt) = (None, Halt::Never);
        if position < self.played || self.over {
            self.rewind();
        }
        self.move_to(position, now);
    }

    /// Goes to the end; everything before it is played at once.
    pub(crate) fn seek_to_end(&mut self, now: Elapsed) {
        self.pause(now);
        self.goal = Some(Goal::End);
    }

    /// Goes to the next marker, or to the end.
    pub(crate) fn next_mark(&mut self, now: Elapsed) {
        self.move_to(self.position(now), now);
        self.goal = Some(Goal::Mark(self.position));
    }

    /// Goes to the marker before, as far as it is known, or to the beginning. A marker passed less than a
    /// second ago counts as the one before it.
    pub(crate) fn previous_mark(&mut self, now: Elapsed) {
        let before = self.position(now) - std::time::Duration::from_secs(1);
        let mark = self.survey.marks.iter().rev().find(|mark| mark.at < before);
        self.seek(mark.map_or(Elapsed::ZERO, |mark| mark.at), now);
    }

    /// Plays `speed` times as fast as it happened, 0.05 to 100.
    pub(crate) fn set_speed(&mut self, speed: f64, now: Elapsed) {
        self.move_to(self.position(now), now);
        self.speed = clamp_speed(speed);
    }

    /// How many times as fast as it happened.
    #[must_use]
    pub const fn speed(&self) -> f64 {
        self.speed
    }

    /// Whether time runs.
    #[must_use]
    pub const fn is_playing(&self) -> bool {
        self.since.is_some()
    }

    /// Whether everything has been played.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// How long the tape is, once it has been read to its end: at once for a tape of usual size.
    #[must_use]
    pub const fn length(&self) -> Option<Elapsed> {
        if self.survey.done { Some(self.survey.length) } else { None }
    }

    /// Whether nothing but time is left until it stands still at the next marker, as it was asked to.
    #[must_use]
    pub fn nears_mark(&self) -> bool {
        let next = self.next.as_ref().map(|event| &event.what);
        self.halt == Halt::Next && self.is_playing() && matches!(next, Some(What::Marker(_)))
    }

    /// How many markers have been played since its beginning.
    #[must_use]
    pub const fn passed(&self) -> usize {
        self.passed
    }

    /// The markers found so far; the first thousand.
    #[must_use]
    pub fn marks(&self) -> &[Marker] {
        &self.survey.marks
    }

    /// What the tape says about itself.
    #[must_use]
    pub const fn header(&self) -> &Header {
        self.reader.header()
    }

    /// What its lines are.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.reader.format()
    }

    /// What was wrong so far.
    #[must_use]
    pub fn problems(&self) -> &[TapeError] {
        self.reader.problems()
    }

    /// What has been found wrong since the last call, in a line.
    pub fn take_notice(&mut self) -> Option<String> {
        let problems = self.reader.problems();
        let new = problems.get(self.told..).unwrap_or_default();
        self.told = problems.len();
        match new {
            [] => None,
            [only] => Some(only.to_string()),
            [first, rest @ ..] => Some(format!("{first} (and {} more)", rest.len())),
        }
    }

    fn rewind(&mut self) {
        // A tape that cannot be wound back stands still, and says so among its problems.
        self.over = self.reader.rewind().is_err();
        self.editor = Editor::new(self.edit);
        self.next = None;
        self.begun = false;
        self.behind = None;
        self.passed = 0;
        self.played = Elapsed::ZERO;
    }

    /// Reads at most `bytes` further to find what is wrong: a check has the time that a stage has not.
    pub fn look_through(&mut self, bytes: u64) {
        self.read_ahead(bytes);
    }

    /// The most columns and the most rows that the terminal has had, as far as the tape has been read.
    #[must_use]
    pub const fn largest(&self) -> Size {
        self.survey.largest
    }

    /// Whether anything of it shows, as far as the tape has been read.
    #[must_use]
    pub const fn shows_something(&self) -> bool {
        self.survey.shows
    }

    /// Whether a program had the whole screen to itself, as an editor has it, as far as the tape has been read.
    #[must_use]
    pub const fn fills_screen(&self) -> bool {
        self.survey.fills_screen
    }

    /// The lines that its output has ended, as far as the tape has been read.
    #[must_use]
    pub const fn lines(&self) -> usize {
        self.survey.lines
    }

    /// Reads at most `bytes` further than ever before, and returns to where playing is.
    fn read_ahead(&mut self, bytes: u64) {
        if self.survey.done {
            return;
        }
        let back = self.reader.place();
        let pending = self.reader.pending.take();
        if self.reader.go_to(self.survey.place).is_err() {
            self.survey.done = true;
            return;
        }
        let end = self.reader.offset().saturating_add(bytes);
        while (self.reader.offset() < end || self.reader.pending.is_some()) && !self.survey.done {
            match self.reader.next().map(|event| self.survey.editor.event(event)) {
                None => self.survey.done = true,
                Some(event) => {
                    self.survey.length = event.at;
                    match event.what {
                        What::Marker(name) if self.survey.marks.len() < MAX_MARKS => {
                            self.survey.marks.push(Marker { at: event.at, name });
                        }
                        What::Resize(size) => {
                            let Size { columns, rows } = &mut self.survey.largest;
                            (*columns, *rows) = ((*columns).max(size.columns), (*rows).max(size.rows));
                        }
                        What::Output(bytes) => {
                            self.survey.shows |= !bytes.is_empty();
                            self.survey.fills_screen |= asks_for_whole_screen(&bytes);
                            self.survey.lines += memchr::memchr_iter(b'\n', &bytes).count();
                        }
                        _ => {}
                    }
                }
            }
        }
        self.survey.place = self.reader.place();
        if self.reader.go_to(back).is_err() {
            self.over = true;
        }
        self.reader.pending = pending;
    }
}

impl Goal {
    fn is_met_by(self, event: &Event) -> bool {
        match self {
            Self::Mark(after) => event.at > after && matches!(event.what, What::Marker(_)),
            Self::End | Self::Halt => false,
            Self::Step => matches!(event.what, What::Output(_) | What::Resize(_) | What::Exit(_)),
        }
    }
}

/// Whether a program asks for the alternate screen here.
fn asks_for_whole_screen(bytes: &[u8]) -> bool {
    const ASKS: [&[u8]; 3] = [b"\x1b[?1049h", b"\x1b[?1047h", b"\x1b[?47h"];
    bytes.contains(&0x1b) && ASKS.iter().any(|ask| bytes.windows(ask.len()).any(|here| here == *ask))
}

fn cost(event: &Event) -> usize {
    let bytes = match &event.what {
        What::Output(bytes) | What::Message(bytes) | What::Input(bytes) => bytes.len(),
        _ => 0,
    };
    bytes + 64
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player")
            .field("reader", &self.reader)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, BufReader, Cursor, Read, SeekFrom};

    use super::*;
    use greenroom_base::run::Exit;

    const HEADER: &str = "{\"version\":3,\"term\":{\"cols\":80,\"rows\":24}}\n";

    fn player(lines: &str) -> Player {
        Player::open(Box::new(Cursor::new(format!("{HEADER}{lines}")))).unwrap()
    }

    /// One event a second: outputs 1, 2, a marker at 3, output 4, exit at 5.
    fn five() -> Player {
        player(
            "[1, \"o\", \"1\"]\n[1, \"o\", \"2\"]\n[1, \"m\", \"three\"]\n[1, \"o\", \"4\"]\n[1, \"x\", \"0\"]\n",
        )
    }

    fn at(player: &mut Player, secs: u64) -> String {
        let mut out = String::new();
        player.poll(Elapsed::from_secs(secs), &mut |event| {
            out += &match event.what {
                What::Output(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                What::Phase(Phase::Starting) => "<".to_owned(),
                What::Marker(_) => "m".to_owned(),
                What::Exit(Exit::Status(0)) => ">".to_owned(),
                _ => String::new(),
            };
        });
        out
    }

    fn secs(n: u64) -> Elapsed {
        Elapsed::from_secs(n)
    }

    #[test]
    fn it_plays_as_it_happened() {
        let mut tape = five();
        assert_eq!(tape.length(), Some(secs(5)));
        assert_eq!(tape.marks(), [Marker { at: secs(3), name: "three".to_owned() }]);
        assert_eq!(at(&mut tape, 100), "<");
        assert_eq!(tape.next_at(), None, "it is paused");
        tape.play(secs(100));
        assert_eq!(at(&mut tape, 100), "");
        assert_eq!(tape.next_at(), Some(secs(101)));
        assert_eq!(at(&mut tape, 103), "12m");
        assert_eq!(at(&mut tape, 120), "4>");
        assert!(tape.is_over() && !tape.is_playing());
        assert_eq!((tape.position(secs(200)), tape.next_at()), (secs(5), None));
        tape.play(secs(200));
        assert_eq!(at(&mut tape, 201), "<1");
    }

    #[test]
    fn it_pauses_steps_and_changes_its_speed() {
        let mut tape = five();
        tape.play(secs(0));
        assert_eq!(at(&mut tape, 1), "<1");
        tape.pause(secs(1));
        assert_eq!(at(&mut tape, 60), "");
        tape.step(secs(60));
        assert_eq!(at(&mut tape, 60), "2");
        tape.step(secs(60));
        assert_eq!((at(&mut tape, 60), tape.position(secs(99))), ("m4".to_owned(), secs(4)));
        let mut tape = five();
        tape.set_speed(2.0, secs(0));
        tape.play(secs(0));
        assert_eq!(at(&mut tape, 2), "<12m4");
        assert_eq!(tape.next_at(), Some(Elapsed::from_millis(2500)));
        tape.set_speed(0.5, secs(2));
        assert_eq!((at(&mut tape, 3), at(&mut tape, 4)), (String::new(), ">".to_owned()));
    }

    #[test]
    fn it_stands_still_at_each_marker_when_it_is_asked_to() {
        let mut tape = player(
            "[1, \"m\", \"ready\"]\n[1, \"o\", \"1\"]\n[1, \"m\", \"a\"]\n[0, \"m\", \"b\"]\n[0, \"o\", \"2\"]\n[1, \"x\", \"0\"]\n",
        );
        tape.play_to_mark(secs(0));
        assert_eq!((at(&mut tape, 0), at(&mut tape, 90)), ("<".to_owned(), "m".to_owned()));
        assert_eq!((tape.is_playing(), tape.passed(), tape.position(secs(99))), (false, 1, secs(1)));
        tape.play_to_mark(secs(100));
        assert_eq!(at(&mut tape, 101), "1");
        tape.play_to_mark(secs(101));
        assert_eq!((at(&mut tape, 101), tape.is_playing(), tape.passed()), ("m".to_owned(), false, 2));
        assert_eq!(at(&mut tape, 200), "", "what comes at the same time waits");
        tape.play_to_mark(secs(200));
        assert_eq!((at(&mut tape, 200), tape.passed()), ("m".to_owned(), 3));
        tape.play_to_mark(secs(300));
        assert_eq!((at(&mut tape, 400), tape.is_over()), ("2>".to_owned(), true));
        tape.seek(secs(0), secs(400));
        assert_eq!((at(&mut tape, 400), tape.passed()), ("<".to_owned(), 0));
    }

    #[test]
    fn it_seeks_both_ways() {
        let mut tape = five();
        tape.seek(secs(4), secs(0));
        assert_eq!(at(&mut tape, 0), "<12m4");
        tape.seek(secs(2), secs(9));
        assert_eq!((at(&mut tape, 9), tape.position(secs(20))), ("<12".to_owned(), secs(2)));
        tape.next_mark(secs(20));
        assert_eq!((at(&mut tape, 20), tape.position(secs(20))), ("m".to_owned(), secs(3)));
        tape.next_mark(secs(20));
        assert_eq!((at(&mut tape, 20), tape.is_over()), ("4>".to_owned(), true));
        tape.previous_mark(secs(30));
        assert_eq!((at(&mut tape, 30), tape.position(secs(30))), ("<12m".to_owned(), secs(3)));
        tape.previous_mark(secs(30));
        assert_eq!((at(&mut tape, 30), tape.position(secs(30))), ("<".to_owned(), secs(0)));
    }

    #[test]
    fn idle_time_is_limited_by_the_header_or_the_caller() {
        let mut tape = player("[9, \"o\", \"1\"]\n[30, \"m\", \"\"]\n");
        assert_eq!(tape.length(), Some(secs(39)));
        tape.limit_idle(Some(std::time::Duration::from_secs(2)));
        assert_eq!((tape.length(), tape.marks().len()), (Some(secs(4)), 1));
        tape.play(secs(0));
        assert_eq!(at(&mut tape, 2), "<1");
    }

    #[test]
    fn much_at_once_comes_in_pieces_and_time_waits() {
        let line = format!("[0, \"o\", \"{}\"]\n", "x".repeat(10_000));
        let mut tape = player(&format!("{}[1, \"o\", \"end\"]\n", line.repeat(20)));
        tape.play(secs(0));
        let first = at(&mut tape, 0).len();
        assert!(first < 100_000, "{first}");
        assert_eq!(tape.next_at(), Some(secs(0)));
        assert!(!at(&mut tape, 50).is_empty());
        assert!(!at(&mut tape, 50).is_empty());
        assert_eq!((at(&mut tape, 50), tape.next_at()), (String::new(), Some(secs(51))));
    }

    /// A file of any length, made as it is read.
    struct Endless {
        line: Vec<u8>,
        at: u64,
        length: u64,
    }

    impl Read for Endless {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let count = buf.len().min(usize::try_from(self.length - self.at).unwrap());
            for byte in &mut buf[..count] {
                let header = HEADER.as_bytes();
                let at = usize::try_from(self.at).unwrap();
                *byte = header
                    .get(at)
                    .copied()
                    .unwrap_or_else(|| self.line[(at - header.len()) % self.line.len()]);
                self.at += 1;
            }
            Ok(count)
        }
    }

    impl Seek for Endless {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            let SeekFrom::Start(at) = to else { return Err(io::ErrorKind::Unsupported.into()) };
            self.at = at.min(self.length);
            Ok(self.at)
        }
    }

    #[test]
    fn a_tape_of_a_gigabyte_opens_without_being_read() {
        let line = format!("[0.001, \"o\", \"{}\"]\n", "y".repeat(200)).into_bytes();
        let file = Endless { line, at: 0, length: 1 << 30 };
        let mut tape = Player::open(Box::new(BufReader::new(file))).unwrap();
        assert_eq!(tape.length(), None);
        assert!(tape.survey.place.at > Elapsed::ZERO);
        tape.play(secs(0));
        let played = at(&mut tape, 1).len();
        assert!((10_000..=BUDGET).contains(&played), "{played}");
        assert!(tape.survey.marks.is_empty() && tape.problems().is_empty());
    }
}
