//! What a talk is told, and what it asks for.

use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};

use super::{NewTape, Place};
use crate::link::StageCommand;
use crate::practice::PracticeEntry;
use greenroom_base::run::Size;
use greenroom_deck::launch::Asked;
use greenroom_deck::{Deck, Demo};
use greenroom_frame::Enlarging;
use greenroom_pane::{Feed, Generation};

/// Something the talk has to know about.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was used.
    Mouse(MouseEvent),
    /// The terminal has this size now.
    Resize(Size),
    /// What the terminal can do to show fewer columns and rows in larger letters.
    Enlarging(Enlarging),
    /// The deck was read again.
    Reloaded(Arc<Deck>),
    /// The deck was to be read again, and is away, empty or broken at the moment.
    DeckAway,
    /// Something to tell the speaker, in one line.
    Notice(String),
    /// The room can follow at this address, or cannot: why.
    Served(Result<Arc<str>, String>),
    /// Somebody who follows the talk asks for something.
    Order(StageCommand),
    /// The terminal has got the focus, or lost it.
    Focus(bool),
    /// Text was pasted.
    Paste(String),
    /// What was started for a pane is there.
    Attached {
        /// What it was asked for with.
        generation: Generation,
        /// The program or the recording.
        feed: Feed,
        /// What records the run, when that was asked for.
        tape: Option<Box<NewTape>>,
    },
    /// What was to be started for a pane cannot be.
    Failed {
        /// What it was asked for with.
        generation: Generation,
        /// Why, and what to do.
        reason: String,
    },
    /// What a pane runs in is not there, and can be set up.
    NotReady {
        /// What it was asked for with.
        generation: Generation,
        /// What is missing.
        reason: String,
    },
    /// A pane was not started, because nobody has agreed to this deck's commands yet.
    NotAgreed {
        /// What it was asked for with.
        generation: Generation,
        /// What the person is asked.
        asked: Arc<Asked>,
    },
    /// The person's agreement to what has this fingerprint has been noted.
    Agreed(String),
    /// A recording was looked for.
    TapeFound {
        /// Relative to the deck folder.
        path: String,
        /// Whether there is one that plays.
        plays: bool,
        /// Its day, if it says one.
        day: Option<String>,
    },
    /// Time has passed, or something drawn from memory is ready: look again.
    Wake,
}

/// Something the talk wants done, in the order in which [`super::Talk::next_effect`] gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// By the stage, at once.
    Stage(StageEffect),
    /// By what runs the panes, in its own time: a message answers.
    Runner(RunnerEffect),
}

/// What the stage itself does for a talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageEffect {
    /// Leave.
    Quit,
    /// Stop the process until it is continued, as Ctrl-Z does.
    Suspend,
    /// Read the deck again.
    Reload,
    /// Draw everything from scratch: something else has written on the terminal.
    Repaint,
    /// The talk moved: remember where it is, and get its neighbours ready.
    Moved(Place),
    /// Write a line of the practice.
    LogPractice(PracticeEntry),
    /// Serve pages to the room: [`Msg::Served`] answers.
    Serve,
}

/// What a runner does for the panes of a talk. Each is answered by exactly one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunnerEffect {
    /// Run a demo, if the person has agreed to the deck: [`Msg::Attached`], [`Msg::Failed`],
    /// [`Msg::NotReady`] or [`Msg::NotAgreed`] answers.
    Start {
        /// Names the answer.
        generation: Generation,
        /// What to run.
        demo: Box<Demo>,
        /// On a terminal of this size.
        size: Size,
        /// Whether it is recorded.
        record: bool,
    },
    /// Run `greenroom setup` in a pane, if the person has agreed to what it installs: [`Msg::Attached`],
    /// [`Msg::Failed`] or [`Msg::NotAgreed`] answers.
    SetUp {
        /// Names the answer.
        generation: Generation,
        /// On a terminal of this size.
        size: Size,
        /// The fingerprint of what was agreed to, if anything was.
        agreed: Option<String>,
    },
    /// Open a recording: [`Msg::Attached`] or [`Msg::Failed`] answers.
    OpenTape {
        /// Names the answer.
        generation: Generation,
        /// Relative to the deck folder.
        path: String,
    },
    /// Look whether there is a recording: [`Msg::TapeFound`] answers.
    FindTape {
        /// Relative to the deck folder.
        path: String,
    },
    /// Note that the person agreed to this, and to nothing else: [`Msg::Agreed`] answers.
    Agree(Arc<Asked>),
}
