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

pub use self::decode::Decoder;
use crate::answer::Answer;
use greenroom_system::os::{Ready, Want, wait_for};

/// How long the rest of a sequence may take, before its Esc is one that was pressed.
const ESCAPE_TIMEOUT: Duration = Duration::from_millis(12);

/// The same for what can only be an answer of the terminal's, from its beginning on: over a slow link it comes in pieces.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

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
    /// What has begun is an answer.
    answering: bool,
    /// When something came the last time.
    read_at: Instant,
    /// The terminal is gone.
    over: bool,
}

impl Input {
    /// Listens to standard input, inside of a runtime.
    ///
    /// # Errors
    /// When the system cannot wait for it, as for a file.
    pub fn listen() -> io::Result<Self> {
        Self::of(io::stdin().as_fd().try_clone_to_owned()?)
    }

    /// Listens to `terminal`.
    fn of(terminal: OwnedFd) -> io::Result<Self> {
        Ok(Self {
            terminal: Ready::new(terminal)?,
            resized: signal(SignalKind::window_change())?,
            buffer: vec![0; ROOM],
            decoder: Decoder::default(),
            events: VecDeque::new(),
            due: None,
            answering: false,
            read_at: Instant::now(),
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
        let (mut events, now) = (Vec::new(), Instant::now());
        self.over = count == 0;
        // While the stage was busy, nobody has looked at the time.
        if self.due.is_some_and(|due| due <= now) {
            self.decoder.finish(&mut events);
            self.due = None;
        }
        let pause = now - std::mem::replace(&mut self.read_at, now);
        self.decoder.feed_after(pause, self.buffer.get(..count).unwrap_or_default(), &mut events);
        // What never ends must not swallow keys for longer: it has one time for all of its pieces.
        let goes_on = self.answering && self.due.is_some();
        self.answering = self.decoder.is_answering();
        self.due = match (self.decoder.is_waiting(), self.answering) {
            (false, _) => None,
            (true, false) => Some(Instant::now() + ESCAPE_TIMEOUT),
            (true, true) if goes_on => self.due,
            (true, true) => Some(Instant::now() + ANSWER_TIMEOUT),
        };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    const YES: Heard = Heard::Answer(Answer::Features { sixel: true });
    const DIRECT: Heard = Heard::Answer(Answer::Colors { direct: true });
    const OK: Heard = Heard::Answer(Answer::Picture { id: 7, fine: true });

    fn key(code: KeyCode) -> Heard {
        let held = if matches!(code, KeyCode::Char('Q')) { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
        Heard::Event(Event::Key(KeyEvent::new(code, held)))
    }

    /// What is heard of a real terminal at whose other side somebody writes `pieces`, with a pause of so many milliseconds in front of each,
    /// until a `Q` is typed.
    fn heard(pieces: &[(u64, &'static [u8])]) -> Vec<Heard> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let file = std::fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        crate::modes::Modes::of(file.as_fd()).unwrap().raw().set(file.as_fd()).unwrap();
        let pieces = pieces.to_vec();
        let writer = std::thread::spawn(move || {
            for (pause, piece) in pieces {
                std::thread::sleep(Duration::from_millis(pause));
                rustix::io::write(&master, piece).unwrap();
            }
            master
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let found = runtime.block_on(async {
            let (mut input, mut found) = (Input::of(file.into()).unwrap(), Vec::new());
            let end = key(KeyCode::Char('Q'));
            loop {
                let next = tokio::time::timeout(Duration::from_secs(20), input.hear());
                match next.await.expect("something is heard").unwrap().unwrap() {
                    heard if heard == end => return found,
                    heard => found.push(heard),
                }
            }
        });
        drop(writer.join().unwrap());
        found
    }

    #[test]
    fn an_answer_may_come_in_pieces() {
        let piece = |text: &'static [u8]| (60, text);
        for whole in [
            &[piece(b"\x1b[?62;"), piece(b"4"), piece(b";22cQ")][..],
            &[piece(b"\x1b[?"), piece(b"62;4;22c"), piece(b"Q")],
        ] {
            assert_eq!(heard(whole), [YES], "{whole:?}");
        }
        let picture = [piece(b"\x1b_Gi=7"), piece(b";O"), piece(b"K\x1b"), piece(b"\\Q")];
        assert_eq!(heard(&picture), [OK]);
        let style = [piece(b"\x1bP1$"), piece(b"r0;48:2::11:22"), piece(b":33m\x1b"), piece(b"\\Q")];
        assert_eq!(heard(&style), [DIRECT]);
        let within = [piece(b"a\x1b_Gi=7;OK\x1b\\b\x1b[?6"), piece(b"2;4cQ")];
        let mut all = heard(&within);
        // Answers come before keys that were read with them.
        all.sort_by_key(|heard| matches!(heard, Heard::Event(_)));
        assert_eq!(all, [OK, YES, key(KeyCode::Char('a')), key(KeyCode::Char('b'))]);
    }

    #[test]
    fn one_that_is_cut_behind_its_esc_is_no_text() {
        let esc = key(KeyCode::Esc);
        assert_eq!(heard(&[(0, b"\x1b"), (60, b"[?62;4c"), (60, b"Q")]), [esc.clone(), YES]);
        assert_eq!(heard(&[(0, b"\x1b"), (60, b"_Gi=7;OK\x1b\\"), (60, b"Q")]), [esc.clone(), OK]);
        assert_eq!(
            heard(&[(0, b"\x1bP"), (60, b"1$r48;2;11;22;33m\x1b\\"), (60, b"Q")]).last(),
            Some(&DIRECT)
        );
        // Typed by hand, it is what it is.
        let typed = [(0, &b"\x1b"[..]), (60, b"["), (60, b"?"), (60, b"6"), (60, b"Q")];
        let text = "[?6".chars().map(|c| key(KeyCode::Char(c)));
        assert_eq!(heard(&typed), std::iter::once(esc).chain(text).collect::<Vec<_>>());
    }

    #[test]
    fn garbage_holds_keys_up_for_a_while_only() {
        for garbage in [&b"\x1bP1$r"[..], b"\x1b[?62;", b"\x1b_Gi=7;O", b"\x1b]11;rgb:"] {
            // What is typed into it counts when it is known to have no end, though nobody stops typing.
            let mut pieces = vec![(0, garbage)];
            pieces.extend([(150, &b"1"[..]); 10]);
            pieces.push((150, b"Q"));
            let keys = heard(&pieces);
            let typed = keys.iter().filter(|heard| **heard == key(KeyCode::Char('1'))).count();
            assert_eq!(typed, 10, "{garbage:?}: {keys:?}");
        }
        let bytes = b"\xff\x9c\x1b[999999999999999999999c\x1b[?c\x1b[?;4c\x1b[>1;2cQ";
        assert_eq!(heard(&[(0, bytes)]), []);
    }

    #[test]
    fn a_late_answer_is_an_answer() {
        assert_eq!(heard(&[(0, b"x"), (1500, b"\x1b[?62;4c"), (0, b"Q")]), [key(KeyCode::Char('x')), YES]);
    }
}
