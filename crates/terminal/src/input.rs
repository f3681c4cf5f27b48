//! Keys, mouse, paste and size changes, as they come.
//!
//! The terminal's bytes are read here and not by crossterm, whose types they become: it takes two Esc that arrive
//! together for one, as they do over a slow link, and Esc Esc is the way out of a pane.

mod decode;

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use crossterm::event::Event;
use rustix::io::Errno;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

use self::decode::Decoder;
use crate::answer::Answer;
use greenroom_system::os::{Ready, Want, wait_for};

/// How long the rest of a sequence may take, before its Esc is one that was pressed.
const ESCAPE_TIMEOUT: Duration = Duration::from_millis(12);

/// What comes from a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// What the person does.
    Event(Event),
    /// What the terminal says when it is asked.
    Answer(Answer),
}

/// What the person at the terminal does. It is read when the stage asks for it: a thread of its own would cost a
/// tenth of a key's time, for waking up.
#[derive(Debug)]
pub struct Input {
    terminal: Ready,
    resized: Signal,
    buffer: Vec<u8>,
    decoder: Decoder,
    events: VecDeque<Event>,
    /// When the rest of a sequence must have come, if one has begun. Other things wake the stage meanwhile.
    due: Option<Instant>,
    /// The terminal is gone.
    over: bool,
}

impl Input {
    /// Listens to standard input, inside of a runtime.
    ///
    /// # Errors
    /// When the system cannot wait for it, as for a file.
    pub fn listen() -> io::Result<Self> {
        let terminal = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Self {
            terminal: Ready::new(terminal)?,
            resized: signal(SignalKind::window_change())?,
            buffer: vec![0; ROOM],
            decoder: Decoder::default(),
            events: VecDeque::new(),
            due: None,
            over: false,
        })
    }

    /// Waits for the next event, or for what the terminal answers, and gives what came first; none when the terminal is gone.
    /// Nothing is lost when nobody waits to the end.
    pub async fn hear(&mut self) -> Option<io::Result<Heard>> {
        loop {
            if let Some(answer) = self.decoder.heard() {
                return Some(Ok(Heard::Answer(answer)));
            }
            if let Some(event) = self.events.pop_front() {
                return Some(Ok(Heard::Event(event)));
            }
            if self.over {
                return None;
            }
            if let Err(error) = self.wait().await {
                return Some(Err(error));
            }
        }
    }

    /// Waits for the next event; none when the terminal is gone, which ends a talk as SIGHUP does. Nothing is lost
    /// when nobody waits to the end.
    pub async fn recv(&mut self) -> Option<io::Result<Event>> {
        loop {
            match self.hear().await? {
                Ok(Heard::Event(event)) => return Some(Ok(event)),
                // Nobody here has asked.
                Ok(Heard::Answer(_)) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// The next event, if it is there already.
    ///
    /// # Errors
    /// What the system says of the terminal.
    pub fn try_recv(&mut self) -> io::Result<Option<Event>> {
        if self.events.is_empty() && !self.over {
            match read(self.terminal.file(), &mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                count => self.take_in(count?),
            }
        }
        Ok(self.events.pop_front())
    }

    /// Waits until something happens, and takes it in.
    async fn wait(&mut self) -> io::Result<()> {
        let due = self.due;
        let too_late = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = self.resized.recv() => {
                let (columns, rows) = crate::tty::bounded(crossterm::terminal::size()?);
                self.events.push_back(Event::Resize(columns, rows));
            }
            count = self.terminal.read(|terminal| read(terminal, &mut self.buffer)) => {
                if let Some(count) = count? {
                    self.take_in(count);
                }
            }
            () = too_late => {
                let mut events = Vec::new();
                self.decoder.finish(&mut events);
                self.events.extend(events);
                self.due = None;
            }
        }
        Ok(())
    }

    /// Takes in what was read.
    fn take_in(&mut self, count: usize) {
        let mut events = Vec::new();
        self.over = count == 0;
        self.decoder.feed(self.buffer.get(..count).unwrap_or_default(), &mut events);
        self.due = self.decoder.is_waiting().then(|| Instant::now() + ESCAPE_TIMEOUT);
        self.events.extend(events);
    }
}

/// The most that is read at a time.
const ROOM: usize = 4096;

/// Reads what is there, nothing when the terminal is gone. The terminal is not made non-blocking for this: it is
/// others' as well.
fn read(terminal: &OwnedFd, buffer: &mut [u8]) -> io::Result<usize> {
    if !wait_for(&[Want { file: terminal.as_fd(), read: true, write: false }], Some(Duration::ZERO)) {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    match rustix::io::read(terminal, buffer) {
        Err(Errno::IO) => Ok(0),
        Err(Errno::INTR | Errno::AGAIN) => Err(io::ErrorKind::WouldBlock.into()),
        other => Ok(other?),
    }
}
