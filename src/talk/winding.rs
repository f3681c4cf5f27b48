//! What keys do to a recording whose pane has the keyboard. None of them goes on to the slide.

use std::time::Duration;

use super::Talk;
use super::panes::PaneSlot;
use greenroom_base::clock::Elapsed;
use greenroom_base::source::Control;
use greenroom_deck::PaneId;
use greenroom_tape::Player;

/// How far an arrow key winds a recording.
const WIND: Duration = Duration::from_secs(5);

impl Talk {
    /// The pane that has the keyboard, if a recording plays in it, and that recording.
    fn recording(&self) -> Option<(PaneId, &Player)> {
        let id = self.panes.focus?;
        Some((id, self.panes.get(id)?.pane().tape()?))
    }

    /// Winds the recording as `control` says.
    pub(super) fn wind(&mut self, control: Control, now: Elapsed) {
        let Some((id, _)) = self.recording() else { return };
        if let Some(slot) = self.panes.get_mut(id) {
            let _ = slot.pane_mut().control(control, now);
            let _ = slot.pane_mut().poll(now);
        }
    }

    /// Shows how it ended.
    pub(super) fn show_recorded_result(&mut self, now: Elapsed) {
        if let Some((id, _)) = self.recording() {
            self.panes.show_result(id, now);
        }
    }

    /// Pauses it, or lets it go on.
    pub(super) fn pause_recording(&mut self, now: Elapsed) {
        let Some((_, tape)) = self.recording() else { return };
        let control = if tape.is_playing() { Control::Pause } else { Control::Play };
        self.wind(control, now);
    }

    /// Winds it a little forward, or back.
    pub(super) fn seek_recording(&mut self, forward: bool, now: Elapsed) {
        let Some((_, tape)) = self.recording() else { return };
        let at = tape.position(now);
        self.wind(Control::Seek(if forward { at + WIND } else { at - WIND }), now);
    }

    /// Plays it so many times as fast.
    pub(super) fn change_speed(&mut self, times: f64, now: Elapsed) {
        let Some((_, tape)) = self.recording() else { return };
        let speed = (tape.speed() * times).clamp(0.25, 16.0);
        self.wind(Control::Speed(speed), now);
    }

    /// Shows other columns of it, where it is wider than its pane.
    pub(super) fn pan(&mut self, right: bool) {
        let Some((id, _)) = self.recording() else { return };
        self.panes.get_mut(id).into_iter().for_each(|slot| slot.pane_mut().pan(right));
    }

    /// Shows what was there before it.
    pub(super) fn leave_recording(&mut self) {
        if let Some((id, _)) = self.recording() {
            self.panes.back(id);
        }
    }

    /// Runs the demo in its place; plays it again where nothing runs live.
    pub(super) fn run_from_recording(&mut self, now: Elapsed) {
        let Some((id, _)) = self.recording() else { return };
        if self.panes.no_run {
            self.panes.play(id, now);
        } else if self.panes.get(id).is_some_and(PaneSlot::is_running) {
            self.panes.back(id);
        } else {
            self.panes.start(id, now);
        }
    }
}
