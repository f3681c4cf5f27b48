//! A demo's script in its pane: typed into the live run, or gone through in the recording by its marks.

use std::time::Duration;

use crate::talk::{Advance, ScriptDoing, Typist};
use greenroom_base::clock::Elapsed;
use greenroom_base::source::Control;
use greenroom_deck::{Demo, READY, Script};
use greenroom_pane::Pane;
use greenroom_tape::Player;

/// A program that has been quiet for so long has shown what a step without a wait asked for.
const QUIET: Duration = Duration::from_millis(400);

/// How a recording is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replay {
    /// From its beginning; one of a script stands still at the end of each step.
    Steps,
    /// From its beginning to its end.
    Whole,
    /// Its end.
    End,
}

/// The script of a pane.
#[derive(Debug, Default)]
pub(super) struct Scripting {
    pub script: Script,
    /// What types it into the live run.
    pub typist: Option<Typist>,
    /// The first step was asked for before there was a program.
    pub wanted: bool,
    /// The recording is gone through by steps.
    pub steps: bool,
}

/// How far a script is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptStatus {
    /// The step that is next or under way, counted from 1.
    pub step: usize,
    /// How many there are.
    pub of: usize,
    /// How it stands.
    pub doing: ScriptDoing,
    /// What that step types; empty when all are over.
    pub types: String,
    /// What the speaker noted for it.
    pub note: String,
}

impl ScriptStatus {
    /// The step and how it stands, for the speaker.
    #[must_use]
    pub fn says(&self) -> String {
        let Self { step, of, doing, types, .. } = self;
        match doing {
            ScriptDoing::Ready => format!("next: step {step} of {of}: {types}"),
            ScriptDoing::Busy => format!("step {step} of {of}: {types}"),
            ScriptDoing::Waits(text) => format!("step {step} of {of} waits for \"{text}\": {types}"),
            ScriptDoing::Stuck(why) => format!("step {step} of {of} is stuck: {why}"),
            ScriptDoing::Whole(why) => format!("the recording plays as a whole: {why}"),
            ScriptDoing::Broken(why) => format!("stopped at step {step} of {of}: {why}"),
            ScriptDoing::Over => format!("all {of} steps are over"),
        }
    }
}

impl Scripting {
    pub(super) fn of(demo: &Demo) -> Self {
        Self { script: Script::of(&demo.script), ..Self::default() }
    }

    /// A live run begins. Whether something is to be typed into it.
    pub(super) fn begin(&mut self) -> bool {
        let typist = || Typist::new(self.script.clone(), QUIET);
        self.typist = (!self.script.is_empty()).then(typist);
        let wanted = std::mem::take(&mut self.wanted);
        self.typist.iter_mut().filter(|_| wanted).for_each(Typist::want);
        self.typist.is_some()
    }

    /// A new run is on its way.
    pub(super) fn forget(&mut self) {
        (self.typist, self.wanted) = (None, false);
    }

    /// Types what is due into the live run.
    pub(super) fn poll(&mut self, live: &mut Pane, listens: bool, now: Elapsed) {
        if let Some(typist) = &mut self.typist {
            typist.poll(live, listens, now);
        }
    }

    /// Whether a recording of it is gone through by steps.
    pub(super) fn goes_by_steps(&self) -> bool {
        self.steps && !self.script.is_empty()
    }

    /// The recording is there, and plays: one that can be gone through stands still before the first step.
    pub(super) fn opened(&self, replay: &mut Pane, now: Elapsed) {
        if !self.goes_by_steps() {
            return;
        }
        let Some(tape) = replay.tape() else { return };
        let ready = self.lacks(tape).is_none() && ready(tape) > 0;
        // What has begun to play can be told to stand still.
        let _ = replay.control(if ready { Control::PlayToMark } else { Control::Pause }, now);
    }

    /// Why a recording cannot be gone through by steps.
    pub(super) fn lacks(&self, tape: &Player) -> Option<String> {
        self.script.lacks_marks(tape.marks().iter().map(|mark| mark.name.as_str()))
    }

    /// Goes on to the end of the next step of a recording.
    pub(super) fn wind(&self, replay: &mut Pane, now: Elapsed) -> Advance {
        let Some(tape) = replay.tape().filter(|tape| !tape.is_over()) else { return Advance::Over };
        let whole = self.lacks(tape).is_some();
        if !whole && tape.nears_mark() {
            // What the step shows is there.
            let _ = replay.control(Control::PlayToMark, now);
            let _ = replay.poll(now);
            return self.wind(replay, now);
        }
        let at = self.wound(tape);
        let request = match (whole, tape.is_playing()) {
            (true, true) => Control::End,
            (true, false) => Control::Play,
            (false, _) if at >= self.script.steps.len() => return Advance::Over,
            (false, _) => Control::PlayToMark,
        };
        let _ = replay.control(request, now);
        let _ = replay.poll(now);
        Advance::Taken
    }

    /// Steps of a recording that are over.
    pub(super) fn wound(&self, tape: &Player) -> usize {
        let steps = self.script.steps.len();
        if tape.is_over() { steps } else { tape.passed().saturating_sub(ready(tape)).min(steps) }
    }

    pub(super) fn status(&self, at: usize, doing: ScriptDoing) -> ScriptStatus {
        let (of, next) = (self.script.steps.len(), self.script.steps.get(at));
        let types = next.map(greenroom_deck::ScriptStep::says).unwrap_or_default();
        let note = next.map(|step| step.note.clone()).unwrap_or_default();
        ScriptStatus { step: (at + 1).min(of), of, doing, types, note }
    }
}

/// Marks of a recording that stand before its first step.
pub(super) fn ready(tape: &Player) -> usize {
    usize::from(tape.marks().first().is_some_and(|mark| mark.name == READY))
}
