//! The recordings that panes make of their runs.

use super::{Effect, Panes};
use crate::clock::Elapsed;
use crate::deck::PaneId;
use crate::pane::State;

impl Panes {
    /// Runs `ids` and records them.
    pub fn tape_all(&mut self, ids: &[PaneId], now: Elapsed) -> Vec<Effect> {
        for id in ids {
            if let Some(held) = self.held.get_mut(id) {
                held.tape_next = true;
            }
        }
        self.start_all(ids, now)
    }

    /// Where the recording of `id` is, or would be.
    pub fn tape_of(&self, id: PaneId) -> Option<String> {
        self.held.get(&id)?.spec.demo.tape.clone()
    }

    /// A part of a tape has been written, or has not.
    pub fn written(&mut self, id: PaneId, problem: Option<String>) {
        if let Some(held) = self.held.get_mut(&id) {
            held.writing = false;
            if problem.is_some() {
                held.pane.stop_recording(problem);
                held.taping = false;
            }
        }
    }

    /// What has to be written of the tape of `id`; one part at a time, so that they keep their order.
    pub(super) fn write(&mut self, id: PaneId) -> Option<Effect> {
        let held = self.held.get_mut(&id).filter(|held| held.pane.is_recording() && !held.writing)?;
        let path = held.spec.demo.tape.clone()?;
        let (bytes, end) = (held.pane.take_taped(), matches!(held.pane.state(), State::Ended(_)));
        if bytes.is_empty() && !end {
            return None;
        }
        if end {
            held.pane.stop_recording(None);
            held.taping = false;
        }
        held.writing = true;
        let first = std::mem::take(&mut held.tape_begins);
        Some(Effect::WriteTape { pane: id, path, bytes, first, end })
    }
}
