//! A driver of the stage's real loop: keys in a queue, a screen in memory and a clock that can be held or put forward.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fs;
use std::future::Future;
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use greenroom::decks::locate;
use greenroom::keys::Keymap;
use greenroom::runner::Runner;
use greenroom::runner::picture::Decoder;
use greenroom::stage::world::{Clock, Events, Happening, Performer, Surface};
use greenroom::stage::{self, Ending, EventLoop};
use greenroom::talk::{Effect, Msg, RunnerEffect, Runs, Settings, Talk};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_frame::Frame;
use greenroom_system::pty::Launcher;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

pub(crate) const SIZE: Size = Size { columns: 90, rows: 28 };
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A screen in memory.
pub(crate) struct MemorySurface {
    /// The last frame.
    pub frame: Frame,
    /// How many there were.
    pub frames: usize,
    /// What else was done with it.
    pub log: Vec<&'static str>,
    pub size: Size,
    /// It takes no more frames.
    pub is_gone: bool,
    /// How often it has been another job's when it was looked at.
    pub elsewhere: Cell<usize>,
    /// What a frame costs on the clock of the talk.
    pub cost: Option<(TestClock, Duration)>,
}

impl MemorySurface {
    pub(crate) fn new() -> Self {
        Self {
            frame: Frame::new(SIZE.columns, SIZE.rows),
            frames: 0,
            log: Vec::new(),
            size: SIZE,
            is_gone: false,
            elsewhere: Cell::new(0),
            cost: None,
        }
    }
}

impl Surface for MemorySurface {
    fn draw(&mut self, frame: &Frame) -> io::Result<()> {
        if self.is_gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if let Some((clock, cost)) = &self.cost {
            clock.advance(*cost);
        }
        self.frame = frame.clone();
        self.frames += 1;
        Ok(())
    }

    fn invalidate(&mut self) {
        self.log.push("invalidate");
    }

    fn repaint(&mut self) -> io::Result<()> {
        self.log.push("repaint");
        Ok(())
    }

    fn enter(&mut self) -> io::Result<()> {
        self.log.push("enter");
        Ok(())
    }

    fn leave(&mut self) {
        self.log.push("leave");
    }

    fn stop(&mut self) {
        self.log.push("stop");
    }

    fn is_ours(&self) -> bool {
        let elsewhere = self.elsewhere.get();
        self.elsewhere.set(elsewhere.saturating_sub(1));
        elsewhere == 0
    }

    fn size(&self) -> Size {
        self.size
    }
}

/// Keys and signals that wait for the loop.
#[derive(Default)]
pub(crate) struct Queue(pub VecDeque<Happening>);

impl Events for Queue {
    async fn next(&mut self) -> io::Result<Happening> {
        match self.0.pop_front() {
            Some(happening) => Ok(happening),
            None => std::future::pending().await,
        }
    }

    fn try_input(&mut self) -> io::Result<Option<Event>> {
        match self.0.front() {
            Some(Happening::Input(event)) => {
                let event = event.clone();
                self.0.pop_front();
                Ok(Some(event))
            }
            _ => Ok(None),
        }
    }

    async fn ending(&mut self) -> i32 {
        use greenroom::stage::world::SignalRequest::End;
        match self.0.iter().position(|next| matches!(next, Happening::Signal(End(_)))) {
            Some(index) => match self.0.remove(index) {
                Some(Happening::Signal(End(number))) => number,
                _ => unreachable!(),
            },
            None => std::future::pending().await,
        }
    }
}

/// A clock that goes on with the world's, or is held; either can be put forward.
#[derive(Clone)]
pub(crate) struct TestClock(Rc<(Option<Instant>, watch::Sender<Duration>)>);

impl TestClock {
    pub(crate) fn running() -> Self {
        Self(Rc::new((Some(Instant::now()), watch::Sender::new(Duration::ZERO))))
    }

    pub(crate) fn held() -> Self {
        Self(Rc::new((None, watch::Sender::new(Duration::ZERO))))
    }

