//! What the loop needs of the world around it. A talk has a terminal, its signals and the system's clock; a test has a
//! screen in memory, keys in a queue and a clock that it holds.

use std::future::Future;
use std::io;
use std::sync::Arc;

use crossterm::event::Event;
use tokio::sync::Notify;

use crate::runner::Runner;
use crate::talk::{Msg, RunnerEffect};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_frame::{Enlarging, Frame};
use greenroom_terminal::answer::Answer;

/// Where frames go.
pub trait Surface {
    /// Shows `frame`.
    ///
    /// # Errors
    /// When the surface takes no more frames, which ends the talk.
    fn draw(&mut self, frame: &Frame) -> io::Result<()>;

    /// What it shows is not known any more: the next frame is drawn from scratch.
    fn invalidate(&mut self);

    /// Something else has written on it: its modes are set once more, and the next frame is drawn from scratch.
    ///
    /// # Errors
    /// What the system says.
    fn repaint(&mut self) -> io::Result<()>;

    /// Asks it what else it can show; what it says comes as [`Happening::Answer`].
    ///
    /// # Errors
    /// What the system says.
    fn ask(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Takes in what it says.
    fn answered(&mut self, _: Answer) {}

    /// How it shows frames that have fewer cells than it has, as far as that is known now.
    fn enlarging(&mut self) -> Enlarging {
        Enlarging::None
    }

    /// Whether it has taken in the last frame: another one would only wait.
    fn is_ready(&mut self) -> bool {
        true
    }

    /// Whether a picture can be replaced by the next one as often as pictures that move need it.
    fn is_animated(&self) -> bool {
        true
    }

    /// Takes it again after [`Surface::leave`].
    ///
    /// # Errors
    /// What the system says.
    fn enter(&mut self) -> io::Result<()>;

    /// Gives it back as it was before the talk, for a while. It may be gone already.
    fn leave(&mut self);

    /// Gives it back for good.
    fn close(&mut self) {
        self.leave();
    }

    /// Stops this process until it is continued, as Ctrl-Z does.
    fn stop(&mut self);

    /// Whether frames may be drawn: not by a job in the background.
    fn is_ours(&self) -> bool;

    /// How large it is now.
    fn size(&self) -> Size;
}

/// Where keys and signals come from.
pub trait Events {
    /// Waits for what happens next; a signal comes before input. Nothing is lost when nobody waits to the end.
    ///
    /// # Errors
    /// What the system says.
    fn next(&mut self) -> impl Future<Output = io::Result<Happening>>;

    /// The next input, if it is there already.
    ///
    /// # Errors
    /// What the system says.
    fn try_input(&mut self) -> io::Result<Option<Event>>;

    /// Waits for a signal that ends the talk, and gives its number. Nothing is lost when nobody waits to the end.
    fn ending(&mut self) -> impl Future<Output = i32>;
}

/// What happens outside of a talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A key, the mouse, text, another size.
    Input(Event),
    /// What the terminal says of pictures.
    Answer(Answer),
    /// A signal.
    Signal(SignalRequest),
    /// There is no more input: the terminal is gone.
    Closed,
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalRequest {
    /// To end, as this signal's number says.
    End(i32),
    /// To stop, as Ctrl-Z does.
    Stop,
    /// To go on.
    Resume,
}

/// The time of a talk.
pub trait Clock {
    /// The time since the talk began.
    fn now(&self) -> Elapsed;

    /// Waits until then.
    fn sleep_until(&self, at: Elapsed) -> impl Future<Output = ()>;
}

/// Waits until then, for ever without a time.
pub(super) async fn sleep_until(clock: &impl Clock, at: Option<Elapsed>) {
    match at {
        Some(at) => clock.sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// What does for panes what a talk asks for: it starts programs, and reads and writes recordings.
pub trait Performer: Send + Sync {
    /// Performs `effect`, and gives the talk its answer. It may take its time: each effect has a thread of its own.
    fn perform(&self, effect: RunnerEffect, deck: &Deck) -> Msg;

    /// Is notified when something that runs has news for the talk.
    fn wake(&self) -> &Arc<Notify>;

    /// Ends what belongs to the session and no pane.
    fn end(&self);
}

impl Performer for Runner {
    fn perform(&self, effect: RunnerEffect, deck: &Deck) -> Msg {
        Self::perform(self, effect, deck)
    }

    fn wake(&self) -> &Arc<Notify> {
        Self::wake(self)
    }

    fn end(&self) {
        Self::end(self);
    }
}
