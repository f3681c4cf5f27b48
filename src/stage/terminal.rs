//! The world of a talk that is given on a terminal.

use std::future::Future;
use std::io;
use std::time::Instant;

use crossterm::event::Event;

use super::signals::Signals;
use super::world::{Clock, Events, Happening, Surface};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_frame::{Enlarging, Frame};
use greenroom_terminal::answer::Answer;
use greenroom_terminal::input::{Heard, Input};
use greenroom_terminal::screen::{Screen, Terminal};
use greenroom_terminal::tty::{self, Tty};

/// The terminal that the program was started on.
#[derive(Debug)]
pub struct TerminalSurface {
    tty: Tty,
    screen: Screen<Terminal>,
}

impl TerminalSurface {
    /// A terminal that has been taken, and what draws on it.
    #[must_use]
    pub fn new(tty: Tty, screen: Screen<Terminal>) -> Self {
        Self { tty, screen }
    }
}

impl Surface for TerminalSurface {
    fn draw(&mut self, frame: &Frame) -> io::Result<()> {
        self.screen.draw(frame).map(|_| ())
    }

    fn invalidate(&mut self) {
        self.screen.invalidate();
    }

    fn ask(&mut self) -> io::Result<()> {
        self.screen.ask()
    }

    fn answered(&mut self, answer: Answer) {
        self.screen.answered(answer, tty::cell_pixels());
    }

    fn enlarging(&mut self) -> Enlarging {
        self.screen.measure(tty::cell_pixels());
        self.screen.enlarging()
    }

    fn is_animated(&self) -> bool {
        self.screen.is_animated()
    }

    fn is_ready(&mut self) -> bool {
        self.screen.is_ready()
    }

    fn repaint(&mut self) -> io::Result<()> {
        self.tty.renew()?;
        self.screen.repaint();
        Ok(())
    }

    fn enter(&mut self) -> io::Result<()> {
        self.tty.enter()
    }

    fn leave(&mut self) {
        self.tty.leave();
    }

    fn close(&mut self) {
        // The terminal may be gone, which is one way for a talk to end.
        let _ = self.screen.forget_pictures();
        self.tty.leave();
    }

    fn stop(&mut self) {
        tty::stop_self();
    }

    fn is_ours(&self) -> bool {
        self.tty.is_ours()
    }

    fn size(&self) -> Size {
        self.tty.size()
    }
}

/// What comes from the terminal, and the signals of the process.
#[derive(Debug)]
pub struct TerminalEvents {
    signals: Signals,
    input: Input,
}

impl TerminalEvents {
    /// Listens from now on, inside of a runtime.
    ///
    /// # Errors
    /// What the system says.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { signals: Signals::new()?, input: Input::listen()? })
    }
}

impl Events for TerminalEvents {
    async fn next(&mut self) -> io::Result<Happening> {
        tokio::select! {
            biased;
            request = self.signals.next() => Ok(Happening::Signal(request)),
            heard = self.input.hear() => Ok(match heard.transpose()? {
                Some(Heard::Event(event)) => Happening::Input(event),
                Some(Heard::Answer(answer)) => Happening::Answer(answer),
                None => Happening::Closed,
            }),
        }
    }

    fn try_input(&mut self) -> io::Result<Option<Event>> {
        self.input.try_recv()
    }

    fn ending(&mut self) -> impl Future<Output = i32> {
        self.signals.ending()
    }
}

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    began: Instant,
}

impl SystemClock {
    /// The time since `began`.
    #[must_use]
    pub fn since(began: Instant) -> Self {
        Self { began }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Elapsed {
        self.began.elapsed().into()
    }

    fn sleep_until(&self, at: Elapsed) -> impl Future<Output = ()> {
        tokio::time::sleep_until((self.began + at.since(Elapsed::ZERO)).into())
    }
}
