//! One pane: what feeds it, what it shows, and whether it is being recorded.

mod listening;
mod twin;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::heard::Heard;
use super::status_text::{clock, plain, says};
use super::view::View;
use super::work_budget::Backlog;
use greenroom_base::source::{Control, EventSource, SourceError};

use super::{Palette, TermView, Winding};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Exit, Phase, RECORD_KEY, Size, What};
use greenroom_deck::{Chart, Demo, DemoKind, Expect};
use greenroom_tape::{Header, Player, Writer};

/// Bytes of a tape that wait to be written; a disk that is further behind ends the recording.
const MAX_UNWRITTEN: usize = 8 * 1024 * 1024;
/// A bench's records are taken in this often: numbers that change faster cannot be read.
const BENCH_PAUSE: Duration = Duration::from_millis(100);
/// How long the border shows that the bell rang. A room needs no sound for it.
const BELL: Duration = Duration::from_secs(1);
/// The work of one poll, in printed characters: about two milliseconds of it.
const WORK: u64 = 64 * 1024;
/// The work that a synchronized update may hold back, which is all done at its end; a larger one is shown before it ends.
const MAX_HELD: u64 = 8 * WORK;
/// Runs that are still being ended while the pane shows something else.
const MAX_LEAVING: usize = 4;
/// Most marks of a recording that are shown along its bar.
const MAX_MARKS: usize = 100;

/// Names one run of a pane, so that what comes late from an earlier one is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(u64);

/// What feeds a pane.
pub enum Feed {
    /// A program.
    Live(Box<dyn EventSource>),
    /// A tape, which is played from where it stands.
    Tape(Box<Player>),
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Live(_) => "Live",
            Self::Tape(_) => "Tape",
        })
    }
}

/// Where a pane stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStatus {
    /// Nothing has run yet.
    Idle,
    /// A run was asked for, and nothing feeds the pane yet.
    Starting,
    /// The program runs.
    Running,
    /// The program was asked to end.
    Stopping,
    /// The program ended, or could not be started.
    Ended(Exit),
    /// A tape plays, stands still, or is over.
    Replaying,
}

impl RunStatus {
    /// How the pane stands, in a few words that stay the same as long as it does.
    #[must_use]
    pub fn says(&self) -> String {
        match self {
            Self::Idle => "has not run".to_owned(),
            Self::Starting => "starts".to_owned(),
            Self::Running => "runs live".to_owned(),
            Self::Stopping => "stops".to_owned(),
            Self::Ended(exit) => says(exit),
            Self::Replaying => "plays its recording".to_owned(),
        }
    }
}

/// What a call of [`Pane::poll`] brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Polled {
    /// Whether the pane looks different.
    pub changed: bool,
    /// How the live run ended, when it did.
    pub ended: Option<Exit>,
    /// Whether the run printed something.
    pub spoke: bool,
    /// The work that taking it in was, in printed characters: who polls many panes can tell when a frame has had enough.
    pub taken: u64,
}

/// A pane's run and screen.
pub struct Pane {
    generation: Generation,
    state: RunStatus,
    feed: Option<Feed>,
    backlog: Backlog,
    /// The work that the screen holds back.
    held: u64,
    /// Nobody will look at it again: what is still printed is at most recorded.
    unseen: bool,
    /// What a live run of the demo is; a tape may be of something else.
    kind: DemoKind,
    view: View,
    size: Size,
    palette: Palette,
    /// When the live run began, and how long it took once it has ended.
    started: Elapsed,
    took: Elapsed,
    /// The end of the run on the tape that plays.
    taped_exit: Option<Exit>,
    recorder: Option<Recorder>,
    /// Somebody listens to what the run prints.
    heard: Option<Heard>,
    leaving: Vec<Box<dyn EventSource>>,
    /// What a bench says is not taken in before this.
    rests: Elapsed,
    /// When the bell rang, while the border shows it.
    rang: Option<Elapsed>,
    /// The run has sent a picture, which does not show.
    pictured: bool,
    notice: Option<String>,
}

struct Recorder {
    writer: Taper,
    unwritten: Vec<u8>,
    /// Keys are left out unless asked for: people type passwords.
    keys: bool,
}

/// What writes the tape of a run.
enum Taper {
    Term(Writer),
    /// The view itself, whose records are the tape.
    Records,
}

impl Pane {
    /// An idle pane for a program in a terminal.
    #[must_use]
    pub fn new(size: Size, palette: Palette) -> Self {
        Self::of(DemoKind::Terminal, size, palette)
    }

