//! How a talk ends: its surface is given back, its place and its practice are kept, and what runs is ended.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::world::{Clock, Events, Surface};
use super::{Ending, EventLoop, FRAME_INTERVAL, chores};
use crate::history::bookmark::SavedPosition;
use crate::server::link::LinkServer;
use crate::talk::{Effect, Msg, Place, StageEffect};
use greenroom_system::say;

/// How long programs may take to end when the talk does; their guards end what is left.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(4);

impl<S: Surface, E: Events, C: Clock> EventLoop<S, E, C> {
    /// Ends a talk that has ended so: gives its surface back, keeps its place and its practice, and ends what runs.
    pub async fn close(&mut self, ending: &io::Result<Ending>) {
        // The screen is given back at once; what runs is ended behind it.
        self.stage.surface.close();
        // The thread that remembers places may not have come to this one yet.
        // Who closes the terminal has ended the talk, unless a presenter view waits for it to come back.
        let awaited = self.links.as_ref().is_some_and(LinkServer::has_presenter_view);
        let ended = matches!(ending, Ok(Ending::Quit)) || !awaited;
        let left = SavedPosition { ended, ..self.left() };
        if let Some(Err(error)) = self.stage.bookmark.as_ref().map(|bookmark| bookmark.write(&left)) {
            let _ = writeln!(say::err(), "greenroom: {}", chores::unkept(&error));
            self.stage.bookmark = None;
        }
        if let Some(kept) = &self.stage.kept {
            kept.has_shown(self.stage.talk.openable());
            kept.write();
        }
        self.links = None;
        self.end_practice();
        self.end_runs().await;
        self.stage.runner.end();
    }

    /// Writes the last lines of a practice.
    fn end_practice(&mut self) {
        self.stage.talk.end_practice(self.clock.now());
        while let Some(effect) = self.stage.talk.next_effect() {
            // The talk is over: nothing else that it asked for begins.
            if let Effect::Stage(StageEffect::LogPractice(line)) = effect {
                self.log_practice(&line);
            }
        }
        let Some(diary) = self.stage.diary.take() else { return };
        let path = diary.path().display().to_string();
        if let Err(error) = diary.finish() {
            let _ = writeln!(say::err(), "greenroom: the practice is not all in {path}: {error}");
        }
    }

    /// Ends everything that runs, and waits for it as long as that takes a program that has been asked.
    async fn end_runs(&mut self) {
        self.stage.talk.stop_all(self.clock.now());
        let until = self.now() + SHUTDOWN_GRACE;
        let wake = Arc::clone(self.stage.runner.wake());
        while self.stage.talk.any_running() {
            let look_at = self.now() + FRAME_INTERVAL;
            let msg = tokio::select! {
                biased;
                () = self.clock.sleep_until(until) => return,
                Some(Ok(msg)) = self.jobs.join_next() => msg,
                () = wake.notified() => Msg::Wake,
                () = self.clock.sleep_until(look_at) => Msg::Wake,
            };
            self.tell(msg);
            // Nothing new begins.
            while self.stage.talk.next_effect().is_some() {}
        }
    }

    /// Says what the speaker should know when the terminal is a shell's again.
    pub(super) fn say_goodbye(&self, ending: &io::Result<Ending>) {
        let stage = &self.stage;
        for line in stage.talk.said() {
            let _ = writeln!(say::err(), "greenroom: {line}");
        }
        let place = stage.talk.place();
        if matches!(ending, Ok(Ending::Quit)) && stage.bookmark.is_some() && place != Place::default() {
            let (slide, slides) = (place.slide + 1, stage.talk.deck().slides.len());
            let _ = writeln!(
                say::err(),
                "greenroom: the talk was left at slide {slide} of {slides}; to go on there: {}",
                stage.resume
            );
        }
    }
}
