//! What a stage and those who follow it tell each other: one JSON object in a line, over a socket or to a page.
//!
//! Both sides begin with a [`Hello`]. After that a stage sends its [`StageState`] whenever that changes, a [`Mirror`] of its
//! panes while they do, and a follower sends [`StageCommand`]s. A line of a kind that a reader does not know is passed over, so that a newer side can say more.

mod mirror;

pub use mirror::{MAX_CELLS, MAX_PANES, Mirror, PaneCells};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the messages; sides of different versions say so and part.
pub const VERSION: u32 = 3;
/// The longest line that either side reads, in bytes. A mirror is the longest: [`MAX_CELLS`] cells, each of another look.
pub const MAX_LINE: usize = 256 * 1024;
/// What is sent of a slide's notes, in bytes.
pub const MAX_NOTES: usize = 32 * 1024;

/// A line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// Who is there: the first line of each side.
    Hello(Hello),
    /// How the stage stands.
    State(Box<StageState>),
    /// How its panes look.
    Mirror(Box<Mirror>),
    /// What the stage should do.
    Order(StageCommand),
    /// What was wrong with a line, or why the other side is turned away.
    Problem(String),
}

impl Message {
    /// Reads a line; nothing when it is of a kind that is not known here.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(line: &str) -> Result<Option<Self>, String> {
        let value: Value =
            serde_json::from_str(line).map_err(|error| format!("not a JSON object: {error}"))?;
        let kinds = ["hello", "state", "mirror", "order", "problem"];
        let known =
            |object: &serde_json::Map<String, Value>| kinds.iter().any(|kind| object.contains_key(*kind));
        match value.as_object() {
            None => Err("not a JSON object".to_owned()),
            Some(object) if !known(object) => Ok(None),
            Some(_) => serde_json::from_value(value).map(Some).map_err(|error| error.to_string()),
        }
    }

    /// The line, with its end.
    #[must_use]
    pub fn line(&self) -> String {
        // Strings and numbers only: this cannot fail.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

/// How each side begins.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hello {
    /// [`VERSION`].
    pub version: u32,
    /// The program's own version, for people.
    pub greenroom: String,
    /// The talk's title; a follower has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The addresses of the remote, when the stage serves one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<Remote>,
}

/// Where phones find the talk.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Remote {
    /// For whoever speaks: it moves the stage.
    pub speaker: String,
    /// For whoever listens: it shows where the talk is.
    pub audience: String,
}

/// The stage at one moment. Lengths of time are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StageState {
    /// The same for the same slides: a follower that has others reads its deck again.
    pub deck: String,
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
    /// That of the next one; empty on the last.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub next: String,
    /// The section that it is in, counted from 0; none for the title slide.
    pub section: Option<usize>,
    /// Its notes, as Markdown.
    pub notes: String,
    /// What shows in place of the slide, or over it (`blank`, `overview`, `consent`, …); empty for the slide alone.
    pub over: String,
    /// Time since the first advance, pauses left out.
    pub elapsed: u64,
    /// The timer runs.
    pub running: bool,
    /// Time on this slide.
    pub on_slide: u64,
    /// What this slide may take; none without a plan.
    pub slide_budget: Option<u64>,
    /// When this section should be over, from the start; none without a plan.
    pub section_ends: Option<u64>,
    /// Behind the plan when above zero, ahead of it when below; none without a plan.
    pub behind: Option<i64>,
    /// The same by sections.
    pub behind_section: Option<i64>,
    /// What the whole talk may take; none when the deck does not say.
    pub total: Option<u64>,
    /// Nothing is run: every demo is a recording.
    pub tapes_only: bool,
    /// The panes of this slide, in order.
    pub panes: Vec<PaneState>,
}

impl StageState {
    /// The same without what changes by itself as time passes: when it is the same, there is nothing to tell.
    #[must_use]
    pub fn still(&self) -> Self {
        Self { elapsed: 0, on_slide: 0, behind: None, behind_section: None, ..self.clone() }
    }
}

/// A pane of the slide that shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PaneState {
    /// Its title.
    pub title: String,
    /// What it shows.
    pub shows: PaneShows,
    /// The same in words, with how a run ended: for people only.
    pub says: String,
    /// The keyboard is in it.
    pub focused: bool,
    /// That keyboard is a presenter view's: what is typed there goes to the pane's program.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub from_afar: bool,
    /// Why it did not start, with what to do: for the speaker, and never for the room.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub whisper: String,
    /// The step of its script that is next or under way, and how that stands: for people only.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub script: String,
    /// What the speaker noted for that step.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub script_note: String,
}

/// What a pane shows, for whoever decides by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaneShows {
    /// Nothing has run yet.
    #[default]
    Idle,
    /// A run that begins, or is being ended.
    Changing,
    /// A program that runs.
    Live,
    /// What a run left behind.
    Ended,
    /// A recording.
    Recording,
}

/// What a follower asks the stage for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum StageCommand {
    /// One step on.
    Next,
    /// One step back.
    Previous,
    /// To this slide and step, counted from 0.
    Go {
        /// The slide.
        slide: usize,
        /// Reveals on it.
        #[serde(default)]
        step: usize,
    },
    /// Whatever this key does on the stage.
    Key {
        /// As [`crate::keys::spell`] writes it: `b`, `Enter`, `Ctrl-d`.
        key: String,
    },
    /// Run the slide's demos, as far as the person on the stage has agreed to that.
    Run,
    /// Stop them.
    Stop,
    /// From what they show to their recordings, or back.
    Switch,
    /// Nothing shows, or the slide again.
    Blank,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_as_they_were() {
        let state =
            StageState { notes: "a\n\"b\" \u{1b}[0m".to_owned(), behind: Some(-3), ..StageState::default() };
        for message in [
            Message::Hello(Hello { version: 1, ..Hello::default() }),
            Message::State(Box::new(state)),
            Message::Order(StageCommand::Go { slide: 3, step: 1 }),
            Message::Problem("no".to_owned()),
        ] {
            let line = message.line();
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            assert_eq!(Message::read(line.trim_end()), Ok(Some(message)));
        }
    }

    #[test]
    fn a_newer_side_may_say_more_and_rubbish_is_named() {
        assert_eq!(Message::read(r#"{"poll": {"question": 3}}"#), Ok(None));
        let more = Message::read(r#"{"order": {"do": "next", "why": 1}}"#);
        assert_eq!(more, Ok(Some(Message::Order(StageCommand::Next))));
        assert!(matches!(Message::read(r#"{"state": {"news": 1}}"#), Ok(Some(Message::State(_)))));
        for rubbish in ["", "{", "[]", r#"{"order": {"do": "explode"}}"#, r#"{"order": 3}"#] {
            assert!(Message::read(rubbish).is_err(), "{rubbish}");
        }
    }
}
