//! One pane, picture or block of code that fills the screen in place of the slide.

use super::Talk;
use super::panes::PaneSlot;
use super::shown::Shown;
use greenroom_base::clock::Elapsed;
use greenroom_deck::PaneId;
use greenroom_render::layout::Zoom;

impl Talk {
    /// What fills the screen in place of the slide.
    #[must_use]
    pub fn zoom(&self) -> Option<Zoom> {
        self.shown.zoom
    }

    /// Fills the screen with what the speaker works with: the pane that has the keyboard or had it last, or else one that runs, or
    /// else the first thing on the slide that can be enlarged. What fills it already goes back to its place.
    pub(super) fn toggle_zoom(&mut self, now: Elapsed) {
        if self.shown.zoom.is_some() {
            return self.set_zoom(None);
        }
        let zoom = self.nearest();
        if zoom.is_none() {
            return self
                .notify_here("Nothing on this slide can fill the window: no demo, code or picture", now);
        }
        self.set_zoom(zoom);
    }

    /// The slide alone: what fills the screen goes back first, and then the slide's keys mean all of its panes again.
    pub(super) fn show_slide(&mut self, _: Elapsed) {
        if self.shown.zoom.is_some() {
            self.set_zoom(None);
        } else {
            self.unmark();
        }
    }

    fn set_zoom(&mut self, zoom: Option<Zoom>) {
        // The slide comes back as far scrolled as it was.
        std::mem::swap(&mut self.scroll, &mut self.scroll_aside);
        if zoom.is_some() {
            self.scroll = 0;
        }
        self.show(Shown { zoom, ..self.shown });
    }

    fn nearest(&self) -> Option<Zoom> {
        let scene = self.plain(self.shown);
        let all: Vec<Zoom> = scene.zooms().map(|(zoom, _)| zoom).collect();
        let slide = self.shown.place.slide;
        let runs = |zoom: &Zoom| match zoom {
            Zoom::Pane(pane) => self.panes.get(PaneId { slide, pane: *pane }).is_some_and(PaneSlot::is_busy),
            Zoom::Block(_) => false,
        };
        let used = self.panes.focus.or(self.panes.marked).filter(|id| id.slide == slide);
        let used = used.map(|id| Zoom::Pane(id.pane)).filter(|zoom| all.contains(zoom));
        used.or_else(|| all.iter().copied().find(runs)).or_else(|| all.first().copied())
    }

    /// What is not there any more fills nothing.
    pub(super) fn settle_zoom(&mut self) {
        let Some(zoom) = self.shown.zoom else { return };
        if !self.plain(self.shown).zooms().any(|(found, _)| found == zoom) {
            self.shown.zoom = None;
        }
    }
}
