//! The panes of the slide that shows: how they stand, and what the slide's keys do to all of them.

use super::panes::PaneSlot;
use super::{Advance, PaneStatus, Runs, ScriptDoing, Talk};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::{Chart, Focus, PaneId, Start};
use greenroom_pane::Palette;

impl Talk {
    /// How a pane stands; nothing for one that has not been on screen.
    #[must_use]
    pub fn pane_status(&self, id: PaneId) -> Option<PaneStatus<'_>> {
        let mut status = self.panes.status(id)?;
        let scenario = status.demo.scenario.as_ref().and_then(|path| self.deck.scenarios.get(path));
        status.scenario = scenario.map(std::convert::AsRef::as_ref);
        Some(status)
    }

    /// Asks everything that runs to end: the talk is over.
    pub fn stop_all(&mut self, now: Elapsed) {
        self.panes.stop_all(now);
    }

    /// Whether anything still runs.
    #[must_use]
    pub fn any_running(&self) -> bool {
        self.panes.any_running()
    }

    /// What happened to programs that would not end by themselves.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        self.panes.said().iter().map(|said| self.hints().in_notice(said)).collect()
    }

    /// Gives the panes that show their sizes, starts what starts by itself, and leaves those of the slide before.
    pub(super) fn sync_panes(&mut self, now: Elapsed) {
        if self.synced.replace(self.shown) == Some(self.shown) {
            return;
        }
        self.panes.enter(self.shown.place.slide, now);
        let palette = Palette::of(&self.deck.theme);
        let (mut entering, mut ended) = (Vec::new(), Vec::new());
        let scene = self.keep_scene();
        for (index, spec, item) in scene.panes() {
            let id = PaneId { slide: self.shown.place.slide, pane: index };
            let size = Size {
                columns: item.width.saturating_sub(2).max(2),
                rows: u16::try_from(item.height).unwrap_or(u16::MAX).saturating_sub(2).max(1),
            };
            self.panes.meet(id, spec, size, palette, now);
            let Some(slot) = self.panes.get_mut(id) else { continue };
            if std::mem::replace(&mut slot.entered, true) || slot.is_running() {
                continue;
            }
            match spec.demo.on {
                Start::Enter => {
                    entering.push(id);
                    // A slide that is entered takes no keyboard by itself: the next key is for the talk.
                    if spec.demo.focus == Focus::Always && self.settings.runs != Runs::TapesFirst {
                        self.panes.wants_focus = self.panes.wants_focus.or(Some(id));
                    }
                }
                Start::Recording if slot.shows_nothing_yet() => ended.push(id),
                Start::Key | Start::Recording => {}
            }
        }
        for id in ended {
            self.panes.show_end(id, now);
        }
        if self.settings.runs == Runs::TapesFirst {
            let taped =
                entering.into_iter().filter(|id| self.panes.tape_of(*id).is_some()).collect::<Vec<_>>();
            for id in taped {
                self.panes.play(id, now);
            }
        } else {
            self.panes.start_all(&entering, now);
        }
    }

    /// The panes that show, in reading order.
    pub(super) fn visible(&self) -> Vec<PaneId> {
        let slide = self.shown.place.slide;
        self.scene(self.shown.place).panes().map(|(pane, _, _)| PaneId { slide, pane }).collect()
    }

    /// The panes that show. Says so where there is none.
    pub(super) fn panes_here(&mut self, now: Elapsed) -> Vec<PaneId> {
        let panes = self.visible();
        if panes.is_empty() {
            self.notify_here("There is no demo on this slide", now);
        }
        panes
    }

    /// The panes that the slide's keys mean: all of them, or the one that is marked.
    fn meant(&mut self, now: Elapsed) -> Vec<PaneId> {
        let mut panes = self.panes_here(now);
        panes.retain(|id| self.panes.marked.is_none_or(|marked| marked == *id));
        panes
    }

    /// Those of `panes` whose slot is so.
    fn those(&self, panes: &[PaneId], is: impl Fn(&PaneSlot) -> bool) -> Vec<PaneId> {
        panes.iter().filter(|id| self.panes.get(**id).is_some_and(&is)).copied().collect()
    }

    /// Runs the panes: those that run go on, unless all do; then all begin again.
    pub(super) fn run_panes(&mut self, now: Elapsed) {
        let panes = self.meant(now);
        // What runs behind its recording shows again; it is not begun again unseen.
        let hidden = self.those(&panes, |slot| slot.is_running() && slot.is_replaying());
        if !hidden.is_empty() {
            return hidden.into_iter().for_each(|id| self.panes.back(id));
        }
        if self.panes.retype(&panes, now) {
            return;
        }
        let resting = self.those(&panes, |slot| !slot.is_running());
        let chosen = if resting.is_empty() { &panes } else { &resting };
        self.panes.start_all(chosen, now);
        self.take_keyboard(chosen, now);
    }

    /// Asks the first demo on the slide whose script has steps left for the next one; false when there is none.
    pub(super) fn advance_script(&mut self, now: Elapsed) -> bool {
        let scripted = |slot: &PaneSlot| !slot.spec.demo.script.is_empty();
        let slide = self.shown.place.slide;
        if !self.panes.any_on(slide, scripted) {
            return false;
        }
        for id in self.visible() {
            let advance = self.panes.get_mut(id).map_or(Advance::Over, |slot| slot.advance_script(now));
            match advance {
                Advance::Over => continue,
                Advance::Taken => {}
                Advance::Waits => {
                    let waits =
                        self.panes.get(id).and_then(PaneSlot::script_status).map(|script| script.doing);
                    if let Some(ScriptDoing::Waits(text)) = waits {
                        self.notify_here(format!("Still waits for \"{text}\""), now);
                    }
                }
            }
            self.begin_timer(now);
            return true;
        }
        false
    }

    pub(super) fn record_panes(&mut self, now: Elapsed) {
        let panes = self.meant(now);
        let named = |id: &PaneId| self.panes.tape_of(*id).is_some();
        let chosen: Vec<PaneId> = panes.iter().filter(|id| named(id)).copied().collect();
        if !panes.is_empty() && (chosen.is_empty() || self.panes.no_run) {
            return self.notify_here("Nothing here can be recorded: a demo needs a `tape:` for it", now);
        }
        self.panes.tape_all(&chosen, now);
        self.take_keyboard(&chosen, now);
    }

    pub(super) fn stop_panes(&mut self, now: Elapsed) {
        self.meant(now).into_iter().for_each(|id| self.panes.stop(id, now));
    }

    pub(super) fn next_chart(&mut self, now: Elapsed) {
        let panes = self.meant(now);
        let benches = self.those(&panes, PaneSlot::shows_charts);
        if !panes.is_empty() && benches.is_empty() {
            self.notify_here("Nothing on this slide has charts yet", now);
        }
        for id in benches {
            self.panes.get_mut(id).into_iter().for_each(|slot| slot.pane_mut().show(None));
        }
    }

    /// The chart that a bench shows, and those that it can show; none when the pane is no bench, or has nothing to show yet.
    #[must_use]
    pub fn charts(&self, id: PaneId) -> Option<(Chart, Vec<Chart>)> {
        let slot = self.panes.get(id).filter(|slot| slot.shows_charts())?;
        let bench = slot.pane().view().bench()?;
        Some((bench.chart(), Chart::ALL.into_iter().filter(|chart| bench.has(*chart)).collect()))
    }

    /// Lets a bench show `chart`.
    pub fn show_chart(&mut self, id: PaneId, chart: Chart) {
        if let Some(slot) = self.panes.get_mut(id) {
            slot.pane_mut().show(Some(chart));
        }
    }

    /// From wherever they are to how they ended: recordings to their ends, benches to their verdicts. Nothing is started.
    pub(super) fn show_results(&mut self, now: Elapsed) {
        let panes = self.meant(now);
        let found = panes.iter().filter(|id| self.panes.show_result(**id, now)).count();
        if !panes.is_empty() && found == 0 {
            self.notify_here("Nothing on this slide has run, or has a recording", now);
        }
    }

    pub(super) fn set_up_pane(&mut self, now: Elapsed) {
        let panes = self.meant(now);
        match panes.iter().find(|id| self.panes.lacks_setup(**id)) {
            Some(id) => self.panes.set_up(*id, now),
            None if panes.is_empty() => {}
            None => self.notify_here("Nothing on this slide needs to be set up", now),
        }
    }

    pub(super) fn switch_recordings(&mut self, now: Elapsed) {
        let panes = self.meant(now);
        if !panes.is_empty() {
            self.switch_tape(&panes, now);
        }
    }

    /// Plays the recordings of the slide's panes, but for those that play already: for who shows a talk without giving it.
    pub fn play_recordings(&mut self, now: Elapsed) {
        let resting = |slot: &PaneSlot| !slot.is_replaying() || slot.goes_by_steps();
        for id in self.those(&self.visible(), |slot| slot.may_replay() && resting(slot)) {
            self.panes.play_through(id, now);
        }
    }

    /// From what shows to its recording, and from the recording back to what was. Nothing is started.
    pub(super) fn switch_tape(&mut self, panes: &[PaneId], now: Elapsed) {
        let replaying = self.those(panes, PaneSlot::is_replaying);
        if !replaying.is_empty() {
            return replaying.into_iter().for_each(|id| self.panes.back(id));
        }
        let taped = self.those(panes, PaneSlot::may_replay);
        if taped.is_empty() {
            self.notify_here("Nothing on this slide has a recording; greenroom record makes one", now);
        }
        for id in taped {
            self.panes.play(id, now);
        }
    }
}
