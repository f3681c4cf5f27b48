//! A talk and what its stage would do for it, without a terminal: for the tests of panes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use greenroom::edge::deckfiles::locate;
use greenroom::edge::runs::Runner;
use greenroom::talk::{Effect, Msg, RunnerEffect, Settings, Talk};
use greenroom::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_parse as parse;
use greenroom_render::paint::Ink;
use greenroom_system::pty::Launcher;
use tokio::sync::Notify;

pub const SIZE: Size = Size { columns: 90, rows: 28 };
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A talk and what its stage would do for it, without a terminal.
pub struct Stage {
    pub talk: Talk,
    pub runner: Runner,
    wake: Arc<Notify>,
    began: Instant,
    ink: Ink,
    pub folder: PathBuf,
    runtime: tokio::runtime::Runtime,
}

impl Stage {
    /// A talk of the deck in `folder`, whose commands have been agreed to when `agreed`.
    pub fn open(folder: &Path, agreed: bool, no_run: bool) -> Self {
        let located = locate(Some(&folder.join("deck"))).unwrap();
        let deck = Arc::new(parse::deck(&*located.files, &located.entry));
        assert_eq!(deck.problems, []);
        let (wake, began) = (Arc::new(Notify::new()), Instant::now());
        let launcher = Launcher::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom")));
        let runner = Runner::new(&located, launcher, Arc::clone(&wake), began).remembering(folder);
        if agreed {
            runner.agree(&deck).unwrap();
        }
        let talk = Talk::new(deck, SIZE, Settings { no_run, ..Settings::default() });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let ink = Ink::new();
        let folder = folder.to_owned();
        let mut stage = Self { talk, runner, wake, began, ink, folder, runtime };
        stage.tell(Msg::Wake);
        stage
    }

    /// Agrees to the deck as it is on disk now.
    pub fn agree(&self) {
        self.runner.agree(self.talk.deck()).unwrap();
    }

    pub fn now(&self) -> Elapsed {
        self.began.elapsed().into()
    }

    pub fn tell(&mut self, msg: Msg) {
        let now = self.now();
        self.talk.update(msg, now);
        self.perform_effects();
        self.talk.drawn();
    }

    /// Tells the talk something, and gives what it asks for instead of doing it.
    pub fn ask(&mut self, msg: Msg) -> Vec<RunnerEffect> {
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
    pub fn answer(&self, effect: RunnerEffect) -> Msg {
        self.runner.perform(effect, self.talk.deck())
    }

    fn perform_effects(&mut self) {
        while let Some(effect) = self.talk.next_effect() {
            if let Effect::Runner(effect) = effect {
                let (answer, now) = (self.answer(effect), self.now());
                self.talk.update(answer, now);
            }
        }
    }

    /// Presses keys: `x`, `<esc>`, `<C-e>`.
    pub fn press(&mut self, script: &str) {
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
                "S-pageup" => KeyEvent::new(KeyCode::PageUp, KeyModifiers::SHIFT),
                "C-e" => KeyEvent::new(KeyCode::Char('e'), KeyModifiers::CONTROL),
                "C-c" => KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL),
                "C-d" => KeyEvent::new(KeyCode::Char('d'), KeyModifiers::CONTROL),
                other => KeyCode::Char(other.chars().next().unwrap()).into(),
            };
            self.tell(Msg::Key(key));
        }
    }

    pub fn click(&mut self, column: u16, row: u16) {
        let kind = MouseEventKind::Down(MouseButton::Left);
        self.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    }

    pub fn screen(&self) -> String {
        view::audience(&self.talk, &self.ink, self.now()).text()
    }

    /// Wakes the talk as its panes and its timers ask for, until the screen is as `done` wants it.
    pub fn until(&mut self, what: &str, done: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if done(&screen) {
                return;
            }
            assert!(Instant::now() < end, "waited for {what}; the screen is\n{screen}");
            let wake = Arc::clone(&self.wake);
            let due =
                self.talk.next_at(self.now()).map_or(Duration::from_millis(200), |at| at.since(self.now()));
            let due = due.min(Duration::from_millis(200));
            let _ = self.runtime.block_on(async { tokio::time::timeout(due, wake.notified()).await });
            self.tell(Msg::Wake);
        }
    }

    pub fn until_says(&mut self, text: &str) {
        self.until(text, |screen| screen.contains(text));
    }

    /// Lets time pass, with everything that happens in it.
    pub fn wait(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
            self.tell(Msg::Wake);
        }
    }

    pub fn write(&self, path: &str, text: &str) {
        write(&self.folder, path, text);
    }
}

pub fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join("deck").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A deck in a folder of its own: `demos` in YAML, `slides` in Markdown.
pub fn deck(demos: &str, slides: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    deck_in(folder.path(), demos, slides);
    folder
}

/// Writes a deck to `folder/deck`.
pub fn deck_in(folder: &Path, demos: &str, slides: &str) {
    let outline = format!("title: T\nsections:\n- {{title: S, file: s.md}}\ndemos:\n{demos}\n");
    write(folder, "talk.yaml", &outline);
    write(folder, "s.md", slides);
}

/// At the first slide of the section: 1 is the title, 2 the divider.
pub fn stage(demos: &str, slides: &str) -> (Stage, tempfile::TempDir) {
    let folder = deck(demos, slides);
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>");
    (stage, folder)
}

pub fn sh(script: &str, more: &str) -> String {
    format!("  a: {{command: [sh, -c, {script:?}]{more}}}")
}

pub fn pane(demo: &str) -> String {
    format!("# Slide\n\n```pane\ndemo: {demo}\n```\n\n---\n\n# After\n")
}

/// Whether the process with this id lives.
pub fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z")
}

/// The number after `pid=` on the screen.
pub fn pid(screen: &str) -> String {
    let (_, rest) = screen.split_once("pid=").unwrap();
    rest.chars().take_while(char::is_ascii_digit).collect()
}

pub fn wait_for_end(pid: &str) {
    let end = Instant::now() + PATIENCE;
    while lives(pid) {
        assert!(Instant::now() < end, "{pid} still lives");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub const TAPE: &str = "{\"version\":3,\"term\":{\"cols\":40,\"rows\":5},\"timestamp\":1795392000}\n\
                    [0.0, \"o\", \"from the tape\\r\\n\"]\n[0.1, \"o\", \"more\"]\n[0.1, \"x\", \"0\"]\n";

/// Reads the deck again, as saving a file does.
pub fn reload(stage: &mut Stage) {
    let located = locate(Some(&stage.folder.join("deck"))).unwrap();
    stage.tell(Msg::Reloaded(Arc::new(parse::deck(&*located.files, &located.entry))));
}