    /// An idle pane for a demo of this kind.
    #[must_use]
    pub fn of(kind: DemoKind, size: Size, palette: Palette) -> Self {
        Self {
            generation: Generation::default(),
            state: RunStatus::Idle,
            feed: None,
            backlog: Backlog::default(),
            held: 0,
            unseen: false,
            kind,
            view: View::new(kind, size, palette),
            size,
            palette,
            started: Elapsed::ZERO,
            took: Elapsed::ZERO,
            taped_exit: None,
            recorder: None,
            heard: None,
            leaving: Vec::new(),
            rests: Elapsed::ZERO,
            rang: None,
            pictured: false,
            notice: None,
        }
    }

    /// An idle pane for `demo`, which shows first what the deck says.
    #[must_use]
    pub fn for_demo(demo: &Demo, size: Size, palette: Palette) -> Self {
        let mut pane = Self::of(demo.kind, size, palette);
        if let View::Bench(bench) = &mut pane.view {
            **bench = super::BenchView::of(demo);
        }
        pane
    }

    /// A new run is on its way: what ran before is stopped, the screen is cleared.
    pub fn begin(&mut self, now: Elapsed) -> Generation {
        self.retire(now);
        self.generation = Generation(self.generation.0 + 1);
        self.state = RunStatus::Starting;
        self.backlog = Backlog::default();
        self.view = self.view.fresh(self.kind, self.size, self.palette);
        self.started = now;
        self.taped_exit = None;
        (self.recorder, self.heard) = (None, None);
        self.rests = Elapsed::ZERO;
        (self.rang, self.pictured) = (None, false);
        self.notice = None;
        self.generation
    }

    /// Feeds the run that was asked for; gives `feed` back when another was asked for since.
    ///
    /// # Errors
    /// The feed, to be dropped.
    pub fn attach(&mut self, generation: Generation, feed: Feed, now: Elapsed) -> Result<(), Feed> {
        if generation != self.generation || self.state != RunStatus::Starting {
            return Err(feed);
        }
        self.started = now;
        self.state = match &feed {
            Feed::Live(_) => RunStatus::Running,
            Feed::Tape(_) => RunStatus::Replaying,
        };
        self.feed = Some(feed);
        if let Some(Feed::Live(source)) = &mut self.feed {
            // It was started for the size that the pane had when it was asked for.
            let _ = source.control(Control::Resize(self.size), now);
        }
        if let Some(Feed::Tape(player)) = &mut self.feed {
            let taped = View::kind_of(player.format());
            let palette = self.palette.recorded(player.header().colors);
            if self.view.kind() != taped || palette != self.palette {
                self.view = View::new(taped, self.size, palette);
            }
            player.play(now);
        }
        Ok(())
    }

    /// The run that was asked for cannot be: `reason` says why and what to do.
    pub fn fail(&mut self, generation: Generation, reason: impl Into<String>) {
        if generation == self.generation && self.state == RunStatus::Starting {
            self.took = Elapsed::ZERO;
            self.state = RunStatus::Ended(Exit::Failed(reason.into()));
        }
    }

    /// Stops what feeds the pane, and keeps listening until it has ended: nothing waits for it here.
    fn retire(&mut self, now: Elapsed) {
        let Some(Feed::Live(mut source)) = self.feed.take() else { return };
        // One that has ended already has nothing to stop.
        if source.control(Control::Stop, now).is_ok() {
            self.leaving.truncate(MAX_LEAVING - 1);
            self.leaving.push(source);
        }
    }

    /// Stops what runs. Nobody will look at the pane again, so that its end does not wait until all that it has printed is drawn.
    pub fn close(&mut self, now: Elapsed) {
        self.unseen = true;
        // What has ended needs no more.
        let _ = self.control(Control::Stop, now);
    }

