//! A recording as a source of events, which a pane cannot tell from a program.

use greenroom_base::clock::Elapsed;
use greenroom_base::run::Event;
use greenroom_base::source::{Control, EventSource, SourceError};

use super::Player;

impl EventSource for Player {
    fn poll(&mut self, now: Elapsed, sink: &mut dyn FnMut(Event)) {
        self.poll(now, sink);
    }

    fn next_at(&self) -> Option<Elapsed> {
        self.next_at()
    }

    fn at(&self, now: Elapsed) -> Elapsed {
        self.position(now)
    }

    fn control(&mut self, request: Control, now: Elapsed) -> Result<(), SourceError> {
        match request {
            Control::Play => self.play(now),
            Control::Pause | Control::Stop | Control::Kill => self.pause(now),
            Control::Step => self.step(now),
            Control::Seek(at) => self.seek(at, now),
            Control::End => self.seek_to_end(now),
            Control::Speed(speed) => self.set_speed(speed, now),
            Control::PlayToMark => self.play_to_mark(now),
            Control::NextMark => self.next_mark(now),
            Control::PreviousMark => self.previous_mark(now),
            // It keeps the size it was recorded with.
            Control::Resize(_) => {}
            Control::Input(_) => return Err(SourceError::Unable("a recording takes no keys")),
        }
        Ok(())
    }

    fn take_notice(&mut self) -> Option<String> {
        self.take_notice()
    }
}
