//! The terminal of a trial: a pseudo-terminal, and an emulator that reads it in the manner that it is told.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::term::{Config, Term, TermMode};
use alacritty_terminal::vte::ansi::Processor;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// The size of a terminal that nothing is wrong with.
pub(super) const SIZE: (u16, u16) = (80, 24);

/// How a terminal behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// It reads whatever comes at once, and answers.
    Usual,
    /// It never answers.
    Silent,
    /// It answers so many milliseconds later.
    Late(u64),
    /// It says this instead of each answer.
    Garbage(&'static str),
    /// It takes so many bytes a second.
    Slow(u64),
}

/// What the emulator answers.
#[derive(Clone, Default)]
struct Answers(Arc<Mutex<Vec<String>>>);

impl EventListener for Answers {
    fn send_event(&self, event: Event) {
        if let Event::PtyWrite(text) = event {
            self.0.lock().unwrap().push(text);
        }
    }
}

struct Cells(u16, u16);

impl Dimensions for Cells {
    fn total_lines(&self) -> usize {
        self.1.into()
    }
    fn screen_lines(&self) -> usize {
        self.1.into()
    }
    fn columns(&self) -> usize {
        self.0.into()
    }
}

/// A terminal with a shell's line that runs in it.
pub(super) struct Pty {
    /// Our side; none when it was closed.
    ours: Option<Arc<File>>,
    theirs: OwnedFd,
    child: Child,
    term: Arc<Mutex<Term<Answers>>>,
    stop: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Pty {
    /// Runs what `shell` is, in a terminal of its own.
    pub(super) fn start(shell: &Command, manner: Manner, (columns, rows): (u16, u16)) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        resize(&theirs, (columns, rows));
        let of = || theirs.try_clone().unwrap();
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(shell.get_program()).args(shell.get_args());
        command.stdin(of()).stdout(of()).stderr(of()).current_dir(shell.get_current_dir().unwrap());
        for (name, value) in shell.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let child = command.spawn().unwrap();
        let (ours, answers) = (Arc::new(File::from(ours)), Answers::default());
        let term = Arc::new(Mutex::new(Term::new(Config::default(), &Cells(columns, rows), answers.clone())));
        let stop = Arc::new(AtomicBool::new(false));
        let reader = Reader {
            terminal: Arc::clone(&ours),
            term: Arc::clone(&term),
            answers,
            manner,
            stop: Arc::clone(&stop),
            due: VecDeque::new(),
        };
        let reader = Some(std::thread::spawn(move || reader.run()));
        Self { ours: Some(ours), theirs, child, term, stop, reader }
    }

    /// The characters on the screen.
    pub(super) fn text(&self) -> String {
        let term = self.term.lock().unwrap();
        let mut text = String::new();
        for row in 0..term.screen_lines() {
            let line = &term.grid()[Line(i32::try_from(row).unwrap())];
            let cells = (0..term.columns()).map(|column| &line[Column(column)]);
            let letters = cells.filter(|cell| !cell.flags.contains(Flags::WIDE_CHAR_SPACER));
            let row: String = letters.map(|cell| cell.c).collect();
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }

    /// What of a talk's modes is still on, or gone from a shell's; nothing when the terminal is as it was, or closed.
    pub(super) fn not_given_back(&self) -> Vec<&'static str> {
        if self.ours.is_none() {
            return Vec::new();
        }
        let on = *self.term.lock().unwrap().mode();
        let lines = tcgetattr(&self.theirs).unwrap().local_modes;
        let mouse = TermMode::MOUSE_REPORT_CLICK | TermMode::MOUSE_DRAG | TermMode::MOUSE_MOTION;
        [
            ("the alternate screen", on.contains(TermMode::ALT_SCREEN)),
            ("no cursor", !on.contains(TermMode::SHOW_CURSOR)),
            ("reports of the mouse", on.intersects(mouse)),
            ("bracketed paste", on.contains(TermMode::BRACKETED_PASTE)),
            ("reports of the focus", on.contains(TermMode::FOCUS_IN_OUT)),
            ("no wrapping", !on.contains(TermMode::LINE_WRAP)),
            ("raw lines", !lines.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)),
        ]
        .into_iter()
        .filter_map(|(what, wrong)| wrong.then_some(what))
        .collect()
    }

    /// Types.
    pub(super) fn write(&self, bytes: &[u8]) {
        self.ours.as_deref().expect("the terminal is open").write_all(bytes).unwrap();
    }

    /// Gives the terminal another size.
    pub(super) fn resize(&self, (columns, rows): (u16, u16)) {
        self.term.lock().unwrap().resize(Cells(columns, rows));
        resize(&self.theirs, (columns, rows));
    }

    /// Closes the window: what runs in it is told that the terminal is gone.
    pub(super) fn close(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.ours = None;
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        self.close();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resize(terminal: &OwnedFd, (columns, rows): (u16, u16)) {
    let size = Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(terminal, size).unwrap();
}

/// What reads a terminal, on a thread of its own.
struct Reader {
    terminal: Arc<File>,
    term: Arc<Mutex<Term<Answers>>>,
    answers: Answers,
    manner: Manner,
    stop: Arc<AtomicBool>,
    /// Answers that wait for their time.
    due: VecDeque<(Instant, Vec<u8>)>,
}

impl Reader {
    fn run(mut self) {
        let (mut parser, mut bytes): (Processor, _) = (Processor::new(), vec![0; 8192]);
        let room = match self.manner {
            // Ten pieces a second, as a line without a buffer would have it.
            Manner::Slow(speed) => usize::try_from(speed / 10).unwrap(),
            _ => bytes.len(),
        };
        while !self.stop.load(Ordering::SeqCst) {
            self.answer();
            let mut wanted = [PollFd::from_borrowed_fd(self.terminal.as_fd(), PollFlags::IN)];
            let soon = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
            if !poll(&mut wanted, Some(&soon)).is_ok_and(|ready| ready > 0) {
                continue;
            }
            let count = (&*self.terminal).read(&mut bytes[..room]).unwrap_or(0);
            parser.advance(&mut *self.term.lock().unwrap(), &bytes[..count]);
            self.take_answers();
            if room < bytes.len() {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }

    fn take_answers(&mut self) {
        for text in std::mem::take(&mut *self.answers.0.lock().unwrap()) {
            let (wait, text) = match self.manner {
                Manner::Silent => continue,
                Manner::Usual | Manner::Slow(_) => (0, text),
                Manner::Late(wait) => (wait, text),
                Manner::Garbage(garbage) => (0, garbage.to_owned()),
            };
            self.due.push_back((Instant::now() + Duration::from_millis(wait), text.into_bytes()));
        }
    }

    fn answer(&mut self) {
        while let Some((_, text)) = self.due.pop_front_if(|(at, _)| *at <= Instant::now()) {
            // Nobody may be there any more to take it.
            let _ = (&*self.terminal).write_all(&text);
        }
    }
}
