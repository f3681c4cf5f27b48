//! What a stage and those who follow it tell each other: one JSON object in a line, over a socket or to a page.
//!
//! Both sides begin with a [`Hello`]. After that a stage sends its [`State`] whenever that changes, and a follower
//! sends [`Order`]s. A line of a kind that a reader does not know is passed over, so that a newer side can say more.

use serde::{Deserialize, Serialize};

/// The version of the messages; sides of different versions say so and part.
pub const VERSION: u32 = 1;

/// How each side begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`].
    pub version: u32,
    /// The program's own version, for people.
    pub greenroom: String,
    /// The talk's title.
    pub title: String,
    /// The deck's content hash, so that a follower knows when its copy differs.
    pub deck: String,
}

/// The stage at one moment. Lengths of time are in milliseconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The slide, counted from 0.
    pub slide: usize,
    /// How many there are.
    pub slides: usize,
    /// Reveals that have been made on it.
    pub step: usize,
    /// How many there are to make.
    pub last_step: usize,
    /// The slide's title.
    pub title: String,
    /// The section that it is in, counted from 0; none for the title slide.
    pub section: Option<usize>,
    /// Its notes, as Markdown.
    pub notes: String,
    /// Nothing shows, so that the audience looks at the speaker.
    pub blank: bool,
    /// Time since the first advance, pauses left out.
    pub elapsed: u64,
    /// The timer runs.
    pub running: bool,
    /// Time on this slide.
    pub on_slide: u64,
    /// Behind the plan when above zero, ahead of it when below; none without a plan.
    pub behind: Option<i64>,
    /// What the whole talk may take; none when the deck does not say.
    pub total: Option<u64>,
    /// The panes of this slide, in order.
    pub panes: Vec<PaneState>,
}

/// A pane of the slide that shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PaneState {
    /// Its title.
    pub title: String,
    /// What its border says of it.
    pub state: String,
    /// It shows a recording.
    pub recording: bool,
    /// The keyboard is in it.
    pub focused: bool,
}

/// What a follower asks the stage for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// One step on.
    Next,
    /// One step back.
    Previous,
    /// To this slide and step, counted from 0.
    Go {
        /// The slide.
        slide: usize,
        /// Reveals on it.
        step: usize,
    },
    /// Whatever this key does on the stage.
    Key {
        /// As the help spells it: `b`, `Enter`, `Ctrl-d`.
        key: String,
    },
}