    fn is_held(&self) -> bool {
        self.0.0.is_none()
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.0.1.send_modify(|ahead| *ahead += time);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Elapsed {
        let ahead = *self.0.1.borrow();
        Elapsed::from(self.0.0.map_or(Duration::ZERO, |began| began.elapsed()) + ahead)
    }

    fn sleep_until(&self, at: Elapsed) -> impl Future<Output = ()> {
        let clock = self.clone();
        async move {
            let mut advanced = clock.0.1.subscribe();
            while clock.now() < at {
                let rest = at.since(clock.now());
                let passes = async {
                    match clock.0.0 {
                        Some(_) => tokio::time::sleep(rest).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    _ = advanced.changed() => {}
                    () = passes => {}
                }
            }
        }
    }
}

/// A talk on the real loop, without a terminal.
pub(crate) struct Stage {
    pub event_loop: EventLoop<MemorySurface, Queue, TestClock>,
    pub runner: Runner,
    pub clock: TestClock,
    pub folder: PathBuf,
    /// How it has ended.
    pub ending: Option<io::Result<Ending>>,
    /// What the talk asks for is not waited for: the test holds it up.
    pub is_held_up: bool,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Deref for Stage {
    type Target = stage::Stage<MemorySurface>;

    fn deref(&self) -> &Self::Target {
        &self.event_loop.stage
    }
}

impl DerefMut for Stage {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.event_loop.stage
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What is still done for a pane is not waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Stage {
    /// A talk of the deck in `folder`, whose commands have been agreed to when `agreed`.
    pub(crate) fn open(folder: &Path, agreed: bool, no_run: bool) -> Self {
        let runs = if no_run { Runs::TapesOnly } else { Runs::Live };
        let settings = Settings { runs, ..Settings::default() };
        let stage =
            Self::open_with(folder, agreed, settings, TestClock::running(), false, |runner| Arc::new(runner));
        assert_eq!(stage.talk.deck().problems, []);
        stage
    }

    /// The same, whatever is wrong with the deck, with commands that have been agreed to.
    pub(crate) fn of_any(folder: &Path) -> Self {
        let clock = TestClock::running();
        Self::open_with(folder, true, Settings::default(), clock, false, |runner| Arc::new(runner))
    }

    /// A talk whose commands have been agreed to, on a clock that is held.
    pub(crate) fn held(folder: &Path) -> Self {
        let clock = TestClock::held();
        Self::open_with(folder, true, Settings::default(), clock, false, |runner| Arc::new(runner))
    }

    /// A talk that is read again when its files change.
    pub(crate) fn watched(folder: &Path) -> Self {
        let clock = TestClock::running();
        Self::open_with(folder, true, Settings::default(), clock, true, |runner| Arc::new(runner))
    }

    /// A talk whose commands have been agreed to, with something around what runs its panes.
    pub(crate) fn with_runner(
        folder: &Path,
        clock: TestClock,
        around: impl FnOnce(Runner) -> Arc<dyn Performer>,
    ) -> Self {
        Self::open_with(folder, true, Settings::default(), clock, false, around)
    }

    /// A talk on a clock that is held, given by these keys.
    pub(crate) fn keyed(folder: &Path, agreed: bool, keymap: Keymap) -> Self {
        let (clock, settings) = (TestClock::held(), Settings::default());
        Self::open_keyed(folder, agreed, settings, clock, false, |runner| Arc::new(runner), keymap)
    }

    fn open_with(
        folder: &Path,
        agreed: bool,
        settings: Settings,
        clock: TestClock,
        is_watched: bool,
        around: impl FnOnce(Runner) -> Arc<dyn Performer>,
    ) -> Self {
        Self::open_keyed(folder, agreed, settings, clock, is_watched, around, Keymap::default())
    }

    fn open_keyed(
        folder: &Path,
        agreed: bool,
        settings: Settings,
        clock: TestClock,
        is_watched: bool,
        around: impl FnOnce(Runner) -> Arc<dyn Performer>,
        keymap: Keymap,
    ) -> Self {
        let located = locate(Some(&folder.join("deck"))).unwrap();
        let deck = Arc::new(greenroom::open::deck(&*located.files, &located.entry));
        let executable = PathBuf::from(env!("CARGO_BIN_EXE_greenroom"));
        let launcher = Launcher::of(executable.clone());
        let runner =
            Runner::new(&located, launcher, Arc::new(Notify::new()), Instant::now()).remembering(folder);
        if agreed {
            runner.agree(&deck).unwrap();
        }
        let stage = stage::Stage {
            located,
            is_watched,
            adapt: Arc::new(|deck| deck),
            runner: around(runner.clone()),
            decoder: Decoder::of(executable),
            bookmark: None,
            resume: String::new(),
            serve: None,
            kept: None,
            diary: None,
            talk: Talk::new(deck, SIZE, settings).with_keys(keymap),
            surface: MemorySurface::new(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let event_loop =
            runtime.block_on(async { EventLoop::new(stage, Queue::default(), clock.clone()).unwrap() });
        let (folder, runtime) = (folder.to_owned(), Some(runtime));
        let mut stage = Self { event_loop, runner, clock, folder, ending: None, is_held_up: false, runtime };
        stage.wake();
        stage
    }

    /// Agrees to the deck as it is on disk now.
    pub(crate) fn agree(&self) {
        self.runner.agree(self.talk.deck()).unwrap();
    }

    /// Runs the panes from now on.
    pub(crate) fn set_runner(&mut self, runner: Runner) {
        self.runner = runner.clone();
        self.event_loop.stage.runner = Arc::new(runner);
    }

    pub(crate) fn now(&self) -> Elapsed {
        self.clock.now()
    }

    /// One turn of the loop, which is given up when nothing happens for so long; says whether something did.
    pub(crate) fn turn(&mut self, limit: Duration) -> bool {
        if self.ending.is_some() {
            return false;
        }
        let turn = async { timeout(limit, self.event_loop.turn()).await };
        match self.runtime.as_ref().unwrap().block_on(turn) {
            Ok(ended) => self.ending = ended.transpose(),
            Err(_) => return false,
        }
        true
    }

    /// Turns the loop until everything that has come is taken in, done and drawn, as far as the test does not hold that
    /// up itself.
    pub(crate) fn settle(&mut self) {
        let end = Instant::now() + PATIENCE;
        while self.ending.is_none()
            && (!self.event_loop.events.0.is_empty()
                || (self.event_loop.is_busy() && !self.is_held_up)
                || (self.event_loop.is_stale() && !self.clock.is_held()))
        {
            assert!(Instant::now() < end, "the loop does not settle; the screen is\n{}", self.screen());
            self.turn(Duration::from_millis(200));
        }
    }

    /// Looks at everything again.
    pub(crate) fn wake(&mut self) {
        self.runner.wake().notify_one();
        self.turn(PATIENCE);
        self.settle();
    }

    /// Ends the talk as it has ended, and what runs in it.
    pub(crate) fn close(&mut self) {
        let ending = self.ending.as_ref().expect("the talk goes on");
        let ending = match ending {
            Ok(ending) => Ok(*ending),
            Err(error) => Err(error.kind().into()),
        };
        self.runtime.as_ref().unwrap().block_on(self.event_loop.close(&ending));
    }

    /// The same, while time passes as `tick` makes it.
    pub(crate) fn close_while(&mut self, mut tick: impl FnMut()) {
        let ending = Ok(Ending::Quit);
        let close = self.event_loop.close(&ending);
        self.runtime.as_ref().unwrap().block_on(async {
            tokio::pin!(close);
            loop {
                tokio::select! {
                    biased;
                    () = &mut close => return,
                    () = tokio::time::sleep(Duration::from_millis(1)) => tick(),
                }
            }
        });
    }

    /// Something happens outside.
    pub(crate) fn happen(&mut self, happening: Happening) {
        self.event_loop.events.0.push_back(happening);
        self.settle();
    }

    pub(crate) fn tell(&mut self, msg: Msg) {
        self.happen(Happening::Input(match msg {
            Msg::Key(key) => Event::Key(key),
            Msg::Mouse(mouse) => Event::Mouse(mouse),
            Msg::Paste(text) => Event::Paste(text),
            Msg::Resize(size) => Event::Resize(size.columns, size.rows),
            Msg::Focus(true) => Event::FocusGained,
            Msg::Focus(false) => Event::FocusLost,
            other => {
                let now = self.now();
                self.talk.update(other, now);
                return self.wake();
            }
        }));
    }

    /// Tells the talk something, and gives what it asks for instead of doing it.
    pub(crate) fn ask(&mut self, msg: Msg) -> Vec<RunnerEffect> {
        let now = self.now();
        self.talk.update(msg, now);
        std::iter::from_fn(|| self.talk.next_effect())
            .filter_map(|effect| match effect {
                Effect::Runner(effect) => Some(effect),
                Effect::Stage(_) => None,
            })
            .collect()
    }

    /// Does one thing that the talk has asked for, and gives the answer instead of telling it.
    pub(crate) fn answer(&self, effect: RunnerEffect) -> Msg {
        self.runner.perform(effect, self.talk.deck())
    }

    /// Presses keys: `x`, `<esc>`, `<C-e>`.
    pub(crate) fn press(&mut self, script: &str) {
        let mut rest = script;
        while let Some(c) = rest.chars().next() {
            let (name, after) = match (c, rest.find('>')) {
                ('<', Some(end)) if end > 1 => (&rest[1..end], &rest[end + 1..]),
                _ => rest.split_at(c.len_utf8()),
            };
            rest = after;
            let key: KeyEvent = match name {
                "esc" => KeyCode::Esc.into(),
                "ret" => KeyCode::Enter.into(),
                "tab" => KeyCode::Tab.into(),
                "f6" => KeyCode::F(6).into(),
                "home" => KeyCode::Home.into(),
                "end" => KeyCode::End.into(),
                "right" => KeyCode::Right.into(),
                "left" => KeyCode::Left.into(),
                "pagedown" => KeyCode::PageDown.into(),
                "S-pageup" => KeyEvent::new(KeyCode::PageUp, KeyModifiers::SHIFT),
                "C-e" => KeyEvent::new(KeyCode::Char('e'), KeyModifiers::CONTROL),
                "C-c" => KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL),
                "C-d" => KeyEvent::new(KeyCode::Char('d'), KeyModifiers::CONTROL),
                other => KeyCode::Char(other.chars().next().unwrap()).into(),
            };
            self.tell(Msg::Key(key));
        }
    }

    pub(crate) fn click(&mut self, column: u16, row: u16) {
        let kind = MouseEventKind::Down(MouseButton::Left);
        self.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    }

    /// The last frame.
    pub(crate) fn screen(&self) -> String {
        self.surface.frame.text()
    }

    /// Turns the loop until the screen is as `done` wants it.
    pub(crate) fn until(&mut self, what: &str, done: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(&self.screen()) {
            assert!(
                Instant::now() < end && self.ending.is_none(),
                "waited for {what}; the screen is\n{}",
                self.screen()
            );
            self.turn(Duration::from_millis(200));
        }
        self.settle();
    }

    pub(crate) fn until_says(&mut self, text: &str) {
        self.until(text, |screen| screen.contains(text));
    }

    /// Lets time pass for the talk, with everything that happens in it.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.clock.advance(time);
        self.wake();
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        write(&self.folder, path, text);
    }
}

pub(crate) fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join("deck").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A deck in a folder of its own: `demos` in YAML, `slides` in Markdown.
pub(crate) fn deck(demos: &str, slides: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    deck_in(folder.path(), demos, slides);
    folder
}

/// Writes a deck to `folder/deck`.
pub(crate) fn deck_in(folder: &Path, demos: &str, slides: &str) {
    let outline = format!("title: T\nsections:\n- {{title: S, file: s.md}}\ndemos:\n{demos}\n");
    write(folder, "talk.yaml", &outline);
    write(folder, "s.md", slides);
}

/// At the first slide of the section: 1 is the title, 2 the divider.
pub(crate) fn stage(demos: &str, slides: &str) -> (Stage, tempfile::TempDir) {
    let folder = deck(demos, slides);
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>");
    (stage, folder)
}

pub(crate) fn sh(script: &str, more: &str) -> String {
    format!("  a: {{command: [sh, -c, {script:?}]{more}}}")
}

pub(crate) fn pane(demo: &str) -> String {
    format!("# Slide\n\n```pane\ndemo: {demo}\n```\n\n---\n\n# After\n")
}

/// Whether the process with this id lives.
pub(crate) fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z")
}

/// The number after `pid=` on the screen.
pub(crate) fn pid(screen: &str) -> String {
    let (_, rest) = screen.split_once("pid=").unwrap();
    rest.chars().take_while(char::is_ascii_digit).collect()
}

pub(crate) fn wait_for_end(pid: &str) {
    let end = Instant::now() + PATIENCE;
    while lives(pid) {
        assert!(Instant::now() < end, "{pid} still lives");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) const TAPE: &str = "{\"version\":3,\"term\":{\"cols\":40,\"rows\":5},\"timestamp\":1795392000}\n\
                    [0.0, \"o\", \"from the tape\\r\\n\"]\n[0.1, \"o\", \"more\"]\n[0.1, \"x\", \"0\"]\n";

/// Reads the deck again, as saving a file does.
pub(crate) fn reload(stage: &mut Stage) {
    let located = locate(Some(&stage.folder.join("deck"))).unwrap();
    stage.tell(Msg::Reloaded(Arc::new(greenroom::open::deck(&*located.files, &located.entry))));
}
