//! The recordings that panes make of their runs. A recording that is there is never given up for a worse one.

use super::Panes;
use crate::talk::{ClosedTape, Ending, Kept, TapeOutcome};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Exit;
use greenroom_deck::{Deck, Demo, PaneId, is_interactive};
use greenroom_pane::{Pane, RunStatus};

use super::slot::{Done, PaneSlot, Recording, Tape};

/// A recording that is being put in its place.
#[derive(Debug)]
pub(super) struct Closing {
    /// The pane that it is of, while that is there.
    id: Option<PaneId>,
    path: String,
    tape: ClosedTape,
}

impl Recording {
    /// Whether the run is recorded.
    pub(crate) const fn is_on(&self) -> bool {
        matches!(self, Self::On { .. })
    }

    /// The run is given up for another one, or goes with its pane: what has been written of it is closed, and stays only
    /// where there is no other recording.
    pub(crate) fn give_up(&mut self) -> Option<ClosedTape> {
        match std::mem::take(self) {
            Self::On { writer, begun: true } => Some(writer.close(Ending::Dropped, Vec::new())),
            // Without a line there is nothing to keep.
            Self::On { begun: false, .. } | Self::Off => None,
        }
    }

    /// Hands over what was recorded of `run` since, as far as there is room. Closes it when the run has ended and all of it
    /// has been handed over.
    pub(crate) fn write(&mut self, run: &mut Pane, demo: &Demo, deck: &Deck) -> Option<Done> {
        let Self::On { mut writer, mut begun } = std::mem::take(self) else { return None };
        if let Some(problem) = writer.problem() {
            run.stop_recording(Some(problem));
            return Some(Done::Failed);
        }
        // The pane had to hold back too much, and says so.
        if !run.is_recording() {
            return None;
        }
        let room = writer.write(|| {
            let lines = run.take_taped();
            begun |= !lines.is_empty();
            lines
        });
        if room && matches!(run.state(), RunStatus::Ended(_)) {
            let ending = ending(demo, run);
            run.stop_recording(None);
            let named = deck.demos().into_iter().filter_map(|(_, demo)| demo.tape).collect();
            return Some(Done::Closed(writer.close(ending, named)));
        }
        *self = Self::On { writer, begun };
        None
    }
}

/// What becomes of the recording of a run that ended like this: only one that ended as the deck expects stands for
/// the demo from now on. People end a shell as they like, so that its recording is kept beside the earlier one.
fn ending(demo: &Demo, run: &Pane) -> Ending {
    match run.is_as_expected(demo.expect) {
        Some(true) => Ending::Replaces,
        _ if is_interactive(&demo.command) && !matches!(run.state(), RunStatus::Ended(Exit::Failed(_))) => {
            Ending::Aside
        }
        _ => Ending::Dropped,
    }
}

impl Panes {
    /// Runs `ids` and records them; two panes of one recording are recorded once.
    pub(crate) fn tape_all(&mut self, ids: &[PaneId], now: Elapsed) {
        let mut taken: Vec<String> =
            self.slots.iter().filter(|(id, _)| !ids.contains(id)).filter_map(taped).collect();
        let mut recorded = Vec::new();
        for id in ids {
            let Some(path) = self.tape_of(*id).filter(|path| !taken.contains(path)) else { continue };
            recorded.push(*id);
            taken.push(path);
        }
        self.start_each(ids, &recorded, now);
    }

    /// Where the recording of `id` is, or would be.
    pub(crate) fn tape_of(&self, id: PaneId) -> Option<String> {
        self.slots.get(&id)?.spec.demo.tape.clone()
    }

    /// Hands over what was recorded of `id` since.
    pub(super) fn write_tape(&mut self, id: PaneId, deck: &Deck) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        match slot.write_tape(deck) {
            Some(Done::Closed(tape)) => self.close_tape(Some(id), tape),
            Some(Done::Failed) if matches!(slot.tape, Tape::Found(_)) => {
                self.notes.push(KEPT_EARLIER.to_owned());
            }
            Some(Done::Failed) | None => {}
        }
    }

    /// A recording of `id` is whole, or one of a pane that is not there any more.
    pub(super) fn close_tape(&mut self, id: Option<PaneId>, tape: ClosedTape) {
        let path = id.and_then(|id| self.tape_of(id)).unwrap_or_default();
        self.closing.push(Closing { id, path, tape });
    }

    /// Looks what has become of recordings that are whole.
    pub(super) fn poll_closing(&mut self) {
        for mut closing in std::mem::take(&mut self.closing) {
            match closing.tape.outcome() {
                None => self.closing.push(closing),
                Some(outcome) => self.closed(closing, outcome),
            }
        }
    }

    /// Tells the speaker what has become of a recording of a pane that is still there.
    fn closed(&mut self, Closing { id, path, .. }: Closing, outcome: TapeOutcome) {
        let Some(id) = id else { return };
        let Some(slot) = self.slots.get_mut(&id) else { return };
        match outcome {
            Err(problem) => {
                if slot.recording.is_on() {
                    self.notes.push(format!("The recording before was stopped: {problem}"));
                } else {
                    slot.live_mut().stop_recording(Some(problem));
                }
                if matches!(slot.tape, Tape::Found(_)) {
                    self.notes.push(KEPT_EARLIER.to_owned());
                }
            }
            Ok(kept) => {
                self.notes.push(match kept {
                    Kept::Current(None) => format!("Recorded: {path}"),
                    Kept::Current(Some(take)) => format!("Recorded: {path}; the earlier one is take {take}"),
                    Kept::Aside(take) => {
                        format!("{KEPT_EARLIER}; this one is take {take} (greenroom recordings)")
                    }
                    Kept::Dropped => KEPT_EARLIER.to_owned(),
                });
                if matches!(kept, Kept::Current(_)) {
                    self.find_tape(Some(path));
                }
            }
        }
    }
}

/// What is said when a new recording does not take the place of an earlier one.
const KEPT_EARLIER: &str = "Kept the earlier recording";

/// The recording that is being made of a pane's run, or is to be.
fn taped((_, slot): (&PaneId, &PaneSlot)) -> Option<String> {
    slot.spec.demo.tape.clone().filter(|_| slot.recording.is_on() || slot.run().records())
}
