//! A pane that somebody listens to: what its run prints, as text, and marks on its recording.

use super::{Event, Pane, What};
use crate::heard::Heard;
use greenroom_base::clock::Elapsed;

impl Pane {
    /// Begins to listen: what the run has printed so far counts no more.
    pub fn listen(&mut self) {
        self.heard = Some(Heard::default());
    }

    /// What was printed since then; nothing when nobody listens.
    #[must_use]
    pub const fn heard(&self) -> Option<&Heard> {
        self.heard.as_ref()
    }

    /// Names this moment on the recording that is made, if one is.
    pub fn mark(&mut self, name: &str, now: Elapsed) {
        let at = self.run_time(now);
        self.record(&Event { at, what: What::Marker(name.to_owned()) });
    }
}
