//! The recordings that panes make of their runs. A recording that is there is never given up for a worse one.

use super::{Panes, RunnerEffect};
use crate::talk::msg::{Ending, Kept};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Exit;
use greenroom_deck::{Demo, PaneId, is_interactive};
use greenroom_pane::{Pane, State};

use super::slot::{Held, Tape};

/// How far the recording of a pane's run is.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // steps that overlap: a part is written while the next run begins
pub(in crate::talk) struct Taping {
    /// The next run is recorded; this one is.
    pub(super) next: bool,
    pub(super) on: bool,
    /// Nothing of the tape has been written yet; a part of it is being written.
    pub(super) begins: bool,
    pub(super) writing: bool,
    /// The run was left before its end, and what was written of it has to go.
    left: bool,
}

impl Taping {
    /// The run in `pane` is given up for another one.
    pub(super) fn left(&mut self, pane: &Pane) {
        self.left |= pane.is_recording() && !self.begins;
        self.on = false;
    }

    /// Whether something has still to be written.
    pub(super) const fn is_busy(&self) -> bool {
        self.writing || self.left
    }
}

/// What becomes of the recording of a run that ended like this: only one that ended as the deck expects stands for
/// the demo from now on. People end a shell as they like, so that its recording is kept beside the earlier one.
fn ending(demo: &Demo, run: &Pane) -> Ending {
    match run.is_as_expected(demo.expect) {
        Some(true) => Ending::Replaces,
        _ if is_interactive(&demo.command) && !matches!(run.state(), State::Ended(Exit::Failed(_))) => {
            Ending::Aside
        }
        _ => Ending::Dropped,
    }
}

impl Panes {
    /// Runs `ids` and records them; two panes of one recording are recorded once.
    pub fn tape_all(&mut self, ids: &[PaneId], now: Elapsed) {
        let mut taken: Vec<String> =
            self.held.iter().filter(|(id, _)| !ids.contains(id)).filter_map(taped).collect();
        for id in ids {
            let Some(held) = self.held.get_mut(id) else { continue };
            let Some(path) = held.spec.demo.tape.clone().filter(|path| !taken.contains(path)) else {
                continue;
            };
            held.taping.next = true;
            taken.push(path);
        }
        self.start_all(ids, now);
    }

    /// Where the recording of `id` is, or would be.
    pub fn tape_of(&self, id: PaneId) -> Option<String> {
        self.held.get(&id)?.spec.demo.tape.clone()
    }

    /// A part of a tape has been written, or has not. Says what to tell the speaker.
    pub fn written(&mut self, id: PaneId, kept: Option<Kept>, problem: Option<String>) -> Option<String> {
        let held = self.held.get_mut(&id)?;
        held.taping.writing = false;
        if let Some(problem) = problem {
            held.taping.on = false;
            held.live_mut().stop_recording(Some(problem));
            return matches!(held.tape, Tape::Found(_)).then(|| "Kept the earlier recording".to_owned());
        }
        let path = held.spec.demo.tape.clone().unwrap_or_default();
        Some(match kept? {
            Kept::Current(None) => format!("Recorded: {path}"),
            Kept::Current(Some(take)) => format!("Recorded: {path}; the earlier one is take {take}"),
            Kept::Aside(take) => {
                format!("Kept the earlier recording; this one is take {take} (greenroom recordings)")
            }
            Kept::Dropped => "Kept the earlier recording".to_owned(),
        })
    }

    /// What has to be written of the tape of `id`; one part at a time, so that they keep their order.
    pub(super) fn write(&mut self, id: PaneId) {
        let effect = self.next_part(id);
        self.effects.extend(effect);
    }

    fn next_part(&mut self, id: PaneId) -> Option<RunnerEffect> {
        let held = self.held.get_mut(&id).filter(|held| !held.taping.writing)?;
        let path = held.spec.demo.tape.clone()?;
        if std::mem::take(&mut held.taping.left) {
            held.taping.writing = true;
            let ending = Some(Ending::Dropped);
            return Some(RunnerEffect::WriteTape { pane: id, path, bytes: Vec::new(), first: false, ending });
        }
        let demo = &held.spec.demo;
        let run = held.behind.as_mut().unwrap_or(&mut held.pane);
        if !run.is_recording() {
            return None;
        }
        let (bytes, over) = (run.take_taped(), matches!(run.state(), State::Ended(_)));
        if bytes.is_empty() && !over {
            return None;
        }
        let ending = over.then(|| ending(demo, run));
        if over {
            run.stop_recording(None);
            held.taping.on = false;
        }
        held.taping.writing = true;
        let first = std::mem::take(&mut held.taping.begins);
        Some(RunnerEffect::WriteTape { pane: id, path, bytes, first, ending })
    }
}

/// The recording that is being made of a pane's run.
fn taped((_, held): (&PaneId, &Held)) -> Option<String> {
    held.spec.demo.tape.clone().filter(|_| held.live().is_recording() || held.taping.is_busy())
}
