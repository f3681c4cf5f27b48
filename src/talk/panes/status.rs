//! What can be said of a pane of a talk, as facts: how it is said is the view's.

use greenroom_deck::{Demo, PaneId, Scenario};
use greenroom_pane::Pane;

use super::scripting::ScriptStatus;
use super::slot::Tape;
use super::{KeyboardOwner, Panes};

/// A pane as it is now.
#[derive(Debug)]
pub struct PaneStatus<'a> {
    /// What shows: its run, or the recording in front of it.
    pub pane: &'a Pane,
    /// The end of its recording, while nothing has run here.
    pub still: Option<&'a Pane>,
    /// What it is for.
    pub demo: &'a Demo,
    /// What a bench compares, when its scenario can be read.
    pub scenario: Option<&'a Scenario>,
    /// Whose keys go to it.
    pub keys: Keys,
    /// The live run.
    pub run: LiveRun,
    /// It starts when the pane before it has ended.
    pub queued: bool,
    /// Its recording shows, or is being opened.
    pub replays: bool,
    /// There is something to run.
    pub runs: bool,
    /// The recording that can be played.
    pub recording: Recorded<'a>,
    /// How far its script is, while what it types into, or its recording, shows.
    pub script: Option<ScriptStatus>,
}

/// Who types into a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Nobody.
    Nobody,
    /// Nobody, but the slide's keys mean this pane alone.
    Marked,
    /// The stage's own keyboard.
    Here,
    /// A presenter view.
    Afar,
}

/// How the live run of a pane stands, whether it shows or its recording does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveRun {
    /// None has begun, or it has ended.
    Rests,
    /// What it runs in is missing, and can be set up.
    LacksSetup,
    /// A program starts, runs or stops.
    Active,
}

/// What is known of a pane's recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded<'a> {
    /// That there is none, or nothing yet.
    Unknown,
    /// That it plays, and its day where it says one.
    Plays(Option<&'a str>),
}

impl Panes {
    /// How `id` stands; nothing for one that has not been on screen.
    pub(crate) fn status(&self, id: PaneId) -> Option<PaneStatus<'_>> {
        let slot = self.slots.get(&id)?;
        let run = match slot.run() {
            run if run.is_active() => LiveRun::Active,
            run if run.lacks_setup() => LiveRun::LacksSetup,
            _ => LiveRun::Rests,
        };
        Some(PaneStatus {
            pane: slot.pane(),
            still: slot.still(),
            demo: &slot.spec.demo,
            scenario: None,
            keys: match self.hand {
                KeyboardOwner::Here if self.focus == Some(id) => Keys::Here,
                KeyboardOwner::Afar if self.focus == Some(id) => Keys::Afar,
                _ if self.marked == Some(id) => Keys::Marked,
                _ => Keys::Nobody,
            },
            run,
            queued: slot.is_queued(),
            replays: slot.is_replaying(),
            runs: slot.runs(),
            script: slot.script_status(),
            recording: match &slot.tape {
                Tape::Found(day) => Recorded::Plays(day.as_deref()),
                Tape::None | Tape::Unknown | Tape::Missing => Recorded::Unknown,
            },
        })
    }
}