    /// Whether everything that ran here before has ended, so that its ports and files are free again.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.leaving.is_empty()
    }

    /// Takes in everything that is due at `now`.
    pub fn poll(&mut self, now: Elapsed) -> Polled {
        let mut polled = Polled::default();
        let notice = &mut self.notice;
        self.leaving.retain_mut(|source| {
            let mut ended = false;
            source.poll(now, &mut |event| ended |= matches!(event.what, What::Exit(_)));
            if let Some(said) = source.take_notice() {
                *notice = Some(format!("the run before: {said}"));
                polled.changed = true;
            }
            !ended
        });
        if self.rang.take_if(|rang| now.since(*rang) >= BELL).is_some() {
            polled.changed = true;
        }
        let Some(mut feed) = self.feed.take() else { return polled };
        let live = matches!(feed, Feed::Live(_));
        let paced = live && self.view.bench().is_some();
        if paced && now < self.rests {
            self.feed = Some(feed);
            return polled;
        }
        let source: &mut dyn EventSource = match &mut feed {
            Feed::Live(source) => source.as_mut(),
            Feed::Tape(player) => player.as_mut(),
        };
        if self.backlog.is_empty() {
            source.poll(now, &mut |event| self.backlog.push(event));
        }
        let mut room = if self.unseen { u64::MAX } else { WORK };
        while let Some(event) = self.backlog.take(self.view.screen_size(), &mut room) {
            polled.changed = true;
            polled.spoke |= matches!(event.what, What::Output(_));
            self.take_in(&event, live, &mut polled.ended);
        }
        polled.taken = WORK.saturating_sub(room);
        self.bound_update(polled.taken);
        let at = source.at(now);
        let over = self.backlog.is_empty() && matches!(&feed, Feed::Tape(player) if player.is_over());
        let replies = self.attend(at, over, now, &mut polled);
        let source: &mut dyn EventSource = match &mut feed {
            Feed::Live(source) => source.as_mut(),
            Feed::Tape(player) => player.as_mut(),
        };
        if live && !replies.is_empty() {
            // A program that does not read its answers does not need them.
            let _ = source.control(Control::Input(Bytes::from(replies)), now);
        }
        if let Some(notice) = source.take_notice() {
            self.notice = Some(notice);
            polled.changed = true;
        }
        if paced && polled.changed {
            self.rests = now + BENCH_PAUSE;
        }
        if polled.ended.is_none() {
            self.feed = Some(feed);
        }
        polled
    }

    /// What the terminal does besides drawing, at `at` in the run's time; gives its answers. The time of a tape that is
    /// `over` stands still, so that nothing would be shown later.
    fn attend(&mut self, at: Elapsed, over: bool, now: Elapsed, polled: &mut Polled) -> Vec<u8> {
        let Some(term) = self.view.term_mut() else { return Vec::new() };
        let shown = term.next_at();
        if over {
            term.finish();
        } else {
            term.settle(at);
        }
        polled.changed |= term.next_at() != shown;
        if term.take_bell() {
            polled.changed |= self.rang.replace(now).is_none();
        }
        if term.take_picture() {
            self.pictured = true;
            self.notice = Some("a picture that this pane cannot show".to_owned());
            polled.changed = true;
        }
        term.take_replies()
    }

    /// Ends a synchronized update that holds too much back, now that it holds back at most so much more.
    fn bound_update(&mut self, more: u64) {
        let Some(term) = self.view.term_mut().filter(|term| term.holds_back()) else {
            self.held = 0;
            return;
        };
        self.held += more;
        if self.held > MAX_HELD {
            term.finish();
            self.held = 0;
        }
    }

    fn take_in(&mut self, event: &Event, live: bool, ended: &mut Option<Exit>) {
        // Records are few, and are taped as they are taken in.
        if !(self.unseen && self.view.term().is_some() && matches!(event.what, What::Output(_))) {
            self.view.fold(event);
        }
        self.record(event);
        if let (What::Output(bytes), Some(heard)) = (&event.what, &mut self.heard) {
            heard.push(bytes);
        }
        match &event.what {
            What::Exit(exit) if live => {
                self.took = event.at;
                self.state = RunStatus::Ended(exit.clone());
                *ended = Some(exit.clone());
            }
            What::Exit(exit) => self.taped_exit = Some(exit.clone()),
            What::Phase(Phase::Starting) => self.taped_exit = None,
            What::Phase(Phase::Stopping) if live => self.state = RunStatus::Stopping,
            _ => {}
        }
    }

    /// When there is something to do, by the caller's clock: an event of a tape, a screen that settles, a second
    /// that passes in the title.
    #[must_use]
    pub fn next_at(&self, now: Elapsed) -> Option<Elapsed> {
        let source = self.source()?;
        if !self.backlog.is_empty() {
            return Some(now);
        }
        let run = source.at(now);
        let settles = self.view.next_at().map(|at| now + at.since(run));
        let ticks = match &self.feed {
            Some(Feed::Tape(player)) if !player.is_playing() => None,
            _ => Some(now + Elapsed::from_secs(run.secs() + 1).since(run)),
        };
        let rests = Some(self.rests).filter(|rests| *rests > now);
        let rang = self.rang.map(|rang| rang + BELL);
        [source.next_at(), settles, ticks, rests, rang].into_iter().flatten().min()
    }

    fn source(&self) -> Option<&dyn EventSource> {
        match &self.feed {
            Some(Feed::Live(source)) => Some(source.as_ref()),
            Some(Feed::Tape(player)) => Some(player.as_ref()),
            None => None,
        }
    }

    /// Asks the source for something.
    ///
    /// # Errors
    /// When it cannot do it, or nothing feeds the pane.
    pub fn control(&mut self, request: Control, now: Elapsed) -> Result<(), SourceError> {
        if let Control::Input(bytes) = &request {
            self.view.term_mut().into_iter().for_each(TermView::scroll_to_end);
            if self.recorder.as_ref().is_some_and(|recorder| recorder.keys) {
                let at = self.source().map_or(Elapsed::ZERO, |source| source.at(now));
                self.record(&Event { at, what: What::Input(bytes.clone()) });
            }
        }
        match &mut self.feed {
            Some(Feed::Live(source)) => source.control(request, now),
            Some(Feed::Tape(player)) => EventSource::control(player.as_mut(), request, now),
            None => Err(SourceError::Ended),
        }
    }

    /// The pane has another size now. A program is told; a tape keeps the size it was recorded with.
    pub fn resize(&mut self, size: Size, now: Elapsed) {
        if size == self.size {
            return;
        }
        self.size = size;
        match &mut self.feed {
            // The screen follows when the event comes back, in its place among the output.
            Some(Feed::Live(source)) => {
                let _ = source.control(Control::Resize(size), now);
            }
            Some(Feed::Tape(_)) => {}
            None => self.view.term_mut().into_iter().for_each(|term| term.resize(size)),
        }
    }

    /// Starts to tape the run that is on its way. Without `keys`, what is typed is left out.
    pub fn start_recording(&mut self, header: &Header, keys: bool) {
        let (writer, unwritten) = if self.view.tape_records() {
            // A bench, and a probe, says itself what, when and where it is.
            (Taper::Records, Vec::new())
        } else {
            let (writer, first) = Writer::new(header);
            (Taper::Term(writer), first)
        };
        self.recorder = Some(Recorder { writer, unwritten, keys });
    }

    /// Stops taping, and says why when it was not wanted: the disk is full.
    pub fn stop_recording(&mut self, problem: Option<String>) {
        self.recorder = None;
        if let Some(problem) = problem {
            self.notice = Some(format!("recording stopped: {problem}; {RECORD_KEY} records again"));
        }
    }

    /// Whether the run is being taped.
    #[must_use]
    pub const fn is_recording(&self) -> bool {
        self.recorder.is_some()
    }

    /// Whole lines of the tape since the last call, to be written to disk.
    pub fn take_taped(&mut self) -> Vec<u8> {
        self.recorder.as_mut().map(|recorder| std::mem::take(&mut recorder.unwritten)).unwrap_or_default()
    }

    fn record(&mut self, event: &Event) {
        let Some(recorder) = &mut self.recorder else { return };
        recorder.unwritten.extend(match &mut recorder.writer {
            Taper::Term(writer) => writer.event(event),
            Taper::Records => self.view.take_records(),
        });
        if recorder.unwritten.len() > MAX_UNWRITTEN {
            self.stop_recording(Some("the disk cannot keep up".to_owned()));
        }
    }

    /// The size it was given.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> &RunStatus {
        &self.state
    }

    /// Which run it shows.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// What it shows.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.view
    }

    /// Shows `chart` of a bench from now on, or the next one.
    pub fn show(&mut self, chart: Option<Chart>) {
        let View::Bench(bench) = &mut self.view else { return };
        match chart {
            Some(chart) => bench.show(chart),
            None => bench.show_next(),
        }
    }

    /// Moves what is shown by `lines`, up into the scroll-back when positive.
    pub fn scroll(&mut self, lines: i32) {
        self.view.term_mut().into_iter().for_each(|term| term.scroll(lines));
    }

    /// The tape that plays.
    #[must_use]
    pub fn tape(&self) -> Option<&Player> {
        match &self.feed {
            Some(Feed::Tape(player)) => Some(player),
            _ => None,
        }
    }

    /// Something the presenter should know: what was killed, why the recording stopped.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Whether the live run ended as the deck says it should; nothing while it has not ended by itself. One that should
    /// give records and gave something else did not, whatever its status.
    #[must_use]
    pub fn is_as_expected(&self, expect: Expect) -> Option<bool> {
        match &self.state {
            RunStatus::Ended(Exit::Stopped) => None,
            RunStatus::Ended(exit) => Some(match (expect, exit) {
                (_, Exit::Failed(_) | Exit::TimedOut) => false,
                _ if !self.view.is_sound() => false,
                (Expect::Any, _) => true,
                (Expect::Success, exit) => matches!(exit, Exit::Status(0)),
                (Expect::Failure, exit) => !matches!(exit, Exit::Status(0)),
            }),
            _ => None,
        }
    }

    /// How the run stands, for the upper edge of its pane. A replay always says that it is one.
    #[must_use]
    pub fn title(&self, now: Elapsed) -> String {
        let mut title = match &self.state {
            RunStatus::Idle => String::new(),
            RunStatus::Starting => "… starting".to_owned(),
            RunStatus::Running => format!("● live {}", clock(self.run_time(now))),
            RunStatus::Stopping => format!("◌ stopping {}", clock(self.run_time(now))),
            RunStatus::Ended(exit @ Exit::Failed(_)) => says(exit),
            RunStatus::Ended(exit) => format!("{} · {}", says(exit), clock(self.took)),
            RunStatus::Replaying => self.tape().map(|tape| self.replay_standing(tape)).unwrap_or_default(),
        };
        if self.recorder.is_some() && matches!(self.state, RunStatus::Running | RunStatus::Stopping) {
            title.push_str(" · taping");
        }
        if self.rang.is_some() && self.feed.is_some() {
            title.push_str(" · bell");
        }
        if self.pictured {
            title.push_str(" · a picture is missing");
        }
        if self.view.scrolled() > 0 {
            title.push_str(" · scrolled back");
        }
        title
    }

    /// The run's time at `now`; how long it took once it has ended.
    #[must_use]
    pub fn run_time(&self, now: Elapsed) -> Elapsed {
        self.source().map_or(self.took, |source| source.at(now))
    }

    fn replay_standing(&self, tape: &Player) -> String {
        let sign = match (tape.is_playing(), tape.is_over()) {
            (true, _) => '▶',
            (false, true) => '■',
            (false, false) => '‖',
        };
        let mut parts = vec![format!("{sign} recording")];
        parts.extend(self.shown_columns());
        parts.extend(tape.header().date());
        parts.extend(self.taped_exit.as_ref().map(says));
        parts.join(" · ")
    }

    /// What is known of a recording beside what it shows: the machine.
    #[must_use]
    pub fn facts(&self) -> Option<String> {
        let tape = self.tape().filter(|_| self.state == RunStatus::Replaying)?;
        let machine = tape.header().meta.machine.as_deref().map(plain);
        let env = self.view.bench().and_then(|bench| bench.board().env.as_ref());
        machine.or_else(|| env.map(|env| plain(&format!("{} cores", env.cores))))
    }

    /// Where a recording stands; nothing when none shows.
    #[must_use]
    pub fn winding(&self, now: Elapsed) -> Option<Winding> {
        let tape = self.tape().filter(|_| self.state == RunStatus::Replaying)?;
        let marks = tape.marks().iter().take(MAX_MARKS).map(|mark| mark.at).collect();
        Some(Winding { at: tape.position(now), length: tape.length(), speed: tape.speed(), marks })
    }

    /// Which columns of a recording show, when it has more than the pane.
    fn shown_columns(&self) -> Option<String> {
        let (width, term) = (self.size.columns, self.view.term()?);
        let columns = term.size().columns;
        let first = term.first_column(width);
        (columns > width).then(|| format!("columns {}–{} of {columns}", first + 1, first + width))
    }

    /// Whether it shows a recording that has more columns than the pane.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.state == RunStatus::Replaying && self.shown_columns().is_some()
    }

    /// Moves what shows of a recording that has more columns than the pane, to the right or to the left.
    pub fn pan(&mut self, right: bool) {
        let width = self.size.columns;
        self.view.term_mut().into_iter().for_each(|term| term.pan(right, width));
    }

    /// Where the text in `area` leads: [`TermView::links`].
    #[must_use]
    pub fn links(&self, area: Rect) -> Vec<(Rect, Arc<str>)> {
        self.view.term().map(|term| term.links(area)).unwrap_or_default()
    }

    /// Draws the screen into `area`; gives the cursor's place, for a pane that has the focus.
    pub fn paint(&self, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        let cursor = self.view.term()?.paint(area, buffer);
        // Only a program that runs waits for keys.
        cursor.filter(|_| matches!(self.state, RunStatus::Running | RunStatus::Stopping))
    }
}

impl std::fmt::Debug for Pane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pane({:?}, {:?}, {:?})", self.generation, self.state, self.view)
    }
}

#[cfg(test)]
mod tests;
