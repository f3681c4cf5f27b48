//! What a talk is told, and what it asks for.

use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};

use super::Place;
use crate::link::Order;
use crate::practice::Line;
use greenroom_base::run::Size;
use greenroom_deck::launch::Asked;
use greenroom_deck::{Deck, Demo, PaneId};
use greenroom_pane::{Feed, Generation};
use greenroom_tape::Header;

/// Something the talk has to know about.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was used.
    Mouse(MouseEvent),
    /// The terminal has this size now.
    Resize(Size),
    /// The deck was read again.
    Reloaded(Arc<Deck>),
    /// The deck was to be read again, and is away, empty or broken at the moment.
    DeckAway,
    /// Something to tell the speaker, in one line.
    Notice(String),
    /// Somebody who follows the talk asks for something.
    Order(Order),
    /// The terminal has got the focus, or lost it.
    Focus(bool),
    /// Text was pasted.
    Paste(String),
    /// What was started for a pane is there.
    Attached {
        /// The pane.
        pane: PaneId,
        /// The run it was started for.
        generation: Generation,
        /// The program or the recording.
        feed: Feed,
        /// How a tape of the run begins.
        header: Option<Box<Header>>,
    },
    /// What was to be started for a pane cannot be.
    Failed {
        /// The pane.
        pane: PaneId,
        /// The run it was to be.
        generation: Generation,
        /// Why, and what to do.
        reason: String,
    },
    /// What a pane runs in is not there, and can be set up.
    NotReady {
        /// The pane.
        pane: PaneId,
        /// The run it was to be.
        generation: Generation,
        /// What is missing.
        reason: String,
    },
    /// A pane was not started, because nobody has agreed to this deck's commands yet.
    NotAgreed {
        /// The pane.
        pane: PaneId,
        /// The run it was to be.
        generation: Generation,
        /// What the person is asked.
        asked: Arc<Asked>,
    },
    /// The person's agreement to what has this fingerprint has been noted.
    Agreed(String),
    /// A part of a tape was written.
    Written {
        /// The pane that it is of.
        pane: PaneId,
        /// What became of it, when this was its last part.
        kept: Option<Kept>,
        /// Why it could not be written.
        problem: Option<String>,
    },
    /// A pane's recording was looked for.
    TapeFound {
        /// The pane.
        pane: PaneId,
        /// Whether there is one that plays.
        plays: bool,
        /// Its day, if it says one.
        day: Option<String>,
    },
    /// Time has passed, or something drawn from memory is ready: look again.
    Wake,
}

/// What becomes of a recording whose run is over. Without an earlier one it is the demo's recording in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is the demo's recording from now on; the earlier one is kept beside it, as a numbered take.
    Replaces,
    /// The earlier one stays; this one is kept beside it, as a numbered take.
    Aside,
    /// The earlier one stays; this one goes.
    Dropped,
}

/// What became of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is the demo's recording; the earlier one, if there was one, is the take with this number.
    Current(Option<u8>),
    /// It is the take with this number.
    Aside(u8),
    /// It is gone.
    Dropped,
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
    LogPractice(Line),
}

/// What a runner does for the panes of a talk. Each is answered by exactly one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunnerEffect {
    /// Run a demo, if the person has agreed to the deck: [`Msg::Attached`], [`Msg::Failed`],
    /// [`Msg::NotReady`] or [`Msg::NotAgreed`] answers.
    Start {
        /// For this pane.
        pane: PaneId,
        /// For this run of it.
        generation: Generation,
        /// What to run.
        demo: Box<Demo>,
        /// On a terminal of this size.
        size: Size,
    },
    /// Run `greenroom setup` in a pane, if the person has agreed to what it installs: [`Msg::Attached`],
    /// [`Msg::Failed`] or [`Msg::NotAgreed`] answers.
    SetUp {
        /// In this pane.
        pane: PaneId,
        /// As this run of it.
        generation: Generation,
        /// On a terminal of this size.
        size: Size,
        /// The fingerprint of what was agreed to, if anything was.
        agreed: Option<String>,
    },
    /// Open a recording: [`Msg::Attached`] or [`Msg::Failed`] answers.
    OpenTape {
        /// For this pane.
        pane: PaneId,
        /// For this run of it.
        generation: Generation,
        /// Relative to the deck folder.
        path: String,
    },
    /// Write a part of a tape: [`Msg::Written`] answers, and there is no other part before it does.
    WriteTape {
        /// The pane that it is of.
        pane: PaneId,
        /// Relative to the deck folder.
        path: String,
        /// Whole lines.
        bytes: Vec<u8>,
        /// The tape begins with them.
        first: bool,
        /// It ends with them; this is what becomes of it.
        ending: Option<Ending>,
    },
    /// Look whether there is a recording: [`Msg::TapeFound`] answers.
    FindTape {
        /// For this pane.
        pane: PaneId,
        /// Relative to the deck folder.
        path: String,
    },
    /// Note that the person agreed to this, and to nothing else: [`Msg::Agreed`] answers.
    Agree(Arc<Asked>),
}
